/* Reading a journal from outside, while another process writes it. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal/reader.h"
#include "tests/unit/support_journal.h"

#define A     "FIX.4.4:SERVER->A"
#define B     "FIX.4.4:SERVER->B"
#define BIG   50000 /* bytes of each of B's messages: few fit in one slice of a walk */
#define BIGS  20
#define LARGE (512 * 1024) /* more than one slice */

/* A child holds the journal and does what single letters tell it. */
struct writer {
    struct journal_rig rig;
    pid_t child;
    int commands[2];
    int answers[2];
    struct rfx_reader *reader;
    struct rfx_error error;
};

static char big[LARGE];

static void fill(struct journal_rig *rig)
{
    uint32_t slot = journal_attach(rig, A).slot;
    const struct rfx_journal_op first[] = {op_message(slot, 1, "a1"), op_message(slot, 2, "a2"),
                                           op_numbers(slot, 5, 7), op_message(slot, 5, "a5")};
    journal_append_to(rig, A, first, 4);
    slot = journal_attach(rig, B).slot;
    for (uint64_t i = 1; i <= BIGS; i++) {
        struct rfx_journal_op op = op_message(slot, i, "");
        op.data = big;
        op.size = i == BIGS ? LARGE : BIG;
        journal_append_to(rig, B, &op, 1);
    }
    journal_settle(rig);
}

static rfx_status obey(struct journal_rig *rig, char command)
{
    const char *name = command == 'm' ? A : B;
    const struct rfx_journal_port port = journal_port_of(rig, name);
    const uint32_t slot = journal_attach(rig, name).slot;
    const struct rfx_journal_op op = command == 'm' ? op_message(slot, 6, "a6") : op_reset(slot);
    const rfx_status status = port.append(port.context, &op, 1, JOURNAL_UTC_NS, &rig->error);
    return status == RFX_OK ? rfx_store_settle(rig->journal, &rig->error) : status;
}

_Noreturn static void run_writer(struct writer *writer)
{
    char command = 0;
    close(writer->commands[1]);
    journal_rig_open(&writer->rig);
    fill(&writer->rig);
    if (write(writer->answers[1], "", 1) != 1) {
        _exit(1);
    }
    while (read(writer->commands[0], &command, 1) == 1) {
        if (obey(&writer->rig, command) != RFX_OK || write(writer->answers[1], "", 1) != 1) {
            _exit(1);
        }
    }
    journal_rig_close(&writer->rig);
    _exit(0);
}

static void await(struct writer *writer)
{
    char answer;
    assert_int_equal(read(writer->answers[0], &answer, 1), 1);
}

static void tell(struct writer *writer, char command)
{
    assert_int_equal(write(writer->commands[1], &command, 1), 1);
    await(writer);
}

static int set_up(void **state)
{
    struct writer *writer = calloc(1, sizeof *writer);
    journal_rig_init(&writer->rig);
    writer->rig.options.shards = 3;
    assert_int_equal(pipe(writer->commands), 0);
    assert_int_equal(pipe(writer->answers), 0);
    writer->child = fork();
    if (writer->child == 0) {
        run_writer(writer);
    }
    close(writer->answers[1]);
    await(writer);
    if (rfx_reader_open(writer->rig.path, RFX_READER_WHOLE, &writer->reader, &writer->error) !=
        RFX_OK) {
        fail_msg("reader: %s", writer->error.text);
    }
    *state = writer;
    return 0;
}

static int tear_down(void **state)
{
    struct writer *writer = *state;
    int result = 0;
    rfx_reader_close(writer->reader);
    close(writer->commands[0]);
    close(writer->commands[1]);
    close(writer->answers[0]);
    waitpid(writer->child, &result, 0);
    remove_tree(writer->rig.path);
    free(writer);
    return WIFEXITED(result) && WEXITSTATUS(result) == 0 ? 0 : 1;
}

static struct rfx_reader_session find(struct writer *writer, const char *name)
{
    struct rfx_reader_session session;
    if (rfx_reader_find(writer->reader, name, &session, &writer->error) != RFX_OK) {
        fail_msg("find: %s", writer->error.text);
    }
    return session;
}

static void test_list_when_server_runs_then_all_sessions_by_name(void **state)
{
    struct writer *writer = *state;
    struct rfx_reader_session *list = NULL;
    size_t count = 0;
    assert_int_equal(rfx_reader_list(writer->reader, &list, &count, &writer->error), RFX_OK);
    assert_int_equal(count, 2);
    assert_string_equal(list[0].name, A);
    assert_int_equal(list[0].next_out, 6);
    assert_int_equal(list[0].next_in, 7);
    assert_int_equal(list[0].stored[RFX_DIRECTION_OUT].first, 1);
    assert_int_equal(list[0].stored[RFX_DIRECTION_OUT].last, 5);
    assert_true(list[0].created_utc_ns > INT64_C(1500000000) * 1000000000);
    assert_string_equal(list[1].name, B);
    assert_int_equal(list[1].stored[RFX_DIRECTION_OUT].last, BIGS);
    free(list);
}

static void test_find_when_unknown_then_not_found(void **state)
{
    struct writer *writer = *state;
    struct rfx_reader_session session;
    char long_name[600];
    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    const char *const names[] = {"FIX.4.4:SERVER->C", "", long_name};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rfx_reader_find(writer->reader, names[i], &session, &writer->error),
                         RFX_E_NOT_FOUND);
    }
}

struct walk {
    struct writer *writer;
    char text[256];
    uint64_t seen;
    char command; /* told once, at the first message */
};

static bool visit(void *context, const struct rfx_format_entry *entry)
{
    struct walk *walk = context;
    const size_t size = strlen(walk->text);
    if (entry->message.size < BIG) {
        snprintf(walk->text + size, sizeof walk->text - size, "%u:%.*s ", (unsigned)entry->seq_num,
                 (int)entry->message.size, entry->message.data);
    }
    if (walk->seen++ == 0 && walk->command != 0) {
        tell(walk->writer, walk->command);
    }
    return true;
}

static void test_messages_when_range_given_then_walked(void **state)
{
    struct writer *writer = *state;
    const struct rfx_reader_session a = find(writer, A);
    struct walk walk = {.writer = writer};
    assert_int_equal(rfx_reader_messages(writer->reader, &a, RFX_DIRECTION_OUT, 2, UINT64_MAX,
                                         visit, &walk, &writer->error),
                     RFX_OK);
    assert_string_equal(walk.text, "2:a2 5:a5 ");
    assert_int_equal(rfx_reader_messages(writer->reader, &a, RFX_DIRECTION_OUT, 3, 4, visit, &walk,
                                         &writer->error),
                     RFX_OK);
    assert_string_equal(walk.text, "2:a2 5:a5 ");
}

static void test_messages_when_stored_during_the_walk_then_found(void **state)
{
    struct writer *writer = *state;
    const struct rfx_reader_session a = find(writer, A);
    struct walk walk = {.writer = writer, .command = 'm'};
    assert_int_equal(rfx_reader_messages(writer->reader, &a, RFX_DIRECTION_OUT, 1, UINT64_MAX,
                                         visit, &walk, &writer->error),
                     RFX_OK);
    assert_string_equal(walk.text, "1:a1 2:a2 5:a5 6:a6 ");
    assert_int_equal(find(writer, A).next_out, 7);
}

static void test_messages_when_larger_than_a_slice_then_all_walked(void **state)
{
    struct writer *writer = *state;
    const struct rfx_reader_session b = find(writer, B);
    struct walk walk = {.writer = writer};
    assert_int_equal(rfx_reader_messages(writer->reader, &b, RFX_DIRECTION_OUT, 1, UINT64_MAX,
                                         visit, &walk, &writer->error),
                     RFX_OK);
    assert_int_equal(walk.seen, BIGS);
}

/* Also shows that no snapshot is held while the caller works: in one, the reset would not be
 * seen. */
static void test_messages_when_reset_during_the_walk_then_ends(void **state)
{
    struct writer *writer = *state;
    const struct rfx_reader_session b = find(writer, B);
    struct walk walk = {.writer = writer, .command = 'r'};
    assert_int_equal(rfx_reader_messages(writer->reader, &b, RFX_DIRECTION_OUT, 1, UINT64_MAX,
                                         visit, &walk, &writer->error),
                     RFX_E_NOT_FOUND);
    assert_in_range(walk.seen, 1, 6);
    const struct rfx_reader_session again = find(writer, B);
    assert_int_equal(again.next_out, 1);
    assert_int_equal(again.stored[RFX_DIRECTION_OUT].first, 0);
    assert_int_equal(again.stored[RFX_DIRECTION_OUT].last, 0);
}

static void test_nth_last_when_counted_then_over_gaps(void **state)
{
    struct writer *writer = *state;
    const struct rfx_reader_session a = find(writer, A);
    const uint64_t expected[] = {5, 2, 1, 1};
    for (uint64_t n = 1; n <= 4; n++) {
        uint64_t seq_num = 0;
        assert_int_equal(
            rfx_reader_nth_last(writer->reader, &a, RFX_DIRECTION_OUT, n, &seq_num, &writer->error),
            RFX_OK);
        assert_int_equal(seq_num, expected[n - 1]);
    }
}

static void test_open_when_no_journal_then_refused(void **state)
{
    struct writer *writer = *state;
    struct rfx_reader *reader = NULL;
    char path[300];
    snprintf(path, sizeof path, "%s/store", writer->rig.path);
    assert_int_equal(rfx_reader_open(path, RFX_READER_WHOLE, &reader, &writer->error),
                     RFX_E_JOURNAL);
    assert_non_null(strstr(writer->error.text, "not a journal"));
    snprintf(path, sizeof path, "%s/absent", writer->rig.path);
    assert_int_equal(rfx_reader_open(path, RFX_READER_WHOLE, &reader, &writer->error),
                     RFX_E_JOURNAL);
    assert_non_null(strstr(writer->error.text, path));
    assert_null(reader);
}

static int give_to_nobody(const char *path, const struct stat *file, int type, struct FTW *where)
{
    (void)file;
    (void)type;
    (void)where;
    return strstr(path, "/lock") != NULL && strstr(path, "/store") == NULL
               ? chmod(path, 0400)
               : chown(path, 65534, 65534);
}

/* What a killed server has left is not passed over in silence. */
static void test_open_when_it_cannot_be_put_in_order_then_refused(void **state)
{
    (void)state;
    struct journal_rig rig;
    struct rfx_reader *reader = NULL;
    int result = 0;
    if (geteuid() != 0) {
        print_message("skipped: only root can become somebody else\n");
        skip();
    }
    journal_rig_init(&rig);
    pid_t child = fork();
    if (child == 0) {
        journal_rig_open(&rig);
        const uint32_t slot = journal_attach(&rig, A).slot;
        JOURNAL_APPEND(&rig, op_message(slot, 1, "a1"));
        _exit(0);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    assert_int_equal(nftw(rig.path, give_to_nobody, 8, FTW_PHYS), 0);
    child = fork();
    if (child == 0) {
        const bool is_refused =
            setgid(65534) == 0 && setuid(65534) == 0 &&
            rfx_reader_open(rig.path, RFX_READER_WHOLE, &reader, &rig.error) == RFX_E_JOURNAL &&
            strstr(rig.error.text, "was not closed in order") != NULL &&
            strstr(rig.error.text, "lock: Permission denied") != NULL &&
            rfx_reader_open(rig.path, RFX_READER_AS_IS, &reader, &rig.error) == RFX_OK;
        rfx_reader_close(reader);
        _exit(is_refused ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    assert_int_equal(rfx_reader_open(rig.path, RFX_READER_WHOLE, &reader, &rig.error), RFX_OK);
    rfx_reader_close(reader);
    remove_tree(rig.path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_list_when_server_runs_then_all_sessions_by_name),
        TEST(test_find_when_unknown_then_not_found),
        TEST(test_messages_when_range_given_then_walked),
        TEST(test_messages_when_stored_during_the_walk_then_found),
        TEST(test_messages_when_larger_than_a_slice_then_all_walked),
        TEST(test_messages_when_reset_during_the_walk_then_ends),
        TEST(test_nth_last_when_counted_then_over_gaps),
        TEST(test_open_when_no_journal_then_refused),
        TEST(test_open_when_it_cannot_be_put_in_order_then_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
