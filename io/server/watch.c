#include "io/server/watch.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "io/server/server_internal.h"

#define LOOK_S   1
#define PATIENCE 5  /* looks at the same turn before the first line in the log */
#define AGAIN    60 /* and from one line to the next */

/* A shard as it was seen last. */
struct seen {
    uint64_t turn;
    unsigned looks; /* at the same turn */
};

static void look_at(const struct rfx_server *server, uint32_t index, struct seen *seen)
{
    struct rfx_shard_pulse pulse;
    const struct rfx_worker *worker = &server->workers[server->shard_worker[index]];
    rfx_shard_get_pulse(worker->shard, &pulse);
    if (pulse.turn != seen->turn || pulse.turn % 2 == 0) {
        if (seen->looks >= PATIENCE) {
            rfx_server_log(server, RFX_LOG_WARNING, "shard %u works again, after some %u s", index,
                           seen->looks * LOOK_S);
        }
        *seen = (struct seen){.turn = pulse.turn};
        return;
    }
    seen->looks++;
    if (seen->looks == PATIENCE || seen->looks % AGAIN == 0) {
        rfx_server_log(
            server, RFX_LOG_ERROR,
            "shard %u stands still for some %u s, in %s%s%s: all of its sessions wait "
            "for that, and the server cannot stop",
            index, seen->looks * LOOK_S, pulse.callback != NULL ? pulse.callback : "no callback",
            pulse.session != NULL ? " of " : "", pulse.session != NULL ? pulse.session : "");
    }
}

static void *run(void *argument)
{
    struct rfx_server *server = argument;
    struct rfx_watch *watch = &server->watch;
    struct seen seen[RFX_WORKERS_MAX] = {{0}};
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    pthread_mutex_lock(&watch->mutex);
    while (!watch->stops) {
        next.tv_sec += LOOK_S;
        while (!watch->stops &&
               pthread_cond_timedwait(&watch->wake, &watch->mutex, &next) != ETIMEDOUT) {
        }
        for (uint32_t i = 0; i < server->shard_count && !watch->stops; i++) {
            look_at(server, i, &seen[i]);
        }
    }
    pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

rfx_status rfx_watch_start(struct rfx_server *server, struct rfx_error *error)
{
    struct rfx_watch *watch = &server->watch;
    sigset_t all;
    sigset_t before;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_cond_init(&watch->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigfillset(&all); /* signals are the program's business */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int result = pthread_create(&watch->thread, NULL, run, server);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result != 0) {
        pthread_cond_destroy(&watch->wake);
        pthread_mutex_destroy(&watch->mutex);
        return rfx_fail(error, RFX_E_IO, "cannot start a thread: %s", strerror(result));
    }
    (void)pthread_setname_np(watch->thread, "rfx-watch");
    watch->is_running = true;
    return RFX_OK;
}

void rfx_watch_stop(struct rfx_server *server)
{
    struct rfx_watch *watch = &server->watch;
    if (!watch->is_running) {
        return;
    }
    pthread_mutex_lock(&watch->mutex);
    watch->stops = true;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->mutex);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->mutex);
    watch->is_running = false;
}
