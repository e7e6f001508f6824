/* Opening: what an earlier process has left in its tails goes into the store. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "journal/store_internal.h"

/* A tail as it is found. */
struct found {
    struct rfx_tail tail;
    struct rfx_format_tail row;
    bool has_row;
    bool has_file;
    bool is_discarded; /* there is a file that cannot be read */
};

struct recovery {
    struct rfx_store *store;
    const struct rfx_store_options *options;
    struct found *found; /* by shard */
    uint32_t count;
    uint64_t pending; /* bytes that are not in the store yet */
};

static rfx_status read_rows(struct recovery *recovery, struct rfx_error *error)
{
    struct rfx_env *env = &recovery->store->env;
    MDB_txn *txn = NULL;
    uint32_t next_id = 0;
    int code = rfx_env_begin(env, MDB_RDONLY, &txn);
    if (code != 0) {
        return rfx_env_fail(env, code, "begin to read", error);
    }
    code = rfx_rows_get_journal(env, txn, &recovery->store->journal);
    if (code == 0) {
        code = rfx_rows_get_meta(env, txn, "next_id", &next_id);
    }
    for (uint32_t i = 0; i < recovery->count && code == 0; i++) {
        struct found *found = &recovery->found[i];
        code = rfx_rows_get_tail(env, txn, i, &found->row);
        found->has_row = code == 0;
        code = code == MDB_NOTFOUND ? 0 : code;
    }
    rfx_env_end(env, txn);
    return code == 0 ? RFX_OK : rfx_env_fail(env, code, "read what it is made of", error);
}

static rfx_status fail_lost(struct recovery *recovery, uint32_t shard, const char *what,
                            struct rfx_error *error)
{
    char file[RFX_DIRECTORY_FILE_SIZE];
    rfx_directory_tail(recovery->store->path, shard, file);
    if (recovery->options->discards_tails) {
        rfx_store_log(recovery->store, RFX_LOG_WARNING,
                      "%s %s; going on without, as asked: messages sent last are lost, and their "
                      "MsgSeqNum may be used again",
                      file, what);
        return RFX_OK;
    }
    return rfx_fail(error, RFX_E_JOURNAL,
                    "%s %s; it holds the messages sent last: restore the whole journal from a "
                    "copy, or give them up with ringfix-journal discard-tail",
                    file, what);
}

/* Batches in a row from where the store ends. What follows the first that is not whole was never
 * sent, unless there is a whole one behind it. */
static rfx_status measure(struct recovery *recovery, struct found *found, struct rfx_error *error)
{
    struct rfx_tail *tail = &found->tail;
    const bool is_other_boot = rfx_tail_is_of_other_boot(tail);
    const enum rfx_durability durability = (enum rfx_durability)tail->header->durability;
    uint64_t end = found->row.moved;
    const struct rfx_tail_batch *batch = NULL;
    while (end - found->row.moved < tail->size && (batch = rfx_tail_check(tail, end)) != NULL) {
        end += batch->size;
    }
    recovery->pending += end - found->row.moved;
    atomic_store_explicit(&tail->moved, found->row.moved, memory_order_relaxed);
    atomic_store_explicit(&tail->published, end, memory_order_relaxed);
    tail->end = end;
    if (end - found->row.moved >= tail->size || !rfx_tail_has_more(tail, end)) {
        return RFX_OK;
    }
    if (is_other_boot && durability != RFX_DURABILITY_SYNC) {
        /* Pages of the tail reached the disk in any order. */
        rfx_store_log(recovery->store, RFX_LOG_WARNING,
                      "%s: the machine went down while the journal was open with "
                      "JournalDurability=%s; messages that were not on disk are lost, and their "
                      "MsgSeqNum may be used again",
                      tail->path, durability == RFX_DURABILITY_PROCESS ? "process" : "interval");
        return RFX_OK;
    }
    return fail_lost(recovery, tail->shard,
                     "is damaged in the middle, or the store beside it is an older copy", error);
}

static rfx_status look_at(struct recovery *recovery, uint32_t shard, struct rfx_error *error)
{
    struct found *found = &recovery->found[shard];
    rfx_status status =
        rfx_tail_open(&found->tail, recovery->store->path, shard, recovery->store->journal, error);
    found->has_file = status == RFX_OK;
    if (status == RFX_E_NOT_FOUND) {
        return found->has_row && !found->row.is_empty
                   ? fail_lost(recovery, shard, "is missing", error)
                   : RFX_OK;
    }
    if (status != RFX_OK) {
        found->is_discarded = recovery->options->discards_tails;
        return found->is_discarded ? fail_lost(recovery, shard, "cannot be read", error) : status;
    }
    if (found->has_row && found->row.is_empty) {
        atomic_store_explicit(&found->tail.moved, found->row.moved, memory_order_relaxed);
        atomic_store_explicit(&found->tail.published, found->row.moved, memory_order_relaxed);
        found->tail.end = found->row.moved;
        return RFX_OK;
    }
    status = measure(recovery, found, error);
    if (status == RFX_OK && !found->has_row && found->tail.end != 0) {
        status = fail_lost(recovery, shard, "is not known to the store beside it", error);
    }
    return status;
}

static rfx_status move_all(struct recovery *recovery, struct rfx_error *error)
{
    struct rfx_store *store = recovery->store;
    struct rfx_move move;
    struct rfx_keeper keeper; /* sessions are not known yet: only for the room that trash takes */
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    rfx_status status = rfx_keeper_init(&keeper, 0, error);
    if (status != RFX_OK) {
        return status;
    }
    status = rfx_move_open(&move, &store->env, recovery->count, error);
    keeper.progress.has_trash = true;
    move.keeper = &keeper;
    for (uint32_t i = 0; i < recovery->count && status == RFX_OK; i++) {
        move.tails[i] = recovery->found[i].has_file ? &recovery->found[i].tail : NULL;
    }
    while (status == RFX_OK && rfx_move_pending(&move) > 0) {
        bool has_more = false;
        const int code = rfx_move_some(&move, now.tv_sec * (int64_t)RFX_NS_PER_S, &has_more);
        if (code != 0) {
            status = rfx_env_fail(&store->env, code, "store what was sent last", error);
        }
    }
    rfx_move_close(&move);
    rfx_keeper_close(&keeper);
    if (status == RFX_OK && recovery->pending > 0) {
        rfx_store_log(store, RFX_LOG_INFO,
                      "journal %s: %llu bytes that an earlier process had not yet stored are in "
                      "the store now",
                      store->path, (unsigned long long)recovery->pending);
        status = rfx_env_flush(&store->env, error);
    }
    return status;
}

/* The tail of a shard of this process, empty. */
static rfx_status begin_tail(struct recovery *recovery, uint32_t shard, struct rfx_error *error)
{
    struct rfx_store *store = recovery->store;
    struct found *found = &recovery->found[shard];
    const uint64_t wanted = recovery->options->tail_size > 8 * store->turn_size
                                ? recovery->options->tail_size
                                : 8 * store->turn_size;
    const uint64_t size =
        (wanted + RFX_TAIL_HEADER_SIZE - 1) / RFX_TAIL_HEADER_SIZE * RFX_TAIL_HEADER_SIZE;
    const uint64_t position = found->has_file ? found->tail.end : found->row.moved;
    rfx_status status = RFX_OK;
    if (!found->has_file || found->tail.size != size) {
        rfx_tail_close(&found->tail);
        status = rfx_tail_create(&found->tail, store->path, shard, store->journal, size, error);
    }
    if (status == RFX_OK) {
        status = rfx_tail_begin(&found->tail, position, store->durability, error);
    }
    store->parts[shard].tail = found->tail; /* an error closes it with the part */
    store->parts[shard].flushed = found->tail.end;
    return status;
}

/* From here on the tails of this process count; those of others are empty for good. */
static rfx_status put_rows(struct recovery *recovery, struct rfx_error *error)
{
    struct rfx_env *env = &recovery->store->env;
    MDB_txn *txn = NULL;
    int code = rfx_env_begin(env, 0, &txn);
    if (code != 0) {
        return rfx_env_fail(env, code, "begin to write", error);
    }
    for (uint32_t i = 0; i < recovery->count && code == 0; i++) {
        const struct found *found = &recovery->found[i];
        const bool is_ours = i < recovery->store->part_count;
        const struct rfx_format_tail row = {.moved = found->has_file || is_ours ? found->tail.end
                                                                                : found->row.moved,
                                            .is_empty = !is_ours};
        if (is_ours || found->has_row || found->has_file) {
            code = rfx_rows_put_tail(env, txn, i, &row);
        }
    }
    if (code == 0) {
        code = mdb_txn_commit(txn);
        txn = NULL;
    }
    rfx_env_end(env, txn);
    return code == 0 ? RFX_OK : rfx_env_fail(env, code, "note its tails", error);
}

static rfx_status remove_others(struct recovery *recovery, struct rfx_error *error)
{
    rfx_status status = rfx_env_flush(&recovery->store->env, error);
    for (uint32_t i = recovery->store->part_count; i < recovery->count && status == RFX_OK; i++) {
        if (recovery->found[i].has_file || recovery->found[i].is_discarded) {
            rfx_tail_close(&recovery->found[i].tail);
            status = rfx_tail_remove(recovery->store->path, i, error);
        }
    }
    return status;
}

static rfx_status read_next_id(struct rfx_store *store, struct rfx_error *error)
{
    MDB_txn *txn = NULL;
    uint32_t next_id = 0;
    size_t trash = 0;
    int code = rfx_env_begin(&store->env, MDB_RDONLY, &txn);
    if (code == 0) {
        code = rfx_rows_get_meta(&store->env, txn, "next_id", &next_id);
        code = code == 0 ? rfx_rows_count(txn, store->env.trash, &trash) : code;
        rfx_env_end(&store->env, txn);
    }
    atomic_store_explicit(&store->next_id, next_id, memory_order_relaxed);
    store->has_trash = trash > 0;
    return code == 0 ? RFX_OK : rfx_env_fail(&store->env, code, "read which ids are free", error);
}

static rfx_status recover(struct recovery *recovery, struct rfx_error *error)
{
    struct rfx_store *store = recovery->store;
    rfx_status status = read_rows(recovery, error);
    for (uint32_t i = 0; i < recovery->count && status == RFX_OK; i++) {
        status = look_at(recovery, i, error);
    }
    if (status == RFX_OK) {
        status = move_all(recovery, error);
    }
    for (uint32_t i = 0; i < store->part_count && status == RFX_OK; i++) {
        status = begin_tail(recovery, i, error);
    }
    if (status == RFX_OK) {
        status = put_rows(recovery, error);
    }
    if (status == RFX_OK) {
        status = remove_others(recovery, error);
    }
    return status == RFX_OK ? read_next_id(store, error) : status;
}

rfx_status rfx_store_recover(struct rfx_store *store, const struct rfx_store_options *options,
                             struct rfx_error *error)
{
    struct recovery recovery = {.store = store, .options = options, .count = RFX_TAILS_MAX};
    const size_t size = RFX_TAILS_MAX * sizeof *recovery.found;
    recovery.found = aligned_alloc(RFX_CACHE_LINE, size);
    if (recovery.found == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to open journal %s", store->path);
    }
    memset(recovery.found, 0, size);
    for (uint32_t i = 0; i < RFX_TAILS_MAX; i++) {
        recovery.found[i].tail.fd = -1;
    }
    const rfx_status status = recover(&recovery, error);
    for (uint32_t i = 0; i < RFX_TAILS_MAX; i++) {
        /* Those of this process went over to their parts. */
        if (i >= store->part_count ||
            store->parts[i].tail.header != recovery.found[i].tail.header) {
            rfx_tail_close(&recovery.found[i].tail);
        }
    }
    free(recovery.found);
    return status;
}
