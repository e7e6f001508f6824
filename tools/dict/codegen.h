/* A dictionary's messages as a header of C: names for tags and values, readers, writers. */
#ifndef RINGFIX_DICT_CODEGEN_H
#define RINGFIX_DICT_CODEGEN_H

#include "core/dictionary.h"

/* Makes the header.
 *
 * source    what the dictionary was named on the command line, for a comment
 * prefix    of all names; NULL: of the version
 * messages  names or MsgTypes; none: all of the dictionary's
 * text      owned by the caller, release with free()
 * errors    RFX_E_NOT_FOUND: no such message, the text names the nearest
 *           RFX_E_INVALID: the prefix        RFX_E_NOMEM */
rfx_status codegen(const struct rfx_dictionary *dictionary, const char *source, const char *prefix,
                   char *const *messages, size_t message_count, char **text, size_t *size,
                   struct rfx_error *error) RFX_MUST_CHECK;

#endif
