/* The order of header, body and trailer, and which of several faults is the one reported. */
#include "tests/unit/support_validate.h"

#define HEAD  "35=D|49=A|56=B|34=2|52=20240102-03:04:05|"
#define ORDER "11=id|55=X|54=1|60=20240102-03:04:05|38=5|40=1|"

static void test_sections_when_in_order_then_valid(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_valid(rig, HEAD ORDER);
    expect_valid(rig, "35=D|52=20240102-03:04:05|34=2|56=B|115=C|49=A|" ORDER);
    expect_valid(rig, HEAD "40=1|38=5|60=20240102-03:04:05|54=1|55=X|11=id|");
    expect_valid(rig, HEAD ORDER "93=3|89=abc|");
    expect_valid(rig, HEAD "627=2|628=H|629=20240102-03:04:05|630=1|628=I|97=Y|" ORDER);
}

static void test_sections_when_header_field_behind_body_then_it_is_named(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, "35=D|" ORDER "34=2|49=A|56=B|52=20240102-03:04:05|",
                 RFX_REJECT_FIELDS_OUT_OF_ORDER, 34);
    expect_fault(rig, HEAD ORDER "97=Y|", RFX_REJECT_FIELDS_OUT_OF_ORDER, 97);
    /* 1128 is of later versions, a header field all the same */
    expect_fault(rig, HEAD ORDER "1128=9|", RFX_REJECT_FIELDS_OUT_OF_ORDER, 1128);
    expect_fault(rig, HEAD ORDER "628=H|", RFX_REJECT_FIELDS_OUT_OF_ORDER, 628);
}

static void test_sections_when_body_field_behind_trailer_then_it_is_named(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, HEAD ORDER "93=3|89=abc|58=x|59=0|", RFX_REJECT_FIELDS_OUT_OF_ORDER, 58);
    expect_fault(rig, HEAD "93=3|89=abc|" ORDER, RFX_REJECT_FIELDS_OUT_OF_ORDER, 11);
}

static void test_sections_when_order_is_not_checked_then_each_field_in_its_own(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    rig->rules.checks_section_order = false;
    expect_valid(rig, "35=D|" ORDER "34=2|49=A|56=B|52=20240102-03:04:05|");
    expect_valid(rig, "35=D|11=id|49=A|55=X|56=B|54=1|34=2|60=20240102-03:04:05|"
                      "52=20240102-03:04:05|38=5|93=3|89=abc|40=1|");
    expect_fault(rig, "35=D|" ORDER "34=2|49=A|52=20240102-03:04:05|",
                 RFX_REJECT_REQUIRED_TAG_MISSING, 56);
    expect_fault(rig, "35=D|" ORDER "34=x|49=A|56=B|52=20240102-03:04:05|", RFX_REJECT_BAD_FORMAT,
                 34);
    /* the fault of the header comes first, wherever it stands */
    expect_fault(rig, "35=D|" ORDER "58=|34=x|49=A|56=B|52=20240102-03:04:05|",
                 RFX_REJECT_BAD_FORMAT, 34);
}

static void test_msg_type_when_unknown_then_refused_without_a_tag(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, "35=*|49=A|56=B|34=2|52=20240102-03:04:05|", RFX_REJECT_INVALID_MSG_TYPE,
                 RFX_NO_TAG);
    expect_fault(rig, "35=DD|49=A|", RFX_REJECT_INVALID_MSG_TYPE, RFX_NO_TAG);
    expect_fault(rig, "35=\xc4|49=A|", RFX_REJECT_INVALID_MSG_TYPE, RFX_NO_TAG);
    expect_fault(rig, "35=|49=A|", RFX_REJECT_INVALID_MSG_TYPE, RFX_NO_TAG);
    expect_fault(rig, "35=AA|", RFX_REJECT_REQUIRED_TAG_MISSING, 34);
}

static void test_checks_when_several_faults_then_order_type_required_fields(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, "35=*|11=id|49=A|56=B|34=2|", RFX_REJECT_FIELDS_OUT_OF_ORDER, 49);
    expect_fault(rig, "35=*|49=|9999=x|", RFX_REJECT_INVALID_MSG_TYPE, RFX_NO_TAG);
    expect_fault(rig, "35=D|49=|9999=x|11=id|11=id|97=Y|", RFX_REJECT_FIELDS_OUT_OF_ORDER, 97);
    expect_fault(rig, HEAD "11=|9999=x|55=X|54=1|54=1|", RFX_REJECT_REQUIRED_TAG_MISSING, 40);
    expect_fault(rig, HEAD "453=9|448=a|11=id|55=X|54=1|40=1|453=1|",
                 RFX_REJECT_REQUIRED_TAG_MISSING, 60);
}

static void test_fields_when_several_faults_then_header_trailer_body(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, HEAD "116=|" ORDER "59=Z|93=3|89=abc|", RFX_REJECT_EMPTY_VALUE, 116);
    expect_fault(rig, HEAD ORDER "59=Z|93=0|89=|", RFX_REJECT_EMPTY_VALUE, 89);
    expect_fault(rig, HEAD ORDER "59=Z|58=|93=3|89=abc|", RFX_REJECT_VALUE_INCORRECT, 59);
    expect_fault(rig, HEAD ORDER "58=|59=Z|", RFX_REJECT_EMPTY_VALUE, 58);
}

static void test_field_when_several_faults_of_its_own_then_repeated_empty_unknown(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, HEAD ORDER "40=|", RFX_REJECT_REPEATED_TAG, 40);
    expect_fault(rig, HEAD ORDER "40=ZZ|", RFX_REJECT_REPEATED_TAG, 40);
    expect_fault(rig, HEAD ORDER "9999=|", RFX_REJECT_EMPTY_VALUE, 9999);
    /* LastPx(31) and ExecType(150) are of ExecutionReport */
    expect_fault(rig, HEAD ORDER "31=|", RFX_REJECT_EMPTY_VALUE, 31);
    expect_fault(rig, HEAD ORDER "31=x|", RFX_REJECT_BAD_FORMAT, 31);
    expect_fault(rig, HEAD ORDER "150=z|", RFX_REJECT_VALUE_INCORRECT, 150);
    expect_fault(rig, HEAD ORDER "31=1|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 31);
}

static void test_header_field_when_repeated_then_named(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.4");
    expect_fault(rig, HEAD "49=A|" ORDER, RFX_REJECT_REPEATED_TAG, 49);
    expect_fault(rig, HEAD "8=FIX.4.4|" ORDER, RFX_REJECT_REPEATED_TAG, 8);
    expect_fault(rig, HEAD ORDER "10=000|", RFX_REJECT_REPEATED_TAG, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, validate_set_up, validate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sections_when_in_order_then_valid),
        TEST(test_sections_when_header_field_behind_body_then_it_is_named),
        TEST(test_sections_when_body_field_behind_trailer_then_it_is_named),
        TEST(test_sections_when_order_is_not_checked_then_each_field_in_its_own),
        TEST(test_msg_type_when_unknown_then_refused_without_a_tag),
        TEST(test_checks_when_several_faults_then_order_type_required_fields),
        TEST(test_fields_when_several_faults_then_header_trailer_body),
        TEST(test_field_when_several_faults_of_its_own_then_repeated_empty_unknown),
        TEST(test_header_field_when_repeated_then_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
