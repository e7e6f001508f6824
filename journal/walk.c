/* Walking a session's messages from outside: a slice is copied, then the caller sees it. */
#include <stdlib.h>

#include "journal/reader_internal.h"
#include "journal/rows.h"

#define SLICE_SIZE (256u * 1024) /* copied in one transaction, unless one message is larger */

/* What a slice holds: records of this header and a message, in ascending MsgSeqNum. */
struct slice_header {
    uint64_t seq_num;
    size_t size;
};

/* The session must still be the generation that the caller looked up: the messages of an earlier
 * one are being deleted. */
static rfx_status begin_session(struct rfx_reader *reader, const struct rfx_reader_session *session,
                                MDB_txn **txn, MDB_cursor **cursor, struct rfx_error *error)
{
    struct rfx_env *env = &reader->envs[session->shard];
    struct rfx_format_record record;
    rfx_status status = rfx_reader_begin(env, txn, error);
    if (status != RFX_OK) {
        return status;
    }
    status = rfx_rows_get_record(env, *txn, rfx_bytes_of(session->name, strlen(session->name)),
                                 &record, error);
    if (status == RFX_E_NOT_FOUND || (status == RFX_OK && record.id != session->id)) {
        status = rfx_fail(error, RFX_E_NOT_FOUND,
                          "session %s was reset while it was read: read it again", session->name);
    }
    if (status == RFX_OK) {
        const int code = mdb_cursor_open(*txn, env->messages, cursor);
        status = code == 0 ? RFX_OK : rfx_env_fail(env, code, "read messages", error);
    }
    if (status != RFX_OK) {
        mdb_txn_abort(*txn);
    }
    return status;
}

rfx_status rfx_reader_nth_last(struct rfx_reader *reader, const struct rfx_reader_session *session,
                               uint64_t n, uint64_t *seq_num, struct rfx_error *error)
{
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    const rfx_status status = begin_session(reader, session, &txn, &cursor, error);
    if (status != RFX_OK) {
        return status;
    }
    *seq_num = 0;
    int code = rfx_rows_last_message(cursor, session->id, seq_num);
    for (uint64_t i = 1; i < n && code == 0; i++) {
        uint64_t previous = 0;
        code = rfx_rows_previous_message(cursor, session->id, &previous);
        *seq_num = code == 0 ? previous : *seq_num;
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return code == 0 || code == MDB_NOTFOUND
               ? RFX_OK
               : rfx_env_fail(&reader->envs[session->shard], code, "read messages", error);
}

static bool has_room(struct rfx_reader *reader, size_t used, size_t size)
{
    if (used + size <= reader->slice_size) {
        return true;
    }
    if (used > 0) {
        return false;
    }
    const size_t room = size > SLICE_SIZE ? size : SLICE_SIZE;
    char *slice = realloc(reader->slice, room);
    if (slice == NULL) {
        return false;
    }
    reader->slice = slice;
    reader->slice_size = room;
    return true;
}

/* Copies messages from `first` on into the slice, as many as fit. *used is 0 at the end. */
static rfx_status copy_slice(struct rfx_reader *reader, const struct rfx_reader_session *session,
                             uint64_t first, uint64_t last, size_t *used, struct rfx_error *error)
{
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    MDB_val message;
    struct slice_header header;
    *used = 0;
    rfx_status status = begin_session(reader, session, &txn, &cursor, error);
    if (status != RFX_OK) {
        return status;
    }
    int code = rfx_rows_seek_message(cursor, session->id, first, &header.seq_num, &message);
    while (code == 0 && header.seq_num <= last) {
        header.size = message.mv_size;
        if (!has_room(reader, *used, sizeof header + message.mv_size)) {
            if (*used == 0) {
                status = rfx_fail(error, RFX_E_NOMEM, "no memory for a message of %zu bytes",
                                  message.mv_size);
            }
            break;
        }
        memcpy(reader->slice + *used, &header, sizeof header);
        memcpy(reader->slice + *used + sizeof header, message.mv_data, message.mv_size);
        *used += sizeof header + message.mv_size;
        code = rfx_rows_next_message(cursor, session->id, &header.seq_num, &message);
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return code == 0 || code == MDB_NOTFOUND
               ? status
               : rfx_env_fail(&reader->envs[session->shard], code, "read messages", error);
}

rfx_status rfx_reader_messages(struct rfx_reader *reader, const struct rfx_reader_session *session,
                               uint64_t first, uint64_t last, rfx_journal_visit *visit,
                               void *visit_context, struct rfx_error *error)
{
    while (first <= last) {
        size_t used = 0;
        const rfx_status status = copy_slice(reader, session, first, last, &used, error);
        if (status != RFX_OK || used == 0) {
            return status;
        }
        struct slice_header header;
        for (size_t offset = 0; offset < used; offset += sizeof header + header.size) {
            memcpy(&header, reader->slice + offset, sizeof header);
            const char *data = reader->slice + offset + sizeof header;
            if (!visit(visit_context, header.seq_num, rfx_bytes_of(data, header.size))) {
                return RFX_OK;
            }
        }
        if (header.seq_num == UINT64_MAX) {
            return RFX_OK;
        }
        first = header.seq_num + 1;
    }
    return RFX_OK;
}
