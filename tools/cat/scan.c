#include "tools/cat/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOH            '\x01'
#define BEGIN          "8=FIX"
#define TRAILER        8 /* "10=123" between two separators, or what is left of another beginning */

#define TEXT_PART      65536 /* of a line that is longer */
#define LENGTH_END_MAX 32    /* behind this no BodyLength(9) ends that is one */
#define SUM_DIGITS_MAX 20    /* a CheckSum(10) that has more is wrong anyway */

struct scanner {
    struct rfx_codec *codec;
    char *data;
    size_t capacity;
    size_t start; /* of what is not handed out */
    size_t end;
    char *copy; /* of a message whose separators were not SOH */
    size_t copy_capacity;
    bool is_in_message; /* the piece handed out last was one: a newline right behind is its own */
    bool is_at_message; /* one begins at the start */
    bool is_undecoded;  /* and it is none for the codec */
    size_t looked;      /* behind the start: so far there is no end of it, or no beginning */
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

static void hand_out(struct scanner *scanner, size_t size)
{
    scanner->start += size;
    scanner->looked = 0;
    scanner->is_at_message = false;
    scanner->is_undecoded = false;
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
 * begins. 0: not yet to be seen; *looked is where to go on with more. */
static size_t end_of(const char *data, size_t size, char separator, size_t separator_size,
                     bool is_end, size_t *looked)
{
    for (size_t i = *looked > sizeof BEGIN ? *looked : sizeof BEGIN; i < size; i++) {
        const size_t left = size - i;
        if (data[i] == '\n' || (left >= sizeof BEGIN && is_separator(data + i - 1, SOH, 1) &&
                                memcmp(data + i, BEGIN, sizeof BEGIN - 1) == 0)) {
            return i;
        }
        if (left < separator_size || !is_separator(data + i, separator, separator_size)) {
            continue;
        }
        const size_t behind = left - separator_size;
        if (memcmp(data + i + separator_size, "10=", behind < 3 ? behind : 3) != 0) {
            continue;
        }
        if (behind < 3) {
            *looked = i;
            return is_end ? size : 0;
        }
        const size_t sum = i + separator_size + 3;
        size_t digits = sum;
        while (digits < size && digits < sum + SUM_DIGITS_MAX && is_digits(data + digits, 1)) {
            digits++;
        }
        if (digits + separator_size > size) {
            *looked = i;
            return is_end ? size : 0;
        }
        if (is_separator(data + digits, separator, separator_size)) {
            return digits + separator_size;
        }
        return digits;
    }
    *looked = size > TRAILER ? size - TRAILER : 0; /* one may be cut */
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
    hand_out(scanner, size);
    scanner->is_in_message = true;
    if (piece->bytes.data != NULL &&
        rfx_codec_decode(scanner->codec, piece->bytes, &used, &piece->message) == RFX_DECODED &&
        used == piece->bytes.size) {
        return SCAN_MESSAGE;
    }
    piece->message = NULL;
    explain(piece->bytes, piece->problem);
    return SCAN_DAMAGED;
}

/* How long the message at the start says it is; 0: it does not, or is not there so far. */
static size_t announced_size(const char *data, size_t size)
{
    const char *soh = memchr(data, SOH, size < LENGTH_END_MAX ? size : LENGTH_END_MAX);
    size_t at = soh != NULL ? (size_t)(soh - data) + 1 : size;
    size_t body = 0;
    if (at + 2 > size || memcmp(data + at, "9=", 2) != 0) {
        return 0;
    }
    for (at += 2; at < size && at < LENGTH_END_MAX && is_digits(data + at, 1); at++) {
        body = body * 10 + (size_t)(data[at] - '0');
    }
    return at < size && data[at] == SOH ? at + 1 + body + TRAILER - 1 : 0;
}

static enum scan_result take_message(struct scanner *scanner, bool is_end, struct scan_piece *piece)
{
    const char *data = scanner->data + scanner->start;
    const size_t size = scanner->end - scanner->start;
    char separator = SOH;
    const size_t separator_size = separator_of(data, size, &separator);
    size_t used = 0;
    if (separator == SOH && !scanner->is_undecoded && !is_end) {
        const size_t announced = announced_size(data, size);
        if (announced == 0 ? size < LENGTH_END_MAX
                           : announced > size && announced <= SCAN_SIZE_MAX) {
            return SCAN_MORE;
        }
    }
    if (separator == SOH && !scanner->is_undecoded) {
        const enum rfx_decoded decoded =
            rfx_codec_decode(scanner->codec, bytes_of(data, size), &used, &piece->message);
        if (decoded == RFX_DECODED) {
            piece->bytes = bytes_of(data, used);
            hand_out(scanner, used);
            scanner->is_in_message = true;
            return SCAN_MESSAGE;
        }
        scanner->is_undecoded = true;
    }
    const size_t end = end_of(data, size, separator, separator_size, is_end, &scanner->looked);
    return end == 0 ? SCAN_MORE : take_line(scanner, end, separator, separator_size, piece);
}

/* --------------------------------------------------------------------------------- the rest */

/* Where the first message begins, or may begin when too little is there to tell; size: nowhere. */
static size_t begin_of(const char *data, size_t size, bool is_end, size_t from, bool *is_certain)
{
    const char *begin;
    for (size_t at = from; (begin = memmem(data + at, size - at, BEGIN, sizeof BEGIN - 1)) != NULL;
         at = (size_t)(begin - data) + sizeof BEGIN - 1) {
        char separator = SOH;
        const size_t found = separator_of(begin, size - (size_t)(begin - data), &separator);
        *is_certain = found != 0 && found != PARTIAL;
        if (*is_certain || (found == PARTIAL && !is_end)) {
            return (size_t)(begin - data);
        }
    }
    return size;
}

static enum scan_result take_text(struct scanner *scanner, size_t size, bool is_prefix,
                                  struct scan_piece *piece)
{
    piece->bytes = bytes_of(scanner->data + scanner->start, size);
    piece->is_prefix = is_prefix;
    hand_out(scanner, size);
    return SCAN_TEXT;
}

enum scan_result scan_next(struct scanner *scanner, bool is_end, struct scan_piece *piece)
{
    *piece = (struct scan_piece){.bytes = {NULL, 0}};
    while (scanner->is_in_message && scanner->start < scanner->end &&
           (scanner->data[scanner->start] == '\n' || scanner->data[scanner->start] == '\r')) {
        scanner->is_in_message = scanner->data[scanner->start++] == '\r';
    }
    if (scanner->start == scanner->end) {
        return SCAN_MORE;
    }
    const char *data = scanner->data + scanner->start;
    const size_t size = scanner->end - scanner->start;
    scanner->is_in_message = false;
    if (scanner->is_at_message) {
        return take_message(scanner, is_end, piece);
    }
    bool is_certain = false;
    const size_t from = scanner->looked;
    const size_t begin = begin_of(data, size, is_end, from, &is_certain);
    const char *newline = memchr(data + from, '\n', begin - from);
    if (newline != NULL) {
        const size_t line = (size_t)(newline - data);
        const enum scan_result result = take_text(scanner, line, false, piece);
        scanner->start++;
        return result;
    }
    if (is_certain && begin == 0) {
        scanner->is_at_message = true;
        scanner->looked = 0;
        return take_message(scanner, is_end, piece);
    }
    if (is_certain) {
        return take_text(scanner, begin, true, piece);
    }
    if (is_end) {
        return take_text(scanner, size, false, piece);
    }
    /* The beginning of a message may be cut off at the end. */
    const size_t kept = size < sizeof BEGIN - 2 ? size : sizeof BEGIN - 2;
    const size_t sure = begin < size - kept ? begin : size - kept;
    if (sure < TEXT_PART) {
        scanner->looked = sure;
        return SCAN_MORE;
    }
    return take_text(scanner, sure, false, piece);
}
