/* Framing and indexing of a hostile stream.
 *
 * First byte: chooses the largest message size. Second byte: the seed of the cuts. The rest is
 * the stream. It is read whole and in pieces; both must find the same messages, and every message
 * and every index must keep within its bounds. The same bytes are also the body of a message
 * whose length and sum are right: that way they reach the index whatever they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "core/message.h"
#include "tests/fuzz/fuzz.h"

/* What a receiver has found so far: how many messages, and a hash over all their bytes. */
struct found {
    uint64_t count;
    uint64_t hash;
};

static void check_index(const char *data, size_t size)
{
    /* Exactly as much room as promised is enough: one field more is noticed by the sanitizer. */
    struct rfx_field *fields = malloc(RFX_FIELDS_MAX(size) * sizeof *fields);
    struct rfx_message message;
    RFX_ASSERT(fields != NULL);
    rfx_message_index(data, size, fields, &message);
    RFX_ASSERT(message.field_count >= 3 && message.field_count <= RFX_FIELDS_MAX(size));
    RFX_ASSERT(fields[0].tag == 8 && fields[1].tag == 9 && fields[2].tag == 35);
    size_t end = 0;
    for (uint32_t i = 0; i < message.field_count; i++) {
        RFX_ASSERT(fields[i].offset >= end);
        end = (size_t)fields[i].offset + fields[i].size;
        RFX_ASSERT(end < size && data[end] == RFX_SOH);
    }
    if (message.malformed_index < 0) {
        RFX_ASSERT(end == size - 1);
        RFX_ASSERT(fields[message.field_count - 1].tag == 10);
    }
    struct rfx_header header;
    rfx_header_read(&message, &header);
    RFX_ASSERT(header.begin_string.data != NULL && header.msg_type.data != NULL);
    int64_t number;
    char letter;
    for (uint32_t i = 0; i < message.field_count; i++) {
        RFX_ASSERT(rfx_message_find(&message, fields[i].tag) <= (int32_t)i);
        RFX_ASSERT(rfx_message_get_int(&message, fields[i].tag, &number) != RFX_E_NOT_FOUND);
        RFX_ASSERT(rfx_message_get_utc(&message, fields[i].tag, &number) != RFX_E_NOT_FOUND);
        RFX_ASSERT(rfx_message_get_char(&message, fields[i].tag, &letter) != RFX_E_NOT_FOUND);
    }
    free(fields);
}

static void check_message(const char *data, size_t size, struct found *found)
{
    const char *trailer = data + size - 7;
    RFX_ASSERT(memcmp(data, "8=FIX", 5) == 0 && memcmp(trailer, "10=", 3) == 0);
    int sum = (trailer[3] - '0') * 100 + (trailer[4] - '0') * 10 + (trailer[5] - '0');
    RFX_ASSERT(sum == rfx_checksum(data, size - 7));
    check_index(data, size);
    found->count++;
    for (size_t i = 0; i < size; i++) {
        found->hash = (found->hash ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3);
    }
}

/* Frames what is at hand; returns how many bytes are done with. */
static size_t frame_all(const char *data, size_t size, size_t message_size_max, struct found *found)
{
    size_t offset = 0;
    while (offset < size) {
        struct rfx_frame frame;
        size_t left = size - offset;
        enum rfx_frame_result result = rfx_frame(data + offset, left, message_size_max, &frame);
        RFX_ASSERT(frame.size > 0);
        if (result == RFX_FRAME_PARTIAL) {
            RFX_ASSERT(left + frame.size <= message_size_max);
            break;
        }
        RFX_ASSERT(frame.size <= left);
        if (result == RFX_FRAME_COMPLETE) {
            RFX_ASSERT(frame.size <= message_size_max);
            check_message(data + offset, frame.size, found);
        }
        offset += frame.size;
    }
    return offset;
}

static struct found read_in_pieces(const char *data, size_t size, size_t message_size_max,
                                   uint64_t seed)
{
    struct found found = {0};
    size_t start = 0;
    for (size_t end = 0; end < size;) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        size_t piece = 1 + (seed >> 33) % ((seed >> 60) < 8 ? 8 : 200);
        end = piece < size - end ? end + piece : size;
        /* A copy of its own, so that reading past its end is noticed. */
        char *copy = malloc(end - start);
        RFX_ASSERT(copy != NULL);
        memcpy(copy, data + start, end - start);
        start += frame_all(copy, end - start, message_size_max, &found);
        free(copy);
    }
    return found;
}

static void check_as_body(const char *body, size_t size)
{
    char head[64];
    int head_size = snprintf(head, sizeof head,
                             "8=FIX.4.4\x01"
                             "9=%zu\x01"
                             "35=D\x01",
                             size + 6);
    size_t total = (size_t)head_size + size + 1 + 7;
    char *message = malloc(total + 1); /* snprintf ends the trailer with a NUL */
    RFX_ASSERT(message != NULL);
    memcpy(message, head, (size_t)head_size);
    memcpy(message + head_size, body, size);
    message[total - 8] = RFX_SOH;
    snprintf(message + total - 7, 8, "10=%03u\x01", rfx_checksum(message, total - 7));
    struct rfx_frame frame;
    RFX_ASSERT(rfx_frame(message, total, total, &frame) == RFX_FRAME_COMPLETE);
    RFX_ASSERT(frame.size == total);
    struct found found = {0};
    check_message(message, total, &found);
    free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    size_t message_size_max = (size_t)64 << (data[0] % 10);
    const char *stream = (const char *)data + 2;
    struct found whole = {0};
    frame_all(stream, size - 2, message_size_max, &whole);
    struct found pieces = read_in_pieces(stream, size - 2, message_size_max, data[1]);
    RFX_ASSERT(whole.count == pieces.count && whole.hash == pieces.hash);
    check_as_body(stream, size - 2);
    return 0;
}
