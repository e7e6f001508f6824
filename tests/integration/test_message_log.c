/* The message log of a whole server: every message once and in order, whatever file it is in by
 * then, no password in any of them, and whole lines after kill -9. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/integration/support_child.h"
#include "tests/integration/support_server.h"
#include "tests/integration/support_trader.h"

#define TRADERS 6
#define ORDERS  300
#define ROUNDS  4
#define SECRET  "hunter2"

static void nap(void)
{
    const struct timespec time = {.tv_nsec = 1000000};
    nanosleep(&time, NULL);
}

/* The whole file, to be freed; "" when there is none. */
static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 64 << 20);
    assert_non_null(text);
    *size = 0;
    if (file != NULL) {
        *size = fread(text, 1, (64 << 20) - 1, file);
        fclose(file);
    }
    return text;
}

/* What the lines of one session and direction are to be: numbers 1, 2, 3 and so on. */
struct stream {
    char name[200]; /* "SESSION in" */
    uint64_t next;
};

struct streams {
    struct stream items[64];
    size_t count;
    size_t lost;
};

static struct stream *find_stream(struct streams *streams, const char *name, size_t size)
{
    for (size_t i = 0; i < streams->count; i++) {
        if (strlen(streams->items[i].name) == size &&
            memcmp(streams->items[i].name, name, size) == 0) {
            return &streams->items[i];
        }
    }
    assert_true(streams->count < 64 && size < sizeof streams->items[0].name);
    struct stream *stream = &streams->items[streams->count++];
    memcpy(stream->name, name, size);
    stream->next = 1;
    return stream;
}

/* "TIME SESSION in|out 8=FIX...10=123|" */
static void check_line(struct streams *streams, const char *line, size_t size)
{
    const char *session = memchr(line, ' ', size);
    if (session == NULL || session - line != 30) {
        fail_msg("%.*s", (int)size, line);
        return;
    }
    const char *message = memmem(line, size, " 8=FIX", 6);
    const char *number = memmem(line, size,
                                "\x01"
                                "34=",
                                4);
    if (message == NULL || number == NULL || line[size - 1] != '\x01') {
        fail_msg("%.*s", (int)size, line);
        return;
    }
    struct stream *stream = find_stream(streams, session + 1, (size_t)(message - session - 1));
    if (memmem(line, size,
               "\x01"
               "43=Y",
               5) == NULL) {
        assert_int_equal(strtoull(number + 4, NULL, 10), stream->next);
        stream->next++;
    }
}

static void check_file(struct streams *streams, const char *path)
{
    size_t size;
    char *text = read_file(path, &size);
    const char *end;
    for (const char *line = text; line < text + size; line = end + 1) {
        end = memchr(line, '\n', (size_t)(text + size - line));
        assert_non_null(end);
        check_line(streams, line, (size_t)(end - line));
    }
    assert_null(memmem(text, size, SECRET, strlen(SECRET)));
    free(text);
}

static void expect_stream(struct streams *streams, const char *name, uint64_t next)
{
    const struct stream *stream = find_stream(streams, name, strlen(name));
    if (stream->next != next) {
        fail_msg("%s: %llu instead of %llu", name, (unsigned long long)stream->next,
                 (unsigned long long)next);
    }
}

/* -------------------------------------------------------------------------------- in process */

struct rig {
    struct host host;
    char path[RFX_PATH_MAX + 20];
    struct trader traders[TRADERS];
};

static struct rig *set_up(enum rfx_threading_mode mode)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    host_init(&rig->host, mode, 2, 2);
    snprintf(rig->host.config.message_log, sizeof rig->host.config.message_log, "%s/messages",
             rig->host.directory);
    snprintf(rig->path, sizeof rig->path, "%s/messages.log", rig->host.config.message_log);
    for (unsigned i = 0; i < TRADERS; i++) {
        trader_open(&rig->traders[i], i);
    }
    return rig;
}

static void tear_down(struct rig *rig)
{
    for (unsigned i = 0; i < TRADERS; i++) {
        trader_close(&rig->traders[i]);
    }
    host_free(&rig->host);
    free(rig);
}

static void trade(struct rig *rig)
{
    for (unsigned i = 0; i < TRADERS; i++) {
        assert_true(trader_send_orders(&rig->traders[i], ORDERS));
    }
    for (unsigned i = 0; i < TRADERS; i++) {
        trader_await_reports(&rig->traders[i]);
    }
}

static void check_in_mode(enum rfx_threading_mode mode)
{
    struct rig *rig = set_up(mode);
    char moved[RFX_PATH_MAX + 40];
    struct streams streams = {.count = 0};
    struct stat found;
    host_start(&rig->host);
    for (unsigned i = 0; i < TRADERS; i++) {
        trader_logon(&rig->traders[i], rig->host.port);
    }
    trade(rig);
    while (stat(rig->path, &found) != 0 || found.st_size == 0) {
        nap();
    }
    snprintf(moved, sizeof moved, "%s.moved", rig->path);
    assert_int_equal(rename(rig->path, moved), 0);
    rfx_server_reopen_logs(rig->host.server);
    trade(rig);
    host_begin_stop(&rig->host);
    for (unsigned i = 0; i < TRADERS; i++) {
        trader_await_logout(&rig->traders[i]);
    }
    host_stop(&rig->host);
    assert_int_equal(stat(rig->path, &found), 0);
    check_file(&streams, moved);
    check_file(&streams, rig->path);
    assert_int_equal(streams.count, 2 * TRADERS);
    for (unsigned i = 0; i < TRADERS; i++) {
        char name[200];
        /* Logon, orders, Logout; and the other way round. */
        snprintf(name, sizeof name, "FIX.4.4:RINGFIX->%s in", rig->traders[i].name);
        expect_stream(&streams, name, 1 + 1 + 2 * ORDERS + 1);
        snprintf(name, sizeof name, "FIX.4.4:RINGFIX->%s out", rig->traders[i].name);
        expect_stream(&streams, name, 1 + 1 + 2 * ORDERS + 1);
    }
    tear_down(rig);
}

static void test_messages_when_workers_are_shared_then_each_once_in_order(void **state)
{
    (void)state;
    check_in_mode(RFX_THREADING_SHARED);
}

static void test_messages_when_workers_are_dedicated_then_each_once_in_order(void **state)
{
    (void)state;
    check_in_mode(RFX_THREADING_DEDICATED);
}

static void test_passwords_when_sent_then_in_no_file(void **state)
{
    struct rig *rig = set_up(RFX_THREADING_SHARED);
    struct streams streams = {.count = 0};
    struct peer peer;
    size_t size;
    (void)state;
    host_start(&rig->host);
    peer_init(&peer, "SPY");
    peer_connect(&peer, rig->host.port);
    assert_true(peer_send(&peer, "35=A|98=0|108=30|95=7|96=" SECRET "|553=me|554=" SECRET
                                 "|925=" SECRET "|1401=7|1402=" SECRET));
    peer_expect(&peer, "A");
    assert_true(peer_send(&peer, "35=BE|923=1|924=3|553=me|554=" SECRET "|925=" SECRET));
    assert_true(peer_send(&peer, "35=1|112=554=x"));
    peer_expect(&peer, "0");
    peer_free(&peer);
    host_stop(&rig->host);
    check_file(&streams, rig->path);
    char *text = read_file(rig->path, &size);
    assert_non_null(memmem(text, size,
                           "\x01"
                           "553=me\x01"
                           "554=***\x01"
                           "925=***\x01",
                           24));
    assert_non_null(memmem(text, size,
                           "\x01"
                           "95=7\x01"
                           "96=***\x01",
                           13));
    assert_non_null(memmem(text, size,
                           "\x01"
                           "112=554=x\x01",
                           11));
    free(text);
    tear_down(rig);
}

/* ------------------------------------------------------------------------------------ kill -9 */

static void write_config(const char *directory, const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\n"
            "SocketAcceptPort=0\nJournalPath=%s/journal\nJournalTailSize=1M\n"
            "FileLogPath=%s/messages\nLogFile=%s/events.log\nLogFormat=json\n"
            "[SESSION]\nBeginString=FIX.4.4\nSenderCompID=RINGFIX\nTargetCompID=*\n"
            "UseDataDictionary=N\nAcceptorTemplate=Y\n",
            directory, directory, directory);
    assert_int_equal(fclose(file), 0);
}

static void test_lines_when_killed_under_load_then_whole_but_the_last(void **state)
{
    static struct trader traders[TRADERS];
    char directory[256];
    char config[300];
    char errors[300];
    char path[300];
    size_t size;
    (void)state;
    make_temp_dir(directory);
    snprintf(config, sizeof config, "%s/ringfixd.cfg", directory);
    snprintf(errors, sizeof errors, "%s/stderr", directory);
    snprintf(path, sizeof path, "%s/messages/messages.log", directory);
    write_config(directory, config);
    for (unsigned i = 0; i < TRADERS; i++) {
        trader_open(&traders[i], i);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct child child;
        char *argv[] = {(char[]){RFX_RINGFIXD}, (char[]){"--config"}, config, NULL};
        child_start(&child, argv, errors);
        for (unsigned i = 0; i < TRADERS; i++) {
            trader_logon(&traders[i], child.port);
            assert_true(trader_send_orders(&traders[i], ORDERS));
        }
        trader_await_reports(&traders[round]); /* while others are under way */
        child_kill(&child);
        for (unsigned i = 0; i < TRADERS; i++) {
            while (trader_turn(&traders[i], PEER_WAIT_MS) != PEER_END) {
            }
            peer_close(&traders[i].peer);
        }
        char *text = read_file(path, &size);
        const char *end = text;
        assert_true(size > 0);
        while (end != NULL && end < text + size) {
            const char *line = end;
            end = memchr(line, '\n', (size_t)(text + size - line));
            const size_t length = (size_t)((end != NULL ? end : text + size) - line);
            const char *message = memmem(line, length, " 8=FIX", 6);
            assert_true(end == NULL || (message != NULL && message > line + 30));
            end = end != NULL ? end + 1 : NULL;
        }
        free(text);
    }
    for (unsigned i = 0; i < TRADERS; i++) {
        trader_close(&traders[i]);
    }
    remove_tree(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_when_workers_are_shared_then_each_once_in_order),
        cmocka_unit_test(test_messages_when_workers_are_dedicated_then_each_once_in_order),
        cmocka_unit_test(test_passwords_when_sent_then_in_no_file),
        cmocka_unit_test(test_lines_when_killed_under_load_then_whole_but_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
