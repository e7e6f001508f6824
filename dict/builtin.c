/* The built-in dictionaries: one constant per .dict file here, made by rfx-dict-compile. */
#include <string.h>

#include "core/dictionary.h"

extern const struct rfx_dictionary rfx_dict_FIX40;
extern const struct rfx_dictionary rfx_dict_FIX41;
extern const struct rfx_dictionary rfx_dict_FIX42;
extern const struct rfx_dictionary rfx_dict_FIX43;
extern const struct rfx_dictionary rfx_dict_FIX44;
extern const struct rfx_dictionary rfx_dict_FIXT11;
extern const struct rfx_dictionary rfx_dict_FIX50;
extern const struct rfx_dictionary rfx_dict_FIX50SP1;
extern const struct rfx_dictionary rfx_dict_FIX50SP2;

static const struct rfx_dictionary *const builtin[] = {
    &rfx_dict_FIX40,  &rfx_dict_FIX41, &rfx_dict_FIX42,    &rfx_dict_FIX43,    &rfx_dict_FIX44,
    &rfx_dict_FIXT11, &rfx_dict_FIX50, &rfx_dict_FIX50SP1, &rfx_dict_FIX50SP2,
};

const struct rfx_dictionary *rfx_dictionary_builtin(const char *version)
{
    for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++) {
        if (strcmp(builtin[i]->version, version) == 0) {
            return builtin[i];
        }
    }
    return NULL;
}
