/* Two dictionaries, fact by fact. */
#ifndef RFX_CORE_DICT_COMPARE_H
#define RFX_CORE_DICT_COMPARE_H

#include "core/dictionary.h"

/* Longer lines are cut; a dictionary's names may be of any length. */
#define RFX_DICT_LINE_SIZE 512

/* Receives one difference as a line of text without its end: "field 54 Side: value 'B' only in
 * the first". The text belongs to the caller and may hold any byte that the dictionaries hold.
 * False ends the comparison. */
typedef bool rfx_dict_difference_fn(void *context, const char *line);

/* Compares what is written: version, fields, values, components, messages, and what those hold in
 * which order. Fields are the same when their tags are, messages when their MsgTypes are,
 * components when their names are.
 *
 * count    how many differences were told
 * errors   RFX_E_NOMEM */
rfx_status rfx_dict_differences(const struct rfx_dictionary *first,
                                const struct rfx_dictionary *second, rfx_dict_difference_fn *tell,
                                void *context, size_t *count) RFX_MUST_CHECK;

#endif
