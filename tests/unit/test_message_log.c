/* The thread that writes the message log: its lines, files that are full, disks that are full. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/log/messages.h"
#include "tests/support.h"

#define AT   INT64_C(1795435200123456789) /* 2026-11-23T12:00:00.123456789Z */
#define LOGS 2

struct rig {
    char directory[256];
    char path[300];
    struct rfx_message_log logs[LOGS];
    struct rfx_messages_options options;
    struct rfx_messages *messages;
    pthread_mutex_t mutex; /* over events */
    char events[4096];
};

static void keep_line(void *context, enum rfx_log_level level, const char *text)
{
    struct rig *rig = context;
    pthread_mutex_lock(&rig->mutex);
    const size_t used = strlen(rig->events);
    snprintf(rig->events + used, sizeof rig->events - used, "%d %s\n", (int)level, text);
    pthread_mutex_unlock(&rig->mutex);
}

static bool has_event(struct rig *rig, const char *text)
{
    pthread_mutex_lock(&rig->mutex);
    const bool has = strstr(rig->events, text) != NULL;
    pthread_mutex_unlock(&rig->mutex);
    return has;
}

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    make_temp_dir(rig->directory);
    snprintf(rig->path, sizeof rig->path, "%s/log/messages.log", rig->directory);
    pthread_mutex_init(&rig->mutex, NULL);
    for (size_t i = 0; i < LOGS; i++) {
        assert_int_equal(rfx_message_log_open(&rig->logs[i], 1 << 20, 1 << 16), RFX_OK);
    }
    rig->options = (struct rfx_messages_options){
        .size_max = 1 << 30,
        .files_max = 3,
        .logs = rig->logs,
        .log_count = LOGS,
        .message_size_max = 1 << 16,
        .log = keep_line,
        .log_context = rig,
    };
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    rfx_messages_close(rig->messages);
    for (size_t i = 0; i < LOGS; i++) {
        rfx_message_log_close(&rig->logs[i]);
    }
    pthread_mutex_destroy(&rig->mutex);
    remove_tree(rig->directory);
    free(rig);
    return 0;
}

static void open_messages(struct rig *rig)
{
    char directory[300];
    struct rfx_error error;
    snprintf(directory, sizeof directory, "%s/log", rig->directory);
    rig->options.directory = directory;
    if (rfx_messages_open(&rig->options, &rig->messages, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
}

static void close_messages(struct rig *rig)
{
    rfx_messages_close(rig->messages);
    rig->messages = NULL;
}

static void put_on(struct rig *rig, size_t index, enum rfx_logged_type type, const char *text)
{
    static const char name[] = "FIX.4.4:A->B";
    rfx_message_log_put(&rig->logs[index], type, AT, rfx_bytes_of(name, sizeof name - 1),
                        rfx_bytes_of(text, strlen(text)));
    rfx_message_log_publish(&rig->logs[index], AT);
}

static char *read_file(const char *path, const char *suffix)
{
    char full[320];
    snprintf(full, sizeof full, "%s%s", path, suffix);
    FILE *file = fopen(full, "r");
    char *text = calloc(1, 16 << 20);
    assert_non_null(text);
    if (file != NULL) {
        (void)!fread(text, 1, (16 << 20) - 1, file);
        fclose(file);
    }
    return text;
}

static void nap(void)
{
    const struct timespec time = {.tv_nsec = 1000000};
    nanosleep(&time, NULL);
}

#define HEAD "2026-11-23T12:00:00.123456789Z FIX.4.4:A->B "

static void test_messages_when_put_then_a_line_each(void **state)
{
    struct rig *rig = *state;
    open_messages(rig);
    put_on(rig, 0, RFX_LOGGED_IN,
           "8=FIX.4.4\x01"
           "35=A\x01"
           "554=pw\x01"
           "10=1\x01");
    put_on(rig, 0, RFX_LOGGED_OUT,
           "8=FIX.4.4\x01"
           "35=A\x01"
           "10=2\x01");
    close_messages(rig);
    char *text = read_file(rig->path, "");
    assert_string_equal(text, HEAD "in 8=FIX.4.4\x01"
                                   "35=A\x01"
                                   "554=***\x01"
                                   "10=1\x01\n" HEAD "out 8=FIX.4.4\x01"
                                   "35=A\x01"
                                   "10=2\x01\n");
    free(text);
    struct stat stat_buffer;
    assert_int_equal(stat(rig->path, &stat_buffer), 0);
    assert_int_equal(stat_buffer.st_mode & 07, 0); /* not everybody's to read */
    assert_string_equal(rig->events, "");
}

static void test_messages_when_seconds_change_then_so_do_their_times(void **state)
{
    struct rig *rig = *state;
    open_messages(rig);
    static const int64_t times[] = {AT, AT + 5, AT + INT64_C(60000000000), AT};
    for (size_t i = 0; i < 4; i++) {
        rfx_message_log_put(&rig->logs[0], RFX_LOGGED_IN, times[i], rfx_bytes_of("S", 1),
                            rfx_bytes_of("x", 1));
    }
    rfx_message_log_publish(&rig->logs[0], AT);
    close_messages(rig);
    char *text = read_file(rig->path, "");
    assert_string_equal(text, "2026-11-23T12:00:00.123456789Z S in x\n"
                              "2026-11-23T12:00:00.123456794Z S in x\n"
                              "2026-11-23T12:01:00.123456789Z S in x\n"
                              "2026-11-23T12:00:00.123456789Z S in x\n");
    free(text);
}

/* ------------------------------------------------------------------------------- many of them */

#define MESSAGES 20000

static void *put_many(void *argument)
{
    struct rfx_message_log *log = argument;
    char text[64];
    for (unsigned i = 0; i < MESSAGES; i++) {
        const int size = snprintf(text, sizeof text, "34=%u\x01", i);
        rfx_message_log_put(log, RFX_LOGGED_IN, AT, rfx_bytes_of("S", 1),
                            rfx_bytes_of(text, (size_t)size));
        if (i % 16 == 0) {
            rfx_message_log_publish(log, AT);
        }
    }
    while (log->lost > 0) {
        rfx_message_log_publish(log, AT); /* as a shard's next turns would */
    }
    rfx_message_log_publish(log, AT);
    return NULL;
}

/* Of one shard: every number once, in order, and what is missing is said where it is missing. */
static void check_numbers(const char *text)
{
    unsigned next = 0;
    unsigned lost = 0;
    unsigned lines = 0;
    unsigned count;
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_non_null(strchr(line, '\n'));
        if (sscanf(line, "%*s - lost %u messages", &count) == 1) {
            lost += count;
            continue;
        }
        assert_int_equal(sscanf(line, "%*s S in 34=%u", &count), 1);
        lines++;
        assert_true(count >= next);
        next = count + 1;
    }
    assert_int_equal(lines + lost, MESSAGES);
}

static void test_messages_when_many_then_each_once_in_order_or_counted(void **state)
{
    struct rig *rig = *state;
    pthread_t thread;
    rig->options.log_count = 1;
    open_messages(rig);
    assert_int_equal(pthread_create(&thread, NULL, put_many, &rig->logs[0]), 0);
    pthread_join(thread, NULL);
    close_messages(rig);
    char *text = read_file(rig->path, "");
    check_numbers(text);
    free(text);
}

static void test_messages_when_two_shards_put_then_nothing_is_mixed(void **state)
{
    struct rig *rig = *state;
    pthread_t threads[LOGS];
    unsigned total = 0;
    unsigned count;
    open_messages(rig);
    for (size_t i = 0; i < LOGS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, &rig->logs[i]), 0);
    }
    for (size_t i = 0; i < LOGS; i++) {
        pthread_join(threads[i], NULL);
    }
    close_messages(rig);
    char *text = read_file(rig->path, "");
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        if (sscanf(line, "%*s - lost %u messages", &count) == 1) {
            total += count;
        } else {
            assert_int_equal(sscanf(line, "%*s S in 34=%u", &count), 1);
            total++;
        }
    }
    assert_int_equal(total, LOGS * MESSAGES);
    free(text);
}

static void test_messages_when_the_ring_is_full_then_counted_in_the_file_and_said(void **state)
{
    struct rig *rig = *state;
    static char text[60001];
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 30; i++) { /* nobody reads yet; 17 of these fit */
        put_on(rig, 0, RFX_LOGGED_IN, text);
    }
    const uint64_t lost = rig->logs[0].lost;
    assert_true(lost > 5 && lost < 25);
    open_messages(rig);
    while (rig->logs[0].lost > 0) {
        rfx_message_log_publish(&rig->logs[0], AT);
    }
    put_on(rig, 0, RFX_LOGGED_IN, "after");
    close_messages(rig);
    char line[128];
    snprintf(line, sizeof line,
             "2026-11-23T12:00:00.123456789Z - lost %u messages\n" HEAD "in after\n",
             (unsigned)lost);
    char *file = read_file(rig->path, "");
    assert_non_null(strstr(file, line));
    free(file);
    snprintf(line, sizeof line, "is too slow: it lost %u messages\n", (unsigned)lost);
    assert_true(has_event(rig, line));
}

static void test_lost_when_asked_for_then_what_the_file_lacks(void **state)
{
    struct rig *rig = *state;
    static char text[60001];
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 30; i++) {
        put_on(rig, 0, RFX_LOGGED_IN, text);
    }
    const uint64_t lost = rig->logs[0].lost;
    open_messages(rig);
    assert_int_equal(rfx_messages_lost(rig->messages), 0);
    while (rfx_messages_lost(rig->messages) == 0) {
        rfx_message_log_publish(&rig->logs[0], AT);
    }
    assert_int_equal(rfx_messages_lost(rig->messages), lost);
    close_messages(rig);
}

/* -------------------------------------------------------------------------------------- files */

static size_t size_of(const struct rig *rig, const char *suffix)
{
    char path[320];
    struct stat found;
    snprintf(path, sizeof path, "%s%s", rig->path, suffix);
    return stat(path, &found) == 0 ? (size_t)found.st_size : 0;
}

static void test_messages_when_a_file_is_full_then_moved_on_in_whole_lines(void **state)
{
    static const char *const suffixes[] = {".2", ".1", ""};
    struct rig *rig = *state;
    unsigned expected = 0;
    rig->options.size_max = 1 << 20;
    open_messages(rig);
    for (unsigned i = 0; i < 50000; i++) {
        char text[64];
        snprintf(text, sizeof text, "34=%u", i);
        put_on(rig, 0, RFX_LOGGED_IN, text);
        while (rig->logs[0].lost > 0 ||
               rfx_ring_position(&rig->logs[0].ring) - atomic_load(&rig->logs[0].ring.head) >
                   1 << 18) {
            nap(); /* no losses in this test */
        }
    }
    close_messages(rig);
    assert_int_equal(size_of(rig, ".3"), 0);
    for (size_t i = 0; i < 3; i++) {
        char *text = read_file(rig->path, suffixes[i]);
        assert_true(strlen(text) > 0 && strlen(text) <= 1 << 20);
        assert_true(strlen(text) > 700000 || i == 2);
        for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
            unsigned number;
            assert_int_equal(sscanf(line, HEAD "in 34=%u\n", &number), 1);
            assert_true(number == expected || (i == 0 && line == text));
            expected = number + 1;
        }
        free(text);
    }
    assert_int_equal(expected, 50000);
}

static void test_messages_when_reopened_then_in_a_new_file(void **state)
{
    struct rig *rig = *state;
    char moved[320];
    open_messages(rig);
    put_on(rig, 0, RFX_LOGGED_IN, "before");
    while (size_of(rig, "") == 0) {
        nap();
    }
    snprintf(moved, sizeof moved, "%s.old", rig->path);
    assert_int_equal(rename(rig->path, moved), 0);
    rfx_messages_reopen(rig->messages);
    while (access(rig->path, F_OK) != 0) {
        nap();
    }
    put_on(rig, 0, RFX_LOGGED_IN, "after");
    close_messages(rig);
    char *text = read_file(rig->path, "");
    assert_string_equal(text, HEAD "in after\n");
    free(text);
    text = read_file(rig->path, ".old");
    assert_string_equal(text, HEAD "in before\n");
    free(text);
}

static void test_open_when_the_place_is_none_then_it_is_named(void **state)
{
    struct rig *rig = *state;
    struct rfx_error error;
    rig->options.directory = "/nowhere/at/all";
    assert_int_equal(rfx_messages_open(&rig->options, &rig->messages, &error), RFX_E_IO);
    assert_non_null(strstr(error.text, "FileLogPath /nowhere/at/all"));
}

static void set_size_limit(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_messages_when_the_disk_is_full_then_said_once_and_it_goes_on_later(void **state)
{
    struct rig *rig = *state;
    unsigned lost = 0;
    unsigned kept = 0;
    unsigned count;
    open_messages(rig);
    set_size_limit(10000);
    for (int i = 0; i < 1000; i++) {
        put_on(rig, 0, RFX_LOGGED_IN, "8=FIX.4.4");
        if (i % 100 == 0) {
            nap();
        }
    }
    while (!has_event(rig, "messages are lost to it until that is over")) {
        nap();
    }
    set_size_limit(RLIM_INFINITY);
    while (!has_event(rig, "takes messages again")) {
        put_on(rig, 1, RFX_LOGGED_IN, "later");
        nap();
    }
    put_on(rig, 1, RFX_LOGGED_IN, "last");
    assert_true(rfx_messages_lost(rig->messages) > 0);
    close_messages(rig);
    char *text = read_file(rig->path, "");
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_non_null(strchr(line, '\n'));
        assert_true(strcspn(line, " ") == 30); /* a time, and no part of a line before it */
        if (sscanf(line, "%*s - lost %u messages", &count) == 1) {
            lost += count;
        } else {
            assert_int_equal(strncmp(line, HEAD "in ", sizeof HEAD "in " - 1), 0);
            const char *message = line + sizeof HEAD "in " - 1;
            const bool is_early = strncmp(message, "8=FIX.4.4\n", 10) == 0;
            assert_true(is_early || strncmp(message, "later\n", 6) == 0 ||
                        strncmp(message, "last\n", 5) == 0);
            kept += is_early;
        }
    }
    assert_true(kept > 50 && kept < 1000);
    assert_true(lost >= 1000 - kept); /* and some of those that came later */
    assert_non_null(strstr(text, "in last\n"));
    free(text);
    const char *said = strstr(rig->events, "until that is over");
    assert_null(strstr(said + 1, "until that is over"));
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_messages_when_put_then_a_line_each),
        RIG_TEST(test_messages_when_seconds_change_then_so_do_their_times),
        RIG_TEST(test_messages_when_many_then_each_once_in_order_or_counted),
        RIG_TEST(test_messages_when_two_shards_put_then_nothing_is_mixed),
        RIG_TEST(test_lost_when_asked_for_then_what_the_file_lacks),
        RIG_TEST(test_messages_when_the_ring_is_full_then_counted_in_the_file_and_said),
        RIG_TEST(test_messages_when_a_file_is_full_then_moved_on_in_whole_lines),
        RIG_TEST(test_messages_when_reopened_then_in_a_new_file),
        RIG_TEST(test_open_when_the_place_is_none_then_it_is_named),
        RIG_TEST(test_messages_when_the_disk_is_full_then_said_once_and_it_goes_on_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
