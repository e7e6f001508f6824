/* The configuration file from disk. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base.h"
#include "core/config_explain.h"
#include "ringfix/config.h"

#define FILE_SIZE_MAX (16u << 20)

/* The whole file; *text is the caller's to free. */
static rfx_status read_file(const char *path, struct rfx_bytes *text, char **memory,
                            struct rfx_error *error)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    }
    rfx_status status = RFX_OK;
    *memory = malloc(FILE_SIZE_MAX + 1);
    if (*memory == NULL) {
        status = rfx_fail(error, RFX_E_NOMEM, "%s: out of memory", path);
        goto close_file;
    }
    size_t size = fread(*memory, 1, FILE_SIZE_MAX + 1, file);
    if (ferror(file)) {
        status = rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    } else if (size > FILE_SIZE_MAX) {
        status =
            rfx_fail(error, RFX_E_CONFIG, "%s: larger than 16 MiB; is this the right file?", path);
    }
    *text = rfx_bytes_of(*memory, size);
    if (status != RFX_OK) {
        free(*memory);
    }
close_file:
    fclose(file);
    return status;
}

rfx_status rfx_config_load(const char *path, struct rfx_config *config, struct rfx_error *error)
{
    struct rfx_bytes text;
    char *memory;
    rfx_status status = read_file(path, &text, &memory, error);
    if (status == RFX_OK) {
        status = rfx_config_parse(text, path, config, error);
        free(memory);
    }
    return status;
}

rfx_status rfx_config_explain(const char *path, struct rfx_config *config,
                              void (*tell)(void *context, const struct rfx_config_setting *setting),
                              void *context, struct rfx_error *error)
{
    struct rfx_bytes text;
    char *memory;
    rfx_status status = read_file(path, &text, &memory, error);
    if (status == RFX_OK) {
        status = rfx_config_explain_text(text, path, config, tell, context, error);
        free(memory);
    }
    return status;
}
