/* kill -9 under load, in both arrangements and with every durability: nothing that reached a
 * counterparty is lost, skipped or sent anew under the same number, every order is answered once,
 * and the journal is whole. RFX_CRASH_ROUNDS (17, of each of the six) and RFX_CRASH_SEED are
 * environment variables; 167 rounds make a thousand deaths. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "journal/reader.h"
#include "journal/verify.h"
#include "tests/integration/support_child.h"
#include "tests/integration/support_trader.h"
#include "tests/unit/support_bytes.h"

#define TRADER_COUNT     16
#define ROUND_ORDERS_MAX 60 /* per trader */
#define WINDOW           16 /* orders under way per trader */
#define BURST            60
#define ROUND_US_MAX     60000

struct rig {
    char directory[256];
    char config_path[300];
    char error_path[300];
    struct child child;
    struct trader traders[TRADER_COUNT];
    uint64_t seed;
};

static uint64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void write_config(const struct rig *rig, const char *threading)
{
    FILE *file = fopen(rig->config_path, "w");
    assert_non_null(file);
    fprintf(file,
            "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\n"
            "SocketAcceptPort=0\nJournalPath=%s/journal\n%s"
            "[SESSION]\nBeginString=FIX.4.4\nSenderCompID=RINGFIX\nTargetCompID=*\n"
            "UseDataDictionary=N\n"
            "AcceptorTemplate=Y\n",
            rig->directory, threading);
    assert_int_equal(fclose(file), 0);
}

static void set_up(struct rig *rig, const char *threading)
{
    const char *seed = getenv("RFX_CRASH_SEED");
    rig->seed = seed != NULL ? strtoull(seed, NULL, 0) : monotonic_us();
    print_message("RFX_CRASH_SEED=%llu\n", (unsigned long long)rig->seed);
    make_temp_dir(rig->directory);
    snprintf(rig->config_path, sizeof rig->config_path, "%s/ringfixd.cfg", rig->directory);
    snprintf(rig->error_path, sizeof rig->error_path, "%s/ringfixd.log", rig->directory);
    write_config(rig, threading);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_open(&rig->traders[i], i);
    }
}

static void tear_down(struct rig *rig)
{
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_close(&rig->traders[i]);
    }
    remove_tree(rig->directory);
}

/* Starts the server; everybody logs on and finds everything as it was. */
static void start_and_verify(struct rig *rig)
{
    char *argv[] = {(char[]){RFX_RINGFIXD}, (char[]){"--config"}, rig->config_path, NULL};
    child_start(&rig->child, argv, rig->error_path);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_logon(&rig->traders[i], rig->child.port);
    }
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_verify(&rig->traders[i]);
    }
}

static bool print_news(void *context, enum rfx_verify_news news, const char *text, uint64_t done,
                       uint64_t all)
{
    (void)context;
    (void)done;
    (void)all;
    if (news != RFX_VERIFY_PROGRESS) {
        print_message("verify: %s\n", text);
    }
    return true;
}

/* The journal as the dead process has left it: brought in order, then looked at as a whole. Every
 * outbound number from the first on has its message. */
static void verify_journal(const struct rig *rig)
{
    struct rfx_reader *reader = NULL;
    struct rfx_verify_result result;
    struct rfx_error error;
    char path[300];
    snprintf(path, sizeof path, "%s/journal", rig->directory);
    if (rfx_reader_open(path, RFX_READER_WHOLE, &reader, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    if (rfx_verify(rfx_reader_env(reader), print_news, NULL, &result, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(result.gaps, 0);
    assert_int_equal(result.sessions, TRADER_COUNT);
    rfx_reader_close(reader);
}

/* Takes in what has come; returns how many orders are still unanswered. */
static uint32_t take_all(struct rig *rig)
{
    uint32_t unanswered = 0;
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        struct trader *trader = &rig->traders[i];
        while (trader_turn(trader, 0) == PEER_MESSAGE) {
        }
        unanswered += trader->order_count - trader->report_count;
    }
    return unanswered;
}

/* Everybody trades until the time is over. */
static void trade(struct rig *rig, uint64_t duration_us)
{
    uint64_t end_us = monotonic_us() + duration_us;
    uint32_t order_count_max = rig->traders[0].order_count + ROUND_ORDERS_MAX;
    while (monotonic_us() < end_us) {
        for (unsigned i = 0; i < TRADER_COUNT; i++) {
            struct trader *trader = &rig->traders[i];
            if (trader->order_count - trader->report_count < WINDOW &&
                trader->order_count < order_count_max) {
                assert_true(trader_send_orders(trader, 1));
            }
        }
        take_all(rig);
    }
}

/* Returns when the first of many answers is there. The server handles their orders in one go: an
 * answer that leaves too early does so while the journal is being written. */
static void await_first_answer(struct rig *rig)
{
    struct trader *trader = &rig->traders[random_below(&rig->seed, TRADER_COUNT)];
    uint64_t deadline_us = monotonic_us() + 1000 * PEER_WAIT_MS;
    struct pollfd fd = {.fd = trader->peer.fd, .events = POLLIN};
    while (take_all(rig) > 0) {
        assert_true(monotonic_us() < deadline_us);
    }
    assert_true(trader_send_orders(trader, BURST));
    assert_int_equal(poll(&fd, 1, PEER_WAIT_MS), 1);
}

/* What the kernel had already taken from the server has reached the counterparty. */
static void drain(struct rig *rig)
{
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        struct trader *trader = &rig->traders[i];
        while (trader_turn(trader, PEER_WAIT_MS) == PEER_MESSAGE) {
        }
        peer_close(&trader->peer);
    }
}

static void run(const char *threading)
{
    struct rig *rig = calloc(1, sizeof *rig);
    const char *rounds_text = getenv("RFX_CRASH_ROUNDS");
    unsigned long rounds = rounds_text != NULL ? strtoul(rounds_text, NULL, 10) : 17;
    assert_non_null(rig);
    set_up(rig, threading);
    for (unsigned long round = 0; round < rounds; round++) {
        start_and_verify(rig);
        trade(rig, 1000 + random_below(&rig->seed, ROUND_US_MAX));
        if (round % 2 == 0) {
            await_first_answer(rig);
        }
        child_kill(&rig->child);
        drain(rig);
        if (random_below(&rig->seed, 4) > 0) { /* else the server itself finds what is left */
            verify_journal(rig);
        }
    }
    start_and_verify(rig);
    child_kill(&rig->child);
    uint32_t order_count = 0;
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        order_count += rig->traders[i].order_count;
    }
    print_message("%lu kills, %u orders\n", rounds, order_count);
    assert_true(order_count > rounds * TRADER_COUNT);
    tear_down(rig);
    free(rig);
}

#define SHARED    "ThreadingMode=shared\nIoThreads=2\nShards=2\n"
#define DEDICATED "ThreadingMode=dedicated\nIoThreads=1\nShards=2\n"
#define PROCESS   "JournalDurability=process\n"
#define INTERVAL  "JournalDurability=interval:5\n"
#define SYNC      "JournalDurability=sync\n" /* an answer that does not wait is always caught */

static void test_kill_when_shared_and_process_then_promises_kept(void **state)
{
    (void)state;
    run(SHARED PROCESS);
}

static void test_kill_when_shared_and_interval_then_promises_kept(void **state)
{
    (void)state;
    run(SHARED INTERVAL);
}

static void test_kill_when_shared_and_sync_then_promises_kept(void **state)
{
    (void)state;
    run(SHARED SYNC);
}

static void test_kill_when_dedicated_and_process_then_promises_kept(void **state)
{
    (void)state;
    run(DEDICATED PROCESS);
}

static void test_kill_when_dedicated_and_interval_then_promises_kept(void **state)
{
    (void)state;
    run(DEDICATED INTERVAL);
}

static void test_kill_when_dedicated_and_sync_then_promises_kept(void **state)
{
    (void)state;
    run(DEDICATED SYNC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_when_shared_and_process_then_promises_kept),
        cmocka_unit_test(test_kill_when_shared_and_interval_then_promises_kept),
        cmocka_unit_test(test_kill_when_shared_and_sync_then_promises_kept),
        cmocka_unit_test(test_kill_when_dedicated_and_process_then_promises_kept),
        cmocka_unit_test(test_kill_when_dedicated_and_interval_then_promises_kept),
        cmocka_unit_test(test_kill_when_dedicated_and_sync_then_promises_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
