/* One LMDB environment of the journal with its tables. */
#ifndef RFX_JOURNAL_ENV_H
#define RFX_JOURNAL_ENV_H

#include <lmdb.h>

#include "core/base.h"
#include "journal/directory.h"

struct rfx_env {
    MDB_env *env; /* NULL: closed */
    MDB_dbi messages;
    MDB_dbi sessions;
    MDB_dbi meta;
    MDB_dbi trash;
    MDB_dbi moves;
    uint64_t size_max;
    char path[RFX_DIRECTORY_SHARD_SIZE];
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

/* Closes and deletes an environment. It must hold no session. errors RFX_E_JOURNAL */
rfx_status rfx_env_remove(struct rfx_env *env, struct rfx_error *error) RFX_MUST_CHECK;

/* Turns LMDB's code into RFX_E_JOURNAL with a text; `action` completes "cannot ...". */
rfx_status rfx_env_fail(const struct rfx_env *env, int code, const char *action,
                        struct rfx_error *error);

#endif
