/* What `ringfix-dict show` writes. */
#ifndef RINGFIX_DICT_SHOW_H
#define RINGFIX_DICT_SHOW_H

#include "core/dictionary.h"
#include "tools/dict/options.h"

void show_counts(const struct rfx_dictionary *dictionary); /* "912 fields with 1708 values, ..." */
void show_overview(const struct rfx_dictionary *dictionary);

/* The message, field or component that `what` names.
 *
 * errors   RFX_E_NOT_FOUND, RFX_E_NOMEM */
rfx_status show_what(const struct rfx_dictionary *dictionary, const char *what,
                     const struct options *options, struct rfx_error *error) RFX_MUST_CHECK;

#endif
