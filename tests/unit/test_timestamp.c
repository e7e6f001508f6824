/* UTCTimestamp, checked against the C library's calendar. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/timestamp.h"
#include "tests/unit/support_bytes.h"

#define NS_PER_S      INT64_C(1000000000)
#define SECONDS_A_DAY INT64_C(86400)

static bool read_text(const struct guard *guard, const char *text, int64_t *utc_ns)
{
    size_t size = strlen(text);
    return rfx_utc_read(rfx_bytes_of(guard_copy(guard, text, size), size), utc_ns);
}

static int set_up(void **state)
{
    struct guard *guard = malloc(sizeof *guard);
    guard_open(guard, 4096);
    *state = guard;
    return 0;
}

static int tear_down(void **state)
{
    guard_close(*state);
    free(*state);
    return 0;
}

static void expect_ns(void **state, const char *text, int64_t expected_ns)
{
    int64_t utc_ns = -1;
    if (!read_text(*state, text, &utc_ns) || utc_ns != expected_ns) {
        fail_msg("%s is read as %lld, not %lld", text, (long long)utc_ns, (long long)expected_ns);
    }
}

static void expect_invalid(void **state, const char *text)
{
    int64_t utc_ns = -77;
    if (read_text(*state, text, &utc_ns)) {
        fail_msg("\"%s\" is accepted", text);
    }
    assert_true(utc_ns == -77);
}

/* Every day from 1970 to 2261, each at another time of the day. */
static void test_time_when_of_any_day_then_written_and_read_as_by_the_c_library(void **state)
{
    uint64_t seed = 5;
    for (int64_t day = 0; day < 106650; day++) {
        int64_t seconds =
            day * SECONDS_A_DAY + (int64_t)random_below(&seed, (uint64_t)SECONDS_A_DAY);
        int64_t milliseconds = (int64_t)random_below(&seed, 1000);
        time_t c_time = (time_t)seconds;
        struct tm tm;
        assert_non_null(gmtime_r(&c_time, &tm));
        char expected[64];
        size_t size = strftime(expected, sizeof expected, "%Y%m%d-%H:%M:%S", &tm);
        snprintf(expected + size, sizeof expected - size, ".%03d", (int)milliseconds);

        int64_t utc_ns = seconds * NS_PER_S + milliseconds * 1000000;
        char *written = guard_last(*state, 21);
        /* What is below a millisecond is cut off. */
        assert_int_equal(rfx_utc_write(utc_ns + 999999, 3, written), 21);
        assert_memory_equal(written, expected, 21);
        expect_ns(state, expected, utc_ns);
    }
}

static void test_time_when_of_a_known_moment_then_exact(void **state)
{
    expect_ns(state, "19700101-00:00:00", 0);
    expect_ns(state, "20000229-12:00:00", INT64_C(951825600) * NS_PER_S);
    expect_ns(state, "20240229-23:59:59.999", INT64_C(1709251199999) * 1000000);
    expect_ns(state, "21000228-23:59:59", INT64_C(4107542399) * NS_PER_S);
    expect_ns(state, "21000301-00:00:00", INT64_C(4107542400) * NS_PER_S);
    expect_ns(state, "22611231-23:59:60.999999999", INT64_C(9214646400) * NS_PER_S + 999999999);
}

static void test_date_when_it_does_not_exist_then_invalid(void **state)
{
    const char *texts[] = {
        "20260229-00:00:00", "21000229-00:00:00", "20240230-00:00:00", "20260431-00:00:00",
        "20260001-00:00:00", "20261301-00:00:00", "20260100-00:00:00", "20260132-00:00:00",
        "19691231-23:59:59", "22620101-00:00:00", "99990101-00:00:00", "00000101-00:00:00",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        expect_invalid(state, texts[i]);
    }
    int64_t ignored;
    assert_true(read_text(*state, "20240229-00:00:00", &ignored));
    assert_true(read_text(*state, "20000229-00:00:00", &ignored));
}

static void test_time_of_day_when_it_does_not_exist_then_invalid(void **state)
{
    expect_invalid(state, "20260101-24:00:00");
    expect_invalid(state, "20260101-00:60:00");
    expect_invalid(state, "20260101-00:00:61");
    expect_invalid(state, "20260101-99:99:99");
}

static void test_second_when_60_then_the_next_minute(void **state)
{
    expect_ns(state, "19700101-00:00:60", 60 * NS_PER_S);
    expect_ns(state, "20161231-23:59:60", INT64_C(1483228800) * NS_PER_S);
    expect_ns(state, "20161231-23:59:60.5", INT64_C(1483228800) * NS_PER_S + NS_PER_S / 2);
}

static void test_decimals_when_one_to_nine_then_exact_else_invalid(void **state)
{
    char text[64] = "19700101-00:00:01.";
    const int64_t expected[] = {100000000, 120000000, 123000000, 123400000, 123450000,
                                123456000, 123456700, 123456780, 123456789};
    expect_invalid(state, text);
    for (size_t count = 1; count <= 9; count++) {
        snprintf(text, sizeof text, "19700101-00:00:01.%.*s", (int)count, "123456789");
        expect_ns(state, text, NS_PER_S + expected[count - 1]);
    }
    expect_invalid(state, "19700101-00:00:01.1234567890");
    expect_ns(state, "19700101-00:00:01.000000001", NS_PER_S + 1);
    expect_ns(state, "19700101-00:00:01.000", NS_PER_S);
}

static void test_text_when_malformed_then_invalid(void **state)
{
    const char *texts[] = {
        "",
        "2",
        "20260101",
        "20260101-00:00",
        "20260101-00:00:0",
        "20260101 00:00:00",
        "20260101-00.00:00",
        "20260101-00:00.00",
        "20260101-00:00:00Z",
        "20260101-00:00:00,5",
        "20260101-00:00:00.5Z",
        "20260101-00:00:00.-5",
        " 20260101-00:00:00",
        "2026-01-01-00:00:00",
        "2026010a-00:00:00",
        "-0260101-00:00:00",
        "20260101--1:00:00",
        "20260101-00:+1:00",
        "20260101-00:00: 1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        expect_invalid(state, texts[i]);
    }
    int64_t utc_ns;
    assert_false(rfx_utc_read(rfx_bytes_of(NULL, 0), &utc_ns));
}

static void test_text_when_one_byte_is_wrong_then_invalid_or_another_time(void **state)
{
    const char *good = "20260315-12:34:56.789";
    int64_t good_ns = 0;
    assert_true(read_text(*state, good, &good_ns));
    for (size_t i = 0; i < strlen(good); i++) {
        for (int byte = 1; byte < 256; byte++) {
            char text[64];
            strcpy(text, good);
            text[i] = (char)byte;
            int64_t utc_ns = 0;
            bool is_valid = read_text(*state, text, &utc_ns);
            bool is_digit = byte >= '0' && byte <= '9';
            assert_false(is_valid && !is_digit && text[i] != good[i]);
            assert_true(!is_valid || text[i] == good[i] || utc_ns != good_ns);
        }
    }
}

static void test_write_when_before_1970_then_1970(void **state)
{
    (void)state;
    char text[21];
    rfx_utc_write(-1, 3, text);
    assert_memory_equal(text, "19700101-00:00:00.000", sizeof text);
    rfx_utc_write(INT64_MIN, 3, text);
    assert_memory_equal(text, "19700101-00:00:00.000", sizeof text);
    rfx_utc_write(INT64_MAX, 3, text);
    assert_memory_equal(text, "22620411-23:47:16.854", sizeof text);
}

static void test_write_when_precision_differs_then_as_many_decimals(void **state)
{
    static const struct {
        unsigned decimals;
        const char *text;
    } cases[] = {{0, "20010909-01:46:40"},
                 {3, "20010909-01:46:40.123"},
                 {6, "20010909-01:46:40.123456"},
                 {9, "20010909-01:46:40.123456789"}};
    struct rfx_utc_cache cache = {0};
    for (size_t i = 0; i < 8; i++) { /* again and again from one cache */
        int64_t utc_ns = INT64_C(1000000000123456789);
        size_t size = strlen(cases[i % 4].text);
        char *text = guard_last(*state, size);
        assert_int_equal(rfx_utc_write(utc_ns, cases[i % 4].decimals, text), size);
        assert_memory_equal(text, cases[i % 4].text, size);
        struct rfx_bytes cached = rfx_utc_cached(&cache, utc_ns, cases[i % 4].decimals);
        assert_int_equal(cached.size, size);
        assert_memory_equal(cached.data, cases[i % 4].text, size);
    }
}

static void test_cache_when_asked_again_then_text_of_the_time_asked_for(void **state)
{
    (void)state;
    struct rfx_utc_cache cache = {0};
    assert_memory_equal(rfx_utc_cached(&cache, 0, 3).data, "19700101-00:00:00.000", 21);
    uint64_t seed = 9;
    int64_t utc_ns = INT64_C(1790000000) * NS_PER_S;
    for (int i = 0; i < 100000; i++) {
        utc_ns += (int64_t)random_below(&seed, 1500000) - 200000; /* also a little back */
        char expected[RFX_UTC_TEXT_MAX];
        unsigned decimals = 3 * (unsigned)random_below(&seed, 4);
        size_t size = rfx_utc_write(utc_ns, decimals, expected);
        struct rfx_bytes cached = rfx_utc_cached(&cache, utc_ns, decimals);
        assert_int_equal(cached.size, size);
        assert_memory_equal(cached.data, expected, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_when_of_any_day_then_written_and_read_as_by_the_c_library),
        cmocka_unit_test(test_time_when_of_a_known_moment_then_exact),
        cmocka_unit_test(test_date_when_it_does_not_exist_then_invalid),
        cmocka_unit_test(test_time_of_day_when_it_does_not_exist_then_invalid),
        cmocka_unit_test(test_second_when_60_then_the_next_minute),
        cmocka_unit_test(test_decimals_when_one_to_nine_then_exact_else_invalid),
        cmocka_unit_test(test_text_when_malformed_then_invalid),
        cmocka_unit_test(test_text_when_one_byte_is_wrong_then_invalid_or_another_time),
        cmocka_unit_test(test_write_when_before_1970_then_1970),
        cmocka_unit_test(test_write_when_precision_differs_then_as_many_decimals),
        cmocka_unit_test(test_cache_when_asked_again_then_text_of_the_time_asked_for),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
