/* Repeating groups as an application reads them, of messages that were validated or not. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_validate.h"

#define HEAD "35=D|49=A|11=id|"

static struct validate_rig *with_groups(void **state)
{
    return validate_by_text(state, validate_groups_text);
}

static struct rfx_group group_of(struct validate_rig *rig, const char *body, int32_t counter)
{
    struct rfx_group group = {.count = 99};
    assert_int_equal(rfx_message_group(validate_index(rig, body), counter, &group), RFX_OK);
    return group;
}

static void expect_status(struct validate_rig *rig, const char *body, int32_t counter,
                          rfx_status status)
{
    struct rfx_group group;
    assert_int_equal(rfx_message_group(validate_index(rig, body), counter, &group), status);
}

static void expect_entry_value(const struct rfx_entry *entry, int32_t tag, const char *expected)
{
    struct rfx_bytes value;
    if (expected == NULL) {
        assert_int_equal(rfx_entry_get(entry, tag, &value), RFX_E_NOT_FOUND);
        return;
    }
    assert_int_equal(rfx_entry_get(entry, tag, &value), RFX_OK);
    assert_int_equal(value.size, strlen(expected));
    assert_memory_equal(value.data, expected, value.size);
}

static void test_group_when_whole_then_entry_by_entry(void **state)
{
    struct validate_rig *rig = with_groups(state);
    struct rfx_group group = group_of(rig, HEAD "453=2|448=a|447=D|452=1|448=b|452=3|58=x|", 453);
    struct rfx_entry entry;
    assert_int_equal(group.count, 2);
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 448, "a");
    expect_entry_value(&entry, 447, "D");
    expect_entry_value(&entry, 452, "1");
    assert_int_equal(rfx_entry_field_count(&entry), 3);
    assert_int_equal(rfx_entry_field_at(&entry, 1).tag, 447);
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 448, "b");
    expect_entry_value(&entry, 447, NULL); /* not the one of the first entry */
    expect_entry_value(&entry, 58, NULL);  /* not the one of the message */
    assert_int_equal(rfx_entry_field_count(&entry), 2);
    assert_false(rfx_group_next(&group, &entry));
    assert_false(rfx_group_next(&group, &entry));
}

static void test_group_when_nested_then_read_within_its_entry(void **state)
{
    struct validate_rig *rig = with_groups(state);
    struct rfx_group group = group_of(rig,
                                      HEAD "453=3|448=a|452=1|802=2|523=s|803=1|523=t|2376=5|"
                                           "448=b|452=3|448=c|452=1|802=1|523=u|",
                                      453);
    struct rfx_group nested;
    struct rfx_entry entry;
    struct rfx_entry sub;
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 2376, "5"); /* behind the group within */
    expect_entry_value(&entry, 523, NULL); /* of the group within */
    expect_entry_value(&entry, 802, "2");
    assert_int_equal(rfx_entry_field_count(&entry), 7);
    assert_int_equal(rfx_entry_group(&entry, 802, &nested), RFX_OK);
    assert_int_equal(nested.count, 2);
    assert_true(rfx_group_next(&nested, &sub));
    expect_entry_value(&sub, 523, "s");
    expect_entry_value(&sub, 803, "1");
    assert_true(rfx_group_next(&nested, &sub));
    expect_entry_value(&sub, 523, "t");
    expect_entry_value(&sub, 803, NULL);
    expect_entry_value(&sub, 2376, NULL);
    assert_false(rfx_group_next(&nested, &sub));

    assert_true(rfx_group_next(&group, &entry));
    assert_int_equal(rfx_entry_group(&entry, 802, &nested), RFX_E_NOT_FOUND);
    assert_true(rfx_group_next(&group, &entry));
    assert_int_equal(rfx_entry_group(&entry, 802, &nested), RFX_OK);
    assert_true(rfx_group_next(&nested, &sub));
    expect_entry_value(&sub, 523, "u");
    assert_false(rfx_group_next(&nested, &sub));
    assert_int_equal(rfx_entry_group(&entry, 448, &nested), RFX_E_NOT_FOUND);
    assert_false(rfx_group_next(&group, &entry));
}

static void test_group_when_in_header_or_at_the_end_then_found(void **state)
{
    struct validate_rig *rig = with_groups(state);
    struct rfx_entry entry;
    struct rfx_group group =
        group_of(rig, "35=D|627=2|628=x|630=1|628=y|49=A|11=id|78=1|79=acc|80=5|", 627);
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 630, "1");
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 628, "y");
    assert_false(rfx_group_next(&group, &entry));
    assert_int_equal(rfx_message_group(&rig->message, 78, &group), RFX_OK);
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 80, "5");
    assert_false(rfx_group_next(&group, &entry));
}

static void test_group_when_absent_then_not_found(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_status(rig, HEAD "58=x|", 453, RFX_E_NOT_FOUND);
    expect_status(rig, HEAD "58=x|", 58, RFX_E_NOT_FOUND); /* counts nothing */
    expect_status(rig, HEAD "58=x|", 4711, RFX_E_NOT_FOUND);
    expect_status(rig, HEAD "58=x|", -1, RFX_E_NOT_FOUND);
    /* only within entries of another group, and not of this message */
    expect_status(rig, HEAD "453=1|448=a|452=1|802=1|523=s|", 802, RFX_E_NOT_FOUND);
    expect_status(rig, "35=B|49=A|453=1|448=a|", 453, RFX_E_NOT_FOUND);
    expect_status(rig, "35=?|49=A|453=1|448=a|", 453, RFX_E_NOT_FOUND);
}

/* A counter that stands at two levels: the one within an entry is not the message's. */
static void test_group_when_same_counter_within_another_then_own_one_is_found(void **state)
{
    struct validate_rig *rig = validate_by_text(
        state, "version FIX.4.4\nheader {\nBeginString\nBodyLength\nMsgType\n}\n"
               "trailer {\nCheckSum\n}\n"
               "message Order D app {\ngroup NoSides {\nSide\ngroup NoNotes {\nNote\n}\n}\n"
               "Text\ngroup NoNotes {\nNote\n}\n}\n"
               "field 8 BeginString STRING\nfield 9 BodyLength LENGTH\nfield 10 CheckSum STRING\n"
               "field 35 MsgType STRING\nfield 54 Side CHAR\nfield 58 Text STRING\n"
               "field 552 NoSides NUMINGROUP\nfield 7001 NoNotes NUMINGROUP\n"
               "field 7002 Note STRING\n");
    struct rfx_entry entry;
    const char *body = "35=D|552=1|54=1|7001=1|7002=of the side|58=x|7001=1|7002=of the order|";
    expect_valid(rig, body);
    struct rfx_group group = group_of(rig, body, 7001);
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 7002, "of the order");
    expect_status(rig, "35=D|552=1|54=1|7001=1|7002=of the side|58=x|", 7001, RFX_E_NOT_FOUND);
}

static void test_group_when_empty_then_no_entries(void **state)
{
    struct validate_rig *rig = with_groups(state);
    struct rfx_entry entry;
    struct rfx_group group = group_of(rig, HEAD "453=0|58=x|", 453);
    assert_int_equal(group.count, 0);
    assert_false(rfx_group_next(&group, &entry));
    group = group_of(rig, HEAD "453=|58=x|", 453);
    assert_int_equal(group.count, 0);
    assert_false(rfx_group_next(&group, &entry));
}

static void test_group_when_structure_is_broken_then_invalid(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_status(rig, HEAD "453=3|448=a|448=b|", 453, RFX_E_INVALID);
    expect_status(rig, HEAD "453=1|448=a|448=b|", 453, RFX_E_INVALID);
    expect_status(rig, HEAD "453=0|448=a|", 453, RFX_E_INVALID);
    expect_status(rig, HEAD "453=|448=a|", 453, RFX_E_INVALID);
    expect_status(rig, HEAD "453=x|448=a|", 453, RFX_E_INVALID);
    expect_status(rig, HEAD "453=-1|448=a|", 453, RFX_E_INVALID);
    expect_status(rig, HEAD "453=99999999999999999999|448=a|", 453, RFX_E_INVALID);
    expect_status(rig, HEAD "453=1|447=D|448=a|", 453, RFX_E_INVALID);
    expect_status(rig, HEAD "453=1|58=x|", 453, RFX_E_INVALID);
    expect_status(rig, HEAD "453=1|", 453, RFX_E_INVALID);
}

/* The group itself is sound, what is within one entry is not. */
static void test_group_when_nested_is_broken_then_only_that_is_invalid(void **state)
{
    struct validate_rig *rig = with_groups(state);
    struct rfx_group nested;
    struct rfx_entry entry;
    struct rfx_group group = group_of(rig, HEAD "453=2|448=a|802=5|523=s|448=b|802=1|523=t|", 453);
    assert_true(rfx_group_next(&group, &entry));
    assert_int_equal(rfx_entry_group(&entry, 802, &nested), RFX_E_INVALID);
    assert_true(rfx_group_next(&group, &entry));
    assert_int_equal(rfx_entry_group(&entry, 802, &nested), RFX_OK);
}

static void test_group_when_unknown_fields_pass_then_they_are_in_the_entry(void **state)
{
    struct validate_rig *rig = with_groups(state);
    struct rfx_entry entry;
    rig->rules.checks_user_defined = false;
    struct rfx_group group =
        group_of(rig, HEAD "453=2|448=a|6000=x|452=1|448=b|452=1|6001=y|58=x|", 453);
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 6000, "x");
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 6001, NULL); /* behind the group's last field: the message's */
    assert_int_equal(rfx_entry_field_count(&entry), 2);
    assert_false(rfx_group_next(&group, &entry));
}

static void test_group_when_no_rules_then_state(void **state)
{
    struct validate_rig *rig = with_groups(state);
    struct rfx_group group;
    validate_index(rig, HEAD "453=1|448=a|");
    rig->message.rules = NULL;
    assert_int_equal(rfx_message_group(&rig->message, 453, &group), RFX_E_STATE);
}

static void test_group_when_not_checking_then_read_all_the_same(void **state)
{
    struct validate_rig *rig = validate_by_fixt(state, "FIX.5.0SP2");
    struct rfx_entry entry;
    rig->rules.is_checking = false;
    struct rfx_group group = group_of(rig, "35=D|453=1|448=a|9999=x|452=1|", 453);
    assert_true(rfx_group_next(&group, &entry));
    expect_entry_value(&entry, 448, "a");
    expect_entry_value(&entry, 9999, "x");
    expect_entry_value(&entry, 452, "1");
    expect_status(rig, "35=D|1128=4|453=1|448=a|", 453, RFX_E_NOT_FOUND); /* 4.2 has none */
    expect_status(rig, "35=D|1128=1|453=1|448=a|", 453, RFX_E_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, validate_set_up, validate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_group_when_whole_then_entry_by_entry),
        TEST(test_group_when_nested_then_read_within_its_entry),
        TEST(test_group_when_in_header_or_at_the_end_then_found),
        TEST(test_group_when_absent_then_not_found),
        TEST(test_group_when_same_counter_within_another_then_own_one_is_found),
        TEST(test_group_when_empty_then_no_entries),
        TEST(test_group_when_structure_is_broken_then_invalid),
        TEST(test_group_when_nested_is_broken_then_only_that_is_invalid),
        TEST(test_group_when_unknown_fields_pass_then_they_are_in_the_entry),
        TEST(test_group_when_no_rules_then_state),
        TEST(test_group_when_not_checking_then_read_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
