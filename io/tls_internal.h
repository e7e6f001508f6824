/* Shared by tls.c and tls_context.c. */
#ifndef RFX_IO_TLS_INTERNAL_H
#define RFX_IO_TLS_INTERNAL_H

#include <openssl/ssl.h>

#include "io/tls.h"

/* Keeps why a certificate is not taken. Called by OpenSSL. */
int rfx_tls_on_verified(int is_good, X509_STORE_CTX *store);

/* An initiator's whole judgement: the chain, and that the certificate is for one of the names that
 * are expected. OpenSSL's own lists want an address and a host name both to fit. */
int rfx_tls_verify_server(X509_STORE_CTX *store, void *context);

/* A connection's state by the context in force; NULL: none for that role, or no memory. */
SSL *rfx_tls_source_ssl(struct rfx_tls_source *source, bool is_server);

#endif
