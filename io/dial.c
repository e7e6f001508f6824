/* Connections begin: accepted from the listener, or made for an initiator session. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/conn_tls.h"

/* ---------------------------------------------------------------------------------- accept */

void rfx_accept_arm(struct rfx_loop *loop, uint32_t listener)
{
    struct io_uring_sqe *sqe = rfx_loop_sqe(loop, RFX_OP_ACCEPT, NULL);
    uint64_t data = sqe->user_data | listener;
    io_uring_prep_multishot_accept(sqe, loop->options.listeners[listener].fd, NULL, NULL,
                                   SOCK_CLOEXEC);
    io_uring_sqe_set_data64(sqe, data);
    loop->accepts[listener].is_armed = true;
}

/* Without lingering: there may be very many of these. */
static void turn_away(struct rfx_loop *loop, struct rfx_conn *conn,
                      enum rfx_disconnect_reason reason)
{
    atomic_fetch_add_explicit(&loop->options.disconnects[reason], 1, memory_order_relaxed);
    rfx_loop_log_peer(loop, conn, "turned away: %s", rfx_disconnect_reason_text(reason));
    rfx_conn_kill(loop, conn);
}

static bool may_enter(struct rfx_loop *loop, struct rfx_conn *conn)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof address;
    if (loop->gate.limit == 0) {
        return true;
    }
    (void)getpeername(conn->fd, (struct sockaddr *)&address, &size);
    conn->ticket = rfx_gate_enter(&loop->gate, rfx_gate_network(&address));
    return conn->ticket != 0;
}

/* A connection; when there are MaxConnections the oldest that has not sent a Logon makes room, so
 * that who says nothing keeps nobody out. NULL: all of them belong to sessions. */
static struct rfx_conn *open_conn(struct rfx_loop *loop, int fd, enum rfx_conn_state state)
{
    if (loop->open_count >= loop->options.config->connections_max) {
        if (loop->awaiting_logon.first == NULL) {
            return NULL;
        }
        turn_away(loop, loop->awaiting_logon.first, RFX_REASON_CONNECTION_LIMIT);
    }
    return rfx_conn_open(loop, fd, state);
}

static void accept_one(struct rfx_loop *loop, uint32_t listener, int fd)
{
    const uint32_t pending_max = loop->options.config->pending_logons_max;
    struct rfx_conn *conn = loop->is_accepting ? open_conn(loop, fd, RFX_CONN_OPEN) : NULL;
    if (conn == NULL) {
        if (loop->is_accepting) {
            rfx_loop_log(loop, RFX_LOG_WARNING, "connection refused: MaxConnections=%u is reached",
                         loop->options.config->connections_max);
        }
        close(fd);
        return;
    }
    rfx_live_add(&loop->options.counts->accepted, 1);
    conn->listener = (uint8_t)listener;
    conn->awaits_proxy = loop->options.config->use_tcp_proxy;
    const uint64_t timeout_ns =
        atomic_load_explicit(&loop->options.limits->logon_timeout_ns, memory_order_relaxed);
    rfx_conn_list_add(&loop->awaiting_logon, conn, loop->now.mono_ns + timeout_ns);
    if (!conn->awaits_proxy && !may_enter(loop, conn)) {
        turn_away(loop, conn, RFX_REASON_ADDRESS_LIMIT);
        return;
    }
    if (loop->options.listeners[listener].use_ssl && !rfx_conn_tls_open(loop, conn, NULL)) {
        turn_away(loop, conn, RFX_REASON_TLS);
        return;
    }
    if (pending_max != 0 && loop->awaiting_logon.count > pending_max) {
        turn_away(loop, loop->awaiting_logon.first, RFX_REASON_PENDING_LIMIT);
    }
    rfx_socket_tune(fd);
    rfx_receive_arm(loop, conn);
}

void rfx_accept_handle(struct rfx_loop *loop, uint32_t listener, const struct io_uring_cqe *cqe)
{
    if ((cqe->flags & IORING_CQE_F_MORE) == 0) {
        loop->accepts[listener].is_armed = false;
        loop->accepts[listener].again_ns = loop->now.mono_ns;
    }
    if (cqe->res >= 0) {
        accept_one(loop, listener, cqe->res);
        return;
    }
    if (cqe->res == -ECANCELED || cqe->res == -ECONNABORTED || cqe->res == -EINTR) {
        return;
    }
    loop->accepts[listener].again_ns = loop->now.mono_ns + RFX_ACCEPT_PAUSE_NS;
    rfx_loop_log(loop, RFX_LOG_ERROR, "accept: %s%s", strerror(-cqe->res),
                 cqe->res == -EMFILE ? "; raise the limit of open files (ulimit -n)" : "");
}

/* --------------------------------------------------------------------------------- connect */

/* "venue.example at 192.0.2.1:5001", as far as it is known. */
static void describe(const struct rfx_conn *conn, char *text, size_t size)
{
    char address[RFX_ADDRESS_TEXT_MAX];
    if (conn->addresses_tried == 0) {
        snprintf(text, size, "%s:%u", conn->dial->name, conn->dial->port);
        return;
    }
    rfx_socket_address_text(&conn->addresses->addresses[conn->addresses_tried - 1], address);
    const bool is_name = strncmp(address, conn->dial->name, strlen(conn->dial->name)) != 0 &&
                         strchr(conn->dial->name, ':') == NULL;
    snprintf(text, size, "%s%s%s", is_name ? conn->dial->name : "", is_name ? " at " : "", address);
}

/* Tells the shard that nothing came of its CONNECT; room in the ring is kept trying for. */
void rfx_connect_fail(struct rfx_loop *loop, struct rfx_conn *conn, const char *problem)
{
    char peer[RFX_HOST_MAX + RFX_ADDRESS_TEXT_MAX + 8];
    describe(conn, peer, sizeof peer);
    rfx_loop_log(loop, RFX_LOG_WARNING, "connect to %s: %s", peer, problem);
    rfx_conn_leave_list(loop, conn);
    rfx_receive_drop(loop, conn); /* what is left of a handshake */
    conn->state = RFX_CONN_OPEN;
    conn->has_ended = true;
    conn->is_broken = true;
    conn->end_reason = RFX_REASON_CONNECT_FAILED;
    rfx_deliver(loop, conn);
}

static bool has_untried(const struct rfx_conn *conn)
{
    return conn->addresses_tried < conn->addresses->count;
}

static void begin_connect(struct rfx_loop *loop, struct rfx_conn *conn,
                          const struct sockaddr_storage *address)
{
    const socklen_t size =
        address->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    struct io_uring_sqe *sqe = rfx_loop_sqe(loop, RFX_OP_CONNECT, conn);
    uint64_t data = sqe->user_data;
    io_uring_prep_connect(sqe, conn->fd, (const struct sockaddr *)address, size);
    io_uring_sqe_set_data64(sqe, data);
    conn->is_sending = true; /* an operation is in flight */
    if (has_untried(conn)) {
        /* They share the time that there is for all. */
        const uint64_t patience_ns = RFX_CONNECT_NS / conn->addresses->count;
        conn->patience = (struct __kernel_timespec){
            .tv_sec = (long long)(patience_ns / RFX_NS_PER_S),
            .tv_nsec = (long long)(patience_ns % RFX_NS_PER_S),
        };
        sqe->flags |= IOSQE_IO_LINK;
        struct io_uring_sqe *timeout = rfx_loop_sqe(loop, RFX_OP_CANCEL, conn);
        data = timeout->user_data;
        io_uring_prep_link_timeout(timeout, &conn->patience, 0);
        io_uring_sqe_set_data64(timeout, data);
    }
}

/* Of the addresses that are left the first for which the system has a socket. */
static void connect_next(struct rfx_loop *loop, struct rfx_conn *conn)
{
    struct sockaddr_storage *address;
    do {
        address = &conn->addresses->addresses[conn->addresses_tried++];
        rfx_socket_set_port(address, conn->dial->port);
        if (conn->fd >= 0) {
            close(conn->fd);
        }
        conn->fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    } while (conn->fd < 0 && has_untried(conn));
    if (conn->fd < 0) {
        rfx_connect_fail(loop, conn, strerror(errno));
        return;
    }
    rfx_socket_set_buffers(conn->fd, loop->options.config->socket_send_buffer_size,
                           loop->options.config->socket_receive_buffer_size);
    begin_connect(loop, conn, address);
}

void rfx_connect_start(struct rfx_loop *loop, uint32_t shard, const struct rfx_link_connect *record)
{
    const struct rfx_dial *dial = record->dial;
    struct rfx_conn *conn = open_conn(loop, -1, RFX_CONN_CONNECTING);
    if (conn == NULL) {
        rfx_loop_log(loop, RFX_LOG_ERROR, "no connect to %s: MaxConnections=%u is reached",
                     dial->name, loop->options.config->connections_max);
        return; /* the session's own deadline makes it try again */
    }
    conn->dial = dial;
    conn->token = record->token;
    conn->shard = (int32_t)shard;
    rfx_conn_list_add(&loop->connecting, conn, loop->now.mono_ns + RFX_CONNECT_NS);
    conn->addresses = rfx_name_of_digits(dial->name);
    if (conn->addresses != NULL) {
        connect_next(loop, conn);
        return;
    }
    const uint64_t token = (uint64_t)conn->generation << 32 | conn->index;
    const char *problem =
        rfx_names_ask(loop->options.names, loop->options.index, token, dial->name, RFX_CONNECT_NS);
    if (problem != NULL) {
        rfx_connect_fail(loop, conn, problem);
    }
}

size_t rfx_connect_take_names(struct rfx_loop *loop)
{
    size_t count = 0;
    struct rfx_name_answer *answer;
    for (; (answer = rfx_names_take(loop->options.names, loop->options.index)) != NULL; count++) {
        struct rfx_conn *conn = &loop->conns[(uint32_t)answer->token];
        if (conn->state != RFX_CONN_CONNECTING || conn->generation != answer->token >> 32) {
            free(answer); /* given up meanwhile */
        } else if (answer->problem != NULL) {
            char text[120];
            snprintf(text, sizeof text, "%s; check SocketConnectHost and the name servers",
                     answer->problem);
            free(answer);
            rfx_connect_fail(loop, conn, text);
        } else {
            conn->addresses = answer;
            connect_next(loop, conn);
        }
    }
    return count;
}

void rfx_connect_give_up(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (conn->addresses == NULL) {
        rfx_connect_fail(loop, conn, "the name servers do not answer in time");
        return;
    }
    if (conn->tls != NULL) {
        rfx_connect_fail(loop, conn, "TLS: the handshake takes too long");
        return;
    }
    /* The connect completes with an error, which tells the shard. */
    conn->addresses->count = conn->addresses_tried;
    rfx_conn_list_remove(&loop->connecting, conn);
    rfx_conn_list_add(&loop->connecting, conn, loop->now.mono_ns + RFX_CONNECT_NS);
    struct io_uring_sqe *sqe = rfx_loop_sqe(loop, RFX_OP_CANCEL, conn);
    uint64_t data = sqe->user_data;
    io_uring_prep_cancel_fd(sqe, conn->fd, IORING_ASYNC_CANCEL_ALL);
    io_uring_sqe_set_data64(sqe, data);
}

void rfx_connect_succeed(struct rfx_loop *loop, struct rfx_conn *conn)
{
    rfx_conn_leave_list(loop, conn);
    conn->state = RFX_CONN_OPEN;
    rfx_socket_address_text(&conn->addresses->addresses[conn->addresses_tried - 1], conn->peer);
    free(conn->addresses);
    conn->addresses = NULL;
    conn->is_connected_unreported = true;
}

static void on_refused(struct rfx_loop *loop, struct rfx_conn *conn, const char *problem)
{
    char peer[RFX_HOST_MAX + RFX_ADDRESS_TEXT_MAX + 8];
    if (!has_untried(conn)) {
        rfx_connect_fail(loop, conn, problem);
        return;
    }
    describe(conn, peer, sizeof peer);
    rfx_loop_log(loop, RFX_LOG_INFO, "connect to %s: %s; its next address is tried", peer, problem);
    connect_next(loop, conn);
}

void rfx_connect_handle(struct rfx_loop *loop, struct rfx_conn *conn,
                        const struct io_uring_cqe *cqe)
{
    conn->is_sending = false;
    if (cqe->res < 0) {
        on_refused(loop, conn, strerror(cqe->res == -ECANCELED ? ETIMEDOUT : -cqe->res));
        return;
    }
    rfx_socket_tune(conn->fd);
    if (!conn->dial->use_ssl) {
        rfx_connect_succeed(loop, conn);
    } else if (!rfx_conn_tls_open(loop, conn, conn->dial)) {
        rfx_connect_fail(loop, conn, "TLS: no memory, or the certificates are gone");
        return;
    } else {
        rfx_conn_list_remove(&loop->connecting, conn);
        rfx_conn_list_add(&loop->connecting, conn, loop->now.mono_ns + RFX_CONNECT_NS);
    }
    rfx_receive_arm(loop, conn);
    rfx_deliver(loop, conn);
}
