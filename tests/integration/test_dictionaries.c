/* Dictionary files named in the configuration: used, or refused at start. */
#include <stdlib.h>
#include <string.h>

#include "tests/integration/support_peer.h"
#include "tests/integration/support_server.h"

#define ORDER "|21=1|55=X|54=1|60=@0|38=1|40=1"

static struct host *with_dictionary(const char *path)
{
    struct host *host = calloc(1, sizeof *host);
    assert_non_null(host);
    host_init(host, RFX_THREADING_SHARED, 1, 1);
    host->sessions[0].use_data_dictionary = true;
    host->sessions[0].data_dictionary = path;
    return host;
}

static void test_dictionary_when_from_a_file_then_messages_are_held_against_it(void **state)
{
    (void)state;
    struct host *host = with_dictionary(RFX_SOURCE_DIR "/dict/FIX44.dict");
    struct peer peer;
    host_start(host);
    peer_init(&peer, "PEER");
    peer_logon(&peer, host->port);
    assert_true(peer_send(&peer, "35=D|11=good" ORDER));
    peer_expect_report(&peer, "good");
    assert_true(peer_send(&peer, "35=D|11=bad|9999=1" ORDER));
    peer_expect(&peer, "3");
    assert_true(peer_is(&peer, 371, "9999"));
    assert_true(peer_is(&peer, 373, "0"));
    peer_logout(&peer);
    peer_free(&peer);
    host_free(host);
    free(host);
}

static void expect_refused(const char *path, const char *why)
{
    struct host *host = with_dictionary(path);
    struct rfx_error error = {""};
    assert_int_not_equal(rfx_server_open(&host->config, &host->app, &host->server, &error), RFX_OK);
    if (strstr(error.text, why) == NULL) {
        fail_msg("\"%s\" instead of \"%s\"", error.text, why);
    }
    host_free(host);
    free(host);
}

static void test_dictionary_when_unfit_then_the_server_does_not_start(void **state)
{
    (void)state;
    expect_refused(RFX_SOURCE_DIR "/dict/FIX42.dict", "is for FIX.4.2, but a session uses it for");
    expect_refused(RFX_SOURCE_DIR "/README.md", "README.md:3:");
    expect_refused(RFX_SOURCE_DIR "/dict/FIX99.dict", "FIX99.dict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dictionary_when_from_a_file_then_messages_are_held_against_it),
        cmocka_unit_test(test_dictionary_when_unfit_then_the_server_does_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
