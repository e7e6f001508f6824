/* A new configuration while the shard is at work: sessions come, change and go. */
#include <stdlib.h>
#include <string.h>

#include "core/shard_internal.h"

/* A step of its own. */
static void step(struct rfx_shard *shard, struct rfx_hosted *hosted, enum rfx_event_type type,
                 const char *text)
{
    struct rfx_event event = rfx_shard_event(shard, type);
    event.text = text;
    event.reason = RFX_REASON_RECONFIGURED;
    rfx_shard_step(shard, hosted, &event);
}

/* A connection that an initiator is making is waited for, and then ended. */
void rfx_shard_reconfigure(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    struct rfx_session *session = &hosted->session;
    if (rfx_session_is_logged_on(session)) {
        step(shard, hosted, RFX_EVENT_LOGOUT, "The session's configuration has changed");
        return;
    }
    const bool is_free = !rfx_session_is_connected(session) && hosted->conn.generation == 0 &&
                         session->state != RFX_INITIATE_CONNECTION;
    if (is_free) {
        struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_RECONFIGURE);
        event.profile = hosted->next_profile;
        hosted->next_profile = NULL;
        rfx_shard_step(shard, hosted, &event);
    }
}

static void change(struct rfx_shard *shard, struct rfx_hosted *hosted,
                   const struct rfx_profile *profile)
{
    const enum rfx_state state = hosted->session.state;
    hosted->next_profile = profile;
    if (state == RFX_NETWORK_CONN_ESTABLISHED || state == RFX_WAITING_FOR_LOGON ||
        state == RFX_LOGON_INITIAL_RECV) {
        step(shard, hosted, RFX_EVENT_CLOSE, NULL);
    } else {
        rfx_shard_reconfigure(shard, hosted);
    }
}

static void take_away(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    hosted->is_removed = true;
    hosted->next_profile = NULL;
    step(shard, hosted, RFX_EVENT_DISABLE, "The session is no longer configured");
}

static rfx_status add(struct rfx_shard *shard, struct rfx_shard_change *wanted,
                      struct rfx_error *error)
{
    const char *target_comp_id = wanted->profile->config->target_comp_id;
    const rfx_status status =
        rfx_shard_add_session(shard, wanted->profile, target_comp_id, &wanted->session, error);
    if (status != RFX_OK) {
        return status;
    }
    rfx_shard_start_session(shard, rfx_hosted_of(wanted->session));
    return RFX_OK;
}

rfx_status rfx_shard_change(struct rfx_shard *shard, struct rfx_shard_change *wanted,
                            struct rfx_error *error)
{
    struct rfx_hosted *hosted = rfx_shard_named(shard, wanted->name);
    if (hosted == NULL && wanted->what == RFX_SHARD_ADD) {
        return add(shard, wanted, error);
    }
    if (hosted == NULL) {
        return rfx_fail(error, RFX_E_NOT_FOUND, "there is no session %s", wanted->name);
    }
    if (hosted->is_provisional) {
        return rfx_fail(error, RFX_E_STATE, "%s awaits the verdict on its first Logon, try again",
                        wanted->name);
    }
    wanted->session = &hosted->session;
    if (wanted->what == RFX_SHARD_REMOVE) {
        take_away(shard, hosted);
        return RFX_OK;
    }
    if (wanted->profile->config->role != hosted->session.config->role) {
        return rfx_fail(error, RFX_E_STATE,
                        "the ConnectionType of %s can change by a restart alone", wanted->name);
    }
    if (hosted->is_removed) {
        hosted->is_removed = false;
        step(shard, hosted, RFX_EVENT_ENABLE, NULL);
    }
    change(shard, hosted, wanted->profile);
    return RFX_OK;
}

/* ------------------------------------------------------------------------------- templates */

static void follow_template(struct rfx_shard *shard, struct rfx_hosted *hosted,
                            const struct rfx_shard_templates *templates)
{
    const struct rfx_profile *present =
        hosted->next_profile != NULL ? hosted->next_profile : hosted->session.profile;
    for (size_t i = 0; i < templates->change_count; i++) {
        if (present != templates->before[i]) {
            continue;
        }
        if (templates->after[i] != NULL) {
            change(shard, hosted, templates->after[i]);
        } else {
            take_away(shard, hosted);
        }
        return;
    }
}

bool rfx_shard_set_templates(struct rfx_shard *shard, struct rfx_shard_templates *templates)
{
    if (templates->all != NULL) {
        free(shard->templates);
        shard->templates = templates->all;
        shard->template_count = templates->count;
        templates->all = NULL;
    }
    while (templates->cursor < shard->session_count && rfx_shard_has_room(shard)) {
        struct rfx_hosted *hosted = shard->sessions[templates->cursor++];
        if (hosted != NULL && !hosted->is_removed) {
            follow_template(shard, hosted, templates);
        }
    }
    return templates->cursor >= shard->session_count;
}
