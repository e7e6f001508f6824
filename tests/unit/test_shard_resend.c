/* ResendRequests served in slices between other work. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_shard.h"

#define STORED 5000

static void remember(void *context, struct rfx_session *session, bool is_healthy)
{
    struct shard_rig *rig = context;
    (void)is_healthy;
    if (rig->user == NULL) {
        rig->user = session;
    }
}

/* A has been sent messages 2 to STORED + 1, in as many turns as it takes. B is logged on too. */
static struct shard_rig *with_history(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_logon = remember;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    shard_rig_log_on(rig, 2, "B");
    for (int i = 2; i <= STORED + 1; i++) {
        char id[24];
        snprintf(id, sizeof id, "%d", i);
        rfx_status status = shard_rig_send(rig->user, "8", 37, id);
        if (status == RFX_E_FULL) {
            assert_int_equal(shard_rig_turn(rig), RFX_OK);
            status = shard_rig_send(rig->user, "8", 37, id);
        }
        assert_int_equal(status, RFX_OK);
    }
    shard_rig_settle(rig);
    assert_int_equal(shard_rig_stored(rig, "A")->next_out, STORED + 2);
    shard_rig_forget(rig);
    rig->sent_count = 0;
    return rig;
}

/* The trace holds messages first..last of A, each repeated once and in order; the rest is
 * ignored. */
static void expect_repeated(struct shard_rig *rig, int first, int last)
{
    const char *line = rig->trace.data;
    int next = first;
    while ((line = strstr(line, "wire 1 > ExecutionReport seq=")) != NULL) {
        int seq_num = 0;
        int id = 0;
        int count =
            sscanf(line, "wire 1 > ExecutionReport seq=%d 43=Y 122=0.000 37=%d", &seq_num, &id);
        line++;
        if (count == 2) {
            assert_int_equal(seq_num, next);
            assert_int_equal(id, next);
            next++;
        }
    }
    assert_int_equal(next, last + 1);
}

static void test_resend_when_long_then_in_slices_and_complete(void **state)
{
    struct shard_rig *rig = with_history(state);
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=1|16=0");
    shard_rig_settle(rig);
    expect_repeated(rig, 2, STORED + 1);
    assert_true(shard_rig_saw(rig, "wire 1 > SequenceReset seq=1 43=Y 122=0.000 36=2 123=Y\n"));
    assert_true(rig->drain_count >= 5);
    assert_true(rig->journal.read_count >= 6);
    assert_int_equal(shard_rig_stored(rig, "A")->next_out, STORED + 2);
}

static void test_resend_when_a_slice_is_not_taken_then_waits_and_others_are_served(void **state)
{
    struct shard_rig *rig = with_history(state);
    rig->answers_drains = false;
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=1|16=0");
    shard_rig_settle(rig);
    size_t slice = rig->sent_count;
    assert_true(slice > 20 && slice < 100);
    assert_int_equal(rig->drain_count, 1);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 2, "B", "35=1|34=2|112=B");
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    shard_rig_receive(rig, 2, "B", "35=0|34=3");
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    expect_shard_trace(rig, "journal B message 2\n"
                            "journal B numbers 3 3\n"
                            "wire 2 > Heartbeat seq=2 112=B\n"
                            "journal B numbers 3 4\n");
    shard_rig_receive(rig, 1, "A", "35=1|34=3|112=A");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 > Heartbeat seq=5002 112=A\n"));
    assert_int_equal(rig->drain_count, 1);
    shard_rig_say(rig, RFX_LINK_DRAINED, 1, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    assert_int_equal(rig->drain_count, 2);
    assert_in_range(rig->sent_count, 2 * slice - slice / 5, 2 * slice + slice / 5);
}

/* A resend alone must not make a slow consumer of anybody. */
static void test_resend_when_the_send_queue_is_small_then_its_slices_are_smaller(void **state)
{
    struct shard_rig *rig = *state;
    rig->config.send_queue_size = 4096;
    rig->config.message_size_max = 4096;
    with_history(state);
    rig->answers_drains = false;
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=1|16=0");
    shard_rig_settle(rig);
    assert_int_equal(rig->drain_count, 1);
    assert_true(rig->sent_count > 10 && rig->sent_count * 75 < 4096);
}

static void test_resend_when_messages_are_sent_meanwhile_then_both_arrive_whole(void **state)
{
    struct shard_rig *rig = with_history(state);
    rig->answers_drains = false;
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=2|16=0");
    int sent = 0;
    for (size_t drains = 0; sent < 1000; sent++) {
        char id[24];
        snprintf(id, sizeof id, "new %d", sent);
        assert_int_equal(shard_rig_turn(rig), RFX_OK);
        assert_int_equal(shard_rig_send(rig->user, "8", 37, id), RFX_OK);
        if (rig->drain_count > drains) {
            drains = rig->drain_count;
            shard_rig_say(rig, RFX_LINK_DRAINED, 1, 0, RFX_REASON_NONE);
        }
    }
    shard_rig_settle(rig);
    expect_repeated(rig, 2, STORED + 1);
    assert_int_equal(rig->sent_count, STORED + 1000);
    assert_int_equal(shard_rig_stored(rig, "A")->next_out, STORED + 2 + 1000);
}

static void test_resend_when_two_sessions_ask_then_both_are_served(void **state)
{
    struct shard_rig *rig = with_history(state);
    shard_rig_receive(rig, 2, "B", "35=2|34=2|7=1|16=0");
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=1|16=0");
    shard_rig_settle(rig);
    expect_repeated(rig, 2, STORED + 1);
    assert_true(shard_rig_saw(rig, "wire 2 > SequenceReset seq=1 43=Y 122=0.000 36=2 123=Y\n"));
}

static void test_resend_when_asked_again_halfway_then_from_the_lower_number(void **state)
{
    struct shard_rig *rig = with_history(state);
    rig->answers_drains = false;
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=100|16=0");
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    rig->answers_drains = true;
    shard_rig_receive(rig, 1, "A", "35=2|34=3|7=50|16=60");
    shard_rig_say(rig, RFX_LINK_DRAINED, 1, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    expect_repeated(rig, 50, STORED + 1);
}

static void test_resend_when_asked_again_afterwards_then_served_again(void **state)
{
    struct shard_rig *rig = with_history(state);
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=4000|16=0");
    shard_rig_settle(rig);
    expect_repeated(rig, 4000, STORED + 1);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 1, "A", "35=2|34=3|7=10|16=20");
    shard_rig_settle(rig);
    expect_repeated(rig, 10, 20);
}

static void test_resend_when_the_connection_ends_halfway_then_a_new_one_starts_fresh(void **state)
{
    struct shard_rig *rig = with_history(state);
    rig->answers_drains = false;
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=1|16=0");
    shard_rig_settle(rig);
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_settle(rig);
    size_t sent = rig->sent_count;
    shard_rig_say(rig, RFX_LINK_DRAINED, 1, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    assert_int_equal(rig->sent_count, sent);
    rig->generation = 2;
    rig->answers_drains = true;
    shard_rig_receive(rig, 1, "A", "35=A|34=3|98=0|108=30");
    shard_rig_receive(rig, 1, "A", "35=2|34=4|7=4990|16=0");
    shard_rig_forget(rig);
    shard_rig_settle(rig);
    expect_repeated(rig, 4990, STORED + 1);
}

static void test_resend_when_the_session_restarts_halfway_then_abandoned(void **state)
{
    struct shard_rig *rig = with_history(state);
    rig->answers_drains = false;
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=1|16=0");
    shard_rig_settle(rig);
    shard_rig_receive(rig, 1, "A", "35=A|34=1|98=0|108=30|141=Y");
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_say(rig, RFX_LINK_DRAINED, 1, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "");
}

static void test_resend_when_not_persisted_then_one_gap_fill_without_reading(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0].persist_messages = false;
    rig->app.on_logon = remember;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    assert_int_equal(shard_rig_send(rig->user, "8", 37, "X"), RFX_OK);
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=1|16=0");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 > SequenceReset seq=1 43=Y 122=0.000 36=3 123=Y\n"));
    assert_int_equal(rig->journal.read_count, 0);
}

/* A is asked about orders only: a Logon, a Heartbeat or a Reject is the session layer's. */
static bool only_even(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    int64_t seq_num;
    (void)context;
    (void)session;
    assert_true(rfx_message_is(message, "8"));
    assert_int_equal(rfx_message_get_int(message, 34, &seq_num), RFX_OK);
    return seq_num % 2 == 0;
}

static void test_should_replay_when_asked_then_about_application_messages_alone(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_logon = remember;
    rig->app.should_replay = only_even;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    for (int i = 2; i <= 4; i++) {
        assert_int_equal(shard_rig_send(rig->user, "8", 37, "X"), RFX_OK);
    }
    shard_rig_receive(rig, 1, "A", "35=1|34=2|112=T");
    shard_rig_receive(rig, 1, "A", "35=1|34=3");
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 1, "A", "35=2|34=4|7=1|16=0");
    shard_rig_settle(rig);
    expect_shard_trace(
        rig, "journal A numbers 7 5\n"
             "wire 1 > SequenceReset seq=1 43=Y 122=0.000 36=2 123=Y\n"
             "wire 1 > ExecutionReport seq=2 43=Y 122=0.000 37=X\n"
             "wire 1 > SequenceReset seq=3 43=Y 122=0.000 36=4 123=Y\n"
             "wire 1 > ExecutionReport seq=4 43=Y 122=0.000 37=X\n"
             "wire 1 > SequenceReset seq=5 43=Y 122=0.000 36=6 123=Y\n"
             "wire 1 > Reject seq=6 43=Y 122=0.000 45=3 58=Required tag missing 371=112 372=1 "
             "373=1\n");
}

/* The application sends from should_replay, as much as it is let. */
static bool send_meanwhile(void *context, struct rfx_session *session,
                           const struct rfx_message *message)
{
    (void)context;
    (void)message;
    while (shard_rig_send(session, "8", 37, "0") == RFX_OK) {
    }
    return true;
}

static void test_should_replay_when_it_sends_without_end_then_the_resend_still_ends(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_logon = remember;
    rig->app.should_replay = send_meanwhile;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    for (int i = 2; i <= 6; i++) {
        char id[24];
        snprintf(id, sizeof id, "%d", i);
        assert_int_equal(shard_rig_send(rig->user, "8", 37, id), RFX_OK);
    }
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=2|16=0");
    shard_rig_settle(rig);
    expect_repeated(rig, 2, 6);
}

static void test_read_when_it_fails_then_the_shard_reports_it(void **state)
{
    struct shard_rig *rig = with_history(state);
    rig->journal.fail_read = true;
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=1|16=0");
    assert_int_equal(shard_rig_turn(rig), RFX_E_JOURNAL);
    assert_string_equal(rig->error.text, "read failed on purpose");
}

static void test_resend_when_a_stored_message_is_damaged_then_gap_fill(void **state)
{
    struct shard_rig *rig = with_history(state);
    struct fake_row *rows = shard_rig_stored(rig, "A")->rows;
    rows[1].size = 0;                      /* 2 */
    memset(rows[2].data, 'x', 10);         /* 3: no BeginString */
    memset(rows[3].data, 1, rows[3].size); /* 4: nothing but SOH */
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=1|16=5");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A numbers 5002 3\n"
                            "wire 1 > SequenceReset seq=1 43=Y 122=0.000 36=5 123=Y\n"
                            "wire 1 > ExecutionReport seq=5 43=Y 122=0.000 37=5\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_resend_when_long_then_in_slices_and_complete),
        SHARD_TEST(test_resend_when_a_slice_is_not_taken_then_waits_and_others_are_served),
        SHARD_TEST(test_resend_when_the_send_queue_is_small_then_its_slices_are_smaller),
        SHARD_TEST(test_resend_when_messages_are_sent_meanwhile_then_both_arrive_whole),
        SHARD_TEST(test_resend_when_two_sessions_ask_then_both_are_served),
        SHARD_TEST(test_resend_when_asked_again_halfway_then_from_the_lower_number),
        SHARD_TEST(test_resend_when_asked_again_afterwards_then_served_again),
        SHARD_TEST(test_resend_when_the_connection_ends_halfway_then_a_new_one_starts_fresh),
        SHARD_TEST(test_resend_when_the_session_restarts_halfway_then_abandoned),
        SHARD_TEST(test_resend_when_not_persisted_then_one_gap_fill_without_reading),
        SHARD_TEST(test_should_replay_when_asked_then_about_application_messages_alone),
        SHARD_TEST(test_should_replay_when_it_sends_without_end_then_the_resend_still_ends),
        SHARD_TEST(test_read_when_it_fails_then_the_shard_reports_it),
        SHARD_TEST(test_resend_when_a_stored_message_is_damaged_then_gap_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
