/* TZif files: offsets at instants, instants of wall times, damaged files. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/zone.h"
#include "core/zone_rule.h"
#include "io/zone_load.h"
#include "tests/unit/support_bytes.h"
#include "tests/unit/support_tzif.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void expect_offset(const struct rfx_zone *zone, const char *utc, int32_t offset_s)
{
    int32_t found = rfx_zone_offset_s(zone, seconds_of(utc));
    if (found != offset_s) {
        fail_msg("offset at %s is %d, not %d", utc, found, offset_s);
    }
}

static void expect_instants(const struct rfx_zone *zone, const char *local, const char *first,
                            const char *last)
{
    int64_t first_s;
    int64_t last_s;
    rfx_zone_instants(zone, seconds_of(local), &first_s, &last_s);
    if (first_s != seconds_of(first) || last_s != seconds_of(last)) {
        fail_msg("%s is shown at %s and %s, not %s and %s", local, text_of(first_s),
                 text_of(last_s), first, last);
    }
}

/* ----------------------------------------------------------------------------------- offsets */

static void test_offset_when_no_zone_then_utc(void **state)
{
    (void)state;
    int64_t first;
    int64_t last;
    rfx_zone_instants(NULL, -77, &first, &last);
    assert_true(first == -77 && last == -77);
    assert_int_equal(rfx_zone_offset_s(NULL, 12345), 0);
    assert_string_equal(rfx_zone_name(NULL), "UTC");
    rfx_zone_free(NULL);
}

static void test_offset_when_between_changes_then_of_the_last_one(void **state)
{
    (void)state;
    static const int32_t offsets_s[] = {-17762, -18000, -14400};
    static const struct tzif_change changes[] = {
        {-2717650800, 1}, {-1633280400, 2}, {-1615140000, 1}, {0, 2}, {100, 1}};
    for (char version = '1'; version <= '4'; version++) {
        struct tzif_spec spec = {.version = version,
                                 .changes = changes + (version == '1'), /* 32 bits */
                                 .change_count = COUNT(changes) - (version == '1'),
                                 .offsets_s = offsets_s,
                                 .offset_count = COUNT(offsets_s)};
        struct rfx_zone *zone = tzif_zone(&spec);
        assert_string_equal(rfx_zone_name(zone), "Test/Zone");
        assert_int_equal(rfx_zone_offset_s(zone, INT64_MIN), -17762);
        if (version != '1') {
            assert_int_equal(rfx_zone_offset_s(zone, -2717650801), -17762);
            assert_int_equal(rfx_zone_offset_s(zone, -2717650800), -18000);
            assert_int_equal(rfx_zone_offset_s(zone, -1633280401), -18000);
        }
        assert_int_equal(rfx_zone_offset_s(zone, -1633280400), -14400);
        assert_int_equal(rfx_zone_offset_s(zone, -1615140000), -18000);
        assert_int_equal(rfx_zone_offset_s(zone, -1), -18000);
        assert_int_equal(rfx_zone_offset_s(zone, 0), -14400);
        assert_int_equal(rfx_zone_offset_s(zone, 99), -14400);
        assert_int_equal(rfx_zone_offset_s(zone, 100), -18000);
        assert_int_equal(rfx_zone_offset_s(zone, INT64_MAX), -18000);
        rfx_zone_free(zone);
    }
}

static void test_offset_when_after_the_last_change_then_of_the_rule(void **state)
{
    (void)state;
    const int32_t offsets_s[] = {3600, 0};
    const struct tzif_change changes[] = {{seconds_of("2010-01-01 00:00:00"), 1}};
    struct rfx_zone *zone = tzif_zone(&(struct tzif_spec){.changes = changes,
                                                          .change_count = 1,
                                                          .offsets_s = offsets_s,
                                                          .offset_count = 2,
                                                          .rule = "GMT0BST,M3.5.0/1,M10.5.0"});
    expect_offset(zone, "2009-07-01 00:00:00", 3600);
    expect_offset(zone, "2009-12-31 23:59:59", 3600); /* the rule does not hold yet */
    expect_offset(zone, "2010-01-01 00:00:00", 0);
    expect_offset(zone, "2010-03-28 00:59:59", 0);
    expect_offset(zone, "2010-03-28 01:00:00", 3600);
    expect_offset(zone, "2500-07-01 00:00:00", 3600);
    rfx_zone_free(zone);
}

/* The file says +2 from the last change on, its rule says 0: instants and offsets agree on 0. */
static void test_instants_when_rule_and_last_change_differ_then_the_rule_wins(void **state)
{
    (void)state;
    const int32_t offsets_s[] = {3600, 7200};
    const struct tzif_change changes[] = {{seconds_of("2010-01-01 00:00:00"), 1}};
    struct rfx_zone *zone = tzif_zone(&(struct tzif_spec){.changes = changes,
                                                          .change_count = 1,
                                                          .offsets_s = offsets_s,
                                                          .offset_count = 2,
                                                          .rule = "GMT0BST,M3.5.0/1,M10.5.0"});
    expect_offset(zone, "2010-01-01 00:00:00", 0);
    expect_instants(zone, "2010-01-01 00:30:00", "2009-12-31 23:30:00", "2010-01-01 00:30:00");
    expect_instants(zone, "2010-01-01 01:30:00", "2010-01-01 01:30:00", "2010-01-01 01:30:00");
    rfx_zone_free(zone);
}

static void test_offset_when_changes_are_beyond_all_time_then_no_harm(void **state)
{
    (void)state;
    static const int32_t offsets_s[] = {60, 3600, 7200};
    static const struct tzif_change changes[] = {{INT64_MIN, 1}, {INT64_MAX, 2}};
    static const char *const rules[] = {NULL, "EST5EDT,M3.2.0,M11.1.0"};
    for (size_t i = 0; i < COUNT(rules); i++) {
        struct rfx_zone *zone = tzif_zone(&(struct tzif_spec){.changes = changes,
                                                              .change_count = 2,
                                                              .offsets_s = offsets_s,
                                                              .offset_count = 3,
                                                              .rule = rules[i]});
        int64_t first;
        int64_t last;
        assert_int_equal(rfx_zone_offset_s(zone, INT64_MIN), 3600);
        assert_int_equal(rfx_zone_offset_s(zone, 0), 3600);
        assert_int_equal(rfx_zone_offset_s(zone, INT64_MAX), 3600);
        rfx_zone_instants(zone, INT64_MIN, &first, &last);
        assert_true(first == last && first == -RFX_ZONE_INSTANT_MAX - 3600);
        rfx_zone_instants(zone, INT64_MAX, &first, &last);
        assert_true(first == last && first == RFX_ZONE_INSTANT_MAX - 3600);
        rfx_zone_free(zone);
    }
}

/* ---------------------------------------------------------------------------------- instants */

static void test_instants_when_the_time_is_skipped_then_the_change(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone("EST5EDT,M3.2.0,M11.1.0");
    expect_instants(zone, "2025-03-09 01:59:59", "2025-03-09 06:59:59", "2025-03-09 06:59:59");
    expect_instants(zone, "2025-03-09 02:00:00", "2025-03-09 07:00:00", "2025-03-09 07:00:00");
    expect_instants(zone, "2025-03-09 02:30:00", "2025-03-09 07:00:00", "2025-03-09 07:00:00");
    expect_instants(zone, "2025-03-09 02:59:59", "2025-03-09 07:00:00", "2025-03-09 07:00:00");
    expect_instants(zone, "2025-03-09 03:00:00", "2025-03-09 07:00:00", "2025-03-09 07:00:00");
    expect_instants(zone, "2025-03-09 03:00:01", "2025-03-09 07:00:01", "2025-03-09 07:00:01");
    rfx_zone_free(zone);
}

static void test_instants_when_the_time_is_repeated_then_first_and_last(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_rule_zone("EST5EDT,M3.2.0,M11.1.0");
    expect_instants(zone, "2025-11-02 00:59:59", "2025-11-02 04:59:59", "2025-11-02 04:59:59");
    expect_instants(zone, "2025-11-02 01:00:00", "2025-11-02 05:00:00", "2025-11-02 06:00:00");
    expect_instants(zone, "2025-11-02 01:59:59", "2025-11-02 05:59:59", "2025-11-02 06:59:59");
    expect_instants(zone, "2025-11-02 02:00:00", "2025-11-02 07:00:00", "2025-11-02 07:00:00");
    rfx_zone_free(zone);
    zone = tzif_rule_zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"); /* half an hour */
    expect_instants(zone, "2025-04-06 01:29:59", "2025-04-05 14:29:59", "2025-04-05 14:29:59");
    expect_instants(zone, "2025-04-06 01:30:00", "2025-04-05 14:30:00", "2025-04-05 15:00:00");
    expect_instants(zone, "2025-04-06 01:59:59", "2025-04-05 14:59:59", "2025-04-05 15:29:59");
    expect_instants(zone, "2025-10-05 02:15:00", "2025-10-04 15:30:00", "2025-10-04 15:30:00");
    rfx_zone_free(zone);
}

static void test_instants_when_a_whole_day_is_skipped_then_the_change(void **state)
{
    (void)state;
    struct rfx_zone *zone = tzif_apia_zone();
    expect_instants(zone, "2011-12-29 23:59:59", "2011-12-30 09:59:59", "2011-12-30 09:59:59");
    expect_instants(zone, "2011-12-30 00:00:00", "2011-12-30 10:00:00", "2011-12-30 10:00:00");
    expect_instants(zone, "2011-12-30 12:00:00", "2011-12-30 10:00:00", "2011-12-30 10:00:00");
    expect_instants(zone, "2011-12-31 00:00:01", "2011-12-30 10:00:01", "2011-12-30 10:00:01");
    rfx_zone_free(zone);
}

/* The definition, minute by minute: the first instant that shows it or later, and the last that
 * shows it or the end of the last minute that shows less. */
static void scan_instants(const struct rfx_zone *zone, int64_t local_s, int64_t *first,
                          int64_t *last)
{
    *first = INT64_MAX;
    *last = INT64_MIN;
    for (int64_t utc_s = local_s - 27 * 3600; utc_s <= local_s + 27 * 3600; utc_s += 60) {
        int64_t shown_s = utc_s + rfx_zone_offset_s(zone, utc_s);
        if (shown_s >= local_s && *first == INT64_MAX) {
            *first = utc_s;
        }
        if (shown_s <= local_s) {
            *last = utc_s + (shown_s < local_s ? 60 : 0);
        }
    }
}

static void test_instants_when_of_any_minute_then_as_by_a_scan_of_all_offsets(void **state)
{
    (void)state;
    /* Several changes within hours, as no real zone has them. */
    static const int32_t offsets_s[] = {0, 25 * 3600, -24 * 3600, 1800};
    struct tzif_change changes[40];
    uint64_t seed = 11;
    for (size_t i = 0; i < COUNT(changes); i++) {
        changes[i].at_s = (i == 0 ? 0 : changes[i - 1].at_s) + 60 +
                          60 * (int64_t)random_below(&seed, i % 2 == 0 ? 100 : 3000);
        changes[i].type = (uint8_t)random_below(&seed, 4);
    }
    struct rfx_zone *zone = tzif_zone(&(struct tzif_spec){.changes = changes,
                                                          .change_count = COUNT(changes),
                                                          .offsets_s = offsets_s,
                                                          .offset_count = 4});
    int64_t previous_first = INT64_MIN;
    int64_t previous_last = INT64_MIN;
    for (int64_t local_s = -30 * 3600; local_s < changes[39].at_s + 30 * 3600; local_s += 1020) {
        int64_t first;
        int64_t last;
        int64_t expected_first;
        int64_t expected_last;
        rfx_zone_instants(zone, local_s, &first, &last);
        scan_instants(zone, local_s, &expected_first, &expected_last);
        assert_true(first == expected_first && last == expected_last);
        assert_true(first >= previous_first && last >= previous_last && first <= last);
        previous_first = first;
        previous_last = last;
    }
    rfx_zone_free(zone);
}

/* ------------------------------------------------------------------------------ system zones */

static const char *const system_names[] = {
    "America/New_York",  "Europe/London",     "Europe/Dublin",    "Australia/Lord_Howe",
    "Pacific/Apia",      "Africa/Casablanca", "Asia/Kolkata",     "America/Nuuk",
    "America/Sao_Paulo", "Asia/Tehran",       "Antarctica/Troll", "Asia/Gaza",
    "Pacific/Chatham",   "Asia/Kathmandu",    "Europe/Volgograd", "America/St_Johns",
};

static struct rfx_zone *load_system_zone(const char *name)
{
    struct rfx_zone *zone = NULL;
    struct rfx_error error = {""};
    if (rfx_zone_load(name, &zone, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    return zone;
}

static void test_offset_when_of_a_system_zone_then_as_by_the_c_library(void **state)
{
    (void)state;
    need_system_zones();
    uint64_t seed = 3;
    for (size_t i = 0; i < COUNT(system_names); i++) {
        struct rfx_zone *zone = load_system_zone(system_names[i]);
        setenv("TZ", system_names[i], 1);
        tzset();
        int64_t end = seconds_of("2101-01-01 00:00:00");
        /* About every three hours, so that each change is seen. */
        for (int64_t utc_s = 0; utc_s < end; utc_s += 7200 + (int64_t)random_below(&seed, 7200)) {
            time_t c_time = (time_t)utc_s;
            struct tm tm;
            assert_non_null(localtime_r(&c_time, &tm));
            if (rfx_zone_offset_s(zone, utc_s) != tm.tm_gmtoff) {
                fail_msg("%s at %s: %d, not %ld", system_names[i], text_of(utc_s),
                         rfx_zone_offset_s(zone, utc_s), tm.tm_gmtoff);
            }
        }
        rfx_zone_free(zone);
    }
    unsetenv("TZ");
    tzset();
}

/* The last second before each change and the first one after it. */
static void test_offset_when_at_a_change_of_a_system_zone_then_as_by_the_c_library(void **state)
{
    (void)state;
    need_system_zones();
    for (size_t i = 0; i < COUNT(system_names); i++) {
        struct rfx_zone *zone = load_system_zone(system_names[i]);
        setenv("TZ", system_names[i], 1);
        tzset();
        int64_t end = seconds_of("2101-01-01 00:00:00");
        for (int64_t day = 0; day < end; day += 86400) {
            int64_t low = day;
            int64_t high = day + 86400;
            int32_t before = rfx_zone_offset_s(zone, low);
            if (rfx_zone_offset_s(zone, high) == before) {
                continue;
            }
            while (high - low > 1) {
                int64_t middle = low + (high - low) / 2;
                *(rfx_zone_offset_s(zone, middle) == before ? &low : &high) = middle;
            }
            struct tm tm[2];
            assert_non_null(localtime_r(&(time_t){(time_t)low}, &tm[0]));
            assert_non_null(localtime_r(&(time_t){(time_t)high}, &tm[1]));
            assert_int_equal(tm[0].tm_gmtoff, before);
            assert_int_equal(tm[1].tm_gmtoff, rfx_zone_offset_s(zone, high));
        }
        rfx_zone_free(zone);
    }
    unsetenv("TZ");
    tzset();
}

/* ----------------------------------------------------------------------------- damaged files */

static int set_up(void **state)
{
    struct guard *guard = malloc(sizeof *guard);
    guard_open(guard, TZIF_SIZE_MAX);
    *state = guard;
    return 0;
}

static int tear_down(void **state)
{
    guard_close(*state);
    free(*state);
    return 0;
}

/* The file is refused with a text that begins and goes on so. */
static void expect_refused(void **state, const struct tzif *file, const char *why)
{
    struct rfx_zone *zone = NULL;
    struct rfx_error error = {""};
    const char *bytes = guard_copy(*state, file->data, file->size);
    rfx_status status = rfx_zone_parse(rfx_bytes_of(bytes, file->size), "A/B", &zone, &error);
    assert_int_equal(status, RFX_E_CONFIG);
    assert_null(zone);
    if (strstr(error.text, "time zone A/B: ") != error.text || strstr(error.text, why) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, why);
    }
}

static const int32_t small_offsets_s[] = {0, 3600};
static const struct tzif_change small_changes[] = {{-5, 1}, {0, 0}, {7, 1}};

static struct tzif_spec small_spec(char version)
{
    return (struct tzif_spec){.version = version,
                              .changes = small_changes,
                              .change_count = COUNT(small_changes),
                              .offsets_s = small_offsets_s,
                              .offset_count = 2,
                              .indicator_count = 2,
                              .rule = "EST5EDT,M3.2.0,M11.1.0"};
}

static void test_file_when_cut_off_anywhere_then_refused(void **state)
{
    for (char version = '1'; version <= '4'; version++) {
        struct tzif_spec spec = small_spec(version);
        struct tzif file;
        tzif_write(&spec, &file);
        for (size_t size = file.size; size > 0; size--) {
            file.size = size - 1;
            expect_refused(state, &file, "");
        }
    }
}

static void test_file_when_more_follows_then_it_is_not_read(void **state)
{
    (void)state;
    struct tzif_spec spec = small_spec('2');
    struct tzif file;
    tzif_write(&spec, &file);
    memset(file.data + file.size, 'x', 100);
    struct rfx_zone *zone;
    assert_int_equal(rfx_zone_parse(rfx_bytes_of(file.data, file.size + 100), "A/B", &zone, NULL),
                     RFX_OK);
    rfx_zone_free(zone);
}

static void test_file_when_a_count_is_absurd_then_refused(void **state)
{
    for (char version = '1'; version <= '2'; version++) {
        struct tzif_spec spec = small_spec(version);
        for (size_t header = 0; header <= tzif_header_at(&spec); header += tzif_header_at(&spec)) {
            for (size_t count = 0; count < 6; count++) {
                struct tzif file;
                tzif_write(&spec, &file);
                memset(file.data + header + 20 + 4 * count, 0xff, 4);
                expect_refused(state, &file, "it is cut off");
            }
            if (tzif_header_at(&spec) == 0) {
                break;
            }
        }
    }
}

static void test_file_when_something_is_damaged_then_refused_with_the_reason(void **state)
{
    struct tzif_spec spec = small_spec('2');
    size_t header = tzif_header_at(&spec);
    size_t block = header + 44;
    const struct {
        size_t at;
        char byte;
        const char *why;
    } damages[] = {
        {0, 't', "no time zone file"},
        {header, 't', "no time zone file"},
        {4, '5', "version"},
        {header + 4, '1', "version"},
        {header + 23, 1, "header is damaged"},          /* UT indicators for one type */
        {header + 27, 1, "header is damaged"},          /* standard indicators */
        {header + 39, 0, "header is damaged"},          /* no type */
        {header + 43, 0, "header is damaged"},          /* no abbreviation */
        {block + 7, (char)0xff, "changes are damaged"}, /* the first change is before the second */
        {block + 8, 1, "changes are damaged"},          /* the second after the third */
        {block + 24, 2, "changes are damaged"},         /* a third type */
        {block + 27, (char)0x80, "local time is damaged"}, /* offset of -2^31 */
        {block + 28, 1, "local time is damaged"}, /* and of some 18 hours more than a day */
        {block + 31, 2, "local time is damaged"}, /* DST neither no nor yes */
        {block + 32, 4, "local time is damaged"}, /* abbreviation behind the last */
    };
    for (size_t i = 0; i < COUNT(damages); i++) {
        struct tzif file;
        tzif_write(&spec, &file);
        file.data[damages[i].at] = damages[i].byte;
        if (damages[i].at == block + 7) {
            memset(file.data + block, 0, 7);
        }
        if (damages[i].at == block + 28) {
            memset(file.data + block + 29, (char)0x6f, 2);
        }
        expect_refused(state, &file, damages[i].why);
    }
}

static void test_file_when_two_changes_are_at_once_then_refused(void **state)
{
    static const struct tzif_change changes[] = {{7, 1}, {7, 0}};
    struct tzif_spec spec = small_spec('2');
    spec.changes = changes;
    spec.change_count = 2;
    struct tzif file;
    tzif_write(&spec, &file);
    expect_refused(state, &file, "changes are damaged");
}

static void test_file_when_it_counts_leap_seconds_then_refused(void **state)
{
    struct tzif_spec spec = small_spec('2');
    spec.leap_count = 2;
    struct tzif file;
    tzif_write(&spec, &file);
    expect_refused(state, &file, "leap seconds");
}

static void test_file_when_it_has_too_many_changes_then_refused(void **state)
{
    static struct tzif_change changes[RFX_ZONE_CHANGES_MAX + 1];
    for (size_t i = 0; i < COUNT(changes); i++) {
        changes[i] = (struct tzif_change){(int64_t)i, i % 2};
    }
    struct tzif_spec spec = small_spec('2');
    spec.changes = changes;
    spec.change_count = RFX_ZONE_CHANGES_MAX;
    rfx_zone_free(tzif_zone(&spec));
    spec.change_count++;
    struct tzif file;
    tzif_write(&spec, &file);
    expect_refused(state, &file, "more than 4096 changes");
}

static void test_file_when_its_rule_is_wrong_then_refused(void **state)
{
    static const char *const rules[] = {"EST", "EST5EDT", "\x01"};
    for (size_t i = 0; i < COUNT(rules); i++) {
        struct tzif_spec spec = small_spec('2');
        spec.rule = rules[i];
        struct tzif file;
        tzif_write(&spec, &file);
        expect_refused(state, &file, "rule at its end is not understood");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offset_when_no_zone_then_utc),
        cmocka_unit_test(test_offset_when_between_changes_then_of_the_last_one),
        cmocka_unit_test(test_offset_when_after_the_last_change_then_of_the_rule),
        cmocka_unit_test(test_instants_when_rule_and_last_change_differ_then_the_rule_wins),
        cmocka_unit_test(test_offset_when_changes_are_beyond_all_time_then_no_harm),
        cmocka_unit_test(test_instants_when_the_time_is_skipped_then_the_change),
        cmocka_unit_test(test_instants_when_the_time_is_repeated_then_first_and_last),
        cmocka_unit_test(test_instants_when_a_whole_day_is_skipped_then_the_change),
        cmocka_unit_test(test_instants_when_of_any_minute_then_as_by_a_scan_of_all_offsets),
        cmocka_unit_test(test_offset_when_of_a_system_zone_then_as_by_the_c_library),
        cmocka_unit_test(test_offset_when_at_a_change_of_a_system_zone_then_as_by_the_c_library),
        cmocka_unit_test(test_file_when_cut_off_anywhere_then_refused),
        cmocka_unit_test(test_file_when_more_follows_then_it_is_not_read),
        cmocka_unit_test(test_file_when_a_count_is_absurd_then_refused),
        cmocka_unit_test(test_file_when_something_is_damaged_then_refused_with_the_reason),
        cmocka_unit_test(test_file_when_two_changes_are_at_once_then_refused),
        cmocka_unit_test(test_file_when_it_counts_leap_seconds_then_refused),
        cmocka_unit_test(test_file_when_it_has_too_many_changes_then_refused),
        cmocka_unit_test(test_file_when_its_rule_is_wrong_then_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
