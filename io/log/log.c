/* The log of events: whoever has a line leaves it in one of two blocks, a thread writes the other.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/log/file.h"
#include "io/log/line.h"

#define QUEUE_SIZE (1u << 20)

struct rfx_log {
    struct rfx_log_file file; /* the thread's */
    enum rfx_log_format format;
    enum rfx_log_level level;
    pthread_t thread;
    char *writing;         /* the thread's */
    uint64_t untold;       /* lines lost that the file does not tell of; the thread's */
    _Atomic uint64_t lost; /* since the log was opened */
    _Atomic bool ends;     /* for the file */
    size_t capacity;       /* of each block */
    pthread_mutex_t mutex; /* over what follows; held for a copy, never for a write */
    pthread_cond_t wake;
    char *filling;
    size_t used;
    uint64_t refused; /* lines that found no room since the blocks were swapped */
    bool reopens;
    bool stops;
};

void rfx_log_write(void *context, enum rfx_log_level level, const char *session, const char *text)
{
    struct rfx_log *log = context;
    char line[RFX_LOG_LINE_MAX];
    if (session == NULL && level > log->level) {
        return; /* those of a session have its own level, or this one, behind them */
    }
    const size_t size =
        rfx_log_line(line, log->format, rfx_clock_now().utc_ns, level, session, text);
    pthread_mutex_lock(&log->mutex);
    const bool was_empty = log->used == 0;
    if (size <= log->capacity - log->used) {
        memcpy(log->filling + log->used, line, size);
        log->used += size;
    } else {
        log->refused++;
        atomic_fetch_add_explicit(&log->lost, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&log->mutex);
    if (was_empty) {
        pthread_cond_signal(&log->wake);
    }
}

/* --------------------------------------------------------------------------------- the thread */

static uint64_t count_lines(const char *data, size_t size)
{
    uint64_t count = 0;
    for (const char *end; (end = memchr(data, '\n', size)) != NULL; count++) {
        size -= (size_t)(end - data) + 1;
        data = end + 1;
    }
    return count;
}

static void write_block(struct rfx_log *log, size_t size)
{
    struct rfx_error error;
    size_t written;
    if (rfx_log_file_write(&log->file, log->writing, size, &written, &error) != RFX_OK) {
        const uint64_t lost = count_lines(log->writing + written, size - written);
        log->untold += lost;
        atomic_fetch_add_explicit(&log->lost, lost, memory_order_relaxed);
    }
}

/* One of the thread's own. False: it was not written. */
static bool write_line(struct rfx_log *log, enum rfx_log_level level, const char *text)
{
    char line[RFX_LOG_LINE_MAX];
    struct rfx_error error;
    size_t written;
    const size_t size = rfx_log_line(line, log->format, rfx_clock_now().utc_ns, level, NULL, text);
    return rfx_log_file_write(&log->file, line, size, &written, &error) == RFX_OK;
}

static void tell_lost(struct rfx_log *log)
{
    char text[80];
    if (log->untold > 0) {
        snprintf(text, sizeof text, "%llu lines lost", (unsigned long long)log->untold);
        if (write_line(log, RFX_LOG_WARNING, text)) {
            log->untold = 0;
        }
    }
}

static void reopen(struct rfx_log *log)
{
    struct rfx_error error;
    if (rfx_log_file_reopen(&log->file, &error) != RFX_OK) {
        write_line(log, RFX_LOG_ERROR, error.text);
    }
}

static void *run(void *argument)
{
    struct rfx_log *log = argument;
    for (bool stops = false; !stops;) {
        pthread_mutex_lock(&log->mutex);
        while (log->used == 0 && !log->reopens && !log->stops) {
            pthread_cond_wait(&log->wake, &log->mutex);
        }
        char *full = log->filling;
        const size_t size = log->used;
        const uint64_t refused = log->refused;
        const bool reopens = log->reopens;
        stops = log->stops;
        log->filling = log->writing;
        log->writing = full;
        log->used = 0;
        log->refused = 0;
        log->reopens = false;
        pthread_mutex_unlock(&log->mutex);

        tell_lost(log); /* of earlier writes that failed */
        write_block(log, size);
        log->untold += refused;
        if (refused > 0) {
            tell_lost(log);
        }
        if (reopens) {
            reopen(log);
        }
    }
    return NULL;
}

/* -------------------------------------------------------------------------------- open, close */

static void release(struct rfx_log *log)
{
    rfx_log_file_close(&log->file);
    pthread_cond_destroy(&log->wake);
    pthread_mutex_destroy(&log->mutex);
    free(log->filling);
    free(log->writing);
    free(log);
}

/* Signals are the program's business; SIGPIPE and SIGXFSZ of our writes become errors that way. */
static int start(struct rfx_log *log)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int result = pthread_create(&log->thread, NULL, run, log);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result == 0) {
        (void)pthread_setname_np(log->thread, "rfx-log");
    }
    return result;
}

rfx_status rfx_log_open(const struct rfx_log_options *options, struct rfx_log **log,
                        struct rfx_error *error)
{
    struct rfx_log *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a log");
    }
    const size_t size = options->queue_size != 0 ? options->queue_size : QUEUE_SIZE;
    opened->format = options->format;
    opened->level = options->level;
    opened->capacity = size > RFX_LOG_LINE_MAX ? size : RFX_LOG_LINE_MAX;
    pthread_mutex_init(&opened->mutex, NULL);
    pthread_cond_init(&opened->wake, NULL);
    opened->filling = malloc(opened->capacity);
    opened->writing = malloc(opened->capacity);
    rfx_status status = rfx_log_file_open(&opened->file, options->path, error);
    opened->file.end = &opened->ends;
    if (status == RFX_OK && (opened->filling == NULL || opened->writing == NULL)) {
        status = rfx_fail(error, RFX_E_NOMEM, "out of memory for a log");
    }
    int result = 0;
    if (status == RFX_OK && (result = start(opened)) != 0) {
        status = rfx_fail(error, RFX_E_IO, "cannot start the log's thread: %s", strerror(result));
    }
    if (status != RFX_OK) {
        release(opened);
        return status;
    }
    *log = opened;
    return RFX_OK;
}

void rfx_log_reopen(struct rfx_log *log)
{
    pthread_mutex_lock(&log->mutex);
    log->reopens = true;
    pthread_mutex_unlock(&log->mutex);
    pthread_cond_signal(&log->wake);
}

uint64_t rfx_log_lost(const struct rfx_log *log)
{
    return atomic_load_explicit(&log->lost, memory_order_relaxed);
}

void rfx_log_close(struct rfx_log **handle)
{
    struct rfx_log *log = *handle;
    if (log == NULL) {
        return;
    }
    *handle = NULL;
    atomic_store_explicit(&log->ends, true, memory_order_relaxed);
    pthread_mutex_lock(&log->mutex);
    log->stops = true;
    pthread_mutex_unlock(&log->mutex);
    pthread_cond_signal(&log->wake);
    pthread_join(log->thread, NULL);
    release(log);
}
