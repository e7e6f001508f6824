/* Where a configuration's values came from. Inside core. */
#ifndef RFX_CORE_CONFIG_PARSE_H
#define RFX_CORE_CONFIG_PARSE_H

#include "core/config_keys.h"

/* Of the whole server, or of one session: the line that gave each key its value, 0: none did. */
struct rfx_config_row {
    uint32_t section_line; /* of [SESSION] */
    uint32_t lines[RFX_KEY_COUNT_MAX];
};

struct rfx_config_rows {
    struct rfx_config_row *rows; /* the server's, then one for each session; free() it */
    size_t count;
    size_t capacity;
};

/* rfx_config_parse() that also tells where the values came from.
 *
 * rows  zeroed by the caller; NULL: not wanted. Filled in part on failure */
rfx_status rfx_config_parse_rows(struct rfx_bytes text, const char *file_name,
                                 struct rfx_config *config, struct rfx_config_rows *rows,
                                 struct rfx_error *error) RFX_MUST_CHECK;

#endif
