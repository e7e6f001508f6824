/* The journal's public functions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringfix/config.h"
#include "ringfix/journal.h"
#include "tests/support.h"

#define A "FIX.4.4:SERVER->A"
#define B "FIX.4.4:SERVER->B"

struct api {
    char path[256];
    struct rfx_journal *journal;
    struct rfx_error error;
    struct rfx_journal_session session;
    char text[4096]; /* what was visited */
    unsigned left;   /* visits until there is enough */
};

static void reopen(struct api *api, enum rfx_journal_mode mode)
{
    if (rfx_journal_close(api->journal, &api->error) != RFX_OK ||
        rfx_journal_open(api->path, mode, &api->journal, &api->error) != RFX_OK) {
        fail_msg("%s", api->error.text);
    }
}

static rfx_status persist(struct api *api, const char *name, enum rfx_direction direction,
                          uint64_t seq_num, const char *text)
{
    const struct rfx_bytes message = {text, strlen(text)};
    return rfx_journal_persist(api->journal, name, direction, seq_num,
                               1000 + (int64_t)(seq_num % 1000), message, &api->error);
}

static int set_up(void **state)
{
    struct api *api = calloc(1, sizeof *api);
    make_temp_dir(api->path);
    reopen(api, RFX_JOURNAL_WRITE);
    const char *const names[] = {B, A};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            rfx_journal_find_or_create(api->journal, names[i], &api->session, &api->error), RFX_OK);
        assert_string_equal(api->session.name, names[i]);
        assert_int_equal(api->session.next_out, 1);
        assert_int_equal(api->session.next_in, 1);
    }
    assert_int_equal(persist(api, A, RFX_DIRECTION_OUT, 1, "a1"), RFX_OK);
    assert_int_equal(persist(api, A, RFX_DIRECTION_OUT, 2, "a2"), RFX_OK);
    assert_int_equal(persist(api, A, RFX_DIRECTION_IN, 7, "in7"), RFX_OK);
    assert_int_equal(persist(api, B, RFX_DIRECTION_IN, 1, "in1"), RFX_OK);
    assert_int_equal(persist(api, A, RFX_DIRECTION_OUT, 4, "a4"), RFX_OK);
    api->left = 1000;
    *state = api;
    return 0;
}

static int tear_down(void **state)
{
    struct api *api = *state;
    assert_int_equal(rfx_journal_close(api->journal, &api->error), RFX_OK);
    remove_tree(api->path);
    free(api);
    return 0;
}

static bool add_record(void *context, const struct rfx_journal_record *record)
{
    struct api *api = context;
    const size_t used = strlen(api->text);
    assert_int_equal(record->utc_ns, 1000 + record->seq_num);
    snprintf(api->text + used, sizeof api->text - used, "%c%s%u:%.*s ",
             record->session[strlen(record->session) - 1],
             record->direction == RFX_DIRECTION_OUT ? ">" : "<", (unsigned)record->seq_num,
             (int)record->message.size, record->message.data);
    return --api->left > 0;
}

static void expect_messages(struct api *api, const char *name, unsigned directions,
                            const char *text)
{
    api->text[0] = '\0';
    assert_int_equal(
        rfx_journal_messages(api->journal, name, directions, add_record, api, &api->error), RFX_OK);
    assert_string_equal(api->text, text);
}

static bool add_session(void *context, const struct rfx_journal_session *session)
{
    struct api *api = context;
    const size_t used = strlen(api->text);
    snprintf(api->text + used, sizeof api->text - used, "%s %u %u %u-%u %u-%u\n", session->name,
             (unsigned)session->next_out, (unsigned)session->next_in, (unsigned)session->first[0],
             (unsigned)session->last[0], (unsigned)session->first[1], (unsigned)session->last[1]);
    return --api->left > 0;
}

static void test_journal_when_written_then_read_by_the_same_and_by_others(void **state)
{
    struct api *api = *state;
    for (unsigned i = 0; i < 2; i++) {
        expect_messages(api, NULL, 3, "A>1:a1 A>2:a2 A>4:a4 A<7:in7 B<1:in1 ");
        expect_messages(api, NULL, 1, "A>1:a1 A>2:a2 A>4:a4 ");
        expect_messages(api, A, 2, "A<7:in7 ");
        expect_messages(api, B, 1, "");
        api->text[0] = '\0';
        assert_int_equal(rfx_journal_sessions(api->journal, add_session, api, &api->error), RFX_OK);
        assert_string_equal(api->text, A " 5 1 1-4 7-7\n" B " 1 1 0-0 1-1\n");
        reopen(api, RFX_JOURNAL_READ);
    }
}

static void test_range_when_asked_then_what_is_stored_of_it(void **state)
{
    struct api *api = *state;
    assert_int_equal(
        rfx_journal_range(api->journal, A, RFX_DIRECTION_OUT, 2, 9, add_record, api, &api->error),
        RFX_OK);
    assert_int_equal(
        rfx_journal_message(api->journal, A, RFX_DIRECTION_IN, 7, add_record, api, &api->error),
        RFX_OK);
    assert_string_equal(api->text, "A>2:a2 A>4:a4 A<7:in7 ");
    assert_int_equal(
        rfx_journal_message(api->journal, A, RFX_DIRECTION_OUT, 3, add_record, api, &api->error),
        RFX_E_NOT_FOUND);
    assert_int_equal(rfx_journal_range(api->journal, "FIX.4.4:SERVER->C", RFX_DIRECTION_OUT, 1, 9,
                                       add_record, api, &api->error),
                     RFX_E_NOT_FOUND);
    assert_non_null(strstr(api->error.text, "SERVER->C"));
}

static void test_walk_when_there_is_enough_then_ends(void **state)
{
    struct api *api = *state;
    api->left = 4;
    expect_messages(api, NULL, 3, "A>1:a1 A>2:a2 A>4:a4 A<7:in7 ");
    api->left = 1;
    api->text[0] = '\0';
    assert_int_equal(rfx_journal_sessions(api->journal, add_session, api, &api->error), RFX_OK);
    assert_string_equal(api->text, A " 5 1 1-4 7-7\n");
}

static void test_numbers_when_set_then_what_is_above_is_gone(void **state)
{
    struct api *api = *state;
    assert_int_equal(rfx_journal_set_numbers(api->journal, A, 2, 9, &api->error), RFX_OK);
    expect_messages(api, A, 3, "A>1:a1 A<7:in7 ");
    assert_int_equal(rfx_journal_find(api->journal, A, &api->session, &api->error), RFX_OK);
    assert_int_equal(api->session.next_out, 2);
    assert_int_equal(api->session.next_in, 9);
    assert_int_equal(persist(api, A, RFX_DIRECTION_OUT, 1, "other"), RFX_OK);
    expect_messages(api, A, 1, "A>1:other ");
}

static void test_reset_when_done_then_as_new(void **state)
{
    struct api *api = *state;
    assert_int_equal(rfx_journal_reset(api->journal, A, 4711, &api->error), RFX_OK);
    reopen(api, RFX_JOURNAL_READ);
    expect_messages(api, NULL, 3, "B<1:in1 ");
    assert_int_equal(rfx_journal_find(api->journal, A, &api->session, &api->error), RFX_OK);
    assert_int_equal(api->session.next_out, 1);
    assert_int_equal(api->session.created_utc_ns, 4711);
}

static void test_call_when_it_makes_no_sense_then_refused(void **state)
{
    struct api *api = *state;
    char name[RFX_JOURNAL_NAME_MAX + 2];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const char *const names[] = {"", name, "a\nb"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            rfx_journal_find_or_create(api->journal, names[i], &api->session, &api->error),
            RFX_E_INVALID);
    }
    assert_int_equal(persist(api, A, RFX_DIRECTION_OUT, 0, "x"), RFX_E_INVALID);
    assert_int_equal(persist(api, A, RFX_DIRECTION_OUT, 5, ""), RFX_E_INVALID);
    assert_int_equal(persist(api, "FIX.4.4:SERVER->C", RFX_DIRECTION_OUT, 1, "x"), RFX_E_NOT_FOUND);
    assert_int_equal(rfx_journal_set_numbers(api->journal, A, 0, 1, &api->error), RFX_E_INVALID);
    assert_int_equal(rfx_journal_set_numbers(api->journal, A, UINT64_MAX, 1, &api->error),
                     RFX_E_INVALID);
    assert_int_equal(persist(api, A, RFX_DIRECTION_OUT, INT64_MAX, "x"), RFX_E_INVALID);
    char *huge = calloc(1, (64 << 20) + 1);
    memset(huge, 'x', 64 << 20);
    assert_int_equal(persist(api, A, RFX_DIRECTION_OUT, 5, huge), RFX_E_INVALID);
    free(huge);
    reopen(api, RFX_JOURNAL_READ);
    assert_int_equal(persist(api, A, RFX_DIRECTION_OUT, 5, "x"), RFX_E_STATE);
    assert_int_equal(rfx_journal_set_numbers(api->journal, A, 1, 1, &api->error), RFX_E_STATE);
    assert_int_equal(rfx_journal_reset(api->journal, A, 1, &api->error), RFX_E_STATE);
    expect_messages(api, NULL, 3, "A>1:a1 A>2:a2 A>4:a4 A<7:in7 B<1:in1 ");
}

static void test_open_when_there_is_none_then_refused_to_read(void **state)
{
    struct api *api = *state;
    struct rfx_journal *journal = NULL;
    assert_int_equal(rfx_journal_open("/nonexistent", RFX_JOURNAL_READ, &journal, &api->error),
                     RFX_E_JOURNAL);
    assert_non_null(strstr(api->error.text, "/nonexistent"));
    assert_int_equal(rfx_journal_open(api->path, RFX_JOURNAL_WRITE, &journal, &api->error),
                     RFX_E_JOURNAL); /* held by ourselves */
    assert_null(journal);
}

struct nested {
    struct api *api;
    unsigned count;
};

static bool pass_over(void *context, const struct rfx_journal_record *record)
{
    (void)context;
    assert_int_equal(record->direction, RFX_DIRECTION_IN);
    return true;
}

static bool look_further(void *context, const struct rfx_journal_record *record)
{
    struct nested *nested = context;
    struct api *api = nested->api;
    const char *const expected[] = {"a1", "a2", "a4"};
    assert_int_equal(
        rfx_journal_message(api->journal, A, RFX_DIRECTION_IN, 9, pass_over, NULL, &api->error),
        RFX_OK);
    assert_true(record->message.size == 2 &&
                memcmp(record->message.data, expected[nested->count], 2) == 0);
    nested->count++;
    return true;
}

static void test_walk_when_a_visit_reads_too_then_undisturbed(void **state)
{
    struct api *api = *state;
    struct nested nested = {.api = api};
    const size_t size = 1 << 20; /* more than a walk copies at a time */
    char *text = malloc(size);
    memset(text, 'i', size);
    assert_int_equal(rfx_journal_persist(api->journal, A, RFX_DIRECTION_IN, 9, 1,
                                         (struct rfx_bytes){text, size}, &api->error),
                     RFX_OK);
    assert_int_equal(rfx_journal_range(api->journal, A, RFX_DIRECTION_OUT, 1, 9, look_further,
                                       &nested, &api->error),
                     RFX_OK);
    assert_int_equal(nested.count, 3);
    free(text);
}

static void test_persist_when_it_is_the_longest_message_then_stored_every_time(void **state)
{
    struct api *api = *state;
    char *text = malloc(RFX_MESSAGE_SIZE_MAX + 1);
    memset(text, 'o', RFX_MESSAGE_SIZE_MAX + 1);
    struct rfx_bytes message = {text, RFX_MESSAGE_SIZE_MAX};
    for (uint64_t i = 1; i <= 8; i++) {
        assert_int_equal(
            rfx_journal_persist(api->journal, B, RFX_DIRECTION_OUT, i, 1, message, &api->error),
            RFX_OK);
    }
    message.size++;
    assert_int_equal(
        rfx_journal_persist(api->journal, B, RFX_DIRECTION_OUT, 9, 1, message, &api->error),
        RFX_E_INVALID);
    free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_journal_when_written_then_read_by_the_same_and_by_others),
        TEST(test_range_when_asked_then_what_is_stored_of_it),
        TEST(test_walk_when_there_is_enough_then_ends),
        TEST(test_walk_when_a_visit_reads_too_then_undisturbed),
        TEST(test_persist_when_it_is_the_longest_message_then_stored_every_time),
        TEST(test_numbers_when_set_then_what_is_above_is_gone),
        TEST(test_reset_when_done_then_as_new),
        TEST(test_call_when_it_makes_no_sense_then_refused),
        TEST(test_open_when_there_is_none_then_refused_to_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
