#include "tests/unit/support_batches.h"

#include <stdio.h>
#include <string.h>

#define A BATCHES_A
#define B BATCHES_B
#define C BATCHES_C

uint64_t batches_attach(struct journal_rig *rig, uint32_t slots[3])
{
    const struct rfx_journal_entry a = journal_attach(rig, A);
    slots[0] = a.slot;
    slots[1] = journal_attach(rig, B).slot;
    slots[2] = journal_attach(rig, C).slot;
    return a.next_in;
}

static void message_text(const char *name, uint64_t seq_num, uint64_t batch, char text[96])
{
    snprintf(text, 96, "%s message %u of batch %u, with some more text", name, (unsigned)seq_num,
             (unsigned)batch);
}

/* next_in of session A tells how many batches there are. */
void batches_append(struct journal_rig *rig, uint64_t batch, const uint32_t slots[3])
{
    char texts[5][96];
    struct rfx_journal_op ops[8];
    size_t count = 0;
    for (uint64_t i = 0; i < 3; i++) {
        const uint64_t seq_num = 3 * (batch - 1) + i + 1;
        message_text(A, seq_num, batch, texts[i]);
        ops[count++] = op_message(slots[0], seq_num, texts[i]);
    }
    message_text(B, batch, batch, texts[3]);
    ops[count++] = op_message(slots[1], batch, texts[3]);
    if (batch % 7 == 0) {
        ops[count++] = op_reset(slots[2]);
    }
    message_text(C, batch % 7 + 1, batch, texts[4]);
    ops[count++] = op_message(slots[2], batch % 7 + 1, texts[4]);
    ops[count++] = op_numbers(slots[0], 3 * batch + 1, batch + 1);
    journal_append(rig, ops, count);
}

struct check {
    const char *name;
    uint64_t next; /* MsgSeqNum that comes next */
    uint64_t per_batch;
    uint64_t first_batch;
};

static bool expect_message(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    struct check *check = context;
    char text[96];
    assert_int_equal(seq_num, check->next);
    message_text(check->name, seq_num, check->first_batch + (seq_num - 1) / check->per_batch, text);
    assert_int_equal(message.size, strlen(text));
    assert_memory_equal(message.data, text, message.size);
    check->next++;
    return true;
}

static void expect_session(struct journal_rig *rig, struct check check, uint64_t next_out)
{
    const struct rfx_journal_entry entry = journal_attach(rig, check.name);
    const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
    assert_int_equal(entry.next_out, next_out);
    assert_int_equal(port.read(port.context, entry.slot, check.next, UINT64_MAX, expect_message,
                               &check, &rig->error),
                     RFX_OK);
    assert_int_equal(check.next, next_out);
}

uint64_t batches_expect_whole(struct journal_rig *rig)
{
    const uint64_t batches = journal_attach(rig, A).next_in - 1;
    const uint64_t resets = batches / 7;
    expect_session(rig, (struct check){A, 1, 3, 1}, 3 * batches + 1);
    expect_session(rig, (struct check){B, 1, 1, 1}, batches + 1);
    /* Batch 1 is the first and stores MsgSeqNum 2 of C. */
    const uint64_t first = resets == 0 && batches > 0 ? 2 : 1;
    expect_session(rig, (struct check){C, first, 1, 7 * resets},
                   batches == 0 ? 1 : batches % 7 + 2);
    return batches;
}
