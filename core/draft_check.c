/* From names to indices. Everything is sorted rather than hashed, so that no file can make it
 * slow. */
#include <stdlib.h>
#include <string.h>

#include "core/draft_internal.h"

/* ------------------------------------------------------------------------------------ fields */

static int by_tag(const void *left, const void *right)
{
    const struct draft_field *a = left;
    const struct draft_field *b = right;
    if (a->tag != b->tag) {
        return a->tag < b->tag ? -1 : 1;
    }
    return a->line < b->line ? -1 : a->line > b->line;
}

static int by_name(const void *left, const void *right, void *context)
{
    const struct rfx_draft *draft = context;
    const struct draft_field *a = &draft_fields(draft)[*(const uint32_t *)left];
    const struct draft_field *b = &draft_fields(draft)[*(const uint32_t *)right];
    int order = strcmp(draft_string(draft, a->name), draft_string(draft, b->name));
    return order != 0 ? order : (a->line < b->line ? -1 : a->line > b->line);
}

static void check_tags(struct rfx_draft *draft)
{
    struct draft_field *fields = draft_fields(draft);
    qsort(fields, draft->fields.count, sizeof *fields, by_tag);
    for (uint32_t i = 1; i < draft->fields.count; i++) {
        if (fields[i].tag == fields[i - 1].tag) {
            rfx_draft_fail(draft, fields[i].line, "tag %d is defined in line %u already",
                           (int)fields[i].tag, (unsigned)fields[i - 1].line);
        }
    }
}

static void check_names(struct rfx_draft *draft)
{
    struct draft_field *fields = draft_fields(draft);
    for (uint32_t i = 0; i < draft->fields.count; i++) {
        draft->by_name[i] = i;
    }
    qsort_r(draft->by_name, draft->fields.count, sizeof *draft->by_name, by_name, draft);
    for (uint32_t i = 1; i < draft->fields.count; i++) {
        const struct draft_field *earlier = &fields[draft->by_name[i - 1]];
        const struct draft_field *later = &fields[draft->by_name[i]];
        const char *name = draft_string(draft, later->name);
        if (strcmp(draft_string(draft, earlier->name), name) == 0) {
            rfx_draft_fail(draft, later->line, "field %.60s is defined in line %u already", name,
                           (unsigned)earlier->line);
        }
    }
}

static bool find_field(const struct rfx_draft *draft, const char *name, uint16_t *index)
{
    uint32_t low = 0;
    uint32_t high = draft->fields.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t field = draft->by_name[middle];
        int order = strcmp(draft_string(draft, draft_fields(draft)[field].name), name);
        if (order == 0) {
            *index = (uint16_t)field;
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

/* ------------------------------------------------------------------------------------ blocks */

static int in_table_order(const void *left, const void *right, void *context)
{
    const struct rfx_draft *draft = context;
    uint32_t left_block = *(const uint32_t *)left;
    uint32_t right_block = *(const uint32_t *)right;
    const struct draft_block *a = &draft_blocks(draft)[left_block];
    const struct draft_block *b = &draft_blocks(draft)[right_block];
    int order = (int)a->kind - (int)b->kind;
    if (order == 0 && a->kind == BLOCK_MESSAGE) {
        const char *type = draft_string(draft, b->msg_type);
        order =
            rfx_dict_compare(draft_string(draft, a->msg_type), rfx_bytes_of(type, strlen(type)));
    } else if (order == 0 && a->kind == BLOCK_COMPONENT) {
        order = strcmp(draft_string(draft, a->name), draft_string(draft, b->name));
    }
    return order != 0 ? order : (left_block < right_block ? -1 : left_block > right_block);
}

static int by_message_name(const void *left, const void *right, void *context)
{
    const struct rfx_draft *draft = context;
    uint32_t left_block = *(const uint32_t *)left;
    uint32_t right_block = *(const uint32_t *)right;
    int order = strcmp(draft_string(draft, draft_blocks(draft)[left_block].name),
                       draft_string(draft, draft_blocks(draft)[right_block].name));
    return order != 0 ? order : (left_block < right_block ? -1 : left_block > right_block);
}

/* Of neighbours in `order`, none may have the same text at `offset_of`. */
static void refuse_repeated(struct rfx_draft *draft, const uint32_t *order, uint32_t count,
                            size_t offset_of, const char *what)
{
    for (uint32_t i = 1; i < count; i++) {
        const struct draft_block *earlier = &draft_blocks(draft)[order[i - 1]];
        const struct draft_block *later = &draft_blocks(draft)[order[i]];
        uint32_t earlier_at;
        uint32_t later_at;
        memcpy(&earlier_at, (const char *)earlier + offset_of, sizeof earlier_at);
        memcpy(&later_at, (const char *)later + offset_of, sizeof later_at);
        const char *text = draft_string(draft, later_at);
        if (strcmp(draft_string(draft, earlier_at), text) == 0) {
            rfx_draft_fail(draft, later->line, "%s %.60s is defined in line %u already", what, text,
                           (unsigned)earlier->line);
        }
    }
}

static void check_blocks(struct rfx_draft *draft)
{
    uint32_t *messages = draft->order + 2;
    uint32_t *components = messages + draft->message_count;
    for (uint32_t i = 0; i < draft->blocks.count; i++) {
        draft->order[i] = i;
    }
    /* By name first, only to look for repeated ones. */
    qsort_r(draft->order, draft->blocks.count, sizeof *draft->order, in_table_order, draft);
    qsort_r(messages, draft->message_count, sizeof *messages, by_message_name, draft);
    refuse_repeated(draft, messages, draft->message_count, offsetof(struct draft_block, name),
                    "message");
    qsort_r(messages, draft->message_count, sizeof *messages, in_table_order, draft);
    refuse_repeated(draft, messages, draft->message_count, offsetof(struct draft_block, msg_type),
                    "MsgType");
    refuse_repeated(draft, components, draft->component_count, offsetof(struct draft_block, name),
                    "component");
}

static void number_blocks(struct rfx_draft *draft)
{
    uint32_t group_at = 2 + draft->message_count + draft->component_count;
    uint32_t first_item = 0;
    for (uint32_t i = 0; i < draft->blocks.count; i++) {
        struct draft_block *block = &draft_blocks(draft)[draft->order[i]];
        uint32_t before = 0; /* of the kinds in front of it */
        switch ((enum draft_block_kind)block->kind) {
        case BLOCK_HEADER:
        case BLOCK_TRAILER:
            before = i;
            block->set = (uint16_t)i;
            break;
        case BLOCK_MESSAGE:
            before = 2;
            block->set = (uint16_t)i;
            break;
        case BLOCK_COMPONENT:
            before = 2 + draft->message_count;
            break;
        case BLOCK_GROUP:
            before = group_at;
            block->set = (uint16_t)(i - draft->component_count);
            break;
        }
        block->index = (uint16_t)(i - before);
        block->first_item = first_item;
        first_item += block->item_count;
    }
}

/* Items of one block become neighbours. */
static bool sort_items(struct rfx_draft *draft)
{
    uint32_t count = draft->items.count;
    struct draft_item *sorted = malloc((count + 1) * sizeof *sorted);
    uint32_t *filled = calloc(draft->blocks.count, sizeof *filled);
    bool is_sorted = sorted != NULL && filled != NULL;
    if (is_sorted) {
        for (uint32_t i = 0; i < count; i++) {
            const struct draft_item *item = &draft_items(draft)[i];
            sorted[draft_blocks(draft)[item->block].first_item + filled[item->block]++] = *item;
        }
        free(draft->items.data);
        draft->items = (struct draft_list){.data = sorted, .count = count, .capacity = count};
    } else {
        draft->status = RFX_E_NOMEM;
        free(sorted);
    }
    free(filled);
    return is_sorted;
}

/* ------------------------------------------------------------------------------------- names */

static bool find_component(const struct rfx_draft *draft, const char *name, uint16_t *index)
{
    const uint32_t *components = draft->order + 2 + draft->message_count;
    uint32_t low = 0;
    uint32_t high = draft->component_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct draft_block *block = &draft_blocks(draft)[components[middle]];
        int order = strcmp(draft_string(draft, block->name), name);
        if (order == 0) {
            *index = (uint16_t)middle;
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

static void resolve(struct rfx_draft *draft, struct draft_item *item)
{
    const char *name = draft_name(draft, item->name);
    uint16_t counter;
    switch ((enum rfx_dict_item_kind)item->kind) {
    case RFX_ITEM_FIELD:
        if (!find_field(draft, name, &item->index)) {
            rfx_draft_fail(draft, item->line, "field %.60s is not defined", name);
        }
        break;
    case RFX_ITEM_COMPONENT:
        if (!find_component(draft, name, &item->index)) {
            rfx_draft_fail(draft, item->line, "component %.60s is not defined", name);
        }
        break;
    case RFX_ITEM_GROUP:
        if (!find_field(draft, name, &counter)) {
            rfx_draft_fail(draft, item->line, "field %.60s, which counts a group, is not defined",
                           name);
        } else {
            draft_blocks(draft)[item->group].name = counter;
        }
        item->index = draft_blocks(draft)[item->group].index;
        break;
    }
}

/* ------------------------------------------------------------------------------------- whole */

/* FIX.5.0 and later take header and trailer from FIXT.1.1. */
static void check_sections(struct rfx_draft *draft)
{
    const char *version = draft_string(draft, draft->version);
    if (draft->version == 0) {
        rfx_draft_fail(draft, 0, "the version is missing");
    } else if (strncmp(version, "FIX.5", 5) != 0 && (draft->header == 0 || draft->trailer == 0)) {
        rfx_draft_fail(draft, 0, "a dictionary of %.60s needs a %s", version,
                       draft->header == 0 ? "header" : "trailer");
    } else if (draft->depth != 0) {
        rfx_draft_fail(draft, draft_blocks(draft)[draft->open[draft->depth - 1]].line,
                       "what begins here is not ended");
    }
    if (draft->header == 0) {
        rfx_draft_header(draft, 0);
        rfx_draft_end(draft, 0);
    }
    if (draft->trailer == 0) {
        rfx_draft_trailer(draft, 0);
        rfx_draft_end(draft, 0);
    }
}

bool draft_check(struct rfx_draft *draft)
{
    check_sections(draft);
    if (draft->status != RFX_OK) {
        return false;
    }
    draft->order = malloc(draft->blocks.count * sizeof *draft->order);
    draft->by_name = malloc((draft->fields.count + 1) * sizeof *draft->by_name);
    if (draft->order == NULL || draft->by_name == NULL) {
        draft->status = RFX_E_NOMEM;
        return false;
    }
    if (draft->fields.count > 0) {
        check_tags(draft);
        check_names(draft);
    }
    check_blocks(draft);
    number_blocks(draft);
    if (draft->status != RFX_OK || !sort_items(draft)) {
        return false;
    }
    for (uint32_t i = 0; i < draft->items.count; i++) {
        resolve(draft, &draft_items(draft)[i]);
    }
    return draft->status == RFX_OK;
}
