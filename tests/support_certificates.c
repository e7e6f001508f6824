#include "tests/support_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

#define DAY_S         86400L
#define PATHS         64
#define PATH_MAX_SIZE 400

static char paths[PATHS][PATH_MAX_SIZE];
static size_t path_count;

static char *new_path(const char *directory, const char *name, const char *ending)
{
    char *path = paths[path_count++ % PATHS];
    assert_true(snprintf(path, PATH_MAX_SIZE, "%s/%s.%s", directory, name, ending) < PATH_MAX_SIZE);
    return path;
}

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

struct certificate certificate_make(const struct certificate_wish *wish)
{
    struct certificate made = {.x509 = X509_new(), .key = EVP_EC_gen("P-256")};
    X509 *x509 = made.x509;
    assert_non_null(x509);
    assert_non_null(made.key);
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), wish->serial != 0 ? wish->serial : 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), wish->begins_s);
    X509_gmtime_adj(X509_getm_notAfter(x509), wish->ends_s != 0 ? wish->ends_s : DAY_S);
    X509_set_pubkey(x509, made.key);
    if (wish->common_name != NULL) {
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                                   (const unsigned char *)wish->common_name, -1, -1, 0);
    }
    X509 *issuer = wish->ca != NULL ? wish->ca->x509 : x509;
    X509_set_issuer_name(x509, X509_get_subject_name(issuer));
    add_extension(x509, issuer, NID_basic_constraints,
                  wish->ca == NULL ? "critical,CA:TRUE" : "CA:FALSE");
    if (wish->alternative != NULL) {
        add_extension(x509, issuer, NID_subject_alt_name, wish->alternative);
    }
    assert_true(X509_sign(x509, wish->ca != NULL ? wish->ca->key : made.key, EVP_sha256()) > 0);
    return made;
}

void certificate_free(struct certificate *certificate)
{
    X509_free(certificate->x509);
    EVP_PKEY_free(certificate->key);
}

static FILE *open_file(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    return file;
}

const char *certificate_save(const struct certificate *certificate, const char *directory,
                             const char *name)
{
    const char *path = new_path(directory, name, "pem");
    FILE *file = open_file(path);
    assert_int_equal(PEM_write_X509(file, certificate->x509), 1);
    assert_int_equal(fclose(file), 0);
    return path;
}

const char *certificate_save_key(const struct certificate *certificate, const char *directory,
                                 const char *name)
{
    const char *path = new_path(directory, name, "key");
    FILE *file = open_file(path);
    assert_int_equal(PEM_write_PrivateKey(file, certificate->key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(file), 0);
    return path;
}

const char *certificate_save_revocation(const struct certificate *ca,
                                        const struct certificate *revoked, const char *directory,
                                        const char *name)
{
    const char *path = new_path(directory, name, "crl");
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    ASN1_TIME *tomorrow = X509_gmtime_adj(NULL, DAY_S);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(ca->x509));
    X509_CRL_set1_lastUpdate(list, now);
    X509_CRL_set1_nextUpdate(list, tomorrow);
    if (revoked != NULL) {
        X509_REVOKED *entry = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->x509));
        X509_REVOKED_set_revocationDate(entry, now);
        X509_CRL_add0_revoked(list, entry);
    }
    assert_true(X509_CRL_sign(list, ca->key, EVP_sha256()) > 0);
    FILE *file = open_file(path);
    assert_int_equal(PEM_write_X509_CRL(file, list), 1);
    assert_int_equal(fclose(file), 0);
    ASN1_TIME_free(now);
    ASN1_TIME_free(tomorrow);
    X509_CRL_free(list);
    return path;
}

const char *certificate_set_add(struct certificate_set *set, const char *name,
                                const struct certificate_wish *wish)
{
    struct certificate_wish of_set = *wish;
    of_set.ca = of_set.ca != NULL ? of_set.ca : &set->ca;
    struct certificate made = certificate_make(&of_set);
    const char *path = certificate_save(&made, set->directory, name);
    certificate_save_key(&made, set->directory, name);
    certificate_free(&made);
    return path;
}

void certificate_set_make(struct certificate_set *set)
{
    make_temp_dir(set->directory);
    set->ca = certificate_make(&(struct certificate_wish){.common_name = "Test authority"});
    set->ca_file = certificate_save(&set->ca, set->directory, "ca");
    set->server_file = certificate_set_add(
        set, "server",
        &(struct certificate_wish){
            .common_name = "server", .alternative = "DNS:localhost,IP:127.0.0.1", .serial = 2});
    set->server_key_file = new_path(set->directory, "server", "key");
    set->client_file = certificate_set_add(
        set, "client",
        &(struct certificate_wish){
            .common_name = "CLIENT", .alternative = "DNS:client.example", .serial = 3});
    set->client_key_file = new_path(set->directory, "client", "key");
}

void certificate_set_free(struct certificate_set *set)
{
    certificate_free(&set->ca);
    remove_tree(set->directory);
}
