#include "core/group_walk.h"
#include "core/validate_internal.h"

#include <stdlib.h>
#include <string.h>

rfx_status rfx_validate_scratch_open(struct rfx_validate_scratch **scratch)
{
    *scratch = calloc(1, sizeof **scratch);
    return *scratch != NULL ? RFX_OK : RFX_E_NOMEM;
}

void rfx_validate_scratch_close(struct rfx_validate_scratch *scratch)
{
    free(scratch);
}

/* ------------------------------------------------------------------------ what it is held against
 */

const struct rfx_dictionary *rfx_rules_body(const struct rfx_rules *rules,
                                            const struct rfx_message *message,
                                            const struct rfx_dict_message **definition)
{
    struct rfx_bytes msg_type = rfx_message_type(message);
    const struct rfx_dictionary *application = rules->application;
    *definition = rfx_dict_message_of(rules->transport, msg_type);
    if (*definition != NULL || application == rules->transport) {
        return *definition != NULL ? rules->transport : NULL;
    }
    int32_t version = rfx_message_find(message, 1128); /* ApplVerID */
    if (version >= 0 && message->fields[version].size == 1) {
        unsigned digit = (unsigned char)message->data[message->fields[version].offset] - '0';
        application = digit < RFX_APPL_VERSIONS ? rules->by_appl_ver_id[digit] : NULL;
    }
    if (application == NULL) {
        return NULL;
    }
    *definition = rfx_dict_message_of(application, msg_type);
    return *definition != NULL ? application : NULL;
}

static bool has_supported_version(const struct rfx_rules *rules, const struct rfx_message *message)
{
    int32_t index = rfx_message_find(message, 1128);
    if (rules->application == rules->transport || index < 0) {
        return true;
    }
    struct rfx_bytes value = rfx_field_value(message, index);
    unsigned digit = value.size == 1 ? (unsigned char)value.data[0] - '0' : RFX_APPL_VERSIONS;
    return digit < RFX_APPL_VERSIONS && rules->by_appl_ver_id[digit] != NULL;
}

/* ------------------------------------------------------------------------------------ sections */

#define SECTIONS 3

/* The fields of each section: first, and behind the last. */
struct sections {
    uint32_t begin[SECTIONS];
    uint32_t end[SECTIONS];
};

/* Header fields of later versions stay header fields where they are not defined. */
static enum rfx_section section_of(const struct rfx_dictionary *transport, int32_t tag)
{
    int32_t index = rfx_dict_field_of(transport, tag);
    if (index >= 0 && rfx_dict_set_has(transport, transport->header.set, index)) {
        return RFX_SECTION_HEADER;
    }
    if (index >= 0 && rfx_dict_set_has(transport, transport->trailer.set, index)) {
        return RFX_SECTION_TRAILER;
    }
    return rfx_is_header_tag(tag) ? RFX_SECTION_HEADER : RFX_SECTION_BODY;
}

/* Where the sections are; when their order does not matter, each may be anywhere. */
static bool find_sections(const struct rfx_check *check, struct sections *sections)
{
    const struct rfx_message *message = check->message;
    enum rfx_section latest = RFX_SECTION_HEADER;
    for (size_t i = 0; i < SECTIONS; i++) {
        sections->begin[i] = 0;
        sections->end[i] = message->field_count;
    }
    if (!check->rules->checks_section_order) {
        return true;
    }
    for (uint32_t i = 0; i < message->field_count; i++) {
        enum rfx_section section = section_of(check->rules->transport, message->fields[i].tag);
        if (section < latest) {
            return rfx_check_fail(check, RFX_REJECT_FIELDS_OUT_OF_ORDER, message->fields[i].tag,
                                  "Tag specified out of required order");
        }
        for (; latest < section; latest++) {
            sections->end[latest] = i;
            sections->begin[latest + 1] = i;
        }
    }
    return true;
}

/* ------------------------------------------------------------------------------------ required */

bool rfx_check_required(const struct rfx_check *check, const struct rfx_level *level)
{
    const struct rfx_dictionary *dictionary = level->dictionary;
    const struct rfx_dict_set *set = &dictionary->sets[level->set];
    for (uint32_t i = 0; i < set->required_count; i++) {
        uint16_t index = dictionary->required[set->first_required + i];
        if (check->scratch->seen[level->row][index] != level->turn) {
            return rfx_check_fail(check, RFX_REJECT_REQUIRED_TAG_MISSING,
                                  dictionary->fields[index].tag, "Required tag missing");
        }
    }
    return true;
}

/* Every field counts here, those within groups too; check_fields() looks again. */
static bool check_all_required(const struct rfx_check *check, const struct rfx_level *header,
                               const struct rfx_level *body)
{
    const struct rfx_message *message = check->message;
    struct rfx_level trailer = *header;
    for (uint32_t i = 0; i < message->field_count; i++) {
        int32_t tag = message->fields[i].tag;
        int32_t in_header = rfx_dict_field_of(header->dictionary, tag);
        int32_t in_body = header->dictionary == body->dictionary
                              ? in_header
                              : rfx_dict_field_of(body->dictionary, tag);
        if (in_header >= 0) {
            (void)rfx_check_see(check, header, in_header);
        }
        if (in_body >= 0) {
            (void)rfx_check_see(check, body, in_body);
        }
    }
    trailer.set = header->dictionary->trailer.set;
    return rfx_check_required(check, header) && rfx_check_required(check, body) &&
           rfx_check_required(check, &trailer);
}

/* -------------------------------------------------------------------------------------- fields */

/* A field that the level does not have. */
static bool check_stranger(const struct rfx_check *check, const struct rfx_field *field,
                           bool is_defined)
{
    if (rfx_rules_pass_unknown(check->rules, field->tag) && field->tag > 0) {
        return true;
    }
    return is_defined
               ? rfx_check_fail(check, RFX_REJECT_TAG_NOT_IN_MESSAGE, field->tag,
                                "Tag not defined for this message type")
               : rfx_check_fail(check, RFX_REJECT_INVALID_TAG, field->tag, "Invalid tag number");
}

/* One field of a level, and the group that it may announce. */
static bool check_field(const struct rfx_check *check, const struct rfx_level *level, uint32_t at,
                        uint32_t *end)
{
    const struct rfx_dictionary *dictionary = level->dictionary;
    const struct rfx_field *field = &check->message->fields[at];
    int32_t index = rfx_dict_field_of(dictionary, field->tag);
    *end = at + 1;
    if (index >= 0 && !rfx_check_see(check, level, index)) {
        return rfx_check_fail(check, RFX_REJECT_REPEATED_TAG, field->tag,
                              "Tag appears more than once");
    }
    if (field->size == 0 && check->rules->checks_values_present) {
        return rfx_check_fail(check, RFX_REJECT_EMPTY_VALUE, field->tag,
                              "Tag specified without a value");
    }
    if (index < 0) {
        return check_stranger(check, field, false);
    }
    if (field->size > 0 && !rfx_check_value(check, dictionary, index, field)) {
        return false;
    }
    if (!rfx_dict_set_has(dictionary, level->set, index)) {
        return check_stranger(check, field, true);
    }
    const struct rfx_dict_group *group = rfx_dict_group_of(dictionary, level->set, index);
    return group == NULL || rfx_check_group(check, level, group, at, end);
}

/* The fields of one section. */
static bool check_fields(const struct rfx_check *check, const struct sections *sections,
                         struct rfx_level level, enum rfx_section section)
{
    const struct rfx_message *message = check->message;
    bool is_mixed = !check->rules->checks_section_order;
    level.turn = ++check->scratch->turn;
    for (uint32_t i = sections->begin[section]; i < sections->end[section];) {
        if (is_mixed && section_of(check->rules->transport, message->fields[i].tag) != section) {
            i++;
        } else if (!check_field(check, &level, i, &i)) {
            return false;
        }
    }
    return rfx_check_required(check, &level);
}

static bool is_old_version(const struct rfx_dictionary *dictionary)
{
    return strcmp(dictionary->version, "FIX.4.0") == 0 ||
           strcmp(dictionary->version, "FIX.4.1") == 0;
}

/* Turns must not come round again: once in four thousand million the marks are cleared. */
static void begin_turns(struct rfx_validate_scratch *scratch, const struct rfx_message *message)
{
    uint32_t needed = 2 * message->field_count + 16; /* a turn for each level and each entry */
    if (scratch->turn > UINT32_MAX - needed) {
        memset(scratch, 0, sizeof *scratch);
    }
}

bool rfx_validate(const struct rfx_rules *rules, const struct rfx_message *message,
                  struct rfx_validate_scratch *scratch, struct rfx_fault *fault)
{
    const struct rfx_dict_message *definition;
    struct sections sections;
    struct rfx_check check = {
        .rules = rules, .message = message, .scratch = scratch, .fault = fault};
    if (!rules->is_checking) {
        return true;
    }
    begin_turns(scratch, message);
    if (!find_sections(&check, &sections)) {
        return false;
    }
    const struct rfx_dictionary *body = rfx_rules_body(rules, message, &definition);
    if (body == NULL) {
        return has_supported_version(rules, message)
                   ? rfx_check_fail(&check, RFX_REJECT_INVALID_MSG_TYPE, RFX_NO_TAG,
                                    "Invalid MsgType")
                   : rfx_check_fail(&check, RFX_REJECT_APPL_VERSION, 1128,
                                    "Invalid or unsupported application version");
    }
    check.is_old = is_old_version(body);
    struct rfx_level header = {.dictionary = rules->transport,
                               .set = rules->transport->header.set,
                               .row = RFX_SEEN_HEADER,
                               .turn = ++scratch->turn};
    struct rfx_level fields = {
        .dictionary = body, .set = definition->set, .row = RFX_SEEN_BODY, .turn = ++scratch->turn};
    if (!check_all_required(&check, &header, &fields)) {
        return false;
    }
    struct rfx_level trailer = header;
    trailer.set = rules->transport->trailer.set;
    return check_fields(&check, &sections, header, RFX_SECTION_HEADER) &&
           check_fields(&check, &sections, trailer, RFX_SECTION_TRAILER) &&
           check_fields(&check, &sections, fields, RFX_SECTION_BODY);
}
