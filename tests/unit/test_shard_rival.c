/* Logons for one session that await their verdicts side by side: a stranger's must not keep the
 * counterparty out, nor use up what is meant for sessions. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_shard.h"

#define LOGON    "35=A|34=1|98=0|108=30"
#define LOGONS   64
#define PENDING  4
#define TEXT_MAX 64

/* The application of these tests: it puts every verdict off, unless told otherwise. */
struct door {
    enum rfx_verdict verdict;
    struct rfx_logon_ticket tickets[LOGONS];
    char addresses[LOGONS][TEXT_MAX];
    void *users[LOGONS];
    size_t asked;
    struct rfx_session *last;
};

static enum rfx_verdict on_authenticate(void *context, struct rfx_session *session,
                                        const struct rfx_message *logon,
                                        const struct rfx_logon_ticket *ticket,
                                        char text[RFX_REFUSAL_MAX])
{
    struct shard_rig *rig = context;
    struct door *door = rig->user;
    (void)logon;
    (void)text;
    assert_true(door->asked < LOGONS);
    door->tickets[door->asked] = *ticket;
    door->users[door->asked] = rfx_session_user(session);
    snprintf(door->addresses[door->asked], TEXT_MAX, "%s", rfx_session_remote_address(session));
    door->asked++;
    door->last = session;
    shard_rig_trace(rig, "app %s on_authenticate", shard_rig_name(session));
    return door->verdict;
}

/* A shard with the session A of the configuration, and the template for all others. */
static struct shard_rig *opened(void **state, struct door *door)
{
    struct shard_rig *rig = *state;
    rig->sessions[1] = rig->sessions[0];
    rig->sessions[1].acceptor_template = false;
    strcpy(rig->sessions[1].target_comp_id, "A");
    rig->config.session_count = 2;
    rig->user = door;
    rig->app.on_authenticate = on_authenticate;
    rig->traces_states = true;
    shard_rig_open(rig);
    shard_rig_add(rig, &rig->sessions[1], "A");
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    return rig;
}

static void knock(struct shard_rig *rig, uint32_t connection, const char *comp_id)
{
    char address[TEXT_MAX];
    snprintf(address, sizeof address, "192.0.2.%u:1", connection);
    rig->peer = address;
    shard_rig_receive(rig, connection, comp_id, LOGON);
    shard_rig_settle(rig);
    rig->peer = NULL;
}

static void settle(struct shard_rig *rig, const struct rfx_logon_ticket *ticket,
                   enum rfx_verdict verdict)
{
    assert_int_equal(rfx_logon_settle(ticket, verdict, NULL), RFX_OK);
    shard_rig_settle(rig);
}

static void test_rival_when_accepted_then_it_has_the_session_and_the_first_is_closed(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    knock(rig, 1, "A");
    shard_rig_forget(rig);
    knock(rig, 2, "A");
    expect_shard_trace(rig, "app A on_authenticate\n");
    assert_string_equal(door.addresses[0], "192.0.2.1:1");
    assert_string_equal(door.addresses[1], "192.0.2.2:1");
    settle(rig, &door.tickets[1], RFX_ACCEPT);
    expect_shard_trace(rig, "app A LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN\n"
                            "app A on_disconnect: the session is already connected\n"
                            "app A DISCONNECTED_BROKEN_CONN -> AWAITING_CONNECTION\n"
                            "app A on_connect\n"
                            "app A AWAITING_CONNECTION -> NETWORK_CONN_ESTABLISHED\n"
                            "app A NETWORK_CONN_ESTABLISHED -> LOGON_INITIAL_RECV\n"
                            "app A LOGON_INITIAL_RECV -> LOGON_RESPONSE\n"
                            "app A LOGON_RESPONSE -> ACTIVE\n"
                            "app A on_logon healthy\n"
                            "journal A message 1\n"
                            "journal A numbers 2 2\n"
                            "wire 1 close: the session is already connected\n"
                            "wire 2 > Logon seq=1 98=0 108=30\n");
    settle(rig, &door.tickets[0], RFX_ACCEPT); /* it is stale */
    expect_shard_trace(rig, "");
    shard_rig_receive(rig, 2, "A", "35=D|34=2|11=X");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "app A on_message NewOrderSingle seq=2 11=X\n"));
    assert_int_equal(rig->disconnects[RFX_REASON_DUPLICATE_SESSION], 1);
}

static void test_rival_when_the_first_is_accepted_then_the_others_are_closed(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    for (uint32_t i = 1; i <= PENDING; i++) {
        knock(rig, i, "A");
    }
    assert_int_equal(door.asked, PENDING);
    knock(rig, 5, "A"); /* one too many */
    assert_int_equal(door.asked, PENDING);
    assert_true(shard_rig_saw(rig, "wire 5 close: the session is already connected\n"));
    shard_rig_forget(rig);
    settle(rig, &door.tickets[0], RFX_ACCEPT);
    assert_true(shard_rig_saw(rig, "wire 1 > Logon seq=1 98=0 108=30\n"));
    for (uint32_t i = 2; i <= PENDING; i++) {
        char line[TEXT_MAX];
        snprintf(line, sizeof line, "wire %u close: the session is already connected\n", i);
        assert_true(shard_rig_saw(rig, line));
    }
    assert_false(shard_rig_saw(rig, "on_disconnect"));
    assert_int_equal(rig->disconnects[RFX_REASON_DUPLICATE_SESSION], PENDING);
    shard_rig_forget(rig);
    settle(rig, &door.tickets[2], RFX_ACCEPT);
    expect_shard_trace(rig, "");
}

static void test_rival_when_refused_then_the_others_wait_on_and_it_makes_room(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    for (uint32_t i = 1; i <= PENDING; i++) {
        knock(rig, i, "A");
    }
    shard_rig_forget(rig);
    assert_int_equal(rfx_logon_settle(&door.tickets[2], RFX_REFUSE, "no number for this"), RFX_OK);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "wire 3 close: the application refused the Logon\n");
    knock(rig, 5, "A");
    assert_int_equal(door.asked, PENDING + 1);
    settle(rig, &door.tickets[PENDING], RFX_ACCEPT);
    assert_true(shard_rig_saw(rig, "wire 5 > Logon seq=1 98=0 108=30\n"));
    assert_int_equal(rig->close_count, PENDING);
}

/* What the first one's fate does to the others: nothing. */
static void test_rival_when_the_first_goes_then_it_waits_on(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    knock(rig, 1, "A");
    knock(rig, 2, "A");
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_settle(rig);
    knock(rig, 3, "A"); /* takes the place of the first */
    shard_rig_forget(rig);
    settle(rig, &door.tickets[1], RFX_ACCEPT);
    assert_true(shard_rig_saw(rig, "wire 2 > Logon seq=1 98=0 108=30\n"));
    assert_true(shard_rig_saw(rig, "wire 3 close: the session is already connected\n"));
}

static void test_rival_when_accepted_at_once_then_the_pending_one_is_closed(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    knock(rig, 1, "A");
    door.verdict = RFX_ACCEPT;
    knock(rig, 2, "A");
    assert_true(shard_rig_saw(rig, "wire 1 close: the session is already connected\n"));
    assert_true(shard_rig_saw(rig, "wire 2 > Logon seq=1 98=0 108=30\n"));
    assert_int_equal(shard_rig_stored(rig, "A")->next_in, 2);
}

static void test_rival_when_its_verdict_does_not_come_then_closed_in_time(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    knock(rig, 1, "A");
    shard_rig_advance(rig, 5000);
    knock(rig, 2, "A");
    shard_rig_forget(rig);
    shard_rig_advance(rig, 5000);
    assert_true(shard_rig_saw(rig, "wire 1 close: no Logon in time\n"));
    assert_false(shard_rig_saw(rig, "wire 2"));
    shard_rig_forget(rig);
    shard_rig_advance(rig, 5000);
    expect_shard_trace(rig, "wire 2 close: no Logon in time\n");
    assert_int_equal(rig->disconnects[RFX_REASON_LOGON_TIMEOUT], 2);
    knock(rig, 3, "A");
    settle(rig, &door.tickets[2], RFX_ACCEPT);
    assert_true(shard_rig_saw(rig, "app A on_logon healthy\n"));
}

/* Once it is accepted there is nothing left that LogonTimeout could end. */
static void test_rival_when_accepted_in_the_last_moment_then_it_stays(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    knock(rig, 1, "A");
    knock(rig, 2, "A");
    shard_rig_advance(rig, 9999);
    assert_int_equal(rfx_logon_settle(&door.tickets[1], RFX_ACCEPT, NULL), RFX_OK);
    rig->now_ms++;
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 2 > Logon seq=1 98=0 108=30\n"));
    assert_int_equal(rig->disconnects[RFX_REASON_LOGON_TIMEOUT], 0);
    assert_int_equal(rig->disconnects[RFX_REASON_DUPLICATE_SESSION], 1);
}

static void test_rival_when_the_session_is_a_templates_then_the_same(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    knock(rig, 1, "B");
    knock(rig, 2, "B");
    knock(rig, 3, "B");
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_settle(rig);
    settle(rig, &door.tickets[1], RFX_REFUSE);
    settle(rig, &door.tickets[2], RFX_ACCEPT);
    assert_true(shard_rig_saw(rig, "app B on_logon healthy\n"));
    assert_true(shard_rig_saw(rig, "wire 3 > Logon seq=1 98=0 108=30\n"));
    assert_int_equal(rig->session_count, 2);
    assert_int_equal(rig->journal.session_count, 2);
    knock(rig, 4, "B");
    assert_true(shard_rig_saw(rig, "wire 4 close: the session is already connected\n"));
}

static void test_rival_when_all_of_a_templates_go_then_nothing_is_left(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    for (uint32_t round = 0; round < 3; round++) {
        const char name[] = {'B', (char)('0' + round), '\0'};
        knock(rig, 1, name);
        knock(rig, 2, name);
        shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
        shard_rig_settle(rig);
        shard_rig_say(rig, RFX_LINK_DISCONNECTED, 2, 0, RFX_REASON_PEER_CLOSED);
        shard_rig_settle(rig);
        rig->generation++;
    }
    assert_int_equal(rig->session_count, 1);
    assert_int_equal(rig->journal.session_count, 1);
    assert_in_range(door.tickets[5].token, 1, 2); /* their places are used again */
    rfx_shard_stop(rig->shard);
    shard_rig_settle(rig);
    assert_true(rfx_shard_is_stopped(rig->shard));
}

/* Sessions that nobody was let into count in nothing but connections. */
static void test_limit_when_strangers_wait_for_verdicts_then_others_get_in(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    for (uint32_t i = 0; i < 40; i++) { /* more than MaxSessions=16 */
        char name[16];
        snprintf(name, sizeof name, "STRANGER%u", i);
        knock(rig, i, name);
    }
    assert_int_equal(door.asked, 40);
    assert_int_equal(rig->session_count, 1);
    door.verdict = RFX_ACCEPT;
    knock(rig, 41, "B");
    assert_true(shard_rig_saw(rig, "app B on_logon healthy\n"));
    assert_int_equal(rig->session_count, 2);
}

static void test_limit_when_reached_while_a_verdict_is_open_then_refused(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = *state;
    rig->config.sessions_max = 2;
    opened(state, &door);
    knock(rig, 1, "B");
    knock(rig, 2, "C");
    settle(rig, &door.tickets[0], RFX_ACCEPT);
    assert_true(shard_rig_saw(rig, "app B on_logon healthy\n"));
    settle(rig, &door.tickets[1], RFX_ACCEPT);
    assert_true(shard_rig_saw(rig, "wire 2 close: MaxSessions is reached\n"));
    assert_int_equal(rig->session_count, 2);
    assert_int_equal(rig->journal.session_count, 2);
    knock(rig, 3, "D"); /* it is not even asked about */
    assert_int_equal(door.asked, 2);
    assert_true(shard_rig_saw(rig, "wire 3 close: MaxSessions is reached\n"));
}

static void test_limit_when_attach_fails_then_the_place_is_free_again(void **state)
{
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = *state;
    rig->config.sessions_max = 2;
    opened(state, &door);
    rig->journal.fail_attach = true;
    knock(rig, 1, "B");
    assert_false(shard_rig_saw(rig, "on_logon"));
    rig->journal.fail_attach = false;
    knock(rig, 2, "B");
    assert_true(shard_rig_saw(rig, "app B on_logon healthy\n"));
}

static void disconnect_last(void *context, struct rfx_session *session,
                            enum rfx_disconnect_reason reason)
{
    const struct shard_rig *rig = context;
    const struct door *door = rig->user;
    (void)session;
    (void)reason;
    assert_int_equal(rfx_session_disconnect(door->last), RFX_OK);
}

/* The stand-in is closed in the callback about the one that it replaces. */
static void test_rival_when_the_application_closes_it_meanwhile_then_closed(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    knock(rig, 1, "A");
    knock(rig, 2, "A");
    rig->app.on_disconnect = disconnect_last;
    settle(rig, &door.tickets[1], RFX_ACCEPT);
    rig->app.on_disconnect = NULL;
    assert_true(shard_rig_saw(rig, "wire 1 close"));
    assert_true(shard_rig_saw(rig, "wire 2 close: closed by the application\n"));
    assert_false(shard_rig_saw(rig, "on_logon"));
    door.verdict = RFX_ACCEPT;
    knock(rig, 3, "A");
    assert_true(shard_rig_saw(rig, "app A on_logon healthy\n"));
}

/* A message before the answer ends that connection alone. */
static void test_rival_when_it_speaks_before_the_verdict_then_closed(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    knock(rig, 1, "A");
    knock(rig, 2, "A");
    shard_rig_forget(rig);
    shard_rig_receive(rig, 2, "A", "35=D|34=2|11=X");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 2 close"));
    assert_false(shard_rig_saw(rig, "app A"));
    settle(rig, &door.tickets[0], RFX_ACCEPT);
    assert_true(shard_rig_saw(rig, "wire 1 > Logon seq=1 98=0 108=30\n"));
}

static void test_rival_when_the_session_has_user_data_then_the_application_sees_it(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    int data = 0;
    knock(rig, 1, "A");
    rfx_session_set_user(door.last, &data);
    knock(rig, 2, "A");
    assert_ptr_equal(door.users[1], &data);
}

static void test_stop_when_rivals_wait_then_all_are_closed(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    knock(rig, 1, "A");
    knock(rig, 2, "A");
    knock(rig, 3, "B");
    knock(rig, 4, "B");
    rfx_shard_stop(rig->shard);
    settle(rig, &door.tickets[1], RFX_ACCEPT);
    assert_true(rfx_shard_is_stopped(rig->shard));
    assert_int_equal(rig->close_count, 4);
    assert_false(shard_rig_saw(rig, "on_logon"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_rival_when_accepted_then_it_has_the_session_and_the_first_is_closed),
        SHARD_TEST(test_rival_when_the_first_is_accepted_then_the_others_are_closed),
        SHARD_TEST(test_rival_when_refused_then_the_others_wait_on_and_it_makes_room),
        SHARD_TEST(test_rival_when_the_first_goes_then_it_waits_on),
        SHARD_TEST(test_rival_when_accepted_at_once_then_the_pending_one_is_closed),
        SHARD_TEST(test_rival_when_its_verdict_does_not_come_then_closed_in_time),
        SHARD_TEST(test_rival_when_accepted_in_the_last_moment_then_it_stays),
        SHARD_TEST(test_rival_when_the_session_is_a_templates_then_the_same),
        SHARD_TEST(test_rival_when_all_of_a_templates_go_then_nothing_is_left),
        SHARD_TEST(test_limit_when_strangers_wait_for_verdicts_then_others_get_in),
        SHARD_TEST(test_limit_when_reached_while_a_verdict_is_open_then_refused),
        SHARD_TEST(test_limit_when_attach_fails_then_the_place_is_free_again),
        SHARD_TEST(test_rival_when_the_application_closes_it_meanwhile_then_closed),
        SHARD_TEST(test_rival_when_it_speaks_before_the_verdict_then_closed),
        SHARD_TEST(test_rival_when_the_session_has_user_data_then_the_application_sees_it),
        SHARD_TEST(test_stop_when_rivals_wait_then_all_are_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
