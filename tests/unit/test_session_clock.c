/* The UTC clock is set while the session runs: SendingTime checks follow it, timers do not. */
#include <string.h>

#include "tests/unit/support_session.h"
#include "tests/unit/support_tzif.h"

#define HOUR_S INT64_C(3600)

static void jump_s(struct session_rig *rig, int64_t seconds)
{
    rig->utc_jump_ns += seconds * (int64_t)RFX_NS_PER_S;
}

static void test_clock_when_set_then_heartbeats_keep_their_interval(void **state)
{
    static const int64_t jumps[] = {HOUR_S, -HOUR_S, 400 * 24 * HOUR_S, -400 * 24 * HOUR_S};
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        struct session_rig *rig = *state;
        rig_log_on(rig);
        rig_advance(rig, 15000);
        jump_s(rig, jumps[i]);
        rig_advance(rig, 21000);
        expect_trace(rig, "[30.000] > Heartbeat seq=2\n"
                          "[36.000] state ACTIVE -> NO_MSG_IN_INTERVAL\n"
                          "[36.000] > TestRequest seq=3 112=TEST\n"
                          "[36.000] state NO_MSG_IN_INTERVAL -> AWAIT_PROC_TEST_REQ\n");
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

static void test_clock_when_set_while_waiting_then_timeouts_stay(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    rig_forget_trace(rig);
    jump_s(rig, 1000 * HOUR_S);
    rig_advance(rig, 9999);
    expect_trace(rig, "");
    jump_s(rig, -2000 * HOUR_S);
    rig_advance(rig, 1);
    assert_non_null(strstr(rig->trace, "! close: no Logon in time\n"));
}

static void test_clock_when_set_ahead_then_the_counterparty_seems_late(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    jump_s(rig, 200);
    rig_receive(rig, "35=0|34=2|52=@-121");
    expect_trace(rig, "[0.000] < Heartbeat seq=2 52=@-121\n"
                      "[0.000] > Reject seq=2 45=2 58=SendingTime accuracy problem 372=0 373=10\n"
                      "[0.000] > Logout seq=3\n"
                      "[0.000] state ACTIVE -> INITIATE_LOGOUT\n");
}

static void test_clock_when_set_back_then_the_counterparty_seems_early(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    jump_s(rig, -200);
    rig_receive(rig, "35=0|34=2|52=@121");
    expect_trace(rig, "[0.000] < Heartbeat seq=2 52=@121\n"
                      "[0.000] > Reject seq=2 45=2 58=SendingTime accuracy problem 372=0 373=10\n"
                      "[0.000] > Logout seq=3\n"
                      "[0.000] state ACTIVE -> INITIATE_LOGOUT\n");
}

/* An OrigSendingTime after SendingTime would be rejected, and the message lost. */
static void test_clock_when_set_back_then_a_resend_is_dated_as_of_now(void **state)
{
    struct session_rig *rig = *state;
    rig->config.check_latency = false;
    rig_log_on(rig);
    rig_send(rig, "35=8|37=X");
    jump_s(rig, -50);
    rig_receive(rig, "35=2|34=2|7=2|16=2");
    rig_forget_trace(rig);
    rig_serve(rig);
    expect_trace(rig, "[0.000] > ExecutionReport seq=2 43=Y 122=-50.000 37=X\n"
                      "[0.000] state RESENDREQ_HANDLING -> ACTIVE\n");
    assert_non_null(strstr(rig->last_sent, "|52=20240506-11:59:10.000|"));
    assert_non_null(strstr(rig->last_sent, "|122=20240506-11:59:10.000|"));
}

/* Day by day, the boundary at 17:00. */
static struct session_rig *around_the_clock(void **state, const char *utc)
{
    struct session_rig *rig = *state;
    rig->config.start.second = 17 * 3600;
    rig->config.end.second = 17 * 3600;
    rig_set_utc_s(rig, seconds_of(utc));
    rig->created_utc_ns = seconds_of(utc) * (int64_t)RFX_NS_PER_S;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=0");
    rig_forget_trace(rig);
    return rig;
}

static void test_clock_when_set_over_the_boundary_then_seen_within_a_minute(void **state)
{
    struct session_rig *rig = around_the_clock(state, "2025-06-10 12:00:00");
    rig_advance(rig, 10000);
    jump_s(rig, 6 * HOUR_S);
    rig_advance(rig, 50000);
    expect_trace(rig, "[60.000] > Logout seq=2 58=The session time is over\n"
                      "[60.000] state ACTIVE -> INITIATE_LOGOUT\n");
    rig_receive(rig, "35=5");
    rig_advance(rig, 0);
    expect_numbers(rig, 1, 1);
}

static void test_clock_when_set_back_over_the_boundary_then_no_second_reset(void **state)
{
    struct session_rig *rig = around_the_clock(state, "2025-06-10 17:00:10");
    jump_s(rig, -20);
    rig_advance(rig, 600 * 1000);
    expect_trace(rig, "");
    expect_numbers(rig, 2, 2);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void test_clock_when_set_back_a_day_then_numbers_go_on_until_the_next_boundary(void **state)
{
    struct session_rig *rig = around_the_clock(state, "2025-06-10 17:00:10");
    jump_s(rig, -24 * HOUR_S);
    rig_advance(rig, 24 * 3600 * 1000 - 11000);
    expect_trace(rig, "");
    expect_numbers(rig, 2, 2);
    rig_advance(rig, 3600 * 1000); /* 17:00 again: these numbers are already of this time */
    expect_trace(rig, "");
    rig_advance(rig, UINT64_C(24) * 3600 * 1000);
    assert_non_null(strstr(rig->trace, "58=The session time is over\n"));
}

static void
test_initiator_when_the_clock_is_set_while_it_waits_then_seen_within_a_minute(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig->config.start.second = 8 * 3600;
    rig->config.end.second = 17 * 3600;
    rig_set_utc_s(rig, seconds_of("2025-06-10 02:00:00"));
    rig->created_utc_ns = seconds_of("2025-06-09 08:00:00") * (int64_t)RFX_NS_PER_S;
    rig_start(rig);
    rig_advance(rig, 30000);
    rig_forget_trace(rig);
    jump_s(rig, 7 * HOUR_S);
    rig_advance(rig, 59999);
    assert_non_null(strstr(rig->trace, "] connect\n"));
}

static void test_clock_when_before_1970_or_far_ahead_then_nothing_overflows(void **state)
{
    static const int64_t utc_s[] = {0, 1, INT64_C(9214646400) - 1000}; /* 1970; 2261-12-31 */
    for (size_t i = 0; i < sizeof utc_s / sizeof utc_s[0]; i++) {
        struct session_rig *rig = *state;
        rig->config.start.second = 17 * 3600;
        rig->config.end.second = 17 * 3600;
        rig->config.start.day = 3;
        rig->config.end.day = 3;
        rig_set_utc_s(rig, utc_s[i]);
        rig_start(rig);
        rig_advance(rig, 0);
        rig_connect(rig);
        rig_receive(rig, "35=A|98=0|108=30");
        assert_int_equal(rig->session.state, RFX_ACTIVE);
        rig_receive(rig, "35=0|52=19700101-00:00:00");
        rig_receive(rig, "35=0|52=22611231-23:59:60.999999999");
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_clock_when_set_then_heartbeats_keep_their_interval),
        SESSION_TEST(test_clock_when_set_while_waiting_then_timeouts_stay),
        SESSION_TEST(test_clock_when_set_ahead_then_the_counterparty_seems_late),
        SESSION_TEST(test_clock_when_set_back_then_the_counterparty_seems_early),
        SESSION_TEST(test_clock_when_set_back_then_a_resend_is_dated_as_of_now),
        SESSION_TEST(test_clock_when_set_over_the_boundary_then_seen_within_a_minute),
        SESSION_TEST(test_clock_when_set_back_over_the_boundary_then_no_second_reset),
        SESSION_TEST(test_clock_when_set_back_a_day_then_numbers_go_on_until_the_next_boundary),
        SESSION_TEST(test_initiator_when_the_clock_is_set_while_it_waits_then_seen_within_a_minute),
        SESSION_TEST(test_clock_when_before_1970_or_far_ahead_then_nothing_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
