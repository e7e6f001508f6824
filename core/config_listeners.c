#include "core/config_listeners.h"

#include <string.h>

#include "core/base.h"

struct rfx_listener rfx_listener_of(const struct rfx_config *config,
                                    const struct rfx_session_config *session)
{
    return (struct rfx_listener){
        .port = session->accept_port != 0 ? session->accept_port : config->accept_port,
        .use_ssl = session->use_ssl,
    };
}

rfx_status rfx_config_listeners(const struct rfx_config *config,
                                struct rfx_listener listeners[RFX_LISTENERS_MAX], size_t *count,
                                struct rfx_error *error)
{
    *count = 0;
    for (size_t i = 0; i < config->session_count; i++) {
        const struct rfx_listener one = rfx_listener_of(config, &config->sessions[i]);
        size_t k = 0;
        if (config->sessions[i].role != RFX_ROLE_ACCEPTOR) {
            continue;
        }
        while (k < *count && (listeners[k].port != one.port ||
                              (one.port == 0 && listeners[k].use_ssl != one.use_ssl))) {
            k++;
        }
        if (k < *count && listeners[k].use_ssl != one.use_ssl) {
            return rfx_fail(error, RFX_E_CONFIG,
                            "session %zu: SocketAcceptPort %u is used with SocketUseSSL=Y and "
                            "without; give one of them a port of its own",
                            i + 1, one.port);
        }
        if (k == RFX_LISTENERS_MAX) {
            return rfx_fail(error, RFX_E_CONFIG,
                            "session %zu: its SocketAcceptPort is one more than the %d that a "
                            "server can have",
                            i + 1, RFX_LISTENERS_MAX);
        }
        if (k == *count) {
            listeners[(*count)++] = one;
        }
    }
    return RFX_OK;
}

const char *rfx_config_tls_problem(const struct rfx_config *config,
                                   const struct rfx_session_config *session)
{
    const struct rfx_tls_config *tls = &config->tls;
    if (!session->use_ssl) {
        return session->certificate_name == NULL ? NULL : "CertificateName needs SocketUseSSL=Y";
    }
    if (session->certificate_name != NULL &&
        session->certificate_name[strspn(session->certificate_name, ", ")] == '\0') {
        return "CertificateName names nobody";
    }
    if ((tls->client_certificate_file == NULL) != (tls->client_certificate_key_file == NULL)) {
        return "ClientCertificateFile and ClientCertificateKeyFile go together";
    }
    if (session->role == RFX_ROLE_INITIATOR) {
        return NULL;
    }
    if (tls->server_certificate_file == NULL || tls->server_certificate_key_file == NULL) {
        return "SocketUseSSL=Y of an acceptor needs ServerCertificateFile and "
               "ServerCertificateKeyFile in [DEFAULT]";
    }
    if (tls->verify_client && tls->certification_authorities_file == NULL &&
        tls->certification_authorities_directory == NULL) {
        return "CertificateVerifyLevel=1 needs CertificationAuthoritiesFile or "
               "CertificationAuthoritiesDirectory: whose certificates are taken";
    }
    if (session->certificate_name != NULL && !tls->verify_client) {
        return "CertificateName needs CertificateVerifyLevel=1, or no certificate is asked for";
    }
    return NULL;
}
