/* What is different between two configurations. */
#ifndef RFX_CORE_CONFIG_COMPARE_H
#define RFX_CORE_CONFIG_COMPARE_H

#include "ringfix/config.h"

/* Whether every setting of a session is the same. */
bool rfx_config_is_same_session(const struct rfx_session_config *a,
                                const struct rfx_session_config *b);

/* The next key of the whole server with different values, NULL when there is none.
 * cursor  0 at first; moved on */
const char *rfx_config_server_difference(const struct rfx_config *a, const struct rfx_config *b,
                                         size_t *cursor);

#endif
