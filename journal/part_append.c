/* A batch of a shard's turn becomes one batch of its tail. */
#include <string.h>

#include "journal/store_internal.h"

#define ID_MAX (UINT32_MAX - (UINT32_C(1) << 26)) /* room for what all shards have under way */

/* Where the next op goes. */
struct writer {
    struct rfx_tail_batch *batch;
    char *next;
    uint64_t position; /* of `next` in the tail */
};

/* With sync one batch at most is not on disk yet: a power cut could keep a later one without the
 * one before it, which would look like damage. */
static rfx_status flush_with_sync(struct rfx_part *part, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    if (part->store->durability == RFX_DURABILITY_SYNC && part->flushed != part->tail.end) {
        status = rfx_tail_flush(&part->tail, error);
        if (status == RFX_OK) {
            part->flushed = part->tail.end;
        } else {
            /* The kernel forgets what it could not write: a second flush may succeed in vain. */
            rfx_store_fail(part->store, error);
        }
    }
    return status;
}

/* room for `ops_size` bytes of ops, or RFX_E_FULL, RFX_E_JOURNAL */
static rfx_status begin(struct rfx_part *part, uint64_t ops_size, struct writer *writer,
                        struct rfx_error *error)
{
    const struct rfx_store *store = part->store;
    if (atomic_load_explicit(&store->trouble, memory_order_relaxed) == RFX_TROUBLE_FAILED) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s: the store cannot be written any more, see the log",
                        store->path);
    }
    writer->batch = rfx_tail_reserve(&part->tail, rfx_tail_batch_size(ops_size));
    if (writer->batch == NULL) {
        return rfx_fail(error, RFX_E_FULL, "journal %s: the tail of shard %u is full", store->path,
                        part->tail.shard);
    }
    /* A session that was created, and what has just filled up the lap. */
    const rfx_status status = flush_with_sync(part, error);
    if (status != RFX_OK) {
        return status;
    }
    writer->batch->op_count = 0;
    writer->next = (char *)(writer->batch + 1);
    writer->position = part->tail.end + sizeof *writer->batch;
    return RFX_OK;
}

static void put(struct writer *writer, const struct rfx_tail_op *op, const char *data)
{
    const uint64_t size = rfx_tail_op_size(op->size);
    memset(writer->next + size - 8, 0, 8); /* what fills up the last word */
    memcpy(writer->next, op, sizeof *op);
    if (data != NULL) {
        memcpy(writer->next + sizeof *op, data, op->size);
    }
    writer->next += size;
    writer->position += size;
    writer->batch->op_count++;
}

static void commit(struct rfx_part *part, struct writer *writer, int64_t utc_ns)
{
    const uint64_t used = (uint64_t)(writer->next - (char *)(writer->batch + 1));
    const uint64_t size = rfx_tail_batch_size(used);
    memset(writer->next, 0, size - sizeof *writer->batch - used);
    writer->batch->utc_ns = utc_ns;
    rfx_tail_commit(&part->tail, writer->batch, size);
}

/* Gives out a number that no session and no generation has had. */
static uint32_t take_id(struct rfx_store *store)
{
    return atomic_fetch_add_explicit(&store->next_id, 1, memory_order_relaxed);
}

/* To be asked before a batch is begun. */
static rfx_status check_ids(const struct rfx_store *store, struct rfx_error *error)
{
    if (atomic_load_explicit(&store->next_id, memory_order_relaxed) < ID_MAX) {
        return RFX_OK;
    }
    return rfx_fail(error, RFX_E_JOURNAL,
                    "journal %s has given out all of its ids (one per session and reset): move "
                    "it away and start with new sequence numbers",
                    store->path);
}

rfx_status rfx_part_create(struct rfx_part *part, struct rfx_slot *slot, struct rfx_bytes name,
                           int64_t utc_ns, struct rfx_error *error)
{
    struct writer writer = {0};
    rfx_status status = check_ids(part->store, error);
    if (status == RFX_OK) {
        status = begin(part, rfx_tail_op_size((uint32_t)name.size), &writer, error);
    }
    if (status != RFX_OK) {
        return status;
    }
    slot->number = take_id(part->store);
    slot->id = take_id(part->store);
    slot->next_out = 1;
    slot->next_in = 1;
    slot->created_utc_ns = utc_ns;
    const struct rfx_tail_op op = {.type = RFX_TAIL_CREATE,
                                   .size = (uint32_t)name.size,
                                   .session = slot->number,
                                   .id = slot->id,
                                   .value = (uint64_t)utc_ns};
    put(&writer, &op, name.data);
    commit(part, &writer, utc_ns); /* on disk with the first batch: until then nobody knows of it */
    return RFX_OK;
}

/* Whether the store still has messages that were cut. */
static bool has_cut(const struct rfx_part *part, const struct rfx_slot *slot)
{
    return slot->cut_at != RFX_TAIL_NONE &&
           slot->cut_at >= atomic_load_explicit(&part->tail.moved, memory_order_acquire);
}

/* Messages from next_out on are gone, wherever they are. */
static void set_next_out(struct rfx_part *part, struct rfx_slot *slot, uint64_t next_out)
{
    if (next_out < slot->next_out) {
        slot->cut_from = has_cut(part, slot) ? rfx_min_u64(slot->cut_from, next_out) : next_out;
        slot->cut_at = part->tail.end;
        rfx_part_cut_tail(part, slot, next_out);
    }
    slot->next_out = next_out;
}

/* Whether a session's number would be lowered, to above where it was lowered to before, while that
 * is not in the store: two such cuts at a time are not kept apart. */
static bool must_wait_for_cut(const struct rfx_part *part, const struct rfx_journal_op *op)
{
    const struct rfx_slot *slot = &part->slots[op->slot];
    const uint64_t next_out = op->type == RFX_JOURNAL_MESSAGE   ? op->seq_num
                              : op->type == RFX_JOURNAL_NUMBERS ? op->next_out
                                                                : UINT64_MAX;
    return next_out < slot->next_out && next_out > slot->cut_from && has_cut(part, slot);
}

static void apply_message(struct rfx_part *part, struct writer *writer,
                          const struct rfx_journal_op *op)
{
    RFX_ASSERT(op->seq_num >= 1 && op->seq_num < UINT64_MAX && op->size >= 1);
    struct rfx_slot *slot = &part->slots[op->slot];
    set_next_out(part, slot, op->seq_num);
    const struct rfx_tail_op written = {.type = RFX_TAIL_MESSAGE,
                                        .size = op->size,
                                        .session = slot->number,
                                        .id = slot->id,
                                        .value = op->seq_num,
                                        .second = slot->last_message};
    slot->next_out = op->seq_num + 1;
    slot->last_message = writer->position;
    put(writer, &written, op->data);
}

static void apply_inbound(struct rfx_part *part, struct writer *writer,
                          const struct rfx_journal_op *op)
{
    RFX_ASSERT(op->seq_num >= 1 && op->seq_num < UINT64_MAX && op->size >= 1);
    const struct rfx_slot *slot = &part->slots[op->slot];
    const struct rfx_tail_op written = {.type = RFX_TAIL_INBOUND,
                                        .size = op->size,
                                        .session = slot->number,
                                        .id = slot->id,
                                        .value = op->seq_num,
                                        .second = RFX_TAIL_NONE};
    put(writer, &written, op->data);
}

static void apply_numbers(struct rfx_part *part, struct writer *writer,
                          const struct rfx_journal_op *op)
{
    RFX_ASSERT(op->next_out >= 1 && op->next_in >= 1);
    struct rfx_slot *slot = &part->slots[op->slot];
    const struct rfx_tail_op written = {.type = RFX_TAIL_NUMBERS,
                                        .session = slot->number,
                                        .id = slot->id,
                                        .value = op->next_out,
                                        .second = op->next_in};
    set_next_out(part, slot, op->next_out);
    slot->next_in = op->next_in;
    put(writer, &written, NULL);
}

static void apply_reset(struct rfx_part *part, struct writer *writer,
                        const struct rfx_journal_op *op, uint32_t id, int64_t utc_ns)
{
    struct rfx_slot *slot = &part->slots[op->slot];
    const struct rfx_tail_op written = {
        .type = RFX_TAIL_RESET, .session = slot->number, .id = id, .value = (uint64_t)utc_ns};
    slot->id = id;
    slot->next_out = 1;
    slot->next_in = 1;
    slot->created_utc_ns = utc_ns;
    slot->last_message = RFX_TAIL_NONE;
    slot->cut_at = RFX_TAIL_NONE; /* nothing is stored under the new id */
    put(writer, &written, NULL);
}

static uint64_t size_of(const struct rfx_journal_op *ops, size_t count)
{
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++) {
        const bool has_data =
            ops[i].type == RFX_JOURNAL_MESSAGE || ops[i].type == RFX_JOURNAL_INBOUND;
        size += rfx_tail_op_size(has_data ? ops[i].size : 0);
    }
    return size;
}

static rfx_status check_ops(const struct rfx_part *part, const struct rfx_journal_op *ops,
                            size_t count, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    for (size_t i = 0; i < count && status == RFX_OK; i++) {
        RFX_ASSERT(ops[i].slot < part->slot_count);
        if (ops[i].type == RFX_JOURNAL_RESET) {
            status = check_ids(part->store, error);
        } else if (RFX_UNLIKELY(must_wait_for_cut(part, &ops[i]))) {
            status = rfx_fail(error, RFX_E_FULL,
                              "journal %s: MsgSeqNum was lowered before, and that is not in the "
                              "store yet",
                              part->store->path);
        }
    }
    return status;
}

rfx_status rfx_part_append(void *context, const struct rfx_journal_op *ops, size_t count,
                           int64_t utc_ns, struct rfx_error *error)
{
    struct rfx_part *part = context;
    struct writer writer = {0};
    RFX_ASSERT(count >= 1);
    rfx_status status = check_ops(part, ops, count, error);
    if (status == RFX_OK) {
        status = begin(part, size_of(ops, count), &writer, error);
    }
    if (status != RFX_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        switch (ops[i].type) {
        case RFX_JOURNAL_MESSAGE:
            apply_message(part, &writer, &ops[i]);
            break;
        case RFX_JOURNAL_INBOUND:
            apply_inbound(part, &writer, &ops[i]);
            break;
        case RFX_JOURNAL_NUMBERS:
            apply_numbers(part, &writer, &ops[i]);
            break;
        case RFX_JOURNAL_RESET:
            apply_reset(part, &writer, &ops[i], take_id(part->store), utc_ns);
            break;
        }
    }
    commit(part, &writer, utc_ns);
    return flush_with_sync(part, error);
}
