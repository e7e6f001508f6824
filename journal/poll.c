/* Background work of a shard's part of the journal, in slices between turns. */
#include "journal/rows.h"
#include "journal/store.h"

#define TRASH_ROWS        64 /* a slice; halved when the map has no room for its copies */
#define TRASH_ROWS_MIN    8
#define TRASH_PAUSE_NS    (5 * RFX_NS_PER_MS)
#define READERS_PERIOD_NS (30 * RFX_NS_PER_S)

/* Deletes messages of one id in the trash, then the id itself. */
static int empty_some(const struct rfx_env *env, MDB_txn *txn, MDB_cursor *trash,
                      MDB_cursor *messages, uint32_t rows_max)
{
    uint32_t id = 0;
    MDB_val key = {0};
    MDB_val data = {0};
    int code = mdb_cursor_get(trash, &key, &data, MDB_FIRST);
    if (code != 0) {
        return code;
    }
    if (!rfx_format_decode_id(key.mv_data, key.mv_size, &id)) {
        return MDB_CORRUPTED;
    }
    for (uint32_t i = 0; i < rows_max; i++) {
        uint64_t seq_num = 0;
        code = rfx_rows_seek_message(messages, id, 1, &seq_num, &data);
        if (code == MDB_NOTFOUND) {
            uint8_t bytes[RFX_FORMAT_ID_SIZE];
            rfx_format_encode_id(id, bytes);
            key = rfx_rows_val(bytes, sizeof bytes);
            return mdb_del(txn, env->trash, &key, NULL);
        }
        if (code == 0) {
            code = mdb_cursor_del(messages, 0);
        }
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

/* One transaction. MDB_NOTFOUND: there is no trash. */
static int empty_slice(const struct rfx_env *env, uint32_t rows_max)
{
    MDB_txn *txn = NULL;
    MDB_cursor *trash = NULL;
    MDB_cursor *messages = NULL;
    int code = mdb_txn_begin(env->env, NULL, 0, &txn);
    if (code != 0) {
        return code;
    }
    code = mdb_cursor_open(txn, env->trash, &trash);
    if (code == 0) {
        code = mdb_cursor_open(txn, env->messages, &messages);
    }
    if (code == 0) {
        code = empty_some(env, txn, trash, messages, rows_max);
    }
    if (messages != NULL) {
        mdb_cursor_close(messages);
    }
    if (trash != NULL) {
        mdb_cursor_close(trash);
    }
    if (code != 0) {
        mdb_txn_abort(txn);
        return code;
    }
    return mdb_txn_commit(txn);
}

static rfx_status empty_trash(struct rfx_store *store, struct rfx_error *error)
{
    int code = MDB_MAP_FULL;
    for (uint32_t rows = TRASH_ROWS; rows >= TRASH_ROWS_MIN && code == MDB_MAP_FULL; rows /= 2) {
        code = empty_slice(&store->env, rows);
    }
    if (code == MDB_NOTFOUND) {
        store->has_trash = false;
        return RFX_OK;
    }
    store->is_dirty |= code == 0;
    return code == 0 ? RFX_OK
                     : rfx_env_fail(&store->env, code, "delete messages of before a reset", error);
}

static uint64_t poll_flush(struct rfx_store *store, uint64_t now_ns, rfx_status *status,
                           struct rfx_error *error)
{
    if (!store->is_dirty || store->interval_ns == 0) {
        return RFX_NEVER_NS;
    }
    if (store->dirty_since_ns == RFX_NEVER_NS) {
        store->dirty_since_ns = now_ns;
    }
    const uint64_t due_ns = store->dirty_since_ns + store->interval_ns;
    if (now_ns < due_ns) {
        return due_ns;
    }
    *status = rfx_env_flush(&store->env, error);
    store->is_dirty = false;
    store->dirty_since_ns = RFX_NEVER_NS;
    return RFX_NEVER_NS;
}

static uint64_t poll_trash(struct rfx_store *store, uint64_t now_ns, rfx_status *status,
                           struct rfx_error *error)
{
    if (store->has_trash && now_ns >= store->trash_due_ns) {
        *status = empty_trash(store, error);
        store->trash_due_ns = now_ns + TRASH_PAUSE_NS;
    }
    return store->has_trash ? store->trash_due_ns : RFX_NEVER_NS;
}

uint64_t rfx_store_poll(void *context, uint64_t now_ns, rfx_status *status, struct rfx_error *error)
{
    struct rfx_store *store = context;
    *status = RFX_OK;
    /* A tool killed in mid-read keeps pages from being used again; that is worth a look now and
     * then, not a wake-up. */
    if (now_ns >= store->readers_due_ns) {
        int dead = 0;
        const int code = mdb_reader_check(store->env.env, &dead);
        store->readers_due_ns = now_ns + READERS_PERIOD_NS;
        if (code != 0) {
            *status = rfx_env_fail(&store->env, code, "look for dead readers", error);
            return now_ns;
        }
    }
    const uint64_t trash_ns = poll_trash(store, now_ns, status, error);
    if (*status != RFX_OK) {
        return now_ns;
    }
    return rfx_min_u64(trash_ns, poll_flush(store, now_ns, status, error));
}
