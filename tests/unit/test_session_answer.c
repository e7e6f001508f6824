/* What an initiator sends as its Logon, and what it takes for an answer. */
#include <string.h>

#include "tests/unit/support_session.h"

/* Numbers 71 and 58 before our Logon, 72 and 58 after it. */
static struct session_rig *waiting(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig->next_out = 71;
    rig->next_in = 58;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    expect_numbers(rig, 72, 58);
    return rig;
}

#define REFUSED(why)                                                                               \
    "[0.000] note: Logon refused: " why "\n"                                                       \
    "[0.000] state WAITING_FOR_LOGON -> DISCONNECTED_BROKEN_CONN\n"

static void test_answer_when_faulty_then_closed_without_a_word_and_not_counted(void **state)
{
#define HEARTBEAT "HeartBtInt(108) missing or not a number of seconds from 0 to 86400"
#define TIME      "SendingTime(52) is too far from our clock, or no UTCTimestamp"
#define NOT_OURS  "BeginString or CompIDs are not this session's"
    static const struct {
        const char *answer;
        const char *trace;
    } cases[] = {
        {"35=A|34=58|98=0", REFUSED(HEARTBEAT)},
        {"35=A|34=58|98=0|108=86401", REFUSED(HEARTBEAT)},
        {"35=A|34=58|98=0|108=-5", REFUSED(HEARTBEAT)},
        {"35=A|34=58|98=2|108=30", REFUSED("EncryptMethod(98) must be 0 (none)")},
        {"35=A|34=58|98=|108=30", REFUSED("EncryptMethod(98) must be 0 (none)")},
        {"35=A|!34|98=0|108=30", REFUSED("MsgSeqNum(34) missing or not a number from 1 on")},
        {"35=A|34=0|98=0|108=30", REFUSED("MsgSeqNum(34) missing or not a number from 1 on")},
        {"35=A|34=58|98=0|108=30|141=Y",
         REFUSED("ResetSeqNumFlag(141)=Y asks for MsgSeqNum(34)=1")},
        {"35=A|34=58|98=0|108=30|52=@-121", REFUSED(TIME)},
        {"35=A|34=58|98=0|108=30|52=@121", REFUSED(TIME)},
        {"35=A|34=58|98=0|108=30|!52", REFUSED(TIME)},
        {"35=A|34=58|98=0|108=30|8=FIX.4.1", REFUSED(NOT_OURS)},
        {"35=A|34=58|98=0|108=30|49=OTHER", REFUSED(NOT_OURS)},
        {"35=A|34=58|98=0|108=30|56=OTHER", REFUSED(NOT_OURS)},
        {"35=A|34=58|98=0|108=30|!56", REFUSED(NOT_OURS)},
        {"35=A|34=58|98=0|108=30|junk",
         REFUSED("a tag is no number, or a data field is not as long as announced")},
        {"35=3|34=58|45=71", REFUSED("the first message is not a Logon")},
        {"35=D|34=58|11=X", REFUSED("the first message is not a Logon")},
        {"35=2|34=58|7=1|16=0", REFUSED("the first message is not a Logon")},
        {"35=4|34=58|36=99", REFUSED("the first message is not a Logon")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct session_rig *rig = waiting(state);
        rig_forget_trace(rig);
        rig_receive(rig, cases[i].answer);
        if (strstr(rig->trace, cases[i].trace) == NULL || strstr(rig->trace, "] > ") != NULL) {
            print_error("%s:\n%s", cases[i].answer, rig->trace);
            fail();
        }
        expect_numbers(rig, 72, 58);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

static void test_answer_when_without_encrypt_method_then_taken(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_receive(rig, "35=A|34=58|108=30");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void test_answer_when_its_heartbeat_interval_differs_then_ours_stays(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_receive(rig, "35=A|34=58|98=0|108=5");
    assert_int_equal(rfx_session_heartbeat_s(&rig->session), 30);
    rig_forget_trace(rig);
    rig_advance(rig, 30000);
    expect_trace(rig, "[30.000] > Heartbeat seq=72\n");
}

static void test_answer_when_repeated_then_number_decides(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_receive(rig, "35=A|34=57|43=Y|122=@0|98=0|108=30"); /* an old one is no answer */
    assert_non_null(strstr(rig->trace, "! close: MsgSeqNum too low\n"));
}

static void test_logout_as_answer_when_its_number_is_due_then_counted(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_forget_trace(rig);
    rig_receive(rig, "35=5|34=58|58=not today");
    expect_trace(rig, "[0.000] < Logout seq=58 58=not today\n"
                      "[0.000] logout\n"
                      "[0.000] state WAITING_FOR_LOGON -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: the counterparty refused our Logon\n");
    expect_numbers(rig, 72, 59);
}

static void test_logout_as_answer_when_its_number_is_not_due_then_not_counted(void **state)
{
    static const char *const logouts[] = {"35=5|34=59", "35=5|34=57", "35=5|34=1", "35=5|!34"};
    for (size_t i = 0; i < sizeof logouts / sizeof logouts[0]; i++) {
        struct session_rig *rig = waiting(state);
        rig_receive(rig, logouts[i]);
        assert_non_null(strstr(rig->trace, "! close: the counterparty refused our Logon\n"));
        expect_numbers(rig, 72, 58);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

/* Somebody else's Logout moves no number of ours. */
static void test_logout_as_answer_when_of_somebody_else_then_not_counted(void **state)
{
    static const char *const logouts[] = {"35=5|34=58|49=OTHER", "35=5|34=58|56=OTHER",
                                          "35=5|34=58|8=FIX.4.1", "35=5|34=58|!49"};
    for (size_t i = 0; i < sizeof logouts / sizeof logouts[0]; i++) {
        struct session_rig *rig = waiting(state);
        rig_receive(rig, logouts[i]);
        assert_non_null(strstr(rig->trace, "! close: the counterparty refused our Logon\n"));
        expect_numbers(rig, 72, 58);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

#define FIELDS "553=me\00196=a=b\001554=secret\001"

static void test_logon_when_the_application_adds_fields_then_behind_ours(void **state)
{
    struct session_rig *rig = *state;
    rig->logon_fields = rfx_bytes_of(FIELDS, sizeof FIELDS - 1);
    rig->config.reset_on_logon = true;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    assert_non_null(strstr(rig->last_sent, "|98=0|108=30|141=Y|553=me|96=a=b|554=secret|10="));
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y");
    rig_forget_trace(rig);
    rig_receive(rig, "35=2|34=2|7=1|16=0"); /* and no password is ever resent */
    rig_serve(rig);
    assert_null(strstr(rig->trace, "554="));
}

static void test_answer_when_the_connection_ends_first_then_the_number_is_used_up(void **state)
{
    struct session_rig *rig = waiting(state);
    rig_disconnected(rig, RFX_REASON_CONNECTION_LOST);
    rig_advance(rig, 30000);
    rig_forget_trace(rig);
    rig_connect(rig);
    assert_non_null(strstr(rig->trace, "> Logon seq=72 98=0 108=30\n"));
}

static void test_application_when_waiting_for_the_answer_then_may_not_send(void **state)
{
    struct session_rig *rig = waiting(state);
    assert_false(rfx_session_may_send(&rig->session));
    rig_receive(rig, "35=A|34=58|98=0|108=30");
    assert_true(rfx_session_may_send(&rig->session));
    rig_log_out(rig, NULL);
    assert_true(rfx_session_may_send(&rig->session)); /* journaled, and asked for next time */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_answer_when_faulty_then_closed_without_a_word_and_not_counted),
        SESSION_TEST(test_answer_when_without_encrypt_method_then_taken),
        SESSION_TEST(test_answer_when_its_heartbeat_interval_differs_then_ours_stays),
        SESSION_TEST(test_answer_when_repeated_then_number_decides),
        SESSION_TEST(test_logout_as_answer_when_its_number_is_due_then_counted),
        SESSION_TEST(test_logout_as_answer_when_its_number_is_not_due_then_not_counted),
        SESSION_TEST(test_logout_as_answer_when_of_somebody_else_then_not_counted),
        SESSION_TEST(test_logon_when_the_application_adds_fields_then_behind_ours),
        SESSION_TEST(test_answer_when_the_connection_ends_first_then_the_number_is_used_up),
        SESSION_TEST(test_application_when_waiting_for_the_answer_then_may_not_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
