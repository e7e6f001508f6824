#include "core/group_walk.h"

bool rfx_rules_pass_unknown(const struct rfx_rules *rules, int32_t tag)
{
    return tag >= RFX_USER_TAG_MIN ? !rules->checks_user_defined : rules->allows_unknown_fields;
}

uint32_t rfx_group_end(const struct rfx_rules *rules, const struct rfx_dictionary *dictionary,
                       const struct rfx_dict_group *group, const struct rfx_message *message,
                       uint32_t from, uint64_t *entries)
{
    uint16_t delimiter = rfx_group_delimiter(dictionary, group);
    uint64_t nested_entries;
    uint32_t i = from;
    *entries = 0;
    while (i < message->field_count) {
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
        i++;
        const struct rfx_dict_group *nested = rfx_dict_group_of(dictionary, group->set, index);
        if (nested != NULL) {
            i = rfx_group_end(rules, dictionary, nested, message, i, &nested_entries);
        }
    }
    return i;
}
