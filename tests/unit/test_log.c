/* The log of events: how its lines look, and what happens when nobody can take them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/log/file.h"
#include "io/log/line.h"
#include "tests/support.h"

#define AT INT64_C(1795435200123456789) /* 2026-11-23T12:00:00.123456789Z */

struct place {
    char directory[256];
    char path[300];
};

static int make_place(void **state)
{
    static struct place place;
    make_temp_dir(place.directory);
    snprintf(place.path, sizeof place.path, "%s/events.log", place.directory);
    *state = &place;
    return 0;
}

static int remove_place(void **state)
{
    remove_tree(((struct place *)*state)->directory);
    return 0;
}

/* The whole file with a NUL, to be freed. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 4 << 20);
    assert_non_null(text);
    const size_t size = fread(text, 1, (4 << 20) - 1, file);
    fclose(file);
    assert_int_equal(strlen(text), size);
    return text;
}

static size_t count_lines(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        const char *found = strstr(text, part);
        count += found != NULL && found < end;
    }
    return count;
}

/* Sum of all N in "N lines lost". */
static unsigned long sum_lost(const char *text)
{
    unsigned long sum = 0;
    for (const char *at = text; (at = strstr(at, " lines lost")) != NULL; at++) {
        const char *digit = at;
        while (digit[-1] >= '0' && digit[-1] <= '9') {
            digit--;
        }
        sum += strtoul(digit, NULL, 10);
    }
    return sum;
}

static void nap(void)
{
    const struct timespec time = {.tv_nsec = 1000000};
    nanosleep(&time, NULL);
}

static struct rfx_log *open_log(const char *path, enum rfx_log_format format,
                                enum rfx_log_level level, size_t queue_size)
{
    struct rfx_log *log;
    struct rfx_error error;
    const struct rfx_log_options options = {
        .path = path, .format = format, .level = level, .queue_size = queue_size};
    if (rfx_log_open(&options, &log, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    return log;
}

/* --------------------------------------------------------------------------------------- lines */

static const char *line_of(enum rfx_log_format format, const char *session, const char *text)
{
    static char line[RFX_LOG_LINE_MAX + 1];
    const size_t size = rfx_log_line(line, format, AT, RFX_LOG_WARNING, session, text);
    assert_true(size <= RFX_LOG_LINE_MAX);
    line[size] = '\0';
    return line;
}

static void test_line_when_text_then_level_and_session_lead(void **state)
{
    (void)state;
    assert_string_equal(line_of(RFX_LOG_TEXT, "FIX.4.4:A->B", "refused"),
                        "2026-11-23T12:00:00.123456Z WARNING FIX.4.4:A->B: refused\n");
    assert_string_equal(line_of(RFX_LOG_TEXT, NULL, "stopped"),
                        "2026-11-23T12:00:00.123456Z WARNING stopped\n");
}

static void test_line_when_text_is_hostile_then_one_line(void **state)
{
    (void)state;
    assert_string_equal(line_of(RFX_LOG_TEXT, "A\n->B", "x\r\n\x1b[2J\x7fü"),
                        "2026-11-23T12:00:00.123456Z WARNING A?->B: x???[2J?ü\n");
    assert_string_equal(
        line_of(RFX_LOG_JSON, "A\"->B\\", "x\n\x1bü\xff\xc3"),
        "{\"time\":\"2026-11-23T12:00:00.123456Z\",\"level\":\"warning\","
        "\"session\":\"A\\\"->B\\\\\",\"text\":\"x\\u000a\\u001bü\\u00ff\\u00c3\"}\n");
    assert_string_equal(line_of(RFX_LOG_JSON, NULL, ""),
                        "{\"time\":\"2026-11-23T12:00:00.123456Z\",\"level\":\"warning\","
                        "\"text\":\"\"}\n");
}

static void test_line_when_too_long_then_cut_and_ended(void **state)
{
    static char text[3 * RFX_LOG_LINE_MAX];
    (void)state;
    memset(text, '\x01', sizeof text - 1);
    for (int format = RFX_LOG_TEXT; format <= RFX_LOG_JSON; format++) {
        const char *line = line_of((enum rfx_log_format)format, "A", text);
        assert_true(strlen(line) > RFX_LOG_LINE_MAX - 10);
        assert_true(strchr(line, '\n') == line + strlen(line) - 1);
        if (format == RFX_LOG_JSON) {
            assert_string_equal(line + strlen(line) - 9, "\\u0001\"}\n");
        }
    }
}

static void test_time_when_before_1970_then_still_right(void **state)
{
    char time[RFX_LOG_TIME_MAX];
    (void)state;
    rfx_log_time(time, -1, 9);
    assert_string_equal(time, "1969-12-31T23:59:59.999999999Z");
}

/* ---------------------------------------------------------------------------------------- file */

static void append(struct rfx_log_file *file, const char *text)
{
    struct rfx_error error;
    size_t written;
    if (rfx_log_file_write(file, text, strlen(text), &written, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(written, strlen(text));
}

static void expect_file(const struct place *place, const char *suffix, const char *expected)
{
    char path[320];
    snprintf(path, sizeof path, "%s%s", place->path, suffix);
    char *text = read_file(path);
    assert_string_equal(text, expected);
    free(text);
}

static void test_file_when_full_then_moved_on_and_the_oldest_goes(void **state)
{
    const struct place *place = *state;
    struct rfx_log_file file;
    struct rfx_error error;
    char path[320];
    assert_int_equal(rfx_log_file_open(&file, place->path, &error), RFX_OK);
    file.size_max = 10;
    file.files_max = 3;
    append(&file, "one\ntwo\n");
    append(&file, "x\n"); /* just fits */
    append(&file, "three\n");
    append(&file, "longer than a file may be\n");
    append(&file, "four\n");
    rfx_log_file_close(&file);
    expect_file(place, "", "four\n");
    expect_file(place, ".1", "longer than a file may be\n");
    expect_file(place, ".2", "three\n");
    snprintf(path, sizeof path, "%s.3", place->path);
    assert_int_equal(access(path, F_OK), -1);
    /* One that is there already counts. */
    assert_int_equal(rfx_log_file_open(&file, place->path, &error), RFX_OK);
    file.size_max = 10;
    file.files_max = 1;
    append(&file, "fiveteen\n");
    rfx_log_file_close(&file);
    expect_file(place, "", "fiveteen\n");
}

static void test_file_when_its_last_line_is_unfinished_then_ended(void **state)
{
    const struct place *place = *state;
    struct rfx_log_file file;
    struct rfx_error error;
    FILE *before = fopen(place->path, "w");
    fputs("whole\nhal", before);
    fclose(before);
    assert_int_equal(rfx_log_file_open(&file, place->path, &error), RFX_OK);
    append(&file, "next\n");
    rfx_log_file_close(&file);
    expect_file(place, "", "whole\nhal\nnext\n");
}

static void test_open_when_the_folder_is_absent_then_it_is_named(void **state)
{
    struct rfx_log *log;
    struct rfx_error error;
    const struct rfx_log_options options = {.path = "/nowhere/events.log"};
    (void)state;
    assert_int_equal(rfx_log_open(&options, &log, &error), RFX_E_IO);
    assert_non_null(strstr(error.text, "/nowhere/events.log"));
}

/* ----------------------------------------------------------------------------------- the log */

#define THREADS 4
#define LINES   2000

static void *write_lines(void *log)
{
    char text[40];
    for (int i = 0; i < LINES; i++) {
        snprintf(text, sizeof text, "line %d", i);
        rfx_log_write(log, RFX_LOG_INFO, "FIX.4.4:A->B", text);
    }
    return NULL;
}

static void test_log_when_many_threads_write_then_every_line_is_whole(void **state)
{
    const struct place *place = *state;
    pthread_t threads[THREADS];
    struct rfx_log *log = open_log(place->path, RFX_LOG_TEXT, RFX_LOG_INFO, 4 << 20);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, log), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(rfx_log_lost(log), 0);
    rfx_log_close(&log);
    assert_null(log);
    char *text = read_file(place->path);
    assert_int_equal(count_lines(text, "Z INFO FIX.4.4:A->B: line "), THREADS * LINES);
    assert_int_equal(count_lines(text, "Z INFO FIX.4.4:A->B: line 1999\n"), THREADS);
    assert_int_equal(count_lines(text, ""), THREADS * LINES);
    free(text);
}

static void test_log_when_a_line_is_below_its_level_then_left_out(void **state)
{
    const struct place *place = *state;
    struct rfx_log *log = open_log(place->path, RFX_LOG_JSON, RFX_LOG_WARNING, 0);
    rfx_log_write(log, RFX_LOG_DEBUG, NULL, "a");
    rfx_log_write(log, RFX_LOG_INFO, NULL, "b");
    rfx_log_write(log, RFX_LOG_WARNING, NULL, "c");
    rfx_log_write(log, RFX_LOG_ERROR, NULL, "d");
    rfx_log_write(log, RFX_LOG_DEBUG, "S", "e"); /* the server has looked at its level */
    rfx_log_close(&log);
    char *text = read_file(place->path);
    assert_int_equal(count_lines(text, ""), 3);
    assert_int_equal(count_lines(text, "\"session\":\"S\""), 1);
    assert_int_equal(count_lines(text, "\"level\":\"warning\",\"text\":\"c\"}"), 1);
    assert_int_equal(count_lines(text, "\"level\":\"error\",\"text\":\"d\"}"), 1);
    free(text);
}

/* Would not come back if rfx_log_write() waited. */
static void test_log_when_nobody_reads_its_pipe_then_lines_are_lost_and_counted(void **state)
{
    const struct place *place = *state;
    enum { WRITTEN = 5000 };
    assert_int_equal(mkfifo(place->path, 0600), 0);
    const int reader = open(place->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    struct rfx_log *log = open_log(place->path, RFX_LOG_TEXT, RFX_LOG_INFO, 4096);
    for (int i = 0; i < WRITTEN; i++) {
        rfx_log_write(log, RFX_LOG_INFO, NULL, "a line that nobody reads for the time being");
    }
    const uint64_t lost = rfx_log_lost(log);
    assert_true(lost > 0);
    char *text = calloc(1, 1 << 20);
    size_t size = 0;
    assert_non_null(text);
    while (sum_lost(text) < lost) {
        const ssize_t count = read(reader, text + size, (1 << 20) - 1 - size);
        size += count > 0 ? (size_t)count : 0;
        nap();
    }
    assert_int_equal(sum_lost(text), lost);
    assert_int_equal(count_lines(text, "time being"), WRITTEN - lost);
    rfx_log_close(&log);
    free(text);
    close(reader);
}

static void test_log_when_nobody_ever_reads_its_pipe_then_closed_all_the_same(void **state)
{
    const struct place *place = *state;
    assert_int_equal(mkfifo(place->path, 0600), 0);
    struct rfx_log *log = open_log(place->path, RFX_LOG_TEXT, RFX_LOG_INFO, 0);
    for (int i = 0; i < 5000; i++) {
        rfx_log_write(log, RFX_LOG_INFO, NULL, "a line that nobody reads, ever, at all");
    }
    rfx_log_close(&log);
}

static void test_log_when_the_device_is_full_then_lines_are_counted(void **state)
{
    (void)state;
    struct rfx_log *log = open_log("/dev/full", RFX_LOG_TEXT, RFX_LOG_INFO, 0);
    rfx_log_write(log, RFX_LOG_INFO, NULL, "a");
    rfx_log_write(log, RFX_LOG_INFO, NULL, "b");
    while (rfx_log_lost(log) < 2) {
        nap();
    }
    rfx_log_close(&log);
}

static void set_size_limit(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_log_when_the_disk_is_full_then_whole_lines_and_goes_on_later(void **state)
{
    const struct place *place = *state;
    enum { WRITTEN = 1000 };
    struct rfx_log *log = open_log(place->path, RFX_LOG_TEXT, RFX_LOG_INFO, 0);
    set_size_limit(10000);
    for (int i = 0; i < WRITTEN; i++) {
        rfx_log_write(log, RFX_LOG_INFO, NULL, "a line for a disk that is full before long");
    }
    while (rfx_log_lost(log) < WRITTEN - 200) {
        nap();
    }
    set_size_limit(RLIM_INFINITY);
    rfx_log_write(log, RFX_LOG_INFO, NULL, "there is room again");
    rfx_log_close(&log);
    char *text = read_file(place->path);
    const size_t kept = count_lines(text, "full before long\n");
    assert_true(kept > 0 && kept < 200);
    assert_int_equal(sum_lost(text), WRITTEN - kept);
    assert_int_equal(count_lines(text, "there is room again"), 1);
    assert_int_equal(count_lines(text, ""),
                     count_lines(text, "Z INFO ") + count_lines(text, "Z WARNING "));
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_int_equal(strcspn(line, " "), 27); /* a time, and no part of a line before it */
    }
    free(text);
}

static void test_log_when_reopened_then_it_goes_on_in_a_new_file(void **state)
{
    const struct place *place = *state;
    char moved[320];
    struct rfx_log *log = open_log(place->path, RFX_LOG_TEXT, RFX_LOG_INFO, 0);
    rfx_log_write(log, RFX_LOG_INFO, NULL, "before");
    snprintf(moved, sizeof moved, "%s.old", place->path);
    assert_int_equal(rename(place->path, moved), 0);
    rfx_log_reopen(log);
    while (access(place->path, F_OK) != 0) {
        nap();
    }
    rfx_log_write(log, RFX_LOG_INFO, NULL, "after");
    rfx_log_close(&log);
    char *old = read_file(moved);
    char *new = read_file(place->path);
    assert_int_equal(count_lines(old, "before"), 1);
    assert_int_equal(count_lines(old, ""), 1);
    assert_int_equal(count_lines(new, "after"), 1);
    assert_int_equal(count_lines(new, ""), 1);
    free(old);
    free(new);
}

#define PLACED(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_when_text_then_level_and_session_lead),
        cmocka_unit_test(test_line_when_text_is_hostile_then_one_line),
        cmocka_unit_test(test_line_when_too_long_then_cut_and_ended),
        cmocka_unit_test(test_time_when_before_1970_then_still_right),
        PLACED(test_file_when_full_then_moved_on_and_the_oldest_goes),
        PLACED(test_file_when_its_last_line_is_unfinished_then_ended),
        cmocka_unit_test(test_open_when_the_folder_is_absent_then_it_is_named),
        PLACED(test_log_when_many_threads_write_then_every_line_is_whole),
        PLACED(test_log_when_a_line_is_below_its_level_then_left_out),
        PLACED(test_log_when_nobody_reads_its_pipe_then_lines_are_lost_and_counted),
        PLACED(test_log_when_nobody_ever_reads_its_pipe_then_closed_all_the_same),
        cmocka_unit_test(test_log_when_the_device_is_full_then_lines_are_counted),
        PLACED(test_log_when_the_disk_is_full_then_whole_lines_and_goes_on_later),
        PLACED(test_log_when_reopened_then_it_goes_on_in_a_new_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
