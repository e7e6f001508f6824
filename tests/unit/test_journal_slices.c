/* Reading a part of the journal in slices, as a resend does, while much of it is in the tail. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/store_internal.h"
#include "tests/unit/support_journal.h"

#define A "FIX.4.4:SERVER->A"

static int set_up(void **state)
{
    struct journal_rig *rig = malloc(sizeof *rig);
    journal_rig_init(rig);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    journal_rig_end(*state);
    free(*state);
    return 0;
}

struct slice {
    uint64_t next; /* expected */
    uint64_t step; /* between the numbers of neighbours */
    unsigned left;
};

static bool take_one(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    struct slice *slice = context;
    char text[32];
    snprintf(text, sizeof text, "m%u", (unsigned)slice->next);
    assert_int_equal(seq_num, slice->next);
    assert_true(message.size == strlen(text) && memcmp(message.data, text, message.size) == 0);
    slice->next += slice->step;
    return --slice->left > 0;
}

/* As a resend does: a few at a time. */
static void read_in_slices(struct journal_rig *rig, uint32_t slot, uint64_t from, uint64_t end,
                           uint64_t step)
{
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    struct slice slice = {.next = from, .step = step};
    while (slice.next < end) {
        const uint64_t before = slice.next;
        slice.left = 17;
        assert_int_equal(
            port.read(port.context, slot, before, UINT64_MAX, take_one, &slice, &rig->error),
            RFX_OK);
        assert_true(slice.next > before);
    }
    assert_int_equal(slice.next, end);
}

static uint64_t append_some(struct journal_rig *rig, uint32_t slot, uint64_t next, unsigned count,
                            uint64_t step)
{
    for (unsigned i = 0; i < count; i++, next += step) {
        char text[32];
        snprintf(text, sizeof text, "m%u", (unsigned)next);
        JOURNAL_APPEND(rig, op_message(slot, next, text));
    }
    return next;
}

/* Reads of several sessions in turn, while messages are added, taken back and reset. */
static void read_and_write(struct journal_rig *rig)
{
    enum { SESSIONS_READ = RFX_MARKS_SETS + 2, COUNT = 2000 };
    uint32_t slots[SESSIONS_READ];
    uint64_t next[SESSIONS_READ];
    for (unsigned i = 0; i < SESSIONS_READ; i++) {
        char name[32];
        snprintf(name, sizeof name, "FIX.4.4:SERVER->S%u", i);
        slots[i] = journal_attach(rig, name).slot;
        next[i] = append_some(rig, slots[i], 1, COUNT, i + 1);
    }
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < SESSIONS_READ; i++) {
            read_in_slices(rig, slots[i], 1, next[i], i + 1);
            next[i] = append_some(rig, slots[i], next[i], 300, i + 1);
            read_in_slices(rig, slots[i], 1, next[i], i + 1);
            read_in_slices(rig, slots[i], next[i] - 200 * (i + 1), next[i], i + 1);
        }
    }
    next[0] = append_some(rig, slots[0], 500, 1000, 1); /* in the place of others */
    read_in_slices(rig, slots[0], 1, next[0], 1);
    JOURNAL_APPEND(rig, op_reset(slots[1]));
    next[1] = append_some(rig, slots[1], 1, 700, 1);
    read_in_slices(rig, slots[1], 1, next[1], 1);
}

static void test_read_when_in_slices_beside_writes_then_what_is_there(void **state)
{
    struct journal_rig *rig = *state;
    journal_rig_open(rig);
    read_and_write(rig);
    journal_rig_close(rig);
}

/* More than there are marks for at first, and none of it moved, since the store is held. */
static void test_read_when_there_are_marks_then_from_there(void **state)
{
    struct journal_rig *rig = *state;
    enum { COUNT = 80000, STEP = 256 };
    MDB_txn *holder = NULL;
    rig->options.tail_size = 32 << 20;
    journal_rig_open(rig);
    const struct rfx_marks *marks = &rig->journal->parts[0].marks[0];
    const uint32_t a = journal_attach(rig, A).slot;
    assert_int_equal(mdb_txn_begin(rig->journal->env.env, NULL, 0, &holder), 0);
    const uint64_t next = append_some(rig, a, 1, COUNT, 1);
    read_in_slices(rig, a, 1, 17 * 2000 + 1, 1);
    assert_in_range(marks->count, COUNT / STEP - 1, COUNT / STEP + 1);
    assert_in_range(marks->items[marks->count - 1].seq_num, 1, STEP);
    for (uint32_t i = 1; i < marks->count; i++) {
        assert_int_equal(marks->items[i - 1].seq_num - marks->items[i].seq_num, STEP);
    }
    read_in_slices(rig, a, 17 * 2000 + 1, next, 1);
    mdb_txn_abort(holder);
    journal_rig_close(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_read_when_in_slices_beside_writes_then_what_is_there),
        TEST(test_read_when_there_are_marks_then_from_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
