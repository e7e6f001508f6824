#include "journal/backup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "journal/rows.h"

/* In the copy nothing waits in a tail: there are none. */
static int empty_tails(struct rfx_env *copy, MDB_txn *txn)
{
    int code = 0;
    for (uint32_t i = 0; i < RFX_TAILS_MAX && (code == 0 || code == MDB_NOTFOUND); i++) {
        struct rfx_format_tail tail;
        code = rfx_rows_get_tail(copy, txn, i, &tail);
        if (code == 0) {
            tail.is_empty = true;
            code = rfx_rows_put_tail(copy, txn, i, &tail);
        }
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static rfx_status finish(struct rfx_env *copy, struct rfx_error *error)
{
    MDB_txn *txn = NULL;
    int code = rfx_env_begin(copy, 0, &txn);
    if (code == 0) {
        code = empty_tails(copy, txn);
        if (code == 0) {
            code = mdb_txn_commit(txn);
            txn = NULL;
        }
        rfx_env_end(copy, txn);
    }
    return code == 0 ? rfx_env_flush(copy, error)
                     : rfx_env_fail(copy, code, "finish the copy", error);
}

rfx_status rfx_backup(struct rfx_env *env, const char *path, struct rfx_error *error)
{
    char directory[RFX_DIRECTORY_FILE_SIZE];
    struct rfx_env copy = {.env = NULL};
    if (mkdir(path, 0750) != 0) {
        return rfx_fail(error, RFX_E_JOURNAL, "cannot make the directory %s: %s", path,
                        strerror(errno));
    }
    rfx_directory_store(path, directory);
    rfx_status status = rfx_directory_make(directory, error);
    if (status != RFX_OK) {
        return status;
    }
    const int code = mdb_env_copy2(env->env, directory, MDB_CP_COMPACT);
    if (code != 0) {
        return rfx_fail(error, RFX_E_JOURNAL, "cannot copy %s to %s: %s", env->path, directory,
                        mdb_strerror(code));
    }
    status = rfx_env_open(&copy, directory, RFX_ENV_SYNC, UINT64_C(1) << 50, error);
    if (status == RFX_OK) {
        status = finish(&copy, error);
        rfx_env_close(&copy);
    }
    if (status == RFX_OK) {
        status = rfx_directory_flush(directory, error);
    }
    return status == RFX_OK ? rfx_directory_flush(path, error) : status;
}
