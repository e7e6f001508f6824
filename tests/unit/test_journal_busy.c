/* What holds while the mover is at work on something long: what is read, and what is on disk. */
#include <dlfcn.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "journal/store_internal.h"
#include "tests/unit/support_journal.h"

#define A "FIX.4.4:SERVER->A"

static _Atomic bool holds;  /* commits to the store do not return */
static _Atomic int passing; /* but for so many before */
static _Atomic bool is_held;
static _Atomic(const struct rfx_tail *) watched;
static _Atomic uint64_t flushed; /* how far the watched tail is on disk */

static void *next_symbol(const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    assert_non_null(symbol);
    return symbol;
}

/* In the place of LMDB's. */
int mdb_txn_commit(MDB_txn *txn)
{
    int (*commit)(MDB_txn *) = NULL;
    void *symbol = next_symbol("mdb_txn_commit");
    memcpy(&commit, &symbol, sizeof commit);
    while (atomic_load(&holds) && atomic_fetch_sub(&passing, 1) <= 0) {
        atomic_store(&is_held, true);
        sched_yield();
    }
    return commit(txn);
}

/* In the place of libc's. */
int fdatasync(int fd)
{
    int (*flush)(int) = NULL;
    void *symbol = next_symbol("fdatasync");
    memcpy(&flush, &symbol, sizeof flush);
    const struct rfx_tail *tail = atomic_load(&watched);
    const uint64_t published = tail != NULL ? atomic_load(&tail->published) : 0;
    const int result = flush(fd);
    if (tail != NULL && fd == tail->fd) {
        atomic_store(&flushed, published);
    }
    return result;
}

static int tear_down(void **state)
{
    atomic_store(&holds, false);
    atomic_store(&watched, NULL);
    return journal_tear_down(state);
}

/* The mover is at its commit of all that was appended before. */
static void hold_the_mover(void)
{
    atomic_store(&is_held, false);
    atomic_store(&passing, 0);
    atomic_store(&holds, true);
    while (!atomic_load(&is_held)) {
        sched_yield();
    }
}

static void append(struct journal_rig *rig, uint64_t first, uint64_t last, const char *text)
{
    const uint32_t a = journal_attach(rig, A).slot;
    for (uint64_t i = first; i <= last; i++) {
        JOURNAL_APPEND(rig, op_message(a, i, text));
    }
}

/* A session's number is lowered once and then, less far, again, and the mover is between both. */
static void test_read_when_lowered_twice_around_a_commit_then_all_that_is_left(void **state)
{
    struct journal_rig *rig = *state;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    const struct rfx_journal_op deeper = op_numbers(a, 5, 1);
    const struct rfx_journal_op again = op_numbers(a, 8, 1);
    append(rig, 1, 10, "o");
    journal_settle(rig);
    hold_the_mover();
    JOURNAL_APPEND(rig, deeper);
    append(rig, 5, 9, "n");
    const char *present = "1:o 2:o 3:o 4:o 5:n 6:n 7:n 8:n 9:n";
    journal_expect_now(rig, A, 10, 1, present);
    assert_int_equal(port.append(port.context, &again, 1, JOURNAL_UTC_NS, &rig->error), RFX_E_FULL);
    journal_expect_now(rig, A, 10, 1, present);
    atomic_store(&holds, false);
    journal_settle(rig);
    hold_the_mover();
    JOURNAL_APPEND(rig, again);
    journal_expect_now(rig, A, 8, 1, "1:o 2:o 3:o 4:o 5:n 6:n 7:n");
    JOURNAL_APPEND(rig, deeper); /* further down is no trouble */
    journal_expect_now(rig, A, 5, 1, "1:o 2:o 3:o 4:o");
    append(rig, 5, 5, "x");
    atomic_store(&holds, false);
    journal_expect(rig, A, 6, 1, "1:o 2:o 3:o 4:o 5:x");
}

static void
test_read_when_lowered_and_raised_in_the_tail_then_what_was_deleted_stays_so(void **state)
{
    struct journal_rig *rig = *state;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    hold_the_mover();
    append(rig, 1, 4, "old");
    JOURNAL_APPEND(rig, op_numbers(a, 2, 1));
    JOURNAL_APPEND(rig, op_numbers(a, 6, 1));
    journal_expect_now(rig, A, 6, 1, "1:old");
    append(rig, 6, 6, "new");
    journal_expect_now(rig, A, 7, 1, "1:old 6:new");
    atomic_store(&holds, false);
    journal_expect(rig, A, 7, 1, "1:old 6:new");
}

static void test_flush_when_the_mover_is_at_work_then_the_interval_is_kept(void **state)
{
    struct journal_rig *rig = *state;
    rig->options.durability = RFX_DURABILITY_INTERVAL;
    rig->options.interval_ms = 1;
    journal_rig_open(rig);
    hold_the_mover();
    atomic_store(&flushed, 0);
    atomic_store(&watched, &rig->journal->parts[0].tail);
    append(rig, 1, 3, "text");
    const uint64_t end = rig->journal->parts[0].tail.end;
    const time_t begin = time(NULL);
    while (atomic_load(&flushed) < end) {
        assert_true(time(NULL) < begin + 30); /* held for good */
        sched_yield();
    }
    atomic_store(&holds, false);
    journal_expect(rig, A, 4, 1, "1:text 2:text 3:text");
}

/* The store is full at the end: what it does not take is on disk in the tail. */
static void test_close_when_the_store_is_full_then_the_tail_is_flushed(void **state)
{
    struct journal_rig *rig = *state;
    static char text[2000];
    memset(text, 'x', sizeof text - 1);
    rig->options.durability = RFX_DURABILITY_INTERVAL;
    rig->options.interval_ms = 3600000;
    rig->options.size_max = RFX_JOURNAL_SIZE_MIN;
    rig->options.tail_size = 2 * RFX_JOURNAL_SIZE_MIN;
    journal_rig_open(rig);
    append(rig, 1, 200, text);
    atomic_store(&flushed, 0);
    atomic_store(&watched, &rig->journal->parts[0].tail);
    const uint64_t end = rig->journal->parts[0].tail.end;
    assert_int_equal(rfx_store_close(rig->journal, &rig->error), RFX_E_JOURNAL);
    rig->journal = NULL;
    assert_int_equal(atomic_load(&flushed), end);
}

#define LARGE 4000

static char large[LARGE];

static void append_large(struct journal_rig *rig, uint32_t slot, uint64_t seq_num)
{
    struct rfx_journal_op op = op_message(slot, seq_num, "");
    op.data = large;
    op.size = LARGE;
    journal_append(rig, &op, 1);
}

/* Dies while the mover deletes what was reset: there is room for some of what is in the tail. */
static void reset_and_die(struct journal_rig *rig, uint64_t count)
{
    const struct rfx_tail *tail = &rig->journal->parts[0].tail;
    const uint32_t a = journal_attach(rig, A).slot;
    atomic_store(&is_held, false);
    atomic_store(&passing, 1); /* the reset, and a first slice of what it leaves */
    atomic_store(&holds, true);
    JOURNAL_APPEND(rig, op_reset(a));
    while (!atomic_load(&is_held) || atomic_load(&tail->moved) < tail->end) {
        sched_yield();
    }
    for (uint64_t i = 1; i <= count; i++) {
        append_large(rig, a, i);
    }
    _exit(0);
}

static bool count_message(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    uint64_t *next = context;
    assert_int_equal(seq_num, (*next)++);
    assert_int_equal(message.size, LARGE);
    return true;
}

static void test_open_when_a_full_store_has_trash_then_it_makes_room(void **state)
{
    struct journal_rig *rig = *state;
    rig->options.size_max = 48 << 20;
    rig->options.tail_size = 48 << 20;
    journal_rig_open(rig);
    uint32_t a = journal_attach(rig, A).slot;
    uint64_t next = 1;
    MDB_envinfo info = {0};
    for (const size_t pages = rig->options.size_max / 4096; info.me_last_pgno + 200 < pages;) {
        append_large(rig, a, next++);
        if (next % 64 == 0) {
            journal_settle(rig);
            assert_int_equal(mdb_env_info(rig->journal->env.env, &info), 0);
        }
    }
    journal_rig_close(rig);
    const uint64_t fitting = next * 3 / 4; /* once all of it is deleted */
    int result = 0;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        journal_rig_open(rig);
        reset_and_die(rig, fitting);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    assert_true(journal_count_rows(rig, "trash") > 0);
    journal_rig_open(rig);
    a = journal_attach(rig, A).slot;
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    next = 1;
    assert_int_equal(port.read(port.context, a, 1, UINT64_MAX, count_message, &next, &rig->error),
                     RFX_OK);
    assert_int_equal(next, fitting + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_read_when_lowered_twice_around_a_commit_then_all_that_is_left),
        TEST(test_read_when_lowered_and_raised_in_the_tail_then_what_was_deleted_stays_so),
        TEST(test_flush_when_the_mover_is_at_work_then_the_interval_is_kept),
        TEST(test_open_when_a_full_store_has_trash_then_it_makes_room),
        TEST(test_close_when_the_store_is_full_then_the_tail_is_flushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
