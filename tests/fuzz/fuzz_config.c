/* The configuration parser on hostile text: an error that names the file, or a configuration that
 * the check of a program's own configuration finds valid too. */
#include <stdlib.h>
#include <string.h>

#include "core/base.h"
#include "ringfix/config.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rfx_config config;
    struct rfx_error error = {""};
    /* No byte more than the text: the sanitizer sees any read beyond it. */
    char *text = malloc(size > 0 ? size : 1);
    RFX_ASSERT(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    memset(&config, 0x5a, sizeof config);
    struct rfx_config before = config;
    rfx_status status = rfx_config_parse(rfx_bytes_of(text, size), "fuzz.cfg", &config, &error);
    free(text);
    if (status != RFX_OK) {
        RFX_ASSERT(memcmp(&config, &before, sizeof config) == 0);
        RFX_ASSERT(strncmp(error.text, "fuzz.cfg:", 9) == 0);
        return 0;
    }
    RFX_ASSERT(config.session_count > 0);
    RFX_ASSERT(rfx_config_validate(&config, &error) == RFX_OK);
    rfx_config_free(&config);
    return 0;
}
