/* Checking a whole store: what is wrong is named, what is right is counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/chunk.h"
#include "journal/store_internal.h"
#include "journal/verify.h"
#include "tests/unit/support_journal.h"

#define A "FIX.4.4:SERVER->A"
#define B "FIX.4.4:SERVER->B"

struct verify_rig {
    struct journal_rig rig;
    struct rfx_verify_result result;
    char text[2048]; /* findings and gaps, a line each */
    unsigned progress;
    unsigned reset_at; /* of progress; 0: never */
};

#define TEXT_MAX 4200

/* A message with that number, its length and sum right, with `padding` bytes of Text(58). */
static const char *make_padded(uint64_t seq_num, int padding, char text[TEXT_MAX])
{
    static char filling[4000];
    char body[TEXT_MAX - 64];
    memset(filling, 'x', sizeof filling - 1);
    const int size = snprintf(body, sizeof body,
                              "35=B\x01"
                              "34=%u\x01"
                              "58=%.*s\x01",
                              (unsigned)seq_num, padding, filling);
    const int used = snprintf(text, TEXT_MAX,
                              "8=FIX.4.4\x01"
                              "9=%d\x01%s",
                              size, body);
    unsigned sum = 0;
    for (int i = 0; i < used; i++) {
        sum += (unsigned char)text[i];
    }
    snprintf(text + used, TEXT_MAX - (size_t)used, "10=%03u\x01", sum % 256);
    return text;
}

static const char *make_message(uint64_t seq_num, char text[TEXT_MAX])
{
    return make_padded(seq_num, 10, text);
}

static int set_up(void **state)
{
    struct verify_rig *verify = calloc(1, sizeof *verify);
    journal_rig_init(&verify->rig);
    journal_rig_open(&verify->rig);
    const uint32_t slots[] = {journal_attach(&verify->rig, A).slot,
                              journal_attach(&verify->rig, B).slot};
    for (uint64_t i = 1; i <= 200; i++) {
        char text[TEXT_MAX];
        struct rfx_journal_op ops[2] = {
            op_message(slots[i % 2], (i + 1) / 2, make_message((i + 1) / 2, text)),
            op_message(slots[i % 2], (i + 1) / 2, text)};
        ops[1].type = RFX_JOURNAL_INBOUND;
        journal_append(&verify->rig, ops, 2);
    }
    journal_settle(&verify->rig);
    *state = verify;
    return 0;
}

static int tear_down(void **state)
{
    struct verify_rig *verify = *state;
    journal_rig_end(&verify->rig);
    free(verify);
    return 0;
}

/* As a server does in the middle of it. */
static void reset_a(struct journal_rig *rig)
{
    char text[TEXT_MAX];
    JOURNAL_APPEND(rig, op_reset(0));
    JOURNAL_APPEND(rig, op_message(0, 1, make_message(1, text)));
    JOURNAL_APPEND(rig, op_message(0, 2, make_message(2, text)));
    journal_settle(rig);
}

static bool take(void *context, enum rfx_verify_news news, const char *text, uint64_t done,
                 uint64_t all)
{
    struct verify_rig *verify = context;
    const size_t used = strlen(verify->text);
    if (news == RFX_VERIFY_PROGRESS) {
        assert_true(done <= all || verify->reset_at > 0);
        if (++verify->progress == verify->reset_at) {
            reset_a(&verify->rig);
        }
    } else {
        snprintf(verify->text + used, sizeof verify->text - used, "%s\n", text);
    }
    return true;
}

static rfx_status verify_all(struct verify_rig *verify)
{
    verify->text[0] = '\0';
    return rfx_verify(&verify->rig.journal->env, take, verify, &verify->result, &verify->rig.error);
}

static void expect_finding(struct verify_rig *verify, const char *text)
{
    assert_int_equal(verify_all(verify), RFX_E_JOURNAL);
    assert_true(verify->result.findings >= 1);
    if (strstr(verify->text, text) == NULL) {
        fail_msg("'%s' is not in: %s", text, verify->text);
    }
    assert_true(strncmp(verify->rig.error.text, verify->text, strcspn(verify->text, "\n")) ==
                0); /* the first one */
    /* Without a visitor it ends at the first. */
    assert_int_equal(
        rfx_verify(&verify->rig.journal->env, NULL, NULL, &verify->result, &verify->rig.error),
        RFX_E_JOURNAL);
    assert_int_equal(verify->result.findings, 1);
}

static void test_verify_when_all_is_right_then_counted(void **state)
{
    struct verify_rig *verify = *state;
    assert_int_equal(verify_all(verify), RFX_OK);
    assert_string_equal(verify->text, "");
    assert_int_equal(verify->result.sessions, 2);
    assert_int_equal(verify->result.messages, 400);
    assert_int_equal(verify->result.inbound, 200);
    assert_int_equal(verify->result.findings, 0);
    assert_int_equal(verify->result.gaps, 0);
    assert_in_range(verify->result.bytes, 400 * 40, 400 * 80);
}

static void test_verify_when_numbers_are_missing_then_a_gap_and_no_finding(void **state)
{
    struct verify_rig *verify = *state;
    char text[TEXT_MAX];
    JOURNAL_APPEND(&verify->rig, op_numbers(0, 111, 1), op_message(0, 111, make_message(111, text)),
                   op_numbers(0, 120, 1));
    journal_settle(&verify->rig);
    assert_int_equal(verify_all(verify), RFX_OK);
    assert_int_equal(verify->result.gaps, 2);
    assert_non_null(strstr(verify->text, "101 to 110"));
    assert_non_null(strstr(verify->text, "112 to 119"));
}

static void test_verify_when_a_message_is_not_what_it_should_be_then_found(void **state)
{
    struct verify_rig *verify = *state;
    char text[TEXT_MAX];
    make_message(101, text);
    text[strlen(text) - 2] ^= 1; /* the sum's last digit */
    JOURNAL_APPEND(&verify->rig, op_message(0, 101, text));
    journal_settle(&verify->rig);
    expect_finding(verify, A ": outbound message 101 is not one whole FIX message");
    JOURNAL_APPEND(&verify->rig, op_message(0, 101, make_message(100, text)));
    journal_settle(&verify->rig);
    expect_finding(verify, A ": outbound message 101 has another MsgSeqNum(34)");
}

/* One change to the store behind the journal's back. */
static MDB_txn *begin(struct verify_rig *verify)
{
    MDB_txn *txn = NULL;
    assert_int_equal(mdb_txn_begin(verify->rig.journal->env.env, NULL, 0, &txn), 0);
    return txn;
}

static void test_verify_when_a_number_is_still_to_be_used_then_found(void **state)
{
    struct verify_rig *verify = *state;
    struct rfx_env *env = &verify->rig.journal->env;
    const uint32_t number = verify->rig.journal->parts[0].slots[0].number;
    struct rfx_format_record record;
    char name[RFX_JOURNAL_NAME_MAX];
    MDB_txn *txn = begin(verify);
    assert_int_equal(rfx_rows_get_record(env, txn, number, &record), 0);
    record.next_out = 100;
    memcpy(name, record.name.data, record.name.size);
    record.name.data = name;
    assert_int_equal(rfx_rows_put_record(env, txn, number, &record), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    expect_finding(verify, A ": outbound message 100 has a number that is still to be used");
}

static void test_verify_when_a_chunk_is_damaged_then_found(void **state)
{
    struct verify_rig *verify = *state;
    struct rfx_env *env = &verify->rig.journal->env;
    uint8_t bytes[RFX_FORMAT_KEY_SIZE];
    const struct rfx_format_key key = {verify->rig.journal->parts[0].slots[0].id, RFX_DIRECTION_OUT,
                                       1};
    MDB_txn *txn = begin(verify);
    MDB_val row;
    MDB_val data;
    rfx_format_encode_key(&key, bytes);
    row = rfx_rows_val(bytes, sizeof bytes);
    assert_int_equal(mdb_get(txn, env->messages, &row, &data), 0);
    char *copy = malloc(data.mv_size);
    memcpy(copy, data.mv_data, data.mv_size);
    data = rfx_rows_val(copy, data.mv_size - 1); /* the last message lacks a byte */
    assert_int_equal(mdb_put(txn, env->messages, &row, &data, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    free(copy);
    expect_finding(verify, "is damaged");
}

static void test_verify_when_messages_belong_to_nobody_then_found(void **state)
{
    struct verify_rig *verify = *state;
    struct rfx_env *env = &verify->rig.journal->env;
    uint8_t bytes[RFX_FORMAT_KEY_SIZE];
    const struct rfx_format_key key = {777, RFX_DIRECTION_IN, 1};
    MDB_txn *txn = begin(verify);
    rfx_format_encode_key(&key, bytes);
    MDB_val row = rfx_rows_val(bytes, sizeof bytes);
    MDB_val data = rfx_rows_val("x", 1);
    assert_int_equal(mdb_put(txn, env->messages, &row, &data, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    expect_finding(verify, "messages of no session (id 777)");
}

/* More than one transaction looks at. */
static void store_many(struct verify_rig *verify)
{
    char text[TEXT_MAX];
    for (uint64_t i = 101; i <= 9000; i++) {
        JOURNAL_APPEND(&verify->rig, op_message(0, i, make_padded(i, 3900, text)));
    }
    journal_settle(&verify->rig);
}

static void test_verify_when_a_session_is_reset_meanwhile_then_no_finding(void **state)
{
    struct verify_rig *verify = *state;
    store_many(verify);
    verify->reset_at = 2;
    if (verify_all(verify) != RFX_OK || verify->text[0] != '\0') {
        fail_msg("found: %s", verify->text);
    }
    assert_true(verify->progress >= verify->reset_at);
    verify->reset_at = 0;
    assert_int_equal(verify_all(verify), RFX_OK);
    assert_int_equal(verify->result.messages, 200 + 2);
}

static void test_verify_when_there_are_many_rows_then_in_slices(void **state)
{
    struct verify_rig *verify = *state;
    store_many(verify);
    assert_int_equal(verify_all(verify), RFX_OK);
    assert_string_equal(verify->text, "");
    assert_int_equal(verify->result.messages, 400 + 8900);
    assert_true(verify->progress >= 8);
}

static void test_verify_when_a_name_leads_elsewhere_then_found(void **state)
{
    struct verify_rig *verify = *state;
    struct rfx_env *env = &verify->rig.journal->env;
    const uint32_t other = verify->rig.journal->parts[0].slots[1].number;
    MDB_txn *txn = begin(verify);
    assert_int_equal(rfx_rows_put_name(env, txn, rfx_bytes_of(A, strlen(A)), other), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    expect_finding(verify, A " is not found by its name");
}

static void test_verify_when_ids_are_the_largest_there_are_then_it_ends(void **state)
{
    struct verify_rig *verify = *state;
    struct rfx_env *env = &verify->rig.journal->env;
    const MDB_dbi tables[] = {env->messages, env->sessions, env->trash};
    const size_t sizes[] = {RFX_FORMAT_KEY_SIZE, RFX_FORMAT_ID_SIZE, RFX_FORMAT_ID_SIZE};
    uint8_t largest[RFX_FORMAT_KEY_SIZE];
    MDB_txn *txn = begin(verify);
    memset(largest, 0xff, sizeof largest);
    largest[RFX_FORMAT_ID_SIZE] = 0; /* a direction */
    for (size_t i = 0; i < 3; i++) {
        MDB_val key = {sizes[i], largest};
        MDB_val data = {i == 2 ? 0 : 3, (char[]){"abc"}};
        assert_int_equal(mdb_put(txn, tables[i], &key, &data, 0), 0);
    }
    assert_int_equal(mdb_txn_commit(txn), 0);
    expect_finding(verify, "damaged");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_verify_when_all_is_right_then_counted),
        TEST(test_verify_when_numbers_are_missing_then_a_gap_and_no_finding),
        TEST(test_verify_when_a_message_is_not_what_it_should_be_then_found),
        TEST(test_verify_when_a_number_is_still_to_be_used_then_found),
        TEST(test_verify_when_a_chunk_is_damaged_then_found),
        TEST(test_verify_when_messages_belong_to_nobody_then_found),
        TEST(test_verify_when_there_are_many_rows_then_in_slices),
        TEST(test_verify_when_a_session_is_reset_meanwhile_then_no_finding),
        TEST(test_verify_when_ids_are_the_largest_there_are_then_it_ends),
        TEST(test_verify_when_a_name_leads_elsewhere_then_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
