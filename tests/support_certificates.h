/* Certificates for tests, made when they are needed: an authority, and what it signs. */
#ifndef RFX_TESTS_SUPPORT_CERTIFICATES_H
#define RFX_TESTS_SUPPORT_CERTIFICATES_H

#include <openssl/x509.h>
#include <stdbool.h>

struct certificate {
    X509 *x509;
    EVP_PKEY *key;
};

struct certificate_wish {
    const char *common_name;      /* NULL: none */
    const char *alternative;      /* subjectAltName as OpenSSL writes it, "DNS:a,IP:127.0.0.1" */
    const struct certificate *ca; /* who signs; NULL: itself, and is an authority */
    long begins_s;                /* from now */
    long ends_s;
    long serial;
};

struct certificate certificate_make(const struct certificate_wish *wish);
void certificate_free(struct certificate *certificate);

/* PEM files in a directory: NAME.pem and NAME.key. Returns the paths, static until the test ends.
 */
const char *certificate_save(const struct certificate *certificate, const char *directory,
                             const char *name);
const char *certificate_save_key(const struct certificate *certificate, const char *directory,
                                 const char *name);

/* The authority's list of revoked certificates, with this one alone; NULL: an empty list. */
const char *certificate_save_revocation(const struct certificate *ca,
                                        const struct certificate *revoked, const char *directory,
                                        const char *name);

/* An authority, a server's certificate for localhost and 127.0.0.1, and a client's for CLIENT. */
struct certificate_set {
    char directory[256];
    struct certificate ca;
    const char *ca_file;
    const char *server_file;
    const char *server_key_file;
    const char *client_file;
    const char *client_key_file;
};

void certificate_set_make(struct certificate_set *set);
void certificate_set_free(struct certificate_set *set);
/* One more of its authority; the key is NAME.key in the directory. */
const char *certificate_set_add(struct certificate_set *set, const char *name,
                                const struct certificate_wish *wish);

#endif
