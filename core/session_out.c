/* Messages of the session's own, and the one place where a number is used up. */
#include "core/session_internal.h"

#include <stdio.h>
#include <string.h>

struct rfx_action *rfx_step_action(struct rfx_actions *out, enum rfx_action_type type)
{
    RFX_ASSERT(out->count < RFX_ACTIONS_MAX);
    struct rfx_action *action = &out->items[out->count++];
    action->type = type;
    return action;
}

bool rfx_session_says_last_processed(const struct rfx_session *session)
{
    return session->config->enable_last_msg_seq_num_processed &&
           session->profile->version >= RFX_FIX42;
}

static void begin(struct rfx_session *session, struct rfx_bytes msg_type, struct rfx_now now,
                  struct rfx_writer *writer, struct rfx_actions *out)
{
    struct rfx_envelope envelope = {
        .msg_type = msg_type,
        .seq_num = session->next_out,
        .sending_time = rfx_utc_cached(out->utc, now.utc_ns, session->profile->decimals),
        .has_last_processed = rfx_session_says_last_processed(session),
        .last_processed = session->next_in - 1,
    };
    rfx_writer_begin(writer, out->space + out->space_used, out->space_size - out->space_used,
                     &session->identity, &envelope);
}

static void begin_admin(struct rfx_session *session, const char *msg_type, struct rfx_now now,
                        struct rfx_writer *writer, struct rfx_actions *out)
{
    begin(session, rfx_bytes_of(msg_type, 1), now, writer, out);
}

void rfx_session_begin_message(struct rfx_session *session, struct rfx_bytes msg_type,
                               struct rfx_now now, struct rfx_writer *writer,
                               struct rfx_actions *out)
{
    begin(session, msg_type, now, writer, out);
}

static struct rfx_action *finish(struct rfx_session *session, struct rfx_writer *writer,
                                 struct rfx_now now, struct rfx_actions *out)
{
    struct rfx_bytes bytes = rfx_writer_finish(writer, &session->identity);
    RFX_ASSERT(bytes.data != NULL); /* RFX_STEP_SPACE, and the shard's check of application text */
    out->space_used = (size_t)(bytes.data + bytes.size - out->space);
    session->last_sent_ns = now.mono_ns;
    struct rfx_action *action = rfx_step_action(out, RFX_ACTION_SEND);
    action->send.bytes = bytes;
    action->send.is_withheld = false;
    return action;
}

void rfx_step_send(struct rfx_session *session, struct rfx_writer *writer, struct rfx_now now,
                   struct rfx_actions *out)
{
    struct rfx_action *action = finish(session, writer, now, out);
    action->send.seq_num = session->next_out++;
    action->send.is_stored = true;
}

void rfx_step_send_logon(struct rfx_session *session, const struct rfx_logon_text *text,
                         struct rfx_now now, struct rfx_actions *out)
{
    struct rfx_writer writer;
    enum rfx_version version = session->profile->version;
    begin_admin(session, "A", now, &writer, out);
    rfx_writer_put_text(&writer, 98, "0");                   /* EncryptMethod: none */
    rfx_writer_put_uint(&writer, 108, session->heartbeat_s); /* HeartBtInt */
    if (text->has_reset && version >= RFX_FIX41) {
        rfx_writer_put_text(&writer, 141, "Y"); /* ResetSeqNumFlag */
    }
    if (session->config->test_message_indicator && version >= RFX_FIX43) {
        rfx_writer_put_text(&writer, 464, "Y"); /* TestMessageIndicator */
    }
    if (text->next_expected != 0) {
        rfx_writer_put_uint(&writer, 789, text->next_expected); /* NextExpectedMsgSeqNum */
    }
    if (version == RFX_FIXT11) {
        rfx_writer_put_uint(&writer, 1137, session->appl_ver_id); /* DefaultApplVerID */
    }
    rfx_writer_put_fields(&writer, text->fields);
    rfx_step_send(session, &writer, now, out);
}

void rfx_step_send_heartbeat(struct rfx_session *session, struct rfx_bytes test_req_id,
                             struct rfx_now now, struct rfx_actions *out)
{
    struct rfx_writer writer;
    begin_admin(session, "0", now, &writer, out);
    if (test_req_id.data != NULL) {
        rfx_writer_put(&writer, 112, test_req_id); /* TestReqID */
    }
    rfx_step_send(session, &writer, now, out);
}

/* The answer is due 1.2 heartbeat intervals later; without heartbeats any time will do. */
void rfx_step_send_test_request(struct rfx_session *session, struct rfx_now now,
                                struct rfx_actions *out)
{
    struct rfx_writer writer;
    begin_admin(session, "1", now, &writer, out);
    rfx_writer_put_text(&writer, 112, "TEST"); /* one is pending at a time: no need to tell apart */
    rfx_step_send(session, &writer, now, out);
    session->test_is_pending = true;
    session->test_sent_ns = now.mono_ns;
    session->deadline_ns = session->heartbeat_s == 0
                               ? RFX_NEVER_NS
                               : now.mono_ns + session->heartbeat_s * (RFX_NS_PER_S / 10 * 12);
    rfx_step_settle(session, out);
}

/* end 0: up to the latest. */
void rfx_step_send_resend_request(struct rfx_session *session, uint64_t end, struct rfx_now now,
                                  struct rfx_actions *out)
{
    struct rfx_writer writer;
    begin_admin(session, "2", now, &writer, out);
    session->counts.resend_requests_out++;
    rfx_writer_put_uint(&writer, 7, session->next_in); /* BeginSeqNo */
    bool is_41 = session->profile->version <= RFX_FIX41;
    rfx_writer_put_uint(&writer, 16, end == 0 && is_41 ? RFX_INFINITY_41 : end); /* EndSeqNo */
    rfx_step_send(session, &writer, now, out);
}

void rfx_step_put_route_back(struct rfx_writer *writer, const struct rfx_message *message)
{
    static const struct {
        int32_t to;
        int32_t from;
    } routes[] = {
        {115, 128}, /* OnBehalfOfCompID from DeliverToCompID, and so on */
        {116, 129}, {128, 115}, {129, 116}, {144, 145}, {145, 144},
    };
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        int32_t index = rfx_message_find(message, routes[i].from);
        if (index >= 0 && message->fields[index].size > 0) {
            rfx_writer_put(writer, routes[i].to, rfx_field_value(message, index));
        }
    }
}

void rfx_step_send_reject(struct rfx_session *session, const struct rfx_received *in,
                          enum rfx_reject_reason reason, int32_t ref_tag, const char *text,
                          struct rfx_actions *out)
{
    const struct rfx_header *header = &in->header;
    enum rfx_version version = session->profile->version;
    struct rfx_writer writer;
    char tag_text[16];
    begin_admin(session, "3", in->now, &writer, out);
    session->counts.rejects_out++;
    rfx_step_put_route_back(&writer, in->message);
    rfx_writer_put_uint(&writer, 45, in->seq_num); /* RefSeqNum */
    rfx_writer_put_text(&writer, 58, text);
    if (version >= RFX_FIX42) {
        if (ref_tag != RFX_NO_TAG) {
            snprintf(tag_text, sizeof tag_text, "%d", (int)ref_tag);
            rfx_writer_put_text(&writer, 371, tag_text); /* RefTagID */
        }
        if (header->msg_type.size > 0 && header->msg_type.size <= 32) {
            rfx_writer_put(&writer, 372, header->msg_type); /* RefMsgType */
        }
    }
    if (rfx_version_has_reject_reason(version, reason)) {
        rfx_writer_put_uint(&writer, 373, reason); /* SessionRejectReason */
    }
    rfx_step_send(session, &writer, in->now, out);
}

void rfx_step_send_logout(struct rfx_session *session, const char *text, struct rfx_now now,
                          struct rfx_actions *out)
{
    struct rfx_writer writer;
    begin_admin(session, "5", now, &writer, out);
    if (text != NULL) {
        rfx_writer_put_text(&writer, 58, text);
    }
    rfx_step_send(session, &writer, now, out);
    session->logout_is_sent = true;
}

void rfx_step_start_logout(struct rfx_session *session, const char *text,
                           enum rfx_disconnect_reason reason, struct rfx_now now,
                           struct rfx_actions *out)
{
    if (session->logout_is_sent) {
        return;
    }
    rfx_step_send_logout(session, text, now, out);
    rfx_step_set_state(session, RFX_INITIATE_LOGOUT, out);
    session->test_is_pending = false;
    session->logout_reason = reason;
    session->deadline_ns = now.mono_ns + (uint64_t)session->config->logout_timeout_s * RFX_NS_PER_S;
}

/* SequenceReset(4) with GapFillFlag in the place of the messages first to next - 1. It repeats
 * numbers that were used, so it is not stored and carries PossDupFlag. */
void rfx_step_send_gap_fill(struct rfx_session *session, uint64_t first, uint64_t next,
                            struct rfx_now now, struct rfx_actions *out)
{
    struct rfx_bytes time = rfx_utc_cached(out->utc, now.utc_ns, session->profile->decimals);
    struct rfx_envelope envelope = {
        .msg_type = rfx_bytes_of("4", 1),
        .seq_num = first,
        .sending_time = time,
        .poss_dup = true,
        .orig_sending_time = time,
        .has_last_processed = rfx_session_says_last_processed(session),
        .last_processed = session->next_in - 1,
    };
    struct rfx_writer writer;
    rfx_writer_begin(&writer, out->space + out->space_used, out->space_size - out->space_used,
                     &session->identity, &envelope);
    rfx_writer_put_uint(&writer, 36, next); /* NewSeqNo */
    rfx_writer_put_text(&writer, 123, "Y"); /* GapFillFlag */
    struct rfx_action *action = finish(session, &writer, now, out);
    action->send.seq_num = first;
    action->send.is_stored = false;
}
