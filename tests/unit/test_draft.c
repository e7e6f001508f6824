/* The draft of a dictionary: what becomes of it, and what it refuses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/draft.h"
#include "tests/support.h"

static struct rfx_bytes text_of(const char *text)
{
    return rfx_bytes_of(text, strlen(text));
}

enum need { OPTIONAL, REQUIRED };

static void field(struct rfx_draft *draft, size_t line, int32_t tag, const char *name)
{
    rfx_draft_field(draft, line, tag, text_of(name), RFX_TYPE_STRING);
}

static void value(struct rfx_draft *draft, size_t line, const char *text, const char *description)
{
    rfx_draft_value(draft, line, text_of(text), text_of(description));
}

static void has(struct rfx_draft *draft, size_t line, const char *name, enum need need)
{
    rfx_draft_member_field(draft, line, text_of(name), need == REQUIRED);
}

static void includes(struct rfx_draft *draft, size_t line, const char *name, enum need need)
{
    rfx_draft_member_component(draft, line, text_of(name), need == REQUIRED);
}

static void group(struct rfx_draft *draft, size_t line, const char *counter, enum need need)
{
    rfx_draft_group(draft, line, text_of(counter), need == REQUIRED);
}

static void message(struct rfx_draft *draft, size_t line, const char *name, const char *type)
{
    rfx_draft_message(draft, line, text_of(name), text_of(type), false);
}

static void component(struct rfx_draft *draft, size_t line, const char *name)
{
    rfx_draft_component(draft, line, text_of(name));
}

/* A draft with version, header, trailer and the fields One to Nine of tags 1 to 9. */
static struct rfx_draft *started(void)
{
    static const char *const names[] = {"One", "Two",   "Three", "Four", "Five",
                                        "Six", "Seven", "Eight", "Nine"};
    struct rfx_draft *draft;
    assert_int_equal(rfx_draft_open(&draft), RFX_OK);
    rfx_draft_version(draft, 1, text_of("FIX.4.4"));
    for (int i = 0; i < 9; i++) {
        field(draft, 2, i + 1, names[i]);
    }
    rfx_draft_header(draft, 3);
    has(draft, 3, "One", REQUIRED);
    rfx_draft_end(draft, 3);
    rfx_draft_trailer(draft, 4);
    has(draft, 4, "Two", REQUIRED);
    rfx_draft_end(draft, 4);
    return draft;
}

static const struct rfx_dictionary *build(struct rfx_draft *draft)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {.text = ""};
    if (rfx_draft_build(draft, "a.dict", &dictionary, &error) != RFX_OK) {
        fail_msg("not built: %s", error.text);
    }
    rfx_draft_close(draft);
    return dictionary;
}

static void expect_refused(struct rfx_draft *draft, const char *text)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {.text = ""};
    assert_int_equal(rfx_draft_build(draft, "a.dict", &dictionary, &error), RFX_E_CONFIG);
    assert_string_equal(error.text, text);
    assert_null(dictionary);
    rfx_draft_close(draft);
}

/* The tags of a set as text, "!" behind required ones, "(...)" around those of a group. */
static void describe(const struct rfx_dictionary *dictionary, uint16_t set_index, char *out)
{
    const struct rfx_dict_set *set = &dictionary->sets[set_index];
    for (uint32_t i = 0; i < set->member_count; i++) {
        uint16_t member = dictionary->members[set->first_member + i];
        bool is_required = false;
        for (uint32_t j = 0; j < set->required_count; j++) {
            is_required |= dictionary->required[set->first_required + j] == member;
        }
        assert_true(rfx_dict_set_has(dictionary, set_index, member));
        sprintf(out + strlen(out), "%s%d%s", i > 0 ? " " : "", (int)dictionary->fields[member].tag,
                is_required ? "!" : "");
        const struct rfx_dict_group *inner = rfx_dict_group_of(dictionary, set_index, member);
        if (inner != NULL) {
            assert_int_equal(inner->counter, member);
            strcat(out, "(");
            describe(dictionary, inner->set, out);
            strcat(out, ")");
        }
    }
}

static void expect_message(const struct rfx_dictionary *dictionary, const char *name,
                           const char *expected)
{
    char text[1000] = "";
    const struct rfx_dict_message *found = rfx_dict_message_named(dictionary, name);
    assert_non_null(found);
    describe(dictionary, found->set, text);
    assert_string_equal(text, expected);
}

/* ------------------------------------------------------------------------------ what is built */

static void test_draft_when_built_then_fields_and_values_are_found(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    field(draft, 10, 70000, "Far");
    field(draft, 11, 54, "Side");
    value(draft, 12, "10", "TEN");
    value(draft, 13, "2", "SELL");
    value(draft, 14, "1", "BUY");
    value(draft, 15, "2", "again");
    const struct rfx_dictionary *dictionary = build(draft);
    int32_t side = rfx_dict_field_of(dictionary, 54);
    assert_string_equal(rfx_dict_text(dictionary, dictionary->fields[side].name), "Side");
    assert_int_equal(rfx_dict_field_named(dictionary, "Side"), side);
    assert_int_equal(rfx_dict_field_of(dictionary, 70000), side + 1);
    assert_int_equal(rfx_dict_field_of(dictionary, 69999), RFX_NO_FIELD);
    assert_int_equal(rfx_dict_field_of(dictionary, INT32_MAX), RFX_NO_FIELD);
    assert_int_equal(rfx_dict_field_of(dictionary, 53), RFX_NO_FIELD);
    assert_int_equal(rfx_dict_field_of(dictionary, 0), RFX_NO_FIELD);
    assert_int_equal(rfx_dict_field_of(dictionary, -1), RFX_NO_FIELD);
    assert_int_equal(rfx_dict_field_named(dictionary, "side"), RFX_NO_FIELD);
    assert_int_equal(dictionary->fields[side].value_count, 3);
    const struct rfx_dict_value *first = &dictionary->values[dictionary->fields[side].first_value];
    assert_string_equal(rfx_dict_text(dictionary, first[1].description), "SELL");
    assert_string_equal(rfx_dict_text(dictionary, first[2].text), "10");
    assert_true(rfx_dict_has_value(dictionary, side, text_of("1")));
    assert_true(rfx_dict_has_value(dictionary, side, text_of("10")));
    assert_false(rfx_dict_has_value(dictionary, side, text_of("3")));
    assert_false(rfx_dict_has_value(dictionary, side, text_of("")));
    assert_false(rfx_dict_has_value(dictionary, side, text_of("100")));
    assert_true(rfx_dict_has_value(dictionary, side + 1, text_of("anything")));
    assert_string_equal(rfx_dictionary_version(dictionary), "FIX.4.4");
    rfx_dictionary_free(dictionary);
}

static void test_draft_when_built_then_messages_are_found_by_type_and_name(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    message(draft, 10, "Long", "AE");
    rfx_draft_end(draft, 10);
    rfx_draft_message(draft, 11, text_of("Short"), text_of("Z"), true);
    rfx_draft_end(draft, 11);
    message(draft, 12, "Other", "AB");
    rfx_draft_end(draft, 12);
    const struct rfx_dictionary *dictionary = build(draft);
    const struct rfx_dict_message *found = rfx_dict_message_of(dictionary, text_of("AE"));
    assert_ptr_equal(found, rfx_dict_message_named(dictionary, "Long"));
    assert_false(found->is_admin);
    found = rfx_dict_message_of(dictionary, text_of("Z"));
    assert_ptr_equal(found, &dictionary->messages[0]);
    assert_true(found->is_admin);
    assert_string_equal(rfx_dict_text(dictionary, found->name), "Short");
    assert_null(rfx_dict_message_of(dictionary, text_of("A")));
    assert_null(rfx_dict_message_of(dictionary, text_of("AEE")));
    assert_null(rfx_dict_message_of(dictionary, text_of("\xff")));
    assert_null(rfx_dict_message_of(dictionary, text_of("")));
    assert_null(rfx_dict_message_named(dictionary, "long"));
    rfx_dictionary_free(dictionary);
}

static void test_draft_when_components_nest_then_required_needs_all_around_it(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    message(draft, 10, "Order", "D");
    includes(draft, 11, "Outer", REQUIRED);
    rfx_draft_end(draft, 12);
    message(draft, 13, "Cancel", "F");
    includes(draft, 14, "Outer", OPTIONAL);
    has(draft, 15, "Nine", REQUIRED);
    rfx_draft_end(draft, 16);
    component(draft, 17, "Outer");
    has(draft, 18, "Three", REQUIRED);
    includes(draft, 19, "Inner", OPTIONAL);
    includes(draft, 20, "Other", REQUIRED);
    rfx_draft_end(draft, 21);
    component(draft, 22, "Inner");
    has(draft, 23, "Four", REQUIRED);
    rfx_draft_end(draft, 24);
    component(draft, 25, "Other");
    has(draft, 26, "Five", REQUIRED);
    has(draft, 27, "Six", OPTIONAL);
    rfx_draft_end(draft, 28);
    const struct rfx_dictionary *dictionary = build(draft);
    expect_message(dictionary, "Order", "3! 4 5! 6");
    expect_message(dictionary, "Cancel", "3 4 5 6 9!");
    assert_int_equal(rfx_dict_component_named(dictionary, "Other")->item_count, 2);
    assert_null(rfx_dict_component_named(dictionary, "Third"));
    rfx_dictionary_free(dictionary);
}

static void test_draft_when_groups_nest_then_each_level_counts_from_itself(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    component(draft, 10, "Parties");
    group(draft, 11, "Three", REQUIRED);
    has(draft, 12, "Four", REQUIRED);
    group(draft, 13, "Five", OPTIONAL);
    has(draft, 14, "Six", REQUIRED);
    rfx_draft_end(draft, 15);
    has(draft, 16, "Seven", OPTIONAL);
    rfx_draft_end(draft, 17);
    rfx_draft_end(draft, 18);
    message(draft, 19, "Order", "D");
    has(draft, 20, "Eight", OPTIONAL);
    includes(draft, 21, "Parties", OPTIONAL);
    rfx_draft_end(draft, 22);
    message(draft, 23, "Report", "8");
    includes(draft, 24, "Parties", REQUIRED);
    rfx_draft_end(draft, 25);
    const struct rfx_dictionary *dictionary = build(draft);
    expect_message(dictionary, "Order", "8 3(4! 5(6!) 7)");
    expect_message(dictionary, "Report", "3!(4! 5(6!) 7)");
    assert_int_equal(dictionary->group_count, 2); /* written once, shared */
    const struct rfx_dict_component *parties = rfx_dict_component_named(dictionary, "Parties");
    assert_int_equal(dictionary->items[parties->first_item].kind, RFX_ITEM_GROUP);
    assert_int_equal(dictionary->items[parties->first_item].is_required, 1);
    rfx_dictionary_free(dictionary);
}

static void test_draft_when_a_field_is_twice_at_a_level_then_it_counts_once(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    message(draft, 10, "Order", "D");
    has(draft, 11, "Three", OPTIONAL);
    has(draft, 12, "Four", OPTIONAL);
    has(draft, 13, "Three", REQUIRED);
    rfx_draft_end(draft, 14);
    const struct rfx_dictionary *dictionary = build(draft);
    expect_message(dictionary, "Order", "3! 4");
    assert_int_equal(rfx_dict_message_named(dictionary, "Order")->item_count, 3);
    rfx_dictionary_free(dictionary);
}

static void test_draft_of_fix50_when_it_has_no_header_then_header_is_empty(void **state)
{
    (void)state;
    struct rfx_draft *draft;
    assert_int_equal(rfx_draft_open(&draft), RFX_OK);
    rfx_draft_version(draft, 1, text_of("FIX.5.0SP2"));
    const struct rfx_dictionary *dictionary = build(draft);
    assert_int_equal(dictionary->sets[dictionary->header.set].member_count, 0);
    assert_int_equal(dictionary->sets[dictionary->trailer.set].member_count, 0);
    assert_int_equal(rfx_dict_field_of(dictionary, 8), RFX_NO_FIELD);
    assert_string_equal(rfx_dict_text(dictionary, dictionary->header.name), "");
    rfx_dictionary_free(dictionary);
}

/* ---------------------------------------------------------------------------- what is refused */

static void test_draft_when_names_are_repeated_then_both_lines_are_named(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    field(draft, 10, 9, "Ten");
    expect_refused(draft, "a.dict:10: tag 9 is defined in line 2 already");
    draft = started();
    field(draft, 10, 10, "Nine");
    expect_refused(draft, "a.dict:10: field Nine is defined in line 2 already");
    for (int i = 0; i < 2; i++) {
        draft = started();
        message(draft, 10, "Order", "D");
        rfx_draft_end(draft, 10);
        message(draft, 11, i == 0 ? "Order" : "Cancel", i == 0 ? "F" : "D");
        rfx_draft_end(draft, 11);
        expect_refused(draft, i == 0 ? "a.dict:11: message Order is defined in line 10 already"
                                     : "a.dict:11: MsgType D is defined in line 10 already");
    }
    draft = started();
    component(draft, 10, "Parties");
    rfx_draft_end(draft, 10);
    component(draft, 11, "Parties");
    rfx_draft_end(draft, 11);
    expect_refused(draft, "a.dict:11: component Parties is defined in line 10 already");
}

static void test_draft_when_a_name_is_not_defined_then_its_line_is_named(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    message(draft, 10, "Order", "D");
    has(draft, 11, "Ten", OPTIONAL);
    rfx_draft_end(draft, 12);
    expect_refused(draft, "a.dict:11: field Ten is not defined");
    draft = started();
    message(draft, 10, "Order", "D");
    includes(draft, 11, "One", OPTIONAL);
    rfx_draft_end(draft, 12);
    expect_refused(draft, "a.dict:11: component One is not defined");
    draft = started();
    message(draft, 10, "Order", "D");
    group(draft, 11, "NoTens", OPTIONAL);
    has(draft, 12, "One", OPTIONAL);
    rfx_draft_end(draft, 13);
    rfx_draft_end(draft, 14);
    expect_refused(draft, "a.dict:11: field NoTens, which counts a group, is not defined");
}

static void test_draft_when_a_component_contains_itself_then_the_way_is_shown(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    message(draft, 10, "Order", "D");
    includes(draft, 11, "A", OPTIONAL);
    rfx_draft_end(draft, 12);
    component(draft, 13, "A");
    includes(draft, 14, "B", OPTIONAL);
    rfx_draft_end(draft, 15);
    component(draft, 16, "B");
    group(draft, 17, "Three", OPTIONAL);
    has(draft, 18, "Four", OPTIONAL);
    includes(draft, 19, "C", OPTIONAL);
    rfx_draft_end(draft, 20);
    rfx_draft_end(draft, 21);
    component(draft, 22, "C");
    includes(draft, 23, "B", OPTIONAL);
    rfx_draft_end(draft, 24);
    expect_refused(draft, "a.dict:23: component B contains itself: B > C > B");
}

static void test_draft_when_components_multiply_then_it_is_refused(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    message(draft, 10, "Order", "D");
    includes(draft, 11, "C0", OPTIONAL);
    rfx_draft_end(draft, 12);
    for (int i = 0; i < 30; i++) { /* twice the next one each, and not one field in all */
        char name[16];
        char next[16];
        snprintf(name, sizeof name, "C%d", i);
        snprintf(next, sizeof next, "C%d", i + 1);
        component(draft, 13, name);
        if (i < 29) {
            includes(draft, 13, next, OPTIONAL);
            includes(draft, 13, next, OPTIONAL);
        }
        rfx_draft_end(draft, 13);
    }
    expect_refused(draft, "a.dict:13: more than 2000000 members with all components spread out");
}

static void chain(struct rfx_draft *draft, int length)
{
    for (int i = 0; i < length; i++) {
        char name[16];
        char next[16];
        snprintf(name, sizeof name, "C%d", i);
        snprintf(next, sizeof next, "C%d", i + 1);
        component(draft, 20 + (size_t)i, name);
        if (i + 1 < length) {
            includes(draft, 20 + (size_t)i, next, OPTIONAL);
        } else {
            has(draft, 20 + (size_t)i, "Nine", OPTIONAL);
        }
        rfx_draft_end(draft, 20 + (size_t)i);
    }
    message(draft, 10, "Order", "D");
    includes(draft, 11, "C0", OPTIONAL);
    rfx_draft_end(draft, 12);
}

static void test_draft_when_nesting_is_too_deep_then_it_is_refused(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    chain(draft, RFX_DRAFT_DEPTH_MAX);
    const struct rfx_dictionary *dictionary = build(draft);
    expect_message(dictionary, "Order", "9");
    rfx_dictionary_free(dictionary);
    draft = started();
    chain(draft, RFX_DRAFT_DEPTH_MAX + 1);
    expect_refused(draft, "a.dict:11: groups and components nest more than 32 deep at C0");
    draft = started();
    chain(draft, 9000); /* found before the stack is used up */
    expect_refused(draft, "a.dict:52: groups and components nest more than 32 deep at C33");
    draft = started();
    message(draft, 10, "Order", "D");
    for (size_t i = 0; i < RFX_DRAFT_DEPTH_MAX; i++) {
        group(draft, 11 + i, "One", OPTIONAL);
    }
    expect_refused(draft, "a.dict:42: groups nest more than 31 deep");
}

static void test_draft_when_a_group_is_empty_or_twice_then_it_is_refused(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    message(draft, 10, "Order", "D");
    group(draft, 11, "Three", OPTIONAL);
    rfx_draft_end(draft, 12);
    rfx_draft_end(draft, 13);
    expect_refused(draft, "a.dict:11: this group has no fields");
    draft = started();
    message(draft, 10, "Order", "D");
    for (size_t i = 0; i < 2; i++) {
        group(draft, 11 + i, "Three", OPTIONAL);
        has(draft, 11 + i, "Four", OPTIONAL);
        rfx_draft_end(draft, 11 + i);
    }
    rfx_draft_end(draft, 13);
    expect_refused(draft, "a.dict:12: a second group that Three counts at one level");
}

static void test_draft_when_something_is_missing_then_it_is_refused(void **state)
{
    (void)state;
    struct rfx_draft *draft;
    assert_int_equal(rfx_draft_open(&draft), RFX_OK);
    expect_refused(draft, "a.dict: the version is missing");
    assert_int_equal(rfx_draft_open(&draft), RFX_OK);
    rfx_draft_version(draft, 1, text_of("FIX.4.4"));
    expect_refused(draft, "a.dict: a dictionary of FIX.4.4 needs a header");
    assert_int_equal(rfx_draft_open(&draft), RFX_OK);
    rfx_draft_version(draft, 1, text_of("FIXT.1.1"));
    rfx_draft_header(draft, 2);
    rfx_draft_end(draft, 2);
    expect_refused(draft, "a.dict: a dictionary of FIXT.1.1 needs a trailer");
    assert_int_equal(rfx_draft_open(&draft), RFX_OK);
    rfx_draft_version(draft, 1, text_of("FIX.4.4"));
    rfx_draft_header(draft, 2);
    rfx_draft_end(draft, 2);
    rfx_draft_trailer(draft, 3);
    rfx_draft_end(draft, 3);
    expect_refused(draft, "a.dict:2: this header has no fields");
    draft = started();
    message(draft, 10, "Order", "D");
    expect_refused(draft, "a.dict:10: what begins here is not ended");
    draft = started();
    message(draft, 10, "", "D");
    expect_refused(draft, "a.dict:10: the name of the message is missing");
}

static void test_draft_when_texts_are_hostile_then_it_is_refused(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    rfx_draft_field(draft, 10, 10, rfx_bytes_of("A\0B", 3), RFX_TYPE_STRING);
    expect_refused(draft, "a.dict:10: the name of the field holds a control character");
    draft = started();
    char *large = calloc(1, RFX_DRAFT_TEXT_MAX + 1);
    memset(large, 'x', RFX_DRAFT_TEXT_MAX + 1);
    rfx_draft_value(draft, 10, text_of("1"), rfx_bytes_of(large, RFX_DRAFT_TEXT_MAX));
    assert_false(rfx_draft_has_failed(draft));
    rfx_draft_value(draft, 11, text_of("2"), rfx_bytes_of(large, RFX_DRAFT_TEXT_MAX + 1));
    assert_true(rfx_draft_has_failed(draft));
    expect_refused(draft, "a.dict:11: the description is longer than 4096 bytes");
    free(large);
    draft = started();
    field(draft, 10, 0, "Zero");
    expect_refused(draft, "a.dict:10: tag 0; tags start at 1");
}

static void test_draft_when_there_is_too_much_then_it_is_refused(void **state)
{
    (void)state;
    char name[16];
    struct rfx_draft *draft = started();
    for (int i = 10; i <= RFX_DRAFT_FIELDS_MAX + 1; i++) {
        snprintf(name, sizeof name, "F%d", i);
        field(draft, (size_t)i, i, name);
    }
    expect_refused(draft, "a.dict:32001: more than 32000 fields");
    draft = started();
    message(draft, 10, "Order", "D");
    for (int i = 0; i < RFX_DRAFT_ITEMS_MAX; i++) {
        has(draft, 11, "One", OPTIONAL);
    }
    expect_refused(draft, "a.dict:11: more than 200000 members of messages, components and groups");
    draft = started();
    for (int i = 0; i < RFX_DRAFT_SETS_MAX - 1; i++) {
        snprintf(name, sizeof name, "M%d", i);
        message(draft, (size_t)i, name, name);
        rfx_draft_end(draft, (size_t)i);
    }
    expect_refused(draft, "a.dict:9998: more than 9998 messages and groups");
}

static void test_draft_when_it_has_failed_then_the_first_fault_is_kept(void **state)
{
    (void)state;
    struct rfx_draft *draft = started();
    rfx_draft_fail(draft, 10, "no %s", "luck");
    rfx_draft_fail(draft, 11, "later");
    rfx_draft_header(draft, 12);
    has(draft, 13, "", REQUIRED);
    rfx_draft_end(draft, 14);
    value(draft, 15, "", "");
    expect_refused(draft, "a.dict:10: no luck");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draft_when_built_then_fields_and_values_are_found),
        cmocka_unit_test(test_draft_when_built_then_messages_are_found_by_type_and_name),
        cmocka_unit_test(test_draft_when_components_nest_then_required_needs_all_around_it),
        cmocka_unit_test(test_draft_when_groups_nest_then_each_level_counts_from_itself),
        cmocka_unit_test(test_draft_when_a_field_is_twice_at_a_level_then_it_counts_once),
        cmocka_unit_test(test_draft_of_fix50_when_it_has_no_header_then_header_is_empty),
        cmocka_unit_test(test_draft_when_names_are_repeated_then_both_lines_are_named),
        cmocka_unit_test(test_draft_when_a_name_is_not_defined_then_its_line_is_named),
        cmocka_unit_test(test_draft_when_a_component_contains_itself_then_the_way_is_shown),
        cmocka_unit_test(test_draft_when_components_multiply_then_it_is_refused),
        cmocka_unit_test(test_draft_when_nesting_is_too_deep_then_it_is_refused),
        cmocka_unit_test(test_draft_when_a_group_is_empty_or_twice_then_it_is_refused),
        cmocka_unit_test(test_draft_when_something_is_missing_then_it_is_refused),
        cmocka_unit_test(test_draft_when_texts_are_hostile_then_it_is_refused),
        cmocka_unit_test(test_draft_when_there_is_too_much_then_it_is_refused),
        cmocka_unit_test(test_draft_when_it_has_failed_then_the_first_fault_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
