#include "journal/format.h"

#include <endian.h>
#include <string.h>

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

void rfx_format_encode_key(const struct rfx_format_key *key, uint8_t out[RFX_FORMAT_KEY_SIZE])
{
    put_u32(out, key->id);
    out[4] = (uint8_t)key->direction;
    put_u64(out + 5, key->first);
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

void rfx_format_encode_tail(const struct rfx_format_tail *tail, uint8_t out[RFX_FORMAT_TAIL_SIZE])
{
    put_u64(out, tail->moved);
    out[8] = tail->is_empty ? 2 : 1;
    memset(out + 9, 0, 7);
}

uint8_t *rfx_format_encode_entry(const struct rfx_format_entry *entry, uint8_t *out)
{
    put_u64(out, entry->seq_num);
    put_u64(out + 8, (uint64_t)entry->utc_ns);
    put_u32(out + 16, (uint32_t)entry->message.size);
    memcpy(out + RFX_FORMAT_ENTRY_SIZE, entry->message.data, entry->message.size);
    return out + RFX_FORMAT_ENTRY_SIZE + entry->message.size;
}

bool rfx_format_decode_id(const void *data, size_t size, uint32_t *id)
{
    if (size != RFX_FORMAT_ID_SIZE) {
        return false;
    }
    *id = get_u32(data);
    return *id >= 1;
}

bool rfx_format_decode_key(const void *data, size_t size, struct rfx_format_key *key)
{
    const uint8_t *bytes = data;
    if (size != RFX_FORMAT_KEY_SIZE || bytes[4] > RFX_DIRECTION_IN) {
        return false;
    }
    key->id = get_u32(bytes);
    key->direction = (enum rfx_direction)bytes[4];
    key->first = get_u64(bytes + 5);
    return key->id >= 1 && key->first >= 1;
}

bool rfx_format_decode_record(const void *data, size_t size, struct rfx_format_record *record)
{
    const uint8_t *bytes = data;
    if (size <= RFX_FORMAT_RECORD_SIZE || bytes[0] != RFX_FORMAT_VERSION) {
        return false;
    }
    if ((bytes[1] | bytes[2] | bytes[3]) != 0) {
        return false;
    }
    record->id = get_u32(bytes + 4);
    record->next_out = get_u64(bytes + 8);
    record->next_in = get_u64(bytes + 16);
    record->created_utc_ns = (int64_t)get_u64(bytes + 24);
    record->name =
        rfx_bytes_of((const char *)data + RFX_FORMAT_RECORD_SIZE, size - RFX_FORMAT_RECORD_SIZE);
    return record->id >= 1 && record->next_out >= 1 && record->next_in >= 1;
}

bool rfx_format_decode_tail(const void *data, size_t size, struct rfx_format_tail *tail)
{
    const uint8_t *bytes = data;
    if (size != RFX_FORMAT_TAIL_SIZE || bytes[8] < 1 || bytes[8] > 2) {
        return false;
    }
    for (size_t i = 9; i < RFX_FORMAT_TAIL_SIZE; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    tail->moved = get_u64(bytes);
    tail->is_empty = bytes[8] == 2;
    return tail->moved % RFX_FORMAT_TAIL_ALIGN == 0 && tail->moved <= INT64_MAX;
}

bool rfx_format_next_entry(struct rfx_bytes *chunk, struct rfx_format_entry *entry)
{
    const uint8_t *bytes = (const uint8_t *)chunk->data;
    if (chunk->size <= RFX_FORMAT_ENTRY_SIZE) {
        return false;
    }
    const size_t size = get_u32(bytes + 16);
    if (size < 1 || size > chunk->size - RFX_FORMAT_ENTRY_SIZE) {
        return false;
    }
    entry->seq_num = get_u64(bytes);
    entry->utc_ns = (int64_t)get_u64(bytes + 8);
    entry->message = rfx_bytes_of(chunk->data + RFX_FORMAT_ENTRY_SIZE, size);
    chunk->data += RFX_FORMAT_ENTRY_SIZE + size;
    chunk->size -= RFX_FORMAT_ENTRY_SIZE + size;
    return entry->seq_num >= 1;
}
