/* Required fields, empty values, lists of values, and fields that do not belong. */
#include "tests/unit/support_validate.h"

#define HEAD  "35=D|49=A|56=B|34=2|52=20240102-03:04:05|"
#define ORDER "11=id|55=X|54=1|60=20240102-03:04:05|38=5|40=1|"
#define BEAT  "35=0|49=A|56=B|34=2|52=20240102-03:04:05|"

static void test_required_when_missing_in_header_then_named_before_the_body(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, "35=0|49=A|34=2|52=20240102-03:04:05|", RFX_REJECT_REQUIRED_TAG_MISSING, 56);
    expect_fault(rig, "35=D|49=A|34=2|52=20240102-03:04:05|", RFX_REJECT_REQUIRED_TAG_MISSING, 56);
    expect_fault(rig, "35=D|56=B|", RFX_REJECT_REQUIRED_TAG_MISSING, 34);
}

static void test_required_when_missing_in_order_then_as_each_version_has_it(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.2");
    expect_fault(rig, HEAD "40=1|60=20240102-03:04:05|54=1|21=3|11=id|",
                 RFX_REJECT_REQUIRED_TAG_MISSING, 55);
    rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, HEAD "40=1|60=20240102-03:04:05|54=1|21=3|", RFX_REJECT_REQUIRED_TAG_MISSING,
                 11);
    expect_valid(rig,
                 HEAD "11=id|55=X|40=1|60=20240102-03:04:05|54=1|"); /* OrderQtyData is empty */
    rig = validate_by_fixt(state, "FIX.5.0SP2");
    expect_fault(rig, HEAD "40=1|60=20240102-03:04:05|11=id|21=3|", RFX_REJECT_REQUIRED_TAG_MISSING,
                 54);
}

static void test_value_when_empty_then_refused_unless_allowed(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, "35=0|49=A|34=2|52=20240102-03:04:05|56=|", RFX_REJECT_EMPTY_VALUE, 56);
    expect_fault(rig, HEAD ORDER "44=|", RFX_REJECT_EMPTY_VALUE, 44);
    rig->rules.checks_values_present = false;
    expect_valid(rig, "35=0|49=A|34=2|52=20240102-03:04:05|56=|");
    expect_valid(rig, HEAD ORDER "44=|59=|453=|");
    expect_fault(rig, HEAD ORDER "31=|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 31);
    expect_fault(rig, HEAD "55=X|54=1|60=|40=|", RFX_REJECT_REQUIRED_TAG_MISSING, 11);
}

static void test_value_when_not_listed_then_refused_unless_allowed(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_valid(rig, HEAD ORDER "21=1|167=CS|59=0|");
    expect_fault(rig, HEAD ORDER "21=4|", RFX_REJECT_VALUE_INCORRECT, 21);
    expect_fault(rig, HEAD ORDER "167=BOO|", RFX_REJECT_VALUE_INCORRECT, 167);
    expect_fault(rig, HEAD "11=id|55=X|54=a|60=20240102-03:04:05|40=1|", RFX_REJECT_VALUE_INCORRECT,
                 54);
    rig->rules.allows_unknown_values = true;
    expect_valid(rig, HEAD ORDER "21=4|167=BOO|");
    expect_fault(rig, HEAD ORDER "21=44|", RFX_REJECT_BAD_FORMAT, 21);
}

static void test_multiple_values_when_one_is_not_listed_then_refused(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_valid(rig, HEAD ORDER "18=1|");
    expect_valid(rig, HEAD ORDER "18=1 G L|");
    expect_fault(rig, HEAD ORDER "18=1 ? G|", RFX_REJECT_VALUE_INCORRECT, 18);
    expect_fault(rig, HEAD ORDER "18=1G|", RFX_REJECT_VALUE_INCORRECT, 18);
    expect_fault(rig, HEAD ORDER "18=1  G|", RFX_REJECT_VALUE_INCORRECT, 18);
    expect_fault(rig, HEAD ORDER "18= 1|", RFX_REJECT_VALUE_INCORRECT, 18);
    expect_fault(rig, HEAD ORDER "18=1 |", RFX_REJECT_VALUE_INCORRECT, 18);
    expect_fault(rig, HEAD ORDER "18= |", RFX_REJECT_VALUE_INCORRECT, 18);
}

/* A venue's own message need not be in the list of MsgType(35). */
static void test_msg_type_when_defined_but_not_listed_then_valid(void **state)
{
    struct validate_rig *rig =
        validate_by_text(state, "version FIX.4.4\n"
                                "header {\nBeginString\nBodyLength\nMsgType\n}\n"
                                "trailer {\nCheckSum\n}\nmessage Own U1 app {\nText\n}\n"
                                "field 8 BeginString STRING\nfield 9 BodyLength LENGTH\n"
                                "field 10 CheckSum STRING\nfield 35 MsgType STRING {\n0 BEAT\n}\n"
                                "field 58 Text STRING\n");
    expect_valid(rig, "35=U1|58=x|");
}

static void test_tag_when_nobody_defines_it_then_invalid(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, BEAT "999=HI|", RFX_REJECT_INVALID_TAG, 999);
    expect_fault(rig, BEAT "0=HI|", RFX_REJECT_INVALID_TAG, 0);
    expect_fault(rig, BEAT "-1=HI|", RFX_REJECT_INVALID_TAG, -1);
    expect_fault(rig, BEAT "5000=HI|", RFX_REJECT_INVALID_TAG, 5000);
    expect_fault(rig, BEAT "999999999=HI|", RFX_REJECT_INVALID_TAG, 999999999);
}

static void test_tag_when_of_other_messages_then_not_in_this_one(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, BEAT "55=X|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 55);
    expect_fault(rig, HEAD ORDER "448=A|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 448);
    expect_fault(rig, HEAD "628=H|" ORDER, RFX_REJECT_TAG_NOT_IN_MESSAGE, 628);
}

static void test_unknown_when_allowed_then_passes_but_user_defined_as_told(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    rig->rules.allows_unknown_fields = true;
    expect_valid(rig, BEAT "55=X|999=HI|4999=x|");
    expect_fault(rig, BEAT "5000=HI|", RFX_REJECT_INVALID_TAG, 5000);
    expect_fault(rig, BEAT "0=HI|", RFX_REJECT_INVALID_TAG, 0);
    expect_fault(rig, BEAT "-1=HI|", RFX_REJECT_INVALID_TAG, -1);
    /* what is defined must still be right, and there once */
    expect_fault(rig, BEAT "44=x|", RFX_REJECT_BAD_FORMAT, 44);
    expect_fault(rig, BEAT "55=X|55=X|", RFX_REJECT_REPEATED_TAG, 55);
    expect_fault(rig, BEAT "999=|", RFX_REJECT_EMPTY_VALUE, 999);
    rig->rules.allows_unknown_fields = false;
    rig->rules.checks_user_defined = false;
    expect_valid(rig, BEAT "5000=HI|999999999=x|");
    expect_fault(rig, BEAT "4999=HI|", RFX_REJECT_INVALID_TAG, 4999);
    expect_fault(rig, BEAT "55=HI|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 55);
}

static void test_rules_when_not_checking_then_everything_passes(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    rig->rules.is_checking = false;
    expect_valid(rig, "35=*|999=|0=x|49=A|49=A|453=7|");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, validate_set_up, validate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_required_when_missing_in_header_then_named_before_the_body),
        TEST(test_required_when_missing_in_order_then_as_each_version_has_it),
        TEST(test_value_when_empty_then_refused_unless_allowed),
        TEST(test_value_when_not_listed_then_refused_unless_allowed),
        TEST(test_multiple_values_when_one_is_not_listed_then_refused),
        TEST(test_msg_type_when_defined_but_not_listed_then_valid),
        TEST(test_tag_when_nobody_defines_it_then_invalid),
        TEST(test_tag_when_of_other_messages_then_not_in_this_one),
        TEST(test_unknown_when_allowed_then_passes_but_user_defined_as_told),
        TEST(test_rules_when_not_checking_then_everything_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
