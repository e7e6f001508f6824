/* Dictionaries: what a FIX version, or a counterparty's dialect of it, allows.
 *
 * Those of FIX.4.0 to 5.0SP2 are built in. Dictionaries never change once they exist; any thread
 * may read them. */
#ifndef RINGFIX_DICTIONARY_H
#define RINGFIX_DICTIONARY_H

#include "ringfix/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_dictionary;

/* A built-in dictionary by name: "FIX.4.0" to "FIX.4.4", "FIXT.1.1" (the session layer of 5.0),
 * "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2". NULL for any other name. Not to be freed. */
const struct rfx_dictionary *rfx_dictionary_builtin(const char *version);

/* Reads a dictionary file: QuickFIX's XML, or the text format of dict/ (the first character
 * tells). Files above RFX_DICTIONARY_FILE_MAX bytes, entities, nesting without end, undefined or
 * repeated names and components that contain themselves are refused.
 *
 * dictionary  on success owned by the caller, release with rfx_dictionary_free() once no server
 *             uses it any more
 * errors      RFX_E_IO (cannot be read), RFX_E_CONFIG (the text names file, line and reason),
 *             RFX_E_NOMEM */
rfx_status rfx_dictionary_load(const char *path, const struct rfx_dictionary **dictionary,
                               struct rfx_error *error) RFX_MUST_CHECK;

#define RFX_DICTIONARY_FILE_MAX (16u << 20)

/* Releases a dictionary that was loaded. NULL is allowed, a built-in one is not. */
void rfx_dictionary_free(const struct rfx_dictionary *dictionary);

/* The version it is for: "FIX.4.4", "FIX.5.0SP2". */
const char *rfx_dictionary_version(const struct rfx_dictionary *dictionary);

#ifdef __cplusplus
}
#endif

#endif
