/* The turn itself: rings that are full, timers, many sessions, the orderly end. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_shard.h"

#define MANY 1000

static void remember(void *context, struct rfx_session *session, bool is_healthy)
{
    struct shard_rig *rig = context;
    (void)is_healthy;
    rig->user = session;
}

/* Sessions C0, C1, ... on the connections of the same number. */
static struct shard_rig *with_sessions(void **state, uint32_t count)
{
    struct shard_rig *rig = *state;
    rig->config.sessions_max = count;
    rig->app.on_logon = remember;
    rig->app.on_connect = NULL;
    shard_rig_open(rig);
    for (uint32_t i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "C%u", i);
        shard_rig_receive(rig, i, name, "35=A|34=1|98=0|108=30");
        if (i % 100 == 99) {
            shard_rig_settle(rig);
        }
    }
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    assert_int_equal(rig->session_count, count);
    rig->sent_count = 0;
    return rig;
}

static size_t count_of(const struct shard_rig *rig, const char *text)
{
    size_t count = 0;
    for (const char *at = rig->trace.data; (at = strstr(at, text)) != NULL; at++) {
        count++;
    }
    return count;
}

/* ------------------------------------------------------------------------------ a full ring */

static void test_ring_when_full_then_the_shard_waits_and_goes_on(void **state)
{
    struct shard_rig *rig = *state;
    rig->ring_size = 4096; /* some 25 messages */
    with_sessions(state, 2);
    rig->is_wire_blocked = true;
    struct rfx_session *session = rig->user;
    int sent = 0;
    while (sent < 100 && shard_rig_send(session, "8", 37, "X") == RFX_OK) {
        sent++;
    }
    assert_int_equal(sent, 100);
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    assert_int_equal(count_of(rig, "message"), 100); /* stored, as one batch */
    size_t appends = rig->journal.append_count;

    /* Nothing new while the loop is behind: not sent, not read, not stored. */
    shard_rig_receive(rig, 0, "C0", "35=1|34=2|112=LATER");
    assert_int_equal(shard_rig_send(session, "8", 37, "X"), RFX_E_FULL);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(shard_rig_turn(rig), RFX_OK);
    }
    assert_int_equal(rig->journal.append_count, appends);
    assert_true(rfx_shard_has_input(rig->shard));
    assert_int_equal(rfx_shard_deadline_ns(rig->shard), 0); /* it wants to try again */

    rig->is_wire_blocked = false;
    shard_rig_settle(rig);
    assert_int_equal(rig->sent_count, 101);
    assert_int_equal(count_of(rig, "wire 1 > ExecutionReport"), 100);
    assert_true(shard_rig_saw(rig, "wire 0 > Heartbeat seq=2 112=LATER\n"));
    assert_int_equal(rig->journal.append_count, appends + 1);
    for (int i = 2; i <= 101; i++) {
        char line[64];
        snprintf(line, sizeof line, "wire 1 > ExecutionReport seq=%d 37=X\n", i);
        assert_int_equal(count_of(rig, line), 1);
    }
}

static void test_ring_when_one_of_two_is_full_then_order_is_kept(void **state)
{
    struct shard_rig *rig = *state;
    rig->ring_size = 4096;
    rig->app.on_logon = remember;
    shard_rig_open(rig);
    shard_rig_receive_on(rig, 1, 1, "B", "35=A|34=1|98=0|108=30");
    shard_rig_settle(rig);
    struct rfx_session *b = rig->user;
    shard_rig_receive_on(rig, 0, 2, "A", "35=A|34=1|98=0|108=30");
    shard_rig_settle(rig);
    struct rfx_session *a = rig->user;
    shard_rig_forget(rig);
    rig->is_wire_blocked = true;
    for (int i = 0; i < 60; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        assert_int_equal(shard_rig_send(i % 20 == 0 ? b : a, "8", 37, id), RFX_OK);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(shard_rig_turn(rig), RFX_OK);
    }
    rig->is_wire_blocked = false;
    shard_rig_settle(rig);
    assert_int_equal(count_of(rig, "wire 2 > ExecutionReport"), 57);
    assert_int_equal(count_of(rig, "wire 1 > ExecutionReport"), 3);
    const char *last = strstr(rig->trace.data, "wire 2 > ExecutionReport seq=58 37=59\n");
    const char *first = strstr(rig->trace.data, "wire 2 > ExecutionReport seq=2 37=1\n");
    assert_true(first != NULL && last != NULL && first < last);
}

/* A ring that is full in the middle of a resend and a reset must not mix batches. */
static void test_ring_when_full_during_a_resend_then_it_still_completes(void **state)
{
    struct shard_rig *rig = *state;
    rig->ring_size = 4096;
    with_sessions(state, 1);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(shard_rig_send(rig->user, "8", 37, "X"), RFX_OK);
    }
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 0, "C0", "35=2|34=2|7=1|16=0");
    for (int i = 0; i < 1000; i++) {
        rig->is_wire_blocked = i % 3 != 0;
        assert_int_equal(shard_rig_turn(rig), RFX_OK);
    }
    rig->is_wire_blocked = false;
    shard_rig_settle(rig);
    assert_int_equal(count_of(rig, "ExecutionReport"), 200);
    assert_int_equal(count_of(rig, "43=Y 122=0.000 37=X"), 200);
}

/* ----------------------------------------------------------------------------------- timers */

static void test_timers_when_there_are_many_sessions_then_each_heartbeat_comes_in_time(void **state)
{
    struct shard_rig *rig = with_sessions(state, MANY);
    shard_rig_advance(rig, 29999);
    assert_int_equal(rig->sent_count, 0);
    shard_rig_advance(rig, 1);
    assert_int_equal(rig->sent_count, MANY);
    assert_int_equal(count_of(rig, "> Heartbeat seq=2\n"), MANY);
    shard_rig_forget(rig);
    for (uint32_t i = 0; i < MANY; i += 2) { /* the odd ones stay silent */
        char name[16];
        snprintf(name, sizeof name, "C%u", i);
        shard_rig_receive(rig, i, name, "35=0|34=2");
    }
    shard_rig_advance(rig, 6000);
    assert_int_equal(count_of(rig, "> TestRequest seq=3 112=TEST\n"), MANY / 2);
    assert_false(shard_rig_saw(rig, "wire 0 >"));
    assert_true(shard_rig_saw(rig, "wire 1 >"));
    shard_rig_advance(rig, 29999);
    assert_int_equal(rig->close_count, 0);
    shard_rig_advance(rig, 6001);
    assert_int_equal(rig->close_count, MANY / 2); /* at 72 s */
    shard_rig_advance(rig, 30000);
    assert_int_equal(rig->close_count, MANY);
}

static void test_deadline_when_idle_then_the_next_heartbeat(void **state)
{
    struct shard_rig *rig = with_sessions(state, 1);
    uint64_t start_ns = rig->start_ns;
    shard_rig_advance(rig, 12345);
    assert_int_equal(rfx_shard_deadline_ns(rig->shard), start_ns + 30 * RFX_NS_PER_S);
    assert_int_equal(rig->sent_count, 0);
    shard_rig_receive(rig, 0, "C0", "35=1|34=2|112=T"); /* the answer moves the Heartbeat */
    shard_rig_settle(rig);
    rig->sent_count = 0;
    shard_rig_advance(rig, 29999);
    assert_int_equal(rig->sent_count, 0);
    shard_rig_advance(rig, 1);
    assert_int_equal(rig->sent_count, 1);
}

static void test_deadline_when_nothing_is_due_then_never(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    shard_rig_settle(rig);
    assert_int_equal(rfx_shard_deadline_ns(rig->shard), RFX_NEVER_NS);
    rfx_status status;
    const struct rfx_now now = {.mono_ns = 1};
    assert_int_equal(rfx_shard_work(rig->shard, now, &status, &rig->error), 0);
}

static uint64_t every_second(void *context, struct rfx_shard *shard, uint64_t now_ns)
{
    size_t *count = ((struct shard_rig *)context)->user;
    assert_int_equal(rfx_shard_index(shard), 0);
    ++*count;
    return now_ns + RFX_NS_PER_S;
}

static void test_on_turn_when_it_asks_for_a_time_then_called_by_then(void **state)
{
    struct shard_rig *rig = *state;
    size_t count = 0;
    rig->user = &count;
    rig->app.on_turn = every_second;
    shard_rig_open(rig);
    shard_rig_advance(rig, 10000);
    assert_in_range(count, 11, 13);
}

/* ------------------------------------------------------------------------------------- stop */

static void test_stop_when_answered_then_stopped(void **state)
{
    struct shard_rig *rig = with_sessions(state, 2);
    rfx_shard_stop(rig->shard);
    shard_rig_settle(rig);
    assert_int_equal(count_of(rig, "> Logout seq=2 58=the server stops\n"), 2);
    assert_false(rfx_shard_is_stopped(rig->shard));
    shard_rig_receive(rig, 0, "C0", "35=5|34=2");
    shard_rig_settle(rig);
    assert_false(rfx_shard_is_stopped(rig->shard));
    shard_rig_receive(rig, 1, "C1", "35=5|34=2");
    shard_rig_settle(rig);
    assert_true(rfx_shard_is_stopped(rig->shard));
    assert_int_equal(count_of(rig, "on_disconnect: the server stops\n"), 2);
    assert_int_equal(count_of(rig, "close: the server stops\n"), 2);
}

static void test_stop_when_not_answered_then_stopped_after_logout_timeout(void **state)
{
    struct shard_rig *rig = with_sessions(state, 2);
    rfx_shard_stop(rig->shard);
    shard_rig_advance(rig, 1999);
    assert_false(rfx_shard_is_stopped(rig->shard));
    shard_rig_advance(rig, 1);
    shard_rig_settle(rig);
    assert_true(rfx_shard_is_stopped(rig->shard));
    assert_int_equal(rig->close_count, 2);
}

static void test_stop_when_nobody_is_there_then_stopped_at_once(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    shard_rig_settle(rig);
    rfx_shard_stop(rig->shard);
    shard_rig_settle(rig);
    assert_true(rfx_shard_is_stopped(rig->shard));
}

static void test_stop_when_a_logon_comes_then_refused(void **state)
{
    struct shard_rig *rig = with_sessions(state, 1);
    rfx_shard_stop(rig->shard);
    shard_rig_receive(rig, 5, "NEW", "35=A|34=1|98=0|108=30");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 5 close: the server stops\n"));
    assert_int_equal(rig->session_count, 1);
}

static void test_stop_when_a_session_waits_for_its_logout_answer_then_not_asked_twice(void **state)
{
    struct shard_rig *rig = with_sessions(state, 1);
    assert_int_equal(rfx_session_logout(rig->user, NULL), RFX_OK);
    shard_rig_settle(rig);
    rfx_shard_stop(rig->shard);
    shard_rig_advance(rig, 2000);
    assert_int_equal(count_of(rig, "> Logout"), 1);
    assert_true(rfx_shard_is_stopped(rig->shard));
}

static void test_stop_when_initiator_is_disconnected_then_no_more_connects(void **state)
{
    struct shard_rig *rig = *state;
    struct rfx_session_config *config = &rig->sessions[1];
    *config = rig->sessions[0];
    config->role = RFX_ROLE_INITIATOR;
    config->acceptor_template = false;
    strcpy(config->target_comp_id, "EXCHANGE");
    config->hosts[0] = (struct rfx_host){.name = "exchange.example", .port = 9876};
    rig->config.session_count = 2;
    shard_rig_open(rig);
    shard_rig_add(rig, config, "EXCHANGE");
    shard_rig_log_on(rig, 1, "A"); /* keeps the shard from being stopped at once */
    rig->sessions[0].logout_timeout_s = 3600;
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 5, 0, RFX_REASON_CONNECT_FAILED);
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    rfx_shard_stop(rig->shard);
    shard_rig_advance(rig, 100000);
    assert_false(shard_rig_saw(rig, "wire connect"));
}

/* More sessions than one turn can log out: the shard must not sleep in between. */
static void test_stop_when_sessions_are_very_many_then_all_are_logged_out_at_once(void **state)
{
    struct shard_rig *rig = with_sessions(state, 5000);
    rfx_shard_stop(rig->shard);
    shard_rig_settle(rig);
    assert_int_equal(count_of(rig, "> Logout seq=2 58=the server stops\n"), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_ring_when_full_then_the_shard_waits_and_goes_on),
        SHARD_TEST(test_ring_when_one_of_two_is_full_then_order_is_kept),
        SHARD_TEST(test_ring_when_full_during_a_resend_then_it_still_completes),
        SHARD_TEST(test_timers_when_there_are_many_sessions_then_each_heartbeat_comes_in_time),
        SHARD_TEST(test_deadline_when_idle_then_the_next_heartbeat),
        SHARD_TEST(test_deadline_when_nothing_is_due_then_never),
        SHARD_TEST(test_on_turn_when_it_asks_for_a_time_then_called_by_then),
        SHARD_TEST(test_stop_when_answered_then_stopped),
        SHARD_TEST(test_stop_when_not_answered_then_stopped_after_logout_timeout),
        SHARD_TEST(test_stop_when_nobody_is_there_then_stopped_at_once),
        SHARD_TEST(test_stop_when_a_logon_comes_then_refused),
        SHARD_TEST(test_stop_when_a_session_waits_for_its_logout_answer_then_not_asked_twice),
        SHARD_TEST(test_stop_when_initiator_is_disconnected_then_no_more_connects),
        SHARD_TEST(test_stop_when_sessions_are_very_many_then_all_are_logged_out_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
