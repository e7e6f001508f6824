#include "journal/format.h"

#include <endian.h>
#include <string.h>

static void put_u16(uint8_t *out, uint16_t value)
{
    const uint16_t big = htobe16(value);
    memcpy(out, &big, sizeof big);
}

static void put_u32(uint8_t *out, uint32_t value)
{
    const uint32_t big = htobe32(value);
    memcpy(out, &big, sizeof big);
}

static void put_u64(uint8_t *out, uint64_t value)
{
    const uint64_t big = htobe64(value);
    memcpy(out, &big, sizeof big);
}

static uint16_t get_u16(const uint8_t *data)
{
    uint16_t big;
    memcpy(&big, data, sizeof big);
    return be16toh(big);
}

static uint32_t get_u32(const uint8_t *data)
{
    uint32_t big;
    memcpy(&big, data, sizeof big);
    return be32toh(big);
}

static uint64_t get_u64(const uint8_t *data)
{
    uint64_t big;
    memcpy(&big, data, sizeof big);
    return be64toh(big);
}

void rfx_format_encode_id(uint32_t id, uint8_t out[RFX_FORMAT_ID_SIZE])
{
    put_u32(out, id);
}

void rfx_format_encode_message_key(uint32_t id, uint64_t seq_num,
                                   uint8_t out[RFX_FORMAT_MESSAGE_SIZE])
{
    put_u32(out, id);
    put_u64(out + 4, seq_num);
}

void rfx_format_encode_record(const struct rfx_format_record *record,
                              uint8_t out[RFX_FORMAT_RECORD_SIZE])
{
    out[0] = RFX_FORMAT_VERSION;
    memset(out + 1, 0, 3);
    put_u32(out + 4, record->id);
    put_u64(out + 8, record->next_out);
    put_u64(out + 16, record->next_in);
    put_u64(out + 24, (uint64_t)record->created_utc_ns);
}

void rfx_format_encode_move(const struct rfx_format_move *move, uint8_t out[RFX_FORMAT_MOVE_SIZE])
{
    out[0] = RFX_FORMAT_VERSION;
    out[1] = (uint8_t)move->state;
    put_u16(out + 2, move->source_shard);
    put_u32(out + 4, move->id);
    put_u32(out + 8, move->source_id);
}

bool rfx_format_decode_id(const void *data, size_t size, uint32_t *id)
{
    if (size != RFX_FORMAT_ID_SIZE) {
        return false;
    }
    *id = get_u32(data);
    return *id >= 1;
}

bool rfx_format_decode_message_key(const void *data, size_t size, uint32_t *id, uint64_t *seq_num)
{
    if (size != RFX_FORMAT_MESSAGE_SIZE) {
        return false;
    }
    const uint8_t *bytes = data;
    *id = get_u32(bytes);
    *seq_num = get_u64(bytes + 4);
    return *id >= 1 && *seq_num >= 1;
}

bool rfx_format_decode_record(const void *data, size_t size, struct rfx_format_record *record)
{
    const uint8_t *bytes = data;
    if (size != RFX_FORMAT_RECORD_SIZE || bytes[0] != RFX_FORMAT_VERSION) {
        return false;
    }
    if ((bytes[1] | bytes[2] | bytes[3]) != 0) {
        return false;
    }
    record->id = get_u32(bytes + 4);
    record->next_out = get_u64(bytes + 8);
    record->next_in = get_u64(bytes + 16);
    record->created_utc_ns = (int64_t)get_u64(bytes + 24);
    return record->id >= 1 && record->next_out >= 1 && record->next_in >= 1;
}

bool rfx_format_decode_move(const void *data, size_t size, struct rfx_format_move *move)
{
    const uint8_t *bytes = data;
    if (size != RFX_FORMAT_MOVE_SIZE || bytes[0] != RFX_FORMAT_VERSION) {
        return false;
    }
    if (bytes[1] != RFX_FORMAT_MOVE_COPYING && bytes[1] != RFX_FORMAT_MOVE_COMPLETE) {
        return false;
    }
    move->state = (enum rfx_format_move_state)bytes[1];
    move->source_shard = get_u16(bytes + 2);
    move->id = get_u32(bytes + 4);
    move->source_id = get_u32(bytes + 8);
    return move->id >= 1 && move->source_id >= 1;
}
