/* QuickFIX's XML dictionaries. The only user of expat. */
#ifndef RFX_IO_DICTIONARY_XML_H
#define RFX_IO_DICTIONARY_XML_H

#include "core/dictionary.h"

/* Reads an XML dictionary.
 *
 * A type that is not known is RFX_TYPE_UNKNOWN, attributes that are not known are passed over;
 * elements that are not known, a DOCTYPE (and with it entities) and text are refused.
 *
 * text         borrowed until return; at most RFX_DICTIONARY_FILE_MAX bytes
 * file_name    for messages only
 * dictionary   owned by the caller, release with rfx_dictionary_free()
 * errors       RFX_E_CONFIG: "FILE:LINE: what is wrong", RFX_E_NOMEM */
rfx_status rfx_dict_xml_read(struct rfx_bytes text, const char *file_name,
                             const struct rfx_dictionary **dictionary,
                             struct rfx_error *error) RFX_MUST_CHECK;

#endif
