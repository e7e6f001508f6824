#include "core/shard_admin.h"

#include <stdio.h>
#include <string.h>

#include "core/shard_internal.h"

/* What was at a monotonic moment, as UTC; 0 stays 0. */
static int64_t utc_of(const struct rfx_shard *shard, uint64_t mono_ns)
{
    return mono_ns == 0 ? 0 : shard->now.utc_ns - (int64_t)(shard->now.mono_ns - mono_ns);
}

static void fill(const struct rfx_shard *shard, const struct rfx_hosted *hosted,
                 struct rfx_admin_row *row)
{
    const struct rfx_session *session = &hosted->session;
    const bool is_connected = rfx_session_is_connected(session);
    const bool is_logged_on = rfx_session_is_logged_on(session);
    snprintf(row->name, sizeof row->name, "%s", session->name);
    snprintf(row->remote_address, sizeof row->remote_address, "%s", hosted->remote_address);
    row->status = (struct rfx_session_status){
        .name = row->name,
        .remote_address = row->remote_address,
        .role = session->config->role,
        .state = session->state,
        .is_logged_on = is_logged_on,
        .is_disabled = session->is_disabled,
        .is_removed = hosted->is_removed,
        .is_from_template = session->config->acceptor_template,
        .shard = shard->options.index,
        .heartbeat_s = session->heartbeat_s,
        .next_in = session->next_in,
        .next_out = session->next_out,
        .gap_last = session->gap_last,
        .resend_left =
            session->replay_next != 0 ? session->replay_last - session->replay_next + 1 : 0,
        .queued_bytes = hosted->queue.bytes,
        .round_trip_ns = session->round_trip_ns,
        .connected_utc_ns = is_connected ? utc_of(shard, session->connected_ns) : 0,
        .logged_on_utc_ns = is_logged_on ? utc_of(shard, session->logged_on_ns) : 0,
        .last_in_utc_ns =
            session->counts.messages_in > 0 ? utc_of(shard, session->last_received_ns) : 0,
        .last_out_utc_ns =
            session->counts.messages_out > 0 ? utc_of(shard, session->last_sent_ns) : 0,
        .created_utc_ns = session->created_utc_ns,
        .last_reason = hosted->last_reason,
        .counts = session->counts,
    };
}

/* A stranger's is no session yet; one that is no longer configured is gone with its connection. */
static bool is_shown(const struct rfx_hosted *hosted)
{
    return hosted != NULL && !hosted->is_provisional &&
           (!hosted->is_removed || rfx_session_is_connected(&hosted->session));
}

void rfx_shard_list(const struct rfx_shard *shard, const char *name, struct rfx_admin_slice *slice)
{
    const uint32_t last = shard->session_count;
    slice->count = 0;
    while (slice->cursor < last && slice->count < RFX_ADMIN_ROWS) {
        const struct rfx_hosted *hosted = shard->sessions[slice->cursor++];
        if (is_shown(hosted) && (name[0] == '\0' || strcmp(name, hosted->session.name) == 0)) {
            fill(shard, hosted, &slice->rows[slice->count++]);
        }
    }
    slice->is_last = slice->cursor >= last;
}

/* ------------------------------------------------------------------------------- commands */

static rfx_status enable(struct rfx_shard *shard, struct rfx_hosted *hosted, bool is_enabled)
{
    struct rfx_event event =
        rfx_shard_event(shard, is_enabled ? RFX_EVENT_ENABLE : RFX_EVENT_DISABLE);
    event.text = "The session is disabled";
    event.reason = RFX_REASON_DISABLED;
    rfx_shard_step(shard, hosted, &event);
    return RFX_OK;
}

static rfx_status log_out(struct rfx_hosted *hosted, const char *text, struct rfx_error *error)
{
    const rfx_status status = rfx_session_logout(&hosted->session, text[0] != '\0' ? text : NULL);
    if (status == RFX_E_STATE) {
        return rfx_fail(error, status, "%s is not logged on", hosted->session.name);
    }
    if (status == RFX_E_INVALID) {
        return rfx_fail(error, status, "a Text(58) is up to 1024 printable ASCII characters");
    }
    return status;
}

static rfx_status send_test_request(struct rfx_hosted *hosted, struct rfx_error *error)
{
    const rfx_status status = rfx_session_send_test_request(&hosted->session);
    if (status != RFX_E_STATE) {
        return status;
    }
    return rfx_fail(error, status, "%s %s", hosted->session.name,
                    rfx_session_is_logged_on(&hosted->session)
                        ? "has a TestRequest that is unanswered"
                        : "is not logged on");
}

static bool has_no_connection(const struct rfx_hosted *hosted)
{
    return !rfx_session_is_connected(&hosted->session) && hosted->conn.generation == 0;
}

static rfx_status fail_connected(const struct rfx_hosted *hosted, struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_STATE,
                    "%s is connected; disable it first, and enable it again "
                    "when the numbers are set",
                    hosted->session.name);
}

static rfx_status set_numbers(struct rfx_shard *shard, struct rfx_hosted *hosted,
                              const struct rfx_admin_command *command, struct rfx_error *error)
{
    const struct rfx_session *session = &hosted->session;
    struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_SET_NUMBERS);
    event.next_out = command->next_out != 0 ? command->next_out : session->next_out;
    event.next_in = command->next_in != 0 ? command->next_in : session->next_in;
    if (!has_no_connection(hosted)) {
        return fail_connected(hosted, error);
    }
    if (event.next_out < session->next_out) {
        return rfx_fail(error, RFX_E_INVALID,
                        "the next number out of %s is %llu and cannot be lowered while the server "
                        "runs; reset the session, or stop the server and use ringfix-journal "
                        "set-seq",
                        session->name, (unsigned long long)session->next_out);
    }
    rfx_shard_step(shard, hosted, &event);
    return RFX_OK;
}

static rfx_status reset(struct rfx_hosted *hosted, struct rfx_error *error)
{
    const rfx_status status = rfx_session_reset(&hosted->session);
    return status == RFX_E_STATE ? fail_connected(hosted, error) : status;
}

static rfx_status disconnect(struct rfx_hosted *hosted, struct rfx_error *error)
{
    const rfx_status status = rfx_session_disconnect(&hosted->session);
    return status == RFX_E_STATE
               ? rfx_fail(error, status, "%s has no connection", hosted->session.name)
               : status;
}

rfx_status rfx_shard_command(struct rfx_shard *shard, const struct rfx_admin_command *command,
                             struct rfx_error *error)
{
    struct rfx_hosted *hosted = rfx_shard_named(shard, command->name);
    if (hosted == NULL || !is_shown(hosted)) {
        return rfx_fail(error, RFX_E_NOT_FOUND, "there is no session %s", command->name);
    }
    if (!rfx_shard_has_room_for_app(shard, 0)) {
        return RFX_E_FULL;
    }
    switch (command->verb) {
    case RFX_ADMIN_LOGOUT:
        return log_out(hosted, command->text, error);
    case RFX_ADMIN_DISCONNECT:
        return disconnect(hosted, error);
    case RFX_ADMIN_DISABLE:
        return enable(shard, hosted, false);
    case RFX_ADMIN_ENABLE:
        return enable(shard, hosted, true);
    case RFX_ADMIN_TEST_REQUEST:
        return send_test_request(hosted, error);
    case RFX_ADMIN_SET_NUMBERS:
        return set_numbers(shard, hosted, command, error);
    case RFX_ADMIN_RESET:
        return reset(hosted, error);
    }
    return RFX_E_INVALID;
}
