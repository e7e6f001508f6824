/* A batch of a shard's turn becomes one LMDB transaction. */
#include "journal/rows.h"
#include "journal/store.h"

static struct rfx_store_slot *touch(struct rfx_store *store, uint32_t index)
{
    RFX_ASSERT(index < store->slot_count);
    struct rfx_store_slot *slot = &store->slots[index];
    if (!slot->is_touched) {
        slot->is_touched = true;
        slot->staged = slot->committed;
        store->touched[store->touched_count++] = index;
    }
    return slot;
}

/* Messages from next_out on would be taken for ones that were sent under a number that is now
 * free again. */
static int lower_next_out(MDB_cursor *cursor, uint32_t id, uint64_t next_out)
{
    uint64_t seq_num = 0;
    MDB_val message;
    int code = 0;
    while ((code = rfx_rows_seek_message(cursor, id, next_out, &seq_num, &message)) == 0) {
        code = mdb_cursor_del(cursor, 0);
        if (code != 0) {
            return code;
        }
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static int set_next_out(struct rfx_store_slot *slot, MDB_cursor *cursor, uint64_t next_out)
{
    const bool is_lower = next_out < slot->staged.next_out;
    slot->staged.next_out = next_out;
    return is_lower ? lower_next_out(cursor, slot->staged.id, next_out) : 0;
}

static int apply_message(struct rfx_store_slot *slot, MDB_cursor *cursor,
                         const struct rfx_journal_op *op)
{
    RFX_ASSERT(op->seq_num >= 1 && op->seq_num < UINT64_MAX && op->size >= 1);
    uint8_t bytes[RFX_FORMAT_MESSAGE_SIZE];
    rfx_format_encode_message_key(slot->staged.id, op->seq_num, bytes);
    MDB_val key = rfx_rows_val(bytes, sizeof bytes);
    MDB_val message = rfx_rows_val(op->data, op->size);
    const int code = mdb_cursor_put(cursor, &key, &message, 0);
    return code == 0 ? set_next_out(slot, cursor, op->seq_num + 1) : code;
}

static int apply_numbers(struct rfx_store_slot *slot, MDB_cursor *cursor,
                         const struct rfx_journal_op *op)
{
    RFX_ASSERT(op->next_out >= 1 && op->next_in >= 1);
    slot->staged.next_in = op->next_in;
    return set_next_out(slot, cursor, op->next_out);
}

static rfx_status apply_reset(struct rfx_store *store, struct rfx_store_slot *slot,
                              const struct rfx_journal_op *op, MDB_txn *txn,
                              struct rfx_error *error)
{
    store->reset_utc_ns = op->utc_ns;
    const int code = rfx_rows_put_trash(&store->env, txn, slot->staged.id);
    if (code != 0) {
        return rfx_env_fail(&store->env, code, "reset a session", error);
    }
    slot->staged.next_out = 1;
    slot->staged.next_in = 1;
    return rfx_rows_take_id(&store->env, txn, &slot->staged.id, error);
}

static rfx_status apply(struct rfx_store *store, MDB_txn *txn, MDB_cursor *cursor,
                        const struct rfx_journal_op *op, struct rfx_error *error)
{
    struct rfx_store_slot *slot = touch(store, op->slot);
    int code = 0;
    switch (op->type) {
    case RFX_JOURNAL_MESSAGE:
        code = apply_message(slot, cursor, op);
        break;
    case RFX_JOURNAL_NUMBERS:
        code = apply_numbers(slot, cursor, op);
        break;
    case RFX_JOURNAL_RESET:
        return apply_reset(store, slot, op, txn, error);
    }
    return RFX_LIKELY(code == 0) ? RFX_OK
                                 : rfx_env_fail(&store->env, code, "store a message", error);
}

/* A session that was reset in this batch has a new id. */
static int64_t created_of(const struct rfx_store *store, const struct rfx_store_slot *slot)
{
    return slot->staged.id != slot->committed.id ? store->reset_utc_ns : slot->created_utc_ns;
}

static int put_records(struct rfx_store *store, MDB_txn *txn)
{
    int code = 0;
    for (uint32_t i = 0; i < store->touched_count && code == 0; i++) {
        const uint32_t index = store->touched[i];
        const struct rfx_store_slot *slot = &store->slots[index];
        const struct rfx_format_record record = {.id = slot->staged.id,
                                                 .next_out = slot->staged.next_out,
                                                 .next_in = slot->staged.next_in,
                                                 .created_utc_ns = created_of(store, slot)};
        code = rfx_rows_put_record(&store->env, txn,
                                   rfx_bytes_of(store->names[index], slot->name_size), &record);
    }
    return code;
}

/* Everything of a batch, up to the commit. */
static rfx_status apply_batch(struct rfx_store *store, MDB_txn *txn,
                              const struct rfx_journal_op *ops, size_t count,
                              struct rfx_error *error)
{
    MDB_cursor *cursor = NULL;
    int code = mdb_cursor_open(txn, store->env.messages, &cursor);
    if (code != 0) {
        return rfx_env_fail(&store->env, code, "store a batch", error);
    }
    rfx_status status = RFX_OK;
    for (size_t i = 0; i < count && status == RFX_OK; i++) {
        status = apply(store, txn, cursor, &ops[i], error);
    }
    mdb_cursor_close(cursor);
    if (status == RFX_OK) {
        code = put_records(store, txn);
        status =
            code == 0 ? RFX_OK : rfx_env_fail(&store->env, code, "store sequence numbers", error);
    }
    return status;
}

/* The slots follow what LMDB did: all of the batch, or nothing. */
static void finish(struct rfx_store *store, rfx_status status)
{
    for (uint32_t i = 0; i < store->touched_count; i++) {
        struct rfx_store_slot *slot = &store->slots[store->touched[i]];
        slot->is_touched = false;
        if (status == RFX_OK) {
            slot->created_utc_ns = created_of(store, slot);
            store->has_trash |= slot->staged.id != slot->committed.id;
            slot->committed = slot->staged;
        }
    }
    store->touched_count = 0;
    store->is_dirty |= status == RFX_OK;
}

rfx_status rfx_store_append(void *context, const struct rfx_journal_op *ops, size_t count,
                            struct rfx_error *error)
{
    struct rfx_store *store = context;
    RFX_ASSERT(count >= 1);
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(store->env.env, NULL, 0, &txn);
    if (code != 0) {
        return rfx_env_fail(&store->env, code, "begin a transaction", error);
    }
    rfx_status status = apply_batch(store, txn, ops, count, error);
    if (status == RFX_OK) {
        code = mdb_txn_commit(txn);
        status = code == 0 ? RFX_OK : rfx_env_fail(&store->env, code, "commit", error);
    } else {
        mdb_txn_abort(txn);
    }
    finish(store, status);
    return status;
}
