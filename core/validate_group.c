/* Repeating groups: how many entries there are comes first, then what is in them. */
#include "core/validate_internal.h"

/* One entry after the other. */
struct entries {
    struct rfx_level level; /* of the entry that is open */
    const uint16_t *place;  /* of each member in the dictionary's order, from 1 on */
    uint32_t latest;        /* the place of the field seen last */
    uint64_t count;
};

/* Noted once, so that no field is looked for among the members; and not again for every group of
 * the kind in a message, since a small group may have hundreds of members. */
static void note_places(const struct rfx_check *check, struct entries *entries)
{
    const struct rfx_level *level = &entries->level;
    struct rfx_places *places = &check->scratch->places[level->row];
    const struct rfx_dict_set *set = &level->dictionary->sets[level->set];
    const uint16_t *members = level->dictionary->members + set->first_member;
    if (places->members != members || places->message_turn != check->scratch->message_turn) {
        places->members = members;
        places->message_turn = check->scratch->message_turn;
        for (uint32_t i = 0; i < set->member_count; i++) {
            places->of[members[i]] = (uint16_t)(i + 1);
        }
    }
    entries->place = places->of;
}

static bool is_in_order(struct entries *entries, int32_t index)
{
    uint32_t place = entries->place[index];
    bool is_later = place > entries->latest;
    entries->latest = place;
    return is_later;
}

/* One field of an entry, and the group that it may announce. */
static bool check_member(const struct rfx_check *check, struct entries *entries, int32_t index,
                         uint32_t at, uint32_t *end)
{
    const struct rfx_level *level = &entries->level;
    const struct rfx_field *field = &check->message->fields[at];
    *end = at + 1;
    if (!rfx_level_see(level, index)) {
        return rfx_check_fail(check, RFX_REJECT_REPEATED_TAG, field->tag,
                              "Tag appears more than once");
    }
    if (check->rules->checks_group_order && !is_in_order(entries, index)) {
        return rfx_check_fail(check, RFX_REJECT_GROUP_OUT_OF_ORDER, field->tag,
                              "Repeating group fields out of order");
    }
    if (field->size == 0 && check->rules->checks_values_present) {
        return rfx_check_fail(check, RFX_REJECT_EMPTY_VALUE, field->tag,
                              "Tag specified without a value");
    }
    if (field->size > 0 && !rfx_check_value(check, level->dictionary, index, field)) {
        return false;
    }
    const struct rfx_dict_group *nested = rfx_level_group_of(level, index);
    return nested == NULL || rfx_check_group(check, level, nested, at, end);
}

/* The fields between two members, which the rules let pass: as rfx_validate() has it anywhere. */
static bool check_strangers(const struct rfx_check *check, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const struct rfx_field *field = &check->message->fields[i];
        if (field->size == 0 && check->rules->checks_values_present) {
            return rfx_check_fail(check, RFX_REJECT_EMPTY_VALUE, field->tag,
                                  "Tag specified without a value");
        }
        if (field->tag <= 0) {
            return rfx_check_fail(check, RFX_REJECT_INVALID_TAG, field->tag, "Invalid tag number");
        }
    }
    return true;
}

/* Begins an entry; false when the one before it lacks something. */
static bool open_entry(const struct rfx_check *check, struct entries *entries)
{
    bool is_complete = entries->count == 0 || rfx_check_required(check, &entries->level);
    entries->count++;
    entries->latest = 0;
    entries->level.turn = ++check->scratch->turn;
    return is_complete;
}

/* The same fields as rfx_group_end() takes. False with the fault, or because the first field does
 * not begin an entry. */
static bool check_entries(const struct rfx_check *check, const struct rfx_dict_group *group,
                          struct entries *entries, uint32_t from, uint32_t *end)
{
    const struct rfx_message *message = check->message;
    const struct rfx_dictionary *dictionary = entries->level.dictionary;
    uint16_t delimiter = rfx_group_delimiter(dictionary, group);
    *end = from;
    for (uint32_t i = from; i < message->field_count;) {
        int32_t tag = message->fields[i].tag;
        int32_t index = rfx_level_field_of(dictionary, tag);
        if (index < 0 && i > from && rfx_rules_pass_unknown(check->rules, tag)) {
            i++;
            continue;
        }
        if (!rfx_level_has(&entries->level, index)) {
            break;
        }
        if (!check_strangers(check, *end, i)) {
            return false;
        }
        if (index == delimiter ? !open_entry(check, entries) : entries->count == 0) {
            return false;
        }
        if (!check_member(check, entries, index, i, &i)) {
            return false;
        }
        *end = i;
    }
    return entries->count == 0 || rfx_check_required(check, &entries->level);
}

bool rfx_check_group(const struct rfx_check *check, const struct rfx_level *level,
                     const struct rfx_dict_group *group, uint32_t at, uint32_t *end)
{
    const struct rfx_message *message = check->message;
    const struct rfx_field *counter = &message->fields[at];
    uint32_t row = level->row < RFX_SEEN_GROUP ? RFX_SEEN_GROUP : level->row + 1;
    struct entries entries = {.level = rfx_level_open(check, level->dictionary, group->set, row)};
    struct rfx_group_extent extent;
    uint64_t announced = 0;
    bool has_entries =
        rfx_read_uint(rfx_field_value(message, (int32_t)at), &announced) && announced > 0;
    if (has_entries && check->rules->checks_group_order) {
        note_places(check, &entries);
    }
    bool is_right = has_entries && check_entries(check, group, &entries, at + 1, end) &&
                    announced == entries.count;
    if (is_right) {
        return true;
    }
    /* Something is wrong, or the group has no entries. */
    enum rfx_group_state state =
        rfx_group_measure(check->rules, level->dictionary, group, message, at, &extent);
    *end = extent.end;
    switch (state) {
    case RFX_GROUP_SOUND:
        return extent.entries == 0; /* else the fault is within the entries and noted already */
    case RFX_GROUP_NO_NUMBER:
        return rfx_check_fail(check, RFX_REJECT_BAD_FORMAT, counter->tag,
                              "Incorrect data format for value");
    case RFX_GROUP_BAD_START:
        return rfx_check_fail(check, RFX_REJECT_GROUP_OUT_OF_ORDER, message->fields[at + 1].tag,
                              "Repeating group fields out of order");
    case RFX_GROUP_BAD_COUNT:
        break;
    }
    return rfx_check_fail(check, RFX_REJECT_GROUP_COUNT, counter->tag,
                          "Incorrect NumInGroup count for repeating group");
}
