/* Sequence numbers at the top of their range: 2^63-1 is the last that is read from the wire. What
 * counts here is that there is a defined outcome and no overflow (the sanitizers look on). */
#include <string.h>

#include "tests/unit/support_session.h"

#define TOP      "9223372036854775807" /* 2^63-1 */
#define BELOW    "9223372036854775806"
#define BEYOND   "9223372036854775808"
#define TOP_UINT UINT64_C(9223372036854775807)

static struct session_rig *expecting(void **state, uint64_t next_out, uint64_t next_in)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig->session.next_out = next_out;
    rig->session.next_in = next_in;
    return rig;
}

static void test_number_when_the_last_one_comes_then_counted_and_the_session_is_full(void **state)
{
    struct session_rig *rig = expecting(state, 2, TOP_UINT);
    rig_receive(rig, "35=D|34=" TOP "|11=X");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=9223372036854775807 11=X\n"
                      "[0.000] deliver NewOrderSingle\n");
    expect_numbers(rig, 2, TOP_UINT + 1);
    rig_receive(rig, "35=D|34=" BEYOND "|11=Y"); /* not a number that we read */
    expect_trace(rig, "[0.000] < NewOrderSingle seq=9223372036854775808 11=Y\n"
                      "[0.000] > Logout seq=2 58=MsgSeqNum(34) missing or not a number\n"
                      "[0.000] state ACTIVE -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: MsgSeqNum missing\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
}

/* The only way out is the one both sides see: ResetSeqNumFlag. */
static void test_logon_when_the_session_is_full_then_too_low_unless_it_resets(void **state)
{
    struct session_rig *rig = expecting(state, 2, TOP_UINT + 1);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_connect(rig);
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=" TOP "|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=9223372036854775807 98=0 108=30\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[0.000] > Logout seq=2 58=MsgSeqNum too low, expecting 9223372036854775808 "
                      "but received 9223372036854775807\n"
                      "[0.000] state LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: MsgSeqNum too low\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
    rig_connect(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    expect_numbers(rig, 2, 2);
}

static void test_number_when_the_last_one_is_ahead_then_held_and_the_rest_asked_for(void **state)
{
    struct session_rig *rig = expecting(state, 2, 2);
    rig_receive(rig, "35=D|34=" TOP "|11=X");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=9223372036854775807 11=X\n"
                      "[0.000] hold 9223372036854775807\n"
                      "[0.000] state ACTIVE -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] > ResendRequest seq=2 7=2 16=0\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n");
    rig_receive(rig, "35=4|34=2|43=Y|36=" TOP "|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=2 43=Y 36=9223372036854775807 123=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[0.000] feed 9223372036854775807\n"
                      "[0.000] deliver NewOrderSingle\n");
    expect_numbers(rig, 3, TOP_UINT + 1);
}

static void test_new_seq_no_when_the_last_one_then_taken(void **state)
{
    struct session_rig *rig = expecting(state, 2, 2);
    rig_receive(rig, "35=4|34=2|36=" BELOW);
    expect_numbers(rig, 2, TOP_UINT - 1);
    rig_receive(rig, "35=4|34=" BELOW "|36=" TOP "|123=Y");
    expect_numbers(rig, 2, TOP_UINT);
    rig_receive(rig, "35=0|34=" TOP);
    expect_numbers(rig, 2, TOP_UINT + 1);
}

static void test_new_seq_no_when_beyond_the_last_one_then_rejected(void **state)
{
    struct session_rig *rig = expecting(state, 2, 2);
    rig_receive(rig, "35=4|34=2|36=" BEYOND);
    rig_receive(rig, "35=4|34=2|36=" BEYOND "|123=Y");
    rig_receive(rig, "35=4|34=3|36=99999999999999999999999999");
    expect_trace(
        rig, "[0.000] < SequenceReset seq=2 36=9223372036854775808\n"
             "[0.000] > Reject seq=2 45=2 58=Incorrect data format for value 371=36 372=4 373=6\n"
             "[0.000] < SequenceReset seq=2 36=9223372036854775808 123=Y\n"
             "[0.000] > Reject seq=3 45=2 58=Incorrect data format for value 371=36 372=4 373=6\n"
             "[0.000] < SequenceReset seq=3 36=99999999999999999999999999\n"
             "[0.000] > Reject seq=4 45=3 58=Incorrect data format for value 371=36 372=4 373=6\n");
    expect_numbers(rig, 5, 3);
}

static void test_new_seq_no_when_the_session_is_full_then_rejected(void **state)
{
    struct session_rig *rig = expecting(state, 2, TOP_UINT + 1);
    rig_receive(rig, "35=4|34=1|36=" TOP);
    assert_non_null(strstr(rig->trace, "> Reject seq=2 45=1 58=Value is incorrect (out of range)"));
    expect_numbers(rig, 3, TOP_UINT + 1);
}

static void test_begin_seq_no_when_it_is_the_last_one_then_rejected_unless_sent(void **state)
{
    struct session_rig *rig = expecting(state, 2, 2);
    rig_receive(rig, "35=2|34=2|7=" TOP "|16=0");
    expect_trace(rig, "[0.000] < ResendRequest seq=2 7=9223372036854775807 16=0\n"
                      "[0.000] > Reject seq=2 45=2 58=Value is incorrect (out of range) for this "
                      "tag 371=7 372=2 373=5\n");
    rig_receive(rig, "35=2|34=3|7=" BEYOND "|16=0");
    expect_trace(
        rig, "[0.000] < ResendRequest seq=3 7=9223372036854775808 16=0\n"
             "[0.000] > Reject seq=3 45=3 58=Incorrect data format for value 371=7 372=2 373=6\n");
    rig->session.next_out = TOP_UINT + 1;
    rig_receive(rig, "35=2|34=4|7=" TOP "|16=" TOP);
    expect_trace(rig, "[0.000] < ResendRequest seq=4 7=9223372036854775807 16=9223372036854775807\n"
                      "[0.000] replay 9223372036854775807..9223372036854775807\n"
                      "[0.000] state ACTIVE -> RESENDREQ_HANDLING\n");
    rig_serve(rig);
    expect_trace(rig, "[0.000] > SequenceReset seq=9223372036854775807 43=Y 122=0.000 "
                      "36=9223372036854775808 123=Y\n"
                      "[0.000] state RESENDREQ_HANDLING -> ACTIVE\n");
}

static void test_end_seq_no_when_it_is_the_last_one_then_up_to_what_was_sent(void **state)
{
    struct session_rig *rig = expecting(state, 9, 2);
    rig_receive(rig, "35=2|34=2|7=1|16=" TOP);
    expect_trace(rig, "[0.000] < ResendRequest seq=2 7=1 16=9223372036854775807\n"
                      "[0.000] replay 1..8\n"
                      "[0.000] state ACTIVE -> RESENDREQ_HANDLING\n");
    rig_receive(rig, "35=2|34=3|7=1|16=" BEYOND);
    expect_trace(
        rig, "[0.000] < ResendRequest seq=3 7=1 16=9223372036854775808\n"
             "[0.000] > Reject seq=9 45=3 58=Incorrect data format for value 371=16 372=2 373=6\n");
}

static void test_next_expected_when_it_is_the_last_one_then_too_high(void **state)
{
    struct session_rig *rig = *state;
    rig->config.enable_next_expected_msg_seq_num = true;
    rig_start(rig);
    rig_connect(rig);
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30|789=" TOP);
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30 789=9223372036854775807\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[0.000] > Logout seq=1 58=NextExpectedMsgSeqNum(789) too high, expecting 1 "
                      "at most but received 9223372036854775807\n"
                      "[0.000] state LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: invalid Logon\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
}

static void test_logon_when_its_number_is_the_last_one_then_the_gap_ends_before_it(void **state)
{
    struct session_rig *rig = *state;
    rig->config.enable_next_expected_msg_seq_num = true;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=" TOP "|98=0|108=30");
    rig_forget_trace(rig);
    rig_receive(rig, "35=4|34=1|43=Y|36=" TOP "|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=1 43=Y 36=9223372036854775807 123=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n");
    expect_numbers(rig, 3, TOP_UINT + 1); /* over the Logon's own place */
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30");
    assert_non_null(
        strstr(rig->trace, "58=MsgSeqNum too low, expecting " BEYOND " but received 1"));
}

static void test_last_processed_when_it_is_the_last_one_then_said(void **state)
{
    struct session_rig *rig = *state;
    rig->config.enable_last_msg_seq_num_processed = true;
    expecting(state, 2, TOP_UINT + 1);
    rig_send(rig, "35=8|37=X");
    expect_trace(rig, "[0.000] > ExecutionReport seq=2 369=9223372036854775807 37=X\n");
}

/* Nobody gets there: ten million messages a second would take thirty thousand years. */
static void test_number_of_ours_when_the_last_one_then_sent_and_resent(void **state)
{
    struct session_rig *rig = expecting(state, TOP_UINT, 2);
    rig_send(rig, "35=8|37=X");
    rig_receive(rig, "35=2|34=2|7=" TOP "|16=0");
    rig_serve(rig);
    expect_trace(rig, "[0.000] > ExecutionReport seq=9223372036854775807 37=X\n"
                      "[0.000] < ResendRequest seq=2 7=9223372036854775807 16=0\n"
                      "[0.000] replay 9223372036854775807..9223372036854775807\n"
                      "[0.000] state ACTIVE -> RESENDREQ_HANDLING\n"
                      "[0.000] > ExecutionReport seq=9223372036854775807 43=Y 122=0.000 37=X\n"
                      "[0.000] state RESENDREQ_HANDLING -> ACTIVE\n");
}

static void test_number_when_written_with_zeros_in_front_then_the_same(void **state)
{
    struct session_rig *rig = expecting(state, 2, 2);
    rig_receive(rig, "35=D|34=0000000000000000000000000002|11=X");
    expect_numbers(rig, 2, 3);
}

static void test_number_when_it_is_no_number_then_logout_and_close(void **state)
{
    static const char *const numbers[] = {"+2", " 2", "2 ", "0x2", "2e0", "²", "-0", "1.0"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct session_rig *rig = expecting(state, 2, 2);
        char text[64] = "35=0|34=";
        strcat(text, numbers[i]);
        rig_receive(rig, text);
        assert_non_null(strstr(rig->trace, "! close: MsgSeqNum missing\n"));
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_number_when_the_last_one_comes_then_counted_and_the_session_is_full),
        SESSION_TEST(test_logon_when_the_session_is_full_then_too_low_unless_it_resets),
        SESSION_TEST(test_number_when_the_last_one_is_ahead_then_held_and_the_rest_asked_for),
        SESSION_TEST(test_new_seq_no_when_the_last_one_then_taken),
        SESSION_TEST(test_new_seq_no_when_beyond_the_last_one_then_rejected),
        SESSION_TEST(test_new_seq_no_when_the_session_is_full_then_rejected),
        SESSION_TEST(test_begin_seq_no_when_it_is_the_last_one_then_rejected_unless_sent),
        SESSION_TEST(test_end_seq_no_when_it_is_the_last_one_then_up_to_what_was_sent),
        {"in FIX.4.4", test_next_expected_when_it_is_the_last_one_then_too_high,
         session_rig_set_up_44, session_rig_tear_down, NULL},
        {"in FIX.4.4", test_logon_when_its_number_is_the_last_one_then_the_gap_ends_before_it,
         session_rig_set_up_44, session_rig_tear_down, NULL},
        SESSION_TEST(test_last_processed_when_it_is_the_last_one_then_said),
        SESSION_TEST(test_number_of_ours_when_the_last_one_then_sent_and_resent),
        SESSION_TEST(test_number_when_written_with_zeros_in_front_then_the_same),
        SESSION_TEST(test_number_when_it_is_no_number_then_logout_and_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
