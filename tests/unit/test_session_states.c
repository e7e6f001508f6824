/* Each message in each state, and with each kind of number: the table of docs/session.md. A line
 * says what is sent and done, then how far the expected number moved, then the state after. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_session.h"

static const struct {
    const char *name;
    const char *text;
} messages[] = {
    {"Heartbeat", "35=0"},
    {"TestRequest", "35=1|112=T"},
    {"ResendRequest", "35=2|7=1|16=1"},
    {"Reject", "35=3|45=1"},
    {"GapFill", "35=4|36=50|123=Y"},
    {"Reset", "35=4|36=50"},
    {"Logout", "35=5"},
    {"Logon", "35=A|98=0|108=30"},
    {"Logon 141=Y", "35=A|98=0|108=30|141=Y"},
    {"application", "35=D|11=X"},
};

/* What a trace line amounts to: "" when it is not worth a word. */
static void put_word(struct text *out, const char *line)
{
    static const struct {
        const char *start;
        const char *word;
    } words[] = {{"> ", NULL},          {"deliver ", "deliver"},    {"hold ", "hold"},
                 {"replay ", "resend"}, {"journal reset", "reset"}, {"logout", "on_logout"},
                 {"logon", "on_logon"}, {"! close: ", NULL},        {"feed ", "feed"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t size = strlen(words[i].start);
        if (strncmp(line, words[i].start, size) != 0) {
            continue;
        }
        text_put_string(out, " ");
        if (words[i].word != NULL) {
            text_put_string(out, words[i].word);
        } else if (line[0] == '>') {
            text_put_string(out, ">");
            text_put(out, line + size, strcspn(line + size, " \n"));
        } else {
            text_put_string(out, "close(");
            text_put(out, line + size, strcspn(line + size, "\n"));
            text_put_string(out, ")");
        }
        return;
    }
}

static void put_words(struct text *out, const struct session_rig *rig)
{
    for (const char *line = rig->trace; *line != '\0'; line = strchr(line, '\n') + 1) {
        put_word(out, strchr(line, ']') + 2);
    }
}

/* From the number that is due: 0 due, 2 too high, -1 too low. */
static void expect_table(void **state, struct session_rig *(*bring)(void **), int offset,
                         const char *flags, const char *expected, int line)
{
    char table[8192];
    struct text out = {.data = table, .size_max = sizeof table};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
        struct session_rig *rig = bring(state);
        uint64_t due = rig->session.next_in;
        bool is_reset = strstr(messages[i].text, "141=Y") != NULL;
        char text[128];
        uint64_t number = is_reset ? 1 : due + (uint64_t)(int64_t)offset;
        snprintf(text, sizeof text, "%.4s%s|34=%llu%s", messages[i].text, flags,
                 (unsigned long long)number, messages[i].text + 4);
        rig_forget_trace(rig);
        rig_receive(rig, text);
        text_put_string(&out, messages[i].name);
        text_put_string(&out, ":");
        put_words(&out, rig);
        snprintf(text, sizeof text, ", %+lld, %s\n", (long long)(rig->session.next_in - due),
                 rfx_state_text(rig->session.state));
        text_put_string(&out, text);
    }
    if (strcmp(table, expected) != 0) {
        print_error("expected:\n%s\nrecorded:\n%s\n", expected, table);
        _fail(__FILE__, line);
    }
}

#define try_each(state, bring, offset, flags, expected)                                            \
    expect_table(state, bring, offset, flags, expected, __LINE__)

/* ------------------------------------------------------------------------ into the states */

static struct session_rig *connected(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    return rig;
}

static struct session_rig *awaiting_a_verdict(void **state)
{
    struct session_rig *rig = connected(state);
    rig->keeps_verdict = true;
    rig_receive(rig, "35=A|98=0|108=30");
    return rig;
}

static struct session_rig *waiting_for_logon(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    return rig;
}

static struct session_rig *active(void **state)
{
    rig_log_on(*state);
    return *state;
}

static struct session_rig *with_a_gap(void **state)
{
    struct session_rig *rig = active(state);
    rig_receive(rig, "35=D|34=4|11=AHEAD");
    assert_int_equal(rig->session.state, RFX_RESENDREQ_AWAITING);
    return rig;
}

static struct session_rig *serving(void **state)
{
    struct session_rig *rig = active(state);
    rig_receive(rig, "35=2|34=2|7=1|16=0");
    assert_int_equal(rig->session.state, RFX_RESENDREQ_HANDLING);
    return rig;
}

static struct session_rig *testing(void **state)
{
    struct session_rig *rig = active(state);
    rig_event(rig, RFX_EVENT_TEST_REQUEST);
    assert_int_equal(rig->session.state, RFX_AWAIT_PROC_TEST_REQ);
    return rig;
}

static struct session_rig *logging_out(void **state)
{
    struct session_rig *rig = active(state);
    rig_log_out(rig, NULL);
    assert_int_equal(rig->session.state, RFX_INITIATE_LOGOUT);
    return rig;
}

static struct session_rig *about_to_answer_logout(void **state)
{
    struct session_rig *rig = serving(state);
    rig_receive(rig, "35=5|34=3");
    assert_int_equal(rig->session.state, RFX_RECEIVED_LOGOUT);
    return rig;
}

/* ------------------------------------------------------------------------------ the table */

static void test_table_when_connected_then_a_logon_alone_is_taken(void **state)
{
    try_each(state, connected, 0, "",
             "Heartbeat: close(first message is not a Logon), +0, AWAITING_CONNECTION\n"
             "TestRequest: close(first message is not a Logon), +0, AWAITING_CONNECTION\n"
             "ResendRequest: close(first message is not a Logon), +0, AWAITING_CONNECTION\n"
             "Reject: close(first message is not a Logon), +0, AWAITING_CONNECTION\n"
             "GapFill: close(first message is not a Logon), +0, AWAITING_CONNECTION\n"
             "Reset: close(first message is not a Logon), +0, AWAITING_CONNECTION\n"
             "Logout: close(first message is not a Logon), +0, AWAITING_CONNECTION\n"
             "Logon: >Logon on_logon, +1, ACTIVE\n"
             "Logon 141=Y: reset >Logon on_logon, +1, ACTIVE\n"
             "application: close(first message is not a Logon), +0, AWAITING_CONNECTION\n");
}

static void test_table_when_the_verdict_is_open_then_everything_closes(void **state)
{
    try_each(state, awaiting_a_verdict, 0, "",
             "Heartbeat: close(invalid Logon), +0, AWAITING_CONNECTION\n"
             "TestRequest: close(invalid Logon), +0, AWAITING_CONNECTION\n"
             "ResendRequest: close(invalid Logon), +0, AWAITING_CONNECTION\n"
             "Reject: close(invalid Logon), +0, AWAITING_CONNECTION\n"
             "GapFill: close(invalid Logon), +0, AWAITING_CONNECTION\n"
             "Reset: close(invalid Logon), +0, AWAITING_CONNECTION\n"
             "Logout: close(invalid Logon), +0, AWAITING_CONNECTION\n"
             "Logon: close(invalid Logon), +0, AWAITING_CONNECTION\n"
             "Logon 141=Y: close(invalid Logon), +0, AWAITING_CONNECTION\n"
             "application: close(invalid Logon), +0, AWAITING_CONNECTION\n");
}

static void test_table_when_waiting_for_logon_then_a_logon_alone_is_taken(void **state)
{
    try_each(
        state, waiting_for_logon, 0, "",
        "Heartbeat: close(the counterparty refused our Logon), +0, DISCONNECTED_BROKEN_CONN\n"
        "TestRequest: close(the counterparty refused our Logon), +0, DISCONNECTED_BROKEN_CONN\n"
        "ResendRequest: close(the counterparty refused our Logon), +0, DISCONNECTED_BROKEN_CONN\n"
        "Reject: close(the counterparty refused our Logon), +0, DISCONNECTED_BROKEN_CONN\n"
        "GapFill: close(the counterparty refused our Logon), +0, DISCONNECTED_BROKEN_CONN\n"
        "Reset: close(the counterparty refused our Logon), +0, DISCONNECTED_BROKEN_CONN\n"
        "Logout: on_logout close(the counterparty refused our Logon), +1, "
        "DISCONNECTED_BROKEN_CONN\n"
        "Logon: on_logon, +1, ACTIVE\n"
        "Logon 141=Y: reset on_logon, +1, ACTIVE\n"
        "application: close(the counterparty refused our Logon), +0, DISCONNECTED_BROKEN_CONN\n");
}

static void test_table_when_active_then_each_in_its_way(void **state)
{
    try_each(
        state, active, 0, "",
        "Heartbeat:, +1, ACTIVE\n"
        "TestRequest: >Heartbeat, +1, ACTIVE\n"
        "ResendRequest: resend, +1, RESENDREQ_HANDLING\n"
        "Reject: deliver, +1, ACTIVE\n"
        "GapFill:, +48, ACTIVE\n"
        "Reset:, +48, ACTIVE\n"
        "Logout: on_logout >Logout close(the counterparty logged out), +1, AWAITING_CONNECTION\n"
        "Logon: >Reject, +1, ACTIVE\n"
        "Logon 141=Y: reset >Logon, +0, ACTIVE\n"
        "application: deliver, +1, ACTIVE\n");
}

static void test_table_when_active_and_the_number_is_high_then_held_and_asked_for(void **state)
{
    try_each(
        state, active, 2, "",
        "Heartbeat: hold >ResendRequest, +0, RESENDREQ_AWAITING\n"
        "TestRequest: hold >ResendRequest, +0, RESENDREQ_AWAITING\n"
        "ResendRequest: resend hold >ResendRequest, +0, RESENDREQ_AWAITING\n"
        "Reject: hold >ResendRequest, +0, RESENDREQ_AWAITING\n"
        "GapFill: hold >ResendRequest, +0, RESENDREQ_AWAITING\n"
        "Reset:, +48, ACTIVE\n"
        "Logout: on_logout >Logout close(the counterparty logged out), +0, AWAITING_CONNECTION\n"
        "Logon: hold >ResendRequest, +0, RESENDREQ_AWAITING\n"
        "Logon 141=Y: reset >Logon, +0, ACTIVE\n"
        "application: hold >ResendRequest, +0, RESENDREQ_AWAITING\n");
}

static void test_table_when_active_and_the_number_is_low_then_logout(void **state)
{
    try_each(
        state, active, -1, "",
        "Heartbeat: >Logout close(MsgSeqNum too low), +0, AWAITING_CONNECTION\n"
        "TestRequest: >Logout close(MsgSeqNum too low), +0, AWAITING_CONNECTION\n"
        "ResendRequest: resend, +0, RESENDREQ_HANDLING\n"
        "Reject: >Logout close(MsgSeqNum too low), +0, AWAITING_CONNECTION\n"
        "GapFill: >Logout close(MsgSeqNum too low), +0, AWAITING_CONNECTION\n"
        "Reset:, +48, ACTIVE\n"
        "Logout: on_logout >Logout close(the counterparty logged out), +0, AWAITING_CONNECTION\n"
        "Logon: >Logout close(MsgSeqNum too low), +0, AWAITING_CONNECTION\n"
        "Logon 141=Y: reset >Logon, +0, ACTIVE\n"
        "application: >Logout close(MsgSeqNum too low), +0, AWAITING_CONNECTION\n");
}

static void test_table_when_active_and_a_low_number_is_repeated_then_ignored(void **state)
{
    try_each(state, active, -1, "|43=Y|122=@0",
             "Heartbeat:, +0, ACTIVE\n"
             "TestRequest:, +0, ACTIVE\n"
             "ResendRequest:, +0, ACTIVE\n"
             "Reject:, +0, ACTIVE\n"
             "GapFill:, +0, ACTIVE\n"
             "Reset:, +48, ACTIVE\n"
             "Logout:, +0, ACTIVE\n"
             "Logon:, +0, ACTIVE\n"
             "Logon 141=Y:, +0, ACTIVE\n"
             "application:, +0, ACTIVE\n");
}

static void test_table_when_active_and_a_due_number_is_repeated_then_as_if_new(void **state)
{
    try_each(
        state, active, 0, "|43=Y|122=@0",
        "Heartbeat:, +1, ACTIVE\n"
        "TestRequest: >Heartbeat, +1, ACTIVE\n"
        "ResendRequest: resend, +1, RESENDREQ_HANDLING\n"
        "Reject: deliver, +1, ACTIVE\n"
        "GapFill:, +48, ACTIVE\n"
        "Reset:, +48, ACTIVE\n"
        "Logout: on_logout >Logout close(the counterparty logged out), +1, AWAITING_CONNECTION\n"
        "Logon: >Reject, +1, ACTIVE\n"
        "Logon 141=Y:, +0, ACTIVE\n" /* of the first Logon: low, and repeated */
        "application: deliver, +1, ACTIVE\n");
}

static void test_table_when_a_gap_is_open_then_due_ones_fill_it(void **state)
{
    try_each(
        state, with_a_gap, 0, "",
        "Heartbeat:, +1, RESENDREQ_AWAITING\n"
        "TestRequest: >Heartbeat, +1, RESENDREQ_AWAITING\n"
        "ResendRequest: resend, +1, RESENDREQ_AWAITING\n"
        "Reject: deliver, +1, RESENDREQ_AWAITING\n"
        "GapFill:, +48, ACTIVE\n"
        "Reset:, +48, ACTIVE\n"
        "Logout: on_logout >Logout close(the counterparty logged out), +1, AWAITING_CONNECTION\n"
        "Logon: >Reject, +1, RESENDREQ_AWAITING\n"
        "Logon 141=Y: reset >Logon, +0, ACTIVE\n"
        "application: deliver, +1, RESENDREQ_AWAITING\n");
}

static void test_table_when_a_gap_is_open_and_the_number_is_high_then_held_alone(void **state)
{
    try_each(
        state, with_a_gap, 3, "",
        "Heartbeat: hold, +0, RESENDREQ_AWAITING\n"
        "TestRequest: hold, +0, RESENDREQ_AWAITING\n"
        "ResendRequest: resend hold, +0, RESENDREQ_AWAITING\n"
        "Reject: hold, +0, RESENDREQ_AWAITING\n"
        "GapFill: hold, +0, RESENDREQ_AWAITING\n"
        "Reset:, +48, ACTIVE\n"
        "Logout: on_logout >Logout close(the counterparty logged out), +0, AWAITING_CONNECTION\n"
        "Logon: hold, +0, RESENDREQ_AWAITING\n"
        "Logon 141=Y: reset >Logon, +0, ACTIVE\n"
        "application: hold, +0, RESENDREQ_AWAITING\n");
}

static void test_table_when_serving_a_resend_then_as_ever(void **state)
{
    try_each(state, serving, 0, "",
             "Heartbeat:, +1, RESENDREQ_HANDLING\n"
             "TestRequest: >Heartbeat, +1, RESENDREQ_HANDLING\n"
             "ResendRequest: resend, +1, RESENDREQ_HANDLING\n"
             "Reject: deliver, +1, RESENDREQ_HANDLING\n"
             "GapFill:, +47, RESENDREQ_HANDLING\n"
             "Reset:, +47, RESENDREQ_HANDLING\n"
             "Logout: on_logout, +1, RECEIVED_LOGOUT\n"
             "Logon: >Reject, +1, RESENDREQ_HANDLING\n"
             "Logon 141=Y: reset >Logon, -1, ACTIVE\n"
             "application: deliver, +1, RESENDREQ_HANDLING\n");
}

static void test_table_when_a_test_is_pending_then_any_message_answers_it(void **state)
{
    try_each(
        state, testing, 0, "",
        "Heartbeat:, +1, ACTIVE\n"
        "TestRequest: >Heartbeat, +1, ACTIVE\n"
        "ResendRequest: resend, +1, RESENDREQ_HANDLING\n"
        "Reject: deliver, +1, ACTIVE\n"
        "GapFill:, +48, ACTIVE\n"
        "Reset:, +48, ACTIVE\n"
        "Logout: on_logout >Logout close(the counterparty logged out), +1, AWAITING_CONNECTION\n"
        "Logon: >Reject, +1, ACTIVE\n"
        "Logon 141=Y: reset >Logon, +0, ACTIVE\n"
        "application: deliver, +1, ACTIVE\n");
}

static void test_table_when_logging_out_then_what_is_under_way_still_counts(void **state)
{
    try_each(state, logging_out, 0, "",
             "Heartbeat:, +1, INITIATE_LOGOUT\n"
             "TestRequest: >Heartbeat, +1, INITIATE_LOGOUT\n"
             "ResendRequest: resend, +1, INITIATE_LOGOUT\n"
             "Reject: deliver, +1, INITIATE_LOGOUT\n"
             "GapFill:, +48, INITIATE_LOGOUT\n"
             "Reset:, +48, INITIATE_LOGOUT\n"
             "Logout: on_logout close(logged out), +1, AWAITING_CONNECTION\n"
             "Logon: >Reject, +1, INITIATE_LOGOUT\n"
             "Logon 141=Y: reset >Logon, +0, INITIATE_LOGOUT\n"
             "application: deliver, +1, INITIATE_LOGOUT\n");
}

static void test_table_when_logging_out_and_the_number_is_high_then_not_asked_for(void **state)
{
    try_each(state, logging_out, 2, "",
             "Heartbeat: hold, +0, INITIATE_LOGOUT\n"
             "TestRequest: hold, +0, INITIATE_LOGOUT\n"
             "ResendRequest: resend hold, +0, INITIATE_LOGOUT\n"
             "Reject: hold, +0, INITIATE_LOGOUT\n"
             "GapFill: hold, +0, INITIATE_LOGOUT\n"
             "Reset:, +48, INITIATE_LOGOUT\n"
             "Logout: on_logout close(logged out), +0, AWAITING_CONNECTION\n"
             "Logon: hold, +0, INITIATE_LOGOUT\n"
             "Logon 141=Y: reset >Logon, +0, INITIATE_LOGOUT\n"
             "application: hold, +0, INITIATE_LOGOUT\n");
}

static void test_table_when_the_answer_to_logout_waits_then_nothing_counts(void **state)
{
    try_each(state, about_to_answer_logout, 0, "",
             "Heartbeat:, +0, RECEIVED_LOGOUT\n"
             "TestRequest:, +0, RECEIVED_LOGOUT\n"
             "ResendRequest:, +0, RECEIVED_LOGOUT\n"
             "Reject:, +0, RECEIVED_LOGOUT\n"
             "GapFill:, +0, RECEIVED_LOGOUT\n"
             "Reset:, +0, RECEIVED_LOGOUT\n"
             "Logout:, +0, RECEIVED_LOGOUT\n"
             "Logon:, +0, RECEIVED_LOGOUT\n"
             "Logon 141=Y:, +0, RECEIVED_LOGOUT\n"
             "application:, +0, RECEIVED_LOGOUT\n");
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, session_rig_set_up_44, session_rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_table_when_connected_then_a_logon_alone_is_taken),
        TEST(test_table_when_the_verdict_is_open_then_everything_closes),
        TEST(test_table_when_waiting_for_logon_then_a_logon_alone_is_taken),
        TEST(test_table_when_active_then_each_in_its_way),
        TEST(test_table_when_active_and_the_number_is_high_then_held_and_asked_for),
        TEST(test_table_when_active_and_the_number_is_low_then_logout),
        TEST(test_table_when_active_and_a_low_number_is_repeated_then_ignored),
        TEST(test_table_when_active_and_a_due_number_is_repeated_then_as_if_new),
        TEST(test_table_when_a_gap_is_open_then_due_ones_fill_it),
        TEST(test_table_when_a_gap_is_open_and_the_number_is_high_then_held_alone),
        TEST(test_table_when_serving_a_resend_then_as_ever),
        TEST(test_table_when_a_test_is_pending_then_any_message_answers_it),
        TEST(test_table_when_logging_out_then_what_is_under_way_still_counts),
        TEST(test_table_when_logging_out_and_the_number_is_high_then_not_asked_for),
        TEST(test_table_when_the_answer_to_logout_waits_then_nothing_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
