/* Rows of the tables, as one transaction sees them. Functions that return int return LMDB's code.
 */
#ifndef RFX_JOURNAL_ROWS_H
#define RFX_JOURNAL_ROWS_H

#include "journal/env.h"
#include "journal/format.h"

/* A number in `meta`; MDB_CORRUPTED when it is not one. */
int rfx_rows_get_meta(const struct rfx_env *env, MDB_txn *txn, const char *name, uint32_t *value);
int rfx_rows_put_meta(const struct rfx_env *env, MDB_txn *txn, const char *name, uint32_t value);

/* What tells this journal from every other: taken at random when it is made. */
int rfx_rows_put_journal(const struct rfx_env *env, MDB_txn *txn);
int rfx_rows_get_journal(const struct rfx_env *env, MDB_txn *txn, uint64_t *journal);

/* How far a shard's tail is in the store. */
int rfx_rows_get_tail(const struct rfx_env *env, MDB_txn *txn, uint32_t shard,
                      struct rfx_format_tail *tail);
int rfx_rows_put_tail(const struct rfx_env *env, MDB_txn *txn, uint32_t shard,
                      const struct rfx_format_tail *tail);
int rfx_rows_delete_tail(const struct rfx_env *env, MDB_txn *txn, uint32_t shard);

/* The number of a session; put_name gives it one. */
int rfx_rows_get_name(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                      uint32_t *number);
int rfx_rows_put_name(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                      uint32_t number);

/* A session's record. The name read points into the store.
 * MDB_NOTFOUND, MDB_CORRUPTED: damaged */
int rfx_rows_get_record(const struct rfx_env *env, MDB_txn *txn, uint32_t number,
                        struct rfx_format_record *record);
int rfx_rows_put_record(const struct rfx_env *env, MDB_txn *txn, uint32_t number,
                        const struct rfx_format_record *record);

/* Both in one, by name.
 * errors   RFX_E_NOT_FOUND (no text)        RFX_E_JOURNAL: damaged; names file and session */
rfx_status rfx_rows_find_record(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                                uint32_t *number, struct rfx_format_record *record,
                                struct rfx_error *error) RFX_MUST_CHECK;

/* Leaves the messages of an id to be deleted later. */
int rfx_rows_put_trash(const struct rfx_env *env, MDB_txn *txn, uint32_t id);

/* How many rows a table has, as txn sees it. */
int rfx_rows_count(MDB_txn *txn, MDB_dbi table, size_t *count);

static inline MDB_val rfx_rows_val(const void *data, size_t size)
{
    return (MDB_val){.mv_data = (void *)data, .mv_size = size};
}

static inline struct rfx_bytes rfx_rows_bytes(const MDB_val *value)
{
    return (struct rfx_bytes){.data = value->mv_data, .size = value->mv_size};
}

#endif
