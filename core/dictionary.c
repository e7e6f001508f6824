#include "core/dictionary.h"

#include <stdlib.h>
#include <string.h>

static const char *const type_names[RFX_TYPE_COUNT] = {
    [RFX_TYPE_UNKNOWN] = "UNKNOWN",
    [RFX_TYPE_STRING] = "STRING",
    [RFX_TYPE_CHAR] = "CHAR",
    [RFX_TYPE_INT] = "INT",
    [RFX_TYPE_FLOAT] = "FLOAT",
    [RFX_TYPE_PRICE] = "PRICE",
    [RFX_TYPE_PRICEOFFSET] = "PRICEOFFSET",
    [RFX_TYPE_AMT] = "AMT",
    [RFX_TYPE_QTY] = "QTY",
    [RFX_TYPE_PERCENTAGE] = "PERCENTAGE",
    [RFX_TYPE_LENGTH] = "LENGTH",
    [RFX_TYPE_SEQNUM] = "SEQNUM",
    [RFX_TYPE_NUMINGROUP] = "NUMINGROUP",
    [RFX_TYPE_TAGNUM] = "TAGNUM",
    [RFX_TYPE_DAYOFMONTH] = "DAYOFMONTH",
    [RFX_TYPE_BOOLEAN] = "BOOLEAN",
    [RFX_TYPE_DATA] = "DATA",
    [RFX_TYPE_XMLDATA] = "XMLDATA",
    [RFX_TYPE_CURRENCY] = "CURRENCY",
    [RFX_TYPE_COUNTRY] = "COUNTRY",
    [RFX_TYPE_EXCHANGE] = "EXCHANGE",
    [RFX_TYPE_LANGUAGE] = "LANGUAGE",
    [RFX_TYPE_MONTHYEAR] = "MONTHYEAR",
    [RFX_TYPE_TIME] = "TIME",
    [RFX_TYPE_DATE] = "DATE",
    [RFX_TYPE_UTCTIMESTAMP] = "UTCTIMESTAMP",
    [RFX_TYPE_UTCTIMEONLY] = "UTCTIMEONLY",
    [RFX_TYPE_UTCDATE] = "UTCDATE",
    [RFX_TYPE_UTCDATEONLY] = "UTCDATEONLY",
    [RFX_TYPE_LOCALMKTDATE] = "LOCALMKTDATE",
    [RFX_TYPE_LOCALMKTTIME] = "LOCALMKTTIME",
    [RFX_TYPE_TZTIMEONLY] = "TZTIMEONLY",
    [RFX_TYPE_TZTIMESTAMP] = "TZTIMESTAMP",
    [RFX_TYPE_MULTIPLEVALUESTRING] = "MULTIPLEVALUESTRING",
    [RFX_TYPE_MULTIPLESTRINGVALUE] = "MULTIPLESTRINGVALUE",
    [RFX_TYPE_MULTIPLECHARVALUE] = "MULTIPLECHARVALUE",
    [RFX_TYPE_XID] = "XID",
    [RFX_TYPE_XIDREF] = "XIDREF",
};

const char *rfx_field_type_text(enum rfx_field_type type)
{
    RFX_ASSERT((unsigned)type < RFX_TYPE_COUNT);
    return type_names[type];
}

enum rfx_field_type rfx_field_type_of(const char *name)
{
    for (unsigned i = 0; i < RFX_TYPE_COUNT; i++) {
        if (strcmp(type_names[i], name) == 0) {
            return (enum rfx_field_type)i;
        }
    }
    return RFX_TYPE_UNKNOWN;
}

int rfx_dict_compare(const char *left, struct rfx_bytes right)
{
    size_t size = strlen(left);
    if (size != right.size) {
        return size < right.size ? -1 : 1;
    }
    return memcmp(left, right.data, size);
}

/* ----------------------------------------------------------------------------------- lookups */

static int32_t field_beyond_table(const struct rfx_dictionary *dictionary, int32_t tag)
{
    uint32_t low = 0;
    uint32_t high = dictionary->field_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (dictionary->fields[middle].tag < tag) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_found = low < dictionary->field_count && dictionary->fields[low].tag == tag;
    return is_found ? (int32_t)low : RFX_NO_FIELD;
}

int32_t rfx_dict_field_of(const struct rfx_dictionary *dictionary, int32_t tag)
{
    if (tag < 0) {
        return RFX_NO_FIELD;
    }
    if (RFX_LIKELY((uint32_t)tag < dictionary->by_tag_size)) {
        return dictionary->by_tag[tag] - 1;
    }
    return field_beyond_table(dictionary, tag);
}

const struct rfx_dict_message *rfx_dict_message_of(const struct rfx_dictionary *dictionary,
                                                   struct rfx_bytes msg_type)
{
    if (RFX_LIKELY(msg_type.size == 1)) {
        unsigned char type = (unsigned char)msg_type.data[0];
        unsigned index = type < sizeof dictionary->by_type / sizeof dictionary->by_type[0]
                             ? dictionary->by_type[type]
                             : 0;
        return index != 0 ? &dictionary->messages[index - 1] : NULL;
    }
    uint32_t low = 0;
    uint32_t high = dictionary->message_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct rfx_dict_message *message = &dictionary->messages[middle];
        int order = rfx_dict_compare(rfx_dict_text(dictionary, message->msg_type), msg_type);
        if (order == 0) {
            return message;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

int32_t rfx_dict_field_named(const struct rfx_dictionary *dictionary, const char *name)
{
    for (uint32_t i = 0; i < dictionary->field_count; i++) {
        if (strcmp(rfx_dict_text(dictionary, dictionary->fields[i].name), name) == 0) {
            return (int32_t)i;
        }
    }
    return RFX_NO_FIELD;
}

const struct rfx_dict_message *rfx_dict_message_named(const struct rfx_dictionary *dictionary,
                                                      const char *name)
{
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        if (strcmp(rfx_dict_text(dictionary, dictionary->messages[i].name), name) == 0) {
            return &dictionary->messages[i];
        }
    }
    return NULL;
}

const struct rfx_dict_component *rfx_dict_component_named(const struct rfx_dictionary *dictionary,
                                                          const char *name)
{
    for (uint32_t i = 0; i < dictionary->component_count; i++) {
        if (strcmp(rfx_dict_text(dictionary, dictionary->components[i].name), name) == 0) {
            return &dictionary->components[i];
        }
    }
    return NULL;
}

const struct rfx_dict_group *rfx_dict_group_of(const struct rfx_dictionary *dictionary,
                                               uint16_t set, int32_t field_index)
{
    const struct rfx_dict_set *in = &dictionary->sets[set];
    const struct rfx_dict_set_group *groups = dictionary->set_groups + in->first_group;
    uint32_t low = 0;
    uint32_t high = in->group_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (groups[middle].counter == field_index) {
            return &dictionary->groups[groups[middle].group];
        }
        if (groups[middle].counter < field_index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

bool rfx_dict_has_value(const struct rfx_dictionary *dictionary, int32_t field_index,
                        struct rfx_bytes value)
{
    const struct rfx_dict_field *field = &dictionary->fields[field_index];
    const struct rfx_dict_value *values = dictionary->values + field->first_value;
    uint32_t low = 0;
    uint32_t high = field->value_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = rfx_dict_compare(rfx_dict_text(dictionary, values[middle].text), value);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return field->value_count == 0;
}

/* ------------------------------------------------------------------------------------ public */

const char *rfx_dictionary_version(const struct rfx_dictionary *dictionary)
{
    return dictionary->version;
}

/* rfx_draft_build() takes one block for everything. */
void rfx_dictionary_free(const struct rfx_dictionary *dictionary)
{
    free((void *)dictionary);
}
