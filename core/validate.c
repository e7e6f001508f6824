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

/* ------------------------------------------------------------------- what it is held against */

/* ApplVerID(1128) of a message: a field of the header, which is all that is searched unless the
 * rules let header fields be anywhere. */
static struct rfx_bytes appl_ver_id_of(const struct rfx_rules *rules,
                                       const struct rfx_message *message)
{
    const struct rfx_dictionary *transport = rules->transport;
    for (uint32_t i = 0; i < message->field_count; i++) {
        int32_t tag = message->fields[i].tag;
        int32_t index = rfx_level_field_of(transport, tag);
        if (tag == 1128) {
            return rfx_field_value(message, (int32_t)i);
        }
        bool is_header =
            (index >= 0 && rfx_dict_set_has(transport, transport->header.set, index)) ||
            rfx_is_header_tag(tag);
        if (!is_header && rules->checks_section_order) {
            break;
        }
    }
    return rfx_bytes_of(NULL, 0);
}

/* The dictionary of an application message's body, NULL when its version is not supported. */
static const struct rfx_dictionary *application_of(const struct rfx_rules *rules,
                                                   const struct rfx_message *message)
{
    if (rules->application == rules->transport) {
        return rules->application;
    }
    struct rfx_bytes version = appl_ver_id_of(rules, message);
    if (version.size == 0) {
        return rules->application;
    }
    unsigned digit = version.size == 1 ? (unsigned char)version.data[0] - '0' : RFX_APPL_VERSIONS;
    return digit < RFX_APPL_VERSIONS ? rules->by_appl_ver_id[digit] : NULL;
}

const struct rfx_dictionary *rfx_rules_body(const struct rfx_rules *rules,
                                            const struct rfx_message *message,
                                            const struct rfx_dict_message **definition)
{
    struct rfx_bytes msg_type = rfx_message_type(message);
    const struct rfx_dictionary *dictionary = rules->transport;
    *definition = rfx_dict_message_of(dictionary, msg_type);
    if (*definition == NULL && rules->application != dictionary) {
        dictionary = application_of(rules, message);
        *definition = dictionary != NULL ? rfx_dict_message_of(dictionary, msg_type) : NULL;
    }
    return *definition != NULL ? dictionary : NULL;
}

/* ------------------------------------------------------------------------------------ sections */

/* In the order of the wire. */
enum section { HEADER, BODY, TRAILER, SECTIONS };

/* Which section a field belongs to, and its index in the dictionary of that one. Header fields of
 * later versions stay header fields where they are not defined, and so do those of the header's
 * groups. */
static enum section section_of(const struct rfx_level *levels, int32_t tag, int32_t *index)
{
    const struct rfx_dictionary *transport = levels[HEADER].dictionary;
    const struct rfx_dictionary *application = levels[BODY].dictionary;
    int32_t common = rfx_level_field_of(transport, tag);
    *index = common;
    if (rfx_level_has(&levels[HEADER], common)) {
        return HEADER;
    }
    if (application != transport) {
        *index = rfx_level_field_of(application, tag);
    }
    if (rfx_level_has(&levels[BODY], *index)) {
        return BODY;
    }
    bool is_trailer = rfx_level_has(&levels[TRAILER], common);
    if (is_trailer || rfx_is_header_tag(tag)) {
        *index = common;
        return is_trailer ? TRAILER : HEADER;
    }
    return BODY;
}

static bool fail_order(const struct rfx_check *check, int32_t tag)
{
    return rfx_check_fail(check, RFX_REJECT_FIELDS_OUT_OF_ORDER, tag,
                          "Tag specified out of required order");
}

/* -------------------------------------------------------------------------------------- fields */

bool rfx_check_required(const struct rfx_check *check, const struct rfx_level *level)
{
    const struct rfx_dictionary *dictionary = level->dictionary;
    const struct rfx_dict_set *set = &dictionary->sets[level->set];
    for (uint32_t i = 0; i < set->required_count; i++) {
        uint16_t index = dictionary->required[set->first_required + i];
        if (level->seen[index] != level->turn) {
            return rfx_check_fail(check, RFX_REJECT_REQUIRED_TAG_MISSING,
                                  dictionary->fields[index].tag, "Required tag missing");
        }
    }
    return true;
}

/* A field that the level does not have. 0 and negative numbers are nobody's tags. */
static bool check_stranger(const struct rfx_check *check, const struct rfx_field *field,
                           int32_t index)
{
    if (field->tag > 0 && rfx_rules_pass_unknown(check->rules, field->tag)) {
        return true;
    }
    return index >= 0
               ? rfx_check_fail(check, RFX_REJECT_TAG_NOT_IN_MESSAGE, field->tag,
                                "Tag not defined for this message type")
               : rfx_check_fail(check, RFX_REJECT_INVALID_TAG, field->tag, "Invalid tag number");
}

/* One field of a section; its group is looked at next. */
static bool check_field(const struct rfx_check *check, const struct rfx_level *level, int32_t index,
                        const struct rfx_field *field)
{
    if (index >= 0 && !rfx_level_see(level, index)) {
        return rfx_check_fail(check, RFX_REJECT_REPEATED_TAG, field->tag,
                              "Tag appears more than once");
    }
    if (field->size == 0 && check->rules->checks_values_present) {
        return rfx_check_fail(check, RFX_REJECT_EMPTY_VALUE, field->tag,
                              "Tag specified without a value");
    }
    if (index >= 0 && field->size > 0 && !rfx_check_value(check, level->dictionary, index, field)) {
        return false;
    }
    return rfx_level_has(level, index) || check_stranger(check, field, index);
}

/* The field at `at` and the group that it may announce; returns the first field behind them. */
static uint32_t check_next(const struct rfx_check *check, const struct rfx_level *level,
                           int32_t index, uint32_t at)
{
    uint32_t end;
    if (!check_field(check, level, index, &check->message->fields[at])) {
        return at + 1;
    }
    const struct rfx_dict_group *group = rfx_level_group_of(level, index);
    if (group == NULL) {
        return at + 1;
    }
    (void)rfx_check_group(check, level, group, at, &end);
    return end;
}

/* One pass over all fields. What is wrong with a field is kept until the order of the sections
 * and the required fields are known to be right; after the first fault of a section its fields
 * only count as present. */
static bool check_fields(struct rfx_check *check, const struct rfx_level *levels)
{
    static const enum section in_turn[SECTIONS] = {HEADER, TRAILER, BODY};
    const struct rfx_message *message = check->message;
    struct rfx_fault *fault = check->fault;
    struct rfx_fault faults[SECTIONS] = {{.text = NULL}};
    enum section latest = HEADER;
    for (uint32_t i = 0; i < message->field_count;) {
        int32_t index;
        enum section section = section_of(levels, message->fields[i].tag, &index);
        if (section < latest && check->rules->checks_section_order) {
            check->fault = fault;
            return fail_order(check, message->fields[i].tag);
        }
        latest = section;
        check->fault = &faults[section];
        if (faults[section].text == NULL) {
            i = check_next(check, &levels[section], index, i);
        } else {
            (void)(index >= 0 && rfx_level_see(&levels[section], index));
            i++;
        }
    }
    check->fault = fault;
    if (!rfx_check_required(check, &levels[HEADER]) ||
        !rfx_check_required(check, &levels[TRAILER]) || !rfx_check_required(check, &levels[BODY])) {
        return false;
    }
    for (size_t i = 0; i < SECTIONS; i++) {
        if (faults[in_turn[i]].text != NULL) {
            *fault = faults[in_turn[i]];
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------------------------- message */

/* Turns must not come round again: once in four thousand million the marks are cleared. */
static void begin_turns(struct rfx_validate_scratch *scratch, const struct rfx_message *message)
{
    /* A turn for each level, each group and each entry of one. */
    uint32_t needed = 2 * message->field_count + 16;
    if (scratch->turn > UINT32_MAX - needed) {
        memset(scratch, 0, sizeof *scratch);
    }
    scratch->message_turn = scratch->turn + 1;
}

/* Nothing tells what the body of the message should be; the order of sections comes first. */
static bool refuse_type(const struct rfx_check *check, const struct rfx_level *header)
{
    const struct rfx_rules *rules = check->rules;
    const struct rfx_level levels[SECTIONS] = {
        [HEADER] = *header,
        [BODY] = *header,
        [TRAILER] = rfx_level_open(check, rules->transport, rules->transport->trailer.set,
                                   RFX_SEEN_HEADER)};
    enum section latest = HEADER;
    for (uint32_t i = 0; i < check->message->field_count && rules->checks_section_order; i++) {
        int32_t index;
        int32_t tag = check->message->fields[i].tag;
        enum section section = section_of(levels, tag, &index);
        if (section < latest) {
            return fail_order(check, tag);
        }
        latest = section;
    }
    return application_of(rules, check->message) != NULL
               ? rfx_check_fail(check, RFX_REJECT_INVALID_MSG_TYPE, RFX_NO_TAG, "Invalid MsgType")
               : rfx_check_fail(check, RFX_REJECT_APPL_VERSION, 1128,
                                "Invalid or unsupported application version");
}

bool rfx_validate(const struct rfx_rules *rules, const struct rfx_message *message,
                  struct rfx_validate_scratch *scratch, struct rfx_fault *fault)
{
    const struct rfx_dict_message *definition;
    struct rfx_check check = {
        .rules = rules, .message = message, .scratch = scratch, .fault = fault};
    if (!rules->is_checking) {
        return true;
    }
    begin_turns(scratch, message);
    const struct rfx_dictionary *transport = rules->transport;
    struct rfx_level levels[SECTIONS];
    levels[HEADER] = rfx_level_open(&check, transport, transport->header.set, RFX_SEEN_HEADER);
    const struct rfx_dictionary *body = rfx_rules_body(rules, message, &definition);
    if (body == NULL) {
        return refuse_type(&check, &levels[HEADER]);
    }
    levels[BODY] = rfx_level_open(&check, body, definition->set, RFX_SEEN_BODY);
    levels[TRAILER] = rfx_level_open(&check, transport, transport->trailer.set, RFX_SEEN_HEADER);
    return check_fields(&check, levels);
}
