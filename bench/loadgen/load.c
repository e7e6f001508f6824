/* The load's life, its sessions' callbacks, and what comes out. */
#include "bench/loadgen/load_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/clock.h"
#include "bench/loadgen/log.h"

/* ------------------------------------------------------------------------- lanes, failures */

struct lane *load_lane_here(struct load *load)
{
    struct lane *lane = pthread_getspecific(load->lane_key);
    if (lane == NULL) {
        uint32_t index = atomic_fetch_add_explicit(&load->lanes_claimed, 1, memory_order_relaxed);
        if (index >= load->options->threads ||
            pthread_setspecific(load->lane_key, &load->lanes[index]) != 0) {
            fputs("ringfix-loadgen: more shards than --threads, or no memory for one\n", stderr);
            abort();
        }
        lane = &load->lanes[index];
    }
    return lane;
}

void load_fail(struct load_session *session, enum failure kind, const char *what,
               struct rfx_bytes text)
{
    char *note = session->lane->notes[kind];
    session->failures[kind]++;
    if (note[0] != '\0') {
        return;
    }
    int size = snprintf(note, REPORT_NOTE_SIZE, "%s%s%.*s", what, text.size > 0 ? ": " : "",
                        text.size < REPORT_NOTE_SIZE ? (int)text.size : REPORT_NOTE_SIZE,
                        text.size > 0 ? text.data : "");
    for (int i = 0; i < size && i < REPORT_NOTE_SIZE - 1; i++) {
        if (note[i] < ' ' || note[i] > '~') {
            note[i] = note[i] == '\x01' ? '|' : '?';
        }
    }
}

static struct rfx_bytes field_of(const struct rfx_message *message, int32_t tag)
{
    struct rfx_bytes value = {.data = NULL, .size = 0};
    rfx_status status = rfx_message_get(message, tag, &value);
    (void)status; /* absent: stays empty */
    return value;
}

/* ------------------------------------------------------------------- connections, sessions */

static void on_connect(void *context, struct rfx_session *handle)
{
    struct load *load = context;
    if (rfx_session_user(handle) != NULL) {
        return; /* again, after it was lost */
    }
    uint32_t number = options_session_number(load->options, rfx_session_name(handle));
    if (number == 0) {
        fprintf(stderr, "ringfix-loadgen: %s is no session of ours\n", rfx_session_name(handle));
        abort();
    }
    struct load_session *session = &load->sessions[number - 1];
    session->lane = load_lane_here(load);
    session->handle = handle;
    rfx_session_set_user(handle, session);
}

static void on_logon(void *context, struct rfx_session *handle, bool is_healthy)
{
    struct load_session *session = rfx_session_user(handle);
    struct lane *lane = session->lane;
    (void)context;
    (void)is_healthy;
    if (session->is_lost) {
        return; /* the library dials again; what was lost stays lost */
    }
    if (session->is_away) {
        load_come_back(session);
        return;
    }
    session->is_logged_on = true;
    lane->sessions[lane->session_count++] = session;
    if (session->quota > 0) {
        lane_gauge(&lane->unfinished, 1);
    }
    lane_gauge(&lane->logged_on, 1);
}

/* With --churn numbers go on from one Logon to the next, so that only the first one resets them. */
static void on_build_logon(void *context, struct rfx_session *handle, struct rfx_builder *builder)
{
    const struct load *load = context;
    const struct load_session *session = rfx_session_user(handle);
    if (load->options->churn > 0 && session != NULL && !session->is_logged_on &&
        strcmp(load->options->begin_string, "FIX.4.0") != 0) {
        rfx_builder_put_char(builder, 141, 'Y'); /* ResetSeqNumFlag */
    }
}

static void on_logout(void *context, struct rfx_session *handle, const struct rfx_message *message)
{
    struct load_session *session = rfx_session_user(handle);
    struct rfx_bytes text = field_of(message, 58);
    (void)context;
    session->lane->logout_session = session->number;
    snprintf(session->lane->logout_text, REPORT_NOTE_SIZE, "%.*s",
             text.size < REPORT_NOTE_SIZE ? (int)text.size : REPORT_NOTE_SIZE,
             text.size > 0 ? text.data : "");
}

static bool is_orderly(enum rfx_disconnect_reason reason)
{
    return reason == RFX_REASON_SERVER_STOPPED || reason == RFX_REASON_LOGOUT_COMPLETED ||
           reason == RFX_REASON_LOGOUT_RECEIVED;
}

static void on_disconnect(void *context, struct rfx_session *handle,
                          enum rfx_disconnect_reason reason)
{
    struct load *load = context;
    struct load_session *session = rfx_session_user(handle);
    struct lane *lane = session->lane;
    struct rfx_bytes text = {.data = NULL, .size = 0};
    bool is_expected = atomic_load_explicit(&load->expects_logouts, memory_order_acquire);
    if (session->is_lost || ((is_expected || session->is_away) && is_orderly(reason))) {
        return;
    }
    if (lane->logout_session == session->number) {
        text = (struct rfx_bytes){.data = lane->logout_text, .size = strlen(lane->logout_text)};
    }
    load_fail(session, session->is_logged_on ? FAILURE_DISCONNECTED : FAILURE_REFUSED,
              rfx_disconnect_reason_text(reason), text);
    session->is_lost = true;
    session->due = 0;
    if (session->is_logged_on) {
        session->is_logged_on = false;
        lane_gauge(&lane->logged_on, -1);
        lane_count(&lane->outstanding, 0 - (uint64_t)session->flight.outstanding);
        if (session->flight.next <= session->quota) {
            lane_gauge(&lane->unfinished, -1);
        }
    }
    lane_gauge(&lane->lost, 1);
}

/* --------------------------------------------------------------------------------- answers */

static void on_first_answer(struct load_session *session, uint64_t intended_ns, uint64_t now_ns)
{
    struct lane *lane = session->lane;
    const struct load *load = lane->load;
    bool may_send = load_may_send(lane, now_ns);
    lane_count(&lane->answered, 1);
    if (!session->is_lost) {
        lane_count(&lane->outstanding, UINT64_MAX); /* one less */
    }
    atomic_store_explicit(&lane->last_answer_ns, now_ns, memory_order_relaxed);
    series_record(lane->series, now_ns, now_ns - intended_ns);
    if (intended_ns >= lane->measure_from_ns) {
        histogram_record(&lane->latency, now_ns - intended_ns);
    }
    if (now_ns >= lane->measure_from_ns && (may_send || load->options->count > 0)) {
        lane->window.answered++;
    }
    if (!may_send || session->is_lost) {
        return;
    }
    if (load->interval_ns == 0 && session->flight.next + session->due <= session->quota) {
        session->due++;
    }
    if (load->interval_ns == 0 && !load->options->is_test_request) {
        load_send_due(session);
    } else if (session->due > 0) {
        /* Not from here: a backlog would take the room that reading the answers needs. */
        load_wait_for_turn(session);
    }
}

static void on_answer(struct load_session *session, const struct rfx_message *message,
                      uint64_t now_ns)
{
    struct rfx_bytes id = field_of(message, 11);
    uint32_t number = 0;
    uint64_t order = 0;
    uint64_t intended_ns = 0;
    enum flight_answer answer = FLIGHT_NEVER_SENT;
    if (order_id_read(id, &number, &order) && number == session->number) {
        answer = flight_take(&session->flight, order, &intended_ns);
    }
    switch (answer) {
    case FLIGHT_FIRST_ANSWER:
        on_first_answer(session, intended_ns, now_ns);
        break;
    case FLIGHT_ANSWERED_BEFORE:
        load_fail(session, FAILURE_DUPLICATE, "ClOrdID", id);
        break;
    case FLIGHT_NEVER_SENT:
        load_fail(session, FAILURE_UNKNOWN, id.size > 0 ? "ClOrdID" : "without a ClOrdID(11)", id);
        break;
    }
}

static void on_message(void *context, struct rfx_session *handle, const struct rfx_message *message)
{
    uint64_t now_ns = clock_ns();
    const struct load *load = context;
    struct load_session *session = rfx_session_user(handle);
    if (rfx_message_is(message, "3") || rfx_message_is(message, "j")) {
        load_fail(session, FAILURE_REJECTED, "Text(58)", field_of(message, 58));
    } else if ((rfx_message_is(message, "8") && !load->options->is_test_request) ||
               (load->options->mix != NULL && field_of(message, 11).size > 0)) {
        on_answer(session, message, now_ns);
    } else {
        load_fail(session, FAILURE_UNEXPECTED, "MsgType(35)", rfx_message_type(message));
    }
}

/* A TestRequest is answered when its session no longer waits for it, and is still there. */
static void on_test_answer(struct load_session *session, uint64_t now_ns)
{
    uint64_t intended_ns = 0;
    if (session->flight.outstanding > 0 && flight_take(&session->flight, session->flight.next - 1,
                                                       &intended_ns) == FLIGHT_FIRST_ANSWER) {
        on_first_answer(session, intended_ns, now_ns);
    } else if (session->due > 0) {
        load_wait_for_turn(session); /* it was the library's own, and in our way */
    }
}

static void on_state_change(void *context, struct rfx_session *handle, enum rfx_state from,
                            enum rfx_state to)
{
    const struct load *load = context;
    struct load_session *session = rfx_session_user(handle);
    if (session == NULL) {
        return;
    }
    if (to == RFX_RECV_SEQNUM_TOO_HIGH) {
        session->lane->gaps++;
    } else if (to == RFX_RESENDREQ_HANDLING) {
        session->lane->resends++;
    }
    if (load->options->is_test_request && from == RFX_AWAIT_PROC_TEST_REQ &&
        rfx_session_is_logged_on(handle)) {
        on_test_answer(session, clock_ns());
    }
}

static void on_log(void *context, enum rfx_log_level level, const char *session, const char *text)
{
    struct load *load = context;
    char line[512];
    snprintf(line, sizeof line, "%s%s%s", session != NULL ? session : "",
             session != NULL ? ": " : "", text);
    log_write(load->log, level, line);
}

struct rfx_app load_app(struct load *load)
{
    return (struct rfx_app){
        .context = load,
        .on_connect = on_connect,
        .on_build_logon = on_build_logon,
        .on_disconnect = on_disconnect,
        .on_logon = on_logon,
        .on_logout = on_logout,
        .on_message = on_message,
        .on_state_change = on_state_change,
        .on_turn = load_on_turn,
        .on_log = on_log,
    };
}
