/* Session times: who is logged out when, when both numbers restart, when an initiator connects;
 * over both changes of summer time. Clock times are UTC unless a zone is set. */
#include <string.h>

#include "io/zone_load.h"
#include "tests/unit/support_session.h"
#include "tests/unit/support_tzif.h"

#define NEW_YORK                  "EST5EDT,M3.2.0,M11.1.0"
#define LONDON                    "GMT0BST,M3.5.0/1,M10.5.0"

#define HMS(hour, minute, second) ((hour)*3600u + (minute)*60u + (second))

static void set_times(struct session_rig *rig, uint32_t start_s, uint32_t end_s)
{
    rig->config.start.second = start_s;
    rig->config.end.second = end_s;
}

/* Numbers 71 and 58 that were last reset at that time. */
static void start_at(struct session_rig *rig, const char *utc, const char *created_utc)
{
    rig->next_out = 71;
    rig->next_in = 58;
    rig->created_utc_ns = seconds_of(created_utc) * (int64_t)RFX_NS_PER_S;
    rig_set_utc_s(rig, seconds_of(utc));
    rig_start(rig);
    rig_advance(rig, 0);
    rig_forget_trace(rig);
}

static void expect_created(struct session_rig *rig, const char *utc)
{
    assert_string_equal(text_of(rig->session.created_utc_ns / (int64_t)RFX_NS_PER_S), utc);
}

/* An acceptor, logged on at that time. */
static struct session_rig *logged_on_at(void **state, const char *utc, const char *created_utc)
{
    struct session_rig *rig = *state;
    start_at(rig, utc, created_utc);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=0");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    rig_forget_trace(rig);
    return rig;
}

static void test_numbers_when_of_this_session_time_then_kept(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    start_at(rig, "2025-06-10 16:59:59", "2025-06-10 08:00:00");
    expect_numbers(rig, 71, 58);
    start_at(rig, "2025-06-10 20:00:00", "2025-06-10 09:00:00"); /* between two of them as well */
    expect_numbers(rig, 71, 58);
}

static void test_numbers_when_the_process_slept_over_the_start_then_they_restart(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    rig->next_out = 71;
    rig->next_in = 58;
    rig->created_utc_ns = seconds_of("2025-06-10 07:59:59") * (int64_t)RFX_NS_PER_S;
    rig_set_utc_s(rig, seconds_of("2025-06-10 08:00:00"));
    rig_start(rig);
    expect_trace(rig, "[0.000] state UNKNOWN -> DISCONNECTED_NOCONN_TODAY\n"
                      "[0.000] note: a new session time has begun, both numbers restart at 1\n"
                      "[0.000] journal reset\n"
                      "[0.000] state DISCONNECTED_NOCONN_TODAY -> AWAITING_CONNECTION\n");
    expect_numbers(rig, 1, 1);
    expect_created(rig, "2025-06-10 08:00:00");
}

static void test_numbers_when_nobody_is_connected_then_they_restart_at_the_start(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    start_at(rig, "2025-06-10 07:58:00", "2025-06-09 08:00:00");
    rig_advance(rig, 119999);
    expect_trace(rig, "");
    expect_numbers(rig, 71, 58);
    rig_advance(rig, 1);
    expect_trace(rig, "[120.000] note: a new session time has begun, both numbers restart at 1\n"
                      "[120.000] journal reset\n");
    expect_numbers(rig, 1, 1);
    rig_advance(rig, 9 * 3600 * 1000 + 1000); /* not at the end, and only once */
    expect_trace(rig, "");
}

static void test_numbers_when_the_time_begins_around_the_logon_then_they_restart_first(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    start_at(rig, "2025-06-10 07:59:59", "2025-06-09 08:00:00");
    rig->now_ms += 1000; /* the connection is there before the tick */
    rig_connect(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30");
    expect_trace(rig, "[1.000] note: a new session time has begun, both numbers restart at 1\n"
                      "[1.000] journal reset\n"
                      "[1.000] state AWAITING_CONNECTION -> NETWORK_CONN_ESTABLISHED\n"
                      "[1.000] < Logon seq=1 98=0 108=30\n"
                      "[1.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[1.000] > Logon seq=1 98=0 108=30\n"
                      "[1.000] state LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                      "[1.000] state LOGON_RESPONSE -> ACTIVE\n"
                      "[1.000] logon, healthy\n");
    expect_numbers(rig, 2, 2);
}

static void test_session_when_its_time_ends_then_logged_out(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    logged_on_at(state, "2025-06-10 16:59:00", "2025-06-10 08:00:00");
    rig_advance(rig, 59999);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    expect_trace(rig, "[60.000] > Logout seq=72 58=The session time is over\n"
                      "[60.000] state ACTIVE -> INITIATE_LOGOUT\n");
    rig_receive(rig, "35=5");
    expect_trace(rig, "[60.000] < Logout seq=59\n"
                      "[60.000] logout\n"
                      "[60.000] state INITIATE_LOGOUT -> DISCONNECTED_WCONN_TODAY\n"
                      "[60.000] ! close: outside the session time\n"
                      "[60.000] state DISCONNECTED_WCONN_TODAY -> AWAITING_CONNECTION\n");
    expect_numbers(rig, 73, 60); /* kept: they restart when the next time begins */
    rig_advance(rig, 14 * 3600 * 1000);
    expect_trace(rig, "");
    rig_advance(rig, 3600 * 1000);
    expect_trace(rig, "[54060.000] note: a new session time has begun, both numbers restart at 1\n"
                      "[54060.000] journal reset\n");
    expect_numbers(rig, 1, 1);
}

static void test_session_when_its_time_ends_and_logout_is_not_answered_then_closed(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    logged_on_at(state, "2025-06-10 16:59:00", "2025-06-10 08:00:00");
    rig_advance(rig, 60000);
    rig_forget_trace(rig);
    rig_advance(rig, 100000);
    expect_trace(rig, "[62.000] state INITIATE_LOGOUT -> DISCONNECTED_BROKEN_CONN\n"
                      "[62.000] ! close: no answer to Logout\n"
                      "[62.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
}

static void test_session_when_its_time_ends_in_a_gap_or_a_test_then_logged_out(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    logged_on_at(state, "2025-06-10 16:59:50", "2025-06-10 08:00:00");
    rig_receive(rig, "35=2|7=1|16=0");
    rig_receive(rig, "35=D|34=90|11=X");
    rig_event(rig, RFX_EVENT_TEST_REQUEST);
    rig_forget_trace(rig);
    rig_advance(rig, 10000);
    expect_trace(rig, "[10.000] > Logout seq=74 58=The session time is over\n"
                      "[10.000] state AWAIT_PROC_TEST_REQ -> INITIATE_LOGOUT\n");
    rig_serve(rig); /* the resend goes on until the Logout is answered */
    expect_trace(rig, "[10.000] > SequenceReset seq=1 43=Y 122=34578000.000 36=72 123=Y\n");
}

static void test_session_when_around_the_clock_then_logged_out_at_the_boundary(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(17, 0, 0), HMS(17, 0, 0));
    logged_on_at(state, "2025-06-10 16:59:59", "2025-06-09 17:00:00");
    rig_advance(rig, 1000);
    rig_receive(rig, "35=5");
    rig_advance(rig, 0);
    expect_trace(rig, "[1.000] > Logout seq=72 58=The session time is over\n"
                      "[1.000] state ACTIVE -> INITIATE_LOGOUT\n"
                      "[1.000] < Logout seq=59\n"
                      "[1.000] logout\n"
                      "[1.000] state INITIATE_LOGOUT -> DISCONNECTED_WCONN_TODAY\n"
                      "[1.000] ! close: outside the session time\n"
                      "[1.000] state DISCONNECTED_WCONN_TODAY -> AWAITING_CONNECTION\n"
                      "[1.000] note: a new session time has begun, both numbers restart at 1\n"
                      "[1.000] journal reset\n");
    expect_numbers(rig, 1, 1);
    expect_created(rig, "2025-06-10 17:00:00");
    rig_connect(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

/* Not even a millisecond of the next day under yesterday's numbers. */
static void test_session_when_around_the_clock_and_reconnected_at_once_then_restarted(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(17, 0, 0), HMS(17, 0, 0));
    logged_on_at(state, "2025-06-10 16:59:59", "2025-06-09 17:00:00");
    rig_advance(rig, 1000);
    rig_receive(rig, "35=5");
    rig_connect(rig); /* before the tick */
    expect_numbers(rig, 1, 1);
}

static void test_logon_when_outside_the_time_then_refused_by_logout(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    start_at(rig, "2025-06-10 17:00:00", "2025-06-10 08:00:00");
    rig_connect(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y"); /* and it resets nothing */
    expect_trace(rig, "[0.000] state AWAITING_CONNECTION -> NETWORK_CONN_ESTABLISHED\n"
                      "[0.000] < Logon seq=1 98=0 108=30 141=Y\n"
                      "[0.000] state NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                      "[0.000] > Logout seq=71 58=Logon outside the session time\n"
                      "[0.000] state LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN\n"
                      "[0.000] ! close: outside the session time\n"
                      "[0.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
    expect_numbers(rig, 72, 58);
}

static void test_logon_when_refused_outside_the_time_then_the_verdict_comes_first(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    start_at(rig, "2025-06-10 17:00:00", "2025-06-10 08:00:00");
    rig->keeps_verdict = true;
    rig_connect(rig);
    rig_receive(rig, "35=A|34=58|98=0|108=30");
    rig_forget_trace(rig);
    rig_verdict(rig, false, NULL); /* a stranger does not learn the hours */
    assert_null(strstr(rig->trace, "> Logout"));
    expect_numbers(rig, 71, 58);
}

static void test_verdict_when_the_time_is_over_by_then_then_refused(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    start_at(rig, "2025-06-10 16:59:59", "2025-06-10 08:00:00");
    rig->keeps_verdict = true;
    rig_connect(rig);
    rig_receive(rig, "35=A|34=58|98=0|108=30");
    rig->now_ms += 1000;
    rig_verdict(rig, true, NULL);
    assert_false(rfx_session_is_connected(&rig->session));
    assert_non_null(strstr(rig->trace, "! close: outside the session time\n"));
}

/* Around the clock it is open again at once, but for numbers of its own. */
static void test_verdict_when_the_next_time_has_begun_then_refused(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(17, 0, 0), HMS(17, 0, 0));
    start_at(rig, "2025-06-10 16:59:59", "2025-06-09 17:00:00");
    rig->keeps_verdict = true;
    rig_connect(rig);
    rig_receive(rig, "35=A|34=58|98=0|108=30");
    rig_forget_trace(rig);
    rig_advance(rig, 5000);
    rig_verdict(rig, true, NULL);
    expect_trace(rig, "[5.000] > Logout seq=71 58=Logon outside the session time\n"
                      "[5.000] state LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN\n"
                      "[5.000] ! close: outside the session time\n"
                      "[5.000] state DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n");
    rig_advance(rig, 0);
    expect_trace(rig, "[5.000] note: a new session time has begun, both numbers restart at 1\n"
                      "[5.000] journal reset\n");
    expect_numbers(rig, 1, 1);
}

static void test_weekly_when_its_time_ends_then_logged_out_until_the_next_week(void **state)
{
    struct session_rig *rig = *state; /* 2025-06-08 is a Sunday */
    rig->config.start = (struct rfx_week_time){.second = HMS(22, 0, 0), .day = 0};
    rig->config.end = (struct rfx_week_time){.second = HMS(21, 0, 0), .day = 5};
    logged_on_at(state, "2025-06-11 12:00:00", "2025-06-08 22:00:00");
    rig_advance(rig, (2 * 24 + 9) * 3600 * 1000 - 1);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    rig_receive(rig, "35=5");
    assert_non_null(
        strstr(rig->trace, "[205200.000] > Logout seq=72 58=The session time is over\n"));
    rig_advance(rig, (2 * 24 + 1) * 3600 * 1000 - 1);
    expect_created(rig, "2025-06-08 22:00:00");
    rig_advance(rig, 1);
    expect_created(rig, "2025-06-15 22:00:00");
    expect_numbers(rig, 1, 1);
}

static void test_weekdays_when_it_is_another_day_then_refused(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    rig->config.weekdays = 1u << 1 | 1u << 2;                    /* Monday, Tuesday */
    start_at(rig, "2025-06-11 12:00:00", "2025-06-10 08:00:00"); /* a Wednesday */
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30");
    assert_non_null(strstr(rig->trace, "58=Logon outside the session time\n"));
    rig_advance(rig, (4 * 24 + 20) * 3600 * 1000 - 1);
    expect_created(rig, "2025-06-10 08:00:00");
    rig_advance(rig, 1);
    expect_created(rig, "2025-06-16 08:00:00");
}

static void test_nonstop_when_times_are_given_then_they_do_not_matter(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    rig->config.non_stop_session = true;
    logged_on_at(state, "2025-06-10 16:59:00", "2020-01-01 00:00:00");
    rig_advance(rig, UINT64_C(100) * 24 * 3600 * 1000);
    expect_trace(rig, "");
    expect_numbers(rig, 72, 59);
}

static void test_logon_time_when_it_is_shorter_then_logged_out_but_numbers_go_on(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(0, 0, 0), HMS(0, 0, 0));
    rig->config.logon.second = HMS(8, 0, 0);
    rig->config.logout.second = HMS(17, 0, 0);
    logged_on_at(state, "2025-06-10 16:59:59", "2025-06-10 00:00:00");
    rig_advance(rig, 1000);
    rig_receive(rig, "35=5");
    expect_trace(rig, "[1.000] > Logout seq=72 58=The session time is over\n"
                      "[1.000] state ACTIVE -> INITIATE_LOGOUT\n"
                      "[1.000] < Logout seq=59\n"
                      "[1.000] logout\n"
                      "[1.000] state INITIATE_LOGOUT -> DISCONNECTED_WCONN_TODAY\n"
                      "[1.000] ! close: outside the session time\n"
                      "[1.000] state DISCONNECTED_WCONN_TODAY -> AWAITING_CONNECTION\n");
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30");
    assert_non_null(strstr(rig->trace, "58=Logon outside the session time\n"));
    expect_numbers(rig, 74, 60);
}

static void test_logon_time_when_the_session_never_ends_then_numbers_never_restart(void **state)
{
    struct session_rig *rig = *state;
    rig->config.logon.second = HMS(8, 0, 0);
    rig->config.logout.second = HMS(17, 0, 0);
    start_at(rig, "2025-06-10 07:00:00", "2020-01-01 00:00:00");
    rig_advance(rig, UINT64_C(48) * 3600 * 1000);
    expect_trace(rig, "");
    expect_numbers(rig, 71, 58);
}

static void test_message_when_the_boundary_was_just_missed_then_logged_out_first(void **state)
{
    struct session_rig *rig = *state;
    set_times(rig, HMS(17, 0, 0), HMS(17, 0, 0));
    logged_on_at(state, "2025-06-10 16:59:00", "2025-06-09 17:00:00");
    rig_advance(rig, 60000);
    rig_receive(rig, "35=D|11=LATE"); /* under way before our Logout: the old day's */
    expect_trace(rig, "[60.000] > Logout seq=72 58=The session time is over\n"
                      "[60.000] state ACTIVE -> INITIATE_LOGOUT\n"
                      "[60.000] < NewOrderSingle seq=59 11=LATE\n"
                      "[60.000] deliver NewOrderSingle\n");
}

/* ----------------------------------------------------------------------------- initiators */

static struct session_rig *initiator(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig->config.heartbeat_s = 0;
    set_times(rig, HMS(8, 0, 0), HMS(17, 0, 0));
    return rig;
}

static void test_initiator_when_outside_the_time_then_connects_at_its_start(void **state)
{
    struct session_rig *rig = initiator(state);
    start_at(rig, "2025-06-10 03:00:00", "2025-06-09 08:00:00");
    rig_advance(rig, 5 * 3600 * 1000 - 1);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    expect_trace(rig, "[18000.000] note: a new session time has begun, both numbers restart at 1\n"
                      "[18000.000] journal reset\n"
                      "[18000.000] state DISCONNECTED_NOCONN_TODAY -> INITIATE_CONNECTION\n"
                      "[18000.000] connect\n");
}

static void test_initiator_when_the_time_ends_then_logs_out_and_waits(void **state)
{
    struct session_rig *rig = initiator(state);
    start_at(rig, "2025-06-10 16:59:59", "2025-06-10 08:00:00");
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=0");
    rig_forget_trace(rig);
    rig_advance(rig, 1000);
    rig_receive(rig, "35=5");
    expect_trace(rig, "[1.000] > Logout seq=72 58=The session time is over\n"
                      "[1.000] state ACTIVE -> INITIATE_LOGOUT\n"
                      "[1.000] < Logout seq=59\n"
                      "[1.000] logout\n"
                      "[1.000] state INITIATE_LOGOUT -> DISCONNECTED_WCONN_TODAY\n"
                      "[1.000] ! close: outside the session time\n");
    rig_advance(rig, 15 * 3600 * 1000 - 1);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    expect_trace(rig, "[54001.000] note: a new session time has begun, both numbers restart at 1\n"
                      "[54001.000] journal reset\n"
                      "[54001.000] state DISCONNECTED_WCONN_TODAY -> INITIATE_CONNECTION\n"
                      "[54001.000] connect\n");
}

static void test_initiator_when_connects_fail_all_night_then_none_is_tried_outside(void **state)
{
    struct session_rig *rig = initiator(state);
    start_at(rig, "2025-06-10 16:59:50", "2025-06-10 08:00:00");
    rig_disconnected(rig, RFX_REASON_CONNECT_FAILED);
    rig_forget_trace(rig);
    rig_advance(rig, 14 * 3600 * 1000);
    expect_trace(rig, "");
}

static void test_initiator_when_the_connect_outlasts_the_time_then_no_logon(void **state)
{
    struct session_rig *rig = initiator(state);
    start_at(rig, "2025-06-10 16:59:59", "2025-06-10 08:00:00");
    rig_advance(rig, 2000);
    rig_connect(rig);
    assert_null(strstr(rig->trace, "> Logon"));
    assert_non_null(strstr(rig->trace, "! close: outside the session time\n"));
    expect_numbers(rig, 71, 58);
}

static void test_initiator_when_the_answer_comes_after_the_time_then_closed(void **state)
{
    struct session_rig *rig = initiator(state);
    start_at(rig, "2025-06-10 16:59:59", "2025-06-10 08:00:00");
    rig_connect(rig);
    rig_forget_trace(rig);
    rig_advance(rig, 2000);
    expect_trace(rig, "[1.000] state WAITING_FOR_LOGON -> DISCONNECTED_BROKEN_CONN\n"
                      "[1.000] ! close: outside the session time\n");
}

static void test_initiator_when_the_numbers_are_of_yesterday_then_they_restart_first(void **state)
{
    struct session_rig *rig = initiator(state);
    set_times(rig, HMS(17, 0, 0), HMS(17, 0, 0));
    start_at(rig, "2025-06-10 16:59:59", "2025-06-09 17:00:00");
    rig->now_ms += 1500;
    rig_connect(rig); /* dialled under the old numbers */
    assert_non_null(strstr(rig->trace, "> Logon seq=1 98=0 108=0\n"));
}

/* ------------------------------------------------------------------------ summer time */

struct boundary {
    const char *rule;
    uint32_t start_s;   /* of the wall clock; around the clock */
    const char *before; /* the reset before it */
    const char *at;     /* UTC */
};

/* 17:00 in New York is 22:00 UTC in winter and 21:00 in summer. */
static const struct boundary boundaries[] = {
    {NEW_YORK, HMS(17, 0, 0), "2025-03-07 22:00:00", "2025-03-08 22:00:00"},
    {NEW_YORK, HMS(17, 0, 0), "2025-03-08 22:00:00", "2025-03-09 21:00:00"},
    {NEW_YORK, HMS(17, 0, 0), "2025-03-09 21:00:00", "2025-03-10 21:00:00"},
    {NEW_YORK, HMS(17, 0, 0), "2025-10-31 21:00:00", "2025-11-01 21:00:00"},
    {NEW_YORK, HMS(17, 0, 0), "2025-11-01 21:00:00", "2025-11-02 22:00:00"},
    {NEW_YORK, HMS(2, 30, 0), "2025-03-08 07:30:00", "2025-03-09 07:00:00"}, /* skipped */
    {NEW_YORK, HMS(1, 30, 0), "2025-11-01 05:30:00", "2025-11-02 05:30:00"}, /* there twice */
    {NEW_YORK, HMS(1, 30, 0), "2025-11-02 05:30:00", "2025-11-03 06:30:00"},
    {LONDON, HMS(22, 0, 0), "2025-03-29 22:00:00", "2025-03-30 21:00:00"},
    {LONDON, HMS(22, 0, 0), "2025-10-25 21:00:00", "2025-10-26 22:00:00"},
    {LONDON, HMS(1, 30, 0), "2025-03-29 01:30:00", "2025-03-30 01:00:00"}, /* skipped */
    {LONDON, HMS(1, 30, 0), "2025-10-25 00:30:00", "2025-10-26 00:30:00"}, /* there twice */
    {LONDON, HMS(1, 30, 0), "2025-10-26 00:30:00", "2025-10-27 01:30:00"},
    {LONDON, HMS(0, 0, 0), "2025-03-30 00:00:00", "2025-03-30 23:00:00"},
    {LONDON, HMS(0, 0, 0), "2025-10-25 23:00:00", "2025-10-27 00:00:00"},
};

static void test_boundary_when_summer_time_changes_then_at_the_wall_clock_s_time(void **state)
{
    for (size_t i = 0; i < sizeof boundaries / sizeof boundaries[0]; i++) {
        const struct boundary *boundary = &boundaries[i];
        struct session_rig *rig = *state;
        struct rfx_zone *zone = tzif_rule_zone(boundary->rule);
        uint64_t length_ms =
            (uint64_t)(seconds_of(boundary->at) - seconds_of(boundary->before)) * 1000;
        set_times(rig, boundary->start_s, boundary->start_s);
        rig->zone = zone;
        logged_on_at(state, boundary->before, boundary->before);
        rig_advance(rig, length_ms - 1);
        expect_trace(rig, "");
        rig_advance(rig, 1);
        assert_int_equal(rig->session.state, RFX_INITIATE_LOGOUT);
        rig_receive(rig, "35=5");
        rig_advance(rig, 0);
        expect_created(rig, boundary->at);
        expect_numbers(rig, 1, 1);
        rfx_zone_free(zone);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

static void expect_business_hours(void **state, const struct rfx_zone *zone, const char *before,
                                  const char *opens, const char *closes)
{
    struct session_rig *rig = initiator(state);
    rig->zone = zone;
    start_at(rig, before, before);
    rig_advance(rig, (uint64_t)(seconds_of(opens) - seconds_of(before)) * 1000 - 1);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    assert_int_equal(rig->session.state, RFX_INITIATE_CONNECTION);
    expect_created(rig, opens);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=0");
    rig_forget_trace(rig);
    rig_advance(rig, (uint64_t)(seconds_of(closes) - seconds_of(opens)) * 1000 - 1);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    assert_int_equal(rig->session.state, RFX_INITIATE_LOGOUT);
    session_rig_tear_down(state);
    session_rig_set_up_42(state);
}

static void
test_initiator_when_summer_time_changes_then_it_keeps_the_wall_clock_s_hours(void **state)
{
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    expect_business_hours(state, zone, "2025-03-08 22:00:00", "2025-03-09 12:00:00",
                          "2025-03-09 21:00:00");
    expect_business_hours(state, zone, "2025-11-01 21:00:00", "2025-11-02 13:00:00",
                          "2025-11-02 22:00:00");
    rfx_zone_free(zone);
    zone = tzif_rule_zone(LONDON);
    expect_business_hours(state, zone, "2025-03-29 17:00:00", "2025-03-30 07:00:00",
                          "2025-03-30 16:00:00");
    expect_business_hours(state, zone, "2025-10-25 16:00:00", "2025-10-26 08:00:00",
                          "2025-10-26 17:00:00");
    rfx_zone_free(zone);
}

static void test_initiator_when_the_zone_is_of_the_system_then_the_same(void **state)
{
    need_system_zones();
    struct rfx_zone *zone;
    assert_int_equal(rfx_zone_load("America/New_York", &zone, NULL), RFX_OK);
    expect_business_hours(state, zone, "2025-03-08 22:00:00", "2025-03-09 12:00:00",
                          "2025-03-09 21:00:00");
    expect_business_hours(state, zone, "2025-11-01 21:00:00", "2025-11-02 13:00:00",
                          "2025-11-02 22:00:00");
    rfx_zone_free(zone);
    assert_int_equal(rfx_zone_load("Europe/London", &zone, NULL), RFX_OK);
    expect_business_hours(state, zone, "2025-03-29 17:00:00", "2025-03-30 07:00:00",
                          "2025-03-30 16:00:00");
    rfx_zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_numbers_when_of_this_session_time_then_kept),
        SESSION_TEST(test_numbers_when_the_process_slept_over_the_start_then_they_restart),
        SESSION_TEST(test_numbers_when_nobody_is_connected_then_they_restart_at_the_start),
        SESSION_TEST(test_numbers_when_the_time_begins_around_the_logon_then_they_restart_first),
        SESSION_TEST(test_session_when_its_time_ends_then_logged_out),
        SESSION_TEST(test_session_when_its_time_ends_and_logout_is_not_answered_then_closed),
        SESSION_TEST(test_session_when_its_time_ends_in_a_gap_or_a_test_then_logged_out),
        SESSION_TEST(test_session_when_around_the_clock_then_logged_out_at_the_boundary),
        SESSION_TEST(test_session_when_around_the_clock_and_reconnected_at_once_then_restarted),
        SESSION_TEST(test_logon_when_outside_the_time_then_refused_by_logout),
        SESSION_TEST(test_logon_when_refused_outside_the_time_then_the_verdict_comes_first),
        SESSION_TEST(test_verdict_when_the_time_is_over_by_then_then_refused),
        SESSION_TEST(test_verdict_when_the_next_time_has_begun_then_refused),
        SESSION_TEST(test_weekly_when_its_time_ends_then_logged_out_until_the_next_week),
        SESSION_TEST(test_weekdays_when_it_is_another_day_then_refused),
        SESSION_TEST(test_nonstop_when_times_are_given_then_they_do_not_matter),
        SESSION_TEST(test_logon_time_when_it_is_shorter_then_logged_out_but_numbers_go_on),
        SESSION_TEST(test_logon_time_when_the_session_never_ends_then_numbers_never_restart),
        SESSION_TEST(test_message_when_the_boundary_was_just_missed_then_logged_out_first),
        SESSION_TEST(test_initiator_when_outside_the_time_then_connects_at_its_start),
        SESSION_TEST(test_initiator_when_the_time_ends_then_logs_out_and_waits),
        SESSION_TEST(test_initiator_when_connects_fail_all_night_then_none_is_tried_outside),
        SESSION_TEST(test_initiator_when_the_connect_outlasts_the_time_then_no_logon),
        SESSION_TEST(test_initiator_when_the_answer_comes_after_the_time_then_closed),
        SESSION_TEST(test_initiator_when_the_numbers_are_of_yesterday_then_they_restart_first),
        SESSION_TEST(test_boundary_when_summer_time_changes_then_at_the_wall_clock_s_time),
        SESSION_TEST(test_initiator_when_summer_time_changes_then_it_keeps_the_wall_clock_s_hours),
        SESSION_TEST(test_initiator_when_the_zone_is_of_the_system_then_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
