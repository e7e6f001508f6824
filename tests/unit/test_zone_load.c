/* Zones by name from a directory of the test's own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/zone_load.h"
#include "tests/unit/support_tzif.h"

struct files {
    char directory[256];
};

static void write_file(const struct files *files, const char *name, const void *bytes, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", files->directory, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_zone(const struct files *files, const char *name, const char *rule)
{
    struct tzif file;
    tzif_write(&(struct tzif_spec){.rule = rule}, &file);
    write_file(files, name, file.data, file.size);
}

static int set_up(void **state)
{
    struct files *files = malloc(sizeof *files);
    char path[512];
    make_temp_dir(files->directory);
    snprintf(path, sizeof path, "%s/Test", files->directory);
    assert_int_equal(mkdir(path, 0700), 0);
    write_zone(files, "Test/One", "ONE-1");
    write_zone(files, "Test/Two", "TWO-2");
    setenv("TZDIR", files->directory, 1);
    *state = files;
    return 0;
}

static int tear_down(void **state)
{
    struct files *files = *state;
    unsetenv("TZDIR");
    remove_tree(files->directory);
    free(files);
    return 0;
}

static void expect_refused(const char *name, const char *why)
{
    struct rfx_zone *zone = NULL;
    struct rfx_error error = {""};
    rfx_status status = rfx_zone_load(name, &zone, &error);
    if (status != RFX_E_CONFIG || strstr(error.text, why) == NULL) {
        fail_msg("%s: %d \"%s\", not \"%s\"", name, status, error.text, why);
    }
    assert_null(zone);
}

static void test_load_when_there_then_the_zone(void **state)
{
    (void)state;
    struct rfx_zone *zone = NULL;
    assert_int_equal(rfx_zone_load("Test/One", &zone, NULL), RFX_OK);
    assert_string_equal(rfx_zone_name(zone), "Test/One");
    assert_int_equal(rfx_zone_offset_s(zone, 0), 3600);
    rfx_zone_free(zone);
}

static void test_load_when_tzdir_is_not_set_then_from_the_system(void **state)
{
    (void)state;
    need_system_zones();
    static const char *const values[] = {NULL, ""};
    for (size_t i = 0; i < 2; i++) {
        struct rfx_zone *zone = NULL;
        values[i] == NULL ? unsetenv("TZDIR") : setenv("TZDIR", values[i], 1);
        assert_int_equal(rfx_zone_load("America/New_York", &zone, NULL), RFX_OK);
        assert_int_equal(rfx_zone_offset_s(zone, seconds_of("2025-01-01 00:00:00")), -18000);
        rfx_zone_free(zone);
    }
}

static void test_load_when_utc_then_no_file_is_needed(void **state)
{
    (void)state;
    setenv("TZDIR", "/nonexistent", 1);
    static const char *const names[] = {NULL, "UTC"};
    for (size_t i = 0; i < 2; i++) {
        struct rfx_zone *zone = (struct rfx_zone *)state;
        assert_int_equal(rfx_zone_load(names[i], &zone, NULL), RFX_OK);
        assert_null(zone);
    }
    expect_refused("Test/One", "unknown time zone Test/One");
}

static void test_load_when_unknown_then_says_what_to_do(void **state)
{
    struct files *files = *state;
    expect_refused("Test/Three", "unknown time zone Test/Three");
    expect_refused("Test/Three", "package tzdata installed?");
    expect_refused("Test/Three", files->directory);
    expect_refused("Test", "unknown time zone Test");
    expect_refused("Test/One/More", "unknown time zone Test/One/More");
}

static void test_load_when_the_name_is_none_then_nothing_is_opened(void **state)
{
    (void)state;
    char too_long[RFX_ZONE_NAME_MAX + 2];
    memset(too_long, 'a', sizeof too_long);
    too_long[RFX_ZONE_NAME_MAX + 1] = '\0';
    const char *const names[] = {
        "",           "/etc/passwd", "/Test/One", "../Test/One", "Test/../Test/One",
        "Test/./One", "Test//One",   "Test/One/", "Test/One ",   "Test/One\nUTC",
        "Test\\One",  too_long,      ".",         "T\xc3\xa9st",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        expect_refused(names[i], "is no time zone; give an IANA name");
    }
    too_long[RFX_ZONE_NAME_MAX] = '\0';
    expect_refused(too_long, "unknown time zone aaa");
}

static void test_load_when_the_file_is_wrong_then_refused(void **state)
{
    struct files *files = *state;
    char path[512];
    write_file(files, "Text", "hello", 5);
    expect_refused("Text", "time zone Text: it is no time zone file");
    write_file(files, "Empty", "", 0);
    expect_refused("Empty", "time zone Empty: it is no time zone file");
    size_t size = (1u << 20) + 1;
    char *large = calloc(1, size);
    assert_non_null(large);
    write_file(files, "Large", large, size);
    expect_refused("Large", "larger than 1 MiB");
    write_file(files, "Large", large, size - 1);
    expect_refused("Large", "no time zone file");
    free(large);
    snprintf(path, sizeof path, "%s/Pipe", files->directory);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refused("Pipe", "unknown time zone Pipe"); /* and does not wait for a writer */
}

static void test_set_when_asked_again_then_the_same_zone_without_its_file(void **state)
{
    struct files *files = *state;
    struct rfx_zone_set *set;
    const struct rfx_zone *one;
    const struct rfx_zone *two;
    const struct rfx_zone *again;
    char path[512];
    assert_int_equal(rfx_zone_set_open(&set, NULL), RFX_OK);
    assert_int_equal(rfx_zone_set_get(set, "Test/One", &one, NULL), RFX_OK);
    assert_int_equal(rfx_zone_set_get(set, "Test/Two", &two, NULL), RFX_OK);
    assert_int_equal(rfx_zone_offset_s(two, 0), 7200);
    snprintf(path, sizeof path, "%s/Test/One", files->directory);
    assert_int_equal(remove(path), 0);
    assert_int_equal(rfx_zone_set_get(set, "Test/One", &again, NULL), RFX_OK);
    assert_ptr_equal(one, again);
    rfx_zone_set_close(set);
}

static void test_set_when_of_many_zones_then_each_stays_where_it_is(void **state)
{
    struct files *files = *state;
    struct rfx_zone_set *set;
    const struct rfx_zone *zones[100];
    char name[16];
    assert_int_equal(rfx_zone_set_open(&set, NULL), RFX_OK);
    for (int i = 0; i < 100; i++) {
        char rule[32];
        snprintf(name, sizeof name, "Zone%d", i);
        snprintf(rule, sizeof rule, "ABC0:%02d:%02d", i / 60, i % 60);
        write_zone(files, name, rule);
        assert_int_equal(rfx_zone_set_get(set, name, &zones[i], NULL), RFX_OK);
    }
    for (int i = 0; i < 100; i++) {
        const struct rfx_zone *again;
        snprintf(name, sizeof name, "Zone%d", i);
        assert_int_equal(rfx_zone_set_get(set, name, &again, NULL), RFX_OK);
        assert_ptr_equal(again, zones[i]);
        assert_int_equal(rfx_zone_offset_s(again, 0), -i);
    }
    rfx_zone_set_close(set);
}

static void test_set_when_utc_or_unknown_then_as_loading(void **state)
{
    (void)state;
    struct rfx_zone_set *set;
    const struct rfx_zone *zone = (const struct rfx_zone *)state;
    struct rfx_error error = {""};
    assert_int_equal(rfx_zone_set_open(&set, NULL), RFX_OK);
    assert_int_equal(rfx_zone_set_get(set, "Test/Three", &zone, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "unknown time zone Test/Three"));
    assert_ptr_equal(zone, state);
    assert_int_equal(rfx_zone_set_get(set, NULL, &zone, NULL), RFX_OK);
    assert_null(zone);
    zone = (const struct rfx_zone *)state;
    assert_int_equal(rfx_zone_set_get(set, "UTC", &zone, NULL), RFX_OK);
    assert_null(zone);
    rfx_zone_set_close(set);
    rfx_zone_set_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_load_when_there_then_the_zone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_load_when_tzdir_is_not_set_then_from_the_system,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_load_when_utc_then_no_file_is_needed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_load_when_unknown_then_says_what_to_do, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_load_when_the_name_is_none_then_nothing_is_opened,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_load_when_the_file_is_wrong_then_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_set_when_asked_again_then_the_same_zone_without_its_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_set_when_of_many_zones_then_each_stays_where_it_is,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_set_when_utc_or_unknown_then_as_loading, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
