/* Where a field is used. */
#ifndef RINGFIX_DICT_USAGE_H
#define RINGFIX_DICT_USAGE_H

#include "core/dictionary.h"

/* Lists header, trailer and the messages that hold a field, in components and groups too.
 *
 * errors   RFX_E_NOMEM */
rfx_status show_usage(const struct rfx_dictionary *dictionary, int32_t field_index) RFX_MUST_CHECK;

#endif
