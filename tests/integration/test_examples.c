/* Each example works as its comment says. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/support_child.h"
#include "tests/integration/support_peer.h"

#define PATH_SIZE 400

struct rig {
    char directory[256];
    char config[PATH_SIZE];
    char log[PATH_SIZE]; /* what the example writes to its standard error */
    struct child child;
};

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    make_temp_dir(rig->directory);
    snprintf(rig->config, sizeof rig->config, "%s/config", rig->directory);
    snprintf(rig->log, sizeof rig->log, "%s/log", rig->directory);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    remove_tree(rig->directory);
    free(rig);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* An acceptor ACME on a port of the system's choice, and what the example needs beside that. */
static void write_config(const struct rig *rig, const char *more)
{
    char text[2048];
    snprintf(text, sizeof text,
             "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\n"
             "SocketAcceptPort=0\nBeginString=FIX.4.4\nSenderCompID=ACME\n"
             "UseDataDictionary=N\nJournalPath=%s/journal\n%s",
             rig->directory, more);
    write_file(rig->config, text);
}

static void start(struct rig *rig, const char *program, const char *argument)
{
    char program_copy[PATH_SIZE];
    char argument_copy[PATH_SIZE];
    snprintf(program_copy, sizeof program_copy, "%s", program);
    snprintf(argument_copy, sizeof argument_copy, "%s", argument != NULL ? argument : "");
    char *argv[] = {program_copy, rig->config, argument != NULL ? argument_copy : NULL, NULL};
    child_start(&rig->child, argv, rig->log);
}

static void init_peer(struct peer *peer, const char *name)
{
    peer_init(peer, name);
    peer->identity.target_comp_id = "ACME";
}

/* Nothing to complain about, a sanitizer's report included. */
static void expect_no_complaint(const struct rig *rig)
{
    char text[4096] = "";
    FILE *file = fopen(rig->log, "r");
    assert_non_null(file);
    const size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    assert_string_equal(text, "");
}

static int run_command(const char *command)
{
    const int result = system(command);
    return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
}

/* ------------------------------------------------------------------------------------ acceptor */

static void test_acceptor_when_orders_come_then_each_is_filled(void **state)
{
    struct rig *rig = *state;
    struct peer peer;
    snprintf(rig->config, sizeof rig->config, "%s/journal", rig->directory); /* its argument */
    start(rig, RFX_EXAMPLE_ACCEPTOR, NULL);
    init_peer(&peer, "CUSTOMER");
    peer_logon(&peer, rig->child.port);
    for (int i = 0; i < 10; i++) {
        char id[16];
        snprintf(id, sizeof id, "ORDER-%d", i);
        peer_trade(&peer, id);
        assert_true(peer_is(&peer, 39, "2")); /* OrdStatus: filled */
        assert_true(peer_is(&peer, 14, "100"));
        assert_true(peer_is(&peer, 49, "ACME"));
    }
    peer_logout(&peer);
    child_kill(&rig->child);
    peer_free(&peer);
    expect_no_complaint(rig);
}

/* ------------------------------------------------------------------------------------- matcher */

static void send_limit(struct peer *peer, const char *id, char side, unsigned quantity,
                       const char *price)
{
    char text[128];
    snprintf(text, sizeof text, "35=D|11=%s|55=XYZ|54=%c|38=%u|40=2|44=%s", id, side, quantity,
             price);
    assert_true(peer_send(peer, text));
}

/* "11 39 14 151 31" of the next report; 31 is "-" when there is none. */
static void expect_fill(struct peer *peer, const char *expected)
{
    static const int32_t tags[] = {11, 39, 14, 151, 31};
    char text[128] = "";
    peer_expect(peer, "8");
    for (size_t i = 0; i < 5; i++) {
        struct rfx_bytes value = {"-", 1};
        const size_t used = strlen(text);
        (void)!rfx_message_get(&peer->message, tags[i], &value);
        snprintf(text + used, sizeof text - used, "%s%.*s", i > 0 ? " " : "", (int)value.size,
                 value.data);
    }
    assert_string_equal(text, expected);
}

static void test_matcher_when_orders_cross_then_filled_by_price_and_time(void **state)
{
    struct rig *rig = *state;
    struct peer a;
    struct peer b;
    write_config(rig, "Shards=1\n[SESSION]\nTargetCompID=*\nAcceptorTemplate=Y\n");
    start(rig, RFX_EXAMPLE_MATCHER, NULL);
    init_peer(&a, "A");
    init_peer(&b, "B");
    peer_logon(&a, rig->child.port);
    peer_logon(&b, rig->child.port);
    send_limit(&a, "a1", '1', 100, "10.00");
    expect_fill(&a, "a1 0 0 100 -");
    send_limit(&a, "a2", '1', 100, "10.05");
    expect_fill(&a, "a2 0 0 100 -");
    send_limit(&a, "a3", '1', 100, "10.0500"); /* the same price, later */
    expect_fill(&a, "a3 0 0 100 -");
    send_limit(&b, "b1", '2', 150, "10.01"); /* not at 10.00 */
    expect_fill(&b, "b1 2 150 0 10.05");
    expect_fill(&a, "a2 2 100 0 10.05");
    expect_fill(&a, "a3 1 50 50 10.05");
    assert_true(peer_send(&a, "35=F|11=c1|41=a3|55=XYZ|54=1"));
    expect_fill(&a, "a3 4 50 0 -");
    assert_true(peer_send(&a, "35=F|11=c2|41=a3|55=XYZ|54=1"));
    peer_expect(&a, "j");
    send_limit(&b, "b2", '2', 150, "9.99");
    expect_fill(&b, "b2 1 100 50 10.00");
    expect_fill(&a, "a1 2 100 0 10.00");
    send_limit(&a, "a4", '1', 70, "9.99");
    expect_fill(&a, "a4 1 50 20 9.99");
    expect_fill(&b, "b2 2 150 0 9.99");
    assert_true(peer_send(&b, "35=D|11=b3|55=XYZ|54=2|38=10|40=1"));
    peer_expect(&b, "j");
    peer_logout(&a);
    peer_logout(&b);
    child_kill(&rig->child);
    peer_free(&a);
    peer_free(&b);
    expect_no_complaint(rig);
}

/* Both sides of the book, at prices that never meet: an answer for each order. */
static void test_matcher_when_two_shards_are_loaded_then_each_order_is_answered_once(void **state)
{
    struct rig *rig = *state;
    char mix[PATH_SIZE];
    char command[3 * PATH_SIZE];
    write_config(rig, "IoThreads=2\nShards=2\n[SESSION]\nTargetCompID=*\nAcceptorTemplate=Y\n");
    start(rig, RFX_EXAMPLE_MATCHER, NULL);
    snprintf(mix, sizeof mix, "%s/mix", rig->directory);
    write_file(mix, "1: 35=D|55=XYZ|54=1|60={now}|38=100|40=2|44=9.50\n"
                    "1: 35=D|55=ABC|54=2|60={now}|38=100|40=2|44=10.50\n"
                    "1: 35=D|55=XYZ|54=2|60={now}|38=100|40=2|44=10.25\n");
    snprintf(command, sizeof command,
             "%s --port %u --target ACME --sessions 8 --in-flight 8 --count 8000 --mix %s --quiet "
             "> %s/load 2>&1 || { cat %s/load; exit 1; }",
             RFX_LOADGEN, rig->child.port, mix, rig->directory, rig->directory);
    assert_int_equal(run_command(command), 0);
    child_kill(&rig->child);
    expect_no_complaint(rig);
}

/* ----------------------------------------------------------------------------------- drop copy */

#define TRADERS 4

static void test_dropcopy_when_others_trade_then_the_watcher_gets_a_copy_of_each(void **state)
{
    struct rig *rig = *state;
    struct peer watcher;
    struct peer traders[TRADERS];
    bool is_seen[TRADERS][2] = {{false}};
    write_config(rig, "IoThreads=1\nShards=3\n[SESSION]\nTargetCompID=WATCHER\n"
                      "[SESSION]\nTargetCompID=*\nAcceptorTemplate=Y\n");
    start(rig, RFX_EXAMPLE_DROPCOPY, NULL);
    init_peer(&watcher, "WATCHER");
    static const char *const names[TRADERS] = {"T0", "T1", "T2", "T3"};
    for (size_t round = 0; round < 2; round++) { /* the first while the watcher is away */
        for (size_t i = 0; i < TRADERS; i++) {
            char text[128];
            if (round == 0) {
                init_peer(&traders[i], names[i]);
                peer_logon(&traders[i], rig->child.port);
            }
            snprintf(text, sizeof text, "35=D|11=%zu-%zu|55=XYZ|54=1|38=100|40=2|44=10.25", i,
                     round);
            assert_true(peer_send(&traders[i], text));
            peer_expect(&traders[i], "8");
            assert_true(peer_is(&traders[i], 39, "2"));
        }
        if (round == 0) {
            peer_logon(&watcher, rig->child.port);
        }
    }
    for (size_t i = 0; i < 2 * TRADERS; i++) {
        struct rfx_bytes id;
        peer_expect(&watcher, "8");
        assert_true(peer_is(&watcher, 797, "Y"));
        assert_int_equal(rfx_message_get(&watcher.message, 11, &id), RFX_OK);
        const size_t trader = (size_t)(id.data[0] - '0');
        const size_t round = (size_t)(id.data[2] - '0');
        assert_true(trader < TRADERS && round < 2 && !is_seen[trader][round]);
        assert_true(round == 0 || is_seen[trader][0]); /* in order */
        is_seen[trader][round] = true;
    }
    peer_logout(&watcher);
    child_kill(&rig->child);
    peer_free(&watcher);
    for (size_t i = 0; i < TRADERS; i++) {
        peer_free(&traders[i]);
    }
    expect_no_complaint(rig);
}

/* ----------------------------------------------------------------------------------- initiator */

static void test_initiator_when_run_then_all_orders_are_filled_and_it_ends(void **state)
{
    struct rig *rig = *state;
    char journal[PATH_SIZE];
    char config[PATH_SIZE];
    char text[2 * PATH_SIZE];
    snprintf(config, sizeof config, "%s", rig->config);
    snprintf(journal, sizeof journal, "%s/journal", rig->directory);
    snprintf(rig->config, sizeof rig->config, "%s", journal);
    start(rig, RFX_EXAMPLE_ACCEPTOR, NULL);
    snprintf(text, sizeof text,
             "[DEFAULT]\nConnectionType=initiator\nSocketConnectHost=127.0.0.1\n"
             "SocketConnectPort=%u\nJournalPath=%s/customer\n[SESSION]\nBeginString=FIX.4.4\n"
             "SenderCompID=CUSTOMER\nTargetCompID=ACME\nUseDataDictionary=N\n",
             rig->child.port, rig->directory);
    write_file(config, text);
    char command[3 * PATH_SIZE];
    snprintf(command, sizeof command,
             "%s %s 5 > %s/out && test $(grep -c 'OrdStatus 2' %s/out) = 5", RFX_EXAMPLE_INITIATOR,
             config, rig->directory, rig->directory);
    assert_int_equal(run_command(command), 0);
    child_kill(&rig->child);
    expect_no_complaint(rig);
}

/* ------------------------------------------------------------------------------ authentication */

static void test_authenticate_when_the_password_is_right_then_welcome(void **state)
{
    struct rig *rig = *state;
    char passwords[PATH_SIZE];
    struct peer peer;
    write_config(rig, "[SESSION]\nTargetCompID=*\nAcceptorTemplate=Y\n");
    snprintf(passwords, sizeof passwords, "%s/passwords", rig->directory);
    write_file(passwords, "anna secret\nbert hidden\n");
    start(rig, RFX_EXAMPLE_AUTHENTICATE, passwords);
    static const struct {
        const char *logon;
        bool is_welcome;
    } tries[] = {
        {"35=A|98=0|108=30|553=anna|554=secret", true},
        {"35=A|98=0|108=30|553=anna|554=hidden", false},
        {"35=A|98=0|108=30|553=carl|554=secret", false},
        {"35=A|98=0|108=30", false},
        {"35=A|98=0|108=30|553=bert|554=hidden", true},
    };
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        char name[16];
        snprintf(name, sizeof name, "C%zu", i);
        init_peer(&peer, name);
        peer_connect(&peer, rig->child.port);
        assert_true(peer_send(&peer, tries[i].logon));
        if (tries[i].is_welcome) {
            peer_expect(&peer, "A");
            peer_logout(&peer);
        } else {
            peer_expect_end(&peer);
        }
        peer_free(&peer);
    }
    child_kill(&rig->child);
    expect_no_complaint(rig);
}

/* ----------------------------------------------------------------------------------- embedding */

static void test_embed_when_lines_come_in_then_everybody_gets_them(void **state)
{
    struct rig *rig = *state;
    char fifo[PATH_SIZE];
    char script[PATH_SIZE];
    char text[3 * PATH_SIZE];
    struct peer peers[2];
    write_config(rig, "[SESSION]\nTargetCompID=A\n[SESSION]\nTargetCompID=B\n");
    snprintf(fifo, sizeof fifo, "%s/input", rig->directory);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const int input = open(fifo, O_RDWR | O_CLOEXEC);
    assert_true(input >= 0);
    snprintf(script, sizeof script, "%s/run", rig->directory);
    snprintf(text, sizeof text, "#!/bin/sh\nexec %s $1 < %s\n", RFX_EXAMPLE_EMBED, fifo);
    write_file(script, text);
    assert_int_equal(chmod(script, 0700), 0);
    start(rig, script, NULL);
    for (size_t i = 0; i < 2; i++) {
        init_peer(&peers[i], i == 0 ? "A" : "B");
        peer_logon(&peers[i], rig->child.port);
    }
    for (int line = 0; line < 3; line++) {
        char expected[16];
        snprintf(expected, sizeof expected, "line %d", line);
        dprintf(input, "%s\n", expected);
        for (size_t i = 0; i < 2; i++) {
            peer_expect(&peers[i], "B");
            assert_true(peer_is(&peers[i], 58, expected));
        }
    }
    close(input); /* the end of its input: it logs everybody out */
    for (size_t i = 0; i < 2; i++) {
        peer_expect(&peers[i], "5");
        assert_true(peer_send(&peers[i], "35=5"));
        peer_expect_end(&peers[i]);
        peer_free(&peers[i]);
    }
    child_await(&rig->child);
    expect_no_complaint(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_acceptor_when_orders_come_then_each_is_filled),
        TEST(test_matcher_when_orders_cross_then_filled_by_price_and_time),
        TEST(test_matcher_when_two_shards_are_loaded_then_each_order_is_answered_once),
        TEST(test_dropcopy_when_others_trade_then_the_watcher_gets_a_copy_of_each),
        TEST(test_initiator_when_run_then_all_orders_are_filled_and_it_ends),
        TEST(test_authenticate_when_the_password_is_right_then_welcome),
        TEST(test_embed_when_lines_come_in_then_everybody_gets_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
