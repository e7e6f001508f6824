/* Logon, both roles: what makes one acceptable, and what it does to the numbers. */
#include "core/session_internal.h"

#include <stdio.h>

#define HEARTBEAT_S_MAX 86400

/* The fields of a Logon that the session layer reads. */
struct logon {
    uint64_t heartbeat_s;
    bool has_reset; /* ResetSeqNumFlag(141)=Y */
};

static bool has_value(const struct rfx_message *message, int32_t tag, char value)
{
    int32_t index = rfx_message_find(message, tag);
    return index >= 0 && rfx_bytes_equal(rfx_field_value(message, index), &value, 1);
}

/* What is wrong with a Logon by itself, NULL when nothing is. */
static const char *read_logon(const struct rfx_received *in, struct logon *logon)
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
    int32_t heartbeat = rfx_message_find(message, 108);
    if (heartbeat < 0 || !rfx_read_uint(rfx_field_value(message, heartbeat), &logon->heartbeat_s) ||
        logon->heartbeat_s > HEARTBEAT_S_MAX) {
        return "HeartBtInt(108) missing or not a number of seconds from 0 to 86400";
    }
    logon->has_reset = has_value(message, 141, 'Y');
    if (logon->has_reset && in->seq_num != 1) {
        return "ResetSeqNumFlag(141)=Y asks for MsgSeqNum(34)=1";
    }
    return NULL;
}

bool rfx_session_logon_is_sound(const struct rfx_message *message)
{
    struct rfx_received in = {.message = message};
    struct logon logon;
    rfx_header_read(message, &in.header);
    if (!rfx_read_uint(in.header.msg_seq_num, &in.seq_num)) {
        return false;
    }
    return read_logon(&in, &logon) == NULL;
}

/* Refused without a word: whoever is there has not shown who they are. */
static void refuse(struct rfx_session *session, const struct rfx_received *in, const char *why,
                   enum rfx_disconnect_reason reason, struct rfx_actions *out)
{
    rfx_step_note(out, "Logon refused: %s", why);
    rfx_step_close(session, reason, in->now, out);
}

/* The Logon's number is due or too high, and the session is up. */
static void become_active(struct rfx_session *session, const struct rfx_received *in,
                          struct rfx_actions *out)
{
    bool healthy = in->seq_num == session->next_in;
    session->was_active = true;
    session->deadline_ns = RFX_NEVER_NS;
    if (healthy) {
        rfx_step_advance(session, out);
        rfx_step_set_state(session, RFX_ACTIVE, out);
    } else {
        session->logon_ahead = in->seq_num;
        rfx_step_set_state(session, RFX_RECV_SEQNUM_TOO_HIGH, out);
        rfx_step_open_gap(session, in, out);
    }
    rfx_step_action(out, RFX_ACTION_LOGON)->is_healthy = healthy;
}

static void on_acceptor_logon(struct rfx_session *session, const struct rfx_received *in,
                              const struct logon *logon, struct rfx_actions *out)
{
    rfx_step_set_state(session, RFX_LOGON_INITIAL_RECV, out);
    session->heartbeat_s = (uint32_t)logon->heartbeat_s;
    if (logon->has_reset || session->config->reset_on_logon) {
        rfx_step_reset_numbers(session, out);
    }
    if (in->seq_num < session->next_in) {
        struct rfx_received too_low = *in;
        too_low.header.poss_dup = false; /* a connection cannot begin with a repetition */
        rfx_step_too_low(session, &too_low, out);
        return;
    }
    rfx_step_send_logon(session, logon->has_reset, in->now, out);
    rfx_step_set_state(session, RFX_LOGON_RESPONSE, out);
    become_active(session, in, out);
}

static void on_initiator_logon(struct rfx_session *session, const struct rfx_received *in,
                               const struct logon *logon, struct rfx_actions *out)
{
    if (logon->has_reset && !session->sent_reset) {
        /* The counterparty starts over on its own: our Logon was the first of the new count. */
        rfx_step_reset_numbers(session, out);
        session->next_out = 2;
    }
    if (in->seq_num < session->next_in) {
        struct rfx_received too_low = *in;
        too_low.header.poss_dup = false;
        rfx_step_too_low(session, &too_low, out);
        return;
    }
    become_active(session, in, out);
}

void rfx_step_on_connected(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out)
{
    const struct rfx_session_config *config = session->config;
    rfx_step_set_state(session, RFX_NETWORK_CONN_ESTABLISHED, out);
    session->last_received_ns = now.mono_ns;
    session->last_sent_ns = now.mono_ns;
    session->deadline_ns = now.mono_ns + (uint64_t)config->logon_timeout_s * RFX_NS_PER_S;
    if (config->role == RFX_ROLE_ACCEPTOR) {
        return;
    }
    session->heartbeat_s = config->heartbeat_s;
    session->sent_reset = config->reset_on_logon;
    if (session->sent_reset) {
        rfx_step_reset_numbers(session, out);
    }
    rfx_step_send_logon(session, session->sent_reset, now, out);
    rfx_step_set_state(session, RFX_LOGON_INITIAL_SENT, out);
    rfx_step_set_state(session, RFX_WAITING_FOR_LOGON, out);
}

void rfx_step_on_first_message(struct rfx_session *session, const struct rfx_received *in,
                               struct rfx_actions *out)
{
    bool is_initiator = session->config->role == RFX_ROLE_INITIATOR;
    if (is_initiator && rfx_message_is(in->message, "5")) {
        rfx_step_action(out, RFX_ACTION_LOGOUT);
        if (in->seq_num == session->next_in) {
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
    const char *fault = read_logon(in, &logon);
    if (fault != NULL) {
        refuse(session, in, fault, RFX_REASON_INVALID_LOGON, out);
    } else if (!rfx_session_sending_time_is_accurate(session, in)) {
        refuse(session, in, "SendingTime(52) is too far from our clock, or no UTCTimestamp",
               RFX_REASON_BAD_SENDING_TIME, out);
    } else if (!rfx_session_is_for(session, &in->header)) {
        refuse(session, in, "BeginString or CompIDs are not this session's", RFX_REASON_BAD_COMP_ID,
               out);
    } else if (is_initiator) {
        on_initiator_logon(session, in, &logon, out);
    } else {
        on_acceptor_logon(session, in, &logon, out);
    }
}

/* A Logon while logged on: with ResetSeqNumFlag both sides start over; without, it is out of
 * place. */
void rfx_step_on_logon_again(struct rfx_session *session, const struct rfx_received *in,
                             struct rfx_actions *out)
{
    struct logon logon;
    const char *fault = read_logon(in, &logon);
    if (in->header.poss_dup && in->seq_num < session->next_in) {
        return; /* an old one, repeated */
    }
    if (fault == NULL && logon.has_reset) {
        rfx_step_note(out, "both sequence numbers restart at 1 (ResetSeqNumFlag)");
        rfx_step_reset_numbers(session, out);
        session->next_in = 2;
        rfx_step_send_logon(session, true, in->now, out);
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
