#include "control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "control_answer.h"

#define REQUEST_SIZE_MAX 8192
#define PATIENCE_S       5 /* with a client that neither asks nor reads */

struct control {
    struct daemon *daemon;
    pthread_t thread;
    int listen_fd;
    int stop_fd;
    char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
};

/* ------------------------------------------------------------------------------ the thread */

/* Up to the end of the line. False: none came, or it is too long. */
static bool read_line(int fd, char line[REQUEST_SIZE_MAX + 1])
{
    size_t size = 0;
    while (size < REQUEST_SIZE_MAX) {
        const ssize_t count = recv(fd, line + size, REQUEST_SIZE_MAX - size, 0);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        char *end = memchr(line + size, '\n', (size_t)count);
        size += (size_t)count;
        if (end != NULL) {
            *end = '\0';
            return true;
        }
    }
    return false;
}

static void serve(struct control *control, int fd)
{
    char line[REQUEST_SIZE_MAX + 1];
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    FILE *out = fdopen(fd, "w");
    if (out == NULL) {
        close(fd);
        return;
    }
    if (read_line(fd, line)) {
        control_answer(control->daemon, line, out);
    }
    fclose(out);
}

static void *run(void *argument)
{
    struct control *control = argument;
    struct pollfd fds[2] = {{.fd = control->listen_fd, .events = POLLIN},
                            {.fd = control->stop_fd, .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            return NULL;
        }
        if (fds[1].revents != 0) {
            return NULL;
        }
        if (fds[0].revents != 0) {
            const int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC);
            if (fd >= 0) {
                serve(control, fd);
            } else if (errno == EMFILE || errno == ENFILE) {
                (void)poll(&fds[1], 1, 100);
            }
        }
    }
}

/* ----------------------------------------------------------------------------- open, close */

/* Whether somebody answers there. */
static bool is_in_use(const struct sockaddr_un *address)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool answers =
        fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return answers;
}

static rfx_status fail_errno(const char *path, const char *what, struct rfx_error *error)
{
    snprintf(error->text, sizeof error->text, "control socket %s: %s: %s", path, what,
             strerror(errno));
    return RFX_E_IO;
}

static rfx_status listen_at(struct control *control, const char *path, struct rfx_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat found;
    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(error->text, sizeof error->text,
                 "control socket %s: the path is longer than %zu characters; set ControlSocket",
                 path, sizeof address.sun_path - 1);
        return RFX_E_IO;
    }
    strcpy(address.sun_path, path);
    if (lstat(path, &found) == 0) {
        if (!S_ISSOCK(found.st_mode)) {
            snprintf(error->text, sizeof error->text,
                     "control socket %s: there is something else at that path; remove it or set "
                     "ControlSocket",
                     path);
            return RFX_E_IO;
        }
        if (is_in_use(&address)) {
            snprintf(error->text, sizeof error->text,
                     "control socket %s: another process answers there; set ControlSocket", path);
            return RFX_E_IO;
        }
        unlink(path);
    }
    control->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* The file gets the socket's own mode: nobody else can open it at any moment. */
    if (control->listen_fd < 0 || fchmod(control->listen_fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(control->listen_fd, (struct sockaddr *)&address, sizeof address) != 0) {
        return fail_errno(path, "cannot make it", error);
    }
    strcpy(control->path, path);
    if (chmod(path, S_IRUSR | S_IWUSR) != 0 || listen(control->listen_fd, 16) != 0) {
        return fail_errno(path, "cannot listen", error);
    }
    return RFX_OK;
}

rfx_status control_open(struct daemon *daemon, const char *path, struct control **control,
                        struct rfx_error *error)
{
    struct control *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        snprintf(error->text, sizeof error->text, "control socket %s: out of memory", path);
        return RFX_E_NOMEM;
    }
    opened->daemon = daemon;
    opened->listen_fd = -1;
    opened->stop_fd = eventfd(0, EFD_CLOEXEC);
    rfx_status status =
        opened->stop_fd >= 0 ? listen_at(opened, path, error) : fail_errno(path, "eventfd", error);
    if (status == RFX_OK) {
        errno = pthread_create(&opened->thread, NULL, run, opened);
        if (errno == 0) {
            *control = opened;
            return RFX_OK;
        }
        status = fail_errno(path, "cannot start a thread", error);
    }
    if (opened->path[0] != '\0') {
        unlink(opened->path);
    }
    if (opened->listen_fd >= 0) {
        close(opened->listen_fd);
    }
    if (opened->stop_fd >= 0) {
        close(opened->stop_fd);
    }
    free(opened);
    return status;
}

void control_close(struct control *control)
{
    if (control == NULL) {
        return;
    }
    eventfd_write(control->stop_fd, 1);
    pthread_join(control->thread, NULL);
    unlink(control->path);
    close(control->listen_fd);
    close(control->stop_fd);
    free(control);
}
