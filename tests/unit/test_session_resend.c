/* ResendRequest served: what is repeated, what a gap fill covers, and when. */
#include <string.h>

#include "tests/unit/support_session.h"

/* Sent so far: 1 Logon, 2 and 3 orders, 4 Heartbeat, 5 Reject, 6 order. Next received: 4. */
static struct session_rig *with_history(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_send(rig, "35=8|37=B");
    rig_advance(rig, 1000);
    rig_send(rig, "35=8|37=C|58=some text");
    rig_receive(rig, "35=1|34=2|112=T");
    rig_receive(rig, "35=1|34=3");
    rig_send(rig, "35=8|37=F");
    rig_advance(rig, 1000);
    rig_forget_trace(rig);
    expect_numbers(rig, 7, 4);
    return rig;
}

#define SERVING  "[2.000] state ACTIVE -> RESENDREQ_HANDLING\n"
#define SERVED   "[2.000] state RESENDREQ_HANDLING -> ACTIVE\n"
#define LOGON_1  "[2.000] > SequenceReset seq=1 43=Y 122=2.000 36=2 123=Y\n"
#define REPORT_2 "[2.000] > ExecutionReport seq=2 43=Y 122=0.000 37=B\n"
#define REPORT_3 "[2.000] > ExecutionReport seq=3 43=Y 122=1.000 37=C 58=some text\n"
#define FILL_4   "[2.000] > SequenceReset seq=4 43=Y 122=2.000 36=5 123=Y\n"
#define REJECT_5                                                                                   \
    "[2.000] > Reject seq=5 43=Y 122=1.000 45=3 58=Required tag missing 371=112 372=1 373=1\n"
#define REPORT_6 "[2.000] > ExecutionReport seq=6 43=Y 122=1.000 37=F\n"

static void test_resend_when_open_ended_then_everything_is_covered(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=4|7=1|16=0");
    expect_trace(rig, "[2.000] < ResendRequest seq=4 7=1 16=0\n"
                      "[2.000] replay 1..6\n" SERVING);
    rig_serve(rig);
    expect_trace(rig, LOGON_1 REPORT_2 REPORT_3 FILL_4 REJECT_5 REPORT_6 SERVED);
    expect_numbers(rig, 7, 5);
}

static void test_resend_when_bounded_then_only_that(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=4|7=2|16=4");
    expect_trace(rig, "[2.000] < ResendRequest seq=4 7=2 16=4\n"
                      "[2.000] replay 2..4\n" SERVING);
    rig_serve(rig);
    expect_trace(rig, REPORT_2 REPORT_3 FILL_4 SERVED);
}

static void test_resend_when_one_message_then_only_that(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=4|7=6|16=6");
    rig_forget_trace(rig);
    rig_serve(rig);
    expect_trace(rig, REPORT_6 SERVED);
}

static void test_resend_when_end_is_beyond_the_last_then_up_to_the_last(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=4|7=6|16=999999");
    expect_trace(rig, "[2.000] < ResendRequest seq=4 7=6 16=999999\n"
                      "[2.000] replay 6..6\n" SERVING);
}

static void test_resend_when_nothing_but_session_messages_then_one_gap_fill(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=1|34=2|112=T");
    rig_receive(rig, "35=1|34=3|112=T");
    rig_receive(rig, "35=2|34=4|7=1|16=0");
    rig_forget_trace(rig);
    rig_serve(rig);
    expect_trace(rig, "[0.000] > SequenceReset seq=1 43=Y 122=0.000 36=4 123=Y\n"
                      "[0.000] state RESENDREQ_HANDLING -> ACTIVE\n");
}

static void expect_range_rejected(void **state, const char *text, const char *trace)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, text);
    expect_trace(rig, trace);
    expect_numbers(rig, 8, 5);
    session_rig_tear_down(state);
    session_rig_set_up_44(state);
}

static void test_resend_when_range_makes_no_sense_then_rejected(void **state)
{
#define OUT_OF_RANGE "58=Value is incorrect (out of range) for this tag"
    expect_range_rejected(state, "35=2|34=4|7=0|16=0",
                          "[2.000] < ResendRequest seq=4 7=0 16=0\n"
                          "[2.000] > Reject seq=7 45=4 " OUT_OF_RANGE " 371=7 372=2 373=5\n");
    expect_range_rejected(state, "35=2|34=4|7=7|16=0",
                          "[2.000] < ResendRequest seq=4 7=7 16=0\n"
                          "[2.000] > Reject seq=7 45=4 " OUT_OF_RANGE " 371=7 372=2 373=5\n");
    expect_range_rejected(state, "35=2|34=4|7=5|16=4",
                          "[2.000] < ResendRequest seq=4 7=5 16=4\n"
                          "[2.000] > Reject seq=7 45=4 " OUT_OF_RANGE " 371=16 372=2 373=5\n");
    expect_range_rejected(state, "35=2|34=4|16=0",
                          "[2.000] < ResendRequest seq=4 16=0\n"
                          "[2.000] > Reject seq=7 45=4 58=Required tag missing 371=7 372=2 "
                          "373=1\n");
    expect_range_rejected(state, "35=2|34=4|7=1",
                          "[2.000] < ResendRequest seq=4 7=1\n"
                          "[2.000] > Reject seq=7 45=4 58=Required tag missing 371=16 372=2 "
                          "373=1\n");
    expect_range_rejected(state, "35=2|34=4|7=-1|16=0",
                          "[2.000] < ResendRequest seq=4 7=-1 16=0\n"
                          "[2.000] > Reject seq=7 45=4 58=Incorrect data format for value 371=7 "
                          "372=2 373=6\n");
}

static bool not_three(uint64_t seq_num)
{
    return seq_num != 3;
}

static void test_resend_when_the_application_declines_then_gap_fill(void **state)
{
    struct session_rig *rig = with_history(state);
    rig->should_replay = not_three;
    rig_receive(rig, "35=2|34=4|7=1|16=0");
    rig_forget_trace(rig);
    rig_serve(rig);
    expect_trace(
        rig, LOGON_1 REPORT_2
        "[2.000] > SequenceReset seq=3 43=Y 122=2.000 36=5 123=Y\n" REJECT_5 REPORT_6 SERVED);
}

static void test_resend_when_nothing_is_stored_then_one_gap_fill(void **state)
{
    struct session_rig *rig = *state;
    rig->config.persist_messages = false;
    with_history(state);
    rig_receive(rig, "35=2|34=4|7=1|16=0");
    rig_forget_trace(rig);
    rig_serve(rig);
    expect_trace(rig, "[2.000] > SequenceReset seq=1 43=Y 122=2.000 36=7 123=Y\n" SERVED);
}

static void test_resend_when_a_stored_message_is_damaged_then_gap_fill_and_note(void **state)
{
    struct session_rig *rig = with_history(state);
    rig->stored[1].data[rig->stored[1].size / 2] = '\x01';
    rig_receive(rig, "35=2|34=4|7=1|16=3");
    rig_forget_trace(rig);
    rig_serve(rig);
    expect_trace(rig, "[2.000] note: journaled message 2 is damaged, gap fill sent in its place\n"
                      "[2.000] > SequenceReset seq=1 43=Y 122=2.000 36=3 123=Y\n" REPORT_3 SERVED);
}

static void test_resend_when_messages_are_sent_meanwhile_then_they_are_not_part_of_it(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=4|7=3|16=0");
    rig_forget_trace(rig);
    rig_serve_up_to(rig, 3);
    rig_send(rig, "35=8|37=NEW");
    rig_serve(rig);
    expect_trace(rig, REPORT_3
                 "[2.000] > ExecutionReport seq=7 37=NEW\n" FILL_4 REJECT_5 REPORT_6 SERVED);
}

static void test_resend_when_asked_again_from_before_then_starts_over(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=4|7=3|16=0");
    rig_serve_up_to(rig, 3);
    rig_forget_trace(rig);
    rig_receive(rig, "35=2|34=5|7=2|16=3");
    expect_trace(rig, "[2.000] < ResendRequest seq=5 7=2 16=3\n"
                      "[2.000] replay 2..6\n");
    rig_serve(rig);
    expect_trace(rig, REPORT_2 REPORT_3 FILL_4 REJECT_5 REPORT_6 SERVED);
    expect_numbers(rig, 7, 6);
}

static void test_resend_when_asked_again_from_behind_then_goes_on(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=4|7=2|16=3");
    rig_forget_trace(rig);
    rig_receive(rig, "35=2|34=5|7=5|16=0");
    expect_trace(rig, "[2.000] < ResendRequest seq=5 7=5 16=0\n"
                      "[2.000] replay 2..6\n");
    rig_serve(rig);
    expect_trace(rig, REPORT_2 REPORT_3 FILL_4 REJECT_5 REPORT_6 SERVED);
}

static void test_resend_when_its_number_is_high_then_served_at_once_and_gap_asked_for(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=6|7=6|16=0");
    expect_trace(rig, "[2.000] < ResendRequest seq=6 7=6 16=0\n"
                      "[2.000] replay 6..6\n" SERVING "[2.000] hold 6\n"
                      "[2.000] state RESENDREQ_HANDLING -> RECV_SEQNUM_TOO_HIGH\n"
                      "[2.000] > ResendRequest seq=7 7=4 16=0\n"
                      "[2.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n");
    rig_serve(rig);
    expect_trace(rig, REPORT_6);
    rig_receive(rig, "35=4|34=4|43=Y|36=6|123=Y");
    expect_trace(rig, "[2.000] < SequenceReset seq=4 43=Y 36=6 123=Y\n"
                      "[2.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[2.000] feed 6\n"); /* served once is enough */
    expect_numbers(rig, 8, 7);
}

static void test_resend_when_the_gap_fills_first_then_serving_goes_on(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=6|7=6|16=0");
    rig_forget_trace(rig);
    rig_receive(rig, "35=4|34=4|43=Y|36=7|123=Y");
    expect_trace(rig, "[2.000] < SequenceReset seq=4 43=Y 36=7 123=Y\n"
                      "[2.000] state RESENDREQ_AWAITING -> RESENDREQ_HANDLING\n");
    rig_serve(rig);
    expect_trace(rig, REPORT_6 SERVED);
}

static void test_resend_when_its_number_is_low_then_served_and_not_counted(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=3|7=6|16=0");
    expect_trace(rig, "[2.000] < ResendRequest seq=3 7=6 16=0\n"
                      "[2.000] replay 6..6\n" SERVING);
    rig_serve(rig);
    expect_trace(rig, REPORT_6 SERVED);
    expect_numbers(rig, 7, 4);
}

/* Two sides that each miss something: neither waits for the other. */
static void test_resend_when_we_wait_for_one_then_served_all_the_same(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=0|34=9");
    rig_forget_trace(rig);
    rig_receive(rig, "35=2|34=10|7=6|16=0");
    expect_trace(rig, "[2.000] < ResendRequest seq=10 7=6 16=0\n"
                      "[2.000] replay 6..7\n"
                      "[2.000] hold 10\n");
    rig_serve(rig);
    expect_trace(rig, REPORT_6 "[2.000] > SequenceReset seq=7 43=Y 122=2.000 36=8 123=Y\n");
}

static void test_resend_when_the_connection_ends_then_abandoned(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=4|7=1|16=0");
    rig_serve_up_to(rig, 2);
    uint64_t first = rig->replay_first;
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_forget_trace(rig);
    rig->replay_first = first; /* what was under way already arrives all the same */
    rig_serve(rig);
    expect_trace(rig, "");
}

static void test_resend_when_it_takes_long_then_counts_as_sending(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_receive(rig, "35=2|34=4|7=2|16=3");
    rig_advance(rig, 20000);
    rig_serve(rig);
    rig_receive(rig, "35=0|34=5");
    rig_forget_trace(rig);
    rig_advance(rig, 29999);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    expect_trace(rig, "[52.000] > Heartbeat seq=7\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_resend_when_open_ended_then_everything_is_covered),
        SESSION_TEST(test_resend_when_bounded_then_only_that),
        SESSION_TEST(test_resend_when_one_message_then_only_that),
        SESSION_TEST(test_resend_when_end_is_beyond_the_last_then_up_to_the_last),
        SESSION_TEST(test_resend_when_nothing_but_session_messages_then_one_gap_fill),
        SESSION_TEST(test_resend_when_range_makes_no_sense_then_rejected),
        SESSION_TEST(test_resend_when_the_application_declines_then_gap_fill),
        SESSION_TEST(test_resend_when_nothing_is_stored_then_one_gap_fill),
        SESSION_TEST(test_resend_when_a_stored_message_is_damaged_then_gap_fill_and_note),
        SESSION_TEST(test_resend_when_messages_are_sent_meanwhile_then_they_are_not_part_of_it),
        SESSION_TEST(test_resend_when_asked_again_from_before_then_starts_over),
        SESSION_TEST(test_resend_when_asked_again_from_behind_then_goes_on),
        SESSION_TEST(test_resend_when_its_number_is_high_then_served_at_once_and_gap_asked_for),
        SESSION_TEST(test_resend_when_its_number_is_low_then_served_and_not_counted),
        SESSION_TEST(test_resend_when_the_gap_fills_first_then_serving_goes_on),
        SESSION_TEST(test_resend_when_we_wait_for_one_then_served_all_the_same),
        SESSION_TEST(test_resend_when_the_connection_ends_then_abandoned),
        SESSION_TEST(test_resend_when_it_takes_long_then_counts_as_sending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
