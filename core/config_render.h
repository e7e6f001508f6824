/* A value as a file has it. Inside core. */
#ifndef RFX_CORE_CONFIG_RENDER_H
#define RFX_CORE_CONFIG_RENDER_H

#include "core/config_keys.h"

/* The longest path, or 128 cores of up to 4 digits and their commas. */
#define RFX_CONFIG_VALUE_SIZE 1100

/* NULL: not set.
 *
 * target  the struct that the key's scope names
 * value   room for what is not a text already */
const char *rfx_config_render(const struct rfx_key *key, const void *target,
                              char value[RFX_CONFIG_VALUE_SIZE]);

#endif
