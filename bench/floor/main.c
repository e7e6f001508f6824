/* ringfix-bench-floor: what a server costs that does next to nothing with what it receives. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/floor/serve.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
    "usage: ringfix-bench-floor epoll|uring echo|fix [--spin]\n"
    "\n"
    "One thread that serves ringfix-bench-drive on a free port of 127.0.0.1 and says which on the\n"
    "first line of its output, as ringfixd does. It answers 170 bytes with 200 (echo), or orders\n"
    "with reports as a bare FIX.4.4 acceptor (fix) without journal, timers, resends or "
    "validation.\n"
    "--spin polls instead of sleeping. SIGTERM ends it.\n";

volatile bool serve_is_over;

static void end(int signal)
{
    (void)signal;
    serve_is_over = true;
}

long serve_answer(struct serve_conn *conn, service_answer *answer, const char *data, size_t size,
                  char *out)
{
    char *start = out;
    while (size > 0) {
        size_t answered = 0;
        const long taken = answer(&conn->state, data, size, out, &answered);
        if (taken < 0 || (taken == 0 && size > sizeof conn->rest)) {
            return -1;
        }
        if (taken == 0) {
            break;
        }
        data += taken;
        size -= (size_t)taken;
        out += answered;
    }
    memcpy(conn->rest, data, size);
    conn->rest_size = size;
    return out - start;
}

static int listen_on(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 4096) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        perror("ringfix-bench-floor: listen");
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int main(int argc, char **argv)
{
    const bool is_spinning = argc == 4 && strcmp(argv[3], "--spin") == 0;
    const bool is_uring = argc > 2 && strcmp(argv[1], "uring") == 0;
    const bool is_fix = argc > 2 && strcmp(argv[2], "fix") == 0;
    if (argc < 3 || argc != 3 + is_spinning || (!is_uring && strcmp(argv[1], "epoll") != 0) ||
        (!is_fix && strcmp(argv[2], "echo") != 0)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    uint16_t port = 0;
    const struct serve_options options = {.listen_fd = listen_on(&port),
                                          .answer = is_fix ? service_fix : service_echo,
                                          .spins = is_spinning};
    if (options.listen_fd < 0) {
        return EXIT_FAILED;
    }
    printf("ready port=%u\n", port);
    fflush(stdout);
    const bool is_done = is_uring ? serve_uring(&options) : serve_epoll(&options);
    close(options.listen_fd);
    return is_done ? 0 : EXIT_FAILED;
}
