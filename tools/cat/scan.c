#include "tools/cat/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOH     '\x01'
#define BEGIN   "8=FIX"
#define TRAILER 8 /* "10=123" between two separators */

struct scanner {
    struct rfx_codec *codec;
    char *data;
    size_t capacity;
    size_t start; /* of what is not handed out */
    size_t end;
    char *copy; /* of a message whose separators were not SOH */
    size_t copy_capacity;
    bool is_in_message; /* the piece handed out last was one: a newline right behind is its own */
};

struct scanner *scan_open(struct rfx_codec *codec)
{
    struct scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner != NULL) {
        scanner->codec = codec;
    }
    return scanner;
}

void scan_close(struct scanner *scanner)
{
    if (scanner != NULL) {
        free(scanner->data);
        free(scanner->copy);
        free(scanner);
    }
}

bool scan_add(struct scanner *scanner, const char *data, size_t size)
{
    if (scanner->start > 0) {
        memmove(scanner->data, scanner->data + scanner->start, scanner->end - scanner->start);
        scanner->end -= scanner->start;
        scanner->start = 0;
    }
    if (scanner->data == NULL || scanner->capacity - scanner->end < size) {
        size_t capacity = scanner->capacity < 65536 ? 65536 : scanner->capacity;
        while (capacity - scanner->end < size) {
            capacity *= 2;
        }
        char *grown = realloc(scanner->data, capacity);
        if (grown == NULL) {
            return false;
        }
        scanner->data = grown;
        scanner->capacity = capacity;
    }
    if (size > 0) {
        memcpy(scanner->data + scanner->end, data, size);
        scanner->end += size;
    }
    return true;
}

static struct rfx_bytes bytes_of(const char *data, size_t size)
{
    return (struct rfx_bytes){data, size};
}

/* ----------------------------------------------------------------------------- separators */

/* How fields are ended, by what stands behind BeginString: 1 byte, or the two of "^A". 0: this is
 * no message; PARTIAL: too little is there to tell. */
enum { PARTIAL = 9 };
static size_t separator_of(const char *data, size_t size, char *separator)
{
    const size_t longest = sizeof BEGIN + 8;
    for (size_t i = sizeof BEGIN - 1; i < size && i < longest; i++) {
        if (data[i] == SOH || data[i] == '|') {
            *separator = data[i];
            return 1;
        }
        if (data[i] == '^') {
            *separator = '^';
            return i + 1 == size ? PARTIAL : data[i + 1] == 'A' ? 2 : 0;
        }
        const bool is_version =
            (data[i] >= '0' && data[i] <= '9') || data[i] == '.' || data[i] == 'T';
        if (!is_version) {
            return 0;
        }
    }
    return size < longest ? PARTIAL : 0;
}

static bool is_separator(const char *data, char separator, size_t separator_size)
{
    return data[0] == separator && (separator_size == 1 || data[1] == 'A');
}

static bool is_digits(const char *data, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (data[i] < '0' || data[i] > '9') {
            return false;
        }
    }
    return true;
}

/* Where a message in text ends: behind its trailer, at the end of the line, or where the next one
 * begins. 0: not yet to be seen. */
static size_t end_of(const char *data, size_t size, char separator, size_t separator_size,
                     bool is_end)
{
    for (size_t i = sizeof BEGIN; i < size; i++) {
        const size_t left = size - i;
        if (data[i] == '\n' || (left >= sizeof BEGIN && is_separator(data + i - 1, SOH, 1) &&
                                memcmp(data + i, BEGIN, sizeof BEGIN - 1) == 0)) {
            return i;
        }
        if (left < separator_size + 6 || !is_separator(data + i, separator, separator_size) ||
            memcmp(data + i + separator_size, "10=", 3) != 0) {
            continue;
        }
        const size_t sum = i + separator_size + 3;
        size_t digits = sum;
        while (digits < size && is_digits(data + digits, 1)) {
            digits++;
        }
        if (digits + separator_size > size) {
            return is_end ? size : 0;
        }
        if (is_separator(data + digits, separator, separator_size)) {
            return digits + separator_size;
        }
        return digits;
    }
    return is_end || size > SCAN_SIZE_MAX ? size : 0;
}

/* With SOH in the place of the separators, and behind the last field too. */
static struct rfx_bytes convert(struct scanner *scanner, const char *data, size_t size,
                                char separator, size_t separator_size)
{
    size_t used = 0;
    if (scanner->copy_capacity < size + 1) {
        char *grown = realloc(scanner->copy, size + 1);
        if (grown == NULL) {
            return bytes_of(NULL, 0);
        }
        scanner->copy = grown;
        scanner->copy_capacity = size + 1;
    }
    for (size_t i = 0; i < size;) {
        const bool ends =
            i + separator_size <= size && is_separator(data + i, separator, separator_size);
        scanner->copy[used++] = ends ? SOH : data[i];
        i += ends ? separator_size : 1;
    }
    while (used > 0 && (scanner->copy[used - 1] == '\r' || scanner->copy[used - 1] == ' ')) {
        used--;
    }
    if (used > 0 && scanner->copy[used - 1] != SOH) {
        scanner->copy[used++] = SOH;
    }
    return bytes_of(scanner->copy, used);
}

/* -------------------------------------------------------------------------------- messages */

/* TAG=VALUE up to the next SOH, or the end. */
static void read_field(struct scan_fields *fields, int32_t *tag, struct rfx_bytes *value)
{
    const struct rfx_bytes bytes = fields->bytes;
    const size_t start = fields->position;
    const char *soh = memchr(bytes.data + start, SOH, bytes.size - start);
    const size_t end = soh != NULL ? (size_t)(soh - bytes.data) : bytes.size;
    size_t at = start;
    int32_t number = 0;
    while (at < end && is_digits(bytes.data + at, 1) && number < 100000000) {
        number = number * 10 + (bytes.data[at++] - '0');
    }
    const bool has_tag = number != 0 && at < end && bytes.data[at] == '=';
    at = has_tag ? at + 1 : start;
    *tag = has_tag ? number : 0;
    *value = bytes_of(bytes.data + at, end - at);
    fields->position = end + (soh != NULL);
}

bool scan_next_field(struct scan_fields *fields, int32_t *tag, struct rfx_bytes *value)
{
    if (fields->position >= fields->bytes.size) {
        return false;
    }
    read_field(fields, tag, value);
    if (fields->data_tag != 0 && *tag == fields->data_tag) {
        /* It may hold SOH; the length is taken when one stands where it ends. */
        const size_t start = (size_t)(value->data - fields->bytes.data);
        if (fields->data_size < fields->bytes.size - start &&
            fields->bytes.data[start + fields->data_size] == SOH) {
            value->size = fields->data_size;
            fields->position = start + fields->data_size + 1;
        }
    }
    fields->data_tag = rfx_data_tag_of(*tag);
    fields->data_size = 0;
    for (size_t i = 0; fields->data_tag != 0 && i < value->size && i < 8; i++) {
        if (!is_digits(value->data + i, 1)) {
            fields->data_tag = 0;
            break;
        }
        fields->data_size = fields->data_size * 10 + (size_t)(value->data[i] - '0');
    }
    return true;
}

/* Why the codec did not take it. */
static void explain(struct rfx_bytes bytes, char problem[80])
{
    struct scan_fields fields = {.bytes = bytes};
    size_t body = 0;    /* where it begins */
    size_t trailer = 0; /* where CheckSum begins */
    int32_t tag = 0;
    struct rfx_bytes value = bytes_of("", 0);
    struct rfx_bytes length = bytes_of("", 0);
    for (size_t at = 0; scan_next_field(&fields, &tag, &value); at = fields.position) {
        if (tag == 9 && body == 0) {
            length = value;
            body = fields.position;
        }
        if (tag == 10) {
            trailer = at;
            break;
        }
    }
    unsigned sum = 0;
    for (size_t i = 0; i < trailer; i++) {
        sum += (unsigned char)bytes.data[i];
    }
    if (body == 0) {
        snprintf(problem, 80, "no BodyLength(9) where it belongs");
    } else if (trailer == 0) {
        snprintf(problem, 80, "no CheckSum(10), the message is cut off");
    } else if (strtoull(length.data, NULL, 10) != trailer - body) {
        snprintf(problem, 80, "BodyLength(9) is %.*s, should be %zu",
                 length.size > 12 ? 12 : (int)length.size, length.data, trailer - body);
    } else if (value.size != 3 || !is_digits(value.data, 3) ||
               strtoul(value.data, NULL, 10) != sum % 256) {
        snprintf(problem, 80, "CheckSum(10) is %.*s, should be %03u",
                 value.size > 12 ? 12 : (int)value.size, value.data, sum % 256);
    } else {
        snprintf(problem, 80, "a field without a tag or without a value");
    }
}

/* A message in text: its bytes, whole or not. */
static enum scan_result take_line(struct scanner *scanner, size_t size, char separator,
                                  size_t separator_size, struct scan_piece *piece)
{
    size_t used = 0;
    piece->bytes =
        convert(scanner, scanner->data + scanner->start, size, separator, separator_size);
    scanner->start += size;
    scanner->is_in_message = true;
    if (piece->bytes.data != NULL &&
        rfx_codec_decode(scanner->codec, piece->bytes, &used, &piece->message) == RFX_DECODED &&
        used == piece->bytes.size) {
        return SCAN_MESSAGE;
    }
    explain(piece->bytes, piece->problem);
    return SCAN_DAMAGED;
}

static enum scan_result take_message(struct scanner *scanner, bool is_end, struct scan_piece *piece)
{
    const char *data = scanner->data + scanner->start;
    const size_t size = scanner->end - scanner->start;
    char separator = SOH;
    const size_t separator_size = separator_of(data, size, &separator);
    size_t used = 0;
    if (separator_size == PARTIAL && !is_end) {
        return SCAN_MORE;
    }
    if (separator_size == 0 || separator_size == PARTIAL) {
        piece->bytes = bytes_of(data, sizeof BEGIN - 1); /* it only looked like one */
        scanner->start += sizeof BEGIN - 1;
        return SCAN_TEXT;
    }
    if (separator == SOH) {
        const enum rfx_decoded decoded =
            rfx_codec_decode(scanner->codec, bytes_of(data, size), &used, &piece->message);
        if (decoded == RFX_DECODED) {
            piece->bytes = bytes_of(data, used);
            scanner->start += used;
            scanner->is_in_message = true;
            return SCAN_MESSAGE;
        }
        if (decoded == RFX_DECODED_PARTIAL && !is_end && size <= SCAN_SIZE_MAX) {
            return SCAN_MORE;
        }
    }
    const size_t end = end_of(data, size, separator, separator_size, is_end);
    return end == 0 ? SCAN_MORE : take_line(scanner, end, separator, separator_size, piece);
}

/* --------------------------------------------------------------------------------- the rest */

enum scan_result scan_next(struct scanner *scanner, bool is_end, struct scan_piece *piece)
{
    *piece = (struct scan_piece){.bytes = {NULL, 0}};
    while (scanner->is_in_message && scanner->start < scanner->end &&
           (scanner->data[scanner->start] == '\n' || scanner->data[scanner->start] == '\r')) {
        scanner->is_in_message = scanner->data[scanner->start++] == '\r';
    }
    const char *data = scanner->data + scanner->start;
    const size_t size = scanner->end - scanner->start;
    if (size == 0) {
        return SCAN_MORE;
    }
    scanner->is_in_message = false;
    const char *begin = memmem(data, size, BEGIN, sizeof BEGIN - 1);
    if (begin == data) {
        return take_message(scanner, is_end, piece);
    }
    const char *newline = memchr(data, '\n', size);
    if (newline != NULL && (begin == NULL || newline < begin)) {
        piece->bytes = bytes_of(data, (size_t)(newline - data));
        scanner->start += piece->bytes.size + 1;
        return SCAN_TEXT;
    }
    if (begin == NULL && !is_end && size < 65536) {
        return SCAN_MORE;
    }
    /* The beginning of a message may be cut off at the end. */
    const size_t kept = begin == NULL && !is_end ? sizeof BEGIN - 2 : 0;
    piece->bytes = bytes_of(data, begin != NULL ? (size_t)(begin - data) : size - kept);
    piece->is_prefix = begin != NULL;
    scanner->start += piece->bytes.size;
    return SCAN_TEXT;
}
