/* From received bytes to records in the ring of a shard: framing in place, and a copy of those
 * messages alone that a buffer's end has cut. */
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "core/hash.h"
#include "core/proxy.h"
#include "core/session_name.h"
#include "io/conn_tls.h"

enum outcome {
    OUTCOME_DONE,    /* nothing left to frame */
    OUTCOME_STALLED, /* the shard's ring is full */
    OUTCOME_REFUSED, /* the connection is being closed */
};

/* ----------------------------------------------------------------------------- one message */

/* Which shard a Logon belongs to, -1 when the message is none. */
static int32_t shard_of(struct rfx_loop *loop, const char *data, uint32_t size)
{
    struct rfx_message message;
    struct rfx_header header;
    rfx_message_index(data, size, loop->fields, &message);
    rfx_header_read(&message, &header);
    if (!rfx_message_is(&message, "A")) {
        return -1;
    }
    char name[RFX_SESSION_NAME_MAX];
    size_t name_size = rfx_session_name_of(&header, name);
    return (int32_t)rfx_name_shard(name, name_size, loop->options.shard_count);
}

/* The record points into the block: it is lent until the shard has released the record. */
static void lend(struct rfx_loop *loop, uint32_t shard, struct rfx_block *block)
{
    struct rfx_lent *lent = &loop->lent[shard];
    uint64_t position = rfx_ring_position(loop->options.to_shards[shard]);
    if (lent->head != lent->tail) {
        uint64_t latest = (lent->tail - 1) & lent->mask;
        if (lent->entries[latest].block == block) {
            lent->entries[latest].position = position;
            return;
        }
    }
    RFX_ASSERT(lent->tail - lent->head <= lent->mask);
    lent->entries[lent->tail & lent->mask].position = position;
    lent->entries[lent->tail & lent->mask].block = block;
    lent->tail++;
    block->references++;
}

static enum outcome push_message(struct rfx_loop *loop, struct rfx_conn *conn,
                                 struct rfx_block *block, const char *data, uint32_t size,
                                 bool is_sum_wrong)
{
    int32_t known = conn->shard >= 0 ? conn->shard : shard_of(loop, data, size);
    if (known < 0) {
        rfx_conn_refuse(loop, conn, RFX_REASON_NOT_A_LOGON);
        return OUTCOME_REFUSED;
    }
    uint32_t shard = (uint32_t)known;
    struct rfx_ring *ring = loop->options.to_shards[shard];
    uint32_t fields_max = RFX_FIELDS_MAX(size);
    uint32_t record_size = (uint32_t)sizeof(struct rfx_link_message);
    struct rfx_link_message *record =
        rfx_ring_reserve(ring, record_size + fields_max * (uint32_t)sizeof(struct rfx_field));
    if (record == NULL) {
        return OUTCOME_STALLED;
    }
    record->peer = NULL;
    if (conn->shard < 0) {
        rfx_conn_leave_list(loop, conn);
        conn->shard = known;
        if (conn->peer[0] == '\0') {
            rfx_socket_peer_text(conn->fd, conn->peer);
        }
        record->peer = conn->peer; /* the block that is lent below keeps the slot */
        record->accept_port = loop->options.listeners[conn->listener].port;
        record->certificate_names = conn->tls != NULL ? rfx_tls_names(conn->tls->engine) : NULL;
    }
    record->conn = rfx_conn_id_of(loop, conn);
    record->is_sum_wrong = is_sum_wrong;
    rfx_message_index(data, size, (struct rfx_field *)(void *)(record + 1), &record->message);
    rfx_ring_push(ring, RFX_LINK_MESSAGE,
                  record_size + record->message.field_count * (uint32_t)sizeof(struct rfx_field));
    lend(loop, shard, block);
    return OUTCOME_DONE;
}

static bool takes_wrong_sums(const struct rfx_loop *loop)
{
    return atomic_load_explicit(&loop->options.limits->takes_wrong_sums, memory_order_relaxed);
}

/* Nobody needs more for a Logon, and a stranger gets no more memory. */
#define STRANGER_SIZE_MAX 8192

static uint32_t size_max(const struct rfx_loop *loop, const struct rfx_conn *conn)
{
    uint32_t message_size_max = loop->options.config->message_size_max;
    return conn->shard < 0 && message_size_max > STRANGER_SIZE_MAX ? STRANGER_SIZE_MAX
                                                                   : message_size_max;
}

/* -------------------------------------------------------------------------------- assembly */

static void append(struct rfx_block *block, const char *data, uint32_t size)
{
    if (block->size + size > block->capacity) {
        uint32_t capacity = block->capacity;
        while (capacity < block->size + size) {
            capacity *= 2;
        }
        char *grown = realloc(block->data, capacity);
        RFX_ASSERT(grown != NULL);
        block->data = grown;
        block->capacity = capacity;
    }
    memcpy(block->data + block->size, data, size);
    block->size += size;
}

/* Hands on the message at the start of the assembly; what stands behind it starts a new one. */
static enum outcome finish_assembly(struct rfx_loop *loop, struct rfx_conn *conn, uint32_t size,
                                    bool is_sum_wrong)
{
    struct rfx_block *block = conn->assembly;
    enum outcome outcome = push_message(loop, conn, block, block->data, size, is_sum_wrong);
    if (outcome != OUTCOME_DONE) {
        return outcome;
    }
    conn->assembly = NULL;
    if (block->size > size) {
        conn->assembly = rfx_block_open(loop, conn);
        append(conn->assembly, block->data + size, block->size - size);
    }
    rfx_block_release(loop, block);
    return OUTCOME_DONE;
}

#define TLS_HANDSHAKE '\x16' /* the first byte of a connection over TLS */

/* Garbled bytes are ignored, but for those of a stranger, who is sent away. */
static bool may_be_garbled(struct rfx_loop *loop, struct rfx_conn *conn, const char *data)
{
    if (conn->shard >= 0) {
        return true;
    }
    if (data[0] == TLS_HANDSHAKE) {
        rfx_loop_log_peer(loop, conn, "speaks TLS, and the port is a plain one");
    }
    rfx_conn_refuse(loop, conn, RFX_REASON_GARBLED_LOGON);
    return false;
}

static bool drop_garbled(struct rfx_loop *loop, struct rfx_conn *conn, const char *data,
                         size_t size)
{
    if (!may_be_garbled(loop, conn, data)) {
        return false;
    }
    rfx_live_add(&loop->options.counts->garbled, 1);
    rfx_loop_log_peer(loop, conn, "sent %zu garbled bytes, ignored", size);
    return true;
}

/* One step on a message that was cut: takes what it needs from the block. */
static enum outcome assemble(struct rfx_loop *loop, struct rfx_conn *conn, struct rfx_block *block)
{
    struct rfx_block *assembly = conn->assembly;
    struct rfx_frame frame;
    uint32_t message_size_max = size_max(loop, conn);
    uint32_t available = block->size - block->framed;
    switch (rfx_frame(assembly->data, assembly->size, message_size_max, &frame)) {
    case RFX_FRAME_COMPLETE:
        return finish_assembly(loop, conn, (uint32_t)frame.size, false);
    case RFX_FRAME_GARBLED:
        if (frame.is_sum_alone && takes_wrong_sums(loop)) {
            return finish_assembly(loop, conn, (uint32_t)frame.size, true);
        }
        if (!drop_garbled(loop, conn, assembly->data, frame.size)) {
            return OUTCOME_REFUSED;
        }
        assembly->size -= (uint32_t)frame.size;
        memmove(assembly->data, assembly->data + frame.size, assembly->size);
        if (assembly->size == 0) {
            conn->assembly = NULL;
            rfx_block_release(loop, assembly);
        }
        return OUTCOME_DONE;
    case RFX_FRAME_PARTIAL:
        break;
    }
    if (frame.is_doomed && !may_be_garbled(loop, conn, assembly->data)) {
        return OUTCOME_REFUSED;
    }
    /* Of a message known to be garbled everything is taken, to find its end in fewer steps. */
    uint32_t wanted = frame.is_doomed ? message_size_max - assembly->size : (uint32_t)frame.size;
    uint32_t taken = wanted < available ? wanted : available;
    append(assembly, block->data + block->framed, taken);
    block->framed += taken;
    return OUTCOME_DONE;
}

/* ---------------------------------------------------------------------------------- framing */

static enum outcome hand_on(struct rfx_loop *loop, struct rfx_conn *conn, struct rfx_block *block,
                            uint32_t size, bool is_sum_wrong)
{
    enum outcome outcome =
        push_message(loop, conn, block, block->data + block->framed, size, is_sum_wrong);
    if (outcome == OUTCOME_DONE) {
        block->framed += size;
    }
    return outcome;
}

static enum outcome frame_in_place(struct rfx_loop *loop, struct rfx_conn *conn,
                                   struct rfx_block *block)
{
    struct rfx_frame frame;
    const char *data = block->data + block->framed;
    uint32_t size = block->size - block->framed;
    switch (rfx_frame(data, size, size_max(loop, conn), &frame)) {
    case RFX_FRAME_COMPLETE:
        return hand_on(loop, conn, block, (uint32_t)frame.size, false);
    case RFX_FRAME_GARBLED:
        if (frame.is_sum_alone && takes_wrong_sums(loop)) {
            return hand_on(loop, conn, block, (uint32_t)frame.size, true);
        }
        if (!drop_garbled(loop, conn, data, frame.size)) {
            return OUTCOME_REFUSED;
        }
        block->framed += (uint32_t)frame.size;
        return OUTCOME_DONE;
    case RFX_FRAME_PARTIAL:
        if (frame.is_doomed && !may_be_garbled(loop, conn, data)) {
            return OUTCOME_REFUSED;
        }
        conn->assembly = rfx_block_open(loop, conn);
        append(conn->assembly, data, size);
        block->framed = block->size;
        return OUTCOME_DONE;
    }
    return OUTCOME_DONE;
}

static enum outcome refuse_proxy(struct rfx_loop *loop, struct rfx_conn *conn,
                                 enum rfx_disconnect_reason reason)
{
    rfx_conn_refuse(loop, conn, reason);
    return OUTCOME_REFUSED;
}

/* What stands behind the header in the assembly is the beginning of a message. */
static void cut_assembly(struct rfx_loop *loop, struct rfx_conn *conn, size_t size)
{
    struct rfx_block *assembly = conn->assembly;
    assembly->size -= (uint32_t)size;
    memmove(assembly->data, assembly->data + size, assembly->size);
    if (assembly->size == 0) {
        conn->assembly = NULL;
        rfx_block_release(loop, assembly);
    }
}

/* The proxy's word about whom the connection comes from. It nearly always comes whole. */
static enum outcome take_proxy(struct rfx_loop *loop, struct rfx_conn *conn,
                               struct rfx_block *block)
{
    struct rfx_proxy proxy;
    if (conn->assembly == NULL) {
        conn->assembly = rfx_block_open(loop, conn);
    }
    append(conn->assembly, block->data + block->framed, block->size - block->framed);
    block->framed = block->size;
    switch (rfx_proxy_read(conn->assembly->data, conn->assembly->size, &proxy)) {
    case RFX_PROXY_PARTIAL:
        return OUTCOME_DONE;
    case RFX_PROXY_INVALID:
        return refuse_proxy(loop, conn, RFX_REASON_PROXY);
    case RFX_PROXY_DONE:
        break;
    }
    conn->awaits_proxy = false;
    memcpy(conn->peer, proxy.address, sizeof conn->peer);
    if (loop->gate.limit != 0 && proxy.address[0] != '\0') {
        conn->ticket = rfx_gate_enter(&loop->gate, proxy.network);
        if (conn->ticket == 0) {
            return refuse_proxy(loop, conn, RFX_REASON_ADDRESS_LIMIT);
        }
    }
    cut_assembly(loop, conn, proxy.size);
    if (conn->tls != NULL && conn->assembly != NULL) {
        struct rfx_block *assembly = conn->assembly;
        conn->assembly = NULL;
        rfx_conn_tls_take_bytes(loop, conn, assembly->data, assembly->size);
        rfx_block_release(loop, assembly);
    }
    return OUTCOME_DONE;
}

static enum outcome frame_block(struct rfx_loop *loop, struct rfx_conn *conn,
                                struct rfx_block *block)
{
    if (RFX_UNLIKELY(conn->awaits_proxy)) {
        const enum outcome outcome = take_proxy(loop, conn, block);
        if (outcome != OUTCOME_DONE || conn->awaits_proxy) {
            return outcome;
        }
    }
    while (block->framed < block->size) {
        enum outcome outcome = conn->assembly != NULL ? assemble(loop, conn, block)
                                                      : frame_in_place(loop, conn, block);
        if (outcome != OUTCOME_DONE) {
            return outcome;
        }
    }
    /* The block may have completed what the assembly holds. */
    while (conn->assembly != NULL) {
        struct rfx_frame frame;
        uint32_t before = conn->assembly->size;
        if (rfx_frame(conn->assembly->data, before, size_max(loop, conn), &frame) ==
            RFX_FRAME_PARTIAL) {
            break;
        }
        enum outcome outcome = assemble(loop, conn, block);
        if (outcome != OUTCOME_DONE) {
            return outcome;
        }
    }
    return OUTCOME_DONE;
}

/* --------------------------------------------------------------------- everything in order */

static bool push_connection(struct rfx_loop *loop, struct rfx_conn *conn, enum rfx_link_type type,
                            bool has_begun)
{
    struct rfx_ring *ring = loop->options.to_shards[conn->shard];
    struct rfx_link_connection *record = rfx_ring_reserve(ring, sizeof *record);
    if (record == NULL) {
        return false;
    }
    *record = (struct rfx_link_connection){
        .conn = has_begun ? rfx_conn_id_of(loop, conn) : (struct rfx_conn_id){0},
        .token = conn->token,
        .reason = conn->end_reason,
        .peer = type == RFX_LINK_CONNECTED ? conn->peer : NULL,
    };
    rfx_ring_push(ring, type, sizeof *record);
    return true;
}

/* False: the ring is full. */
static bool report_end(struct rfx_loop *loop, struct rfx_conn *conn)
{
    bool has_begun = conn->end_reason != RFX_REASON_CONNECT_FAILED;
    if (conn->shard < 0) {
        rfx_conn_refuse(loop, conn, conn->end_reason);
        return true;
    }
    if (!push_connection(loop, conn, RFX_LINK_DISCONNECTED, has_begun)) {
        return false;
    }
    conn->end_is_reported = true;
    if (!has_begun) {
        rfx_conn_kill(loop, conn); /* the shard never knew this slot */
    }
    return true;
}

/* Hands on whatever the connection has for its shard, in order: that it is connected, messages,
 * that it is drained, that it has ended. Goes on later when the shard's ring is full. */
void rfx_deliver(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (RFX_UNLIKELY(conn->tls != NULL) && !rfx_conn_tls_pump(loop, conn)) {
        return;
    }
    if (conn->state != RFX_CONN_OPEN) {
        rfx_conn_go_on_closing(loop, conn);
        return;
    }
    if (conn->is_connected_unreported) {
        if (!push_connection(loop, conn, RFX_LINK_CONNECTED, true)) {
            rfx_conn_stall(loop, conn);
            return;
        }
        conn->is_connected_unreported = false;
    }
    while (conn->first != NULL) {
        struct rfx_block *block = conn->first;
        enum outcome outcome = frame_block(loop, conn, block);
        if (outcome == OUTCOME_STALLED) {
            rfx_conn_stall(loop, conn);
            return;
        }
        if (outcome == OUTCOME_REFUSED) {
            return;
        }
        conn->first = block->next;
        if (conn->first == NULL) {
            conn->last = NULL;
        }
        rfx_block_release(loop, block);
        if (RFX_UNLIKELY(conn->tls != NULL) && !rfx_conn_tls_pump(loop, conn)) {
            return; /* what stood behind a PROXY header */
        }
    }
    bool is_drained = conn->wants_drained && !conn->is_sending && !rfx_send_is_waiting(conn);
    if (is_drained) {
        if (!push_connection(loop, conn, RFX_LINK_DRAINED, true)) {
            rfx_conn_stall(loop, conn);
            return;
        }
        conn->wants_drained = false;
    }
    if (conn->has_ended && !conn->end_is_reported && !report_end(loop, conn)) {
        rfx_conn_stall(loop, conn);
    }
}
