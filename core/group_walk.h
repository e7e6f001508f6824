/* Where repeating groups begin and end, for validation and for readers. */
#ifndef RFX_CORE_GROUP_WALK_H
#define RFX_CORE_GROUP_WALK_H

#include "core/validate.h"

#define RFX_USER_TAG_MIN 5000 /* user-defined tags, by FIX's convention */

/* Whether a field that is not defined where it stands is let pass. */
bool rfx_rules_pass_unknown(const struct rfx_rules *rules, int32_t tag);

/* Field index of the first field of every entry. */
static inline uint16_t rfx_group_delimiter(const struct rfx_dictionary *dictionary,
                                           const struct rfx_dict_group *group)
{
    return dictionary->members[dictionary->sets[group->set].first_member];
}

/* Where the fields of a group's entries end that begin at `from`, and how many entries start in
 * between. Members of groups within are passed over with them, and so are fields that the rules
 * let pass. */
uint32_t rfx_group_end(const struct rfx_rules *rules, const struct rfx_dictionary *dictionary,
                       const struct rfx_dict_group *group, const struct rfx_message *message,
                       uint32_t from, uint64_t *entries);

#endif
