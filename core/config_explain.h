/* The settings that are in effect, told one by one. */
#ifndef RFX_CORE_CONFIG_EXPLAIN_H
#define RFX_CORE_CONFIG_EXPLAIN_H

#include "ringfix/config.h"

/* rfx_config_explain() of a text in memory. */
rfx_status
rfx_config_explain_text(struct rfx_bytes text, const char *file_name, struct rfx_config *config,
                        void (*tell)(void *context, const struct rfx_config_setting *setting),
                        void *context, struct rfx_error *error) RFX_MUST_CHECK;

#endif
