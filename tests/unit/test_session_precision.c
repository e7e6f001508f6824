/* TimestampPrecision: decimals of SendingTime(52) and OrigSendingTime(122). */
#include <string.h>

#include "tests/unit/support_session.h"

#define FRACTION_NS 123456789

static struct session_rig *with_precision(void **state, uint8_t decimals)
{
    struct session_rig *rig = *state;
    rig->config.timestamp_precision = decimals;
    rig->utc_jump_ns = FRACTION_NS;
    rig_log_on(rig);
    return rig;
}

static void expect_time(struct session_rig *rig, const char *time)
{
    if (strstr(rig->last_sent, time) == NULL) {
        print_error("%s: no %s in %s\n", rig->config.begin_string, time, rig->last_sent);
        fail();
    }
}

static const struct {
    uint8_t decimals;
    const char *time;
} precisions[] = {{0, "|52=20240506-12:00:00|"},
                  {3, "|52=20240506-12:00:00.123|"},
                  {6, "|52=20240506-12:00:00.123456|"},
                  {9, "|52=20240506-12:00:00.123456789|"}};

static void test_sending_time_when_precision_is_set_then_so_many_decimals(void **state)
{
    for (size_t i = 0; i < sizeof precisions / sizeof precisions[0]; i++) {
        struct session_rig *rig = with_precision(state, precisions[i].decimals);
        expect_time(rig, precisions[i].time); /* the Logon */
        rig_send(rig, "35=8|37=X");
        expect_time(rig, precisions[i].time);
        rig_receive(rig, "35=1|112=T");
        expect_time(rig, precisions[i].time);
        rig->next_out = rig->next_in = 1;
    }
}

static void test_sending_time_when_40_or_41_then_whole_seconds(void **state)
{
    for (size_t i = 0; i < sizeof precisions / sizeof precisions[0]; i++) {
        struct session_rig *rig = with_precision(state, precisions[i].decimals);
        rig_send(rig, "35=8|37=X");
        expect_time(rig, "|52=20240506-12:00:00|");
        rig_receive(rig, "35=2|34=2|7=1|16=0");
        rig_serve(rig);
        expect_time(rig, "|52=20240506-12:00:00|");
        expect_time(rig, "|122=20240506-12:00:00|");
        rig->next_out = rig->next_in = 1;
    }
}

static void test_orig_sending_time_when_resent_then_as_it_was_sent(void **state)
{
    struct session_rig *rig = with_precision(state, 6);
    rig_send(rig, "35=8|37=X");
    rig_advance(rig, 1000);
    rig_receive(rig, "35=2|34=2|7=2|16=2");
    rig_serve(rig);
    expect_time(rig, "|52=20240506-12:00:01.123456|");
    expect_time(rig, "|122=20240506-12:00:00.123456|");
}

/* The precision is changed between two runs of the process: what was stored stays as it was. */
static void test_orig_sending_time_when_stored_with_another_precision_then_kept(void **state)
{
    struct session_rig *rig = with_precision(state, 3);
    rig_send(rig, "35=8|37=X");
    rig_receive(rig, "35=5|34=2");
    rig->config.timestamp_precision = 9;
    rig->next_out = rig->session.next_out;
    rig->next_in = rig->session.next_in;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=3|98=0|108=30");
    rig_receive(rig, "35=2|34=4|7=2|16=2");
    rig_serve(rig);
    expect_time(rig, "|122=20240506-12:00:00.123|");
    expect_time(rig, "|52=20240506-12:00:00.123456789|");
}

static void test_orig_sending_time_when_stored_finer_then_not_after_sending_time(void **state)
{
    struct session_rig *rig = with_precision(state, 9);
    rig_send(rig, "35=8|37=X");
    rig->profile.decimals = 0;
    rig_receive(rig, "35=2|34=2|7=2|16=2");
    rig_serve(rig);
    expect_time(rig, "|52=20240506-12:00:00|");
    expect_time(rig, "|122=20240506-12:00:00|");
}

static void test_gap_fill_when_sent_then_both_times_in_the_precision(void **state)
{
    struct session_rig *rig = with_precision(state, 9);
    rig_receive(rig, "35=2|34=2|7=1|16=0");
    rig_serve(rig);
    expect_time(rig, "|52=20240506-12:00:00.123456789|");
    expect_time(rig, "|122=20240506-12:00:00.123456789|");
}

static void test_sending_time_when_received_in_any_precision_then_taken(void **state)
{
    static const char *const messages[] = {
        "35=0|52=20240506-12:00:00", "35=0|52=20240506-12:00:00.1", "35=0|52=20240506-12:00:00.123",
        "35=0|52=20240506-12:00:00.123456", "35=0|52=20240506-12:00:00.123456789"};
    struct session_rig *rig = *state;
    rig_log_on(rig);
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        rig_receive(rig, messages[i]);
    }
    assert_null(strstr(rig->trace, "] > "));
    expect_numbers(rig, 2, 7);
}

static void test_sending_time_when_its_decimals_are_none_then_rejected(void **state)
{
    static const char *const messages[] = {
        "35=0|52=20240506-12:00:00.", "35=0|52=20240506-12:00:00.x",
        "35=0|52=20240506-12:00:00.1234567890", "35=0|52=20240506-12:00:00,123",
        "35=0|52=20240506-12:00:00Z"};
    struct session_rig *rig = *state;
    rig_log_on(rig);
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        rig_forget_trace(rig);
        rig_receive(rig, messages[i]);
        assert_non_null(strstr(rig->trace, "58=Incorrect data format for value"));
    }
    expect_numbers(rig, 7, 7);
}

/* A counterparty that writes 52 in whole seconds but copies 122 as the exchange wrote it. */
static void
test_orig_sending_time_when_finer_than_sending_time_then_no_accuracy_problem(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|43=Y|52=20240506-12:00:00|122=20240506-12:00:00.900|11=X");
    assert_null(strstr(rig->trace, "] > "));
    expect_numbers(rig, 2, 3);
    rig_receive(rig, "35=D|34=3|43=Y|52=20240506-12:00:00|122=20240506-12:00:01|11=X");
    assert_non_null(strstr(rig->trace, "58=SendingTime accuracy problem"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_sending_time_when_precision_is_set_then_so_many_decimals),
        {"in FIX.4.0", test_sending_time_when_40_or_41_then_whole_seconds, session_rig_set_up_40,
         session_rig_tear_down, NULL},
        {"in FIX.4.1", test_sending_time_when_40_or_41_then_whole_seconds, session_rig_set_up_41,
         session_rig_tear_down, NULL},
        SESSION_TEST(test_orig_sending_time_when_resent_then_as_it_was_sent),
        SESSION_TEST(test_orig_sending_time_when_stored_with_another_precision_then_kept),
        SESSION_TEST(test_orig_sending_time_when_stored_finer_then_not_after_sending_time),
        SESSION_TEST(test_gap_fill_when_sent_then_both_times_in_the_precision),
        SESSION_TEST(test_sending_time_when_received_in_any_precision_then_taken),
        SESSION_TEST(test_sending_time_when_its_decimals_are_none_then_rejected),
        SESSION_TEST(test_orig_sending_time_when_finer_than_sending_time_then_no_accuracy_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
