/* Connections begin: accepted from the listener, or made for an initiator session. */
#include <errno.h>
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

/* Tells the shard that nothing came of its CONNECT; room in the ring is kept trying for. */
void rfx_connect_fail(struct rfx_loop *loop, struct rfx_conn *conn, const char *problem)
{
    char peer[RFX_ADDRESS_TEXT_MAX];
    rfx_socket_address_text(conn->address, peer);
    rfx_loop_log(loop, RFX_LOG_WARNING, "connect to %s: %s", peer, problem);
    rfx_conn_leave_list(loop, conn);
    rfx_receive_drop(loop, conn); /* what is left of a handshake */
    conn->state = RFX_CONN_OPEN;
    conn->has_ended = true;
    conn->is_broken = true;
    conn->end_reason = RFX_REASON_CONNECT_FAILED;
    rfx_deliver(loop, conn);
}

void rfx_connect_start(struct rfx_loop *loop, uint32_t shard, const struct rfx_link_connect *record)
{
    socklen_t size = 0;
    struct sockaddr_storage *address = malloc(sizeof *address);
    RFX_ASSERT(address != NULL);
    bool is_numeric = rfx_socket_address(record->dial->address, record->dial->port, address, &size);
    RFX_ASSERT(is_numeric); /* names were resolved when the server was opened */
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct rfx_conn *conn = open_conn(loop, fd, RFX_CONN_CONNECTING);
    if (conn == NULL) {
        rfx_loop_log(loop, RFX_LOG_ERROR, "no connect to %s: MaxConnections=%u is reached",
                     record->dial->address, loop->options.config->connections_max);
        free(address);
        if (fd >= 0) {
            close(fd);
        }
        return; /* the session's own deadline makes it try again */
    }
    rfx_socket_set_buffers(fd, loop->options.config->socket_send_buffer_size,
                           loop->options.config->socket_receive_buffer_size);
    conn->address = address;
    conn->dial = record->dial;
    conn->token = record->token;
    conn->shard = (int32_t)shard;
    rfx_conn_list_add(&loop->connecting, conn, loop->now.mono_ns + RFX_CONNECT_NS);
    if (fd < 0) {
        rfx_connect_fail(loop, conn, strerror(errno));
        return;
    }
    struct io_uring_sqe *sqe = rfx_loop_sqe(loop, RFX_OP_CONNECT, conn);
    uint64_t data = sqe->user_data;
    io_uring_prep_connect(sqe, fd, (struct sockaddr *)address, size);
    io_uring_sqe_set_data64(sqe, data);
    conn->is_sending = true; /* an operation is in flight */
}

void rfx_connect_succeed(struct rfx_loop *loop, struct rfx_conn *conn)
{
    rfx_conn_leave_list(loop, conn);
    conn->state = RFX_CONN_OPEN;
    free(conn->address);
    conn->address = NULL;
    conn->is_connected_unreported = true;
}

void rfx_connect_handle(struct rfx_loop *loop, struct rfx_conn *conn,
                        const struct io_uring_cqe *cqe)
{
    conn->is_sending = false;
    if (cqe->res < 0) {
        rfx_connect_fail(loop, conn, strerror(cqe->res == -ECANCELED ? ETIMEDOUT : -cqe->res));
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
