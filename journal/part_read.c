/* A range of messages, from the store and then from what is still in the tail. */
#include "journal/store_internal.h"

#define FOUND_MAX 1024 /* messages of the tail handed on at a time */
#define MARK_STEP 128  /* messages from one mark to the next, to begin with */

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

static const struct rfx_tail_op *op_at(const struct rfx_tail *tail, uint64_t position)
{
    return (const struct rfx_tail_op *)(const void *)(tail->ring + position % tail->size);
}

void rfx_part_cut_tail(const struct rfx_part *part, struct rfx_slot *slot, uint64_t next_out)
{
    const uint64_t moved = atomic_load_explicit(&part->tail.moved, memory_order_acquire);
    while (slot->last_message != RFX_TAIL_NONE && slot->last_message >= moved) {
        const struct rfx_tail_op *op = op_at(&part->tail, slot->last_message);
        if (op->value < next_out) {
            return;
        }
        slot->last_message = op->second;
    }
    slot->last_message = RFX_TAIL_NONE;
}

/* ----------------------------------------------------------------------------------- marks */

/* Those of the session, or the set used longest ago, empty. */
static struct rfx_marks *marks_of(const struct range *range)
{
    struct rfx_part *part = range->part;
    const uint32_t slot = (uint32_t)(range->slot - part->slots);
    struct rfx_marks *oldest = &part->marks[0];
    for (size_t i = 0; i < RFX_MARKS_SETS; i++) {
        struct rfx_marks *marks = &part->marks[i];
        if (marks->count > 0 && marks->slot == slot && marks->id == range->slot->id &&
            marks->cut_at == range->slot->cut_at) {
            marks->used = ++part->reads;
            return marks;
        }
        oldest = marks->used < oldest->used ? marks : oldest;
    }
    oldest->slot = slot;
    oldest->id = range->slot->id;
    oldest->cut_at = range->slot->cut_at;
    oldest->used = ++part->reads;
    oldest->count = 0;
    return oldest;
}

/* When there are too many, every other one will do. */
static void add_mark(struct rfx_marks *marks, uint64_t seq_num, uint64_t position)
{
    if (marks->count == RFX_MARKS_MAX) {
        for (uint32_t i = 0; i < RFX_MARKS_MAX / 2; i++) {
            marks->items[i] = marks->items[2 * i];
        }
        marks->count /= 2;
        marks->step *= 2;
    }
    marks->items[marks->count].seq_num = seq_num;
    marks->items[marks->count++].position = position;
}

/* The second mark at or above the first number of the range, so that there is some way to go; or
 * the first one. False: there is none. */
static bool find_mark(const struct range *range, const struct rfx_marks *marks, uint32_t *index)
{
    uint32_t low = 0; /* those before it are at or above */
    uint32_t high = marks->count;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (marks->items[middle].seq_num >= range->first) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *index = low > 1 ? low - 2 : 0;
    return low > 0 && marks->items[low - 1].position >= range->moved;
}

/* ------------------------------------------------------------------------------------ the tail */

/* The lowest messages of the range, or of its first part, at most FOUND_MAX of them, into a ring of
 * which the latest found is the lowest. Returns how many were found, 0 at the end. The chain leads
 * from the latest message back, to ever lower ones. */
static size_t find_in_tail(const struct range *range, uint64_t found[FOUND_MAX])
{
    size_t count = 0;
    uint32_t index = 0;
    uint64_t position = range->slot->last_message;
    struct rfx_marks *marks = marks_of(range);
    const bool has_mark = find_mark(range, marks, &index);
    if (has_mark) {
        position = marks->items[index].position;
    } else {
        marks->count = 0;
        marks->step = MARK_STEP;
    }
    for (uint32_t i = 1; position != RFX_TAIL_NONE && position >= range->moved; i++) {
        const struct rfx_tail_op *op = op_at(&range->part->tail, position);
        if (op->value < range->first) {
            break;
        }
        if (op->value <= range->last) {
            found[count++ % FOUND_MAX] = position;
        }
        if (!has_mark && i >= marks->step) {
            add_mark(marks, op->value, position);
            i = 0;
        }
        position = op->second;
    }
    return count;
}

static void read_tail(struct range *range)
{
    uint64_t found[FOUND_MAX];
    size_t count = 1;
    while (count > 0 && !range->is_over && range->first <= range->last &&
           range->first < range->slot->next_out) {
        count = find_in_tail(range, found);
        for (size_t i = 0; i < FOUND_MAX && i < count && !range->is_over; i++) {
            const struct rfx_tail_op *op =
                op_at(&range->part->tail, found[(count - 1 - i) % FOUND_MAX]);
            visit(range, op->value, rfx_tail_data(op));
        }
    }
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
