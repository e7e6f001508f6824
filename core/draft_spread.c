#include "core/draft_spread.h"

#include <stdlib.h>
#include <string.h>

/* What is known of a field in the set that is being made. */
struct seen {
    uint32_t member;   /* set + 1 that it is in */
    uint32_t required; /* set + 1 that requires it */
    uint32_t counter;  /* set + 1 in which it counts `group` */
    uint16_t group;
};

struct spread {
    struct rfx_draft *draft;
    struct draft_sets *out;
    struct seen *seen; /* by field */
    uint32_t mark;     /* number of the set + 1 */
    uint32_t visits;   /* of items, over all sets: what a hostile file would multiply */
};

static bool add_member(struct spread *spread, uint16_t field, bool is_required)
{
    struct seen *seen = &spread->seen[field];
    if (is_required) {
        seen->required = spread->mark;
    }
    if (seen->member == spread->mark) {
        return true;
    }
    seen->member = spread->mark;
    uint16_t *member = draft_room(spread->draft, &spread->out->members, sizeof *member, 1);
    if (member == NULL) {
        return false;
    }
    *member = field;
    size_t word = (size_t)(spread->mark - 1) * spread->out->bit_words + field / 64;
    spread->out->bits[word] |= UINT64_C(1) << (field % 64);
    return true;
}

static bool add_group(struct spread *spread, const struct draft_item *item, bool is_required)
{
    struct rfx_draft *draft = spread->draft;
    uint16_t counter = (uint16_t)draft_blocks(draft)[item->group].name;
    struct seen *seen = &spread->seen[counter];
    if (!add_member(spread, counter, is_required)) {
        return false;
    }
    if (seen->counter == spread->mark) {
        if (seen->group != item->index) {
            rfx_draft_fail(draft, item->line, "a second group that %.60s counts at one level",
                           draft_name(draft, item->name));
        }
        return seen->group == item->index;
    }
    seen->counter = spread->mark;
    seen->group = item->index;
    struct rfx_dict_set_group *group =
        draft_room(draft, &spread->out->set_groups, sizeof *group, 1);
    if (group == NULL) {
        return false;
    }
    *group = (struct rfx_dict_set_group){.counter = counter, .group = item->index};
    return true;
}

static bool spread_block(struct spread *spread, const struct draft_block *block, bool is_required)
{
    struct rfx_draft *draft = spread->draft;
    for (uint32_t i = 0; i < block->item_count; i++) {
        const struct draft_item *item = &draft_items(draft)[block->first_item + i];
        bool is_needed = is_required && item->is_required;
        bool is_added = false;
        if (++spread->visits > RFX_DRAFT_MEMBERS_MAX) {
            rfx_draft_fail(draft, item->line, "more than %d members with all components spread out",
                           RFX_DRAFT_MEMBERS_MAX);
            return false;
        }
        switch ((enum rfx_dict_item_kind)item->kind) {
        case RFX_ITEM_FIELD:
            is_added = add_member(spread, item->index, is_needed);
            break;
        case RFX_ITEM_GROUP:
            is_added = add_group(spread, item, is_needed);
            break;
        case RFX_ITEM_COMPONENT: {
            uint32_t component = draft->order[2 + draft->message_count + item->index];
            is_added = spread_block(spread, &draft_blocks(draft)[component], is_needed);
            break;
        }
        }
        if (!is_added) {
            return false;
        }
    }
    return true;
}

static int ascending(const void *left, const void *right)
{
    return (int)*(const uint16_t *)left - (int)*(const uint16_t *)right;
}

static int by_counter(const void *left, const void *right)
{
    return (int)((const struct rfx_dict_set_group *)left)->counter -
           (int)((const struct rfx_dict_set_group *)right)->counter;
}

/* Behind the spreading: the required ones in ascending order, and the groups. */
static bool finish_set(struct spread *spread, struct rfx_dict_set *set)
{
    struct draft_sets *out = spread->out;
    const uint16_t *members = out->members.data; /* NULL while there is none */
    for (uint32_t i = set->first_member; i < out->members.count; i++) {
        if (spread->seen[members[i]].required == spread->mark) {
            uint16_t *required = draft_room(spread->draft, &out->required, sizeof *required, 1);
            if (required == NULL) {
                return false;
            }
            *required = members[i];
        }
    }
    set->required_count = (uint16_t)(out->required.count - set->first_required);
    if (set->required_count > 0) {
        qsort((uint16_t *)out->required.data + set->first_required, set->required_count,
              sizeof(uint16_t), ascending);
    }
    if (set->group_count > 0) {
        qsort((struct rfx_dict_set_group *)out->set_groups.data + set->first_group,
              set->group_count, sizeof(struct rfx_dict_set_group), by_counter);
    }
    return true;
}

/* A version with a header needs one that says something; a group needs a first field. */
static bool is_filled(struct rfx_draft *draft, const struct draft_block *block,
                      const struct rfx_dict_set *set)
{
    const char *version = draft_string(draft, draft->version);
    bool is_section = block->kind == BLOCK_HEADER || block->kind == BLOCK_TRAILER;
    if (set->member_count > 0 || block->kind == BLOCK_MESSAGE ||
        (is_section && strncmp(version, "FIX.5", 5) == 0)) {
        return true;
    }
    rfx_draft_fail(draft, block->line, "this %s has no fields",
                   block->kind == BLOCK_GROUP    ? "group"
                   : block->kind == BLOCK_HEADER ? "header"
                                                 : "trailer");
    return false;
}

static bool make_set(struct spread *spread, const struct draft_block *block)
{
    struct draft_sets *out = spread->out;
    struct rfx_dict_set set = {.first_member = out->members.count,
                               .first_required = out->required.count,
                               .first_group = out->set_groups.count};
    RFX_ASSERT(block->set == out->sets.count);
    spread->mark = out->sets.count + 1u;
    if (!spread_block(spread, block, true)) {
        return false;
    }
    set.member_count = (uint16_t)(out->members.count - set.first_member);
    set.group_count = (uint16_t)(out->set_groups.count - set.first_group);
    struct rfx_dict_set *made = draft_room(spread->draft, &out->sets, sizeof *made, 1);
    if (made == NULL || !is_filled(spread->draft, block, &set) || !finish_set(spread, &set)) {
        return false;
    }
    *made = set;
    return true;
}

bool draft_sets_open(struct draft_sets *sets, struct rfx_draft *draft)
{
    uint32_t set_count = 2 + draft->message_count + draft->group_count;
    struct spread spread = {.draft = draft, .out = sets};
    *sets = (struct draft_sets){.bit_words = (draft->fields.count + 63) / 64};
    sets->bits = calloc((size_t)set_count * sets->bit_words + 1, sizeof *sets->bits);
    spread.seen = calloc(draft->fields.count + 1u, sizeof *spread.seen);
    bool is_made = sets->bits != NULL && spread.seen != NULL;
    if (!is_made) {
        draft->status = RFX_E_NOMEM;
    }
    for (uint32_t i = 0; is_made && i < draft->blocks.count; i++) {
        const struct draft_block *block = &draft_blocks(draft)[draft->order[i]];
        is_made = block->kind == BLOCK_COMPONENT || make_set(&spread, block);
    }
    free(spread.seen);
    return is_made;
}

void draft_sets_close(struct draft_sets *sets)
{
    free(sets->sets.data);
    free(sets->members.data);
    free(sets->required.data);
    free(sets->set_groups.data);
    free(sets->bits);
}
