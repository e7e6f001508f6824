#include "journal/crc.h"

#include <string.h>

/* What one nibble more makes of the sum. */
static uint32_t shift_nibble(uint32_t crc)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    return (crc >> 4) ^ table[crc & 15];
}

uint32_t rfx_crc_plain(uint32_t crc, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc = shift_nibble(shift_nibble(crc ^ bytes[i]));
    }
    return ~crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t crc_of_processor(uint32_t crc, const void *data,
                                                                   size_t size)
{
    const uint8_t *bytes = data;
    uint64_t sum = ~crc;
    for (; size >= 8; size -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    uint32_t rest = (uint32_t)sum;
    for (; size > 0; size--, bytes++) {
        rest = __builtin_ia32_crc32qi(rest, *bytes);
    }
    return ~rest;
}

uint32_t rfx_crc(uint32_t crc, const void *data, size_t size)
{
    return __builtin_cpu_supports("sse4.2") ? crc_of_processor(crc, data, size)
                                            : rfx_crc_plain(crc, data, size);
}

#else

uint32_t rfx_crc(uint32_t crc, const void *data, size_t size)
{
    return rfx_crc_plain(crc, data, size);
}

#endif
