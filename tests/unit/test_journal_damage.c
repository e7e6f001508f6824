/* A journal that is damaged, full, or held by another process. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal/rows.h"
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

static void expect_open_fails(struct journal_rig *rig, const char *text)
{
    struct rfx_journal *journal = NULL;
    assert_int_equal(rfx_journal_open(&rig->options, &journal, &rig->error), RFX_E_JOURNAL);
    assert_null(journal);
    assert_non_null(strstr(rig->error.text, rig->path));
    assert_non_null(strstr(rig->error.text, text));
}

static void test_open_when_another_process_holds_it_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    char holder[32];
    snprintf(holder, sizeof holder, "process id %ld", (long)getpid());
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rfx_journal *journal = NULL;
        const rfx_status status = rfx_journal_open(&rig->options, &journal, &rig->error);
        _exit(status == RFX_E_JOURNAL && strstr(rig->error.text, rig->path) != NULL &&
                      strstr(rig->error.text, holder) != NULL
                  ? 0
                  : 1);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    journal_attach(rig, A);
}

static void test_open_when_held_by_this_process_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    expect_open_fails(rig, "in use");
    journal_rig_close(rig);
    journal_rig_open(rig);
}

static void test_open_when_directory_cannot_be_made_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    char file[300];
    char path[310];
    snprintf(file, sizeof file, "%s/file", rig->path);
    snprintf(path, sizeof path, "%s/below", file);
    const int fd = open(file, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    rig->options.path = path;
    expect_open_fails(rig, "cannot create");
}

static void test_open_when_file_is_not_lmdb_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    char path[300];
    char garbage[8192];
    journal_rig_close(rig);
    memset(garbage, 'x', sizeof garbage);
    snprintf(path, sizeof path, "%s/shard-000/data.mdb", rig->path);
    const int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, garbage, sizeof garbage, 0), sizeof garbage);
    close(fd);
    expect_open_fails(rig, "damaged");
}

/* Opens the environment of shard 0 itself, for one change. */
static struct rfx_env begin_change(struct journal_rig *rig, MDB_txn **txn)
{
    char path[RFX_DIRECTORY_SHARD_SIZE];
    struct rfx_env env = {0};
    journal_rig_close(rig);
    rfx_directory_shard(rig->path, 0, path);
    assert_int_equal(rfx_env_open(&env, path, RFX_ENV_NOSYNC, 1 << 20, &rig->error), RFX_OK);
    assert_int_equal(mdb_txn_begin(env.env, NULL, 0, txn), 0);
    return env;
}

static void end_change(struct rfx_env *env, MDB_txn *txn)
{
    assert_int_equal(mdb_txn_commit(txn), 0);
    rfx_env_close(env);
}

static void test_open_when_format_is_newer_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    MDB_txn *txn = NULL;
    struct rfx_env env = begin_change(rig, &txn);
    assert_int_equal(rfx_rows_put_meta(&env, txn, "format", 2), 0);
    end_change(&env, txn);
    expect_open_fails(rig, "format version 2");
}

static void put_bytes(struct journal_rig *rig, const uint8_t *bytes, size_t size)
{
    MDB_txn *txn = NULL;
    struct rfx_env env = begin_change(rig, &txn);
    MDB_val key = rfx_rows_val(A, strlen(A));
    MDB_val data = rfx_rows_val(bytes, size);
    assert_int_equal(mdb_put(txn, env.sessions, &key, &data, 0), 0);
    end_change(&env, txn);
    journal_rig_open(rig);
}

static void test_attach_when_record_is_damaged_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    const struct {
        size_t offset;
        uint8_t byte;
        size_t size;
    } damages[] = {
        {0, 2, 32},  /* version */
        {2, 1, 32},  /* not zero */
        {7, 0, 32},  /* id 0 */
        {7, 9, 32},  /* an id that was never given out */
        {15, 0, 32}, /* next_out 0 */
        {23, 0, 32}, /* next_in 0 */
        {31, 7, 31}, /* cut off */
        {0, 1, 0},   /* empty */
    };
    journal_attach(rig, A);
    journal_attach(rig, B);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        const struct rfx_format_record record = {.id = 1, .next_out = 5, .next_in = 6};
        uint8_t bytes[RFX_FORMAT_RECORD_SIZE];
        struct rfx_journal_entry entry;
        rfx_format_encode_record(&record, bytes);
        put_bytes(rig, bytes, sizeof bytes);
        journal_expect(rig, A, 5, 6, "");
        bytes[damages[i].offset] = damages[i].byte;
        put_bytes(rig, bytes, damages[i].size);
        const struct rfx_journal_port port = rfx_journal_port(rig->journal, 0);
        assert_int_equal(port.attach(port.context, A, &entry, &rig->error), RFX_E_JOURNAL);
        assert_non_null(strstr(rig->error.text, rig->path));
        assert_non_null(strstr(rig->error.text, A));
        journal_expect(rig, B, 1, 1, "");
    }
}

static bool count_any(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    (void)message;
    assert_int_equal(seq_num, ++*(uint64_t *)context);
    return true;
}

static void test_read_when_a_key_is_damaged_then_refused(void **state)
{
    static const uint8_t damaged[13] = {[3] = 1, [11] = 1};
    struct journal_rig *rig = *state;
    uint64_t count = 0;
    JOURNAL_APPEND(rig, op_message(journal_attach(rig, A).slot, 1, "x"));
    MDB_txn *txn = NULL;
    struct rfx_env env = begin_change(rig, &txn);
    MDB_val key = rfx_rows_val(damaged, sizeof damaged);
    MDB_val data = rfx_rows_val("y", 1);
    assert_int_equal(mdb_put(txn, env.messages, &key, &data, 0), 0);
    end_change(&env, txn);
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    const struct rfx_journal_port port = rfx_journal_port(rig->journal, 0);
    assert_int_equal(port.read(port.context, a, 1, 9, count_any, &count, &rig->error),
                     RFX_E_JOURNAL);
    assert_int_equal(count, 1);
    assert_non_null(strstr(rig->error.text, "damaged"));
}

/* Appends batches of a small and a large message until there is no more room; returns the
 * number of batches. */
static uint64_t fill_up(struct journal_rig *rig, uint32_t slot)
{
    static const char large[20000] = {'x'};
    const struct rfx_journal_port port = rfx_journal_port(rig->journal, 0);
    for (uint64_t batch = 0;; batch++) {
        struct rfx_journal_op ops[2] = {op_message(slot, 2 * batch + 1, "small"),
                                        op_message(slot, 2 * batch + 2, "")};
        ops[1].data = large;
        ops[1].size = sizeof large;
        const rfx_status status = port.append(port.context, ops, 2, &rig->error);
        if (status != RFX_OK) {
            assert_int_equal(status, RFX_E_JOURNAL);
            return batch;
        }
    }
}

static bool count_message(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    uint64_t *count = context;
    assert_int_equal(seq_num, ++*count);
    assert_int_equal(message.size, seq_num % 2 == 1 ? 5 : 20000);
    return true;
}

static void expect_batches(struct journal_rig *rig, uint64_t batches)
{
    uint64_t count = 0;
    const struct rfx_journal_entry entry = journal_attach(rig, A);
    const struct rfx_journal_port port = rfx_journal_port(rig->journal, 0);
    assert_int_equal(entry.next_out, 2 * batches + 1);
    assert_int_equal(
        port.read(port.context, entry.slot, 1, UINT64_MAX, count_message, &count, &rig->error),
        RFX_OK);
    assert_int_equal(count, 2 * batches);
}

static void test_append_when_full_then_nothing_half_stored(void **state)
{
    struct journal_rig *rig = *state;
    journal_rig_close(rig);
    rig->options.size_max = 1 << 20;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    const uint64_t batches = fill_up(rig, a);
    assert_non_null(strstr(rig->error.text, "JournalMaxSize"));
    assert_non_null(strstr(rig->error.text, rig->path));
    assert_in_range(batches, 10, 60);
    expect_batches(rig, batches);
    journal_rig_close(rig);
    journal_rig_open(rig);
    expect_batches(rig, batches);
    journal_rig_close(rig);
    rig->options.size_max = 8 << 20;
    journal_rig_open(rig);
    expect_batches(rig, batches);
    JOURNAL_APPEND(rig, op_reset(journal_attach(rig, A).slot));
    assert_true(fill_up(rig, 0) > 2 * batches);
}

static void test_append_when_a_batch_with_a_reset_fails_then_session_is_as_before(void **state)
{
    struct journal_rig *rig = *state;
    journal_rig_close(rig);
    rig->options.size_max = 1 << 20;
    journal_rig_open(rig);
    const uint32_t a = journal_attach(rig, A).slot;
    const uint32_t b = journal_attach(rig, B).slot;
    char *huge = calloc(2, 1 << 20);
    struct rfx_journal_op ops[4] = {op_message(b, 1, "other"), op_reset(a),
                                    op_message(a, 1, "new1"), op_message(a, 2, "")};
    ops[3].data = huge;
    ops[3].size = 2 << 20;
    JOURNAL_APPEND(rig, op_message(a, 1, "old1"), op_numbers(a, 2, 8));
    const struct rfx_journal_port port = rfx_journal_port(rig->journal, 0);
    assert_int_equal(port.append(port.context, ops, 4, &rig->error), RFX_E_JOURNAL);
    free(huge);
    journal_expect(rig, A, 2, 8, "1:old1");
    journal_expect(rig, B, 1, 1, "");
    JOURNAL_APPEND(rig, op_message(a, 2, "old2"), op_message(b, 1, "b1"));
    journal_rig_close(rig);
    journal_rig_open(rig);
    journal_expect(rig, A, 3, 8, "1:old1 2:old2");
    journal_expect(rig, B, 2, 1, "1:b1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_open_when_another_process_holds_it_then_refused),
        TEST(test_open_when_held_by_this_process_then_refused),
        TEST(test_open_when_directory_cannot_be_made_then_refused),
        TEST(test_open_when_file_is_not_lmdb_then_refused),
        TEST(test_open_when_format_is_newer_then_refused),
        TEST(test_attach_when_record_is_damaged_then_refused),
        TEST(test_read_when_a_key_is_damaged_then_refused),
        TEST(test_append_when_full_then_nothing_half_stored),
        TEST(test_append_when_a_batch_with_a_reset_fails_then_session_is_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
