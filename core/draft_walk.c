/* Whether a component contains itself, also through groups, and how deep everything nests. Each
 * block is walked once, whatever the number of places it is used at. */
#include <stdio.h>
#include <string.h>

#include "core/draft_internal.h"

enum walk { WALK_NOT_YET, WALK_UNDER_WAY, WALK_DONE };

/* The components that are being walked, the innermost last. */
struct path {
    struct rfx_draft *draft;
    uint32_t blocks[RFX_DRAFT_DEPTH_MAX + 1];
    uint32_t count;
};

static void fail_cycle(const struct path *path, const struct draft_item *item)
{
    struct rfx_draft *draft = path->draft;
    const char *name = draft_name(draft, item->name);
    char text[400] = "";
    size_t size = 0;
    bool is_inside = false;
    for (uint32_t i = 0; i < path->count; i++) {
        const struct draft_block *block = &draft_blocks(draft)[path->blocks[i]];
        bool is_component = block->kind == BLOCK_COMPONENT;
        is_inside = is_inside || (is_component && block->index == item->index);
        if (is_inside && is_component && size < sizeof text - 80) {
            size += (size_t)snprintf(text + size, sizeof text - size, "%.60s > ",
                                     draft_string(draft, block->name));
        }
    }
    rfx_draft_fail(draft, item->line, "component %.60s contains itself: %s%.60s", name, text, name);
}

static bool walk(struct path *path, uint32_t block_id);

/* The block that an item leads into. */
static bool walk_item(struct path *path, struct draft_block *parent, const struct draft_item *item)
{
    struct rfx_draft *draft = path->draft;
    uint32_t next = item->kind == RFX_ITEM_GROUP
                        ? item->group
                        : draft->order[2 + draft->message_count + item->index];
    const struct draft_block *block = &draft_blocks(draft)[next];
    if (block->walk == WALK_UNDER_WAY) {
        fail_cycle(path, item);
        return false;
    }
    bool is_too_deep = path->count == RFX_DRAFT_DEPTH_MAX + 1;
    if (!is_too_deep && block->walk == WALK_NOT_YET && !walk(path, next)) {
        return false;
    }
    is_too_deep = is_too_deep || block->depth + path->count > RFX_DRAFT_DEPTH_MAX;
    if (is_too_deep) {
        rfx_draft_fail(draft, item->line, "groups and components nest more than %d deep at %.60s",
                       RFX_DRAFT_DEPTH_MAX, draft_name(draft, item->name));
        return false;
    }
    if (parent->depth <= block->depth) {
        parent->depth = (uint8_t)(block->depth + 1);
    }
    return true;
}

static bool walk(struct path *path, uint32_t block_id)
{
    struct draft_block *block = &draft_blocks(path->draft)[block_id];
    block->walk = WALK_UNDER_WAY;
    path->blocks[path->count++] = block_id;
    for (uint32_t i = 0; i < block->item_count; i++) {
        const struct draft_item *item = &draft_items(path->draft)[block->first_item + i];
        if (item->kind != RFX_ITEM_FIELD && !walk_item(path, block, item)) {
            return false;
        }
    }
    path->count--;
    block->walk = WALK_DONE;
    return true;
}

bool draft_walk(struct rfx_draft *draft)
{
    struct path path = {.draft = draft};
    for (uint32_t i = 0; i < draft->blocks.count; i++) {
        if (draft_blocks(draft)[i].walk == WALK_NOT_YET && !walk(&path, i)) {
            return false;
        }
    }
    return true;
}
