#include "echo_fields.h"

#include <stdlib.h>
#include <string.h>

#define UNITS_MAX 512

/* A field with all that must stay behind it: a counter with its group, a length with its data. */
struct unit {
    int32_t tag;
    size_t first; /* index of a field */
    size_t end;
};

static bool is_among(int32_t tag, const int32_t *tags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (tags[i] == tag) {
            return true;
        }
    }
    return false;
}

/* Header fields that an echo has too: PossResend, MessageEncoding, ApplVerID, CstmApplVerID,
 * ApplExtID. */
static bool is_kept_header(int32_t tag)
{
    static const int32_t tags[] = {97, 347, 1128, 1129, 1156};
    return is_among(tag, tags, sizeof tags / sizeof tags[0]);
}

/* Fields of header and trailer that the session layer writes anew, or that belong to one
 * transmission alone. */
static bool is_left_out(int32_t tag)
{
    static const int32_t tags[] = {8,   9,   10,  34,  35,  43,  49,  50,  52,  56,  57,
                                   89,  90,  91,  93,  115, 116, 122, 128, 129, 142, 143,
                                   144, 145, 212, 213, 369, 370, 627, 628, 629, 630};
    return is_among(tag, tags, sizeof tags / sizeof tags[0]);
}

static bool holds_soh(struct rfx_bytes value)
{
    return memchr(value.data, '\x01', value.size) != NULL;
}

/* The index behind the unit that begins at the field; `first` itself when its group is not what
 * the counter says. */
static size_t unit_end(const struct rfx_message *message, size_t first)
{
    struct rfx_group group;
    struct rfx_entry entry;
    size_t end = first + 1;
    rfx_status status =
        rfx_message_group(message, rfx_message_field_at(message, first).tag, &group);
    if (status == RFX_E_INVALID) {
        return first;
    }
    while (status == RFX_OK && rfx_group_next(&group, &entry)) {
        end += rfx_entry_field_count(&entry);
    }
    if (end < rfx_message_field_count(message) &&
        holds_soh(rfx_message_field_at(message, end).value)) {
        end++;
    }
    return end;
}

/* Header fields first, then by tag; a tag that comes twice stays in its order. */
static int compare_units(const void *left, const void *right)
{
    const struct unit *a = left;
    const struct unit *b = right;
    bool a_is_header = is_kept_header(a->tag);
    bool b_is_header = is_kept_header(b->tag);
    if (a_is_header != b_is_header) {
        return a_is_header ? -1 : 1;
    }
    if (a->tag != b->tag) {
        return a->tag < b->tag ? -1 : 1;
    }
    return a->first < b->first ? -1 : 1;
}

/* Puts those of the fields first .. end - 1 that an echo has, in that order. */
static void put_fields(struct rfx_builder *builder, const struct rfx_message *message, size_t first,
                       size_t end)
{
    for (size_t i = first; i < end; i++) {
        struct rfx_field_view field = rfx_message_field_at(message, i);
        struct rfx_field_view next = {0};
        if (i + 1 < end) {
            next = rfx_message_field_at(message, i + 1);
        }
        if (is_left_out(field.tag)) {
            continue;
        }
        if (next.value.size > 0 && holds_soh(next.value)) {
            rfx_builder_put_data(builder, field.tag, next.tag, next.value);
            i++;
        } else if (field.value.size > 0) {
            rfx_builder_put(builder, field.tag, field.value);
        }
    }
}

/* The message apart, ready to be sorted; false when it has to stay as it is. */
static bool find_units(const struct rfx_message *message, struct unit *units, size_t *count)
{
    size_t field_count = rfx_message_field_count(message);
    *count = 0;
    for (size_t i = 0; i < field_count;) {
        int32_t tag = rfx_message_field_at(message, i).tag;
        size_t end = unit_end(message, i);
        if (end == i || (*count == UNITS_MAX && !is_left_out(tag))) {
            return false;
        }
        if (!is_left_out(tag)) {
            units[(*count)++] = (struct unit){.tag = tag, .first = i, .end = end};
        }
        i = end;
    }
    return true;
}

void echo_fields(struct rfx_builder *builder, const struct rfx_message *message)
{
    struct unit units[UNITS_MAX];
    size_t count;
    if (!find_units(message, units, &count)) {
        put_fields(builder, message, 0, rfx_message_field_count(message));
        return;
    }
    qsort(units, count, sizeof units[0], compare_units);
    for (size_t i = 0; i < count; i++) {
        put_fields(builder, message, units[i].first, units[i].end);
    }
}
