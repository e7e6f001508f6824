/* The text of a dictionary file, in either format. */
#ifndef RFX_IO_DICTIONARY_LOAD_H
#define RFX_IO_DICTIONARY_LOAD_H

#include "core/base.h"
#include "ringfix/dictionary.h"

/* As rfx_dictionary_load(), from memory.
 *
 * text        borrowed until return
 * file_name   for messages only */
rfx_status rfx_dictionary_parse(struct rfx_bytes text, const char *file_name,
                                const struct rfx_dictionary **dictionary,
                                struct rfx_error *error) RFX_MUST_CHECK;

#endif
