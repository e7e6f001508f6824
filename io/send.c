/* Sending: what shards put in their rings is gathered per connection; one send is in flight, and
 * everything that came meanwhile leaves as the next one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/conn_tls.h"

void rfx_send_touch(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (!conn->is_touched) {
        conn->is_touched = true;
        conn->next_touched = loop->touched;
        loop->touched = conn;
    }
}

void rfx_outgoing_release(struct rfx_loop *loop, struct rfx_outgoing *outgoing)
{
    rfx_loop_free_chunk(loop, outgoing->data, outgoing->capacity);
    *outgoing = (struct rfx_outgoing){0};
}

void rfx_send_drop(struct rfx_loop *loop, struct rfx_conn *conn)
{
    rfx_outgoing_release(loop, &conn->pending);
    rfx_outgoing_release(loop, &conn->in_flight);
    if (conn->tls != NULL) {
        rfx_outgoing_release(loop, &conn->tls->cipher);
    }
}

bool rfx_send_is_waiting(const struct rfx_conn *conn)
{
    return conn->pending.size > 0 || (conn->tls != NULL && conn->tls->cipher.size > 0);
}

/* Makes room for `size` more bytes. */
static void grow(struct rfx_loop *loop, struct rfx_outgoing *outgoing, uint32_t size)
{
    uint32_t needed = outgoing->size + size;
    if (needed <= outgoing->capacity) {
        return;
    }
    uint32_t capacity = outgoing->capacity > 0 ? outgoing->capacity : RFX_CHUNK_SIZE;
    while (capacity < needed) {
        capacity *= 2;
    }
    char *grown = rfx_loop_chunk(loop, capacity);
    RFX_ASSERT(grown != NULL);
    if (outgoing->size > 0) {
        memcpy(grown, outgoing->data, outgoing->size);
    }
    rfx_loop_free_chunk(loop, outgoing->data, outgoing->capacity);
    outgoing->data = grown;
    outgoing->capacity = capacity;
}

void rfx_outgoing_add(struct rfx_loop *loop, struct rfx_outgoing *outgoing, const char *data,
                      uint32_t size)
{
    grow(loop, outgoing, size);
    memcpy(outgoing->data + outgoing->size, data, size);
    outgoing->size += size;
}

/* ------------------------------------------------------------------------ records of shards */

static struct rfx_conn *find(struct rfx_loop *loop, struct rfx_conn_id id)
{
    RFX_ASSERT(id.index < loop->conns_used);
    struct rfx_conn *conn = &loop->conns[id.index];
    bool is_same = conn->generation == id.generation && conn->state == RFX_CONN_OPEN;
    return is_same ? conn : NULL;
}

static void on_send(struct rfx_loop *loop, const struct rfx_link_send *record)
{
    struct rfx_conn *conn = find(loop, record->conn);
    if (conn == NULL || conn->is_broken) {
        return; /* the peer is gone; the journal has the message */
    }
    rfx_outgoing_add(loop, &conn->pending, (const char *)(record + 1), record->size);
    rfx_send_touch(loop, conn);
}

static void on_close(struct rfx_loop *loop, const struct rfx_link_connection *record)
{
    struct rfx_conn *conn = find(loop, record->conn);
    if (conn == NULL) {
        return;
    }
    switch (record->reason) {
    case RFX_REASON_NOT_A_LOGON:
    case RFX_REASON_UNKNOWN_SESSION:
    case RFX_REASON_DUPLICATE_SESSION:
    case RFX_REASON_SESSION_LIMIT:
    case RFX_REASON_GARBLED_LOGON:
    case RFX_REASON_ADDRESS:
    case RFX_REASON_LISTENER:
    case RFX_REASON_CERTIFICATE:
        rfx_loop_log_peer(loop, conn, "refused: %s", rfx_disconnect_reason_text(record->reason));
        break;
    case RFX_REASON_NONE:
    case RFX_REASON_LOGOUT_RECEIVED:
    case RFX_REASON_LOGOUT_COMPLETED:
    case RFX_REASON_LOGOUT_TIMEOUT:
    case RFX_REASON_PEER_CLOSED:
    case RFX_REASON_CONNECTION_LOST:
    case RFX_REASON_CONNECT_FAILED:
    case RFX_REASON_LOGON_TIMEOUT:
    case RFX_REASON_LOGON_REFUSED:
    case RFX_REASON_INVALID_LOGON:
    case RFX_REASON_AUTHENTICATION:
    case RFX_REASON_SESSION_TIME:
    case RFX_REASON_BAD_SENDING_TIME:
    case RFX_REASON_BAD_COMP_ID:
    case RFX_REASON_BAD_BEGIN_STRING:
    case RFX_REASON_SEQ_NUM_TOO_LOW:
    case RFX_REASON_SEQ_NUM_MISSING:
    case RFX_REASON_TEST_REQUEST_UNANSWERED:
    case RFX_REASON_SLOW_CONSUMER:
    case RFX_REASON_APPLICATION:
    case RFX_REASON_SERVER_STOPPED:
    case RFX_REASON_JOURNAL_FULL:
    case RFX_REASON_DISABLED:
    case RFX_REASON_ADDRESS_LIMIT:
    case RFX_REASON_PENDING_LIMIT:
    case RFX_REASON_CONNECTION_LIMIT:
    case RFX_REASON_TLS:
    case RFX_REASON_PROXY:
    case RFX_REASON_RECONFIGURED:
    case RFX_REASON_COUNT:
        break; /* logged by the session */
    }
    rfx_conn_close(loop, conn);
}

static void on_drain(struct rfx_loop *loop, const struct rfx_link_connection *record)
{
    struct rfx_conn *conn = find(loop, record->conn);
    if (conn != NULL) {
        conn->wants_drained = true;
        rfx_send_touch(loop, conn);
    }
}

static void on_record(struct rfx_loop *loop, uint32_t shard, enum rfx_link_type type,
                      const void *record)
{
    switch (type) {
    case RFX_LINK_SEND:
        on_send(loop, record);
        break;
    case RFX_LINK_CLOSE:
        on_close(loop, record);
        break;
    case RFX_LINK_DRAIN:
        on_drain(loop, record);
        break;
    case RFX_LINK_CONNECT:
        rfx_connect_start(loop, shard, record);
        break;
    case RFX_LINK_MESSAGE:
    case RFX_LINK_CONNECTED:
    case RFX_LINK_DISCONNECTED:
    case RFX_LINK_DRAINED:
        RFX_ASSERT(false && "a record for the shard in a ring to the loop");
    }
}

size_t rfx_send_drain_shards(struct rfx_loop *loop)
{
    size_t count = 0;
    for (uint32_t i = 0; i < loop->options.shard_count; i++) {
        struct rfx_ring *ring = loop->options.from_shards[i];
        uint32_t type;
        uint32_t size;
        const void *record;
        while ((record = rfx_ring_peek(ring, &type, &size)) != NULL) {
            on_record(loop, i, (enum rfx_link_type)type, record);
            rfx_ring_pop(ring);
            count++;
        }
        rfx_ring_release(ring);
    }
    return count;
}

/* ------------------------------------------------------------------------------- the wire */

static void submit(struct rfx_loop *loop, struct rfx_conn *conn)
{
    struct io_uring_sqe *sqe = rfx_loop_sqe(loop, RFX_OP_SEND, conn);
    uint64_t data = sqe->user_data;
    io_uring_prep_send(sqe, conn->fd, conn->in_flight.data + conn->sent,
                       conn->in_flight.size - conn->sent, MSG_NOSIGNAL);
    io_uring_sqe_set_data64(sqe, data);
    conn->is_sending = true;
}

/* Starts the next send, or notices that there is none. */
static void go_on(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (conn->is_sending || conn->state == RFX_CONN_DEAD) {
        return;
    }
    struct rfx_outgoing *next = &conn->pending;
    if (RFX_UNLIKELY(conn->tls != NULL)) {
        rfx_conn_tls_encipher(loop, conn);
        next = &conn->tls->cipher;
    }
    if (next->size > 0 && !conn->is_broken) {
        struct rfx_outgoing empty = conn->in_flight;
        empty.size = 0;
        conn->in_flight = *next;
        *next = empty;
        conn->sent = 0;
        submit(loop, conn);
        return;
    }
    /* An idle connection keeps no buffers. */
    rfx_send_drop(loop, conn);
    conn->sent = 0;
    if (conn->wants_drained) {
        rfx_deliver(loop, conn);
    }
}

static bool is_over_limit(const struct rfx_loop *loop, const struct rfx_conn *conn)
{
    uint64_t queued = (uint64_t)conn->pending.size + (conn->in_flight.size - conn->sent);
    if (conn->tls != NULL) {
        queued += conn->tls->cipher.size;
    }
    return conn->is_sending && queued > loop->options.config->send_queue_size;
}

static struct rfx_conn *take_touched(struct rfx_loop *loop)
{
    struct rfx_conn *conn = loop->touched;
    if (conn != NULL) {
        loop->touched = conn->next_touched;
        conn->is_touched = false;
    }
    return conn;
}

static void flush_one(struct rfx_loop *loop, struct rfx_conn *conn)
{
    go_on(loop, conn);
    if (conn->state != RFX_CONN_OPEN) {
        rfx_conn_go_on_closing(loop, conn);
    }
}

void rfx_send_start(struct rfx_loop *loop)
{
    struct rfx_conn *over_limit = NULL;
    struct rfx_conn *conn;
    while ((conn = take_touched(loop)) != NULL) {
        if (is_over_limit(loop, conn) && conn->state == RFX_CONN_OPEN) {
            conn->next_touched = over_limit;
            over_limit = conn;
            conn->is_touched = true;
        } else {
            flush_one(loop, conn);
        }
    }
    loop->touched = over_limit;
}

void rfx_send_settle(struct rfx_loop *loop)
{
    struct rfx_conn *conn;
    while ((conn = take_touched(loop)) != NULL) {
        if (is_over_limit(loop, conn) && conn->state == RFX_CONN_OPEN && !conn->is_broken) {
            /* The kernel had its chance to take what is in flight: the peer does not read. */
            rfx_conn_discard_unsent(conn);
            rfx_conn_end(loop, conn, RFX_REASON_SLOW_CONSUMER, true);
        } else {
            flush_one(loop, conn);
        }
    }
}

void rfx_send_handle(struct rfx_loop *loop, struct rfx_conn *conn, const struct io_uring_cqe *cqe)
{
    conn->is_sending = false;
    if (cqe->res < 0) {
        rfx_conn_end(loop, conn, RFX_REASON_CONNECTION_LOST, true);
        return;
    }
    conn->sent += (uint32_t)cqe->res;
    if (conn->sent < conn->in_flight.size && !conn->is_broken) {
        submit(loop, conn);
        return;
    }
    conn->in_flight.size = 0;
    conn->sent = 0;
    if (rfx_send_is_waiting(conn) || conn->wants_drained) {
        rfx_send_touch(loop, conn); /* after the other completions of this turn have been read */
    } else {
        rfx_send_drop(loop, conn);
    }
    rfx_conn_go_on_closing(loop, conn);
}
