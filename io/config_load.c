/* The configuration file from disk. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base.h"
#include "ringfix/config.h"

#define FILE_SIZE_MAX (16u << 20)

rfx_status rfx_config_load(const char *path, struct rfx_config *config, struct rfx_error *error)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    }
    rfx_status status = RFX_OK;
    char *text = malloc(FILE_SIZE_MAX + 1);
    if (text == NULL) {
        status = rfx_fail(error, RFX_E_NOMEM, "%s: out of memory", path);
        goto close_file;
    }
    size_t size = fread(text, 1, FILE_SIZE_MAX + 1, file);
    if (ferror(file)) {
        status = rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    } else if (size > FILE_SIZE_MAX) {
        status =
            rfx_fail(error, RFX_E_CONFIG, "%s: larger than 16 MiB; is this the right file?", path);
    } else {
        status = rfx_config_parse(rfx_bytes_of(text, size), path, config, error);
    }
    free(text);
close_file:
    fclose(file);
    return status;
}
