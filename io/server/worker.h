/* A worker: one thread that runs an I/O loop, a shard, or both, and sleeps when neither has
 * anything to do. */
#ifndef RFX_IO_SERVER_WORKER_H
#define RFX_IO_SERVER_WORKER_H

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "core/shard.h"
#include "io/loop.h"

struct rfx_server;

struct rfx_worker {
    alignas(RFX_CACHE_LINE) _Atomic bool is_parked; /* written by the worker, cleared by a waker */
    alignas(RFX_CACHE_LINE) struct rfx_server *server;
    pthread_t thread;
    bool is_started;
    int wake_fd;
    int core; /* to pin to, -1: none */
    bool has_loop;
    struct rfx_loop_options loop_options;
    struct rfx_loop *loop;   /* opened by the worker's own thread */
    struct rfx_shard *shard; /* NULL: none */
    uint64_t idle_since_ns;
    bool is_stopping;
    bool is_shard_stopped;
    uint64_t give_up_ns; /* when connections that linger are cut */
};

/* The thread's function; its argument is the worker. */
void *rfx_worker_run(void *argument);

/* Ends the worker's sleep if it sleeps. Any thread. */
void rfx_worker_wake(struct rfx_worker *worker);

#endif
