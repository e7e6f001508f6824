/* PossDupFlag(43), PossResend(97), OrigSendingTime(122), LastMsgSeqNumProcessed(369). */
#include <string.h>

#include "tests/unit/support_session.h"

static void test_poss_dup_when_no_orig_sending_time_is_required_then_taken(void **state)
{
    struct session_rig *rig = *state;
    rig->config.requires_orig_sending_time = false;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|43=Y|11=X");
    rig_receive(rig, "35=D|34=1|43=Y|11=X");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 43=Y 11=X\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < NewOrderSingle seq=1 43=Y 11=X\n");
    expect_numbers(rig, 2, 3);
}

static void test_poss_dup_when_not_required_but_there_then_checked(void **state)
{
    struct session_rig *rig = *state;
    rig->config.requires_orig_sending_time = false;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|43=Y|122=never|11=X");
    assert_non_null(strstr(rig->trace, "58=Incorrect data format for value 371=122"));
    rig_receive(rig, "35=D|34=3|43=Y|122=@5|11=X");
    assert_non_null(strstr(rig->trace, "58=SendingTime accuracy problem"));
    assert_int_equal(rig->session.state, RFX_INITIATE_LOGOUT);
}

static void
test_poss_dup_when_it_fills_a_gap_without_orig_sending_time_then_rejected_and_counted(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=3|11=Y");
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=2|43=Y|11=X");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 43=Y 11=X\n"
                      "[0.000] > Reject seq=3 45=2 58=Required tag missing 371=122 372=D 373=1\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[0.000] feed 3\n"
                      "[0.000] deliver NewOrderSingle\n");
    expect_numbers(rig, 4, 4);
}

static void test_poss_dup_when_a_gap_fill_then_it_needs_no_orig_sending_time(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=4|34=2|43=Y|36=5|123=Y");
    assert_null(strstr(rig->trace, "] > "));
    expect_numbers(rig, 2, 5);
}

static void test_poss_dup_when_too_high_then_held_like_any_other(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=5|43=Y|122=@-1|11=X");
    assert_non_null(strstr(rig->trace, "hold 5\n"));
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=2 7=2 16=0\n"));
}

static void test_poss_dup_when_behind_the_body_then_not_seen(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=1|11=X|43=Y|122=@0");
    assert_non_null(strstr(rig->trace, "! close: MsgSeqNum too low\n"));
}

static void test_poss_resend_when_set_then_the_application_decides(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|97=Y|11=X");
    rig_receive(rig, "35=D|34=3|97=Y|11=X");
    rig_receive(rig, "35=D|34=4|97=N|11=X");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 97=Y 11=X\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < NewOrderSingle seq=3 97=Y 11=X\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < NewOrderSingle seq=4 97=N 11=X\n"
                      "[0.000] deliver NewOrderSingle\n");
    expect_numbers(rig, 2, 5);
}

/* It is a new message under a new number: a used one is as wrong as without the flag. */
static void test_poss_resend_when_its_number_is_low_then_logout(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=1|97=Y|11=X");
    assert_non_null(strstr(rig->trace, "! close: MsgSeqNum too low\n"));
}

static void test_poss_resend_when_of_ours_then_resent_with_it(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_send(rig, "35=8|97=Y|37=X");
    rig_receive(rig, "35=2|34=2|7=2|16=2");
    rig_forget_trace(rig);
    rig_serve(rig);
    assert_non_null(strstr(rig->trace, "> ExecutionReport seq=2 43=Y 122=0.000 97=Y 37=X\n"));
}

static void test_last_processed_when_enabled_then_the_last_one_counted(void **state)
{
    struct session_rig *rig = *state;
    rig->config.enable_last_msg_seq_num_processed = true;
    rig_log_on(rig);
    rig_send(rig, "35=8|37=A");
    rig_receive(rig, "35=D|34=2|11=X");
    rig_send(rig, "35=8|37=B");
    rig_receive(rig, "35=D|34=5|11=Y"); /* held: not processed */
    rig_receive(rig, "35=2|34=6|7=2|16=3");
    rig_serve(rig); /* as of now, not as it was */
    expect_trace(rig, "[0.000] > ExecutionReport seq=2 369=1 37=A\n"
                      "[0.000] < NewOrderSingle seq=2 11=X\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] > ExecutionReport seq=3 369=2 37=B\n"
                      "[0.000] < NewOrderSingle seq=5 11=Y\n"
                      "[0.000] hold 5\n"
                      "[0.000] state ACTIVE -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] > ResendRequest seq=4 369=2 7=3 16=0\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"
                      "[0.000] < ResendRequest seq=6 7=2 16=3\n"
                      "[0.000] replay 2..3\n"
                      "[0.000] hold 6\n"
                      "[0.000] > ExecutionReport seq=2 43=Y 122=0.000 369=2 37=A\n"
                      "[0.000] > ExecutionReport seq=3 43=Y 122=0.000 369=2 37=B\n");
}

static void test_last_processed_when_nothing_was_received_then_zero(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig->config.enable_last_msg_seq_num_processed = true;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    assert_non_null(strstr(rig->trace, "> Logon seq=1 369=0 98=0 108=30\n"));
}

static void test_last_processed_when_received_then_not_looked_at(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|369=9999|11=X");
    rig_receive(rig, "35=D|34=3|369=x|11=X");
    assert_null(strstr(rig->trace, "] > "));
    expect_numbers(rig, 2, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_poss_dup_when_no_orig_sending_time_is_required_then_taken),
        SESSION_TEST(test_poss_dup_when_not_required_but_there_then_checked),
        SESSION_TEST(
            test_poss_dup_when_it_fills_a_gap_without_orig_sending_time_then_rejected_and_counted),
        SESSION_TEST(test_poss_dup_when_a_gap_fill_then_it_needs_no_orig_sending_time),
        SESSION_TEST(test_poss_dup_when_too_high_then_held_like_any_other),
        SESSION_TEST(test_poss_dup_when_behind_the_body_then_not_seen),
        SESSION_TEST(test_poss_resend_when_set_then_the_application_decides),
        SESSION_TEST(test_poss_resend_when_its_number_is_low_then_logout),
        SESSION_TEST(test_poss_resend_when_of_ours_then_resent_with_it),
        SESSION_TEST(test_last_processed_when_enabled_then_the_last_one_counted),
        SESSION_TEST(test_last_processed_when_nothing_was_received_then_zero),
        SESSION_TEST(test_last_processed_when_received_then_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
