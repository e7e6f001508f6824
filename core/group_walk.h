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
 * between. Members of groups within are passed over with them, and so are fields between members
 * that no dictionary defines and the rules let pass: the group ends behind its last member. */
uint32_t rfx_group_end(const struct rfx_rules *rules, const struct rfx_dictionary *dictionary,
                       const struct rfx_dict_group *group, const struct rfx_message *message,
                       uint32_t from, uint64_t *entries);

enum rfx_group_state {
    RFX_GROUP_SOUND,
    RFX_GROUP_NO_NUMBER, /* the counter has another value than a number */
    RFX_GROUP_BAD_START, /* the first field is one of the group's, but none that begins an entry */
    RFX_GROUP_BAD_COUNT, /* the counter tells another number of entries than there are */
};

struct rfx_group_extent {
    uint32_t end;     /* the first field behind the group */
    uint64_t entries; /* as they are, whatever the counter says */
};

/* The group whose counter stands at `at`. A counter of 0, or one without a value where the rules
 * allow that, announces nothing: what follows it is not the group's. */
enum rfx_group_state rfx_group_measure(const struct rfx_rules *rules,
                                       const struct rfx_dictionary *dictionary,
                                       const struct rfx_dict_group *group,
                                       const struct rfx_message *message, uint32_t at,
                                       struct rfx_group_extent *extent);

/* The field behind the one at `at`, and behind the group that it announces within a set. */
uint32_t rfx_group_step(const struct rfx_rules *rules, const struct rfx_dictionary *dictionary,
                        uint16_t set, const struct rfx_message *message, uint32_t at);

#endif
