/* The initiator's side of Logon, its connects, and a tour through every state. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_session.h"

#define DIALLING(from)                                                                             \
    "[0.000] state " from " -> INITIATE_CONNECTION\n"                                              \
    "[0.000] connect\n"
#define BROKEN(from, seconds, reason)                                                              \
    "[" seconds "] state " from " -> DISCONNECTED_BROKEN_CONN\n"                                   \
    "[" seconds "] ! close: " reason "\n"

static struct session_rig *dialling(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig_start(rig);
    rig_advance(rig, 0);
    return rig;
}

/* Connected, Logon sent, nothing in the trace. */
static struct session_rig *waiting(void **state)
{
    struct session_rig *rig = dialling(state);
    rig_connect(rig);
    rig_forget_trace(rig);
    return rig;
}

static void test_initiator_when_started_then_connects_and_logs_on(void **state)
{
    struct session_rig *rig = dialling(state);
    expect_trace(rig, "[0.000] state UNKNOWN -> DISCONNECTED_NOCONN_TODAY\n" DIALLING(
                          "DISCONNECTED_NOCONN_TODAY"));
    rig_advance(rig, 100);
    rig_connect(rig);
    expect_trace(rig, "[0.100] state INITIATE_CONNECTION -> NETWORK_CONN_ESTABLISHED\n"
                      "[0.100] > Logon seq=1 98=0 108=30\n"
                      "[0.100] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_SENT\n"
                      "[0.100] state LOGON_INITIAL_SENT -> WAITING_FOR_LOGON\n");
    assert_false(rfx_session_is_logged_on(&rig->session));
    rig_receive(rig, "35=A|34=1|98=0|108=30");
    expect_trace(rig, "[0.100] < Logon seq=1 98=0 108=30\n"
                      "[0.100] state WAITING_FOR_LOGON -> ACTIVE\n"
                      "[0.100] logon, healthy\n");
    expect_numbers(rig, 2, 2);
}

static void test_initiator_when_numbers_go_on_then_continued(void **state)
{
    struct session_rig *rig = *state;
    rig->next_out = 71;
    rig->next_in = 58;
    waiting(state);
    rig_receive(rig, "35=A|34=58|98=0|108=30");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    expect_numbers(rig, 72, 59);
}

static void test_initiator_when_heartbeats_are_off_then_it_says_so(void **state)
{
    struct session_rig *rig = *state;
    rig->config.heartbeat_s = 0;
    dialling(state);
    rig_connect(rig);
    assert_non_null(strstr(rig->trace, "> Logon seq=1 98=0 108=0\n"));
}

static void test_initiator_when_reset_on_logon_then_asks_for_it(void **state)
{
    struct session_rig *rig = *state;
    rig->next_out = 71;
    rig->next_in = 58;
    rig->config.reset_on_logon = true;
    dialling(state);
    rig_forget_trace(rig);
    rig_connect(rig);
    expect_trace(rig, "[0.000] state INITIATE_CONNECTION -> NETWORK_CONN_ESTABLISHED\n"
                      "[0.000] journal reset\n"
                      "[0.000] > Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_SENT\n"
                      "[0.000] state LOGON_INITIAL_SENT -> WAITING_FOR_LOGON\n");
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y");
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] state WAITING_FOR_LOGON -> ACTIVE\n"
                      "[0.000] logon, healthy\n");
    expect_numbers(rig, 2, 2);
}

static void test_initiator_when_refused_by_logout_then_closed(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_receive(rig, "35=5|34=1|58=go away");
    expect_trace(rig, "[0.000] < Logout seq=1 58=go away\n"
                      "[0.000] logout\n" BROKEN("WAITING_FOR_LOGON", "0.000",
                                                "the counterparty refused our Logon"));
    expect_numbers(rig, 2, 2);
}

static void test_initiator_when_refused_by_a_close_then_says_so(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    expect_trace(rig, "[0.000] disconnected\n" BROKEN("WAITING_FOR_LOGON", "0.000",
                                                      "the counterparty refused our Logon"));
    expect_numbers(rig, 2, 1);
}

static void test_initiator_when_answered_by_another_message_then_closed(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_receive(rig, "35=0|34=1");
    expect_trace(rig, "[0.000] < Heartbeat seq=1\n"
                      "[0.000] note: Logon refused: the first message is not a Logon\n" BROKEN(
                          "WAITING_FOR_LOGON", "0.000", "the counterparty refused our Logon"));
}

static void test_initiator_when_answered_by_somebody_else_then_closed(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_receive(rig, "35=A|34=1|49=OTHER|98=0|108=30");
    assert_non_null(strstr(rig->trace, BROKEN("WAITING_FOR_LOGON", "0.000", "CompID problem")));
    expect_numbers(rig, 2, 1);
}

static void test_initiator_when_answer_does_not_come_then_closed_and_tried_again(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_advance(rig, 9999);
    expect_trace(rig, "");
    rig_advance(rig, 30000);
    expect_trace(rig, BROKEN("WAITING_FOR_LOGON", "10.000", "no Logon in time"));
    rig_advance(rig, 1);
    expect_trace(rig, "[40.000] state DISCONNECTED_BROKEN_CONN -> INITIATE_CONNECTION\n"
                      "[40.000] connect\n");
}

/* Seconds until the next attempt. */
static double wait_s(struct session_rig *rig)
{
    uint64_t deadline_ns = rfx_session_deadline_ns(&rig->session);
    uint64_t now_ns = UINT64_C(5000) * RFX_NS_PER_S + rig->now_ms * RFX_NS_PER_MS;
    return (double)(deadline_ns - now_ns) / (double)RFX_NS_PER_S;
}

static void
test_initiator_when_connects_fail_then_it_waits_longer_and_longer_up_to_a_bound(void **state)
{
    struct session_rig *rig = dialling(state);
    static const double factors[] = {1, 2, 4, 8, 10, 10, 10};
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
        rig_disconnected(rig, RFX_REASON_CONNECT_FAILED);
        double wait = wait_s(rig) - 30 * factors[i];
        assert_true(wait >= 0 && wait < 7.5); /* a quarter of the interval, so that not all come */
        assert_true(i > 0 || wait == 0);
        rig_advance(rig, (uint64_t)(wait_s(rig) * 1000) + 1);
        assert_int_equal(rig->session.state, RFX_INITIATE_CONNECTION);
    }
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30");
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    assert_true(wait_s(rig) == 30); /* it has worked: the count begins anew */
}

static void test_initiator_when_it_has_several_hosts_then_each_in_turn(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig->config.hosts[1] = (struct rfx_host){.name = "second.example", .port = 1};
    rig->config.hosts[2] = (struct rfx_host){.name = "third.example", .port = 2};
    rig_start(rig);
    static const uint32_t hosts[] = {0, 1, 2, 0, 1, 2, 0};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        rig_advance(rig, i == 0 ? 0 : (uint64_t)(wait_s(rig) * 1000) + 1);
        assert_int_equal(rig->last_host, hosts[i]);
        rig_disconnected(rig, RFX_REASON_CONNECT_FAILED);
        assert_true(i >= 5 || wait_s(rig) < 31); /* a round of all before it waits longer */
        assert_true(i < 5 || wait_s(rig) >= 60);
    }
}

static void test_initiator_when_connect_says_nothing_then_given_up(void **state)
{
    struct session_rig *rig = dialling(state);
    rig_forget_trace(rig);
    rig_advance(rig, 50000);
    expect_trace(
        rig,
        BROKEN("INITIATE_CONNECTION", "20.000",
               "connect failed") "[50.000] state DISCONNECTED_BROKEN_CONN -> INITIATE_CONNECTION\n"
                                 "[50.000] connect\n");
}

static void test_initiator_when_logged_out_then_connects_again(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_receive(rig, "35=A|98=0|108=30");
    rig_forget_trace(rig);
    rig_receive(rig, "35=5|34=2");
    rig_advance(rig, 30000);
    expect_trace(rig, "[0.000] < Logout seq=2\n"
                      "[0.000] logout\n"
                      "[0.000] state ACTIVE -> RECEIVED_LOGOUT\n"
                      "[0.000] > Logout seq=2\n"
                      "[0.000] state RECEIVED_LOGOUT -> DISCONNECTED_WCONN_TODAY\n"
                      "[0.000] ! close: the counterparty logged out\n"
                      "[30.000] state DISCONNECTED_WCONN_TODAY -> INITIATE_CONNECTION\n"
                      "[30.000] connect\n");
}

static void test_initiator_when_answer_is_too_high_then_gap_is_asked_for(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_receive(rig, "35=A|34=4|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=4 98=0 108=30\n"
                      "[0.000] state WAITING_FOR_LOGON -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] > ResendRequest seq=2 7=1 16=0\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"
                      "[0.000] logon, messages are missing\n");
    rig_receive(rig, "35=4|34=1|43=Y|36=4|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=1 43=Y 36=4 123=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n");
    expect_numbers(rig, 3, 5);
}

static void test_initiator_when_answer_is_too_low_then_logout(void **state)
{
    struct session_rig *rig = *state;
    rig->next_in = 58;
    waiting(state);
    rig_receive(rig, "35=A|34=57|98=0|108=30");
    expect_trace(
        rig, "[0.000] < Logon seq=57 98=0 108=30\n"
             "[0.000] > Logout seq=2 58=MsgSeqNum too low, expecting 58 but received 57\n" BROKEN(
                 "WAITING_FOR_LOGON", "0.000", "MsgSeqNum too low"));
}

static void test_initiator_when_answer_resets_unasked_then_our_logon_was_the_first(void **state)
{
    struct session_rig *rig = *state;
    rig->next_out = 71;
    rig->next_in = 58;
    waiting(state);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y");
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] journal reset\n"
                      "[0.000] state WAITING_FOR_LOGON -> ACTIVE\n"
                      "[0.000] logon, healthy\n");
    expect_numbers(rig, 2, 2);
}

static void test_initiator_when_logged_on_then_heartbeats_of_its_own_interval(void **state)
{
    struct session_rig *rig = *state;
    rig->config.heartbeat_s = 10;
    waiting(state);
    rig_receive(rig, "35=A|98=0|108=10");
    rig_forget_trace(rig);
    rig_advance(rig, 24000);
    expect_trace(rig, "[10.000] > Heartbeat seq=2\n"
                      "[12.000] state ACTIVE -> NO_MSG_IN_INTERVAL\n"
                      "[12.000] > TestRequest seq=3 112=TEST\n"
                      "[12.000] state NO_MSG_IN_INTERVAL -> AWAIT_PROC_TEST_REQ\n" BROKEN(
                          "AWAIT_PROC_TEST_REQ", "24.000", "no answer to TestRequest"));
}

/* ------------------------------------------------------------------------------- the tour */

static uint32_t tour_of_the_acceptor(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=3|98=0|108=30"); /* 6, 8, 9, 11, 12 */
    rig_receive(rig, "35=4|34=1|36=4|123=Y");  /* 17 */
    rig_receive(rig, "35=2|34=4|7=1|16=0");    /* 10 */
    rig_serve(rig);                            /* 17 */
    rig_advance(rig, 36000);                   /* 13, 14 */
    rig_receive(rig, "35=0|34=5|112=TEST");    /* 17 */
    rig_receive(rig, "35=5|34=6");             /* 15, 2, 4 */
    assert_int_equal(rig->session.state, RFX_AWAITING_CONNECTION);
    return rig->states_entered;
}

static uint32_t tour_of_the_initiator(void **state)
{
    struct session_rig *rig = dialling(state); /* 1, 5 */
    rig_connect(rig);                          /* 6, 7, 18 */
    rig_receive(rig, "35=A|98=0|108=30");      /* 17 */
    rig_log_out(rig, NULL);                    /* 16 */
    rig_advance(rig, 2000);                    /* 3 */
    assert_int_equal(rig->session.state, RFX_DISCONNECTED_BROKEN_CONN);
    return rig->states_entered;
}

static void test_states_when_both_roles_are_played_then_each_one_is_entered(void **state)
{
    uint32_t entered = tour_of_the_acceptor(state);
    session_rig_tear_down(state);
    session_rig_set_up_44(state);
    entered |= tour_of_the_initiator(state);
    for (uint32_t i = RFX_DISCONNECTED_NOCONN_TODAY; i <= RFX_WAITING_FOR_LOGON; i++) {
        if ((entered & UINT32_C(1) << i) == 0) {
            fail_msg("no test enters %s", rfx_state_text((enum rfx_state)i));
        }
    }
    assert_int_equal(entered & UINT32_C(1) << RFX_STATE_UNKNOWN, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_initiator_when_started_then_connects_and_logs_on),
        SESSION_TEST(test_initiator_when_numbers_go_on_then_continued),
        SESSION_TEST(test_initiator_when_heartbeats_are_off_then_it_says_so),
        SESSION_TEST(test_initiator_when_reset_on_logon_then_asks_for_it),
        SESSION_TEST(test_initiator_when_refused_by_logout_then_closed),
        SESSION_TEST(test_initiator_when_refused_by_a_close_then_says_so),
        SESSION_TEST(test_initiator_when_answered_by_another_message_then_closed),
        SESSION_TEST(test_initiator_when_answered_by_somebody_else_then_closed),
        SESSION_TEST(test_initiator_when_answer_does_not_come_then_closed_and_tried_again),
        SESSION_TEST(
            test_initiator_when_connects_fail_then_it_waits_longer_and_longer_up_to_a_bound),
        SESSION_TEST(test_initiator_when_it_has_several_hosts_then_each_in_turn),
        SESSION_TEST(test_initiator_when_connect_says_nothing_then_given_up),
        SESSION_TEST(test_initiator_when_logged_out_then_connects_again),
        SESSION_TEST(test_initiator_when_answer_is_too_high_then_gap_is_asked_for),
        SESSION_TEST(test_initiator_when_answer_is_too_low_then_logout),
        SESSION_TEST(test_initiator_when_answer_resets_unasked_then_our_logon_was_the_first),
        SESSION_TEST(test_initiator_when_logged_on_then_heartbeats_of_its_own_interval),
        SESSION_TEST(test_states_when_both_roles_are_played_then_each_one_is_entered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
