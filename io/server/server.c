/* The server put together: configuration, journal, rings, shards, loops, workers. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/app_log.h"
#include "core/journal_none.h"
#include "io/clock.h"
#include "io/server/server_internal.h"
#include "io/socket.h"

#define MESSAGE_LOG_RING (8u << 20) /* bytes per shard, of messages that wait to be written */

static void write_line(const struct rfx_server *server, const char *session,
                       enum rfx_log_level level, const char *format, va_list arguments)
{
    char text[512];
    if (server->app.on_log != NULL) {
        vsnprintf(text, sizeof text, format, arguments);
        rfx_app_log(&server->app, level, session, text);
    }
}

void rfx_server_log(const struct rfx_server *server, enum rfx_log_level level, const char *format,
                    ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(server, NULL, level, format, arguments);
    va_end(arguments);
}

void rfx_server_log_about(const struct rfx_server *server, const char *session,
                          enum rfx_log_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(server, session, level, format, arguments);
    va_end(arguments);
}

/* ------------------------------------------------------------------- what workers call back */

static void wake_all(struct rfx_server *server)
{
    for (uint32_t i = 0; i < server->worker_count; i++) {
        rfx_worker_wake(&server->workers[i]);
    }
}

void rfx_server_worker_is_ready(struct rfx_server *server, rfx_status status,
                                const struct rfx_error *error)
{
    pthread_mutex_lock(&server->mutex);
    server->workers_ready++;
    if (status != RFX_OK && server->status == RFX_OK) {
        server->status = status;
        server->error = *error;
    }
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
}

void rfx_server_fail(struct rfx_server *server, rfx_status status, const struct rfx_error *error)
{
    rfx_server_log(server, RFX_LOG_ERROR, "the server stops, nothing unjournaled was sent: %s",
                   error->text);
    pthread_mutex_lock(&server->mutex);
    if (server->status == RFX_OK) {
        server->status = status;
        server->error = *error;
    }
    pthread_mutex_unlock(&server->mutex);
    rfx_server_stop(server);
}

void rfx_server_shard_has_stopped(struct rfx_server *server)
{
    atomic_fetch_add_explicit(&server->shards_stopped, 1, memory_order_acq_rel);
    wake_all(server);
}

bool rfx_server_shards_are_stopped(const struct rfx_server *server)
{
    return atomic_load_explicit(&server->shards_stopped, memory_order_acquire) ==
           server->shard_count;
}

static void notify_shard(void *context, uint32_t shard)
{
    struct rfx_worker *self = context;
    struct rfx_worker *other = &self->server->workers[self->server->shard_worker[shard]];
    if (other != self) {
        rfx_worker_wake(other);
    }
}

static void notify_loop(void *context, uint32_t loop)
{
    struct rfx_worker *self = context;
    struct rfx_worker *other = &self->server->workers[self->server->loop_worker[loop]];
    if (other != self) {
        rfx_worker_wake(other);
    }
}

static void wake_worker(void *context)
{
    rfx_worker_wake(context);
}

/* --------------------------------------------------------------------------- configuration */

static uint32_t usable_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1;
    }
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : (uint32_t)count;
}

static uint32_t clamp_workers(uint32_t count)
{
    if (count < 1) {
        return 1;
    }
    return count > RFX_WORKERS_MAX ? RFX_WORKERS_MAX : count;
}

static void resolve_workers(struct rfx_server *server)
{
    const struct rfx_config *config = &server->config;
    uint32_t cores = usable_cores();
    bool is_shared = config->threading_mode == RFX_THREADING_SHARED;
    uint32_t loops_default = is_shared ? cores : cores / 2;
    server->loop_count =
        clamp_workers(config->io_threads != 0 ? config->io_threads : loops_default);
    uint32_t left = cores > server->loop_count ? cores - server->loop_count : 1;
    uint32_t shards_default = is_shared ? cores : left;
    server->shard_count = clamp_workers(config->shards != 0 ? config->shards : shards_default);
    uint32_t larger =
        server->loop_count > server->shard_count ? server->loop_count : server->shard_count;
    server->worker_count = is_shared ? larger : server->loop_count + server->shard_count;
    for (uint32_t i = 0; i < server->loop_count; i++) {
        server->loop_worker[i] = i;
    }
    for (uint32_t i = 0; i < server->shard_count; i++) {
        server->shard_worker[i] = is_shared ? i : server->loop_count + i;
    }
}

/* ------------------------------------------------------------------------------- the parts */

static void log_line(void *context, enum rfx_log_level level, const char *text)
{
    rfx_server_log(context, level, "%s", text);
}

/* The cores that no worker is pinned to; false when there is none, or nothing is pinned. */
static bool free_cores(const struct rfx_server *server, cpu_set_t *set)
{
    if (server->config.cpu_affinity_count == 0 || sched_getaffinity(0, sizeof *set, set) != 0) {
        return false;
    }
    for (size_t i = 0; i < server->config.cpu_affinity_count; i++) {
        CPU_CLR((size_t)server->config.cpu_affinity[i], set);
    }
    return CPU_COUNT(set) > 0;
}

static rfx_status open_journal(struct rfx_server *server, struct rfx_error *error)
{
    const struct rfx_config *config = &server->config;
    if (config->journal_path[0] == '\0') {
        return RFX_OK;
    }
    const struct rfx_shard_batch batch = rfx_shard_batch_max(config);
    struct rfx_store_options options = {
        .path = config->journal_path,
        .shards = server->shard_count,
        .durability = config->durability,
        .interval_ms = config->durability_interval_ms,
        .size_max = config->journal_size_max,
        .tail_size = config->journal_tail_size,
        .batch_bytes = batch.bytes,
        .batch_ops = batch.ops,
        .sessions_max = config->sessions_max,
        .log = log_line,
        .log_context = server,
    };
    return rfx_store_open(&options, &server->journal, error);
}

/* Before the shards, which put into it, and closed after them. */
static rfx_status open_message_log(struct rfx_server *server, struct rfx_error *error)
{
    const struct rfx_config *config = &server->config;
    if (config->message_log[0] == '\0') {
        return RFX_OK;
    }
    const size_t size = server->shard_count * sizeof *server->message_logs;
    server->message_logs = aligned_alloc(RFX_CACHE_LINE, size);
    if (server->message_logs == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for the message log");
    }
    memset(server->message_logs, 0, size);
    for (uint32_t i = 0; i < server->shard_count; i++) {
        if (rfx_message_log_open(&server->message_logs[i], MESSAGE_LOG_RING,
                                 config->message_size_max) != RFX_OK) {
            return rfx_fail(error, RFX_E_NOMEM, "out of memory for the message log");
        }
    }
    const struct rfx_messages_options options = {
        .directory = config->message_log,
        .size_max = config->message_log_size,
        .files_max = config->message_log_files,
        .logs = server->message_logs,
        .log_count = server->shard_count,
        .message_size_max = config->message_size_max,
        .log = log_line,
        .log_context = server,
    };
    return rfx_messages_open(&options, &server->messages, error);
}

static void close_message_log(struct rfx_server *server)
{
    rfx_messages_close(server->messages);
    for (uint32_t i = 0; server->message_logs != NULL && i < server->shard_count; i++) {
        rfx_message_log_close(&server->message_logs[i]);
    }
    free(server->message_logs);
}

/* The threads of both inherit the cores that they may use: they keep away from pinned workers. */
static rfx_status open_writers(struct rfx_server *server, struct rfx_error *error)
{
    cpu_set_t before;
    cpu_set_t others;
    const bool is_moving = sched_getaffinity(0, sizeof before, &before) == 0 &&
                           free_cores(server, &others) &&
                           sched_setaffinity(0, sizeof others, &others) == 0;
    rfx_status status = open_journal(server, error);
    if (status == RFX_OK) {
        status = open_message_log(server, error);
    }
    if (is_moving) {
        (void)sched_setaffinity(0, sizeof before, &before);
    }
    return status;
}

static void wake_asker(void *context, uint32_t loop)
{
    struct rfx_server *server = context;
    rfx_worker_wake(&server->workers[server->loop_worker[loop]]);
}

static rfx_status open_names(struct rfx_server *server, struct rfx_error *error)
{
    cpu_set_t others;
    const struct rfx_names_options options = {
        .asker_count = server->loop_count,
        .wake = wake_asker,
        .context = server,
        .cores = free_cores(server, &others) ? &others : NULL,
    };
    return rfx_names_open(&options, &server->names, error);
}

/* Rings to the shards, [loop * shards + shard], then those back; and for each duty the pointers
 * to its own, in the order of the other side's index. */
static rfx_status open_rings(struct rfx_server *server, struct rfx_error *error)
{
    uint32_t loops = server->loop_count;
    uint32_t shards = server->shard_count;
    uint32_t pairs = loops * shards;
    size_t size = 16 * (size_t)server->config.message_size_max;
    server->rings = aligned_alloc(RFX_CACHE_LINE, 2 * pairs * sizeof *server->rings);
    if (server->rings == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for rings");
    }
    memset(server->rings, 0, 2 * pairs * sizeof *server->rings);
    for (uint32_t i = 0; i < 2 * pairs; i++) {
        if (rfx_ring_open(&server->rings[i], size) != RFX_OK) {
            return rfx_fail(error, RFX_E_NOMEM, "out of memory for rings of %zu bytes", size);
        }
    }
    for (uint32_t loop = 0; loop < loops; loop++) {
        for (uint32_t shard = 0; shard < shards; shard++) {
            struct rfx_ring *in = &server->rings[loop * shards + shard];
            struct rfx_ring *out = in + pairs;
            server->ring_pointers[loop * shards + shard] = in;             /* loop: to_shards */
            server->ring_pointers[pairs + loop * shards + shard] = out;    /* loop: from_shards */
            server->ring_pointers[2 * pairs + shard * loops + loop] = in;  /* shard: from_loops */
            server->ring_pointers[3 * pairs + shard * loops + loop] = out; /* shard: to_loops */
        }
    }
    return RFX_OK;
}

static rfx_status open_shard(struct rfx_server *server, uint32_t index, struct rfx_error *error)
{
    uint32_t loops = server->loop_count;
    uint32_t pairs = loops * server->shard_count;
    struct rfx_worker *worker = &server->workers[server->shard_worker[index]];
    struct rfx_shard_options options = {
        .index = index,
        .config = &server->config,
        .app = &server->app,
        .profiles = server->profiles.items,
        .disconnects = server->disconnects,
        .journal = rfx_worker_journal(worker, server->journal != NULL
                                                  ? rfx_store_port(server->journal, index)
                                                  : rfx_journal_none()),
        .message_log = server->message_logs != NULL ? &server->message_logs[index] : NULL,
        .utc_ns = rfx_clock_now().utc_ns,
        .loop_count = loops,
        .from_loops = &server->ring_pointers[2 * pairs + index * loops],
        .to_loops = &server->ring_pointers[3 * pairs + index * loops],
        .home_loop = index % loops,
        .session_count = &server->session_count,
        .notify = notify_loop,
        .notify_context = worker,
        .wake = wake_worker,
        .wake_context = worker,
    };
    worker->from_loops = options.from_loops;
    return rfx_shard_open(&options, &worker->shard, error);
}

static void prepare_loop(struct rfx_server *server, uint32_t index)
{
    uint32_t shards = server->shard_count;
    uint32_t pairs = server->loop_count * shards;
    struct rfx_worker *worker = &server->workers[server->loop_worker[index]];
    worker->has_loop = true;
    worker->loop_options = (struct rfx_loop_options){
        .index = index,
        .config = &server->config,
        .app = &server->app,
        .limits = &server->limits,
        .counts = &worker->loop_counts,
        .disconnects = server->disconnects,
        .shard_count = shards,
        .to_shards = &server->ring_pointers[index * shards],
        .from_shards = &server->ring_pointers[pairs + index * shards],
        .listeners = server->listeners[index],
        .listener_count = server->listener_count,
        .tls = server->tls,
        .names = server->names,
        .wake_fd = worker->wake_fd,
        .notify = notify_shard,
        .notify_context = worker,
    };
}

static rfx_status prepare_workers(struct rfx_server *server, struct rfx_error *error)
{
    size_t size = server->worker_count * sizeof *server->workers;
    server->workers = aligned_alloc(RFX_CACHE_LINE, size);
    if (server->workers == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for workers");
    }
    memset(server->workers, 0, size);
    for (uint32_t i = 0; i < server->worker_count; i++) {
        struct rfx_worker *worker = &server->workers[i];
        size_t cores = server->config.cpu_affinity_count;
        worker->server = server;
        worker->core = cores > 0 ? server->config.cpu_affinity[i % cores] : -1;
        worker->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (worker->wake_fd < 0) {
            return rfx_fail(error, RFX_E_IO, "eventfd: %s", strerror(errno));
        }
    }
    return RFX_OK;
}

/* Signals are the program's business: its own threads take them. */
static rfx_status start_workers(struct rfx_server *server, struct rfx_error *error)
{
    sigset_t all;
    sigset_t before;
    uint32_t started = 0;
    int result = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; started < server->worker_count && result == 0; started++) {
        struct rfx_worker *worker = &server->workers[started];
        result = pthread_create(&worker->thread, NULL, rfx_worker_run, worker);
        worker->is_started = result == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    for (uint32_t i = 0; i < server->worker_count; i++) {
        if (!server->workers[i].is_started && server->workers[i].shard != NULL) {
            rfx_server_shard_has_stopped(server); /* nobody runs it; the others must not wait */
        }
    }
    if (result != 0) {
        return rfx_fail(error, RFX_E_IO, "cannot start a worker: %s", strerror(result));
    }
    pthread_mutex_lock(&server->mutex);
    while (server->workers_ready < server->worker_count && server->status == RFX_OK) {
        pthread_cond_wait(&server->changed, &server->mutex);
    }
    rfx_status status = server->status;
    if (status != RFX_OK) {
        *error = server->error;
    }
    pthread_mutex_unlock(&server->mutex);
    return status;
}

static rfx_status assemble(struct rfx_server *server, const struct rfx_config *config,
                           struct rfx_error *error)
{
    rfx_status status = rfx_sessions_read(server, config, error);
    if (status != RFX_OK) {
        return status;
    }
    rfx_loop_limits_set(&server->limits, &server->config);
    resolve_workers(server);
    if ((status = rfx_server_open_tls(server, error)) != RFX_OK ||
        (status = rfx_server_listen(server, error)) != RFX_OK ||
        (status = open_writers(server, error)) != RFX_OK ||
        (status = open_names(server, error)) != RFX_OK ||
        (status = open_rings(server, error)) != RFX_OK ||
        (status = prepare_workers(server, error)) != RFX_OK) {
        return status;
    }
    for (uint32_t i = 0; i < server->shard_count; i++) {
        if ((status = open_shard(server, i, error)) != RFX_OK) {
            return status;
        }
    }
    if ((status = rfx_sessions_add(server, error)) != RFX_OK) {
        return status;
    }
    for (uint32_t i = 0; i < server->loop_count; i++) {
        prepare_loop(server, i);
    }
    status = start_workers(server, error);
    return status == RFX_OK ? rfx_watch_start(server, error) : status;
}

/* ------------------------------------------------------------------------------- the public */

rfx_status rfx_server_open(const struct rfx_config *config, const struct rfx_app *app,
                           struct rfx_server **server, struct rfx_error *error)
{
    struct rfx_error unused;
    if (error == NULL) {
        error = &unused;
    }
    rfx_status status = rfx_config_validate(config, error);
    if (status != RFX_OK) {
        return status;
    }
    struct rfx_server *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a server");
    }
    opened->app = *app;
    pthread_mutex_init(&opened->mutex, NULL);
    pthread_mutex_init(&opened->reload_mutex, NULL);
    pthread_cond_init(&opened->changed, NULL);
    rfx_server_no_listeners(opened);
    status = assemble(opened, config, error);
    if (status != RFX_OK) {
        rfx_server_close(&opened);
        return status;
    }
    *server = opened;
    return RFX_OK;
}

uint32_t rfx_server_io_threads(const struct rfx_server *server)
{
    return server->loop_count;
}

uint32_t rfx_server_shards(const struct rfx_server *server)
{
    return server->shard_count;
}

uint64_t rfx_server_disconnects(const struct rfx_server *server, enum rfx_disconnect_reason reason)
{
    RFX_ASSERT((unsigned)reason < RFX_REASON_COUNT);
    return atomic_load_explicit(&server->disconnects[reason], memory_order_relaxed);
}

void rfx_server_stop(struct rfx_server *server)
{
    atomic_store_explicit(&server->stop_requested, true, memory_order_release);
    wake_all(server);
}

void rfx_server_reopen_logs(struct rfx_server *server)
{
    if (server->messages != NULL) {
        rfx_messages_reopen(server->messages);
    }
}

uint64_t rfx_server_messages_lost(const struct rfx_server *server)
{
    return server->messages != NULL ? rfx_messages_lost(server->messages) : 0;
}

static void join(struct rfx_server *server, const char *function)
{
    for (uint32_t i = 0; server->workers != NULL && i < server->worker_count; i++) {
        if (server->workers[i].is_started) {
            if (pthread_equal(server->workers[i].thread, pthread_self())) {
                rfx_misused(function, "was called in a callback, and would wait for itself; "
                                      "rfx_server_stop() does not wait");
            }
            pthread_join(server->workers[i].thread, NULL);
            server->workers[i].is_started = false;
        }
    }
}

rfx_status rfx_server_wait(struct rfx_server *server, struct rfx_error *error)
{
    join(server, "rfx_server_wait()");
    if (server->status != RFX_OK && error != NULL) {
        *error = server->error;
    }
    return server->status;
}

void rfx_server_close(struct rfx_server **handle)
{
    struct rfx_server *server = *handle;
    if (server == NULL) {
        return;
    }
    *handle = NULL;
    if (server->workers != NULL) {
        rfx_server_stop(server);
        join(server, "rfx_server_close()");
        rfx_watch_stop(server);
    }
    rfx_names_close(server->names); /* asked by workers, and wakes them */
    for (uint32_t i = 0; server->workers != NULL && i < server->worker_count; i++) {
        rfx_shard_close(server->workers[i].shard);
        if (server->workers[i].wake_fd > 0) {
            close(server->workers[i].wake_fd);
        }
    }
    close_message_log(server);
    struct rfx_error error;
    if (rfx_store_close(server->journal, &error) != RFX_OK) {
        rfx_server_log(server, RFX_LOG_ERROR, "%s", error.text);
    }
    rfx_server_close_listeners(server);
    rfx_tls_source_close(server->tls);
    for (uint32_t i = 0; server->rings != NULL && i < 2 * server->loop_count * server->shard_count;
         i++) {
        rfx_ring_close(&server->rings[i]);
    }
    free(server->rings);
    free(server->workers);
    rfx_sessions_close(server);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->mutex);
    pthread_mutex_destroy(&server->reload_mutex);
    free(server);
}
