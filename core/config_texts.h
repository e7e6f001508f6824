/* Texts that a configuration points to, kept together and released at once. */
#ifndef RFX_CORE_CONFIG_TEXTS_H
#define RFX_CORE_CONFIG_TEXTS_H

#include "core/base.h"

struct rfx_config_texts;

/* A copy that ends with a NUL and lives until rfx_config_texts_free(). *texts is NULL at first.
 * Returns NULL when memory is out. */
const char *rfx_config_texts_add(struct rfx_config_texts **texts, struct rfx_bytes text);

/* NULL is allowed. */
void rfx_config_texts_free(struct rfx_config_texts *texts);

#endif
