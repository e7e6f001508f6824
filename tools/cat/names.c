#include "tools/cat/names.h"

#include <string.h>

#include "tools/cat/scan.h"

/* By ApplVerID(1128); what is not there is taken for the latest. */
static const struct rfx_dictionary *of_appl_ver(struct rfx_bytes id)
{
    static const char *const versions[] = {NULL,         NULL,        "FIX.4.0", "FIX.4.1",
                                           "FIX.4.2",    "FIX.4.3",   "FIX.4.4", "FIX.5.0",
                                           "FIX.5.0SP1", "FIX.5.0SP2"};
    const size_t index = id.size == 1 ? (size_t)(id.data[0] - '0') : 9;
    const char *version = index < sizeof versions / sizeof versions[0] ? versions[index] : NULL;
    return rfx_dictionary_builtin(version != NULL ? version : "FIX.5.0SP2");
}

struct names names_of(struct rfx_bytes message, const struct rfx_dictionary *given)
{
    struct scan_fields fields = {.bytes = message};
    struct rfx_bytes value;
    struct rfx_bytes appl_ver = {NULL, 0};
    int32_t tag;
    char begin_string[16] = "";
    for (int i = 0; i < 12 && scan_next_field(&fields, &tag, &value); i++) {
        if (tag == 8 && value.size < sizeof begin_string) {
            memcpy(begin_string, value.data, value.size);
        } else if (tag == 1128) {
            appl_ver = value;
        }
    }
    const struct rfx_dictionary *transport = rfx_dictionary_builtin(begin_string);
    if (given != NULL) {
        return (struct names){.application = given, .transport = transport};
    }
    if (strcmp(begin_string, "FIXT.1.1") == 0 || transport == NULL) {
        return (struct names){.application = of_appl_ver(appl_ver), .transport = transport};
    }
    return (struct names){.application = transport};
}

const char *names_field(const struct names *names, int32_t tag)
{
    const char *name =
        names->application != NULL ? rfx_dictionary_field_name(names->application, tag) : NULL;
    return name == NULL && names->transport != NULL
               ? rfx_dictionary_field_name(names->transport, tag)
               : name;
}

const char *names_value(const struct names *names, int32_t tag, struct rfx_bytes value)
{
    if (tag == 35) {
        return names_message(names, value);
    }
    const char *name = names->application != NULL
                           ? rfx_dictionary_value_name(names->application, tag, value)
                           : NULL;
    return name == NULL && names->transport != NULL
               ? rfx_dictionary_value_name(names->transport, tag, value)
               : name;
}

const char *names_message(const struct names *names, struct rfx_bytes msg_type)
{
    const char *name = names->application != NULL
                           ? rfx_dictionary_message_name(names->application, msg_type)
                           : NULL;
    return name == NULL && names->transport != NULL
               ? rfx_dictionary_message_name(names->transport, msg_type)
               : name;
}

const char *names_type(const struct names *names, const char *message_name)
{
    const char *type = names->application != NULL
                           ? rfx_dictionary_message_type(names->application, message_name)
                           : NULL;
    return type == NULL && names->transport != NULL
               ? rfx_dictionary_message_type(names->transport, message_name)
               : type;
}
