/* The tables of a dictionary, all in one block of memory: sizes first, then the contents. */
#include <stdlib.h>
#include <string.h>

#include "core/draft_spread.h"

#define BY_TAG_MAX 65536 /* larger tags are searched for */

/* A dictionary that is still written to. Its tables are carved out of the memory behind it. */
struct made {
    struct rfx_dictionary *dictionary;
    char *cursor; /* NULL while sizes are being added up */
    size_t size;
};

/* Room for a table, or no more than its size. Nothing needs more than 8 bytes' alignment. */
static void *carve(struct made *made, size_t count, size_t element_size)
{
    size_t size = (count * element_size + 7) / 8 * 8;
    void *place = made->cursor;
    made->size += size;
    if (made->cursor != NULL) {
        made->cursor += size;
    }
    return place;
}

static void *copy(struct made *made, const void *data, size_t count, size_t element_size)
{
    void *place = carve(made, count, element_size);
    if (place != NULL && count > 0) {
        memcpy(place, data, count * element_size);
    }
    return place;
}

/* ------------------------------------------------------------------------------------ fields */

static int by_text(const void *left, const void *right, void *context)
{
    const struct rfx_draft *draft = context;
    const struct rfx_dict_value *a = left;
    const struct rfx_dict_value *b = right;
    const char *text = draft_string(draft, b->text);
    int order = rfx_dict_compare(draft_string(draft, a->text), rfx_bytes_of(text, strlen(text)));
    return order != 0 ? order : (a->text < b->text ? -1 : a->text > b->text);
}

/* The values of one field, sorted, each once. Returns their number. */
static uint16_t make_values(struct rfx_draft *draft, const struct draft_field *field,
                            struct rfx_dict_value *out)
{
    uint16_t count = 0;
    if (field->value_count == 0) {
        return 0;
    }
    struct rfx_dict_value *values =
        (struct rfx_dict_value *)draft->values.data + field->first_value;
    qsort_r(values, field->value_count, sizeof *values, by_text, draft);
    for (uint32_t i = 0; i < field->value_count; i++) {
        if (count == 0 || strcmp(draft_string(draft, out[count - 1].text),
                                 draft_string(draft, values[i].text)) != 0) {
            out[count++] = values[i];
        }
    }
    return count;
}

static void make_fields(struct rfx_draft *draft, struct made *made)
{
    struct rfx_dictionary *dictionary = made->dictionary;
    uint32_t count = draft->fields.count;
    int32_t last = count > 0 ? draft_fields(draft)[count - 1].tag : 0;
    uint32_t by_tag_size = last < BY_TAG_MAX ? (uint32_t)last + 1 : BY_TAG_MAX;
    struct rfx_dict_field *fields = carve(made, count, sizeof *fields);
    struct rfx_dict_value *values = carve(made, draft->values.count, sizeof *values);
    uint16_t *by_tag = carve(made, by_tag_size, sizeof *by_tag);
    if (made->cursor == NULL) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct draft_field *field = &draft_fields(draft)[i];
        fields[i] = (struct rfx_dict_field){
            .tag = field->tag,
            .name = field->name,
            .first_value = dictionary->value_count,
            .value_count = make_values(draft, field, values + dictionary->value_count),
            .type = field->type,
        };
        dictionary->value_count += fields[i].value_count;
        if ((uint32_t)field->tag < by_tag_size) {
            by_tag[field->tag] = (uint16_t)(i + 1);
        }
    }
    dictionary->fields = fields;
    dictionary->field_count = count;
    dictionary->values = values;
    dictionary->by_tag = by_tag;
    dictionary->by_tag_size = by_tag_size;
}

/* ------------------------------------------------------------------------------------ blocks */

static struct rfx_dict_message message_of(const struct draft_block *block)
{
    return (struct rfx_dict_message){.name = block->name,
                                     .msg_type = block->msg_type,
                                     .first_item = block->first_item,
                                     .item_count = block->item_count,
                                     .set = block->set,
                                     .is_admin = block->is_admin};
}

static void make_messages(struct rfx_draft *draft, struct made *made)
{
    struct rfx_dictionary *dictionary = made->dictionary;
    struct rfx_dict_message *messages = carve(made, draft->message_count, sizeof *messages);
    if (made->cursor == NULL) {
        return;
    }
    dictionary->header = message_of(&draft_blocks(draft)[draft->order[0]]);
    dictionary->trailer = message_of(&draft_blocks(draft)[draft->order[1]]);
    for (uint32_t i = 0; i < draft->message_count; i++) {
        messages[i] = message_of(&draft_blocks(draft)[draft->order[2 + i]]);
        const char *type = draft_string(draft, messages[i].msg_type);
        if (type[1] == '\0' && (unsigned char)type[0] < 128) {
            dictionary->by_type[(unsigned char)type[0]] = (uint16_t)(i + 1);
        }
    }
    dictionary->messages = messages;
    dictionary->message_count = draft->message_count;
}

static void make_components(struct rfx_draft *draft, struct made *made)
{
    uint32_t count = draft->component_count;
    const uint32_t *order = draft->order + 2 + draft->message_count;
    struct rfx_dict_component *components = carve(made, count, sizeof *components);
    for (uint32_t i = 0; made->cursor != NULL && i < count; i++) {
        const struct draft_block *block = &draft_blocks(draft)[order[i]];
        components[i] = (struct rfx_dict_component){
            .name = block->name, .first_item = block->first_item, .item_count = block->item_count};
    }
    made->dictionary->components = components;
    made->dictionary->component_count = count;
}

static void make_groups(struct rfx_draft *draft, struct made *made)
{
    uint32_t count = draft->group_count;
    const uint32_t *order = draft->order + 2 + draft->message_count + draft->component_count;
    struct rfx_dict_group *groups = carve(made, count, sizeof *groups);
    for (uint32_t i = 0; made->cursor != NULL && i < count; i++) {
        const struct draft_block *block = &draft_blocks(draft)[order[i]];
        groups[i] = (struct rfx_dict_group){.counter = (uint16_t)block->name,
                                            .set = block->set,
                                            .first_item = block->first_item,
                                            .item_count = block->item_count};
    }
    made->dictionary->groups = groups;
    made->dictionary->group_count = count;
}

static void make_items(struct rfx_draft *draft, struct made *made)
{
    uint32_t count = draft->items.count;
    struct rfx_dict_item *items = carve(made, count, sizeof *items);
    for (uint32_t i = 0; made->cursor != NULL && i < count; i++) {
        const struct draft_item *item = &draft_items(draft)[i];
        items[i] = (struct rfx_dict_item){
            .kind = item->kind, .is_required = item->is_required, .index = item->index};
    }
    made->dictionary->items = items;
    made->dictionary->item_count = count;
}

/* ------------------------------------------------------------------------------------- whole */

static void make_sets(const struct draft_sets *sets, struct made *made)
{
    struct rfx_dictionary *dictionary = made->dictionary;
    dictionary->sets = copy(made, sets->sets.data, sets->sets.count, sizeof(struct rfx_dict_set));
    dictionary->set_count = sets->sets.count;
    dictionary->members = copy(made, sets->members.data, sets->members.count, sizeof(uint16_t));
    dictionary->member_count = sets->members.count;
    dictionary->required = copy(made, sets->required.data, sets->required.count, sizeof(uint16_t));
    dictionary->required_count = sets->required.count;
    dictionary->set_groups = copy(made, sets->set_groups.data, sets->set_groups.count,
                                  sizeof(struct rfx_dict_set_group));
    dictionary->set_group_count = sets->set_groups.count;
    dictionary->bits =
        copy(made, sets->bits, (size_t)sets->sets.count * sets->bit_words, sizeof(uint64_t));
    dictionary->bit_words = sets->bit_words;
}

/* Once to learn the size, once to fill. */
static void make_all(struct rfx_draft *draft, const struct draft_sets *sets, struct made *made)
{
    struct rfx_dictionary *dictionary = made->dictionary;
    dictionary->strings = copy(made, draft->strings.data, draft->strings.count, 1);
    dictionary->strings_size = draft->strings.count;
    make_fields(draft, made);
    make_messages(draft, made);
    make_components(draft, made);
    make_groups(draft, made);
    make_items(draft, made);
    make_sets(sets, made);
}

static struct rfx_dictionary *make(struct rfx_draft *draft, const struct draft_sets *sets)
{
    struct rfx_dictionary unused;
    struct made sizes = {.dictionary = &unused};
    carve(&sizes, 1, sizeof(struct rfx_dictionary));
    make_all(draft, sets, &sizes);
    char *memory = calloc(1, sizes.size);
    if (memory == NULL) {
        draft->status = RFX_E_NOMEM;
        return NULL;
    }
    struct made made = {.dictionary = (struct rfx_dictionary *)(void *)memory, .cursor = memory};
    carve(&made, 1, sizeof(struct rfx_dictionary));
    make_all(draft, sets, &made);
    RFX_ASSERT(made.size == sizes.size);
    made.dictionary->version = made.dictionary->strings + draft->version;
    return made.dictionary;
}

static rfx_status report(const struct rfx_draft *draft, const char *file_name,
                         struct rfx_error *error)
{
    if (draft->status == RFX_E_NOMEM) {
        return rfx_fail(error, RFX_E_NOMEM, "%s: out of memory", file_name);
    }
    if (draft->fault_line == 0) {
        return rfx_fail(error, draft->status, "%.200s: %.300s", file_name, draft->fault.text);
    }
    return rfx_fail(error, draft->status, "%.200s:%u: %.300s", file_name,
                    (unsigned)draft->fault_line, draft->fault.text);
}

rfx_status rfx_draft_build(struct rfx_draft *draft, const char *file_name,
                           const struct rfx_dictionary **dictionary, struct rfx_error *error)
{
    struct rfx_dictionary *made = NULL;
    if (draft->status == RFX_OK && draft_check(draft) && draft_walk(draft)) {
        struct draft_sets sets;
        if (draft_sets_open(&sets, draft)) {
            made = make(draft, &sets);
        }
        draft_sets_close(&sets);
    }
    if (made == NULL) {
        return report(draft, file_name, error);
    }
    *dictionary = made;
    return RFX_OK;
}
