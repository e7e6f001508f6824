/* The shard as the application sees it. */
#include "core/shard_internal.h"

/* One per thread; only its address matters. */
static _Thread_local char thread_marker;

void rfx_shard_note_thread(struct rfx_shard *shard)
{
    atomic_store_explicit(&shard->thread, &thread_marker, memory_order_relaxed);
}

void rfx_shard_require_own(const struct rfx_shard *shard, const char *function)
{
    const void *own = atomic_load_explicit(&shard->thread, memory_order_relaxed);
    if (RFX_UNLIKELY(own != NULL && own != &thread_marker)) {
        rfx_misused(function, "was called from a thread that is not the session's shard; "
                              "rfx_session_post() is for these");
    }
}

bool rfx_shard_is_own(const struct rfx_shard *shard)
{
    return !atomic_load_explicit(&shard->is_over, memory_order_acquire) &&
           atomic_load_explicit(&shard->thread, memory_order_relaxed) == &thread_marker;
}

void rfx_shard_begin(struct rfx_shard *shard)
{
    const struct rfx_app *app = shard->options.app;
    if (shard->has_begun) {
        return;
    }
    shard->has_begun = true;
    if (app->on_shard_start != NULL) {
        const struct rfx_call call = rfx_shard_enter(shard, NULL, "on_shard_start");
        app->on_shard_start(app->context, shard);
        rfx_shard_leave(shard, call);
    }
}

void rfx_shard_finish(struct rfx_shard *shard)
{
    const struct rfx_app *app = shard->options.app;
    if (shard->has_begun && app->on_shard_stop != NULL) {
        const struct rfx_call call = rfx_shard_enter(shard, NULL, "on_shard_stop");
        app->on_shard_stop(app->context, shard);
        rfx_shard_leave(shard, call);
    }
    shard->has_begun = false;
    atomic_store_explicit(&shard->is_over, true, memory_order_release);
    rfx_shard_close_mail(shard); /* who waits for an answer hears that there is none */
}

void rfx_shard_get_pulse(const struct rfx_shard *shard, struct rfx_shard_pulse *pulse)
{
    const struct rfx_session *session =
        atomic_load_explicit(&shard->call_session, memory_order_acquire);
    pulse->turn = atomic_load_explicit(&shard->turn, memory_order_relaxed);
    pulse->callback = atomic_load_explicit(&shard->call_name, memory_order_relaxed);
    pulse->session = session != NULL ? session->name : NULL;
}

/* --------------------------------------------------------------------------- what it is handed */

struct rfx_message *rfx_shard_lend(struct rfx_shard *shard, const struct rfx_message *message)
{
    struct rfx_message *lent = &shard->lent[shard->lent_count++ % RFX_SHARD_LENT];
    *lent = *message;
    return lent;
}

void rfx_shard_take_back(struct rfx_message *lent)
{
    *lent = (struct rfx_message){.data = NULL};
}

/* ----------------------------------------------------------------------------- the public side */

uint32_t rfx_shard_index(const struct rfx_shard *shard)
{
    return shard->options.index;
}

uint64_t rfx_shard_now_ns(const struct rfx_shard *shard)
{
    return shard->now.mono_ns;
}

int64_t rfx_shard_utc_ns(const struct rfx_shard *shard)
{
    return shard->now.utc_ns;
}

void rfx_shard_set_user(struct rfx_shard *shard, void *user)
{
    shard->user = user;
}

void *rfx_shard_user(const struct rfx_shard *shard)
{
    return shard->user;
}

struct rfx_shard *rfx_session_shard(const struct rfx_session *session)
{
    return rfx_hosted_of(session)->shard;
}

rfx_status rfx_timer_set(struct rfx_shard *shard, struct rfx_timer *timer, uint64_t due_ns)
{
    rfx_shard_require_own(shard, "rfx_timer_set()");
    if (timer->on_due == NULL) {
        rfx_misused("rfx_timer_set()", "was called with a timer that has no on_due");
    }
    if (!rfx_timer_is_set(timer)) {
        const uint32_t needed = shard->session_capacity + shard->app_timers + 1;
        if (rfx_timers_reserve(&shard->timers, needed) != RFX_OK) {
            return RFX_E_NOMEM;
        }
        shard->app_timers++;
    }
    rfx_timers_set(&shard->timers, timer,
                   due_ns > shard->now.mono_ns ? due_ns : shard->now.mono_ns + 1);
    return RFX_OK;
}

void rfx_timer_cancel(struct rfx_shard *shard, struct rfx_timer *timer)
{
    rfx_shard_require_own(shard, "rfx_timer_cancel()");
    if (rfx_timer_is_set(timer)) {
        shard->app_timers--;
        rfx_timers_remove(&shard->timers, timer);
    }
}

void rfx_shard_run_timer(struct rfx_shard *shard, struct rfx_timer *timer)
{
    const struct rfx_app *app = shard->options.app;
    const struct rfx_call call = rfx_shard_enter(shard, NULL, "on_due of a timer");
    shard->app_timers--;
    timer->on_due(app->context, shard, timer);
    rfx_shard_leave(shard, call);
}
