/* Names and meanings for a message, by the version it speaks. */
#ifndef TOOLS_CAT_NAMES_H
#define TOOLS_CAT_NAMES_H

#include "ringfix/dictionary.h"

/* Where a message's names are; each may be NULL. */
struct names {
    const struct rfx_dictionary *application;
    const struct rfx_dictionary *transport;
};

/* given  the user's dictionary, NULL: none. Bytes: of a message, whole or not */
struct names names_of(struct rfx_bytes message, const struct rfx_dictionary *given);

/* NULL: not known. */
const char *names_field(const struct names *names, int32_t tag);
const char *names_value(const struct names *names, int32_t tag, struct rfx_bytes value);
const char *names_message(const struct names *names, struct rfx_bytes msg_type);
const char *names_type(const struct names *names, const char *message_name);

#endif
