/* The field index as it is defined, byte by byte: what rfx_message_index() is compared with. */
#ifndef RFX_TESTS_SUPPORT_INDEX_H
#define RFX_TESTS_SUPPORT_INDEX_H

#include "core/message.h"

/* As rfx_message_index(). */
void plain_index(const char *data, size_t size, struct rfx_field *fields,
                 struct rfx_message *message);

/* NULL when both say the same, else what differs. */
const char *index_difference(const struct rfx_message *left, const struct rfx_message *right);

#endif
