/* The valid key that somebody who misspelt one may have meant. */
#include "core/config_keys.h"
#include "core/nearest.h"

const char *rfx_key_nearest(struct rfx_bytes name)
{
    struct rfx_nearest nearest;
    rfx_nearest_init(&nearest, name);
    const struct rfx_key *key;
    for (size_t i = 0; (key = rfx_key_at(i)) != NULL; i++) {
        rfx_nearest_offer(&nearest, key->name);
    }
    return nearest.name;
}
