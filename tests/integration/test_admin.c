/* What an operator sees and does while sessions trade. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringfix/admin.h"
#include "tests/integration/support_peer.h"
#include "tests/integration/support_server.h"

#define NAME "FIX.4.4:RINGFIX->ADMIN"

static int set_up(void **state)
{
    struct host *host = calloc(1, sizeof *host);
    assert_non_null(host);
    host_init(host, RFX_THREADING_SHARED, 2, 2);
    host_start(host);
    *state = host;
    return 0;
}

static int tear_down(void **state)
{
    host_free(*state);
    free(*state);
    return 0;
}

/* ------------------------------------------------------------------------------- looking */

struct copy {
    struct rfx_session_status status;
    char name[480];
    size_t count;
    size_t wanted; /* the visit ends after so many, 0: never */
};

static bool copy_one(void *context, const struct rfx_session_status *status)
{
    struct copy *copy = context;
    copy->status = *status;
    snprintf(copy->name, sizeof copy->name, "%s", status->name);
    copy->count++;
    return copy->count != copy->wanted;
}

static struct rfx_session_status look(struct host *host, const char *name)
{
    struct copy copy = {.count = 0};
    struct rfx_error error = {""};
    if (rfx_admin_sessions(host->server, name, copy_one, &copy, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(copy.count, 1);
    assert_string_equal(copy.name, name);
    return copy.status;
}

static void expect(rfx_status status, rfx_status expected, const struct rfx_error *error,
                   const char *part)
{
    if (status != expected || (part != NULL && strstr(error->text, part) == NULL)) {
        fail_msg("status %d, \"%s\"; expected %d, \"%s\"", (int)status, error->text, (int)expected,
                 part != NULL ? part : "");
    }
}

static void test_list_when_a_session_trades_then_its_numbers_and_counts_are_told(void **state)
{
    struct host *host = *state;
    struct peer peer;
    peer_init(&peer, "ADMIN");
    peer_logon(&peer, host->port);
    peer_trade(&peer, "A1");
    peer_trade(&peer, "A2");
    const struct rfx_session_status now = look(host, NAME);
    assert_int_equal(now.state, RFX_ACTIVE);
    assert_true(now.is_logged_on && now.is_from_template && !now.is_disabled && !now.is_removed);
    assert_int_equal(now.role, RFX_ROLE_ACCEPTOR);
    assert_int_equal(now.next_in, 4);
    assert_int_equal(now.next_out, 4);
    assert_int_equal(now.counts.messages_in, 3);
    assert_int_equal(now.counts.messages_out, 3);
    assert_int_equal(now.counts.logons, 1);
    assert_true(now.counts.bytes_in > 150 && now.counts.bytes_out > 150);
    assert_true(now.connected_utc_ns > 0 && now.logged_on_utc_ns >= now.connected_utc_ns);
    assert_true(now.last_in_utc_ns >= now.logged_on_utc_ns);
    assert_true(now.created_utc_ns > 0);
    peer_logout(&peer);
    host_await_end(host, "ADMIN");
    const struct rfx_session_status then = look(host, NAME);
    assert_false(then.is_logged_on);
    assert_int_equal(then.connected_utc_ns, 0);
    assert_int_equal(then.counts.disconnects, 1);
    assert_int_equal(then.last_reason, RFX_REASON_LOGOUT_RECEIVED);
    peer_free(&peer);
}

static void test_counts_when_resent_missing_and_rejected_then_each_is_counted(void **state)
{
    struct host *host = *state;
    char garbled[256];
    struct peer peer;
    peer_init(&peer, "ADMIN");
    peer_logon(&peer, host->port);
    peer_trade(&peer, "A1");
    assert_true(peer_send(&peer, "35=2|7=1|16=0"));
    peer_expect(&peer, "4");
    peer_expect(&peer, "8");
    size_t size = peer_compose(&peer, "35=0", garbled, sizeof garbled);
    garbled[size - 2] = garbled[size - 2] == '0' ? '1' : '0';
    assert_true(peer_send_bytes(&peer, garbled, size));
    assert_true(peer_send(&peer, "35=3|45=1"));
    peer_expect(&peer, "2"); /* the garbled one is missing */
    const struct rfx_session_status now = look(host, NAME);
    assert_int_equal(now.counts.resend_requests_in, 1);
    assert_int_equal(now.counts.resend_requests_out, 1);
    assert_int_equal(now.counts.messages_resent, 1);
    assert_int_equal(now.counts.rejects_in, 1);
    assert_true(now.gap_last > 0);
    assert_true(now.queued_bytes > 0);
    peer_free(&peer);
}

static void test_list_when_many_sessions_then_each_is_told_once(void **state)
{
    enum { COUNT = 300 }; /* more than a slice of each shard */
    struct host *host = *state;
    struct copy copy = {.count = 0};
    struct rfx_error error;
    for (int i = 0; i < COUNT; i++) {
        struct peer peer;
        char name[16];
        snprintf(name, sizeof name, "P%d", i);
        peer_init(&peer, name);
        peer_logon(&peer, host->port);
        peer_free(&peer);
    }
    assert_int_equal(rfx_admin_sessions(host->server, NULL, copy_one, &copy, &error), RFX_OK);
    assert_int_equal(copy.count, COUNT);
    copy = (struct copy){.wanted = 7};
    assert_int_equal(rfx_admin_sessions(host->server, NULL, copy_one, &copy, &error), RFX_OK);
    assert_int_equal(copy.count, 7);
}

static void test_session_when_unknown_then_not_found(void **state)
{
    struct host *host = *state;
    struct copy copy = {.count = 0};
    struct rfx_error error;
    expect(rfx_admin_sessions(host->server, "FIX.4.4:X->Y", copy_one, &copy, &error),
           RFX_E_NOT_FOUND, &error, "there is no session FIX.4.4:X->Y");
    expect(rfx_admin_disable(host->server, "FIX.4.4:X->Y", &error), RFX_E_NOT_FOUND, &error,
           "there is no session FIX.4.4:X->Y");
    expect(rfx_admin_reset(host->server, "", &error), RFX_E_NOT_FOUND, &error, NULL);
}

/* -------------------------------------------------------------------------------- acting */

static void test_logout_when_asked_for_then_text_is_sent_and_it_may_come_back(void **state)
{
    struct host *host = *state;
    struct rfx_error error;
    struct peer peer;
    peer_init(&peer, "ADMIN");
    peer_logon(&peer, host->port);
    expect(rfx_admin_logout(host->server, NAME, "", &error), RFX_E_INVALID, &error, NULL);
    expect(rfx_admin_logout(host->server, NAME, "a\tb", &error), RFX_E_INVALID, &error, "ASCII");
    expect(rfx_admin_logout(host->server, NAME, "maintenance", &error), RFX_OK, &error, NULL);
    peer_expect(&peer, "5");
    assert_true(peer_is(&peer, 58, "maintenance"));
    assert_true(peer_send(&peer, "35=5"));
    peer_expect_end(&peer);
    host_await_end(host, "ADMIN");
    expect(rfx_admin_logout(host->server, NAME, NULL, &error), RFX_E_STATE, &error,
           "is not logged on");
    peer_close(&peer);
    peer_logon(&peer, host->port);
    peer_logout(&peer);
    peer_free(&peer);
}

static void test_disable_when_logged_on_then_out_until_enabled(void **state)
{
    struct host *host = *state;
    struct rfx_error error;
    struct peer peer;
    peer_init(&peer, "ADMIN");
    peer_logon(&peer, host->port);
    expect(rfx_admin_disable(host->server, NAME, &error), RFX_OK, &error, NULL);
    peer_expect(&peer, "5");
    assert_true(peer_is(&peer, 58, "The session is disabled"));
    assert_true(peer_send(&peer, "35=5"));
    peer_expect_end(&peer);
    assert_int_equal(host_await_end(host, "ADMIN").reason, RFX_REASON_DISABLED);
    assert_true(look(host, NAME).is_disabled);
    peer_close(&peer);
    for (int i = 0; i < 2; i++) {
        peer_connect(&peer, host->port);
        assert_true(peer_send(&peer, "35=A|98=0|108=30"));
        peer_expect(&peer, "5");
        assert_true(peer_is(&peer, 58, "The session is disabled"));
        peer_expect_end(&peer);
        assert_int_equal(host_await_end(host, "ADMIN").reason, RFX_REASON_DISABLED);
        peer_close(&peer);
        peer.identity.seq_num--; /* a refused Logon uses no number up */
        expect(rfx_admin_disable(host->server, NAME, &error), RFX_OK, &error, NULL);
    }
    expect(rfx_admin_enable(host->server, NAME, &error), RFX_OK, &error, NULL);
    expect(rfx_admin_enable(host->server, NAME, &error), RFX_OK, &error, NULL);
    peer_logon(&peer, host->port);
    peer_trade(&peer, "A1");
    peer_logout(&peer);
    peer_free(&peer);
}

static void test_disconnect_when_asked_for_then_the_connection_ends(void **state)
{
    struct host *host = *state;
    struct rfx_error error;
    struct peer peer;
    peer_init(&peer, "ADMIN");
    peer_logon(&peer, host->port);
    expect(rfx_admin_disconnect(host->server, NAME, &error), RFX_OK, &error, NULL);
    peer_expect_end(&peer);
    assert_int_equal(host_await_end(host, "ADMIN").reason, RFX_REASON_APPLICATION);
    expect(rfx_admin_disconnect(host->server, NAME, &error), RFX_E_STATE, &error,
           "has no connection");
    peer_free(&peer);
}

static void test_test_request_when_answered_then_round_trip_is_known(void **state)
{
    struct host *host = *state;
    struct rfx_error error;
    struct peer peer;
    peer_init(&peer, "ADMIN");
    peer_logon(&peer, host->port);
    assert_int_equal(look(host, NAME).round_trip_ns, 0);
    expect(rfx_admin_test_request(host->server, NAME, &error), RFX_OK, &error, NULL);
    peer_expect(&peer, "1");
    expect(rfx_admin_test_request(host->server, NAME, &error), RFX_E_STATE, &error, "unanswered");
    assert_true(peer_send(&peer, "35=0|112=TEST"));
    peer_ping(&peer);
    assert_true(look(host, NAME).round_trip_ns > 0);
    peer_logout(&peer);
    host_await_end(host, "ADMIN");
    expect(rfx_admin_test_request(host->server, NAME, &error), RFX_E_STATE, &error,
           "is not logged on");
    peer_free(&peer);
}

static void test_numbers_when_set_then_the_next_logon_has_them(void **state)
{
    struct host *host = *state;
    struct rfx_error error;
    struct peer peer;
    peer_init(&peer, "ADMIN");
    peer_logon(&peer, host->port);
    expect(rfx_admin_set_numbers(host->server, NAME, 9, 9, &error), RFX_E_STATE, &error,
           "disable it first");
    expect(rfx_admin_reset(host->server, NAME, &error), RFX_E_STATE, &error, "disable it first");
    peer_logout(&peer);
    host_await_end(host, "ADMIN");
    expect(rfx_admin_set_numbers(host->server, NAME, 2, 0, &error), RFX_E_INVALID, &error,
           "cannot be lowered");
    expect(rfx_admin_set_numbers(host->server, NAME, 100, 50, &error), RFX_OK, &error, NULL);
    assert_int_equal(look(host, NAME).next_out, 100);
    assert_int_equal(look(host, NAME).next_in, 50);
    host_begin_stop(host); /* and they outlive the process */
    host_stop(host);
    host_start(host);
    peer_close(&peer);
    peer.identity.seq_num = 50;
    peer_connect(&peer, host->port);
    assert_true(peer_send(&peer, "35=A|98=0|108=30"));
    peer_expect(&peer, "A");
    assert_int_equal(peer_uint(&peer, 34), 100);
    peer_trade(&peer, "A1");
    peer_logout(&peer);
    host_await_end(host, "ADMIN");
    expect(rfx_admin_reset(host->server, NAME, &error), RFX_OK, &error, NULL);
    assert_int_equal(look(host, NAME).next_out, 1);
    assert_int_equal(look(host, NAME).next_in, 1);
    peer_free(&peer);
}

/* ------------------------------------------------------------------------------- trouble */

static _Atomic bool may_return;

static void stand_still(void *context, struct rfx_session *session,
                        const struct rfx_message *message)
{
    (void)context;
    (void)session;
    (void)message;
    while (!atomic_load(&may_return)) {
    }
}

static void test_question_when_a_callback_stands_still_then_it_ends(void **state)
{
    struct host *host = *state;
    struct copy copy = {.count = 0};
    struct rfx_error error;
    struct peer peer;
    host_begin_stop(host);
    host_stop(host);
    host->app.on_message = stand_still;
    host_start(host);
    peer_init(&peer, "ADMIN");
    peer_logon(&peer, host->port);
    peer_send_order(&peer, "A1");
    rfx_status status = RFX_OK;
    while (status == RFX_OK) { /* until the order has come */
        copy = (struct copy){.count = 0};
        status = rfx_admin_sessions(host->server, NAME, copy_one, &copy, &error);
    }
    expect(status, RFX_E_FULL, &error, "does not answer within");
    atomic_store(&may_return, true);
    peer_ping(&peer);
    assert_true(look(host, NAME).is_logged_on);
    peer_free(&peer);
}

static bool never(void *context, struct rfx_session *session, const void *data, size_t size)
{
    (void)context;
    (void)session;
    (void)data;
    (void)size;
    fail_msg("a task runs after the server has stopped");
    return true;
}

static void test_question_when_the_server_has_stopped_then_said_at_once(void **state)
{
    struct host *host = *state;
    struct peer peer;
    struct copy copy = {.count = 0};
    struct rfx_error error;
    peer_init(&peer, "PEER");
    peer_logon(&peer, host->port);
    struct rfx_session *session = rfx_server_find_session(host->server, NAME);
    rfx_server_stop(host->server);
    peer_expect(&peer, "5");
    peer_free(&peer);
    assert_int_equal(rfx_server_wait(host->server, &error), RFX_OK);
    expect(rfx_admin_sessions(host->server, NULL, copy_one, &copy, &error), RFX_E_STATE, &error,
           "the server has stopped");
    if (session != NULL) {
        assert_int_equal(rfx_session_post(session, never, NULL, 0), RFX_E_STATE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_list_when_a_session_trades_then_its_numbers_and_counts_are_told, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_counts_when_resent_missing_and_rejected_then_each_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_list_when_many_sessions_then_each_is_told_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_session_when_unknown_then_not_found, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_logout_when_asked_for_then_text_is_sent_and_it_may_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_disable_when_logged_on_then_out_until_enabled, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_disconnect_when_asked_for_then_the_connection_ends,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_test_request_when_answered_then_round_trip_is_known,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_numbers_when_set_then_the_next_logon_has_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_question_when_the_server_has_stopped_then_said_at_once,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_question_when_a_callback_stands_still_then_it_ends,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
