/* The end of a connection: the Logout handshake both ways, and ends without one. */
#include <string.h>

#include "tests/unit/support_session.h"

#define CLOSED_AFTER(from, seconds, reason)                                                        \
    "[" seconds "] state " from " -> DISCONNECTED_WCONN_TODAY\n"                                   \
    "[" seconds "] ! close: " reason "\n"
#define BROKEN(from, seconds, reason)                                                              \
    "[" seconds "] state " from " -> DISCONNECTED_BROKEN_CONN\n"                                   \
    "[" seconds "] ! close: " reason "\n"
#define WAITING_AGAIN(from, seconds) "[" seconds "] state " from " -> AWAITING_CONNECTION\n"
#define ANSWERED                                                                                   \
    "[0.000] logout\n"                                                                             \
    "[0.000] state ACTIVE -> RECEIVED_LOGOUT\n"                                                    \
    "[0.000] > Logout seq=2\n" CLOSED_AFTER("RECEIVED_LOGOUT", "0.000",                            \
                                            "the counterparty logged out")                         \
        WAITING_AGAIN("DISCONNECTED_WCONN_TODAY", "0.000")

static void test_logout_when_received_then_answered_and_closed(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=5|34=2");
    expect_trace(rig, "[0.000] < Logout seq=2\n" ANSWERED);
    expect_numbers(rig, 3, 3);
    assert_false(rfx_session_is_logged_on(&rig->session));
}

/* The counterparty is leaving: what is missing is asked for at its next Logon. */
static void test_logout_when_number_is_high_then_answered_and_not_counted(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=5|34=9");
    expect_trace(rig, "[0.000] < Logout seq=9\n" ANSWERED);
    expect_numbers(rig, 3, 2);
}

static void test_logout_when_number_is_low_then_answered_and_not_counted(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=5|34=1");
    expect_trace(rig, "[0.000] < Logout seq=1\n" ANSWERED);
    expect_numbers(rig, 3, 2);
}

static void test_logout_when_a_gap_is_open_then_answered(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=0|34=5");
    rig_forget_trace(rig);
    rig_receive(rig, "35=5|34=6");
    expect_trace(rig, "[0.000] < Logout seq=6\n"
                      "[0.000] logout\n"
                      "[0.000] state RESENDREQ_AWAITING -> RECEIVED_LOGOUT\n"
                      "[0.000] > Logout seq=3\n" CLOSED_AFTER("RECEIVED_LOGOUT", "0.000",
                                                              "the counterparty logged out")
                          WAITING_AGAIN("DISCONNECTED_WCONN_TODAY", "0.000"));
    expect_numbers(rig, 4, 2);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=7|98=0|108=30"); /* the gap is still known */
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=5 7=2 16=0\n"));
}

/* All in one segment: the ResendRequest came first, so its answer comes first. */
static void test_logout_when_a_resend_is_served_then_answered_behind_it(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=2|34=2|7=1|16=0");
    rig_forget_trace(rig);
    rig_receive(rig, "35=5|34=3");
    assert_non_null(strstr(rig->trace, "state RESENDREQ_HANDLING -> RECEIVED_LOGOUT\n"));
    assert_true(rfx_session_is_connected(&rig->session));
    rig_receive(rig, "35=D|34=4|11=LATE"); /* nothing may follow a Logout */
    rig_forget_trace(rig);
    rig_serve(rig);
    const char *gap_fill = strstr(rig->trace, "> SequenceReset seq=1 ");
    assert_non_null(gap_fill);
    assert_non_null(strstr(gap_fill, "> Logout seq=2\n"));
    assert_false(rfx_session_is_connected(&rig->session));
    expect_numbers(rig, 3, 4);
}

/* The counterparty takes nothing more: the answer is not held back for ever. */
static void test_logout_when_the_resend_stalls_then_answered_after_the_timeout(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=2|34=2|7=1|16=0");
    rig_receive(rig, "35=5|34=3");
    rig_advance(rig, 2000);
    assert_non_null(strstr(rig->trace, "[2.000] > Logout seq=2\n"));
    assert_false(rfx_session_is_connected(&rig->session));
}

static void test_logout_when_its_header_is_wrong_then_rejected_first(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=5|34=2|!52");
    expect_trace(rig, "[0.000] < Logout seq=2 !52\n"
                      "[0.000] > Reject seq=2 45=2 58=Required tag missing 371=52 372=5 373=1\n");
    assert_true(rfx_session_is_logged_on(&rig->session));
}

static void test_logout_when_the_application_asks_then_answer_awaited(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_log_out(rig, "good night");
    expect_trace(rig, "[0.000] > Logout seq=2 58=good night\n"
                      "[0.000] state ACTIVE -> INITIATE_LOGOUT\n");
    assert_false(rfx_session_is_logged_on(&rig->session));
    rig_receive(rig, "35=5|34=2");
    expect_trace(rig, "[0.000] < Logout seq=2\n"
                      "[0.000] logout\n" CLOSED_AFTER("INITIATE_LOGOUT", "0.000", "logged out")
                          WAITING_AGAIN("DISCONNECTED_WCONN_TODAY", "0.000"));
    expect_numbers(rig, 3, 3);
}

static void test_logout_when_the_application_gives_no_text_then_none_is_sent(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_log_out(rig, NULL);
    rig_log_out(rig, "again"); /* said already */
    expect_trace(rig, "[0.000] > Logout seq=2\n"
                      "[0.000] state ACTIVE -> INITIATE_LOGOUT\n");
}

static void test_logout_when_not_answered_then_closed_after_logout_timeout(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_advance(rig, 5000);
    rig_log_out(rig, NULL);
    rig_forget_trace(rig);
    rig_advance(rig, 1999);
    expect_trace(rig, "");
    rig_advance(rig, 100000);
    expect_trace(rig, BROKEN("INITIATE_LOGOUT", "7.000", "no answer to Logout")
                          WAITING_AGAIN("DISCONNECTED_BROKEN_CONN", "7.000"));
}

static void test_logout_when_a_test_request_is_pending_then_its_deadline_is_off(void **state)
{
    struct session_rig *rig = *state;
    rig->config.logout_timeout_s = 50;
    rig_log_on(rig);
    rig_event(rig, RFX_EVENT_TEST_REQUEST);
    rig_log_out(rig, NULL);
    rig_receive(rig, "35=0|34=2|112=TEST"); /* and the answer does not end the wait */
    rig_forget_trace(rig);
    rig_advance(rig, 49999);
    expect_trace(rig, "");
    rig_advance(rig, 1);
    expect_trace(rig, BROKEN("INITIATE_LOGOUT", "50.000", "no answer to Logout")
                          WAITING_AGAIN("DISCONNECTED_BROKEN_CONN", "50.000"));
}

static void test_logout_when_messages_are_still_under_way_then_they_count(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_log_out(rig, NULL);
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=2|11=X");
    rig_receive(rig, "35=1|34=3|112=T");
    rig_receive(rig, "35=2|34=4|7=1|16=1");
    expect_trace(rig, "[0.000] < NewOrderSingle seq=2 11=X\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < TestRequest seq=3 112=T\n"
                      "[0.000] > Heartbeat seq=3 112=T\n"
                      "[0.000] < ResendRequest seq=4 7=1 16=1\n"
                      "[0.000] replay 1..1\n");
    rig_serve(rig);
    expect_trace(rig, "[0.000] > SequenceReset seq=1 43=Y 122=0.000 36=2 123=Y\n");
    rig_receive(rig, "35=D|34=9|11=Y"); /* a gap is not asked for any more */
    expect_trace(rig, "[0.000] < NewOrderSingle seq=9 11=Y\n"
                      "[0.000] hold 9\n");
    rig_receive(rig, "35=5|34=10");
    assert_non_null(strstr(rig->trace, "! close: logged out\n"));
    expect_numbers(rig, 4, 5);
}

static void test_logout_when_both_sides_begin_then_each_takes_it_as_the_answer(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_log_out(rig, NULL);
    rig_receive(rig, "35=5|34=2|58=I leave too");
    assert_non_null(strstr(rig->trace, "! close: logged out\n"));
    expect_numbers(rig, 3, 3);
}

static void test_logout_answer_when_it_is_an_old_one_repeated_then_not_taken(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_log_out(rig, NULL);
    rig_forget_trace(rig);
    rig_receive(rig, "35=5|34=1|43=Y|122=@-9");
    expect_trace(rig, "[0.000] < Logout seq=1 43=Y 122=@-9\n");
    assert_true(rfx_session_is_connected(&rig->session));
}

static void test_end_of_stream_when_logged_on_then_broken(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    expect_trace(rig, "[0.000] disconnected\n" BROKEN("ACTIVE", "0.000",
                                                      "the counterparty closed the connection")
                          WAITING_AGAIN("DISCONNECTED_BROKEN_CONN", "0.000"));
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED); /* of a connection that is no more */
    expect_trace(rig, "[0.000] disconnected\n");
}

static void test_end_of_stream_when_logging_out_then_broken(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_log_out(rig, NULL);
    rig_forget_trace(rig);
    rig_disconnected(rig, RFX_REASON_CONNECTION_LOST);
    expect_trace(rig, "[0.000] disconnected\n" BROKEN("INITIATE_LOGOUT", "0.000", "connection lost")
                          WAITING_AGAIN("DISCONNECTED_BROKEN_CONN", "0.000"));
}

static void test_disconnect_when_the_application_asks_then_no_logout(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_close(rig, RFX_REASON_APPLICATION);
    expect_trace(rig, BROKEN("ACTIVE", "0.000", "closed by the application")
                          WAITING_AGAIN("DISCONNECTED_BROKEN_CONN", "0.000"));
    rig_close(rig, RFX_REASON_APPLICATION);
    expect_trace(rig, "");
}

static void test_numbers_when_reset_on_logout_then_one_after_a_handshake_alone(void **state)
{
    struct session_rig *rig = *state;
    rig->config.reset_on_logout = true;
    rig_log_on(rig);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    expect_numbers(rig, 2, 2);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=2|98=0|108=30");
    rig_forget_trace(rig);
    rig_receive(rig, "35=5|34=3");
    expect_trace(
        rig,
        "[0.000] < Logout seq=3\n"
        "[0.000] logout\n"
        "[0.000] state ACTIVE -> RECEIVED_LOGOUT\n"
        "[0.000] > Logout seq=3\n" CLOSED_AFTER(
            "RECEIVED_LOGOUT", "0.000",
            "the counterparty logged out") "[0.000] journal reset\n" WAITING_AGAIN("DISCONNECTED_"
                                                                                   "WCONN_TODAY",
                                                                                   "0.000"));
    expect_numbers(rig, 1, 1);
}

static void test_numbers_when_reset_on_disconnect_then_one_after_any_end(void **state)
{
    struct session_rig *rig = *state;
    rig->config.reset_on_disconnect = true;
    rig_log_on(rig);
    rig_disconnected(rig, RFX_REASON_CONNECTION_LOST);
    expect_trace(
        rig,
        "[0.000] disconnected\n" BROKEN(
            "ACTIVE", "0.000",
            "connection lost") "[0.000] journal reset\n" WAITING_AGAIN("DISCONNECTED_BROKEN_CONN",
                                                                       "0.000"));
    expect_numbers(rig, 1, 1);
}

/* Whoever only knocks must not be able to reset a session. */
static void test_numbers_when_reset_on_disconnect_but_never_active_then_kept(void **state)
{
    struct session_rig *rig = *state;
    rig->config.reset_on_disconnect = true;
    rig->config.reset_on_logout = true;
    rig->next_out = 71;
    rig->next_in = 58;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=58|98=1|108=30");
    expect_numbers(rig, 71, 58);
    rig_connect(rig);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    expect_numbers(rig, 71, 58);
}

static void test_numbers_when_the_application_resets_then_one(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_forget_trace(rig);
    rig_event(rig, RFX_EVENT_RESET);
    expect_trace(rig, "[0.000] journal reset\n");
    expect_numbers(rig, 1, 1);
}

static void test_connection_when_again_then_nothing_is_left_of_the_last_one(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=0|34=9");
    rig_receive(rig, "35=2|34=10|7=1|16=0");
    rig_event(rig, RFX_EVENT_TEST_REQUEST);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_advance(rig, 1000000);
    rig_connect(rig);
    rig_forget_trace(rig);
    rig_receive(rig, "35=A|34=2|98=0|108=30");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    rig_forget_trace(rig);
    rig_advance(rig, 35999);
    expect_trace(rig, "[1030.000] > Heartbeat seq=5\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_logout_when_received_then_answered_and_closed),
        SESSION_TEST(test_logout_when_number_is_high_then_answered_and_not_counted),
        SESSION_TEST(test_logout_when_number_is_low_then_answered_and_not_counted),
        SESSION_TEST(test_logout_when_a_gap_is_open_then_answered),
        SESSION_TEST(test_logout_when_a_resend_is_served_then_answered_behind_it),
        SESSION_TEST(test_logout_when_the_resend_stalls_then_answered_after_the_timeout),
        SESSION_TEST(test_logout_when_its_header_is_wrong_then_rejected_first),
        SESSION_TEST(test_logout_when_the_application_asks_then_answer_awaited),
        SESSION_TEST(test_logout_when_the_application_gives_no_text_then_none_is_sent),
        SESSION_TEST(test_logout_when_not_answered_then_closed_after_logout_timeout),
        SESSION_TEST(test_logout_when_a_test_request_is_pending_then_its_deadline_is_off),
        SESSION_TEST(test_logout_when_messages_are_still_under_way_then_they_count),
        SESSION_TEST(test_logout_when_both_sides_begin_then_each_takes_it_as_the_answer),
        SESSION_TEST(test_logout_answer_when_it_is_an_old_one_repeated_then_not_taken),
        SESSION_TEST(test_end_of_stream_when_logged_on_then_broken),
        SESSION_TEST(test_end_of_stream_when_logging_out_then_broken),
        SESSION_TEST(test_disconnect_when_the_application_asks_then_no_logout),
        SESSION_TEST(test_numbers_when_reset_on_logout_then_one_after_a_handshake_alone),
        SESSION_TEST(test_numbers_when_reset_on_disconnect_then_one_after_any_end),
        SESSION_TEST(test_numbers_when_reset_on_disconnect_but_never_active_then_kept),
        SESSION_TEST(test_numbers_when_the_application_resets_then_one),
        SESSION_TEST(test_connection_when_again_then_nothing_is_left_of_the_last_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
