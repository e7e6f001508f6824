/* Retention: which messages go, which stay, and in how large pieces. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/reader.h"
#include "journal/store_internal.h"
#include "tests/unit/support_journal.h"

#define A    "FIX.4.4:SERVER->A"
#define B    "FIX.4.4:SERVER->B"
#define MANY 1000
#define HOUR ((int64_t)3600 * (int64_t)RFX_NS_PER_S)

static int commit_fails; /* what LMDB says instead of committing; 0: nothing */

int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);

int __wrap_mdb_txn_commit(MDB_txn *txn)
{
    if (commit_fails != 0) {
        mdb_txn_abort(txn);
        return commit_fails;
    }
    return __real_mdb_txn_commit(txn);
}

struct keep_rig {
    struct journal_rig rig;
    struct rfx_keeper keeper; /* the mover's own has nothing to do */
};

static void append_at(struct journal_rig *rig, const struct rfx_journal_op *ops, size_t count,
                      int64_t utc_ns)
{
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    assert_int_equal(port.append(port.context, ops, count, utc_ns, &rig->error), RFX_OK);
}

/* A message each way a minute, of about 50 bytes. */
static void fill(struct journal_rig *rig, const char *name)
{
    const uint32_t slot = journal_attach(rig, name).slot;
    for (uint64_t i = 1; i <= MANY; i++) {
        char text[64];
        snprintf(text, sizeof text, "message %u of this session, some bytes long", (unsigned)i);
        struct rfx_journal_op ops[2] = {op_message(slot, i, text), op_message(slot, i, text)};
        ops[1].type = RFX_JOURNAL_INBOUND;
        append_at(rig, ops, 2, (int64_t)i * HOUR / 60);
    }
    journal_settle(rig);
}

static int set_up(void **state)
{
    struct keep_rig *keep = malloc(sizeof *keep);
    journal_rig_init(&keep->rig);
    journal_rig_open(&keep->rig);
    assert_int_equal(rfx_keeper_init(&keep->keeper, 8, NULL), RFX_OK);
    fill(&keep->rig, A);
    fill(&keep->rig, B);
    *state = keep;
    return 0;
}

static int tear_down(void **state)
{
    struct keep_rig *keep = *state;
    rfx_keeper_close(&keep->keeper);
    journal_rig_end(&keep->rig);
    free(keep);
    return 0;
}

static void keep_a(struct keep_rig *keep, uint64_t count, int64_t age_ns)
{
    const struct rfx_journal_keep bounds = {.count = count, .age_ns = (uint64_t)age_ns};
    const uint32_t number = keep->rig.journal->parts[0].slots[0].number;
    rfx_keeper_add(&keep->keeper, number, &bounds);
}

/* One slice; returns whether there is more to do. */
static bool work(struct keep_rig *keep, int64_t utc_ns, uint32_t rows)
{
    struct rfx_env *env = &keep->rig.journal->env;
    MDB_txn *txn = NULL;
    bool has_more = false;
    assert_int_equal(mdb_txn_begin(env->env, NULL, 0, &txn), 0);
    assert_int_equal(rfx_keeper_work(&keep->keeper, env, txn, utc_ns, rows, &has_more), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    return has_more;
}

static struct rfx_reader_range stored(struct keep_rig *keep, const char *name,
                                      enum rfx_direction direction)
{
    struct journal_rig *rig = &keep->rig;
    struct rfx_reader *reader = NULL;
    struct rfx_reader_session session;
    assert_int_equal(rfx_reader_of(&rig->journal->env, rig->path, &reader, &rig->error), RFX_OK);
    assert_int_equal(rfx_reader_find(reader, name, &session, &rig->error), RFX_OK);
    rfx_reader_close(reader);
    return session.stored[direction];
}

/* At least what is asked for is kept, and at most a chunk's worth more. */
static void expect_first(struct keep_rig *keep, const char *name, uint64_t first)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct rfx_reader_range range = stored(keep, name, (enum rfx_direction)i);
        assert_in_range(range.first, first > 80 ? first - 80 : 1, first);
        assert_int_equal(range.last, MANY);
    }
}

static void test_messages_when_more_than_the_count_then_the_oldest_go(void **state)
{
    struct keep_rig *keep = *state;
    keep_a(keep, 300, 0);
    assert_false(work(keep, 0, 1000));
    expect_first(keep, A, 701);
    expect_first(keep, B, 1);
    assert_true(stored(keep, A, RFX_DIRECTION_OUT).first > 1);
    assert_int_equal(journal_attach(&keep->rig, A).next_out, MANY + 1);
}

static void test_messages_when_older_than_the_age_then_gone(void **state)
{
    struct keep_rig *keep = *state;
    keep_a(keep, 0, 5 * HOUR);
    assert_false(work(keep, MANY * HOUR / 60, 1000));
    expect_first(keep, A, MANY - 300);
    expect_first(keep, B, 1);
}

static void test_messages_when_both_bounds_then_the_tighter_counts(void **state)
{
    struct keep_rig *keep = *state;
    keep_a(keep, 500, 5 * HOUR);
    assert_false(work(keep, MANY * HOUR / 60, 1000));
    expect_first(keep, A, MANY - 300);
}

static void test_messages_when_all_are_old_then_all_go_and_numbers_stay(void **state)
{
    struct keep_rig *keep = *state;
    keep_a(keep, 0, HOUR);
    assert_false(work(keep, 10 * MANY * HOUR, 1000));
    assert_int_equal(stored(keep, A, RFX_DIRECTION_OUT).first, 0);
    assert_int_equal(stored(keep, A, RFX_DIRECTION_IN).first, 0);
    const uint32_t a = journal_attach(&keep->rig, A).slot;
    const struct rfx_journal_op op = op_message(a, MANY + 1, "next");
    append_at(&keep->rig, &op, 1, 0);
    journal_expect(&keep->rig, A, MANY + 2, 1, "1001:next");
}

static void test_work_when_rows_are_few_then_in_slices(void **state)
{
    struct keep_rig *keep = *state;
    keep_a(keep, 10, 0);
    uint64_t before = 1;
    unsigned slices = 1;
    while (work(keep, 0, 2)) {
        const uint64_t first = stored(keep, A, RFX_DIRECTION_OUT).first;
        assert_true(first <= before + 2 * 80);
        before = first;
        slices++;
    }
    assert_in_range(slices, 10, 40);
    expect_first(keep, A, MANY - 9);
}

static void test_work_when_a_round_is_over_then_rests(void **state)
{
    struct keep_rig *keep = *state;
    keep_a(keep, 300, 0);
    assert_false(work(keep, HOUR, 1000));
    const uint32_t a = journal_attach(&keep->rig, A).slot;
    for (uint64_t i = 1; i <= 100; i++) {
        const struct rfx_journal_op op = op_message(a, MANY + i, "some more bytes for a chunk");
        append_at(&keep->rig, &op, 1, 0);
    }
    journal_settle(&keep->rig);
    assert_false(work(keep, HOUR + (int64_t)RFX_NS_PER_S, 1000));
    assert_true(stored(keep, A, RFX_DIRECTION_OUT).first <= 701);
    assert_false(work(keep, 2 * HOUR, 1000));
    assert_true(stored(keep, A, RFX_DIRECTION_OUT).first > 701);
}

static void test_inbound_when_a_reset_comes_then_gone_with_the_others(void **state)
{
    struct keep_rig *keep = *state;
    const uint32_t a = journal_attach(&keep->rig, A).slot;
    const struct rfx_journal_op op = op_reset(a);
    append_at(&keep->rig, &op, 1, 0);
    journal_settle(&keep->rig);
    assert_int_equal(stored(keep, A, RFX_DIRECTION_OUT).first, 0);
    assert_int_equal(stored(keep, A, RFX_DIRECTION_IN).first, 0);
    expect_first(keep, B, 1);
}

/* After an operator has set the expected number back. */
static void test_inbound_when_a_number_comes_again_then_the_later_counts(void **state)
{
    struct keep_rig *keep = *state;
    const uint32_t a = journal_attach(&keep->rig, A).slot;
    struct rfx_journal_op op = op_message(a, 500, "again");
    op.type = RFX_JOURNAL_INBOUND;
    append_at(&keep->rig, &op, 1, 0);
    journal_settle(&keep->rig);
    assert_int_equal(stored(keep, A, RFX_DIRECTION_IN).last, 500);
    assert_int_equal(stored(keep, A, RFX_DIRECTION_OUT).last, MANY);
}

static void pass(struct rfx_move *move)
{
    bool has_more = true;
    for (unsigned i = 0; i < 100 && has_more; i++) {
        assert_int_equal(rfx_move_some(move, 1, &has_more), 0);
    }
    assert_false(has_more);
}

/* A transaction that is lost takes with it what the keeper has done in it. */
static void test_work_when_its_commit_fails_then_it_is_done_again(void **state)
{
    struct keep_rig *keep = *state;
    struct rfx_move move;
    assert_int_equal(rfx_move_open(&move, &keep->rig.journal->env, 1, &keep->rig.error), RFX_OK);
    move.keeper = &keep->keeper;
    keep_a(keep, 300, 0);
    commit_fails = ENOSPC;
    bool has_more = true;
    assert_int_equal(rfx_move_some(&move, 1, &has_more), ENOSPC);
    expect_first(keep, A, 1);
    commit_fails = 0;
    pass(&move);
    expect_first(keep, A, 701);
    rfx_move_close(&move);
}

/* Puts something that is no chunk in front of the messages of A, or in their place in the trash. */
static void damage(struct keep_rig *keep, uint32_t id)
{
    struct rfx_env *env = &keep->rig.journal->env;
    const struct rfx_format_key key = {.id = id, .direction = RFX_DIRECTION_OUT, .first = 1};
    uint8_t bytes[RFX_FORMAT_KEY_SIZE];
    MDB_val row = {sizeof bytes, bytes};
    MDB_val data = {3, (char[]){"abc"}};
    MDB_txn *txn = NULL;
    rfx_format_encode_key(&key, bytes);
    assert_int_equal(mdb_txn_begin(env->env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_put(txn, env->messages, &row, &data, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
}

static void test_work_when_a_chunk_is_damaged_then_goes_on_with_others(void **state)
{
    struct keep_rig *keep = *state;
    const struct rfx_slot *slots = keep->rig.journal->parts[0].slots;
    const struct rfx_journal_keep bounds = {.count = 300};
    const uint32_t a = slots[0].id;
    damage(keep, a);
    keep_a(keep, 300, 0);
    rfx_keeper_add(&keep->keeper, slots[1].number, &bounds);
    assert_false(work(keep, 0, 1000));
    expect_first(keep, B, 701);
    JOURNAL_APPEND(&keep->rig, op_reset(0));
    journal_settle(&keep->rig); /* the mover's own keeper empties the trash */
    const uint32_t fresh = journal_attach(&keep->rig, B).slot;
    JOURNAL_APPEND(&keep->rig, op_message(fresh, MANY + 1, "still at work"));
    journal_settle(&keep->rig);
    assert_int_equal(stored(keep, B, RFX_DIRECTION_OUT).last, MANY + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_messages_when_more_than_the_count_then_the_oldest_go),
        TEST(test_messages_when_older_than_the_age_then_gone),
        TEST(test_messages_when_both_bounds_then_the_tighter_counts),
        TEST(test_messages_when_all_are_old_then_all_go_and_numbers_stay),
        TEST(test_work_when_rows_are_few_then_in_slices),
        TEST(test_work_when_a_round_is_over_then_rests),
        TEST(test_work_when_a_chunk_is_damaged_then_goes_on_with_others),
        TEST(test_work_when_its_commit_fails_then_it_is_done_again),
        TEST(test_inbound_when_a_reset_comes_then_gone_with_the_others),
        TEST(test_inbound_when_a_number_comes_again_then_the_later_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
