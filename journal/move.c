/* The first half of a move: sessions are copied to where they belong. */
#include "journal/move.h"

#include "core/hash.h"
#include "journal/rows.h"

#define ROWS_PER_COMMIT 4096

struct copy {
    const struct rfx_env *source;
    const struct rfx_env *target;
    uint32_t source_shard;
    uint32_t target_shard;
    uint32_t rows; /* written since the last commit */
    MDB_txn *read;
    MDB_txn *write; /* NULL until there is something to write */
    MDB_cursor *messages;
};

static rfx_status commit(struct copy *copy, struct rfx_error *error)
{
    if (copy->write == NULL) {
        return RFX_OK;
    }
    const int code = mdb_txn_commit(copy->write);
    copy->write = NULL;
    copy->rows = 0;
    return code == 0 ? RFX_OK : rfx_env_fail(copy->target, code, "copy a session", error);
}

/* Counts one row, with a transaction to write it into. */
static rfx_status begin_row(struct copy *copy, struct rfx_error *error)
{
    if (copy->rows >= ROWS_PER_COMMIT) {
        const rfx_status status = commit(copy, error);
        if (status != RFX_OK) {
            return status;
        }
    }
    copy->rows++;
    if (copy->write != NULL) {
        return RFX_OK;
    }
    const int code = mdb_txn_begin(copy->target->env, NULL, 0, &copy->write);
    return code == 0 ? RFX_OK : rfx_env_fail(copy->target, code, "copy a session", error);
}

static int put_move(struct copy *copy, struct rfx_bytes name, const struct rfx_format_move *move)
{
    uint8_t bytes[RFX_FORMAT_MOVE_SIZE];
    rfx_format_encode_move(move, bytes);
    MDB_val key = rfx_rows_val(name.data, name.size);
    MDB_val data = rfx_rows_val(bytes, sizeof bytes);
    return mdb_put(copy->write, copy->target->moves, &key, &data, 0);
}

static rfx_status copy_messages(struct copy *copy, const struct rfx_format_move *move,
                                struct rfx_error *error)
{
    uint64_t seq_num = 0;
    MDB_val message;
    int code = rfx_rows_seek_message(copy->messages, move->source_id, 1, &seq_num, &message);
    while (code == 0) {
        const rfx_status status = begin_row(copy, error);
        if (status != RFX_OK) {
            return status;
        }
        uint8_t bytes[RFX_FORMAT_MESSAGE_SIZE];
        rfx_format_encode_message_key(move->id, seq_num, bytes);
        MDB_val key = rfx_rows_val(bytes, sizeof bytes);
        code = mdb_put(copy->write, copy->target->messages, &key, &message, 0);
        if (code != 0) {
            return rfx_env_fail(copy->target, code, "copy a message", error);
        }
        code = rfx_rows_next_message(copy->messages, move->source_id, &seq_num, &message);
    }
    return code == MDB_NOTFOUND ? RFX_OK
                                : rfx_env_fail(copy->source, code, "read a message", error);
}

static rfx_status fail_twice(const struct copy *copy, struct rfx_bytes name,
                             struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_JOURNAL,
                    "session %.*s is both in %s and in %s: was one of them restored from a copy? "
                    "Move the older one away",
                    (int)rfx_min_u64(name.size, 160), name.data, copy->source->path,
                    copy->target->path);
}

static rfx_status copy_session(struct copy *copy, struct rfx_bytes name, struct rfx_error *error)
{
    struct rfx_format_record record;
    struct rfx_format_record other;
    rfx_status status = rfx_rows_get_record(copy->source, copy->read, name, &record, error);
    if (status == RFX_OK) {
        status = begin_row(copy, error);
    }
    if (status != RFX_OK) {
        return status;
    }
    status = rfx_rows_get_record(copy->target, copy->write, name, &other, error);
    if (status != RFX_E_NOT_FOUND) {
        return status == RFX_OK ? fail_twice(copy, name, error) : status;
    }
    struct rfx_format_move move = {.state = RFX_FORMAT_MOVE_COPYING,
                                   .source_shard = (uint16_t)copy->source_shard,
                                   .source_id = record.id};
    status = rfx_rows_take_id(copy->target, copy->write, &move.id, error);
    if (status != RFX_OK) {
        return status;
    }
    int code = put_move(copy, name, &move);
    if (code != 0) {
        return rfx_env_fail(copy->target, code, "copy a session", error);
    }
    status = copy_messages(copy, &move, error);
    if (status == RFX_OK) {
        status = begin_row(copy, error);
    }
    if (status != RFX_OK) {
        return status;
    }
    record.id = move.id;
    move.state = RFX_FORMAT_MOVE_COMPLETE;
    code = rfx_rows_put_record(copy->target, copy->write, name, &record);
    if (code == 0) {
        code = put_move(copy, name, &move);
    }
    return code == 0 ? RFX_OK : rfx_env_fail(copy->target, code, "copy a session", error);
}

static rfx_status copy_sessions(struct copy *copy, uint32_t shards, struct rfx_error *error)
{
    MDB_cursor *cursor = NULL;
    int code = mdb_cursor_open(copy->read, copy->source->sessions, &cursor);
    if (code != 0) {
        return rfx_env_fail(copy->source, code, "read its sessions", error);
    }
    rfx_status status = RFX_OK;
    MDB_val key = {0};
    MDB_val data = {0};
    while (status == RFX_OK && (code = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) == 0) {
        const uint64_t hash = rfx_name_hash(key.mv_data, key.mv_size);
        if (hash % shards == copy->target_shard) {
            status = copy_session(copy, rfx_rows_bytes(&key), error);
        }
    }
    mdb_cursor_close(cursor);
    if (status == RFX_OK && code != MDB_NOTFOUND) {
        status = rfx_env_fail(copy->source, code, "read its sessions", error);
    }
    return status == RFX_OK ? commit(copy, error) : status;
}

static rfx_status copy_pair(struct copy *copy, uint32_t shards, struct rfx_error *error)
{
    int code = mdb_txn_begin(copy->source->env, NULL, MDB_RDONLY, &copy->read);
    if (code != 0) {
        return rfx_env_fail(copy->source, code, "read its sessions", error);
    }
    code = mdb_cursor_open(copy->read, copy->source->messages, &copy->messages);
    rfx_status status = RFX_OK;
    if (code == 0) {
        status = copy_sessions(copy, shards, error);
        mdb_cursor_close(copy->messages);
    } else {
        status = rfx_env_fail(copy->source, code, "read its messages", error);
    }
    if (copy->write != NULL) {
        mdb_txn_abort(copy->write);
    }
    mdb_txn_abort(copy->read);
    return status;
}

rfx_status rfx_move_copy(struct rfx_env *envs, uint32_t count, uint32_t shards,
                         struct rfx_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < shards; j++) {
            if (i == j || envs[i].env == NULL) {
                continue;
            }
            struct copy copy = {
                .source = &envs[i], .target = &envs[j], .source_shard = i, .target_shard = j};
            const rfx_status status = copy_pair(&copy, shards, error);
            if (status != RFX_OK) {
                return status;
            }
        }
    }
    return RFX_OK;
}
