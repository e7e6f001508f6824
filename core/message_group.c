/* Repeating groups as the application reads them. Nothing is taken for granted: a session may
 * check by no dictionary, and then the counterparty's word is all there is. */
#include "core/group_walk.h"

static rfx_status open_group(const struct rfx_message *message,
                             const struct rfx_dictionary *dictionary, uint16_t set, uint32_t at,
                             struct rfx_group *group)
{
    struct rfx_group_extent extent;
    int32_t index = rfx_dict_field_of(dictionary, message->fields[at].tag);
    const struct rfx_dict_group *definition =
        index >= 0 ? rfx_dict_group_of(dictionary, set, index) : NULL;
    if (definition == NULL) {
        return RFX_E_NOT_FOUND;
    }
    enum rfx_group_state state =
        rfx_group_measure(message->rules, dictionary, definition, message, at, &extent);
    if (state != RFX_GROUP_SOUND) {
        return RFX_E_INVALID;
    }
    *group = (struct rfx_group){
        .message = message,
        .dictionary = dictionary,
        .definition = definition,
        .next = at + 1,
        .end = extent.end,
        .count = extent.entries,
    };
    return RFX_OK;
}

/* The group at the top level of a set; what is within other groups of the set does not count. */
static rfx_status find_group(const struct rfx_message *message,
                             const struct rfx_dictionary *dictionary, uint16_t set,
                             int32_t counter_tag, struct rfx_group *group)
{
    for (uint32_t i = 0; i < message->field_count;) {
        if (message->fields[i].tag == counter_tag) {
            return open_group(message, dictionary, set, i, group);
        }
        i = rfx_group_step(message->rules, dictionary, set, message, i);
    }
    return RFX_E_NOT_FOUND;
}

rfx_status rfx_message_group(const struct rfx_message *message, int32_t counter_tag,
                             struct rfx_group *group)
{
    const struct rfx_dict_message *definition;
    if (message->rules == NULL) {
        return RFX_E_STATE;
    }
    const struct rfx_dictionary *body = rfx_rules_body(message->rules, message, &definition);
    if (body != NULL) {
        rfx_status status = find_group(message, body, definition->set, counter_tag, group);
        if (status != RFX_E_NOT_FOUND) {
            return status;
        }
    }
    const struct rfx_dictionary *transport = message->rules->transport;
    return find_group(message, transport, transport->header.set, counter_tag, group);
}

/* The field of an entry behind the one at `at`, and behind the group that it may announce. */
static uint32_t step_over(const struct rfx_message *message,
                          const struct rfx_dictionary *dictionary,
                          const struct rfx_dict_group *definition, uint32_t at)
{
    return rfx_group_step(message->rules, dictionary, definition->set, message, at);
}

bool rfx_group_next(struct rfx_group *group, struct rfx_entry *entry)
{
    const struct rfx_dictionary *dictionary = group->dictionary;
    const struct rfx_dict_group *definition = group->definition;
    uint16_t delimiter = rfx_group_delimiter(dictionary, definition);
    if (group->next >= group->end) {
        return false;
    }
    uint32_t end = step_over(group->message, dictionary, definition, group->next);
    while (end < group->end &&
           rfx_dict_field_of(dictionary, group->message->fields[end].tag) != delimiter) {
        end = step_over(group->message, dictionary, definition, end);
    }
    *entry = (struct rfx_entry){
        .message = group->message,
        .dictionary = dictionary,
        .definition = definition,
        .first = group->next,
        .end = end,
    };
    group->next = end;
    return true;
}

/* The field of the entry itself with a tag; entry->end when there is none. */
static uint32_t find(const struct rfx_entry *entry, int32_t tag)
{
    const struct rfx_dict_group *definition = entry->definition;
    uint32_t i = entry->first;
    while (i < entry->end && entry->message->fields[i].tag != tag) {
        i = step_over(entry->message, entry->dictionary, definition, i);
    }
    return i < entry->end ? i : entry->end;
}

rfx_status rfx_entry_get(const struct rfx_entry *entry, int32_t tag, struct rfx_bytes *value)
{
    uint32_t at = find(entry, tag);
    if (at == entry->end) {
        return RFX_E_NOT_FOUND;
    }
    *value = rfx_field_value(entry->message, (int32_t)at);
    return RFX_OK;
}

rfx_status rfx_entry_get_int(const struct rfx_entry *entry, int32_t tag, int64_t *value)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_entry_get(entry, tag, &text);
    return status == RFX_OK ? rfx_value_int(text, value) : status;
}

rfx_status rfx_entry_get_decimal(const struct rfx_entry *entry, int32_t tag,
                                 struct rfx_decimal *value)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_entry_get(entry, tag, &text);
    return status == RFX_OK ? rfx_value_decimal(text, value) : status;
}

rfx_status rfx_entry_get_char(const struct rfx_entry *entry, int32_t tag, char *value)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_entry_get(entry, tag, &text);
    return status == RFX_OK ? rfx_value_char(text, value) : status;
}

rfx_status rfx_entry_get_bool(const struct rfx_entry *entry, int32_t tag, bool *value)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_entry_get(entry, tag, &text);
    return status == RFX_OK ? rfx_value_bool(text, value) : status;
}

rfx_status rfx_entry_get_utc(const struct rfx_entry *entry, int32_t tag, int64_t *utc_ns)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_entry_get(entry, tag, &text);
    return status == RFX_OK ? rfx_value_utc(text, utc_ns) : status;
}

rfx_status rfx_entry_group(const struct rfx_entry *entry, int32_t counter_tag,
                           struct rfx_group *group)
{
    const struct rfx_dict_group *definition = entry->definition;
    uint32_t at = find(entry, counter_tag);
    if (at == entry->end) {
        return RFX_E_NOT_FOUND;
    }
    return open_group(entry->message, entry->dictionary, definition->set, at, group);
}

size_t rfx_entry_field_count(const struct rfx_entry *entry)
{
    return entry->end - entry->first;
}

struct rfx_field_view rfx_entry_field_at(const struct rfx_entry *entry, size_t index)
{
    RFX_ASSERT(index < rfx_entry_field_count(entry));
    return rfx_message_field_at(entry->message, entry->first + index);
}
