/* The text form of a dictionary, as in dict/: to be read and edited by people. One statement per
 * line, in any order; what ends in { goes on until the } on a line of its own:
 *
 *     # a comment, also behind a statement
 *     version FIX.4.4
 *     header {
 *         BeginString *               a field by its name; * marks what is required
 *         group NoHops {              a repeating group, by its counter
 *             HopCompID
 *         }
 *     }
 *     trailer {
 *         CheckSum *
 *     }
 *     message NewOrderSingle D app {  name, MsgType(35), app or admin
 *         ClOrdID *
 *         component Parties
 *     }
 *     component Parties {
 *         ...
 *     }
 *     field 1 Account STRING          tag, name, type; UNKNOWN takes any value
 *     field 54 Side CHAR {            with the values it may have, and a description of each
 *         1 BUY
 *         2 "SELL SHORT"
 *     }
 *
 * Words with spaces, with one of " { } # or that mean something else (a field named "group") stand
 * in quotes, where \" and \\ are a quote and a backslash. */
#ifndef RFX_CORE_DICT_TEXT_H
#define RFX_CORE_DICT_TEXT_H

#include "core/dictionary.h"

/* Longest line: a value and its description, both as long as a draft allows, every byte escaped. */
#define RFX_DICT_LINE_MAX (4 * 4096 + 64)

/* Reads a dictionary.
 *
 * file_name    for messages only
 * dictionary   owned by the caller, release with rfx_dictionary_free()
 * errors       RFX_E_CONFIG: "FILE:LINE: what is wrong", RFX_E_NOMEM */
rfx_status rfx_dict_read(struct rfx_bytes text, const char *file_name,
                         const struct rfx_dictionary **dictionary,
                         struct rfx_error *error) RFX_MUST_CHECK;

/* Writes a dictionary, so that rfx_dict_read() gives the same again.
 *
 * text     owned by the caller, release with free(); ends with a NUL that `size` does not count
 * errors   RFX_E_NOMEM */
rfx_status rfx_dict_write(const struct rfx_dictionary *dictionary, char **text,
                          size_t *size) RFX_MUST_CHECK;

#endif
