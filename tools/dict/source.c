#include "tools/dict/source.h"

#include <string.h>

rfx_status source_open(const char *name, struct source *source, struct rfx_error *error)
{
    *source = (struct source){.name = name, .dictionary = rfx_dictionary_builtin(name)};
    if (source->dictionary != NULL) {
        return RFX_OK;
    }
    rfx_status status = rfx_dictionary_load(name, &source->dictionary, error);
    source->is_loaded = status == RFX_OK;
    if (status == RFX_E_IO && strncmp(name, "FIX", 3) == 0 && strchr(name, '/') == NULL) {
        char reason[256];
        memcpy(reason, error->text, sizeof reason - 1);
        reason[sizeof reason - 1] = '\0';
        return rfx_fail(error, status,
                        "%s; built in are FIX.4.0 to FIX.4.4, FIXT.1.1, FIX.5.0, FIX.5.0SP1 and "
                        "FIX.5.0SP2",
                        reason);
    }
    return status;
}

void source_close(struct source *source)
{
    if (source->is_loaded) {
        rfx_dictionary_free(source->dictionary);
    }
}
