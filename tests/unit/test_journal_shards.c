/* The number of shards, and the tails' files: they may change from one run to the next. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/store_internal.h"
#include "tests/unit/support_journal.h"

#define SESSIONS 20

static void name_of(size_t i, char name[32])
{
    snprintf(name, 32, "FIX.4.2:SERVER->CLIENT%zu", i);
}

/* Adds one message to every session; its text tells the session and the round. */
static void fill(struct journal_rig *rig)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        char name[32];
        char text[32];
        name_of(i, name);
        const struct rfx_journal_entry entry = journal_attach(rig, name);
        snprintf(text, sizeof text, "s%zu-r%u", i, (unsigned)entry.next_out);
        const struct rfx_journal_op ops[] = {
            op_message(entry.slot, entry.next_out, text),
            op_numbers(entry.slot, entry.next_out + 1, 10 * entry.next_out + i)};
        journal_append_to(rig, name, ops, 2);
    }
}

static void expect_filled(struct journal_rig *rig, uint64_t rounds)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        char name[32];
        char text[256] = "";
        name_of(i, name);
        for (uint64_t round = 1; round <= rounds; round++) {
            const size_t size = strlen(text);
            snprintf(text + size, sizeof text - size, "%s%u:s%zu-r%u", round > 1 ? " " : "",
                     (unsigned)round, i, (unsigned)round);
        }
        journal_expect(rig, name, rounds + 1, 10 * rounds + i, text);
    }
}

static void test_open_when_shards_change_then_nothing_is_lost(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t shards[] = {1, 4, 2, 7, 3};
    for (uint64_t i = 0; i < 5; i++) {
        rig->options.shards = shards[i];
        if (i % 2 == 0) {
            journal_leave(rig, fill); /* killed */
        } else {
            journal_rig_open(rig);
            fill(rig);
            journal_rig_close(rig);
        }
        rig->options.shards = shards[(i + 1) % 5];
        journal_rig_open(rig);
        expect_filled(rig, i + 1);
        journal_rig_close(rig);
        for (unsigned shard = 0; shard < 8; shard++) {
            assert_int_equal(journal_has_tail(rig, shard), shard < rig->options.shards);
        }
    }
}

static void test_open_when_the_size_of_tails_changes_then_nothing_is_lost(void **state)
{
    struct journal_rig *rig = *state;
    for (uint64_t i = 0; i < 4; i++) {
        journal_leave(rig, fill);
        rig->options.tail_size = (i + 3) << 20;
        journal_rig_open(rig);
        expect_filled(rig, i + 1);
        journal_rig_close(rig);
    }
}

/* A copy may have left out what was zero. */
static void test_open_when_a_tail_has_holes_then_its_disk_space_is_taken(void **state)
{
    struct journal_rig *rig = *state;
    char path[300];
    struct stat file;
    journal_rig_open(rig);
    journal_rig_close(rig);
    snprintf(path, sizeof path, "%s/tail-000", rig->path);
    const int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &file), 0);
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, file.st_size - 4096) != 0) {
        print_message("skipped: this file system makes no holes\n");
        close(fd);
        skip();
    }
    journal_rig_open(rig);
    assert_int_equal(fstat(fd, &file), 0);
    assert_true(file.st_blocks * 512 >= file.st_size);
    close(fd);
    journal_rig_close(rig);
}

/* Tools read beside as many shards as there can be. */
static void test_open_when_there_are_many_shards_then_room_for_many_readers(void **state)
{
    enum { READERS = 500 };
    struct journal_rig *rig = *state;
    MDB_txn *txns[READERS];
    rig->options.shards = RFX_WORKERS_MAX;
    rig->options.tail_size = RFX_JOURNAL_TAIL_MIN;
    journal_rig_open(rig);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(mdb_txn_begin(rig->journal->env.env, NULL, MDB_RDONLY, &txns[i]), 0);
    }
    for (size_t i = 0; i < READERS; i++) {
        mdb_txn_abort(txns[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(test_open_when_shards_change_then_nothing_is_lost),
        JOURNAL_TEST(test_open_when_the_size_of_tails_changes_then_nothing_is_lost),
        JOURNAL_TEST(test_open_when_a_tail_has_holes_then_its_disk_space_is_taken),
        JOURNAL_TEST(test_open_when_there_are_many_shards_then_room_for_many_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
