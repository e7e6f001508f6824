/* Repeating groups: how many entries, where they begin, what is in them. */
#include <stdio.h>
#include <string.h>

#include "core/draft.h"
#include "tests/unit/support_validate.h"

#define HEAD "35=D|49=A|11=id|"

static struct validate_rig *with_groups(void **state)
{
    return validate_by_text(state, validate_groups_text);
}

static void test_group_when_whole_then_valid(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_valid(rig, HEAD "453=1|448=a|452=1|58=x|");
    expect_valid(rig, HEAD "453=2|448=a|447=D|452=1|448=b|452=3|58=x|");
    expect_valid(rig, HEAD "453=02|448=a|452=1|802=2|523=s|803=1|523=t|2376=5|448=b|452=3|802=1|"
                           "523=s|78=1|79=acc|80=5|54=1|");
    expect_valid(rig, "35=D|627=2|628=x|630=1|628=y|49=A|11=id|453=1|448=a|452=1|");
}

static void test_count_when_zero_then_valid_without_entries(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_valid(rig, HEAD "453=0|78=0|58=x|");
    expect_valid(rig, HEAD "453=1|448=a|452=1|802=0|2376=1|78=00|");
    expect_fault(rig, HEAD "453=0|448=a|452=1|", RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, HEAD "453=0|447=D|58=x|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 447);
    expect_fault(rig, HEAD "453=1|448=a|452=1|802=0|523=s|", RFX_REJECT_GROUP_COUNT, 802);
    expect_fault(rig, HEAD "453=1|448=a|452=1|802=0|803=1|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 803);
}

static void test_count_when_wrong_then_counter_named_before_what_is_inside(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, HEAD "453=3|448=a|452=1|448=b|452=3|", RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, HEAD "453=1|448=a|452=1|448=b|452=3|", RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, HEAD "453=3|448=a|452=9|448=b|447=x|", RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, HEAD "453=2|448=a|452=1|802=9|523=s|", RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, HEAD "453=1|448=a|452=1|802=9|523=s|", RFX_REJECT_GROUP_COUNT, 802);
    expect_fault(rig, HEAD "453=1|58=x|", RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, HEAD "453=1|", RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, "35=D|627=2|628=x|630=1|49=A|11=id|", RFX_REJECT_GROUP_COUNT, 627);
}

static void test_count_when_absurd_then_refused_at_once(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, HEAD "453=4294967297|448=a|452=1|", RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, HEAD "453=9223372036854775807|448=a|", RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, HEAD "453=9223372036854775808|448=a|", RFX_REJECT_BAD_FORMAT, 453);
    expect_fault(rig, HEAD "453=18446744073709551617|448=a|452=1|", RFX_REJECT_BAD_FORMAT, 453);
    expect_fault(rig, HEAD "453=-1|448=a|", RFX_REJECT_BAD_FORMAT, 453);
    expect_fault(rig, HEAD "453=x|448=a|", RFX_REJECT_BAD_FORMAT, 453);
}

/* Below FIX.4.3 counters are of type INT, which may be below 0. */
static void test_count_when_negative_int_then_refused(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.2");
    const char *head = "35=D|49=A|56=B|34=2|52=20240102-03:04:05|11=id|21=1|55=X|54=1|40=1|"
                       "60=20240102-03:04:05|";
    char body[256];
    snprintf(body, sizeof body, "%s386=-1|336=x|", head);
    expect_fault(rig, body, RFX_REJECT_BAD_FORMAT, 386);
    snprintf(body, sizeof body, "%s386=3|336=PRE-OPEN|336=AFTER-HOURS|", head);
    expect_fault(rig, body, RFX_REJECT_GROUP_COUNT, 386);
    snprintf(body, sizeof body, "%s386=2|336=PRE-OPEN|336=AFTER-HOURS|", head);
    expect_valid(rig, body);
}

static void test_count_when_empty_then_counts_nothing(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, HEAD "453=|58=x|", RFX_REJECT_EMPTY_VALUE, 453);
    rig->rules.checks_values_present = false;
    expect_valid(rig, HEAD "453=|58=x|");
    expect_valid(rig, HEAD "453=1|448=|447=|452=1|802=|2376=|58=x|");
    expect_fault(rig, HEAD "453=|448=a|452=1|", RFX_REJECT_GROUP_COUNT, 453);
}

static void test_entry_when_it_begins_with_another_field_then_that_is_named(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, HEAD "453=1|447=D|448=a|452=1|", RFX_REJECT_GROUP_OUT_OF_ORDER, 447);
    expect_fault(rig, HEAD "453=2|452=1|448=a|452=1|448=b|", RFX_REJECT_GROUP_OUT_OF_ORDER, 452);
    expect_fault(rig, HEAD "453=1|448=a|452=1|802=1|803=1|523=s|", RFX_REJECT_GROUP_OUT_OF_ORDER,
                 803);
    rig->rules.checks_group_order = false;
    expect_fault(rig, HEAD "453=1|447=D|448=a|452=1|", RFX_REJECT_GROUP_OUT_OF_ORDER, 447);
}

static void test_entry_when_fields_in_another_order_then_refused_unless_allowed(void **state)
{
    struct validate_rig *rig = with_groups(state);
    const char *unordered = HEAD "453=2|448=a|452=1|447=D|448=b|452=3|";
    const char *behind = HEAD "453=1|448=a|802=1|523=s|452=1|";
    expect_fault(rig, unordered, RFX_REJECT_GROUP_OUT_OF_ORDER, 447);
    expect_fault(rig, behind, RFX_REJECT_GROUP_OUT_OF_ORDER, 452);
    rig->rules.checks_group_order = false;
    expect_valid(rig, unordered);
    expect_valid(rig, behind);
}

static void test_entry_when_field_repeated_then_refused(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, HEAD "453=1|448=a|447=D|447=D|452=1|", RFX_REJECT_REPEATED_TAG, 447);
    expect_fault(rig, HEAD "453=1|448=a|452=1|802=1|523=s|802=1|523=t|", RFX_REJECT_REPEATED_TAG,
                 802);
    expect_fault(rig, HEAD "453=1|448=a|452=1|58=x|453=1|448=a|452=1|", RFX_REJECT_REPEATED_TAG,
                 453);
}

static void test_entry_when_required_missing_then_named(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, HEAD "453=1|448=a|", RFX_REJECT_REQUIRED_TAG_MISSING, 452);
    expect_fault(rig, HEAD "453=2|448=a|448=b|452=1|", RFX_REJECT_REQUIRED_TAG_MISSING, 452);
    expect_fault(rig, HEAD "453=2|448=a|452=1|448=b|58=x|", RFX_REJECT_REQUIRED_TAG_MISSING, 452);
    expect_fault(rig, HEAD "453=1|448=a|802=1|523=s|", RFX_REJECT_REQUIRED_TAG_MISSING, 452);
    /* what the message requires comes first, and a field of an entry is not the message's */
    expect_fault(rig, "35=D|49=A|453=1|448=a|", RFX_REJECT_REQUIRED_TAG_MISSING, 11);
}

static void test_entry_when_value_wrong_then_as_anywhere(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, HEAD "453=2|448=a|452=1|448=|452=1|", RFX_REJECT_EMPTY_VALUE, 448);
    expect_fault(rig, HEAD "453=2|448=a|452=1|448=b|452=x|", RFX_REJECT_BAD_FORMAT, 452);
    expect_fault(rig, HEAD "453=2|448=a|452=1|448=b|452=2|", RFX_REJECT_VALUE_INCORRECT, 452);
    expect_fault(rig, HEAD "453=1|448=a|452=1|802=1|523=s|803=x|", RFX_REJECT_BAD_FORMAT, 803);
    rig->rules.allows_unknown_values = true;
    expect_valid(rig, HEAD "453=2|448=a|452=1|448=b|452=2|");
}

static void test_member_when_outside_of_its_group_then_not_in_message(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, HEAD "448=a|453=1|448=a|452=1|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 448);
    expect_fault(rig, HEAD "453=1|448=a|452=1|58=x|447=D|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 447);
    expect_fault(rig, HEAD "523=s|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 523);
    expect_fault(rig, "35=D|49=A|628=x|11=id|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 628);
}

static void test_unknown_when_within_a_group_then_passes_only_if_allowed(void **state)
{
    struct validate_rig *rig = with_groups(state);
    const char *user = HEAD "453=2|448=a|6000=x|452=1|6001=y|448=b|452=1|6002=z|58=x|6003=v|";
    const char *later = HEAD "453=2|448=a|999=x|452=1|448=b|452=1|";
    expect_fault(rig, user, RFX_REJECT_GROUP_COUNT, 453);
    expect_fault(rig, later, RFX_REJECT_GROUP_COUNT, 453);
    rig->rules.checks_user_defined = false;
    expect_valid(rig, user);
    expect_fault(rig, later, RFX_REJECT_GROUP_COUNT, 453);
    rig->rules.allows_unknown_fields = true;
    expect_valid(rig, later);
    /* but not where the first entry begins */
    expect_fault(rig, HEAD "453=1|999=x|448=a|452=1|", RFX_REJECT_GROUP_COUNT, 453);
}

static void test_header_group_when_wrong_then_the_order_of_sections_is_still_right(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, "35=D|627=1|628=x|630=1|630=2|49=A|11=id|", RFX_REJECT_REPEATED_TAG, 630);
    expect_fault(rig, "35=D|627=1|628=x|630=x|49=A|11=id|", RFX_REJECT_BAD_FORMAT, 630);
    expect_fault(rig, "35=D|627=1|630=1|628=x|49=A|11=id|", RFX_REJECT_GROUP_OUT_OF_ORDER, 630);
    expect_fault(rig, "35=D|627=1|628=x|49=A|11=id|628=y|", RFX_REJECT_FIELDS_OUT_OF_ORDER, 628);
}

/* Members that no list of header tags knows: where such a group ends decides what is header. */
static void test_header_group_when_of_unusual_tags_then_still_header(void **state)
{
    struct validate_rig *rig = validate_by_text(
        state, "version FIX.4.4\n"
               "header {\nBeginString *\nBodyLength *\nMsgType *\n"
               "group NoVias {\nVia\nViaKind\n}\nSenderCompID *\n}\n"
               "trailer {\nCheckSum *\n}\nmessage Order D app {\nClOrdID *\n}\n"
               "field 8 BeginString STRING\nfield 9 BodyLength LENGTH\nfield 10 CheckSum STRING\n"
               "field 11 ClOrdID STRING\nfield 35 MsgType STRING\nfield 49 SenderCompID STRING\n"
               "field 7001 NoVias NUMINGROUP\nfield 7002 Via STRING\nfield 7003 ViaKind INT\n");
    expect_valid(rig, "35=D|7001=2|7002=a|7003=1|7002=b|7003=2|49=A|11=id|");
    expect_fault(rig, "35=D|7001=2|7002=a|7003=x|7002=b|7003=2|49=A|11=id|", RFX_REJECT_BAD_FORMAT,
                 7003);
    expect_fault(rig, "35=D|7001=3|7002=a|7003=1|7002=b|7003=2|49=A|11=id|", RFX_REJECT_GROUP_COUNT,
                 7001);
    expect_fault(rig, "35=D|7001=1|7002=a|49=A|11=id|7002=b|", RFX_REJECT_TAG_NOT_IN_MESSAGE, 7002);
}

/* As deep as a dictionary may be, every counter announcing one entry. */
static void test_groups_when_nested_to_the_limit_then_checked_to_the_bottom(void **state)
{
    static char text[32768];
    char body[2048] = "35=D|";
    size_t size = 0;
    int depth = RFX_DRAFT_DEPTH_MAX - 1;
    size += (size_t)snprintf(text, sizeof text,
                             "version FIX.4.4\nfield 8 BeginString STRING\nfield 9 BodyLength INT\n"
                             "field 35 MsgType STRING\nfield 10 CheckSum STRING\n"
                             "header {\nBeginString\nBodyLength\nMsgType\n}\n"
                             "trailer {\nCheckSum\n}\n");
    for (int i = 0; i < depth; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size,
                                 "field %d No%d NUMINGROUP\nfield %d Value%d INT\n", 1000 + i, i,
                                 2000 + i, i);
    }
    size += (size_t)snprintf(text + size, sizeof text - size, "message Deep D app {\n");
    for (int i = 0; i < depth; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size, "group No%d {\nValue%d\n", i, i);
        size_t end = strlen(body);
        snprintf(body + end, sizeof body - end, "%d=1|%d=7|", 1000 + i, 2000 + i);
    }
    for (int i = 0; i <= depth; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size, "}\n");
    }
    struct validate_rig *rig = validate_by_text(state, text);
    expect_valid(rig, body);
    memcpy(body + strlen(body) - 2, "x", 1);
    expect_fault(rig, body, RFX_REJECT_BAD_FORMAT, 2000 + depth - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, validate_set_up, validate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_group_when_whole_then_valid),
        TEST(test_count_when_zero_then_valid_without_entries),
        TEST(test_count_when_wrong_then_counter_named_before_what_is_inside),
        TEST(test_count_when_absurd_then_refused_at_once),
        TEST(test_count_when_negative_int_then_refused),
        TEST(test_count_when_empty_then_counts_nothing),
        TEST(test_entry_when_it_begins_with_another_field_then_that_is_named),
        TEST(test_entry_when_fields_in_another_order_then_refused_unless_allowed),
        TEST(test_entry_when_field_repeated_then_refused),
        TEST(test_entry_when_required_missing_then_named),
        TEST(test_entry_when_value_wrong_then_as_anywhere),
        TEST(test_member_when_outside_of_its_group_then_not_in_message),
        TEST(test_unknown_when_within_a_group_then_passes_only_if_allowed),
        TEST(test_header_group_when_wrong_then_the_order_of_sections_is_still_right),
        TEST(test_header_group_when_of_unusual_tags_then_still_header),
        TEST(test_groups_when_nested_to_the_limit_then_checked_to_the_bottom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
