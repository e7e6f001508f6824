/* Readiness, a receive, a send: the classic server. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/floor/serve.h"

#define EVENTS 256

struct server {
    const struct serve_options *options;
    int epoll_fd;
    struct serve_conn *conns; /* by descriptor */
    char in[SERVE_BATCH + SERVICE_ANSWER_MAX];
    char out[SERVE_OUT_ROOM(SERVE_BATCH + SERVICE_ANSWER_MAX)];
};

static void accept_one(struct server *server)
{
    const int one = 1;
    const int fd = accept4(server->options->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd < 0) {
        return;
    }
    if (fd >= SERVE_CONNS_MAX || epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    memset(&server->conns[fd], 0, sizeof server->conns[fd]);
}

/* The socket blocks while it sends: the driver always reads. */
static bool turn(struct server *server, int fd)
{
    struct serve_conn *conn = &server->conns[fd];
    memcpy(server->in, conn->rest, conn->rest_size);
    const ssize_t got = recv(fd, server->in + conn->rest_size, SERVE_BATCH, MSG_DONTWAIT);
    if (got <= 0) {
        return got < 0 && errno == EAGAIN;
    }
    const long size = serve_answer(conn, server->options->answer, server->in,
                                   conn->rest_size + (size_t)got, server->out);
    return size >= 0 && (size == 0 || send(fd, server->out, (size_t)size, MSG_NOSIGNAL) == size);
}

bool serve_epoll(const struct serve_options *options)
{
    struct epoll_event events[EVENTS] = {{.events = EPOLLIN, .data.fd = options->listen_fd}};
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL ||
        (server->conns = calloc(SERVE_CONNS_MAX, sizeof *server->conns)) == NULL) {
        free(server);
        fputs("ringfix-bench-floor: no memory\n", stderr);
        return false;
    }
    server->options = options;
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    bool is_open = server->epoll_fd >= 0 &&
                   epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, options->listen_fd, &events[0]) == 0;
    if (!is_open) {
        perror("ringfix-bench-floor: epoll");
    }
    while (is_open && !serve_is_over) {
        const int count = epoll_wait(server->epoll_fd, events, EVENTS, options->spins ? 0 : 1000);
        for (int i = 0; i < count; i++) {
            const int fd = events[i].data.fd;
            if (fd == options->listen_fd) {
                accept_one(server);
            } else if (!turn(server, fd)) {
                close(fd);
            }
        }
    }
    close(server->epoll_fd);
    free(server->conns);
    free(server);
    return is_open;
}
