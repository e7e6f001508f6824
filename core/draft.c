#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/draft_internal.h"

rfx_status rfx_draft_open(struct rfx_draft **draft)
{
    struct rfx_draft *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return RFX_E_NOMEM;
    }
    char *empty = draft_room(opened, &opened->strings, 1, 1);
    if (empty == NULL) {
        free(opened);
        return RFX_E_NOMEM;
    }
    *empty = '\0';
    *draft = opened;
    return RFX_OK;
}

void rfx_draft_close(struct rfx_draft *draft)
{
    if (draft == NULL) {
        return;
    }
    free(draft->strings.data);
    free(draft->names.data);
    free(draft->fields.data);
    free(draft->values.data);
    free(draft->blocks.data);
    free(draft->items.data);
    free(draft->order);
    free(draft->by_name);
    free(draft);
}

bool rfx_draft_has_failed(const struct rfx_draft *draft)
{
    return draft->status != RFX_OK;
}

static uint32_t line_of(size_t line)
{
    return line > UINT32_MAX ? UINT32_MAX : (uint32_t)line;
}

void rfx_draft_fail(struct rfx_draft *draft, size_t line, const char *format, ...)
{
    if (draft->status != RFX_OK) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(draft->fault.text, sizeof draft->fault.text, format, arguments);
    va_end(arguments);
    draft->status = RFX_E_CONFIG;
    draft->fault_line = line_of(line);
}

void *draft_room(struct rfx_draft *draft, struct draft_list *list, size_t element_size,
                 uint32_t count)
{
    if (list->capacity - list->count < count) {
        uint32_t capacity = list->capacity < 32 ? 64 : list->capacity * 2;
        while (capacity - list->count < count) {
            capacity *= 2; /* RFX_DRAFT_* keep it far from wrapping */
        }
        void *data = realloc(list->data, capacity * element_size);
        if (data == NULL) {
            draft->status = RFX_E_NOMEM;
            return NULL;
        }
        list->data = data;
        list->capacity = capacity;
    }
    void *place = (char *)list->data + list->count * element_size;
    list->count += count;
    return place;
}

/* ------------------------------------------------------------------------------------- texts */

static bool is_printable(struct rfx_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < ' ' || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Copies a text behind the others; `what` names it in messages. */
static bool add_text(struct rfx_draft *draft, size_t line, struct draft_list *list,
                     struct rfx_bytes text, const char *what, uint32_t *offset)
{
    if (draft->status != RFX_OK) {
        return false;
    }
    if (text.size > RFX_DRAFT_TEXT_MAX) {
        rfx_draft_fail(draft, line, "%s is longer than %d bytes", what, RFX_DRAFT_TEXT_MAX);
        return false;
    }
    if (!is_printable(text)) {
        rfx_draft_fail(draft, line, "%s holds a control character", what);
        return false;
    }
    if (list->count + text.size + 1 > RFX_DRAFT_STRINGS_MAX) {
        rfx_draft_fail(draft, line, "more than %u bytes of text", RFX_DRAFT_STRINGS_MAX);
        return false;
    }
    *offset = list->count;
    char *copy = draft_room(draft, list, 1, (uint32_t)text.size + 1);
    if (copy == NULL) {
        return false;
    }
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    return true;
}

static bool add_name(struct rfx_draft *draft, size_t line, struct draft_list *list,
                     struct rfx_bytes text, const char *what, uint32_t *offset)
{
    if (text.size == 0) {
        rfx_draft_fail(draft, line, "%s is missing", what);
        return false;
    }
    return add_text(draft, line, list, text, what, offset);
}

void rfx_draft_version(struct rfx_draft *draft, size_t line, struct rfx_bytes version)
{
    if (draft->version != 0) {
        rfx_draft_fail(draft, line, "a second version; there is one per dictionary");
        return;
    }
    uint32_t offset;
    if (add_name(draft, line, &draft->strings, version, "the version", &offset)) {
        draft->version = offset;
    }
}

/* ------------------------------------------------------------------------------------ fields */

void rfx_draft_field(struct rfx_draft *draft, size_t line, int32_t tag, struct rfx_bytes name,
                     enum rfx_field_type type)
{
    if (tag < 1) {
        rfx_draft_fail(draft, line, "tag %d; tags start at 1", (int)tag);
    } else if (draft->fields.count == RFX_DRAFT_FIELDS_MAX) {
        rfx_draft_fail(draft, line, "more than %d fields", RFX_DRAFT_FIELDS_MAX);
    }
    uint32_t offset;
    if (!add_name(draft, line, &draft->strings, name, "the name of the field", &offset)) {
        return;
    }
    struct draft_field *field = draft_room(draft, &draft->fields, sizeof *field, 1);
    if (field != NULL) {
        *field = (struct draft_field){.tag = tag,
                                      .name = offset,
                                      .line = line_of(line),
                                      .first_value = draft->values.count,
                                      .type = (uint8_t)type};
    }
}

void rfx_draft_value(struct rfx_draft *draft, size_t line, struct rfx_bytes text,
                     struct rfx_bytes description)
{
    if (draft->status != RFX_OK) {
        return;
    }
    RFX_ASSERT(draft->fields.count > 0);
    struct draft_field *field = &draft_fields(draft)[draft->fields.count - 1];
    if (field->value_count == RFX_DRAFT_VALUES_MAX) {
        rfx_draft_fail(draft, line, "more than %d values of one field", RFX_DRAFT_VALUES_MAX);
    }
    uint32_t at = 0;
    uint32_t description_at = 0;
    if (!add_name(draft, line, &draft->strings, text, "the value", &at) ||
        (description.size > 0 && !add_text(draft, line, &draft->strings, description,
                                           "the description", &description_at))) {
        return;
    }
    struct rfx_dict_value *value = draft_room(draft, &draft->values, sizeof *value, 1);
    if (value != NULL) {
        *value = (struct rfx_dict_value){.text = at, .description = description_at};
        field->value_count++;
    }
}

/* ------------------------------------------------------------------------------------ blocks */

/* Opens a block; NULL when the draft has failed. */
static struct draft_block *open_block(struct rfx_draft *draft, size_t line,
                                      enum draft_block_kind kind)
{
    if (draft->status != RFX_OK) {
        return NULL;
    }
    bool has_set = kind == BLOCK_MESSAGE || kind == BLOCK_GROUP;
    if (has_set && draft->message_count + draft->group_count == RFX_DRAFT_SETS_MAX - 2) {
        rfx_draft_fail(draft, line, "more than %d messages and groups", RFX_DRAFT_SETS_MAX - 2);
    } else if (kind == BLOCK_COMPONENT && draft->component_count == RFX_DRAFT_COMPONENTS_MAX) {
        rfx_draft_fail(draft, line, "more than %d components", RFX_DRAFT_COMPONENTS_MAX);
    } else if (draft->depth == RFX_DRAFT_DEPTH_MAX) {
        rfx_draft_fail(draft, line, "groups nest more than %d deep", RFX_DRAFT_DEPTH_MAX - 1);
    }
    RFX_ASSERT(draft->status != RFX_OK || (draft->depth == 0) == (kind != BLOCK_GROUP));
    if (draft->status != RFX_OK) {
        return NULL;
    }
    struct draft_block *block = draft_room(draft, &draft->blocks, sizeof *block, 1);
    if (block == NULL) {
        return NULL;
    }
    *block = (struct draft_block){.kind = (uint8_t)kind, .line = line_of(line)};
    draft->open[draft->depth++] = draft->blocks.count - 1;
    draft->message_count += kind == BLOCK_MESSAGE;
    draft->component_count += kind == BLOCK_COMPONENT;
    draft->group_count += kind == BLOCK_GROUP;
    return block;
}

void rfx_draft_header(struct rfx_draft *draft, size_t line)
{
    if (draft->header != 0) {
        rfx_draft_fail(draft, line, "a second header; there is one per dictionary");
    } else if (open_block(draft, line, BLOCK_HEADER) != NULL) {
        draft->header = draft->blocks.count;
    }
}

void rfx_draft_trailer(struct rfx_draft *draft, size_t line)
{
    if (draft->trailer != 0) {
        rfx_draft_fail(draft, line, "a second trailer; there is one per dictionary");
    } else if (open_block(draft, line, BLOCK_TRAILER) != NULL) {
        draft->trailer = draft->blocks.count;
    }
}

void rfx_draft_message(struct rfx_draft *draft, size_t line, struct rfx_bytes name,
                       struct rfx_bytes msg_type, bool is_admin)
{
    uint32_t name_at;
    uint32_t type_at;
    if (!add_name(draft, line, &draft->strings, name, "the name of the message", &name_at) ||
        !add_name(draft, line, &draft->strings, msg_type, "the MsgType", &type_at)) {
        return;
    }
    struct draft_block *block = open_block(draft, line, BLOCK_MESSAGE);
    if (block != NULL) {
        block->name = name_at;
        block->msg_type = type_at;
        block->is_admin = is_admin;
    }
}

void rfx_draft_component(struct rfx_draft *draft, size_t line, struct rfx_bytes name)
{
    uint32_t offset;
    if (!add_name(draft, line, &draft->strings, name, "the name of the component", &offset)) {
        return;
    }
    struct draft_block *block = open_block(draft, line, BLOCK_COMPONENT);
    if (block != NULL) {
        block->name = offset;
    }
}

void rfx_draft_end(struct rfx_draft *draft, size_t line)
{
    (void)line;
    if (draft->status == RFX_OK) {
        RFX_ASSERT(draft->depth > 0);
        draft->depth--;
    }
}

/* ----------------------------------------------------------------------------------- members */

static struct draft_item *add_item(struct rfx_draft *draft, size_t line, struct rfx_bytes name,
                                   enum rfx_dict_item_kind kind)
{
    static const char *const what[] = {[RFX_ITEM_FIELD] = "the name of a field",
                                       [RFX_ITEM_COMPONENT] = "the name of a component",
                                       [RFX_ITEM_GROUP] = "the name of a group"};
    if (draft->items.count == RFX_DRAFT_ITEMS_MAX) {
        rfx_draft_fail(draft, line, "more than %d members of messages, components and groups",
                       RFX_DRAFT_ITEMS_MAX);
    }
    uint32_t offset;
    if (!add_name(draft, line, &draft->names, name, what[kind], &offset)) {
        return NULL;
    }
    RFX_ASSERT(draft->depth > 0);
    uint32_t block = draft->open[draft->depth - 1];
    struct draft_item *item = draft_room(draft, &draft->items, sizeof *item, 1);
    if (item != NULL) {
        *item = (struct draft_item){
            .kind = (uint8_t)kind, .block = block, .name = offset, .line = line_of(line)};
        draft_blocks(draft)[block].item_count++;
    }
    return item;
}

void rfx_draft_member_field(struct rfx_draft *draft, size_t line, struct rfx_bytes name,
                            bool is_required)
{
    struct draft_item *item = add_item(draft, line, name, RFX_ITEM_FIELD);
    if (item != NULL) {
        item->is_required = is_required;
    }
}

void rfx_draft_member_component(struct rfx_draft *draft, size_t line, struct rfx_bytes name,
                                bool is_required)
{
    struct draft_item *item = add_item(draft, line, name, RFX_ITEM_COMPONENT);
    if (item != NULL) {
        item->is_required = is_required;
    }
}

void rfx_draft_group(struct rfx_draft *draft, size_t line, struct rfx_bytes counter,
                     bool is_required)
{
    struct draft_item *item = add_item(draft, line, counter, RFX_ITEM_GROUP);
    struct draft_block *block = item != NULL ? open_block(draft, line, BLOCK_GROUP) : NULL;
    if (block != NULL) {
        block->name = item->name;
        item->is_required = is_required;
        item->group = draft->blocks.count - 1;
    }
}
