/* Tables that are sorted alike are walked side by side; what a message holds is sorted first. */
#include "core/dict_compare.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHERE_SIZE 320 /* names are cut so that the rest of a line has room */

struct comparison {
    const struct rfx_dictionary *first;
    const struct rfx_dictionary *second;
    rfx_dict_difference_fn *tell;
    void *context;
    size_t count;
    bool is_over; /* the caller has had enough */
    rfx_status status;
};

/* What the items of one message, component or group are compared as. */
struct member {
    const struct rfx_dict_item *item;
    const char *name; /* of the component; of the field or counter for messages alone */
    int32_t tag;      /* 0 for components */
    size_t position;  /* within the list */
};

RFX_PRINTF(3, 4)
static void differ(struct comparison *comparison, const char *where, const char *format, ...)
{
    if (comparison->is_over) {
        return;
    }
    char line[RFX_DICT_LINE_SIZE];
    int size = snprintf(line, sizeof line, "%s: ", where);
    RFX_ASSERT(size > 0 && (size_t)size < sizeof line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + size, sizeof line - (size_t)size, format, arguments);
    va_end(arguments);
    comparison->count++;
    comparison->is_over = !comparison->tell(comparison->context, line);
}

static const char *side_text(bool is_first)
{
    return is_first ? "first" : "second";
}

/* Steps to take in two sorted lists: < 0 the first is behind, > 0 the second. */
static int order_of(size_t i, size_t i_end, size_t j, size_t j_end, int order)
{
    if (i == i_end || j == j_end) {
        return i == i_end ? 1 : -1;
    }
    return order;
}

/* In the order of the tables. */
static int compare_texts(const char *a, const char *b)
{
    return rfx_dict_compare(a, rfx_bytes_of(b, strlen(b)));
}

static const char *required_text(const struct rfx_dict_item *item)
{
    return item->is_required != 0 ? "required" : "optional";
}

/* ---------------------------------------------------------------------------------- fields */

static void compare_values(struct comparison *comparison, const char *where,
                           const struct rfx_dict_field *a, const struct rfx_dict_field *b)
{
    const struct rfx_dictionary *first = comparison->first;
    const struct rfx_dictionary *second = comparison->second;
    size_t i = 0;
    size_t j = 0;
    while (!comparison->is_over && (i < a->value_count || j < b->value_count)) {
        const struct rfx_dict_value *x = first->values + a->first_value + i;
        const struct rfx_dict_value *y = second->values + b->first_value + j;
        bool has_both = i < a->value_count && j < b->value_count;
        int order = order_of(
            i, a->value_count, j, b->value_count,
            has_both ? compare_texts(rfx_dict_text(first, x->text), rfx_dict_text(second, y->text))
                     : 0);
        if (order != 0) {
            differ(comparison, where, "value '%s' only in the %s",
                   order < 0 ? rfx_dict_text(first, x->text) : rfx_dict_text(second, y->text),
                   side_text(order < 0));
        } else {
            const char *x_text = rfx_dict_text(first, x->description);
            const char *y_text = rfx_dict_text(second, y->description);
            if (strcmp(x_text, y_text) != 0) {
                differ(comparison, where, "value '%s' is '%s' in the first, '%s' in the second",
                       rfx_dict_text(first, x->text), x_text, y_text);
            }
        }
        i += order <= 0;
        j += order >= 0;
    }
}

static void compare_field(struct comparison *comparison, const struct rfx_dict_field *a,
                          const struct rfx_dict_field *b)
{
    char where[WHERE_SIZE];
    const char *a_name = rfx_dict_text(comparison->first, a->name);
    const char *b_name = rfx_dict_text(comparison->second, b->name);
    snprintf(where, sizeof where, "field %d %s", a->tag, a_name);
    if (strcmp(a_name, b_name) != 0) {
        differ(comparison, where, "named '%s' in the second", b_name);
    }
    if (a->type != b->type) {
        differ(comparison, where, "type %s in the first, %s in the second",
               rfx_field_type_text((enum rfx_field_type)a->type),
               rfx_field_type_text((enum rfx_field_type)b->type));
    }
    compare_values(comparison, where, a, b);
}

static void compare_fields(struct comparison *comparison)
{
    const struct rfx_dictionary *first = comparison->first;
    const struct rfx_dictionary *second = comparison->second;
    size_t i = 0;
    size_t j = 0;
    while (!comparison->is_over && (i < first->field_count || j < second->field_count)) {
        const struct rfx_dict_field *a = first->fields + i;
        const struct rfx_dict_field *b = second->fields + j;
        bool has_both = i < first->field_count && j < second->field_count;
        int order = order_of(i, first->field_count, j, second->field_count,
                             has_both ? (a->tag > b->tag) - (a->tag < b->tag) : 0);
        if (order == 0) {
            compare_field(comparison, a, b);
        } else {
            char where[WHERE_SIZE];
            const struct rfx_dict_field *lone = order < 0 ? a : b;
            snprintf(where, sizeof where, "field %d %s", lone->tag,
                     rfx_dict_text(order < 0 ? first : second, lone->name));
            differ(comparison, where, "only in the %s", side_text(order < 0));
        }
        i += order <= 0;
        j += order >= 0;
    }
}

/* --------------------------------------------------------------------------------- members */

static struct member member_of(const struct rfx_dictionary *dictionary,
                               const struct rfx_dict_item *item, size_t position)
{
    struct member member = {.item = item, .position = position};
    if (item->kind == RFX_ITEM_COMPONENT) {
        member.name = rfx_dict_text(dictionary, dictionary->components[item->index].name);
        return member;
    }
    uint16_t index =
        item->kind == RFX_ITEM_GROUP ? dictionary->groups[item->index].counter : item->index;
    member.name = rfx_dict_text(dictionary, dictionary->fields[index].name);
    member.tag = dictionary->fields[index].tag;
    return member;
}

/* The same thing in both dictionaries: 0. */
static int compare_identity(const struct member *a, const struct member *b)
{
    int by_kind = (a->item->kind > b->item->kind) - (a->item->kind < b->item->kind);
    if (by_kind != 0) {
        return by_kind;
    }
    return a->tag == 0 ? strcmp(a->name, b->name) : (a->tag > b->tag) - (a->tag < b->tag);
}

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a;
    const struct member *y = b;
    int order = compare_identity(x, y);
    return order != 0 ? order : (x->position > y->position) - (x->position < y->position);
}

static void label_of(const struct member *member, char label[WHERE_SIZE])
{
    static const char *const kinds[] = {
        [RFX_ITEM_FIELD] = "field", [RFX_ITEM_COMPONENT] = "component", [RFX_ITEM_GROUP] = "group"};
    if (member->tag > 0) {
        snprintf(label, WHERE_SIZE, "%s %d %s", kinds[member->item->kind], member->tag,
                 member->name);
    } else {
        snprintf(label, WHERE_SIZE, "%s %s", kinds[member->item->kind], member->name);
    }
}

static struct member *members_of(const struct rfx_dictionary *dictionary, uint32_t first,
                                 uint32_t count)
{
    struct member *members = malloc((count + 1) * sizeof *members);
    for (uint32_t i = 0; members != NULL && i < count; i++) {
        members[i] = member_of(dictionary, dictionary->items + first + i, i);
    }
    return members;
}

static void compare_items(struct comparison *comparison, const char *where, uint32_t a_first,
                          uint32_t a_count, uint32_t b_first, uint32_t b_count);

static void compare_member(struct comparison *comparison, const char *where, const struct member *a,
                           const struct member *b)
{
    char label[WHERE_SIZE];
    label_of(a, label);
    if ((a->item->is_required != 0) != (b->item->is_required != 0)) {
        differ(comparison, where, "%s %s in the first, %s in the second", label,
               required_text(a->item), required_text(b->item));
    }
    if (a->item->kind == RFX_ITEM_GROUP) {
        const struct rfx_dict_group *x = comparison->first->groups + a->item->index;
        const struct rfx_dict_group *y = comparison->second->groups + b->item->index;
        char inside[WHERE_SIZE];
        snprintf(inside, sizeof inside, "%.200s, %.100s", where, label);
        compare_items(comparison, inside, x->first_item, x->item_count, y->first_item,
                      y->item_count);
    }
}

/* Both lists hold the same things: where does their order part? */
static void compare_order(struct comparison *comparison, const char *where, uint32_t a_first,
                          uint32_t b_first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct member a = member_of(comparison->first, comparison->first->items + a_first + i, i);
        struct member b = member_of(comparison->second, comparison->second->items + b_first + i, i);
        if (compare_identity(&a, &b) != 0) {
            differ(comparison, where, "another order: '%s' in the first, where the second has '%s'",
                   a.name, b.name);
            return;
        }
    }
}

static void compare_items(struct comparison *comparison, const char *where, uint32_t a_first,
                          uint32_t a_count, uint32_t b_first, uint32_t b_count)
{
    if (comparison->is_over) {
        return;
    }
    struct member *a = members_of(comparison->first, a_first, a_count);
    struct member *b = members_of(comparison->second, b_first, b_count);
    if (a == NULL || b == NULL) {
        comparison->status = RFX_E_NOMEM;
        comparison->is_over = true;
        goto free_members;
    }
    qsort(a, a_count, sizeof *a, compare_members);
    qsort(b, b_count, sizeof *b, compare_members);
    bool has_same = true;
    size_t i = 0;
    size_t j = 0;
    while (!comparison->is_over && (i < a_count || j < b_count)) {
        bool has_both = i < a_count && j < b_count;
        int order = order_of(i, a_count, j, b_count, has_both ? compare_identity(a + i, b + j) : 0);
        if (order == 0) {
            compare_member(comparison, where, a + i, b + j);
        } else {
            char label[WHERE_SIZE];
            label_of(order < 0 ? a + i : b + j, label);
            differ(comparison, where, "%s only in the %s", label, side_text(order < 0));
            has_same = false;
        }
        i += order <= 0;
        j += order >= 0;
    }
    if (has_same) {
        compare_order(comparison, where, a_first, b_first, a_count);
    }
free_members:
    free(b);
    free(a);
}

/* ------------------------------------------------------------------ messages and components */

static void compare_message(struct comparison *comparison, const char *where,
                            const struct rfx_dict_message *a, const struct rfx_dict_message *b)
{
    const char *b_name = rfx_dict_text(comparison->second, b->name);
    if (strcmp(rfx_dict_text(comparison->first, a->name), b_name) != 0) {
        differ(comparison, where, "named '%s' in the second", b_name);
    }
    if (a->is_admin != b->is_admin) {
        differ(comparison, where, "%s in the first, %s in the second",
               a->is_admin ? "admin" : "application", b->is_admin ? "admin" : "application");
    }
    compare_items(comparison, where, a->first_item, a->item_count, b->first_item, b->item_count);
}

static void compare_messages(struct comparison *comparison)
{
    const struct rfx_dictionary *first = comparison->first;
    const struct rfx_dictionary *second = comparison->second;
    size_t i = 0;
    size_t j = 0;
    while (!comparison->is_over && (i < first->message_count || j < second->message_count)) {
        const struct rfx_dict_message *a = first->messages + i;
        const struct rfx_dict_message *b = second->messages + j;
        bool has_both = i < first->message_count && j < second->message_count;
        int order = order_of(i, first->message_count, j, second->message_count,
                             has_both ? compare_texts(rfx_dict_text(first, a->msg_type),
                                                      rfx_dict_text(second, b->msg_type))
                                      : 0);
        const struct rfx_dictionary *owner = order <= 0 ? first : second;
        const struct rfx_dict_message *one = order <= 0 ? a : b;
        char where[WHERE_SIZE];
        snprintf(where, sizeof where, "message %s %s", rfx_dict_text(owner, one->msg_type),
                 rfx_dict_text(owner, one->name));
        if (order == 0) {
            compare_message(comparison, where, a, b);
        } else {
            differ(comparison, where, "only in the %s", side_text(order < 0));
        }
        i += order <= 0;
        j += order >= 0;
    }
}

static void compare_components(struct comparison *comparison)
{
    const struct rfx_dictionary *first = comparison->first;
    const struct rfx_dictionary *second = comparison->second;
    size_t i = 0;
    size_t j = 0;
    while (!comparison->is_over && (i < first->component_count || j < second->component_count)) {
        const struct rfx_dict_component *a = first->components + i;
        const struct rfx_dict_component *b = second->components + j;
        bool has_both = i < first->component_count && j < second->component_count;
        int order = order_of(
            i, first->component_count, j, second->component_count,
            has_both ? strcmp(rfx_dict_text(first, a->name), rfx_dict_text(second, b->name)) : 0);
        char where[WHERE_SIZE];
        snprintf(where, sizeof where, "component %s",
                 order <= 0 ? rfx_dict_text(first, a->name) : rfx_dict_text(second, b->name));
        if (order == 0) {
            compare_items(comparison, where, a->first_item, a->item_count, b->first_item,
                          b->item_count);
        } else {
            differ(comparison, where, "only in the %s", side_text(order < 0));
        }
        i += order <= 0;
        j += order >= 0;
    }
}

rfx_status rfx_dict_differences(const struct rfx_dictionary *first,
                                const struct rfx_dictionary *second, rfx_dict_difference_fn *tell,
                                void *context, size_t *count)
{
    struct comparison comparison = {
        .first = first, .second = second, .tell = tell, .context = context};
    if (strcmp(first->version, second->version) != 0) {
        differ(&comparison, "version", "%s in the first, %s in the second", first->version,
               second->version);
    }
    compare_fields(&comparison);
    compare_items(&comparison, "header", first->header.first_item, first->header.item_count,
                  second->header.first_item, second->header.item_count);
    compare_items(&comparison, "trailer", first->trailer.first_item, first->trailer.item_count,
                  second->trailer.first_item, second->trailer.item_count);
    compare_components(&comparison);
    compare_messages(&comparison);
    *count = comparison.count;
    return comparison.status;
}
