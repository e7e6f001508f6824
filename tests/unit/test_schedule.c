/* Schedules in UTC and in zones of one offset: which days, over midnight, over the week's end,
 * around the clock, at the ends of time; and the texts that say so. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_bytes.h"
#include "tests/unit/support_schedule.h"

/* In 2025-06, 1, 8, 15, 22 and 29 are Sundays. */

static void test_schedule_when_nonstop_then_one_stretch_without_ends(void **state)
{
    (void)state;
    struct rfx_schedule schedule = {.kind = RFX_SCHEDULE_NONSTOP};
    const int64_t instants[] = {INT64_MIN, -1, 0, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        struct rfx_interval interval;
        assert_true(rfx_schedule_at(&schedule, instants[i], &interval));
        assert_true(interval.start_ns == INT64_MIN && interval.end_ns == INT64_MAX);
    }
}

static void test_daily_when_within_a_day_then_open_from_start_to_end(void **state)
{
    (void)state;
    struct rfx_schedule schedule = daily("08:00:00", "16:30:00", EVERY_DAY, NULL);
    expect_closed(&schedule, "2025-06-10 07:59:59", "2025-06-10 08:00:00", "2025-06-10 16:30:00");
    expect_open(&schedule, "2025-06-10 08:00:00", "2025-06-10 08:00:00", "2025-06-10 16:30:00");
    expect_open(&schedule, "2025-06-10 16:29:59", "2025-06-10 08:00:00", "2025-06-10 16:30:00");
    expect_closed(&schedule, "2025-06-10 16:30:00", "2025-06-11 08:00:00", "2025-06-11 16:30:00");
    expect_closed(&schedule, "2025-12-31 23:00:00", "2026-01-01 08:00:00", "2026-01-01 16:30:00");
}

static void test_daily_when_over_midnight_then_open_until_the_next_day(void **state)
{
    (void)state;
    struct rfx_schedule schedule = daily("22:00:00", "06:00:00", EVERY_DAY, NULL);
    expect_open(&schedule, "2025-06-10 22:00:00", "2025-06-10 22:00:00", "2025-06-11 06:00:00");
    expect_open(&schedule, "2025-06-11 00:00:00", "2025-06-10 22:00:00", "2025-06-11 06:00:00");
    expect_open(&schedule, "2025-06-11 05:59:59", "2025-06-10 22:00:00", "2025-06-11 06:00:00");
    expect_closed(&schedule, "2025-06-11 06:00:00", "2025-06-11 22:00:00", "2025-06-12 06:00:00");
}

static void test_daily_when_start_is_end_then_open_always_with_a_boundary(void **state)
{
    (void)state;
    struct rfx_schedule schedule = daily("17:00:00", "17:00:00", EVERY_DAY, NULL);
    expect_open(&schedule, "2025-06-10 16:59:59", "2025-06-09 17:00:00", "2025-06-10 17:00:00");
    expect_open(&schedule, "2025-06-10 17:00:00", "2025-06-10 17:00:00", "2025-06-11 17:00:00");
    schedule = daily("00:00:00", "00:00:00", EVERY_DAY, NULL);
    expect_open(&schedule, "2025-06-10 23:59:59", "2025-06-10 00:00:00", "2025-06-11 00:00:00");
    schedule = daily("00:00:00", "23:59:59", EVERY_DAY, NULL);
    expect_closed(&schedule, "2025-06-10 23:59:59", "2025-06-11 00:00:00", "2025-06-11 23:59:59");
}

static void test_daily_when_on_some_weekdays_then_closed_on_the_others(void **state)
{
    (void)state;
    struct rfx_schedule schedule =
        daily("08:00:00", "16:00:00", 1u << MONDAY | 1u << WEDNESDAY, NULL);
    expect_open(&schedule, "2025-06-09 09:00:00", "2025-06-09 08:00:00", "2025-06-09 16:00:00");
    expect_closed(&schedule, "2025-06-10 09:00:00", "2025-06-11 08:00:00", "2025-06-11 16:00:00");
    expect_closed(&schedule, "2025-06-11 16:00:00", "2025-06-16 08:00:00", "2025-06-16 16:00:00");
    for (uint8_t day = 0; day < 7; day++) { /* day after day, one week later each time */
        schedule = daily("00:00:00", "00:00:00", (uint8_t)(1u << day), NULL);
        char start[32];
        char end[32];
        char before[32];
        snprintf(before, sizeof before, "2025-06-%02d 23:59:59", 7 + day);
        snprintf(start, sizeof start, "2025-06-%02d 00:00:00", 8 + day);
        snprintf(end, sizeof end, "2025-06-%02d 00:00:00", 9 + day);
        expect_open(&schedule, start, start, end);
        expect_closed(&schedule, before, start, end);
    }
}

/* Friday's session lasts into Saturday, where none starts. */
static void
test_daily_when_over_midnight_on_some_weekdays_then_the_day_of_its_start_counts(void **state)
{
    (void)state;
    struct rfx_schedule schedule = daily("22:00:00", "06:00:00", 1u << SUNDAY | 1u << FRIDAY, NULL);
    expect_open(&schedule, "2025-06-07 05:59:59", "2025-06-06 22:00:00", "2025-06-07 06:00:00");
    expect_closed(&schedule, "2025-06-07 06:00:00", "2025-06-08 22:00:00", "2025-06-09 06:00:00");
    expect_closed(&schedule, "2025-06-08 02:00:00", "2025-06-08 22:00:00", "2025-06-09 06:00:00");
    expect_open(&schedule, "2025-06-09 02:00:00", "2025-06-08 22:00:00", "2025-06-09 06:00:00");
    expect_closed(&schedule, "2025-06-09 22:30:00", "2025-06-13 22:00:00", "2025-06-14 06:00:00");
}

static void test_weekly_when_within_a_week_then_open_from_day_to_day(void **state)
{
    (void)state;
    struct rfx_schedule schedule = weekly(MONDAY, "07:00:00", FRIDAY, "18:00:00", NULL);
    expect_closed(&schedule, "2025-06-09 06:59:59", "2025-06-09 07:00:00", "2025-06-13 18:00:00");
    expect_open(&schedule, "2025-06-09 07:00:00", "2025-06-09 07:00:00", "2025-06-13 18:00:00");
    expect_open(&schedule, "2025-06-11 03:00:00", "2025-06-09 07:00:00", "2025-06-13 18:00:00");
    expect_open(&schedule, "2025-06-13 17:59:59", "2025-06-09 07:00:00", "2025-06-13 18:00:00");
    expect_closed(&schedule, "2025-06-13 18:00:00", "2025-06-16 07:00:00", "2025-06-20 18:00:00");
}

static void test_weekly_when_over_the_week_s_end_then_open_into_the_next_week(void **state)
{
    (void)state;
    struct rfx_schedule schedule = weekly(FRIDAY, "18:00:00", MONDAY, "07:00:00", NULL);
    expect_open(&schedule, "2025-06-13 18:00:00", "2025-06-13 18:00:00", "2025-06-16 07:00:00");
    expect_open(&schedule, "2025-06-15 00:00:00", "2025-06-13 18:00:00", "2025-06-16 07:00:00");
    expect_closed(&schedule, "2025-06-16 07:00:00", "2025-06-20 18:00:00", "2025-06-23 07:00:00");
    schedule = weekly(SATURDAY, "23:00:00", SUNDAY, "22:00:00", NULL);
    expect_open(&schedule, "2025-06-15 21:00:00", "2025-06-14 23:00:00", "2025-06-15 22:00:00");
    schedule = weekly(SUNDAY, "17:00:00", SATURDAY, "17:00:00", NULL);
    expect_open(&schedule, "2025-06-14 16:59:59", "2025-06-08 17:00:00", "2025-06-14 17:00:00");
    expect_closed(&schedule, "2025-06-14 17:00:00", "2025-06-15 17:00:00", "2025-06-21 17:00:00");
}

static void test_weekly_when_on_one_day_then_a_day_s_part_or_the_whole_week(void **state)
{
    (void)state;
    struct rfx_schedule schedule = weekly(SUNDAY, "08:00:00", SUNDAY, "10:00:00", NULL);
    expect_open(&schedule, "2025-06-08 09:00:00", "2025-06-08 08:00:00", "2025-06-08 10:00:00");
    expect_closed(&schedule, "2025-06-08 10:00:00", "2025-06-15 08:00:00", "2025-06-15 10:00:00");
    schedule = weekly(SUNDAY, "10:00:00", SUNDAY, "08:00:00", NULL);
    expect_open(&schedule, "2025-06-08 10:00:00", "2025-06-08 10:00:00", "2025-06-15 08:00:00");
    expect_closed(&schedule, "2025-06-15 09:00:00", "2025-06-15 10:00:00", "2025-06-22 08:00:00");
    schedule = weekly(SUNDAY, "10:00:00", SUNDAY, "10:00:00", NULL);
    expect_open(&schedule, "2025-06-15 09:59:59", "2025-06-08 10:00:00", "2025-06-15 10:00:00");
    expect_open(&schedule, "2025-06-15 10:00:00", "2025-06-15 10:00:00", "2025-06-22 10:00:00");
}

/* The day of the wall clock, not that of UTC. */
static void test_schedule_when_in_a_zone_then_its_days_and_times_count(void **state)
{
    (void)state;
    struct rfx_zone *kolkata = tzif_rule_zone("IST-5:30");
    struct rfx_schedule schedule = daily("02:00:00", "04:00:00", 1u << MONDAY, kolkata);
    expect_closed(&schedule, "2025-06-08 20:29:59", "2025-06-08 20:30:00", "2025-06-08 22:30:00");
    expect_open(&schedule, "2025-06-08 20:30:00", "2025-06-08 20:30:00", "2025-06-08 22:30:00");
    rfx_zone_free(kolkata);
    struct rfx_zone *far_east = tzif_rule_zone("XXX-24:59:59");
    schedule = weekly(MONDAY, "00:00:00", TUESDAY, "00:00:00", far_east);
    expect_open(&schedule, "2025-06-08 22:00:00", "2025-06-07 23:00:01", "2025-06-08 23:00:01");
    rfx_zone_free(far_east);
    struct rfx_zone *far_west = tzif_rule_zone("XXX24:59:59");
    schedule = weekly(MONDAY, "00:00:00", TUESDAY, "00:00:00", far_west);
    expect_open(&schedule, "2025-06-10 01:00:00", "2025-06-10 00:59:59", "2025-06-11 00:59:59");
    rfx_zone_free(far_west);
}

static void test_schedule_when_before_1970_then_as_after_it(void **state)
{
    (void)state;
    struct rfx_schedule schedule = daily("22:00:00", "06:00:00", EVERY_DAY, NULL);
    expect_open(&schedule, "1969-12-31 23:59:59", "1969-12-31 22:00:00", "1970-01-01 06:00:00");
    expect_closed(&schedule, "1904-02-29 12:00:00", "1904-02-29 22:00:00", "1904-03-01 06:00:00");
    schedule = weekly(MONDAY, "07:00:00", FRIDAY, "18:00:00", NULL);
    expect_open(&schedule, "1969-07-16 13:32:00", "1969-07-14 07:00:00", "1969-07-18 18:00:00");
    struct rfx_interval interval;
    schedule = daily("00:00:00", "00:00:00", EVERY_DAY, NULL);
    assert_true(rfx_schedule_at(&schedule, -1, &interval)); /* one nanosecond */
    assert_true(interval.end_ns == 0);
}

static void test_schedule_when_at_the_ends_of_time_then_cut_off_there(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone("EST5EDT,M3.2.0,M11.1.0");
    struct rfx_schedule schedule = daily("17:00:00", "17:00:00", EVERY_DAY, zone);
    struct rfx_interval interval;
    assert_true(rfx_schedule_at(&schedule, INT64_MIN, &interval));
    assert_true(interval.start_ns == INT64_MIN && interval.end_ns > INT64_MIN);
    assert_true(rfx_schedule_at(&schedule, INT64_MAX, &interval));
    assert_true(interval.start_ns < INT64_MAX && interval.end_ns == INT64_MAX);
    schedule = daily("23:48:00", "23:49:00", EVERY_DAY, NULL); /* the last instant is before */
    assert_false(rfx_schedule_at(&schedule, INT64_MAX, &interval));
    assert_true(interval.start_ns == INT64_MAX && interval.end_ns == INT64_MAX);
    expect_closed(&schedule, "2262-04-01 00:00:00", "2262-04-01 23:48:00", "2262-04-01 23:49:00");
    rfx_zone_free(zone);
}

static void test_schedule_when_of_any_kind_in_utc_then_sound(void **state)
{
    (void)state;
    uint64_t seed = 21;
    for (int i = 0; i < 200; i++) {
        struct rfx_schedule schedule = {
            .kind = i % 2 == 0 ? RFX_SCHEDULE_DAILY : RFX_SCHEDULE_WEEKLY,
            .start_s = (uint32_t)random_below(&seed, 86400),
            .end_s = (uint32_t)random_below(&seed, 86400),
            .start_day = (uint8_t)random_below(&seed, 7),
            .end_day = (uint8_t)random_below(&seed, 7),
            .days = (uint8_t)(1 + random_below(&seed, 127)),
        };
        expect_sound(&schedule, "1969-12-01 00:00:00", "1970-02-01 00:00:00", 3600);
    }
}

/* ------------------------------------------------------------------------------------- texts */

static bool read_time(const char *text, uint32_t *seconds)
{
    return rfx_schedule_read_time(rfx_bytes_of(text, strlen(text)), seconds);
}

static void test_time_when_well_formed_then_seconds_of_the_day(void **state)
{
    (void)state;
    uint32_t seconds;
    assert_true(read_time("00:00:00", &seconds) && seconds == 0);
    assert_true(read_time("01:02:03", &seconds) && seconds == 3723);
    assert_true(read_time("23:59:59", &seconds) && seconds == 86399);
}

static void test_time_when_malformed_then_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",          "0",         "24:00:00", "23:60:00", "23:59:60", "8:00:00",
        "08:00",     "08:00:0",   "08-00:00", "08:00-00", "08:00:0x", "-8:00:00",
        "08:00:000", " 08:00:00", "/0:00:00", "0::00:00", "99:99:99",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint32_t seconds;
        if (read_time(texts[i], &seconds)) {
            fail_msg("\"%s\" is accepted", texts[i]);
        }
    }
}

static void test_day_when_whole_or_short_in_any_case_then_its_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t day;
    } days[] = {
        {"Sunday", 0}, {"MONDAY", 1}, {"tuesday", 2}, {"Wed", 3}, {"TH", 4},
        {"thu", 4},    {"fr", 5},     {"Fri", 5},     {"sA", 6},  {"saturday", 6},
    };
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        uint8_t day = 77;
        assert_true(rfx_schedule_read_day(rfx_bytes_of(days[i].text, strlen(days[i].text)), &day));
        assert_int_equal(day, days[i].day);
    }
    static const char *const wrong[] = {"",        "s",  "t", "sund",  "sundays",
                                        "sunday ", "xy", "0", "MO\xc4"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t day;
        if (rfx_schedule_read_day(rfx_bytes_of(wrong[i], strlen(wrong[i])), &day)) {
            fail_msg("\"%s\" is accepted", wrong[i]);
        }
    }
}

static void test_days_when_a_list_then_a_mask(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int days; /* -1: refused */
    } lists[] = {
        {"Mon", 2},
        {"Mon,Tue,Wed,Thu,Fri", 0x3e},
        {"su, sa", 0x41},
        {" mo\t,\tmonday ", 2},
        {"sunday,mo,tu,we,th,fr,sat", 0x7f},
        {"", -1},
        {",", -1},
        {"Mon,", -1},
        {",Mon", -1},
        {"Mon,,Tue", -1},
        {"Mon Tue", -1},
        {"Mon;Tue", -1},
        {"Mon,Xyz", -1},
        {" ", -1},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        uint8_t days = 0;
        bool is_read =
            rfx_schedule_read_days(rfx_bytes_of(lists[i].text, strlen(lists[i].text)), &days);
        if ((is_read ? days : -1) != lists[i].days) {
            fail_msg("\"%s\" is read as %d", lists[i].text, is_read ? days : -1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schedule_when_nonstop_then_one_stretch_without_ends),
        cmocka_unit_test(test_daily_when_within_a_day_then_open_from_start_to_end),
        cmocka_unit_test(test_daily_when_over_midnight_then_open_until_the_next_day),
        cmocka_unit_test(test_daily_when_start_is_end_then_open_always_with_a_boundary),
        cmocka_unit_test(test_daily_when_on_some_weekdays_then_closed_on_the_others),
        cmocka_unit_test(
            test_daily_when_over_midnight_on_some_weekdays_then_the_day_of_its_start_counts),
        cmocka_unit_test(test_weekly_when_within_a_week_then_open_from_day_to_day),
        cmocka_unit_test(test_weekly_when_over_the_week_s_end_then_open_into_the_next_week),
        cmocka_unit_test(test_weekly_when_on_one_day_then_a_day_s_part_or_the_whole_week),
        cmocka_unit_test(test_schedule_when_in_a_zone_then_its_days_and_times_count),
        cmocka_unit_test(test_schedule_when_before_1970_then_as_after_it),
        cmocka_unit_test(test_schedule_when_at_the_ends_of_time_then_cut_off_there),
        cmocka_unit_test(test_schedule_when_of_any_kind_in_utc_then_sound),
        cmocka_unit_test(test_time_when_well_formed_then_seconds_of_the_day),
        cmocka_unit_test(test_time_when_malformed_then_refused),
        cmocka_unit_test(test_day_when_whole_or_short_in_any_case_then_its_number),
        cmocka_unit_test(test_days_when_a_list_then_a_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
