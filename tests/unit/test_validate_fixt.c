/* FIXT.1.1: session messages by the transport's dictionary alone, the others by that of their
 * version. */
#include "tests/unit/support_validate.h"

#define REST  "49=A|56=B|34=2|52=20240102-03:04:05|"
#define ORDER "11=id|55=X|54=1|60=20240102-03:04:05|38=5|40=1|"

static void test_session_message_when_field_of_applications_then_invalid_tag(void **state)
{
    struct validate_rig *rig = validate_by_fixt(state, "FIX.5.0SP2");
    expect_valid(rig, "35=0|" REST "112=x|");
    expect_fault(rig, "35=0|" REST "999=HI|", RFX_REJECT_INVALID_TAG, 999);
    expect_fault(rig, "35=0|" REST "5000=HI|", RFX_REJECT_INVALID_TAG, 5000);
    expect_fault(rig, "35=0|" REST "58=Text|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 58);
    expect_valid(rig, "35=A|" REST "98=0|108=30|1137=9|");
    expect_fault(rig, "35=A|" REST "98=0|108=30|", RFX_REJECT_REQUIRED_TAG_MISSING, 1137);
    expect_fault(rig, "35=A|" REST "98=9|108=30|1137=9|", RFX_REJECT_VALUE_INCORRECT, 98);
}

static void test_session_message_when_group_then_checked(void **state)
{
    struct validate_rig *rig = validate_by_fixt(state, "FIX.5.0SP2");
    expect_valid(rig, "35=A|" REST "98=0|108=30|384=2|372=D|385=S|372=8|385=R|1137=9|");
    expect_fault(rig, "35=A|" REST "98=0|108=30|384=3|372=D|385=S|372=8|385=R|1137=9|",
                 RFX_REJECT_GROUP_COUNT, 384);
    expect_fault(rig, "35=A|" REST "98=0|108=30|384=1|372=D|385=?|1137=9|",
                 RFX_REJECT_VALUE_INCORRECT, 385);
}

static void test_application_message_when_header_field_wrong_then_by_transport(void **state)
{
    struct validate_rig *rig = validate_by_fixt(state, "FIX.5.0SP2");
    expect_valid(rig, "35=D|" REST ORDER);
    expect_valid(rig, "35=D|" REST "627=1|628=H|629=20240102-03:04:05|97=N|" ORDER "93=3|89=abc|");
    expect_fault(rig, "35=D|49=A|34=2|52=20240102-03:04:05|" ORDER, RFX_REJECT_REQUIRED_TAG_MISSING,
                 56);
    expect_fault(rig, "35=D|" REST "43=x|" ORDER, RFX_REJECT_BAD_FORMAT, 43);
    expect_fault(rig, "35=D|" REST "627=2|628=H|" ORDER, RFX_REJECT_GROUP_COUNT, 627);
    expect_fault(rig, "35=D|" REST ORDER "115=x|", RFX_REJECT_FIELDS_OUT_OF_ORDER, 115);
    expect_fault(rig, "35=D|" REST ORDER "93=3|89=abc|58=x|", RFX_REJECT_FIELDS_OUT_OF_ORDER, 58);
}

static void test_application_message_when_body_wrong_then_by_application(void **state)
{
    struct validate_rig *rig = validate_by_fixt(state, "FIX.5.0SP2");
    expect_fault(rig, "35=D|" REST ORDER "40=2|", RFX_REJECT_REPEATED_TAG, 40);
    expect_fault(rig, "35=D|" REST ORDER "21=4|", RFX_REJECT_VALUE_INCORRECT, 21);
    expect_fault(rig, "35=D|" REST "11=id|55=X|54=1|60=20240102-03:04:05|38=+200.00|40=1|",
                 RFX_REJECT_BAD_FORMAT, 38);
    expect_fault(rig, "35=D|" REST ORDER "386=3|336=PRE-OPEN|336=AFTER-HOURS|",
                 RFX_REJECT_GROUP_COUNT, 386);
    expect_fault(rig, "35=D|" REST ORDER "386=2|336=PRE-OPEN|336=AFTER-HOURS|",
                 RFX_REJECT_VALUE_INCORRECT, 336);
    expect_fault(rig, "35=D|" REST ORDER "1137=9|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 1137);
    expect_fault(rig, "35=*|" REST, RFX_REJECT_INVALID_MSG_TYPE, RFX_NO_TAG);
}

static void test_version_when_in_the_message_then_its_dictionary(void **state)
{
    struct validate_rig *rig = validate_by_fixt(state, "FIX.5.0SP2");
    /* HandlInst(21) is required by 4.2, MDStreamID(1500) came with 5.0SP2 */
    expect_valid(rig, "35=D|1128=9|" REST ORDER);
    expect_valid(rig, "35=D|1128=6|" REST ORDER);
    expect_fault(rig, "35=D|1128=4|" REST ORDER, RFX_REJECT_REQUIRED_TAG_MISSING, 21);
    expect_fault(rig, "35=D|" REST "1128=4|" ORDER, RFX_REJECT_REQUIRED_TAG_MISSING, 21);
    expect_fault(rig, "35=D|627=1|628=H|1128=4|" REST ORDER, RFX_REJECT_REQUIRED_TAG_MISSING, 21);
    expect_valid(rig, "35=D|1128=2|" REST "11=ORDER|21=1|55=XYZ|54=1|38=5|40=1|");
    rig->rules.checks_section_order = false;
    expect_fault(rig, "35=D|" REST ORDER "1128=4|", RFX_REJECT_REQUIRED_TAG_MISSING, 21);
}

static void test_version_when_not_supported_then_refused_with_its_tag(void **state)
{
    struct validate_rig *rig = validate_by_fixt(state, "FIX.5.0SP2");
    expect_fault(rig, "35=D|1128=1|" REST ORDER, RFX_REJECT_APPL_VERSION, 1128);
    expect_fault(rig, "35=D|1128=x|" REST ORDER, RFX_REJECT_APPL_VERSION, 1128);
    expect_fault(rig, "35=D|1128=10|" REST ORDER, RFX_REJECT_APPL_VERSION, 1128);
    expect_fault(rig, "35=D|1128=99|" REST ORDER, RFX_REJECT_APPL_VERSION, 1128);
    expect_fault(rig, "35=D|1128=|" REST ORDER, RFX_REJECT_EMPTY_VALUE, 1128);
    /* of a session message it does not matter */
    expect_valid(rig, "35=0|1128=1|" REST);
    rig->rules.checks_values_present = false;
    expect_valid(rig, "35=D|1128=|" REST ORDER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, validate_set_up, validate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_session_message_when_field_of_applications_then_invalid_tag),
        TEST(test_session_message_when_group_then_checked),
        TEST(test_application_message_when_header_field_wrong_then_by_transport),
        TEST(test_application_message_when_body_wrong_then_by_application),
        TEST(test_version_when_in_the_message_then_its_dictionary),
        TEST(test_version_when_not_supported_then_refused_with_its_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
