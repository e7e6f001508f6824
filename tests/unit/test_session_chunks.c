/* How a gap is asked for: in chunks, once or again and again. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_session.h"

/* Logged on, 2 to `last` are missing. */
static struct session_rig *with_gap(void **state, uint32_t chunk, uint64_t last)
{
    struct session_rig *rig = *state;
    char text[64];
    rig->config.resend_request_chunk_size = chunk;
    rig_log_on(rig);
    snprintf(text, sizeof text, "35=D|34=%llu|11=X", (unsigned long long)last + 1);
    rig_receive(rig, text);
    return rig;
}

static void receive_resent(struct session_rig *rig, uint64_t first, uint64_t last)
{
    for (uint64_t i = first; i <= last; i++) {
        char text[64];
        snprintf(text, sizeof text, "35=8|34=%llu|43=Y|122=@-1", (unsigned long long)i);
        rig_receive(rig, text);
    }
}

static void test_chunk_when_one_has_come_then_the_next_is_asked_for(void **state)
{
    struct session_rig *rig = with_gap(state, 3, 9);
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=2 7=2 16=4\n"));
    rig_forget_trace(rig);
    receive_resent(rig, 2, 9);
    expect_trace(rig, "[0.000] < ExecutionReport seq=2 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] < ExecutionReport seq=3 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] < ExecutionReport seq=4 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] > ResendRequest seq=3 7=5 16=7\n"
                      "[0.000] < ExecutionReport seq=5 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] < ExecutionReport seq=6 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] < ExecutionReport seq=7 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] > ResendRequest seq=4 7=8 16=9\n"
                      "[0.000] < ExecutionReport seq=8 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] < ExecutionReport seq=9 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[0.000] feed 10\n"
                      "[0.000] deliver NewOrderSingle\n");
    expect_numbers(rig, 5, 11);
}

static void test_chunk_when_the_gap_is_no_longer_then_asked_at_once(void **state)
{
    struct session_rig *rig = with_gap(state, 3, 4);
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=2 7=2 16=4\n"));
    rig_forget_trace(rig);
    receive_resent(rig, 2, 4);
    assert_null(strstr(rig->trace, "] > "));
    expect_numbers(rig, 3, 6);
}

static void test_chunk_when_of_one_message_then_each_is_asked_for(void **state)
{
    struct session_rig *rig = with_gap(state, 1, 3);
    receive_resent(rig, 2, 2);
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=2 7=2 16=2\n"));
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=3 7=3 16=3\n"));
}

static void test_chunk_when_zero_then_everything_is_asked_for(void **state)
{
    struct session_rig *rig = with_gap(state, 0, 1000000);
    assert_null(strstr(rig->trace, "16=1000000\n"));
    receive_resent(rig, 2, 20);
    expect_numbers(rig, 3, 21);
}

static void test_chunk_when_a_gap_fill_covers_it_then_the_next_is_asked_for(void **state)
{
    struct session_rig *rig = with_gap(state, 3, 20);
    rig_forget_trace(rig);
    rig_receive(rig, "35=4|34=2|43=Y|36=5|123=Y");
    expect_trace(rig, "[0.000] < SequenceReset seq=2 43=Y 36=5 123=Y\n"
                      "[0.000] > ResendRequest seq=3 7=5 16=7\n");
    rig_receive(rig, "35=4|34=5|43=Y|36=13|123=Y"); /* beyond what was asked for */
    expect_trace(rig, "[0.000] < SequenceReset seq=5 43=Y 36=13 123=Y\n"
                      "[0.000] > ResendRequest seq=4 7=13 16=15\n");
    rig_receive(rig, "35=4|34=13|43=Y|36=30|123=Y"); /* beyond the gap */
    expect_trace(rig, "[0.000] < SequenceReset seq=13 43=Y 36=30 123=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n");
    expect_numbers(rig, 5, 30);
}

static void
test_chunk_when_messages_come_meanwhile_then_they_wait_and_nothing_is_asked(void **state)
{
    struct session_rig *rig = with_gap(state, 3, 6);
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=8|11=Y");
    rig_receive(rig, "35=D|34=9|11=Z");
    assert_null(strstr(rig->trace, "] > "));
    receive_resent(rig, 2, 4);
    rig_forget_trace(rig);
    receive_resent(rig, 5, 6);
    assert_null(strstr(rig->trace, "] > ")); /* 7 to 9 are here */
    expect_numbers(rig, 4, 10);
}

static void test_chunk_when_it_does_not_come_then_the_same_is_asked_for_again(void **state)
{
    struct session_rig *rig = with_gap(state, 3, 9);
    rig_forget_trace(rig);
    rig_advance(rig, 30000);
    assert_non_null(strstr(rig->trace, "[30.000] > ResendRequest seq=3 7=2 16=4\n"));
    rig_forget_trace(rig);
    receive_resent(rig, 2, 3);
    rig_advance(rig, 30000); /* it gets smaller */
    assert_null(strstr(rig->trace, "> ResendRequest"));
    rig_receive(rig, "35=0|34=12");
    rig_forget_trace(rig);
    rig_advance(rig, 30000);
    assert_non_null(strstr(rig->trace, " 7=4 16=6\n")); /* from what is missing now */
}

static void test_chunk_when_a_number_in_it_is_skipped_then_asked_for_again(void **state)
{
    struct session_rig *rig = with_gap(state, 3, 9);
    receive_resent(rig, 2, 2);
    rig_forget_trace(rig);
    receive_resent(rig, 4, 4);
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=3 7=3 16=5\n"));
}

static void test_chunk_when_logging_out_then_no_more_are_asked_for(void **state)
{
    struct session_rig *rig = with_gap(state, 3, 9);
    rig_log_out(rig, NULL);
    rig_forget_trace(rig);
    receive_resent(rig, 2, 4);
    assert_null(strstr(rig->trace, "] > "));
    expect_numbers(rig, 4, 5);
}

static void test_chunk_when_the_logon_is_ahead_then_asked_up_to_it(void **state)
{
    struct session_rig *rig = *state;
    rig->config.resend_request_chunk_size = 3;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=6|98=0|108=30");
    rig_forget_trace(rig);
    receive_resent(rig, 1, 3);
    expect_trace(rig, "[0.000] < ExecutionReport seq=1 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] < ExecutionReport seq=2 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] < ExecutionReport seq=3 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] > ResendRequest seq=3 7=4 16=5\n");
    receive_resent(rig, 4, 5);
    rig_forget_trace(rig);
    expect_numbers(rig, 4, 7); /* the Logon's own place is stepped over */
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void test_chunk_when_the_session_resets_then_nothing_of_the_gap_is_left(void **state)
{
    struct session_rig *rig = with_gap(state, 3, 9);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y");
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=2|11=X");
    rig_receive(rig, "35=D|34=3|11=X");
    rig_receive(rig, "35=D|34=4|11=X");
    rig_receive(rig, "35=D|34=5|11=X");
    assert_null(strstr(rig->trace, "] > "));
}

static void test_chunk_when_the_connection_is_new_then_nothing_of_the_gap_is_left(void **state)
{
    struct session_rig *rig = with_gap(state, 3, 9);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=2|98=0|108=30"); /* the counterparty has restored an older state */
    rig_forget_trace(rig);
    rig_receive(rig, "35=D|34=3|11=X");
    rig_receive(rig, "35=D|34=4|11=X");
    rig_receive(rig, "35=D|34=5|11=X");
    assert_null(strstr(rig->trace, "] > "));
}

static void test_chunk_when_it_ends_at_the_largest_number_then_no_overflow(void **state)
{
    struct session_rig *rig = with_gap(state, UINT32_MAX, UINT64_C(9223372036854775806));
    assert_non_null(strstr(rig->trace, "7=2 16=4294967296\n"));
    rig_forget_trace(rig);
    rig_receive(rig, "35=4|34=2|43=Y|36=9223372036854775800|123=Y");
    assert_null(strstr(rig->trace, "7=9223372036854775800 16=0\n"));
    assert_non_null(strstr(rig->trace, "7=9223372036854775800 16=9223372036854775806\n"));
}

static void test_redundant_requests_when_off_then_one_is_under_way(void **state)
{
    struct session_rig *rig = with_gap(state, 0, 4);
    rig_forget_trace(rig);
    rig_receive(rig, "35=0|34=6");
    rig_receive(rig, "35=0|34=7");
    assert_null(strstr(rig->trace, "] > "));
}

static void test_redundant_requests_when_on_then_each_message_beyond_asks_again(void **state)
{
    struct session_rig *rig = *state;
    rig->config.send_redundant_resend_requests = true;
    with_gap(state, 0, 4);
    rig_forget_trace(rig);
    rig_receive(rig, "35=0|34=6");
    receive_resent(rig, 2, 2);
    rig_receive(rig, "35=0|34=7");
    expect_trace(rig, "[0.000] < Heartbeat seq=6\n"
                      "[0.000] hold 6\n"
                      "[0.000] > ResendRequest seq=3 7=2 16=0\n"
                      "[0.000] < ExecutionReport seq=2 43=Y 122=@-1\n"
                      "[0.000] deliver ExecutionReport\n"
                      "[0.000] < Heartbeat seq=7\n"
                      "[0.000] hold 7\n"
                      "[0.000] > ResendRequest seq=4 7=3 16=0\n");
}

/* Two sides that ask each other for each other's requests would never stop. */
static void test_redundant_requests_when_on_then_a_resend_request_is_no_reason(void **state)
{
    struct session_rig *rig = *state;
    rig->config.send_redundant_resend_requests = true;
    with_gap(state, 2, 9);
    rig_forget_trace(rig);
    rig_receive(rig, "35=2|34=11|7=1|16=1");
    rig_receive(rig, "35=2|34=12|7=1|16=1");
    assert_null(strstr(rig->trace, "> ResendRequest"));
    assert_non_null(strstr(rig->trace, "replay 1..1\n")); /* served all the same */
}

static void test_redundant_requests_when_on_and_in_chunks_then_a_chunk_each(void **state)
{
    struct session_rig *rig = *state;
    rig->config.send_redundant_resend_requests = true;
    with_gap(state, 2, 9);
    rig_forget_trace(rig);
    rig_receive(rig, "35=0|34=11");
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=3 7=2 16=3\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST_ALL(test_chunk_when_one_has_come_then_the_next_is_asked_for),
        SESSION_TEST_ALL(test_chunk_when_the_gap_is_no_longer_then_asked_at_once),
        SESSION_TEST_ALL(test_chunk_when_of_one_message_then_each_is_asked_for),
        SESSION_TEST_ALL(test_chunk_when_zero_then_everything_is_asked_for),
        SESSION_TEST_ALL(test_chunk_when_a_gap_fill_covers_it_then_the_next_is_asked_for),
        SESSION_TEST_ALL(
            test_chunk_when_messages_come_meanwhile_then_they_wait_and_nothing_is_asked),
        SESSION_TEST_ALL(test_chunk_when_it_does_not_come_then_the_same_is_asked_for_again),
        SESSION_TEST_ALL(test_chunk_when_a_number_in_it_is_skipped_then_asked_for_again),
        SESSION_TEST_ALL(test_chunk_when_logging_out_then_no_more_are_asked_for),
        SESSION_TEST(test_chunk_when_the_logon_is_ahead_then_asked_up_to_it),
        SESSION_TEST(test_chunk_when_the_session_resets_then_nothing_of_the_gap_is_left),
        SESSION_TEST(test_chunk_when_the_connection_is_new_then_nothing_of_the_gap_is_left),
        SESSION_TEST_ALL(test_chunk_when_it_ends_at_the_largest_number_then_no_overflow),
        SESSION_TEST_ALL(test_redundant_requests_when_off_then_one_is_under_way),
        SESSION_TEST(test_redundant_requests_when_on_then_each_message_beyond_asks_again),
        SESSION_TEST(test_redundant_requests_when_on_then_a_resend_request_is_no_reason),
        SESSION_TEST_ALL(test_redundant_requests_when_on_and_in_chunks_then_a_chunk_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
