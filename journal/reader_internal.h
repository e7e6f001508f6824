/* What the files of the reader share. */
#ifndef RFX_JOURNAL_READER_INTERNAL_H
#define RFX_JOURNAL_READER_INTERNAL_H

#include "journal/env.h"
#include "journal/reader.h"

struct rfx_reader {
    char path[RFX_PATH_MAX + 1];
    char *slice; /* copies of the messages at hand */
    size_t slice_size;
    uint32_t env_count;
    struct rfx_env envs[];
};

/* Begins to read; a server that was started with a larger JournalMaxSize meanwhile is followed.
 * *txn ends with mdb_txn_abort(). errors RFX_E_JOURNAL */
rfx_status rfx_reader_begin(struct rfx_env *env, MDB_txn **txn,
                            struct rfx_error *error) RFX_MUST_CHECK;

#endif
