/* Sending orders: by the answers (closed loop) or by the clock (open loop). */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "bench/loadgen/clock.h"
#include "bench/loadgen/load_internal.h"

#define SLICE   64               /* orders of one session before others have their chance */
#define LOOK_NS (10 * NS_PER_MS) /* how soon a shard without work sees what main wants */
#define EARLY_NS                                                                                   \
    70000 /* a sleeper is woken that much before an intended send, since                           \
             waking up takes about as long */

static bool is_open_loop(const struct load *load)
{
    return load->interval_ns > 0;
}

static bool is_done(const struct lane *lane)
{
    return atomic_load_explicit(&lane->done_step, memory_order_relaxed) == lane->step;
}

bool load_may_send(const struct lane *lane, uint64_t stamp)
{
    return lane->has_begun && !is_done(lane) &&
           stamp < atomic_load_explicit(&lane->load->end_ns, memory_order_relaxed);
}

/* Sessions take turns: session s (from 1) sends the order n (from 0) of its step as number
 * n * sessions + s - 1 of all; so many as make a burst are due at once. */
static uint64_t intended_ns(const struct load_session *session, uint64_t order)
{
    const struct load *load = session->lane->load;
    double place =
        (double)(order - session->base) * load->options->sessions + (double)(session->number - 1);
    uint64_t start_ns = atomic_load_explicit(&load->start_ns, memory_order_relaxed);
    return start_ns + (uint64_t)(floor(place / load->options->burst) * load->interval_ns);
}

/* ------------------------------------------------------------------------------- one order */

static void note_sent(struct load_session *session, uint64_t now_ns, uint64_t intended)
{
    struct lane *lane = session->lane;
    lane_count(&lane->sent, 1);
    lane_count(&lane->outstanding, 1);
    if (now_ns >= lane->measure_from_ns && load_may_send(lane, now_ns)) {
        lane->window.sent++;
    }
    if (is_open_loop(lane->load) && intended >= lane->measure_from_ns) {
        uint64_t lag_ns = now_ns - intended;
        struct lane_window *window = &lane->window;
        window->lag_count++;
        window->lag_sum_ns += (double)lag_ns;
        window->lag_max_ns = lag_ns > window->lag_max_ns ? lag_ns : window->lag_max_ns;
    }
    session->due--;
    if (session->flight.next > session->quota) {
        lane_gauge(&lane->unfinished, -1);
    }
}

static rfx_status send_one(struct load_session *session)
{
    uint64_t now_ns = 0;
    rfx_status status = load_order_send(session, &now_ns);
    assert(status != RFX_E_INVALID); /* every value is our own, or was checked */
    if (status != RFX_OK) {
        return status;
    }
    uint64_t intended = now_ns;
    if (is_open_loop(session->lane->load)) {
        intended = intended_ns(session, session->flight.next);
    }
    flight_add(&session->flight, intended);
    note_sent(session, now_ns, intended);
    return RFX_OK;
}

/* ---------------------------------------------------------------------- sessions that wait */

void load_wait_for_turn(struct load_session *session)
{
    struct lane *lane = session->lane;
    if (session->is_waiting) {
        return;
    }
    session->is_waiting = true;
    session->next_waiting = NULL;
    if (lane->waiting_last != NULL) {
        lane->waiting_last->next_waiting = session;
    } else {
        lane->waiting_first = session;
    }
    lane->waiting_last = session;
}

static struct load_session *next_waiting(struct lane *lane)
{
    struct load_session *session = lane->waiting_first;
    if (session != NULL) {
        lane->waiting_first = session->next_waiting;
        if (lane->waiting_first == NULL) {
            lane->waiting_last = NULL;
        }
        session->is_waiting = false;
    }
    return session;
}

bool load_send_due(struct load_session *session)
{
    for (uint32_t i = 0; session->due > 0 && load_has_room(session); i++) {
        rfx_status status = i < SLICE ? send_one(session) : RFX_E_FULL;
        if (status == RFX_E_FULL) {
            load_wait_for_turn(session);
            return i == SLICE;
        }
        if (status != RFX_OK) {
            break; /* it is logging out; on_disconnect tells the rest */
        }
    }
    return true; /* without room the next answer goes on, and the next Logon when it is away */
}

/* Until all is sent, or the shard has no room for more in this turn. */
static void send_waiting(struct lane *lane)
{
    struct load_session *session;
    while ((session = next_waiting(lane)) != NULL && load_send_due(session)) {
    }
}

/* -------------------------------------------------------------------------------- the turn */

static int by_number(const void *a, const void *b)
{
    const struct load_session *const *first = a;
    const struct load_session *const *second = b;
    return (*first)->number < (*second)->number ? -1 : (*first)->number > (*second)->number;
}

/* Nothing is left over from the step before but orders that await their answers. */
static void renew(struct lane *lane, uint32_t step)
{
    lane->step = step;
    lane->has_begun = false;
    lane->cursor = 0;
    lane->measure_from_ns = UINT64_MAX;
    lane->window = (struct lane_window){.sent = 0};
    histogram_clear(&lane->latency);
    while (next_waiting(lane) != NULL) {
    }
    for (uint32_t i = 0; i < lane->session_count; i++) {
        struct load_session *session = lane->sessions[i];
        session->due = 0;
        session->admitted = 0;
        session->base = session->flight.next;
    }
}

static void begin(struct lane *lane)
{
    const struct load *load = lane->load;
    qsort(lane->sessions, lane->session_count, sizeof(struct load_session *), by_number);
    lane->measure_from_ns = load->measure_from_ns;
    lane->has_begun = true;
    for (uint32_t i = 0; !is_open_loop(load) && i < lane->session_count; i++) {
        struct load_session *session = lane->sessions[i];
        if (!session->is_lost) {
            uint64_t in_flight = load->options->in_flight;
            session->due = session->quota < in_flight ? session->quota : in_flight;
            load_wait_for_turn(session);
        }
    }
}

/* Open loop: lets every session whose intended time is before until_ns send. Returns the next
 * intended time. */
static uint64_t admit(struct lane *lane, uint64_t until_ns)
{
    while (atomic_load_explicit(&lane->unfinished, memory_order_relaxed) > 0) {
        struct load_session *session = lane->sessions[lane->cursor];
        uint64_t next_ns = intended_ns(session, session->base + session->admitted);
        if (next_ns >= until_ns) {
            return next_ns;
        }
        lane->cursor = lane->cursor + 1 < lane->session_count ? lane->cursor + 1 : 0;
        session->admitted++;
        if (!session->is_lost && session->admitted <= session->quota) {
            session->due++;
            load_wait_for_turn(session);
        }
    }
    return UINT64_MAX;
}

/* The end. What was intended before it and has room yet is sent; what then still waits shows that
 * the rate was not kept. */
static void finish(struct lane *lane, uint64_t end_ns)
{
    if (lane->has_begun && is_open_loop(lane->load)) {
        admit(lane, end_ns);
        send_waiting(lane);
        for (uint32_t i = 0; i < lane->session_count; i++) {
            lane->window.not_sent += lane->sessions[i]->due;
        }
    }
    /* What was sent before is in `outstanding` for whoever sees this. */
    atomic_store_explicit(&lane->done_step, lane->step, memory_order_release);
}

static uint64_t next_look(const struct lane *lane, uint64_t now_ns, uint64_t intended_ns)
{
    const struct load *load = lane->load;
    uint64_t look_ns = now_ns + LOOK_NS;
    if (lane->waiting_first != NULL) {
        return now_ns;
    }
    if (load->options->idle != RFX_IDLE_PARK) {
        intended_ns -= EARLY_NS;
    }
    return intended_ns < look_ns ? intended_ns : look_ns;
}

uint64_t load_on_turn(void *context, struct rfx_shard *shard, uint64_t now_ns)
{
    struct load *load = context;
    struct lane *lane = load_lane_here(load);
    uint32_t step = atomic_load_explicit(&load->step, memory_order_acquire);
    if (step != lane->step) {
        renew(lane, step);
    }
    uint64_t start_ns = atomic_load_explicit(&load->start_ns, memory_order_acquire);
    uint64_t end_ns = atomic_load_explicit(&load->end_ns, memory_order_relaxed);
    uint64_t intended = UINT64_MAX;
    (void)shard;
    if (!is_done(lane) && now_ns >= end_ns) {
        finish(lane, end_ns);
    }
    if (is_done(lane)) {
        return load->options->sweep.count > 0 ? now_ns + LOOK_NS : UINT64_MAX;
    }
    if (now_ns < start_ns) {
        return start_ns - now_ns < LOOK_NS ? start_ns : now_ns + LOOK_NS;
    }
    if (!lane->has_begun) {
        begin(lane);
    }
    if (is_open_loop(load)) {
        intended = admit(lane, now_ns + 1);
    }
    load_churn(lane, now_ns);
    send_waiting(lane);
    return next_look(lane, now_ns, intended);
}
