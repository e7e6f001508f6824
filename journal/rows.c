#include "journal/rows.h"

#include <string.h>

int rfx_rows_get_meta(const struct rfx_env *env, MDB_txn *txn, const char *name, uint32_t *value)
{
    MDB_val key = rfx_rows_val(name, strlen(name));
    MDB_val data;
    const int code = mdb_get(txn, env->meta, &key, &data);
    if (code != 0) {
        return code;
    }
    return rfx_format_decode_id(data.mv_data, data.mv_size, value) ? 0 : MDB_CORRUPTED;
}

int rfx_rows_put_meta(const struct rfx_env *env, MDB_txn *txn, const char *name, uint32_t value)
{
    uint8_t bytes[RFX_FORMAT_ID_SIZE];
    rfx_format_encode_id(value, bytes);
    MDB_val key = rfx_rows_val(name, strlen(name));
    MDB_val data = rfx_rows_val(bytes, sizeof bytes);
    return mdb_put(txn, env->meta, &key, &data, 0);
}

rfx_status rfx_rows_take_id(const struct rfx_env *env, MDB_txn *txn, uint32_t *id,
                            struct rfx_error *error)
{
    int code = rfx_rows_get_meta(env, txn, "next_id", id);
    if (code == 0 && *id == UINT32_MAX) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s has given out all of its ids (one per reset): move it away "
                        "and start with new sequence numbers",
                        env->path);
    }
    if (code == 0) {
        code = rfx_rows_put_meta(env, txn, "next_id", *id + 1);
    }
    return code == 0 ? RFX_OK : rfx_env_fail(env, code, "take an id for a session", error);
}

rfx_status rfx_rows_fail_record(const struct rfx_env *env, struct rfx_bytes name,
                                struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_JOURNAL,
                    "journal %s: the record of session %.*s is damaged; restore the journal from "
                    "a copy, or move it away and start with new sequence numbers",
                    env->path, (int)rfx_min_u64(name.size, 160), name.data);
}

/* An id that was never given out would be given out later, to another session. */
static bool is_known_id(const struct rfx_env *env, MDB_txn *txn, uint32_t id)
{
    uint32_t next_id = 0;
    return rfx_rows_get_meta(env, txn, "next_id", &next_id) == 0 && id < next_id;
}

rfx_status rfx_rows_get_record(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                               struct rfx_format_record *record, struct rfx_error *error)
{
    MDB_val key = rfx_rows_val(name.data, name.size);
    MDB_val data;
    const int code = mdb_get(txn, env->sessions, &key, &data);
    if (code == MDB_NOTFOUND) {
        return RFX_E_NOT_FOUND;
    }
    if (code != 0) {
        return rfx_env_fail(env, code, "read a session's record", error);
    }
    if (!rfx_format_decode_record(data.mv_data, data.mv_size, record) ||
        !is_known_id(env, txn, record->id)) {
        return rfx_rows_fail_record(env, name, error);
    }
    return RFX_OK;
}

int rfx_rows_put_record(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                        const struct rfx_format_record *record)
{
    uint8_t bytes[RFX_FORMAT_RECORD_SIZE];
    rfx_format_encode_record(record, bytes);
    MDB_val key = rfx_rows_val(name.data, name.size);
    MDB_val data = rfx_rows_val(bytes, sizeof bytes);
    return mdb_put(txn, env->sessions, &key, &data, 0);
}

int rfx_rows_put_trash(const struct rfx_env *env, MDB_txn *txn, uint32_t id)
{
    uint8_t bytes[RFX_FORMAT_ID_SIZE];
    rfx_format_encode_id(id, bytes);
    MDB_val key = rfx_rows_val(bytes, sizeof bytes);
    MDB_val data = rfx_rows_val(NULL, 0);
    return mdb_put(txn, env->trash, &key, &data, 0);
}

int rfx_rows_count(MDB_txn *txn, MDB_dbi table, size_t *count)
{
    MDB_stat stat;
    const int code = mdb_stat(txn, table, &stat);
    *count = code == 0 ? stat.ms_entries : 0;
    return code;
}

static int take_message(const MDB_val *key, int code, uint32_t id, uint64_t *seq_num)
{
    uint32_t key_id = 0;
    if (code != 0) {
        return code;
    }
    if (!rfx_format_decode_message_key(key->mv_data, key->mv_size, &key_id, seq_num)) {
        return MDB_CORRUPTED;
    }
    return key_id == id ? 0 : MDB_NOTFOUND;
}

int rfx_rows_seek_message(MDB_cursor *cursor, uint32_t id, uint64_t first, uint64_t *seq_num,
                          MDB_val *message)
{
    uint8_t bytes[RFX_FORMAT_MESSAGE_SIZE];
    rfx_format_encode_message_key(id, first, bytes);
    MDB_val key = rfx_rows_val(bytes, sizeof bytes);
    const int code = mdb_cursor_get(cursor, &key, message, MDB_SET_RANGE);
    return take_message(&key, code, id, seq_num);
}

int rfx_rows_next_message(MDB_cursor *cursor, uint32_t id, uint64_t *seq_num, MDB_val *message)
{
    MDB_val key;
    const int code = mdb_cursor_get(cursor, &key, message, MDB_NEXT);
    return take_message(&key, code, id, seq_num);
}

int rfx_rows_previous_message(MDB_cursor *cursor, uint32_t id, uint64_t *seq_num)
{
    MDB_val key;
    MDB_val message;
    const int code = mdb_cursor_get(cursor, &key, &message, MDB_PREV);
    return take_message(&key, code, id, seq_num);
}

int rfx_rows_last_message(MDB_cursor *cursor, uint32_t id, uint64_t *seq_num)
{
    uint8_t bytes[RFX_FORMAT_MESSAGE_SIZE];
    rfx_format_encode_message_key(id, UINT64_MAX, bytes);
    MDB_val key = rfx_rows_val(bytes, sizeof bytes);
    MDB_val message;
    int code = mdb_cursor_get(cursor, &key, &message, MDB_SET_RANGE);
    /* Behind every row of the id: on the next id's first, or at the end of the table. No message
     * has the highest number. */
    const enum MDB_cursor_op step = code == MDB_NOTFOUND ? MDB_LAST : MDB_PREV;
    if (code == 0 || code == MDB_NOTFOUND) {
        code = mdb_cursor_get(cursor, &key, &message, step);
    }
    return take_message(&key, code, id, seq_num);
}
