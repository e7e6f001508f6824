/* A configuration of one's own: sessions and all texts they point to are copied.
 *
 * copy     on success owned by the caller, release with rfx_config_free()
 * errors   RFX_E_NOMEM */
#ifndef RFX_CORE_CONFIG_COPY_H
#define RFX_CORE_CONFIG_COPY_H

#include "ringfix/config.h"

rfx_status rfx_config_copy(const struct rfx_config *config, struct rfx_config *copy,
                           struct rfx_error *error) RFX_MUST_CHECK;

#endif
