#include "journal/chunk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Moves the cursor; a row of another direction or generation counts as none. */
static int step(const struct rfx_chunk_walk *walk, MDB_cursor_op operation, MDB_val *row,
                struct rfx_format_key *key, MDB_val *chunk)
{
    const int code = mdb_cursor_get(walk->cursor, row, chunk, operation);
    if (code != 0) {
        return code;
    }
    if (!rfx_format_decode_key(row->mv_data, row->mv_size, key)) {
        return MDB_CORRUPTED;
    }
    return key->id == walk->id && key->direction == walk->direction ? 0 : MDB_NOTFOUND;
}

/* The first chunk that begins at `first` or later. */
static int set_range(const struct rfx_chunk_walk *walk, uint64_t first, struct rfx_format_key *key,
                     MDB_val *chunk)
{
    uint8_t bytes[RFX_FORMAT_KEY_SIZE];
    *key = (struct rfx_format_key){walk->id, walk->direction, first};
    rfx_format_encode_key(key, bytes);
    MDB_val row = rfx_rows_val(bytes, sizeof bytes);
    return step(walk, MDB_SET_RANGE, &row, key, chunk);
}

/* The last chunk that begins before `first`: one before the first row from there on, of whatever
 * generation, or the last of the table. */
static int set_before(const struct rfx_chunk_walk *walk, uint64_t first, struct rfx_format_key *key,
                      MDB_val *chunk)
{
    uint8_t bytes[RFX_FORMAT_KEY_SIZE];
    *key = (struct rfx_format_key){walk->id, walk->direction, first};
    rfx_format_encode_key(key, bytes);
    MDB_val row = rfx_rows_val(bytes, sizeof bytes);
    const int code = mdb_cursor_get(walk->cursor, &row, chunk, MDB_SET_RANGE);
    if (code != 0 && code != MDB_NOTFOUND) {
        return code;
    }
    return step(walk, code == 0 ? MDB_PREV : MDB_LAST, &row, key, chunk);
}

/* The next entry of the chunk at hand, which must be ascending and whole. */
static int take(struct rfx_chunk_walk *walk, uint64_t above, struct rfx_format_entry *entry)
{
    if (!rfx_format_next_entry(&walk->rest, entry)) {
        return walk->rest.size == 0 ? MDB_NOTFOUND : MDB_CORRUPTED;
    }
    return entry->seq_num > above ? 0 : MDB_CORRUPTED;
}

/* Begins a chunk: its first entry is the one its key says. */
static int enter(struct rfx_chunk_walk *walk, const struct rfx_format_key *key,
                 const MDB_val *chunk, struct rfx_format_entry *entry)
{
    walk->rest = rfx_rows_bytes(chunk);
    const int code = take(walk, 0, entry);
    if (code != 0) {
        return MDB_CORRUPTED; /* an empty chunk, too */
    }
    return entry->seq_num == key->first ? 0 : MDB_CORRUPTED;
}

int rfx_chunk_seek(struct rfx_chunk_walk *walk, uint64_t first, struct rfx_format_entry *entry)
{
    struct rfx_format_key key;
    MDB_val chunk;
    walk->rest = rfx_bytes_of(NULL, 0);
    int code = set_before(walk, first, &key, &chunk);
    if (code == 0) {
        code = enter(walk, &key, &chunk, entry);
        while (code == 0 && entry->seq_num < first) {
            code = take(walk, entry->seq_num, entry);
        }
    }
    if (code == MDB_NOTFOUND) {
        code = set_range(walk, first, &key, &chunk);
        if (code == 0) {
            code = enter(walk, &key, &chunk, entry);
        }
    }
    return code;
}

int rfx_chunk_next(struct rfx_chunk_walk *walk, struct rfx_format_entry *entry)
{
    const uint64_t above = entry->seq_num;
    int code = take(walk, above, entry);
    if (code == MDB_NOTFOUND) {
        struct rfx_format_key key;
        MDB_val row = {0};
        MDB_val chunk;
        code = step(walk, MDB_NEXT, &row, &key, &chunk);
        if (code == 0) {
            code = enter(walk, &key, &chunk, entry);
        }
        if (code == 0 && entry->seq_num <= above) {
            code = MDB_CORRUPTED;
        }
    }
    return code;
}

int rfx_chunk_last(struct rfx_chunk_walk *walk, struct rfx_format_entry *entry)
{
    struct rfx_format_key key;
    MDB_val chunk;
    int code = set_before(walk, UINT64_MAX, &key, &chunk); /* no message has that number */
    if (code == 0) {
        code = enter(walk, &key, &chunk, entry);
    }
    while (code == 0) {
        code = take(walk, entry->seq_num, entry);
        if (code == MDB_NOTFOUND) {
            return 0;
        }
    }
    return code;
}

int rfx_chunk_put(struct rfx_chunk_walk *walk, const struct rfx_format_entry *entries, size_t count)
{
    const struct rfx_format_key key = {walk->id, walk->direction, entries[0].seq_num};
    uint8_t bytes[RFX_FORMAT_KEY_SIZE];
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += RFX_FORMAT_ENTRY_SIZE + entries[i].message.size;
    }
    rfx_format_encode_key(&key, bytes);
    MDB_val row = rfx_rows_val(bytes, sizeof bytes);
    MDB_val chunk = {.mv_size = size};
    const int code = mdb_cursor_put(walk->cursor, &row, &chunk, MDB_RESERVE);
    if (code == 0) {
        uint8_t *out = chunk.mv_data;
        for (size_t i = 0; i < count; i++) {
            out = rfx_format_encode_entry(&entries[i], out);
        }
    }
    return code;
}

/* Writes the beginning of the chunk under the cursor again. */
static int shorten(struct rfx_chunk_walk *walk, const struct rfx_format_key *key,
                   const MDB_val *chunk, size_t size)
{
    uint8_t bytes[RFX_FORMAT_KEY_SIZE];
    char *copy = malloc(size);
    if (copy == NULL) {
        return ENOMEM;
    }
    memcpy(copy, chunk->mv_data, size);
    rfx_format_encode_key(key, bytes);
    MDB_val row = rfx_rows_val(bytes, sizeof bytes);
    MDB_val data = rfx_rows_val(copy, size);
    const int code = mdb_cursor_put(walk->cursor, &row, &data, 0);
    free(copy);
    return code;
}

int rfx_chunk_cut(struct rfx_chunk_walk *walk, uint64_t first)
{
    struct rfx_format_key key;
    struct rfx_format_entry entry;
    MDB_val chunk;
    int code = 0;
    while ((code = set_range(walk, first, &key, &chunk)) == 0) {
        code = mdb_cursor_del(walk->cursor, 0);
        if (code != 0) {
            return code;
        }
    }
    if (code != MDB_NOTFOUND || (code = set_before(walk, first, &key, &chunk)) != 0) {
        return code == MDB_NOTFOUND ? 0 : code;
    }
    code = enter(walk, &key, &chunk, &entry);
    size_t kept = 0;
    while (code == 0 && entry.seq_num < first) {
        kept = chunk.mv_size - walk->rest.size;
        code = take(walk, entry.seq_num, &entry);
    }
    if (code != 0) {
        return code == MDB_NOTFOUND ? 0 : code; /* all of it stays */
    }
    return shorten(walk, &key, &chunk, kept);
}

int rfx_chunk_drop_first(struct rfx_chunk_walk *walk, uint64_t keep_seq_num, int64_t keep_utc_ns,
                         bool *is_deleted)
{
    struct rfx_format_key key;
    struct rfx_format_entry entry;
    MDB_val chunk;
    *is_deleted = false;
    int code = set_range(walk, 1, &key, &chunk);
    if (code != 0) {
        return code;
    }
    code = keep_seq_num == UINT64_MAX ? MDB_NOTFOUND : enter(walk, &key, &chunk, &entry);
    while (code == 0) {
        if (entry.seq_num >= keep_seq_num && entry.utc_ns >= keep_utc_ns) {
            return 0;
        }
        code = take(walk, entry.seq_num, &entry);
    }
    if (code == MDB_NOTFOUND) {
        code = mdb_cursor_del(walk->cursor, 0);
        *is_deleted = code == 0;
    }
    return code;
}
