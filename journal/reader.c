#include "journal/reader_internal.h"

#include <stdlib.h>

#include "journal/lock.h"
#include "journal/rows.h"

static rfx_status open_envs(struct rfx_reader *reader, struct rfx_error *error)
{
    bool is_journal = false;
    for (uint32_t i = 0; i < reader->env_count; i++) {
        char directory[RFX_DIRECTORY_SHARD_SIZE];
        rfx_directory_shard(reader->path, i, directory);
        if (!rfx_directory_has_shard(reader->path, i)) {
            continue;
        }
        const rfx_status status = rfx_env_open_reader(&reader->envs[i], directory, error);
        if (status != RFX_OK && status != RFX_E_NOT_FOUND) {
            return status;
        }
        is_journal |= status == RFX_OK;
    }
    if (!is_journal) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "%s is not a journal: no directory shard-NNN with a store in it; give "
                        "the JournalPath of the server's configuration",
                        reader->path);
    }
    return RFX_OK;
}

rfx_status rfx_reader_open(const char *path, struct rfx_reader **reader, struct rfx_error *error)
{
    uint32_t count = 0;
    int gate_fd = -1;
    if (strlen(path) > RFX_PATH_MAX) {
        return rfx_fail(error, RFX_E_JOURNAL, "a journal's path has at most %d bytes",
                        RFX_PATH_MAX);
    }
    rfx_status status = rfx_lock_gate(path, &gate_fd, error);
    if (status == RFX_OK) {
        status = rfx_directory_scan(path, &count, error);
    }
    if (status != RFX_OK) {
        rfx_lock_release(gate_fd);
        return status;
    }
    struct rfx_reader *opened = calloc(1, sizeof *opened + count * sizeof opened->envs[0]);
    if (opened == NULL) {
        rfx_lock_release(gate_fd);
        return rfx_fail(error, RFX_E_NOMEM, "no memory to read journal %s", path);
    }
    memcpy(opened->path, path, strlen(path) + 1);
    opened->env_count = count;
    status = open_envs(opened, error);
    rfx_lock_release(gate_fd);
    if (status != RFX_OK) {
        rfx_reader_close(opened);
        return status;
    }
    *reader = opened;
    return RFX_OK;
}

void rfx_reader_close(struct rfx_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    int gate_fd = -1;
    if (rfx_lock_gate(reader->path, &gate_fd, NULL) == RFX_OK) {
        for (uint32_t i = 0; i < reader->env_count; i++) {
            rfx_env_close(&reader->envs[i]);
        }
    } /* else the end of the process closes them, which disturbs nobody */
    rfx_lock_release(gate_fd);
    free(reader->slice);
    free(reader);
}

rfx_status rfx_reader_begin(struct rfx_env *env, MDB_txn **txn, struct rfx_error *error)
{
    int code = mdb_txn_begin(env->env, NULL, MDB_RDONLY, txn);
    if (code == MDB_MAP_RESIZED) {
        code = mdb_env_set_mapsize(env->env, 0);
        if (code == 0) {
            code = mdb_txn_begin(env->env, NULL, MDB_RDONLY, txn);
        }
    }
    return code == 0 ? RFX_OK : rfx_env_fail(env, code, "begin to read", error);
}

/* Whether another shard has a complete copy of the session: then this one is a left-over of a
 * move that was cut short. */
static rfx_status is_moved_away(struct rfx_reader *reader, uint32_t shard, struct rfx_bytes name,
                                uint32_t id, bool *is_away, struct rfx_error *error)
{
    *is_away = false;
    for (uint32_t i = 0; i < reader->env_count && !*is_away; i++) {
        struct rfx_env *env = &reader->envs[i];
        MDB_txn *txn = NULL;
        if (i == shard || env->env == NULL) {
            continue;
        }
        const rfx_status status = rfx_reader_begin(env, &txn, error);
        if (status != RFX_OK) {
            return status;
        }
        struct rfx_format_move move;
        MDB_val key = rfx_rows_val(name.data, name.size);
        MDB_val data;
        *is_away = mdb_get(txn, env->moves, &key, &data) == 0 &&
                   rfx_format_decode_move(data.mv_data, data.mv_size, &move) &&
                   move.state == RFX_FORMAT_MOVE_COMPLETE && move.source_shard == shard &&
                   move.source_id == id;
        mdb_txn_abort(txn);
    }
    return RFX_OK;
}

static int find_bounds(const struct rfx_env *env, MDB_txn *txn, struct rfx_reader_session *session)
{
    MDB_cursor *cursor = NULL;
    MDB_val message;
    int code = mdb_cursor_open(txn, env->messages, &cursor);
    if (code != 0) {
        return code;
    }
    session->first = 0;
    session->last = 0;
    code = rfx_rows_seek_message(cursor, session->id, 1, &session->first, &message);
    if (code == 0) {
        code = rfx_rows_last_message(cursor, session->id, &session->last);
    } else if (code == MDB_NOTFOUND) {
        session->first = 0;
        code = 0;
    }
    mdb_cursor_close(cursor);
    return code;
}

static rfx_status load_session(struct rfx_reader *reader, uint32_t shard, MDB_txn *txn,
                               struct rfx_bytes name, struct rfx_reader_session *session,
                               struct rfx_error *error)
{
    const struct rfx_env *env = &reader->envs[shard];
    struct rfx_format_record record;
    if (name.size < 1 || name.size > RFX_JOURNAL_NAME_MAX) {
        return rfx_rows_fail_record(env, name, error);
    }
    const rfx_status status = rfx_rows_get_record(env, txn, name, &record, error);
    if (status != RFX_OK) {
        return status;
    }
    *session = (struct rfx_reader_session){.shard = shard,
                                           .id = record.id,
                                           .next_out = record.next_out,
                                           .next_in = record.next_in,
                                           .created_utc_ns = record.created_utc_ns};
    memcpy(session->name, name.data, name.size);
    const int code = find_bounds(env, txn, session);
    return code == 0 ? RFX_OK : rfx_env_fail(env, code, "read messages", error);
}

rfx_status rfx_reader_find(struct rfx_reader *reader, const char *name,
                           struct rfx_reader_session *session, struct rfx_error *error)
{
    const struct rfx_bytes bytes = rfx_bytes_of(name, strlen(name));
    const bool is_possible = bytes.size >= 1 && bytes.size <= RFX_JOURNAL_NAME_MAX;
    for (uint32_t i = 0; i < reader->env_count && is_possible; i++) {
        MDB_txn *txn = NULL;
        bool is_away = false;
        if (reader->envs[i].env == NULL) {
            continue;
        }
        rfx_status status = rfx_reader_begin(&reader->envs[i], &txn, error);
        if (status == RFX_OK) {
            status = load_session(reader, i, txn, bytes, session, error);
            mdb_txn_abort(txn);
        }
        if (status == RFX_OK) {
            status = is_moved_away(reader, i, bytes, session->id, &is_away, error);
        }
        if (status != RFX_E_NOT_FOUND && !is_away) {
            return status;
        }
    }
    return rfx_fail(error, RFX_E_NOT_FOUND, "journal %s has no session %s", reader->path, name);
}

struct list {
    struct rfx_reader_session *items;
    size_t count;
    size_t room;
};

static rfx_status list_shard(struct rfx_reader *reader, uint32_t shard, MDB_txn *txn,
                             struct list *list, struct rfx_error *error)
{
    const struct rfx_env *env = &reader->envs[shard];
    MDB_cursor *cursor = NULL;
    MDB_val key = {0};
    MDB_val data = {0};
    rfx_status status = RFX_OK;
    int code = mdb_cursor_open(txn, env->sessions, &cursor);
    while (code == 0 && status == RFX_OK &&
           (code = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) == 0) {
        if (list->count == list->room) {
            list->room = list->room == 0 ? 64 : 2 * list->room;
            void *items = realloc(list->items, list->room * sizeof *list->items);
            if (items == NULL) {
                status = rfx_fail(error, RFX_E_NOMEM, "no memory to list sessions");
                break;
            }
            list->items = items;
        }
        struct rfx_reader_session *session = &list->items[list->count];
        bool is_away = false;
        status = load_session(reader, shard, txn, rfx_rows_bytes(&key), session, error);
        if (status == RFX_OK) {
            status =
                is_moved_away(reader, shard, rfx_rows_bytes(&key), session->id, &is_away, error);
        }
        list->count += is_away ? 0 : 1;
    }
    if (cursor != NULL) {
        mdb_cursor_close(cursor);
    }
    return status == RFX_OK && code != MDB_NOTFOUND
               ? rfx_env_fail(env, code, "list its sessions", error)
               : status;
}

static int compare_names(const void *left, const void *right)
{
    const struct rfx_reader_session *a = left;
    const struct rfx_reader_session *b = right;
    return strcmp(a->name, b->name);
}

rfx_status rfx_reader_list(struct rfx_reader *reader, struct rfx_reader_session **items,
                           size_t *count, struct rfx_error *error)
{
    struct list list = {0};
    rfx_status status = RFX_OK;
    for (uint32_t i = 0; i < reader->env_count && status == RFX_OK; i++) {
        MDB_txn *txn = NULL;
        if (reader->envs[i].env == NULL) {
            continue;
        }
        status = rfx_reader_begin(&reader->envs[i], &txn, error);
        if (status == RFX_OK) {
            status = list_shard(reader, i, txn, &list, error);
            mdb_txn_abort(txn);
        }
    }
    if (status != RFX_OK) {
        free(list.items);
        return status;
    }
    if (list.count > 0) {
        qsort(list.items, list.count, sizeof *list.items, compare_names);
    }
    *items = list.items;
    *count = list.count;
    return RFX_OK;
}
