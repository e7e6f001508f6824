/* The fields of an echoed message. */
#ifndef RINGFIXD_ECHO_FIELDS_H
#define RINGFIXD_ECHO_FIELDS_H

#include "ringfix/ringfix.h"

/* Puts the message's body into the builder, values byte for byte, by ascending tag; a repeating
 * group goes with its counter, its entries as they are. Of the header only what says how to read
 * the body goes in front, and PossResend(97). Empty values, which a builder does not take, are
 * left out. False: it has more than 512 fields, or groups that are not what they say. */
bool echo_fields(struct rfx_builder *builder, const struct rfx_message *message);

#endif
