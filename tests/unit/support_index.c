#include "tests/unit/support_index.h"

#define TRAILER_SIZE 7

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "-" or nothing, one to nine digits, '='. Returns the offset of the value, 0 for no tag. */
static size_t plain_tag(const char *data, size_t size, size_t offset, int32_t *tag)
{
    bool is_negative = offset < size && data[offset] == '-';
    size_t from = offset + is_negative;
    size_t at = from;
    int32_t number = 0;
    for (; at < size && at < from + 9 && is_digit(data[at]); at++) {
        number = number * 10 + (data[at] - '0');
    }
    if (at == from || at == size || data[at] != '=') {
        return 0;
    }
    *tag = is_negative ? -number : number;
    return at + 1;
}

/* One field; returns where it ends. *data_tag and *data_size are what the field before it has
 * announced, and what this one announces for the next. */
static size_t plain_field(const char *data, size_t size, size_t offset, struct rfx_field *field,
                          int32_t *data_tag, uint64_t *data_size, bool *is_malformed)
{
    int32_t tag = RFX_TAG_MALFORMED;
    size_t value = plain_tag(data, size, offset, &tag);
    *is_malformed = value == 0;
    if (*is_malformed) {
        value = offset;
    }
    size_t end = value;
    if (*data_tag != 0 && tag == *data_tag) {
        if (size > value + TRAILER_SIZE && *data_size < size - value - TRAILER_SIZE &&
            data[value + *data_size] == RFX_SOH) {
            end = value + *data_size;
        } else {
            *is_malformed = true;
        }
    }
    while (end < size && data[end] != RFX_SOH) {
        end++;
    }
    *field =
        (struct rfx_field){.tag = tag, .offset = (uint32_t)value, .size = (uint32_t)(end - value)};
    *data_tag = rfx_data_tag_of(tag);
    if (*data_tag != 0 && !rfx_read_uint(rfx_bytes_of(data + value, end - value), data_size)) {
        *data_tag = 0;
    }
    return end;
}

void plain_index(const char *data, size_t size, struct rfx_field *fields,
                 struct rfx_message *message)
{
    int32_t data_tag = 0;
    uint64_t data_size = 0;
    *message = (struct rfx_message){
        .data = data, .fields = fields, .size = (uint32_t)size, .malformed_index = -1};
    for (size_t offset = 0; offset < size;) {
        bool is_malformed;
        struct rfx_field *field = &fields[message->field_count];
        offset = plain_field(data, size, offset, field, &data_tag, &data_size, &is_malformed) + 1;
        message->field_count++;
        if (is_malformed && message->malformed_index >= 0) {
            return;
        }
        if (is_malformed) {
            message->malformed_index = (int32_t)message->field_count - 1;
        }
    }
}

const char *index_difference(const struct rfx_message *left, const struct rfx_message *right)
{
    if (left->field_count != right->field_count) {
        return "field_count";
    }
    if (left->malformed_index != right->malformed_index) {
        return "malformed_index";
    }
    if (left->size != right->size) {
        return "size";
    }
    for (uint32_t i = 0; i < left->field_count; i++) {
        const struct rfx_field *a = &left->fields[i];
        const struct rfx_field *b = &right->fields[i];
        if (a->tag != b->tag || a->offset != b->offset || a->size != b->size) {
            return "a field";
        }
    }
    return NULL;
}
