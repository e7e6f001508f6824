#include "io/test/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------ text */

static void reserve(struct rfx_text *text, size_t more)
{
    if (text->size + more < text->capacity) {
        return;
    }
    size_t capacity = text->capacity == 0 ? 256 : text->capacity;
    while (text->size + more >= capacity) {
        capacity *= 2;
    }
    text->data = realloc(text->data, capacity);
    RFX_ASSERT(text->data != NULL);
    text->capacity = capacity;
}

void rfx_text_put(struct rfx_text *text, struct rfx_bytes bytes)
{
    reserve(text, bytes.size);
    if (bytes.size > 0) {
        memcpy(text->data + text->size, bytes.data, bytes.size);
    }
    text->size += bytes.size;
    text->data[text->size] = '\0';
}

void rfx_text_format_list(struct rfx_text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    const int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    RFX_ASSERT(size >= 0);
    reserve(text, (size_t)size + 1);
    vsnprintf(text->data + text->size, (size_t)size + 1, format, arguments);
    text->size += (size_t)size;
}

void rfx_text_format(struct rfx_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    rfx_text_format_list(text, format, arguments);
    va_end(arguments);
}

void rfx_text_clear(struct rfx_text *text)
{
    text->size = 0;
}

void rfx_text_close(struct rfx_text *text)
{
    free(text->data);
    *text = (struct rfx_text){0};
}

/* ---------------------------------------------------------------------------------- fields */

static struct rfx_listed *append(struct rfx_fields *fields)
{
    if (fields->count == fields->capacity) {
        fields->capacity = fields->capacity == 0 ? 32 : 2 * fields->capacity;
        fields->items = realloc(fields->items, fields->capacity * sizeof *fields->items);
        RFX_ASSERT(fields->items != NULL);
    }
    return &fields->items[fields->count++];
}

static struct rfx_text *add_text(struct rfx_fields *fields)
{
    fields->texts = realloc(fields->texts, (fields->text_count + 1) * sizeof *fields->texts);
    RFX_ASSERT(fields->texts != NULL);
    struct rfx_text *text = &fields->texts[fields->text_count++];
    *text = (struct rfx_text){0};
    return text;
}

void rfx_fields_add(struct rfx_fields *fields, int32_t tag, struct rfx_bytes value)
{
    *append(fields) = (struct rfx_listed){.tag = tag, .value = value};
}

void rfx_fields_format(struct rfx_fields *fields, int32_t tag, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct rfx_text *text = add_text(fields);
    rfx_text_format_list(text, format, arguments);
    va_end(arguments);
    rfx_fields_add(fields, tag, rfx_bytes_of(text->data, text->size));
}

/* "44=10.5" or "!44". A value may be empty: what a session makes of that can be tested. */
static bool parse_one(struct rfx_bytes token, struct rfx_listed *listed)
{
    const bool is_absent = token.size > 0 && token.data[0] == '!';
    const char *tag = token.data + is_absent;
    const size_t left = token.size - is_absent;
    const char *equals = memchr(tag, '=', left);
    const size_t tag_size = equals != NULL ? (size_t)(equals - tag) : left;
    uint64_t number;
    if ((equals == NULL) != is_absent || !rfx_read_uint(rfx_bytes_of(tag, tag_size), &number) ||
        number == 0 || number > INT32_MAX) {
        return false;
    }
    *listed = (struct rfx_listed){.tag = (int32_t)number, .is_absent = is_absent};
    if (!is_absent) {
        listed->value = rfx_bytes_of(equals + 1, left - tag_size - 1);
    }
    return true;
}

static rfx_status parse(struct rfx_fields *fields, struct rfx_bytes text, struct rfx_error *error)
{
    size_t start = 0;
    while (start < text.size) {
        const char *bar = memchr(text.data + start, '|', text.size - start);
        const size_t end = bar != NULL ? (size_t)(bar - text.data) : text.size;
        struct rfx_listed listed;
        if (!parse_one(rfx_bytes_of(text.data + start, end - start), &listed)) {
            return rfx_fail(error, RFX_E_INVALID,
                            "\"%.*s\" in \"%.300s\" is no field; write fields as 35=D|11=A-1",
                            (int)rfx_min_u64(end - start, 80), text.data + start, text.data);
        }
        *append(fields) = listed;
        start = end + 1;
    }
    return RFX_OK;
}

rfx_status rfx_fields_parse_list(struct rfx_fields *fields, const char *format, va_list arguments,
                                 struct rfx_error *error)
{
    struct rfx_text *text = add_text(fields);
    rfx_text_format_list(text, format, arguments);
    return parse(fields, rfx_bytes_of(text->data, text->size), error);
}

rfx_status rfx_fields_parse(struct rfx_fields *fields, const char *text, struct rfx_error *error)
{
    return parse(fields, rfx_bytes_of(text, strlen(text)), error);
}

const struct rfx_listed *rfx_fields_find(const struct rfx_fields *fields, int32_t tag)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->items[i].tag == tag) {
            return &fields->items[i];
        }
    }
    return NULL;
}

void rfx_fields_default(struct rfx_fields *fields, int32_t tag, struct rfx_bytes value)
{
    if (value.size > 0 && rfx_fields_find(fields, tag) == NULL) {
        rfx_fields_add(fields, tag, value);
    }
}

void rfx_fields_close(struct rfx_fields *fields)
{
    for (size_t i = 0; i < fields->text_count; i++) {
        rfx_text_close(&fields->texts[i]);
    }
    free(fields->texts);
    free(fields->items);
    *fields = (struct rfx_fields){0};
}
