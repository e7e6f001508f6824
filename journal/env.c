#include "journal/env.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "journal/rows.h"

#define TABLE_COUNT 5
#define READERS_MAX 1024 /* each shard is one; with LMDB's 126 many shards leave few to tools */
#define SIZE_FIRST  (UINT64_C(64) << 20) /* of a new map; it doubles as it fills */

static int open_tables(struct rfx_env *env, MDB_txn *txn, unsigned flags)
{
    const struct {
        const char *name;
        MDB_dbi *table;
    } tables[TABLE_COUNT] = {
        {"messages", &env->messages}, {"sessions", &env->sessions}, {"names", &env->names},
        {"meta", &env->meta},         {"trash", &env->trash},
    };
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        const int code = mdb_dbi_open(txn, tables[i].name, flags, tables[i].table);
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

static rfx_status check_format(const struct rfx_env *env, MDB_txn *txn, struct rfx_error *error)
{
    uint32_t version = 0;
    const int code = rfx_rows_get_meta(env, txn, "format", &version);
    if (code != 0) {
        return rfx_env_fail(env, code, "read the format version", error);
    }
    if (version != RFX_FORMAT_VERSION) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s has format version %u, this ringfix reads version %u: use the "
                        "ringfix that wrote it",
                        env->path, version, RFX_FORMAT_VERSION);
    }
    return RFX_OK;
}

/* A new environment gets its tables and its meta rows in one transaction, so tables without
 * meta rows are damage. */
static rfx_status init_tables(struct rfx_env *env, MDB_txn *txn, struct rfx_error *error)
{
    int code = open_tables(env, txn, 0);
    if (code != MDB_NOTFOUND) {
        return code == 0 ? check_format(env, txn, error)
                         : rfx_env_fail(env, code, "open the tables", error);
    }
    code = open_tables(env, txn, MDB_CREATE);
    if (code == 0) {
        code = rfx_rows_put_meta(env, txn, "format", RFX_FORMAT_VERSION);
    }
    if (code == 0) {
        code = rfx_rows_put_meta(env, txn, "next_id", 1);
    }
    if (code == 0) {
        code = rfx_rows_put_journal(env, txn);
    }
    return code == 0 ? RFX_OK : rfx_env_fail(env, code, "create the tables", error);
}

static int open_environment(struct rfx_env *env, unsigned flags)
{
    int code = mdb_env_create(&env->env);
    if (code != 0) {
        env->env = NULL;
        return code;
    }
    code = mdb_env_set_maxdbs(env->env, TABLE_COUNT);
    if (code == 0) {
        code = mdb_env_set_maxreaders(env->env, READERS_MAX);
    }
    if (code == 0 && env->size > 0) {
        code = mdb_env_set_mapsize(env->env, env->size);
    }
    if (code == 0) {
        code = mdb_env_open(env->env, env->path, MDB_NOTLS | MDB_NORDAHEAD | flags, 0640);
    }
    int dead = 0;
    MDB_envinfo info;
    if (code == 0) {
        code = mdb_reader_check(env->env, &dead);
    }
    if (code == 0 && (code = mdb_env_info(env->env, &info)) == 0) {
        env->size = info.me_mapsize; /* what is stored may need more than was asked for */
    }
    return code;
}

rfx_status rfx_env_open(struct rfx_env *env, const char *path, enum rfx_env_mode mode,
                        uint64_t size_max, struct rfx_error *error)
{
    const uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    env->size_max = (size_max + page_size - 1) / page_size * page_size;
    env->size = rfx_min_u64(SIZE_FIRST, env->size_max);
    pthread_rwlock_init(&env->map_lock, NULL);
    snprintf(env->path, sizeof env->path, "%s", path);
    MDB_txn *txn = NULL;
    int code = open_environment(env, mode == RFX_ENV_NOSYNC ? MDB_NOSYNC : 0);
    if (code == 0) {
        code = mdb_txn_begin(env->env, NULL, 0, &txn);
    }
    if (code != 0) {
        rfx_env_close(env);
        return rfx_env_fail(env, code, "open it", error);
    }
    rfx_status status = init_tables(env, txn, error);
    if (status == RFX_OK) {
        code = mdb_txn_commit(txn);
        status = code == 0 ? RFX_OK : rfx_env_fail(env, code, "create the tables", error);
    } else {
        mdb_txn_abort(txn);
    }
    if (status != RFX_OK) {
        rfx_env_close(env);
    }
    return status;
}

rfx_status rfx_env_open_reader(struct rfx_env *env, const char *path, struct rfx_error *error)
{
    env->size_max = 0;
    env->size = 0; /* as the writer set it */
    pthread_rwlock_init(&env->map_lock, NULL);
    snprintf(env->path, sizeof env->path, "%s", path);
    MDB_txn *txn = NULL;
    int code = open_environment(env, MDB_RDONLY);
    if (code == 0) {
        code = mdb_txn_begin(env->env, NULL, MDB_RDONLY, &txn);
    }
    if (code == 0) {
        code = open_tables(env, txn, 0);
    }
    rfx_status status = RFX_OK;
    if (code == 0) {
        status = check_format(env, txn, error);
    } else if (code == ENOENT || code == MDB_NOTFOUND) {
        status = RFX_E_NOT_FOUND;
    } else {
        status = rfx_env_fail(env, code, "open it for reading", error);
    }
    if (status == RFX_OK) {
        mdb_txn_commit(txn); /* keeps the table handles; nothing was written */
        return RFX_OK;
    }
    mdb_txn_abort(txn);
    rfx_env_close(env);
    return status;
}

void rfx_env_close(struct rfx_env *env)
{
    if (env->env != NULL) {
        mdb_env_close(env->env);
        pthread_rwlock_destroy(&env->map_lock);
        env->env = NULL;
    }
}

rfx_status rfx_env_flush(struct rfx_env *env, struct rfx_error *error)
{
    const int code = mdb_env_sync(env->env, 1);
    return code == 0 ? RFX_OK : rfx_env_fail(env, code, "flush it to disk", error);
}

rfx_status rfx_env_fail(const struct rfx_env *env, int code, const char *action,
                        struct rfx_error *error)
{
    if (code == MDB_MAP_FULL && env->size < env->size_max) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s: cannot %s: there is no address space to map more than %llu "
                        "bytes; see ulimit -v",
                        env->path, action, (unsigned long long)env->size);
    }
    if (code == MDB_MAP_FULL) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s: cannot %s: it is full at JournalMaxSize=%llu bytes; set a "
                        "larger JournalMaxSize, or keep fewer messages (JournalKeepMessages, "
                        "JournalKeepSeconds)",
                        env->path, action, (unsigned long long)env->size_max);
    }
    if (code == ENOSPC || code == EDQUOT) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s: cannot %s: %s; make room on its file system", env->path,
                        action, mdb_strerror(code));
    }
    if (code == EIO) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s: cannot %s: %s; its file system is full, or the disk fails",
                        env->path, action, mdb_strerror(code));
    }
    if (code == EACCES || code == EPERM) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s: cannot %s: %s; run as the user who owns it (reading, too, "
                        "writes to its lock file)",
                        env->path, action, mdb_strerror(code));
    }
    if (code == MDB_CORRUPTED || code == MDB_INVALID || code == MDB_PAGE_NOTFOUND ||
        code == MDB_VERSION_MISMATCH) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s: cannot %s: it is damaged (%s); restore it from a copy, or "
                        "move it away and start with new sequence numbers",
                        env->path, action, mdb_strerror(code));
    }
    return rfx_fail(error, RFX_E_JOURNAL, "journal %s: cannot %s: %s", env->path, action,
                    mdb_strerror(code));
}

int rfx_env_begin(struct rfx_env *env, unsigned flags, MDB_txn **txn)
{
    *txn = NULL;
    pthread_rwlock_rdlock(&env->map_lock);
    int code = env->is_lost ? MDB_PANIC : mdb_txn_begin(env->env, NULL, flags, txn);
    if (code == MDB_MAP_RESIZED) {
        pthread_rwlock_unlock(&env->map_lock);
        pthread_rwlock_wrlock(&env->map_lock);
        code = mdb_env_set_mapsize(env->env, 0);
        env->is_lost = code != 0;
        pthread_rwlock_unlock(&env->map_lock);
        pthread_rwlock_rdlock(&env->map_lock);
        if (code == 0) {
            code = mdb_txn_begin(env->env, NULL, flags, txn);
        }
    }
    if (code != 0) {
        *txn = NULL;
        pthread_rwlock_unlock(&env->map_lock);
    }
    return code;
}

void rfx_env_end(struct rfx_env *env, MDB_txn *txn)
{
    if (txn != NULL) {
        mdb_txn_abort(txn);
    }
    pthread_rwlock_unlock(&env->map_lock);
}

/* LMDB gives the old map up before it asks for a larger one, so it must not be refused that. */
static bool has_address_space(uint64_t size)
{
    void *probe = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return probe != MAP_FAILED && munmap(probe, size) == 0;
}

int rfx_env_grow(struct rfx_env *env)
{
    int code = MDB_MAP_FULL;
    pthread_rwlock_wrlock(&env->map_lock);
    const uint64_t size = rfx_min_u64(2 * env->size, env->size_max);
    if (size > env->size && has_address_space(size)) {
        code = mdb_env_set_mapsize(env->env, size);
        env->is_lost = code != 0;
    }
    env->size = code == 0 ? size : env->size;
    pthread_rwlock_unlock(&env->map_lock);
    return code;
}

bool rfx_env_is_full(int code)
{
    /* LMDB gives EIO when a write came out short, as it does when the disk is nearly full. */
    return code == MDB_MAP_FULL || code == ENOSPC || code == EDQUOT || code == EIO;
}
