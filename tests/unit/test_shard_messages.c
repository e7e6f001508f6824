/* Messages to the application and from it, and the journal between the two. */
#include <string.h>

#include "tests/unit/support_shard.h"

/* What the application does on every message; the count stands in rig->user. */
static void answer(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    struct shard_rig *rig = context;
    struct rfx_bytes id;
    struct rfx_builder *builder;
    uint64_t seq_num;
    assert_int_equal(rfx_message_get(message, 11, &id), RFX_OK);
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    rfx_builder_put(builder, 11, id);
    rfx_builder_put_char(builder, 39, '0');
    rfx_builder_put_decimal(builder, 44, (struct rfx_decimal){.mantissa = -1250, .scale = 2});
    rfx_builder_put_int(builder, 38, 100);
    rfx_builder_put_utc(builder, 60, 0, 3);
    rfx_builder_put_data(builder, 95, 96,
                         rfx_bytes_of("a\x01"
                                      "b",
                                      3));
    assert_int_equal(rfx_session_commit(session, builder, &seq_num), RFX_OK);
    shard_rig_trace(rig, "app %s sent %llu", shard_rig_name(session), (unsigned long long)seq_num);
}

static struct shard_rig *opened(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    return rig;
}

static void test_messages_when_answered_then_stored_as_one_batch_and_sent_in_order(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = answer;
    opened(state);
    size_t appends = rig->journal.append_count;
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_receive(rig, 1, "A", "35=D|34=3|11=Y");
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
#define REST " 39=0 44=-12.50 38=100 60=19700101-00:00:00.000 95=3 96=a^b\n"
    expect_shard_trace(rig, "app A sent 2\n"
                            "app A sent 3\n"
                            "journal A message 2\n"
                            "journal A message 3\n"
                            "journal A numbers 4 4\n"
                            "wire 1 > ExecutionReport seq=2 11=X" REST
                            "wire 1 > ExecutionReport seq=3 11=Y" REST);
    assert_int_equal(rig->journal.append_count, appends + 1);
}

static void test_messages_when_not_answered_then_progress_is_stored_all_the_same(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_receive(rig, 1, "A", "35=0|34=3");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_message NewOrderSingle seq=2 11=X\n"
                            "journal A numbers 2 4\n");
}

static void test_messages_when_nothing_is_to_store_then_the_journal_is_left_alone(void **state)
{
    struct shard_rig *rig = opened(state);
    size_t appends = rig->journal.append_count;
    shard_rig_receive(rig, 1, "A", "35=D|34=1|43=Y|122=@-1|11=OLD");
    for (int i = 0; i < 10; i++) {
        assert_int_equal(shard_rig_turn(rig), RFX_OK);
    }
    assert_int_equal(rig->journal.append_count, appends);
    assert_int_equal(rig->sent_count, 1);
}

static void test_stored_message_when_read_then_byte_for_byte_what_was_sent(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = answer;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    rig->is_wire_blocked = true;
    shard_rig_settle(rig);
    uint32_t type;
    uint32_t size;
    const struct rfx_link_send *send = rfx_ring_peek(&rig->to_loops[0], &type, &size);
    const struct fake_row *row = &shard_rig_stored(rig, "A")->rows[1];
    assert_int_equal(type, RFX_LINK_SEND);
    assert_int_equal(row->seq_num, 2);
    assert_int_equal(send->size, row->size);
    assert_memory_equal(send + 1, row->data, row->size);
}

static void test_messages_when_not_persisted_then_numbers_alone(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0].persist_messages = false;
    rig->app.on_message = answer;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A sent 2\n"
                            "journal A numbers 3 3\n"
                            "wire 1 > ExecutionReport seq=2 11=X" REST);
}

static void test_append_when_it_fails_then_nothing_is_sent_and_the_shard_is_done(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = answer;
    opened(state);
    rig->journal.fail_append = rig->journal.append_count + 1;
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    assert_int_equal(shard_rig_turn(rig), RFX_E_JOURNAL);
    assert_string_equal(rig->error.text, "append failed on purpose");
    expect_shard_trace(rig, "app A sent 2\n");
    shard_rig_receive(rig, 1, "A", "35=D|34=3|11=Y");
    rig->now_ms += 100000;
    for (int i = 0; i < 3; i++) {
        shard_rig_turn(rig);
    }
    expect_shard_trace(rig, "");
    assert_true(rfx_shard_is_stopped(rig->shard));
}

static void test_numbers_when_opened_again_then_they_go_on(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = answer;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_settle(rig);
    shard_rig_reopen(rig);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 1, "A", "35=A|34=3|98=0|108=30");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_connect\n"
                            "app A on_logon healthy\n"
                            "journal A message 3\n"
                            "journal A numbers 4 4\n"
                            "wire 1 > Logon seq=3 98=0 108=30\n");
}

/* The numbers behind the reset are the ones before it, and still they have to be stored. */
static void test_numbers_when_reset_by_logon_then_the_journal_has_both(void **state)
{
    struct shard_rig *rig = opened(state);
    struct fake_session *stored = shard_rig_stored(rig, "A");
    assert_int_equal(stored->next_out, 2);
    assert_int_equal(stored->next_in, 2);
    shard_rig_receive(rig, 1, "A", "35=A|34=1|98=0|108=30|141=Y");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "journal A reset\njournal A message 1\n"));
    assert_true(shard_rig_saw(rig, "wire 1 > Logon seq=1 98=0 108=30 141=Y\n"));
    assert_int_equal(stored->next_out, 2);
    assert_int_equal(stored->next_in, 2);
}

static void test_numbers_when_reset_and_used_in_one_turn_then_nothing_is_lost(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = answer;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_receive(rig, 1, "A", "35=A|34=1|98=0|108=30|141=Y");
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=Y");
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    expect_shard_trace(rig, "app A sent 2\n"
                            "app A sent 2\n"
                            "journal A message 2\n"
                            "journal A reset\n"
                            "journal A message 1\n"
                            "journal A message 2\n"
                            "journal A numbers 3 3\n"
                            "wire 1 > ExecutionReport seq=2 11=X" REST
                            "wire 1 > Logon seq=1 98=0 108=30 141=Y\n"
                            "wire 1 > ExecutionReport seq=2 11=Y" REST);
}

static void test_reset_when_connected_then_refused_else_stored(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0].acceptor_template = false;
    strcpy(rig->sessions[0].target_comp_id, "A");
    shard_rig_open(rig);
    struct rfx_session *session = shard_rig_add(rig, &rig->sessions[0], "A");
    shard_rig_log_on(rig, 1, "A");
    assert_int_equal(rfx_session_reset(session), RFX_E_STATE);
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    assert_int_equal(rfx_session_reset(session), RFX_OK);
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    expect_shard_trace(rig, "journal A reset\n"
                            "journal A numbers 1 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_messages_when_answered_then_stored_as_one_batch_and_sent_in_order),
        SHARD_TEST(test_messages_when_not_answered_then_progress_is_stored_all_the_same),
        SHARD_TEST(test_messages_when_nothing_is_to_store_then_the_journal_is_left_alone),
        SHARD_TEST(test_stored_message_when_read_then_byte_for_byte_what_was_sent),
        SHARD_TEST(test_messages_when_not_persisted_then_numbers_alone),
        SHARD_TEST(test_append_when_it_fails_then_nothing_is_sent_and_the_shard_is_done),
        SHARD_TEST(test_numbers_when_opened_again_then_they_go_on),
        SHARD_TEST(test_numbers_when_reset_by_logon_then_the_journal_has_both),
        SHARD_TEST(test_numbers_when_reset_and_used_in_one_turn_then_nothing_is_lost),
        SHARD_TEST(test_reset_when_connected_then_refused_else_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
