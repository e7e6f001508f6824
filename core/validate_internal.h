/* Shared by the files of validation. */
#ifndef RFX_CORE_VALIDATE_INTERNAL_H
#define RFX_CORE_VALIDATE_INTERNAL_H

#include "core/draft.h"
#include "core/group_walk.h"
#include "core/validate.h"

#include <assert.h>

/* What was seen, by field index: the number of the level's turn, so that nothing is ever cleared.
 * One row for header and trailer, one for the body, one for each depth of groups. */
#define RFX_SEEN_HEADER 0
#define RFX_SEEN_BODY   1
#define RFX_SEEN_GROUP  2
#define RFX_SEEN_ROWS   (RFX_SEEN_GROUP + RFX_DRAFT_DEPTH_MAX)

/* The place of each member of a set, from 1 on, by field index. */
struct rfx_places {
    const uint16_t *members; /* whose places these are */
    uint32_t message_turn;   /* and in which message: dictionaries may go, and others come */
    uint16_t of[RFX_DRAFT_FIELDS_MAX];
};

struct rfx_validate_scratch {
    uint32_t turn;
    uint32_t message_turn; /* the first of this message */
    /* Both touched only as far as they are used. */
    uint32_t seen[RFX_SEEN_ROWS][RFX_DRAFT_FIELDS_MAX];
    struct rfx_places places[RFX_SEEN_ROWS];
};

/* One message on its way through. */
struct rfx_check {
    const struct rfx_rules *rules;
    const struct rfx_message *message;
    struct rfx_validate_scratch *scratch;
    struct rfx_fault *fault;
};

/* The fields of one level: a dictionary's set, and which of it have been seen. */
struct rfx_level {
    const struct rfx_dictionary *dictionary;
    const uint64_t *bits; /* the set, as rfx_dict_set_has() reads it */
    uint32_t *seen;       /* a row of the scratch */
    uint32_t row;
    uint32_t turn; /* the mark of this level */
    uint16_t set;
    uint16_t first_counter; /* field indices; above last_counter when the set has no groups */
    uint16_t last_counter;
};

static inline struct rfx_level rfx_level_open(const struct rfx_check *check,
                                              const struct rfx_dictionary *dictionary, uint16_t set,
                                              uint32_t row)
{
    const struct rfx_dict_set *definition = &dictionary->sets[set];
    const struct rfx_dict_set_group *groups = dictionary->set_groups + definition->first_group;
    uint16_t count = definition->group_count;
    RFX_ASSERT(row < RFX_SEEN_ROWS);
    return (struct rfx_level){.dictionary = dictionary,
                              .bits = dictionary->bits + (size_t)set * dictionary->bit_words,
                              .seen = check->scratch->seen[row],
                              .row = row,
                              .turn = ++check->scratch->turn,
                              .set = set,
                              .first_counter = count > 0 ? groups[0].counter : UINT16_MAX,
                              .last_counter = count > 0 ? groups[count - 1].counter : 0};
}

/* rfx_dict_field_of() without a call for nearly every tag. */
static inline int32_t rfx_level_field_of(const struct rfx_dictionary *dictionary, int32_t tag)
{
    return RFX_LIKELY((uint32_t)tag < dictionary->by_tag_size) ? dictionary->by_tag[tag] - 1
                                                               : rfx_dict_field_of(dictionary, tag);
}

/* index  may be RFX_NO_FIELD */
static inline bool rfx_level_has(const struct rfx_level *level, int32_t index)
{
    uint32_t bit = (uint32_t)index;
    return index >= 0 && (level->bits[bit / 64] >> (bit % 64) & 1) != 0;
}

/* Marks a field as seen; false when it was already. */
static inline bool rfx_level_see(const struct rfx_level *level, int32_t index)
{
    bool is_new = level->seen[index] != level->turn;
    level->seen[index] = level->turn;
    return is_new;
}

/* The group that a field announces at its level. Counters are few and stand together, so that
 * most fields need no search. */
static inline const struct rfx_dict_group *rfx_level_group_of(const struct rfx_level *level,
                                                              int32_t index)
{
    return index >= level->first_counter && index <= level->last_counter
               ? rfx_dict_group_of(level->dictionary, level->set, index)
               : NULL;
}

/* Notes what is wrong; always false. */
static inline bool rfx_check_fail(const struct rfx_check *check, enum rfx_reject_reason reason,
                                  int32_t tag, const char *text)
{
    *check->fault = (struct rfx_fault){.reason = reason, .ref_tag = tag, .text = text};
    return false;
}

/* Whether every required field of a level was seen. */
bool rfx_check_required(const struct rfx_check *check, const struct rfx_level *level);

/* Whether a value is of a type. CHAR is one byte here. */
bool rfx_format_fits(enum rfx_field_type type, struct rfx_bytes value);

/* What rfx_check_value() does when the format does not fit, and for fields with a list. */
bool rfx_check_misfit(const struct rfx_check *check, const struct rfx_dictionary *dictionary,
                      enum rfx_field_type type, const struct rfx_field *field);
bool rfx_check_listed(const struct rfx_check *check, const struct rfx_dictionary *dictionary,
                      int32_t index, const struct rfx_field *field);

#define RFX_TYPE_BIT(type) (UINT64_C(1) << (type))
static_assert(RFX_TYPE_COUNT <= 64, "a bit for each type");

/* Types of which any value is right. */
#define RFX_TYPES_OF_TEXT                                                                          \
    (RFX_TYPE_BIT(RFX_TYPE_UNKNOWN) | RFX_TYPE_BIT(RFX_TYPE_STRING) |                              \
     RFX_TYPE_BIT(RFX_TYPE_DATA) | RFX_TYPE_BIT(RFX_TYPE_XMLDATA) |                                \
     RFX_TYPE_BIT(RFX_TYPE_CURRENCY) | RFX_TYPE_BIT(RFX_TYPE_COUNTRY) |                            \
     RFX_TYPE_BIT(RFX_TYPE_EXCHANGE) | RFX_TYPE_BIT(RFX_TYPE_LANGUAGE) |                           \
     RFX_TYPE_BIT(RFX_TYPE_MULTIPLEVALUESTRING) | RFX_TYPE_BIT(RFX_TYPE_MULTIPLESTRINGVALUE) |     \
     RFX_TYPE_BIT(RFX_TYPE_XID) | RFX_TYPE_BIT(RFX_TYPE_XIDREF))

/* Type and list of a field that is defined and has a value. */
static inline bool rfx_check_value(const struct rfx_check *check,
                                   const struct rfx_dictionary *dictionary, int32_t index,
                                   const struct rfx_field *field)
{
    const struct rfx_dict_field *definition = &dictionary->fields[index];
    enum rfx_field_type type = (enum rfx_field_type)definition->type;
    struct rfx_bytes value = rfx_bytes_of(check->message->data + field->offset, field->size);
    if ((RFX_TYPES_OF_TEXT >> type & 1) == 0 && !rfx_format_fits(type, value) &&
        !rfx_check_misfit(check, dictionary, type, field)) {
        return false;
    }
    return definition->value_count == 0 || rfx_check_listed(check, dictionary, index, field);
}

/* The group that the counter at `at` announces: how many entries, then what is in them. *end is
 * the first field behind it, also when something is wrong. */
bool rfx_check_group(const struct rfx_check *check, const struct rfx_level *level,
                     const struct rfx_dict_group *group, uint32_t at, uint32_t *end);

#endif
