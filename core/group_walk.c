#include "core/group_walk.h"

bool rfx_rules_pass_unknown(const struct rfx_rules *rules, int32_t tag)
{
    bool is_checked =
        tag >= RFX_USER_TAG_MIN ? rules->checks_user_defined : !rules->allows_unknown_fields;
    return !rules->is_checking || !is_checked;
}

uint32_t rfx_group_end(const struct rfx_rules *rules, const struct rfx_dictionary *dictionary,
                       const struct rfx_dict_group *group, const struct rfx_message *message,
                       uint32_t from, uint64_t *entries)
{
    uint16_t delimiter = rfx_group_delimiter(dictionary, group);
    uint32_t end = from;
    *entries = 0;
    for (uint32_t i = from; i < message->field_count;) {
        int32_t tag = message->fields[i].tag;
        int32_t index = rfx_dict_field_of(dictionary, tag);
        if (index < 0 && i > from && rfx_rules_pass_unknown(rules, tag)) {
            i++;
            continue;
        }
        if (index < 0 || !rfx_dict_set_has(dictionary, group->set, index)) {
            break;
        }
        *entries += index == delimiter;
        i = rfx_group_step(rules, dictionary, group->set, message, i);
        end = i;
    }
    return end;
}

static bool begins_entry(const struct rfx_dictionary *dictionary,
                         const struct rfx_dict_group *group, const struct rfx_message *message,
                         uint32_t at)
{
    return at < message->field_count && rfx_dict_field_of(dictionary, message->fields[at].tag) ==
                                            rfx_group_delimiter(dictionary, group);
}

enum rfx_group_state rfx_group_measure(const struct rfx_rules *rules,
                                       const struct rfx_dictionary *dictionary,
                                       const struct rfx_dict_group *group,
                                       const struct rfx_message *message, uint32_t at,
                                       struct rfx_group_extent *extent)
{
    struct rfx_bytes counter = rfx_field_value(message, (int32_t)at);
    uint64_t announced = 0;
    bool is_number = counter.size == 0 || rfx_read_uint(counter, &announced);
    bool starts_right = begins_entry(dictionary, group, message, at + 1);
    *extent = (struct rfx_group_extent){.end = at + 1, .entries = 0};
    if (is_number && announced == 0 && !starts_right) {
        return RFX_GROUP_SOUND;
    }
    extent->end = rfx_group_end(rules, dictionary, group, message, at + 1, &extent->entries);
    if (!is_number) {
        return RFX_GROUP_NO_NUMBER;
    }
    if (extent->end > at + 1 && !starts_right) {
        return RFX_GROUP_BAD_START;
    }
    return announced == extent->entries ? RFX_GROUP_SOUND : RFX_GROUP_BAD_COUNT;
}

uint32_t rfx_group_step(const struct rfx_rules *rules, const struct rfx_dictionary *dictionary,
                        uint16_t set, const struct rfx_message *message, uint32_t at)
{
    struct rfx_group_extent extent;
    int32_t index = rfx_dict_field_of(dictionary, message->fields[at].tag);
    const struct rfx_dict_group *group =
        index >= 0 ? rfx_dict_group_of(dictionary, set, index) : NULL;
    if (group == NULL) {
        return at + 1;
    }
    (void)rfx_group_measure(rules, dictionary, group, message, at, &extent);
    return extent.end;
}
