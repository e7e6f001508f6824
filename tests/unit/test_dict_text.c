/* The text form of dictionaries: read, written, and what is refused with which line. */
#include <stdlib.h>
#include <string.h>

#include "core/dict_text.h"
#include "tests/unit/support_bytes.h"

#define START                                                                                      \
    "version FIX.4.4\n"                                                                            \
    "header {\n"                                                                                   \
    "BeginString *\n"                                                                              \
    "}\n"                                                                                          \
    "trailer {\n"                                                                                  \
    "CheckSum *\n"                                                                                 \
    "}\n"                                                                                          \
    "field 8 BeginString STRING\n"                                                                 \
    "field 10 CheckSum STRING\n" /* 9 lines */

/* The text ends at a page that nobody may read. */
static rfx_status read_text(const char *text, const struct rfx_dictionary **dictionary,
                            struct rfx_error *error)
{
    struct guard guard;
    size_t size = strlen(text);
    guard_open(&guard, size + 1);
    char *copy = guard_copy(&guard, text, size);
    rfx_status status = rfx_dict_read(rfx_bytes_of(copy, size), "a.dict", dictionary, error);
    guard_close(&guard);
    return status;
}

static const struct rfx_dictionary *read_good(const char *text)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {.text = ""};
    if (read_text(text, &dictionary, &error) != RFX_OK) {
        fail_msg("not read: %s", error.text);
    }
    return dictionary;
}

static void expect_refused(const char *text, const char *expected)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {.text = ""};
    assert_int_equal(read_text(text, &dictionary, &error), RFX_E_CONFIG);
    assert_string_equal(error.text, expected);
    assert_null(dictionary);
}

static char *written(const struct rfx_dictionary *dictionary)
{
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(rfx_dict_write(dictionary, &text, &size), RFX_OK);
    assert_int_equal(strlen(text), size);
    return text;
}

static const char canonical[] = "# A dictionary in the form that docs/dictionary.md describes.\n"
                                "version FIX.4.4\n"
                                "\n"
                                "header {\n"
                                "    BeginString *\n"
                                "    group NoHops {\n"
                                "        HopCompID\n"
                                "    }\n"
                                "}\n"
                                "\n"
                                "trailer {\n"
                                "    CheckSum *\n"
                                "}\n"
                                "\n"
                                "message Logon A admin {\n"
                                "}\n"
                                "\n"
                                "message NewOrderSingle D app {\n"
                                "    Side *\n"
                                "    component \"The Parties\" *\n"
                                "    component \"component\"\n"
                                "    \"group\"\n"
                                "}\n"
                                "\n"
                                "component \"The Parties\" {\n"
                                "    group NoHops * {\n"
                                "        HopCompID *\n"
                                "        group \"*\" {\n"
                                "            \"a \\\"b\\\" \\\\c\"\n"
                                "        }\n"
                                "    }\n"
                                "}\n"
                                "\n"
                                "component \"component\" {\n"
                                "}\n"
                                "\n"
                                "field 8 BeginString STRING\n"
                                "field 10 CheckSum STRING\n"
                                "field 54 Side CHAR {\n"
                                "    \"#\" \"{\"\n"
                                "    1 BUY\n"
                                "    2\n"
                                "    \"}\" \"SELL SHORT\"\n"
                                "    10 x\n"
                                "}\n"
                                "field 55 \"group\" UNKNOWN\n"
                                "field 627 NoHops NUMINGROUP\n"
                                "field 628 HopCompID STRING\n"
                                "field 629 \"*\" INT\n"
                                "field 2147483647 \"a \\\"b\\\" \\\\c\" XMLDATA\n";

static void test_dict_when_written_then_it_reads_the_same(void **state)
{
    (void)state;
    const struct rfx_dictionary *dictionary = read_good(canonical);
    char *text = written(dictionary);
    assert_string_equal(text, canonical);
    const struct rfx_dictionary *again = read_good(text);
    assert_int_equal(dictionary->item_count, again->item_count);
    assert_int_equal(dictionary->member_count, again->member_count);
    free(text);
    rfx_dictionary_free(dictionary);
    rfx_dictionary_free(again);
}

static void test_dict_when_read_then_the_facts_are_there(void **state)
{
    (void)state;
    const struct rfx_dictionary *dictionary = read_good(canonical);
    assert_string_equal(rfx_dictionary_version(dictionary), "FIX.4.4");
    assert_true(rfx_dict_message_named(dictionary, "Logon")->is_admin);
    assert_false(rfx_dict_message_named(dictionary, "NewOrderSingle")->is_admin);
    int32_t side = rfx_dict_field_of(dictionary, 54);
    assert_int_equal(dictionary->fields[side].type, RFX_TYPE_CHAR);
    assert_int_equal(dictionary->fields[side].value_count, 5);
    assert_true(rfx_dict_has_value(dictionary, side, rfx_bytes_of("}", 1)));
    int32_t far = rfx_dict_field_named(dictionary, "a \"b\" \\c");
    assert_int_equal(dictionary->fields[far].tag, INT32_MAX);
    assert_int_equal(rfx_dict_field_of(dictionary, INT32_MAX), far);
    assert_int_equal(dictionary->group_count, 3);
    rfx_dictionary_free(dictionary);
}

static void test_dict_when_spaces_comments_and_line_ends_vary_then_it_is_read(void **state)
{
    (void)state;
    const struct rfx_dictionary *dictionary = read_good("\xef\xbb\xbf# first\r\n"
                                                        "version FIX.5.0 # behind\r\n"
                                                        "\tfield\t1  \"Account\"STRING{#values\r\n"
                                                        "\r\n"
                                                        "  #\"\r\n"
                                                        "A\"first one\"\r\n"
                                                        "}#\r\n"
                                                        "message M m app{\r\n"
                                                        "Account\t*\r\n"
                                                        "component component\r\n"
                                                        "}\r\n"
                                                        "component component {\n"
                                                        " } #");
    const struct rfx_dict_field *field = &dictionary->fields[0];
    const struct rfx_dict_value *value = &dictionary->values[field->first_value];
    assert_string_equal(rfx_dict_text(dictionary, field->name), "Account");
    assert_string_equal(rfx_dict_text(dictionary, value->text), "A");
    assert_string_equal(rfx_dict_text(dictionary, value->description), "first one");
    assert_int_equal(dictionary->required_count, 1);
    assert_int_equal(dictionary->component_count, 1);
    rfx_dictionary_free(dictionary);
}

static void test_dict_when_a_statement_is_wrong_then_line_and_form_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"fields {\n",
         "a.dict:10: expected one of version, header, trailer, message, component, field"},
        {"\"field\" 1 A INT\n",
         "a.dict:10: expected one of version, header, trailer, message, component, field"},
        {"}\n", "a.dict:10: a } that closes nothing"},
        {"field 1 A\n", "a.dict:10: expected: field TAG NAME TYPE, and { when values follow"},
        {"field x A INT\n", "a.dict:10: \"x\" is no tag"},
        {"field 2147483648 A INT\n", "a.dict:10: \"2147483648\" is no tag"},
        {"field 0 A INT\n", "a.dict:10: tag 0; tags start at 1"},
        {"field -1 A INT\n", "a.dict:10: \"-1\" is no tag"},
        {"field 1 A int\n", "a.dict:10: \"int\" is no type; UNKNOWN takes any value"},
        {"field 1 A INT {\n\n1 2 3\n",
         "a.dict:12: expected: a value and its description, in quotes if it has spaces"},
        {"field 1 A INT {\n1 ONE\n", "a.dict:10: what begins here is not ended"},
        {"message M m app\n",
         "a.dict:10: this statement ends in {, and what belongs to it follows"},
        {"message M m both {\n", "a.dict:10: expected: message NAME MSGTYPE app {, or admin"},
        {"message M m {\n", "a.dict:10: expected: message NAME MSGTYPE app {, or admin"},
        {"message M m app {\n", "a.dict:10: what begins here is not ended"},
        {"message M m app {\nA B\n", "a.dict:11: expected: the name of one field, or * behind it"},
        {"message M m app {\nNoHops {\n",
         "a.dict:11: a { that opens nothing; a group begins with the word group"},
        {"message M m app {\ngroup CheckSum\n",
         "a.dict:11: expected: group COUNTER {, or * before the {"},
        {"message M m app {\ncomponent\n", "a.dict:11: expected: component NAME, or * behind it"},
        {"message M m app {\nNowhere\n}\n", "a.dict:11: field Nowhere is not defined"},
        {"component A B {\n", "a.dict:10: expected: component NAME {"},
        {"header {\n", "a.dict:10: a second header; there is one per dictionary"},
        {"version FIX.4.4\n", "a.dict:10: a second version; there is one per dictionary"},
        {"version\n", "a.dict:10: expected: version NAME, as FIX.4.4"},
        {"field 1 \"A INT\n", "a.dict:10: a quote that is not closed"},
        {"field 1 \"A INT\\\"\n", "a.dict:10: a quote that is not closed"},
        {"field 1 \"\" INT\n", "a.dict:10: the name of the field is missing"},
        {"field 1 A B C D\n", "a.dict:10: too many words; a text with spaces stands in quotes"},
        {"field 1 A\x01"
         "B INT\n",
         "a.dict:10: the name of the field holds a control character"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[2000] = START;
        strcat(text, cases[i].text);
        expect_refused(text, cases[i].expected);
    }
    expect_refused("", "a.dict: the version is missing");
}

static void test_dict_when_a_line_is_too_long_then_it_is_refused(void **state)
{
    (void)state;
    char *text = calloc(1, RFX_DICT_LINE_MAX + 100);
    memset(text, ' ', RFX_DICT_LINE_MAX);
    strcpy(text + RFX_DICT_LINE_MAX, "\nversion FIX.5.0");
    rfx_dictionary_free(read_good(text));
    strcpy(text + RFX_DICT_LINE_MAX, " \nversion FIX.5.0");
    expect_refused(text, "a.dict:1: the line is longer than 16448 bytes");
    free(text);
}

/* Every beginning of a good text: read or refused, and nothing behind its end is looked at. */
static void test_dict_when_cut_anywhere_then_it_is_read_or_refused(void **state)
{
    (void)state;
    char text[sizeof canonical];
    for (size_t size = 0; size < sizeof canonical; size++) {
        const struct rfx_dictionary *dictionary = NULL;
        struct rfx_error error = {.text = ""};
        memcpy(text, canonical, size);
        text[size] = '\0';
        if (read_text(text, &dictionary, &error) == RFX_OK) {
            rfx_dictionary_free(dictionary);
        } else {
            assert_memory_equal(error.text, "a.dict:", 7);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dict_when_written_then_it_reads_the_same),
        cmocka_unit_test(test_dict_when_read_then_the_facts_are_there),
        cmocka_unit_test(test_dict_when_spaces_comments_and_line_ends_vary_then_it_is_read),
        cmocka_unit_test(test_dict_when_a_statement_is_wrong_then_line_and_form_are_named),
        cmocka_unit_test(test_dict_when_a_line_is_too_long_then_it_is_refused),
        cmocka_unit_test(test_dict_when_cut_anywhere_then_it_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
