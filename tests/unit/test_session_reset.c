/* Both numbers restart: ResetSeqNumFlag(141) in the middle of a session, SequenceReset(4) in all
 * its wrong forms, and what becomes of gaps, resends and held messages. */
#include <string.h>

#include "tests/unit/support_session.h"

#define RESET_LOGON "35=A|34=1|98=0|108=30|141=Y"

static void test_reset_when_a_resend_is_served_then_it_ends(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_send(rig, "35=8|37=OLD");
    rig_receive(rig, "35=2|34=2|7=1|16=0");
    rig_receive(rig, RESET_LOGON);
    rig_forget_trace(rig);
    rig->replay_first = 1; /* what was read already arrives all the same */
    rig_serve(rig);
    expect_trace(rig, "");
    expect_numbers(rig, 2, 2);
    rig_receive(rig, "35=2|34=2|7=1|16=0"); /* the old messages are gone */
    rig_forget_trace(rig);
    rig_serve(rig);
    expect_trace(rig, "[0.000] > SequenceReset seq=1 43=Y 122=0.000 36=2 123=Y\n"
                      "[0.000] state RESENDREQ_HANDLING -> ACTIVE\n");
}

static void test_reset_when_a_test_is_pending_then_answered_by_it(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_event(rig, RFX_EVENT_TEST_REQUEST);
    rig_forget_trace(rig);
    rig_receive(rig, RESET_LOGON);
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] state AWAIT_PROC_TEST_REQ -> ACTIVE\n"
                      "[0.000] note: both sequence numbers restart at 1 (ResetSeqNumFlag)\n"
                      "[0.000] journal reset\n"
                      "[0.000] > Logon seq=1 98=0 108=30 141=Y\n");
    expect_numbers(rig, 2, 2);
}

static void test_reset_when_messages_are_held_then_they_are_forgotten(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=4|11=OLD");
    rig_receive(rig, RESET_LOGON);
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=2|11=B");
    rig_receive(rig, "35=D|34=3|11=C");
    rig_receive(rig, "35=D|34=4|11=D");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 11=B\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < NewOrderSingle seq=3 11=C\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < NewOrderSingle seq=4 11=D\n"
                      "[0.000] deliver NewOrderSingle\n");
}

/* We have logged out, the counterparty starts over before it sees that: it must find us at 1. */
static void test_reset_when_it_crosses_our_logout_then_both_start_over(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_log_out(rig, NULL);
    rig_forget_trace(rig);
    rig_receive(rig, RESET_LOGON);
    rig_receive(rig, "35=5|34=2");
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] note: both sequence numbers restart at 1 (ResetSeqNumFlag)\n"
                      "[0.000] journal reset\n"
                      "[0.000] > Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] < Logout seq=2\n"
                      "[0.000] logout\n"
                      "[0.000] state INITIATE_LOGOUT -> DISCONNECTED_WCONN_TODAY\n"
                      "[0.000] ! close: logged out\n"
                      "[0.000] state DISCONNECTED_WCONN_TODAY -> AWAITING_CONNECTION\n");
    expect_numbers(rig, 2, 3);
}

static void test_reset_when_messages_of_ours_cross_it_then_they_are_gone(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_send(rig, "35=8|37=A");
    rig_send(rig, "35=8|37=B");
    rig_receive(rig, RESET_LOGON);
    rig_send(rig, "35=8|37=NEW");
    rig_forget_trace(rig);
    rig_receive(rig, "35=2|34=2|7=1|16=0");
    rig_serve(rig);
    expect_trace(rig, "[0.000] < ResendRequest seq=2 7=1 16=0\n"
                      "[0.000] replay 1..2\n"
                      "[0.000] state ACTIVE -> RESENDREQ_HANDLING\n"
                      "[0.000] > SequenceReset seq=1 43=Y 122=0.000 36=2 123=Y\n"
                      "[0.000] > ExecutionReport seq=2 43=Y 122=0.000 37=NEW\n"
                      "[0.000] state RESENDREQ_HANDLING -> ACTIVE\n");
}

static void test_reset_when_asked_for_twice_then_done_twice(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|11=A");
    rig_receive(rig, RESET_LOGON);
    rig_receive(rig, RESET_LOGON);
    expect_numbers(rig, 2, 2);
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=2|11=B");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 11=B\n"
                      "[0.000] deliver NewOrderSingle\n");
}

static void test_reset_when_the_heartbeat_interval_differs_then_ours_stays(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=5|141=Y");
    assert_non_null(strstr(rig->trace, "> Logon seq=1 98=0 108=30 141=Y\n"));
    assert_int_equal(rfx_session_heartbeat_s(&rig->session), 30);
}

static void test_reset_when_its_logon_is_faulty_then_not_done(void **state)
{
    static const char *const logons[] = {
        "35=A|34=1|98=1|108=30|141=Y", "35=A|34=1|98=0|141=Y", "35=A|34=1|98=0|108=x|141=Y",
        "35=A|34=1|98=0|108=30|141=y", "35=A|34=1|98=0|108=30|141=YY"};
    for (size_t i = 0; i < sizeof logons / sizeof logons[0]; i++) {
        struct session_rig *rig = *state;
        rig_log_on(rig);
        rig_receive(rig, logons[i]);
        assert_null(strstr(rig->trace, "journal reset"));
        assert_non_null(strstr(rig->trace, "58=MsgSeqNum too low, expecting 2 but received 1\n"));
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

static void test_initiator_when_the_counterparty_resets_then_it_answers(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30");
    rig_receive(rig, "35=0|34=2");
    rig_forget_trace(rig);
    rig_receive(rig, RESET_LOGON);
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] note: both sequence numbers restart at 1 (ResetSeqNumFlag)\n"
                      "[0.000] journal reset\n"
                      "[0.000] > Logon seq=1 98=0 108=30 141=Y\n");
    expect_numbers(rig, 2, 2);
}

/* It asked for a reset, and the answer knows nothing of it. */
static void test_initiator_when_its_reset_is_not_taken_up_then_the_gap_is_asked_for(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig->config.reset_on_logon = true;
    rig->next_out = 71;
    rig->next_in = 58;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=58|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=58 98=0 108=30\n"
                      "[0.000] state WAITING_FOR_LOGON -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] > ResendRequest seq=2 7=1 16=0\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"
                      "[0.000] logon, messages are missing\n");
    expect_numbers(rig, 3, 1);
}

/* ----------------------------------------------------------------------- SequenceReset(4) */

static void test_sequence_reset_when_the_flag_is_neither_y_nor_n_then_no_gap_fill(void **state)
{
    static const char *const flags[] = {"35=4|34=9|36=20|123=", "35=4|34=9|36=20|123=X",
                                        "35=4|34=9|36=20|123=YY", "35=4|34=9|36=20|123=y"};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct session_rig *rig = *state;
        rig_log_on(rig);
        rig_receive(rig, flags[i]);
        expect_numbers(rig, 2, 20);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

static void test_sequence_reset_when_repeated_then_taken_all_the_same(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=1|43=Y|122=@0|36=10");
    expect_numbers(rig, 2, 10);
}

static void test_sequence_reset_when_down_in_a_gap_then_rejected_and_the_gap_stays(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=5|11=X");
    rig_forget_trace(rig);
    rig_receive(rig, "35=4|34=6|36=1");
    expect_trace(rig, "[0.000] < SequenceReset seq=6 36=1\n"
                      "[0.000] > Reject seq=3 45=6 58=Value is incorrect (out of range) for this "
                      "tag 372=4 373=5\n");
    expect_numbers(rig, 4, 2);
}

static void test_sequence_reset_when_into_a_gap_then_the_rest_stays_open(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=9|11=X");
    rig_forget_trace(rig);
    rig_receive(rig, "35=4|34=10|36=5");
    expect_trace(rig, "[0.000] < SequenceReset seq=10 36=5\n");
    assert_int_equal(rig->session.state, RFX_RESENDREQ_AWAITING);
    expect_numbers(rig, 3, 5);
}

static void test_sequence_reset_when_beyond_what_is_held_then_that_is_skipped(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=5|11=X");
    rig_receive(rig, "35=4|34=6|36=100");
    expect_numbers(rig, 3, 100);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=100|11=Y");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=100 11=Y\n"
                      "[0.000] deliver NewOrderSingle\n");
}

/* A Reset says the number of the message that comes next, whatever a Logon ahead had. */
static void test_sequence_reset_when_to_the_number_of_a_logon_ahead_then_exactly_there(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=5|98=0|108=30");
    rig_receive(rig, "35=4|34=6|36=5");
    expect_numbers(rig, 3, 5);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    rig_receive(rig, "35=D|34=5|11=X");
    assert_non_null(strstr(rig->trace, "deliver NewOrderSingle\n"));
}

static void test_gap_fill_when_the_logon_ahead_is_within_then_beyond_it(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=5|98=0|108=30");
    rig_receive(rig, "35=4|34=1|43=Y|36=9|123=Y");
    expect_numbers(rig, 3, 9);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void test_gap_fill_when_its_number_is_missing_then_logout_and_close(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|!34|36=9|123=Y");
    assert_non_null(strstr(rig->trace, "! close: MsgSeqNum missing\n"));
    expect_numbers(rig, 3, 2);
}

static void
test_gap_fill_when_held_and_its_new_seq_no_is_wrong_then_rejected_in_its_turn(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=3|36=2|123=Y");
    rig_forget_trace(rig);
    rig_receive(rig, "35=0|34=2");
    expect_trace(rig, "[0.000] < Heartbeat seq=2\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[0.000] feed 3\n"
                      "[0.000] > Reject seq=3 45=3 58=Value is incorrect (out of range) for this "
                      "tag 372=4 373=5\n");
    expect_numbers(rig, 4, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_reset_when_a_resend_is_served_then_it_ends),
        SESSION_TEST(test_reset_when_a_test_is_pending_then_answered_by_it),
        SESSION_TEST(test_reset_when_messages_are_held_then_they_are_forgotten),
        SESSION_TEST(test_reset_when_it_crosses_our_logout_then_both_start_over),
        SESSION_TEST(test_reset_when_messages_of_ours_cross_it_then_they_are_gone),
        SESSION_TEST(test_reset_when_asked_for_twice_then_done_twice),
        SESSION_TEST(test_reset_when_the_heartbeat_interval_differs_then_ours_stays),
        SESSION_TEST(test_reset_when_its_logon_is_faulty_then_not_done),
        SESSION_TEST(test_initiator_when_the_counterparty_resets_then_it_answers),
        SESSION_TEST(test_initiator_when_its_reset_is_not_taken_up_then_the_gap_is_asked_for),
        SESSION_TEST(test_sequence_reset_when_the_flag_is_neither_y_nor_n_then_no_gap_fill),
        SESSION_TEST(test_sequence_reset_when_repeated_then_taken_all_the_same),
        SESSION_TEST(test_sequence_reset_when_down_in_a_gap_then_rejected_and_the_gap_stays),
        SESSION_TEST(test_sequence_reset_when_into_a_gap_then_the_rest_stays_open),
        SESSION_TEST(test_sequence_reset_when_beyond_what_is_held_then_that_is_skipped),
        SESSION_TEST(test_sequence_reset_when_to_the_number_of_a_logon_ahead_then_exactly_there),
        SESSION_TEST(test_gap_fill_when_the_logon_ahead_is_within_then_beyond_it),
        SESSION_TEST(test_gap_fill_when_its_number_is_missing_then_logout_and_close),
        SESSION_TEST(test_gap_fill_when_held_and_its_new_seq_no_is_wrong_then_rejected_in_its_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
