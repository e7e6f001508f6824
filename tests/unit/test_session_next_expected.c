/* NextExpectedMsgSeqNum(789): each Logon says what its sender lacks, and nobody has to ask. */
#include <string.h>

#include "tests/unit/support_session.h"

/* Sent so far, as the journal has it: Logon 1, reports 2 to 4, Logout 5. Next out 6, next in 3. */
static struct session_rig *with_history(void **state)
{
    struct session_rig *rig = *state;
    rig->config.enable_next_expected_msg_seq_num = true;
    rig_log_on(rig);
    rig_send(rig, "35=8|37=B");
    rig_send(rig, "35=8|37=C");
    rig_send(rig, "35=8|37=D");
    rig_receive(rig, "35=5|34=2");
    expect_numbers(rig, 6, 3);
    return rig;
}

static struct session_rig *connected(void **state)
{
    struct session_rig *rig = with_history(state);
    rig_connect(rig);
    rig_forget_trace(rig);
    return rig;
}

static void test_logon_when_nothing_is_missing_then_nothing_is_resent(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=6");
    expect_trace(rig, "[0.000] < Logon seq=3 98=0 108=30 789=6\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[0.000] > Logon seq=6 98=0 108=30 789=4\n"
                      "[0.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                      "[0.000] state LOGON_RESPONSE -> ACTIVE\n"
                      "[0.000] logon, healthy\n");
    expect_numbers(rig, 7, 4);
}

static void test_logon_when_the_counterparty_lacks_some_then_they_follow_the_answer(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=3");
    expect_trace(rig, "[0.000] < Logon seq=3 98=0 108=30 789=3\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[0.000] > Logon seq=6 98=0 108=30 789=4\n"
                      "[0.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                      "[0.000] state LOGON_RESPONSE -> ACTIVE\n"
                      "[0.000] replay 3..5\n"
                      "[0.000] state ACTIVE -> RESENDREQ_HANDLING\n"
                      "[0.000] logon, healthy\n");
    rig_serve(rig);
    expect_trace(rig, "[0.000] > ExecutionReport seq=3 43=Y 122=0.000 37=C\n"
                      "[0.000] > ExecutionReport seq=4 43=Y 122=0.000 37=D\n"
                      "[0.000] > SequenceReset seq=5 43=Y 122=0.000 36=6 123=Y\n"
                      "[0.000] state RESENDREQ_HANDLING -> ACTIVE\n");
    expect_numbers(rig, 7, 4);
}

static void test_logon_when_the_counterparty_lacks_the_last_one_then_it_follows(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=5");
    assert_non_null(strstr(rig->trace, "replay 5..5\n"));
}

static void test_logon_when_nothing_is_stored_then_a_gap_fill_follows_the_answer(void **state)
{
    struct session_rig *rig = *state;
    rig->config.persist_messages = false;
    connected(state);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=1");
    rig_forget_trace(rig);
    rig_serve(rig);
    expect_trace(rig, "[0.000] > SequenceReset seq=1 43=Y 122=0.000 36=6 123=Y\n"
                      "[0.000] state RESENDREQ_HANDLING -> ACTIVE\n");
}

static void test_logon_when_the_counterparty_expects_too_much_then_logout(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=7");
    expect_trace(rig, "[0.000] < Logon seq=3 98=0 108=30 789=7\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[0.000] > Logout seq=6 58=NextExpectedMsgSeqNum(789) too high, expecting 6 "
                      "at most but received 7\n"
                      "[0.000] state LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: invalid Logon\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
    expect_numbers(rig, 7, 3);
}

static void test_logon_when_it_says_nothing_of_it_then_as_ever(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=5|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=5 98=0 108=30\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[0.000] > Logon seq=6 98=0 108=30 789=3\n"
                      "[0.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                      "[0.000] state LOGON_RESPONSE -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] > ResendRequest seq=7 7=3 16=0\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"
                      "[0.000] logon, messages are missing\n");
}

static void test_logon_when_the_number_is_unusable_then_refused(void **state)
{
    static const char *const logons[] = {
        "35=A|34=3|98=0|108=30|789=0", "35=A|34=3|98=0|108=30|789=x",
        "35=A|34=3|98=0|108=30|789=", "35=A|34=3|98=0|108=30|789=-1",
        "35=A|34=3|98=0|108=30|789=9223372036854775808"};
    for (size_t i = 0; i < sizeof logons / sizeof logons[0]; i++) {
        struct session_rig *rig = connected(state);
        rig_receive(rig, logons[i]);
        assert_non_null(strstr(rig->trace, "note: Logon refused: NextExpectedMsgSeqNum(789) is not "
                                           "a number from 1 on\n"));
        assert_null(strstr(rig->trace, "] > "));
        expect_numbers(rig, 6, 3);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

static void test_logon_when_not_enabled_then_the_number_is_not_looked_at(void **state)
{
    static const char *const logons[] = {"35=A|34=3|98=0|108=30|789=x",
                                         "35=A|34=3|98=0|108=30|789=1",
                                         "35=A|34=3|98=0|108=30|789=999"};
    for (size_t i = 0; i < sizeof logons / sizeof logons[0]; i++) {
        struct session_rig *rig = connected(state);
        rig->config.enable_next_expected_msg_seq_num = false;
        rig_receive(rig, logons[i]);
        assert_non_null(strstr(rig->trace, "> Logon seq=6 98=0 108=30\n"));
        assert_null(strstr(rig->trace, "replay"));
        assert_int_equal(rig->session.state, RFX_ACTIVE);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

#define AHEAD "35=A|34=5|98=0|108=30|789=6"

static void
test_logon_when_its_number_is_high_then_our_answer_says_so_and_nothing_is_asked(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, AHEAD);
    expect_trace(rig, "[0.000] < Logon seq=5 98=0 108=30 789=6\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[0.000] > Logon seq=6 98=0 108=30 789=3\n"
                      "[0.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                      "[0.000] state LOGON_RESPONSE -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"
                      "[0.000] logon, messages are missing\n");
    rig_receive(rig, "35=D|34=6|11=LIVE"); /* it may overtake what is resent */
    rig_receive(rig, "35=D|34=3|43=Y|122=@-9|11=A");
    rig_receive(rig, "35=4|34=4|43=Y|36=6|123=Y");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=6 11=LIVE\n"
                      "[0.000] hold 6\n"
                      "[0.000] < NewOrderSingle seq=3 43=Y 122=@-9 11=A\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < SequenceReset seq=4 43=Y 36=6 123=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[0.000] feed 6\n"
                      "[0.000] deliver NewOrderSingle\n");
    expect_numbers(rig, 7, 7);
}

static void test_logon_when_the_promised_resend_does_not_come_then_asked_for(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, AHEAD);
    rig_forget_trace(rig);
    rig_advance(rig, 29999);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    assert_non_null(strstr(rig->trace, "[30.000] > ResendRequest seq=7 7=3 16=0\n"));
}

static void test_logon_when_the_promised_resend_skips_one_then_asked_for(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=9|98=0|108=30|789=6");
    rig_receive(rig, "35=D|34=3|43=Y|122=@-9|11=A");
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=5|43=Y|122=@-9|11=C");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=5 43=Y 122=@-9 11=C\n"
                      "[0.000] hold 5\n"
                      "[0.000] > ResendRequest seq=7 7=4 16=0\n");
}

static void test_logon_when_both_lack_some_then_each_resends(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=5|98=0|108=30|789=3");
    expect_trace(rig, "[0.000] < Logon seq=5 98=0 108=30 789=3\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[0.000] > Logon seq=6 98=0 108=30 789=3\n"
                      "[0.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                      "[0.000] state LOGON_RESPONSE -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"
                      "[0.000] replay 3..5\n"
                      "[0.000] logon, messages are missing\n");
    rig_serve(rig);
    rig_forget_trace(rig);
    rig_receive(rig, "35=4|34=3|43=Y|36=6|123=Y");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    expect_numbers(rig, 7, 6);
}

static void test_logon_when_the_counterparty_asks_as_well_then_served_once(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=3");
    rig_forget_trace(rig);
    rig_receive(rig, "35=2|34=4|7=3|16=0");
    expect_trace(rig, "[0.000] < ResendRequest seq=4 7=3 16=0\n"
                      "[0.000] replay 3..6\n");
    rig_serve(rig);
    assert_non_null(strstr(rig->trace, "> SequenceReset seq=5 43=Y 122=0.000 36=7 123=Y\n"));
}

static void test_reset_when_next_expected_is_one_then_done(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y|789=1");
    assert_non_null(strstr(rig->trace, "> Logon seq=1 98=0 108=30 141=Y 789=2\n"));
    assert_null(strstr(rig->trace, "replay"));
    expect_numbers(rig, 2, 2);
}

static void test_reset_when_logged_on_then_the_answer_says_two(void **state)
{
    struct session_rig *rig = connected(state);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=6");
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y|789=1");
    assert_non_null(strstr(rig->trace, "> Logon seq=1 98=0 108=30 141=Y 789=2\n"));
    expect_numbers(rig, 2, 2);
}

/* ----------------------------------------------------------------------------- initiators */

/* Sent 1 to 4, received up to 2; our Logon 5 is on its way. */
static struct session_rig *initiator(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig->config.enable_next_expected_msg_seq_num = true;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30|789=2");
    rig_send(rig, "35=8|37=B");
    rig_send(rig, "35=8|37=C");
    rig_receive(rig, "35=5|34=2");
    rig_advance(rig, 30000);
    rig_forget_trace(rig);
    rig_connect(rig);
    expect_numbers(rig, 6, 3);
    return rig;
}

static void test_initiator_when_it_logs_on_then_it_says_what_it_expects(void **state)
{
    struct session_rig *rig = initiator(state);
    assert_non_null(strstr(rig->trace, "> Logon seq=5 98=0 108=30 789=3\n"));
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=6");
    expect_trace(rig, "[30.000] < Logon seq=3 98=0 108=30 789=6\n"
                      "[30.000] state WAITING_FOR_LOGON -> ACTIVE\n"
                      "[30.000] logon, healthy\n");
    expect_numbers(rig, 6, 4);
}

static void test_initiator_when_the_answer_lacks_some_then_they_follow(void **state)
{
    struct session_rig *rig = initiator(state);
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=3");
    expect_trace(rig, "[30.000] < Logon seq=3 98=0 108=30 789=3\n"
                      "[30.000] state WAITING_FOR_LOGON -> ACTIVE\n"
                      "[30.000] replay 3..5\n"
                      "[30.000] state ACTIVE -> RESENDREQ_HANDLING\n"
                      "[30.000] logon, healthy\n");
    rig_serve(rig); /* our Logon's own place included */
    expect_trace(rig, "[30.000] > ExecutionReport seq=3 43=Y 122=0.000 37=C\n"
                      "[30.000] > SequenceReset seq=4 43=Y 122=30.000 36=6 123=Y\n"
                      "[30.000] state RESENDREQ_HANDLING -> ACTIVE\n");
}

static void test_initiator_when_the_answer_expects_too_much_then_logout(void **state)
{
    struct session_rig *rig = initiator(state);
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=3|98=0|108=30|789=7");
    expect_trace(rig, "[30.000] < Logon seq=3 98=0 108=30 789=7\n"
                      "[30.000] > Logout seq=6 58=NextExpectedMsgSeqNum(789) too high, expecting 6 "
                      "at most but received 7\n"
                      "[30.000] state WAITING_FOR_LOGON -> DISCONNECTED_BROKEN_CONN\n"
                      "[30.000] ! close: invalid Logon\n");
}

static void test_initiator_when_the_answer_is_high_then_the_resend_comes_by_itself(void **state)
{
    struct session_rig *rig = initiator(state);
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=5|98=0|108=30|789=6");
    expect_trace(rig, "[30.000] < Logon seq=5 98=0 108=30 789=6\n"
                      "[30.000] state WAITING_FOR_LOGON -> RECV_SEQNUM_TOO_HIGH\n"
                      "[30.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"
                      "[30.000] logon, messages are missing\n");
    rig_receive(rig, "35=4|34=3|43=Y|36=5|123=Y");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    expect_numbers(rig, 6, 6);
}

static void test_initiator_when_the_answer_is_high_and_says_nothing_then_asked_for(void **state)
{
    struct session_rig *rig = initiator(state);
    rig_receive(rig, "35=A|34=5|98=0|108=30"); /* an engine that does not know 789 */
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=6 7=3 16=0\n"));
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, session_rig_set_up_44, session_rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_logon_when_nothing_is_missing_then_nothing_is_resent),
        TEST(test_logon_when_the_counterparty_lacks_some_then_they_follow_the_answer),
        TEST(test_logon_when_the_counterparty_lacks_the_last_one_then_it_follows),
        TEST(test_logon_when_nothing_is_stored_then_a_gap_fill_follows_the_answer),
        TEST(test_logon_when_the_counterparty_expects_too_much_then_logout),
        TEST(test_logon_when_it_says_nothing_of_it_then_as_ever),
        TEST(test_logon_when_the_number_is_unusable_then_refused),
        TEST(test_logon_when_not_enabled_then_the_number_is_not_looked_at),
        TEST(test_logon_when_its_number_is_high_then_our_answer_says_so_and_nothing_is_asked),
        TEST(test_logon_when_the_promised_resend_does_not_come_then_asked_for),
        TEST(test_logon_when_the_promised_resend_skips_one_then_asked_for),
        TEST(test_logon_when_both_lack_some_then_each_resends),
        TEST(test_logon_when_the_counterparty_asks_as_well_then_served_once),
        TEST(test_reset_when_next_expected_is_one_then_done),
        TEST(test_reset_when_logged_on_then_the_answer_says_two),
        TEST(test_initiator_when_it_logs_on_then_it_says_what_it_expects),
        TEST(test_initiator_when_the_answer_lacks_some_then_they_follow),
        TEST(test_initiator_when_the_answer_expects_too_much_then_logout),
        TEST(test_initiator_when_the_answer_is_high_then_the_resend_comes_by_itself),
        TEST(test_initiator_when_the_answer_is_high_and_says_nothing_then_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
