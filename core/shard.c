/* The loop of a shard, and its life. */
#include "core/shard_internal.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_SIZE_MIN (1u << 20)
#define HOLD_LOOK_NS   (10 * RFX_NS_PER_MS) /* how often a held shard looks for room */
#define HOLD_NS        RFX_NS_PER_S         /* how often it looks at sessions that wait for that */

/* ------------------------------------------------------------------------------ open, close */

struct rfx_shard_batch rfx_shard_batch_max(const struct rfx_config *config)
{
    const size_t arena_size = 8 * RFX_STEP_SPACE(config->message_size_max);
    return (struct rfx_shard_batch){
        .bytes = arena_size < ARENA_SIZE_MIN ? ARENA_SIZE_MIN : arena_size,
        .ops = RFX_OUTBOX_ENTRIES + config->sessions_max,
    };
}

static rfx_status open_templates(struct rfx_shard *shard)
{
    const struct rfx_config *config = shard->options.config;
    shard->templates = calloc(config->session_count + 1, sizeof *shard->templates);
    if (shard->templates == NULL) {
        return RFX_E_NOMEM;
    }
    for (size_t i = 0; i < config->session_count; i++) {
        if (config->sessions[i].acceptor_template) {
            shard->templates[shard->template_count++] = &shard->options.profiles[i];
        }
    }
    return RFX_OK;
}

static rfx_status open_tables(struct rfx_shard *shard)
{
    const struct rfx_config *config = shard->options.config;
    shard->bucket_count = 64;
    while (shard->bucket_count < config->sessions_max) {
        shard->bucket_count *= 2;
    }
    shard->buckets = calloc(shard->bucket_count, sizeof(struct rfx_hosted *));
    shard->fields = malloc(RFX_FIELDS_MAX(config->message_size_max) * sizeof *shard->fields);
    shard->attached = calloc(shard->options.loop_count, sizeof *shard->attached);
    if (shard->buckets == NULL || shard->fields == NULL || shard->attached == NULL) {
        return RFX_E_NOMEM;
    }
    for (uint32_t i = 0; i < shard->options.loop_count; i++) {
        shard->attached[i] = calloc(rfx_conn_slots(config), sizeof *shard->attached[i]);
        if (shard->attached[i] == NULL) {
            return RFX_E_NOMEM;
        }
    }
    return rfx_outbox_open(&shard->outbox, rfx_shard_batch_max(config).bytes, config->sessions_max);
}

rfx_status rfx_shard_open(const struct rfx_shard_options *options, struct rfx_shard **shard,
                          struct rfx_error *error)
{
    RFX_ASSERT(options->loop_count >= 1 && options->loop_count <= RFX_WORKERS_MAX);
    struct rfx_shard *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a shard");
    }
    opened->options = *options;
    opened->now.utc_ns = options->utc_ns;
    opened->app_deadline_ns = RFX_NEVER_NS;
    rfx_status status = rfx_validate_scratch_open(&opened->scratch);
    if (status == RFX_OK) {
        status = open_templates(opened);
    }
    if (status == RFX_OK) {
        status = open_tables(opened);
    }
    if (status != RFX_OK) {
        rfx_shard_close(opened);
        return rfx_fail(error, status, "out of memory for a shard's tables");
    }
    *shard = opened;
    return RFX_OK;
}

void rfx_shard_close(struct rfx_shard *shard)
{
    if (shard == NULL) {
        return;
    }
    for (uint32_t i = 0; i < shard->session_count; i++) {
        struct rfx_hosted *hosted = shard->sessions[i];
        if (hosted != NULL) {
            rfx_gap_queue_clear(&hosted->queue);
            rfx_shard_forget_logon(hosted);
            free(hosted->certificate_name);
            free(hosted);
        }
    }
    rfx_shard_close_mail(shard);
    rfx_validate_scratch_close(shard->scratch);
    for (uint32_t i = 0; shard->attached != NULL && i < shard->options.loop_count; i++) {
        free(shard->attached[i]);
    }
    rfx_outbox_close(&shard->outbox);
    rfx_timers_close(&shard->timers);
    free(shard->attached);
    free(shard->sessions);
    free(shard->free_tokens);
    free(shard->templates);
    free(shard->buckets);
    free(shard->fields);
    free(shard);
}

/* ------------------------------------------------------------------------------- the turn */

static void start_sessions(struct rfx_shard *shard)
{
    while (shard->started_count < shard->session_count) {
        struct rfx_hosted *hosted = shard->sessions[shard->started_count++];
        struct rfx_event start = rfx_shard_event(shard, RFX_EVENT_START);
        if (hosted != NULL && hosted->session.state == RFX_STATE_UNKNOWN) {
            rfx_shard_step(shard, hosted, &start);
        }
    }
}

static size_t run_timers(struct rfx_shard *shard)
{
    size_t count = 0;
    while (rfx_shard_has_room(shard)) {
        struct rfx_timer *timer = rfx_timers_pop(&shard->timers, shard->now.mono_ns);
        if (timer == NULL) {
            break;
        }
        if (timer->on_due != NULL) {
            rfx_shard_run_timer(shard, timer);
            count++;
            continue;
        }
        struct rfx_hosted *hosted = RFX_CONTAINER_OF(timer, struct rfx_hosted, timer);
        const bool is_connected = rfx_session_is_connected(&hosted->session);
        if (shard->is_stopping && !is_connected) {
            continue; /* an initiator stays disconnected */
        }
        if (shard->is_held && !is_connected) {
            rfx_timers_set(&shard->timers, timer, shard->now.mono_ns + HOLD_NS);
            continue; /* and until there is room, it does too */
        }
        struct rfx_event tick = rfx_shard_event(shard, RFX_EVENT_TICK);
        rfx_shard_step(shard, hosted, &tick);
        count++;
    }
    return count;
}

static void run_app(struct rfx_shard *shard)
{
    const struct rfx_app *app = shard->options.app;
    if (app->on_turn != NULL && rfx_shard_has_room(shard)) {
        const struct rfx_call call = rfx_shard_enter(shard, NULL, "on_turn");
        shard->app_deadline_ns = app->on_turn(app->context, shard, shard->now.mono_ns);
        rfx_shard_leave(shard, call);
    }
}

/* Logs every session out, a few a turn: all from *cursor on. */
static void log_out_all(struct rfx_shard *shard, uint32_t *cursor, const char *text,
                        enum rfx_disconnect_reason reason)
{
    while (*cursor < shard->session_count && rfx_shard_has_room(shard)) {
        struct rfx_hosted *hosted = shard->sessions[(*cursor)++];
        if (hosted == NULL) {
            continue;
        }
        struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_CLOSE);
        event.reason = reason;
        if (rfx_session_is_logged_on(&hosted->session)) {
            event.type = RFX_EVENT_LOGOUT;
            event.text = text;
        }
        if (hosted->session.state != RFX_INITIATE_LOGOUT) {
            rfx_shard_step(shard, hosted, &event);
        }
    }
}

static void note_numbers(struct rfx_shard *shard)
{
    if (shard->outbox.is_committed) {
        return; /* with the next batch */
    }
    while (shard->dirty != NULL) {
        struct rfx_hosted *hosted = shard->dirty;
        shard->dirty = hosted->next_dirty;
        hosted->is_dirty = false;
        rfx_outbox_add_numbers(&shard->outbox, hosted->journal_slot, hosted->session.next_out,
                               hosted->session.next_in);
    }
}

static void notify_loops(struct rfx_shard *shard)
{
    for (uint32_t i = 0; i < shard->options.loop_count; i++) {
        if (rfx_ring_publish(shard->options.to_loops[i])) {
            shard->options.notify(shard->options.notify_context, i);
        }
    }
}

/* Journal, then wire. */
static rfx_status flush(struct rfx_shard *shard, struct rfx_error *error)
{
    bool is_empty = true;
    shard->builders[shard->begun % 2].owner =
        NULL; /* a message left unfinished has lost its place */
    note_numbers(shard);
    rfx_status status = rfx_outbox_flush(&shard->outbox, &shard->options.journal, shard->now.utc_ns,
                                         shard->options.to_loops, &is_empty, error);
    rfx_shard_note_full(shard, status, error);
    shard->has_unflushed = !is_empty || status == RFX_E_FULL;
    notify_loops(shard);
    if (RFX_UNLIKELY(shard->options.message_log != NULL) && status == RFX_OK) {
        rfx_message_log_publish(shard->options.message_log, shard->now.utc_ns);
    }
    return status == RFX_E_FULL ? RFX_OK : status;
}

static size_t work(struct rfx_shard *shard, rfx_status *status, struct rfx_error *error)
{
    size_t count = 0;
    if (shard->has_unflushed) {
        *status = flush(shard, error);
        if (*status != RFX_OK || shard->has_unflushed) {
            return 0; /* a loop is behind; nothing new until it has caught up */
        }
        count++;
    }
    if (!rfx_shard_may_go_on(shard)) {
        return count;
    }
    start_sessions(shard);
    if (shard->is_stopping) {
        log_out_all(shard, &shard->stop_cursor, "the server stops", RFX_REASON_SERVER_STOPPED);
    } else if (shard->is_held) {
        log_out_all(shard, &shard->hold_cursor, "the journal is full", RFX_REASON_JOURNAL_FULL);
    }
    count += rfx_shard_read_mail(shard);
    if (rfx_shard_unqueue(shard)) {
        count += rfx_shard_read_input(shard);
    } else {
        count++;
    }
    count += run_timers(shard);
    run_app(shard);
    count += shard->outbox.count;
    rfx_shard_discard(shard);
    *status = flush(shard, error);
    if (*status == RFX_OK && shard->replaying != NULL && !shard->has_unflushed) {
        count += rfx_shard_replay(shard, status, error);
        if (*status == RFX_OK) {
            *status = flush(shard, error);
        }
    }
    return count;
}

size_t rfx_shard_work(struct rfx_shard *shard, struct rfx_now now, rfx_status *status,
                      struct rfx_error *error)
{
    *status = RFX_OK;
    if (shard->is_failed) {
        return 0;
    }
    shard->now = now;
    if (now.mono_ns < shard->retry_ns) {
        return 0;
    }
    shard->retry_ns = 0;
    const uint64_t turn = atomic_load_explicit(&shard->turn, memory_order_relaxed) + 1;
    atomic_store_explicit(&shard->turn, turn, memory_order_relaxed);
    rfx_shard_note_thread(shard);
    rfx_shard_begin(shard);
    size_t count = work(shard, status, error);
    atomic_store_explicit(&shard->turn, turn + 1, memory_order_relaxed);
    if (*status == RFX_OK) {
        *status = rfx_shard_give_up(shard, error);
    }
    if (*status != RFX_OK) {
        shard->is_failed = true;
    }
    return count;
}

uint64_t rfx_shard_deadline_ns(const struct rfx_shard *shard)
{
    if (shard->retry_ns != 0) {
        return shard->retry_ns;
    }
    if (shard->has_unflushed || shard->unqueueing != NULL || rfx_shard_replay_is_ready(shard) ||
        shard->started_count < shard->session_count ||
        (shard->is_stopping && shard->stop_cursor < shard->session_count) ||
        (shard->is_held && !shard->is_stopping && shard->hold_cursor < shard->session_count)) {
        return 0;
    }
    uint64_t deadline_ns = rfx_timers_next_ns(&shard->timers);
    deadline_ns = rfx_min_u64(deadline_ns, shard->app_deadline_ns);
    deadline_ns = rfx_min_u64(deadline_ns, rfx_shard_mail_due_ns(shard));
    return shard->is_held ? rfx_min_u64(deadline_ns, shard->now.mono_ns + HOLD_LOOK_NS)
                          : deadline_ns;
}

bool rfx_shard_has_input(const struct rfx_shard *shard)
{
    if (shard->retry_ns != 0) {
        return false; /* none that it could take now */
    }
    for (uint32_t i = 0; i < shard->options.loop_count; i++) {
        if (!rfx_ring_is_empty(shard->options.from_loops[i])) {
            return true;
        }
    }
    return rfx_shard_has_mail(shard);
}

void rfx_shard_stop(struct rfx_shard *shard)
{
    shard->is_stopping = true;
}

bool rfx_shard_is_stopped(const struct rfx_shard *shard)
{
    if (shard->is_failed) {
        return true;
    }
    return shard->is_stopping && shard->stop_cursor == shard->session_count &&
           shard->attached_count == 0 && !shard->has_unflushed && shard->outbox.count == 0;
}
