/* Values from their text. */
#include <string.h>

#include "ringfix/value.h"
#include "tests/support.h"

static struct rfx_bytes text(const char *value)
{
    return (struct rfx_bytes){.data = value, .size = strlen(value)};
}

static void test_int_when_read_then_exact_or_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"007", 7},
                {"-42", -42},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      "1.0",
                                      " 1",
                                      "1 ",
                                      "9223372036854775808",
                                      "0x",
                                      "--1",
                                      "-9223372036854775809"};
    int64_t value = 1;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(rfx_value_int(text(good[i].text), &value), RFX_OK);
        assert_int_equal(value, good[i].value);
    }
    value = 77;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(rfx_value_int(text(bad[i]), &value), RFX_E_INVALID);
    }
    assert_int_equal(value, 77);
}

static void test_decimal_when_read_then_exact_or_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct rfx_decimal value;
    } good[] = {{"0", {0, 0}},
                {"12.50", {1250, 2}},
                {"-12.50", {-1250, 2}},
                {"23.", {23, 0}},
                {".5", {5, 1}},
                {"-.5", {-5, 1}},
                {"000.0100", {100, 4}},
                {"0.000000000000000001", {1, 18}},
                {"9.223372036854775807", {INT64_MAX, 18}},
                {"-9223372036854775808", {INT64_MIN, 0}}};
    static const char *const bad[] = {"",      "-",
                                      ".",     "-.",
                                      "1.2.3", "1e5",
                                      "1,5",   "+1",
                                      "NaN",   "0.0000000000000000001",
                                      " 1",    "1-2",
                                      "12a.5", "9223372036854775808"};
    struct rfx_decimal value = {0};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(rfx_value_decimal(text(good[i].text), &value), RFX_OK);
        assert_int_equal(value.mantissa, good[i].value.mantissa);
        assert_int_equal(value.scale, good[i].value.scale);
    }
    value = (struct rfx_decimal){77, 7};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(rfx_value_decimal(text(bad[i]), &value), RFX_E_INVALID);
    }
    assert_int_equal(value.mantissa, 77);
}

static void test_char_bool_and_utc_when_read_then_only_what_they_are(void **state)
{
    (void)state;
    char letter = 0;
    bool flag = false;
    int64_t utc_ns = 0;
    assert_int_equal(rfx_value_char(text("7"), &letter), RFX_OK);
    assert_int_equal(letter, '7');
    assert_int_equal(rfx_value_char(text(""), &letter), RFX_E_INVALID);
    assert_int_equal(rfx_value_char(text("77"), &letter), RFX_E_INVALID);
    assert_int_equal(rfx_value_bool(text("Y"), &flag), RFX_OK);
    assert_true(flag);
    assert_int_equal(rfx_value_bool(text("N"), &flag), RFX_OK);
    assert_false(flag);
    assert_int_equal(rfx_value_bool(text("y"), &flag), RFX_E_INVALID);
    assert_int_equal(rfx_value_bool(text("1"), &flag), RFX_E_INVALID);
    assert_int_equal(rfx_value_utc(text("19700102-00:00:00.000000001"), &utc_ns), RFX_OK);
    assert_int_equal(utc_ns, INT64_C(86400000000001));
    assert_int_equal(rfx_value_utc(text("19700102"), &utc_ns), RFX_E_INVALID);
}

static void test_decimal_when_compared_then_by_value(void **state)
{
    (void)state;
    const struct rfx_decimal values[] = {{INT64_MIN, 0}, {-15, 1}, {0, 18},
                                         {1, 18},        {15, 1},  {INT64_MAX, 0}};
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 6; j++) {
            assert_int_equal(rfx_decimal_compare(values[i], values[j]), (i > j) - (i < j));
        }
    }
    assert_int_equal(rfx_decimal_compare((struct rfx_decimal){150, 2}, (struct rfx_decimal){15, 1}),
                     0);
}

static void test_decimal_when_added_then_exact_or_an_error(void **state)
{
    (void)state;
    const struct rfx_decimal price = {1025, 2};
    const struct rfx_decimal tick = {5, 3};
    const struct rfx_decimal most = {INT64_MAX, 0};
    const struct rfx_decimal one = {1, 0};
    struct rfx_decimal sum = {0};
    assert_int_equal(rfx_decimal_add(price, tick, &sum), RFX_OK);
    assert_int_equal(sum.mantissa, 10255);
    assert_int_equal(sum.scale, 3);
    assert_int_equal(rfx_decimal_subtract(tick, price, &sum), RFX_OK);
    assert_int_equal(sum.mantissa, -10245);
    assert_int_equal(rfx_decimal_add(most, one, &sum), RFX_E_INVALID);
    assert_int_equal(rfx_decimal_subtract((struct rfx_decimal){INT64_MIN, 0}, one, &sum),
                     RFX_E_INVALID);
    /* Zeros at the end are given up where there is no room for them. */
    assert_int_equal(rfx_decimal_add(most, (struct rfx_decimal){0, 4}, &sum), RFX_OK);
    assert_int_equal(sum.mantissa, INT64_MAX);
    assert_int_equal(sum.scale, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_int_when_read_then_exact_or_an_error),
        cmocka_unit_test(test_decimal_when_read_then_exact_or_an_error),
        cmocka_unit_test(test_char_bool_and_utc_when_read_then_only_what_they_are),
        cmocka_unit_test(test_decimal_when_compared_then_by_value),
        cmocka_unit_test(test_decimal_when_added_then_exact_or_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
