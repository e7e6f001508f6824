/* Who may log on, by the application's word and by address; until then nothing changes. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_shard.h"

#define LOGON "35=A|34=1|98=0|108=30"

/* The application of these tests: it keeps the ticket, and says what the test wants said. */
struct door {
    enum rfx_verdict verdict;
    const char *text;
    struct rfx_logon_ticket ticket;
    char password[16];
    char remote_address[72];
    char certificate_name[32];
};

static enum rfx_verdict on_authenticate(void *context, struct rfx_session *session,
                                        const struct rfx_message *logon,
                                        const struct rfx_logon_ticket *ticket,
                                        char text[RFX_REFUSAL_MAX])
{
    struct shard_rig *rig = context;
    struct door *door = rig->user;
    struct rfx_bytes password;
    shard_rig_trace(rig, "app %s on_authenticate", shard_rig_name(session));
    door->ticket = *ticket;
    if (rfx_message_get(logon, 554, &password) == RFX_OK) {
        memcpy(door->password, password.data, password.size);
    }
    strcpy(door->certificate_name, rfx_session_certificate_name(session));
    strcpy(door->remote_address, rfx_session_remote_address(session));
    if (door->text != NULL) {
        strcpy(text, door->text);
    }
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
    shard_rig_open(rig);
    shard_rig_add(rig, &rig->sessions[1], "A");
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    return rig;
}

static void receive_from(struct shard_rig *rig, uint32_t connection, const char *address,
                         const char *comp_id, const char *text)
{
    rig->peer = address;
    shard_rig_receive(rig, connection, comp_id, text);
    shard_rig_settle(rig);
    rig->peer = NULL;
}

static void test_logon_when_the_application_accepts_then_taken(void **state)
{
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = opened(state, &door);
    receive_from(rig, 1, "192.0.2.7:4711", "A", LOGON "|553=me|554=secret");
    expect_shard_trace(rig, "app A on_connect\n"
                            "app A on_authenticate\n"
                            "app A on_logon healthy\n"
                            "journal A message 1\n"
                            "journal A numbers 2 2\n"
                            "wire 1 > Logon seq=1 98=0 108=30\n");
    assert_string_equal(door.password, "secret");
    assert_string_equal(door.remote_address, "192.0.2.7:4711");
}

static void test_logon_when_refused_without_a_text_then_closed_and_nothing_changes(void **state)
{
    struct door door = {.verdict = RFX_REFUSE};
    struct shard_rig *rig = opened(state, &door);
    receive_from(rig, 1, "192.0.2.7:1", "A", LOGON "|141=Y");
    expect_shard_trace(rig, "app A on_connect\n"
                            "app A on_authenticate\n"
                            "app A on_disconnect: the application refused the Logon\n"
                            "wire 1 close: the application refused the Logon\n");
    assert_int_equal(rig->disconnects[RFX_REASON_AUTHENTICATION], 1);
    assert_int_equal(rig->journal.append_count, 0);
}

static void test_logon_when_refused_with_a_text_then_a_logout_says_so(void **state)
{
    struct door door = {.verdict = RFX_REFUSE, .text = "wrong password"};
    struct shard_rig *rig = opened(state, &door);
    receive_from(rig, 1, "192.0.2.7:1", "A", LOGON);
    expect_shard_trace(rig, "app A on_connect\n"
                            "app A on_authenticate\n"
                            "app A on_disconnect: the application refused the Logon\n"
                            "journal A message 1\n"
                            "journal A numbers 2 1\n"
                            "wire 1 > Logout seq=1 58=wrong password\n"
                            "wire 1 close: the application refused the Logon\n");
}

static void test_logon_when_the_refusals_text_is_not_printable_then_closed_in_silence(void **state)
{
    struct door door = {.verdict = RFX_REFUSE, .text = "no\x01way"};
    struct shard_rig *rig = opened(state, &door);
    receive_from(rig, 1, "192.0.2.7:1", "A", LOGON);
    assert_false(shard_rig_saw(rig, "Logout"));
    assert_true(shard_rig_saw(rig, "wire 1 close: the application refused the Logon\n"));
}

static enum rfx_verdict on_authenticate_closes(void *context, struct rfx_session *session,
                                               const struct rfx_message *logon,
                                               const struct rfx_logon_ticket *ticket,
                                               char text[RFX_REFUSAL_MAX])
{
    (void)context;
    (void)logon;
    (void)ticket;
    (void)text;
    assert_int_equal(rfx_session_disconnect(session), RFX_OK);
    return RFX_LATER;
}

static void test_logon_when_closed_while_the_application_is_asked_then_nothing_is_kept(void **state)
{
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = opened(state, &door);
    rig->app.on_authenticate = on_authenticate_closes;
    receive_from(rig, 1, "192.0.2.7:1", "A", LOGON);
    assert_true(shard_rig_saw(rig, "wire 1 close: closed by the application\n"));
    rig->app.on_authenticate = on_authenticate;
    receive_from(rig, 2, "192.0.2.7:1", "A", LOGON);
    assert_true(shard_rig_saw(rig, "app A on_logon healthy\n"));
}

/* Whoever knows the CompIDs could otherwise wipe a session's messages. */
static void test_logon_when_a_stranger_asks_for_a_reset_then_nothing_is_wiped(void **state)
{
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = opened(state, &door);
    shard_rig_log_on(rig, 1, "A");
    shard_rig_receive(rig, 1, "A", "35=5|34=2");
    shard_rig_settle(rig);
    const struct fake_session before = *shard_rig_stored(rig, "A");
    door.verdict = RFX_REFUSE;
    shard_rig_receive(rig, 2, "A", LOGON "|141=Y");
    shard_rig_settle(rig);
    const struct fake_session *after = shard_rig_stored(rig, "A");
    assert_int_equal(after->next_out, before.next_out);
    assert_int_equal(after->next_in, before.next_in);
    assert_int_equal(after->row_count, before.row_count);
}

static void test_logon_when_settled_later_then_nothing_before_and_all_after(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    receive_from(rig, 1, "192.0.2.7:1", "A", LOGON);
    expect_shard_trace(rig, "app A on_connect\napp A on_authenticate\n");
    shard_rig_advance(rig, 5000);
    expect_shard_trace(rig, "");
    assert_int_equal(rfx_logon_settle(&door.ticket, RFX_ACCEPT, NULL), RFX_OK);
    assert_int_equal(rig->wake_count, 1);
    assert_true(rfx_shard_has_input(rig->shard));
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_logon healthy\n"
                            "journal A message 1\n"
                            "journal A numbers 2 2\n"
                            "wire 1 > Logon seq=1 98=0 108=30\n");
    assert_int_equal(rfx_logon_settle(&door.ticket, RFX_REFUSE, NULL), RFX_OK);
    shard_rig_settle(rig);
    expect_shard_trace(rig, ""); /* it was settled already */
}

static void test_logon_when_refused_later_then_a_logout_says_so(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    receive_from(rig, 1, "192.0.2.7:1", "A", LOGON);
    shard_rig_forget(rig);
    assert_int_equal(rfx_logon_settle(&door.ticket, RFX_REFUSE, "no\n"), RFX_E_INVALID);
    assert_int_equal(rfx_logon_settle(&door.ticket, RFX_LATER, NULL), RFX_E_INVALID);
    assert_int_equal(rfx_logon_settle(&door.ticket, RFX_REFUSE, "blocked"), RFX_OK);
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 > Logout seq=1 58=blocked\n"));
}

static void test_logon_when_never_settled_then_closed_in_time_and_the_ticket_is_void(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    receive_from(rig, 1, "192.0.2.7:1", "A", LOGON);
    shard_rig_forget(rig);
    shard_rig_advance(rig, 10000);
    expect_shard_trace(rig, "app A on_disconnect: no Logon in time\n"
                            "wire 1 close: no Logon in time\n");
    const struct rfx_logon_ticket old = door.ticket;
    rig->generation++;
    receive_from(rig, 1, "192.0.2.7:1", "A", LOGON);
    shard_rig_forget(rig);
    assert_int_equal(rfx_logon_settle(&old, RFX_ACCEPT, NULL), RFX_OK);
    shard_rig_settle(rig);
    expect_shard_trace(rig, ""); /* the verdict was about another Logon */
    assert_int_equal(rfx_logon_settle(&door.ticket, RFX_ACCEPT, NULL), RFX_OK);
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "app A on_logon healthy\n"));
}

static void test_logon_when_unsettled_and_the_shard_closes_then_nothing_is_left(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    receive_from(rig, 1, "192.0.2.7:1", "A", LOGON);
    receive_from(rig, 2, "192.0.2.7:2", "B", LOGON);
    assert_int_equal(rfx_logon_settle(&door.ticket, RFX_ACCEPT, NULL), RFX_OK);
    /* the tear-down closes the shard; a sanitizer sees what is lost */
}

static void test_template_when_the_application_refuses_then_no_session_is_left(void **state)
{
    struct door door = {.verdict = RFX_REFUSE, .text = "who are you?"};
    struct shard_rig *rig = opened(state, &door);
    for (uint32_t i = 0; i < 40; i++) { /* more than MaxSessions=16 */
        char name[16];
        snprintf(name, sizeof name, "B%u", i);
        receive_from(rig, i, "192.0.2.7:1", name, LOGON);
    }
    assert_int_equal(rig->session_count, 1);
    assert_int_equal(rig->journal.session_count, 1);
    assert_false(shard_rig_saw(rig, "Logout")); /* it has no number yet to say it with */
    assert_int_equal(rig->disconnects[RFX_REASON_AUTHENTICATION], 40);
    door.verdict = RFX_ACCEPT;
    receive_from(rig, 41, "192.0.2.7:1", "B7", LOGON);
    assert_true(shard_rig_saw(rig, "app B7 on_logon healthy\n"));
    assert_int_equal(rig->session_count, 2);
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 41, 0, RFX_REASON_PEER_CLOSED);
    door.verdict = RFX_REFUSE;
    rig->generation++;
    receive_from(rig, 41, "192.0.2.7:1", "B7", LOGON);
    assert_int_equal(rig->session_count, 2); /* a session that was accepted once stays */
}

static void test_template_when_it_waits_and_the_peer_goes_then_no_session_is_left(void **state)
{
    struct door door = {.verdict = RFX_LATER};
    struct shard_rig *rig = opened(state, &door);
    receive_from(rig, 1, "192.0.2.7:1", "B", LOGON);
    assert_int_equal(rig->session_count, 1); /* it does not count before it is accepted */
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_settle(rig);
    assert_int_equal(rig->session_count, 1);
    assert_int_equal(rfx_logon_settle(&door.ticket, RFX_ACCEPT, NULL), RFX_OK);
    shard_rig_settle(rig);
    assert_int_equal(rig->session_count, 1);
    rig->generation++;
    receive_from(rig, 1, "192.0.2.7:1", "C", LOGON); /* takes the place of B */
    assert_int_equal(rfx_logon_settle(&door.ticket, RFX_ACCEPT, NULL), RFX_OK);
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "app C on_logon healthy\n"));
    assert_false(shard_rig_saw(rig, "app B on_logon"));
}

/* It has no place in the journal yet, and must not touch that of another. */
static void on_disconnect_resets(void *context, struct rfx_session *session,
                                 enum rfx_disconnect_reason reason)
{
    (void)context;
    (void)reason;
    assert_int_equal(rfx_session_reset(session), RFX_E_STATE);
}

static void test_template_when_refused_then_the_journal_is_as_it_was(void **state)
{
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = *state;
    rig->sessions[0].start.second = 3600; /* the template's sessions have times */
    rig->sessions[0].end.second = 3600;
    opened(state, &door);
    shard_rig_log_on(rig, 1, "A");
    shard_rig_receive(rig, 1, "A", "35=0|34=2");
    shard_rig_settle(rig);
    const struct fake_session before = *shard_rig_stored(rig, "A");
    size_t appends = rig->journal.append_count;
    door.verdict = RFX_REFUSE;
    rig->app.on_disconnect = on_disconnect_resets;
    shard_rig_receive(rig, 2, "STRANGER", LOGON);
    shard_rig_settle(rig);
    const struct fake_session *after = shard_rig_stored(rig, "A");
    assert_int_equal(rig->journal.append_count, appends);
    assert_int_equal(after->next_in, before.next_in);
    assert_int_equal(after->row_count, before.row_count);
    assert_int_equal(after->created_utc_ns, before.created_utc_ns);
    rig->app.on_disconnect = NULL;
}

/* A session of a template that the journal knows from yesterday starts anew today. */
static void test_template_when_the_journal_has_numbers_of_yesterday_then_they_restart(void **state)
{
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = *state;
    rig->sessions[0].start.second = 3600;
    rig->sessions[0].end.second = 3600;
    opened(state, &door);
    shard_rig_log_on(rig, 1, "B");
    shard_rig_receive(rig, 1, "B", "35=0|34=2");
    shard_rig_receive(rig, 1, "B", "35=5|34=3");
    shard_rig_settle(rig);
    assert_int_equal(shard_rig_stored(rig, "B")->next_in, 4);
    rig->now_ms += 24 * 3600 * 1000; /* noon of the next day, after a night without a process */
    shard_rig_reopen(rig);
    shard_rig_add(rig, &rig->sessions[1], "A");
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 1, "B", LOGON);
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "app B on_logon healthy\n"));
    assert_true(shard_rig_saw(rig, "wire 1 > Logon seq=1 98=0 108=30\n"));
    assert_int_equal(shard_rig_stored(rig, "B")->next_in, 2);
}

static void test_address_when_not_allowed_then_closed_before_anything(void **state)
{
    static const struct {
        const char *address;
        bool is_allowed;
    } cases[] = {
        {"192.0.2.1:1", true}, {"192.0.2.2:1", false},    {"10.255.0.1:65535", true},
        {"11.0.0.1:1", false}, {"[2001:db8::5]:1", true}, {"[2001:db9::5]:1", false},
        {"[::1]:1", false},    {"unknown", false},
    };
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = *state;
    rig->sessions[0].allowed_addresses = "192.0.2.1, 10.0.0.0/8,2001:db8::/32";
    opened(state, &door);
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        receive_from(rig, i, cases[i].address, "A", LOGON "|141=Y");
        assert_true(
            shard_rig_saw(rig, cases[i].is_allowed ? "app A on_logon" : "close: the address"));
        assert_int_equal(shard_rig_saw(rig, "on_authenticate"), cases[i].is_allowed);
        if (cases[i].is_allowed) {
            shard_rig_say(rig, RFX_LINK_DISCONNECTED, i, 0, RFX_REASON_PEER_CLOSED);
            shard_rig_settle(rig);
        }
        shard_rig_forget(rig);
    }
    assert_int_equal(rig->disconnects[RFX_REASON_ADDRESS], 5);
}

/* One connection after the other, each from its listener and with its certificate. */
static void
test_port_and_certificate_when_not_the_sessions_then_closed_before_anything(void **state)
{
    static const struct {
        uint16_t port;
        const char *names; /* NULL: no TLS */
        const char *close; /* NULL: it gets in */
    } cases[] = {
        {5002, "gamma\0beta.example\0", NULL},
        {5002, "Alpha\0", NULL},
        {5001, "alpha\0", "close: the session has another port, or TLS"},
        {0, "alpha\0", "close: the session has another port, or TLS"},
        {5002, NULL, "close: the session has another port, or TLS"},
        {5002, "", "close: the certificate is another's"},
        {5002, "alphA1\0", "close: the certificate is another's"},
        {5002, "alph\0", "close: the certificate is another's"},
        {5002, "omega\0other.example\0", "close: the certificate is another's"},
        {5002, "alpha,beta.example\0", "close: the certificate is another's"},
    };
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = *state;
    rig->config.accept_port = 5001;
    rig->sessions[0].accept_port = 5002;
    rig->sessions[0].use_ssl = true;
    rig->sessions[0].certificate_name = " alpha, beta.example";
    rig->config.tls.verify_client = true;
    opened(state, &door);
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig->accept_port = cases[i].port;
        rig->certificate_names = cases[i].names;
        receive_from(rig, i, "192.0.2.1:1", "A", LOGON "|141=Y");
        assert_true(shard_rig_saw(rig, cases[i].close != NULL ? cases[i].close : "app A on_logon"));
        assert_int_equal(shard_rig_saw(rig, "on_authenticate"), cases[i].close == NULL);
        if (cases[i].close == NULL) {
            assert_string_equal(door.certificate_name, cases[i].names);
            shard_rig_say(rig, RFX_LINK_DISCONNECTED, i, 0, RFX_REASON_PEER_CLOSED);
            shard_rig_settle(rig);
        }
        shard_rig_forget(rig);
    }
    assert_int_equal(rig->disconnects[RFX_REASON_LISTENER], 3);
    assert_int_equal(rig->disconnects[RFX_REASON_CERTIFICATE], 5);
}

/* Traders put their own SubIDs into messages: a session without any takes them all. */
static void test_sub_ids_when_configured_then_they_choose_the_session(void **state)
{
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = *state;
    rig->sessions[2] = rig->sessions[0];
    rig->sessions[2].acceptor_template = false;
    strcpy(rig->sessions[2].target_comp_id, "A");
    rig->sessions[2].target_sub_id = "desk";
    rig->sessions[2].sender_location_id = "paris";
    opened(state, &door);
    shard_rig_add(rig, &rig->sessions[2], "A");
    shard_rig_receive(rig, 1, "A", LOGON "|50=desk|143=paris");
    shard_rig_receive(rig, 2, "A", LOGON "|50=desk");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "app A/desk on_logon"));
    assert_true(shard_rig_saw(rig, "app A on_logon"));
    assert_true(shard_rig_saw(rig, "wire 1 > Logon seq=1 57=desk 142=paris 98=0"));
    assert_true(shard_rig_saw(rig, "wire 2 > Logon seq=1 98=0"));
}

/* Both fit the Logon; the template says more. */
static void test_sub_ids_when_a_template_fits_better_then_it_makes_the_session(void **state)
{
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = *state;
    opened(state, &door);
    rig->sessions[0].target_sub_id = "desk"; /* A still takes any */
    shard_rig_receive(rig, 3, "A", LOGON "|50=other");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 3 > Logon seq=1 98=0"));
    for (uint32_t i = 1; i <= 2; i++) {
        shard_rig_receive(rig, i, "A", LOGON "|50=desk");
        shard_rig_settle(rig);
    }
    assert_true(shard_rig_saw(rig, "wire 1 > Logon seq=1 57=desk 98=0"));
    assert_true(shard_rig_saw(rig, "wire 2 close: the session is already connected\n"));
}

/* Its handle ends with on_disconnect. */
static void test_template_when_refused_then_no_change_of_state_is_reported_any_more(void **state)
{
    struct door door = {.verdict = RFX_REFUSE};
    struct shard_rig *rig = opened(state, &door);
    rig->traces_states = true;
    receive_from(rig, 1, "192.0.2.7:1", "B", LOGON);
    const char *end = strstr(rig->trace.data, "app B on_disconnect");
    assert_non_null(end);
    assert_true(shard_rig_saw(rig, "LOGON_INITIAL_RECV -> DISCONNECTED_BROKEN_CONN"));
    assert_null(strstr(end, " -> "));
    shard_rig_forget(rig);
    receive_from(rig, 2, "192.0.2.7:1", "A", LOGON); /* that of the configuration stays */
    assert_non_null(strstr(strstr(rig->trace.data, "app A on_disconnect"), " -> "));
}

static void on_connect_has_no_user(void *context, struct rfx_session *session)
{
    size_t *count = ((struct shard_rig *)context)->user;
    assert_null(rfx_session_user(session));
    rfx_session_set_user(session, count);
    ++*count;
}

/* Both in one turn: the second finds the session of the first still there. */
static void test_template_when_taken_again_in_the_same_turn_then_its_user_is_cleared(void **state)
{
    struct shard_rig *rig = *state;
    size_t count = 0;
    rig->user = &count;
    rig->app.on_connect = on_connect_has_no_user;
    shard_rig_open(rig);
    shard_rig_receive(rig, 1, "B", "35=A|34=1|98=0|108=no");
    shard_rig_receive(rig, 2, "B", LOGON);
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    assert_int_equal(count, 2);
    assert_true(shard_rig_saw(rig, "app B on_logon healthy\n"));
}

static void test_check_sum_when_not_validated_then_taken_else_ignored(void **state)
{
    struct door door = {.verdict = RFX_ACCEPT};
    struct shard_rig *rig = *state;
    rig->sessions[2] = rig->sessions[0];
    rig->sessions[2].acceptor_template = false;
    rig->sessions[2].validate_checksum = false;
    strcpy(rig->sessions[2].target_comp_id, "LAX");
    opened(state, &door);
    shard_rig_add(rig, &rig->sessions[2], "LAX");
    rig->is_sum_wrong = true;
    shard_rig_receive(rig, 1, "A", LOGON);
    shard_rig_receive(rig, 2, "LAX", LOGON);
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 close: first bytes are not a FIX message"));
    assert_true(shard_rig_saw(rig, "app LAX on_logon healthy"));
    rig->is_sum_wrong = false;
    rig->generation++;
    shard_rig_receive(rig, 1, "A", LOGON);
    rig->is_sum_wrong = true;
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    rig->is_sum_wrong = false;
    shard_rig_settle(rig);
    assert_false(shard_rig_saw(rig, "app A on_message"));
    assert_int_equal(shard_rig_stored(rig, "A")->next_in, 2);
}

static void on_build_logon(void *context, struct rfx_session *session, struct rfx_builder *builder)
{
    const struct shard_rig *rig = context;
    const char *password = rig->user;
    (void)session;
    rfx_builder_put_text(builder, 553, "me");
    rfx_builder_put_text(builder, 554, password);
}

static void dial(struct shard_rig *rig, const char *password)
{
    struct rfx_session_config *config = &rig->sessions[1];
    *config = rig->sessions[0];
    config->acceptor_template = false;
    config->role = RFX_ROLE_INITIATOR;
    strcpy(config->target_comp_id, "EXCHANGE");
    config->hosts[0] = (struct rfx_host){.name = "192.0.2.9", .port = 9876};
    rig->app.on_build_logon = on_build_logon;
    rig->user = (void *)(uintptr_t)password;
    shard_rig_open(rig);
    shard_rig_add(rig, config, "EXCHANGE");
    shard_rig_settle(rig);
    shard_rig_say(rig, RFX_LINK_CONNECTED, 1, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
}

static void test_initiator_when_the_application_adds_fields_then_they_are_in_the_logon(void **state)
{
    struct shard_rig *rig = *state;
    dial(rig, "secret");
    assert_true(shard_rig_saw(rig, "wire 1 > Logon seq=1 98=0 108=30 553=me 554=secret\n"));
}

static void
test_initiator_when_the_application_adds_a_bad_field_then_the_logon_has_none(void **state)
{
    struct shard_rig *rig = *state;
    dial(rig, "sec\x01ret");
    assert_true(shard_rig_saw(rig, "wire 1 > Logon seq=1 98=0 108=30\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_logon_when_the_application_accepts_then_taken),
        SHARD_TEST(test_logon_when_refused_without_a_text_then_closed_and_nothing_changes),
        SHARD_TEST(test_logon_when_refused_with_a_text_then_a_logout_says_so),
        SHARD_TEST(test_logon_when_the_refusals_text_is_not_printable_then_closed_in_silence),
        SHARD_TEST(test_logon_when_closed_while_the_application_is_asked_then_nothing_is_kept),
        SHARD_TEST(test_logon_when_a_stranger_asks_for_a_reset_then_nothing_is_wiped),
        SHARD_TEST(test_logon_when_settled_later_then_nothing_before_and_all_after),
        SHARD_TEST(test_logon_when_refused_later_then_a_logout_says_so),
        SHARD_TEST(test_logon_when_never_settled_then_closed_in_time_and_the_ticket_is_void),
        SHARD_TEST(test_logon_when_unsettled_and_the_shard_closes_then_nothing_is_left),
        SHARD_TEST(test_template_when_the_application_refuses_then_no_session_is_left),
        SHARD_TEST(test_template_when_it_waits_and_the_peer_goes_then_no_session_is_left),
        SHARD_TEST(test_template_when_refused_then_the_journal_is_as_it_was),
        SHARD_TEST(test_template_when_the_journal_has_numbers_of_yesterday_then_they_restart),
        SHARD_TEST(test_address_when_not_allowed_then_closed_before_anything),
        SHARD_TEST(test_port_and_certificate_when_not_the_sessions_then_closed_before_anything),
        SHARD_TEST(test_sub_ids_when_configured_then_they_choose_the_session),
        SHARD_TEST(test_sub_ids_when_a_template_fits_better_then_it_makes_the_session),
        SHARD_TEST(test_template_when_refused_then_no_change_of_state_is_reported_any_more),
        SHARD_TEST(test_template_when_taken_again_in_the_same_turn_then_its_user_is_cleared),
        SHARD_TEST(test_check_sum_when_not_validated_then_taken_else_ignored),
        SHARD_TEST(test_initiator_when_the_application_adds_fields_then_they_are_in_the_logon),
        SHARD_TEST(test_initiator_when_the_application_adds_a_bad_field_then_the_logon_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
