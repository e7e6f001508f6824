/* A range of messages, from the store and then from what is still in the tail. */
#include "journal/store_internal.h"

#define FOUND_MAX 1024 /* messages of the tail handed on at a time */

struct range {
    struct rfx_part *part;
    const struct rfx_slot *slot;
    uint64_t first; /* of what is still to be visited */
    uint64_t last;
    uint64_t moved; /* as the tail was when the read began; what lies behind stays where it is */
    rfx_journal_visit *visit;
    void *visit_context;
    bool is_over; /* the visitor has had enough */
};

static bool visit(struct range *range, uint64_t seq_num, struct rfx_bytes message)
{
    range->first = seq_num + 1;
    range->is_over = !range->visit(range->visit_context, seq_num, message);
    return !range->is_over;
}

/* LMDB's code; MDB_NOTFOUND at the end. */
static int walk_store(struct range *range, MDB_cursor *cursor)
{
    struct rfx_chunk_walk walk = {
        .cursor = cursor, .id = range->slot->id, .direction = RFX_DIRECTION_OUT};
    struct rfx_format_entry entry;
    uint64_t end = range->slot->next_out;
    if (range->slot->cut_at != RFX_TAIL_NONE && range->slot->cut_at >= range->moved) {
        end = rfx_min_u64(end, range->slot->cut_from);
    }
    int code = rfx_chunk_seek(&walk, range->first, &entry);
    while (code == 0 && entry.seq_num <= range->last && entry.seq_num < end &&
           visit(range, entry.seq_num, entry.message)) {
        code = rfx_chunk_next(&walk, &entry);
    }
    return code;
}

static int read_store(struct range *range)
{
    struct rfx_part *part = range->part;
    struct rfx_env *env = &part->store->env;
    pthread_rwlock_rdlock(&env->map_lock);
    int code = mdb_txn_renew(part->read_txn);
    if (code == 0) {
        code = mdb_cursor_renew(part->read_txn, part->read_cursor);
        if (code == 0) {
            code = walk_store(range, part->read_cursor);
        }
        mdb_txn_reset(part->read_txn);
    }
    pthread_rwlock_unlock(&env->map_lock);
    return code == MDB_NOTFOUND ? 0 : code;
}

static const struct rfx_tail_op *op_at(const struct range *range, uint64_t position)
{
    const struct rfx_tail *tail = &range->part->tail;
    return (const struct rfx_tail_op *)(const void *)(tail->ring + position % tail->size);
}

/* The lowest messages of the range, at most FOUND_MAX of them, into a ring of which the latest
 * found is the lowest. Returns how many were found. The chain leads from the latest message back;
 * one whose number came again later is not valid any more. */
static size_t find_in_tail(const struct range *range, uint64_t found[FOUND_MAX])
{
    size_t count = 0;
    uint64_t above = range->slot->next_out;
    uint64_t position = range->slot->last_message;
    while (position != RFX_TAIL_NONE && position >= range->moved && above > range->first) {
        const struct rfx_tail_op *op = op_at(range, position);
        if (op->value < above) {
            above = op->value;
            if (above >= range->first && above <= range->last) {
                found[count++ % FOUND_MAX] = position;
            }
        }
        position = op->second;
    }
    return count;
}

static void read_tail(struct range *range)
{
    uint64_t found[FOUND_MAX];
    size_t count = 0;
    do {
        count = range->first <= range->last ? find_in_tail(range, found) : 0;
        for (size_t i = 0; i < FOUND_MAX && i < count && !range->is_over; i++) {
            const struct rfx_tail_op *op = op_at(range, found[(count - 1 - i) % FOUND_MAX]);
            visit(range, op->value, rfx_tail_data(op));
        }
    } while (count > FOUND_MAX && !range->is_over);
}

rfx_status rfx_part_read(void *context, uint32_t slot, uint64_t first, uint64_t last,
                         rfx_journal_visit *visitor, void *visit_context, struct rfx_error *error)
{
    struct rfx_part *part = context;
    RFX_ASSERT(slot < part->slot_count);
    struct range range = {
        .part = part,
        .slot = &part->slots[slot],
        .first = first,
        .last = rfx_min_u64(last, UINT64_MAX - 1),
        .moved = atomic_load_explicit(&part->tail.moved, memory_order_acquire),
        .visit = visitor,
        .visit_context = visit_context,
    };
    const int code = read_store(&range);
    if (code != 0) {
        return rfx_env_fail(&part->store->env, code, "read messages", error);
    }
    if (!range.is_over) {
        read_tail(&range);
    }
    return RFX_OK;
}
