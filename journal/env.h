/* The LMDB environment of a journal with its tables. */
#ifndef RFX_JOURNAL_ENV_H
#define RFX_JOURNAL_ENV_H

#include <lmdb.h>
#include <pthread.h>

#include "core/base.h"
#include "journal/directory.h"

struct rfx_env {
    MDB_env *env; /* NULL: closed */
    MDB_dbi messages;
    MDB_dbi names;
    MDB_dbi sessions;
    MDB_dbi meta;
    MDB_dbi trash;
    bool is_lost;              /* it could not be mapped anew */
    uint64_t size;             /* of the map; grows up to size_max */
    _Atomic uint64_t size_max; /* 0: opened for reading */
    /* Held for reading while a thread of this process looks into the map, and for writing while
     * the map moves. */
    pthread_rwlock_t map_lock;
    char path[RFX_DIRECTORY_FILE_SIZE];
};

enum rfx_env_mode {
    RFX_ENV_NOSYNC, /* commits reach the kernel */
    RFX_ENV_SYNC,   /* commits reach the disk */
};

/* Opens or creates the environment in an existing directory and its tables, and frees what dead
 * readers hold. The caller holds both locks of journal/lock.h.
 * errors   RFX_E_JOURNAL */
rfx_status rfx_env_open(struct rfx_env *env, const char *path, enum rfx_env_mode mode,
                        uint64_t size_max, struct rfx_error *error) RFX_MUST_CHECK;

/* Opens an existing environment for reading, beside a process that writes. The caller holds the
 * gate of journal/lock.h.
 * errors   RFX_E_NOT_FOUND: not (or no longer) an environment        RFX_E_JOURNAL */
rfx_status rfx_env_open_reader(struct rfx_env *env, const char *path,
                               struct rfx_error *error) RFX_MUST_CHECK;

/* Closes without a flush. A closed environment is allowed. */
void rfx_env_close(struct rfx_env *env);

/* Forces everything committed to disk. errors RFX_E_JOURNAL */
rfx_status rfx_env_flush(struct rfx_env *env, struct rfx_error *error) RFX_MUST_CHECK;

/* Begins to read or write, with the map lock held for reading; rfx_env_end() aborts what is left
 * and gives it back. A map that another process has made larger is followed. */
int rfx_env_begin(struct rfx_env *env, unsigned flags, MDB_txn **txn);
void rfx_env_end(struct rfx_env *env, MDB_txn *txn);

/* Makes the map larger. The caller is the writing thread and has no transaction.
 * MDB_MAP_FULL: it is as large as it may become. */
int rfx_env_grow(struct rfx_env *env);

/* Whether it may go better later, with room on the disk or in the map. */
bool rfx_env_is_full(int code);

/* Turns LMDB's code into RFX_E_JOURNAL with a text; `action` completes "cannot ...". */
rfx_status rfx_env_fail(const struct rfx_env *env, int code, const char *action,
                        struct rfx_error *error);

#endif
