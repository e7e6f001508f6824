/* A journal opened with another number of shards than before. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "journal/move.h"
#include "journal/reader.h"
#include "journal/rows.h"
#include "tests/unit/support_journal.h"

#define SESSIONS 20
#define LONG_MAX 20000 /* messages of the long session: several commits of a move */
#define LONG     "FIX.4.4:SERVER->LONG"

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

static void reopen_with(struct journal_rig *rig, uint32_t shards)
{
    journal_rig_close(rig);
    rig->options.shards = shards;
    journal_rig_open(rig);
}

static void session_name(size_t i, char name[32])
{
    snprintf(name, 32, "FIX.4.2:SERVER->CLIENT%zu", i);
}

/* Adds one message to every session; its text tells the session and the round. */
static void fill(struct journal_rig *rig, uint64_t round)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        char name[32];
        char text[32];
        session_name(i, name);
        snprintf(text, sizeof text, "s%zu-r%u", i, (unsigned)round);
        const uint32_t slot = journal_attach(rig, name).slot;
        const struct rfx_journal_op ops[] = {op_message(slot, round, text),
                                             op_numbers(slot, round + 1, 10 * round + i)};
        journal_append_to(rig, name, ops, 2);
    }
}

static void expect_filled(struct journal_rig *rig, uint64_t rounds)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        char name[32];
        char text[256] = "";
        session_name(i, name);
        for (uint64_t round = 1; round <= rounds; round++) {
            const size_t size = strlen(text);
            snprintf(text + size, sizeof text - size, "%s%u:s%zu-r%u", round > 1 ? " " : "",
                     (unsigned)round, i, (unsigned)round);
        }
        journal_expect(rig, name, rounds + 1, 10 * rounds + i, text);
    }
}

static void fill_long(struct journal_rig *rig)
{
    const uint32_t slot = journal_attach(rig, LONG).slot;
    for (uint64_t seq_num = 1; seq_num <= LONG_MAX; seq_num += 100) {
        struct rfx_journal_op ops[100];
        char texts[100][64];
        for (uint64_t i = 0; i < 100; i++) {
            snprintf(texts[i], sizeof texts[i], "message number %06u, of a long session",
                     (unsigned)(seq_num + i));
            ops[i] = op_message(slot, seq_num + i, texts[i]);
        }
        journal_append_to(rig, LONG, ops, 100);
    }
}

static bool expect_long_message(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    uint64_t *seen = context;
    char text[64];
    snprintf(text, sizeof text, "message number %06u, of a long session", (unsigned)++*seen);
    assert_int_equal(seq_num, *seen);
    assert_int_equal(message.size, strlen(text));
    assert_memory_equal(message.data, text, message.size);
    return true;
}

static void expect_long(struct journal_rig *rig)
{
    uint64_t seen = 0;
    const struct rfx_journal_port port = journal_port_of(rig, LONG);
    const struct rfx_journal_entry entry = journal_attach(rig, LONG);
    assert_int_equal(entry.next_out, LONG_MAX + 1);
    assert_int_equal(
        port.read(port.context, entry.slot, 1, UINT64_MAX, expect_long_message, &seen, &rig->error),
        RFX_OK);
    assert_int_equal(seen, LONG_MAX);
}

static void test_shards_when_changed_then_sessions_move(void **state)
{
    struct journal_rig *rig = *state;
    fill(rig, 1);
    reopen_with(rig, 3);
    expect_filled(rig, 1);
    fill(rig, 2);
    reopen_with(rig, 2);
    expect_filled(rig, 2);
    fill(rig, 3);
    char path[300];
    struct stat status;
    snprintf(path, sizeof path, "%s/shard-002", rig->path);
    assert_int_not_equal(stat(path, &status), 0);
    reopen_with(rig, 1);
    expect_filled(rig, 3);
    reopen_with(rig, 64);
    expect_filled(rig, 3);
}

static void test_shards_when_changed_then_each_session_is_in_one_place(void **state)
{
    struct journal_rig *rig = *state;
    fill(rig, 1);
    reopen_with(rig, 3);
    journal_rig_close(rig);
    size_t sessions = 0;
    for (uint32_t i = 0; i < 3; i++) {
        const size_t count = journal_count_rows(rig, i, "sessions");
        assert_in_range(count, 1, SESSIONS - 2);
        sessions += count;
        assert_int_equal(journal_count_rows(rig, i, "moves"), 0);
    }
    assert_int_equal(sessions, SESSIONS);
    journal_rig_open(rig);
}

static void test_reset_when_before_a_move_then_old_messages_stay_away(void **state)
{
    struct journal_rig *rig = *state;
    fill(rig, 1);
    for (uint32_t i = 0; i < SESSIONS; i++) {
        JOURNAL_APPEND(rig, op_reset(i));
    }
    fill(rig, 1);
    reopen_with(rig, 3);
    expect_filled(rig, 1);
}

/* The first half of a move as opening does it, and then nothing more. sizes[i] is the largest
 * size of shard i. */
static rfx_status copy_only(struct journal_rig *rig, uint32_t count, uint32_t shards,
                            const uint64_t *sizes)
{
    struct rfx_env envs[3] = {0};
    assert_true(count <= 3);
    for (uint32_t i = 0; i < count; i++) {
        char path[RFX_DIRECTORY_SHARD_SIZE];
        rfx_directory_shard(rig->path, i, path);
        assert_int_equal(rfx_directory_make(path, &rig->error), RFX_OK);
        assert_int_equal(rfx_env_open(&envs[i], path, RFX_ENV_NOSYNC, sizes[i], &rig->error),
                         RFX_OK);
    }
    const rfx_status status = rfx_move_copy(envs, count, shards, &rig->error);
    for (uint32_t i = 0; i < count; i++) {
        rfx_env_close(&envs[i]);
    }
    return status;
}

static const uint64_t large_sizes[3] = {64 << 20, 64 << 20, 64 << 20};

static void test_move_when_killed_between_copy_and_delete_then_finished(void **state)
{
    struct journal_rig *rig = *state;
    fill(rig, 1);
    journal_rig_close(rig);
    assert_int_equal(copy_only(rig, 3, 3, large_sizes), RFX_OK);
    assert_int_equal(journal_count_rows(rig, 0, "sessions"), SESSIONS);
    assert_true(journal_count_rows(rig, 1, "moves") > 0);
    rig->options.shards = 3;
    journal_rig_open(rig);
    expect_filled(rig, 1);
    fill(rig, 2);
    reopen_with(rig, 3);
    expect_filled(rig, 2);
}

static void test_move_when_killed_and_shards_are_as_before_then_moved_back(void **state)
{
    struct journal_rig *rig = *state;
    fill(rig, 1);
    journal_rig_close(rig);
    assert_int_equal(copy_only(rig, 3, 3, large_sizes), RFX_OK);
    journal_rig_open(rig);
    expect_filled(rig, 1);
    fill(rig, 2);
    reopen_with(rig, 2);
    expect_filled(rig, 2);
}

static void test_list_when_killed_between_copy_and_delete_then_each_session_once(void **state)
{
    struct journal_rig *rig = *state;
    struct rfx_reader *reader = NULL;
    struct rfx_reader_session *list = NULL;
    struct rfx_reader_session session;
    size_t count = 0;
    char name[32];
    fill(rig, 1);
    journal_rig_close(rig);
    assert_int_equal(copy_only(rig, 3, 3, large_sizes), RFX_OK);
    assert_int_equal(rfx_reader_open(rig->path, &reader, &rig->error), RFX_OK);
    assert_int_equal(rfx_reader_list(reader, &list, &count, &rig->error), RFX_OK);
    assert_int_equal(count, SESSIONS);
    for (size_t i = 0; i < SESSIONS; i++) {
        session_name(i, name);
        assert_int_equal(rfx_reader_find(reader, name, &session, &rig->error), RFX_OK);
        assert_int_equal(session.shard, rfx_journal_shard_of(name, 3));
    }
    free(list);
    rfx_reader_close(reader);
}

/* A move of LONG from one of two shards to one of three, that finds no room half-way. */
static void leave_half_copied(struct journal_rig *rig)
{
    const uint32_t target = rfx_journal_shard_of(LONG, 3);
    uint64_t sizes[3] = {64 << 20, 64 << 20, 64 << 20};
    assert_int_not_equal(target, rfx_journal_shard_of(LONG, 2));
    sizes[target] = 1 << 20; /* the first commit fits, all of it does not */
    reopen_with(rig, 2);
    fill_long(rig);
    journal_rig_close(rig);
    assert_int_equal(copy_only(rig, 3, 3, sizes), RFX_E_JOURNAL);
    assert_non_null(strstr(rig->error.text, "JournalMaxSize"));
    assert_int_equal(journal_count_rows(rig, target, "moves"), 1);
    assert_int_equal(journal_count_rows(rig, target, "sessions"), 0);
    assert_in_range(journal_count_rows(rig, target, "messages"), 4000, LONG_MAX - 1);
}

static void empty_trash(struct journal_rig *rig)
{
    for (uint32_t i = 0; i < rig->options.shards; i++) {
        const struct rfx_journal_port port = rfx_journal_port(rig->journal, i);
        uint64_t due_ns = 0;
        while (due_ns != RFX_NEVER_NS) {
            rfx_status status = RFX_OK;
            due_ns = port.poll(port.context, due_ns, &status, &rig->error);
            assert_int_equal(status, RFX_OK);
        }
    }
}

static void test_move_when_cut_short_then_the_unfinished_copy_is_deleted(void **state)
{
    struct journal_rig *rig = *state;
    size_t messages = 0;
    leave_half_copied(rig);
    rig->options.shards = 3;
    journal_rig_open(rig);
    empty_trash(rig);
    journal_rig_close(rig);
    for (uint32_t i = 0; i < 3; i++) {
        messages += journal_count_rows(rig, i, "messages");
    }
    assert_int_equal(messages, LONG_MAX);
    journal_rig_open(rig);
    expect_long(rig);
}

static void test_move_when_cut_short_in_a_session_then_done_again(void **state)
{
    struct journal_rig *rig = *state;
    leave_half_copied(rig);
    journal_rig_open(rig);
    expect_long(rig);
    for (uint32_t shards = 3; shards < 8; shards++) {
        reopen_with(rig, shards);
        expect_long(rig);
    }
}

/* Gives LONG a new generation, with higher numbers, in a shard of a closed journal. */
static void put_generation(struct journal_rig *rig, uint32_t shard)
{
    char path[RFX_DIRECTORY_SHARD_SIZE];
    struct rfx_env env = {0};
    MDB_txn *txn = NULL;
    struct rfx_format_record record = {.next_out = 9, .next_in = 9};
    rfx_directory_shard(rig->path, shard, path);
    assert_int_equal(rfx_env_open(&env, path, RFX_ENV_NOSYNC, 1 << 20, &rig->error), RFX_OK);
    assert_int_equal(mdb_txn_begin(env.env, NULL, 0, &txn), 0);
    assert_int_equal(rfx_rows_take_id(&env, txn, &record.id, &rig->error), RFX_OK);
    assert_int_equal(rfx_rows_put_record(&env, txn, rfx_bytes_of(LONG, strlen(LONG)), &record), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    rfx_env_close(&env);
}

static void expect_refused(struct journal_rig *rig, const char *shard, const char *other)
{
    assert_int_equal(rfx_journal_open(&rig->options, &rig->journal, &rig->error), RFX_E_JOURNAL);
    assert_non_null(strstr(rig->error.text, LONG));
    assert_non_null(strstr(rig->error.text, shard));
    assert_non_null(strstr(rig->error.text, other));
}

static void test_move_when_session_is_already_there_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    reopen_with(rig, 2);
    journal_attach(rig, LONG);
    journal_rig_close(rig);
    put_generation(rig, 1 - rfx_journal_shard_of(LONG, 2));
    expect_refused(rig, "shard-000", "shard-001");
}

static void test_move_when_source_has_a_newer_generation_then_not_deleted(void **state)
{
    struct journal_rig *rig = *state;
    reopen_with(rig, 2);
    journal_attach(rig, LONG);
    journal_rig_close(rig);
    const uint32_t source = rfx_journal_shard_of(LONG, 2);
    assert_int_equal(copy_only(rig, 3, 3, large_sizes), RFX_OK);
    put_generation(rig, source);
    rig->options.shards = 3;
    expect_refused(rig, "shard-00", "restored");
    assert_int_equal(journal_count_rows(rig, source, "sessions"), 1);
}

/* A child changes the number of shards and is killed on the way; whatever it got done, the next
 * one finds everything. */
static void test_move_when_killed_at_random_then_nothing_is_lost(void **state)
{
    struct journal_rig *rig = *state;
    fill(rig, 1);
    fill_long(rig);
    journal_rig_close(rig);
    const unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srandom(seed);
    const uint32_t shards[] = {3, 2, 5, 1};
    for (int i = 0; i < 30; i++) {
        rig->options.shards = shards[i % 4];
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            _exit(rfx_journal_open(&rig->options, &rig->journal, NULL) == RFX_OK ? 0 : 1);
        }
        const struct timespec moment = {.tv_nsec = random() % 40000000};
        nanosleep(&moment, NULL);
        kill(child, SIGKILL);
        int result = 0;
        assert_int_equal(waitpid(child, &result, 0), child);
        assert_true(WIFSIGNALED(result) || WEXITSTATUS(result) == 0);
        if (i % 5 == 4) {
            rig->options.shards = shards[(i + 1) % 4];
            journal_rig_open(rig);
            expect_filled(rig, 1);
            expect_long(rig);
            journal_rig_close(rig);
        }
    }
    journal_rig_open(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_shards_when_changed_then_sessions_move),
        TEST(test_shards_when_changed_then_each_session_is_in_one_place),
        TEST(test_reset_when_before_a_move_then_old_messages_stay_away),
        TEST(test_move_when_killed_between_copy_and_delete_then_finished),
        TEST(test_move_when_killed_and_shards_are_as_before_then_moved_back),
        TEST(test_list_when_killed_between_copy_and_delete_then_each_session_once),
        TEST(test_move_when_cut_short_then_the_unfinished_copy_is_deleted),
        TEST(test_move_when_cut_short_in_a_session_then_done_again),
        TEST(test_move_when_session_is_already_there_then_refused),
        TEST(test_move_when_source_has_a_newer_generation_then_not_deleted),
        TEST(test_move_when_killed_at_random_then_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
