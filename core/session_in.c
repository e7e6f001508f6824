/* An incoming message: what is wrong with it before its number matters, whether its number is
 * due, and to which group of messages it belongs. */
#include "core/session_internal.h"

#include <stdio.h>
#include <string.h>

static bool is_admin(struct rfx_bytes msg_type, char letter)
{
    return msg_type.size == 1 && msg_type.data[0] == letter;
}

/* What the counterparty calls sender is our target, and the reverse. */
static bool comp_ids_match(const struct rfx_session *session, const struct rfx_header *header)
{
    const struct rfx_identity *id = &session->identity;
    return rfx_bytes_equal(header->sender_comp_id, id->target_comp_id.data,
                           id->target_comp_id.size) &&
           rfx_bytes_equal(header->target_comp_id, id->sender_comp_id.data,
                           id->sender_comp_id.size);
}

static bool begin_string_matches(const struct rfx_session *session, const struct rfx_header *header)
{
    const struct rfx_identity *id = &session->identity;
    /* begin_field is "8=FIX.4.4|9=" */
    return rfx_bytes_equal(header->begin_string, id->begin_field + 2, id->begin_size - 5u);
}

bool rfx_session_is_for(const struct rfx_session *session, const struct rfx_header *header)
{
    return begin_string_matches(session, header) && comp_ids_match(session, header);
}

bool rfx_session_sending_time_is_accurate(const struct rfx_session *session,
                                          const struct rfx_received *in)
{
    if (!in->has_sent_utc_ns) {
        return false;
    }
    if (!session->config->check_latency) {
        return true;
    }
    int64_t allowed_ns = (int64_t)(session->config->max_latency_s * RFX_NS_PER_S);
    int64_t difference_ns = in->now.utc_ns - in->sent_utc_ns;
    return difference_ns <= allowed_ns && difference_ns >= -allowed_ns;
}

/* A message that is refused uses up its number if that was due. */
static void reject(struct rfx_session *session, const struct rfx_received *in,
                   enum rfx_reject_reason reason, int32_t ref_tag, const char *text,
                   struct rfx_actions *out)
{
    rfx_step_send_reject(session, in, reason, ref_tag, text, out);
    if (in->seq_num == session->next_in) {
        rfx_step_advance(session, out);
    }
}

static void reject_malformed(struct rfx_session *session, const struct rfx_received *in,
                             struct rfx_actions *out)
{
    int32_t tag = in->message->fields[in->message->malformed_index].tag;
    if (tag == RFX_TAG_MALFORMED) {
        reject(session, in, RFX_REJECT_INVALID_TAG, RFX_NO_TAG, "Invalid tag number", out);
    } else {
        reject(session, in, RFX_REJECT_BAD_FORMAT, tag, "Data field is not as long as announced",
               out);
    }
}

/* Header fields that every message needs. False: answered, the message is done with. */
static bool header_is_complete(struct rfx_session *session, const struct rfx_received *in,
                               struct rfx_actions *out)
{
    const struct {
        int32_t tag;
        struct rfx_bytes value;
    } required[] = {
        {49, in->header.sender_comp_id},
        {56, in->header.target_comp_id},
        {52, in->header.sending_time},
        {35, in->header.msg_type},
    };
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        if (required[i].value.data == NULL) {
            reject(session, in, RFX_REJECT_REQUIRED_TAG_MISSING, required[i].tag,
                   "Required tag missing", out);
            return false;
        }
        if (required[i].value.size == 0) {
            reject(session, in, RFX_REJECT_EMPTY_VALUE, required[i].tag,
                   "Tag specified without a value", out);
            return false;
        }
    }
    if (!in->has_sent_utc_ns) {
        reject(session, in, RFX_REJECT_BAD_FORMAT, 52, "Incorrect data format for value", out);
        return false;
    }
    return true;
}

/* False: answered, the message is done with. */
static bool is_as_the_dictionary_says(struct rfx_session *session, const struct rfx_received *in,
                                      struct rfx_actions *out)
{
    struct rfx_fault fault;
    if (!session->rules.is_checking ||
        rfx_validate(&session->rules, in->message, out->scratch, &fault)) {
        return true;
    }
    reject(session, in, fault.reason, fault.ref_tag, fault.text, out);
    return false;
}

/* False: answered, the message is done with. */
static bool is_acceptable(struct rfx_session *session, const struct rfx_received *in,
                          struct rfx_actions *out)
{
    if (!begin_string_matches(session, &in->header)) {
        rfx_step_start_logout(session, "Incorrect BeginString", RFX_REASON_BAD_BEGIN_STRING,
                              in->now, out);
        return false;
    }
    if (!in->has_seq_num) {
        rfx_step_send_logout(session, "MsgSeqNum(34) missing or not a number", in->now, out);
        rfx_step_close(session, RFX_REASON_SEQ_NUM_MISSING, in->now, out);
        return false;
    }
    if (in->message->malformed_index >= 0) {
        reject_malformed(session, in, out);
        return false;
    }
    if (!header_is_complete(session, in, out)) {
        return false;
    }
    if (in->from_queue) {
        return true; /* all of this was looked at when it came */
    }
    if (!is_as_the_dictionary_says(session, in, out)) {
        return false;
    }
    if (!rfx_session_sending_time_is_accurate(session, in)) {
        reject(session, in, RFX_REJECT_SENDING_TIME, RFX_NO_TAG, "SendingTime accuracy problem",
               out);
        rfx_step_start_logout(session, NULL, RFX_REASON_BAD_SENDING_TIME, in->now, out);
        return false;
    }
    if (session->config->check_comp_id && !comp_ids_match(session, &in->header)) {
        reject(session, in, RFX_REJECT_COMP_ID, RFX_NO_TAG, "CompID problem", out);
        rfx_step_start_logout(session, NULL, RFX_REASON_BAD_COMP_ID, in->now, out);
        return false;
    }
    return true;
}

/* PossDupFlag(43)=Y asks for an OrigSendingTime(122) not after SendingTime(52). False: answered.
 * A SequenceReset repeats nothing and needs none. */
static bool poss_dup_is_valid(struct rfx_session *session, const struct rfx_received *in,
                              struct rfx_actions *out)
{
    if (!in->header.poss_dup || is_admin(in->header.msg_type, '4')) {
        return true;
    }
    int64_t original_ns;
    if (in->header.orig_sending_time.data == NULL) {
        if (!session->config->requires_orig_sending_time) {
            return true;
        }
        reject(session, in, RFX_REJECT_REQUIRED_TAG_MISSING, 122, "Required tag missing", out);
        return false;
    }
    if (!rfx_utc_read(in->header.orig_sending_time, &original_ns)) {
        reject(session, in, RFX_REJECT_BAD_FORMAT, 122, "Incorrect data format for value", out);
        return false;
    }
    /* A SendingTime in whole seconds may be of the end of its second. */
    bool is_whole = in->header.sending_time.size == sizeof "YYYYMMDD-HH:MM:SS" - 1;
    if (original_ns > in->sent_utc_ns + (is_whole ? (int64_t)RFX_NS_PER_S - 1 : 0)) {
        reject(session, in, RFX_REJECT_SENDING_TIME, RFX_NO_TAG, "SendingTime accuracy problem",
               out);
        rfx_step_start_logout(session, NULL, RFX_REASON_BAD_SENDING_TIME, in->now, out);
        return false;
    }
    return true;
}

void rfx_step_too_low(struct rfx_session *session, const struct rfx_received *in,
                      struct rfx_actions *out)
{
    if (in->header.poss_dup) {
        return; /* seen before */
    }
    char text[96];
    snprintf(text, sizeof text, "MsgSeqNum too low, expecting %llu but received %llu",
             (unsigned long long)session->next_in, (unsigned long long)in->seq_num);
    rfx_step_send_logout(session, text, in->now, out);
    rfx_step_close(session, RFX_REASON_SEQ_NUM_TOO_LOW, in->now, out);
}

static void on_test_request(struct rfx_session *session, const struct rfx_received *in,
                            struct rfx_actions *out)
{
    int32_t index = rfx_message_find(in->message, 112); /* TestReqID */
    if (index < 0 || in->message->fields[index].size == 0) {
        reject(session, in, index < 0 ? RFX_REJECT_REQUIRED_TAG_MISSING : RFX_REJECT_EMPTY_VALUE,
               112, index < 0 ? "Required tag missing" : "Tag specified without a value", out);
        return;
    }
    rfx_step_send_heartbeat(session, rfx_field_value(in->message, index), in->now, out);
    rfx_step_advance(session, out);
}

void rfx_step_answer_logout(struct rfx_session *session, struct rfx_now now,
                            struct rfx_actions *out)
{
    rfx_step_send_logout(session, NULL, now, out);
    rfx_step_close(session, RFX_REASON_LOGOUT_RECEIVED, now, out);
}

/* A Logout is answered whatever its number: the counterparty is leaving, and what is missing is
 * asked for at its next Logon. */
static void on_logout(struct rfx_session *session, const struct rfx_received *in,
                      struct rfx_actions *out)
{
    if (in->header.poss_dup && in->seq_num < session->next_in) {
        return; /* an old one, repeated */
    }
    rfx_step_action(out, RFX_ACTION_LOGOUT);
    if (in->seq_num == session->next_in) {
        rfx_step_advance(session, out);
    }
    if (session->logout_is_sent) {
        rfx_step_close(session, RFX_REASON_LOGOUT_COMPLETED, in->now, out);
        return;
    }
    rfx_step_set_state(session, RFX_RECEIVED_LOGOUT, out);
    session->test_is_pending = false;
    if (session->replay_next == 0) {
        rfx_step_answer_logout(session, in->now, out);
    } else {
        /* What was asked for before is sent first, if the counterparty still takes it. */
        session->deadline_ns =
            in->now.mono_ns + (uint64_t)session->config->logout_timeout_s * RFX_NS_PER_S;
    }
}

/* Messages whose number must be due: false when it is not, and all is done. */
static bool number_is_due(struct rfx_session *session, const struct rfx_received *in,
                          struct rfx_actions *out)
{
    if (in->seq_num < session->next_in) {
        rfx_step_too_low(session, in, out);
        return false;
    }
    if (in->seq_num > session->next_in) {
        rfx_step_hold_back(session, in, out);
        return false;
    }
    return true;
}

/* A Heartbeat with a TestReqID(112) is the answer to our TestRequest. */
static void measure_round_trip(struct rfx_session *session, const struct rfx_received *in)
{
    if (session->test_sent_ns != 0 && rfx_message_find(in->message, 112) >= 0) {
        session->round_trip_ns = in->now.mono_ns - session->test_sent_ns;
        session->test_sent_ns = 0;
    }
}

static void on_numbered(struct rfx_session *session, const struct rfx_received *in,
                        struct rfx_actions *out)
{
    if (!poss_dup_is_valid(session, in, out) || !number_is_due(session, in, out)) {
        return;
    }
    if (is_admin(in->header.msg_type, '0')) {
        measure_round_trip(session, in);
        rfx_step_advance(session, out);
    } else if (is_admin(in->header.msg_type, '1')) {
        on_test_request(session, in, out);
    } else {
        rfx_step_action(out, RFX_ACTION_DELIVER);
        rfx_step_advance(session, out);
    }
}

static void on_logged_on(struct rfx_session *session, const struct rfx_received *in,
                         struct rfx_actions *out)
{
    struct rfx_bytes msg_type = in->header.msg_type;
    if (session->logout_is_sent && is_admin(msg_type, '5')) {
        on_logout(session, in, out); /* the answer: its faults no longer matter */
        return;
    }
    if (!is_acceptable(session, in, out)) {
        return;
    }
    if (is_admin(msg_type, '5')) {
        on_logout(session, in, out);
    } else if (is_admin(msg_type, '2')) {
        rfx_step_on_resend_request(session, in, out);
    } else if (is_admin(msg_type, '4')) {
        rfx_step_on_sequence_reset(session, in, out);
    } else if (is_admin(msg_type, 'A')) {
        rfx_step_on_logon_again(session, in, out);
    } else {
        on_numbered(session, in, out);
    }
}

struct rfx_received rfx_step_received(const struct rfx_event *event)
{
    struct rfx_received in = {
        .message = event->message,
        .now = event->now,
        .from_queue = event->from_queue,
    };
    rfx_header_read(event->message, &in.header);
    in.has_seq_num = rfx_read_uint(in.header.msg_seq_num, &in.seq_num);
    in.has_sent_utc_ns = rfx_utc_read(in.header.sending_time, &in.sent_utc_ns);
    return in;
}

void rfx_step_on_message(struct rfx_session *session, const struct rfx_event *event,
                         struct rfx_actions *out)
{
    struct rfx_received in = rfx_step_received(event);
    session->last_received_ns = event->now.mono_ns;
    if (session->state == RFX_RECEIVED_LOGOUT) {
        return; /* nothing more is expected, and the answer is on its way */
    }
    if (session->state == RFX_LOGON_INITIAL_RECV) {
        rfx_step_note(out, "a message before the Logon was answered");
        rfx_step_close(session, RFX_REASON_INVALID_LOGON, event->now, out);
        return;
    }
    if (session->state == RFX_NETWORK_CONN_ESTABLISHED || session->state == RFX_WAITING_FOR_LOGON) {
        rfx_step_on_first_message(session, &in, out);
        return;
    }
    if (session->test_is_pending) {
        /* Any sign of life answers the question. */
        session->test_is_pending = false;
        session->deadline_ns = RFX_NEVER_NS;
        rfx_step_settle(session, out);
    }
    on_logged_on(session, &in, out);
}
