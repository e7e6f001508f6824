/* Gaps, both ways: asking for what is missing, and serving what the counterparty misses. */
#include "core/session_internal.h"

#include <string.h>

static void ask(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out)
{
    uint64_t chunk = session->config->resend_request_chunk_size;
    bool is_chunk = chunk != 0 && session->gap_last - session->next_in >= chunk;
    session->gap_end = is_chunk ? session->next_in + chunk - 1 : 0;
    /* In chunks, what has come behind the gap meanwhile is not asked for with the last one. */
    uint64_t end = chunk != 0 && !is_chunk ? session->gap_last : session->gap_end;
    rfx_step_send_resend_request(session, end, now, out);
    session->gap_asked = session->next_in;
    session->gap_seen = session->next_in;
    session->gap_retry_ns = now.mono_ns + rfx_session_gap_retry_ns(session);
}

/* Numbers before this message have not arrived. One ResendRequest is under way at a time: until
 * what it was sent for has come, later gaps wait; those still open then show by the next number
 * that is too high. A resend that skips a number is asked for again, once for each such number. */
void rfx_step_open_gap(struct rfx_session *session, const struct rfx_received *in,
                       struct rfx_actions *out)
{
    if (session->logout_is_sent) {
        return;
    }
    if (session->gap_last != 0) {
        bool is_skipped = in->header.poss_dup && session->gap_asked != session->next_in;
        /* Two sides that ask again for each other's requests would never stop. */
        bool is_redundant =
            session->config->send_redundant_resend_requests && !rfx_message_is(in->message, "2");
        if (is_skipped || is_redundant) {
            ask(session, in->now, out);
        }
        return;
    }
    session->gap_last = in->seq_num - 1;
    rfx_step_set_state(session, RFX_RECV_SEQNUM_TOO_HIGH, out);
    if (session->awaits_redelivery) {
        /* Our Logon has said what is missing; asked for only when it does not come. */
        session->awaits_redelivery = false;
        session->gap_end = 0;
        session->gap_asked = session->next_in;
        session->gap_seen = session->next_in;
        session->gap_retry_ns = in->now.mono_ns + rfx_session_gap_retry_ns(session);
    } else {
        ask(session, in->now, out);
    }
    rfx_step_set_state(session, RFX_RESENDREQ_AWAITING, out);
    rfx_step_settle(session, out);
}

void rfx_step_hold_back(struct rfx_session *session, const struct rfx_received *in,
                        struct rfx_actions *out)
{
    rfx_step_action(out, RFX_ACTION_QUEUE)->queue_seq_num = in->seq_num;
    rfx_step_open_gap(session, in, out);
}

void rfx_step_ask_on(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out)
{
    if (session->gap_last != 0 && session->gap_end != 0 && session->next_in > session->gap_end &&
        rfx_session_is_logged_on(session)) {
        ask(session, now, out);
    }
}

/* Nothing of the gap has come for a while: ask once more. */
void rfx_step_retry_gap(struct rfx_session *session, struct rfx_now now, struct rfx_actions *out)
{
    if (session->next_in == session->gap_seen) {
        ask(session, now, out);
        return;
    }
    session->gap_seen = session->next_in;
    session->gap_retry_ns = now.mono_ns + rfx_session_gap_retry_ns(session);
}

/* Reads a number field, answering with a Reject when it is missing or none. */
static bool read_number(struct rfx_session *session, const struct rfx_received *in, int32_t tag,
                        uint64_t *number, struct rfx_actions *out)
{
    int32_t index = rfx_message_find(in->message, tag);
    if (index >= 0 && rfx_read_uint(rfx_field_value(in->message, index), number)) {
        return true;
    }
    if (index < 0) {
        rfx_step_send_reject(session, in, RFX_REJECT_REQUIRED_TAG_MISSING, tag,
                             "Required tag missing", out);
    } else {
        rfx_step_send_reject(session, in, RFX_REJECT_BAD_FORMAT, tag,
                             "Incorrect data format for value", out);
    }
    return false;
}

/* Starts or extends the resend under way. What is not yet covered stays in the range. */
static void start_replay(struct rfx_session *session, uint64_t first, uint64_t last,
                         struct rfx_actions *out)
{
    if (session->replay_next != 0 && session->replay_last > last) {
        last = session->replay_last;
    }
    if (session->replay_next == 0 || first < session->replay_next) {
        session->replay_next = first;
    }
    session->replay_last = last;
    struct rfx_action *action = rfx_step_action(out, RFX_ACTION_REPLAY);
    action->replay.first = session->replay_next;
    action->replay.last = last;
    rfx_step_settle(session, out);
}

void rfx_step_redeliver(struct rfx_session *session, uint64_t first, uint64_t last,
                        struct rfx_actions *out)
{
    start_replay(session, first, last, out);
}

static void serve(struct rfx_session *session, const struct rfx_received *in,
                  struct rfx_actions *out)
{
    uint64_t first;
    uint64_t last;
    if (!read_number(session, in, 7, &first, out) || !read_number(session, in, 16, &last, out)) {
        return;
    }
    if (first == 0 || first >= session->next_out || (last != 0 && last < first)) {
        rfx_step_send_reject(session, in, RFX_REJECT_VALUE_INCORRECT,
                             last != 0 && last < first ? 16 : 7,
                             "Value is incorrect (out of range) for this tag", out);
        return;
    }
    bool is_open_end =
        last == 0 || (last == RFX_INFINITY_41 && session->profile->version <= RFX_FIX42);
    if (is_open_end || last >= session->next_out) {
        last = session->next_out - 1;
    }
    start_replay(session, first, last, out);
}

/* Served whatever its own number: two sides that wait for each other's resend would wait
 * forever. */
void rfx_step_on_resend_request(struct rfx_session *session, const struct rfx_received *in,
                                struct rfx_actions *out)
{
    if (in->header.poss_dup && in->seq_num < session->next_in) {
        return;
    }
    if (!in->from_queue) {
        session->counts.resend_requests_in++;
        serve(session, in, out);
    }
    if (in->seq_num == session->next_in) {
        rfx_step_advance(session, out);
    } else if (in->seq_num > session->next_in) {
        rfx_step_hold_back(session, in, out);
    }
}

static void skip_to(struct rfx_session *session, uint64_t new_seq_no, struct rfx_actions *out)
{
    session->next_in = new_seq_no - 1;
    rfx_step_advance(session, out);
}

void rfx_step_on_sequence_reset(struct rfx_session *session, const struct rfx_received *in,
                                struct rfx_actions *out)
{
    int32_t flag = rfx_message_find(in->message, 123); /* GapFillFlag */
    bool is_gap_fill = flag >= 0 && rfx_bytes_equal(rfx_field_value(in->message, flag), "Y", 1);
    if (is_gap_fill) {
        if (in->seq_num < session->next_in) {
            rfx_step_too_low(session, in, out);
            return;
        }
        if (in->seq_num > session->next_in) {
            rfx_step_hold_back(session, in, out);
            return;
        }
    }
    uint64_t new_seq_no;
    if (!read_number(session, in, 36, &new_seq_no, out)) { /* NewSeqNo */
        if (is_gap_fill) {
            rfx_step_advance(session, out);
        }
        return;
    }
    if (new_seq_no > session->next_in) {
        if (!is_gap_fill) {
            session->logon_ahead = 0; /* its number may come again: the count is a new one */
        }
        skip_to(session, new_seq_no, out);
        return;
    }
    if (!is_gap_fill && new_seq_no == session->next_in) {
        return; /* nothing changes */
    }
    rfx_step_send_reject(session, in, RFX_REJECT_VALUE_INCORRECT, RFX_NO_TAG,
                         "Value is incorrect (out of range) for this tag", out);
    if (is_gap_fill) {
        rfx_step_advance(session, out);
    }
}

/* Administrative messages are not repeated, a gap fill takes their place. A session Reject(3)
 * is: it tells the counterparty what became of its message. */
static bool is_repeated(const struct rfx_message *message)
{
    return !rfx_message_is_admin(message) || rfx_message_is(message, "3");
}

/* How many fields at the start of a stored message are the header that this session layer has
 * written; 0 when it has not. */
static uint32_t own_header_size(const struct rfx_session *session,
                                const struct rfx_message *message)
{
    /* What the session is not configured with is the application's, and is repeated as it is. */
    const struct rfx_session_config *config = session->config;
    const struct {
        int32_t tag;
        bool is_ours;
    } header[] = {{8, true},
                  {9, true},
                  {35, true},
                  {34, true},
                  {49, true},
                  {50, config->sender_sub_id != NULL},
                  {52, true},
                  {56, true},
                  {57, config->target_sub_id != NULL},
                  {142, config->sender_location_id != NULL},
                  {143, config->target_location_id != NULL},
                  {369, rfx_session_says_last_processed(session)}};
    uint32_t count = 0;
    if (message->malformed_index >= 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++) {
        if (!header[i].is_ours) {
            continue;
        }
        if (count < message->field_count && message->fields[count].tag == header[i].tag) {
            count++;
        } else if (header[i].tag != 369) { /* which may have been switched on since */
            return 0;
        }
    }
    return count < message->field_count && message->fields[2].size <= 32 ? count : 0;
}

/* Its SendingTime becomes OrigSendingTime. */
static bool has_readable_time(const struct rfx_message *message)
{
    int32_t time = rfx_message_find(message, 52);
    return time >= 0 && message->fields[time].size <= 32;
}

/* Its time, but none after SendingTime, as it would be once the clock was set back or the precision
 * made coarser: the counterparty would have to reject that, and the message were lost. */
static struct rfx_bytes orig_sending_time(struct rfx_bytes stored, struct rfx_bytes sending_time)
{
    int64_t stored_ns;
    int64_t sent_ns;
    bool is_later = rfx_utc_read(stored, &stored_ns) && rfx_utc_read(sending_time, &sent_ns) &&
                    stored_ns > sent_ns;
    return is_later ? sending_time : stored;
}

/* A stored message again: new header with PossDupFlag and OrigSendingTime, all else as it was. */
static void send_again(struct rfx_session *session, const struct rfx_event *event,
                       struct rfx_actions *out)
{
    const struct rfx_message *message = event->message;
    struct rfx_header header;
    rfx_header_read(message, &header);
    struct rfx_bytes sending_time =
        rfx_utc_cached(out->utc, event->now.utc_ns, session->profile->decimals);
    struct rfx_envelope envelope = {
        .msg_type = header.msg_type,
        .seq_num = event->seq_num,
        .sending_time = sending_time,
        .poss_dup = true,
        .orig_sending_time = orig_sending_time(header.sending_time, sending_time),
        .has_last_processed = rfx_session_says_last_processed(session),
        .last_processed = session->next_in - 1,
    };
    /* What is not our own header stands between it and the trailer. */
    const struct rfx_field *last = &message->fields[own_header_size(session, message) - 1];
    uint32_t rest_offset = last->offset + last->size + 1;
    uint32_t rest_end = message->size - 7;
    struct rfx_writer writer;
    rfx_writer_begin(&writer, out->space + out->space_used, out->space_size - out->space_used,
                     &session->identity, &envelope);
    rfx_writer_put_fields(&writer,
                          rfx_bytes_of(message->data + rest_offset, rest_end - rest_offset));
    struct rfx_bytes bytes = rfx_writer_finish(&writer, &session->identity);
    RFX_ASSERT(bytes.data != NULL); /* RFX_STEP_SPACE covers the longest message */
    out->space_used = (size_t)(bytes.data + bytes.size - out->space);
    session->last_sent_ns = event->now.mono_ns;
    struct rfx_action *action = rfx_step_action(out, RFX_ACTION_SEND);
    action->send.bytes = bytes;
    action->send.seq_num = event->seq_num;
    action->send.is_stored = false;
    action->send.is_withheld = false;
}

void rfx_step_on_replayed(struct rfx_session *session, const struct rfx_event *event,
                          struct rfx_actions *out)
{
    if (session->replay_next == 0 || event->seq_num < session->replay_next ||
        event->seq_num > session->replay_last) {
        return; /* the resend ended or moved while this was read */
    }
    if (own_header_size(session, event->message) == 0 || !has_readable_time(event->message)) {
        rfx_step_note(out, "journaled message %llu is damaged, gap fill sent in its place",
                      (unsigned long long)event->seq_num);
        return;
    }
    if (!event->may_replay || !is_repeated(event->message)) {
        return; /* part of the next gap fill */
    }
    if (session->replay_next < event->seq_num) {
        rfx_step_send_gap_fill(session, session->replay_next, event->seq_num, event->now, out);
    }
    send_again(session, event, out);
    session->counts.messages_resent++;
    session->replay_next = event->seq_num + 1;
}

void rfx_step_on_replay_end(struct rfx_session *session, struct rfx_now now,
                            struct rfx_actions *out)
{
    if (session->replay_next == 0) {
        return;
    }
    if (session->replay_next <= session->replay_last) {
        rfx_step_send_gap_fill(session, session->replay_next, session->replay_last + 1, now, out);
    }
    session->replay_next = 0;
    if (session->state == RFX_RECEIVED_LOGOUT) {
        rfx_step_answer_logout(session, now, out);
        return;
    }
    rfx_step_settle(session, out);
}
