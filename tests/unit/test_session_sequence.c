/* Numbers of what is received: in order, too high, too low, and SequenceReset. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_session.h"

static void test_messages_when_in_sequence_then_delivered_in_order(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|11=X");
    rig_receive(rig, "35=0|34=3");
    rig_receive(rig, "35=3|34=4|45=1");
    rig_receive(rig, "35=zz|34=5");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 11=X\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < Heartbeat seq=3\n"
                      "[0.000] < Reject seq=4 45=1\n"
                      "[0.000] deliver Reject\n"
                      "[0.000] < unknown type seq=5\n"
                      "[0.000] deliver unknown type\n");
    expect_numbers(rig, 2, 6);
}

#define GAP_AT_5                                                                                   \
    "[0.000] < NewOrderSingle seq=5 11=E\n"                                                        \
    "[0.000] hold 5\n"                                                                             \
    "[0.000] state ACTIVE -> RECV_SEQNUM_TOO_HIGH\n"                                               \
    "[0.000] > ResendRequest seq=2 7=2 16=0\n"                                                     \
    "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"

/* Logged on, 2 to 4 are missing, 5 is held back. */
static struct session_rig *with_gap(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=5|11=E");
    expect_trace(rig, GAP_AT_5);
    return rig;
}

static void test_gap_when_filled_by_messages_then_held_ones_follow_in_order(void **state)
{
    struct session_rig *rig = with_gap(state);
    rig_receive(rig, "35=8|34=7|37=G");
    rig_receive(rig, "35=D|34=6|11=F");
    expect_trace(rig, "[0.000] < ExecutionReport seq=7 37=G\n"
                      "[0.000] hold 7\n"
                      "[0.000] < NewOrderSingle seq=6 11=F\n"
                      "[0.000] hold 6\n"); /* one ResendRequest is enough */
    rig_receive(rig, "35=D|34=2|43=Y|122=@-5|11=B");
    rig_receive(rig, "35=D|34=3|11=C"); /* repeated without PossDupFlag: fills the gap as well */
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 43=Y 122=@-5 11=B\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < NewOrderSingle seq=3 11=C\n"
                      "[0.000] deliver NewOrderSingle\n");
    rig_receive(rig, "35=D|34=4|43=Y|122=@-5|11=D");
    rig_forget_trace(rig);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    assert_int_equal(rig->held_count, 0);
    expect_numbers(rig, 3, 8);
}

/* A garbled message is ignored, also in the middle of a resend: what it was must not stay lost. */
static void test_gap_when_the_resend_skips_a_number_then_that_is_asked_for_once(void **state)
{
    struct session_rig *rig = with_gap(state);
    rig_receive(rig, "35=8|34=2|43=Y|122=@-5|37=B");
    rig_forget_trace(rig);
    rig_receive(rig, "35=8|34=4|43=Y|122=@-5|37=D"); /* 3 did not come */
    rig_receive(rig, "35=D|34=5|43=Y|122=@-5|11=E");
    rig_receive(rig, "35=D|34=6|11=F");
    expect_trace(rig, "[0.000] < ExecutionReport seq=4 43=Y 122=@-5 37=D\n"
                      "[0.000] hold 4\n"
                      "[0.000] > ResendRequest seq=3 7=3 16=0\n"
                      "[0.000] < NewOrderSingle seq=5 43=Y 122=@-5 11=E\n"
                      "[0.000] hold 5\n"
                      "[0.000] < NewOrderSingle seq=6 11=F\n"
                      "[0.000] hold 6\n");
    rig_receive(rig, "35=8|34=3|43=Y|122=@-5|37=C");
    expect_numbers(rig, 4, 7);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

/* The counterparty gives no PossDupFlag, or nothing at all: time asks again. */
static void test_gap_when_nothing_comes_then_asked_again_every_30_seconds(void **state)
{
    struct session_rig *rig = with_gap(state);
    rig_advance(rig, 29999);
    assert_null(strstr(rig->trace, "> ResendRequest seq=3"));
    rig_advance(rig, 1);
    assert_non_null(strstr(rig->trace, "[30.000] > ResendRequest seq=3 7=2 16=0\n"));
    rig_receive(rig, "35=8|34=2|37=B"); /* it gets smaller: no need to ask */
    rig_forget_trace(rig);
    rig_advance(rig, 30000);
    assert_null(strstr(rig->trace, "> ResendRequest"));
    rig_receive(rig, "35=0|34=9");
    rig_forget_trace(rig);
    rig_advance(rig, 30000);
    assert_non_null(strstr(rig->trace, " 7=3 16=0\n"));
}

static void test_gap_when_last_message_arrives_then_held_one_is_fed(void **state)
{
    struct session_rig *rig = with_gap(state);
    rig_receive(rig, "35=4|34=2|43=Y|36=4|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=2 43=Y 36=4 123=Y\n");
    rig_receive(rig, "35=8|34=4|43=Y|122=@-5|37=D");
    expect_trace(rig, "[0.000] < ExecutionReport seq=4 43=Y 122=@-5 37=D\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[0.000] feed 5\n"
                      "[0.000] deliver NewOrderSingle\n");
    expect_numbers(rig, 3, 6);
}

static void test_gap_when_gap_fill_reaches_beyond_then_held_ones_are_skipped(void **state)
{
    struct session_rig *rig = with_gap(state);
    rig_receive(rig, "35=4|34=2|43=Y|36=9|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=2 43=Y 36=9 123=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n");
    expect_numbers(rig, 3, 9);
    rig_receive(rig, "35=D|34=5|43=Y|122=@-5|11=E");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=5 43=Y 122=@-5 11=E\n");
}

static void test_gap_when_filled_then_the_next_one_is_asked_for_again(void **state)
{
    struct session_rig *rig = with_gap(state);
    rig_receive(rig, "35=4|34=2|43=Y|36=5|123=Y");
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=8|11=H");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=8 11=H\n"
                      "[0.000] hold 8\n"
                      "[0.000] state ACTIVE -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] > ResendRequest seq=3 7=6 16=0\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n");
}

/* The shard holds back a bounded amount. What it had to drop must be asked for when its turn has
 * come, or the session would wait for ever. */
static void test_gap_when_a_held_message_was_dropped_then_it_is_asked_for_again(void **state)
{
    struct session_rig *rig = with_gap(state);
    rig_receive(rig, "35=D|34=6|11=F");
    rig_receive(rig, "35=D|34=7|11=G");
    free(rig->held[--rig->held_count].data);
    free(rig->held[--rig->held_count].data);
    rig_receive(rig, "35=4|34=2|43=Y|36=5|123=Y"); /* 5 is fed, 6 and 7 are not there */
    expect_numbers(rig, 3, 6);
    rig_forget_trace(rig);
    rig_receive(rig, "35=0|34=8");
    expect_trace(rig, "[0.000] < Heartbeat seq=8\n"
                      "[0.000] hold 8\n"
                      "[0.000] state ACTIVE -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] > ResendRequest seq=3 7=6 16=0\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n");
}

static void test_gap_when_test_request_is_in_it_then_answered_in_its_turn(void **state)
{
    struct session_rig *rig = with_gap(state);
    rig_receive(rig, "35=1|34=6|112=LATER");
    expect_trace(rig, "[0.000] < TestRequest seq=6 112=LATER\n"
                      "[0.000] hold 6\n");
    rig_receive(rig, "35=4|34=2|43=Y|36=5|123=Y");
    assert_non_null(strstr(rig->trace, "feed 6\n[0.000] > Heartbeat seq=3 112=LATER\n"));
}

static void test_gap_when_a_held_message_grew_old_then_its_time_is_not_checked(void **state)
{
    struct session_rig *rig = with_gap(state);
    for (int i = 0; i < 10; i++) {
        rig_advance(rig, 25000);
        rig_receive(rig, "35=0|34=6");
        free(rig->held[--rig->held_count].data);
    }
    rig_receive(rig, "35=4|34=2|43=Y|36=5|123=Y");
    assert_non_null(strstr(rig->trace, "[250.000] feed 5\n[250.000] deliver NewOrderSingle\n"));
}

static void test_number_when_too_low_then_logout_says_so_and_closes(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=0|34=2");
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=2|11=X");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 11=X\n"
                      "[0.000] > Logout seq=2 58=MsgSeqNum too low, expecting 3 but received 2\n"
                      "[0.000] state ACTIVE -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: MsgSeqNum too low\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
    expect_numbers(rig, 3, 3);
}

static void test_number_when_zero_then_too_low(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=0|11=X");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=0 11=X\n"
                      "[0.000] > Logout seq=2 58=MsgSeqNum too low, expecting 2 but received 0\n"
                      "[0.000] state ACTIVE -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: MsgSeqNum too low\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
}

static void test_poss_dup_when_number_is_low_then_ignored(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=1|43=Y|122=@-5|11=X");
    rig_receive(rig, "35=1|34=1|43=Y|122=@-5|112=OLD");
    rig_receive(rig, "35=2|34=1|43=Y|122=@-5|7=1|16=0");
    rig_receive(rig, "35=4|34=1|43=Y|36=99|123=Y");
    rig_receive(rig, "35=5|34=1|43=Y|122=@-5");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=1 43=Y 122=@-5 11=X\n"
                      "[0.000] < TestRequest seq=1 43=Y 122=@-5 112=OLD\n"
                      "[0.000] < ResendRequest seq=1 43=Y 122=@-5 7=1 16=0\n"
                      "[0.000] < SequenceReset seq=1 43=Y 36=99 123=Y\n"
                      "[0.000] < Logout seq=1 43=Y 122=@-5\n");
    expect_numbers(rig, 2, 2);
}

static void test_poss_dup_when_number_is_due_then_processed(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|43=Y|122=@0|11=X");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 43=Y 122=@0 11=X\n"
                      "[0.000] deliver NewOrderSingle\n");
    expect_numbers(rig, 2, 3);
}

static void test_poss_dup_when_n_then_no_dup(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=1|43=N|11=X");
    assert_non_null(strstr(rig->trace, "! close: MsgSeqNum too low\n"));
}

static void test_sequence_reset_when_up_then_taken_whatever_its_number(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=0|36=10");
    expect_numbers(rig, 2, 10);
    rig_receive(rig, "35=4|34=500|36=20|123=N");
    expect_numbers(rig, 2, 20);
    rig_receive(rig, "35=4|34=1|36=30");
    expect_numbers(rig, 2, 30);
    expect_trace(rig, "[0.000] < SequenceReset seq=0 36=10\n"
                      "[0.000] < SequenceReset seq=500 36=20 123=N\n"
                      "[0.000] < SequenceReset seq=1 36=30\n");
}

static void test_sequence_reset_when_equal_then_nothing_changes(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=2|36=2|123=N");
    expect_trace(rig, "[0.000] < SequenceReset seq=2 36=2 123=N\n");
    expect_numbers(rig, 2, 2);
}

static void test_sequence_reset_when_down_then_rejected(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=0|36=1");
    expect_trace(rig, "[0.000] < SequenceReset seq=0 36=1\n"
                      "[0.000] > Reject seq=2 45=0 58=Value is incorrect (out of range) for this "
                      "tag 372=4 373=5\n");
    expect_numbers(rig, 3, 2);
}

static void test_sequence_reset_when_it_ends_a_gap_then_active(void **state)
{
    struct session_rig *rig = with_gap(state);
    rig_receive(rig, "35=4|34=9|36=5");
    expect_trace(rig, "[0.000] < SequenceReset seq=9 36=5\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[0.000] feed 5\n"
                      "[0.000] deliver NewOrderSingle\n");
}

static void test_sequence_reset_when_new_seq_no_is_unusable_then_rejected(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=2");
    rig_receive(rig, "35=4|34=2|36=up");
    expect_trace(rig, "[0.000] < SequenceReset seq=2\n"
                      "[0.000] > Reject seq=2 45=2 58=Required tag missing 371=36 372=4 373=1\n"
                      "[0.000] < SequenceReset seq=2 36=up\n"
                      "[0.000] > Reject seq=3 45=2 58=Incorrect data format for value 371=36 372=4 "
                      "373=6\n");
    expect_numbers(rig, 4, 2);
}

static void test_gap_fill_when_due_then_next_expected_moves(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=2|36=20|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=2 36=20 123=Y\n");
    expect_numbers(rig, 2, 20);
}

static void test_gap_fill_when_number_is_high_then_held_and_gap_asked_for(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=5|36=20|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=5 36=20 123=Y\n"
                      "[0.000] hold 5\n"
                      "[0.000] state ACTIVE -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] > ResendRequest seq=2 7=2 16=0\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n");
    rig_receive(rig, "35=4|34=2|43=Y|36=5|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=2 43=Y 36=5 123=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[0.000] feed 5\n");
    expect_numbers(rig, 3, 20);
}

static void test_gap_fill_when_number_is_low_then_logout(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=1|36=20|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=1 36=20 123=Y\n"
                      "[0.000] > Logout seq=2 58=MsgSeqNum too low, expecting 2 but received 1\n"
                      "[0.000] state ACTIVE -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: MsgSeqNum too low\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
}

static void test_gap_fill_when_new_seq_no_is_unusable_then_rejected_and_counted(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=2|36=2|123=Y");
    rig_receive(rig, "35=4|34=3|36=1|123=Y");
    rig_receive(rig, "35=4|34=4|36=-7|123=Y");
    rig_receive(rig, "35=4|34=5|123=Y");
    expect_trace(rig,
                 "[0.000] < SequenceReset seq=2 36=2 123=Y\n"
                 "[0.000] > Reject seq=2 45=2 58=Value is incorrect (out of range) for this tag "
                 "372=4 373=5\n"
                 "[0.000] < SequenceReset seq=3 36=1 123=Y\n"
                 "[0.000] > Reject seq=3 45=3 58=Value is incorrect (out of range) for this tag "
                 "372=4 373=5\n"
                 "[0.000] < SequenceReset seq=4 36=-7 123=Y\n"
                 "[0.000] > Reject seq=4 45=4 58=Incorrect data format for value 371=36 372=4 "
                 "373=6\n"
                 "[0.000] < SequenceReset seq=5 123=Y\n"
                 "[0.000] > Reject seq=5 45=5 58=Required tag missing 371=36 372=4 373=1\n");
    expect_numbers(rig, 6, 6);
}

static void test_number_when_it_is_the_largest_then_no_overflow(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=2|36=9223372036854775807|123=Y");
    expect_numbers(rig, 2, INT64_MAX);
    rig_receive(rig, "35=D|34=9223372036854775807|11=X");
    rig_receive(rig, "35=D|34=9223372036854775808|11=X"); /* no number any more */
    assert_non_null(strstr(rig->trace, "! close: MsgSeqNum missing\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_messages_when_in_sequence_then_delivered_in_order),
        SESSION_TEST(test_gap_when_filled_by_messages_then_held_ones_follow_in_order),
        SESSION_TEST(test_gap_when_last_message_arrives_then_held_one_is_fed),
        SESSION_TEST(test_gap_when_gap_fill_reaches_beyond_then_held_ones_are_skipped),
        SESSION_TEST(test_gap_when_filled_then_the_next_one_is_asked_for_again),
        SESSION_TEST(test_gap_when_the_resend_skips_a_number_then_that_is_asked_for_once),
        SESSION_TEST(test_gap_when_nothing_comes_then_asked_again_every_30_seconds),
        SESSION_TEST(test_gap_when_a_held_message_was_dropped_then_it_is_asked_for_again),
        SESSION_TEST(test_gap_when_test_request_is_in_it_then_answered_in_its_turn),
        SESSION_TEST(test_gap_when_a_held_message_grew_old_then_its_time_is_not_checked),
        SESSION_TEST(test_number_when_too_low_then_logout_says_so_and_closes),
        SESSION_TEST(test_number_when_zero_then_too_low),
        SESSION_TEST(test_poss_dup_when_number_is_low_then_ignored),
        SESSION_TEST(test_poss_dup_when_number_is_due_then_processed),
        SESSION_TEST(test_poss_dup_when_n_then_no_dup),
        SESSION_TEST(test_sequence_reset_when_up_then_taken_whatever_its_number),
        SESSION_TEST(test_sequence_reset_when_equal_then_nothing_changes),
        SESSION_TEST(test_sequence_reset_when_down_then_rejected),
        SESSION_TEST(test_sequence_reset_when_it_ends_a_gap_then_active),
        SESSION_TEST(test_sequence_reset_when_new_seq_no_is_unusable_then_rejected),
        SESSION_TEST(test_gap_fill_when_due_then_next_expected_moves),
        SESSION_TEST(test_gap_fill_when_number_is_high_then_held_and_gap_asked_for),
        SESSION_TEST(test_gap_fill_when_number_is_low_then_logout),
        SESSION_TEST(test_gap_fill_when_new_seq_no_is_unusable_then_rejected_and_counted),
        SESSION_TEST(test_number_when_it_is_the_largest_then_no_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
