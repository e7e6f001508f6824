#include "io/conn_tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/tls_kernel.h"

static void put(void *context, const char *data, size_t size)
{
    struct rfx_conn_tls *tls = context;
    rfx_outgoing_add(tls->loop, &tls->cipher, data, (uint32_t)size);
    rfx_send_touch(tls->loop, tls->conn);
}

/* The kernel begins with the next byte it is given: what was put before goes there now, or OpenSSL
 * goes on by itself. */
static bool offload(void *context, const void *info)
{
    struct rfx_conn_tls *tls = context;
    struct rfx_outgoing *cipher = &tls->cipher;
    if (tls->conn->is_sending) {
        return false;
    }
    while (cipher->size > 0) {
        const ssize_t sent =
            send(tls->conn->fd, cipher->data, cipher->size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        cipher->size -= (uint32_t)sent;
        memmove(cipher->data, cipher->data + sent, cipher->size);
    }
    if (rfx_tls_kernel_start(tls->conn->fd, info)) {
        return true;
    }
    if (!tls->loop->has_refused_kernel_tls) {
        tls->loop->has_refused_kernel_tls = true;
        rfx_loop_log(tls->loop, RFX_LOG_WARNING, "SocketUseKTLS=Y, but OpenSSL enciphers: %s",
                     errno == ENOENT ? "the kernel has no TLS; modprobe tls" : strerror(errno));
    }
    return false;
}

/* Alerts come when nothing else is under way, or nothing else matters. */
static bool control(void *context, unsigned char type, const char *data, size_t size)
{
    const struct rfx_conn_tls *tls = context;
    return !tls->conn->is_sending && tls->cipher.size == 0 &&
           rfx_tls_kernel_control(tls->conn->fd, type, data, size);
}

bool rfx_conn_tls_open(struct rfx_loop *loop, struct rfx_conn *conn, const struct rfx_dial *dial)
{
    struct rfx_conn_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        return false;
    }
    tls->loop = loop;
    tls->conn = conn;
    const struct rfx_tls_wire wire = {put, offload, control, tls};
    tls->engine = dial == NULL
                      ? rfx_tls_open(loop->options.tls, NULL, NULL, &wire)
                      : rfx_tls_open(loop->options.tls, dial->name, dial->certificate_name, &wire);
    if (tls->engine == NULL) {
        free(tls);
        return false;
    }
    conn->tls = tls;
    if (dial != NULL) {
        rfx_tls_begin(tls->engine);
    }
    return true;
}

void rfx_conn_tls_close(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (conn->tls != NULL) {
        rfx_tls_close(conn->tls->engine);
        rfx_outgoing_release(loop, &conn->tls->cipher);
        free(conn->tls);
        conn->tls = NULL;
    }
}

/* --------------------------------------------------------------------------------- receiving */

static void queue(struct rfx_conn_tls *tls, struct rfx_block *block)
{
    if (tls->last != NULL) {
        tls->last->next = block;
    } else {
        tls->first = block;
    }
    tls->last = block;
}

void rfx_conn_tls_take_bytes(struct rfx_loop *loop, struct rfx_conn *conn, const char *data,
                             uint32_t size)
{
    while (size > 0) {
        struct rfx_block *block = rfx_block_open(loop, conn);
        const uint32_t taken = size < block->capacity ? size : block->capacity;
        memcpy(block->data, data, taken);
        block->size = taken;
        queue(conn->tls, block);
        data += taken;
        size -= taken;
    }
}

/* A handshake waits for its turn, and the loop's buffers are for those who trade. */
void rfx_conn_tls_take(struct rfx_loop *loop, struct rfx_conn *conn, struct rfx_block *block)
{
    if (rfx_tls_state(conn->tls->engine) == RFX_TLS_HANDSHAKE) {
        rfx_conn_tls_take_bytes(loop, conn, block->data, block->size);
        rfx_block_release(loop, block);
    } else {
        queue(conn->tls, block);
    }
}

/* Plain bytes into blocks of their own, for the framing. */
static void decipher(struct rfx_loop *loop, struct rfx_conn *conn)
{
    for (bool is_full = true; is_full;) {
        struct rfx_block *block = rfx_block_open(loop, conn);
        block->size = (uint32_t)rfx_tls_read(conn->tls->engine, block->data, block->capacity);
        is_full = block->size == block->capacity;
        if (block->size > 0) {
            rfx_conn_add_block(conn, block);
        } else {
            rfx_block_release(loop, block);
        }
    }
}

/* False: there is nobody to deliver to. */
static bool on_failed(struct rfx_loop *loop, struct rfx_conn *conn)
{
    const char *problem = rfx_tls_problem(conn->tls->engine);
    char text[300];
    if (conn->state == RFX_CONN_CONNECTING) {
        snprintf(text, sizeof text, "TLS: %s", problem);
        if (!conn->is_sending && conn->tls->cipher.size > 0) { /* why, if it is taken at once */
            (void)!send(conn->fd, conn->tls->cipher.data, conn->tls->cipher.size,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        rfx_connect_fail(loop, conn, text);
        return false;
    }
    rfx_loop_log_peer(loop, conn, "TLS: %s", problem);
    if (conn->shard < 0) {
        atomic_fetch_add_explicit(&loop->options.disconnects[RFX_REASON_TLS], 1,
                                  memory_order_relaxed);
        rfx_conn_close(loop, conn); /* once the other side has been told why */
        return false;
    }
    conn->has_ended = true;
    conn->is_broken = true;
    conn->end_reason = RFX_REASON_TLS;
    return true;
}

/* A step of the handshake may cost a millisecond: those who trade wait for one of them a turn. */
static bool may_shake(struct rfx_loop *loop)
{
    const bool may = loop->handshakes_left > 0;
    loop->handshakes_left -= may;
    return may;
}

static bool pump_one(struct rfx_loop *loop, struct rfx_conn *conn)
{
    struct rfx_conn_tls *tls = conn->tls;
    struct rfx_block *block = tls->first;
    tls->first = block->next;
    if (tls->first == NULL) {
        tls->last = NULL;
    }
    rfx_tls_feed(tls->engine, block->data, block->size);
    decipher(loop, conn);
    const enum rfx_tls_state state = rfx_tls_state(tls->engine);
    bool goes_on = true;
    if (state == RFX_TLS_FAILED) {
        goes_on = on_failed(loop, conn);
    } else if (state == RFX_TLS_ENDED && !conn->has_ended) {
        conn->has_ended = true;
        conn->end_reason = RFX_REASON_PEER_CLOSED;
    } else if (state == RFX_TLS_OPEN && conn->state == RFX_CONN_CONNECTING) {
        rfx_connect_succeed(loop, conn);
    }
    rfx_block_release(loop, block);
    return goes_on;
}

/* An initiator that has nothing to go on with. False: it has come to nothing. */
static bool is_connecting(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (rfx_tls_state(conn->tls->engine) == RFX_TLS_FAILED) { /* before anything came */
        return on_failed(loop, conn);
    }
    if (conn->has_ended) {
        rfx_connect_fail(loop, conn, "TLS: the connection ended in the handshake");
        return false;
    }
    return true;
}

bool rfx_conn_tls_pump(struct rfx_loop *loop, struct rfx_conn *conn)
{
    while (conn->tls->first != NULL) {
        if (rfx_tls_state(conn->tls->engine) == RFX_TLS_HANDSHAKE && !may_shake(loop)) {
            rfx_conn_await_step(loop, conn);
            return false;
        }
        if (!pump_one(loop, conn)) {
            return false;
        }
    }
    return conn->state != RFX_CONN_CONNECTING || is_connecting(loop, conn);
}

/* ----------------------------------------------------------------------------------- sending */

void rfx_conn_tls_encipher(struct rfx_loop *loop, struct rfx_conn *conn)
{
    struct rfx_tls *engine = conn->tls->engine;
    if (conn->pending.size == 0 || rfx_tls_state(engine) == RFX_TLS_HANDSHAKE) {
        return;
    }
    if (!rfx_tls_write(engine, conn->pending.data, conn->pending.size)) {
        rfx_loop_log_peer(loop, conn, "TLS: %s", rfx_tls_problem(engine));
        rfx_conn_end(loop, conn, RFX_REASON_TLS, true);
    }
    conn->pending.size = 0;
}

void rfx_conn_tls_finish(struct rfx_conn *conn)
{
    rfx_tls_finish(conn->tls->engine);
}
