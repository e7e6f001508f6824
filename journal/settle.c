/* The second half of a move: what is copied is deleted at its source. */
#include "journal/move.h"

#include "journal/rows.h"

static rfx_status flush_all(struct rfx_env *envs, uint32_t count, struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    for (uint32_t i = 0; i < count && status == RFX_OK; i++) {
        status = envs[i].env != NULL ? rfx_env_flush(&envs[i], error) : RFX_OK;
    }
    return status;
}

static int count_moves(const struct rfx_env *env, size_t *count)
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(env->env, NULL, MDB_RDONLY, &txn);
    if (code == 0) {
        code = rfx_rows_count(txn, env->moves, count);
        mdb_txn_abort(txn);
    }
    return code;
}

/* Deletes one session at its source, if it is still the generation that was copied. */
static rfx_status drop_session(const struct rfx_env *source, MDB_txn *txn, struct rfx_bytes name,
                               uint32_t id, struct rfx_error *error)
{
    struct rfx_format_record record;
    const rfx_status status = rfx_rows_get_record(source, txn, name, &record, error);
    if (status == RFX_E_NOT_FOUND || (status == RFX_OK && record.id != id)) {
        return RFX_OK;
    }
    if (status != RFX_OK) {
        return status;
    }
    MDB_val key = rfx_rows_val(name.data, name.size);
    int code = mdb_del(txn, source->sessions, &key, NULL);
    if (code == 0) {
        code = rfx_rows_put_trash(source, txn, id);
    }
    return code == 0 ? RFX_OK : rfx_env_fail(source, code, "delete a session that moved", error);
}

static rfx_status drop_moved_row(const struct rfx_env *target, MDB_txn *read,
                                 const struct rfx_env *source, MDB_txn *write,
                                 uint32_t source_shard, const MDB_val *row[2],
                                 struct rfx_error *error)
{
    struct rfx_format_move move;
    const struct rfx_bytes name = rfx_rows_bytes(row[0]);
    if (!rfx_format_decode_move(row[1]->mv_data, row[1]->mv_size, &move)) {
        return rfx_rows_fail_record(target, name, error);
    }
    if (move.state != RFX_FORMAT_MOVE_COMPLETE || move.source_shard != source_shard) {
        return RFX_OK;
    }
    struct rfx_format_record record;
    const rfx_status status = rfx_rows_get_record(target, read, name, &record, error);
    if (status == RFX_E_NOT_FOUND) {
        return rfx_rows_fail_record(target, name, error);
    }
    return status == RFX_OK ? drop_session(source, write, name, move.source_id, error) : status;
}

/* Deletes at the source what is complete at the target, in one transaction: a session's deletion
 * is two small rows, its messages are left to the trash. */
static rfx_status drop_moved(const struct rfx_env *target, const struct rfx_env *source,
                             uint32_t source_shard, struct rfx_error *error)
{
    MDB_txn *read = NULL;
    MDB_txn *write = NULL;
    MDB_cursor *cursor = NULL;
    rfx_status status = RFX_OK;
    int code = mdb_txn_begin(target->env, NULL, MDB_RDONLY, &read);
    if (code == 0) {
        code = mdb_cursor_open(read, target->moves, &cursor);
    }
    if (code == 0) {
        code = mdb_txn_begin(source->env, NULL, 0, &write);
    }
    MDB_val name = {0};
    MDB_val data = {0};
    while (code == 0 && (code = mdb_cursor_get(cursor, &name, &data, MDB_NEXT)) == 0) {
        const MDB_val *row[2] = {&name, &data};
        status = drop_moved_row(target, read, source, write, source_shard, row, error);
        if (status != RFX_OK) {
            break;
        }
    }
    if (status == RFX_OK && code == MDB_NOTFOUND) {
        code = mdb_txn_commit(write);
        write = NULL;
    }
    if (status == RFX_OK && code != 0) {
        status = rfx_env_fail(source, code, "delete sessions that moved", error);
    }
    if (write != NULL) {
        mdb_txn_abort(write);
    }
    if (cursor != NULL) {
        mdb_cursor_close(cursor);
    }
    if (read != NULL) {
        mdb_txn_abort(read);
    }
    return status;
}

/* Empties `moves`; what was only half copied goes into the trash. */
static rfx_status clear_moves(const struct rfx_env *env, struct rfx_error *error)
{
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    int code = mdb_txn_begin(env->env, NULL, 0, &txn);
    if (code == 0) {
        code = mdb_cursor_open(txn, env->moves, &cursor);
    }
    MDB_val name = {0};
    MDB_val data = {0};
    while (code == 0 && (code = mdb_cursor_get(cursor, &name, &data, MDB_NEXT)) == 0) {
        struct rfx_format_move move;
        if (!rfx_format_decode_move(data.mv_data, data.mv_size, &move)) {
            code = MDB_CORRUPTED;
        } else if (move.state == RFX_FORMAT_MOVE_COPYING) {
            code = rfx_rows_put_trash(env, txn, move.id);
        }
    }
    if (cursor != NULL) {
        mdb_cursor_close(cursor);
    }
    if (code == MDB_NOTFOUND) {
        code = mdb_drop(txn, env->moves, 0);
    }
    if (code == 0) {
        code = mdb_txn_commit(txn);
        txn = NULL;
    }
    if (txn != NULL) {
        mdb_txn_abort(txn);
    }
    return code == 0 ? RFX_OK : rfx_env_fail(env, code, "finish moving sessions", error);
}

/* For one target: sources first, then the rows that told what to delete there. */
static rfx_status settle_target(struct rfx_env *envs, uint32_t count, uint32_t target,
                                struct rfx_error *error)
{
    rfx_status status = RFX_OK;
    for (uint32_t i = 0; i < count && status == RFX_OK; i++) {
        if (i != target && envs[i].env != NULL) {
            status = drop_moved(&envs[target], &envs[i], i, error);
        }
    }
    if (status == RFX_OK) {
        status = flush_all(envs, count, error);
    }
    return status == RFX_OK ? clear_moves(&envs[target], error) : status;
}

rfx_status rfx_move_settle(struct rfx_env *envs, uint32_t count, struct rfx_error *error)
{
    bool is_flushed = false;
    for (uint32_t i = 0; i < count; i++) {
        size_t moves = 0;
        if (envs[i].env == NULL) {
            continue;
        }
        const int code = count_moves(&envs[i], &moves);
        if (code != 0) {
            return rfx_env_fail(&envs[i], code, "read which sessions moved", error);
        }
        if (moves == 0) {
            continue;
        }
        rfx_status status = is_flushed ? RFX_OK : flush_all(envs, count, error);
        is_flushed = true;
        if (status == RFX_OK) {
            status = settle_target(envs, count, i, error);
        }
        if (status != RFX_OK) {
            return status;
        }
    }
    return RFX_OK;
}
