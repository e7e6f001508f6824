/* Random events, the wildest counterparty: whatever comes, no assertion fails (the table of states
 * is one), nothing overflows, and what always holds does so after each step. The seed
 * under way is printed: given as an argument it runs alone and shows its trace, two arguments are
 * the first and the last. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_session.h"

#define SEEDS  150
#define EVENTS 400

static uint64_t first_seed = 1;
static uint64_t last_seed = SEEDS;
static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

static bool one_in(uint64_t count)
{
    return random_below(count) == 0;
}

static const char *pick(const char *const *texts, size_t count)
{
    return texts[random_below(count)];
}

#define PICK(texts) pick(texts, sizeof(texts) / sizeof(texts)[0])

static uint64_t random_number(uint64_t due)
{
    switch (random_below(12)) {
    case 0:
        return due + 1 + random_below(5);
    case 1:
        return due > 3 ? due - 1 - random_below(3) : 0;
    case 2:
        return one_in(20) ? INT64_MAX : 0;
    case 3:
        return 1;
    default:
        return due;
    }
}

static void random_message(struct session_rig *rig)
{
    static const char *const bodies[] = {"35=0",
                                         "35=0|112=TEST",
                                         "35=1|112=T",
                                         "35=1",
                                         "35=3|45=1",
                                         "35=5",
                                         "35=5|58=x",
                                         "35=A|98=0|108=30|1137=9",
                                         "35=A|98=0|108=30|1137=9|141=Y",
                                         "35=A|98=1",
                                         "35=A|98=0|108=0|1137=7",
                                         "35=D|11=X",
                                         "35=D|11=X",
                                         "35=D|11=X|97=Y",
                                         "35=8|37=X|115=A|128=B",
                                         "35=zz|1=2",
                                         "35=A|98=0|108=30|789=3|1137=9"};
    static const char *const faults[] = {
        "|!34",       "|!49",        "|52=@-500", "|52=x",        "|49=OTHER",     "|junk",
        "|8=FIX.3.9", "|95=9|96=ab", "|43=Y",     "|43=Y|122=@9", "|43=Y|122=@-9", "|56="};
    char text[256];
    size_t size;
    if (one_in(5)) {
        size = (size_t)snprintf(text, sizeof text, "35=2|7=%" PRIu64 "|16=%" PRIu64,
                                random_below(8), random_below(8));
    } else if (one_in(5)) {
        uint64_t due = rig->session.next_in;
        size =
            (size_t)snprintf(text, sizeof text, "35=4%s|36=%" PRIu64 "%s", one_in(2) ? "|43=Y" : "",
                             random_number(due + 1), one_in(3) ? "" : "|123=Y");
    } else {
        size = (size_t)snprintf(text, sizeof text, "%s", PICK(bodies));
    }
    const char *fault = one_in(30) ? PICK(faults) : "";
    if (strcmp(fault, "|!34") != 0) {
        size += (size_t)snprintf(text + size, sizeof text - size, "|34=%" PRIu64,
                                 random_number(rig->session.next_in));
    }
    snprintf(text + size, sizeof text - size, "%s", fault);
    rig_receive(rig, text);
}

/* Mostly a Logon as it should be, so that there is a session. */
static void log_on(struct session_rig *rig)
{
    char text[128];
    uint64_t due = rig->session.next_in;
    if (one_in(5) || !rfx_session_is_connected(&rig->session)) {
        random_message(rig);
        return;
    }
    snprintf(text, sizeof text, "35=A|34=%" PRIu64 "|98=0|108=%" PRIu64 "|1137=9%s",
             due + (one_in(3) ? random_below(6) : 0), random_below(60), one_in(3) ? "|789=2" : "");
    rig_receive(rig, text);
}

/* One thing that may happen in this state. */
static void random_event(struct session_rig *rig)
{
    struct rfx_session *session = &rig->session;
    bool is_acceptor = rig->config.role == RFX_ROLE_ACCEPTOR;
    if (!rfx_session_is_connected(session)) {
        if (one_in(6)) {
            rig_event(rig, RFX_EVENT_RESET);
        } else if (session->state == RFX_INITIATE_CONNECTION && one_in(3)) {
            rig_disconnected(rig, RFX_REASON_CONNECT_FAILED);
        } else if (is_acceptor || session->state == RFX_INITIATE_CONNECTION) {
            rig_connect(rig);
            log_on(rig);
        } else {
            rig_advance(rig, random_below(400000));
        }
        return;
    }
    if (rig->awaits_verdict && session->state == RFX_LOGON_INITIAL_RECV && one_in(2)) {
        rig_verdict(rig, !one_in(4), one_in(2) ? "no" : NULL);
        return;
    }
    switch (random_below(24)) {
    case 0:
        rig_disconnected(rig, RFX_REASON_PEER_CLOSED);
        break;
    case 1:
        rig_close(rig, RFX_REASON_APPLICATION);
        break;
    case 2:
        if (rfx_session_is_logged_on(session)) {
            rig_log_out(rig, one_in(2) ? "bye" : NULL);
        }
        break;
    case 3:
        if (rfx_session_is_logged_on(session) && !session->test_is_pending) {
            rig_event(rig, RFX_EVENT_TEST_REQUEST);
        }
        break;
    case 4:
    case 5:
        rig_advance(rig, random_below(one_in(5) ? 400000 : 40000));
        break;
    case 6:
        rig->utc_jump_ns +=
            (int64_t)(random_below(200000) * RFX_NS_PER_S) - (int64_t)(90000 * RFX_NS_PER_S);
        break;
    case 7:
    case 8:
    case 9:
        if (rfx_session_may_send(session)) {
            rig_send(rig, "35=8|37=X");
        }
        break;
    case 10:
    case 11:
    case 12:
        if (rig->replay_first != 0) {
            rig_serve_up_to(rig, rig->replay_first + random_below(4));
            if (rig->replay_first != 0 && one_in(2)) {
                rig_serve(rig);
            }
        }
        break;
    default:
        random_message(rig);
        break;
    }
}

/* The shard holds and stores without the rig's limits; what is dropped is asked for again. */
static void make_room(struct session_rig *rig)
{
    while (rig->stored_count > RIG_KEPT_MAX / 2) {
        free(rig->stored[--rig->stored_count].data);
    }
    while (rig->held_count > RIG_KEPT_MAX / 2) {
        free(rig->held[--rig->held_count].data);
    }
}

static void check(struct session_rig *rig, uint64_t next_in, uint64_t next_out)
{
    const struct rfx_session *session = &rig->session;
    bool is_reset = strstr(rig->trace, "journal reset\n") != NULL;
    assert_true(is_reset || session->next_in >= next_in);
    assert_true(is_reset || session->next_out >= next_out);
    assert_true(session->gap_last == 0 || session->gap_last >= session->next_in);
    assert_true(session->logon_ahead == 0 || session->logon_ahead > session->next_in);
    assert_true(session->replay_next == 0 || session->replay_last < session->next_out);
    if (!rfx_session_is_connected(session)) {
        assert_true(session->gap_last == 0 && session->replay_next == 0);
        assert_true(!session->test_is_pending && !session->logout_is_sent);
        assert_int_equal(session->logout_reason, RFX_REASON_NONE);
    }
    if (rfx_session_is_logged_on(session)) {
        assert_false(session->logout_is_sent);
        assert_true((session->state == RFX_AWAIT_PROC_TEST_REQ) == session->test_is_pending);
    }
    assert_true(rfx_session_may_send(session) ==
                    (rfx_session_is_logged_on(session) || session->logout_is_sent) ||
                session->state == RFX_RECEIVED_LOGOUT);
}

static void configure(struct session_rig *rig)
{
    struct rfx_session_config *config = &rig->config;
    config->role = one_in(2) ? RFX_ROLE_ACCEPTOR : RFX_ROLE_INITIATOR;
    config->reset_on_logon = one_in(6);
    config->reset_on_logout = one_in(6);
    config->reset_on_disconnect = one_in(6);
    config->persist_messages = !one_in(4);
    config->enable_next_expected_msg_seq_num = one_in(2);
    config->enable_last_msg_seq_num_processed = one_in(2);
    config->send_redundant_resend_requests = one_in(4);
    config->resend_request_chunk_size = one_in(2) ? 0 : 1 + (uint32_t)random_below(4);
    config->requires_orig_sending_time = !one_in(3);
    config->check_latency = one_in(2);
    config->check_comp_id = !one_in(4);
    config->use_data_dictionary = one_in(3);
    if (one_in(2)) {
        config->start.second = (uint32_t)random_below(86400);
        config->end.second = one_in(2) ? config->start.second : (uint32_t)random_below(86400);
    }
    rig->keeps_verdict = one_in(2);
}

static void run(void **state, uint64_t seed)
{
    static int (*const set_up[])(void **) = {session_rig_set_up_40, session_rig_set_up_41,
                                             session_rig_set_up_42, session_rig_set_up_43,
                                             session_rig_set_up_44, session_rig_set_up_50};
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    set_up[random_below(6)](state);
    struct session_rig *rig = *state;
    configure(rig);
    rig_start(rig);
    rig_advance(rig, 0);
    for (unsigned i = 0; i < EVENTS; i++) {
        rig_forget_trace(rig);
        uint64_t next_in = rig->session.next_in;
        uint64_t next_out = rig->session.next_out;
        random_event(rig);
        if (first_seed == last_seed) {
            print_message("%.*s", (int)rig->trace_size, rig->trace);
        }
        rig->trace[rig->trace_size] = '\0';
        check(rig, next_in, next_out);
        make_room(rig);
    }
    session_rig_tear_down(state);
}

static void test_session_when_anything_happens_then_what_always_holds_does(void **state)
{
    for (uint64_t seed = first_seed; seed <= last_seed; seed++) {
        fprintf(stderr, "\rseed %" PRIu64, seed); /* what was written last is the one that failed */
        run(state, seed);
    }
    fprintf(stderr, "\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_when_anything_happens_then_what_always_holds_does),
    };
    if (argc > 1) {
        first_seed = strtoull(argv[1], NULL, 10);
        last_seed = argc > 2 ? strtoull(argv[2], NULL, 10) : first_seed;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
