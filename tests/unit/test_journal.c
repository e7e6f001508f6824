/* The journal's port: what is stored, and when it is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_journal.h"

#define A "FIX.4.4:SERVER->A"
#define B "FIX.4.4:SERVER->B"

static int set_up(void **state)
{
    struct journal_rig *rig = malloc(sizeof *rig);
    journal_rig_init(rig);
    journal_rig_open(rig);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    journal_rig_end(*state);
    free(*state);
    return 0;
}

static void reopen(struct journal_rig *rig)
{
    journal_rig_close(rig);
    journal_rig_open(rig);
}

static void test_session_when_new_then_starts_at_one(void **state)
{
    journal_expect(*state, A, 1, 1, "");
}

static void test_messages_when_stored_then_read_back(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t a = journal_attach(rig, A).slot;
    const uint32_t b = journal_attach(rig, B).slot;
    JOURNAL_APPEND(rig, op_message(a, 1, "a1"), op_message(b, 1, "b1"), op_message(a, 2, "a2"),
                   op_numbers(b, 2, 7));
    journal_expect(rig, A, 3, 1, "1:a1 2:a2");
    journal_expect(rig, B, 2, 7, "1:b1");
    reopen(rig);
    journal_expect(rig, B, 2, 7, "1:b1");
    journal_expect(rig, A, 3, 1, "1:a1 2:a2");
}

struct expected {
    const struct rfx_journal_op *ops;
    size_t seen;
    size_t seen_max;
};

static bool expect_op(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    struct expected *expected = context;
    const struct rfx_journal_op *op = &expected->ops[expected->seen++];
    assert_int_equal(seq_num, op->seq_num);
    assert_int_equal(message.size, op->size);
    assert_memory_equal(message.data, op->data, op->size);
    return expected->seen < expected->seen_max;
}

static void test_message_when_binary_or_large_then_unchanged(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t a = journal_attach(rig, A).slot;
    char *large = malloc(3 << 20);
    memset(large, 'x', 3 << 20);
    struct rfx_journal_op ops[2] = {op_message(a, 1, ""), op_message(a, 2, "")};
    ops[0].data = "a\0b\x01";
    ops[0].size = 4;
    ops[1].data = large;
    ops[1].size = 3 << 20;
    journal_append(rig, ops, 2);
    struct expected expected = {.ops = ops, .seen_max = 3};
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    assert_int_equal(port.read(port.context, a, 1, 2, expect_op, &expected, &rig->error), RFX_OK);
    assert_int_equal(expected.seen, 2);
    free(large);
}

static void test_read_when_callback_ends_it_then_no_more(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t a = journal_attach(rig, A).slot;
    const struct rfx_journal_op ops[3] = {op_message(a, 1, "x"), op_message(a, 2, "y"),
                                          op_message(a, 3, "z")};
    journal_append(rig, ops, 3);
    struct expected expected = {.ops = ops, .seen_max = 2};
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    assert_int_equal(port.read(port.context, a, 1, 9, expect_op, &expected, &rig->error), RFX_OK);
    assert_int_equal(expected.seen, 2);
}

static void test_read_when_range_given_then_only_that_with_gaps(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t a = journal_attach(rig, A).slot;
    JOURNAL_APPEND(rig, op_message(a, 1, "x"), op_message(a, 2, "y"), op_numbers(a, 6, 1),
                   op_message(a, 6, "z"), op_message(a, 7, "w"));
    journal_expect_range(rig, A, 2, 6, "2:y 6:z");
    journal_expect_range(rig, A, 3, 5, "");
    journal_expect_range(rig, A, 8, UINT64_MAX, "");
    journal_expect_range(rig, A, 5, 2, "");
}

static void test_numbers_when_out_is_lowered_then_later_messages_are_gone(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t a = journal_attach(rig, A).slot;
    const uint32_t b = journal_attach(rig, B).slot;
    JOURNAL_APPEND(rig, op_message(a, 1, "x"), op_message(a, 2, "y"), op_message(a, 3, "z"),
                   op_message(b, 1, "other"));
    JOURNAL_APPEND(rig, op_numbers(a, 2, 4));
    journal_expect(rig, A, 2, 4, "1:x");
    JOURNAL_APPEND(rig, op_numbers(a, 9, 4));
    journal_expect(rig, A, 9, 4, "1:x");
    journal_expect(rig, B, 2, 1, "1:other");
}

static void test_reset_when_messages_follow_in_the_batch_then_they_stay(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t a = journal_attach(rig, A).slot;
    JOURNAL_APPEND(rig, op_message(a, 1, "old1"), op_message(a, 2, "old2"), op_numbers(a, 3, 5));
    JOURNAL_APPEND(rig, op_message(a, 3, "old3"), op_reset(a), op_message(a, 1, "new1"));
    journal_expect(rig, A, 2, 1, "1:new1");
    reopen(rig);
    journal_expect(rig, A, 2, 1, "1:new1");
}

static void test_reset_when_twice_in_a_batch_then_only_the_last_counts(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t a = journal_attach(rig, A).slot;
    JOURNAL_APPEND(rig, op_reset(a), op_message(a, 1, "between"), op_reset(a),
                   op_message(a, 1, "last"), op_numbers(a, 2, 3));
    journal_expect(rig, A, 2, 3, "1:last");
    journal_rig_close(rig);
    assert_int_equal(journal_count_rows(rig, "messages"), 1);
    journal_rig_open(rig);
}

/* By it the schedule knows, after a restart too, whether the numbers are still of today. */
static void test_reset_when_done_then_its_time_is_kept(void **state)
{
    struct journal_rig *rig = *state;
    const struct rfx_journal_entry made = journal_attach(rig, A);
    const struct rfx_journal_op ops[] = {op_message(made.slot, 1, "old"), op_reset(made.slot),
                                         op_message(made.slot, 1, "new")};
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    assert_int_equal(made.created_utc_ns, JOURNAL_UTC_NS);
    assert_int_equal(port.append(port.context, ops, 3, 12345, &rig->error), RFX_OK);
    assert_int_equal(journal_attach(rig, A).created_utc_ns, 12345);
    JOURNAL_APPEND(rig, op_message(made.slot, 2, "newer"));
    reopen(rig);
    assert_int_equal(journal_attach(rig, A).created_utc_ns, 12345);
    journal_expect(rig, A, 3, 1, "1:new 2:newer");
}

/* Stores `count` messages, ten in a batch. */
static void store_many(struct journal_rig *rig, uint32_t slot, uint64_t count)
{
    for (uint64_t seq_num = 1; seq_num <= count; seq_num += 10) {
        struct rfx_journal_op ops[10];
        for (uint64_t i = 0; i < 10; i++) {
            ops[i] = op_message(slot, seq_num + i, "8=FIX.4.4|a message of some length|10=000|");
        }
        journal_append(rig, ops, 10);
    }
}

static void test_trash_when_large_then_deleted_in_time(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t a = journal_attach(rig, A).slot;
    const uint32_t b = journal_attach(rig, B).slot;
    store_many(rig, a, 2000);
    store_many(rig, b, 10);
    JOURNAL_APPEND(rig, op_reset(a), op_message(a, 1, "new"));
    journal_settle(rig);
    journal_rig_close(rig);
    assert_int_equal(journal_count_rows(rig, "messages"), 2);
    assert_int_equal(journal_count_rows(rig, "trash"), 0);
    journal_rig_open(rig);
    journal_expect(rig, A, 2, 1, "1:new");
}

static void test_messages_when_durability_asks_for_the_disk_then_stored_as_well(void **state)
{
    struct journal_rig *rig = *state;
    const enum rfx_durability durabilities[] = {RFX_DURABILITY_SYNC, RFX_DURABILITY_INTERVAL};
    for (uint64_t i = 0; i < 2; i++) {
        journal_rig_close(rig);
        rig->options.durability = durabilities[i];
        rig->options.interval_ms = 1;
        journal_rig_open(rig);
        const uint32_t a = journal_attach(rig, A).slot;
        JOURNAL_APPEND(rig, op_reset(a), op_message(a, 1, "x"));
        reopen(rig);
        journal_expect(rig, A, 2, 1, "1:x");
    }
}

static void test_attach_when_again_then_same_slot_with_numbers_of_now(void **state)
{
    struct journal_rig *rig = *state;
    const uint32_t a = journal_attach(rig, A).slot;
    const uint32_t b = journal_attach(rig, B).slot;
    assert_int_not_equal(a, b);
    JOURNAL_APPEND(rig, op_numbers(a, 4, 5));
    const struct rfx_journal_entry again = journal_attach(rig, A);
    assert_int_equal(again.slot, a);
    assert_int_equal(again.next_out, 4);
    assert_int_equal(again.next_in, 5);
}

static void test_attach_when_slots_are_used_up_then_full(void **state)
{
    struct journal_rig *rig = *state;
    journal_rig_close(rig);
    rig->options.sessions_max = 2;
    journal_rig_open(rig);
    journal_attach(rig, A);
    journal_attach(rig, B);
    struct rfx_journal_entry entry;
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    assert_int_equal(
        port.attach(port.context, "FIX.4.4:SERVER->C", &rig->keep, 0, &entry, &rig->error),
        RFX_E_FULL);
    assert_non_null(strstr(rig->error.text, "MaxSessions"));
    journal_attach(rig, A);
}

static void test_attach_when_names_are_longest_and_alike_then_kept_apart(void **state)
{
    struct journal_rig *rig = *state;
    char name[RFX_JOURNAL_NAME_MAX + 1] = "";
    memset(name, 'N', RFX_JOURNAL_NAME_MAX);
    for (char last = 'a'; last <= 'z'; last++) {
        name[RFX_JOURNAL_NAME_MAX - 1] = last;
        const uint32_t slot = journal_attach(rig, name).slot;
        JOURNAL_APPEND(rig, op_numbers(slot, 1, (uint64_t)last));
    }
    reopen(rig);
    for (char last = 'z'; last >= 'a'; last--) {
        name[RFX_JOURNAL_NAME_MAX - 1] = last;
        journal_expect(rig, name, 1, (uint64_t)last, "");
    }
}

static void test_open_when_an_option_is_out_of_range_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    struct rfx_store *other = NULL;
    struct rfx_store_options options[7];
    for (size_t i = 0; i < 7; i++) {
        options[i] = rig->options;
    }
    options[0].shards = 0;
    options[1].shards = RFX_WORKERS_MAX + 1;
    options[2].size_max = RFX_JOURNAL_SIZE_MIN - 1;
    options[3].sessions_max = 0;
    options[4].durability = RFX_DURABILITY_INTERVAL;
    options[5].path = "";
    options[6].tail_size = RFX_JOURNAL_TAIL_MIN - 1;
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(rfx_store_open(&options[i], &other, &rig->error), RFX_E_CONFIG);
    }
    assert_null(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_session_when_new_then_starts_at_one),
        TEST(test_messages_when_stored_then_read_back),
        TEST(test_message_when_binary_or_large_then_unchanged),
        TEST(test_read_when_callback_ends_it_then_no_more),
        TEST(test_read_when_range_given_then_only_that_with_gaps),
        TEST(test_numbers_when_out_is_lowered_then_later_messages_are_gone),
        TEST(test_reset_when_messages_follow_in_the_batch_then_they_stay),
        TEST(test_reset_when_twice_in_a_batch_then_only_the_last_counts),
        TEST(test_reset_when_done_then_its_time_is_kept),
        TEST(test_trash_when_large_then_deleted_in_time),
        TEST(test_messages_when_durability_asks_for_the_disk_then_stored_as_well),
        TEST(test_attach_when_again_then_same_slot_with_numbers_of_now),
        TEST(test_attach_when_slots_are_used_up_then_full),
        TEST(test_attach_when_names_are_longest_and_alike_then_kept_apart),
        TEST(test_open_when_an_option_is_out_of_range_then_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
