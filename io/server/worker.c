#include "io/server/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/server/server_internal.h"

#define SPIN_NS    (50 * UINT64_C(1000)) /* of RFX_IDLE_ADAPTIVE, before it sleeps */
#define GIVE_UP_NS (2 * RFX_NS_PER_S)    /* for the peers to take the last bytes of a stop */

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* ------------------------------------------------------------------------------ wake-ups */

void rfx_worker_wake(struct rfx_worker *worker)
{
    /* Orders what was published before the look at is_parked; the worker does the reverse. */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&worker->is_parked, memory_order_relaxed) &&
        atomic_exchange_explicit(&worker->is_parked, false, memory_order_relaxed)) {
        uint64_t one = 1;
        ssize_t written = write(worker->wake_fd, &one, sizeof one);
        (void)written; /* EAGAIN: it is awake already */
    }
}

static bool has_input(const struct rfx_worker *worker)
{
    return (worker->loop != NULL && rfx_loop_has_input(worker->loop)) ||
           (worker->shard != NULL && rfx_shard_has_input(worker->shard)) ||
           atomic_load_explicit(&worker->server->stop_requested, memory_order_relaxed) !=
               worker->is_stopping ||
           (worker->is_stopping && worker->give_up_ns == RFX_NEVER_NS &&
            rfx_server_shards_are_stopped(worker->server));
}

static uint64_t deadline_of(const struct rfx_worker *worker)
{
    uint64_t deadline_ns = RFX_NEVER_NS;
    if (worker->loop != NULL) {
        deadline_ns = rfx_loop_deadline_ns(worker->loop);
    }
    if (worker->shard != NULL && !worker->is_shard_stopped) {
        deadline_ns = rfx_min_u64(deadline_ns, rfx_shard_deadline_ns(worker->shard));
    }
    return worker->is_stopping ? rfx_min_u64(deadline_ns, worker->give_up_ns) : deadline_ns;
}

static void sleep_on_descriptor(int fd, uint64_t timeout_ns)
{
    struct pollfd descriptor = {.fd = fd, .events = POLLIN};
    struct timespec timeout = {
        .tv_sec = (time_t)(timeout_ns / RFX_NS_PER_S),
        .tv_nsec = (long)(timeout_ns % RFX_NS_PER_S),
    };
    if (ppoll(&descriptor, 1, timeout_ns == RFX_NEVER_NS ? NULL : &timeout, NULL) > 0) {
        uint64_t count;
        ssize_t taken = read(fd, &count, sizeof count);
        (void)taken; /* EAGAIN: nothing was left to take */
    }
}

static void park(struct rfx_worker *worker)
{
    atomic_store_explicit(&worker->is_parked, true, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    uint64_t now_ns = rfx_clock_now().mono_ns;
    uint64_t deadline_ns = deadline_of(worker);
    if (!has_input(worker) && deadline_ns > now_ns) {
        uint64_t timeout_ns = deadline_ns == RFX_NEVER_NS ? RFX_NEVER_NS : deadline_ns - now_ns;
        if (worker->loop != NULL) {
            rfx_loop_wait(worker->loop, timeout_ns);
        } else {
            sleep_on_descriptor(worker->wake_fd, timeout_ns);
        }
    }
    atomic_store_explicit(&worker->is_parked, false, memory_order_relaxed);
}

static void idle(struct rfx_worker *worker, uint64_t now_ns)
{
    if (worker->idle_since_ns == 0) {
        worker->idle_since_ns = now_ns;
    }
    switch (worker->server->config.idle_strategy) {
    case RFX_IDLE_SPIN:
        relax();
        break;
    case RFX_IDLE_ADAPTIVE:
        if (now_ns - worker->idle_since_ns < SPIN_NS) {
            relax();
        } else {
            park(worker);
        }
        break;
    case RFX_IDLE_PARK:
        park(worker);
        break;
    }
}

/* ---------------------------------------------------------------------------------- the end */

static void begin_stop(struct rfx_worker *worker)
{
    worker->is_stopping = true;
    worker->give_up_ns = RFX_NEVER_NS;
    if (worker->loop != NULL) {
        rfx_loop_stop_accepting(worker->loop);
    }
    if (worker->shard != NULL) {
        rfx_shard_stop(worker->shard);
    }
}

/* True when this worker has nothing left to do. */
static bool go_on_stopping(struct rfx_worker *worker, uint64_t now_ns)
{
    if (worker->shard != NULL && !worker->is_shard_stopped && rfx_shard_is_stopped(worker->shard)) {
        worker->is_shard_stopped = true;
        rfx_server_shard_has_stopped(worker->server);
    }
    if (!rfx_server_shards_are_stopped(worker->server)) {
        return false;
    }
    if (worker->give_up_ns == RFX_NEVER_NS) {
        worker->give_up_ns = now_ns + GIVE_UP_NS;
    }
    return worker->loop == NULL || rfx_loop_connection_count(worker->loop) == 0 ||
           now_ns >= worker->give_up_ns;
}

/* --------------------------------------------------------------------------------- the turns */

static void pin(const struct rfx_worker *worker)
{
    cpu_set_t set;
    if (worker->core < 0) {
        return;
    }
    CPU_ZERO(&set);
    CPU_SET((size_t)worker->core, &set);
    int result = pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    if (result != 0) {
        rfx_server_log(worker->server, RFX_LOG_WARNING, "CpuAffinity: cannot use core %d: %s",
                       worker->core, strerror(result));
    }
}

/* For top -H and the like. */
static void name_thread(const struct rfx_worker *worker)
{
    char name[16];
    const char *what = !worker->has_loop ? "shard" : worker->shard == NULL ? "io" : "worker";
    snprintf(name, sizeof name, "rfx-%s-%u", what,
             (unsigned)(worker - worker->server->workers) % 10000);
    (void)pthread_setname_np(pthread_self(), name);
}

/* In the place of a loop that could not be opened: what shards send it is dropped, so that they
 * can come to their end. */
static void be_a_sink(const struct rfx_worker *worker)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    while (!rfx_server_shards_are_stopped(worker->server)) {
        for (uint32_t i = 0; i < worker->loop_options.shard_count; i++) {
            struct rfx_ring *ring = worker->loop_options.from_shards[i];
            uint32_t type;
            uint32_t size;
            while (rfx_ring_peek(ring, &type, &size) != NULL) {
                rfx_ring_pop(ring);
            }
            rfx_ring_release(ring);
        }
        nanosleep(&pause, NULL);
    }
}

/* The clock is read once a turn: what a turn took is known when the next one begins. */
static void note_turn(struct rfx_worker *worker, uint64_t now_ns)
{
    struct rfx_worker_counts *counts = &worker->counts;
    rfx_live_add(&counts->turns, 1);
    if (worker->turn_began_ns != 0) {
        rfx_live_add(&counts->busy_turns, 1);
        rfx_live_add(&counts->busy_ns, now_ns - worker->turn_began_ns);
        worker->turn_began_ns = 0;
    }
}

static void note_rings(struct rfx_worker *worker)
{
    const struct rfx_server *server = worker->server;
    struct rfx_ring *const *rings = worker->from_loops;
    uint64_t used = 0;
    for (uint32_t i = 0; i < server->loop_count; i++) {
        used += rfx_ring_used(rings[i]);
    }
    if (used > 0) {
        rfx_live_histogram_add(&worker->counts.ring_bytes, used);
    }
}

static rfx_status append_timed(void *context, const struct rfx_journal_op *ops, size_t count,
                               int64_t utc_ns, struct rfx_error *error)
{
    struct rfx_worker *worker = context;
    const uint64_t began_ns = rfx_clock_mono_ns();
    uint64_t bytes = 0;
    const rfx_status status =
        worker->journal.append(worker->journal.context, ops, count, utc_ns, error);
    for (size_t i = 0; i < count; i++) {
        bytes += ops[i].size;
    }
    rfx_live_histogram_add(&worker->counts.commit_ns, rfx_clock_mono_ns() - began_ns);
    rfx_live_add(&worker->counts.journal_bytes, bytes);
    return status;
}

static rfx_status attach(void *context, const char *name, const struct rfx_journal_keep *keep,
                         int64_t utc_ns, struct rfx_journal_entry *entry, struct rfx_error *error)
{
    const struct rfx_journal_port *journal = &((struct rfx_worker *)context)->journal;
    return journal->attach(journal->context, name, keep, utc_ns, entry, error);
}

static enum rfx_journal_room room(void *context)
{
    const struct rfx_journal_port *journal = &((struct rfx_worker *)context)->journal;
    return journal->room(journal->context);
}

static rfx_status read_stored(void *context, uint32_t slot, uint64_t first, uint64_t last,
                              rfx_journal_visit *visit, void *visit_context,
                              struct rfx_error *error)
{
    const struct rfx_journal_port *journal = &((struct rfx_worker *)context)->journal;
    return journal->read(journal->context, slot, first, last, visit, visit_context, error);
}

struct rfx_journal_port rfx_worker_journal(struct rfx_worker *worker,
                                           struct rfx_journal_port journal)
{
    worker->journal = journal;
    return (struct rfx_journal_port){.context = worker,
                                     .attach = attach,
                                     .room = room,
                                     .append = append_timed,
                                     .read = read_stored};
}

void *rfx_worker_run(void *argument)
{
    struct rfx_worker *worker = argument;
    struct rfx_server *server = worker->server;
    struct rfx_error error = {""};
    name_thread(worker);
    pin(worker);
    if (worker->has_loop) {
        rfx_status status = rfx_loop_open(&worker->loop_options, &worker->loop, &error);
        rfx_server_worker_is_ready(server, status, &error);
        if (status != RFX_OK) {
            if (worker->shard != NULL) {
                rfx_server_shard_has_stopped(server); /* before it has begun */
            }
            be_a_sink(worker);
            return NULL;
        }
    } else {
        rfx_server_worker_is_ready(server, RFX_OK, &error);
    }
    for (;;) {
        struct rfx_now now = rfx_clock_now();
        size_t count = 0;
        note_turn(worker, now.mono_ns);
        if (worker->loop != NULL) {
            count += rfx_loop_work(worker->loop, now);
        }
        if (worker->shard != NULL) {
            rfx_status status;
            note_rings(worker);
            count += rfx_shard_work(worker->shard, now, &status, &error);
            if (status != RFX_OK) {
                rfx_server_fail(server, status, &error);
            }
        }
        if (!worker->is_stopping &&
            atomic_load_explicit(&server->stop_requested, memory_order_acquire)) {
            begin_stop(worker);
            count++;
        }
        if (worker->is_stopping && go_on_stopping(worker, now.mono_ns)) {
            break;
        }
        if (count > 0) {
            worker->idle_since_ns = 0;
            worker->turn_began_ns = now.mono_ns;
        } else {
            idle(worker, now.mono_ns);
        }
    }
    if (worker->shard != NULL) {
        rfx_shard_finish(worker->shard);
    }
    rfx_loop_close(worker->loop);
    worker->loop = NULL;
    return NULL;
}
