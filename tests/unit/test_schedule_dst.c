/* Schedules where the wall clock jumps: both weekends of several zones, a skipped day, and random
 * zones that no country would choose. */
#include "io/zone_load.h"
#include "tests/unit/support_bytes.h"
#include "tests/unit/support_schedule.h"

#define NEW_YORK  "EST5EDT,M3.2.0,M11.1.0"
#define LONDON    "GMT0BST,M3.5.0/1,M10.5.0"
#define LORD_HOWE "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
#define DUBLIN    "IST-1GMT0,M10.5.0,M3.5.0/1"

static void test_daily_when_dst_changes_then_the_wall_clock_s_times_stay(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    struct rfx_schedule schedule = daily("08:00:00", "17:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-03-08 13:00:00", "2025-03-08 13:00:00", "2025-03-08 22:00:00");
    expect_closed(&schedule, "2025-03-08 22:00:00", "2025-03-09 12:00:00", "2025-03-09 21:00:00");
    expect_open(&schedule, "2025-11-01 20:59:59", "2025-11-01 12:00:00", "2025-11-01 21:00:00");
    expect_closed(&schedule, "2025-11-01 21:00:00", "2025-11-02 13:00:00", "2025-11-02 22:00:00");
    rfx_zone_free(zone);
}

static void test_daily_when_around_the_clock_then_days_of_23_and_25_hours(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    struct rfx_schedule schedule = daily("17:00:00", "17:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-03-09 07:00:00", "2025-03-08 22:00:00", "2025-03-09 21:00:00");
    expect_open(&schedule, "2025-11-02 06:00:00", "2025-11-01 21:00:00", "2025-11-02 22:00:00");
    rfx_zone_free(zone);
}

/* New York skips 02:00 to 03:00 on 2025-03-09, at 07:00 UTC. */
static void test_daily_when_the_start_is_skipped_then_it_starts_at_the_change(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    struct rfx_schedule schedule = daily("02:30:00", "10:00:00", EVERY_DAY, zone);
    expect_closed(&schedule, "2025-03-09 06:59:59", "2025-03-09 07:00:00", "2025-03-09 14:00:00");
    expect_open(&schedule, "2025-03-09 07:00:00", "2025-03-09 07:00:00", "2025-03-09 14:00:00");
    rfx_zone_free(zone);
}

static void test_daily_when_the_end_is_skipped_then_it_ends_at_the_change(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    struct rfx_schedule schedule = daily("22:00:00", "02:30:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-03-09 06:59:59", "2025-03-09 03:00:00", "2025-03-09 07:00:00");
    expect_closed(&schedule, "2025-03-09 07:00:00", "2025-03-10 02:00:00", "2025-03-10 06:30:00");
    rfx_zone_free(zone);
}

static void test_daily_when_start_and_end_are_skipped_then_that_day_has_no_session(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    struct rfx_schedule schedule = daily("02:15:00", "02:45:00", EVERY_DAY, zone);
    expect_closed(&schedule, "2025-03-08 08:00:00", "2025-03-10 06:15:00", "2025-03-10 06:45:00");
    expect_closed(&schedule, "2025-03-09 07:00:00", "2025-03-10 06:15:00", "2025-03-10 06:45:00");
    schedule = daily("02:15:00", "02:45:00", 1u << SUNDAY, zone);
    expect_closed(&schedule, "2025-03-08 08:00:00", "2025-03-16 06:15:00", "2025-03-16 06:45:00");
    rfx_zone_free(zone);
}

static void test_daily_when_the_boundary_is_skipped_then_it_is_at_the_change(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    struct rfx_schedule schedule = daily("02:30:00", "02:30:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-03-09 06:59:59", "2025-03-08 07:30:00", "2025-03-09 07:00:00");
    expect_open(&schedule, "2025-03-09 07:00:00", "2025-03-09 07:00:00", "2025-03-10 06:30:00");
    rfx_zone_free(zone);
}

/* New York shows 01:00 to 02:00 twice on 2025-11-02, from 05:00 and from 06:00 UTC. */
static void test_daily_when_the_start_is_repeated_then_it_starts_the_first_time(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    struct rfx_schedule schedule = daily("01:30:00", "10:00:00", EVERY_DAY, zone);
    expect_closed(&schedule, "2025-11-02 05:29:59", "2025-11-02 05:30:00", "2025-11-02 15:00:00");
    expect_open(&schedule, "2025-11-02 06:30:00", "2025-11-02 05:30:00", "2025-11-02 15:00:00");
    schedule = daily("01:00:00", "10:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-11-02 06:00:00", "2025-11-02 05:00:00", "2025-11-02 15:00:00");
    rfx_zone_free(zone);
}

static void test_daily_when_the_end_is_repeated_then_it_ends_the_last_time(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    struct rfx_schedule schedule = daily("22:00:00", "01:30:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-11-02 06:29:59", "2025-11-02 02:00:00", "2025-11-02 06:30:00");
    expect_closed(&schedule, "2025-11-02 06:30:00", "2025-11-03 03:00:00", "2025-11-03 06:30:00");
    schedule = daily("22:00:00", "01:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-11-02 05:59:59", "2025-11-02 02:00:00", "2025-11-02 06:00:00");
    schedule = daily("01:15:00", "01:45:00", EVERY_DAY, zone); /* once, not twice */
    expect_open(&schedule, "2025-11-02 06:00:00", "2025-11-02 05:15:00", "2025-11-02 06:45:00");
    rfx_zone_free(zone);
}

static void test_daily_when_the_boundary_is_repeated_then_it_is_at_the_first_time(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(NEW_YORK);
    struct rfx_schedule schedule = daily("01:30:00", "01:30:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-11-02 05:29:59", "2025-11-01 05:30:00", "2025-11-02 05:30:00");
    expect_open(&schedule, "2025-11-02 06:30:00", "2025-11-02 05:30:00", "2025-11-03 06:30:00");
    schedule = daily("01:30:00", "01:20:00", EVERY_DAY, zone); /* its end comes after the start */
    expect_open(&schedule, "2025-11-02 05:25:00", "2025-11-01 05:30:00", "2025-11-02 05:30:00");
    expect_open(&schedule, "2025-11-02 05:30:00", "2025-11-02 05:30:00", "2025-11-03 06:20:00");
    rfx_zone_free(zone);
}

static void test_schedule_when_in_london_then_both_weekends_by_its_clock(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(LONDON);
    struct rfx_schedule schedule = daily("01:30:00", "01:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-03-30 00:59:59", "2025-03-29 01:30:00", "2025-03-30 01:00:00");
    expect_open(&schedule, "2025-03-30 01:00:00", "2025-03-30 01:00:00", "2025-03-31 00:00:00");
    schedule = daily("08:00:00", "01:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-10-26 00:30:00", "2025-10-25 07:00:00", "2025-10-26 01:00:00");
    schedule = weekly(SUNDAY, "01:00:00", SUNDAY, "01:00:00", zone);
    expect_open(&schedule, "2025-10-26 00:00:00", "2025-10-26 00:00:00", "2025-11-02 01:00:00");
    expect_open(&schedule, "2025-03-29 00:00:00", "2025-03-23 01:00:00", "2025-03-30 01:00:00");
    rfx_zone_free(zone);
    zone = tzif_rule_zone(DUBLIN); /* the same clock, its winter being the DST */
    schedule.zone = zone;
    expect_open(&schedule, "2025-10-26 00:00:00", "2025-10-26 00:00:00", "2025-11-02 01:00:00");
    schedule = daily("01:30:00", "08:00:00", EVERY_DAY, zone);
    expect_closed(&schedule, "2025-03-30 00:30:00", "2025-03-30 01:00:00", "2025-03-30 07:00:00");
    rfx_zone_free(zone);
}

/* Half an hour: 02:00 to 02:30 is skipped in October, 01:30 to 02:00 repeated in April. */
static void test_schedule_when_in_lord_howe_then_half_an_hour(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone(LORD_HOWE);
    struct rfx_schedule schedule = daily("02:15:00", "08:00:00", EVERY_DAY, zone);
    expect_closed(&schedule, "2025-10-04 15:00:00", "2025-10-04 15:30:00", "2025-10-04 21:00:00");
    schedule = daily("01:45:00", "01:50:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-04-05 15:00:00", "2025-04-05 14:45:00", "2025-04-05 15:20:00");
    schedule = daily("01:45:00", "01:45:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-04-05 15:15:00", "2025-04-05 14:45:00", "2025-04-06 15:15:00");
    rfx_zone_free(zone);
}

/* Friday 2011-12-30 is not there: Thursday ends at 10:00 UTC, and Saturday begins. */
static void test_schedule_when_apia_skips_a_day_then_that_day_has_no_session(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_apia_zone();
    struct rfx_schedule schedule = daily("08:00:00", "17:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2011-12-29 20:00:00", "2011-12-29 18:00:00", "2011-12-30 03:00:00");
    expect_closed(&schedule, "2011-12-30 03:00:00", "2011-12-30 18:00:00", "2011-12-31 03:00:00");
    schedule = daily("08:00:00", "17:00:00", 1u << FRIDAY, zone);
    expect_closed(&schedule, "2011-12-29 00:00:00", "2012-01-05 18:00:00", "2012-01-06 03:00:00");
    schedule = daily("00:00:00", "00:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2011-12-30 09:59:59", "2011-12-29 10:00:00", "2011-12-30 10:00:00");
    expect_open(&schedule, "2011-12-30 10:00:00", "2011-12-30 10:00:00", "2011-12-31 10:00:00");
    schedule = daily("22:00:00", "06:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2011-12-30 09:00:00", "2011-12-30 08:00:00", "2011-12-30 10:00:00");
    expect_open(&schedule, "2011-12-30 10:00:00", "2011-12-30 10:00:00", "2011-12-30 16:00:00");
    schedule = weekly(MONDAY, "08:00:00", FRIDAY, "17:00:00", zone);
    expect_open(&schedule, "2011-12-30 09:00:00", "2011-12-26 18:00:00", "2011-12-30 10:00:00");
    expect_closed(&schedule, "2011-12-30 10:00:00", "2012-01-01 18:00:00", "2012-01-06 03:00:00");
    rfx_zone_free(zone);
}

/* Back at 03:00 on 2025-02-23 for Ramadan, forward at 02:00 on 2025-04-06. */
static void test_schedule_when_in_casablanca_then_standard_time_is_the_later_one(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_casablanca_zone();
    struct rfx_schedule schedule = daily("02:30:00", "10:00:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-02-23 01:30:00", "2025-02-23 01:30:00", "2025-02-23 10:00:00");
    expect_closed(&schedule, "2025-04-06 01:00:00", "2025-04-06 02:00:00", "2025-04-06 09:00:00");
    schedule = daily("20:00:00", "02:30:00", EVERY_DAY, zone);
    expect_open(&schedule, "2025-02-23 02:29:59", "2025-02-22 19:00:00", "2025-02-23 02:30:00");
    rfx_zone_free(zone);
}

/* ---------------------------------------------------------------------------------- soundness */

static void expect_sound_schedules(const struct rfx_zone *zone, const char *from, const char *until,
                                   int64_t step_s)
{
    static const char *const times[][2] = {
        {"08:00:00", "17:00:00"}, {"22:00:00", "06:00:00"}, {"17:00:00", "17:00:00"},
        {"00:00:00", "00:00:00"}, {"00:00:00", "23:59:59"}, {"01:30:00", "01:30:00"},
        {"02:30:00", "02:30:00"}, {"02:15:00", "02:45:00"}, {"01:30:00", "01:20:00"},
        {"02:30:00", "02:20:00"}, {"01:15:00", "01:45:00"}, {"01:00:00", "02:00:00"},
        {"02:00:00", "01:00:00"},
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct rfx_schedule schedule = daily(times[i][0], times[i][1], EVERY_DAY, zone);
        expect_sound(&schedule, from, until, step_s);
        schedule.days = 1u << SUNDAY | 1u << FRIDAY;
        expect_sound(&schedule, from, until, step_s);
        schedule = weekly(SUNDAY, times[i][0], FRIDAY, times[i][1], zone);
        expect_sound(&schedule, from, until, step_s);
        schedule = weekly(SUNDAY, times[i][0], SUNDAY, times[i][1], zone);
        expect_sound(&schedule, from, until, step_s);
    }
}

static void test_schedule_when_a_year_is_walked_then_sound_in_every_zone(void **state)
{
    (void)state;
    static const char *const rules[] = {NEW_YORK, LONDON, LORD_HOWE, DUBLIN, "IST-5:30"};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct rfx_zone *zone = tzif_rule_zone(rules[i]);
        expect_sound_schedules(zone, "2025-01-01 00:00:00", "2026-01-01 00:00:00",
                               i == 0 ? 3600 : 5 * 3600);
        expect_sound_schedules(zone, "1968-02-25 00:00:00", "1968-05-10 00:00:00", 5 * 3600);
        rfx_zone_free(zone);
    }
    struct rfx_zone *zone = tzif_apia_zone();
    expect_sound_schedules(zone, "2011-12-01 00:00:00", "2012-02-01 00:00:00", 5 * 3600);
    rfx_zone_free(zone);
    zone = tzif_casablanca_zone();
    expect_sound_schedules(zone, "2025-01-01 00:00:00", "2026-01-01 00:00:00", 5 * 3600);
    rfx_zone_free(zone);
}

/* Changes of up to two days, sometimes hours apart. */
static void test_schedule_when_the_zone_is_wild_then_sound(void **state)
{
    (void)state;
    uint64_t seed = 31;
    for (int round = 0; round < 20; round++) {
        int32_t offsets_s[6];
        struct tzif_change changes[30];
        for (size_t i = 0; i < 6; i++) {
            offsets_s[i] = (int32_t)random_below(&seed, 51 * 3600 - 1) - 25 * 3600 + 1;
        }
        int64_t at_s = seconds_of("2025-01-01 00:00:00");
        for (size_t i = 0; i < 30; i++) {
            at_s += 1 + (int64_t)random_below(&seed, i % 3 == 0 ? 40000 : 500000);
            changes[i] = (struct tzif_change){at_s, (uint8_t)random_below(&seed, 6)};
        }
        struct rfx_zone *zone = tzif_zone(&(struct tzif_spec){.changes = changes,
                                                              .change_count = 30,
                                                              .offsets_s = offsets_s,
                                                              .offset_count = 6,
                                                              .rule = NEW_YORK});
        expect_sound_schedules(zone, "2024-12-20 00:00:00", "2025-04-20 00:00:00", 5 * 3600);
        rfx_zone_free(zone);
    }
}

static void test_schedule_when_in_system_zones_then_sound(void **state)
{
    (void)state;
    static const char *const names[] = {"America/New_York", "Europe/London",      "Pacific/Apia",
                                        "Asia/Kolkata",     "Africa/Casablanca",  "Asia/Gaza",
                                        "Europe/Dublin",    "Australia/Lord_Howe"};
    need_system_zones();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct rfx_zone *zone = NULL;
        assert_int_equal(rfx_zone_load(names[i], &zone, NULL), RFX_OK);
        expect_sound_schedules(zone, "2011-09-01 00:00:00", "2012-05-01 00:00:00", 5 * 3600);
        expect_sound_schedules(zone, "2026-01-01 00:00:00", "2026-04-10 00:00:00", 5 * 3600);
        expect_sound_schedules(zone, "2199-10-01 00:00:00", "2199-12-01 00:00:00", 5 * 3600);
        rfx_zone_free(zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_daily_when_dst_changes_then_the_wall_clock_s_times_stay),
        cmocka_unit_test(test_daily_when_around_the_clock_then_days_of_23_and_25_hours),
        cmocka_unit_test(test_daily_when_the_start_is_skipped_then_it_starts_at_the_change),
        cmocka_unit_test(test_daily_when_the_end_is_skipped_then_it_ends_at_the_change),
        cmocka_unit_test(test_daily_when_start_and_end_are_skipped_then_that_day_has_no_session),
        cmocka_unit_test(test_daily_when_the_boundary_is_skipped_then_it_is_at_the_change),
        cmocka_unit_test(test_daily_when_the_start_is_repeated_then_it_starts_the_first_time),
        cmocka_unit_test(test_daily_when_the_end_is_repeated_then_it_ends_the_last_time),
        cmocka_unit_test(test_daily_when_the_boundary_is_repeated_then_it_is_at_the_first_time),
        cmocka_unit_test(test_schedule_when_in_london_then_both_weekends_by_its_clock),
        cmocka_unit_test(test_schedule_when_in_lord_howe_then_half_an_hour),
        cmocka_unit_test(test_schedule_when_apia_skips_a_day_then_that_day_has_no_session),
        cmocka_unit_test(test_schedule_when_in_casablanca_then_standard_time_is_the_later_one),
        cmocka_unit_test(test_schedule_when_a_year_is_walked_then_sound_in_every_zone),
        cmocka_unit_test(test_schedule_when_the_zone_is_wild_then_sound),
        cmocka_unit_test(test_schedule_when_in_system_zones_then_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
