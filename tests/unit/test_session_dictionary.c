/* Validation by dictionary as the session uses it: one Reject with the finding's reason and tag,
 * and what becomes of the number. What is a finding is the business of
 * core/validate.h. */
#include <string.h>

#include "tests/unit/support_session.h"

#define ORDER "35=D|34=2|11=A|55=X|54=1|60=@0|38=100|40=1"

static struct session_rig *checking(void **state)
{
    struct session_rig *rig = *state;
    rig->config.use_data_dictionary = true;
    rig_log_on(rig);
    return rig;
}

static void test_dictionary_when_a_message_is_valid_then_delivered(void **state)
{
    struct session_rig *rig = checking(state);
    rig_receive(rig, ORDER);
    rig_receive(rig, "35=0|34=3");
    rig_receive(rig, "35=0|34=4|112=X");
    assert_null(strstr(rig->trace, "] > "));
    expect_numbers(rig, 2, 5);
}

static void test_dictionary_when_it_finds_a_fault_then_rejected_and_counted(void **state)
{
    static const struct {
        const char *message;
        const char *reject; /* from RefTagID on */
    } cases[] = {
        {"35=0|34=2|999=X", " 371=999 372=0 373=0\n"},
        {"35=0|34=2|5000=X", " 371=5000 372=0 373=0\n"},
        {"35=D|34=2|55=X|54=1|60=@0|38=100|40=1", " 371=11 372=D 373=1\n"},
        {"35=0|34=2|55=X", " 371=55 372=0 373=2\n"},
        {"35=0|34=2|112=", " 371=112 372=0 373=4\n"},
        {"35=D|34=2|11=A|55=X|54=Z|60=@0|38=100|40=1", " 371=54 372=D 373=5\n"},
        {"35=D|34=2|11=A|55=X|54=1|60=@0|38=+100|40=1", " 371=38 372=D 373=6\n"},
        {"35=*|34=2", " 372=* 373=11\n"},
        {ORDER "|40=1", " 371=40 372=D 373=13\n"},
        {"35=0|34=2|112=X|50=SUB", " 371=50 372=0 373=14\n"},
        {ORDER "|386=3|336=1|336=2", " 371=386 372=D 373=16\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct session_rig *rig = checking(state);
        rig_receive(rig, cases[i].message);
        const char *reject = strstr(rig->trace, "] > Reject seq=2 45=2 58=");
        if (reject == NULL || strstr(reject, cases[i].reject) == NULL) {
            print_error("%s: no Reject with%s in\n%s\n", cases[i].message, cases[i].reject,
                        rig->trace);
            fail();
        }
        assert_null(strstr(rig->trace, "deliver"));
        expect_numbers(rig, 3, 3); /* one Reject alone */
        assert_int_equal(rig->session.state, RFX_ACTIVE);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

/* A reason that 4.2 does not have is left out, the rest is said. */
static void test_dictionary_when_the_version_lacks_the_reason_then_without_it(void **state)
{
    session_rig_tear_down(state);
    session_rig_set_up_42(state);
    struct session_rig *rig = checking(state);
    rig_receive(rig, "35=0|34=2|112=X|112=Y");
    assert_non_null(strstr(rig->trace, " 371=112 372=0\n"));
}

static void test_dictionary_when_the_number_is_high_then_rejected_and_not_counted(void **state)
{
    struct session_rig *rig = checking(state);
    rig_receive(rig, "35=0|34=5|55=X");
    expect_numbers(rig, 3, 2);
    assert_null(strstr(rig->trace, "hold"));
    rig_receive(rig, "35=0|34=6"); /* its number is still missing */
    assert_non_null(strstr(rig->trace, "> ResendRequest seq=3 7=2 16=0\n"));
    rig_receive(rig, "35=4|34=2|43=Y|36=5|123=Y");
    rig_receive(rig, "35=0|34=5|43=Y|122=@0|55=X");
    expect_numbers(rig, 5, 7); /* rejected again, and counted now */
}

static void test_dictionary_when_the_number_is_low_then_rejected_and_not_counted(void **state)
{
    struct session_rig *rig = checking(state);
    rig_receive(rig, "35=0|34=1|55=X");
    expect_numbers(rig, 3, 2);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void test_dictionary_when_other_faults_as_well_then_its_own_is_reported(void **state)
{
    struct session_rig *rig = checking(state);
    rig_receive(rig, "35=0|34=2|49=OTHER|52=@-999|55=X");
    assert_non_null(strstr(rig->trace, " 371=55 372=0 373=2\n"));
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    expect_numbers(rig, 3, 3);
}

static void test_dictionary_when_a_held_message_is_fed_then_checked_once(void **state)
{
    struct session_rig *rig = checking(state);
    rig->session.rules.allows_unknown_fields = true;
    rig_receive(rig, "35=0|34=3|55=X");
    rig->session.rules.allows_unknown_fields = false;
    rig_receive(rig, "35=4|34=2|43=Y|36=3|123=Y");
    assert_null(strstr(rig->trace, "> Reject"));
    expect_numbers(rig, 3, 4);
    assert_int_equal(rig->session.state, RFX_ACTIVE);
}

static void test_dictionary_when_off_then_everything_passes(void **state)
{
    struct session_rig *rig = *state;
    rig_log_on(rig);
    rig_receive(rig, "35=0|34=2|55=X|999=Y|112=");
    rig_receive(rig, "35=*|34=3");
    assert_null(strstr(rig->trace, "] > "));
    expect_numbers(rig, 2, 4);
}

static void test_logon_when_the_dictionary_refuses_it_then_closed_in_silence(void **state)
{
    static const char *const logons[] = {
        "35=A|34=1|98=0|108=30|999=X", "35=A|34=1|108=30", "35=A|34=1|98=0|108=30|55=X",
        "35=A|34=1|98=0|108=30|108=30", "35=A|34=1|98=0|108=30|141=X"};
    for (size_t i = 0; i < sizeof logons / sizeof logons[0]; i++) {
        struct session_rig *rig = *state;
        rig->config.use_data_dictionary = true;
        rig->keeps_verdict = true;
        rig_start(rig);
        rig_connect(rig);
        rig_receive(rig, logons[i]);
        assert_non_null(strstr(rig->trace, "note: Logon refused: "));
        assert_null(strstr(rig->trace, "] > "));
        assert_false(rig->awaits_verdict);
        expect_numbers(rig, 1, 1);
        session_rig_tear_down(state);
        session_rig_set_up_44(state);
    }
}

/* Session messages by the transport's dictionary, others by that of DefaultApplVerID. */
static void test_dictionary_when_fixt_then_two_of_them(void **state)
{
    session_rig_tear_down(state);
    session_rig_set_up_50(state);
    struct session_rig *rig = checking(state);
    rig_receive(rig, "35=0|34=2|58=X"); /* Text is in no Heartbeat, and FIXT.1.1 knows it */
    assert_non_null(strstr(rig->trace, " 371=58 372=0 373=2\n"));
    rig_receive(rig, "35=D|34=3|11=A|55=X|54=1|60=@0|38=100|40=1");
    assert_non_null(strstr(rig->trace, "deliver NewOrderSingle\n"));
    rig_receive(rig, "35=D|34=4|1128=4|11=A|21=1|55=X|54=1|60=@0|38=100|40=1"); /* FIX.4.2 */
    expect_numbers(rig, 3, 5);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, session_rig_set_up_44, session_rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_dictionary_when_a_message_is_valid_then_delivered),
        TEST(test_dictionary_when_it_finds_a_fault_then_rejected_and_counted),
        TEST(test_dictionary_when_the_version_lacks_the_reason_then_without_it),
        TEST(test_dictionary_when_the_number_is_high_then_rejected_and_not_counted),
        TEST(test_dictionary_when_the_number_is_low_then_rejected_and_not_counted),
        TEST(test_dictionary_when_other_faults_as_well_then_its_own_is_reported),
        TEST(test_dictionary_when_a_held_message_is_fed_then_checked_once),
        TEST(test_dictionary_when_off_then_everything_passes),
        TEST(test_logon_when_the_dictionary_refuses_it_then_closed_in_silence),
        TEST(test_dictionary_when_fixt_then_two_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
