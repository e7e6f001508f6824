/* TLS without sockets: two ends, and a wire that cuts what it carries where it likes. */
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/tls.h"
#include "tests/support.h"
#include "tests/support_certificates.h"

#define WIRE_SIZE (4u << 20)

struct end {
    struct rfx_tls *tls;
    char *wire; /* what it has put, for the other */
    size_t wire_size;
    char *plain; /* what it has read */
    size_t plain_size;
};

struct rig {
    struct certificate_set set;
    struct rfx_session_config sessions[2];
    struct rfx_config config;
    struct rfx_tls_source *source;
    struct end server;
    struct end client;
    const char *host;
    const char *names;
};

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    certificate_set_make(&rig->set);
    rig->config = rfx_config_default;
    rig->config.sessions = rig->sessions;
    rig->config.session_count = 2;
    for (int i = 0; i < 2; i++) {
        rig->sessions[i] = rfx_session_config_default;
        rig->sessions[i].use_ssl = true;
        rig->sessions[i].role = i == 0 ? RFX_ROLE_ACCEPTOR : RFX_ROLE_INITIATOR;
    }
    rig->config.tls.certification_authorities_file = rig->set.ca_file;
    rig->config.tls.server_certificate_file = rig->set.server_file;
    rig->config.tls.server_certificate_key_file = rig->set.server_key_file;
    rig->host = "localhost";
    *state = rig;
    return 0;
}

static void end_free(struct end *end)
{
    rfx_tls_close(end->tls);
    free(end->wire);
    free(end->plain);
    *end = (struct end){0};
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    end_free(&rig->server);
    end_free(&rig->client);
    rfx_tls_source_close(rig->source);
    certificate_set_free(&rig->set);
    free(rig);
    return 0;
}

static void put(void *context, const char *data, size_t size)
{
    struct end *end = context;
    assert_true(end->wire_size + size <= WIRE_SIZE);
    memcpy(end->wire + end->wire_size, data, size);
    end->wire_size += size;
}

static void open_source(struct rig *rig)
{
    struct rfx_tls_context *context = NULL;
    struct rfx_error error;
    if (rfx_tls_context_open(&rig->config, &context, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    rig->source = rfx_tls_source_open(context);
    assert_non_null(rig->source);
}

static void end_open(struct rig *rig, struct end *end, const char *host)
{
    end_free(end);
    end->wire = malloc(WIRE_SIZE);
    end->plain = malloc(WIRE_SIZE);
    end->tls = rfx_tls_open(rig->source, host, rig->names,
                            &(struct rfx_tls_wire){.put = put, .context = end});
    assert_non_null(end->tls);
}

static void open_ends(struct rig *rig)
{
    if (rig->source == NULL) {
        open_source(rig);
    }
    end_open(rig, &rig->server, NULL);
    end_open(rig, &rig->client, rig->host);
    rfx_tls_begin(rig->client.tls);
}

static void receive(struct end *end, const char *data, size_t size)
{
    rfx_tls_feed(end->tls, data, size);
    size_t got;
    do {
        assert_true(end->plain_size + 100 <= WIRE_SIZE);
        got = rfx_tls_read(end->tls, end->plain + end->plain_size, 100);
        end->plain_size += got;
    } while (got == 100);
}

static bool carry(struct end *from, struct end *to, size_t piece)
{
    const size_t size = from->wire_size;
    char *data = malloc(size + 1);
    memcpy(data, from->wire, size);
    from->wire_size = 0;
    for (size_t at = 0; at < size; at += piece) {
        char *exact = malloc(piece); /* so that a sanitizer sees any read beyond it */
        const size_t part = size - at < piece ? size - at : piece;
        memcpy(exact, data + at, part);
        receive(to, exact, part);
        free(exact);
    }
    free(data);
    return size > 0;
}

static void run(struct rig *rig, size_t piece)
{
    bool goes_on = true;
    while (goes_on) {
        goes_on = carry(&rig->client, &rig->server, piece);
        goes_on |= carry(&rig->server, &rig->client, piece);
    }
}

static void expect_open(struct rig *rig)
{
    if (rfx_tls_state(rig->server.tls) != RFX_TLS_OPEN ||
        rfx_tls_state(rig->client.tls) != RFX_TLS_OPEN) {
        fail_msg("server %d: %s; client %d: %s", (int)rfx_tls_state(rig->server.tls),
                 rfx_tls_problem(rig->server.tls), (int)rfx_tls_state(rig->client.tls),
                 rfx_tls_problem(rig->client.tls));
    }
}

static void expect_failed(const struct end *end, const char *problem)
{
    if (rfx_tls_state(end->tls) != RFX_TLS_FAILED ||
        strstr(rfx_tls_problem(end->tls), problem) == NULL) {
        fail_msg("state %d: \"%s\", expected \"%s\"", (int)rfx_tls_state(end->tls),
                 rfx_tls_problem(end->tls), problem);
    }
}

static void test_streams_when_cut_anywhere_then_whole_at_the_other_end(void **state)
{
    struct rig *rig = *state;
    static const size_t pieces[] = {1, 7, 1000, 100000};
    enum { SIZE = 50000 };
    char *data = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        data[i] = (char)(i * 7919 >> 3);
    }
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        open_ends(rig);
        run(rig, pieces[i]);
        expect_open(rig);
        assert_true(rfx_tls_write(rig->client.tls, data, SIZE));
        assert_true(rfx_tls_write(rig->server.tls, data, 1));
        assert_true(rfx_tls_write(rig->server.tls, data + 1, SIZE - 1));
        run(rig, pieces[i]);
        assert_int_equal(rig->server.plain_size, SIZE);
        assert_int_equal(rig->client.plain_size, SIZE);
        assert_memory_equal(rig->server.plain, data, SIZE);
        assert_memory_equal(rig->client.plain, data, SIZE);
        rfx_tls_finish(rig->client.tls);
        run(rig, pieces[i]);
        assert_int_equal(rfx_tls_state(rig->server.tls), RFX_TLS_ENDED);
        rfx_tls_finish(rig->server.tls);
        rfx_tls_finish(rig->server.tls);
        run(rig, pieces[i]);
        assert_int_equal(rfx_tls_state(rig->client.tls), RFX_TLS_ENDED);
    }
    free(data);
}

static void test_versions_when_configured_then_no_other_is_spoken(void **state)
{
    struct rig *rig = *state;
    static const char *const both[] = {"TLSv1.2",          "TLSv1.3",    "all",
                                       "+TLSv1.2 TLSv1.3", "all -SSLv2", "-TLSv1.2"};
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        rig->config.tls.protocol = both[i];
        open_ends(rig);
        run(rig, 500);
        expect_open(rig);
        rfx_tls_source_close(rig->source);
        rig->source = NULL;
    }
    rig->config.tls.protocol = "TLSv1.3";
    open_source(rig);
    end_open(rig, &rig->server, NULL);
    rfx_tls_source_close(rig->source);
    rig->config.tls.protocol = "TLSv1.2";
    open_source(rig);
    end_open(rig, &rig->client, "localhost");
    rfx_tls_begin(rig->client.tls);
    run(rig, 500);
    expect_failed(&rig->server, "unsupported protocol");
    expect_failed(&rig->client, "the other side refused: protocol version");
}

static void test_server_when_its_certificate_is_not_right_then_the_client_says_why(void **state)
{
    struct rig *rig = *state;
    struct certificate other =
        certificate_make(&(struct certificate_wish){.common_name = "Other authority"});
    const struct {
        struct certificate_wish wish;
        const char *host;
        const char *problem;
    } cases[] = {
        {{.common_name = "x", .alternative = "DNS:localhost"}, "else.example", "hostname mismatch"},
        {{.common_name = "x", .alternative = "DNS:localhost"}, "127.0.0.1", "IP address mismatch"},
        {{.common_name = "x", .alternative = "DNS:localhost", .begins_s = -200, .ends_s = -100},
         "localhost",
         "certificate has expired"},
        {{.common_name = "x", .alternative = "DNS:localhost", .begins_s = 100, .ends_s = 200},
         "localhost",
         "not yet valid"},
        {{.common_name = "x", .alternative = "DNS:localhost", .ca = &other},
         "localhost",
         "unable to get local issuer"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[32];
        char key[300];
        snprintf(name, sizeof name, "case%zu", i);
        rig->config.tls.server_certificate_file =
            certificate_set_add(&rig->set, name, &cases[i].wish);
        snprintf(key, sizeof key, "%s/%s.key", rig->set.directory, name);
        rig->config.tls.server_certificate_key_file = key;
        rig->host = cases[i].host;
        open_ends(rig);
        run(rig, 333);
        expect_failed(&rig->client, cases[i].problem);
        expect_failed(&rig->client, "its certificate /CN=x is not taken");
        expect_failed(&rig->server, "the other side refused: ");
        rfx_tls_source_close(rig->source);
        rig->source = NULL;
    }
    certificate_free(&other);
}

static void test_server_when_named_otherwise_then_that_name_counts(void **state)
{
    struct rig *rig = *state;
    rig->host = "10.1.2.3";
    rig->names = "nobody.example, localhost";
    open_ends(rig);
    run(rig, 4096);
    expect_open(rig);
}

static void test_server_when_one_of_several_names_is_its_own_then_that_is_enough(void **state)
{
    struct rig *rig = *state;
    static const char *const good[] = {"10.1.2.3,localhost", "localhost,10.1.2.3",
                                       "10.1.2.3,127.0.0.1", "127.0.0.1 10.1.2.3",
                                       "::1,nobody.example,localhost"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        rig->names = good[i];
        open_ends(rig);
        run(rig, 4096);
        expect_open(rig);
    }
}

static void test_server_when_nobody_is_expected_then_its_certificate_is_not_taken(void **state)
{
    struct rig *rig = *state;
    static const char *const nobody[] = {"", ",", " , "};
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++) {
        rig->names = nobody[i];
        open_ends(rig);
        run(rig, 4096);
        expect_failed(&rig->client, "hostname mismatch");
    }
}

static void test_client_when_asked_for_a_certificate_then_it_needs_a_good_one(void **state)
{
    struct rig *rig = *state;
    rig->config.tls.verify_client = true;
    open_ends(rig);
    run(rig, 1000);
    expect_failed(&rig->server, "peer did not return a certificate");
    expect_failed(&rig->client, "the other side refused: ");
    rfx_tls_source_close(rig->source);
    rig->source = NULL;

    rig->config.tls.client_certificate_file = rig->set.client_file;
    rig->config.tls.client_certificate_key_file = rig->set.client_key_file;
    open_ends(rig);
    run(rig, 1000);
    expect_open(rig);
    const char *names = rfx_tls_names(rig->server.tls);
    assert_string_equal(names, "CLIENT");
    assert_string_equal(names + strlen(names) + 1, "client.example");
    assert_string_equal(names + strlen("CLIENT") + 1 + strlen("client.example") + 1, "");
    rfx_tls_source_close(rig->source);
    rig->source = NULL;

    struct certificate revoked = certificate_make(
        &(struct certificate_wish){.common_name = "GONE", .ca = &rig->set.ca, .serial = 9});
    rig->config.tls.revocation_list_file =
        certificate_save_revocation(&rig->set.ca, &revoked, rig->set.directory, "list");
    open_ends(rig); /* another one is on the list */
    run(rig, 1000);
    expect_open(rig);
    rfx_tls_source_close(rig->source);
    rig->source = NULL;
    rig->config.tls.client_certificate_file =
        certificate_save(&revoked, rig->set.directory, "gone");
    rig->config.tls.client_certificate_key_file =
        certificate_save_key(&revoked, rig->set.directory, "gone");
    open_ends(rig);
    run(rig, 1000);
    expect_failed(&rig->server, "its certificate /CN=GONE is not taken: certificate revoked");
    certificate_free(&revoked);
}

static void test_server_when_fed_with_anything_else_then_it_says_so(void **state)
{
    struct rig *rig = *state;
    open_ends(rig);
    receive(&rig->server, "8=FIX.4.4\0019=5\00135=0\001", 22);
    expect_failed(&rig->server, "it does not speak TLS");
    char noise[300];
    for (unsigned seed = 1; seed < 300; seed++) {
        end_open(rig, &rig->server, NULL);
        unsigned random = seed * 2654435761u;
        for (size_t i = 0; i < sizeof noise; i++) {
            random = random * 1664525 + 1013904223;
            noise[i] = (char)(random >> 24);
        }
        noise[0] = 0x16;
        noise[1] = 3;
        noise[3] = 0;
        receive(&rig->server, noise, sizeof noise);
        receive(&rig->server, noise, sizeof noise);
        assert_true(rfx_tls_state(rig->server.tls) == RFX_TLS_FAILED);
        assert_int_equal(rig->server.plain_size, 0);
    }
}

static void test_stream_when_changed_on_its_way_then_it_has_failed(void **state)
{
    struct rig *rig = *state;
    open_ends(rig);
    run(rig, 4096);
    expect_open(rig);
    assert_true(rfx_tls_write(rig->client.tls, "good", 4));
    assert_true(carry(&rig->client, &rig->server, 4096));
    assert_true(rfx_tls_write(rig->client.tls, "evil", 4));
    rig->client.wire[rig->client.wire_size - 1] ^= 1;
    carry(&rig->client, &rig->server, 4096);
    expect_failed(&rig->server, "bad record mac");
    assert_int_equal(rig->server.plain_size, 4);
    assert_false(rfx_tls_write(rig->server.tls, "x", 1));
}

static void test_certificates_when_replaced_then_for_new_connections(void **state)
{
    struct rig *rig = *state;
    struct rfx_tls_context *next = NULL;
    struct rfx_error error;
    open_ends(rig);
    run(rig, 4096);
    char key[300];
    rig->config.tls.server_certificate_file = certificate_set_add(
        &rig->set, "next",
        &(struct certificate_wish){.common_name = "next", .alternative = "DNS:next.example"});
    snprintf(key, sizeof key, "%s/next.key", rig->set.directory);
    rig->config.tls.server_certificate_key_file = key;
    assert_int_equal(rfx_tls_context_open(&rig->config, &next, &error), RFX_OK);
    rfx_tls_source_replace(rig->source, next);
    assert_true(rfx_tls_write(rig->client.tls, "still", 5));
    run(rig, 4096);
    assert_int_equal(rig->server.plain_size, 5);
    open_ends(rig);
    run(rig, 4096);
    expect_failed(&rig->client, "hostname mismatch");
    rig->host = "next.example";
    open_ends(rig);
    run(rig, 4096);
    expect_open(rig);
}

static void expect_refused(struct rig *rig, const char *problem)
{
    struct rfx_tls_context *context = NULL;
    struct rfx_error error = {.text = ""};
    assert_int_not_equal(rfx_tls_context_open(&rig->config, &context, &error), RFX_OK);
    assert_null(context);
    if (strstr(error.text, problem) == NULL) {
        fail_msg("\"%s\", expected \"%s\"", error.text, problem);
    }
}

static void test_files_when_wrong_then_key_and_file_are_named(void **state)
{
    struct rig *rig = *state;
    const struct rfx_tls_config good = rig->config.tls;
    struct rfx_tls_config *tls = &rig->config.tls;
    char path[300];
    char problem[400];
    snprintf(path, sizeof path, "%s/absent", rig->set.directory);
    snprintf(problem, sizeof problem, "ServerCertificateFile=%s: No such file", path);
    tls->server_certificate_file = path;
    expect_refused(rig, problem);
    *tls = good;
    tls->server_certificate_key_file = rig->set.client_key_file;
    expect_refused(rig, "ServerCertificateKeyFile=");
    expect_refused(rig, "key values mismatch");
    *tls = good;
    tls->server_certificate_file = rig->set.server_key_file;
    expect_refused(rig, "no start line");
    *tls = good;
    tls->certification_authorities_file = rig->set.client_key_file;
    expect_refused(rig, "CertificationAuthoritiesFile=");
    *tls = good;
    tls->revocation_list_file = rig->set.ca_file;
    expect_refused(rig, "CertificateRevocationListFile=");
    *tls = good;
    tls->protocol = "SSLv3 TLSv1";
    expect_refused(rig, "leaves neither TLSv1.2 nor TLSv1.3");
    tls->protocol = "TLSv1.4";
    expect_refused(rig, "\"TLSv1.4\" is no version");
    *tls = good;
    tls->cipher_list = "NONE-SUCH";
    expect_refused(rig, "SSLCipherSuite");
    *tls = good;
    tls->cipher_suites = "NONE_SUCH";
    expect_refused(rig, "TLSCipherSuites");
}

static void test_ciphers_when_none_is_left_for_the_versions_then_refused(void **state)
{
    struct rig *rig = *state;
    rig->config.tls.protocol = "TLSv1.3";
    rig->config.tls.cipher_suites = "";
    expect_refused(rig, "leave no cipher for SSLProtocol=TLSv1.3");
    rig->config.tls.protocol = "TLSv1.2";
    rig->config.tls.cipher_list = "TLS_AES_128_GCM_SHA256";
    expect_refused(rig, "SSLCipherSuite");
}

static void test_key_when_it_has_a_passphrase_then_nobody_is_asked(void **state)
{
    struct rig *rig = *state;
    char path[300];
    snprintf(path, sizeof path, "%s/secret.key", rig->set.directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    char phrase[] = "secret";
    assert_int_equal(PEM_write_PrivateKey(file, rig->set.ca.key, EVP_aes_128_cbc(),
                                          (unsigned char *)phrase, 6, NULL, NULL),
                     1);
    assert_int_equal(fclose(file), 0);
    rig->config.tls.server_certificate_key_file = path;
    expect_refused(rig, "the key has a passphrase; store it without one");
}

#define TLS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TLS_TEST(test_streams_when_cut_anywhere_then_whole_at_the_other_end),
        TLS_TEST(test_versions_when_configured_then_no_other_is_spoken),
        TLS_TEST(test_server_when_its_certificate_is_not_right_then_the_client_says_why),
        TLS_TEST(test_server_when_named_otherwise_then_that_name_counts),
        TLS_TEST(test_server_when_one_of_several_names_is_its_own_then_that_is_enough),
        TLS_TEST(test_server_when_nobody_is_expected_then_its_certificate_is_not_taken),
        TLS_TEST(test_client_when_asked_for_a_certificate_then_it_needs_a_good_one),
        TLS_TEST(test_server_when_fed_with_anything_else_then_it_says_so),
        TLS_TEST(test_stream_when_changed_on_its_way_then_it_has_failed),
        TLS_TEST(test_certificates_when_replaced_then_for_new_connections),
        TLS_TEST(test_files_when_wrong_then_key_and_file_are_named),
        TLS_TEST(test_ciphers_when_none_is_left_for_the_versions_then_refused),
        TLS_TEST(test_key_when_it_has_a_passphrase_then_nobody_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
