/* The same over an io_uring: multishot receives into provided buffers, one send in flight per
 * connection, and everything that is answered meanwhile leaves as the next one. */
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/floor/serve.h"

#define ENTRIES     4096
#define BUFFERS     1024
#define BUFFER_SIZE ((size_t)8192)
#define OUT_SIZE    ((size_t)65536) /* of each of the two of a connection */
#define OP_ACCEPT   0
#define OP_RECEIVE  1
#define OP_SEND     2

struct uring_conn {
    struct serve_conn conn;
    char *pending;
    char *in_flight;
    size_t pending_size;
    size_t in_flight_size;
    bool is_touched;
};

struct server {
    const struct serve_options *options;
    struct io_uring ring;
    struct io_uring_buf_ring *buffer_ring;
    char *buffers;
    struct uring_conn *conns; /* by descriptor */
    int touched[SERVE_CONNS_MAX];
    size_t touched_count;
    char in[BUFFER_SIZE + SERVICE_ANSWER_MAX];
};

static struct io_uring_sqe *sqe(struct server *server, unsigned op, int fd)
{
    struct io_uring_sqe *entry;
    while ((entry = io_uring_get_sqe(&server->ring)) == NULL) {
        io_uring_submit(&server->ring);
    }
    switch (op) {
    case OP_ACCEPT:
        io_uring_prep_multishot_accept(entry, fd, NULL, NULL, SOCK_CLOEXEC);
        break;
    case OP_RECEIVE:
        io_uring_prep_recv_multishot(entry, fd, NULL, 0, 0);
        entry->flags |= IOSQE_BUFFER_SELECT;
        entry->buf_group = 0;
        break;
    default:
        io_uring_prep_send(entry, fd, server->conns[fd].in_flight, server->conns[fd].in_flight_size,
                           MSG_NOSIGNAL | MSG_WAITALL);
        break;
    }
    io_uring_sqe_set_data64(entry, (uint64_t)op << 32 | (uint32_t)fd);
    return entry;
}

static void give_back(struct server *server, unsigned id)
{
    io_uring_buf_ring_add(server->buffer_ring, server->buffers + id * BUFFER_SIZE, BUFFER_SIZE,
                          (unsigned short)id, io_uring_buf_ring_mask(BUFFERS), 0);
    io_uring_buf_ring_advance(server->buffer_ring, 1);
}

static void start(struct server *server, int fd)
{
    const int one = 1;
    if (fd < 0) {
        return;
    }
    if (fd >= SERVE_CONNS_MAX) {
        close(fd);
        return;
    }
    struct uring_conn *conn = &server->conns[fd];
    char *memory = conn->pending != NULL ? conn->pending : malloc(OUT_SIZE);
    char *other = conn->in_flight != NULL ? conn->in_flight : malloc(OUT_SIZE);
    *conn = (struct uring_conn){.pending = memory, .in_flight = other};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sqe(server, OP_RECEIVE, fd);
}

static void touch(struct server *server, int fd)
{
    struct uring_conn *conn = &server->conns[fd];
    if (!conn->is_touched) {
        conn->is_touched = true;
        server->touched[server->touched_count++] = fd;
    }
}

static bool answer(struct server *server, int fd, const char *data, size_t size)
{
    struct uring_conn *conn = &server->conns[fd];
    if (conn->conn.rest_size > 0) {
        memcpy(server->in, conn->conn.rest, conn->conn.rest_size);
        memcpy(server->in + conn->conn.rest_size, data, size);
        data = server->in;
        size += conn->conn.rest_size;
    }
    if (conn->pending_size + SERVE_OUT_ROOM(size) > OUT_SIZE) {
        return false; /* the driver does not read */
    }
    const long answered = serve_answer(&conn->conn, server->options->answer, data, size,
                                       conn->pending + conn->pending_size);
    if (answered > 0) {
        conn->pending_size += (size_t)answered;
        touch(server, fd);
    }
    return answered >= 0;
}

static void on_receive(struct server *server, int fd, const struct io_uring_cqe *cqe)
{
    bool is_alive = cqe->res > 0 || cqe->res == -ENOBUFS;
    if ((cqe->flags & IORING_CQE_F_BUFFER) != 0) {
        const unsigned id = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
        is_alive =
            is_alive && answer(server, fd, server->buffers + id * BUFFER_SIZE, (size_t)cqe->res);
        give_back(server, id);
    }
    if (!is_alive) {
        shutdown(fd, SHUT_RDWR);
        if ((cqe->flags & IORING_CQE_F_MORE) == 0) {
            close(fd);
        }
    } else if ((cqe->flags & IORING_CQE_F_MORE) == 0) {
        sqe(server, OP_RECEIVE, fd);
    }
}

static void send_touched(struct server *server)
{
    const size_t count = server->touched_count;
    server->touched_count = 0;
    for (size_t i = 0; i < count; i++) {
        const int fd = server->touched[i];
        struct uring_conn *conn = &server->conns[fd];
        conn->is_touched = false;
        if (conn->in_flight_size == 0 && conn->pending_size > 0) {
            char *empty = conn->in_flight;
            conn->in_flight = conn->pending;
            conn->in_flight_size = conn->pending_size;
            conn->pending = empty;
            conn->pending_size = 0;
            sqe(server, OP_SEND, fd);
        }
    }
}

static void handle(struct server *server, const struct io_uring_cqe *cqe)
{
    const uint64_t data = cqe->user_data;
    const int fd = (int)(uint32_t)data;
    switch (data >> 32) {
    case OP_ACCEPT:
        start(server, cqe->res);
        if ((cqe->flags & IORING_CQE_F_MORE) == 0) {
            sqe(server, OP_ACCEPT, server->options->listen_fd);
        }
        break;
    case OP_RECEIVE:
        on_receive(server, fd, cqe);
        break;
    default:
        server->conns[fd].in_flight_size = 0;
        touch(server, fd);
        break;
    }
}

static void serve(struct server *server)
{
    const bool spins = server->options->spins;
    struct __kernel_timespec second = {.tv_sec = 1};
    struct io_uring_cqe *cqe;
    unsigned head;
    sqe(server, OP_ACCEPT, server->options->listen_fd);
    while (!serve_is_over) {
        send_touched(server);
        if (spins) {
            const unsigned flags = IO_URING_READ_ONCE(*server->ring.sq.kflags);
            if ((flags & IORING_SQ_TASKRUN) != 0) {
                io_uring_submit_and_get_events(&server->ring);
            } else if (io_uring_sq_ready(&server->ring) > 0) {
                io_uring_submit(&server->ring);
            }
        } else {
            io_uring_submit_and_wait_timeout(&server->ring, &cqe, 1, &second, NULL);
        }
        unsigned count = 0;
        io_uring_for_each_cqe(&server->ring, head, cqe)
        {
            handle(server, cqe);
            count++;
        }
        io_uring_cq_advance(&server->ring, count);
    }
}

static int open_ring(struct server *server)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE,
        .cq_entries = 4 * ENTRIES,
    };
    struct io_uring_buf_reg registration = {.ring_entries = BUFFERS};
    int result = io_uring_queue_init_params(ENTRIES, &server->ring, &params);
    if (result < 0) {
        return result;
    }
    void *memory = mmap(NULL, BUFFERS * sizeof(struct io_uring_buf), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return -errno;
    }
    server->buffer_ring = memory;
    registration.ring_addr = (uint64_t)(uintptr_t)memory;
    io_uring_buf_ring_init(server->buffer_ring);
    (void)io_uring_register_ring_fd(&server->ring);
    result = io_uring_register_buf_ring(&server->ring, &registration, 0);
    for (unsigned i = 0; result >= 0 && i < BUFFERS; i++) {
        give_back(server, i);
    }
    return result;
}

bool serve_uring(const struct serve_options *options)
{
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL ||
        (server->conns = calloc(SERVE_CONNS_MAX, sizeof *server->conns)) == NULL ||
        (server->buffers = malloc(BUFFERS * BUFFER_SIZE)) == NULL) {
        fputs("ringfix-bench-floor: no memory\n", stderr);
        return false;
    }
    server->options = options;
    const int result = open_ring(server);
    if (result < 0) {
        fprintf(stderr, "ringfix-bench-floor: io_uring: %s\n", strerror(-result));
        return false;
    }
    serve(server);
    io_uring_queue_exit(&server->ring);
    for (size_t i = 0; i < SERVE_CONNS_MAX; i++) {
        free(server->conns[i].pending);
        free(server->conns[i].in_flight);
    }
    munmap(server->buffer_ring, BUFFERS * sizeof(struct io_uring_buf));
    free(server->buffers);
    free(server->conns);
    free(server);
    return true;
}
