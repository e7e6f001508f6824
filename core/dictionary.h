/* A FIX dictionary as tables: fields, their values, components, groups, messages. Built in at
 * compile time from dict/, or made at run time by core/draft.h; nobody changes it afterwards, so
 * any number of threads may read it.
 *
 * Everything refers to everything else by index. Names are offsets into one block of strings.
 * The tables hold the facts twice: `items` as they are written, with components, for printing and
 * comparing; `sets` with the components spread out, one set per level at which fields may stand
 * (header, trailer, each message, each group), for validation. */
#ifndef RFX_CORE_DICTIONARY_H
#define RFX_CORE_DICTIONARY_H

#include "core/base.h"
#include "ringfix/dictionary.h"

/* Data types of the FIX specifications, 4.0 to 5.0SP2. */
enum rfx_field_type {
    RFX_TYPE_UNKNOWN, /* of a counterparty's own dictionary: any value */
    RFX_TYPE_STRING,
    RFX_TYPE_CHAR,
    RFX_TYPE_INT,
    RFX_TYPE_FLOAT,
    RFX_TYPE_PRICE,
    RFX_TYPE_PRICEOFFSET,
    RFX_TYPE_AMT,
    RFX_TYPE_QTY,
    RFX_TYPE_PERCENTAGE,
    RFX_TYPE_LENGTH,
    RFX_TYPE_SEQNUM,
    RFX_TYPE_NUMINGROUP,
    RFX_TYPE_TAGNUM,
    RFX_TYPE_DAYOFMONTH,
    RFX_TYPE_BOOLEAN,
    RFX_TYPE_DATA,
    RFX_TYPE_XMLDATA,
    RFX_TYPE_CURRENCY,
    RFX_TYPE_COUNTRY,
    RFX_TYPE_EXCHANGE,
    RFX_TYPE_LANGUAGE,
    RFX_TYPE_MONTHYEAR,
    RFX_TYPE_TIME, /* FIX.4.0 and 4.1: a UTCTimestamp */
    RFX_TYPE_DATE, /* FIX.4.0 and 4.1: YYYYMMDD */
    RFX_TYPE_UTCTIMESTAMP,
    RFX_TYPE_UTCTIMEONLY,
    RFX_TYPE_UTCDATE, /* FIX.4.2 and 4.3: as UTCDATEONLY */
    RFX_TYPE_UTCDATEONLY,
    RFX_TYPE_LOCALMKTDATE,
    RFX_TYPE_LOCALMKTTIME,
    RFX_TYPE_TZTIMEONLY,
    RFX_TYPE_TZTIMESTAMP,
    RFX_TYPE_MULTIPLEVALUESTRING, /* values apart by spaces, each of any length */
    RFX_TYPE_MULTIPLESTRINGVALUE, /* the same under its later name */
    RFX_TYPE_MULTIPLECHARVALUE,   /* values apart by spaces, each one character */
    RFX_TYPE_XID,
    RFX_TYPE_XIDREF,
    RFX_TYPE_COUNT
};

struct rfx_dict_value {
    uint32_t text;        /* in strings */
    uint32_t description; /* in strings; may be empty */
};

struct rfx_dict_field {
    int32_t tag;
    uint32_t name;
    uint32_t first_value; /* in values, shorter texts first, then bytewise (1 2 10) */
    uint16_t value_count; /* 0: any value of the type */
    uint8_t type;         /* enum rfx_field_type */
};

enum rfx_dict_item_kind { RFX_ITEM_FIELD, RFX_ITEM_COMPONENT, RFX_ITEM_GROUP };

/* One line of a message, component or group as it was written. */
struct rfx_dict_item {
    uint8_t kind;
    uint8_t is_required;
    uint16_t index; /* in fields, components or groups */
};

struct rfx_dict_component {
    uint32_t name;
    uint32_t first_item;
    uint32_t item_count;
};

/* One place where a group is written. */
struct rfx_dict_group {
    uint16_t counter; /* field index of its NumInGroup field */
    uint16_t set;     /* of one entry; its first member starts an entry */
    uint32_t first_item;
    uint32_t item_count;
};

/* Also header and trailer, whose name and msg_type are empty. */
struct rfx_dict_message {
    uint32_t name;
    uint32_t msg_type; /* in strings */
    uint32_t first_item;
    uint32_t item_count;
    uint16_t set;
    bool is_admin;
};

/* A group's counter within a set, and the group it announces. */
struct rfx_dict_set_group {
    uint16_t counter; /* field index */
    uint16_t group;
};

/* What may stand at one level, components spread out; members of groups are in the group's set,
 * the group's counter is in this one. */
struct rfx_dict_set {
    uint32_t first_member;   /* in members: field indices in the order of the dictionary */
    uint32_t first_required; /* in required: field indices, ascending. A field is required when
                                it and every component around it are, counted from this level */
    uint32_t first_group;    /* in set_groups, ascending by counter */
    uint16_t member_count;
    uint16_t required_count;
    uint16_t group_count;
};

struct rfx_dictionary {
    const char *version; /* BeginString, or "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2" */
    const char *strings;
    const struct rfx_dict_field *fields; /* ascending by tag */
    const struct rfx_dict_value *values;
    const struct rfx_dict_message *messages;     /* by msg_type: shorter first, then bytewise */
    const struct rfx_dict_component *components; /* ascending by name */
    const struct rfx_dict_group *groups;
    const struct rfx_dict_item *items;
    const struct rfx_dict_set *sets;
    const uint16_t *members;
    const uint16_t *required;
    const struct rfx_dict_set_group *set_groups;
    const uint64_t *bits; /* per set bit_words words: bit i is field index i */
    /* Field index + 1 by tag, 0: not defined; for tags below by_tag_size, at most 65536. */
    const uint16_t *by_tag;
    struct rfx_dict_message header;
    struct rfx_dict_message trailer;
    uint32_t field_count;
    uint32_t value_count;
    uint32_t message_count;
    uint32_t component_count;
    uint32_t group_count;
    uint32_t item_count;
    uint32_t set_count;
    uint32_t member_count;
    uint32_t required_count;
    uint32_t set_group_count;
    uint32_t bit_words;
    uint32_t by_tag_size;
    uint32_t strings_size;
    /* Single-character MsgTypes: message index + 1, 0: none. */
    uint16_t by_type[128];
};

#define RFX_NO_FIELD (-1)

/* Index of the field with a tag, RFX_NO_FIELD when it is not defined. */
int32_t rfx_dict_field_of(const struct rfx_dictionary *dictionary, int32_t tag);

/* The message with a MsgType(35), NULL when it is not defined. */
const struct rfx_dict_message *rfx_dict_message_of(const struct rfx_dictionary *dictionary,
                                                   struct rfx_bytes msg_type);

/* The field, message or component with a name, exactly as written; RFX_NO_FIELD or NULL. */
int32_t rfx_dict_field_named(const struct rfx_dictionary *dictionary, const char *name);
const struct rfx_dict_message *rfx_dict_message_named(const struct rfx_dictionary *dictionary,
                                                      const char *name);
const struct rfx_dict_component *rfx_dict_component_named(const struct rfx_dictionary *dictionary,
                                                          const char *name);

/* The group that a counter announces within a set, NULL when it announces none there. */
const struct rfx_dict_group *rfx_dict_group_of(const struct rfx_dictionary *dictionary,
                                               uint16_t set, int32_t field_index);

/* Whether the field's list of values has this one; true when it has no list. */
bool rfx_dict_has_value(const struct rfx_dictionary *dictionary, int32_t field_index,
                        struct rfx_bytes value);

static inline bool rfx_dict_set_has(const struct rfx_dictionary *dictionary, uint16_t set,
                                    int32_t field_index)
{
    uint64_t word =
        dictionary->bits[(size_t)set * dictionary->bit_words + (size_t)field_index / 64];
    return (word >> (field_index % 64) & 1) != 0;
}

static inline const char *rfx_dict_text(const struct rfx_dictionary *dictionary, uint32_t offset)
{
    return dictionary->strings + offset;
}

/* Order of MsgTypes and values: shorter first, then bytewise. As strcmp(). */
int rfx_dict_compare(const char *left, struct rfx_bytes right);

/* The name of a type as dictionaries write it ("UTCTIMESTAMP"); RFX_TYPE_UNKNOWN for none. */
const char *rfx_field_type_text(enum rfx_field_type type);
enum rfx_field_type rfx_field_type_of(const char *name);

#endif
