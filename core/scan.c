#include "core/scan.h"

#include <string.h>

/* Sixteen sums modulo 256 side by side; the compiler has an instruction for it on most CPUs. */
typedef uint8_t lanes __attribute__((vector_size(16)));

static inline lanes load(const void *data)
{
    lanes bytes;
    memcpy(&bytes, data, sizeof bytes);
    return bytes;
}

static uint8_t sum_of_lanes(lanes bytes)
{
    const uint64_t every_second = UINT64_C(0x00ff00ff00ff00ff);
    uint64_t words[2];
    memcpy(words, &bytes, sizeof words);
    uint64_t pairs = 0;
    for (size_t i = 0; i < 2; i++) {
        pairs += (words[i] & every_second) + (words[i] >> 8 & every_second);
    }
    return (uint8_t)(pairs * UINT64_C(0x0001000100010001) >> 48);
}

uint8_t rfx_scan_sum_plain(const char *data, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)data;
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum += bytes[i];
    }
    return (uint8_t)sum;
}

uint8_t rfx_scan_sum(const char *data, size_t size)
{
    /* Loaded from n on, it keeps the last n lanes. */
    static const uint8_t kept[2 * sizeof(lanes)] = {[16] = 255, 255, 255, 255, 255, 255, 255, 255,
                                                    255,        255, 255, 255, 255, 255, 255, 255};
    if (size < sizeof(lanes)) {
        return rfx_scan_sum_plain(data, size);
    }
    lanes a = {0};
    lanes b = {0};
    size_t i = 0;
    for (; size - i >= 64; i += 64) {
        a += load(data + i) + load(data + i + 16);
        b += load(data + i + 32) + load(data + i + 48);
    }
    for (; size - i >= 16; i += 16) {
        a += load(data + i);
    }
    b += load(data + size - 16) & load(kept + (size - i));
    return sum_of_lanes(a + b);
}
