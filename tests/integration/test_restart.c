/* A server that is stopped in order and opened again goes on where it was. */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/support_server.h"
#include "tests/integration/support_trader.h"

#define TRADER_COUNT 5

struct rig {
    struct host host;
    struct trader traders[TRADER_COUNT];
};

static struct rig *set_up(enum rfx_threading_mode mode, uint32_t shards)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    host_init(&rig->host, mode, mode == RFX_THREADING_SHARED ? shards : 1, shards);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_open(&rig->traders[i], i);
    }
    return rig;
}

static void tear_down(struct rig *rig)
{
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_close(&rig->traders[i]);
    }
    host_free(&rig->host);
    free(rig);
}

/* From start to stop: everybody finds all earlier messages, and trades a little more. */
static void run_once(struct rig *rig)
{
    host_start(&rig->host);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        struct trader *trader = &rig->traders[i];
        uint64_t due = trader->expected;
        trader_logon(trader, rig->host.port);
        assert_int_equal(trader->logon_seq, due); /* nothing was lost in between */
        trader_verify(trader);
        assert_true(trader_send_orders(trader, 5 + i));
    }
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_await_reports(&rig->traders[i]);
        assert_int_equal(rig->traders[i].resend_requests, 0);
    }
    host_begin_stop(&rig->host);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_await_logout(&rig->traders[i]);
    }
    host_stop(&rig->host);
}

/* Of a thread of this process. */
static bool may_run_on(const char *thread, size_t core, bool *is_there)
{
    char path[64];
    bool may = false;
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *task;
    assert_non_null(tasks);
    *is_there = false;
    while ((task = readdir(tasks)) != NULL) {
        char name[32] = "";
        cpu_set_t set;
        const pid_t id = (pid_t)atoi(task->d_name);
        snprintf(path, sizeof path, "/proc/self/task/%d/comm", id);
        FILE *file = fopen(path, "r");
        if (file == NULL) {
            continue;
        }
        if (fscanf(file, "%31s", name) == 1 && strcmp(name, thread) == 0) {
            assert_int_equal(sched_getaffinity(id, sizeof set, &set), 0);
            may = CPU_ISSET(core, &set);
            *is_there = true;
        }
        fclose(file);
    }
    closedir(tasks);
    return may;
}

/* They would take turns on one core otherwise, and each turn is some milliseconds. */
static void test_cores_when_workers_are_pinned_then_the_journal_keeps_away(void **state)
{
    (void)state;
    cpu_set_t set;
    size_t core = 0;
    bool is_there = false;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    if (CPU_COUNT(&set) < 2) {
        print_message("skipped: there is one core alone\n");
        skip();
    }
    while (!CPU_ISSET(core, &set)) {
        core++;
    }
    struct rig *rig = set_up(RFX_THREADING_SHARED, 1);
    rig->host.config.cpu_affinity[0] = (uint16_t)core;
    rig->host.config.cpu_affinity_count = 1;
    host_start(&rig->host);
    assert_false(may_run_on("rfx-journal", core, &is_there));
    assert_true(is_there);
    assert_true(may_run_on("rfx-worker-0", core, &is_there));
    assert_true(is_there);
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    assert_true(CPU_ISSET(core, &set));
    host_begin_stop(&rig->host);
    host_stop(&rig->host);
    tear_down(rig);
}

static void test_restart_when_nothing_changes_then_numbers_and_messages_are_there(void **state)
{
    (void)state;
    struct rig *rig = set_up(RFX_THREADING_SHARED, 1);
    for (int i = 0; i < 3; i++) {
        run_once(rig);
    }
    tear_down(rig);
}

static void restart_with_other_shards(enum rfx_threading_mode mode)
{
    static const uint32_t shards[] = {1, 3, 2, 2};
    struct rig *rig = set_up(mode, 1);
    for (size_t i = 0; i < sizeof shards / sizeof shards[0]; i++) {
        rig->host.config.shards = shards[i];
        rig->host.config.io_threads = mode == RFX_THREADING_SHARED ? shards[i] : 1;
        run_once(rig);
    }
    tear_down(rig);
}

static void test_restart_when_shards_change_in_shared_then_everything_is_there(void **state)
{
    (void)state;
    restart_with_other_shards(RFX_THREADING_SHARED);
}

static void test_restart_when_shards_change_in_dedicated_then_everything_is_there(void **state)
{
    (void)state;
    restart_with_other_shards(RFX_THREADING_DEDICATED);
}

static void expect_logout(struct peer *peer)
{
    peer_expect(peer, "5");
    assert_true(peer_send(peer, "35=5"));
    peer_expect_end(peer);
}

static void test_restart_when_messages_are_not_kept_then_resend_is_one_gap_fill(void **state)
{
    struct host host;
    struct peer peer;
    (void)state;
    host_init(&host, RFX_THREADING_SHARED, 1, 1);
    host.sessions[0].persist_messages = false;
    peer_init(&peer, "FORGETFUL");
    host_start(&host);
    peer_logon(&peer, host.port);
    peer_trade(&peer, "A");
    peer_trade(&peer, "B");
    host_begin_stop(&host);
    expect_logout(&peer);
    host_stop(&host);

    host_start(&host);
    peer_logon(&peer, host.port);
    assert_int_equal(peer_uint(&peer, 34), 5); /* after Logon, two reports, Logout */
    assert_true(peer_send(&peer, "35=2|7=1|16=0"));
    peer_expect(&peer, "4");
    assert_int_equal(peer_uint(&peer, 34), 1);
    assert_int_equal(peer_uint(&peer, 36), 6);
    assert_true(peer_is(&peer, 123, "Y"));
    peer_trade(&peer, "C");
    assert_int_equal(peer_uint(&peer, 34), 6);
    peer_logout(&peer);
    peer_free(&peer);
    host_free(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cores_when_workers_are_pinned_then_the_journal_keeps_away),
        cmocka_unit_test(test_restart_when_nothing_changes_then_numbers_and_messages_are_there),
        cmocka_unit_test(test_restart_when_shards_change_in_shared_then_everything_is_there),
        cmocka_unit_test(test_restart_when_shards_change_in_dedicated_then_everything_is_there),
        cmocka_unit_test(test_restart_when_messages_are_not_kept_then_resend_is_one_gap_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
