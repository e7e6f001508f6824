/* The public functions of a session: what the application may do on the shard. */
#include "core/session_internal.h"
#include "core/shard_internal.h"

#include <string.h>

#define MSG_TYPE_MAX 7

/* What was begun before has lost its place: nothing can be put into it any more. */
static struct rfx_builder *next_builder(struct rfx_shard *shard)
{
    struct rfx_builder *before = &shard->builders[shard->begun % 2];
    before->owner = NULL;
    before->writer.failed = true;
    struct rfx_builder *opened = &shard->builders[++shard->begun % 2];
    opened->owner = NULL;
    return opened;
}

static rfx_status begin(struct rfx_session *session, const char *msg_type,
                        struct rfx_builder **builder)
{
    struct rfx_hosted *hosted = rfx_hosted_of(session);
    struct rfx_shard *shard = hosted->shard;
    struct rfx_builder *opened = next_builder(shard);
    const size_t size = strlen(msg_type);
    if (!rfx_session_may_send(session)) {
        return RFX_E_STATE;
    }
    uint32_t message_size_max = shard->options.config->message_size_max;
    if (!rfx_shard_has_room_for_app(shard, message_size_max)) {
        return RFX_E_FULL;
    }
    struct rfx_actions actions;
    actions.space = shard->outbox.arena + shard->outbox.arena_used;
    actions.space_size = message_size_max;
    actions.space_used = 0;
    actions.utc = &shard->utc;
    rfx_session_begin_message(session, rfx_bytes_of(msg_type, size), shard->now, &opened->writer,
                              &actions);
    rfx_builder_begin(opened, session->config);
    opened->owner = hosted;
    opened->arena_mark = shard->outbox.arena_used;
    opened->seq_num = session->next_out;
    opened->serial = shard->begun;
    *builder = opened;
    return RFX_OK;
}

/* One that is not the session layer's own, and that can stand in a message. */
static bool is_application_type(const char *msg_type)
{
    const size_t size = msg_type != NULL ? strnlen(msg_type, MSG_TYPE_MAX + 1) : 0;
    if (size == 0 || size > MSG_TYPE_MAX || (size == 1 && strchr("012345A", msg_type[0]) != NULL)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (msg_type[i] <= ' ' || msg_type[i] > '~') {
            return false;
        }
    }
    return true;
}

rfx_status rfx_session_begin(struct rfx_session *session, const char *msg_type,
                             struct rfx_builder **builder)
{
    rfx_shard_require_own(rfx_hosted_of(session)->shard, "rfx_session_begin()");
    return is_application_type(msg_type) ? begin(session, msg_type, builder) : RFX_E_INVALID;
}

rfx_status rfx_session_commit(struct rfx_session *session, struct rfx_builder *builder,
                              uint64_t *seq_num)
{
    struct rfx_hosted *hosted = rfx_hosted_of(session);
    struct rfx_shard *shard = hosted->shard;
    bool is_stale = builder->owner != hosted || builder->arena_mark != shard->outbox.arena_used ||
                    builder->seq_num != session->next_out || shard->outbox.is_committed;
    builder->owner = NULL;
    if (is_stale || !rfx_session_may_send(session)) {
        return RFX_E_STATE;
    }
    if (!rfx_builder_is_good(builder)) {
        return RFX_E_INVALID;
    }
    struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_SEND);
    event.writer = &builder->writer;
    if (seq_num != NULL) {
        *seq_num = session->next_out;
    }
    rfx_shard_step(shard, hosted, &event);
    return RFX_OK;
}

static int64_t seq_num_of(const struct rfx_message *message)
{
    int64_t seq_num = 0;
    return rfx_message_get_int(message, 34, &seq_num) == RFX_OK ? seq_num : 0;
}

rfx_status rfx_session_business_reject(struct rfx_session *session,
                                       const struct rfx_message *message, int reason,
                                       const char *ref_id, const char *text)
{
    struct rfx_builder *builder;
    bool has_business_reject = session->profile->version >= RFX_FIX42;
    rfx_shard_require_own(rfx_hosted_of(session)->shard, "rfx_session_business_reject()");
    if (text == NULL) {
        return RFX_E_INVALID;
    }
    rfx_status status = begin(session, has_business_reject ? "j" : "3", &builder);
    if (status != RFX_OK) {
        return status;
    }
    rfx_step_put_route_back(&builder->writer, message);
    rfx_builder_put_int(builder, 45, seq_num_of(message)); /* RefSeqNum */
    rfx_builder_put_text(builder, 58, text);
    if (has_business_reject) {
        rfx_builder_put(builder, 372, rfx_message_type(message)); /* RefMsgType */
        if (ref_id != NULL) {
            rfx_builder_put_text(builder, 379, ref_id); /* BusinessRejectRefID */
        }
        rfx_builder_put_int(builder, 380, reason); /* BusinessRejectReason */
    }
    status = rfx_session_commit(session, builder, NULL);
    session->counts.rejects_out += status == RFX_OK;
    return status;
}

const char *rfx_session_remote_address(const struct rfx_session *session)
{
    return rfx_hosted_of(session)->remote_address;
}

const char *rfx_session_certificate_name(const struct rfx_session *session)
{
    const char *name = rfx_hosted_of(session)->certificate_name;
    return name != NULL ? name : "";
}

rfx_status rfx_session_send_test_request(struct rfx_session *session)
{
    struct rfx_hosted *hosted = rfx_hosted_of(session);
    rfx_shard_require_own(hosted->shard, "rfx_session_send_test_request()");
    if (!rfx_session_is_logged_on(session) || session->test_is_pending) {
        return RFX_E_STATE;
    }
    if (!rfx_shard_has_room_for_app(hosted->shard, 0)) {
        return RFX_E_FULL;
    }
    struct rfx_event event = rfx_shard_event(hosted->shard, RFX_EVENT_TEST_REQUEST);
    rfx_shard_step(hosted->shard, hosted, &event);
    return RFX_OK;
}

static bool is_valid_text(const char *text)
{
    size_t size = strlen(text);
    return size > 0 && size <= 1024 && rfx_is_printable(text);
}

rfx_status rfx_session_logout(struct rfx_session *session, const char *text)
{
    struct rfx_hosted *hosted = rfx_hosted_of(session);
    rfx_shard_require_own(hosted->shard, "rfx_session_logout()");
    if (text != NULL && !is_valid_text(text)) {
        return RFX_E_INVALID;
    }
    if (!rfx_session_is_logged_on(session)) {
        return RFX_E_STATE;
    }
    if (!rfx_shard_has_room_for_app(hosted->shard, 0)) {
        return RFX_E_FULL;
    }
    struct rfx_event event = rfx_shard_event(hosted->shard, RFX_EVENT_LOGOUT);
    event.text = text;
    event.reason = RFX_REASON_LOGOUT_COMPLETED;
    rfx_shard_step(hosted->shard, hosted, &event);
    return RFX_OK;
}

rfx_status rfx_session_disconnect(struct rfx_session *session)
{
    struct rfx_hosted *hosted = rfx_hosted_of(session);
    rfx_shard_require_own(hosted->shard, "rfx_session_disconnect()");
    if (!rfx_session_is_connected(session)) {
        return RFX_E_STATE;
    }
    if (!rfx_shard_has_room_for_app(hosted->shard, 0)) {
        return RFX_E_FULL;
    }
    struct rfx_event event = rfx_shard_event(hosted->shard, RFX_EVENT_CLOSE);
    event.reason = RFX_REASON_APPLICATION;
    rfx_shard_step(hosted->shard, hosted, &event);
    return RFX_OK;
}

rfx_status rfx_session_reset(struct rfx_session *session)
{
    struct rfx_hosted *hosted = rfx_hosted_of(session);
    rfx_shard_require_own(hosted->shard, "rfx_session_reset()");
    if (rfx_session_is_connected(session) || hosted->conn.generation != 0 ||
        hosted->is_provisional) {
        return RFX_E_STATE;
    }
    if (!rfx_shard_has_room_for_app(hosted->shard, 0)) {
        return RFX_E_FULL;
    }
    struct rfx_event event = rfx_shard_event(hosted->shard, RFX_EVENT_RESET);
    rfx_shard_step(hosted->shard, hosted, &event);
    return RFX_OK;
}
