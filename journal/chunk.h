/* Messages in chunks: finding, walking, adding and deleting them with a cursor on the table
 * `messages`. Functions return LMDB's code: MDB_NOTFOUND when there is no (more) message,
 * MDB_CORRUPTED when a row is not what it should be. */
#ifndef RFX_JOURNAL_CHUNK_H
#define RFX_JOURNAL_CHUNK_H

#include "journal/rows.h"

/* One direction of one generation, and where the walk is in it. */
struct rfx_chunk_walk {
    MDB_cursor *cursor;
    uint32_t id;
    enum rfx_direction direction;
    struct rfx_bytes rest; /* of the chunk at hand */
};

/* The first message with MsgSeqNum >= first, and those behind it. Entries point into the store
 * until its transaction ends or writes. */
int rfx_chunk_seek(struct rfx_chunk_walk *walk, uint64_t first, struct rfx_format_entry *entry);
int rfx_chunk_next(struct rfx_chunk_walk *walk, struct rfx_format_entry *entry);

/* The last message. */
int rfx_chunk_last(struct rfx_chunk_walk *walk, struct rfx_format_entry *entry);

/* Writes one chunk: `count` messages in ascending order, in behind everything stored. */
int rfx_chunk_put(struct rfx_chunk_walk *walk, const struct rfx_format_entry *entries,
                  size_t count);

/* Deletes all messages with MsgSeqNum >= first. */
int rfx_chunk_cut(struct rfx_chunk_walk *walk, uint64_t first);

/* Deletes the first chunk when all of it is below a MsgSeqNum or was stored before a time; below
 * UINT64_MAX whatever is in it, damaged or not.
 * *is_deleted tells; MDB_NOTFOUND: nothing is stored. */
int rfx_chunk_drop_first(struct rfx_chunk_walk *walk, uint64_t keep_seq_num, int64_t keep_utc_ns,
                         bool *is_deleted);

#endif
