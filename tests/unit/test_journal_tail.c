/* What a process that died has left in its tails: found by the next one, and refused when it is
 * not what it should be. */
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal/crc.h"
#include "journal/store_internal.h"
#include "tests/unit/support_journal.h"

#define A "FIX.4.4:SERVER->A"
#define B "FIX.4.4:SERVER->B"

static void store_three(struct journal_rig *rig)
{
    const uint32_t a = journal_attach(rig, A).slot;
    JOURNAL_APPEND(rig, op_message(a, 1, "first"), op_numbers(a, 2, 3));
    JOURNAL_APPEND(rig, op_message(a, 2, "second"));
    JOURNAL_APPEND(rig, op_message(a, 3, "third"), op_numbers(a, 4, 5));
}

static void test_open_when_a_process_died_then_its_tail_is_in_the_store(void **state)
{
    struct journal_rig *rig = *state;
    journal_leave(rig, store_three);
    journal_rig_open(rig);
    journal_expect(rig, A, 4, 5, "1:first 2:second 3:third");
    journal_expect_log(rig, "not yet stored");
}

static void store_a_reset(struct journal_rig *rig)
{
    const uint32_t a = journal_attach(rig, A).slot;
    const uint32_t b = journal_attach(rig, B).slot;
    JOURNAL_APPEND(rig, op_message(a, 4, "fourth"), op_message(b, 1, "b1"));
    JOURNAL_APPEND(rig, op_reset(a), op_message(a, 1, "new"), op_numbers(b, 1, 9));
    journal_expect_now(rig, A, 2, 1, "1:new");
    journal_expect_now(rig, B, 1, 9, "");
    JOURNAL_APPEND(rig, op_message(b, 1, "b1 again"));
    journal_expect_now(rig, B, 2, 9, "1:b1 again");
}

static void test_open_when_processes_die_one_after_the_other_then_all_is_there(void **state)
{
    struct journal_rig *rig = *state;
    journal_leave(rig, store_three);
    journal_leave(rig, store_a_reset);
    journal_rig_open(rig);
    journal_expect(rig, A, 2, 1, "1:new");
    journal_expect(rig, B, 2, 9, "1:b1 again");
}

/* Messages of which a part is in the store are cut by what is still in the tail. */
static void lower(struct journal_rig *rig)
{
    const uint32_t a = journal_attach(rig, A).slot;
    JOURNAL_APPEND(rig, op_message(a, 4, "fourth"));
    JOURNAL_APPEND(rig, op_numbers(a, 2, 5));
    journal_expect_now(rig, A, 2, 5, "1:first");
    JOURNAL_APPEND(rig, op_numbers(a, 3, 5), op_message(a, 3, "other third"));
    journal_expect_now(rig, A, 4, 5, "1:first 3:other third");
}

static void test_read_when_the_tail_cuts_the_store_then_what_is_cut_is_gone(void **state)
{
    struct journal_rig *rig = *state;
    journal_leave(rig, store_three);
    journal_leave(rig, lower);
    journal_rig_open(rig);
    journal_expect(rig, A, 4, 5, "1:first 3:other third");
}

#define MANY 3000

/* More than is looked up in a tail at a time. */
static void store_many(struct journal_rig *rig)
{
    const uint32_t a = journal_attach(rig, A).slot;
    const uint32_t b = journal_attach(rig, B).slot;
    for (uint64_t i = 1; i <= MANY; i++) {
        char text[32];
        snprintf(text, sizeof text, "m%u", (unsigned)i);
        JOURNAL_APPEND(rig, op_message(a, i, text), op_message(b, i, "b"));
    }
}

struct count {
    uint64_t next;
    uint64_t last;
};

static bool count_message(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    struct count *count = context;
    char text[32];
    const int size = snprintf(text, sizeof text, "m%u", (unsigned)seq_num);
    assert_int_equal(seq_num, count->next++);
    assert_int_equal(message.size, size);
    assert_memory_equal(message.data, text, message.size);
    return seq_num != count->last;
}

static void read_many(struct journal_rig *rig)
{
    const uint32_t a = journal_attach(rig, A).slot;
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    const struct count ranges[] = {{1, MANY}, {5, 5}, {1500, 2800}, {MANY, MANY}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct count count = ranges[i];
        assert_int_equal(
            port.read(port.context, a, count.next, UINT64_MAX, count_message, &count, &rig->error),
            RFX_OK);
        assert_int_equal(count.next, ranges[i].last + 1);
        count = ranges[i];
        count.last = 0;
        assert_int_equal(port.read(port.context, a, count.next, ranges[i].last, count_message,
                                   &count, &rig->error),
                         RFX_OK);
        assert_int_equal(count.next, ranges[i].last + 1);
    }
}

static void store_and_read_many(struct journal_rig *rig)
{
    store_many(rig);
    read_many(rig);
}

static void test_read_when_much_is_in_the_tail_then_all_of_it(void **state)
{
    struct journal_rig *rig = *state;
    journal_leave(rig, store_and_read_many);
    journal_rig_open(rig);
    read_many(rig);
}

/* Whatever a power cut leaves of the latest batch, those before it are on disk. */
static void test_append_when_sync_then_one_batch_at_most_is_not_on_disk(void **state)
{
    struct journal_rig *rig = *state;
    rig->options.durability = RFX_DURABILITY_SYNC;
    journal_rig_open(rig);
    const struct rfx_part *part = &rig->journal->parts[0];
    journal_attach(rig, A);
    const uint64_t end = part->tail.end;
    assert_true(part->flushed < end);
    const uint32_t b = journal_attach(rig, B).slot;
    assert_int_equal(part->flushed, end);
    JOURNAL_APPEND(rig, op_message(b, 1, "b1"));
    assert_int_equal(part->flushed, part->tail.end);
    journal_rig_close(rig);
}

/* The ring is gone round many times. */
static void test_append_when_the_ring_wraps_then_nothing_is_lost(void **state)
{
    struct journal_rig *rig = *state;
    char large[3001];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    rig->options.tail_size = RFX_JOURNAL_TAIL_MIN;
    rig->options.batch_bytes = 1000;
    rig->options.batch_ops = 4;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    for (uint64_t i = 1; i <= 500; i++) {
        large[i * 7 % 3000] = '\0';
        JOURNAL_APPEND(rig, op_message(a, i, i % 3 == 0 ? "short" : large));
        large[i * 7 % 3000] = 'x';
    }
    assert_true(rig->journal->parts[0].tail.end > 5 * rig->journal->parts[0].tail.size);
    journal_expect_range(rig, A, 3, 3, "3:short");
    journal_expect_range(rig, A, 498, 498, "498:short");
    assert_int_equal(journal_attach(rig, A).next_out, 501);
}

/* --------------------------------------------------------------------- killed in a transaction */

#define NO_COMMIT  (-1)
#define ENDED_WITH 3

static _Atomic int deadly_commit = NO_COMMIT; /* of this process, counted down */
static _Atomic bool is_at_work;               /* with the deadly one */
static _Atomic bool is_appended;              /* everything that found room */

/* In the place of LMDB's: a process may die right before or behind it. */
int mdb_txn_commit(MDB_txn *txn)
{
    int (*commit)(MDB_txn *) = NULL;
    void *symbol = dlsym(RTLD_NEXT, "mdb_txn_commit");
    memcpy(&commit, &symbol, sizeof commit);
    const int left = atomic_load(&deadly_commit);
    if (left > 0) {
        atomic_store(&deadly_commit, left - 1);
    } else if (left == 0) {
        atomic_store(&is_at_work, true);
        while (!atomic_load(&is_appended)) {
            sched_yield();
        }
        _exit(ENDED_WITH);
    }
    return commit(txn);
}

/* Appends until the tail has no more room; nothing is freed before its commit. */
static void fill_the_ring(struct journal_rig *rig, uint64_t *next)
{
    const uint32_t a = journal_attach(rig, A).slot;
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    char text[500];
    memset(text, 'x', sizeof text);
    for (uint64_t i = 0; i < 10 * RFX_JOURNAL_TAIL_MIN / sizeof text; i++) {
        struct rfx_journal_op op = op_message(a, *next, "");
        op.data = text;
        op.size = (uint32_t)(100 + *next % 400);
        if (port.append(port.context, &op, 1, JOURNAL_UTC_NS, &rig->error) != RFX_OK) {
            return;
        }
        ++*next;
    }
}

static bool count_x(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    uint64_t *next = context;
    assert_int_equal(seq_num, (*next)++);
    assert_int_equal(message.size, 100 + seq_num % 400);
    return true;
}

static void
test_open_when_killed_before_a_commit_then_what_it_would_have_moved_is_there(void **state)
{
    struct journal_rig *rig = *state;
    uint64_t *next = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    rig->options.tail_size = RFX_JOURNAL_TAIL_MIN;
    rig->options.batch_bytes = 100;
    rig->options.batch_ops = 1;
    *next = 1;
    for (int round = 0; round < 6; round++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            journal_rig_open(rig);
            atomic_store(&deadly_commit, round % 3);
            for (int i = 0; i <= round % 3; i++) {
                fill_the_ring(rig, next);
                if (i < round % 3) {
                    journal_settle(rig);
                }
            }
            while (!atomic_load(&is_at_work)) {
                sched_yield();
            }
            fill_the_ring(rig, next);
            atomic_store(&is_appended, true);
            for (;;) {
                pause();
            }
        }
        int result = 0;
        assert_int_equal(waitpid(child, &result, 0), child);
        assert_true(WIFEXITED(result) && WEXITSTATUS(result) == ENDED_WITH);
        journal_rig_open(rig);
        const struct rfx_journal_entry entry = journal_attach(rig, A);
        const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
        uint64_t found = 1;
        assert_int_equal(
            port.read(port.context, entry.slot, 1, UINT64_MAX, count_x, &found, &rig->error),
            RFX_OK);
        assert_int_equal(found, *next);
        assert_int_equal(entry.next_out, *next);
        journal_rig_close(rig);
    }
    munmap(next, 4096);
}

/* ------------------------------------------------------------------------------------ damage */

static void tail_path(const struct journal_rig *rig, char path[300])
{
    snprintf(path, 300, "%s/tail-000", rig->path);
}

/* Overwrites bytes of the tail of shard 0. */
static void spoil(const struct journal_rig *rig, off_t offset, const void *bytes, size_t size)
{
    char path[300];
    tail_path(rig, path);
    const int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size, offset), size);
    close(fd);
}

/* Where a text stands in the tail of shard 0. */
static off_t find(const struct journal_rig *rig, const char *text)
{
    static char content[1 << 16];
    char path[300];
    tail_path(rig, path);
    const int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, content, sizeof content), sizeof content);
    close(fd);
    const char *place = memmem(content, sizeof content, text, strlen(text));
    assert_non_null(place);
    return place - content;
}

static void expect_refused(struct journal_rig *rig, const char *text)
{
    struct rfx_store *store = NULL;
    assert_int_equal(rfx_store_open(&rig->options, &store, &rig->error), RFX_E_JOURNAL);
    assert_null(store);
    assert_non_null(strstr(rig->error.text, rig->path));
    if (strstr(rig->error.text, text) == NULL) {
        fail_msg("'%s' is not in: %s", text, rig->error.text);
    }
}

/* The process died in the middle of the last append. */
static void test_open_when_the_last_batch_is_torn_then_the_others_count(void **state)
{
    struct journal_rig *rig = *state;
    journal_leave(rig, store_three);
    spoil(rig, find(rig, "third"), "T", 1);
    journal_rig_open(rig);
    journal_expect(rig, A, 3, 3, "1:first 2:second");
    JOURNAL_APPEND(rig, op_message(journal_attach(rig, A).slot, 3, "3"));
    journal_rig_close(rig);
    journal_rig_open(rig);
    journal_expect(rig, A, 4, 3, "1:first 2:second 3:3");
}

static void test_open_when_a_batch_before_others_is_damaged_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    journal_leave(rig, store_three);
    const off_t place = find(rig, "second");
    spoil(rig, place, "S", 1);
    expect_refused(rig, "discard-tail");
    expect_refused(rig, "damaged in the middle"); /* still: nothing was changed */
    rig->log[0] = '\0';
    rig->options.discards_tails = true;
    journal_rig_open(rig);
    journal_expect(rig, A, 2, 3, "1:first");
    journal_expect_log(rig, "lost");
}

/* The store is an older one, put back beside the tail, which has gone round since. */
static void test_open_when_the_store_is_laps_behind_its_tail_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    rig->options.tail_size = RFX_JOURNAL_TAIL_MIN;
    rig->options.batch_bytes = 1000;
    rig->options.batch_ops = 8;
    for (unsigned laps = 0; laps < 4; laps++) {
        char command[1024];
        int result = 0;
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            journal_rig_open(rig);
            const struct rfx_tail *tail = &rig->journal->parts[0].tail;
            uint64_t next = journal_attach(rig, A).next_out;
            const uint32_t a = journal_attach(rig, A).slot;
            JOURNAL_APPEND(rig, op_message(a, next++, "of the older store"));
            journal_settle(rig);
            snprintf(command, sizeof command, "cp -r %s/store %s/older", rig->path, rig->path);
            assert_int_equal(system(command), 0);
            const uint64_t end = tail->end + laps * tail->size + tail->size / 2;
            while (tail->end < end) {
                JOURNAL_APPEND(rig, op_message(a, next++, "that the older store does not have"));
            }
            journal_settle(rig);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &result, 0), child);
        assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
        snprintf(command, sizeof command, "rm -r %s/store && mv %s/older %s/store", rig->path,
                 rig->path, rig->path);
        assert_int_equal(system(command), 0);
        if (laps > 0) {
            expect_refused(rig, "an older copy");
        } else { /* all of it is still in the tail */
            journal_rig_open(rig);
            journal_rig_close(rig);
        }
        remove_tree(rig->path);
        assert_int_equal(mkdir(rig->path, 0700), 0);
    }
}

static void test_open_when_the_damage_is_mended_then_all_is_there(void **state)
{
    struct journal_rig *rig = *state;
    journal_leave(rig, store_three);
    const off_t place = find(rig, "second");
    spoil(rig, place, "S", 1);
    expect_refused(rig, "damaged");
    spoil(rig, place, "s", 1);
    journal_rig_open(rig);
    journal_expect(rig, A, 4, 5, "1:first 2:second 3:third");
}

static void test_open_when_the_tail_is_not_one_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    struct rfx_tail_header header;
    char path[300];
    journal_leave(rig, store_three);
    tail_path(rig, path);
    const int fd = open(path, O_RDONLY);
    assert_int_equal(pread(fd, &header, sizeof header, 0), sizeof header);
    close(fd);
    const struct {
        size_t offset;
        const char *bytes;
        size_t size;
        bool has_right_sum;
        const char *text;
    } damages[] = {
        {0, "X", 1, false, "does not begin"},
        {offsetof(struct rfx_tail_header, salt), "\1\2\3", 3, false, "sum of its header"},
        {offsetof(struct rfx_tail_header, version), "\7", 1, true, "version 7"},
        {offsetof(struct rfx_tail_header, size), "\0\0\0", 3, true, "cut or has grown"},
        {offsetof(struct rfx_tail_header, journal), "other", 5, true, "another journal"},
        {offsetof(struct rfx_tail_header, shard), "\5", 1, true, "another journal"},
    };
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct rfx_tail_header damaged = header;
        memcpy((char *)&damaged + damages[i].offset, damages[i].bytes, damages[i].size);
        if (damages[i].has_right_sum) {
            damaged.crc = rfx_crc(0, &damaged, offsetof(struct rfx_tail_header, crc));
        }
        spoil(rig, 0, &damaged, sizeof damaged);
        expect_refused(rig, damages[i].text);
    }
    spoil(rig, 0, &header, sizeof header);
    assert_int_equal(truncate(path, 12288), 0);
    expect_refused(rig, "cut or has grown");
    assert_int_equal(truncate(path, 100), 0);
    expect_refused(rig, "its size");
}

static void test_open_when_the_tail_is_missing_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    char path[300];
    journal_leave(rig, store_three);
    tail_path(rig, path);
    assert_int_equal(unlink(path), 0);
    expect_refused(rig, "is missing");
    assert_false(journal_has_tail(rig, 0));
    rig->options.discards_tails = true;
    journal_rig_open(rig);
    rig->options.discards_tails = false;
    journal_expect(rig, A, 1, 1, "");
    journal_rig_close(rig);
    assert_int_equal(unlink(path), 0); /* closed in order: not needed */
    journal_rig_open(rig);
}

static void store_in_all(struct journal_rig *rig)
{
    for (char i = '0'; i <= '9'; i++) {
        const char name[] = {'F', 'I', 'X', '.', '4', '.', '2', ':', 'S', '-', '>', i, '\0'};
        const struct rfx_journal_op op = op_message(journal_attach(rig, name).slot, 1, "m");
        journal_append_to(rig, name, &op, 1);
    }
}

/* One that no shard uses any more, too: it must not stand in the way for good. */
static void test_open_when_a_tail_is_given_up_then_it_is_gone(void **state)
{
    struct journal_rig *rig = *state;
    rig->options.shards = 3;
    journal_leave(rig, store_in_all);
    char path[300];
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/tail-%03u", rig->path, i);
        assert_int_equal(truncate(path, 100), 0);
    }
    rig->options.shards = 1;
    expect_refused(rig, "its size");
    rig->options.discards_tails = true;
    journal_rig_open(rig);
    journal_rig_close(rig);
    rig->options.discards_tails = false;
    journal_rig_open(rig);
    assert_false(journal_has_tail(rig, 1));
    assert_false(journal_has_tail(rig, 2));
}

static void test_open_when_a_tail_is_not_known_to_the_store_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    char from[300];
    char to[300];
    journal_leave(rig, store_three);
    tail_path(rig, from);
    snprintf(to, sizeof to, "%s/tail-001", rig->path);
    assert_int_equal(rename(from, to), 0);
    expect_refused(rig, "is missing");
}

/* Whatever byte of the tail is wrong, opening refuses it or gives what was whole. */
static void test_open_when_any_byte_is_wrong_then_no_harm(void **state)
{
    struct journal_rig *rig = *state;
    static char content[RFX_TAIL_HEADER_SIZE + 1024];
    char path[300];
    journal_leave(rig, store_three);
    tail_path(rig, path);
    const int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, content, sizeof content, 0), sizeof content);
    const uint64_t size = RFX_TAIL_HEADER_SIZE + 640;
    for (uint64_t i = 0; i < size; i += i == sizeof(struct rfx_tail_header) - 1
                                            ? RFX_TAIL_HEADER_SIZE - i
                                            : 1 + (uint64_t)(i % 3)) {
        struct rfx_store *store = NULL;
        const char wrong = (char)(content[i] ^ 0x40);
        assert_int_equal(pwrite(fd, &wrong, 1, (off_t)i), 1);
        const rfx_status status = rfx_store_open(&rig->options, &store, &rig->error);
        if (status == RFX_OK) { /* the last batch, or what lies behind it */
            rig->journal = store;
            const uint64_t next_out = journal_attach(rig, A).next_out;
            assert_true(next_out == 3 || next_out == 4);
            journal_rig_close(rig);
            remove_tree(rig->path);
            assert_int_equal(mkdir(rig->path, 0700), 0);
            journal_leave(rig, store_three);
            break;
        }
        assert_int_equal(status, RFX_E_JOURNAL);
        assert_int_equal(pwrite(fd, &content[i], 1, (off_t)i), 1);
    }
    close(fd);
    journal_rig_open(rig);
    journal_expect(rig, A, 4, 5, "1:first 2:second 3:third");
}

static void test_crc_when_compared_then_the_known_value_and_the_plain_way(void **state)
{
    (void)state;
    unsigned char bytes[300];
    assert_int_equal(rfx_crc(0, "123456789", 9), 0xe3069283);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 151 + i / 7);
        assert_int_equal(rfx_crc((uint32_t)i, bytes, i), rfx_crc_plain((uint32_t)i, bytes, i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(test_open_when_a_process_died_then_its_tail_is_in_the_store),
        JOURNAL_TEST(test_open_when_processes_die_one_after_the_other_then_all_is_there),
        JOURNAL_TEST(test_read_when_the_tail_cuts_the_store_then_what_is_cut_is_gone),
        JOURNAL_TEST(test_read_when_much_is_in_the_tail_then_all_of_it),
        JOURNAL_TEST(test_append_when_sync_then_one_batch_at_most_is_not_on_disk),
        JOURNAL_TEST(test_append_when_the_ring_wraps_then_nothing_is_lost),
        JOURNAL_TEST(test_open_when_killed_before_a_commit_then_what_it_would_have_moved_is_there),
        JOURNAL_TEST(test_open_when_the_last_batch_is_torn_then_the_others_count),
        JOURNAL_TEST(test_open_when_a_batch_before_others_is_damaged_then_refused),
        JOURNAL_TEST(test_open_when_the_store_is_laps_behind_its_tail_then_refused),
        JOURNAL_TEST(test_open_when_the_damage_is_mended_then_all_is_there),
        JOURNAL_TEST(test_open_when_the_tail_is_not_one_then_refused),
        JOURNAL_TEST(test_open_when_the_tail_is_missing_then_refused),
        JOURNAL_TEST(test_open_when_a_tail_is_given_up_then_it_is_gone),
        JOURNAL_TEST(test_open_when_a_tail_is_not_known_to_the_store_then_refused),
        JOURNAL_TEST(test_open_when_any_byte_is_wrong_then_no_harm),
        cmocka_unit_test(test_crc_when_compared_then_the_known_value_and_the_plain_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
