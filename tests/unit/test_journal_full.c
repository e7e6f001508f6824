/* A store that is full, and one that grows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "journal/store_internal.h"
#include "tests/unit/support_journal.h"

#define A     "FIX.4.4:SERVER->A"
#define B     "FIX.4.4:SERVER->B"
#define LARGE 4000

static char large[LARGE];

static int set_up(void **state)
{
    struct journal_rig *rig = malloc(sizeof *rig);
    memset(large, 'x', sizeof large);
    journal_rig_init(rig);
    rig->options.size_max = 1 << 20;
    rig->options.tail_size = 1 << 20;
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct journal_rig *rig = *state;
    (void)rfx_store_close(rig->journal, &rig->error);
    remove_tree(rig->path);
    free(rig);
    return 0;
}

static rfx_status append_large(struct journal_rig *rig, uint32_t slot, uint64_t seq_num)
{
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    struct rfx_journal_op op = op_message(slot, seq_num, "");
    op.data = large;
    op.size = LARGE;
    return port.append(port.context, &op, 1, JOURNAL_UTC_NS, &rig->error);
}

static enum rfx_journal_room room(struct journal_rig *rig)
{
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    enum rfx_journal_room found = port.room(port.context);
    while (found == RFX_JOURNAL_BUSY) { /* until the mover has tried */
        const struct timespec moment = {.tv_nsec = 1000000};
        nanosleep(&moment, NULL);
        found = port.room(port.context);
    }
    return found;
}

/* Appends as a shard does, until it is told to stop. Returns the next MsgSeqNum. */
static uint64_t fill_up(struct journal_rig *rig, uint32_t slot, uint64_t next)
{
    while (room(rig) == RFX_JOURNAL_ROOM) {
        assert_int_equal(append_large(rig, slot, next++), RFX_OK);
    }
    return next;
}

static bool count_message(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    uint64_t *next = context;
    assert_int_equal(seq_num, (*next)++);
    assert_int_equal(message.size, LARGE);
    return true;
}

static void expect_all(struct journal_rig *rig, uint64_t first, uint64_t next)
{
    const struct rfx_journal_entry entry = journal_attach(rig, A);
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    assert_int_equal(entry.next_out, next);
    assert_int_equal(
        port.read(port.context, entry.slot, first, UINT64_MAX, count_message, &first, &rig->error),
        RFX_OK);
    assert_int_equal(first, next);
}

static void test_append_when_the_store_is_full_then_stopped_and_nothing_lost(void **state)
{
    struct journal_rig *rig = *state;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    uint64_t next = fill_up(rig, a, 1);
    assert_true(next > 300); /* store and tail */
    journal_expect_log(rig, "JournalMaxSize");
    expect_all(rig, 1, next);
    /* What is left is for the last messages; then there is an end, and nothing half stored. */
    const uint64_t stopped = next;
    while (append_large(rig, a, next) == RFX_OK) {
        next++;
    }
    assert_true(next > stopped);
    assert_int_equal(append_large(rig, a, next), RFX_E_FULL);
    expect_all(rig, 1, next);
    assert_int_equal(rfx_store_close(rig->journal, &rig->error), RFX_E_JOURNAL);
    assert_non_null(strstr(rig->error.text, "JournalMaxSize"));
    rig->journal = NULL;
    assert_int_equal(rfx_store_open(&rig->options, &rig->journal, &rig->error), RFX_E_JOURNAL);
    assert_non_null(strstr(rig->error.text, "JournalMaxSize"));
    rig->options.size_max = 64 << 20;
    journal_rig_open(rig);
    expect_all(rig, 1, next);
    journal_rig_close(rig);
}

/* As when somebody makes room on the disk. */
static void test_append_when_there_is_room_again_then_goes_on_by_itself(void **state)
{
    struct journal_rig *rig = *state;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    uint64_t next = fill_up(rig, a, 1);
    assert_int_equal(room(rig), RFX_JOURNAL_STUCK);
    pthread_rwlock_wrlock(&rig->journal->env.map_lock);
    rig->journal->env.size_max = 64 << 20;
    pthread_rwlock_unlock(&rig->journal->env.map_lock);
    journal_settle(rig);
    assert_int_equal(room(rig), RFX_JOURNAL_ROOM);
    journal_expect_log(rig, "there is room again");
    assert_int_equal(append_large(rig, a, next++), RFX_OK);
    expect_all(rig, 1, next);
    journal_rig_close(rig);
}

/* Without anybody's doing: what is over the bound makes place for what comes. */
static void test_append_when_few_messages_are_kept_then_never_full(void **state)
{
    struct journal_rig *rig = *state;
    rig->keep.count = 50;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    for (uint64_t next = 1; next <= 2000; next++) {
        assert_int_equal(room(rig), RFX_JOURNAL_ROOM);
        assert_int_equal(append_large(rig, a, next), RFX_OK);
    }
    expect_all(rig, 1951, 2001);
    journal_rig_close(rig);
}

static uint64_t size_of(struct journal_rig *rig)
{
    pthread_rwlock_rdlock(&rig->journal->env.map_lock);
    const uint64_t size = rig->journal->env.size;
    pthread_rwlock_unlock(&rig->journal->env.map_lock);
    return size;
}

static void test_store_when_it_grows_then_what_is_read_stays_right(void **state)
{
    struct journal_rig *rig = *state;
    rig->options.size_max = UINT64_C(1) << 30;
    rig->options.tail_size = 16 << 20;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    const uint64_t size = size_of(rig);
    uint64_t next = 1;
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < 2500; i++) {
            assert_int_equal(room(rig), RFX_JOURNAL_ROOM);
            assert_int_equal(append_large(rig, a, next++), RFX_OK);
        }
        expect_all(rig, 1, next);
    }
    journal_settle(rig);
    assert_true(size_of(rig) > size);
    expect_all(rig, 1, next);
    journal_rig_close(rig);
    journal_rig_open(rig); /* larger than a new map would be */
    expect_all(rig, 1, next);
    journal_rig_close(rig);
}

/* Many sessions, of each of which little may go: a slice of deletions touches many pages, and needs
 * as many for their copies. */
static void test_append_when_a_full_store_may_delete_then_makes_room(void **state)
{
    struct journal_rig *rig = *state;
    enum { SESSIONS = 200, SPARE_PAGES = 3 };
    uint32_t slots[SESSIONS];
    uint64_t next[SESSIONS];
    char name[32];
    MDB_envinfo info = {0};
    rig->options.size_max = 16 << 20;
    rig->options.sessions_max = SESSIONS;
    journal_rig_open(rig);
    for (unsigned i = 0; i < SESSIONS; i++) {
        snprintf(name, sizeof name, "FIX.4.4:SERVER->%u", i);
        slots[i] = journal_attach(rig, name).slot;
        next[i] = 1;
    }
    const size_t pages = rig->options.size_max / 4096;
    for (unsigned i = 0; info.me_last_pgno + 1 + SPARE_PAGES < pages; i = (i + 1) % SESSIONS) {
        const size_t left = pages - SPARE_PAGES - info.me_last_pgno - 1;
        assert_int_equal(append_large(rig, slots[i], next[i]++), RFX_OK);
        if (left < 100 || i % 64 == 0) {
            journal_settle(rig);
            assert_int_equal(mdb_env_info(rig->journal->env.env, &info), 0);
        }
    }
    journal_rig_close(rig);
    rig->keep.count = next[0] * 3 / 4;
    journal_rig_open(rig);
    for (unsigned i = 0; i < SESSIONS; i++) {
        snprintf(name, sizeof name, "FIX.4.4:SERVER->%u", i);
        slots[i] = journal_attach(rig, name).slot;
    }
    for (unsigned i = 0; i < 2 * SESSIONS; i++) {
        assert_int_equal(append_large(rig, slots[i % SESSIONS], next[i % SESSIONS]++), RFX_OK);
        journal_settle(rig);
    }
    assert_null(strstr(rig->log, "full"));
    journal_rig_close(rig);
}

#ifndef __SANITIZE_ADDRESS__
/* In a process of its own, which has few bytes of address space left. */
static void grow_without_address_space(struct journal_rig *rig)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu", &pages), 1);
    fclose(file);
    rig->options.size_max = UINT64_C(1) << 40;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    const struct rlimit limit = {pages * 4096 + (150u << 20), pages * 4096 + (150u << 20)};
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    const uint64_t next = fill_up(rig, a, 1);
    assert_int_equal(room(rig), RFX_JOURNAL_STUCK);
    journal_expect_log(rig, "no address space");
    expect_all(rig, 1, next);
}
#endif

static void test_append_when_the_map_cannot_grow_then_stopped_and_nothing_lost(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    (void)state;
    print_message("skipped: AddressSanitizer needs all of the address space\n");
    skip();
#else
    int result = 0;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        grow_without_address_space(*state);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
#endif
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_append_when_the_store_is_full_then_stopped_and_nothing_lost),
        TEST(test_append_when_there_is_room_again_then_goes_on_by_itself),
        TEST(test_append_when_few_messages_are_kept_then_never_full),
        TEST(test_append_when_a_full_store_may_delete_then_makes_room),
        TEST(test_append_when_the_map_cannot_grow_then_stopped_and_nothing_lost),
        TEST(test_store_when_it_grows_then_what_is_read_stays_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
