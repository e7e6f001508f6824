/* Logon, both roles: what makes one acceptable, and what it does to the numbers. */
#include "core/session_internal.h"

#include <stdio.h>

#define HEARTBEAT_S_MAX 86400

/* The fields of a Logon that the session layer reads. */
struct logon {
    uint64_t heartbeat_s;
    uint64_t next_expected; /* NextExpectedMsgSeqNum(789), 0: absent or not used here */
    int appl_ver_id;        /* DefaultApplVerID(1137), FIXT.1.1 */
    bool has_reset;         /* ResetSeqNumFlag(141)=Y */
};

static bool has_value(const struct rfx_message *message, int32_t tag, char value)
{
    int32_t index = rfx_message_find(message, tag);
    return index >= 0 && rfx_bytes_equal(rfx_field_value(message, index), &value, 1);
}

static bool uses_next_expected(const struct rfx_session *session)
{
    return session->config->enable_next_expected_msg_seq_num &&
           session->profile->version >= RFX_FIX44;
}

static const char *read_numbers(const struct rfx_session *session, const struct rfx_received *in,
                                struct logon *logon)
{
    const struct rfx_message *message = in->message;
    int32_t heartbeat = rfx_message_find(message, 108);
    if (heartbeat < 0 || !rfx_read_uint(rfx_field_value(message, heartbeat), &logon->heartbeat_s) ||
        logon->heartbeat_s > HEARTBEAT_S_MAX) {
        return "HeartBtInt(108) missing or not a number of seconds from 0 to 86400";
    }
    logon->has_reset = has_value(message, 141, 'Y');
    if (logon->has_reset && in->seq_num != 1) {
        return "ResetSeqNumFlag(141)=Y asks for MsgSeqNum(34)=1";
    }
    int32_t expected = rfx_message_find(message, 789);
    logon->next_expected = 0;
    if (expected >= 0 && uses_next_expected(session) &&
        (!rfx_read_uint(rfx_field_value(message, expected), &logon->next_expected) ||
         logon->next_expected == 0)) {
        return "NextExpectedMsgSeqNum(789) is not a number from 1 on";
    }
    return NULL;
}

static const char *read_appl_version(const struct rfx_session *session,
                                     const struct rfx_message *message, struct logon *logon)
{
    logon->appl_ver_id = -1;
    if (session->profile->version != RFX_FIXT11) {
        return NULL;
    }
    int32_t index = rfx_message_find(message, 1137);
    if (index < 0) {
        return "DefaultApplVerID(1137) missing";
    }
    struct rfx_bytes value = rfx_field_value(message, index);
    logon->appl_ver_id = value.size == 1 ? rfx_appl_version_of(value) : -1;
    if (logon->appl_ver_id < 0) {
        return "DefaultApplVerID(1137) is not a version that is supported";
    }
    return NULL;
}

/* What is wrong with a Logon by itself, NULL when nothing is. */
static const char *read_logon(const struct rfx_session *session, const struct rfx_received *in,
                              struct logon *logon)
{
    const struct rfx_message *message = in->message;
    if (message->malformed_index >= 0) {
        return "a tag is no number, or a data field is not as long as announced";
    }
    if (in->seq_num == 0) {
        return "MsgSeqNum(34) missing or not a number from 1 on";
    }
    int32_t encrypt_method = rfx_message_find(message, 98);
    if (encrypt_method >= 0 && !has_value(message, 98, '0')) {
        return "EncryptMethod(98) must be 0 (none)";
    }
    if (session->profile->version >= RFX_FIX43 &&
        has_value(message, 464, 'Y') != session->config->test_message_indicator) {
        return session->config->test_message_indicator
                   ? "TestMessageIndicator(464)=Y missing: this is a test session"
                   : "TestMessageIndicator(464)=Y, but this is no test session";
    }
    const char *fault = read_numbers(session, in, logon);
    return fault != NULL ? fault : read_appl_version(session, message, logon);
}

/* Refused without a word: whoever is there has not shown who they are. */
static void refuse(struct rfx_session *session, const struct rfx_received *in, const char *why,
                   enum rfx_disconnect_reason reason, struct rfx_actions *out)
{
    rfx_step_note(out, "Logon refused: %s", why);
    rfx_step_close(session, reason, in->now, out);
}

/* Messages from now on are of the version that the Logon says. */
static void adopt_appl_version(struct rfx_session *session, const struct logon *logon)
{
    if (logon->appl_ver_id >= 0) {
        session->appl_ver_id = (uint8_t)logon->appl_ver_id;
        session->rules.application = session->rules.by_appl_ver_id[logon->appl_ver_id];
    }
}

/* NextExpectedMsgSeqNum(789) of a Logon that this one answers or goes out with: what we expect
 * once the counterparty's Logon is counted. */
static uint64_t next_expected(const struct rfx_session *session, bool counts_logon)
{
    return uses_next_expected(session) ? session->next_in + (counts_logon ? 1 : 0) : 0;
}

/* The counterparty expects a number that was never sent: nothing could close such a gap. */
static bool expects_too_much(struct rfx_session *session, const struct rfx_received *in,
                             const struct logon *logon, uint64_t next_out, struct rfx_actions *out)
{
    if (logon->next_expected <= next_out) {
        return false;
    }
    char text[128];
    snprintf(text, sizeof text,
             "NextExpectedMsgSeqNum(789) too high, expecting %llu at most "
             "but received %llu",
             (unsigned long long)next_out, (unsigned long long)logon->next_expected);
    rfx_step_send_logout(session, text, in->now, out);
    rfx_step_close(session, RFX_REASON_INVALID_LOGON, in->now, out);
    return true;
}

/* The Logon's number is due or too high, and the session is up. `sent` are the numbers that the
 * counterparty ought to have by now, by its own word it lacks those from next_expected on. */
static void become_active(struct rfx_session *session, const struct rfx_received *in,
                          const struct logon *logon, uint64_t sent, struct rfx_actions *out)
{
    bool healthy = in->seq_num == session->next_in;
    session->was_active = true;
    session->deadline_ns = RFX_NEVER_NS;
    session->last_received_ns = in->now.mono_ns; /* the verdict may have taken its time */
    if (healthy) {
        rfx_step_advance(session, out);
        rfx_step_set_state(session, RFX_ACTIVE, out);
    } else {
        session->logon_ahead = in->seq_num;
        rfx_step_set_state(session, RFX_RECV_SEQNUM_TOO_HIGH, out);
        session->awaits_redelivery = logon->next_expected != 0;
        rfx_step_open_gap(session, in, out);
    }
    if (logon->next_expected != 0 && logon->next_expected <= sent) {
        rfx_step_redeliver(session, logon->next_expected, sent, out);
    }
    session->counts.logons++;
    session->logged_on_ns = in->now.mono_ns;
    rfx_step_action(out, RFX_ACTION_LOGON)->is_healthy = healthy;
}

/* A connection cannot begin with a repetition. True: the number was too low, and all is done. */
static bool begins_too_low(struct rfx_session *session, const struct rfx_received *in,
                           struct rfx_actions *out)
{
    if (in->seq_num >= session->next_in) {
        return false;
    }
    struct rfx_received too_low = *in;
    too_low.header.poss_dup = false;
    rfx_step_too_low(session, &too_low, out);
    return true;
}

/* Everything has agreed to this Logon: only now does it change anything. */
static void on_acceptor_logon(struct rfx_session *session, const struct rfx_received *in,
                              const struct logon *logon, struct rfx_actions *out)
{
    session->heartbeat_s = (uint32_t)logon->heartbeat_s;
    adopt_appl_version(session, logon);
    if (logon->has_reset || session->config->reset_on_logon) {
        rfx_step_reset_numbers(session, in->now, out);
    }
    uint64_t sent = session->next_out - 1;
    bool expects_of_before = !logon->has_reset && session->config->reset_on_logon;
    if (begins_too_low(session, in, out) ||
        (!expects_of_before && expects_too_much(session, in, logon, session->next_out, out))) {
        return;
    }
    const struct rfx_logon_text text = {
        .has_reset = logon->has_reset,
        .next_expected = next_expected(session, in->seq_num == session->next_in),
    };
    rfx_step_send_logon(session, &text, in->now, out);
    rfx_step_set_state(session, RFX_LOGON_RESPONSE, out);
    become_active(session, in, logon, sent, out);
}

static void on_initiator_logon(struct rfx_session *session, const struct rfx_received *in,
                               const struct logon *logon, struct rfx_actions *out)
{
    adopt_appl_version(session, logon);
    if (logon->has_reset && !session->sent_reset) {
        /* The counterparty starts over on its own: our Logon was the first of the new count. */
        rfx_step_reset_numbers(session, in->now, out);
        session->next_out = 2;
    }
    if (begins_too_low(session, in, out) ||
        expects_too_much(session, in, logon, session->next_out, out)) {
        return;
    }
    become_active(session, in, logon, session->next_out - 1, out);
}

static enum rfx_disconnect_reason why_over(const struct rfx_session *session)
{
    return session->is_disabled ? RFX_REASON_DISABLED : RFX_REASON_SESSION_TIME;
}

void rfx_step_on_connected(struct rfx_session *session, const struct rfx_event *event,
                           struct rfx_actions *out)
{
    const struct rfx_session_config *config = session->config;
    struct rfx_now now = event->now;
    rfx_step_follow_schedule(session, now, out);
    rfx_step_set_state(session, RFX_NETWORK_CONN_ESTABLISHED, out);
    session->connected_ns = now.mono_ns;
    session->last_received_ns = now.mono_ns;
    session->last_sent_ns = now.mono_ns;
    session->deadline_ns = now.mono_ns + (uint64_t)config->logon_timeout_s * RFX_NS_PER_S;
    if (config->role == RFX_ROLE_ACCEPTOR) {
        return;
    }
    if (rfx_session_is_over(session, now)) {
        rfx_step_close(session, why_over(session), now, out); /* the connect took too long */
        return;
    }
    session->heartbeat_s = config->heartbeat_s;
    session->appl_ver_id = session->profile->appl_ver_id; /* not that of the last answer */
    session->rules.application = session->profile->rules.application;
    session->sent_reset = config->reset_on_logon;
    if (session->sent_reset) {
        rfx_step_reset_numbers(session, now, out);
    }
    const struct rfx_logon_text text = {
        .has_reset = session->sent_reset,
        .next_expected = next_expected(session, false),
        .fields = event->logon_fields,
    };
    rfx_step_send_logon(session, &text, now, out);
    rfx_step_set_state(session, RFX_LOGON_INITIAL_SENT, out);
    rfx_step_set_state(session, RFX_WAITING_FOR_LOGON, out);
}

/* What speaks against the first message of a connection, RFX_REASON_NONE when nothing does. */
static enum rfx_disconnect_reason judge(struct rfx_session *session, const struct rfx_received *in,
                                        struct logon *logon, const struct rfx_actions *out,
                                        const char **why)
{
    struct rfx_fault fault;
    *why = read_logon(session, in, logon);
    if (*why != NULL) {
        return RFX_REASON_INVALID_LOGON;
    }
    if (session->rules.is_checking &&
        !rfx_validate(&session->rules, in->message, out->scratch, &fault)) {
        *why = fault.text;
        return RFX_REASON_INVALID_LOGON;
    }
    if (!rfx_session_sending_time_is_accurate(session, in)) {
        *why = "SendingTime(52) is too far from our clock, or no UTCTimestamp";
        return RFX_REASON_BAD_SENDING_TIME;
    }
    if (!rfx_session_is_for(session, &in->header)) {
        *why = "BeginString or CompIDs are not this session's";
        return RFX_REASON_BAD_COMP_ID;
    }
    return RFX_REASON_NONE;
}

/* The application's word about a Logon. A refusal with a text is a Logout, which uses a number of
 * ours; what the refused Logon carried, its number included, counts for nothing. */
void rfx_step_on_verdict(struct rfx_session *session, const struct rfx_event *event,
                         struct rfx_actions *out)
{
    struct rfx_received in = rfx_step_received(event);
    struct logon logon = {0};
    if (event->was_judged && session->state == RFX_NETWORK_CONN_ESTABLISHED) {
        rfx_step_set_state(session, RFX_LOGON_INITIAL_RECV, out);
    }
    if (session->state != RFX_LOGON_INITIAL_RECV) {
        return; /* the connection is gone */
    }
    if (!event->is_accepted) {
        if (event->text != NULL) {
            rfx_step_send_logout(session, event->text, event->now, out);
        }
        rfx_step_close(session, RFX_REASON_AUTHENTICATION, event->now, out);
        return;
    }
    const char *fault = read_logon(session, &in, &logon);
    RFX_ASSERT(fault == NULL); /* it is the message that was judged before */
    if (rfx_session_is_over(session, event->now)) {
        rfx_step_send_logout(session,
                             session->is_disabled ? "The session is disabled"
                                                  : "Logon outside the session time",
                             event->now, out);
        rfx_step_close(session, why_over(session), event->now, out);
        return;
    }
    on_acceptor_logon(session, &in, &logon, out);
}

void rfx_step_on_first_message(struct rfx_session *session, const struct rfx_received *in,
                               struct rfx_actions *out)
{
    bool is_initiator = session->config->role == RFX_ROLE_INITIATOR;
    if (is_initiator && rfx_message_is(in->message, "5")) {
        rfx_step_action(out, RFX_ACTION_LOGOUT);
        if (in->seq_num == session->next_in && rfx_session_is_for(session, &in->header)) {
            rfx_step_advance(session, out);
        }
        rfx_step_close(session, RFX_REASON_LOGON_REFUSED, in->now, out);
        return;
    }
    if (!rfx_message_is(in->message, "A")) {
        refuse(session, in, "the first message is not a Logon",
               is_initiator ? RFX_REASON_LOGON_REFUSED : RFX_REASON_NOT_A_LOGON, out);
        return;
    }
    struct logon logon;
    const char *why;
    enum rfx_disconnect_reason reason = judge(session, in, &logon, out, &why);
    if (reason != RFX_REASON_NONE) {
        refuse(session, in, why, reason, out);
    } else if (is_initiator) {
        on_initiator_logon(session, in, &logon, out);
    } else {
        rfx_step_set_state(session, RFX_LOGON_INITIAL_RECV, out);
        rfx_step_action(out, RFX_ACTION_AUTHENTICATE);
    }
}

/* A Logon while logged on: with ResetSeqNumFlag both sides start over; without, it is out of
 * place. */
void rfx_step_on_logon_again(struct rfx_session *session, const struct rfx_received *in,
                             struct rfx_actions *out)
{
    struct logon logon;
    const char *fault = read_logon(session, in, &logon);
    if (in->header.poss_dup && in->seq_num < session->next_in) {
        return; /* an old one, repeated */
    }
    if (fault == NULL && logon.has_reset) {
        rfx_step_note(out, "both sequence numbers restart at 1 (ResetSeqNumFlag)");
        rfx_step_reset_numbers(session, in->now, out);
        session->next_in = 2;
        const struct rfx_logon_text text = {
            .has_reset = true,
            .next_expected = next_expected(session, false),
        };
        rfx_step_send_logon(session, &text, in->now, out);
        rfx_step_settle(session, out);
        return;
    }
    if (in->seq_num < session->next_in) {
        rfx_step_too_low(session, in, out);
        return;
    }
    if (in->seq_num > session->next_in) {
        rfx_step_hold_back(session, in, out);
        return;
    }
    rfx_step_send_reject(session, in, RFX_REJECT_INVALID_MSG_TYPE, RFX_NO_TAG,
                         fault != NULL ? fault : "Logon while logged on", out);
    rfx_step_advance(session, out);
}
