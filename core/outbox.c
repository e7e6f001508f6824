#include "core/outbox.h"

#include <stdlib.h>
#include <string.h>

rfx_status rfx_outbox_open(struct rfx_outbox *outbox, size_t arena_size, size_t numbers_max)
{
    memset(outbox, 0, sizeof *outbox);
    outbox->ops_max = RFX_OUTBOX_ENTRIES + 2 * numbers_max; /* noted, then moved behind the rest */
    outbox->arena = malloc(arena_size);
    outbox->entries = malloc(RFX_OUTBOX_ENTRIES * sizeof *outbox->entries);
    outbox->ops = malloc(outbox->ops_max * sizeof *outbox->ops);
    if (outbox->arena == NULL || outbox->entries == NULL || outbox->ops == NULL) {
        rfx_outbox_close(outbox);
        return RFX_E_NOMEM;
    }
    outbox->arena_size = arena_size;
    return RFX_OK;
}

void rfx_outbox_close(struct rfx_outbox *outbox)
{
    free(outbox->arena);
    free(outbox->entries);
    free(outbox->ops);
    memset(outbox, 0, sizeof *outbox);
}

bool rfx_outbox_has_room(const struct rfx_outbox *outbox, size_t size)
{
    return !outbox->is_committed && outbox->arena_size - outbox->arena_used >= size &&
           RFX_OUTBOX_ENTRIES - outbox->count >= RFX_OUTBOX_ENTRIES_RESERVE;
}

static struct rfx_journal_op *add_op(struct rfx_outbox *outbox, enum rfx_journal_op_type type,
                                     uint32_t slot)
{
    RFX_ASSERT(outbox->op_count < outbox->ops_max);
    struct rfx_journal_op *op = &outbox->ops[outbox->op_count++];
    *op = (struct rfx_journal_op){.type = type, .slot = slot};
    return op;
}

struct rfx_outbox_entry *rfx_outbox_add(struct rfx_outbox *outbox, enum rfx_outbox_type type)
{
    RFX_ASSERT(!outbox->is_committed && outbox->count < RFX_OUTBOX_ENTRIES);
    struct rfx_outbox_entry *entry = &outbox->entries[outbox->count++];
    memset(entry, 0, sizeof *entry);
    entry->type = type;
    return entry;
}

void rfx_outbox_add_numbers(struct rfx_outbox *outbox, uint32_t slot, uint64_t next_out,
                            uint64_t next_in)
{
    struct rfx_journal_op *op = add_op(outbox, RFX_JOURNAL_NUMBERS, slot);
    op->next_out = next_out;
    op->next_in = next_in;
}

static rfx_status commit(struct rfx_outbox *outbox, const struct rfx_journal_port *journal,
                         int64_t utc_ns, struct rfx_error *error)
{
    /* Numbers were noted first; as the final word on each session they go last. */
    size_t numbers_count = outbox->op_count;
    for (size_t i = 0; i < outbox->count; i++) {
        const struct rfx_outbox_entry *entry = &outbox->entries[i];
        if (entry->type == RFX_OUTBOX_RESET) {
            add_op(outbox, RFX_JOURNAL_RESET, entry->slot);
        } else if (entry->is_stored) {
            const bool is_inbound = entry->type == RFX_OUTBOX_INBOUND;
            struct rfx_journal_op *op =
                add_op(outbox, is_inbound ? RFX_JOURNAL_INBOUND : RFX_JOURNAL_MESSAGE, entry->slot);
            op->seq_num = entry->seq_num;
            op->data = entry->data;
            op->size = entry->size;
        }
    }
    for (size_t i = 0; i < numbers_count; i++) {
        struct rfx_journal_op numbers = outbox->ops[i];
        *add_op(outbox, numbers.type, numbers.slot) = numbers;
    }
    size_t count = outbox->op_count - numbers_count;
    if (count > 0) {
        rfx_status status =
            journal->append(journal->context, outbox->ops + numbers_count, count, utc_ns, error);
        if (status != RFX_OK) {
            outbox->op_count = numbers_count;
            return status;
        }
    }
    outbox->op_count = 0;
    outbox->is_committed = true;
    return RFX_OK;
}

/* False when the ring is full. */
static bool publish(const struct rfx_outbox_entry *entry, struct rfx_ring *ring)
{
    switch (entry->type) {
    case RFX_OUTBOX_SEND: {
        uint32_t size = (uint32_t)sizeof(struct rfx_link_send) + entry->size;
        struct rfx_link_send *send = rfx_ring_reserve(ring, size);
        if (send == NULL) {
            return false;
        }
        send->conn = entry->conn;
        send->size = entry->size;
        memcpy(send + 1, entry->data, entry->size);
        rfx_ring_push(ring, RFX_LINK_SEND, size);
        return true;
    }
    case RFX_OUTBOX_CLOSE:
    case RFX_OUTBOX_DRAIN: {
        struct rfx_link_connection *connection = rfx_ring_reserve(ring, sizeof *connection);
        if (connection == NULL) {
            return false;
        }
        *connection = (struct rfx_link_connection){.conn = entry->conn, .reason = entry->reason};
        rfx_ring_push(ring, entry->type == RFX_OUTBOX_CLOSE ? RFX_LINK_CLOSE : RFX_LINK_DRAIN,
                      sizeof *connection);
        return true;
    }
    case RFX_OUTBOX_CONNECT: {
        struct rfx_link_connect *connect = rfx_ring_reserve(ring, sizeof *connect);
        if (connect == NULL) {
            return false;
        }
        *connect = (struct rfx_link_connect){.token = entry->token, .dial = entry->dial};
        rfx_ring_push(ring, RFX_LINK_CONNECT, sizeof *connect);
        return true;
    }
    case RFX_OUTBOX_STORE:
    case RFX_OUTBOX_INBOUND:
    case RFX_OUTBOX_RESET:
        return true;
    }
    return true;
}

rfx_status rfx_outbox_flush(struct rfx_outbox *outbox, const struct rfx_journal_port *journal,
                            int64_t utc_ns, struct rfx_ring *const *rings, bool *is_empty,
                            struct rfx_error *error)
{
    *is_empty = true;
    if (outbox->count == 0 && outbox->op_count == 0) {
        return RFX_OK;
    }
    if (!outbox->is_committed) {
        rfx_status status = commit(outbox, journal, utc_ns, error);
        if (status != RFX_OK) {
            return status;
        }
    }
    while (outbox->published < outbox->count) {
        const struct rfx_outbox_entry *entry = &outbox->entries[outbox->published];
        if (!publish(entry, rings[entry->conn.loop])) {
            *is_empty = false;
            return RFX_OK;
        }
        outbox->published++;
    }
    outbox->count = 0;
    outbox->published = 0;
    outbox->arena_used = 0;
    outbox->is_committed = false;
    return RFX_OK;
}
