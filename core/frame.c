#include "core/frame.h"

#include <string.h>

#include "core/scan.h"

#define TRAILER_SIZE 7 /* 10=nnn and SOH */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

uint8_t rfx_checksum(const char *data, size_t size)
{
    return rfx_scan_sum(data, size);
}

/* Offset of the first place from which a message could start, or size. A prefix of "8=FIX" at
 * the very end counts: the rest may still come. */
static size_t find_start(const char *data, size_t from, size_t size)
{
    static const char start[] = "8=FIX";
    for (size_t i = from; i < size; i++) {
        const char *eight = memchr(data + i, '8', size - i);
        if (eight == NULL) {
            return size;
        }
        i = (size_t)(eight - data);
        size_t have = size - i < sizeof start - 1 ? size - i : sizeof start - 1;
        if (memcmp(eight, start, have) == 0 && (i == 0 || !is_digit(data[i - 1]))) {
            return i;
        }
    }
    return size;
}

static enum rfx_frame_result garbled(struct rfx_frame *frame, size_t size)
{
    frame->size = size;
    return RFX_FRAME_GARBLED;
}

static enum rfx_frame_result partial(struct rfx_frame *frame, size_t needed)
{
    frame->size = needed;
    return RFX_FRAME_PARTIAL;
}

static bool is_trailer(const char *data)
{
    return memcmp(data, "10=", 3) == 0 && is_digit(data[3]) && is_digit(data[4]) &&
           is_digit(data[5]) && data[6] == RFX_SOH;
}

/* Drops what cannot be the start of a message, up to the next place that can. A digit at the very
 * end stays, and so does one before an 8, so that "58=FIX" means the same wherever it is cut. */
static enum rfx_frame_result drop_to_start(const char *data, size_t size, struct rfx_frame *frame)
{
    size_t start = find_start(data, 1, size);
    if (start == size && is_digit(data[size - 1])) {
        start -= data[size - 1] == '8' && size > 1 && is_digit(data[size - 2]) ? 2 : 1;
    }
    if (start == 0) {
        frame->is_doomed = true;
        return partial(frame, 1);
    }
    return garbled(frame, start);
}

/* The body is not followed by a trailer: the message ends with the first CheckSum field after it,
 * whatever its value. The search ends where the longest message would, however much is there. */
static enum rfx_frame_result drop_to_trailer(const char *data, size_t size, size_t body_end,
                                             size_t message_size_max, struct rfx_frame *frame)
{
    bool is_all = size >= message_size_max;
    size_t i = body_end > 0 ? body_end - 1 : 0;
    size_t whole_size = size;
    if (is_all) {
        size = message_size_max;
    }
    while (i < size) {
        const char *soh = memchr(data + i, RFX_SOH, size - i);
        if (soh == NULL) {
            break;
        }
        i = (size_t)(soh - data) + 1;
        if (size - i > 3 && memcmp(data + i, "10=", 3) == 0) {
            const char *end = memchr(data + i, RFX_SOH, size - i);
            if (end != NULL) {
                return garbled(frame, (size_t)(end - data) + 1);
            }
        }
    }
    if (is_all) {
        return drop_to_start(data, whole_size, frame);
    }
    frame->is_doomed = true;
    return partial(frame, 1);
}

/* Reads "8=...|9=...|"; COMPLETE leaves the body's offset and length. */
static enum rfx_frame_result read_head(const char *data, size_t size, size_t message_size_max,
                                       struct rfx_frame *frame, size_t *body_length)
{
    static const char start[] = "8=FIX";
    size_t have = size < sizeof start - 1 ? size : sizeof start - 1;
    if (memcmp(data, start, have) != 0) {
        return drop_to_start(data, size, frame);
    }
    if (have < sizeof start - 1) {
        return partial(frame, 1);
    }
    size_t i = sizeof start - 1;
    while (i < size && data[i] != RFX_SOH) {
        if (i - 2 >= RFX_BEGIN_STRING_MAX) {
            return drop_to_start(data, size, frame);
        }
        i++;
    }
    i++;
    if (size < i + 2) {
        return partial(frame, 1);
    }
    if (data[i] != '9' || data[i + 1] != '=') {
        return drop_to_start(data, size, frame);
    }
    size_t length = 0;
    size_t digits_from = i + 2;
    for (i = digits_from; i < size && is_digit(data[i]); i++) {
        length = length * 10 + (size_t)(data[i] - '0');
        if (length > message_size_max) {
            return drop_to_start(data, size, frame);
        }
        if (i - digits_from >= 10) { /* a run of leading zeros without an end */
            return drop_to_start(data, size, frame);
        }
    }
    if (i == size) {
        return partial(frame, 1);
    }
    if (i == digits_from || data[i] != RFX_SOH) {
        return drop_to_start(data, size, frame);
    }
    frame->body_offset = i + 1;
    *body_length = length;
    return RFX_FRAME_COMPLETE;
}

enum rfx_frame_result rfx_frame(const char *data, size_t size, size_t message_size_max,
                                struct rfx_frame *frame)
{
    *frame = (struct rfx_frame){0};
    if (size == 0) {
        return partial(frame, 1);
    }
    size_t body_length = 0;
    enum rfx_frame_result head = read_head(data, size, message_size_max, frame, &body_length);
    if (head != RFX_FRAME_COMPLETE) {
        return head;
    }
    size_t body_end = frame->body_offset + body_length;
    size_t total = body_end + TRAILER_SIZE;
    if (total > message_size_max) {
        return drop_to_start(data, size, frame);
    }
    if (size < total) {
        return partial(frame, total - size);
    }
    if (body_length == 0 || data[body_end - 1] != RFX_SOH || !is_trailer(data + body_end)) {
        return drop_to_trailer(data, size, body_end, message_size_max, frame);
    }
    const char *sum = data + body_end + 3;
    int stated = (sum[0] - '0') * 100 + (sum[1] - '0') * 10 + (sum[2] - '0');
    bool is_third_field_type = body_length > 3 && memcmp(data + frame->body_offset, "35=", 3) == 0;
    frame->is_sum_alone = is_third_field_type;
    if (!is_third_field_type || stated != rfx_checksum(data, body_end)) {
        return garbled(frame, total);
    }
    frame->is_sum_alone = false;
    frame->size = total;
    return RFX_FRAME_COMPLETE;
}
