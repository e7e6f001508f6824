/* The TZ rule at the end of a TZif file: what is accepted, and when its changes are. */
#include <stdlib.h>
#include <string.h>

#include "core/zone_rule.h"
#include "tests/unit/support_bytes.h"
#include "tests/unit/support_tzif.h"

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

static bool read_rule(void **state, const char *text, struct rfx_zone_rule *rule)
{
    size_t size = strlen(text);
    return rfx_zone_rule_read(rfx_bytes_of(guard_copy(*state, text, size), size), rule);
}

static struct rfx_zone_rule rule_of(void **state, const char *text)
{
    struct rfx_zone_rule rule;
    if (!read_rule(state, text, &rule)) {
        fail_msg("\"%s\" is refused", text);
    }
    return rule;
}

/* The next change after an instant is at that one, to that offset. */
static void expect_change(const struct rfx_zone_rule *rule, const char *after, const char *at,
                          int32_t offset_s)
{
    struct rfx_zone_change change = {0, 0};
    assert_true(rfx_zone_rule_change_after(rule, seconds_of(after), &change));
    if (change.at_s != seconds_of(at) || change.offset_s != offset_s) {
        fail_msg("after %s: %s to %d, not %s to %d", after, text_of(change.at_s), change.offset_s,
                 at, offset_s);
    }
    assert_int_equal(rfx_zone_rule_offset_s(rule, change.at_s), offset_s);
}

static void test_rule_when_without_dst_then_one_offset_always(void **state)
{
    static const struct {
        const char *text;
        int32_t offset_s;
    } rules[] = {
        {"UTC0", 0},
        {"IST-5:30", 19800},
        {"EST5", -18000},
        {"<+0545>-5:45", 20700},
        {"<-03>+3", -10800},
        {"XXX-24:59:59", 89999},
        {"abc24:59:59", -89999},
        {"<A+9>01:02:03", -3723},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct rfx_zone_rule rule = rule_of(state, rules[i].text);
        struct rfx_zone_change change;
        assert_int_equal(rule.offset_s, rules[i].offset_s);
        assert_int_equal(rfx_zone_rule_offset_s(&rule, 0), rules[i].offset_s);
        assert_int_equal(rfx_zone_rule_offset_s(&rule, RFX_ZONE_INSTANT_MAX), rules[i].offset_s);
        assert_false(rfx_zone_rule_change_after(&rule, 0, &change));
    }
}

static void test_rule_when_by_weekday_of_month_then_that_one(void **state)
{
    struct rfx_zone_rule rule = rule_of(state, "EST5EDT,M3.2.0,M11.1.0");
    expect_change(&rule, "2025-01-01 00:00:00", "2025-03-09 07:00:00", -14400);
    expect_change(&rule, "2025-03-09 07:00:00", "2025-11-02 06:00:00", -18000);
    expect_change(&rule, "2025-12-31 23:59:59", "2026-03-08 07:00:00", -14400);
    expect_change(&rule, "1969-12-31 23:59:59", "1970-03-08 07:00:00", -14400);
    expect_change(&rule, "1959-11-01 06:00:00", "1960-03-13 07:00:00", -14400);
    expect_change(&rule, "2399-12-31 00:00:00", "2400-03-12 07:00:00", -14400);
}

static void test_rule_when_week_5_then_the_last_of_the_month(void **state)
{
    struct rfx_zone_rule rule = rule_of(state, "GMT0BST,M3.5.0/1,M10.5.0");
    expect_change(&rule, "2025-01-01 00:00:00", "2025-03-30 01:00:00", 3600); /* the fifth */
    expect_change(&rule, "2027-01-01 00:00:00", "2027-03-28 01:00:00", 3600); /* the fourth */
    expect_change(&rule, "2027-04-01 00:00:00", "2027-10-31 01:00:00", 0);
    rule = rule_of(state, "AAA0BBB,M2.5.4/0,M12.5.0"); /* 29 February 2024 was a Thursday */
    expect_change(&rule, "2024-01-01 00:00:00", "2024-02-29 00:00:00", 3600);
    expect_change(&rule, "2025-01-01 00:00:00", "2025-02-27 00:00:00", 3600);
}

static void test_rule_when_on_the_southern_half_then_dst_over_new_year(void **state)
{
    struct rfx_zone_rule rule = rule_of(state, "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");
    assert_int_equal(rfx_zone_rule_offset_s(&rule, seconds_of("2025-01-01 00:00:00")), 39600);
    expect_change(&rule, "2025-01-01 00:00:00", "2025-04-05 15:00:00", 37800);
    expect_change(&rule, "2025-04-06 00:00:00", "2025-10-04 15:30:00", 39600);
}

static void test_rule_when_dst_is_negative_then_winter_is_the_dst(void **state)
{
    struct rfx_zone_rule rule = rule_of(state, "IST-1GMT0,M10.5.0,M3.5.0/1");
    assert_int_equal(rfx_zone_rule_offset_s(&rule, seconds_of("2025-01-01 00:00:00")), 0);
    expect_change(&rule, "2025-01-01 00:00:00", "2025-03-30 01:00:00", 3600);
    expect_change(&rule, "2025-07-01 00:00:00", "2025-10-26 01:00:00", 0);
}

/* J60 is 1 March in every year; 59 is 29 February in leap years. */
static void test_rule_when_by_day_of_year_then_leap_day_counts_without_j_alone(void **state)
{
    struct rfx_zone_rule rule = rule_of(state, "AAA0BBB,J60/0,J365/0");
    expect_change(&rule, "2024-01-01 00:00:00", "2024-03-01 00:00:00", 3600);
    expect_change(&rule, "2025-01-01 00:00:00", "2025-03-01 00:00:00", 3600);
    expect_change(&rule, "2024-06-01 00:00:00", "2024-12-30 23:00:00", 0);
    rule = rule_of(state, "AAA0BBB,J59/0,J365/0");
    expect_change(&rule, "2024-01-01 00:00:00", "2024-02-28 00:00:00", 3600);
    rule = rule_of(state, "AAA0BBB,59/0,300/0");
    expect_change(&rule, "2024-01-01 00:00:00", "2024-02-29 00:00:00", 3600);
    expect_change(&rule, "2025-01-01 00:00:00", "2025-03-01 00:00:00", 3600);
    rule = rule_of(state, "AAA0BBB,0/0,300/0");
    expect_change(&rule, "2024-12-01 00:00:00", "2025-01-01 00:00:00", 3600);
}

static void test_rule_when_times_are_beyond_a_day_then_another_day(void **state)
{
    struct rfx_zone_rule rule = rule_of(state, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
    expect_change(&rule, "2025-01-01 00:00:00", "2025-03-30 01:00:00", -3600);
    rule = rule_of(state, "EET-2EEST,M3.4.4/50,M10.4.4/50"); /* Saturdays at 02:00 */
    expect_change(&rule, "2025-01-01 00:00:00", "2025-03-29 00:00:00", 10800);
    rule = rule_of(state, "AAA0BBB,0/-167,J365/167");
    expect_change(&rule, "2025-12-01 00:00:00", "2025-12-25 01:00:00", 3600);
    expect_change(&rule, "2025-01-01 00:00:00", "2025-01-06 22:00:00", 0);
    rule = rule_of(state, "AAA0BBB,M3.2.0/01:02:03,M11.1.0/+1:00");
    expect_change(&rule, "2025-01-01 00:00:00", "2025-03-09 01:02:03", 3600);
    expect_change(&rule, "2025-06-01 00:00:00", "2025-11-02 00:00:00", 0);
}

/* DST ends at the instant at which it starts again. */
static void test_rule_when_dst_fills_the_year_then_always_dst(void **state)
{
    static const char *const texts[] = {"EST5EDT,0/0,J365/25", "XXX3EDT4,0/0,J365/23"};
    for (size_t i = 0; i < 2; i++) {
        struct rfx_zone_rule rule = rule_of(state, texts[i]);
        int64_t start = seconds_of("2023-06-01 00:30:00");
        for (int64_t hour = 0; hour < 3 * 366 * 24; hour++) {
            assert_int_equal(rfx_zone_rule_offset_s(&rule, start + hour * 3600), -14400);
        }
        struct rfx_zone_change change;
        assert_true(rfx_zone_rule_change_after(&rule, start, &change));
        assert_int_equal(change.offset_s, -14400);
    }
}

/* Walking from change to change meets every offset, at instants far away too. */
static void test_changes_when_walked_then_they_agree_with_the_offsets(void **state)
{
    static const char *const texts[] = {
        "EST5EDT,M3.2.0,M11.1.0",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "AAA0BBB,0/-167,J365/167",
        "AAA24:59:59BBB-24:59:59,0,365/167",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct rfx_zone_rule rule = rule_of(state, texts[i]);
        const int64_t starts[] = {-RFX_ZONE_INSTANT_MAX, seconds_of("1897-01-01 00:00:00"),
                                  RFX_ZONE_INSTANT_MAX};
        for (size_t j = 0; j < 3; j++) {
            int64_t now = starts[j];
            for (int count = 0; count < 1000; count++) {
                struct rfx_zone_change change;
                assert_true(rfx_zone_rule_change_after(&rule, now, &change));
                assert_true(change.at_s > now && change.at_s < now + INT64_C(800) * 86400);
                assert_int_equal(rfx_zone_rule_offset_s(&rule, change.at_s - 1),
                                 rfx_zone_rule_offset_s(&rule, now));
                assert_int_equal(rfx_zone_rule_offset_s(&rule, change.at_s), change.offset_s);
                now = change.at_s;
            }
        }
    }
}

static void test_rule_when_malformed_then_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "E",
        "EST",
        "ES5",
        "5",
        "E5T5",
        "<+05-5",
        "<>5",
        "<ab>5",
        "<a b>5",
        "EST5 ",
        "EST25",
        "EST+-5",
        "EST5:60",
        "EST5:00:60",
        "EST5:",
        "EST5:00:",
        "EST5:00:00:00",
        "EST99999999999999999999",
        ":EST5",
        "EST5EDT",
        "EST5EDT,",
        "EST5EDT4",
        "EST5ED,M3.2.0,M11.1.0",
        "EST5EDT,M3.2.0",
        "EST5EDT,M3.2.0,",
        "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,M3.2,M11.1.0",
        "EST5EDT,M3.2.0,M11.1.0,",
        "EST5EDT,M3.2.0,M11.1.0\n",
        "EST5EDT,M3.2.0/,M11.1.0",
        "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0/-168,M11.1.0",
        "EST5EDT,M3.2.0/2:60,M11.1.0",
        "EST5EDT,J0,J365",
        "EST5EDT,J1,J366",
        "EST5EDT,0,366",
        "EST5EDT,-1,365",
        "EST5EDT,x,365",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct rfx_zone_rule rule;
        if (read_rule(state, texts[i], &rule)) {
            fail_msg("\"%s\" is accepted", texts[i]);
        }
    }
}

/* Every beginning of a rule is refused or another rule; none is read beyond its end. */
static void test_rule_when_cut_off_then_never_read_beyond_its_end(void **state)
{
    static const char text[] = "<+1030>-10:30:15<+11>-11:00,M10.1.0/2:00:00,J100/-3";
    for (size_t size = 0; size < sizeof text; size++) {
        struct rfx_zone_rule rule;
        bool is_read =
            rfx_zone_rule_read(rfx_bytes_of(guard_copy(*state, text, size), size), &rule);
        bool is_whole = size == sizeof text - 1 || size == strlen("<+1030>-1") ||
                        size == strlen("<+1030>-10") || size == strlen("<+1030>-10:3") ||
                        size == strlen("<+1030>-10:30") || size == strlen("<+1030>-10:30:1") ||
                        size == strlen("<+1030>-10:30:15");
        size_t moment = strlen("<+1030>-10:30:15<+11>-11:00,M10.1.0/2:00:00,J");
        is_whole = is_whole || (size > moment && size <= moment + 3);
        assert_true(is_read == is_whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_when_without_dst_then_one_offset_always),
        cmocka_unit_test(test_rule_when_by_weekday_of_month_then_that_one),
        cmocka_unit_test(test_rule_when_week_5_then_the_last_of_the_month),
        cmocka_unit_test(test_rule_when_on_the_southern_half_then_dst_over_new_year),
        cmocka_unit_test(test_rule_when_dst_is_negative_then_winter_is_the_dst),
        cmocka_unit_test(test_rule_when_by_day_of_year_then_leap_day_counts_without_j_alone),
        cmocka_unit_test(test_rule_when_times_are_beyond_a_day_then_another_day),
        cmocka_unit_test(test_rule_when_dst_fills_the_year_then_always_dst),
        cmocka_unit_test(test_changes_when_walked_then_they_agree_with_the_offsets),
        cmocka_unit_test(test_rule_when_malformed_then_refused),
        cmocka_unit_test(test_rule_when_cut_off_then_never_read_beyond_its_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
