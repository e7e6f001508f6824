/* Lists of fields as tests write them, "35=D|11=A-1|!44", and text that grows.
 *
 * Lack of memory is an assertion.
 *
 * thread   any; what is here belongs to its caller */
#ifndef RFX_CORE_TEST_FIELDS_H
#define RFX_CORE_TEST_FIELDS_H

#include <stdarg.h>

#include "core/base.h"
#include "core/message.h"

/* Zero-initialise; NUL-terminated once something was put. */
struct rfx_text {
    char *data;
    size_t size;
    size_t capacity;
};

void rfx_text_put(struct rfx_text *text, struct rfx_bytes bytes);
void rfx_text_format(struct rfx_text *text, const char *format, ...) RFX_PRINTF(2, 3);
void rfx_text_format_list(struct rfx_text *text, const char *format, va_list arguments);
void rfx_text_clear(struct rfx_text *text);
void rfx_text_close(struct rfx_text *text);

/* One of a list. */
struct rfx_listed {
    int32_t tag;
    bool is_absent; /* "!44" */
    struct rfx_bytes value;
};

/* Zero-initialise. Values are borrowed, but for those that were formatted. */
struct rfx_fields {
    struct rfx_listed *items;
    size_t count;
    size_t capacity;
    struct rfx_text *texts; /* what values point into */
    size_t text_count;
};

void rfx_fields_add(struct rfx_fields *fields, int32_t tag, struct rfx_bytes value);
void rfx_fields_format(struct rfx_fields *fields, int32_t tag, const char *format, ...)
    RFX_PRINTF(3, 4);

/* Appends what a text lists; an empty text is an empty list.
 * errors   RFX_E_INVALID, the text says where */
rfx_status rfx_fields_parse(struct rfx_fields *fields, const char *text,
                            struct rfx_error *error) RFX_MUST_CHECK;
rfx_status rfx_fields_parse_list(struct rfx_fields *fields, const char *format, va_list arguments,
                                 struct rfx_error *error) RFX_MUST_CHECK;

/* The first with the tag, absent ones included; NULL: none. */
const struct rfx_listed *rfx_fields_find(const struct rfx_fields *fields, int32_t tag);

/* Adds a field unless one with its tag is listed. */
void rfx_fields_default(struct rfx_fields *fields, int32_t tag, struct rfx_bytes value);

void rfx_fields_close(struct rfx_fields *fields);

#endif
