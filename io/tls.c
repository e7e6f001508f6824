#include "io/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/tls_internal.h"

#define NAMES_MAX 4096
/* The first byte of what either side may say first. */
#define ALERT_BYTE     0x15
#define HANDSHAKE_BYTE 0x16

struct rfx_tls {
    SSL *ssl;
    struct rfx_tls_wire wire;
    const char *in; /* fed, not used up */
    size_t in_size;
    enum rfx_tls_state state;
    bool is_server;
    bool is_foreign; /* what came first is no TLS */
    bool has_begun;  /* something came */
    bool has_finished;
    bool is_offloaded;     /* the kernel makes the records */
    unsigned char control; /* type of the record that comes next, then; 0: data */
    const char *expected;  /* of an initiator: names for the other's certificate; borrowed */
    char *names;
    char problem[256];
};

/* ------------------------------------------------------------ OpenSSL's view of the streams */

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static int bio_read(BIO *bio, char *data, int room)
{
    struct rfx_tls *tls = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (tls->in_size == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const size_t size = tls->in_size < (size_t)room ? tls->in_size : (size_t)room;
    memcpy(data, tls->in, size);
    tls->in += size;
    tls->in_size -= size;
    return (int)size;
}

static int bio_write(BIO *bio, const char *data, int size)
{
    struct rfx_tls *tls = BIO_get_data(bio);
    const unsigned char control = tls->control;
    BIO_clear_retry_flags(bio);
    tls->control = 0;
    if (control == 0) {
        tls->wire.put(tls->wire.context, data, (size_t)size);
        return size;
    }
    if (control == SSL3_RT_HANDSHAKE && tls->state != RFX_TLS_HANDSHAKE) {
        snprintf(tls->problem, sizeof tls->problem,
                 "the other side wants new keys, which kernel TLS does not change");
        return -1;
    }
    return tls->wire.control(tls->wire.context, control, data, (size_t)size) ? size : -1;
}

/* OpenSSL asks for the kernel's TLS by these; <openssl/bio.h> names them in a comment. */
enum { CONTROL_KERNEL_SET = 72, CONTROL_KERNEL_TYPE = 74, CONTROL_KERNEL_NO_TYPE = 75 };

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    struct rfx_tls *tls = BIO_get_data(bio);
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case CONTROL_KERNEL_SET:
        if (number != 0 && !tls->is_offloaded && tls->wire.offload != NULL) { /* of sending */
            tls->is_offloaded = tls->wire.offload(tls->wire.context, pointer);
            return tls->is_offloaded;
        }
        return 0;
    case BIO_CTRL_GET_KTLS_SEND:
        return tls->is_offloaded;
    case CONTROL_KERNEL_TYPE:
        tls->control = (unsigned char)number;
        return 0;
    case CONTROL_KERNEL_NO_TYPE:
        tls->control = 0;
        return 0;
    default:
        return 0;
    }
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ringfix");
    if (method != NULL) {
        BIO_meth_set_read(method, bio_read);
        BIO_meth_set_write(method, bio_write);
        BIO_meth_set_ctrl(method, bio_control);
        BIO_meth_set_create(method, bio_create);
    }
}

/* ------------------------------------------------------------------------------ beginning */

static bool is_address(const char *host)
{
    unsigned char room[16];
    return inet_pton(AF_INET, host, room) == 1 || inet_pton(AF_INET6, host, room) == 1;
}

static bool prepare(struct rfx_tls *tls, const char *host)
{
    pthread_once(&method_once, make_method);
    BIO *bio = method != NULL ? BIO_new(method) : NULL;
    if (bio == NULL) {
        return false;
    }
    BIO_set_data(bio, tls);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_app_data(tls->ssl, tls);
    if (tls->is_server) {
        SSL_set_accept_state(tls->ssl);
        return true;
    }
    SSL_set_connect_state(tls->ssl);
    return is_address(host) || SSL_set_tlsext_host_name(tls->ssl, host) == 1;
}

struct rfx_tls *rfx_tls_open(struct rfx_tls_source *source, const char *host, const char *names,
                             const struct rfx_tls_wire *wire)
{
    struct rfx_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        return NULL;
    }
    tls->wire = *wire;
    tls->is_server = host == NULL;
    tls->expected = names != NULL ? names : host;
    tls->ssl = rfx_tls_source_ssl(source, tls->is_server);
    if (tls->ssl == NULL || !prepare(tls, host)) {
        rfx_tls_close(tls);
        ERR_clear_error();
        return NULL;
    }
    return tls;
}

void rfx_tls_close(struct rfx_tls *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        free(tls->names);
        free(tls);
    }
}

enum rfx_tls_state rfx_tls_state(const struct rfx_tls *tls)
{
    return tls->state;
}

const char *rfx_tls_problem(const struct rfx_tls *tls)
{
    return tls->problem;
}

const char *rfx_tls_names(const struct rfx_tls *tls)
{
    return tls->names != NULL ? tls->names : "\0";
}

/* ------------------------------------------------------------------- whose certificate it is */

int rfx_tls_on_verified(int is_good, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct rfx_tls *tls = SSL_get_app_data(ssl);
    const X509 *certificate = X509_STORE_CTX_get0_cert(store);
    if (!is_good && certificate != NULL) {
        char subject[120] = "";
        X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject);
        snprintf(tls->problem, sizeof tls->problem, "its certificate %s is not taken: %s", subject,
                 X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
    }
    return is_good;
}

static bool is_for(X509 *certificate, const char *name)
{
    return is_address(name) ? X509_check_ip_asc(certificate, name, 0) == 1
                            : X509_check_host(certificate, name, 0,
                                              X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

static bool is_for_one_of(X509 *certificate, const char *names)
{
    for (names += strspn(names, ", "); *names != '\0'; names += strspn(names, ", ")) {
        char one[RFX_HOST_MAX + 1];
        const size_t size = strcspn(names, ", ");
        if (size <= RFX_HOST_MAX) { /* no host has a longer name */
            memcpy(one, names, size);
            one[size] = '\0';
            if (is_for(certificate, one)) {
                return true;
            }
        }
        names += size;
    }
    return false;
}

int rfx_tls_verify_server(X509_STORE_CTX *store, void *context)
{
    (void)context;
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const struct rfx_tls *tls = SSL_get_app_data(ssl);
    if (X509_verify_cert(store) != 1) {
        return 0;
    }
    if (is_for_one_of(X509_STORE_CTX_get0_cert(store), tls->expected)) {
        return 1;
    }
    X509_STORE_CTX_set_error(store, is_address(tls->expected) ? X509_V_ERR_IP_ADDRESS_MISMATCH
                                                              : X509_V_ERR_HOSTNAME_MISMATCH);
    return rfx_tls_on_verified(0, store);
}

/* -------------------------------------------------------------------------------- failures */

static void fail(struct rfx_tls *tls, int kind)
{
    const unsigned long code = ERR_peek_error();
    const int reason = ERR_GET_REASON(code);
    const char *text = ERR_reason_error_string(code);
    tls->state = RFX_TLS_FAILED;
    if (tls->is_foreign) {
        snprintf(tls->problem, sizeof tls->problem, "it does not speak TLS");
    } else if (kind == SSL_ERROR_SSL && reason >= SSL_AD_REASON_OFFSET) {
        snprintf(tls->problem, sizeof tls->problem, "the other side refused: %s",
                 SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET));
    } else if (tls->problem[0] == '\0') { /* else a certificate was not taken */
        snprintf(tls->problem, sizeof tls->problem, "%s",
                 text != NULL ? text : "the connection ended");
    }
    ERR_clear_error();
}

/* ----------------------------------------------------------------------------------- names */

/* True when it has room; names with a NUL inside are somebody's trick. */
static void add_name(char *names, size_t *used, const ASN1_STRING *name)
{
    unsigned char *text = NULL;
    const int size = ASN1_STRING_to_UTF8(&text, name);
    if (size > 0 && strlen((const char *)text) == (size_t)size &&
        *used + (size_t)size + 2 <= NAMES_MAX) {
        memcpy(names + *used, text, (size_t)size + 1);
        *used += (size_t)size + 1;
    }
    OPENSSL_free(text);
}

static void read_names(struct rfx_tls *tls)
{
    const X509 *certificate = SSL_get0_peer_certificate(tls->ssl);
    char names[NAMES_MAX] = "";
    size_t used = 0;
    if (certificate == NULL) {
        return;
    }
    const X509_NAME *subject = X509_get_subject_name(certificate);
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
        add_name(names, &used, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    }
    GENERAL_NAMES *others = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(others); i++) {
        const GENERAL_NAME *other = sk_GENERAL_NAME_value(others, i);
        if (other->type == GEN_DNS || other->type == GEN_EMAIL || other->type == GEN_URI) {
            add_name(names, &used, other->d.ia5);
        }
    }
    GENERAL_NAMES_free(others);
    tls->names = malloc(used + 1);
    if (tls->names != NULL) {
        memcpy(tls->names, names, used);
        tls->names[used] = '\0';
    }
}

/* --------------------------------------------------------------------------------- streams */

static void note_progress(struct rfx_tls *tls)
{
    if (tls->state == RFX_TLS_HANDSHAKE && SSL_is_init_finished(tls->ssl)) {
        tls->state = RFX_TLS_OPEN;
        read_names(tls);
    }
}

void rfx_tls_begin(struct rfx_tls *tls)
{
    ERR_clear_error();
    const int result = SSL_do_handshake(tls->ssl);
    const int kind = SSL_get_error(tls->ssl, result);
    if (result != 1 && kind != SSL_ERROR_WANT_READ) {
        fail(tls, kind);
    }
}

void rfx_tls_feed(struct rfx_tls *tls, const char *data, size_t size)
{
    RFX_ASSERT(tls->in_size == 0 || tls->state >= RFX_TLS_ENDED);
    if (!tls->has_begun && size > 0) {
        tls->has_begun = true;
        tls->is_foreign = data[0] != HANDSHAKE_BYTE && data[0] != ALERT_BYTE;
    }
    tls->in = data;
    tls->in_size = size;
}

size_t rfx_tls_read(struct rfx_tls *tls, char *data, size_t room)
{
    size_t used = 0;
    while (used < room && tls->state < RFX_TLS_ENDED) {
        ERR_clear_error();
        size_t size = 0;
        const int result = SSL_read_ex(tls->ssl, data + used, room - used, &size);
        const int kind = result == 1 ? SSL_ERROR_NONE : SSL_get_error(tls->ssl, result);
        note_progress(tls);
        used += size;
        if (kind == SSL_ERROR_WANT_READ) {
            break;
        }
        if (kind == SSL_ERROR_ZERO_RETURN) {
            tls->state = RFX_TLS_ENDED;
        } else if (kind != SSL_ERROR_NONE) {
            fail(tls, kind);
        }
    }
    return used;
}

bool rfx_tls_write(struct rfx_tls *tls, const char *data, size_t size)
{
    size_t written = 0;
    ERR_clear_error();
    if (tls->state == RFX_TLS_FAILED || size == 0) {
        return size == 0;
    }
    const int result = SSL_write_ex(tls->ssl, data, size, &written);
    if (result != 1) {
        fail(tls, SSL_get_error(tls->ssl, result));
        return false;
    }
    return true;
}

void rfx_tls_finish(struct rfx_tls *tls)
{
    if (!tls->has_finished && (tls->state == RFX_TLS_OPEN || tls->state == RFX_TLS_ENDED)) {
        ERR_clear_error();
        SSL_shutdown(tls->ssl);
        ERR_clear_error();
    }
    tls->has_finished = true;
}
