/* Messages that want to cost much, or to be taken for what they are not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/validate_internal.h"
#include "tests/unit/support_validate.h"

#define HEAD "35=D|49=A|11=id|"

static struct validate_rig *with_groups(void **state)
{
    return validate_by_text(state, validate_groups_text);
}

/* ------------------------------------------------------------------------- hidden in groups */

static void test_stranger_when_between_members_then_refused_as_anywhere(void **state)
{
    struct validate_rig *rig = with_groups(state);
    rig->rules.allows_unknown_fields = true;
    rig->rules.checks_user_defined = false;
    expect_valid(rig, HEAD "453=1|448=a|999=x|6000=y|452=1|");
    expect_fault(rig, HEAD "453=1|448=a|0=x|452=1|", RFX_REJECT_INVALID_TAG, 0);
    expect_fault(rig, HEAD "453=1|448=a|-1=x|452=1|", RFX_REJECT_INVALID_TAG, -1);
    expect_fault(rig, HEAD "453=1|448=a|999=|452=1|", RFX_REJECT_EMPTY_VALUE, 999);
    expect_fault(rig, HEAD "453=1|448=a|452=1|802=1|523=s|6000=|803=1|", RFX_REJECT_EMPTY_VALUE,
                 6000);
    expect_fault(rig, HEAD "453=2|448=a|452=1|6000=|448=b|452=1|", RFX_REJECT_EMPTY_VALUE, 6000);
    /* behind the group it is the message's */
    expect_fault(rig, HEAD "453=1|448=a|452=1|6000=|", RFX_REJECT_EMPTY_VALUE, 6000);
    /* the number of entries comes first */
    expect_fault(rig, HEAD "453=2|448=a|0=x|452=1|", RFX_REJECT_GROUP_COUNT, 453);
    rig->rules.checks_values_present = false;
    expect_valid(rig, HEAD "453=1|448=a|999=|452=1|");
}

static void test_nested_when_wrong_and_more_behind_then_the_first_is_reported(void **state)
{
    struct validate_rig *rig = with_groups(state);
    expect_fault(rig, HEAD "453=1|448=a|452=1|802=1|523=s|803=x|2376=x|", RFX_REJECT_BAD_FORMAT,
                 803);
    expect_fault(rig, HEAD "453=2|448=a|452=1|802=1|523=|448=b|447=x|54=3|", RFX_REJECT_EMPTY_VALUE,
                 523);
}

/* A field of an entry that is also one of a group within: each level has its own marks. */
static void test_nested_when_it_has_a_field_of_its_entry_then_they_are_two(void **state)
{
    struct validate_rig *rig = validate_by_text(
        state, "version FIX.4.4\n"
               "header {\nBeginString\nBodyLength\nMsgType\n}\ntrailer {\nCheckSum\n}\n"
               "message M D app {\nC\ngroup A {\nB\nC *\ngroup D {\nE\nC *\n}\n}\n}\n"
               "field 1 A NUMINGROUP\nfield 2 B STRING\nfield 3 C STRING\n"
               "field 4 D NUMINGROUP\nfield 5 E STRING\nfield 8 BeginString STRING\n"
               "field 9 BodyLength LENGTH\nfield 35 MsgType STRING\n"
               "field 10 CheckSum STRING\n");
    expect_valid(rig, "35=D|3=x|1=2|2=b|3=c|4=2|5=e|3=c|5=f|3=d|2=b|3=c|");
    expect_fault(rig, "35=D|3=x|1=2|2=b|3=c|4=1|5=e|2=b|3=c|", RFX_REJECT_REQUIRED_TAG_MISSING, 3);
    expect_fault(rig, "35=D|1=1|2=b|3=c|4=1|5=e|3=d|3=d|", RFX_REJECT_REPEATED_TAG, 3);
    expect_fault(rig, "35=D|1=1|2=b|4=1|5=e|3=d|", RFX_REJECT_REQUIRED_TAG_MISSING, 3);
}

/* ------------------------------------------------------------------------------------- turns */

#define TWO_ENTRIES HEAD "453=2|448=a|452=1|802=1|523=s|448=b|452=3|"

/* The marks of four thousand million levels ago would be taken for this message's. */
static void test_turns_when_they_come_round_then_nothing_counts_as_seen(void **state)
{
    struct validate_rig *rig = with_groups(state);
    for (uint32_t left = 0; left < 80; left++) {
        struct rfx_validate_scratch *scratch = rig->scratch;
        scratch->turn = UINT32_MAX - left;
        for (size_t row = 0; row < RFX_SEEN_ROWS; row++) {
            for (size_t i = 0; i < 64; i++) {
                scratch->seen[row][i] = (uint32_t)i + 1; /* of the first turns */
            }
        }
        expect_valid(rig, TWO_ENTRIES);
        expect_fault(rig, "35=D|49=A|", RFX_REJECT_REQUIRED_TAG_MISSING, 11);
        expect_fault(rig, HEAD "453=2|448=a|452=1|448=b|", RFX_REJECT_REQUIRED_TAG_MISSING, 452);
        expect_fault(rig, TWO_ENTRIES "11=id|", RFX_REJECT_REPEATED_TAG, 11);
        assert_true(scratch->turn < 200);
    }
}

/* No message uses more turns than were set aside for it. */
static void test_turns_when_every_field_opens_a_level_then_enough_are_left(void **state)
{
    struct validate_rig *rig = validate_by_text(
        state, "version FIX.4.4\n"
               "header {\nBeginString\nBodyLength\nMsgType\n}\ntrailer {\nCheckSum\n}\n"
               "message M D app {\ngroup A {\ngroup B {\nC\n}\n}\n}\n"
               "field 1 A NUMINGROUP\nfield 2 B NUMINGROUP\nfield 3 C STRING\n"
               "field 8 BeginString STRING\nfield 9 BodyLength LENGTH\nfield 35 MsgType STRING\n"
               "field 10 CheckSum STRING\n");
    static char body[FIX_TEXT_MAX - 100];
    size_t size = (size_t)snprintf(body, sizeof body, "35=D|1=1000|");
    for (int i = 0; i < 1000; i++) {
        size += (size_t)snprintf(body + size, sizeof body - size, "2=0|");
    }
    expect_valid(rig, body);
    uint32_t before = rig->scratch->turn;
    struct rfx_fault fault;
    assert_true(rfx_validate(&rig->rules, &rig->message, rig->scratch, &fault));
    assert_true(rig->scratch->turn - before > 2000); /* the worst: two for each field */
    assert_true(rig->scratch->turn - before < 2 * rig->message.field_count + 16);
}

/* The order of members is noted once in a message, but a dictionary may have gone since the last
 * one and another come to its place. */
static void test_order_when_another_message_comes_then_noted_anew(void **state)
{
    struct validate_rig *rig = with_groups(state);
    const char *ordered = HEAD "453=2|448=a|447=D|452=1|802=1|523=s|448=b|452=1|802=1|523=t|";
    expect_valid(rig, ordered);
    for (size_t row = 0; row < RFX_SEEN_ROWS; row++) {
        memset(rig->scratch->places[row].of, 0, sizeof rig->scratch->places[row].of);
    }
    expect_valid(rig, ordered);
}

/* -------------------------------------------------------------------------------------- cost */

/* The linker sends the calls of other files here: how often a tag or a group was looked up. */
static size_t lookups;

int32_t __real_rfx_dict_field_of(const struct rfx_dictionary *dictionary, int32_t tag);
int32_t __wrap_rfx_dict_field_of(const struct rfx_dictionary *dictionary, int32_t tag);
const struct rfx_dict_group *__real_rfx_dict_group_of(const struct rfx_dictionary *dictionary,
                                                      uint16_t set, int32_t field_index);
const struct rfx_dict_group *__wrap_rfx_dict_group_of(const struct rfx_dictionary *dictionary,
                                                      uint16_t set, int32_t field_index);

int32_t __wrap_rfx_dict_field_of(const struct rfx_dictionary *dictionary, int32_t tag)
{
    lookups++;
    return __real_rfx_dict_field_of(dictionary, tag);
}

const struct rfx_dict_group *__wrap_rfx_dict_group_of(const struct rfx_dictionary *dictionary,
                                                      uint16_t set, int32_t field_index)
{
    lookups++;
    return __real_rfx_dict_group_of(dictionary, set, field_index);
}

/* `first`, then `again` as often as it fits, then `last`. */
static const char *long_body(const char *first, const char *again, const char *last)
{
    static char body[FIX_TEXT_MAX - 100];
    size_t size = (size_t)snprintf(body, sizeof body, "%s", first);
    while (size + strlen(again) + strlen(last) < sizeof body) {
        size += (size_t)snprintf(body + size, sizeof body - size, "%s", again);
    }
    snprintf(body + size, sizeof body - size, "%s", last);
    return body;
}

/* So many look-ups for each field at most, whatever is in them. */
static void expect_cheap(struct validate_rig *rig, size_t per_field)
{
    if (lookups > per_field * rig->message.field_count) {
        fail_msg("%zu look-ups for %u fields", lookups, rig->message.field_count);
    }
}

static void test_cost_when_messages_are_made_to_be_dear_then_it_grows_as_they_do(void **state)
{
    static const struct {
        const char *first;
        const char *again;
        const char *last;
    } cases[] = {
        {HEAD, "453=1|", ""},
        {HEAD, "453=1|448=a|452=1|", ""},
        {HEAD "453=9|", "448=a|452=1|802=0|", ""},
        {HEAD "453=9|", "448=a|452=1|802=1|523=s|", ""},
        {HEAD "453=9|", "448=a|452=1|802=1|523=s|", "448=a|452=1|802=2|523=s|"},
        {HEAD "453=9|", "448=a|802=9|523=s|", ""},
        {HEAD "453=1|448=a|452=1|802=1|523=s|", "6000=x|", ""},
        {HEAD "453=9|", "448=a|452=1|802=1|523=s|6000=x|6001=y|6002=z|", ""},
        {HEAD, "6000=x|", ""},
        {"35=D|49=A|627=1|628=x|", "6000=x|", ""},
        {"35=D|49=A|627=9|", "628=x|", ""},
        {HEAD "58=|", "453=1|448=a|452=1|", ""},
    };
    struct validate_rig *rig = with_groups(state);
    rig->rules.checks_user_defined = false;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rfx_fault fault;
        struct rfx_group group;
        struct rfx_entry entry;
        validate_index(rig, long_body(cases[i].first, cases[i].again, cases[i].last));
        lookups = 0;
        (void)rfx_validate(&rig->rules, &rig->message, rig->scratch, &fault);
        expect_cheap(rig, 8);
        lookups = 0;
        assert_int_equal(rfx_message_group(&rig->message, 78, &group), RFX_E_NOT_FOUND);
        expect_cheap(rig, 12);
        lookups = 0;
        for (bool has = rfx_message_group(&rig->message, 453, &group) == RFX_OK; has;) {
            has = rfx_group_next(&group, &entry);
        }
        expect_cheap(rig, 16);
    }
}

/* A fault at the bottom is found once and not again at each level above. */
static void
test_cost_when_the_deepest_group_is_wrong_then_a_walk_for_each_level_at_most(void **state)
{
    static char text[FIX_TEXT_MAX];
    char body[1024] = "35=D|";
    const int depth = RFX_DRAFT_DEPTH_MAX - 1;
    size_t size = (size_t)snprintf(
        text, sizeof text,
        "version FIX.4.4\nheader {\nBeginString\nBodyLength\nMsgType\n}\n"
        "trailer {\nCheckSum\n}\nfield 8 BeginString STRING\nfield 9 BodyLength LENGTH\n"
        "field 10 CheckSum STRING\nfield 35 MsgType STRING\nmessage M D app {\n");
    for (int i = 0; i < depth; i++) {
        size_t end = strlen(body);
        size += (size_t)snprintf(text + size, sizeof text - size, "group N%d {\nV%d\n", i, i);
        snprintf(body + end, sizeof body - end, "%d=%d|%d=x|", 100 + i, 1 + (i == depth - 1),
                 200 + i);
    }
    for (int i = 0; i <= depth; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size, "}\n");
    }
    for (int i = 0; i < depth; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size,
                                 "field %d N%d NUMINGROUP\nfield %d V%d STRING\n", 100 + i, i,
                                 200 + i, i);
    }
    struct validate_rig *rig = validate_by_text(state, text);
    rig->rules.checks_user_defined = false;
    strcat(body, "6000=x|6000=x|6000=x|6000=x|6000=x|6000=x|6000=x|6000=x|");
    validate_index(rig, body);
    lookups = 0;
    expect_fault(rig, body, RFX_REJECT_GROUP_COUNT, 100 + depth - 1);
    expect_cheap(rig, 2 * 5 * (size_t)depth); /* expect_fault() validates twice */
}

/* As many fields as can be in so many bytes. */
static void test_fields_when_as_many_as_can_be_then_all_are_checked(void **state)
{
    struct validate_rig *rig = with_groups(state);
    const char *shortest = long_body("35=D|", "1=|", "");
    rig->rules.allows_unknown_fields = true;
    rig->rules.checks_values_present = false;
    expect_fault(rig, shortest, RFX_REJECT_REQUIRED_TAG_MISSING, 49);
    assert_true(rig->message.field_count > (FIX_TEXT_MAX - 200) / 3);
    expect_valid(rig, long_body(HEAD, "1=|", ""));
    expect_fault(rig, long_body(HEAD, "1=|", "54=3|"), RFX_REJECT_VALUE_INCORRECT, 54);
    rig->rules.checks_values_present = true;
    expect_fault(rig, long_body(HEAD, "1=|", ""), RFX_REJECT_EMPTY_VALUE, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, validate_set_up, validate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stranger_when_between_members_then_refused_as_anywhere),
        TEST(test_nested_when_wrong_and_more_behind_then_the_first_is_reported),
        TEST(test_nested_when_it_has_a_field_of_its_entry_then_they_are_two),
        TEST(test_turns_when_they_come_round_then_nothing_counts_as_seen),
        TEST(test_turns_when_every_field_opens_a_level_then_enough_are_left),
        TEST(test_order_when_another_message_comes_then_noted_anew),
        TEST(test_cost_when_messages_are_made_to_be_dear_then_it_grows_as_they_do),
        TEST(test_cost_when_the_deepest_group_is_wrong_then_a_walk_for_each_level_at_most),
        TEST(test_fields_when_as_many_as_can_be_then_all_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
