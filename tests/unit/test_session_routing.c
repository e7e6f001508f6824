/* Routing fields reversed in what answers, SubIDs and LocationIDs of the session in every header.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_session.h"

static void test_reject_when_the_message_was_routed_then_the_way_back(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=1|34=2|115=OBO|116=OBOSUB|144=OBOLOC|128=DT|129=DTSUB|145=DTLOC");
    expect_trace(
        rig,
        "[0.000] < TestRequest seq=2 115=OBO 116=OBOSUB 144=OBOLOC 128=DT 129=DTSUB 145=DTLOC\n"
        "[0.000] > Reject seq=2 115=DT 116=DTSUB 128=OBO 129=OBOSUB 144=DTLOC 145=OBOLOC 45=2 "
        "58=Required tag missing 371=112 372=1 373=1\n");
}

static void test_reject_when_one_way_alone_is_given_then_the_other_alone(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=1|34=2|115=OBO");
    rig_receive(rig, "35=1|34=3|128=DT");
    rig_receive(rig, "35=1|34=4|144=OBOLOC");
    rig_receive(rig, "35=1|34=5|129=DTSUB");
    expect_trace(
        rig, "[0.000] < TestRequest seq=2 115=OBO\n"
             "[0.000] > Reject seq=2 128=OBO 45=2 58=Required tag missing 371=112 372=1 373=1\n"
             "[0.000] < TestRequest seq=3 128=DT\n"
             "[0.000] > Reject seq=3 115=DT 45=3 58=Required tag missing 371=112 372=1 373=1\n"
             "[0.000] < TestRequest seq=4 144=OBOLOC\n"
             "[0.000] > Reject seq=4 145=OBOLOC 45=4 58=Required tag missing 371=112 372=1 373=1\n"
             "[0.000] < TestRequest seq=5 129=DTSUB\n"
             "[0.000] > Reject seq=5 116=DTSUB 45=5 58=Required tag missing 371=112 372=1 373=1\n");
}

static void test_reject_when_a_routing_field_is_empty_then_left_out(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=1|34=2|115=|116=OBOSUB|128=|129=DTSUB");
    expect_trace(rig, "[0.000] < TestRequest seq=2 115= 116=OBOSUB 128= 129=DTSUB\n"
                      "[0.000] > Reject seq=2 116=DTSUB 129=OBOSUB 45=2 58=Required tag missing "
                      "371=112 372=1 373=1\n");
}

static void test_reject_when_a_routing_field_is_there_twice_then_the_first(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=1|34=2|115=ONE|115=TWO");
    assert_non_null(strstr(rig->trace, " 128=ONE 45=2"));
    assert_null(strstr(rig->trace, "128=TWO"));
}

/* Whatever the reason of the Reject. */
static void test_reject_when_for_any_reason_then_routed_back(void **state)
{
    static const char *const messages[] = {
        "35=0|34=2|115=OBO|!52",      "35=0|34=2|115=OBO|garbage",    "35=0|34=2|115=OBO|49=X",
        "35=0|34=2|115=OBO|52=@-999", "35=D|34=1|43=Y|115=OBO",       "35=4|34=2|115=OBO",
        "35=2|34=2|115=OBO",          "35=A|34=2|98=0|108=30|115=OBO"};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct session_rig *rig = *state;
        rig_log_on(rig);
        rig_receive(rig, messages[i]);
        assert_non_null(strstr(rig->trace, "> Reject seq=2 128=OBO 45="));
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

/* Only a Reject speaks of one message; the others are between the two sides alone. */
static void test_answers_when_not_a_reject_then_not_routed(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=1|34=2|115=OBO|128=DT|112=T");
    rig_receive(rig, "35=5|34=3|115=OBO|128=DT");
    assert_null(strstr(rig->trace, " 128=OBO"));
    assert_non_null(strstr(rig->trace, "] > Heartbeat seq=2 112=T\n"));
    assert_non_null(strstr(rig->trace, "] > Logout seq=3\n"));
}

static void
test_reject_when_the_routing_is_as_long_as_a_message_may_be_then_sent_whole(void **state)
{
    struct session_rig *rig = *state;
    size_t size = 7900;
    char *text = malloc(size + 64);
    rig_log_on(rig);
    strcpy(text, "35=0|34=2|49=X|115=");
    memset(text + strlen(text), 'a', size);
    text[size] = '\0';
    char *expected = malloc(size + 128);
    /* CompID problem: a Reject and a Logout in one step */
    sprintf(expected, "|128=%s|45=2|", text + strlen("35=0|34=2|49=X|115="));
    struct rfx_field fields[64];
    struct rfx_message message;
    char data[RIG_MESSAGE_MAX];
    const struct wire_peer peer = {.begin_string = rig->config.begin_string,
                                   .sender_comp_id = "CLIENT",
                                   .target_comp_id = "SERVER",
                                   .seq_num = 2,
                                   .utc_ns = INT64_C(1714996800) * (int64_t)RFX_NS_PER_S};
    rfx_message_index(data, wire_from_text(&peer, text, data, sizeof data), fields, &message);
    struct rfx_actions actions = {
        .space = rig->space, .space_size = sizeof rig->space, .utc = &rig->utc};
    struct rfx_event event = {
        .type = RFX_EVENT_MESSAGE,
        .message = &message,
        .now = {.mono_ns = UINT64_C(5000) * RFX_NS_PER_S, .utc_ns = peer.utc_ns}};
    rfx_session_step(&rig->session, &event, &actions);
    assert_int_equal(actions.items[0].type, RFX_ACTION_SEND);
    struct rfx_bytes sent = actions.items[0].send.bytes;
    for (size_t i = 0; i < sent.size; i++) {
        rig->space[sent.data - rig->space + (ptrdiff_t)i] =
            sent.data[i] == RFX_SOH ? '|' : sent.data[i];
    }
    assert_true(sent.size > size);
    assert_non_null(memmem(sent.data, sent.size, expected, strlen(expected)));
    free(expected);
    free(text);
}

static void test_header_when_sub_ids_are_configured_then_in_every_message(void **state)
{
    struct session_rig *rig = *state;
    rig->config.sender_sub_id = "DESK";
    rig->config.sender_location_id = "LDN";
    rig->config.target_sub_id = "TRADER";
    rig->config.target_location_id = "NYC";
    rig_log_on(rig);
    assert_string_equal(rfx_session_name(&rig->session) + strlen(rig->config.begin_string),
                        ":SERVER/DESK/LDN->CLIENT/TRADER/NYC");
#define PART_1 "|49=SERVER|50=DESK|52=20240506-12:00:00.000|56=CLIENT|57=TRADER|"
#define PART_2 "142=LDN|143=NYC|"
    assert_non_null(strstr(rig->last_sent, PART_1 PART_2));
    rig_send(rig, "35=8|37=X");
    assert_non_null(strstr(rig->last_sent, PART_1 PART_2 "37=X|"));
    rig_receive(rig, "35=1|112=T");
    assert_non_null(strstr(rig->last_sent, PART_1 PART_2 "112=T|"));
    rig_receive(rig, "35=2|7=1|16=2");
    rig_serve(rig);
    assert_non_null(strstr(rig->last_sent, PART_1 "122=20240506-12:00:00.000|" PART_2 "37=X|"));
}

/* What was stored under other SubIDs goes out again under those of today. */
static void test_resend_when_the_application_put_sub_ids_then_they_are_repeated(void **state)
{
    struct session_rig *rig = *state;
    rig->config.sender_sub_id = "OURS";
    rig_log_on(rig);
    rig_send(rig, "35=8|57=DESK|142=PARIS|37=X");
    rig_receive(rig, "35=2|34=2|7=2|16=2");
    rig_serve(rig);
    assert_non_null(strstr(rig->last_sent, "|49=SERVER|50=OURS|52=20240506-12:00:00.000|56=CLIENT|"
                                           "122=20240506-12:00:00.000|57=DESK|142=PARIS|37=X|"));
}

/* They belong to whoever wrote the message, and no session is found by them alone. */
static void test_sub_ids_when_the_counterparty_has_others_then_taken(void **state)
{
    struct session_rig *rig = *state;
    rig->config.target_sub_id = "TRADER";
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=2|50=SOMEBODY|57=ELSE|142=X|143=Y|11=X");
    assert_null(strstr(rig->trace, "] > "));
    expect_numbers(rig, 2, 3);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, session_rig_set_up_44, session_rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reject_when_the_message_was_routed_then_the_way_back),
        TEST(test_reject_when_one_way_alone_is_given_then_the_other_alone),
        TEST(test_reject_when_a_routing_field_is_empty_then_left_out),
        TEST(test_reject_when_a_routing_field_is_there_twice_then_the_first),
        TEST(test_reject_when_for_any_reason_then_routed_back),
        TEST(test_answers_when_not_a_reject_then_not_routed),
        TEST(test_reject_when_the_routing_is_as_long_as_a_message_may_be_then_sent_whole),
        TEST(test_header_when_sub_ids_are_configured_then_in_every_message),
        TEST(test_resend_when_the_application_put_sub_ids_then_they_are_repeated),
        TEST(test_sub_ids_when_the_counterparty_has_others_then_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
