/* One event through a session, and its actions carried out: first everything that has an order
 * on the wire, then the reports to the application, which may send in turn. */
#include "core/shard_internal.h"

#include <stdlib.h>
#include <string.h>

void rfx_shard_count_disconnect(struct rfx_shard *shard, enum rfx_disconnect_reason reason)
{
    atomic_fetch_add_explicit(&shard->options.disconnects[reason], 1, memory_order_relaxed);
}

struct rfx_event rfx_shard_event(const struct rfx_shard *shard, enum rfx_event_type type)
{
    return (struct rfx_event){.type = type, .now = shard->now};
}

static bool has_room(const struct rfx_shard *shard, size_t size, size_t entries)
{
    const struct rfx_outbox *outbox = &shard->outbox;
    return rfx_outbox_has_room(outbox, size) && RFX_OUTBOX_ENTRIES - outbox->count >= entries;
}

bool rfx_shard_has_room(const struct rfx_shard *shard)
{
    size_t step = RFX_STEP_SPACE(shard->options.config->message_size_max);
    return has_room(shard, 5 * step, 4 * RFX_OUTBOX_ENTRIES_RESERVE);
}

bool rfx_shard_has_room_for_app(const struct rfx_shard *shard, size_t size)
{
    size_t step = RFX_STEP_SPACE(shard->options.config->message_size_max);
    return has_room(shard, size + 2 * step, 2 * RFX_OUTBOX_ENTRIES_RESERVE);
}

static struct rfx_outbox_entry *add(struct rfx_shard *shard, struct rfx_hosted *hosted,
                                    enum rfx_outbox_type type)
{
    struct rfx_outbox_entry *entry = rfx_outbox_add(&shard->outbox, type);
    entry->conn = hosted->conn;
    entry->slot = hosted->journal_slot;
    return entry;
}

static void send(struct rfx_shard *shard, struct rfx_hosted *hosted,
                 const struct rfx_action *action)
{
    enum rfx_outbox_type type = action->send.is_withheld ? RFX_OUTBOX_STORE : RFX_OUTBOX_SEND;
    struct rfx_outbox_entry *entry = add(shard, hosted, type);
    entry->data = action->send.bytes.data;
    entry->size = (uint32_t)action->send.bytes.size;
    entry->seq_num = action->send.seq_num;
    entry->is_stored = action->send.is_stored && hosted->session.config->persist_messages;
    if (!action->send.is_withheld) {
        hosted->session.counts.messages_out++;
        hosted->session.counts.bytes_out += action->send.bytes.size;
        rfx_shard_log_message(shard, hosted, RFX_LOGGED_OUT, entry->data, entry->size);
    }
    RFX_ASSERT(!hosted->is_provisional); /* it has no number to send anything with */
}

/* For the record. The receive buffer will be gone by the time of the commit. */
static void keep_inbound(struct rfx_shard *shard, struct rfx_hosted *hosted,
                         const struct rfx_message *message)
{
    struct rfx_outbox *outbox = &shard->outbox;
    if (!hosted->session.config->journal_inbound || rfx_message_is_admin(message)) {
        return;
    }
    RFX_ASSERT(outbox->arena_size - outbox->arena_used >= message->size);
    int32_t number = rfx_message_find(message, 34); /* next_in may have stepped over another one */
    struct rfx_outbox_entry *entry = add(shard, hosted, RFX_OUTBOX_INBOUND);
    entry->data = memcpy(outbox->arena + outbox->arena_used, message->data, message->size);
    entry->size = (uint32_t)message->size;
    entry->is_stored =
        number >= 0 && rfx_read_uint(rfx_field_value(message, number), &entry->seq_num);
    RFX_ASSERT(entry->is_stored); /* by its number it was found to be due */
    outbox->arena_used += message->size;
}

static void close_connection(struct rfx_shard *shard, struct rfx_hosted *hosted,
                             enum rfx_disconnect_reason reason)
{
    if (hosted->conn.generation != 0) {
        add(shard, hosted, RFX_OUTBOX_CLOSE)->reason = reason;
        rfx_shard_detach(shard, hosted);
    }
    rfx_shard_count_disconnect(shard, reason);
    hosted->last_reason = reason;
    hosted->session.counts.disconnects++;
    rfx_gap_queue_clear(&hosted->queue);
    rfx_shard_forget_logon(hosted);
    hosted->gap_is_noted = false;
    hosted->awaits_drain = false;
    rfx_shard_discard_later(shard, hosted);
}

/* A handle that is about to go ends with on_disconnect, and that of a stand-in is known by
 * on_authenticate alone. */
static bool has_states(const struct rfx_hosted *hosted)
{
    bool has_ended = hosted->is_provisional && hosted->is_discarding && !hosted->is_reported;
    return hosted->primary == NULL && !has_ended;
}

static void connect_out(struct rfx_shard *shard, struct rfx_hosted *hosted, uint32_t index)
{
    struct rfx_outbox_entry *entry = add(shard, hosted, RFX_OUTBOX_CONNECT);
    entry->conn.loop = shard->options.home_loop;
    entry->token = hosted->token;
    entry->dial = &hosted->session.profile->dials[index];
    hosted->host = index;
}

static void hold_back(struct rfx_shard *shard, struct rfx_hosted *hosted,
                      const struct rfx_message *message, uint64_t seq_num)
{
    rfx_status status =
        rfx_gap_queue_put(&hosted->queue, seq_num, rfx_bytes_of(message->data, message->size),
                          shard->options.config->gap_queue_size);
    if (status != RFX_OK && !hosted->gap_is_noted) {
        hosted->gap_is_noted = true;
        rfx_shard_log(shard, hosted, RFX_LOG_WARNING,
                      "GapQueueSize is reached, messages from %llu on will be asked for again",
                      (unsigned long long)seq_num);
    }
}

static void mark_dirty(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    if (!hosted->is_dirty && !hosted->is_provisional) {
        hosted->is_dirty = true;
        hosted->next_dirty = shard->dirty;
        shard->dirty = hosted;
    }
}

/* What has an order on the wire or in the journal. */
static void carry_out(struct rfx_shard *shard, struct rfx_hosted *hosted,
                      const struct rfx_event *event, const struct rfx_action *action)
{
    switch (action->type) {
    case RFX_ACTION_SEND:
        send(shard, hosted, action);
        break;
    case RFX_ACTION_RESET:
        if (!hosted->is_provisional) { /* the journal has nothing of it to forget */
            add(shard, hosted, RFX_OUTBOX_RESET);
        }
        mark_dirty(shard, hosted); /* also when the numbers end up as they were */
        rfx_gap_queue_clear(&hosted->queue);
        break;
    case RFX_ACTION_CONNECT:
        connect_out(shard, hosted, action->host);
        break;
    case RFX_ACTION_CLOSE:
        close_connection(shard, hosted, action->close_reason);
        break;
    case RFX_ACTION_QUEUE:
        hold_back(shard, hosted, event->message, action->queue_seq_num);
        break;
    case RFX_ACTION_REPLAY:
        rfx_shard_start_replay(shard, hosted, action->replay.first);
        break;
    case RFX_ACTION_DELIVER:
        keep_inbound(shard, hosted, event->message);
        break;
    case RFX_ACTION_LOGON:
        hosted->is_stranger = false;
        break;
    case RFX_ACTION_AUTHENTICATE:
    case RFX_ACTION_STATE:
    case RFX_ACTION_LOGOUT:
    case RFX_ACTION_NOTE:
        break; /* reported afterwards */
    }
}

typedef void on_message(void *context, struct rfx_session *session,
                        const struct rfx_message *message);

static void hand_over(struct rfx_shard *shard, struct rfx_hosted *hosted,
                      const struct rfx_message *message, on_message *callback, const char *name)
{
    if (callback != NULL) {
        struct rfx_message *lent = rfx_shard_lend(shard, message);
        const struct rfx_call call = rfx_shard_enter(shard, hosted, name);
        callback(shard->options.app->context, &hosted->session, lent);
        rfx_shard_leave(shard, call);
        rfx_shard_take_back(lent);
    }
}

static void report_close(struct rfx_shard *shard, struct rfx_hosted *hosted,
                         enum rfx_disconnect_reason reason)
{
    const struct rfx_app *app = shard->options.app;
    rfx_shard_log_about(shard, hosted, RFX_LOG_INFO, "disconnected%s%s: %s",
                        hosted->remote_address[0] != '\0' ? " from " : "", hosted->remote_address,
                        rfx_disconnect_reason_text(reason));
    if (hosted->is_reported) {
        hosted->is_reported = false;
        if (app->on_disconnect != NULL) {
            const struct rfx_call call = rfx_shard_enter(shard, hosted, "on_disconnect");
            app->on_disconnect(app->context, &hosted->session, reason);
            rfx_shard_leave(shard, call);
        }
    }
    hosted->remote_address[0] = '\0';
    free(hosted->certificate_name);
    hosted->certificate_name = NULL;
}

static void report(struct rfx_shard *shard, struct rfx_hosted *hosted,
                   const struct rfx_event *event, const struct rfx_action *action)
{
    const struct rfx_app *app = shard->options.app;
    struct rfx_session *session = &hosted->session;
    struct rfx_call call;
    switch (action->type) {
    case RFX_ACTION_AUTHENTICATE:
        rfx_shard_authenticate(shard, hosted, event->message);
        break;
    case RFX_ACTION_DELIVER:
        hand_over(shard, hosted, event->message, app->on_message, "on_message");
        break;
    case RFX_ACTION_STATE:
        if (app->on_state_change != NULL && has_states(hosted)) {
            call = rfx_shard_enter(shard, hosted, "on_state_change");
            app->on_state_change(app->context, session, action->state.from, action->state.to);
            rfx_shard_leave(shard, call);
        }
        break;
    case RFX_ACTION_LOGON:
        if (app->on_logon != NULL) {
            call = rfx_shard_enter(shard, hosted, "on_logon");
            app->on_logon(app->context, session, action->is_healthy);
            rfx_shard_leave(shard, call);
        }
        break;
    case RFX_ACTION_LOGOUT:
        hand_over(shard, hosted, event->message, app->on_logout, "on_logout");
        break;
    case RFX_ACTION_CLOSE:
        report_close(shard, hosted, action->close_reason);
        break;
    case RFX_ACTION_NOTE:
        rfx_shard_log_about(shard, hosted, RFX_LOG_WARNING, "%s", action->note);
        break;
    case RFX_ACTION_SEND:
    case RFX_ACTION_RESET:
    case RFX_ACTION_CONNECT:
    case RFX_ACTION_QUEUE:
    case RFX_ACTION_REPLAY:
        break; /* carried out already */
    }
}

/* A timer that is too early corrects itself when it comes up; only an earlier one must move. */
static void schedule(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    uint64_t deadline_ns = rfx_session_deadline_ns(&hosted->session);
    if (deadline_ns < hosted->timer.deadline_ns ||
        (hosted->timer.index == RFX_TIMER_NONE && deadline_ns != RFX_NEVER_NS)) {
        rfx_timers_set(&shard->timers, &hosted->timer, deadline_ns);
    }
}

void rfx_shard_step(struct rfx_shard *shard, struct rfx_hosted *hosted,
                    const struct rfx_event *event)
{
    struct rfx_outbox *outbox = &shard->outbox;
    struct rfx_session *session = &hosted->session;
    struct rfx_actions actions;
    actions.count = 0;
    actions.space = outbox->arena + outbox->arena_used;
    actions.space_size = outbox->arena_size - outbox->arena_used;
    actions.space_used = 0;
    actions.utc = &shard->utc;
    actions.scratch = shard->scratch;

    uint64_t next_out = session->next_out;
    uint64_t next_in = session->next_in;
    rfx_session_step(session, event, &actions);
    outbox->arena_used += actions.space_used;
    if (session->next_out != next_out || session->next_in != next_in) {
        mark_dirty(shard, hosted);
    }
    for (size_t i = 0; i < actions.count; i++) {
        carry_out(shard, hosted, event, &actions.items[i]);
    }
    schedule(shard, hosted);
    uint32_t closes = hosted->closes;
    for (size_t i = 0; i < actions.count; i++) {
        /* A callback may close the connection: the rest is history then, but for a message, whose
         * number is used up. */
        if (hosted->closes == closes || actions.items[i].type == RFX_ACTION_DELIVER) {
            report(shard, hosted, event, &actions.items[i]);
        }
    }
    if (RFX_UNLIKELY(hosted->next_profile != NULL)) {
        rfx_shard_reconfigure(shard, hosted);
    }
}
