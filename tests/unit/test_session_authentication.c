/* The application's verdict about a Logon: nothing happens before it, and what comes after. */
#include <string.h>

#include "tests/unit/support_session.h"

#define RECEIVED "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
#define CLOSED(seconds, reason)                                                                    \
    "[" seconds "] state LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN\n"                         \
    "[" seconds "] ! close: " reason "\n"                                                          \
    "[" seconds "] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n"

/* Numbers 71 and 58, messages in the journal, and a Logon that awaits its verdict. */
static struct session_rig *asked(void **state, const char *logon)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_send(rig, "35=8|37=KEPT");
    rig_receive(rig, "35=5");
    rig->session.next_out = 71;
    rig->session.next_in = 58;
    rig->keeps_verdict = true;
    rig_connect(rig);
    rig_forget_trace(rig);
    rig_receive(rig, logon);
    return rig;
}

static void expect_nothing_changed(struct session_rig *rig)
{
    expect_numbers(rig, 71, 58);
    assert_int_equal(rig->stored_count, 3);
    assert_int_equal(rfx_session_heartbeat_s(&rig->session), 30);
}

static void test_logon_when_it_awaits_its_verdict_then_it_has_no_effect(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=58|98=0|108=7");
    expect_trace(rig, "[0.000] < Logon seq=58 98=0 108=7\n" RECEIVED);
    assert_false(rfx_session_is_logged_on(&rig->session));
    assert_false(rfx_session_may_send(&rig->session));
    expect_nothing_changed(rig);
    rig_advance(rig, 9999);
    expect_trace(rig, "");
    expect_nothing_changed(rig);
}

static void test_logon_when_accepted_later_then_answered(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=58|98=0|108=7");
    rig_advance(rig, 9000);
    rig_forget_trace(rig);
    rig_verdict(rig, true, NULL);
    expect_trace(rig, "[9.000] > Logon seq=71 98=0 108=7\n"
                      "[9.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                      "[9.000] state LOGON_RESPONSE -> ACTIVE\n"
                      "[9.000] logon, healthy\n");
    assert_int_equal(rfx_session_heartbeat_s(&rig->session), 7);
    expect_numbers(rig, 72, 59);
    rig_forget_trace(rig);
    rig_advance(rig, 7000); /* not a second of the wait counts as silence */
    expect_trace(rig, "[16.000] > Heartbeat seq=72\n");
}

/* Its SendingTime was right when it came. */
static void test_logon_when_accepted_late_then_its_time_is_not_checked_again(void **state)
{
    struct session_rig *rig = *state;
    rig->config.logon_timeout_s = 1000;
    asked(state, "35=A|34=58|98=0|108=30");
    rig_advance(rig, 500000);
    rig_verdict(rig, true, NULL);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void test_logon_when_refused_without_a_text_then_closed_in_silence(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=58|98=0|108=7");
    rig_forget_trace(rig);
    rig_verdict(rig, false, NULL);
    expect_trace(rig, CLOSED("0.000", "the application refused the Logon"));
    expect_nothing_changed(rig);
}

static void test_logon_when_refused_with_a_text_then_logout_says_it(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=58|98=0|108=7");
    rig_forget_trace(rig);
    rig_verdict(rig, false, "wrong password");
    expect_trace(rig, "[0.000] > Logout seq=71 58=wrong password\n" CLOSED(
                          "0.000", "the application refused the Logon"));
    expect_numbers(rig, 72, 58);
}

/* What other engines get wrong: a stranger who knows the CompIDs empties the store. */
static void test_reset_when_its_logon_is_refused_then_nothing_is_wiped(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=1|98=0|108=7|141=Y");
    expect_trace(rig, "[0.000] < Logon seq=1 98=0 108=7 141=Y\n" RECEIVED);
    rig_verdict(rig, false, NULL);
    expect_trace(rig, CLOSED("0.000", "the application refused the Logon"));
    expect_nothing_changed(rig);
}

static void test_reset_when_its_logon_is_refused_with_a_text_then_numbers_go_on(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=1|98=0|108=7|141=Y");
    rig_forget_trace(rig);
    rig_verdict(rig, false, "no");
    assert_non_null(strstr(rig->trace, "> Logout seq=71 58=no\n"));
    assert_null(strstr(rig->trace, "journal reset"));
    expect_numbers(rig, 72, 58);
}

static void test_reset_on_logon_when_refused_then_nothing_is_wiped(void **state)
{
    struct session_rig *rig = *state;
    rig->config.reset_on_logon = true;
    rig->config.reset_on_disconnect = false;
    asked(state, "35=A|34=58|98=0|108=30");
    rig_verdict(rig, false, NULL);
    assert_null(strstr(rig->trace, "journal reset"));
    expect_nothing_changed(rig);
}

static void test_reset_on_disconnect_when_refused_then_nothing_is_wiped(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=58|98=0|108=30");
    rig->config.reset_on_disconnect = true;
    rig->config.reset_on_logout = true;
    rig_verdict(rig, false, NULL);
    assert_null(strstr(rig->trace, "journal reset"));
    expect_nothing_changed(rig);
}

static void test_reset_when_accepted_later_then_both_numbers_restart(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=1|98=0|108=7|141=Y");
    rig_forget_trace(rig);
    rig_verdict(rig, true, NULL);
    expect_trace(rig, "[0.000] journal reset\n"
                      "[0.000] > Logon seq=1 98=0 108=7 141=Y\n"
                      "[0.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                      "[0.000] state LOGON_RESPONSE -> ACTIVE\n"
                      "[0.000] logon, healthy\n");
    expect_numbers(rig, 2, 2);
}

static void test_logon_when_accepted_but_its_number_is_low_then_logout(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=57|98=0|108=30");
    expect_trace(rig, "[0.000] < Logon seq=57 98=0 108=30\n" RECEIVED); /* not a word before */
    rig_verdict(rig, true, NULL);
    expect_trace(rig, "[0.000] > Logout seq=71 58=MsgSeqNum too low, expecting 58 but received 57\n"
                      "[0.000] state LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: MsgSeqNum too low\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
    expect_numbers(rig, 72, 58);
}

static void test_logon_when_accepted_and_its_number_is_high_then_gap_is_asked_for(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=60|98=0|108=30");
    rig_forget_trace(rig);
    rig_verdict(rig, true, NULL);
    expect_trace(rig, "[0.000] > Logon seq=71 98=0 108=30\n"
                      "[0.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                      "[0.000] state LOGON_RESPONSE -> RECV_SEQNUM_TOO_HIGH\n"
                      "[0.000] > ResendRequest seq=72 7=58 16=0\n"
                      "[0.000] state RECV_SEQNUM_TOO_HIGH -> RESENDREQ_AWAITING\n"
                      "[0.000] logon, messages are missing\n");
    expect_numbers(rig, 73, 58);
}

/* Whoever sends more before the answer cannot know whether it is let in. */
static void test_message_when_the_verdict_is_open_then_closed(void **state)
{
    static const char *const messages[] = {"35=D|34=59|11=X", "35=5|34=59",
                                           "35=A|34=58|98=0|108=30", "35=A|34=1|98=0|108=30|141=Y",
                                           "35=4|34=59|36=99"};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct session_rig *rig = asked(state, "35=A|34=58|98=0|108=7");
        rig->trace_size = 0;
        rig_receive(rig, messages[i]);
        assert_non_null(
            strstr(rig->trace, "[0.000] note: a message before the Logon was answered\n" CLOSED(
                                   "0.000", "invalid Logon")));
        expect_nothing_changed(rig);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

static void test_verdict_when_the_connection_is_gone_then_nothing(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=1|98=0|108=7|141=Y");
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_forget_trace(rig);
    rig_verdict(rig, true, NULL);
    expect_trace(rig, "");
    expect_nothing_changed(rig);
    assert_int_equal(rig->session.state, RFX_AWAITING_CONNECTION);
}

static void test_verdict_when_the_next_connection_has_said_nothing_then_nothing(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=58|98=0|108=7");
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_connect(rig);
    rig_forget_trace(rig);
    rig_verdict(rig, false, "no");
    expect_trace(rig, "");
    assert_int_equal(rig->session.state, RFX_NETWORK_CONN_ESTABLISHED);
}

static void test_verdict_when_it_does_not_come_then_closed_after_logon_timeout(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=58|98=0|108=7");
    rig_forget_trace(rig);
    rig_advance(rig, 10000);
    expect_trace(rig, CLOSED("10.000", "no Logon in time"));
    rig_verdict(rig, true, NULL);
    expect_trace(rig, "");
    expect_nothing_changed(rig);
}

static void test_verdict_when_the_application_closes_first_then_closed(void **state)
{
    struct session_rig *rig = asked(state, "35=A|34=58|98=0|108=7");
    rig_forget_trace(rig);
    rig_close(rig, RFX_REASON_APPLICATION);
    expect_trace(rig, CLOSED("0.000", "closed by the application"));
    rig_verdict(rig, true, NULL);
    expect_trace(rig, "");
}

static void test_logon_when_malformed_then_the_application_is_not_asked(void **state)
{
    static const char *const logons[] = {
        "35=A|34=58|98=1|108=30",
        "35=A|34=58|98=0",
        "35=A|34=58|98=0|108=x",
        "35=A|34=2|98=0|108=30|141=Y",
        "35=A|34=58|98=0|108=30|52=@-1000",
        "35=A|34=58|49=OTHER|98=0|108=30",
        "35=0|34=58",
        "35=5|34=58",
    };
    for (size_t i = 0; i < sizeof logons / sizeof logons[0]; i++) {
        struct session_rig *rig = asked(state, logons[i]);
        assert_false(rig->awaits_verdict);
        assert_false(rfx_session_is_connected(&rig->session));
        expect_nothing_changed(rig);
        session_rig_tear_down(state);
        session_rig_set_up_42(state);
    }
}

static void test_initiator_when_logged_on_then_nobody_is_asked(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig->keeps_verdict = true;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30");
    assert_false(rig->awaits_verdict);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_logon_when_it_awaits_its_verdict_then_it_has_no_effect),
        SESSION_TEST(test_logon_when_accepted_later_then_answered),
        SESSION_TEST(test_logon_when_accepted_late_then_its_time_is_not_checked_again),
        SESSION_TEST(test_logon_when_refused_without_a_text_then_closed_in_silence),
        SESSION_TEST(test_logon_when_refused_with_a_text_then_logout_says_it),
        SESSION_TEST(test_reset_when_its_logon_is_refused_then_nothing_is_wiped),
        SESSION_TEST(test_reset_when_its_logon_is_refused_with_a_text_then_numbers_go_on),
        SESSION_TEST(test_reset_on_logon_when_refused_then_nothing_is_wiped),
        SESSION_TEST(test_reset_on_disconnect_when_refused_then_nothing_is_wiped),
        SESSION_TEST(test_reset_when_accepted_later_then_both_numbers_restart),
        SESSION_TEST(test_logon_when_accepted_but_its_number_is_low_then_logout),
        SESSION_TEST(test_logon_when_accepted_and_its_number_is_high_then_gap_is_asked_for),
        SESSION_TEST(test_message_when_the_verdict_is_open_then_closed),
        SESSION_TEST(test_verdict_when_the_connection_is_gone_then_nothing),
        SESSION_TEST(test_verdict_when_the_next_connection_has_said_nothing_then_nothing),
        SESSION_TEST(test_verdict_when_it_does_not_come_then_closed_after_logon_timeout),
        SESSION_TEST(test_verdict_when_the_application_closes_first_then_closed),
        SESSION_TEST(test_logon_when_malformed_then_the_application_is_not_asked),
        SESSION_TEST(test_initiator_when_logged_on_then_nobody_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
