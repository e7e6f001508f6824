#include "core/config_compare.h"

#include <string.h>

#include "core/config_render.h"

static bool is_same(const struct rfx_key *key, const void *a, const void *b)
{
    char a_room[RFX_CONFIG_VALUE_SIZE];
    char b_room[RFX_CONFIG_VALUE_SIZE];
    const char *a_value = rfx_config_render(key, a, a_room);
    const char *b_value = rfx_config_render(key, b, b_room);
    if (a_value == NULL || b_value == NULL) {
        return a_value == b_value;
    }
    return strcmp(a_value, b_value) == 0;
}

/* Certificates and the like are read anew by every reload. */
static bool is_of_tls(const struct rfx_key *key)
{
    const size_t first = offsetof(struct rfx_config, tls);
    return key->offset >= first && key->offset < first + sizeof(struct rfx_tls_config);
}

bool rfx_config_is_same_session(const struct rfx_session_config *a,
                                const struct rfx_session_config *b)
{
    const struct rfx_key *key;
    for (size_t i = 0; (key = rfx_key_at(i)) != NULL; i++) {
        if (key->scope == RFX_SCOPE_SESSION && !is_same(key, a, b)) {
            return false;
        }
    }
    return true;
}

const char *rfx_config_server_difference(const struct rfx_config *a, const struct rfx_config *b,
                                         size_t *cursor)
{
    const struct rfx_key *key;
    while ((key = rfx_key_at(*cursor)) != NULL) {
        ++*cursor;
        if (key->scope == RFX_SCOPE_SERVER && !rfx_key_is_alias(key) && !is_of_tls(key) &&
            !is_same(key, a, b)) {
            return key->name;
        }
    }
    return NULL;
}
