#include "journal/rows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static int get(MDB_txn *txn, MDB_dbi table, const char *name, MDB_val *data)
{
    MDB_val key = rfx_rows_val(name, strlen(name));
    return mdb_get(txn, table, &key, data);
}

static int put(MDB_txn *txn, MDB_dbi table, const char *name, const void *value, size_t size)
{
    MDB_val key = rfx_rows_val(name, strlen(name));
    MDB_val data = rfx_rows_val(value, size);
    return mdb_put(txn, table, &key, &data, 0);
}

int rfx_rows_get_meta(const struct rfx_env *env, MDB_txn *txn, const char *name, uint32_t *value)
{
    MDB_val data;
    const int code = get(txn, env->meta, name, &data);
    if (code != 0) {
        return code;
    }
    return rfx_format_decode_id(data.mv_data, data.mv_size, value) ? 0 : MDB_CORRUPTED;
}

int rfx_rows_put_meta(const struct rfx_env *env, MDB_txn *txn, const char *name, uint32_t value)
{
    uint8_t bytes[RFX_FORMAT_ID_SIZE];
    rfx_format_encode_id(value, bytes);
    return put(txn, env->meta, name, bytes, sizeof bytes);
}

int rfx_rows_put_journal(const struct rfx_env *env, MDB_txn *txn)
{
    uint64_t journal = 0;
    if (getrandom(&journal, sizeof journal, 0) != (ssize_t)sizeof journal) {
        return errno;
    }
    return put(txn, env->meta, "journal", &journal, sizeof journal);
}

int rfx_rows_get_journal(const struct rfx_env *env, MDB_txn *txn, uint64_t *journal)
{
    MDB_val data;
    const int code = get(txn, env->meta, "journal", &data);
    if (code != 0 || data.mv_size != sizeof *journal) {
        return code != 0 ? code : MDB_CORRUPTED;
    }
    memcpy(journal, data.mv_data, sizeof *journal);
    return 0;
}

static void name_tail(uint32_t shard, char name[16])
{
    snprintf(name, 16, "tail-%03u", shard);
}

int rfx_rows_get_tail(const struct rfx_env *env, MDB_txn *txn, uint32_t shard,
                      struct rfx_format_tail *tail)
{
    char name[16];
    MDB_val data;
    name_tail(shard, name);
    const int code = get(txn, env->meta, name, &data);
    if (code != 0) {
        return code;
    }
    return rfx_format_decode_tail(data.mv_data, data.mv_size, tail) ? 0 : MDB_CORRUPTED;
}

int rfx_rows_put_tail(const struct rfx_env *env, MDB_txn *txn, uint32_t shard,
                      const struct rfx_format_tail *tail)
{
    char name[16];
    uint8_t bytes[RFX_FORMAT_TAIL_SIZE];
    name_tail(shard, name);
    rfx_format_encode_tail(tail, bytes);
    return put(txn, env->meta, name, bytes, sizeof bytes);
}

int rfx_rows_delete_tail(const struct rfx_env *env, MDB_txn *txn, uint32_t shard)
{
    char name[16];
    name_tail(shard, name);
    MDB_val key = rfx_rows_val(name, strlen(name));
    const int code = mdb_del(txn, env->meta, &key, NULL);
    return code == MDB_NOTFOUND ? 0 : code;
}

int rfx_rows_get_name(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                      uint32_t *number)
{
    MDB_val key = rfx_rows_val(name.data, name.size);
    MDB_val data;
    const int code = mdb_get(txn, env->names, &key, &data);
    if (code != 0) {
        return code;
    }
    return rfx_format_decode_id(data.mv_data, data.mv_size, number) ? 0 : MDB_CORRUPTED;
}

int rfx_rows_put_name(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                      uint32_t number)
{
    uint8_t bytes[RFX_FORMAT_ID_SIZE];
    rfx_format_encode_id(number, bytes);
    MDB_val key = rfx_rows_val(name.data, name.size);
    MDB_val data = rfx_rows_val(bytes, sizeof bytes);
    return mdb_put(txn, env->names, &key, &data, 0);
}

/* An id that was never given out would be given out later, to another session. */
static bool is_known_id(const struct rfx_env *env, MDB_txn *txn, uint32_t id)
{
    uint32_t next_id = 0;
    return rfx_rows_get_meta(env, txn, "next_id", &next_id) == 0 && id < next_id;
}

int rfx_rows_get_record(const struct rfx_env *env, MDB_txn *txn, uint32_t number,
                        struct rfx_format_record *record)
{
    uint8_t bytes[RFX_FORMAT_ID_SIZE];
    rfx_format_encode_id(number, bytes);
    MDB_val key = rfx_rows_val(bytes, sizeof bytes);
    MDB_val data;
    const int code = mdb_get(txn, env->sessions, &key, &data);
    if (code != 0) {
        return code;
    }
    return rfx_format_decode_record(data.mv_data, data.mv_size, record) &&
                   is_known_id(env, txn, record->id) && is_known_id(env, txn, number)
               ? 0
               : MDB_CORRUPTED;
}

int rfx_rows_put_record(const struct rfx_env *env, MDB_txn *txn, uint32_t number,
                        const struct rfx_format_record *record)
{
    uint8_t bytes[RFX_FORMAT_ID_SIZE];
    rfx_format_encode_id(number, bytes);
    MDB_val key = rfx_rows_val(bytes, sizeof bytes);
    MDB_val data = {.mv_size = RFX_FORMAT_RECORD_SIZE + record->name.size};
    const int code = mdb_put(txn, env->sessions, &key, &data, MDB_RESERVE);
    if (code == 0) {
        rfx_format_encode_record(record, data.mv_data);
        memcpy((char *)data.mv_data + RFX_FORMAT_RECORD_SIZE, record->name.data, record->name.size);
    }
    return code;
}

static rfx_status fail_record(const struct rfx_env *env, struct rfx_bytes name,
                              struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_JOURNAL,
                    "journal %s: the record of session %.*s is damaged; restore the journal from "
                    "a copy, or move it away and start with new sequence numbers",
                    env->path, (int)rfx_min_u64(name.size, 160), name.data);
}

rfx_status rfx_rows_find_record(const struct rfx_env *env, MDB_txn *txn, struct rfx_bytes name,
                                uint32_t *number, struct rfx_format_record *record,
                                struct rfx_error *error)
{
    int code = rfx_rows_get_name(env, txn, name, number);
    if (code == MDB_NOTFOUND) {
        return RFX_E_NOT_FOUND;
    }
    if (code == 0) {
        code = rfx_rows_get_record(env, txn, *number, record);
        if (code == MDB_NOTFOUND ||
            (code == 0 && (record->name.size != name.size ||
                           memcmp(record->name.data, name.data, name.size) != 0))) {
            code = MDB_CORRUPTED;
        }
    }
    if (code == MDB_CORRUPTED) {
        return fail_record(env, name, error);
    }
    return code == 0 ? RFX_OK : rfx_env_fail(env, code, "read a session's record", error);
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
