#include "tests/unit/support_tzif.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HEADER_SIZE 44

static void put(struct tzif *file, const void *bytes, size_t size)
{
    assert_true(file->size + size <= sizeof file->data);
    memcpy(file->data + file->size, bytes, size);
    file->size += size;
}

static void put_number(struct tzif *file, int64_t number, size_t size)
{
    for (size_t i = size; i > 0; i--) {
        unsigned char byte = (unsigned char)((uint64_t)number >> 8 * (i - 1));
        put(file, &byte, 1);
    }
}

static void put_header(struct tzif *file, char version, const struct tzif_spec *spec)
{
    static const char unused[15];
    put(file, "TZif", 4);
    put(file, version == '1' ? "" : &version, 1);
    put(file, unused, sizeof unused);
    put_number(file, spec->indicator_count, 4);
    put_number(file, spec->indicator_count, 4);
    put_number(file, spec->leap_count, 4);
    put_number(file, (int64_t)spec->change_count, 4);
    put_number(file, (int64_t)(spec->offset_count > 0 ? spec->offset_count : 1), 4);
    put_number(file, 4, 4);
}

static void put_block(struct tzif *file, const struct tzif_spec *spec, size_t time_size)
{
    for (size_t i = 0; i < spec->change_count; i++) {
        put_number(file, spec->changes[i].at_s, time_size);
    }
    for (size_t i = 0; i < spec->change_count; i++) {
        put(file, &spec->changes[i].type, 1);
    }
    for (size_t i = 0; i < spec->offset_count || i == 0; i++) {
        put_number(file, spec->offset_count > 0 ? spec->offsets_s[i] : 0, 4);
        put_number(file, 0, 2);
    }
    put(file, "ABC", 4);
    for (uint32_t i = 0; i < spec->leap_count; i++) {
        put_number(file, 78796800 + (int64_t)i * 31536000, time_size);
        put_number(file, i + 1, 4);
    }
    for (uint32_t i = 0; i < 2 * spec->indicator_count; i++) {
        put(file, "", 1);
    }
}

static char version_of(const struct tzif_spec *spec)
{
    return spec->version != '\0' ? spec->version : '2';
}

/* The first block of a file with two says nothing: one type, one byte of abbreviations at least
 * four here. */
size_t tzif_header_at(const struct tzif_spec *spec)
{
    return version_of(spec) == '1' ? 0 : HEADER_SIZE + 6 + 4;
}

void tzif_write(const struct tzif_spec *spec, struct tzif *file)
{
    static const struct tzif_spec nothing;
    char version = version_of(spec);
    file->size = 0;
    if (version == '1') {
        put_header(file, version, spec);
        put_block(file, spec, 4);
        return;
    }
    put_header(file, version, &nothing);
    put_block(file, &nothing, 4);
    assert_int_equal(file->size, tzif_header_at(spec));
    put_header(file, version, spec);
    put_block(file, spec, 8);
    put(file, "\n", 1);
    if (spec->rule != NULL) {
        put(file, spec->rule, strlen(spec->rule));
    }
    put(file, "\n", 1);
}

struct rfx_zone *tzif_zone(const struct tzif_spec *spec)
{
    struct tzif file;
    struct rfx_zone *zone = NULL;
    struct rfx_error error = {""};
    tzif_write(spec, &file);
    if (rfx_zone_parse(rfx_bytes_of(file.data, file.size), "Test/Zone", &zone, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    return zone;
}

struct rfx_zone *tzif_rule_zone(const char *rule)
{
    return tzif_zone(&(struct tzif_spec){.rule = rule});
}

struct rfx_zone *tzif_apia_zone(void)
{
    const int32_t offsets_s[] = {-36000, 50400};
    const struct tzif_change changes[] = {{seconds_of("2011-12-30 10:00:00"), 1}};
    return tzif_zone(&(struct tzif_spec){
        .changes = changes, .change_count = 1, .offsets_s = offsets_s, .offset_count = 2});
}

struct rfx_zone *tzif_casablanca_zone(void)
{
    const int32_t offsets_s[] = {3600, 0};
    const struct tzif_change changes[] = {{seconds_of("2025-02-23 02:00:00"), 1},
                                          {seconds_of("2025-04-06 02:00:00"), 0}};
    return tzif_zone(&(struct tzif_spec){.changes = changes,
                                         .change_count = 2,
                                         .offsets_s = offsets_s,
                                         .offset_count = 2,
                                         .rule = "<+01>-1"});
}

int64_t seconds_of(const char *text)
{
    struct tm tm = {.tm_isdst = 0};
    if (sscanf(text, "%d-%d-%d %d:%d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec) != 6) {
        fail_msg("\"%s\" is no time", text);
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (int64_t)timegm(&tm);
}

const char *text_of(int64_t seconds)
{
    static char texts[4][64];
    static size_t next;
    char *text = texts[next++ % 4];
    time_t time = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&time, &tm) == NULL || strftime(text, 64, "%Y-%m-%d %H:%M:%S", &tm) == 0) {
        snprintf(text, 64, "%lld s", (long long)seconds);
    }
    return text;
}

void need_system_zones(void)
{
    if (access("/usr/share/zoneinfo/America/New_York", R_OK) != 0) {
        printf("SKIPPED: no /usr/share/zoneinfo/America/New_York; install the package tzdata\n");
        skip();
    }
}
