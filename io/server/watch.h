/* The watch: a thread that says so when a shard does not come back from a callback. */
#ifndef RFX_IO_SERVER_WATCH_H
#define RFX_IO_SERVER_WATCH_H

#include <pthread.h>

#include "core/base.h"
#include "ringfix/config.h"

struct rfx_server;

struct rfx_watch {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stops; /* under the mutex */
    bool is_running;
};

/* Starts the thread, once the shards are there. errors RFX_E_IO */
rfx_status rfx_watch_start(struct rfx_server *server, struct rfx_error *error) RFX_MUST_CHECK;

/* Before the shards are closed; never started is allowed. */
void rfx_watch_stop(struct rfx_server *server);

#endif
