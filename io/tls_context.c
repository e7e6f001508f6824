/* Certificates, trust and versions: from a configuration to what connections are made with. */
#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "io/tls_internal.h"

struct rfx_tls_context {
    SSL_CTX *server; /* NULL: no acceptor uses TLS */
    SSL_CTX *client;
};

struct rfx_tls_source {
    pthread_mutex_t mutex;
    struct rfx_tls_context *context;
};

/* What OpenSSL says about a file; it leaves more than one error, the first is the cause. */
static rfx_status fail_file(struct rfx_error *error, const char *key, const char *path)
{
    const unsigned long code = ERR_peek_error();
    const char *text =
        ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);
    rfx_fail(error, RFX_E_IO, "%s=%s: %s", key, path, text != NULL ? text : "cannot be used");
    ERR_clear_error();
    return RFX_E_IO;
}

static rfx_status must_be_readable(const char *key, const char *path, struct rfx_error *error)
{
    return access(path, R_OK) == 0
               ? RFX_OK
               : rfx_fail(error, RFX_E_IO, "%s=%s: %s", key, path, strerror(errno));
}

/* ------------------------------------------------------------------------------- versions */

enum { V12 = 1, V13 = 2, NO_VERSION = 4 };

static unsigned version_of(const char *word, size_t size)
{
    static const struct {
        const char *name;
        unsigned versions;
    } words[] = {
        {"all", V12 | V13}, {"TLSv1.2", V12}, {"TLSv1_2", V12}, {"TLSv1.3", V13},
        {"TLSv1_3", V13},   {"SSLv2", 0},     {"SSLv3", 0},     {"TLSv1", 0},
        {"TLSv1.0", 0},     {"TLSv1_0", 0},   {"TLSv1.1", 0},   {"TLSv1_1", 0},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].name) == size && strncasecmp(words[i].name, word, size) == 0) {
            return words[i].versions;
        }
    }
    return NO_VERSION;
}

/* "all -TLSv1.2", "TLSv1.2,TLSv1.3", "+TLSv1.3". What begins by taking away takes from all. */
static rfx_status set_versions(SSL_CTX *ctx, const char *protocol, struct rfx_error *error)
{
    unsigned versions =
        protocol == NULL || protocol[0] == '-' || protocol[0] == '!' ? V12 | V13 : 0;
    for (const char *at = protocol; at != NULL && *at != '\0';) {
        const char sign = *at == '-' || *at == '!' || *at == '+' ? *at++ : '+';
        const size_t size = strcspn(at, " ,:\t");
        const unsigned named = version_of(at, size);
        if (named == NO_VERSION) {
            return rfx_fail(error, RFX_E_CONFIG,
                            "SSLProtocol: \"%.*s\" is no version; use TLSv1.2, TLSv1.3 or all",
                            size > 40 ? 40 : (int)size, at);
        }
        versions = sign == '+' ? versions | named : versions & ~named;
        at += size + strspn(at + size, " ,:\t");
    }
    if (versions == 0) {
        return rfx_fail(
            error, RFX_E_CONFIG,
            "SSLProtocol=%s leaves neither TLSv1.2 nor TLSv1.3, and there are no others", protocol);
    }
    SSL_CTX_set_min_proto_version(ctx, (versions & V12) != 0 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(ctx, (versions & V13) != 0 ? TLS1_3_VERSION : TLS1_2_VERSION);
    return RFX_OK;
}

static rfx_status set_ciphers(SSL_CTX *ctx, const struct rfx_tls_config *config,
                              struct rfx_error *error)
{
    if (config->cipher_list != NULL && SSL_CTX_set_cipher_list(ctx, config->cipher_list) != 1) {
        return rfx_fail(error, RFX_E_CONFIG,
                        "SSLCipherSuite: OpenSSL knows no cipher in \"%.200s\"; "
                        "openssl ciphers lists them",
                        config->cipher_list);
    }
    if (config->cipher_suites != NULL &&
        SSL_CTX_set_ciphersuites(ctx, config->cipher_suites) != 1) {
        return rfx_fail(error, RFX_E_CONFIG,
                        "TLSCipherSuites: OpenSSL does not take \"%.200s\"; "
                        "openssl ciphers -tls1_3 lists them",
                        config->cipher_suites);
    }
    SSL *probe = SSL_new(ctx);
    STACK_OF(SSL_CIPHER) *ciphers = probe != NULL ? SSL_get1_supported_ciphers(probe) : NULL;
    const bool has_some = sk_SSL_CIPHER_num(ciphers) > 0;
    sk_SSL_CIPHER_free(ciphers);
    SSL_free(probe);
    if (!has_some) {
        return rfx_fail(error, RFX_E_CONFIG,
                        "SSLCipherSuite and TLSCipherSuites leave no cipher for SSLProtocol=%.100s",
                        config->protocol != NULL ? config->protocol : "TLSv1.2,TLSv1.3");
    }
    return RFX_OK;
}

/* ----------------------------------------------------------------------------------- files */

/* Nobody is there to be asked. */
static int no_passphrase(char *buffer, int size, int is_writing, void *data)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    *(bool *)data = true;
    return -1;
}

static rfx_status set_certificate(SSL_CTX *ctx, const char *certificate_key,
                                  const char *certificate, const char *key_key, const char *key,
                                  struct rfx_error *error)
{
    bool is_encrypted = false;
    rfx_status status = must_be_readable(certificate_key, certificate, error);
    if (status == RFX_OK) {
        status = must_be_readable(key_key, key, error);
    }
    if (status != RFX_OK) {
        return status;
    }
    if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1) {
        return fail_file(error, certificate_key, certificate);
    }
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, &is_encrypted);
    const int has_key = SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, NULL);
    if (is_encrypted) {
        ERR_clear_error();
        return rfx_fail(error, RFX_E_IO,
                        "%s=%s: the key has a passphrase; store it without one (openssl pkey), "
                        "readable for this user alone",
                        key_key, key);
    }
    if (has_key != 1) {
        return fail_file(error, key_key, key);
    }
    return RFX_OK;
}

static rfx_status set_trust(SSL_CTX *ctx, const struct rfx_tls_config *config, bool is_server,
                            struct rfx_error *error)
{
    const char *file = config->certification_authorities_file;
    const char *directory = config->certification_authorities_directory;
    rfx_status status = RFX_OK;
    if (file != NULL) {
        status = must_be_readable("CertificationAuthoritiesFile", file, error);
        if (status == RFX_OK && SSL_CTX_load_verify_file(ctx, file) != 1) {
            return fail_file(error, "CertificationAuthoritiesFile", file);
        }
    }
    if (status == RFX_OK && directory != NULL) {
        status = must_be_readable("CertificationAuthoritiesDirectory", directory, error);
        if (status == RFX_OK && SSL_CTX_load_verify_dir(ctx, directory) != 1) {
            return fail_file(error, "CertificationAuthoritiesDirectory", directory);
        }
    }
    if (status == RFX_OK && file == NULL && directory == NULL && !is_server) {
        SSL_CTX_set_default_verify_paths(ctx);
    }
    if (status == RFX_OK && is_server && config->verify_client && file != NULL) {
        SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(file)); /* a hint for the client */
    }
    return status;
}

static rfx_status set_revocation(SSL_CTX *ctx, const struct rfx_tls_config *config,
                                 struct rfx_error *error)
{
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    const char *file = config->revocation_list_file;
    const char *directory = config->revocation_list_directory;
    if (file != NULL) {
        const rfx_status status = must_be_readable("CertificateRevocationListFile", file, error);
        X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
        if (status != RFX_OK) {
            return status;
        }
        if (lookup == NULL || X509_load_crl_file(lookup, file, X509_FILETYPE_PEM) < 1) {
            return fail_file(error, "CertificateRevocationListFile", file);
        }
    }
    if (directory != NULL) {
        const rfx_status status =
            must_be_readable("CertificateRevocationListDirectory", directory, error);
        X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
        if (status != RFX_OK) {
            return status;
        }
        if (lookup == NULL || X509_LOOKUP_add_dir(lookup, directory, X509_FILETYPE_PEM) != 1) {
            return fail_file(error, "CertificateRevocationListDirectory", directory);
        }
    }
    if (file != NULL || directory != NULL) {
        X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    }
    return RFX_OK;
}

/* --------------------------------------------------------------------------------- contexts */

static rfx_status open_one(const struct rfx_tls_config *config, bool is_server, SSL_CTX **opened,
                           struct rfx_error *error)
{
    SSL_CTX *ctx = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
    if (ctx == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for TLS");
    }
    *opened = ctx;
    /* Tickets would let a client whose certificate was revoked come back. */
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (config->use_kernel) {
        SSL_CTX_set_options(ctx, SSL_OP_ENABLE_KTLS);
    }
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    rfx_status status = set_versions(ctx, config->protocol, error);
    if (status == RFX_OK) {
        status = set_ciphers(ctx, config, error);
    }
    if (status == RFX_OK && is_server) {
        status =
            set_certificate(ctx, "ServerCertificateFile", config->server_certificate_file,
                            "ServerCertificateKeyFile", config->server_certificate_key_file, error);
    } else if (status == RFX_OK && config->client_certificate_file != NULL) {
        status =
            set_certificate(ctx, "ClientCertificateFile", config->client_certificate_file,
                            "ClientCertificateKeyFile", config->client_certificate_key_file, error);
    }
    if (status == RFX_OK) {
        status = set_trust(ctx, config, is_server, error);
    }
    if (status == RFX_OK) {
        status = set_revocation(ctx, config, error);
    }
    if (!is_server) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, rfx_tls_on_verified);
        SSL_CTX_set_cert_verify_callback(ctx, rfx_tls_verify_server, NULL);
    } else if (config->verify_client) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           rfx_tls_on_verified);
    }
    ERR_clear_error();
    return status;
}

rfx_status rfx_tls_context_open(const struct rfx_config *config, struct rfx_tls_context **context,
                                struct rfx_error *error)
{
    struct rfx_tls_context *made = calloc(1, sizeof *made);
    rfx_status status = RFX_OK;
    if (made == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for TLS");
    }
    for (size_t i = 0; i < config->session_count && status == RFX_OK; i++) {
        const struct rfx_session_config *session = &config->sessions[i];
        const bool is_server = session->role == RFX_ROLE_ACCEPTOR;
        SSL_CTX **place = is_server ? &made->server : &made->client;
        if (session->use_ssl && *place == NULL) {
            status = open_one(&config->tls, is_server, place, error);
        }
    }
    if (status != RFX_OK) {
        rfx_tls_context_close(made);
        return status;
    }
    *context = made;
    return RFX_OK;
}

void rfx_tls_context_close(struct rfx_tls_context *context)
{
    if (context != NULL) {
        SSL_CTX_free(context->server);
        SSL_CTX_free(context->client);
        free(context);
    }
}

struct rfx_tls_source *rfx_tls_source_open(struct rfx_tls_context *first)
{
    struct rfx_tls_source *source = calloc(1, sizeof *source);
    if (source != NULL) {
        pthread_mutex_init(&source->mutex, NULL);
        source->context = first;
    }
    return source;
}

void rfx_tls_source_close(struct rfx_tls_source *source)
{
    if (source != NULL) {
        rfx_tls_context_close(source->context);
        pthread_mutex_destroy(&source->mutex);
        free(source);
    }
}

void rfx_tls_source_replace(struct rfx_tls_source *source, struct rfx_tls_context *next)
{
    pthread_mutex_lock(&source->mutex);
    struct rfx_tls_context *before = source->context;
    source->context = next;
    pthread_mutex_unlock(&source->mutex);
    rfx_tls_context_close(before);
}

SSL *rfx_tls_source_ssl(struct rfx_tls_source *source, bool is_server)
{
    pthread_mutex_lock(&source->mutex);
    SSL_CTX *ctx = is_server ? source->context->server : source->context->client;
    SSL *ssl = ctx != NULL ? SSL_new(ctx) : NULL; /* which keeps the context alive */
    pthread_mutex_unlock(&source->mutex);
    return ssl;
}
