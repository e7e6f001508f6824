/* Walking a session's messages from outside: a slice is copied, then the caller sees it. */
#include <stdlib.h>
#include <string.h>

#include "journal/chunk.h"
#include "journal/reader_internal.h"

#define SLICE_SIZE (256u * 1024) /* copied in one transaction, unless one message is larger */

/* What a slice holds: records of this header and a message, in ascending MsgSeqNum. */
struct slice_header {
    uint64_t seq_num;
    int64_t utc_ns;
    size_t size;
};

/* A transaction and a cursor, for as long as a slice takes. */
struct reading {
    MDB_txn *txn;
    struct rfx_chunk_walk walk;
};

static void end(struct rfx_reader *reader, struct reading *reading)
{
    if (reading->walk.cursor != NULL) {
        mdb_cursor_close(reading->walk.cursor);
    }
    rfx_env_end(reader->env, reading->txn);
}

/* The session must still be the generation that the caller looked up: the messages of an earlier
 * one are being deleted. */
static rfx_status begin(struct rfx_reader *reader, const struct rfx_reader_session *session,
                        enum rfx_direction direction, struct reading *reading,
                        struct rfx_error *error)
{
    struct rfx_env *env = reader->env;
    struct rfx_format_record record;
    *reading = (struct reading){.walk = {.id = session->id, .direction = direction}};
    int code = rfx_env_begin(env, MDB_RDONLY, &reading->txn);
    if (code != 0) {
        return rfx_env_fail(env, code, "begin to read", error);
    }
    code = rfx_rows_get_record(env, reading->txn, session->number, &record);
    if (code == MDB_NOTFOUND || (code == 0 && record.id != session->id)) {
        end(reader, reading);
        return rfx_fail(error, RFX_E_NOT_FOUND,
                        "session %s was reset while it was read: read it again", session->name);
    }
    if (code == 0) {
        code = mdb_cursor_open(reading->txn, env->messages, &reading->walk.cursor);
    }
    if (code != 0) {
        end(reader, reading);
        return rfx_env_fail(env, code, "read messages", error);
    }
    return RFX_OK;
}

/* Counts the messages from `first` on. */
static int count_from(struct rfx_chunk_walk *walk, uint64_t first, uint64_t *count)
{
    struct rfx_format_entry entry;
    *count = 0;
    int code = rfx_chunk_seek(walk, first, &entry);
    for (; code == 0; code = rfx_chunk_next(walk, &entry)) {
        ++*count;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

/* Numbers may be missing, so the n-th may be further back than n. */
static int find_nth_last(struct rfx_chunk_walk *walk, uint64_t n, uint64_t *seq_num)
{
    struct rfx_format_entry entry;
    int code = rfx_chunk_last(walk, &entry);
    if (code != 0) {
        return code;
    }
    const uint64_t last = entry.seq_num;
    uint64_t first = 0;
    uint64_t count = 0;
    for (uint64_t back = n; code == 0 && count < n && first != 1; back *= 2) {
        first = last >= back && back > 0 ? last - back + 1 : 1;
        code = count_from(walk, first, &count);
    }
    if (code == 0) {
        code = rfx_chunk_seek(walk, first, &entry);
    }
    for (; code == 0 && count > n; count--) {
        code = rfx_chunk_next(walk, &entry);
    }
    *seq_num = entry.seq_num;
    return code;
}

rfx_status rfx_reader_nth_last(struct rfx_reader *reader, const struct rfx_reader_session *session,
                               enum rfx_direction direction, uint64_t n, uint64_t *seq_num,
                               struct rfx_error *error)
{
    struct reading reading;
    const rfx_status status = begin(reader, session, direction, &reading, error);
    if (status != RFX_OK) {
        return status;
    }
    *seq_num = 0;
    const int code = find_nth_last(&reading.walk, n, seq_num);
    end(reader, &reading);
    return code == 0 || code == MDB_NOTFOUND
               ? RFX_OK
               : rfx_env_fail(reader->env, code, "read messages", error);
}

static bool has_room(struct rfx_reader_slice *slice, size_t used, size_t size)
{
    if (used + size <= slice->size) {
        return true;
    }
    if (used > 0) {
        return false;
    }
    const size_t room = size > SLICE_SIZE ? size : SLICE_SIZE;
    char *grown = realloc(slice->data, room);
    if (grown == NULL) {
        return false;
    }
    *slice = (struct rfx_reader_slice){.data = grown, .size = room};
    return true;
}

/* Copies messages from `first` on into the slice, as many as fit. *used is 0 at the end. */
static rfx_status copy_slice(struct rfx_reader *reader, const struct rfx_reader_session *session,
                             enum rfx_direction direction, uint64_t first, uint64_t last,
                             struct rfx_reader_slice *slice, size_t *used, struct rfx_error *error)
{
    struct reading reading;
    struct rfx_format_entry entry;
    *used = 0;
    rfx_status status = begin(reader, session, direction, &reading, error);
    if (status != RFX_OK) {
        return status;
    }
    int code = rfx_chunk_seek(&reading.walk, first, &entry);
    while (code == 0 && entry.seq_num <= last) {
        const struct slice_header header = {entry.seq_num, entry.utc_ns, entry.message.size};
        if (!has_room(slice, *used, sizeof header + header.size)) {
            if (*used == 0) {
                status = rfx_fail(error, RFX_E_NOMEM, "no memory for a message of %zu bytes",
                                  header.size);
            }
            break;
        }
        memcpy(slice->data + *used, &header, sizeof header);
        memcpy(slice->data + *used + sizeof header, entry.message.data, header.size);
        *used += sizeof header + header.size;
        code = rfx_chunk_next(&reading.walk, &entry);
    }
    end(reader, &reading);
    return code == 0 || code == MDB_NOTFOUND
               ? status
               : rfx_env_fail(reader->env, code, "read messages", error);
}

static rfx_status walk_slices(struct rfx_reader *reader, const struct rfx_reader_session *session,
                              enum rfx_direction direction, uint64_t first, uint64_t last,
                              struct rfx_reader_slice *slice, rfx_reader_visit *visit,
                              void *visit_context, struct rfx_error *error)
{
    while (first <= last) {
        size_t used = 0;
        const rfx_status status =
            copy_slice(reader, session, direction, first, last, slice, &used, error);
        if (status != RFX_OK || used == 0) {
            return status;
        }
        struct slice_header header = {0};
        for (size_t offset = 0; offset < used; offset += sizeof header + header.size) {
            memcpy(&header, slice->data + offset, sizeof header);
            const char *data = slice->data + offset + sizeof header;
            const struct rfx_format_entry entry = {header.seq_num, header.utc_ns,
                                                   rfx_bytes_of(data, header.size)};
            if (!visit(visit_context, &entry)) {
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

rfx_status rfx_reader_messages(struct rfx_reader *reader, const struct rfx_reader_session *session,
                               enum rfx_direction direction, uint64_t first, uint64_t last,
                               rfx_reader_visit *visit, void *visit_context,
                               struct rfx_error *error)
{
    struct rfx_reader_slice slice = reader->slice;
    reader->slice = (struct rfx_reader_slice){0};
    const rfx_status status =
        walk_slices(reader, session, direction, first, last, &slice, visit, visit_context, error);
    free(reader->slice.data); /* of a walk within visit */
    reader->slice = slice;
    return status;
}
