/* What ringfix-cat makes of bytes from anywhere.
 *
 * First byte: what the rest is. A stream: it is scanned whole and in pieces (second byte: their
 * seed), and the same must be found. Packets of a capture (second byte: the link type), each behind
 * a byte with its size. Segments of a known stream, three bytes each: what comes out must be that
 * stream, each byte at its place. */
#include <stdlib.h>
#include <string.h>

#include "core/base.h"
#include "tests/fuzz/fuzz.h"
#include "tools/cat/flow.h"
#include "tools/cat/packet.h"
#include "tools/cat/scan.h"

#define MESSAGE_SIZE_MAX 4096

/* ---------------------------------------------------------------------------------- a stream */

static uint64_t hash_of(uint64_t hash, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static void walk(struct rfx_bytes bytes)
{
    struct scan_fields fields = {.bytes = bytes};
    struct rfx_bytes value;
    int32_t tag;
    size_t before = 0;
    while (scan_next_field(&fields, &tag, &value)) {
        RFX_ASSERT(fields.position > before);
        RFX_ASSERT(value.data >= bytes.data && value.data + value.size <= bytes.data + bytes.size);
        before = fields.position;
    }
}

static uint64_t drain(struct scanner *scanner, bool is_end, uint64_t hash)
{
    struct scan_piece piece;
    enum scan_result result;
    while ((result = scan_next(scanner, is_end, &piece)) != SCAN_MORE) {
        const char kind = (char)result;
        hash = hash_of(hash, &kind, 1);
        hash = hash_of(hash, piece.bytes.data, piece.bytes.size);
        hash = hash_of(hash, piece.problem, strlen(piece.problem));
        RFX_ASSERT((piece.message != NULL) == (result == SCAN_MESSAGE));
        if (result != SCAN_TEXT) {
            walk(piece.bytes);
        }
    }
    return hash;
}

static struct scanner *open_scanner(struct rfx_codec **codec)
{
    RFX_ASSERT(rfx_codec_open(NULL, NULL, MESSAGE_SIZE_MAX, codec) == RFX_OK);
    struct scanner *scanner = scan_open(*codec);
    RFX_ASSERT(scanner != NULL);
    return scanner;
}

/* A piece of its own each time, so that reading past its end is noticed. */
static void add(struct scanner *scanner, const char *data, size_t size)
{
    char *copy = malloc(size + (size == 0));
    RFX_ASSERT(copy != NULL);
    memcpy(copy, data, size);
    RFX_ASSERT(scan_add(scanner, copy, size));
    free(copy);
}

static uint64_t scan_in_pieces(const char *data, size_t size, size_t piece_max, uint64_t seed)
{
    struct rfx_codec *codec = NULL;
    struct scanner *scanner = open_scanner(&codec);
    uint64_t hash = 0;
    for (size_t at = 0; at < size;) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        const size_t wanted = 1 + (seed >> 33) % piece_max;
        const size_t piece = wanted < size - at ? wanted : size - at;
        add(scanner, data + at, piece);
        hash = drain(scanner, false, hash);
        at += piece;
    }
    hash = drain(scanner, true, hash);
    scan_close(scanner);
    rfx_codec_close(codec);
    return hash;
}

static void check_stream(const char *data, size_t size, uint64_t seed)
{
    const uint64_t whole = scan_in_pieces(data, size, 1, seed);
    RFX_ASSERT(scan_in_pieces(data, size, 7, seed) == whole);
    RFX_ASSERT(scan_in_pieces(data, size, 500, seed) == whole);
}

/* -------------------------------------------------------------------------------- a capture */

static void scan_taken(void *context, const char *data, size_t size, uint32_t lost)
{
    struct scanner *scanner = context;
    (void)drain(scanner, lost > 0, 0);
    if (size > 0) {
        add(scanner, data, size);
    }
}

static void check_capture(const unsigned char *data, size_t size, unsigned link_choice)
{
    static const int links[] = {0, 1, 12, 101, 108, 113, 276};
    const int link = links[link_choice % (sizeof links / sizeof links[0])];
    struct rfx_codec *codec = NULL;
    struct scanner *scanner = open_scanner(&codec);
    struct flow flow;
    flow_open(&flow, scan_taken, scanner);
    for (size_t at = 0; at < size;) {
        const size_t left = size - at - 1;
        const size_t packet_size = data[at] < left ? data[at] : left;
        unsigned char *copy = malloc(packet_size + (packet_size == 0));
        struct packet packet;
        RFX_ASSERT(copy != NULL);
        memcpy(copy, data + at + 1, packet_size);
        if (packet_read(link, copy, packet_size, &packet) && !packet.is_fragment) {
            char text[PACKET_TEXT_SIZE];
            packet_ends_text(packet.ends, text);
            RFX_ASSERT(packet.data >= (char *)copy &&
                       packet.data + packet.size <= (char *)copy + packet_size);
            RFX_ASSERT(flow_add(&flow, packet.seq, packet.is_syn, packet.data, packet.size));
            RFX_ASSERT(flow.held_size <= FLOW_HELD_MAX);
        }
        free(copy);
        at += 1 + packet_size;
    }
    flow_end(&flow);
    RFX_ASSERT(flow.held == NULL && flow.held_size == 0);
    (void)drain(scanner, true, 0);
    scan_close(scanner);
    rfx_codec_close(codec);
}

/* --------------------------------------------------------------------------------- segments */

#define STREAM_SIZE 66000
#define FIRST_SEQ   0xffffff00u /* so that numbers wrap around early */

static char known(size_t at)
{
    return (char)(at * 7919 >> 4);
}

static void compare_taken(void *context, const char *data, size_t size, uint32_t lost)
{
    size_t *at = context;
    *at += lost;
    RFX_ASSERT(*at + size <= STREAM_SIZE);
    for (size_t i = 0; i < size; i++) {
        RFX_ASSERT(data[i] == known(*at + i));
    }
    *at += size;
}

static void check_segments(const unsigned char *data, size_t size)
{
    struct flow flow;
    size_t taken = 0;
    size_t end = 0;
    flow_open(&flow, compare_taken, &taken);
    RFX_ASSERT(flow_add(&flow, FIRST_SEQ - 1, true, NULL, 0));
    for (; size >= 3; size -= 3, data += 3) {
        const size_t at = (size_t)data[0] << 8 | data[1];
        const size_t segment_size = data[2];
        char *copy = malloc(segment_size + 1);
        RFX_ASSERT(copy != NULL);
        for (size_t i = 0; i < segment_size; i++) {
            copy[i] = known(at + i);
        }
        RFX_ASSERT(flow_add(&flow, FIRST_SEQ + (uint32_t)at, false, copy, segment_size));
        free(copy);
        end = segment_size > 0 && at + segment_size > end ? at + segment_size : end;
    }
    flow_end(&flow);
    RFX_ASSERT(taken == end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    switch (data[0] % 3) {
    case 0:
        check_stream((const char *)data + 2, size - 2, data[1]);
        break;
    case 1:
        check_capture(data + 2, size - 2, data[1]);
        break;
    default:
        check_segments(data + 2, size - 2);
    }
    return 0;
}
