#include "journal/store.h"

#include <stdlib.h>
#include <time.h>

#include "journal/rows.h"

static int open_reads(struct rfx_store *store)
{
    int code = mdb_txn_begin(store->env.env, NULL, MDB_RDONLY, &store->read_txn);
    if (code != 0) {
        store->read_txn = NULL;
        return code;
    }
    size_t trash = 0;
    code = rfx_rows_count(store->read_txn, store->env.trash, &trash);
    if (code == 0) {
        code = mdb_cursor_open(store->read_txn, store->env.messages, &store->read_cursor);
    }
    store->has_trash = trash > 0;
    mdb_txn_reset(store->read_txn);
    return code;
}

rfx_status rfx_store_open(struct rfx_store *store, const struct rfx_journal_options *options,
                          uint32_t shard, struct rfx_error *error)
{
    uint32_t bucket_count = 2;
    while (bucket_count < 2 * options->sessions_max) {
        bucket_count *= 2;
    }
    store->slots = calloc(options->sessions_max, sizeof *store->slots);
    store->names = calloc(options->sessions_max, sizeof *store->names);
    store->touched = calloc(options->sessions_max, sizeof *store->touched);
    store->buckets = calloc(bucket_count, sizeof *store->buckets);
    if (store->slots == NULL || store->names == NULL || store->touched == NULL ||
        store->buckets == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory for %u sessions of the journal",
                        options->sessions_max);
    }
    store->bucket_mask = bucket_count - 1;
    store->slots_max = options->sessions_max;
    store->shard = shard;
    store->shard_count = options->shards;
    store->interval_ns =
        options->durability == RFX_DURABILITY_INTERVAL ? options->interval_ms * RFX_NS_PER_MS : 0;
    store->dirty_since_ns = RFX_NEVER_NS;
    const int code = open_reads(store);
    return code == 0 ? RFX_OK : rfx_env_fail(&store->env, code, "begin to read", error);
}

rfx_status rfx_store_close(struct rfx_store *store, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    if (store->read_cursor != NULL) {
        mdb_cursor_close(store->read_cursor);
    }
    if (store->read_txn != NULL) {
        mdb_txn_abort(store->read_txn);
    }
    if (store->env.env != NULL) {
        status = rfx_env_flush(&store->env, error);
        rfx_env_close(&store->env);
    }
    free(store->buckets);
    free(store->touched);
    free(store->names);
    free(store->slots);
    return status;
}

/* The bucket that holds the name, or the free one where it goes. */
static uint32_t *find_bucket(const struct rfx_store *store, struct rfx_bytes name)
{
    uint32_t index = (uint32_t)rfx_name_hash(name.data, name.size) & store->bucket_mask;
    for (;; index = (index + 1) & store->bucket_mask) {
        const uint32_t slot = store->buckets[index] - 1;
        if (store->buckets[index] == 0 || (store->slots[slot].name_size == name.size &&
                                           memcmp(store->names[slot], name.data, name.size) == 0)) {
            return &store->buckets[index];
        }
    }
}

static rfx_status load_record(struct rfx_store *store, struct rfx_bytes name,
                              struct rfx_format_record *record, struct rfx_error *error)
{
    const int code = mdb_txn_renew(store->read_txn);
    if (code != 0) {
        return rfx_env_fail(&store->env, code, "begin to read", error);
    }
    const rfx_status status =
        rfx_rows_get_record(&store->env, store->read_txn, name, record, error);
    mdb_txn_reset(store->read_txn);
    return status;
}

static rfx_status create_record(struct rfx_store *store, struct rfx_bytes name,
                                struct rfx_format_record *record, struct rfx_error *error)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    record->next_out = 1;
    record->next_in = 1;
    record->created_utc_ns = now.tv_sec * (int64_t)RFX_NS_PER_S + now.tv_nsec;
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(store->env.env, NULL, 0, &txn);
    if (code != 0) {
        return rfx_env_fail(&store->env, code, "create a session", error);
    }
    const rfx_status status = rfx_rows_take_id(&store->env, txn, &record->id, error);
    if (status != RFX_OK) {
        mdb_txn_abort(txn);
        return status;
    }
    code = rfx_rows_put_record(&store->env, txn, name, record);
    if (code != 0) {
        mdb_txn_abort(txn);
        return rfx_env_fail(&store->env, code, "create a session", error);
    }
    code = mdb_txn_commit(txn);
    store->is_dirty = true;
    return code == 0 ? RFX_OK : rfx_env_fail(&store->env, code, "create a session", error);
}

rfx_status rfx_store_attach(void *context, const char *name, struct rfx_journal_entry *entry,
                            struct rfx_error *error)
{
    struct rfx_store *store = context;
    const struct rfx_bytes bytes = rfx_bytes_of(name, strlen(name));
    RFX_ASSERT(bytes.size >= 1 && bytes.size <= RFX_JOURNAL_NAME_MAX);
    RFX_ASSERT(rfx_journal_shard_of(name, store->shard_count) == store->shard);
    uint32_t *bucket = find_bucket(store, bytes);
    if (*bucket == 0) {
        if (store->slot_count == store->slots_max) {
            return rfx_fail(error, RFX_E_FULL,
                            "journal %s: no room for session %s beside %u others; raise "
                            "MaxSessions",
                            store->env.path, name, store->slots_max);
        }
        struct rfx_format_record record;
        rfx_status status = load_record(store, bytes, &record, error);
        if (status == RFX_E_NOT_FOUND) {
            status = create_record(store, bytes, &record, error);
        }
        if (status != RFX_OK) {
            return status;
        }
        struct rfx_store_slot *slot = &store->slots[store->slot_count];
        slot->committed = (struct rfx_store_numbers){
            .next_out = record.next_out, .next_in = record.next_in, .id = record.id};
        slot->created_utc_ns = record.created_utc_ns;
        slot->name_size = (uint16_t)bytes.size;
        memcpy(store->names[store->slot_count], bytes.data, bytes.size);
        *bucket = ++store->slot_count;
    }
    entry->slot = *bucket - 1;
    entry->next_out = store->slots[entry->slot].committed.next_out;
    entry->next_in = store->slots[entry->slot].committed.next_in;
    entry->created_utc_ns = store->slots[entry->slot].created_utc_ns;
    return RFX_OK;
}

rfx_status rfx_store_read(void *context, uint32_t slot, uint64_t first, uint64_t last,
                          rfx_journal_visit *visit, void *visit_context, struct rfx_error *error)
{
    struct rfx_store *store = context;
    RFX_ASSERT(slot < store->slot_count);
    const uint32_t id = store->slots[slot].committed.id;
    uint64_t seq_num = 0;
    MDB_val message;
    int code = mdb_txn_renew(store->read_txn);
    if (code == 0) {
        code = mdb_cursor_renew(store->read_txn, store->read_cursor);
        if (code == 0) {
            code = rfx_rows_seek_message(store->read_cursor, id, first, &seq_num, &message);
        }
        while (code == 0 && seq_num <= last &&
               visit(visit_context, seq_num, rfx_rows_bytes(&message))) {
            code = rfx_rows_next_message(store->read_cursor, id, &seq_num, &message);
        }
        mdb_txn_reset(store->read_txn);
    }
    return code == 0 || code == MDB_NOTFOUND
               ? RFX_OK
               : rfx_env_fail(&store->env, code, "read messages", error);
}
