/* A journal whose process is killed: a batch is whole or absent, and what was acknowledged is
 * there. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/support_journal.h"

#define A      "FIX.4.4:SERVER->A" /* three messages a batch */
#define B      "FIX.4.4:SERVER->B" /* one message a batch */
#define C      "FIX.4.4:SERVER->C" /* reset by every seventh batch */
#define ROUNDS 60

static int set_up(void **state)
{
    struct journal_rig *rig = malloc(sizeof *rig);
    journal_rig_init(rig);
    rig->options.tail_size = RFX_JOURNAL_TAIL_MIN; /* gone round many times */
    rig->options.batch_bytes = 1000;
    rig->options.batch_ops = 8;
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    journal_rig_end(*state);
    free(*state);
    return 0;
}

static void message_text(const char *name, uint64_t seq_num, uint64_t batch, char text[96])
{
    snprintf(text, 96, "%s message %u of batch %u, with some more text", name, (unsigned)seq_num,
             (unsigned)batch);
}

/* Batches count from 1; next_in of session A tells how many there are. */
static void append_batch(struct journal_rig *rig, uint64_t batch, const uint32_t slots[3])
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

/* Appends until it is killed; every acknowledgement is the batch's number. */
_Noreturn static void run_child(struct journal_rig *rig, int acknowledgements)
{
    journal_rig_open(rig);
    const struct rfx_journal_entry a = journal_attach(rig, A);
    const uint32_t slots[3] = {a.slot, journal_attach(rig, B).slot, journal_attach(rig, C).slot};
    for (uint64_t batch = a.next_in;; batch++) {
        append_batch(rig, batch, slots);
        if (write(acknowledgements, &batch, sizeof batch) != sizeof batch) {
            _exit(1);
        }
        if (batch % 64 == 0 && random() % 2 == 0) {
            journal_settle(rig); /* so that the mover is at work at some of the deaths */
        }
    }
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

/* Everything of the batches up to the last one, and nothing beyond. */
static uint64_t expect_whole_batches(struct journal_rig *rig)
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

/* Lets a child append until some acknowledgements have come, kills it in the midst of what it
 * does next, and returns the last batch that it acknowledged. */
static uint64_t kill_a_child(struct journal_rig *rig)
{
    int pipes[2];
    uint64_t last = 0;
    uint64_t batch = 0;
    assert_int_equal(pipe(pipes), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pipes[0]);
        run_child(rig, pipes[1]);
    }
    close(pipes[1]);
    for (long left = random() % 600; left > 0; left--) {
        assert_int_equal(read(pipes[0], &batch, sizeof batch), sizeof batch);
    }
    const struct timespec moment = {.tv_nsec = random() % 300000};
    nanosleep(&moment, NULL);
    kill(child, SIGKILL);
    while (read(pipes[0], &batch, sizeof batch) == sizeof batch) {
        last = batch;
    }
    close(pipes[0]);
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL);
    return last > batch ? last : batch;
}

static void test_journal_when_killed_at_random_then_batches_are_whole(void **state)
{
    struct journal_rig *rig = *state;
    const char *given = getenv("RFX_JOURNAL_SEED");
    const unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    print_message("RFX_JOURNAL_SEED=%u\n", seed);
    srandom(seed);
    uint64_t batches = 0;
    for (int i = 0; i < ROUNDS; i++) {
        const enum rfx_durability durabilities[] = {
            RFX_DURABILITY_PROCESS, RFX_DURABILITY_INTERVAL, RFX_DURABILITY_SYNC};
        rig->options.durability = durabilities[i % 3];
        rig->options.interval_ms = 1;
        const uint64_t acknowledged = kill_a_child(rig);
        journal_rig_open(rig);
        batches = expect_whole_batches(rig);
        assert_true(batches >= acknowledged);
        journal_rig_close(rig);
    }
    assert_true(batches > ROUNDS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_journal_when_killed_at_random_then_batches_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
