/* A shard whose journal has no room: nothing is sent that is not journaled, nothing is lost, and it
 * goes on when there is room again. And what JournalInbound adds to a batch. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_shard.h"

static void trace_log(void *context, enum rfx_log_level level, const char *session,
                      const char *text)
{
    (void)level;
    (void)session;
    if (strncmp(text, "shard", 5) == 0) {
        shard_rig_trace(context, "log %s", text);
    }
}

static void ignore(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    (void)context;
    (void)session;
    (void)message;
}

static struct shard_rig *opened(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_log = trace_log;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    return rig;
}

static void answer(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    (void)context;
    (void)message;
    assert_int_equal(shard_rig_send(session, "8", 11, "answer"), RFX_OK);
}

/* ------------------------------------------------------------------------------------- busy */

static void test_room_when_busy_then_waits_and_loses_nothing(void **state)
{
    struct shard_rig *rig = opened(state);
    rig->journal.room = RFX_JOURNAL_BUSY;
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(shard_rig_turn(rig), RFX_OK);
        assert_int_equal(rfx_shard_deadline_ns(rig->shard),
                         rig->start_ns + (rig->now_ms + 1) * RFX_NS_PER_MS);
        rig->now_ms++;
    }
    expect_shard_trace(rig, "");
    rig->journal.room = RFX_JOURNAL_ROOM;
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_message NewOrderSingle seq=2 11=X\n"
                            "journal A numbers 2 3\n");
}

static void test_room_when_busy_then_not_asked_before_its_time(void **state)
{
    struct shard_rig *rig = opened(state);
    rig->journal.room = RFX_JOURNAL_BUSY;
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    rig->journal.room = RFX_JOURNAL_ROOM;
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    expect_shard_trace(rig, "");
    rig->now_ms++;
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    assert_true(shard_rig_saw(rig, "on_message"));
}

/* ------------------------------------------------------------------------------------ stuck */

static void test_room_when_stuck_then_sessions_are_logged_out(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_log_on(rig, 2, "B");
    rig->journal.room = RFX_JOURNAL_STUCK;
    shard_rig_settle(rig);
    expect_shard_trace(rig, "log shard 0: the journal has no room: its sessions are logged "
                            "out, and may log on again when there is some\n"
                            "journal A message 2\n"
                            "journal B message 2\n"
                            "journal B numbers 3 2\n"
                            "journal A numbers 3 2\n"
                            "wire 1 > Logout seq=2 58=the journal is full\n"
                            "wire 2 > Logout seq=2 58=the journal is full\n");
    shard_rig_receive(rig, 1, "A", "35=5|34=2");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 close"));
    shard_rig_forget(rig);
    shard_rig_receive(rig, 3, "A", "35=A|34=3|98=0|108=30");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 3 close: the journal has no room"));
    assert_false(shard_rig_saw(rig, "journal A"));
}

static void test_room_when_there_is_some_again_then_sessions_log_on(void **state)
{
    struct shard_rig *rig = opened(state);
    rig->journal.room = RFX_JOURNAL_STUCK;
    shard_rig_settle(rig);
    shard_rig_receive(rig, 1, "A", "35=5|34=2");
    shard_rig_settle(rig);
    rig->journal.room = RFX_JOURNAL_ROOM;
    shard_rig_forget(rig);
    /* It looks by itself. */
    assert_true(rfx_shard_deadline_ns(rig->shard) <=
                rig->start_ns + (rig->now_ms + 10) * RFX_NS_PER_MS);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "log shard 0: the journal has room again: sessions may log "
                            "on\n");
    shard_rig_receive(rig, 2, "A", "35=A|34=3|98=0|108=30");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 2 > Logon seq=3"));
    assert_true(shard_rig_saw(rig, "app A on_logon healthy"));
}

static void test_room_when_stuck_then_an_initiator_is_not_logged_on(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0].role = RFX_ROLE_INITIATOR;
    rig->sessions[0].acceptor_template = false;
    rig->sessions[0].hosts[0] = (struct rfx_host){.name = "10.0.0.1", .port = 5001};
    strcpy(rig->sessions[0].target_comp_id, "A");
    shard_rig_open(rig);
    shard_rig_add(rig, &rig->sessions[0], "A");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "connect"));
    rig->journal.room = RFX_JOURNAL_STUCK;
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_say(rig, RFX_LINK_CONNECTED, 1, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    assert_false(shard_rig_saw(rig, "Logon"));
    rig->journal.room = RFX_JOURNAL_ROOM;
    shard_rig_forget(rig);
    for (unsigned i = 0; i < 100 && !shard_rig_saw(rig, "connect"); i++) {
        shard_rig_advance(rig, 1000);
    }
    shard_rig_say(rig, RFX_LINK_CONNECTED, 2, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "> Logon seq=1"));
}

/* A shard with the initiator A, which wants to connect. */
static struct shard_rig *with_initiator(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0].role = RFX_ROLE_INITIATOR;
    rig->sessions[0].acceptor_template = false;
    rig->sessions[0].hosts[0] = (struct rfx_host){.name = "10.0.0.1", .port = 5001};
    strcpy(rig->sessions[0].target_comp_id, "A");
    shard_rig_open(rig);
    shard_rig_add(rig, &rig->sessions[0], "A");
    return rig;
}

static void test_room_when_stuck_then_an_initiator_does_not_connect(void **state)
{
    struct shard_rig *rig = with_initiator(state);
    rig->journal.room = RFX_JOURNAL_STUCK;
    shard_rig_advance(rig, 100000);
    assert_false(shard_rig_saw(rig, "wire connect"));
    rig->journal.room = RFX_JOURNAL_ROOM;
    shard_rig_advance(rig, 2000);
    assert_true(shard_rig_saw(rig, "wire connect 10.0.0.1:5001 token 0\n"));
}

/* The connect was under way when the journal got stuck. */
static void test_room_when_stuck_then_a_late_connection_is_counted_once(void **state)
{
    struct shard_rig *rig = with_initiator(state);
    shard_rig_settle(rig);
    rig->journal.room = RFX_JOURNAL_STUCK;
    shard_rig_settle(rig);
    shard_rig_say(rig, RFX_LINK_CONNECTED, 1, 0, RFX_REASON_NONE);
    shard_rig_advance(rig, 100000);
    assert_int_equal(rig->close_count, 1);
    assert_int_equal(rig->disconnects[RFX_REASON_JOURNAL_FULL], 1);
}

/* ------------------------------------------------------------------------------------- full */

static void test_append_when_full_then_kept_and_sent_once_there_is_room(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = answer;
    opened(state);
    rig->journal.is_full = true;
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    expect_shard_trace(rig, "log shard 0: nothing is sent until it is journaled: full on "
                            "purpose\n");
    shard_rig_receive(rig, 1, "A", "35=D|34=3|11=Y");
    shard_rig_advance(rig, 100);
    expect_shard_trace(rig, "");
    rig->journal.is_full = false;
    shard_rig_advance(rig, 10);
    expect_shard_trace(rig, "journal A message 2\n"
                            "journal A numbers 3 3\n"
                            "wire 1 > ExecutionReport seq=2 11=answer\n"
                            "journal A message 3\n"
                            "journal A numbers 4 4\n"
                            "wire 1 > ExecutionReport seq=3 11=answer\n");
}

static void test_stop_when_full_for_long_then_gives_up_with_nothing_sent(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = answer;
    opened(state);
    rig->journal.is_full = true;
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    rfx_shard_stop(rig->shard);
    rig->now_ms += 1000;
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    assert_false(rfx_shard_is_stopped(rig->shard));
    rig->now_ms += 5000;
    assert_int_equal(shard_rig_turn(rig), RFX_E_JOURNAL);
    assert_non_null(strstr(rig->error.text, "neither journaled nor sent"));
    assert_true(rfx_shard_is_stopped(rig->shard));
    assert_false(shard_rig_saw(rig, "wire"));
}

/* It counts from the stop on: the operator may have made room just before. */
static void test_stop_when_full_for_long_before_then_it_still_waits(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = answer;
    opened(state);
    rig->journal.is_full = true;
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_advance(rig, 60000);
    rfx_shard_stop(rig->shard);
    shard_rig_advance(rig, 4900);
    assert_false(rfx_shard_is_stopped(rig->shard));
    rig->journal.is_full = false;
    shard_rig_advance(rig, 10);
    assert_true(shard_rig_saw(rig, "wire 1 > ExecutionReport seq=2 11=answer\n"));
    assert_true(shard_rig_saw(rig, "wire 1 > Logout seq=3 58=the server stops\n"));
}

/* A disk that does not answer must not keep the server from its end. */
static void test_stop_when_busy_for_long_then_gives_up(void **state)
{
    struct shard_rig *rig = opened(state);
    rig->journal.room = RFX_JOURNAL_BUSY;
    rfx_shard_stop(rig->shard);
    shard_rig_advance(rig, 4900);
    assert_false(rfx_shard_is_stopped(rig->shard));
    rig->now_ms += 200;
    assert_int_equal(shard_rig_turn(rig), RFX_E_JOURNAL);
    assert_non_null(strstr(rig->error.text, "not logged out"));
    assert_true(rfx_shard_is_stopped(rig->shard));
}

/* ---------------------------------------------------------------------------------- inbound */

static void test_inbound_when_journaled_then_in_the_batch_of_its_progress(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0].journal_inbound = true;
    rig->app.on_message = answer;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_receive(rig, 1, "A", "35=0|34=3");
    shard_rig_receive(rig, 1, "A", "35=D|34=1|43=Y|122=@-1|11=OLD");
    size_t appends = rig->journal.append_count;
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    assert_int_equal(rig->journal.append_count, appends + 1);
    assert_true(shard_rig_saw(rig, "journal A inbound 2 8=FIX.4"));
    assert_true(shard_rig_saw(rig, "11=X"));
    assert_true(shard_rig_saw(rig, "journal A message 2\njournal A numbers 3 4"));
    assert_false(shard_rig_saw(rig, "inbound 3"));
    assert_false(shard_rig_saw(rig, "inbound 1 "));
}

/* Messages that waited behind a gap are journaled when their turn comes. */
static void test_inbound_when_it_waited_behind_a_gap_then_under_its_own_number(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0].journal_inbound = true;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=3|11=Y");
    shard_rig_settle(rig);
    assert_false(shard_rig_saw(rig, "inbound"));
    shard_rig_receive(rig, 1, "A", "35=D|34=2|43=Y|122=@0|11=X");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "journal A inbound 2 "));
    assert_true(shard_rig_saw(rig, "journal A inbound 3 "));
}

/* The Logon's number is stepped over with the message before it. */
static void test_inbound_when_the_logon_was_ahead_then_under_its_own_number(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0].journal_inbound = true;
    shard_rig_open(rig);
    shard_rig_receive(rig, 1, "A", "35=A|34=3|98=0|108=30");
    shard_rig_receive(rig, 1, "A", "35=D|34=1|43=Y|122=@0|11=X");
    shard_rig_receive(rig, 1, "A", "35=D|34=2|43=Y|122=@0|11=Y");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "journal A inbound 1 "));
    assert_true(shard_rig_saw(rig, "journal A inbound 2 "));
    assert_false(shard_rig_saw(rig, "journal A inbound 3 "));
    assert_true(shard_rig_saw(rig, "numbers 3 4"));
}

/* However much comes in a turn, each batch has room for it. */
static void test_inbound_when_messages_are_long_then_in_several_batches(void **state)
{
    struct shard_rig *rig = *state;
    static char text[3500];
    rig->sessions[0].journal_inbound = true;
    rig->app.on_message = ignore;
    opened(state);
    for (unsigned i = 2; i < 12; i++) {
        const int size = snprintf(text, sizeof text, "35=D|34=%u|58=", i);
        memset(text + size, 'x', sizeof text - (size_t)size - 1);
        shard_rig_receive(rig, 1, "A", text);
    }
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "journal A numbers 2 12"));
    assert_true(shard_rig_saw(rig, "journal A inbound 11 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_room_when_busy_then_waits_and_loses_nothing),
        SHARD_TEST(test_room_when_busy_then_not_asked_before_its_time),
        SHARD_TEST(test_room_when_stuck_then_sessions_are_logged_out),
        SHARD_TEST(test_room_when_there_is_some_again_then_sessions_log_on),
        SHARD_TEST(test_room_when_stuck_then_an_initiator_is_not_logged_on),
        SHARD_TEST(test_room_when_stuck_then_an_initiator_does_not_connect),
        SHARD_TEST(test_room_when_stuck_then_a_late_connection_is_counted_once),
        SHARD_TEST(test_append_when_full_then_kept_and_sent_once_there_is_room),
        SHARD_TEST(test_stop_when_full_for_long_then_gives_up_with_nothing_sent),
        SHARD_TEST(test_stop_when_full_for_long_before_then_it_still_waits),
        SHARD_TEST(test_stop_when_busy_for_long_then_gives_up),
        SHARD_TEST(test_inbound_when_journaled_then_in_the_batch_of_its_progress),
        SHARD_TEST(test_inbound_when_it_waited_behind_a_gap_then_under_its_own_number),
        SHARD_TEST(test_inbound_when_the_logon_was_ahead_then_under_its_own_number),
        SHARD_TEST(test_inbound_when_messages_are_long_then_in_several_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
