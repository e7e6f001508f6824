/* Messages that are wrong before their number matters. */
#include "tests/unit/support_session.h"

static void expect_answer(void **state, const char *text, const char *trace, uint64_t next_out,
                          uint64_t next_in)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, text);
    expect_trace(rig, trace);
    expect_numbers(rig, next_out, next_in);
    rig->next_out = 1;
    rig->next_in = 1;
}

static void test_header_when_a_field_is_missing_then_rejected_and_counted(void **state)
{
    expect_answer(state, "35=D|34=2|!49|11=X",
                  "[0.000] < NewOrderSingle seq=2 !49 11=X\n"
                  "[0.000] > Reject seq=2 45=2 58=Required tag missing 371=49 372=D 373=1\n",
                  3, 3);
    expect_answer(state, "35=D|34=2|!56|11=X",
                  "[0.000] < NewOrderSingle seq=2 !56 11=X\n"
                  "[0.000] > Reject seq=2 45=2 58=Required tag missing 371=56 372=D 373=1\n",
                  3, 3);
    expect_answer(state, "35=D|34=2|!52|11=X",
                  "[0.000] < NewOrderSingle seq=2 !52 11=X\n"
                  "[0.000] > Reject seq=2 45=2 58=Required tag missing 371=52 372=D 373=1\n",
                  3, 3);
}

static void test_header_when_a_field_is_empty_then_rejected_and_counted(void **state)
{
    expect_answer(state, "35=0|34=2|56=",
                  "[0.000] < Heartbeat seq=2 56=\n"
                  "[0.000] > Reject seq=2 45=2 58=Tag specified without a value 371=56 372=0 "
                  "373=4\n",
                  3, 3);
    expect_answer(state, "35=0|34=2|52=",
                  "[0.000] < Heartbeat seq=2 52=\n"
                  "[0.000] > Reject seq=2 45=2 58=Tag specified without a value 371=52 372=0 "
                  "373=4\n",
                  3, 3);
    expect_answer(state, "35=|34=2",
                  "[0.000] < unknown type seq=2\n"
                  "[0.000] > Reject seq=2 45=2 58=Tag specified without a value 371=35 373=4\n",
                  3, 3);
}

static void test_sending_time_when_no_time_then_rejected_and_counted(void **state)
{
    expect_answer(state, "35=0|34=2|52=20240506",
                  "[0.000] < Heartbeat seq=2 52=20240506\n"
                  "[0.000] > Reject seq=2 45=2 58=Incorrect data format for value 371=52 372=0 "
                  "373=6\n",
                  3, 3);
}

static void test_header_when_wrong_and_number_is_high_then_rejected_and_not_counted(void **state)
{
    expect_answer(state, "35=D|34=7|!52|11=X",
                  "[0.000] < NewOrderSingle seq=7 !52 11=X\n"
                  "[0.000] > Reject seq=2 45=7 58=Required tag missing 371=52 372=D 373=1\n",
                  3, 2);
}

static void test_seq_num_when_missing_then_logout_and_close(void **state)
{
#define NO_SEQ_NUM                                                                                 \
    "[0.000] > Logout seq=2 58=MsgSeqNum(34) missing or not a number\n"                            \
    "[0.000] state ACTIVE -> DISCONNECTED_BROKEN_CONN\n"                                           \
    "[0.000] ! close: MsgSeqNum missing\n"                                                         \
    "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n"
    expect_answer(state, "35=0|!34", "[0.000] < Heartbeat !34\n" NO_SEQ_NUM, 3, 2);
    expect_answer(state, "35=0|34=", "[0.000] < Heartbeat seq=\n" NO_SEQ_NUM, 3, 2);
    expect_answer(state, "35=0|34=-2", "[0.000] < Heartbeat seq=-2\n" NO_SEQ_NUM, 3, 2);
    expect_answer(state, "35=0|34=2.0", "[0.000] < Heartbeat seq=2.0\n" NO_SEQ_NUM, 3, 2);
}

static void test_tag_when_no_number_then_rejected_and_counted(void **state)
{
    expect_answer(state, "35=0|34=2|garbage",
                  "[0.000] < Heartbeat seq=2 garbage\n"
                  "[0.000] > Reject seq=2 45=2 58=Invalid tag number 372=0 373=0\n",
                  3, 3);
    expect_answer(state, "35=D|34=2|4x1=5",
                  "[0.000] < NewOrderSingle seq=2 4x1=5\n"
                  "[0.000] > Reject seq=2 45=2 58=Invalid tag number 372=D 373=0\n",
                  3, 3);
    expect_answer(state, "35=D|34=2|=5",
                  "[0.000] < NewOrderSingle seq=2 =5\n"
                  "[0.000] > Reject seq=2 45=2 58=Invalid tag number 372=D 373=0\n",
                  3, 3);
}

static void test_data_field_when_length_is_true_then_soh_is_part_of_it(void **state)
{
    expect_answer(state, "35=D|34=2|95=4|96=a^=b|11=X",
                  "[0.000] < NewOrderSingle seq=2 95=4 96=a^=b 11=X\n"
                  "[0.000] deliver NewOrderSingle\n",
                  2, 3);
}

static void test_data_field_when_length_lies_then_rejected_and_counted(void **state)
{
    expect_answer(state, "35=D|34=2|95=9999|96=abc",
                  "[0.000] < NewOrderSingle seq=2 95=9999 96=abc\n"
                  "[0.000] > Reject seq=2 45=2 58=Data field is not as long as announced 371=96 "
                  "372=D 373=6\n",
                  3, 3);
    expect_answer(state, "35=D|34=2|95=2|96=abc|11=X",
                  "[0.000] < NewOrderSingle seq=2 95=2 96=abc 11=X\n"
                  "[0.000] > Reject seq=2 45=2 58=Data field is not as long as announced 371=96 "
                  "372=D 373=6\n",
                  3, 3);
}

static void test_begin_string_when_it_changes_then_logout_and_close_on_the_answer(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=0|34=2|8=FIX.4.1");
    expect_trace(rig, "[0.000] < Heartbeat seq=2 8=FIX.4.1\n"
                      "[0.000] > Logout seq=2 58=Incorrect BeginString\n"
                      "[0.000] state ACTIVE -> INITIATE_LOGOUT\n");
    rig_receive(rig, "35=5|34=3|8=FIX.4.1");
    expect_trace(rig, "[0.000] < Logout seq=3 8=FIX.4.1\n"
                      "[0.000] logout\n"
                      "[0.000] state INITIATE_LOGOUT -> DISCONNECTED_WCONN_TODAY\n"
                      "[0.000] ! close: wrong BeginString\n"
                      "[0.000] state DISCONNECTED_WCONN_TODAY -> AWAITING_CONNECTION\n");
}

static void test_begin_string_when_it_changes_then_close_without_an_answer_too(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=0|34=2|8=FIX.4.1");
    rig_receive(rig, "35=0|34=3|8=FIX.4.1"); /* said once is enough */
    rig_forget_trace(rig);
    rig_advance(rig, 1999);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    expect_trace(rig, "[2.000] state INITIATE_LOGOUT -> DISCONNECTED_BROKEN_CONN\n"
                      "[2.000] ! close: no answer to Logout\n"
                      "[2.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
}

#define COMP_ID_PROBLEM                                                                            \
    "[0.000] > Reject seq=2 45=2 58=CompID problem 372=D 373=9\n"                                  \
    "[0.000] > Logout seq=3\n"                                                                     \
    "[0.000] state ACTIVE -> INITIATE_LOGOUT\n"

static void test_comp_id_when_it_changes_then_rejected_and_logout(void **state)
{
    expect_answer(state, "35=D|34=2|49=OTHER|11=X",
                  "[0.000] < NewOrderSingle seq=2 49=OTHER 11=X\n" COMP_ID_PROBLEM, 4, 3);
    expect_answer(state, "35=D|34=2|56=OTHER|11=X",
                  "[0.000] < NewOrderSingle seq=2 56=OTHER 11=X\n" COMP_ID_PROBLEM, 4, 3);
    expect_answer(state, "35=D|34=2|49=SERVER|56=CLIENT|11=X",
                  "[0.000] < NewOrderSingle seq=2 49=SERVER 56=CLIENT 11=X\n" COMP_ID_PROBLEM, 4,
                  3);
    expect_answer(state, "35=D|34=2|49=CLIEN|11=X",
                  "[0.000] < NewOrderSingle seq=2 49=CLIEN 11=X\n" COMP_ID_PROBLEM, 4, 3);
}

static void test_comp_id_when_it_changes_then_closed_for_that_reason(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|49=OTHER|11=X");
    rig_forget_trace(rig);
    rig_receive(rig, "35=5|34=3|49=OTHER");
    expect_trace(rig, "[0.000] < Logout seq=3 49=OTHER\n"
                      "[0.000] logout\n"
                      "[0.000] state INITIATE_LOGOUT -> DISCONNECTED_WCONN_TODAY\n"
                      "[0.000] ! close: CompID problem\n"
                      "[0.000] state DISCONNECTED_WCONN_TODAY -> AWAITING_CONNECTION\n");
}

static void test_comp_id_when_not_checked_then_taken(void **state)
{
    struct session_rig *rig = *state;
    rig->config.check_comp_id = false;
    expect_answer(state, "35=D|34=2|49=OTHER|11=X",
                  "[0.000] < NewOrderSingle seq=2 49=OTHER 11=X\n"
                  "[0.000] deliver NewOrderSingle\n",
                  2, 3);
}

static void test_sending_time_when_off_then_rejected_and_logout(void **state)
{
#define TIME_PROBLEM                                                                               \
    "[0.000] > Reject seq=2 45=2 58=SendingTime accuracy problem 372=0 373=10\n"                   \
    "[0.000] > Logout seq=3\n"                                                                     \
    "[0.000] state ACTIVE -> INITIATE_LOGOUT\n"
    expect_answer(state, "35=0|34=2|52=@-121", "[0.000] < Heartbeat seq=2 52=@-121\n" TIME_PROBLEM,
                  4, 3);
    expect_answer(state, "35=0|34=2|52=@121", "[0.000] < Heartbeat seq=2 52=@121\n" TIME_PROBLEM, 4,
                  3);
}

static void test_sending_time_when_not_checked_then_taken(void **state)
{
    struct session_rig *rig = *state;
    rig->config.check_latency = false;
    expect_answer(state, "35=0|34=2|52=@-999999", "[0.000] < Heartbeat seq=2 52=@-999999\n", 2, 3);
}

static void test_poss_dup_when_without_orig_sending_time_then_rejected(void **state)
{
    expect_answer(state, "35=D|34=1|43=Y|11=X",
                  "[0.000] < NewOrderSingle seq=1 43=Y 11=X\n"
                  "[0.000] > Reject seq=2 45=1 58=Required tag missing 371=122 372=D 373=1\n",
                  3, 2);
    expect_answer(state, "35=D|34=2|43=Y|11=X",
                  "[0.000] < NewOrderSingle seq=2 43=Y 11=X\n"
                  "[0.000] > Reject seq=2 45=2 58=Required tag missing 371=122 372=D 373=1\n",
                  3, 3);
    expect_answer(state, "35=D|34=1|43=Y|122=once|11=X",
                  "[0.000] < NewOrderSingle seq=1 43=Y 122=once 11=X\n"
                  "[0.000] > Reject seq=2 45=1 58=Incorrect data format for value 371=122 372=D "
                  "373=6\n",
                  3, 2);
}

static void test_poss_dup_when_sent_before_it_was_written_then_rejected_and_logout(void **state)
{
    expect_answer(state, "35=D|34=1|43=Y|122=@1|11=X",
                  "[0.000] < NewOrderSingle seq=1 43=Y 122=@1 11=X\n"
                  "[0.000] > Reject seq=2 45=1 58=SendingTime accuracy problem 372=D 373=10\n"
                  "[0.000] > Logout seq=3\n"
                  "[0.000] state ACTIVE -> INITIATE_LOGOUT\n",
                  4, 2);
}

static void test_fault_when_two_then_only_the_first_is_reported(void **state)
{
    expect_answer(state, "35=1|34=2|!49|!52|garbage",
                  "[0.000] < TestRequest seq=2 !49 !52 garbage\n"
                  "[0.000] > Reject seq=2 45=2 58=Invalid tag number 372=1 373=0\n",
                  3, 3);
}

/* A Reject is no reason for another one. */
static void test_reject_when_received_then_delivered_and_counted(void **state)
{
    expect_answer(state, "35=3|34=2|45=1|58=no",
                  "[0.000] < Reject seq=2 45=1 58=no\n"
                  "[0.000] deliver Reject\n",
                  2, 3);
}

static void test_fault_when_the_msg_type_is_long_then_rejected_without_it(void **state)
{
    expect_answer(state, "35=123456789012345678901234567890123|34=2|!52",
                  "[0.000] < unknown type seq=2 !52\n"
                  "[0.000] > Reject seq=2 45=2 58=Required tag missing 371=52 373=1\n",
                  3, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_header_when_a_field_is_missing_then_rejected_and_counted),
        SESSION_TEST(test_header_when_a_field_is_empty_then_rejected_and_counted),
        SESSION_TEST(test_sending_time_when_no_time_then_rejected_and_counted),
        SESSION_TEST(test_header_when_wrong_and_number_is_high_then_rejected_and_not_counted),
        SESSION_TEST(test_seq_num_when_missing_then_logout_and_close),
        SESSION_TEST(test_tag_when_no_number_then_rejected_and_counted),
        SESSION_TEST(test_data_field_when_length_is_true_then_soh_is_part_of_it),
        SESSION_TEST(test_data_field_when_length_lies_then_rejected_and_counted),
        SESSION_TEST(test_begin_string_when_it_changes_then_logout_and_close_on_the_answer),
        SESSION_TEST(test_begin_string_when_it_changes_then_close_without_an_answer_too),
        SESSION_TEST(test_comp_id_when_it_changes_then_rejected_and_logout),
        SESSION_TEST(test_comp_id_when_it_changes_then_closed_for_that_reason),
        SESSION_TEST(test_comp_id_when_not_checked_then_taken),
        SESSION_TEST(test_sending_time_when_off_then_rejected_and_logout),
        SESSION_TEST(test_sending_time_when_not_checked_then_taken),
        SESSION_TEST(test_poss_dup_when_without_orig_sending_time_then_rejected),
        SESSION_TEST(test_poss_dup_when_sent_before_it_was_written_then_rejected_and_logout),
        SESSION_TEST(test_fault_when_two_then_only_the_first_is_reported),
        SESSION_TEST(test_reject_when_received_then_delivered_and_counted),
        SESSION_TEST(test_fault_when_the_msg_type_is_long_then_rejected_without_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
