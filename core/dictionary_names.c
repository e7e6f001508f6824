/* What a dictionary says about single fields, values and messages, for logs and tools. */
#include "core/validate_internal.h"

static const struct rfx_dict_field *field_of(const struct rfx_dictionary *dictionary, int32_t tag)
{
    const int32_t index = rfx_dict_field_of(dictionary, tag);
    return index != RFX_NO_FIELD ? &dictionary->fields[index] : NULL;
}

const char *rfx_dictionary_field_name(const struct rfx_dictionary *dictionary, int32_t tag)
{
    const struct rfx_dict_field *field = field_of(dictionary, tag);
    return field != NULL ? rfx_dict_text(dictionary, field->name) : NULL;
}

int32_t rfx_dictionary_field_tag(const struct rfx_dictionary *dictionary, const char *name)
{
    const int32_t index = rfx_dict_field_named(dictionary, name);
    return index != RFX_NO_FIELD ? dictionary->fields[index].tag : 0;
}

const char *rfx_dictionary_field_type(const struct rfx_dictionary *dictionary, int32_t tag)
{
    const struct rfx_dict_field *field = field_of(dictionary, tag);
    return field != NULL ? rfx_field_type_text((enum rfx_field_type)field->type) : NULL;
}

const char *rfx_dictionary_value_name(const struct rfx_dictionary *dictionary, int32_t tag,
                                      struct rfx_bytes value)
{
    const struct rfx_dict_field *field = field_of(dictionary, tag);
    for (uint32_t i = 0; field != NULL && i < field->value_count; i++) {
        const struct rfx_dict_value *known = &dictionary->values[field->first_value + i];
        if (rfx_dict_compare(rfx_dict_text(dictionary, known->text), value) == 0) {
            const char *name = rfx_dict_text(dictionary, known->description);
            return name[0] != '\0' ? name : NULL;
        }
    }
    return NULL;
}

const char *rfx_dictionary_message_name(const struct rfx_dictionary *dictionary,
                                        struct rfx_bytes msg_type)
{
    const struct rfx_dict_message *message = rfx_dict_message_of(dictionary, msg_type);
    return message != NULL ? rfx_dict_text(dictionary, message->name) : NULL;
}

const char *rfx_dictionary_message_type(const struct rfx_dictionary *dictionary, const char *name)
{
    const struct rfx_dict_message *message = rfx_dict_message_named(dictionary, name);
    return message != NULL ? rfx_dict_text(dictionary, message->msg_type) : NULL;
}

/* As if it were the only field of a message. */
rfx_status rfx_dictionary_check_value(const struct rfx_dictionary *dictionary, int32_t tag,
                                      struct rfx_bytes value)
{
    const int32_t index = rfx_dict_field_of(dictionary, tag);
    const struct rfx_rules rules = {.transport = dictionary, .application = dictionary};
    const struct rfx_message message = {.data = value.data, .size = (uint32_t)value.size};
    const struct rfx_field field = {.tag = tag, .size = (uint32_t)value.size};
    struct rfx_fault fault;
    const struct rfx_check check = {.rules = &rules, .message = &message, .fault = &fault};
    if (index == RFX_NO_FIELD) {
        return RFX_E_NOT_FOUND;
    }
    const bool is_good = value.size > 0 && value.size <= UINT32_MAX &&
                         rfx_check_value(&check, dictionary, index, &field);
    return is_good ? RFX_OK : RFX_E_INVALID;
}
