/* Many bytes looked at in one step: where a byte stands, the digits of a tag, the sum.
 *
 * rfx_scan_block() is all that knows the kind of CPU: vectors that every x86-64 and every arm64
 * has, plain C elsewhere; nothing is chosen at run time. Nothing here reads a byte outside of what
 * it is given.
 *
 * thread   any */
#ifndef RFX_CORE_SCAN_H
#define RFX_CORE_SCAN_H

#include "core/base.h"

#define RFX_SCAN_BLOCK 64

/* Bit i: data[i] is the byte. Of RFX_SCAN_BLOCK bytes; the reference for the one below. */
static inline uint64_t rfx_scan_block_plain(const char *data, char byte)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < RFX_SCAN_BLOCK; i++) {
        found |= (uint64_t)(data[i] == byte) << i;
    }
    return found;
}

#if defined(__SSE2__)
#include <emmintrin.h>

static inline uint64_t rfx_scan_block(const char *data, char byte)
{
    const __m128i wanted = _mm_set1_epi8(byte);
    uint64_t found = 0;
    for (unsigned i = 0; i < RFX_SCAN_BLOCK; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(data + i));
        uint32_t part = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted));
        found |= (uint64_t)part << i;
    }
    return found;
}

#elif defined(__aarch64__) && defined(__ARM_NEON) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <arm_neon.h>

static inline uint64_t rfx_scan_block(const char *data, char byte)
{
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t weight = vld1q_u8(weights);
    const uint8x16_t wanted = vdupq_n_u8((uint8_t)byte);
    uint8x16_t part[4];
    for (unsigned i = 0; i < 4; i++) {
        uint8x16_t bytes = vld1q_u8((const uint8_t *)data + 16 * i);
        part[i] = vandq_u8(vceqq_u8(bytes, wanted), weight);
    }
    /* Neighbours are added three times: eight weights become a byte. */
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(part[0], part[1]), vpaddq_u8(part[2], part[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

#else

static inline uint64_t rfx_scan_block(const char *data, char byte)
{
    return rfx_scan_block_plain(data, byte);
}

#endif

/* Walks over the places of SOH, in order. */
struct rfx_scan {
    const char *data;
    size_t size;
    size_t block;   /* where the block begins that is looked at */
    uint64_t found; /* what is left of it */
};

/* The block at an offset below size, which may be cut by the end: its bits are 0 there. */
static inline uint64_t rfx_scan_cut_block(const char *data, size_t size, size_t offset)
{
    if (RFX_LIKELY(size - offset >= RFX_SCAN_BLOCK)) {
        return rfx_scan_block(data + offset, RFX_SOH);
    }
    if (RFX_LIKELY(size >= RFX_SCAN_BLOCK)) { /* the last whole block, without what was there */
        return rfx_scan_block(data + size - RFX_SCAN_BLOCK, RFX_SOH) >>
               (offset + RFX_SCAN_BLOCK - size);
    }
    char copy[RFX_SCAN_BLOCK] = {0};
    __builtin_memcpy(copy, data + offset, size - offset);
    return rfx_scan_block(copy, RFX_SOH);
}

/* Starts at an offset of up to size. */
static inline struct rfx_scan rfx_scan_from(const char *data, size_t size, size_t offset)
{
    return (struct rfx_scan){
        .data = data,
        .size = size,
        .block = offset,
        .found = offset < size ? rfx_scan_cut_block(data, size, offset) : 0,
    };
}

/* Offset of the next SOH, size when there is none. */
static inline size_t rfx_scan_next(struct rfx_scan *scan)
{
    while (RFX_UNLIKELY(scan->found == 0)) {
        if (scan->size - scan->block <= RFX_SCAN_BLOCK) {
            return scan->size;
        }
        scan->block += RFX_SCAN_BLOCK;
        scan->found = rfx_scan_cut_block(scan->data, scan->size, scan->block);
    }
    size_t at = scan->block + (size_t)__builtin_ctzll(scan->found);
    scan->found &= scan->found - 1;
    return at;
}

/* Eight bytes, the first one lowest. */
static inline uint64_t rfx_scan_word(const char *data)
{
    uint64_t word;
    __builtin_memcpy(&word, data, sizeof word);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word);
}

/* The tag of one to four digits, '=' behind it, that a word begins with. Returns the number of
 * digits; 0 when it begins with no such thing, or has a second '=' soon behind the first one.
 *
 * A branch on how many there are: the next message of the kind goes the same way, and where it
 * does not, it is still less work than what it takes without branches. */
static inline size_t rfx_scan_tag(uint64_t word, int32_t *tag)
{
    uint32_t digits = (uint32_t)word ^ 0x30303030u;
    uint32_t others = (digits | (digits + 0x76767676u)) & 0x80808080u; /* right up to the first */
    uint32_t first = digits & 0xff;
    uint32_t second = digits >> 8 & 0xff;
    uint32_t third = digits >> 16 & 0xff;
    if ((word >> 16 & 0xff) == '=') {
        *tag = (int32_t)(first * 10 + second);
        return (others & 0xffff) == 0 ? 2 : 0;
    }
    if ((word >> 24 & 0xff) == '=') {
        *tag = (int32_t)(first * 100 + second * 10 + third);
        return (others & 0xffffff) == 0 ? 3 : 0;
    }
    if ((word >> 8 & 0xff) == '=') {
        *tag = (int32_t)first;
        return (others & 0xff) == 0 ? 1 : 0;
    }
    if ((word >> 32 & 0xff) == '=') {
        *tag = (int32_t)(first * 1000 + second * 100 + third * 10 + (digits >> 24));
        return others == 0 ? 4 : 0;
    }
    return 0;
}

/* Not 0 when a byte of the word is SOH. */
static inline uint64_t rfx_scan_word_soh(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t other = word ^ ones * RFX_SOH;
    return (other - ones) & ~other & ones << 7;
}

#define RFX_SCAN_SHORT 16

/* Copies up to RFX_SCAN_SHORT bytes, some of them twice and none by a loop. Not 0 when SOH is among
 * them. */
static inline uint64_t rfx_scan_copy_short(char *to, const char *from, size_t size)
{
    if (size >= 8) {
        uint64_t head;
        uint64_t tail;
        __builtin_memcpy(&head, from, 8);
        __builtin_memcpy(&tail, from + size - 8, 8);
        __builtin_memcpy(to, &head, 8);
        __builtin_memcpy(to + size - 8, &tail, 8);
        return rfx_scan_word_soh(head) | rfx_scan_word_soh(tail);
    }
    if (size >= 4) {
        uint32_t head;
        uint32_t tail;
        __builtin_memcpy(&head, from, 4);
        __builtin_memcpy(&tail, from + size - 4, 4);
        __builtin_memcpy(to, &head, 4);
        __builtin_memcpy(to + size - 4, &tail, 4);
        return rfx_scan_word_soh((uint64_t)head << 32 | tail);
    }
    if (size == 0) {
        return 0;
    }
    char first = from[0];
    char middle = from[size / 2];
    char last = from[size - 1];
    to[0] = first;
    to[size / 2] = middle;
    to[size - 1] = last;
    return first == RFX_SOH || middle == RFX_SOH || last == RFX_SOH;
}

/* The sum of all bytes, modulo 256. */
uint8_t rfx_scan_sum(const char *data, size_t size);
uint8_t rfx_scan_sum_plain(const char *data, size_t size); /* the reference */

#endif
