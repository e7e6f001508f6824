/* Where acceptors are found: the ports that a configuration asks for, and TLS on them. */
#ifndef RFX_CORE_CONFIG_LISTENERS_H
#define RFX_CORE_CONFIG_LISTENERS_H

#include "ringfix/config.h"

struct rfx_listener {
    uint16_t port; /* as configured, 0: any free one */
    bool use_ssl;
};

/* A session is found at one listener, an initiator at none that is asked for. */
struct rfx_listener rfx_listener_of(const struct rfx_config *config,
                                    const struct rfx_session_config *session);

/* All of them, in the order of the sessions. count 0: there is no acceptor.
 * errors RFX_E_CONFIG: too many, or a port that is to be plain and TLS */
rfx_status rfx_config_listeners(const struct rfx_config *config,
                                struct rfx_listener listeners[RFX_LISTENERS_MAX], size_t *count,
                                struct rfx_error *error) RFX_MUST_CHECK;

/* What is wrong with TLS for a session, as half a sentence; NULL: nothing. */
const char *rfx_config_tls_problem(const struct rfx_config *config,
                                   const struct rfx_session_config *session);

#endif
