/* Who is let in, who is not, and what becomes of connections. */
#include <string.h>

#include "tests/unit/support_shard.h"

#define LOGON "35=A|34=1|98=0|108=30"

/* A shard with the template alone. */
static struct shard_rig *opened(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    return rig;
}

static struct rfx_session_config fixed_session(const struct shard_rig *rig, const char *target)
{
    struct rfx_session_config config = rig->sessions[0];
    config.acceptor_template = false;
    strcpy(config.target_comp_id, target);
    return config;
}

static void test_logon_when_session_is_configured_then_taken(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0] = fixed_session(rig, "A");
    opened(state);
    struct rfx_session *session = shard_rig_add(rig, &rig->sessions[0], "A");
    rig->traces_states = true;
    shard_rig_receive(rig, 1, "A", LOGON);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A UNKNOWN -> DISCONNECTED_NOCONN_TODAY\n"
                            "app A DISCONNECTED_NOCONN_TODAY -> AWAITING_CONNECTION\n"
                            "app A on_connect\n"
                            "app A AWAITING_CONNECTION -> NETWORK_CONN_ESTABLISHED\n"
                            "app A NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                            "app A LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                            "app A LOGON_RESPONSE -> ACTIVE\n"
                            "app A on_logon healthy\n"
                            "journal A message 1\n"
                            "journal A numbers 2 2\n"
                            "wire 1 > Logon seq=1 98=0 108=30\n");
    assert_string_equal(rfx_session_name(session), "FIX.4.4:SERVER->A");
    assert_int_equal(rfx_session_role(session), RFX_ROLE_ACCEPTOR);
    assert_string_equal(rfx_session_begin_string(session), "FIX.4.4");
    assert_memory_equal(rfx_session_sender_comp_id(session).data, "SERVER", 6);
    assert_int_equal(rfx_session_sender_comp_id(session).size, 6);
    assert_memory_equal(rfx_session_target_comp_id(session).data, "A", 1);
    assert_int_equal(rfx_session_target_comp_id(session).size, 1);
}

static void test_logon_when_session_is_unknown_then_closed_in_silence(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0] = fixed_session(rig, "A");
    opened(state);
    shard_rig_add(rig, &rig->sessions[0], "A");
    shard_rig_receive(rig, 1, "B", LOGON);
    shard_rig_receive(rig, 2, "A", "35=A|34=1|56=OTHER|98=0|108=30");
    shard_rig_receive(rig, 3, "A", "35=A|34=1|8=FIX.4.2|98=0|108=30");
    shard_rig_receive(rig, 4, "A", "35=A|34=1|!49|98=0|108=30");
    shard_rig_settle(rig);
#define UNKNOWN "no session with this BeginString, SenderCompID and TargetCompID\n"
    expect_shard_trace(rig, "wire 1 close: " UNKNOWN "wire 2 close: " UNKNOWN
                            "wire 3 close: " UNKNOWN "wire 4 close: " UNKNOWN);
}

static void test_logon_when_a_template_fits_then_session_is_made(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_receive(rig, 1, "A", LOGON);
    shard_rig_receive(rig, 2, "B", LOGON);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_connect\n"
                            "app A on_logon healthy\n"
                            "app B on_connect\n"
                            "app B on_logon healthy\n"
                            "journal A message 1\n"
                            "journal B message 1\n"
                            "journal B numbers 2 2\n"
                            "journal A numbers 2 2\n"
                            "wire 1 > Logon seq=1 98=0 108=30\n"
                            "wire 2 > Logon seq=1 98=0 108=30\n");
    assert_int_equal(rig->session_count, 2);
}

static void test_logon_when_a_template_fits_but_comp_id_is_ugly_then_closed(void **state)
{
    struct shard_rig *rig = opened(state);
    char text[256] = "35=A|34=1|98=0|108=30|49=";
    memset(text + strlen(text), 'X', RFX_COMP_ID_MAX + 1);
    shard_rig_receive(rig, 1, "A->B", LOGON);
    shard_rig_receive(rig, 2, "A\tB", LOGON);
    shard_rig_receive(rig, 3, "\xc3\xa4", LOGON);
    shard_rig_receive(rig, 4, "", LOGON);
    shard_rig_receive(rig, 5, "", text);
    shard_rig_settle(rig);
    assert_int_equal(rig->close_count, 5);
    assert_int_equal(rig->session_count, 0);
    assert_int_equal(rig->journal.session_count, 0);
}

static void test_logon_when_unsound_then_no_session_is_left_of_it(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_receive(rig, 1, "A", "35=A|34=1|98=0|108=-1");
    shard_rig_receive(rig, 2, "B", "35=A|34=1|98=5|108=30");
    shard_rig_receive(rig, 3, "C", "35=A|34=2|98=0|108=30|141=Y");
    shard_rig_receive(rig, 4, "D", "35=A|!34|98=0|108=30");
    shard_rig_receive(rig, 5, "E", "35=0|34=1");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_connect\n"
                            "app A on_disconnect: invalid Logon\n"
                            "app B on_connect\n"
                            "app B on_disconnect: invalid Logon\n"
                            "app C on_connect\n"
                            "app C on_disconnect: invalid Logon\n"
                            "app D on_connect\n"
                            "app D on_disconnect: invalid Logon\n"
                            "wire 1 close: invalid Logon\n"
                            "wire 2 close: invalid Logon\n"
                            "wire 3 close: invalid Logon\n"
                            "wire 4 close: invalid Logon\n"
                            "wire 5 close: first message is not a Logon\n");
    assert_int_equal(rig->session_count, 0);
    assert_int_equal(rig->journal.session_count, 0);
    assert_int_equal(rig->disconnects[RFX_REASON_INVALID_LOGON], 4);
    assert_int_equal(rig->disconnects[RFX_REASON_NOT_A_LOGON], 1);
}

static void test_logon_when_max_sessions_is_reached_then_closed_and_known_ones_welcome(void **state)
{
    struct shard_rig *rig = *state;
    rig->config.sessions_max = 2;
    opened(state);
    shard_rig_log_on(rig, 1, "A");
    shard_rig_log_on(rig, 2, "B");
    shard_rig_receive(rig, 3, "C", LOGON);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "wire 3 close: MaxSessions is reached\n");
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 4, "A", "35=A|34=2|98=0|108=30");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "app A on_logon healthy\n"));
    assert_int_equal(rig->session_count, 2);
}

static void test_logon_when_the_journal_fails_then_closed_and_nothing_counted(void **state)
{
    struct shard_rig *rig = opened(state);
    rig->journal.fail_attach = true;
    shard_rig_receive(rig, 1, "A", LOGON);
    shard_rig_settle(rig);
    assert_int_equal(rig->close_count, 1);
    assert_int_equal(rig->session_count, 0);
    rig->journal.fail_attach = false;
    shard_rig_log_on(rig, 2, "A");
}

static void test_logon_when_session_is_connected_then_second_one_is_refused(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_log_on(rig, 1, "A");
    shard_rig_receive_on(rig, 1, 1, "A", "35=A|34=2|98=0|108=30");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "wire 1 close: the session is already connected\n");
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X"); /* the first one lives */
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_message NewOrderSingle seq=2 11=X\n"
                            "journal A numbers 2 3\n");
}

static void test_connections_when_on_two_loops_then_answers_go_where_they_belong(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_receive_on(rig, 0, 7, "A", LOGON);
    shard_rig_receive_on(rig, 1, 7, "B", LOGON);
    rig->is_wire_blocked = true;
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t type;
        uint32_t size;
        const struct rfx_link_send *send = rfx_ring_peek(&rig->to_loops[i], &type, &size);
        assert_int_equal(type, RFX_LINK_SEND);
        assert_int_equal(send->conn.loop, i);
        assert_int_equal(send->conn.index, 7);
        assert_non_null(memmem(send + 1, send->size, i == 0 ? "56=A\x01" : "56=B\x01", 5));
    }
    assert_int_equal(rig->notify_count, 2); /* once per loop and turn */
}

static void test_connection_when_it_ends_then_every_on_connect_has_its_on_disconnect(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_log_on(rig, 1, "A");
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_CONNECTION_LOST);
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_CONNECTION_LOST);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_disconnect: connection lost\n"
                            "wire 1 close: connection lost\n");
    rig->generation = 2;
    shard_rig_receive(rig, 1, "A", "35=A|34=2|98=1|108=30");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_connect\n"
                            "app A on_disconnect: invalid Logon\n"
                            "wire 1 close: invalid Logon\n");
}

static void test_connection_when_its_slot_is_used_again_then_stale_news_is_ignored(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_log_on(rig, 1, "A");
    rig->generation = 2;
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_say(rig, RFX_LINK_DRAINED, 1, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "");
    rig->generation = 1;
    shard_rig_receive(rig, 1, "A", "35=0|34=2");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A numbers 2 3\n");
}

/* The loop may have handed on more messages before it reads the CLOSE. They belong to a
 * connection that is over: nobody may be attached to it again, for its end is reported no more. */
static void test_connection_when_closed_by_us_then_its_later_messages_are_nothing(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_log_on(rig, 1, "A");
    shard_rig_receive(rig, 1, "A", "35=5|34=2");
    shard_rig_receive(rig, 1, "A", "35=A|34=3|98=0|108=0");
    shard_rig_receive(rig, 1, "A", "35=D|34=4|11=X");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 close: the counterparty logged out\n"));
    assert_false(shard_rig_saw(rig, "on_connect"));
    shard_rig_forget(rig);
    rig->generation = 2;
    shard_rig_receive(rig, 1, "A", "35=A|34=3|98=0|108=30");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "app A on_logon healthy\n"));
}

static void test_stranger_when_closed_then_its_later_logon_is_nothing(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_receive(rig, 1, "A", "35=0|34=1");
    shard_rig_receive(rig, 1, "A", LOGON);
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 close: first message is not a Logon\n"));
    assert_false(shard_rig_saw(rig, "on_connect"));
}

/* -------------------------------------------------------------------------------- initiator */

static struct rfx_session *with_initiator(struct shard_rig *rig)
{
    struct rfx_session_config *config = &rig->sessions[1];
    *config = fixed_session(rig, "EXCHANGE");
    config->role = RFX_ROLE_INITIATOR;
    config->hosts[0] = (struct rfx_host){.name = "exchange.example", .port = 9876};
    rig->config.session_count = 2;
    shard_rig_open(rig);
    return shard_rig_add(rig, config, "EXCHANGE");
}

static void test_initiator_when_started_then_connects_and_logs_on(void **state)
{
    struct shard_rig *rig = *state;
    with_initiator(rig);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "wire connect exchange.example:9876 token 0\n");
    shard_rig_say(rig, RFX_LINK_CONNECTED, 5, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app EXCHANGE on_connect\n"
                            "journal EXCHANGE message 1\n"
                            "journal EXCHANGE numbers 2 1\n"
                            "wire 5 > Logon seq=1 98=0 108=30\n");
    shard_rig_receive(rig, 5, "EXCHANGE", LOGON);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app EXCHANGE on_logon healthy\n"
                            "journal EXCHANGE numbers 2 2\n");
}

static void test_initiator_when_connect_fails_then_again_after_the_interval(void **state)
{
    struct shard_rig *rig = *state;
    struct rfx_session *session = with_initiator(rig);
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 5, 0, RFX_REASON_CONNECT_FAILED);
    shard_rig_advance(rig, 29999);
    expect_shard_trace(rig, ""); /* no on_disconnect: there was no on_connect */
    assert_int_equal(rfx_session_state(session), RFX_DISCONNECTED_BROKEN_CONN);
    shard_rig_advance(rig, 1);
    expect_shard_trace(rig, "wire connect exchange.example:9876 token 0\n");
}

static void test_initiator_when_a_connect_succeeds_too_late_then_closed(void **state)
{
    struct shard_rig *rig = *state;
    with_initiator(rig);
    shard_rig_advance(rig, 20000); /* given up */
    shard_rig_forget(rig);
    shard_rig_say(rig, RFX_LINK_CONNECTED, 5, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    assert_int_equal(rig->close_count, 1);
    assert_false(shard_rig_saw(rig, "on_connect"));
}

static void test_initiator_when_it_cannot_connect_again_then_no_second_on_disconnect(void **state)
{
    struct shard_rig *rig = *state;
    with_initiator(rig);
    shard_rig_settle(rig);
    shard_rig_say(rig, RFX_LINK_CONNECTED, 5, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 5, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_advance(rig, 30000);
    assert_true(shard_rig_saw(rig, "app EXCHANGE on_disconnect: the counterparty refused our "
                                   "Logon\n"));
    shard_rig_forget(rig);
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 5, 0, RFX_REASON_CONNECT_FAILED);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "");
}

/* A connect that was given up may fail long after another one has succeeded. */
static void test_initiator_when_an_old_connect_fails_then_the_live_connection_stays(void **state)
{
    struct shard_rig *rig = *state;
    struct rfx_session *session = with_initiator(rig);
    shard_rig_advance(rig, 50000); /* given up, and tried again */
    shard_rig_say(rig, RFX_LINK_CONNECTED, 5, 0, RFX_REASON_NONE);
    shard_rig_receive(rig, 5, "EXCHANGE", LOGON);
    shard_rig_settle(rig);
    assert_int_equal(rfx_session_state(session), RFX_ACTIVE);
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 6, 0, RFX_REASON_CONNECT_FAILED);
    shard_rig_settle(rig);
    assert_int_equal(rfx_session_state(session), RFX_ACTIVE);
}

static void test_logon_when_the_session_is_an_initiators_then_closed(void **state)
{
    struct shard_rig *rig = *state;
    with_initiator(rig);
    shard_rig_receive(rig, 1, "EXCHANGE", LOGON);
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 close: " UNKNOWN));
    assert_false(shard_rig_saw(rig, "on_connect"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_logon_when_session_is_configured_then_taken),
        SHARD_TEST(test_logon_when_session_is_unknown_then_closed_in_silence),
        SHARD_TEST(test_logon_when_a_template_fits_then_session_is_made),
        SHARD_TEST(test_logon_when_a_template_fits_but_comp_id_is_ugly_then_closed),
        SHARD_TEST(test_logon_when_unsound_then_no_session_is_left_of_it),
        SHARD_TEST(test_logon_when_max_sessions_is_reached_then_closed_and_known_ones_welcome),
        SHARD_TEST(test_logon_when_the_journal_fails_then_closed_and_nothing_counted),
        SHARD_TEST(test_logon_when_session_is_connected_then_second_one_is_refused),
        SHARD_TEST(test_connections_when_on_two_loops_then_answers_go_where_they_belong),
        SHARD_TEST(test_connection_when_it_ends_then_every_on_connect_has_its_on_disconnect),
        SHARD_TEST(test_connection_when_its_slot_is_used_again_then_stale_news_is_ignored),
        SHARD_TEST(test_connection_when_closed_by_us_then_its_later_messages_are_nothing),
        SHARD_TEST(test_stranger_when_closed_then_its_later_logon_is_nothing),
        SHARD_TEST(test_initiator_when_started_then_connects_and_logs_on),
        SHARD_TEST(test_initiator_when_connect_fails_then_again_after_the_interval),
        SHARD_TEST(test_initiator_when_a_connect_succeeds_too_late_then_closed),
        SHARD_TEST(test_initiator_when_it_cannot_connect_again_then_no_second_on_disconnect),
        SHARD_TEST(test_initiator_when_an_old_connect_fails_then_the_live_connection_stays),
        SHARD_TEST(test_logon_when_the_session_is_an_initiators_then_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
