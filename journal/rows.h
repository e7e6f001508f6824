/* Rows of an environment's tables, as one transaction sees them. Functions that return int return
 * LMDB's code. */
#ifndef RFX_JOURNAL_ROWS_H
#define RFX_JOURNAL_ROWS_H

#include "journal/env.h"
#include "journal/format.h"

/* A number in `meta`; MDB_CORRUPTED when it is not one. */
int rfx_rows_get_meta(const struct rfx_env *env, MDB_txn *txn, const char *name, uint32_t *value);
int rfx_rows_put_meta(const struct rfx_env *env, MDB_txn *txn, const char *name, uint32_t value);

/* Reads a session's record.
 * errors   RFX_E_NOT_FOUND (no text)        RFX_E_JOURNAL: damaged */
rfx_status rfx_rows_get_record(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                               struct rfx_format_record *record,
                               struct rfx_error *error) RFX_MUST_CHECK;
int rfx_rows_put_record(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                        const struct rfx_format_record *record);

/* RFX_E_JOURNAL for a record that could not be decoded; names the file and the session. */
rfx_status rfx_rows_fail_record(const struct rfx_env *env, struct rfx_bytes name,
                                struct rfx_error *error);

/* Takes an id that was never used in this environment, as part of txn. errors RFX_E_JOURNAL */
rfx_status rfx_rows_take_id(const struct rfx_env *env, MDB_txn *txn, uint32_t *id,
                            struct rfx_error *error) RFX_MUST_CHECK;

/* Leaves the messages of an id to be deleted later. */
int rfx_rows_put_trash(const struct rfx_env *env, MDB_txn *txn, uint32_t id);

/* How many rows a table has, as txn sees it. */
int rfx_rows_count(MDB_txn *txn, MDB_dbi table, size_t *count);

/* The cursor's next row with first <= key of the same id. MDB_NOTFOUND when there is none;
 * MDB_CORRUPTED when the key is not one. */
int rfx_rows_seek_message(MDB_cursor *cursor, uint32_t id, uint64_t first, uint64_t *seq_num,
                          MDB_val *message);
int rfx_rows_next_message(MDB_cursor *cursor, uint32_t id, uint64_t *seq_num, MDB_val *message);

/* The last row of an id, and the one before the cursor; codes as above. */
int rfx_rows_last_message(MDB_cursor *cursor, uint32_t id, uint64_t *seq_num);
int rfx_rows_previous_message(MDB_cursor *cursor, uint32_t id, uint64_t *seq_num);

static inline MDB_val rfx_rows_val(const void *data, size_t size)
{
    return (MDB_val){.mv_data = (void *)data, .mv_size = size};
}

static inline struct rfx_bytes rfx_rows_bytes(const MDB_val *value)
{
    return (struct rfx_bytes){.data = value->mv_data, .size = value->mv_size};
}

#endif
