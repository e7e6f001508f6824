/* Vector code against plain C on hostile bytes.
 *
 * The first byte says how far from the beginning of its memory the input stands. The rest is taken
 * as it is, and as the body of a message: sum, places of SOH and the field index must be what plain
 * C makes of it. The memory ends with the input, so that reading past it is noticed. */
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "core/scan.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/support_index.h"

static void check_walk(const char *data, size_t size, size_t offset)
{
    struct rfx_scan scan = rfx_scan_from(data, size, offset);
    for (size_t i = offset; i < size; i++) {
        if (data[i] == RFX_SOH) {
            RFX_ASSERT(rfx_scan_next(&scan) == i);
        }
    }
    RFX_ASSERT(rfx_scan_next(&scan) == size);
}

static void check_index(const char *data, size_t size)
{
    struct rfx_field *fields = malloc(RFX_FIELDS_MAX(size) * sizeof *fields);
    struct rfx_field *plain_fields = malloc(RFX_FIELDS_MAX(size) * sizeof *fields);
    struct rfx_message message;
    struct rfx_message plain;
    RFX_ASSERT(fields != NULL && plain_fields != NULL);
    rfx_message_index(data, size, fields, &message);
    plain_index(data, size, plain_fields, &plain);
    RFX_ASSERT(index_difference(&message, &plain) == NULL);
    free(fields);
    free(plain_fields);
}

static void check_all(const char *data, size_t size)
{
    RFX_ASSERT(rfx_checksum(data, size) == rfx_scan_sum_plain(data, size));
    check_walk(data, size, 0);
    check_walk(data, size, size / 2);
    check_index(data, size);
    for (size_t i = 0; i + RFX_SCAN_BLOCK <= size; i += 7) {
        RFX_ASSERT(rfx_scan_block(data + i, RFX_SOH) == rfx_scan_block_plain(data + i, RFX_SOH));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "8=FIX.4.4\x01"
                               "9=1\x01"
                               "35=D\x01";
    static const char tail[] = "\x01"
                               "10=000\x01";
    if (size < 1) {
        return 0;
    }
    size_t shift = data[0] % 64;
    size_t head_size = sizeof head - 1;
    size_t tail_size = sizeof tail - 1;
    size--;
    char *memory = malloc(shift + size + 1);
    char *message = malloc(head_size + size + tail_size);
    RFX_ASSERT(memory != NULL && message != NULL);
    char *bytes = memory + shift + 1; /* never at the beginning: NULL would do for no bytes */
    memcpy(bytes, data + 1, size);
    check_all(bytes, size);
    memcpy(message, head, head_size);
    memcpy(message + head_size, data + 1, size);
    memcpy(message + head_size + size, tail, tail_size);
    check_all(message, head_size + size + tail_size);
    free(memory);
    free(message);
    return 0;
}
