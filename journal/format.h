/* The store on disk: one LMDB environment in PATH/store. Every number is big-endian, so that keys
 * sort by value.
 *
 *   table      key                              value
 *   names      the session's name               0 u32 number of the session, for good
 *   sessions   0 u32 number                     a session record
 *   messages   0 u32 id, 4 u8 direction,        a chunk: consecutive messages of one direction
 *              5 u64 first MsgSeqNum(34)
 *   trash      0 u32 id                         empty: messages of this id are to be deleted
 *   meta       "format"                         0 u32 format version, RFX_FORMAT_VERSION
 *              "next_id"                        0 u32 the next number or id to give out, from 1
 *              "journal"                        0 u64 random, stands in every tail as well
 *              "tail-NNN"                       a tail record
 *
 *   session record, 32 bytes and the name       chunk: entries in ascending MsgSeqNum, each
 *    0 u8   version, 2                           0 u64  MsgSeqNum
 *    1 u8*3 zero                                 8 i64  stored at, ns since 1970 UTC
 *    4 u32  id                                  16 u32  size
 *    8 u64  next_out, from 1                    20      the message exactly as it was sent
 *   16 u64  next_in, from 1
 *   24 i64  created, ns since 1970 UTC          tail record, 16 bytes
 *   32      the name                             0 u64  position up to which it is in the store
 *                                                8 u8   1 in use, 2 left empty
 *                                                9 u8*7 zero
 *
 * An id stands for one generation of a session: a reset takes a new id and puts the old one into
 * the trash. Ids and numbers are given out once per journal and never again. No outbound message
 * has a MsgSeqNum of next_out or above. */
#ifndef RFX_JOURNAL_FORMAT_H
#define RFX_JOURNAL_FORMAT_H

#include "core/base.h"
#include "ringfix/journal.h"

#define RFX_FORMAT_VERSION     2
#define RFX_FORMAT_RECORD_SIZE 32 /* without the name */
#define RFX_FORMAT_TAIL_SIZE   16
#define RFX_FORMAT_TAIL_ALIGN  32 /* of positions in a tail */
#define RFX_FORMAT_KEY_SIZE    13 /* of a chunk */
#define RFX_FORMAT_ID_SIZE     4
#define RFX_FORMAT_ENTRY_SIZE  20 /* what stands before a message in a chunk */

/* A chunk of this size takes one page of the store beside its place in the tree; a longer message
 * is a chunk of its own. */
#define RFX_FORMAT_CHUNK_SIZE 4080

struct rfx_format_record {
    uint32_t id;
    uint64_t next_out;
    uint64_t next_in;
    int64_t created_utc_ns;
    struct rfx_bytes name; /* decoded: points into the record */
};

struct rfx_format_key {
    uint32_t id;
    enum rfx_direction direction;
    uint64_t first;
};

struct rfx_format_tail {
    uint64_t moved;
    bool is_empty; /* closed in order: its file is not needed */
};

struct rfx_format_entry {
    uint64_t seq_num;
    int64_t utc_ns;
    struct rfx_bytes message;
};

void rfx_format_encode_id(uint32_t id, uint8_t out[RFX_FORMAT_ID_SIZE]);
void rfx_format_encode_key(const struct rfx_format_key *key, uint8_t out[RFX_FORMAT_KEY_SIZE]);
/* Everything but the name. */
void rfx_format_encode_record(const struct rfx_format_record *record,
                              uint8_t out[RFX_FORMAT_RECORD_SIZE]);
void rfx_format_encode_tail(const struct rfx_format_tail *tail, uint8_t out[RFX_FORMAT_TAIL_SIZE]);
/* Writes RFX_FORMAT_ENTRY_SIZE and the message's bytes; returns what follows. */
uint8_t *rfx_format_encode_entry(const struct rfx_format_entry *entry, uint8_t *out);

/* These return false when the bytes are not what the encoder of this version could have
 * written; the output is then unspecified. */
bool rfx_format_decode_id(const void *data, size_t size, uint32_t *id);
bool rfx_format_decode_key(const void *data, size_t size, struct rfx_format_key *key);
bool rfx_format_decode_record(const void *data, size_t size, struct rfx_format_record *record);
bool rfx_format_decode_tail(const void *data, size_t size, struct rfx_format_tail *tail);

/* Takes the next entry off a chunk, which is shortened by it. False at the end and when the chunk
 * is damaged; the two differ in chunk->size, 0 at the end. */
bool rfx_format_next_entry(struct rfx_bytes *chunk, struct rfx_format_entry *entry);

#endif
