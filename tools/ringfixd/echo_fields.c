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

/* Whether a field is the length of the data field behind it. */
static bool is_length_of_next(const struct rfx_message *message, size_t index)
{
    const int32_t data_tag = rfx_data_tag_of(rfx_message_field_at(message, index).tag);
    return data_tag != 0 && index + 1 < rfx_message_field_count(message) &&
           rfx_message_field_at(message, index + 1).tag == data_tag;
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
    return end + is_length_of_next(message, first);
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

/* A field, or with it the data field that follows. Returns how many. */
static size_t put_field(struct rfx_builder *builder, struct rfx_field_view field,
                        struct rfx_field_view next)
{
    if (next.tag != 0 && rfx_data_tag_of(field.tag) == next.tag) {
        if (next.value.size > 0) {
            rfx_builder_put_data(builder, field.tag, next.tag, next.value);
        }
        return 2;
    }
    if (field.value.size > 0) {
        rfx_builder_put(builder, field.tag, field.value);
    }
    return 1;
}

/* Returns how many fields its entries have. */
static size_t put_group(struct rfx_builder *builder, struct rfx_group *group, int32_t counter_tag);

/* Returns how many fields the entry has, those of groups within it included. */
static size_t put_entry(struct rfx_builder *builder, const struct rfx_entry *entry)
{
    const size_t count = rfx_entry_field_count(entry);
    rfx_builder_next_entry(builder);
    for (size_t i = 0; i < count;) {
        const struct rfx_field_view field = rfx_entry_field_at(entry, i);
        struct rfx_field_view next = {0};
        struct rfx_group group;
        if (i + 1 < count) {
            next = rfx_entry_field_at(entry, i + 1);
        }
        if (rfx_entry_group(entry, field.tag, &group) == RFX_OK) {
            i += 1 + put_group(builder, &group, field.tag);
        } else {
            i += put_field(builder, field, next);
        }
    }
    return count;
}

static size_t put_group(struct rfx_builder *builder, struct rfx_group *group, int32_t counter_tag)
{
    struct rfx_entry entry;
    size_t count = 0;
    rfx_builder_begin_group(builder, counter_tag, (uint32_t)group->count);
    while (rfx_group_next(group, &entry)) {
        count += put_entry(builder, &entry);
    }
    rfx_builder_end_group(builder);
    return count;
}

static void put_unit(struct rfx_builder *builder, const struct rfx_message *message,
                     const struct unit *unit)
{
    const struct rfx_field_view field = rfx_message_field_at(message, unit->first);
    struct rfx_field_view next = {0};
    struct rfx_group group;
    if (unit->first + 1 < unit->end) {
        next = rfx_message_field_at(message, unit->first + 1);
    }
    if (rfx_message_group(message, field.tag, &group) == RFX_OK) {
        put_group(builder, &group, field.tag);
    } else {
        (void)put_field(builder, field, next);
    }
}

/* The message apart, ready to be sorted; false when that cannot be. */
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

bool echo_fields(struct rfx_builder *builder, const struct rfx_message *message)
{
    struct unit units[UNITS_MAX];
    size_t count;
    if (!find_units(message, units, &count)) {
        return false;
    }
    qsort(units, count, sizeof units[0], compare_units);
    for (size_t i = 0; i < count; i++) {
        put_unit(builder, message, &units[i]);
    }
    return true;
}
