/* A dictionary as QuickFIX's XML. */
#ifndef RINGFIX_DICT_WRITE_XML_H
#define RINGFIX_DICT_WRITE_XML_H

#include "core/dictionary.h"

/* text     owned by the caller, release with free()
 * errors   RFX_E_NOMEM, RFX_E_INVALID: a version that the attributes of <fix> cannot say */
rfx_status write_xml(const struct rfx_dictionary *dictionary, char **text, size_t *size,
                     struct rfx_error *error) RFX_MUST_CHECK;

#endif
