/* A journal whose process is killed: a batch is whole or absent, and what was acknowledged is
 * there. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/support_batches.h"

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

/* Appends until it is killed; every acknowledgement is the batch's number. */
_Noreturn static void run_child(struct journal_rig *rig, int acknowledgements)
{
    journal_rig_open(rig);
    uint32_t slots[3];
    for (uint64_t batch = batches_attach(rig, slots);; batch++) {
        batches_append(rig, batch, slots);
        if (write(acknowledgements, &batch, sizeof batch) != sizeof batch) {
            _exit(1);
        }
        if (batch % 64 == 0 && random() % 2 == 0) {
            journal_settle(rig); /* so that the mover is at work at some of the deaths */
        }
    }
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
        const enum rfx_durability durabilities[] = {RFX_DURABILITY_PROCESS, RFX_DURABILITY_INTERVAL,
                                                    RFX_DURABILITY_SYNC};
        rig->options.durability = durabilities[i % 3];
        rig->options.interval_ms = 1;
        const uint64_t acknowledged = kill_a_child(rig);
        journal_rig_open(rig);
        batches = batches_expect_whole(rig);
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
