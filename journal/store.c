#include "journal/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/lock.h"
#include "journal/store_internal.h"

void rfx_store_log(const struct rfx_store *store, enum rfx_log_level level, const char *format, ...)
{
    char text[640];
    va_list arguments;
    if (store->log == NULL) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    store->log(store->log_context, level, text);
}

void rfx_store_fail(struct rfx_store *store, const struct rfx_error *error)
{
    atomic_store_explicit(&store->trouble, RFX_TROUBLE_FAILED, memory_order_relaxed);
    rfx_store_log(store, RFX_LOG_ERROR, "%s", error->text);
}

static rfx_status check_options(const struct rfx_store_options *options, struct rfx_error *error)
{
    const size_t path_size = strlen(options->path);
    if (path_size == 0 || path_size > RFX_PATH_MAX) {
        return rfx_fail(error, RFX_E_CONFIG, "the journal's path must have 1..%d bytes",
                        RFX_PATH_MAX);
    }
    if (options->shards < 1 || options->shards > RFX_WORKERS_MAX) {
        return rfx_fail(error, RFX_E_CONFIG, "journal %s: Shards=%u is not in 1..%d", options->path,
                        options->shards, RFX_WORKERS_MAX);
    }
    if (options->size_max < RFX_JOURNAL_SIZE_MIN || options->size_max > UINT64_MAX / 4) {
        return rfx_fail(error, RFX_E_CONFIG,
                        "journal %s: JournalMaxSize=%llu bytes is not at least %llu", options->path,
                        (unsigned long long)options->size_max,
                        (unsigned long long)RFX_JOURNAL_SIZE_MIN);
    }
    if (options->tail_size < RFX_JOURNAL_TAIL_MIN || options->tail_size > UINT64_C(1) << 40) {
        return rfx_fail(error, RFX_E_CONFIG,
                        "journal %s: JournalTailSize=%llu bytes is not at least %llu",
                        options->path, (unsigned long long)options->tail_size,
                        (unsigned long long)RFX_JOURNAL_TAIL_MIN);
    }
    if (options->sessions_max < 1 || options->sessions_max > RFX_JOURNAL_SESSIONS_MAX) {
        return rfx_fail(error, RFX_E_CONFIG, "journal %s: MaxSessions=%u is not in 1..%u",
                        options->path, options->sessions_max, RFX_JOURNAL_SESSIONS_MAX);
    }
    if (options->durability == RFX_DURABILITY_INTERVAL && options->interval_ms < 1) {
        return rfx_fail(error, RFX_E_CONFIG,
                        "journal %s: JournalDurability=interval needs at least 1 ms",
                        options->path);
    }
    return RFX_OK;
}

/* With the gate held: the store and the tails. */
static rfx_status open_parts(struct rfx_store *store, const struct rfx_store_options *options,
                             struct rfx_error *error)
{
    char directory[RFX_DIRECTORY_FILE_SIZE];
    rfx_directory_store(store->path, directory);
    rfx_status status = rfx_directory_make(directory, error);
    if (status == RFX_OK) {
        status = rfx_env_open(&store->env, directory, RFX_ENV_SYNC, options->size_max, error);
    }
    if (status == RFX_OK) {
        status = rfx_directory_flush(directory, error);
    }
    if (status == RFX_OK) {
        status = rfx_store_recover(store, options, error);
    }
    for (uint32_t i = 0; i < store->part_count && status == RFX_OK; i++) {
        status = rfx_part_open(&store->parts[i], store, options->sessions_max, error);
    }
    const size_t sessions_max = (size_t)options->shards * options->sessions_max;
    return status == RFX_OK ? rfx_mover_open(store, sessions_max, error) : status;
}

static rfx_status open_locked(struct rfx_store *store, const struct rfx_store_options *options,
                              struct rfx_error *error)
{
    bool has_tail[RFX_TAILS_MAX];
    int gate_fd = -1;
    rfx_status status = rfx_directory_scan(store->path, has_tail, error);
    if (status == RFX_OK) {
        status = rfx_lock_gate(store->path, &gate_fd, error);
    }
    if (status == RFX_OK) {
        status = open_parts(store, options, error);
    }
    rfx_lock_release(gate_fd);
    if (status == RFX_OK) {
        status = rfx_mover_start(store, error);
    }
    return status == RFX_OK ? rfx_flusher_start(store, options->interval_ms, error) : status;
}

/* Twice a batch of that size: the ring's end may not have room for it in one piece. */
static uint64_t turn_size_of(const struct rfx_store_options *options)
{
    const uint64_t per_op = rfx_tail_op_size(0) + 8;
    return 2 * rfx_tail_batch_size(options->batch_bytes + per_op * options->batch_ops);
}

rfx_status rfx_store_open(const struct rfx_store_options *options, struct rfx_store **store,
                          struct rfx_error *error)
{
    rfx_status status = check_options(options, error);
    if (status != RFX_OK) {
        return status;
    }
    size_t size = sizeof(struct rfx_store) + options->shards * sizeof(struct rfx_part);
    size = (size + RFX_CACHE_LINE - 1) / RFX_CACHE_LINE * RFX_CACHE_LINE;
    struct rfx_store *opened = aligned_alloc(RFX_CACHE_LINE, size);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to open journal %s", options->path);
    }
    memset(opened, 0, size);
    opened->lock_fd = -1;
    opened->part_count = options->shards;
    opened->durability = options->durability;
    opened->turn_size = turn_size_of(options);
    opened->log = options->log;
    opened->log_context = options->log_context;
    snprintf(opened->path, sizeof opened->path, "%s", options->path);
    for (uint32_t i = 0; i < options->shards; i++) {
        opened->parts[i].tail.fd = -1;
    }
    status = rfx_directory_make_all(options->path, error);
    if (status == RFX_OK) {
        status = rfx_lock_own(options->path, RFX_LOCK_WAIT, &opened->lock_fd, error);
    }
    if (status == RFX_OK) {
        status = open_locked(opened, options, error);
    }
    if (status != RFX_OK) {
        rfx_store_close(opened, NULL);
        return status;
    }
    *store = opened;
    return RFX_OK;
}

struct rfx_journal_port rfx_store_port(struct rfx_store *store, uint32_t shard)
{
    RFX_ASSERT(shard < store->part_count);
    return (struct rfx_journal_port){.context = &store->parts[shard],
                                     .attach = rfx_part_attach,
                                     .room = rfx_part_room,
                                     .append = rfx_part_append,
                                     .read = rfx_part_read};
}

rfx_status rfx_store_settle(struct rfx_store *store, struct rfx_error *error)
{
    return rfx_mover_settle(store, error);
}

/* Everything has been moved, so the tails are needed no more; the next process starts faster. */
static rfx_status note_empty(struct rfx_store *store, struct rfx_error *error)
{
    MDB_txn *txn = NULL;
    int code = rfx_env_begin(&store->env, 0, &txn);
    if (code != 0) {
        return rfx_env_fail(&store->env, code, "close it", error);
    }
    for (uint32_t i = 0; i < store->part_count && code == 0; i++) {
        struct rfx_tail *tail = &store->parts[i].tail;
        const struct rfx_format_tail record = {
            .moved = atomic_load_explicit(&tail->moved, memory_order_relaxed), .is_empty = true};
        RFX_ASSERT(record.moved == tail->end);
        code = rfx_rows_put_tail(&store->env, txn, i, &record);
    }
    if (code == 0) {
        code = mdb_txn_commit(txn);
        txn = NULL;
    }
    rfx_env_end(&store->env, txn);
    return code == 0 ? RFX_OK : rfx_env_fail(&store->env, code, "close it", error);
}

static rfx_status close_parts(struct rfx_store *store, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    if (store->mover.is_running) {
        status = rfx_mover_settle(store, error);
    }
    const bool is_open = store->mover.is_running;
    rfx_mover_close(store);
    rfx_flusher_stop(store);
    if (is_open && status == RFX_OK) {
        status = rfx_env_flush(&store->env, error);
    }
    if (is_open && status == RFX_OK) {
        status = note_empty(store, error);
    }
    if (is_open && status == RFX_OK) {
        status = rfx_env_flush(&store->env, error);
    }
    for (uint32_t i = 0; i < store->part_count; i++) {
        rfx_part_close(&store->parts[i]);
        rfx_tail_close(&store->parts[i].tail);
    }
    rfx_env_close(&store->env);
    return status;
}

rfx_status rfx_store_close(struct rfx_store *store, struct rfx_error *error)
{
    if (store == NULL) {
        return RFX_OK;
    }
    /* Closing anyway when the gate is not to be had: a process that hangs there must not keep
     * this one from ending. */
    int gate_fd = -1;
    if (store->lock_fd >= 0 && rfx_lock_gate(store->path, &gate_fd, NULL) != RFX_OK) {
        rfx_store_log(store, RFX_LOG_WARNING,
                      "journal %s: closed beside another process that "
                      "has been opening or closing it for long",
                      store->path);
    }
    const rfx_status status = close_parts(store, error);
    rfx_lock_release(gate_fd);
    rfx_lock_release(store->lock_fd);
    free(store);
    return status;
}
