#include "tests/integration/support_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/support_peer.h"

_Noreturn static void run(char *const argv[], int output, const char *error_path)
{
    int errors = open(error_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execv(argv[0], argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

/* False: the line has not come in time, or the child has closed its output. */
static bool read_line(int fd, char *line, size_t size)
{
    uint64_t deadline = monotonic_ms() + PEER_WAIT_MS;
    size_t used = 0;
    while (used + 1 < size) {
        uint64_t now = monotonic_ms();
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        if (now >= deadline || poll(&poll_fd, 1, (int)(deadline - now)) <= 0 ||
            read(fd, line + used, 1) != 1) {
            return false;
        }
        if (line[used] == '\n') {
            line[used] = '\0';
            return true;
        }
        used++;
    }
    return false;
}

static void print_errors(const char *path)
{
    char line[512];
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        print_error("%s", line);
    }
    if (file != NULL) {
        fclose(file);
    }
}

void child_start(struct child *child, char *const argv[], const char *error_path)
{
    int ends[2];
    char line[256];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    child->pid = fork();
    assert_true(child->pid >= 0);
    if (child->pid == 0) {
        run(argv, ends[1], error_path);
    }
    close(ends[1]);
    child->output = ends[0];
    child->port = 0;
    if (read_line(child->output, line, sizeof line) && strncmp(line, "ready port=", 11) == 0) {
        child->port = (uint16_t)strtoul(line + 11, NULL, 10);
    }
    if (child->port == 0) {
        print_errors(error_path);
        kill(child->pid, SIGKILL);
        waitpid(child->pid, NULL, 0);
        fail_msg("%s is not ready to be connected to", argv[0]);
    }
}

void child_kill(struct child *child)
{
    int status = 0;
    kill(child->pid, SIGKILL);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    close(child->output);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
        fail_msg("the server has ended by itself (wait status %#x)", (unsigned)status);
    }
}

void child_await(struct child *child)
{
    int status = 0;
    char byte;
    const uint64_t deadline = monotonic_ms() + PEER_WAIT_MS;
    /* Its output ends with it. */
    for (ssize_t count = 1; count > 0;) {
        const uint64_t now = monotonic_ms();
        struct pollfd poll_fd = {.fd = child->output, .events = POLLIN};
        if (now >= deadline || poll(&poll_fd, 1, (int)(deadline - now)) <= 0) {
            kill(child->pid, SIGKILL);
            break;
        }
        count = read(child->output, &byte, 1);
    }
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    close(child->output);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fail_msg("the child has not ended in order (wait status %#x)", (unsigned)status);
    }
}
