#include "core/encode.h"

#include <string.h>

#include "core/frame.h"
#include "core/scan.h"
#include "core/timestamp.h"

#define TRAILER_SIZE       7
#define BODY_LENGTH_DIGITS 7

static const char digit_pairs[201] = "00010203040506070809101112131415161718192021222324"
                                     "25262728293031323334353637383940414243444546474849"
                                     "50515253545556575859606162636465666768697071727374"
                                     "75767778798081828384858687888990919293949596979899";

/* Writes the digits so that they end before `end`; returns where they start. */
static char *digits_before(char *end, uint64_t value)
{
    while (value >= 100) {
        end -= 2;
        memcpy(end, digit_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, digit_pairs + value * 2, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

/* Of a number below 100, one or two digits. Returns where they end. */
static inline char *write_pair(char *out, uint32_t value)
{
    if (value < 10) {
        *out = (char)('0' + value);
        return out + 1;
    }
    memcpy(out, digit_pairs + (size_t)value * 2, 2);
    return out + 2;
}

/* Most numbers are tags or small otherwise. */
static inline char *write_number(char *out, uint64_t value)
{
    if (value < 100) {
        return write_pair(out, (uint32_t)value);
    }
    if (value < 10000) {
        out = write_pair(out, (uint32_t)value / 100);
        memcpy(out, digit_pairs + (size_t)value % 100 * 2, 2);
        return out + 2;
    }
    size_t count = 5;
    for (uint64_t rest = value / 100000; rest > 0; rest /= 10) {
        count++;
    }
    digits_before(out + count, value);
    return out + count;
}

size_t rfx_write_uint(char *text, uint64_t value)
{
    return (size_t)(write_number(text, value) - text);
}

/* One field of an identity, nothing for NULL. Returns its size; out may be NULL to ask for that. */
static size_t render(char *out, const char *tag, const char *value)
{
    if (value == NULL) {
        return 0;
    }
    size_t tag_size = strlen(tag);
    size_t value_size = strlen(value);
    if (out != NULL) {
        memcpy(out, tag, tag_size);
        memcpy(out + tag_size, value, value_size);
        out[tag_size + value_size] = RFX_SOH;
    }
    return tag_size + value_size + 1;
}

size_t rfx_identity_size(const struct rfx_identity_parts *parts)
{
    return render(NULL, "49=", parts->sender_comp_id) + render(NULL, "50=", parts->sender_sub_id) +
           render(NULL, "56=", parts->target_comp_id) + render(NULL, "57=", parts->target_sub_id) +
           render(NULL, "142=", parts->sender_location_id) +
           render(NULL, "143=", parts->target_location_id);
}

void rfx_identity_init(struct rfx_identity *identity, const struct rfx_identity_parts *parts,
                       char *fields)
{
    size_t begin_size = strlen(parts->begin_string);
    RFX_ASSERT(begin_size <= RFX_BEGIN_STRING_MAX);
    memcpy(identity->begin_field, "8=", 2);
    memcpy(identity->begin_field + 2, parts->begin_string, begin_size);
    memcpy(identity->begin_field + 2 + begin_size,
           "\x01"
           "9=",
           3);
    identity->begin_size = (uint8_t)(begin_size + 5);
    identity->fields = fields;

    char *end = fields;
    identity->sender_comp_id = rfx_bytes_of(end + 3, strlen(parts->sender_comp_id));
    end += render(end, "49=", parts->sender_comp_id);
    end += render(end, "50=", parts->sender_sub_id);
    identity->sender_size = (uint8_t)(end - fields);
    fields = end;
    identity->target_comp_id = rfx_bytes_of(end + 3, strlen(parts->target_comp_id));
    end += render(end, "56=", parts->target_comp_id);
    end += render(end, "57=", parts->target_sub_id);
    identity->target_size = (uint8_t)(end - fields);
    fields = end;
    end += render(end, "142=", parts->sender_location_id);
    end += render(end, "143=", parts->target_location_id);
    identity->location_size = (uint8_t)(end - fields);
}

/* A short copy is not worth a call; most are short. */
static inline void copy(char *to, const char *from, size_t size)
{
    if (size <= RFX_SCAN_SHORT) {
        (void)rfx_scan_copy_short(to, from, size);
    } else {
        memcpy(to, from, size);
    }
}

static inline void append(struct rfx_writer *writer, const char *bytes, size_t size)
{
    copy(writer->position, bytes, size);
    writer->position += size;
}

/* Header fields are bounded by RFX_ENVELOPE_MAX and need no check of their own. */
void rfx_writer_begin(struct rfx_writer *writer, char *memory, size_t size,
                      const struct rfx_identity *identity, const struct rfx_envelope *envelope)
{
    RFX_ASSERT(size >= RFX_ENVELOPE_MAX);
    RFX_ASSERT(envelope->msg_type.size <= 32 && envelope->sending_time.size <= 32 &&
               envelope->orig_sending_time.size <= 32);
    writer->start = memory;
    writer->body = memory + identity->begin_size + BODY_LENGTH_DIGITS + 1;
    writer->position = writer->body;
    writer->limit = memory + size - TRAILER_SIZE;
    writer->failed = false;

    append(writer, "35=", 3);
    append(writer, envelope->msg_type.data, envelope->msg_type.size);
    append(writer,
           "\x01"
           "34=",
           4);
    writer->position = write_number(writer->position, envelope->seq_num);
    *writer->position++ = RFX_SOH;
    if (envelope->poss_dup) {
        append(writer, "43=Y\x01", 5);
    }
    const char *fields = identity->fields;
    append(writer, fields, identity->sender_size);
    fields += identity->sender_size;
    append(writer, "52=", 3);
    append(writer, envelope->sending_time.data, envelope->sending_time.size);
    *writer->position++ = RFX_SOH;
    append(writer, fields, identity->target_size);
    fields += identity->target_size;
    if (envelope->orig_sending_time.data != NULL) {
        append(writer, "122=", 4);
        append(writer, envelope->orig_sending_time.data, envelope->orig_sending_time.size);
        *writer->position++ = RFX_SOH;
    }
    append(writer, fields, identity->location_size);
    if (envelope->has_last_processed) {
        append(writer, "369=", 4);
        writer->position = write_number(writer->position, envelope->last_processed);
        *writer->position++ = RFX_SOH;
    }
}

void rfx_writer_begin_fields(struct rfx_writer *writer, char *memory, size_t size)
{
    *writer = (struct rfx_writer){
        .start = memory, .body = memory, .position = memory, .limit = memory + size};
}

static bool has_room(struct rfx_writer *writer, size_t size)
{
    if (writer->failed || size > (size_t)(writer->limit - writer->position)) {
        writer->failed = true;
        return false;
    }
    return true;
}

/* Starts a field; NULL when it is not acceptable or there is no room for the whole of it. */
static inline char *begin_field(struct rfx_writer *writer, int32_t tag, size_t value_size)
{
    if (RFX_UNLIKELY(tag < 1 || value_size == 0)) {
        writer->failed = true;
    }
    if (!has_room(writer, value_size + 12)) { /* tag, '=', SOH */
        return NULL;
    }
    char *out = write_number(writer->position, (uint64_t)tag);
    *out = '=';
    return out + 1;
}

static inline void end_field(struct rfx_writer *writer, char *end)
{
    *end = RFX_SOH;
    writer->position = end + 1;
}

void rfx_writer_put_raw(struct rfx_writer *writer, int32_t tag, struct rfx_bytes value)
{
    char *out = begin_field(writer, tag, value.size);
    if (out != NULL) {
        copy(out, value.data, value.size);
        end_field(writer, out + value.size);
    }
}

/* Copies a value and tells whether it is free of SOH. */
static inline bool copy_value(char *out, struct rfx_bytes value)
{
    if (RFX_LIKELY(value.size <= RFX_SCAN_SHORT)) {
        return rfx_scan_copy_short(out, value.data, value.size) == 0;
    }
    memcpy(out, value.data, value.size);
    return memchr(value.data, RFX_SOH, value.size) == NULL;
}

void rfx_writer_put(struct rfx_writer *writer, int32_t tag, struct rfx_bytes value)
{
    char *out = begin_field(writer, tag, value.size);
    if (out == NULL) {
        return;
    }
    if (copy_value(out, value)) {
        end_field(writer, out + value.size);
    } else {
        writer->failed = true; /* and the field is not there */
    }
}

void rfx_writer_put_text(struct rfx_writer *writer, int32_t tag, const char *value)
{
    rfx_writer_put(writer, tag, rfx_bytes_of(value, strlen(value)));
}

void rfx_writer_put_uint(struct rfx_writer *writer, int32_t tag, uint64_t value)
{
    char digits[20];
    rfx_writer_put_raw(writer, tag, rfx_bytes_of(digits, rfx_write_uint(digits, value)));
}

void rfx_writer_put_fields(struct rfx_writer *writer, struct rfx_bytes fields)
{
    if (fields.size > 0 && has_room(writer, fields.size)) {
        append(writer, fields.data, fields.size);
    }
}

struct rfx_bytes rfx_writer_finish(struct rfx_writer *writer, const struct rfx_identity *identity)
{
    if (writer->failed) {
        return rfx_bytes_of(NULL, 0);
    }
    char *end = writer->body;
    *--end = RFX_SOH;
    char *start = digits_before(end, (uint64_t)(writer->position - writer->body));
    start -= identity->begin_size;
    RFX_ASSERT(start >= writer->start);
    memcpy(start, identity->begin_field, identity->begin_size);

    unsigned sum = rfx_checksum(start, (size_t)(writer->position - start));
    char *trailer = writer->position;
    memcpy(trailer, "10=", 3);
    trailer[3] = (char)('0' + sum / 100);
    memcpy(trailer + 4, digit_pairs + (size_t)sum % 100 * 2, 2);
    trailer[6] = RFX_SOH;
    writer->position = trailer + TRAILER_SIZE;
    return rfx_bytes_of(start, (size_t)(writer->position - start));
}
