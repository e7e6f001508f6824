/* A worker: one thread that runs an I/O loop, a shard, or both, and sleeps when neither has
 * anything to do. */
#ifndef RFX_IO_SERVER_WORKER_H
#define RFX_IO_SERVER_WORKER_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "core/histogram.h"
#include "core/shard.h"
#include "io/loop.h"

struct rfx_server;

/* What the worker has done; it alone writes, any thread may read. */
struct rfx_worker_counts {
    _Atomic uint64_t turns;
    _Atomic uint64_t busy_turns;
    _Atomic uint64_t busy_ns;
    _Atomic uint64_t journal_bytes;
    struct rfx_live_histogram ring_bytes;
    struct rfx_live_histogram commit_ns;
};

struct rfx_worker {
    alignas(RFX_CACHE_LINE) _Atomic bool is_parked; /* written by the worker, cleared by a waker */
    alignas(RFX_CACHE_LINE) struct rfx_server *server;
    pthread_t thread;
    bool is_started;
    int wake_fd;
    int core; /* to pin to, -1: none */
    bool has_loop;
    struct rfx_loop_options loop_options;
    struct rfx_loop *loop;              /* opened by the worker's own thread */
    struct rfx_shard *shard;            /* NULL: none */
    struct rfx_ring *const *from_loops; /* the shard's */
    uint64_t idle_since_ns;
    bool is_stopping;
    bool is_shard_stopped;
    uint64_t give_up_ns;             /* when connections that linger are cut */
    struct rfx_journal_port journal; /* of the shard; each append to it is timed */
    uint64_t turn_began_ns;          /* of a busy turn; 0: the last one was none */
    struct rfx_loop_counts loop_counts;
    struct rfx_worker_counts counts;
};

/* The thread's function; its argument is the worker. */
void *rfx_worker_run(void *argument);

/* A port that passes everything on and notes how long each append takes. */
struct rfx_journal_port rfx_worker_journal(struct rfx_worker *worker,
                                           struct rfx_journal_port journal);

/* Ends the worker's sleep if it sleeps. Any thread. */
void rfx_worker_wake(struct rfx_worker *worker);

#endif
