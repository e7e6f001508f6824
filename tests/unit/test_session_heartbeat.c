/* Silence, on either side. */
#include <stdio.h>

#include "tests/unit/support_session.h"

static void test_heartbeat_when_nothing_was_sent_for_the_interval_then_sent(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_advance(rig, 29999);
    expect_trace(rig, "");
    rig_receive(rig, "35=0");
    rig_advance(rig, 30001);
    expect_trace(rig, "[29.999] < Heartbeat seq=2\n"
                      "[30.000] > Heartbeat seq=2\n"
                      "[60.000] > Heartbeat seq=3\n");
}

static void test_heartbeat_when_something_else_was_sent_then_counted_from_there(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_advance(rig, 20000);
    rig_send(rig, "35=8|37=1");
    rig_receive(rig, "35=0");
    rig_advance(rig, 29999);
    expect_trace(rig, "[20.000] > ExecutionReport seq=2 37=1\n"
                      "[20.000] < Heartbeat seq=2\n");
    rig_advance(rig, 1);
    expect_trace(rig, "[50.000] > Heartbeat seq=3\n");
}

static void test_heartbeat_when_interval_is_the_counterpartys_then_adopted(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=5");
    rig_forget_trace(rig);
    rig_advance(rig, 5999);
    expect_trace(rig, "[5.000] > Heartbeat seq=2\n");
}

static void test_silence_when_it_lasts_then_test_request_then_close(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_advance(rig, 71999);
    expect_trace(rig, "[30.000] > Heartbeat seq=2\n"
                      "[36.000] state ACTIVE -> NO_MSG_IN_INTERVAL\n"
                      "[36.000] > TestRequest seq=3 112=TEST\n"
                      "[36.000] state NO_MSG_IN_INTERVAL -> AWAIT_PROC_TEST_REQ\n");
    rig_advance(rig, 1);
    expect_trace(rig, "[72.000] state AWAIT_PROC_TEST_REQ -> DISCONNECTED_BROKEN_CONN\n"
                      "[72.000] ! close: no answer to TestRequest\n"
                      "[72.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
    rig_advance(rig, 1000000);
    expect_trace(rig, "");
}

static void test_silence_when_a_heartbeat_ends_it_then_active_again(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_advance(rig, 50000);
    rig_forget_trace(rig);
    rig_receive(rig, "35=0|112=TEST");
    expect_trace(rig, "[50.000] < Heartbeat seq=2 112=TEST\n"
                      "[50.000] state AWAIT_PROC_TEST_REQ -> ACTIVE\n");
    rig_advance(rig, 40000);
    expect_trace(rig, "[66.000] > Heartbeat seq=4\n"
                      "[86.000] state ACTIVE -> NO_MSG_IN_INTERVAL\n"
                      "[86.000] > TestRequest seq=5 112=TEST\n"
                      "[86.000] state NO_MSG_IN_INTERVAL -> AWAIT_PROC_TEST_REQ\n");
}

static void test_silence_when_any_message_ends_it_then_active_again(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_advance(rig, 71999);
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|11=X");
    expect_trace(rig, "[71.999] < NewOrderSingle seq=2 11=X\n"
                      "[71.999] state AWAIT_PROC_TEST_REQ -> ACTIVE\n"
                      "[71.999] deliver NewOrderSingle\n");
    rig_advance(rig, 1);
    expect_trace(rig, "[71.999] > Heartbeat seq=4\n"); /* overdue since 66.000 */
}

static void test_silence_when_a_gap_is_open_then_asked_as_well(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=5|11=X");
    rig_forget_trace(rig);
    rig_advance(rig, 36000);
    expect_trace(rig, "[30.000] > ResendRequest seq=3 7=2 16=0\n" /* in the place of a Heartbeat */
                      "[36.000] state RESENDREQ_AWAITING -> NO_MSG_IN_INTERVAL\n"
                      "[36.000] > TestRequest seq=4 112=TEST\n"
                      "[36.000] state NO_MSG_IN_INTERVAL -> AWAIT_PROC_TEST_REQ\n");
    rig_receive(rig, "35=0|34=6|112=TEST");
    expect_trace(rig, "[36.000] < Heartbeat seq=6 112=TEST\n"
                      "[36.000] state AWAIT_PROC_TEST_REQ -> RESENDREQ_AWAITING\n"
                      "[36.000] hold 6\n");
}

static void test_heartbtint_when_zero_then_neither_side_is_watched(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=0");
    rig_forget_trace(rig);
    assert_int_equal(rfx_session_deadline_ns(&rig->session), RFX_NEVER_NS);
    rig_advance(rig, 10000000);
    expect_trace(rig, "");
    rig_receive(rig, "35=1|112=STILL THERE");
    expect_trace(rig, "[10000.000] < TestRequest seq=2 112=STILL THERE\n"
                      "[10000.000] > Heartbeat seq=2 112=STILL THERE\n");
}

static void test_test_request_when_received_then_answered_with_its_id(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=1|34=2|112=HELLO");
    expect_trace(rig, "[0.000] < TestRequest seq=2 112=HELLO\n"
                      "[0.000] > Heartbeat seq=2 112=HELLO\n");
    expect_numbers(rig, 3, 3);
}

static void test_test_request_when_id_is_long_then_answered_whole(void **state)
{
    struct session_rig *rig = *state;
    char text[1024] = "35=1|112=";
    rig_log_on(rig);
    for (size_t i = 9; i < 900; i++) {
        text[i] = (char)('a' + i % 26);
    }
    rig_receive(rig, text);
    char expected[4096];
    snprintf(expected, sizeof expected,
             "[0.000] < TestRequest seq=2 %s\n[0.000] > Heartbeat seq=2 %s\n", text + 5, text + 5);
    expect_trace(rig, expected);
}

static void test_test_request_when_without_id_then_rejected(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=1|34=2");
    rig_receive(rig, "35=1|34=3|112=");
    expect_trace(
        rig, "[0.000] < TestRequest seq=2\n"
             "[0.000] > Reject seq=2 45=2 58=Required tag missing 371=112 372=1 373=1\n"
             "[0.000] < TestRequest seq=3 112=\n"
             "[0.000] > Reject seq=3 45=3 58=Tag specified without a value 371=112 372=1 373=4\n");
    expect_numbers(rig, 4, 4);
}

static void test_test_request_when_the_application_asks_then_sent_and_awaited(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_advance(rig, 10000);
    rig_event(rig, RFX_EVENT_TEST_REQUEST);
    expect_trace(rig, "[10.000] > TestRequest seq=2 112=TEST\n"
                      "[10.000] state ACTIVE -> AWAIT_PROC_TEST_REQ\n");
    rig_advance(rig, 36000);
    expect_trace(rig, "[46.000] state AWAIT_PROC_TEST_REQ -> DISCONNECTED_BROKEN_CONN\n"
                      "[46.000] ! close: no answer to TestRequest\n"
                      "[46.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
}

static void test_test_request_when_heartbeats_are_off_then_awaited_for_ever(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=0");
    rig_event(rig, RFX_EVENT_TEST_REQUEST);
    rig_forget_trace(rig);
    rig_advance(rig, 10000000);
    expect_trace(rig, "");
    rig_receive(rig, "35=0|112=TEST");
    expect_trace(rig, "[10000.000] < Heartbeat seq=2 112=TEST\n"
                      "[10000.000] state AWAIT_PROC_TEST_REQ -> ACTIVE\n");
}

static void test_heartbeat_when_its_id_was_not_asked_for_then_harmless(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=0|34=2|112=NEVER ASKED");
    expect_trace(rig, "[0.000] < Heartbeat seq=2 112=NEVER ASKED\n");
    expect_numbers(rig, 2, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_heartbeat_when_nothing_was_sent_for_the_interval_then_sent),
        SESSION_TEST(test_heartbeat_when_something_else_was_sent_then_counted_from_there),
        SESSION_TEST(test_heartbeat_when_interval_is_the_counterpartys_then_adopted),
        SESSION_TEST(test_silence_when_it_lasts_then_test_request_then_close),
        SESSION_TEST(test_silence_when_a_heartbeat_ends_it_then_active_again),
        SESSION_TEST(test_silence_when_any_message_ends_it_then_active_again),
        SESSION_TEST(test_silence_when_a_gap_is_open_then_asked_as_well),
        SESSION_TEST(test_heartbtint_when_zero_then_neither_side_is_watched),
        SESSION_TEST(test_test_request_when_received_then_answered_with_its_id),
        SESSION_TEST(test_test_request_when_id_is_long_then_answered_whole),
        SESSION_TEST(test_test_request_when_without_id_then_rejected),
        SESSION_TEST(test_test_request_when_the_application_asks_then_sent_and_awaited),
        SESSION_TEST(test_test_request_when_heartbeats_are_off_then_awaited_for_ever),
        SESSION_TEST(test_heartbeat_when_its_id_was_not_asked_for_then_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
