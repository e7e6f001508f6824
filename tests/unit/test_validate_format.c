/* What fits a type and what does not; the lists of values of all built-in dictionaries. */
#include <stdio.h>
#include <string.h>

#include "core/validate_internal.h"
#include "tests/unit/support_validate.h"

#define TEXTS_MAX 32

/* Ends with NULL each. */
struct cases {
    enum rfx_field_type type;
    const char *good[TEXTS_MAX];
    const char *bad[TEXTS_MAX];
};

static bool fits(enum rfx_field_type type, const char *text)
{
    struct guard guard;
    size_t size = strlen(text);
    guard_open(&guard, 64);
    bool result = rfx_format_fits(type, rfx_bytes_of(guard_copy(&guard, text, size), size));
    guard_close(&guard);
    return result;
}

static void expect_cases(const struct cases *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *type = rfx_field_type_text(cases[i].type);
        for (const char *const *text = cases[i].good; *text != NULL; text++) {
            if (!fits(cases[i].type, *text)) {
                fail_msg("%s: '%s' refused", type, *text);
            }
        }
        for (const char *const *text = cases[i].bad; *text != NULL; text++) {
            if (fits(cases[i].type, *text)) {
                fail_msg("%s: '%s' accepted", type, *text);
            }
        }
    }
}

#define EXPECT_CASES(cases) expect_cases(cases, sizeof(cases) / sizeof(cases)[0])

static void test_number_when_tried_then_as_its_type(void **state)
{
    static const char *const not_unsigned[] = {"", "+1", "-1", "1.0", " 1", "1 ", "a", "0x1"};
    static const enum rfx_field_type unsigned_types[] = {RFX_TYPE_LENGTH, RFX_TYPE_SEQNUM,
                                                         RFX_TYPE_NUMINGROUP, RFX_TYPE_TAGNUM};
    static const struct cases cases[] = {
        {RFX_TYPE_INT,
         {"0", "7", "-7", "007", "-0", "123456789012345678901234567890", NULL},
         {"", "-", "+7", "7.", "7.0", "--7", "7-", " 7", "7 ", "1e3", "/", ":", NULL}},
        {RFX_TYPE_DAYOFMONTH,
         {"1", "9", "01", "31", NULL},
         {"", "0", "00", "32", "001", "-1", "x", "1x", NULL}},
    };
    (void)state;
    EXPECT_CASES(cases);
    for (size_t i = 0; i < sizeof unsigned_types / sizeof unsigned_types[0]; i++) {
        assert_true(fits(unsigned_types[i], "0"));
        assert_true(fits(unsigned_types[i], "0012"));
        for (size_t j = 0; j < sizeof not_unsigned / sizeof not_unsigned[0]; j++) {
            assert_false(fits(unsigned_types[i], not_unsigned[j]));
        }
    }
}

static void test_decimal_when_tried_then_digits_and_one_point(void **state)
{
    static const enum rfx_field_type types[] = {RFX_TYPE_FLOAT,       RFX_TYPE_PRICE,
                                                RFX_TYPE_PRICEOFFSET, RFX_TYPE_AMT,
                                                RFX_TYPE_QTY,         RFX_TYPE_PERCENTAGE};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct cases cases = {
            types[i],
            {"0", "1", "-1", "1.5", "-1.5", "002000.00", "1.", ".5", "-.5", "23.0000", NULL},
            {"", "+200.00", "-", ".", "-.", "1e5", "1,5", "1.2.3", "..", " 1", "1 ", "0x1", "nan",
             "1-", NULL}};
        expect_cases(&cases, 1);
    }
}

static void test_date_when_tried_then_of_the_calendar(void **state)
{
    static const enum rfx_field_type types[] = {RFX_TYPE_DATE, RFX_TYPE_UTCDATE,
                                                RFX_TYPE_UTCDATEONLY, RFX_TYPE_LOCALMKTDATE};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct cases cases = {types[i],
                              {"20240229", "20000229", "19991231", "99991231", "00010101", NULL},
                              {"", "2024022", "202402290", "20240230", "20230229", "21000229",
                               "20240001", "20241301", "20240100", "20240431", "2024-1-1",
                               "2024010a", "+2240101", "2024 101", NULL}};
        expect_cases(&cases, 1);
    }
}

static void test_month_year_when_tried_then_month_day_or_week(void **state)
{
    static const struct cases cases[] = {
        {RFX_TYPE_MONTHYEAR,
         {"202402", "20240229", "202402w1", "202402w5", NULL},
         {"", "2024", "202400", "202413", "202402w0", "202402w6", "202402W1", "202402w",
          "202402w12", "20240230", "2024021", "a02402", NULL}},
    };
    (void)state;
    EXPECT_CASES(cases);
}

static void test_time_when_tried_then_of_a_day(void **state)
{
    static const struct cases cases[] = {
        {RFX_TYPE_UTCTIMESTAMP,
         {"20240229-00:00:00", "20240229-23:59:60", "20240229-03:04:05.1", "20240229-03:04:05.123",
          "20240229-03:04:05.123456", "20240229-03:04:05.123456789", "99991231-23:59:59",
          "00010101-00:00:00", NULL},
         {"",
          "20240229",
          "20240229-",
          "20240229-03:04",
          "20240229-03:04:05.",
          "20240229-03:04:05.1234567890",
          "20240229-24:00:00",
          "20240229-03:60:05",
          "20240229-03:04:61",
          "20240230-03:04:05",
          "20240229 03:04:05",
          "20240229-03-04-05",
          "20240229-3:04:05",
          "20240229-03:04:05Z",
          "20240229-03:04:05 ",
          "20240229-03:04:05,1",
          "2024022903:04:05",
          "2024022a-03:04:05",
          "20240229-0a:04:05",
          NULL}},
        {RFX_TYPE_TIME, {"20240229-03:04:05", NULL}, {"03:04:05", "20240229", NULL}},
        {RFX_TYPE_UTCTIMEONLY,
         {"03:04:05", "23:59:60", "03:04:05.1", "03:04:05.123456789012", NULL},
         {"", "03:04", "24:00:00", "03:60:00", "03:04:61", "03:04:05.", "03:04:05.1234567890123",
          "3:04:05", "03:04:05Z", "03.04.05", NULL}},
        {RFX_TYPE_LOCALMKTTIME, {"03:04:05", NULL}, {"03:04", "", NULL}},
        {RFX_TYPE_TZTIMEONLY,
         {"07:39", "07:39Z", "02:39-05", "15:39+08", "13:09+05:30", "07:39:00Z", "07:39:01.5+14",
          "07:39:01.123456789012Z", NULL},
         {"", "07", "07:39+", "07:39+5", "07:39+15", "07:39+05:60", "07:39+0530", "07:39+05.30",
          "07:39 Z", "07:39ZZ", "24:00Z", "07:60Z", "07:39:01.Z", "07:39:01.1234567890123Z",
          "07:39.5Z", NULL}},
        {RFX_TYPE_TZTIMESTAMP,
         {"20240229-07:39", "20240229-07:39Z", "20240229-02:39-05", "20240229-13:09:00.5+05:30",
          NULL},
         {"", "20240229", "20240229-", "20240230-07:39Z", "07:39Z", "20240229 07:39Z", NULL}},
    };
    (void)state;
    EXPECT_CASES(cases);
}

static void test_character_when_tried_then_exactly_one(void **state)
{
    static const struct cases cases[] = {
        {RFX_TYPE_CHAR, {"1", "a", " ", "\xff", NULL}, {"", "12", NULL}},
        {RFX_TYPE_BOOLEAN, {"Y", "N", NULL}, {"", "y", "n", "YES", "1", "0", "T", NULL}},
        {RFX_TYPE_MULTIPLECHARVALUE,
         {"A", "A B", "A B C", NULL},
         {"", " ", "AB", "A  B", "A ", " A", "A BC", NULL}},
    };
    (void)state;
    EXPECT_CASES(cases);
}

static void test_text_when_tried_then_anything(void **state)
{
    static const enum rfx_field_type types[] = {
        RFX_TYPE_UNKNOWN,  RFX_TYPE_STRING,   RFX_TYPE_DATA,
        RFX_TYPE_XMLDATA,  RFX_TYPE_CURRENCY, RFX_TYPE_COUNTRY,
        RFX_TYPE_EXCHANGE, RFX_TYPE_LANGUAGE, RFX_TYPE_MULTIPLEVALUESTRING,
        RFX_TYPE_XID,      RFX_TYPE_XIDREF,   RFX_TYPE_MULTIPLESTRINGVALUE};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        assert_true(fits(types[i], "usdt"));
        assert_true(fits(types[i], "\xc3\xa4 = \x02"));
    }
}

static void test_char_when_before_42_then_any_text(void **state)
{
    struct validate_rig *rig = validate_by(state, "FIX.4.0");
    const char *order = "35=D|49=A|56=B|34=2|52=20240102-03:04:05|11=ORDER-1|21=1|55=MSFT|54=1|"
                        "38=5|40=1|18=1 2|";
    expect_valid(rig, order);
    expect_valid(validate_by(state, "FIX.4.1"), order);
    expect_fault(rig,
                 "35=D|49=A|56=B|34=2|52=20240102-03:04:05|11=ORDER-1|21=12|55=MSFT|54=1|38=5|"
                 "40=1|",
                 RFX_REJECT_VALUE_INCORRECT, 21);
    expect_fault(rig,
                 "35=D|49=A|56=B|34=2|52=20240102-03:04:05|11=ORDER-1|21=1|55=MSFT|54=1|38=5|"
                 "40=1|18=1 z|",
                 RFX_REJECT_VALUE_INCORRECT, 18);
    expect_fault(validate_by(state, "FIX.4.2"),
                 "35=D|49=A|56=B|34=2|52=20240102-03:04:05|11=ORDER-1|21=12|55=MSFT|54=1|38=5|"
                 "40=1|60=20240102-03:04:05|",
                 RFX_REJECT_BAD_FORMAT, 21);
}

/* A field with that value is right (or has that fault). */
static void expect_listed(struct validate_rig *rig, const struct rfx_dictionary *dictionary,
                          int32_t index, const char *value, bool is_listed)
{
    struct rfx_fault fault = {.text = NULL};
    struct rfx_message message = {.data = value};
    struct rfx_field field = {.tag = dictionary->fields[index].tag,
                              .size = (uint32_t)strlen(value)};
    struct rfx_check check = {.rules = &rig->rules, .message = &message, .fault = &fault};
    if (rfx_check_value(&check, dictionary, index, &field) != is_listed) {
        fail_msg("%s, field %d: '%s' %s", dictionary->version, field.tag, value,
                 is_listed ? fault.text : "accepted");
    }
}

static void test_list_when_any_of_its_values_then_right_and_no_other(void **state)
{
    static const char *const versions[] = {"FIX.4.0", "FIX.4.1",    "FIX.4.2",
                                           "FIX.4.3", "FIX.4.4",    "FIXT.1.1",
                                           "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2"};
    struct validate_rig *rig = *state;
    size_t tried = 0;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        const struct rfx_dictionary *dictionary = rfx_dictionary_builtin(versions[i]);
        for (uint32_t j = 0; j < dictionary->field_count; j++) {
            const struct rfx_dict_field *field = &dictionary->fields[j];
            for (uint32_t k = 0; k < field->value_count && field->tag != 35; k++) {
                const char *text =
                    rfx_dict_text(dictionary, dictionary->values[field->first_value + k].text);
                char other[256];
                expect_listed(rig, dictionary, (int32_t)j, text, true);
                snprintf(other, sizeof other, "%s\x7f", text);
                expect_listed(rig, dictionary, (int32_t)j, other, false);
                tried++;
            }
            if (field->value_count > 0 && field->tag != 35) {
                expect_listed(rig, dictionary, (int32_t)j, "\x7f", false);
                expect_listed(rig, dictionary, (int32_t)j, "\x01", false);
            }
        }
    }
    assert_true(tried > 10000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, validate_set_up, validate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_when_tried_then_as_its_type),
        cmocka_unit_test(test_decimal_when_tried_then_digits_and_one_point),
        cmocka_unit_test(test_date_when_tried_then_of_the_calendar),
        cmocka_unit_test(test_month_year_when_tried_then_month_day_or_week),
        cmocka_unit_test(test_time_when_tried_then_of_a_day),
        cmocka_unit_test(test_character_when_tried_then_exactly_one),
        cmocka_unit_test(test_text_when_tried_then_anything),
        TEST(test_char_when_before_42_then_any_text),
        TEST(test_list_when_any_of_its_values_then_right_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
