#include "journal/journal.h"

#include <stdio.h>
#include <stdlib.h>

#include "journal/directory.h"
#include "journal/lock.h"
#include "journal/move.h"
#include "journal/store.h"

struct rfx_journal {
    int lock_fd;
    uint32_t shard_count;
    char path[RFX_PATH_MAX + 1];
    struct rfx_store stores[];
};

static rfx_status check_options(const struct rfx_journal_options *options, struct rfx_error *error)
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

static rfx_status open_envs(struct rfx_env *envs, uint32_t count,
                            const struct rfx_journal_options *options, struct rfx_error *error)
{
    const enum rfx_env_mode mode =
        options->durability == RFX_DURABILITY_SYNC ? RFX_ENV_SYNC : RFX_ENV_NOSYNC;
    rfx_status status = RFX_OK;
    for (uint32_t i = 0; i < count && status == RFX_OK; i++) {
        if (i >= options->shards && !rfx_directory_has_shard(options->path, i)) {
            continue;
        }
        char directory[RFX_DIRECTORY_SHARD_SIZE];
        rfx_directory_shard(options->path, i, directory);
        status = rfx_directory_make(directory, error);
        if (status == RFX_OK) {
            status = rfx_env_open(&envs[i], directory, mode, options->size_max, error);
        }
        if (status == RFX_OK) {
            status = rfx_directory_flush(directory, error);
        }
    }
    return status;
}

/* Brings every session to its shard and deletes the environments that are too many. */
static rfx_status settle_envs(struct rfx_env *envs, uint32_t count, uint32_t shards,
                              struct rfx_error *error)
{
    rfx_status status = rfx_move_settle(envs, count, error);
    if (status == RFX_OK) {
        status = rfx_move_copy(envs, count, shards, error);
    }
    if (status == RFX_OK) {
        status = rfx_move_settle(envs, count, error);
    }
    for (uint32_t i = shards; i < count && status == RFX_OK; i++) {
        status = envs[i].env != NULL ? rfx_env_remove(&envs[i], error) : RFX_OK;
    }
    return status;
}

/* With the gate held: opens all environments there are, and leaves those of the shards in the
 * stores. */
static rfx_status open_stores(struct rfx_journal *journal,
                              const struct rfx_journal_options *options, struct rfx_error *error)
{
    uint32_t count = 0;
    rfx_status status = rfx_directory_scan(options->path, &count, error);
    if (status != RFX_OK) {
        return status;
    }
    count = count > options->shards ? count : options->shards;
    struct rfx_env *envs = calloc(count, sizeof *envs);
    if (envs == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to open journal %s", options->path);
    }
    status = open_envs(envs, count, options, error);
    if (status == RFX_OK) {
        status = settle_envs(envs, count, options->shards, error);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (status == RFX_OK && i < options->shards) {
            journal->stores[i].env = envs[i];
            status = rfx_store_open(&journal->stores[i], options, i, error);
        } else {
            rfx_env_close(&envs[i]);
        }
    }
    free(envs);
    return status;
}

static rfx_status open_locked(struct rfx_journal *journal,
                              const struct rfx_journal_options *options, struct rfx_error *error)
{
    int gate_fd = -1;
    rfx_status status = rfx_lock_gate(options->path, &gate_fd, error);
    if (status == RFX_OK) {
        status = open_stores(journal, options, error);
    }
    rfx_lock_release(gate_fd);
    return status;
}

rfx_status rfx_journal_open(const struct rfx_journal_options *options, struct rfx_journal **journal,
                            struct rfx_error *error)
{
    rfx_status status = check_options(options, error);
    if (status != RFX_OK) {
        return status;
    }
    struct rfx_journal *opened =
        calloc(1, sizeof *opened + options->shards * sizeof opened->stores[0]);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to open journal %s", options->path);
    }
    opened->lock_fd = -1;
    opened->shard_count = options->shards;
    snprintf(opened->path, sizeof opened->path, "%s", options->path);
    status = rfx_directory_make_all(options->path, error);
    if (status == RFX_OK) {
        status = rfx_lock_own(options->path, &opened->lock_fd, error);
    }
    if (status == RFX_OK) {
        status = open_locked(opened, options, error);
    }
    if (status != RFX_OK) {
        rfx_journal_close(opened, NULL);
        return status;
    }
    *journal = opened;
    return RFX_OK;
}

struct rfx_journal_port rfx_journal_port(struct rfx_journal *journal, uint32_t shard)
{
    RFX_ASSERT(shard < journal->shard_count);
    return (struct rfx_journal_port){.context = &journal->stores[shard],
                                     .attach = rfx_store_attach,
                                     .append = rfx_store_append,
                                     .read = rfx_store_read,
                                     .poll = rfx_store_poll};
}

rfx_status rfx_journal_close(struct rfx_journal *journal, struct rfx_error *error)
{
    if (journal == NULL) {
        return RFX_OK;
    }
    /* Closing anyway when the gate is not to be had: a process that hangs there must not keep
     * this one from ending. */
    int gate_fd = -1;
    rfx_status status = RFX_OK;
    if (journal->lock_fd >= 0) {
        status = rfx_lock_gate(journal->path, &gate_fd, error);
    }
    for (uint32_t i = 0; i < journal->shard_count; i++) {
        const rfx_status closed = rfx_store_close(&journal->stores[i], error);
        status = closed != RFX_OK ? closed : status;
    }
    rfx_lock_release(gate_fd);
    rfx_lock_release(journal->lock_fd);
    free(journal);
    return status;
}
