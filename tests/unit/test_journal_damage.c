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
    struct rfx_store *journal = NULL;
    assert_int_equal(rfx_store_open(&rig->options, &journal, &rig->error), RFX_E_JOURNAL);
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
        struct rfx_store *journal = NULL;
        const rfx_status status = rfx_store_open(&rig->options, &journal, &rig->error);
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
    snprintf(path, sizeof path, "%s/store/data.mdb", rig->path);
    const int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, garbage, sizeof garbage, 0), sizeof garbage);
    close(fd);
    expect_open_fails(rig, "damaged");
}

/* Opens the store itself, for one change. */
static struct rfx_env *begin_change(struct journal_rig *rig, MDB_txn **txn)
{
    char path[RFX_DIRECTORY_FILE_SIZE];
    static struct rfx_env env;
    journal_rig_close(rig);
    rfx_directory_store(rig->path, path);
    assert_int_equal(rfx_env_open(&env, path, RFX_ENV_NOSYNC, 1 << 20, &rig->error), RFX_OK);
    assert_int_equal(mdb_txn_begin(env.env, NULL, 0, txn), 0);
    return &env;
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
    struct rfx_env *env = begin_change(rig, &txn);
    assert_int_equal(rfx_rows_put_meta(env, txn, "format", 3), 0);
    end_change(env, txn);
    expect_open_fails(rig, "format version 3");
}

/* Writes the record of session A as it is given. */
static void put_bytes(struct journal_rig *rig, const uint8_t *bytes, size_t size)
{
    MDB_txn *txn = NULL;
    struct rfx_env *env = begin_change(rig, &txn);
    uint8_t number[RFX_FORMAT_ID_SIZE];
    uint32_t found = 0;
    assert_int_equal(rfx_rows_get_name(env, txn, rfx_bytes_of(A, strlen(A)), &found), 0);
    rfx_format_encode_id(found, number);
    MDB_val key = rfx_rows_val(number, sizeof number);
    MDB_val data = rfx_rows_val(bytes, size);
    assert_int_equal(mdb_put(txn, env->sessions, &key, &data, 0), 0);
    end_change(env, txn);
    journal_rig_open(rig);
}

static void test_attach_when_record_is_damaged_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    const size_t whole = RFX_FORMAT_RECORD_SIZE + strlen(A);
    const struct {
        size_t offset;
        uint8_t byte;
        size_t size;
    } damages[] = {
        {0, 1, whole},                        /* version */
        {2, 1, whole},                        /* not zero */
        {7, 0, whole},                        /* id 0 */
        {7, 99, whole},                       /* an id that was never given out */
        {15, 0, whole},                       /* next_out 0 */
        {23, 0, whole},                       /* next_in 0 */
        {RFX_FORMAT_RECORD_SIZE, 'X', whole}, /* another name */
        {31, 7, RFX_FORMAT_RECORD_SIZE},      /* cut off */
        {0, 1, 0},                            /* empty */
    };
    journal_attach(rig, A);
    journal_attach(rig, B);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        const struct rfx_format_record record = {.id = 2, .next_out = 5, .next_in = 6};
        uint8_t bytes[RFX_FORMAT_RECORD_SIZE + sizeof A];
        struct rfx_journal_entry entry;
        rfx_format_encode_record(&record, bytes);
        memcpy(bytes + RFX_FORMAT_RECORD_SIZE, A, strlen(A));
        put_bytes(rig, bytes, whole);
        journal_expect(rig, A, 5, 6, "");
        bytes[damages[i].offset] = damages[i].byte;
        put_bytes(rig, bytes, damages[i].size);
        const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
        assert_int_equal(port.attach(port.context, A, &rig->keep, 0, &entry, &rig->error),
                         RFX_E_JOURNAL);
        assert_non_null(strstr(rig->error.text, rig->path));
        assert_non_null(strstr(rig->error.text, A));
        journal_expect(rig, B, 1, 1, "");
    }
}

static bool take_any(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    (void)message;
    *(uint64_t *)context = seq_num;
    return true;
}

/* Rows as no process of ours would write them, in the midst of good ones. */
static void test_read_when_a_row_is_damaged_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    static const uint8_t entry_3[] = {0, 0, 0, 0, 0, 0, 0, 3, 0, 0,  0,
                                      0, 0, 0, 0, 0, 0, 0, 0, 1, 'y'};
    const struct {
        const uint8_t *chunk;
        size_t size;
        uint8_t key_first;
        size_t key_size;
    } damages[] = {
        {entry_3, 21, 3, 14}, /* too long a key */
        {entry_3, 20, 3, 13}, /* a message without bytes */
        {entry_3, 10, 3, 13}, /* cut off */
        {entry_3, 0, 3, 13},  /* empty */
        {entry_3, 21, 4, 13}, /* begins with another number than its key */
    };
    const size_t count = sizeof damages / sizeof damages[0];
    JOURNAL_APPEND(rig, op_message(journal_attach(rig, A).slot, 1, "x"));
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[14] = {[3] = 2, [12] = damages[i].key_first};
        uint64_t last = 0;
        MDB_txn *txn = NULL;
        struct rfx_env *env = begin_change(rig, &txn);
        MDB_val key = rfx_rows_val(bytes, damages[i].key_size);
        MDB_val data = rfx_rows_val(damages[i].chunk, damages[i].size);
        struct rfx_format_record record;
        uint32_t number = 0;
        assert_int_equal(rfx_rows_find_record(env, txn, rfx_bytes_of(A, strlen(A)), &number,
                                              &record, &rig->error),
                         RFX_OK);
        record.next_out = 9;
        assert_int_equal(rfx_rows_put_record(env, txn, number, &record), 0);
        assert_int_equal(mdb_put(txn, env->messages, &key, &data, 0), 0);
        end_change(env, txn);
        journal_rig_open(rig);
        const uint32_t a = journal_attach(rig, A).slot;
        const struct rfx_journal_port port = rfx_store_port(rig->journal, 0);
        assert_int_equal(port.read(port.context, a, 1, 8, take_any, &last, &rig->error),
                         RFX_E_JOURNAL);
        assert_int_equal(last, 1);
        assert_non_null(strstr(rig->error.text, "damaged"));
        env = begin_change(rig, &txn);
        assert_int_equal(mdb_del(txn, env->messages, &key, NULL), 0);
        end_change(env, txn);
        journal_rig_open(rig);
    }
}

static void test_open_when_the_row_of_a_tail_is_damaged_then_refused(void **state)
{
    struct journal_rig *rig = *state;
    static const struct rfx_format_tail damaged[] = {
        {.moved = 100},
        {.moved = (1 << 20) - 1},
        {.moved = UINT64_MAX - 31, .is_empty = true},
    };
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        MDB_txn *txn = NULL;
        struct rfx_env *env = begin_change(rig, &txn);
        assert_int_equal(rfx_rows_put_tail(env, txn, 0, &damaged[i]), 0);
        end_change(env, txn);
        rig->journal = NULL;
        expect_open_fails(rig, "damaged");
    }
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
        TEST(test_read_when_a_row_is_damaged_then_refused),
        TEST(test_open_when_the_row_of_a_tail_is_damaged_then_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
