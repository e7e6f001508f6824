/* What differs from version to version: fields of Logon, Reject and ResendRequest, precision. */
#include <string.h>

#include "tests/unit/support_session.h"

static void *set_up(void **state, int (*version)(void **))
{
    session_rig_tear_down(state);
    version(state);
    return *state;
}

static int (*const versions[])(void **) = {session_rig_set_up_40, session_rig_set_up_41,
                                           session_rig_set_up_42, session_rig_set_up_43,
                                           session_rig_set_up_44, session_rig_set_up_50};

/* One line of the trace for each version, in their order. */
static void expect_in_each(void **state, void (*act)(struct session_rig *),
                           const char *const lines[6])
{
    for (size_t i = 0; i < 6; i++) {
        struct session_rig *rig = set_up(state, versions[i]);
        act(rig);
        if (strstr(rig->trace, lines[i]) == NULL) {
            print_error("%s: no line \"%s\" in\n%s\n", rig->config.begin_string, lines[i],
                        rig->trace);
            fail();
        }
    }
}

/* The traffic of a whole session looks the same in every version. */
static void test_session_when_in_any_version_then_the_same_course(void **state)
{
    static const unsigned appl_ver_ids[] = {2, 3, 4, 5, 6, 9};
    struct session_rig *rig = *state;
    rig_log_on(rig);
    assert_int_equal(rfx_session_appl_ver_id(&rig->session), appl_ver_ids[rig->profile.version]);
    rig_receive(rig, "35=D|34=2|11=X");
    rig_receive(rig, "35=1|34=3|112=T");
    rig_send(rig, "35=8|37=Y");
    rig_receive(rig, "35=2|34=4|7=2|16=3");
    rig_serve(rig);
    rig_receive(rig, "35=D|34=6|11=Z");
    rig->trace_size = 0;
    rig_receive(rig, "35=4|34=5|36=6|123=Y|43=Y");
    rig_receive(rig, "35=5|34=7");
    expect_trace(rig, "[0.000] < SequenceReset seq=5 36=6 123=Y 43=Y\n"
                      "[0.000] state RESENDREQ_AWAITING -> ACTIVE\n"
                      "[0.000] feed 6\n"
                      "[0.000] deliver NewOrderSingle\n"
                      "[0.000] < Logout seq=7\n"
                      "[0.000] logout\n"
                      "[0.000] state ACTIVE -> RECEIVED_LOGOUT\n"
                      "[0.000] > Logout seq=5\n"
                      "[0.000] state RECEIVED_LOGOUT -> DISCONNECTED_WCONN_TODAY\n"
                      "[0.000] ! close: the counterparty logged out\n"
                      "[0.000] state DISCONNECTED_WCONN_TODAY -> AWAITING_CONNECTION\n");
    expect_numbers(rig, 6, 8);
}

static void log_on_plainly(struct session_rig *rig)
{
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30|1137=9");
}

static void test_logon_when_answered_then_with_the_versions_fields(void **state)
{
    static const char *const lines[] = {
        "> Logon seq=1 98=0 108=30\n", "> Logon seq=1 98=0 108=30\n",
        "> Logon seq=1 98=0 108=30\n", "> Logon seq=1 98=0 108=30\n",
        "> Logon seq=1 98=0 108=30\n", "> Logon seq=1 98=0 108=30 1137=9\n",
    };
    expect_in_each(state, log_on_plainly, lines);
}

static void reset_as_initiator(struct session_rig *rig)
{
    rig->config.role = RFX_ROLE_INITIATOR;
    rig->config.reset_on_logon = true;
    rig->next_out = 71;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
}

/* FIX.4.0 has no ResetSeqNumFlag. */
static void test_reset_when_asked_for_by_the_initiator_then_with_a_flag_from_41_on(void **state)
{
    static const char *const lines[] = {
        "> Logon seq=1 98=0 108=30\n",       "> Logon seq=1 98=0 108=30 141=Y\n",
        "> Logon seq=1 98=0 108=30 141=Y\n", "> Logon seq=1 98=0 108=30 141=Y\n",
        "> Logon seq=1 98=0 108=30 141=Y\n", "> Logon seq=1 98=0 108=30 141=Y 1137=9\n",
    };
    expect_in_each(state, reset_as_initiator, lines);
}

static void receive_reset(struct session_rig *rig)
{
    rig->next_out = 71;
    rig->next_in = 58;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y|1137=9");
}

static void test_reset_when_asked_for_by_the_counterparty_then_done_in_each_version(void **state)
{
    static const char *const lines[] = {
        "> Logon seq=1 98=0 108=30\n",       "> Logon seq=1 98=0 108=30 141=Y\n",
        "> Logon seq=1 98=0 108=30 141=Y\n", "> Logon seq=1 98=0 108=30 141=Y\n",
        "> Logon seq=1 98=0 108=30 141=Y\n", "> Logon seq=1 98=0 108=30 141=Y 1137=9\n",
    };
    expect_in_each(state, receive_reset, lines);
}

static void ask_for_test(struct session_rig *rig)
{
    rig->config.test_message_indicator = true;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30|464=Y|1137=9");
}

static void test_test_session_when_configured_then_said_from_43_on(void **state)
{
    static const char *const lines[] = {
        "> Logon seq=1 98=0 108=30\n",       "> Logon seq=1 98=0 108=30\n",
        "> Logon seq=1 98=0 108=30\n",       "> Logon seq=1 98=0 108=30 464=Y\n",
        "> Logon seq=1 98=0 108=30 464=Y\n", "> Logon seq=1 98=0 108=30 464=Y 1137=9\n",
    };
    expect_in_each(state, ask_for_test, lines);
}

static void say_nothing_of_a_test(struct session_rig *rig)
{
    rig->config.test_message_indicator = true;
    log_on_plainly(rig);
}

static void say_it_is_a_test(struct session_rig *rig)
{
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30|464=Y|1137=9");
}

#define LOGGED_ON "logon, healthy\n"
#define NO_TEST   "(464)=Y missing: this is a test session\n"
#define A_TEST    "(464)=Y, but this is no test session\n"

/* Orders of a test must not reach the market, nor the reverse. */
static void test_test_session_when_only_one_side_has_it_then_refused_from_43_on(void **state)
{
    static const char *const missing[] = {LOGGED_ON, LOGGED_ON, LOGGED_ON,
                                          NO_TEST,   NO_TEST,   NO_TEST};
    static const char *const surplus[] = {LOGGED_ON, LOGGED_ON, LOGGED_ON, A_TEST, A_TEST, A_TEST};
    expect_in_each(state, say_nothing_of_a_test, missing);
    expect_in_each(state, say_it_is_a_test, surplus);
}

static void test_test_session_when_denied_then_none(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30|464=N|1137=9");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void send_nonsense(struct session_rig *rig)
{
    rig_log_on(rig);
    rig_receive(rig, "35=1|34=2");
}

static void send_comp_id(struct session_rig *rig)
{
    rig_log_on(rig);
    rig_receive(rig, "35=0|34=2|49=OTHER");
}

static void send_second_logon(struct session_rig *rig)
{
    rig_log_on(rig);
    rig_receive(rig, "35=A|34=2|98=0|108=30|1137=9");
}

static void test_reject_when_sent_then_with_the_versions_fields(void **state)
{
#define MISSING "> Reject seq=2 45=2 58=Required tag missing"
#define PROBLEM "> Reject seq=2 45=2 58=CompID problem"
#define AGAIN   "> Reject seq=2 45=2 58=Logon while logged on"
    static const char *const missing[] = {MISSING "\n",
                                          MISSING "\n",
                                          MISSING " 371=112 372=1 373=1\n",
                                          MISSING " 371=112 372=1 373=1\n",
                                          MISSING " 371=112 372=1 373=1\n",
                                          MISSING " 371=112 372=1 373=1\n"};
    static const char *const problem[] = {PROBLEM "\n",
                                          PROBLEM "\n",
                                          PROBLEM " 372=0 373=9\n",
                                          PROBLEM " 372=0 373=9\n",
                                          PROBLEM " 372=0 373=9\n",
                                          PROBLEM " 372=0 373=9\n"};
    static const char *const again[] = {AGAIN "\n",
                                        AGAIN "\n",
                                        AGAIN " 372=A 373=11\n",
                                        AGAIN " 372=A 373=11\n",
                                        AGAIN " 372=A 373=11\n",
                                        AGAIN " 372=A 373=11\n"};
    expect_in_each(state, send_nonsense, missing);
    expect_in_each(state, send_comp_id, problem);
    expect_in_each(state, send_second_logon, again);
}

static void open_gap(struct session_rig *rig)
{
    rig_log_on(rig);
    rig_receive(rig, "35=D|34=9|11=X");
}

static void test_resend_request_when_open_ended_then_999999_in_40_and_41(void **state)
{
    static const char *const lines[] = {
        "> ResendRequest seq=2 7=2 16=999999\n", "> ResendRequest seq=2 7=2 16=999999\n",
        "> ResendRequest seq=2 7=2 16=0\n",      "> ResendRequest seq=2 7=2 16=0\n",
        "> ResendRequest seq=2 7=2 16=0\n",      "> ResendRequest seq=2 7=2 16=0\n",
    };
    expect_in_each(state, open_gap, lines);
}

static void be_asked_for_999999(struct session_rig *rig)
{
    rig->next_out = 1500000;
    rig_log_on(rig);
    rig_receive(rig, "35=2|7=5|16=999999");
}

static void be_asked_for_0(struct session_rig *rig)
{
    rig->next_out = 1500000;
    rig_log_on(rig);
    rig_receive(rig, "35=2|7=5|16=0");
}

/* A number as good as any other from 4.3 on. */
static void test_resend_when_999999_is_asked_for_then_open_ended_up_to_42(void **state)
{
    static const char *const lines[] = {"replay 5..1500000\n", "replay 5..1500000\n",
                                        "replay 5..1500000\n", "replay 5..999999\n",
                                        "replay 5..999999\n",  "replay 5..999999\n"};
    static const char *const zero[] = {"replay 5..1500000\n", "replay 5..1500000\n",
                                       "replay 5..1500000\n", "replay 5..1500000\n",
                                       "replay 5..1500000\n", "replay 5..1500000\n"};
    expect_in_each(state, be_asked_for_999999, lines);
    expect_in_each(state, be_asked_for_0, zero);
}

static void expect_next_expected(struct session_rig *rig)
{
    rig->config.enable_next_expected_msg_seq_num = true;
    log_on_plainly(rig);
}

static void test_next_expected_when_enabled_then_said_from_44_on(void **state)
{
    static const char *const lines[] = {
        "> Logon seq=1 98=0 108=30\n",       "> Logon seq=1 98=0 108=30\n",
        "> Logon seq=1 98=0 108=30\n",       "> Logon seq=1 98=0 108=30\n",
        "> Logon seq=1 98=0 108=30 789=2\n", "> Logon seq=1 98=0 108=30 789=2 1137=9\n",
    };
    expect_in_each(state, expect_next_expected, lines);
}

static void expect_last_processed(struct session_rig *rig)
{
    rig->config.enable_last_msg_seq_num_processed = true;
    rig_log_on(rig);
    rig_send(rig, "35=8|37=X");
}

static void test_last_processed_when_enabled_then_said_from_42_on(void **state)
{
    static const char *const lines[] = {
        "> ExecutionReport seq=2 37=X\n",       "> ExecutionReport seq=2 37=X\n",
        "> ExecutionReport seq=2 369=1 37=X\n", "> ExecutionReport seq=2 369=1 37=X\n",
        "> ExecutionReport seq=2 369=1 37=X\n", "> ExecutionReport seq=2 369=1 37=X\n",
    };
    expect_in_each(state, expect_last_processed, lines);
}

/* ------------------------------------------------------------------------------ FIXT.1.1 */

#define NO_APPL_VERSION "note: Logon refused: DefaultApplVerID(1137) missing\n"
#define BAD_APPL_VERSION                                                                           \
    "note: Logon refused: DefaultApplVerID(1137) is not a version that is supported\n"

static void test_appl_version_when_unusable_then_refused(void **state)
{
    static const struct {
        const char *logon;
        const char *note;
    } cases[] = {{"35=A|98=0|108=30", NO_APPL_VERSION},
                 {"35=A|98=0|108=30|1137=", BAD_APPL_VERSION},
                 {"35=A|98=0|108=30|1137=0", BAD_APPL_VERSION}, /* FIX27: no dictionary */
                 {"35=A|98=0|108=30|1137=1", BAD_APPL_VERSION},
                 {"35=A|98=0|108=30|1137=10", BAD_APPL_VERSION},
                 {"35=A|98=0|108=30|1137=99", BAD_APPL_VERSION},
                 {"35=A|98=0|108=30|1137=x", BAD_APPL_VERSION},
                 {"35=A|98=0|108=30|1137=FIX.5.0SP2", BAD_APPL_VERSION}}; /* its name is no code */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct session_rig *rig = *state;
        rig_start(rig);
        rig_connect(rig);
        rig_receive(rig, cases[i].logon);
        assert_non_null(strstr(rig->trace, cases[i].note));
        assert_false(rfx_session_is_connected(&rig->session));
        expect_numbers(rig, 1, 1);
        rig_forget_trace(rig);
    }
}

static void test_appl_version_when_another_one_then_the_acceptor_takes_it_over(void **state)
{
    struct session_rig *rig = *state;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30|1137=7");
    assert_non_null(strstr(rig->trace, "> Logon seq=1 98=0 108=30 1137=7\n"));
    assert_ptr_equal(rig->session.rules.application, rfx_dictionary_builtin("FIX.5.0"));
    assert_int_equal(rfx_session_appl_ver_id(&rig->session), 7);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30|1137=8");
    assert_ptr_equal(rig->session.rules.application, rfx_dictionary_builtin("FIX.5.0SP1"));
}

static void test_appl_version_when_the_logon_is_refused_then_kept(void **state)
{
    struct session_rig *rig = *state;
    rig->keeps_verdict = true;
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30|1137=7");
    rig_verdict(rig, false, NULL);
    assert_int_equal(rig->session.appl_ver_id, 9);
    assert_ptr_equal(rig->session.rules.application, rfx_dictionary_builtin("FIX.5.0SP2"));
}

static void
test_appl_version_when_the_answer_has_another_one_then_the_next_logon_has_ours(void **state)
{
    struct session_rig *rig = *state;
    rig->config.role = RFX_ROLE_INITIATOR;
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30|1137=7");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
    rig_advance(rig, 30000);
    rig_forget_trace(rig);
    rig_connect(rig);
    assert_non_null(strstr(rig->trace, "> Logon seq=2 98=0 108=30 1137=9\n"));
}

static void test_appl_version_when_missing_in_a_second_logon_then_no_reset(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=A|34=1|98=0|108=30|141=Y");
    assert_non_null(strstr(rig->trace, "> Logout seq=2 58=MsgSeqNum too low"));
}

static void test_appl_version_when_below_fixt_then_not_looked_at(void **state)
{
    struct session_rig *rig = set_up(state, session_rig_set_up_44);
    rig_start(rig);
    rig_connect(rig);
    rig_receive(rig, "35=A|98=0|108=30|1137=77");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void test_begin_string_when_of_another_version_then_refused(void **state)
{
    static const char *const others[] = {"FIX.4.0", "FIX.4.1", "FIX.4.2",  "FIX.4.3",
                                         "FIX.4.4", "FIX.5.0", "FIXT.1.1", "FIX.4.4 "};
    for (size_t i = 0; i < 6; i++) {
        struct session_rig *rig = set_up(state, versions[i]);
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
            char logon[64] = "35=A|98=0|108=30|1137=9|8=";
            strcat(logon, others[k]);
            rig_start(rig);
            rig_connect(rig);
            rig_receive(rig, logon);
            assert_int_equal(rfx_session_is_connected(&rig->session),
                             strcmp(others[k], rig->config.begin_string) == 0);
        }
    }
}

#define TEST(function, set_up)                                                                     \
    cmocka_unit_test_setup_teardown(function, set_up, session_rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST_ALL(test_session_when_in_any_version_then_the_same_course),
        TEST(test_logon_when_answered_then_with_the_versions_fields, session_rig_set_up_44),
        TEST(test_reset_when_asked_for_by_the_initiator_then_with_a_flag_from_41_on,
             session_rig_set_up_44),
        TEST(test_reset_when_asked_for_by_the_counterparty_then_done_in_each_version,
             session_rig_set_up_44),
        TEST(test_test_session_when_configured_then_said_from_43_on, session_rig_set_up_44),
        TEST(test_test_session_when_only_one_side_has_it_then_refused_from_43_on,
             session_rig_set_up_44),
        SESSION_TEST_ALL(test_test_session_when_denied_then_none),
        TEST(test_reject_when_sent_then_with_the_versions_fields, session_rig_set_up_44),
        TEST(test_resend_request_when_open_ended_then_999999_in_40_and_41, session_rig_set_up_44),
        TEST(test_resend_when_999999_is_asked_for_then_open_ended_up_to_42, session_rig_set_up_44),
        TEST(test_next_expected_when_enabled_then_said_from_44_on, session_rig_set_up_44),
        TEST(test_last_processed_when_enabled_then_said_from_42_on, session_rig_set_up_44),
        TEST(test_appl_version_when_unusable_then_refused, session_rig_set_up_50),
        TEST(test_appl_version_when_another_one_then_the_acceptor_takes_it_over,
             session_rig_set_up_50),
        TEST(test_appl_version_when_the_logon_is_refused_then_kept, session_rig_set_up_50),
        TEST(test_appl_version_when_the_answer_has_another_one_then_the_next_logon_has_ours,
             session_rig_set_up_50),
        TEST(test_appl_version_when_missing_in_a_second_logon_then_no_reset, session_rig_set_up_50),
        TEST(test_appl_version_when_below_fixt_then_not_looked_at, session_rig_set_up_50),
        TEST(test_begin_string_when_of_another_version_then_refused, session_rig_set_up_44),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
