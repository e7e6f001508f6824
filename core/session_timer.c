/* Everything that happens because time passes. */
#include "core/session_internal.h"

/* A connect that has neither succeeded nor failed by then is given up; the network gives up
 * earlier. */
#define CONNECT_NS (20 * RFX_NS_PER_S)

/* The clock may be set while an initiator waits for its time. */
#define WAIT_MAX_NS (60 * RFX_NS_PER_S)

#define GAP_RETRY_S 30

/* Silence for 1.2 heartbeat intervals asks for a sign of life. */
static uint64_t patience_ns(const struct rfx_session *session)
{
    return session->heartbeat_s * (RFX_NS_PER_S / 10 * 12);
}

/* How long a gap may stay as it is before it is asked for again. */
uint64_t rfx_session_gap_retry_ns(const struct rfx_session *session)
{
    uint64_t interval_s = session->heartbeat_s > GAP_RETRY_S ? session->heartbeat_s : GAP_RETRY_S;
    return interval_s * RFX_NS_PER_S;
}

/* The first attempt after a working connection comes after ReconnectInterval, each further one
 * after twice the time of the one before, up to ten times ReconnectInterval. Of several hosts each
 * is tried before the time doubles. */
uint64_t rfx_session_reconnect_ns(const struct rfx_session *session)
{
    uint64_t interval_ms = session->config->reconnect_interval_s * UINT64_C(1000);
    uint32_t rounds = session->failures / session->profile->host_count;
    uint64_t wait_ms = interval_ms;
    if (rounds >= 2) {
        uint64_t factor = rounds > 4 ? 10 : UINT64_C(1) << (rounds - 1);
        wait_ms = factor * interval_ms + interval_ms * session->jitter / 1024;
    }
    return wait_ms * RFX_NS_PER_MS;
}

static bool awaits_gap(const struct rfx_session *session)
{
    return session->gap_last != 0 && rfx_session_is_logged_on(session);
}

static bool heartbeats_are_on(const struct rfx_session *session)
{
    return rfx_session_is_logged_on(session) && session->heartbeat_s > 0;
}

uint64_t rfx_session_deadline_ns(const struct rfx_session *session)
{
    uint64_t deadline = session->deadline_ns;
    if (heartbeats_are_on(session) && !session->test_is_pending) {
        uint64_t heartbeat_ns = session->heartbeat_s * RFX_NS_PER_S;
        deadline = rfx_min_u64(deadline, session->last_sent_ns + heartbeat_ns);
        deadline = rfx_min_u64(deadline, session->last_received_ns + patience_ns(session));
    }
    if (awaits_gap(session)) {
        deadline = rfx_min_u64(deadline, session->gap_retry_ns);
    }
    return rfx_min_u64(deadline, session->schedule_ns);
}

/* An initiator's next attempt, or the wait for the session's time. */
static void connect_again(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out)
{
    uint64_t opens_in_ns;
    if (!rfx_session_is_open(session, now, &opens_in_ns)) {
        session->deadline_ns = now.mono_ns + rfx_min_u64(opens_in_ns, WAIT_MAX_NS);
        return;
    }
    rfx_step_set_state(session, RFX_INITIATE_CONNECTION, out);
    rfx_step_action(out, RFX_ACTION_CONNECT)->host =
        session->failures % session->profile->host_count;
    session->deadline_ns = now.mono_ns + CONNECT_NS;
}

/* The awaited thing did not come in time. */
static void on_deadline(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out)
{
    session->deadline_ns = RFX_NEVER_NS;
    switch (session->state) {
    case RFX_DISCONNECTED_NOCONN_TODAY:
    case RFX_DISCONNECTED_WCONN_TODAY:
    case RFX_DISCONNECTED_BROKEN_CONN:
        connect_again(session, now, out);
        break;
    case RFX_INITIATE_CONNECTION:
        rfx_step_close(session, RFX_REASON_CONNECT_FAILED, now, out);
        break;
    case RFX_NETWORK_CONN_ESTABLISHED:
    case RFX_LOGON_INITIAL_RECV:
    case RFX_WAITING_FOR_LOGON:
        rfx_step_close(session, RFX_REASON_LOGON_TIMEOUT, now, out);
        break;
    case RFX_INITIATE_LOGOUT:
        rfx_step_close(session, RFX_REASON_LOGOUT_TIMEOUT, now, out);
        break;
    case RFX_RECEIVED_LOGOUT:
        rfx_step_answer_logout(session, now, out); /* the resend before it took too long */
        break;
    case RFX_AWAIT_PROC_TEST_REQ:
        rfx_step_close(session, RFX_REASON_TEST_REQUEST_UNANSWERED, now, out);
        break;
    case RFX_STATE_UNKNOWN:
    case RFX_AWAITING_CONNECTION:
    case RFX_LOGON_INITIAL_SENT:
    case RFX_LOGON_RESPONSE:
    case RFX_RESENDREQ_HANDLING:
    case RFX_RECV_SEQNUM_TOO_HIGH:
    case RFX_RESENDREQ_AWAITING:
    case RFX_NO_MSG_IN_INTERVAL:
    case RFX_ACTIVE:
        break; /* nothing is awaited in these states */
    }
}

void rfx_step_on_tick(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out)
{
    if (now.mono_ns >= session->schedule_ns) {
        rfx_step_follow_schedule(session, now, out);
    }
    if (now.mono_ns >= session->deadline_ns) {
        on_deadline(session, now, out);
    }
    if (awaits_gap(session) && now.mono_ns >= session->gap_retry_ns) {
        rfx_step_retry_gap(session, now, out);
    }
    if (!heartbeats_are_on(session) || session->test_is_pending) {
        return; /* while an answer is awaited, a Heartbeat would say nothing */
    }
    if (now.mono_ns >= session->last_received_ns + patience_ns(session)) {
        rfx_step_set_state(session, RFX_NO_MSG_IN_INTERVAL, out);
        rfx_step_send_test_request(session, now, out);
    } else if (now.mono_ns >= session->last_sent_ns + session->heartbeat_s * RFX_NS_PER_S) {
        rfx_step_send_heartbeat(session, rfx_bytes_of(NULL, 0), now, out);
    }
}
