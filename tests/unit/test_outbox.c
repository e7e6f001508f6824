/* Journal before wire: a fake journal that looks at the rings while it is called. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/outbox.h"
#include "tests/unit/support_bytes.h"

#define LOOPS 2

struct rig {
    struct rfx_outbox outbox;
    struct rfx_ring rings[LOOPS];
    struct rfx_ring *to_loops[LOOPS];
    struct rfx_journal_port port;
    struct rfx_error error;
    uint64_t positions[LOOPS]; /* of the rings when the turn began */
    size_t append_count;
    bool append_fails;
    bool has_leaked;    /* something was in a ring before it was stored */
    char batches[8192]; /* what was appended, as text, a line per batch */
    char wire[16384];   /* what came out of the rings, as text */
};

/* ------------------------------------------------------------------------- the fake journal */

static void append_text(char *text, size_t room, const char *more)
{
    size_t size = strlen(text);
    assert_true(size + strlen(more) < room);
    strcpy(text + size, more);
}

#define UTC_NS INT64_C(1714996800000000000)

static void describe_op(const struct rfx_journal_op *op, char text[128])
{
    switch (op->type) {
    case RFX_JOURNAL_MESSAGE:
        snprintf(text, 128, "message %u:%llu %.*s; ", op->slot, (unsigned long long)op->seq_num,
                 (int)op->size, op->data);
        break;
    case RFX_JOURNAL_INBOUND:
        snprintf(text, 128, "inbound %u:%llu %.*s; ", op->slot, (unsigned long long)op->seq_num,
                 (int)op->size, op->data);
        break;
    case RFX_JOURNAL_NUMBERS:
        snprintf(text, 128, "numbers %u:%llu,%llu; ", op->slot, (unsigned long long)op->next_out,
                 (unsigned long long)op->next_in);
        break;
    case RFX_JOURNAL_RESET:
        snprintf(text, 128, "reset %u; ", op->slot);
        break;
    }
}

static rfx_status fake_append(void *context, const struct rfx_journal_op *ops, size_t count,
                              int64_t utc_ns, struct rfx_error *error)
{
    struct rig *rig = context;
    assert_int_equal(utc_ns, UTC_NS);
    rig->append_count++;
    for (size_t i = 0; i < LOOPS; i++) {
        rig->has_leaked |= rfx_ring_position(&rig->rings[i]) != rig->positions[i];
    }
    if (rig->append_fails) {
        return rfx_fail(error, RFX_E_JOURNAL, "the disk is full");
    }
    for (size_t i = 0; i < count; i++) {
        char text[128];
        describe_op(&ops[i], text);
        append_text(rig->batches, sizeof rig->batches, text);
    }
    append_text(rig->batches, sizeof rig->batches, "\n");
    return RFX_OK;
}

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_int_equal(rfx_outbox_open(&rig->outbox, 16384, 8), RFX_OK);
    for (size_t i = 0; i < LOOPS; i++) {
        assert_int_equal(rfx_ring_open(&rig->rings[i], 4096), RFX_OK);
        rig->to_loops[i] = &rig->rings[i];
    }
    rig->port = (struct rfx_journal_port){.context = rig, .append = fake_append};
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    rfx_outbox_close(&rig->outbox);
    for (size_t i = 0; i < LOOPS; i++) {
        rfx_ring_close(&rig->rings[i]);
    }
    free(rig);
    return 0;
}

/* --------------------------------------------------------------------- short words for tests */

static const char *in_arena(struct rig *rig, const char *text)
{
    struct rfx_outbox *outbox = &rig->outbox;
    char *copy = outbox->arena + outbox->arena_used;
    assert_true(rfx_outbox_has_room(outbox, strlen(text)));
    memcpy(copy, text, strlen(text));
    outbox->arena_used += strlen(text);
    return copy;
}

enum stored { IS_STORED, NOT_STORED };

static void add_send(struct rig *rig, uint32_t loop, uint32_t slot, uint64_t seq_num,
                     const char *text, enum stored stored)
{
    const char *data = in_arena(rig, text);
    struct rfx_outbox_entry *entry = rfx_outbox_add(&rig->outbox, RFX_OUTBOX_SEND);
    entry->conn = (struct rfx_conn_id){.loop = loop, .index = slot, .generation = 1};
    entry->slot = slot;
    entry->seq_num = seq_num;
    entry->data = data;
    entry->size = (uint32_t)strlen(text);
    entry->is_stored = stored == IS_STORED;
}

static struct rfx_outbox_entry *add(struct rig *rig, enum rfx_outbox_type type, uint32_t slot)
{
    struct rfx_outbox_entry *entry = rfx_outbox_add(&rig->outbox, type);
    entry->conn = (struct rfx_conn_id){.loop = 0, .index = slot, .generation = 1};
    entry->slot = slot;
    return entry;
}

static rfx_status flush(struct rig *rig, bool *is_empty)
{
    for (size_t i = 0; i < LOOPS && !rig->outbox.is_committed; i++) {
        rig->positions[i] = rfx_ring_position(&rig->rings[i]);
    }
    rfx_status status =
        rfx_outbox_flush(&rig->outbox, &rig->port, UTC_NS, rig->to_loops, is_empty, &rig->error);
    for (size_t i = 0; i < LOOPS; i++) {
        rfx_ring_publish(&rig->rings[i]);
    }
    return status;
}

static void flush_all(struct rig *rig)
{
    bool is_empty = false;
    assert_int_equal(flush(rig, &is_empty), RFX_OK);
    assert_true(is_empty);
}

static void describe_record(uint32_t type, const void *record, char text[1200])
{
    const struct rfx_link_send *send = record;
    const struct rfx_link_connection *connection = record;
    const struct rfx_link_connect *connect = record;
    switch ((enum rfx_link_type)type) {
    case RFX_LINK_SEND:
        snprintf(text, 1200, "send %u %.*s; ", send->conn.index, (int)send->size,
                 (const char *)(send + 1));
        break;
    case RFX_LINK_CLOSE:
        snprintf(text, 1200, "close %u %d; ", connection->conn.index, (int)connection->reason);
        break;
    case RFX_LINK_DRAIN:
        snprintf(text, 1200, "drain %u; ", connection->conn.index);
        break;
    case RFX_LINK_CONNECT:
        snprintf(text, 1200, "connect %u %s:%u; ", connect->token, connect->dial->name,
                 connect->dial->port);
        break;
    case RFX_LINK_MESSAGE:
    case RFX_LINK_CONNECTED:
    case RFX_LINK_DISCONNECTED:
    case RFX_LINK_DRAINED:
        fail_msg("record of type %u goes from the loop to the shard", type);
    }
}

/* Reads up to `count` records of a ring as text, and gives their room back. */
static size_t read_wire(struct rig *rig, size_t loop, size_t count)
{
    size_t read = 0;
    uint32_t type;
    uint32_t size;
    void *record;
    while (read < count && (record = rfx_ring_peek(&rig->rings[loop], &type, &size)) != NULL) {
        char text[1200];
        describe_record(type, record, text);
        append_text(rig->wire, sizeof rig->wire, text);
        rfx_ring_pop(&rig->rings[loop]);
        read++;
    }
    rfx_ring_release(&rig->rings[loop]);
    return read;
}

static void expect_wire(struct rig *rig, size_t loop, const char *expected)
{
    rig->wire[0] = '\0';
    read_wire(rig, loop, SIZE_MAX);
    assert_string_equal(rig->wire, expected);
}

/* ---------------------------------------------------------------------------------- tests */

static void test_flush_when_nothing_is_new_then_journal_is_not_asked(void **state)
{
    struct rig *rig = *state;
    flush_all(rig);
    assert_int_equal(rig->append_count, 0);
    expect_wire(rig, 0, "");
}

static void test_flush_when_messages_are_stored_then_journal_comes_before_the_rings(void **state)
{
    struct rig *rig = *state;
    add_send(rig, 0, 1, 7, "A", IS_STORED);
    add_send(rig, 1, 2, 3, "B", IS_STORED);
    rfx_outbox_add_numbers(&rig->outbox, 1, 8, 5);
    expect_wire(rig, 0, "");
    flush_all(rig);
    assert_false(rig->has_leaked);
    assert_int_equal(rig->append_count, 1);
    assert_string_equal(rig->batches, "message 1:7 A; message 2:3 B; numbers 1:8,5; \n");
    expect_wire(rig, 0, "send 1 A; ");
    expect_wire(rig, 1, "send 2 B; ");
}

static void test_batch_when_all_kinds_are_there_then_in_order_and_numbers_last(void **state)
{
    struct rig *rig = *state;
    rfx_outbox_add_numbers(&rig->outbox, 1, 3, 2);
    add_send(rig, 0, 1, 9, "before", IS_STORED);
    add(rig, RFX_OUTBOX_RESET, 1);
    add_send(rig, 0, 1, 1, "after", IS_STORED);
    add_send(rig, 0, 1, 5, "again", NOT_STORED);
    add(rig, RFX_OUTBOX_CLOSE, 1)->reason = RFX_REASON_APPLICATION;
    add(rig, RFX_OUTBOX_RESET, 2);
    rfx_outbox_add_numbers(&rig->outbox, 2, 1, 1);
    flush_all(rig);
    assert_string_equal(rig->batches, "message 1:9 before; reset 1; message 1:1 after; reset 2; "
                                      "numbers 1:3,2; numbers 2:1,1; \n");
    char expected[128];
    snprintf(expected, sizeof expected, "send 1 before; send 1 after; send 1 again; close 1 %d; ",
             (int)RFX_REASON_APPLICATION);
    expect_wire(rig, 0, expected);
}

static void test_entries_when_not_for_the_journal_then_journal_is_not_asked(void **state)
{
    struct rig *rig = *state;
    add_send(rig, 0, 1, 5, "again", NOT_STORED);
    add(rig, RFX_OUTBOX_DRAIN, 1);
    struct rfx_outbox_entry *connect = add(rig, RFX_OUTBOX_CONNECT, 0);
    static const struct rfx_dial dial = {.name = "localhost", .port = 9876};
    connect->token = 77;
    connect->dial = &dial;
    flush_all(rig);
    assert_int_equal(rig->append_count, 0);
    expect_wire(rig, 0, "send 1 again; drain 1; connect 77 localhost:9876; ");
}

static void test_flush_when_only_numbers_changed_then_stored(void **state)
{
    struct rig *rig = *state;
    rfx_outbox_add_numbers(&rig->outbox, 4, 1, 9);
    flush_all(rig);
    flush_all(rig);
    assert_int_equal(rig->append_count, 1);
    assert_string_equal(rig->batches, "numbers 4:1,9; \n");
}

static void test_flush_when_append_fails_then_nothing_is_published(void **state)
{
    struct rig *rig = *state;
    rig->append_fails = true;
    add_send(rig, 0, 1, 5, "again", NOT_STORED);
    add_send(rig, 0, 1, 7, "A", IS_STORED);
    add(rig, RFX_OUTBOX_CLOSE, 1);
    rfx_outbox_add_numbers(&rig->outbox, 1, 8, 5);
    bool is_empty;
    assert_int_equal(flush(rig, &is_empty), RFX_E_JOURNAL);
    assert_string_equal(rig->error.text, "the disk is full");
    assert_int_equal(rig->append_count, 1);
    assert_false(rig->has_leaked);
    for (size_t i = 0; i < LOOPS; i++) {
        assert_true(rfx_ring_position(&rig->rings[i]) == rig->positions[i]);
        assert_true(rfx_ring_is_empty(&rig->rings[i]));
    }
}

static void test_flush_when_ring_is_full_then_resumes_without_a_second_commit(void **state)
{
    struct rig *rig = *state;
    char text[901];
    memset(text, 'x', 900);
    text[900] = '\0';
    char expected[16384] = "";
    for (uint64_t i = 0; i < 10; i++) {
        text[0] = (char)('0' + i);
        add_send(rig, 0, 1, i + 1, text, NOT_STORED);
        char line[1000];
        snprintf(line, sizeof line, "send 1 %s; ", text);
        append_text(expected, sizeof expected, line);
    }
    add_send(rig, 0, 1, 11, "end", IS_STORED);
    append_text(expected, sizeof expected, "send 1 end; ");

    bool is_empty = true;
    size_t turns = 0;
    do {
        assert_int_equal(flush(rig, &is_empty), RFX_OK);
        assert_int_equal(rfx_outbox_has_room(&rig->outbox, 1), is_empty);
        read_wire(rig, 0, 1);
        turns++;
    } while (!is_empty);
    assert_true(turns > 5);
    assert_int_equal(rig->append_count, 1);
    assert_string_equal(rig->batches, "message 1:11 end; \n");
    read_wire(rig, 0, SIZE_MAX);
    assert_string_equal(rig->wire, expected);

    add_send(rig, 0, 1, 12, "next turn", IS_STORED);
    flush_all(rig);
    assert_string_equal(rig->batches, "message 1:11 end; \nmessage 1:12 next turn; \n");
    expect_wire(rig, 0, "send 1 next turn; ");
}

static void test_flush_when_ring_stays_full_then_journal_is_left_alone(void **state)
{
    struct rig *rig = *state;
    while (rfx_ring_reserve(&rig->rings[0], 0) != NULL) {
        rfx_ring_push(&rig->rings[0], RFX_LINK_DRAIN, 0);
    }
    add_send(rig, 0, 1, 7, "A", IS_STORED);
    bool is_empty;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(flush(rig, &is_empty), RFX_OK);
        assert_false(is_empty);
    }
    assert_int_equal(rig->append_count, 1);
}

static void test_room_when_arena_or_entries_run_out_then_false_and_back_after_flush(void **state)
{
    struct rig *rig = *state;
    assert_true(rfx_outbox_has_room(&rig->outbox, 16384));
    assert_false(rfx_outbox_has_room(&rig->outbox, 16385));
    add_send(rig, 0, 1, 1, "x", NOT_STORED);
    assert_false(rfx_outbox_has_room(&rig->outbox, 16384));
    flush_all(rig);
    assert_true(rfx_outbox_has_room(&rig->outbox, 16384));
    for (size_t i = 0; i < RFX_OUTBOX_ENTRIES - RFX_OUTBOX_ENTRIES_RESERVE; i++) {
        assert_true(rfx_outbox_has_room(&rig->outbox, 1));
        add(rig, RFX_OUTBOX_RESET, 1);
    }
    assert_true(rfx_outbox_has_room(&rig->outbox, 1));
    add(rig, RFX_OUTBOX_CLOSE, 1);
    assert_false(rfx_outbox_has_room(&rig->outbox, 1));
}

static void test_batch_when_entries_and_numbers_are_at_their_limit_then_stored(void **state)
{
    struct rig *rig = *state;
    for (uint32_t i = 0; i < RFX_OUTBOX_ENTRIES; i++) {
        /* Every entry is one for the journal; the rings need not hold them. */
        add(rig, RFX_OUTBOX_RESET, i % 10);
    }
    for (uint32_t i = 0; i < 8; i++) {
        rfx_outbox_add_numbers(&rig->outbox, i, 1, 1);
    }
    rig->append_fails = true; /* the text of so many would not fit */
    bool is_empty;
    assert_int_equal(flush(rig, &is_empty), RFX_E_JOURNAL);
    assert_int_equal(rig->append_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_flush_when_nothing_is_new_then_journal_is_not_asked),
        TEST(test_flush_when_messages_are_stored_then_journal_comes_before_the_rings),
        TEST(test_batch_when_all_kinds_are_there_then_in_order_and_numbers_last),
        TEST(test_entries_when_not_for_the_journal_then_journal_is_not_asked),
        TEST(test_flush_when_only_numbers_changed_then_stored),
        TEST(test_flush_when_append_fails_then_nothing_is_published),
        TEST(test_flush_when_ring_is_full_then_resumes_without_a_second_commit),
        TEST(test_flush_when_ring_stays_full_then_journal_is_left_alone),
        TEST(test_room_when_arena_or_entries_run_out_then_false_and_back_after_flush),
        TEST(test_batch_when_entries_and_numbers_are_at_their_limit_then_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
