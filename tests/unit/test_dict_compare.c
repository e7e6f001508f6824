/* Every difference between two dictionaries is told, and nothing else is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dict_compare.h"
#include "core/dict_text.h"
#include "tests/support.h"

#define FIELDS                                                                                     \
    "field 1 A STRING\nfield 2 B INT\nfield 3 NoC NUMINGROUP\nfield 4 D CHAR {\n1 ONE\n2 TWO\n}\n" \
    "field 10 NoE NUMINGROUP\n"
#define FRAME "version FIX.4.4\nheader {\nA *\nB\n}\ntrailer {\nA\n}\n"
#define MESSAGE                                                                                    \
    "message Order D app {\nA *\ncomponent X\ngroup NoC {\nB *\nD\ngroup NoE {\nA\n}\n}\n}\n"
#define COMPONENT "component X {\nD\nB\n}\n"
#define WHOLE     FRAME MESSAGE COMPONENT FIELDS

struct told {
    char text[4096];
    size_t size;
    size_t lines_max;
    size_t lines;
};

static bool tell(void *context, const char *line)
{
    struct told *told = context;
    told->size +=
        (size_t)snprintf(told->text + told->size, sizeof told->text - told->size, "%s\n", line);
    assert_true(told->size < sizeof told->text);
    return ++told->lines < told->lines_max;
}

static const struct rfx_dictionary *dictionary_of(const char *text)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {""};
    if (rfx_dict_read(rfx_bytes_of(text, strlen(text)), "test.dict", &dictionary, &error) !=
        RFX_OK) {
        fail_msg("%s in\n%s", error.text, text);
    }
    return dictionary;
}

static size_t differences(const char *first, const char *second, struct told *told)
{
    const struct rfx_dictionary *a = dictionary_of(first);
    const struct rfx_dictionary *b = dictionary_of(second);
    size_t count = 0;
    assert_int_equal(rfx_dict_differences(a, b, tell, told, &count), RFX_OK);
    rfx_dictionary_free(b);
    rfx_dictionary_free(a);
    return count;
}

/* The whole with one part of it replaced. */
static char *replaced(const char *part, const char *by)
{
    const char *place = strstr(WHOLE, part);
    char *text = NULL;
    assert_non_null(place);
    assert_true(asprintf(&text, "%.*s%s%s", (int)(place - WHOLE), WHOLE, by, place + strlen(part)) >
                0);
    return text;
}

/* Told both ways round; the lines of the second way are those with the sides changed. */
static void expect(const char *part, const char *by, const char *lines)
{
    struct told told = {.lines_max = SIZE_MAX};
    char *changed = replaced(part, by);
    size_t count = differences(WHOLE, changed, &told);
    assert_string_equal(told.text, lines);
    assert_int_equal(count, told.lines);
    struct told reverse = {.lines_max = SIZE_MAX};
    assert_int_equal(differences(changed, WHOLE, &reverse), count);
    assert_string_not_equal(reverse.text, lines);
    free(changed);
}

static void test_dictionaries_when_equal_then_nothing_is_told(void **state)
{
    (void)state;
    struct told told = {.lines_max = SIZE_MAX};
    assert_int_equal(differences(WHOLE, WHOLE, &told), 0);
    assert_int_equal(differences(WHOLE, FIELDS COMPONENT MESSAGE FRAME, &told), 0);
    assert_string_equal(told.text, "");
}

static void test_fields_when_different_then_each_fact_is_told(void **state)
{
    (void)state;
    expect("FIX.4.4", "FIX.4.3", "version: FIX.4.4 in the first, FIX.4.3 in the second\n");
    expect("field 2 B INT", "field 2 B QTY",
           "field 2 B: type INT in the first, QTY in the second\n");
    expect("1 ONE\n2 TWO\n", "2 TWO\n1 UNO\n3 X\n",
           "field 4 D: value '1' is 'ONE' in the first, 'UNO' in the second\n"
           "field 4 D: value '3' only in the second\n");
    expect(" {\n1 ONE\n2 TWO\n}", "",
           "field 4 D: value '1' only in the first\nfield 4 D: value '2' only in the first\n");
    expect("field 4 D CHAR", "field 12 Z INT\nfield 4 D CHAR", "field 12 Z: only in the second\n");
}

static void test_field_when_renamed_then_it_stays_the_same_member(void **state)
{
    (void)state;
    struct told told = {.lines_max = SIZE_MAX};
    assert_int_equal(differences(FRAME FIELDS,
                                 "version FIX.4.4\nheader {\nZ *\nB\n}\ntrailer {\nZ\n}\n"
                                 "field 1 Z STRING\nfield 2 B INT\nfield 3 NoC NUMINGROUP\n"
                                 "field 4 D CHAR {\n1 ONE\n2 TWO\n}\nfield 10 NoE NUMINGROUP\n",
                                 &told),
                     1);
    assert_string_equal(told.text, "field 1 A: named 'Z' in the second\n");
}

static void test_members_when_different_then_the_place_is_told(void **state)
{
    (void)state;
    expect("header {\nA *\nB\n}", "header {\nA\n}",
           "header: field 1 A required in the first, optional in the second\n"
           "header: field 2 B only in the first\n");
    expect("trailer {\nA\n}", "trailer {\nA\nD\n}", "trailer: field 4 D only in the second\n");
    expect("component X\n", "component X *\n",
           "message D Order: component X optional in the first, required in the second\n");
    expect("component X\n", "", "message D Order: component X only in the first\n");
    expect("B *\nD\n", "B *\n", "message D Order, group 3 NoC: field 4 D only in the first\n");
    expect("group NoE {\nA\n}", "group NoE {\nA *\n}",
           "message D Order, group 3 NoC, group 10 NoE: field 1 A optional in the first, required "
           "in the second\n");
    expect("group NoE {\nA\n}\n", "NoE\n",
           "message D Order, group 3 NoC: field 10 NoE only in the second\n"
           "message D Order, group 3 NoC: group 10 NoE only in the first\n");
}

static void test_members_when_in_another_order_then_the_first_place_is_told(void **state)
{
    (void)state;
    expect("D\nB\n", "B\nD\n",
           "component X: another order: 'D' in the first, where the second has 'B'\n");
    expect("B *\nD\n", "D\nB *\n",
           "message D Order, group 3 NoC: another order: 'B' in the first, where the second has "
           "'D'\n");
}

static void test_messages_and_components_when_different_then_they_are_told(void **state)
{
    (void)state;
    expect("Order D app", "Order D admin",
           "message D Order: application in the first, admin in the second\n");
    expect("Order D app", "Trade D app", "message D Order: named 'Trade' in the second\n");
    expect("Order D app", "Order AA app",
           "message D Order: only in the first\nmessage AA Order: only in the second\n");
    expect(MESSAGE, "message First 0 app {\nA\n}\n" MESSAGE,
           "message 0 First: only in the second\n");
    expect("component X {\nD\nB\n}\n", "component X {\nD\nB\n}\ncomponent W {\nA\n}\n",
           "component W: only in the second\n");
}

static void test_caller_when_it_has_enough_then_the_comparison_ends(void **state)
{
    (void)state;
    struct told told = {.lines_max = 2};
    char *changed = replaced("header {\nA *\nB\n}", "header {\nD\n}");
    assert_int_equal(differences(WHOLE, changed, &told), 2);
    assert_int_equal(told.lines, 2);
    free(changed);
}

static void test_names_when_long_then_lines_are_cut(void **state)
{
    (void)state;
    char name[1001];
    memset(name, 'n', sizeof name - 1);
    name[1000] = '\0';
    char *with = NULL;
    char *without = NULL;
    assert_true(asprintf(&with,
                         WHOLE "field 20 %s NUMINGROUP\nfield 21 V INT\nmessage %s M app {\n"
                               "group %s {\nA\nV\n}\n}\n",
                         name, name, name) > 0);
    assert_true(asprintf(&without,
                         WHOLE "field 20 %s NUMINGROUP\nfield 21 V INT\nmessage %s M app {\n"
                               "group %s {\nA\n}\n}\n",
                         name, name, name) > 0);
    struct told told = {.lines_max = SIZE_MAX};
    assert_int_equal(differences(with, without, &told), 1);
    assert_true(told.size < RFX_DICT_LINE_SIZE);
    assert_non_null(strstr(told.text, "message M nnn"));
    assert_non_null(strstr(told.text, ", group 20 nnn"));
    assert_non_null(strstr(told.text, ": field 21 V only in the first\n"));
    free(without);
    free(with);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dictionaries_when_equal_then_nothing_is_told),
        cmocka_unit_test(test_fields_when_different_then_each_fact_is_told),
        cmocka_unit_test(test_field_when_renamed_then_it_stays_the_same_member),
        cmocka_unit_test(test_members_when_different_then_the_place_is_told),
        cmocka_unit_test(test_members_when_in_another_order_then_the_first_place_is_told),
        cmocka_unit_test(test_messages_and_components_when_different_then_they_are_told),
        cmocka_unit_test(test_caller_when_it_has_enough_then_the_comparison_ends),
        cmocka_unit_test(test_names_when_long_then_lines_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
