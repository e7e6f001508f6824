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
RFX_API const struct rfx_dictionary *rfx_dictionary_builtin(const char *version);

/* Reads a dictionary file: QuickFIX's XML, or the text format of dict/ (the first character
 * tells). Files above RFX_DICTIONARY_FILE_MAX bytes, entities, nesting without end, undefined or
 * repeated names and components that contain themselves are refused.
 *
 * dictionary  on success owned by the caller, release with rfx_dictionary_free() once no server
 *             uses it any more
 * errors      RFX_E_IO (cannot be read), RFX_E_CONFIG (the text names file, line and reason),
 *             RFX_E_NOMEM */
RFX_API rfx_status rfx_dictionary_load(const char *path, const struct rfx_dictionary **dictionary,
                                       struct rfx_error *error) RFX_MUST_CHECK;

#define RFX_DICTIONARY_FILE_MAX (16u << 20)

/* Releases a dictionary that was loaded. NULL is allowed, a built-in one is not. */
RFX_API void rfx_dictionary_free(const struct rfx_dictionary *dictionary);

/* The version it is for: "FIX.4.4", "FIX.5.0SP2". */
RFX_API const char *rfx_dictionary_version(const struct rfx_dictionary *dictionary);

/* Names, for logs and tools. Texts live as long as the dictionary; NULL, or 0 for a tag: it is not
 * defined. */
RFX_API const char *rfx_dictionary_field_name(const struct rfx_dictionary *dictionary, int32_t tag);
RFX_API int32_t rfx_dictionary_field_tag(const struct rfx_dictionary *dictionary, const char *name);

/* The data type as dictionaries write it: "UTCTIMESTAMP", "PRICE". */
RFX_API const char *rfx_dictionary_field_type(const struct rfx_dictionary *dictionary, int32_t tag);

/* What a value of a field with a list of values means ("BUY" for 1 of Side(54)); NULL also when
 * that is not said. */
RFX_API const char *rfx_dictionary_value_name(const struct rfx_dictionary *dictionary, int32_t tag,
                                              struct rfx_bytes value);

RFX_API const char *rfx_dictionary_message_name(const struct rfx_dictionary *dictionary,
                                                struct rfx_bytes msg_type);
RFX_API const char *rfx_dictionary_message_type(const struct rfx_dictionary *dictionary,
                                                const char *name);

/* A single value: of the field's type, and among those listed if there is a list. A whole message:
 * rfx_codec_check().
 *
 * errors   RFX_E_NOT_FOUND: no such field        RFX_E_INVALID: empty, not of the type, not listed
 */
RFX_API rfx_status rfx_dictionary_check_value(const struct rfx_dictionary *dictionary, int32_t tag,
                                              struct rfx_bytes value) RFX_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
