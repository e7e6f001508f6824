/* The journal on disk. Every number is big-endian, so that keys sort by value.
 *
 *   table      key                              value
 *   messages   0 u32 id, 4 u64 MsgSeqNum(34)    the message exactly as it was sent
 *   sessions   the session's name               a session record
 *   meta       "format"                         0 u32 format version, RFX_FORMAT_VERSION
 *              "next_id"                        0 u32 the next id to give out, from 1
 *   trash      0 u32 id                         empty: messages of this id are to be deleted
 *   moves      the session's name               a move record
 *
 *   session record, 32 bytes                    move record, 12 bytes
 *    0 u8   version, 1                           0 u8   version, 1
 *    1 u8*3 zero                                 1 u8   1 copying, 2 complete
 *    4 u32  id                                   2 u16  shard the session comes from
 *    8 u64  next_out, from 1                     4 u32  its id here
 *   16 u64  next_in, from 1                      8 u32  its id there
 *   24 i64  created, ns since 1970 UTC
 *
 * An id stands for one generation of a session: a reset takes a new id and puts the old one into
 * the trash. Ids are given out once per environment and never again. No stored message has a
 * MsgSeqNum of next_out or above. */
#ifndef RFX_JOURNAL_FORMAT_H
#define RFX_JOURNAL_FORMAT_H

#include "core/base.h"

#define RFX_FORMAT_VERSION      1
#define RFX_FORMAT_RECORD_SIZE  32
#define RFX_FORMAT_MOVE_SIZE    12
#define RFX_FORMAT_MESSAGE_SIZE 12 /* of a key in messages */
#define RFX_FORMAT_ID_SIZE      4

struct rfx_format_record {
    uint32_t id;
    uint64_t next_out;
    uint64_t next_in;
    int64_t created_utc_ns;
};

enum rfx_format_move_state { RFX_FORMAT_MOVE_COPYING = 1, RFX_FORMAT_MOVE_COMPLETE = 2 };

struct rfx_format_move {
    enum rfx_format_move_state state;
    uint16_t source_shard;
    uint32_t id;
    uint32_t source_id;
};

void rfx_format_encode_id(uint32_t id, uint8_t out[RFX_FORMAT_ID_SIZE]);
void rfx_format_encode_message_key(uint32_t id, uint64_t seq_num,
                                   uint8_t out[RFX_FORMAT_MESSAGE_SIZE]);
void rfx_format_encode_record(const struct rfx_format_record *record,
                              uint8_t out[RFX_FORMAT_RECORD_SIZE]);
void rfx_format_encode_move(const struct rfx_format_move *move, uint8_t out[RFX_FORMAT_MOVE_SIZE]);

/* These return false when the bytes are not what the encoder of this version could have
 * written; the output is then unspecified. */
bool rfx_format_decode_id(const void *data, size_t size, uint32_t *id);
bool rfx_format_decode_message_key(const void *data, size_t size, uint32_t *id, uint64_t *seq_num);
bool rfx_format_decode_record(const void *data, size_t size, struct rfx_format_record *record);
bool rfx_format_decode_move(const void *data, size_t size, struct rfx_format_move *move);

#endif
