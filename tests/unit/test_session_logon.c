/* Logon at an acceptor: what it takes, what it changes, and what is refused without a word. */
#include <string.h>

#include "tests/unit/support_session.h"

#define CONNECTED "[0.000] state AWAITING_CONNECTION -> NETWORK_CONN_ESTABLISHED\n"
#define REFUSED(seconds, reason)                                                                   \
    "[" seconds "] state NETWORK_CONN_ESTABLISHED -> DISCONNECTED_BROKEN_CONN\n"                   \
    "[" seconds "] ! close: " reason "\n"                                                          \
    "[" seconds "] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n"
#define LOGON_RECEIVED "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
#define LOGON_ANSWERED "[0.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
#define ACTIVE                                                                                     \
    LOGON_ANSWERED                                                                                 \
    "[0.000] state LOGON_RESPONSE -> ACTIVE\n"                                                     \
    "[0.000] logon, healthy\n"

/* A session that has seen traffic before, and a connection to it. */
static struct session_rig *connected(void **state, uint64_t next_out, uint64_t next_in)
{
    struct session_rig *rig = *state;
    rig->next_out = next_out;
    rig->next_in = next_in;
    rig_start(rig);
    rig_connect(rig);
    rig_forget_trace(rig);
    return rig;
}

static void test_logon_when_acceptable_then_answered_and_active(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    expect_trace(rig, "[0.000] state UNKNOWN -> DISCONNECTED_NOCONN_TODAY\n"
                      "[0.000] state DISCONNECTED_NOCONN_TODAY -> AWAITING_CONNECTION\n");
    rig_connect(rig);
    expect_trace(rig, CONNECTED);
    rig_receive(rig, "35=A|34=1|98=0|108=45");
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=45\n" LOGON_RECEIVED
                      "[0.000] > Logon seq=1 98=0 108=45\n" ACTIVE);
    assert_int_equal(rfx_session_heartbeat_s(&rig->session), 45);
    assert_true(rfx_session_is_logged_on(&rig->session));
    expect_numbers(rig, 2, 2);
}

static void test_logon_when_numbers_go_on_then_continued(void **state)
{
    struct session_rig *rig = connected(state, 71, 58);
    rig_receive(rig, "35=A|34=58|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=58 98=0 108=30\n" LOGON_RECEIVED
                      "[0.000] > Logon seq=71 98=0 108=30\n" ACTIVE);
    expect_numbers(rig, 72, 59);
}

static void expect_refused(void **state, const char *logon, const char *trace)
{
    struct session_rig *rig = connected(state, 3, 3);
    rig_receive(rig, logon);
    expect_trace(rig, trace);
    expect_numbers(rig, 3, 3);
    assert_false(rfx_session_is_connected(&rig->session));
}

#define BAD_HEARTBEAT                                                                              \
    "[0.000] note: Logon refused: HeartBtInt(108) missing or not a number of seconds from 0 to "   \
    "86400\n" REFUSED("0.000", "invalid Logon")

static void test_logon_when_heartbtint_is_unusable_then_refused(void **state)
{
    expect_refused(state, "35=A|34=3|98=0", "[0.000] < Logon seq=3 98=0\n" BAD_HEARTBEAT);
    expect_refused(state, "35=A|34=3|98=0|108=-1",
                   "[0.000] < Logon seq=3 98=0 108=-1\n" BAD_HEARTBEAT);
    expect_refused(state, "35=A|34=3|98=0|108=86401",
                   "[0.000] < Logon seq=3 98=0 108=86401\n" BAD_HEARTBEAT);
    expect_refused(state, "35=A|34=3|98=0|108=99999999999999999999",
                   "[0.000] < Logon seq=3 98=0 108=99999999999999999999\n" BAD_HEARTBEAT);
    expect_refused(state, "35=A|34=3|98=0|108=30s",
                   "[0.000] < Logon seq=3 98=0 108=30s\n" BAD_HEARTBEAT);
}

static void test_logon_when_heartbtint_is_the_longest_then_taken(void **state)
{
    struct session_rig *rig = connected(state, 1, 1);
    rig_receive(rig, "35=A|98=0|108=86400");
    assert_int_equal(rfx_session_heartbeat_s(&rig->session), 86400);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void test_logon_when_encryption_is_asked_for_then_refused(void **state)
{
    expect_refused(state, "35=A|34=3|98=1|108=30",
                   "[0.000] < Logon seq=3 98=1 108=30\n"
                   "[0.000] note: Logon refused: EncryptMethod(98) must be 0 (none)\n" //
                   REFUSED("0.000", "invalid Logon"));
}

static void test_logon_when_seq_num_is_unusable_then_refused(void **state)
{
#define BAD_SEQ_NUM                                                                                \
    "[0.000] note: Logon refused: MsgSeqNum(34) missing or not a number from 1 on\n" REFUSED(      \
        "0.000", "invalid Logon")
    expect_refused(state, "35=A|!34|98=0|108=30", "[0.000] < Logon !34 98=0 108=30\n" BAD_SEQ_NUM);
    expect_refused(state, "35=A|34=0|98=0|108=30",
                   "[0.000] < Logon seq=0 98=0 108=30\n" BAD_SEQ_NUM);
    expect_refused(state, "35=A|34=x|98=0|108=30",
                   "[0.000] < Logon seq=x 98=0 108=30\n" BAD_SEQ_NUM);
}

static void test_logon_when_malformed_then_refused(void **state)
{
    expect_refused(state, "35=A|34=3|98=0|108=30|garbage",
                   "[0.000] < Logon seq=3 98=0 108=30 garbage\n"
                   "[0.000] note: Logon refused: a tag is no number, or a data field is not as "
                   "long as announced\n" REFUSED("0.000", "invalid Logon"));
}

static void test_logon_when_for_another_session_then_refused(void **state)
{
#define NOT_OURS                                                                                   \
    "[0.000] note: Logon refused: BeginString or CompIDs are not this session's\n" REFUSED(        \
        "0.000", "CompID problem")
    expect_refused(state, "35=A|34=3|49=OTHER|98=0|108=30",
                   "[0.000] < Logon seq=3 49=OTHER 98=0 108=30\n" NOT_OURS);
    expect_refused(state, "35=A|34=3|56=OTHER|98=0|108=30",
                   "[0.000] < Logon seq=3 56=OTHER 98=0 108=30\n" NOT_OURS);
    expect_refused(state, "35=A|34=3|!49|98=0|108=30",
                   "[0.000] < Logon seq=3 !49 98=0 108=30\n" NOT_OURS);
    expect_refused(state, "35=A|34=3|8=FIX.4.3|98=0|108=30",
                   "[0.000] < Logon seq=3 8=FIX.4.3 98=0 108=30\n" NOT_OURS);
}

static void test_logon_when_sending_time_is_off_then_refused(void **state)
{
#define BAD_TIME                                                                                   \
    "[0.000] note: Logon refused: SendingTime(52) is too far from our clock, or no "               \
    "UTCTimestamp\n" REFUSED("0.000", "SendingTime accuracy problem")
    expect_refused(state, "35=A|34=3|52=@-121|98=0|108=30",
                   "[0.000] < Logon seq=3 52=@-121 98=0 108=30\n" BAD_TIME);
    expect_refused(state, "35=A|34=3|52=@121|98=0|108=30",
                   "[0.000] < Logon seq=3 52=@121 98=0 108=30\n" BAD_TIME);
    expect_refused(state, "35=A|34=3|!52|98=0|108=30",
                   "[0.000] < Logon seq=3 !52 98=0 108=30\n" BAD_TIME);
    expect_refused(state, "35=A|34=3|52=yesterday|98=0|108=30",
                   "[0.000] < Logon seq=3 52=yesterday 98=0 108=30\n" BAD_TIME);
}

static void test_logon_when_sending_time_is_just_within_max_latency_then_taken(void **state)
{
    struct session_rig *rig = connected(state, 1, 1);
    rig_receive(rig, "35=A|52=@-120|98=0|108=30");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    rig_receive(rig, "35=0|52=@120");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    expect_numbers(rig, 2, 3);
}

static void test_logon_when_latency_is_not_checked_then_old_time_taken_but_no_nonsense(void **state)
{
    struct session_rig *rig = *state;
    rig->config.check_latency = false;
    rig = connected(state, 1, 1);
    rig_receive(rig, "35=A|52=20010101-00:00:00|98=0|108=30");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    rig = connected(state, 1, 1);
    rig_receive(rig, "35=A|52=20011301-00:00:00|98=0|108=30");
    assert_false(rfx_session_is_connected(&rig->session));
}

static void test_first_message_when_not_a_logon_then_closed_in_silence(void **state)
{
    expect_refused(state, "35=0|34=3",
                   "[0.000] < Heartbeat seq=3\n"
                   "[0.000] note: Logon refused: the first message is not a Logon\n" //
                   REFUSED("0.000", "first message is not a Logon"));
    expect_refused(state, "35=5|34=3",
                   "[0.000] < Logout seq=3\n"
                   "[0.000] note: Logon refused: the first message is not a Logon\n" //
                   REFUSED("0.000", "first message is not a Logon"));
}

static void test_logon_when_it_does_not_come_then_closed_after_logon_timeout(void **state)
{
    struct session_rig *rig = connected(state, 1, 1);
    rig_advance(rig, 9999);
    expect_trace(rig, "");
    rig_advance(rig, 20000);
    expect_trace(rig, REFUSED("10.000", "no Logon in time"));
}

static void test_logon_when_number_is_too_low_then_logout_says_so(void **state)
{
    struct session_rig *rig = connected(state, 71, 58);
    rig_receive(rig, "35=A|34=57|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=57 98=0 108=30\n" LOGON_RECEIVED
                      "[0.000] > Logout seq=71 58=MsgSeqNum too low, expecting 58 but received 57\n"
                      "[0.000] state LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: MsgSeqNum too low\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
    expect_numbers(rig, 72, 58);
}

static void test_logon_when_number_is_too_low_then_poss_dup_does_not_help(void **state)
{
    struct session_rig *rig = connected(state, 71, 58);
    rig_receive(rig, "35=A|34=57|43=Y|122=@0|98=0|108=30");
    assert_false(rfx_session_is_connected(&rig->session));
    expect_numbers(rig, 72, 58);
}

#define LOGON_TOO_HIGH                                                                             \
    "[0.000] < Logon seq=61 98=0 108=30\n" LOGON_RECEIVED                                          \
    "[0.000] > Logon seq=71 98=0 108=30\n" LOGON_ANSWERED                                          \
    "[0.000] state LOGON_RESPONSE -> RECV_SEQNUM_TOO_HIGH\n"                                       \
    "[0.000] > ResendRequest seq=72 7=58 16=0\n"                                                   \
    "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"                                   \
    "[0.000] logon, messages are missing\n"

static void test_logon_when_number_is_too_high_then_gap_fill_steps_over_it(void **state)
{
    struct session_rig *rig = connected(state, 71, 58);
    rig_receive(rig, "35=A|34=61|98=0|108=30");
    expect_trace(rig, LOGON_TOO_HIGH);
    rig_receive(rig, "35=4|34=58|43=Y|36=62|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=58 43=Y 36=62 123=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n");
    expect_numbers(rig, 73, 62);
}

static void test_logon_when_number_is_too_high_then_messages_up_to_it_fill_the_gap(void **state)
{
    struct session_rig *rig = connected(state, 71, 58);
    rig_receive(rig, "35=A|34=61|98=0|108=30");
    expect_trace(rig, LOGON_TOO_HIGH);
    rig_receive(rig, "35=D|34=58|43=Y|122=@-9|11=X");
    rig_receive(rig, "35=4|34=59|43=Y|36=60|123=Y");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=58 43=Y 122=@-9 11=X\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < SequenceReset seq=59 43=Y 36=60 123=Y\n");
    rig_receive(rig, "35=D|34=60|43=Y|122=@-9|11=Y");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=60 43=Y 122=@-9 11=Y\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n");
    expect_numbers(rig, 73, 62);
    rig_receive(rig, "35=4|34=61|43=Y|36=62|123=Y"); /* the Logon's own place in the resend */
    expect_trace(rig, "[0.000] < SequenceReset seq=61 43=Y 36=62 123=Y\n");
    expect_numbers(rig, 73, 62);
}

static void test_logon_when_reset_is_asked_for_then_both_numbers_restart(void **state)
{
    struct session_rig *rig = connected(state, 71, 58);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y");
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30 141=Y\n" LOGON_RECEIVED
                      "[0.000] journal reset\n"
                      "[0.000] > Logon seq=1 98=0 108=30 141=Y\n" ACTIVE);
    expect_numbers(rig, 2, 2);
}

static void test_logon_when_reset_is_denied_then_numbers_go_on(void **state)
{
    struct session_rig *rig = connected(state, 71, 58);
    rig_receive(rig, "35=A|34=58|98=0|108=30|141=N");
    expect_trace(rig, "[0.000] < Logon seq=58 98=0 108=30 141=N\n" LOGON_RECEIVED
                      "[0.000] > Logon seq=71 98=0 108=30\n" ACTIVE);
}

static void test_logon_when_reset_comes_with_another_number_then_refused(void **state)
{
#define BAD_RESET                                                                                  \
    "[0.000] note: Logon refused: ResetSeqNumFlag(141)=Y asks for MsgSeqNum(34)=1\n" REFUSED(      \
        "0.000", "invalid Logon")
    expect_refused(state, "35=A|34=2|98=0|108=30|141=Y",
                   "[0.000] < Logon seq=2 98=0 108=30 141=Y\n" BAD_RESET);
    expect_refused(state, "35=A|34=3|98=0|108=30|141=Y",
                   "[0.000] < Logon seq=3 98=0 108=30 141=Y\n" BAD_RESET);
}

static void test_logon_when_reset_on_logon_then_numbers_restart_in_silence(void **state)
{
    struct session_rig *rig = *state;
    rig->config.reset_on_logon = true;
    rig = connected(state, 71, 58);
    rig_receive(rig, "35=A|34=1|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30\n" LOGON_RECEIVED "[0.000] journal reset\n"
                      "[0.000] > Logon seq=1 98=0 108=30\n" ACTIVE);
    expect_numbers(rig, 2, 2);
}

static void test_logon_when_reset_on_logon_and_number_is_high_then_asked_from_one(void **state)
{
    struct session_rig *rig = *state;
    rig->config.reset_on_logon = true;
    rig = connected(state, 71, 58);
    rig_receive(rig, "35=A|34=5|98=0|108=30");
    assert_non_null(strstr(rig->trace, "> Logon seq=1 98=0 108=30\n"));
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=2 7=1 16=0\n"));
    expect_numbers(rig, 3, 1);
}

static void test_logon_when_logged_on_and_with_reset_then_both_restart(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=0");
    rig_receive(rig, "35=D|34=9|11=X"); /* a gap, which the reset ends */
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y");
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] note: both sequence numbers restart at 1 (ResetSeqNumFlag)\n"
                      "[0.000] journal reset\n"
                      "[0.000] > Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n");
    expect_numbers(rig, 2, 2);
    rig_receive(rig, "35=D|34=2|11=Y");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 11=Y\n"
                      "[0.000] deliver NewOrderSingle\n");
}

static void test_logon_when_logged_on_and_without_reset_then_rejected(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=A|34=2|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=2 98=0 108=30\n"
                      "[0.000] > Reject seq=2 45=2 58=Logon while logged on 372=A 373=11\n");
    expect_numbers(rig, 3, 3);
}

static void test_logon_when_logged_on_and_number_is_low_then_logout(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=30\n"
                      "[0.000] > Logout seq=2 58=MsgSeqNum too low, expecting 2 but received 1\n"
                      "[0.000] state ACTIVE -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: MsgSeqNum too low\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
}

static void test_logon_when_logged_on_and_reset_with_another_number_then_rejected(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=A|34=2|98=0|108=30|141=Y");
    expect_trace(rig, "[0.000] < Logon seq=2 98=0 108=30 141=Y\n"
                      "[0.000] > Reject seq=2 45=2 58=ResetSeqNumFlag(141)=Y asks for "
                      "MsgSeqNum(34)=1 372=A 373=11\n");
    expect_numbers(rig, 3, 3);
}

static void test_logon_when_logged_on_and_number_is_high_then_gap_is_asked_for(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=A|34=5|98=0|108=30");
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=2 7=2 16=0\n"));
    assert_int_equal(rig->session.state, RFX_RESENDREQ_AWAITING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_logon_when_acceptable_then_answered_and_active),
        SESSION_TEST(test_logon_when_numbers_go_on_then_continued),
        SESSION_TEST(test_logon_when_heartbtint_is_unusable_then_refused),
        SESSION_TEST(test_logon_when_heartbtint_is_the_longest_then_taken),
        SESSION_TEST(test_logon_when_encryption_is_asked_for_then_refused),
        SESSION_TEST(test_logon_when_seq_num_is_unusable_then_refused),
        SESSION_TEST(test_logon_when_malformed_then_refused),
        SESSION_TEST(test_logon_when_for_another_session_then_refused),
        SESSION_TEST(test_logon_when_sending_time_is_off_then_refused),
        SESSION_TEST(test_logon_when_sending_time_is_just_within_max_latency_then_taken),
        SESSION_TEST(test_logon_when_latency_is_not_checked_then_old_time_taken_but_no_nonsense),
        SESSION_TEST(test_first_message_when_not_a_logon_then_closed_in_silence),
        SESSION_TEST(test_logon_when_it_does_not_come_then_closed_after_logon_timeout),
        SESSION_TEST(test_logon_when_number_is_too_low_then_logout_says_so),
        SESSION_TEST(test_logon_when_number_is_too_low_then_poss_dup_does_not_help),
        SESSION_TEST(test_logon_when_number_is_too_high_then_gap_fill_steps_over_it),
        SESSION_TEST(test_logon_when_number_is_too_high_then_messages_up_to_it_fill_the_gap),
        SESSION_TEST(test_logon_when_reset_is_asked_for_then_both_numbers_restart),
        SESSION_TEST(test_logon_when_reset_is_denied_then_numbers_go_on),
        SESSION_TEST(test_logon_when_reset_comes_with_another_number_then_refused),
        SESSION_TEST(test_logon_when_reset_on_logon_then_numbers_restart_in_silence),
        SESSION_TEST(test_logon_when_reset_on_logon_and_number_is_high_then_asked_from_one),
        SESSION_TEST(test_logon_when_logged_on_and_with_reset_then_both_restart),
        SESSION_TEST(test_logon_when_logged_on_and_without_reset_then_rejected),
        SESSION_TEST(test_logon_when_logged_on_and_number_is_low_then_logout),
        SESSION_TEST(test_logon_when_logged_on_and_reset_with_another_number_then_rejected),
        SESSION_TEST(test_logon_when_logged_on_and_number_is_high_then_gap_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
