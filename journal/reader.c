#include "journal/reader_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/chunk.h"
#include "journal/lock.h"
#include "journal/store.h"

/* ----------------------------------------------------------------------------- open, close */

/* Whether a process has ended without closing the journal. */
static rfx_status was_left_open(struct rfx_reader *reader, bool *was, struct rfx_error *error)
{
    struct rfx_format_tail tail;
    MDB_txn *txn = NULL;
    int code = rfx_env_begin(reader->env, MDB_RDONLY, &txn);
    if (code != 0) {
        return rfx_env_fail(reader->env, code, "begin to read", error);
    }
    *was = false;
    for (uint32_t i = 0; i < RFX_TAILS_MAX && !*was && (code == 0 || code == MDB_NOTFOUND); i++) {
        code = rfx_rows_get_tail(reader->env, txn, i, &tail);
        *was = code == 0 && !tail.is_empty;
    }
    rfx_env_end(reader->env, txn);
    return code == 0 || code == MDB_NOTFOUND
               ? RFX_OK
               : rfx_env_fail(reader->env, code, "read what it is made of", error);
}

static rfx_status open_env(struct rfx_reader *reader, struct rfx_error *error)
{
    char directory[RFX_DIRECTORY_FILE_SIZE];
    bool has_tail[RFX_TAILS_MAX];
    int gate_fd = -1;
    rfx_directory_store(reader->path, directory);
    rfx_status status = rfx_lock_gate(reader->path, &gate_fd, error);
    if (status == RFX_OK) {
        status = rfx_directory_scan(reader->path, has_tail, error);
    }
    if (status == RFX_OK) {
        status = rfx_env_open_reader(&reader->own_env, directory, error);
    }
    rfx_lock_release(gate_fd);
    if (status == RFX_E_NOT_FOUND) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "%s is not a journal: there is no store in it; give the JournalPath of "
                        "the server's configuration",
                        reader->path);
    }
    return status;
}

/* When the gate is not to be had, the end of the process closes it, which disturbs nobody. */
static rfx_status close_env(struct rfx_reader *reader, struct rfx_error *error)
{
    int gate_fd = -1;
    rfx_status status = RFX_OK;
    if (reader->env == &reader->own_env) {
        status = rfx_lock_gate(reader->path, &gate_fd, error);
    }
    if (reader->env == &reader->own_env && status == RFX_OK) {
        rfx_env_close(&reader->own_env);
    }
    rfx_lock_release(gate_fd);
    return status;
}

/* Brings in order what nobody has open, as a server would. */
static rfx_status put_in_order(struct rfx_reader *reader, struct rfx_error *error)
{
    const struct rfx_store_options options = {.path = reader->path,
                                              .shards = 1,
                                              .durability = RFX_DURABILITY_PROCESS,
                                              .size_max = UINT64_C(1) << 50,
                                              .tail_size = RFX_JOURNAL_TAIL_MIN,
                                              .sessions_max = 1};
    struct rfx_store *store = NULL;
    struct rfx_error cause = {""};
    if (rfx_lock_is_held(reader->path)) {
        return RFX_OK; /* a server has it open: its own mover brings everything into the store */
    }
    rfx_status status = close_env(reader, error);
    if (status != RFX_OK) {
        return status; /* LMDB allows no second environment of it in one process */
    }
    status = rfx_store_open(&options, &store, &cause);
    if (status == RFX_OK) {
        status = rfx_store_close(store, &cause);
    }
    if (status != RFX_OK && !rfx_lock_is_held(reader->path)) { /* one has started meanwhile */
        return rfx_fail(error, status,
                        "journal %s was not closed in order, and cannot be put in "
                        "order: %s",
                        reader->path, cause.text);
    }
    return open_env(reader, error);
}

rfx_status rfx_reader_open(const char *path, enum rfx_reader_mode mode, struct rfx_reader **reader,
                           struct rfx_error *error)
{
    if (strlen(path) > RFX_PATH_MAX) {
        return rfx_fail(error, RFX_E_JOURNAL, "a journal's path has at most %d bytes",
                        RFX_PATH_MAX);
    }
    struct rfx_reader *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to read journal %s", path);
    }
    memcpy(opened->path, path, strlen(path) + 1);
    opened->env = &opened->own_env;
    bool was_open = false;
    rfx_status status = open_env(opened, error);
    if (status == RFX_OK && mode == RFX_READER_WHOLE) {
        status = was_left_open(opened, &was_open, error);
    }
    if (status == RFX_OK && was_open) {
        status = put_in_order(opened, error);
    }
    if (status != RFX_OK) {
        rfx_reader_close(opened);
        return status;
    }
    *reader = opened;
    return RFX_OK;
}

rfx_status rfx_reader_of(struct rfx_env *env, const char *path, struct rfx_reader **reader,
                         struct rfx_error *error)
{
    struct rfx_reader *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory to read journal %s", path);
    }
    snprintf(opened->path, sizeof opened->path, "%s", path);
    opened->env = env;
    *reader = opened;
    return RFX_OK;
}

void rfx_reader_close(struct rfx_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    (void)close_env(reader, NULL);
    free(reader->slice.data);
    free(reader);
}

struct rfx_env *rfx_reader_env(struct rfx_reader *reader)
{
    return reader->env;
}

/* -------------------------------------------------------------------------------- sessions */

static int find_bounds(MDB_cursor *cursor, uint32_t id, enum rfx_direction direction,
                       struct rfx_reader_range *range)
{
    struct rfx_chunk_walk walk = {.cursor = cursor, .id = id, .direction = direction};
    struct rfx_format_entry entry;
    *range = (struct rfx_reader_range){0};
    int code = rfx_chunk_seek(&walk, 1, &entry);
    if (code == 0) {
        range->first = entry.seq_num;
        code = rfx_chunk_last(&walk, &entry);
        range->last = entry.seq_num;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static int describe(const struct rfx_env *env, MDB_txn *txn, uint32_t number,
                    const struct rfx_format_record *record, struct rfx_reader_session *session)
{
    MDB_cursor *cursor = NULL;
    if (record->name.size > RFX_JOURNAL_NAME_MAX) {
        return MDB_CORRUPTED;
    }
    *session = (struct rfx_reader_session){.number = number,
                                           .id = record->id,
                                           .next_out = record->next_out,
                                           .next_in = record->next_in,
                                           .created_utc_ns = record->created_utc_ns};
    memcpy(session->name, record->name.data, record->name.size);
    int code = mdb_cursor_open(txn, env->messages, &cursor);
    for (unsigned i = 0; i < 2 && code == 0; i++) {
        code = find_bounds(cursor, record->id, (enum rfx_direction)i, &session->stored[i]);
    }
    if (cursor != NULL) {
        mdb_cursor_close(cursor);
    }
    return code;
}

rfx_status rfx_reader_find(struct rfx_reader *reader, const char *name,
                           struct rfx_reader_session *session, struct rfx_error *error)
{
    struct rfx_env *env = reader->env;
    const struct rfx_bytes bytes = rfx_bytes_of(name, strlen(name));
    struct rfx_format_record record;
    uint32_t number = 0;
    MDB_txn *txn = NULL;
    rfx_status status = RFX_E_NOT_FOUND;
    if (bytes.size >= 1 && bytes.size <= RFX_JOURNAL_NAME_MAX) {
        int code = rfx_env_begin(env, MDB_RDONLY, &txn);
        if (code != 0) {
            return rfx_env_fail(env, code, "begin to read", error);
        }
        status = rfx_rows_find_record(env, txn, bytes, &number, &record, error);
        if (status == RFX_OK && (code = describe(env, txn, number, &record, session)) != 0) {
            status = rfx_env_fail(env, code, "read a session", error);
        }
        rfx_env_end(env, txn);
    }
    return status == RFX_E_NOT_FOUND ? rfx_fail(error, RFX_E_NOT_FOUND,
                                                "journal %s has no session %s", reader->path, name)
                                     : status;
}

struct list {
    struct rfx_reader_session *items;
    size_t count;
    size_t room;
};

static bool has_room(struct list *list)
{
    if (list->count < list->room) {
        return true;
    }
    const size_t room = list->room == 0 ? 64 : 2 * list->room;
    struct rfx_reader_session *items = realloc(list->items, room * sizeof *items);
    if (items == NULL) {
        return false;
    }
    list->items = items;
    list->room = room;
    return true;
}

/* In the order of their names, which is that of the table. */
static int list_all(const struct rfx_env *env, MDB_txn *txn, struct list *list)
{
    MDB_cursor *cursor = NULL;
    MDB_val name = {0};
    MDB_val data = {0};
    int code = mdb_cursor_open(txn, env->names, &cursor);
    while (code == 0 && (code = mdb_cursor_get(cursor, &name, &data, MDB_NEXT)) == 0) {
        struct rfx_format_record record;
        uint32_t number = 0;
        if (!rfx_format_decode_id(data.mv_data, data.mv_size, &number)) {
            code = MDB_CORRUPTED;
        } else if (!has_room(list)) {
            code = ENOMEM;
        } else {
            code = rfx_rows_get_record(env, txn, number, &record);
            code = code == 0 ? describe(env, txn, number, &record, &list->items[list->count])
                             : MDB_CORRUPTED;
        }
        list->count += code == 0 ? 1 : 0;
    }
    if (cursor != NULL) {
        mdb_cursor_close(cursor);
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

rfx_status rfx_reader_list(struct rfx_reader *reader, struct rfx_reader_session **items,
                           size_t *count, struct rfx_error *error)
{
    struct list list = {0};
    MDB_txn *txn = NULL;
    int code = rfx_env_begin(reader->env, MDB_RDONLY, &txn);
    if (code == 0) {
        code = list_all(reader->env, txn, &list);
        rfx_env_end(reader->env, txn);
    }
    if (code != 0) {
        free(list.items);
        return code == ENOMEM ? rfx_fail(error, RFX_E_NOMEM, "no memory to list sessions")
                              : rfx_env_fail(reader->env, code, "list its sessions", error);
    }
    *items = list.items;
    *count = list.count;
    return RFX_OK;
}
