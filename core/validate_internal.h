/* Shared by the files of validation. */
#ifndef RFX_CORE_VALIDATE_INTERNAL_H
#define RFX_CORE_VALIDATE_INTERNAL_H

#include "core/draft.h"
#include "core/validate.h"

/* What was seen, by field index: the number of the level's turn, so that nothing is ever cleared.
 * One row for header and trailer, one for the body, one for each depth of groups. */
#define RFX_SEEN_HEADER 0
#define RFX_SEEN_BODY   1
#define RFX_SEEN_GROUP  2
#define RFX_SEEN_ROWS   (RFX_SEEN_GROUP + RFX_DRAFT_DEPTH_MAX)

struct rfx_validate_scratch {
    uint32_t turn;
    uint32_t seen[RFX_SEEN_ROWS][RFX_DRAFT_FIELDS_MAX]; /* touched only as far as it is used */
};

enum rfx_section { RFX_SECTION_HEADER, RFX_SECTION_BODY, RFX_SECTION_TRAILER };

/* One message on its way through. */
struct rfx_check {
    const struct rfx_rules *rules;
    const struct rfx_message *message;
    struct rfx_validate_scratch *scratch;
    struct rfx_fault *fault;
    bool is_old; /* FIX.4.0 and 4.1 */
};

/* The fields of one level: a dictionary's set, and the fields it applies to. */
struct rfx_level {
    const struct rfx_dictionary *dictionary;
    uint16_t set;
    uint32_t row;  /* in scratch->seen */
    uint32_t turn; /* the mark of this level */
};

/* Notes what is wrong; always false. */
static inline bool rfx_check_fail(const struct rfx_check *check, enum rfx_reject_reason reason,
                                  int32_t tag, const char *text)
{
    *check->fault = (struct rfx_fault){.reason = reason, .ref_tag = tag, .text = text};
    return false;
}

/* Marks a field as seen at a level; false when it was already. */
static inline bool rfx_check_see(const struct rfx_check *check, const struct rfx_level *level,
                                 int32_t index)
{
    uint32_t *seen = &check->scratch->seen[level->row][index];
    bool is_new = *seen != level->turn;
    *seen = level->turn;
    return is_new;
}

/* Whether every required field of a level was seen. */
bool rfx_check_required(const struct rfx_check *check, const struct rfx_level *level);

/* Value, type and list of a field that is defined. */
bool rfx_check_value(const struct rfx_check *check, const struct rfx_dictionary *dictionary,
                     int32_t index, const struct rfx_field *field);

/* The group that the counter at `at` announces: how many entries, then what is in them. *end is
 * the first field behind it. */
bool rfx_check_group(const struct rfx_check *check, const struct rfx_level *level,
                     const struct rfx_dict_group *group, uint32_t at, uint32_t *end);

/* Whether a value is of a type. is_old: FIX.4.0 and 4.1, where CHAR is any text. */
bool rfx_format_fits(enum rfx_field_type type, struct rfx_bytes value, bool is_old);

#endif
