/* The state of a session: who may follow whom, the numbers, and the step's dispatch. */
#include "core/session_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"

#define BIT(state) (UINT32_C(1) << (state))

/* Every state in which Logons have been exchanged. */
#define LOGGED_ON                                                                                  \
    (BIT(RFX_RESENDREQ_HANDLING) | BIT(RFX_RECV_SEQNUM_TOO_HIGH) | BIT(RFX_RESENDREQ_AWAITING) |   \
     BIT(RFX_NO_MSG_IN_INTERVAL) | BIT(RFX_AWAIT_PROC_TEST_REQ) | BIT(RFX_ACTIVE))
#define LOGGING_OUT  (BIT(RFX_RECEIVED_LOGOUT) | BIT(RFX_INITIATE_LOGOUT))
#define DISCONNECTED (BIT(RFX_DISCONNECTED_WCONN_TODAY) | BIT(RFX_DISCONNECTED_BROKEN_CONN))
#define WAITING      (BIT(RFX_AWAITING_CONNECTION) | BIT(RFX_INITIATE_CONNECTION))

/* Which states may follow each state. */
static const uint32_t allowed_next[] = {
    [RFX_STATE_UNKNOWN] = BIT(RFX_DISCONNECTED_NOCONN_TODAY),
    [RFX_DISCONNECTED_NOCONN_TODAY] = WAITING,
    [RFX_DISCONNECTED_WCONN_TODAY] = WAITING,
    [RFX_DISCONNECTED_BROKEN_CONN] = WAITING,
    [RFX_AWAITING_CONNECTION] = BIT(RFX_NETWORK_CONN_ESTABLISHED),
    [RFX_INITIATE_CONNECTION] = BIT(RFX_NETWORK_CONN_ESTABLISHED) | DISCONNECTED,
    [RFX_NETWORK_CONN_ESTABLISHED] =
        BIT(RFX_LOGON_INITIAL_SENT) | BIT(RFX_LOGON_INITIAL_RECV) | DISCONNECTED,
    [RFX_LOGON_INITIAL_SENT] = BIT(RFX_WAITING_FOR_LOGON),
    [RFX_LOGON_INITIAL_RECV] = BIT(RFX_LOGON_RESPONSE) | DISCONNECTED,
    [RFX_LOGON_RESPONSE] = BIT(RFX_ACTIVE) | BIT(RFX_RECV_SEQNUM_TOO_HIGH),
    [RFX_RESENDREQ_HANDLING] = LOGGED_ON | LOGGING_OUT | DISCONNECTED,
    [RFX_RECV_SEQNUM_TOO_HIGH] = BIT(RFX_RESENDREQ_AWAITING),
    [RFX_RESENDREQ_AWAITING] = LOGGED_ON | LOGGING_OUT | DISCONNECTED,
    [RFX_NO_MSG_IN_INTERVAL] = BIT(RFX_AWAIT_PROC_TEST_REQ),
    [RFX_AWAIT_PROC_TEST_REQ] = LOGGED_ON | LOGGING_OUT | DISCONNECTED,
    [RFX_RECEIVED_LOGOUT] = DISCONNECTED,
    [RFX_INITIATE_LOGOUT] = DISCONNECTED,
    [RFX_ACTIVE] = LOGGED_ON | LOGGING_OUT | DISCONNECTED,
    [RFX_WAITING_FOR_LOGON] =
        BIT(RFX_ACTIVE) | BIT(RFX_RECV_SEQNUM_TOO_HIGH) | BIT(RFX_INITIATE_LOGOUT) | DISCONNECTED,
};

void rfx_step_set_state(struct rfx_session *session, enum rfx_state state, struct rfx_actions *out)
{
    if (session->state == state) {
        return;
    }
    RFX_ASSERT((allowed_next[session->state] & BIT(state)) != 0);
    struct rfx_action *action = rfx_step_action(out, RFX_ACTION_STATE);
    action->state.from = session->state;
    action->state.to = state;
    session->state = state;
}

static bool is_logged_on(const struct rfx_session *session)
{
    return (LOGGED_ON & BIT(session->state)) != 0;
}

/* The state that what is going on now amounts to, the most pressing first. */
void rfx_step_settle(struct rfx_session *session, struct rfx_actions *out)
{
    if (!is_logged_on(session)) {
        return;
    }
    if (session->test_is_pending) {
        rfx_step_set_state(session, RFX_AWAIT_PROC_TEST_REQ, out);
    } else if (session->gap_last != 0) {
        rfx_step_set_state(session, RFX_RESENDREQ_AWAITING, out);
    } else if (session->replay_next != 0) {
        rfx_step_set_state(session, RFX_RESENDREQ_HANDLING, out);
    } else {
        rfx_step_set_state(session, RFX_ACTIVE, out);
    }
}

/* next_in has moved: steps over a Logon that was read ahead, and closes a gap that is filled. */
static void close_gap(struct rfx_session *session, struct rfx_actions *out)
{
    if (session->logon_ahead != 0 && session->next_in >= session->logon_ahead) {
        if (session->next_in == session->logon_ahead) {
            session->next_in++;
        }
        session->logon_ahead = 0;
    }
    if (session->gap_last != 0 && session->next_in > session->gap_last) {
        session->gap_last = 0;
        rfx_step_settle(session, out);
    }
}

void rfx_step_advance(struct rfx_session *session, struct rfx_actions *out)
{
    session->next_in++;
    close_gap(session, out);
}

void rfx_step_reset_numbers(struct rfx_session *session, struct rfx_now now,
                            struct rfx_actions *out)
{
    session->next_out = 1;
    session->next_in = 1;
    session->created_utc_ns = now.utc_ns;
    session->gap_last = 0;
    session->logon_ahead = 0;
    session->replay_next = 0;
    rfx_step_action(out, RFX_ACTION_RESET);
}

void rfx_step_note(struct rfx_actions *out, const char *format, ...)
{
    struct rfx_action *action = rfx_step_action(out, RFX_ACTION_NOTE);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(action->note, sizeof action->note, format, arguments);
    va_end(arguments);
}

static bool is_logout_reason(enum rfx_disconnect_reason reason)
{
    return reason == RFX_REASON_LOGOUT_RECEIVED || reason == RFX_REASON_LOGOUT_COMPLETED;
}

/* The one way out of a connection. */
void rfx_step_close(struct rfx_session *session, enum rfx_disconnect_reason reason,
                    struct rfx_now now, struct rfx_actions *out)
{
    const struct rfx_session_config *config = session->config;
    bool orderly = is_logout_reason(reason);
    bool was_active = session->was_active;
    if (session->logout_reason != RFX_REASON_NONE && orderly) {
        reason = session->logout_reason; /* what made us log out says more than how it ended */
    }
    rfx_step_set_state(
        session,
        orderly && was_active ? RFX_DISCONNECTED_WCONN_TODAY : RFX_DISCONNECTED_BROKEN_CONN, out);
    rfx_step_action(out, RFX_ACTION_CLOSE)->close_reason = reason;
    session->was_active = false;
    session->sent_reset = false;
    session->test_is_pending = false;
    session->test_sent_ns = 0;
    session->awaits_redelivery = false;
    session->logout_is_sent = false;
    session->logout_reason = RFX_REASON_NONE;
    session->gap_last = 0;
    session->logon_ahead = 0;
    session->replay_next = 0;
    if (was_active && (config->reset_on_disconnect || (config->reset_on_logout && orderly))) {
        rfx_step_reset_numbers(session, now, out);
    }
    session->schedule_ns = session->schedule_ns == RFX_NEVER_NS ? RFX_NEVER_NS : now.mono_ns;
    session->failures = was_active ? 0 : session->failures + 1;
    if (config->role == RFX_ROLE_ACCEPTOR) {
        session->deadline_ns = RFX_NEVER_NS;
        rfx_step_set_state(session, RFX_AWAITING_CONNECTION, out);
    } else {
        session->deadline_ns = now.mono_ns + rfx_session_reconnect_ns(session);
    }
}

static void on_start(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out)
{
    rfx_step_set_state(session, RFX_DISCONNECTED_NOCONN_TODAY, out);
    rfx_step_follow_schedule(session, now, out);
    if (session->config->role == RFX_ROLE_ACCEPTOR) {
        rfx_step_set_state(session, RFX_AWAITING_CONNECTION, out);
    } else {
        session->deadline_ns = now.mono_ns;
    }
}

static void on_disconnected(struct rfx_session *session, const struct rfx_event *event,
                            struct rfx_actions *out)
{
    if (!rfx_session_is_connected(session) && session->state != RFX_INITIATE_CONNECTION) {
        return; /* we closed first */
    }
    enum rfx_disconnect_reason reason = event->reason;
    if (session->state == RFX_WAITING_FOR_LOGON && reason == RFX_REASON_PEER_CLOSED) {
        reason = RFX_REASON_LOGON_REFUSED;
    }
    rfx_step_close(session, reason, event->now, out);
}

static void disable(struct rfx_session *session, const struct rfx_event *event,
                    struct rfx_actions *out)
{
    session->is_disabled = true;
    if (is_logged_on(session)) {
        rfx_step_start_logout(session, event->text, event->reason, event->now, out);
    } else if (rfx_session_is_connected(session) && session->state != RFX_INITIATE_LOGOUT &&
               session->state != RFX_RECEIVED_LOGOUT) {
        rfx_step_close(session, event->reason, event->now, out);
    }
}

/* An initiator need not wait for its next attempt. */
static void dial_now(struct rfx_session *session, struct rfx_now now)
{
    if (session->config->role == RFX_ROLE_INITIATOR && session->state != RFX_STATE_UNKNOWN &&
        session->state != RFX_INITIATE_CONNECTION && !rfx_session_is_connected(session)) {
        session->failures = 0;
        session->deadline_ns = now.mono_ns;
    }
}

static void enable(struct rfx_session *session, struct rfx_now now)
{
    session->is_disabled = false;
    dial_now(session, now);
}

static struct rfx_identity_parts parts_of(const struct rfx_session_config *config,
                                          const char *target_comp_id)
{
    return (struct rfx_identity_parts){
        .begin_string = config->begin_string,
        .sender_comp_id = config->sender_comp_id,
        .sender_sub_id = config->sender_sub_id,
        .sender_location_id = config->sender_location_id,
        .target_comp_id = target_comp_id,
        .target_sub_id = config->target_sub_id,
        .target_location_id = config->target_location_id,
    };
}

size_t rfx_session_memory_size(const struct rfx_session_config *config, const char *target_comp_id)
{
    char name[RFX_SESSION_NAME_MAX];
    const struct rfx_identity_parts parts = parts_of(config, target_comp_id);
    return rfx_session_name_of_config(config, target_comp_id, name) + 1 + rfx_identity_size(&parts);
}

static void use_profile(struct rfx_session *session, const struct rfx_profile *profile)
{
    session->config = profile->config;
    session->profile = profile;
    session->rules = profile->rules;
    session->appl_ver_id = profile->appl_ver_id;
    session->heartbeat_s = profile->config->heartbeat_s;
    atomic_store_explicit(&session->log_level, profile->config->log_level, memory_order_relaxed);
}

static void reconfigure(struct rfx_session *session, const struct rfx_profile *profile,
                        struct rfx_now now)
{
    RFX_ASSERT(!rfx_session_is_connected(session));
    RFX_ASSERT(profile->config->role == session->config->role);
    use_profile(session, profile);
    session->schedule_ns = now.mono_ns; /* other times, perhaps */
    dial_now(session, now);
}

void rfx_session_init(struct rfx_session *session, const struct rfx_profile *profile,
                      const char *target_comp_id, const struct rfx_session_start *start,
                      char *memory)
{
    const struct rfx_session_config *config = profile->config;
    const struct rfx_identity_parts parts = parts_of(config, target_comp_id);
    char name[RFX_SESSION_NAME_MAX];
    size_t name_size = rfx_session_name_of_config(config, target_comp_id, name);
    memset(session, 0, sizeof *session);
    use_profile(session, profile);
    session->state = RFX_STATE_UNKNOWN;
    session->next_out = start->next_out;
    session->next_in = start->next_in;
    session->created_utc_ns = start->created_utc_ns;
    session->deadline_ns = RFX_NEVER_NS;
    session->schedule_ns = RFX_NEVER_NS;
    memcpy(memory, name, name_size + 1);
    session->name = memory;
    session->jitter = (uint32_t)(rfx_name_hash(name, name_size) & 255);
    rfx_identity_init(&session->identity, &parts, memory + name_size + 1);
}

void rfx_session_step(struct rfx_session *session, const struct rfx_event *event,
                      struct rfx_actions *out)
{
    switch (event->type) {
    case RFX_EVENT_START:
        on_start(session, event->now, out);
        break;
    case RFX_EVENT_CONNECTED:
        rfx_step_on_connected(session, event, out);
        break;
    case RFX_EVENT_DISCONNECTED:
        on_disconnected(session, event, out);
        break;
    case RFX_EVENT_MESSAGE:
        rfx_step_on_message(session, event, out);
        break;
    case RFX_EVENT_VERDICT:
        rfx_step_on_verdict(session, event, out);
        break;
    case RFX_EVENT_SEND:
        rfx_step_send(session, event->writer, event->now, out);
        out->items[out->count - 1].send.is_withheld = session->logout_is_sent;
        break;
    case RFX_EVENT_TICK:
        rfx_step_on_tick(session, event->now, out);
        break;
    case RFX_EVENT_REPLAYED:
        rfx_step_on_replayed(session, event, out);
        break;
    case RFX_EVENT_REPLAY_END:
        rfx_step_on_replay_end(session, event->now, out);
        break;
    case RFX_EVENT_LOGOUT:
        rfx_step_start_logout(session, event->text, event->reason, event->now, out);
        break;
    case RFX_EVENT_TEST_REQUEST:
        rfx_step_send_test_request(session, event->now, out);
        break;
    case RFX_EVENT_CLOSE:
        if (rfx_session_is_connected(session)) {
            rfx_step_close(session, event->reason, event->now, out);
        }
        break;
    case RFX_EVENT_RESET:
        rfx_step_reset_numbers(session, event->now, out);
        break;
    case RFX_EVENT_SET_NUMBERS:
        session->next_out = event->next_out;
        session->next_in = event->next_in;
        break;
    case RFX_EVENT_DISABLE:
        disable(session, event, out);
        break;
    case RFX_EVENT_ENABLE:
        enable(session, event->now);
        break;
    case RFX_EVENT_RECONFIGURE:
        reconfigure(session, event->profile, event->now);
        break;
    }
    rfx_step_ask_on(session, event->now, out);
}

bool rfx_session_is_connected(const struct rfx_session *session)
{
    return session->state >= RFX_NETWORK_CONN_ESTABLISHED;
}

bool rfx_session_may_send(const struct rfx_session *session)
{
    return is_logged_on(session) || session->state == RFX_INITIATE_LOGOUT;
}

bool rfx_session_is_logged_on(const struct rfx_session *session)
{
    return is_logged_on(session);
}

enum rfx_state rfx_session_state(const struct rfx_session *session)
{
    return session->state;
}

const char *rfx_session_begin_string(const struct rfx_session *session)
{
    return session->config->begin_string;
}

struct rfx_bytes rfx_session_sender_comp_id(const struct rfx_session *session)
{
    return session->identity.sender_comp_id;
}

struct rfx_bytes rfx_session_target_comp_id(const struct rfx_session *session)
{
    return session->identity.target_comp_id;
}

enum rfx_role rfx_session_role(const struct rfx_session *session)
{
    return session->config->role;
}

const char *rfx_session_name(const struct rfx_session *session)
{
    return session->name;
}

unsigned rfx_session_appl_ver_id(const struct rfx_session *session)
{
    return session->appl_ver_id;
}

uint32_t rfx_session_heartbeat_s(const struct rfx_session *session)
{
    return session->heartbeat_s;
}

uint64_t rfx_session_next_out(const struct rfx_session *session)
{
    return session->next_out;
}

uint64_t rfx_session_next_in(const struct rfx_session *session)
{
    return session->next_in;
}

void rfx_session_set_user(struct rfx_session *session, void *user)
{
    session->user = user;
}

void *rfx_session_user(const struct rfx_session *session)
{
    return session->user;
}
