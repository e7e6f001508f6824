/* Sessions come, change and go while others trade. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringfix/admin.h"
#include "tests/integration/support_peer.h"
#include "tests/integration/support_server.h"

#define SESSIONS_MAX 40

struct rig {
    struct host host;
    struct rfx_config config; /* what the next reload gets */
    struct rfx_session_config sessions[SESSIONS_MAX];
};

static struct rfx_session_config make_session(const char *target)
{
    struct rfx_session_config session = rfx_session_config_default;
    strcpy(session.begin_string, "FIX.4.4");
    strcpy(session.sender_comp_id, "RINGFIX");
    strcpy(session.target_comp_id, target);
    session.acceptor_template = strcmp(target, "*") == 0;
    return session;
}

static void add(struct rig *rig, struct rfx_session_config session)
{
    assert_true(rig->config.session_count < SESSIONS_MAX);
    rig->sessions[rig->config.session_count++] = session;
}

static struct rfx_session_config *find(struct rig *rig, const char *target)
{
    for (size_t i = 0; i < rig->config.session_count; i++) {
        if (strcmp(rig->sessions[i].target_comp_id, target) == 0) {
            return &rig->sessions[i];
        }
    }
    fail_msg("no %s", target);
    return NULL;
}

static void take_out(struct rig *rig, const char *target)
{
    *find(rig, target) = rig->sessions[rig->config.session_count - 1];
    rig->config.session_count--;
}

/* A server with A and B. */
static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    host_init(&rig->host, RFX_THREADING_SHARED, 2, 2);
    rig->config = rig->host.config;
    rig->config.sessions = rig->sessions;
    rig->config.session_count = 0;
    add(rig, make_session("A"));
    add(rig, make_session("B"));
    rig->host.config.sessions = rig->sessions;
    rig->host.config.session_count = rig->config.session_count;
    host_start(&rig->host);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    host_free(&rig->host);
    free(rig);
    return 0;
}

static struct rfx_reload reload(struct rig *rig)
{
    struct rfx_reload report;
    struct rfx_error error = {""};
    if (rfx_admin_reload(rig->host.server, &rig->config, &report, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(report.failed, 0);
    return report;
}

static void expect_report(struct rfx_reload report, size_t added, size_t changed, size_t removed,
                          size_t unchanged)
{
    assert_int_equal(report.added, added);
    assert_int_equal(report.changed, changed);
    assert_int_equal(report.removed, removed);
    assert_int_equal(report.unchanged, unchanged);
}

static void expect_refused(struct rig *rig, struct peer *peer)
{
    peer_connect(peer, rig->host.port);
    assert_true(peer_send(peer, "35=A|98=0|108=30"));
    peer_expect_end(peer);
    peer_close(peer);
    peer->identity.seq_num--;
}

static void test_nothing_when_the_same_then_nothing_is_done(void **state)
{
    struct rig *rig = *state;
    struct peer peer;
    peer_init(&peer, "A");
    peer_logon(&peer, rig->host.port);
    for (int i = 0; i < 3; i++) {
        expect_report(reload(rig), 0, 0, 0, 2);
    }
    peer_trade(&peer, "A1");
    peer_logout(&peer);
    peer_free(&peer);
}

static void test_session_when_added_then_it_trades_and_is_found(void **state)
{
    struct rig *rig = *state;
    struct peer a;
    struct peer c;
    peer_init(&a, "A");
    peer_init(&c, "C");
    peer_logon(&a, rig->host.port);
    expect_refused(rig, &c);
    assert_null(rfx_server_find_session(rig->host.server, "FIX.4.4:RINGFIX->C"));
    add(rig, make_session("C"));
    expect_report(reload(rig), 1, 0, 0, 2);
    assert_non_null(rfx_server_find_session(rig->host.server, "FIX.4.4:RINGFIX->C"));
    peer_logon(&c, rig->host.port);
    peer_trade(&c, "C1");
    peer_trade(&a, "A1");
    peer_logout(&c);
    peer_logout(&a);
    peer_free(&a);
    peer_free(&c);
}

static void test_session_when_removed_then_logged_out_and_refused_until_added_again(void **state)
{
    struct rig *rig = *state;
    struct peer a;
    struct peer b;
    peer_init(&a, "A");
    peer_init(&b, "B");
    peer_logon(&a, rig->host.port);
    peer_logon(&b, rig->host.port);
    peer_trade(&a, "A1");
    struct rfx_session *before = rfx_server_find_session(rig->host.server, "FIX.4.4:RINGFIX->A");
    take_out(rig, "A");
    expect_report(reload(rig), 0, 0, 1, 1);
    peer_expect(&a, "5");
    assert_true(peer_is(&a, 58, "The session is no longer configured"));
    assert_true(peer_send(&a, "35=5"));
    peer_expect_end(&a);
    assert_int_equal(host_await_end(&rig->host, "A").reason, RFX_REASON_RECONFIGURED);
    peer_close(&a);
    assert_null(rfx_server_find_session(rig->host.server, "FIX.4.4:RINGFIX->A"));
    expect_refused(rig, &a);
    peer_trade(&b, "B1");
    add(rig, make_session("A"));
    expect_report(reload(rig), 1, 0, 0, 1);
    assert_ptr_equal(rfx_server_find_session(rig->host.server, "FIX.4.4:RINGFIX->A"), before);
    peer_logon(&a, rig->host.port); /* with the numbers it had */
    peer_trade(&a, "A2");
    peer_logout(&a);
    peer_logout(&b);
    peer_free(&a);
    peer_free(&b);
}

static void test_session_when_changed_then_it_goes_on_with_the_new_settings(void **state)
{
    struct rig *rig = *state;
    struct peer a;
    struct peer b;
    peer_init(&a, "A");
    peer_init(&b, "B");
    peer_logon(&a, rig->host.port);
    peer_logon(&b, rig->host.port);
    find(rig, "A")->allowed_addresses = "192.0.2.1";
    expect_report(reload(rig), 0, 1, 0, 1);
    peer_expect(&a, "5");
    assert_true(peer_is(&a, 58, "The session's configuration has changed"));
    assert_true(peer_send(&a, "35=5"));
    peer_expect_end(&a);
    peer_close(&a);
    expect_refused(rig, &a);
    find(rig, "A")->allowed_addresses = NULL;
    find(rig, "A")->enable_last_msg_seq_num_processed = true;
    expect_report(reload(rig), 0, 1, 0, 1);
    peer_logon(&a, rig->host.port);
    assert_true(peer_uint(&a, 369) > 0);
    peer_trade(&b, "B1");
    peer_logout(&a);
    peer_logout(&b);
    peer_free(&a);
    peer_free(&b);
}

static void test_template_when_added_changed_and_removed_then_its_sessions_follow(void **state)
{
    struct rig *rig = *state;
    struct peer peer;
    peer_init(&peer, "ANYBODY");
    expect_refused(rig, &peer);
    add(rig, make_session("*"));
    expect_report(reload(rig), 1, 0, 0, 2);
    peer_logon(&peer, rig->host.port);
    peer_trade(&peer, "X1");
    find(rig, "*")->enable_last_msg_seq_num_processed = true;
    expect_report(reload(rig), 0, 1, 0, 2);
    peer_expect(&peer, "5");
    assert_true(peer_send(&peer, "35=5"));
    peer_expect_end(&peer);
    peer_close(&peer);
    peer_logon(&peer, rig->host.port);
    assert_true(peer_uint(&peer, 369) > 0);
    take_out(rig, "*");
    expect_report(reload(rig), 0, 0, 1, 2);
    peer_expect(&peer, "5");
    assert_true(peer_send(&peer, "35=5"));
    peer_expect_end(&peer);
    peer_close(&peer);
    expect_refused(rig, &peer);
    peer_free(&peer);
}

static void test_configuration_when_wrong_then_nothing_is_done(void **state)
{
    struct rig *rig = *state;
    struct rfx_reload report;
    struct rfx_error error = {""};
    add(rig, make_session("C"));
    take_out(rig, "B");
    find(rig, "C")->data_dictionary = "/nowhere/FIX44.xml";
    assert_int_equal(rfx_admin_reload(rig->host.server, &rig->config, &report, &error), RFX_E_IO);
    assert_non_null(strstr(error.text, "/nowhere/FIX44.xml"));
    find(rig, "C")->data_dictionary = NULL;
    find(rig, "A")->role = RFX_ROLE_INITIATOR;
    find(rig, "A")->hosts[0] = (struct rfx_host){.name = "127.0.0.1", .port = 1};
    assert_int_equal(rfx_admin_reload(rig->host.server, &rig->config, &report, &error),
                     RFX_E_STATE);
    assert_non_null(strstr(error.text, "ConnectionType"));
    assert_null(rfx_server_find_session(rig->host.server, "FIX.4.4:RINGFIX->C"));
    assert_non_null(rfx_server_find_session(rig->host.server, "FIX.4.4:RINGFIX->B"));
}

static void test_server_settings_when_different_then_they_wait_for_a_restart(void **state)
{
    struct rig *rig = *state;
    rig->config.send_queue_size *= 2;
    rig->config.shards = 1;
    assert_int_equal(reload(rig).needs_restart, 2);
    assert_int_equal(rfx_server_shards(rig->host.server), 2);
}

/* Many come, change and go, again and again, while one trades. */
static void test_sessions_when_changed_again_and_again_then_the_others_trade(void **state)
{
    enum { ROUNDS = 30, EXTRAS = 30 };
    struct rig *rig = *state;
    struct peer a;
    struct peer extra;
    peer_init(&a, "A");
    peer_init(&extra, "E7");
    peer_logon(&a, rig->host.port);
    for (int round = 0; round < ROUNDS; round++) {
        char id[16];
        for (int i = 0; i < EXTRAS && round % 2 == 0; i++) {
            snprintf(id, sizeof id, "E%d", i);
            struct rfx_session_config session = make_session(id);
            session.heartbeat_s = 10 + (uint32_t)round;
            add(rig, session);
        }
        if (round % 2 == 1) {
            rig->config.session_count = 2;
        }
        const struct rfx_reload report = reload(rig);
        assert_int_equal(report.added, round % 2 == 0 ? EXTRAS : 0);
        assert_int_equal(report.removed, round % 2 == 1 ? EXTRAS : 0);
        snprintf(id, sizeof id, "A%d", round);
        peer_trade(&a, id);
        if (round % 2 == 0) {
            peer_logon(&extra, rig->host.port);
            peer_trade(&extra, id);
        } else {
            peer_expect(&extra, "5");
            assert_true(peer_send(&extra, "35=5"));
            peer_expect_end(&extra);
            peer_close(&extra);
        }
    }
    peer_logout(&a);
    peer_free(&a);
    peer_free(&extra);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_when_the_same_then_nothing_is_done, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_session_when_added_then_it_trades_and_is_found, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_session_when_removed_then_logged_out_and_refused_until_added_again, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_session_when_changed_then_it_goes_on_with_the_new_settings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_template_when_added_changed_and_removed_then_its_sessions_follow, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(test_configuration_when_wrong_then_nothing_is_done, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_server_settings_when_different_then_they_wait_for_a_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_sessions_when_changed_again_and_again_then_the_others_trade, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
