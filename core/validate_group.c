/* Repeating groups: first how many entries there are, then what is in them. */
#include "core/group_walk.h"
#include "core/validate_internal.h"

/* The place of a member among those of its set, looked for from `from` on. */
static uint32_t find_place(const struct rfx_dictionary *dictionary, uint16_t set, int32_t index,
                           uint32_t from)
{
    const struct rfx_dict_set *members = &dictionary->sets[set];
    uint32_t place = from;
    while (place < members->member_count &&
           dictionary->members[members->first_member + place] != index) {
        place++;
    }
    return place;
}

/* One field of an entry, and the group that it may announce. */
static bool check_member(const struct rfx_check *check, const struct rfx_level *entry, uint32_t at,
                         uint32_t *place, uint32_t *end)
{
    const struct rfx_dictionary *dictionary = entry->dictionary;
    const struct rfx_field *field = &check->message->fields[at];
    int32_t index = rfx_dict_field_of(dictionary, field->tag);
    *end = at + 1;
    if (index < 0) {
        return true; /* passed over by rfx_group_end() */
    }
    if (!rfx_check_see(check, entry, index)) {
        return rfx_check_fail(check, RFX_REJECT_REPEATED_TAG, field->tag,
                              "Tag appears more than once");
    }
    if (check->rules->checks_group_order) {
        uint32_t found = find_place(dictionary, entry->set, index, *place);
        if (found == dictionary->sets[entry->set].member_count) {
            return rfx_check_fail(check, RFX_REJECT_GROUP_OUT_OF_ORDER, field->tag,
                                  "Repeating group fields out of order");
        }
        *place = found;
    }
    if (field->size == 0) {
        return !check->rules->checks_values_present ||
               rfx_check_fail(check, RFX_REJECT_EMPTY_VALUE, field->tag,
                              "Tag specified without a value");
    }
    if (!rfx_check_value(check, dictionary, index, field)) {
        return false;
    }
    const struct rfx_dict_group *nested = rfx_dict_group_of(dictionary, entry->set, index);
    return nested == NULL || rfx_check_group(check, entry, nested, at, end);
}

static bool check_entries(const struct rfx_check *check, const struct rfx_level *level,
                          const struct rfx_dict_group *group, uint32_t from, uint32_t end)
{
    const struct rfx_dictionary *dictionary = level->dictionary;
    uint16_t delimiter = rfx_group_delimiter(dictionary, group);
    struct rfx_level entry = {
        .dictionary = dictionary, .set = group->set, .row = level->row + 1, .turn = 0};
    uint32_t place = 0;
    if (entry.row < RFX_SEEN_GROUP) {
        entry.row = RFX_SEEN_GROUP; /* of a header's or a body's own */
    }
    for (uint32_t i = from; i < end;) {
        if (rfx_dict_field_of(dictionary, check->message->fields[i].tag) == delimiter) {
            if (entry.turn != 0 && !rfx_check_required(check, &entry)) {
                return false;
            }
            entry.turn = ++check->scratch->turn;
            place = 0;
        }
        if (!check_member(check, &entry, i, &place, &i)) {
            return false;
        }
    }
    return entry.turn == 0 || rfx_check_required(check, &entry);
}

bool rfx_check_group(const struct rfx_check *check, const struct rfx_level *level,
                     const struct rfx_dict_group *group, uint32_t at, uint32_t *end)
{
    const struct rfx_message *message = check->message;
    const struct rfx_field *counter = &message->fields[at];
    const struct rfx_dictionary *dictionary = level->dictionary;
    uint64_t announced = 0;
    uint64_t entries = 0;
    *end = rfx_group_end(check->rules, dictionary, group, message, at + 1, &entries);
    if (counter->size == 0) {
        return true; /* without a value, which the rules allow: nothing to count with */
    }
    if (!rfx_read_uint(rfx_field_value(message, (int32_t)at), &announced)) {
        return rfx_check_fail(check, RFX_REJECT_BAD_FORMAT, counter->tag,
                              "Incorrect data format for value");
    }
    bool starts_wrong = announced > 0 && *end > at + 1 &&
                        rfx_dict_field_of(dictionary, message->fields[at + 1].tag) !=
                            dictionary->members[dictionary->sets[group->set].first_member];
    if (starts_wrong) {
        return rfx_check_fail(check, RFX_REJECT_GROUP_OUT_OF_ORDER, message->fields[at + 1].tag,
                              "Repeating group fields out of order");
    }
    if (announced != entries) {
        return rfx_check_fail(check, RFX_REJECT_GROUP_COUNT, counter->tag,
                              "Incorrect NumInGroup count for repeating group");
    }
    return check_entries(check, level, group, at + 1, *end);
}
