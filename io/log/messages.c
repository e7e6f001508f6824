#include "io/log/messages.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/mask.h"
#include "core/session_name.h"
#include "io/clock.h"
#include "io/log/file.h"
#include "io/log/line.h"

#define BLOCK_SIZE  (256u << 10) /* of one write, unless a message is longer */
#define BURST       4096         /* records of one ring before it is the next one's turn */
#define REST_MIN_NS (RFX_NS_PER_MS)
#define REST_MAX_NS (8 * RFX_NS_PER_MS)
#define RETRY_NS    (100 * RFX_NS_PER_MS) /* from a write that failed to the next */
#define TELL_NS     RFX_NS_PER_S          /* from one line about losses to the next */
#define HEAD_MAX    (RFX_LOG_TIME_MAX + RFX_SESSION_NAME_MAX + 8)
#define FILE_NAME   "messages.log"
#define SECOND_SIZE 20 /* of "2026-11-23T12:00:00." */
#define STAMP_SIZE  30

struct rfx_messages {
    struct rfx_messages_options options;
    struct rfx_log_file file;
    pthread_t thread;
    _Atomic bool stops;
    _Atomic bool reopens;
    /* The thread's. */
    char *block;
    size_t block_size;
    size_t used;
    int64_t second; /* of stamp, since 1970 */
    char stamp[RFX_LOG_TIME_MAX];
    uint64_t unwritten;    /* messages that the file could not take, and does not tell of */
    uint64_t retry_ns;     /* a write failed: not before; 0: none did */
    uint64_t overrun;      /* messages that found no room in a ring, and the log does not tell of */
    _Atomic uint64_t lost; /* of both kinds, since it was opened */
    uint64_t overrun_ns;   /* when it told of some last */
};

static void say(const struct rfx_messages *messages, enum rfx_log_level level, const char *text)
{
    messages->options.log(messages->options.log_context, level, text);
}

/* --------------------------------------------------------------------------------------- lines */

/* The second is worked out once for all messages of it. */
static void put_time(struct rfx_messages *messages, int64_t utc_ns)
{
    const int64_t ns_per_s = (int64_t)RFX_NS_PER_S;
    const int64_t second = utc_ns / ns_per_s;
    int64_t rest = utc_ns % ns_per_s;
    if (second != messages->second || messages->stamp[0] == '\0') {
        rfx_log_time(messages->stamp, utc_ns, 9);
        messages->second = second;
    }
    for (int i = 8; i >= 0; i--) {
        messages->stamp[SECOND_SIZE + i] = (char)('0' + rest % 10);
        rest /= 10;
    }
    memcpy(messages->block + messages->used, messages->stamp, STAMP_SIZE);
    messages->used += STAMP_SIZE;
}

static void put(struct rfx_messages *messages, const char *text, size_t size)
{
    memcpy(messages->block + messages->used, text, size);
    messages->used += size;
}

static void put_lost(struct rfx_messages *messages, int64_t utc_ns, uint64_t count)
{
    char text[64];
    const int size =
        snprintf(text, sizeof text, " - lost %llu messages\n", (unsigned long long)count);
    put_time(messages, utc_ns);
    put(messages, text, (size_t)size);
}

static void put_message(struct rfx_messages *messages, enum rfx_logged_type type,
                        const struct rfx_logged *logged)
{
    const char *name = (const char *)(logged + 1);
    put_time(messages, logged->utc_ns);
    put(messages, " ", 1);
    put(messages, name, logged->name_size);
    if (type == RFX_LOGGED_IN) {
        put(messages, " in ", 4);
    } else {
        put(messages, " out ", 5);
    }
    messages->used +=
        rfx_mask_message(name + logged->name_size, logged->size, messages->block + messages->used);
    put(messages, "\n", 1);
}

/* --------------------------------------------------------------------------------- to the file */

static uint64_t count_messages(const char *data, size_t size)
{
    uint64_t count = 0;
    for (const char *end; (end = memchr(data, '\n', size)) != NULL; count++) {
        size -= (size_t)(end - data) + 1;
        data = end + 1;
    }
    return count;
}

static void note_failure(struct rfx_messages *messages, const struct rfx_error *error)
{
    char text[sizeof error->text + 80];
    if (messages->retry_ns == 0) {
        snprintf(text, sizeof text, "%s; messages are lost to it until that is over", error->text);
        say(messages, RFX_LOG_ERROR, text);
    }
    messages->retry_ns = rfx_clock_mono_ns() + RETRY_NS;
}

/* After a failure: whether the file takes something again, which says what is missing before. */
static bool recover(struct rfx_messages *messages)
{
    char line[128];
    char text[128];
    char time[RFX_LOG_TIME_MAX];
    struct rfx_error error;
    size_t written;
    if (rfx_clock_mono_ns() < messages->retry_ns) {
        return false;
    }
    const unsigned long long count = messages->unwritten;
    rfx_log_time(time, rfx_clock_now().utc_ns, 9);
    const int size = snprintf(line, sizeof line, "%s - lost %llu messages\n", time, count);
    if (rfx_log_file_write(&messages->file, line, (size_t)size, &written, &error) != RFX_OK) {
        note_failure(messages, &error);
        return false;
    }
    snprintf(text, sizeof text, "log %s takes messages again, %llu were lost", messages->file.path,
             count);
    say(messages, RFX_LOG_WARNING, text);
    messages->unwritten = 0;
    messages->retry_ns = 0;
    return true;
}

static void write_block(struct rfx_messages *messages)
{
    struct rfx_error error;
    size_t written = 0;
    if (messages->used == 0) {
        return;
    }
    if (messages->retry_ns == 0 || recover(messages)) {
        if (rfx_log_file_write(&messages->file, messages->block, messages->used, &written,
                               &error) != RFX_OK) {
            note_failure(messages, &error);
        }
    }
    const uint64_t unwritten = count_messages(messages->block + written, messages->used - written);
    messages->unwritten += unwritten;
    atomic_fetch_add_explicit(&messages->lost, unwritten, memory_order_relaxed);
    messages->used = 0;
    if (messages->file.has_problem) { /* it could not be moved on, and grows */
        say(messages, RFX_LOG_ERROR, messages->file.problem.text);
        messages->file.has_problem = false;
    }
}

static void reserve(struct rfx_messages *messages, size_t size)
{
    RFX_ASSERT(size <= messages->block_size);
    if (size > messages->block_size - messages->used) {
        write_block(messages);
    }
}

/* --------------------------------------------------------------------------------- the thread */

static size_t take(struct rfx_messages *messages, struct rfx_message_log *log)
{
    size_t count = 0;
    for (; count < BURST; count++) {
        uint32_t type;
        uint32_t size;
        const void *record = rfx_ring_peek(&log->ring, &type, &size);
        if (record == NULL) {
            break;
        }
        if (type == RFX_LOGGED_LOST) {
            const struct rfx_logged_lost *lost = record;
            reserve(messages, HEAD_MAX);
            put_lost(messages, lost->utc_ns, lost->count);
            messages->overrun += lost->count;
            atomic_fetch_add_explicit(&messages->lost, lost->count, memory_order_relaxed);
        } else {
            const struct rfx_logged *logged = record;
            reserve(messages, HEAD_MAX + rfx_mask_room(logged->size));
            put_message(messages, (enum rfx_logged_type)type, logged);
        }
        rfx_ring_pop(&log->ring);
    }
    rfx_ring_release(&log->ring);
    return count;
}

static void tell_overrun(struct rfx_messages *messages, bool is_last)
{
    char text[128];
    if (messages->overrun == 0) {
        return;
    }
    const uint64_t now_ns = rfx_clock_mono_ns();
    if (is_last || now_ns - messages->overrun_ns >= TELL_NS) {
        snprintf(text, sizeof text, "log %s is too slow: it lost %llu messages",
                 messages->file.path, (unsigned long long)messages->overrun);
        say(messages, RFX_LOG_WARNING, text);
        messages->overrun = 0;
        messages->overrun_ns = now_ns;
    }
}

static void reopen_if_asked(struct rfx_messages *messages)
{
    struct rfx_error error;
    if (atomic_exchange_explicit(&messages->reopens, false, memory_order_relaxed) &&
        rfx_log_file_reopen(&messages->file, &error) != RFX_OK) {
        say(messages, RFX_LOG_ERROR, error.text);
    }
}

/* What the file still lacks, the log has to tell of. */
static void finish(struct rfx_messages *messages)
{
    char text[128];
    if (messages->unwritten > 0) {
        messages->retry_ns = 1;
        if (!recover(messages)) {
            snprintf(text, sizeof text, "log %s lacks %llu messages", messages->file.path,
                     (unsigned long long)messages->unwritten);
            say(messages, RFX_LOG_ERROR, text);
        }
    }
}

static void *run(void *argument)
{
    struct rfx_messages *messages = argument;
    uint64_t rest_ns = REST_MIN_NS;
    for (;;) {
        /* Asked first: what was put before the end is seen below. */
        const bool stops = atomic_load_explicit(&messages->stops, memory_order_acquire);
        size_t count = 0;
        for (uint32_t i = 0; i < messages->options.log_count; i++) {
            count += take(messages, &messages->options.logs[i]);
        }
        write_block(messages);
        reopen_if_asked(messages);
        tell_overrun(messages, stops);
        if (stops && count == 0) {
            finish(messages);
            return NULL;
        }
        if (stops || count >= BURST / 4) {
            continue; /* there is more than a rest would gather */
        }
        rest_ns = count > 0 ? REST_MIN_NS : rest_ns;
        const struct timespec rest = {.tv_nsec = (long)rest_ns};
        nanosleep(&rest, NULL);
        rest_ns = rfx_min_u64(2 * rest_ns, REST_MAX_NS);
    }
}

/* -------------------------------------------------------------------------------- open, close */

static void release(struct rfx_messages *messages)
{
    rfx_log_file_close(&messages->file);
    free(messages->block);
    free(messages);
}

static rfx_status open_file(struct rfx_messages *messages, struct rfx_error *error)
{
    const char *directory = messages->options.directory;
    const size_t size = strlen(directory) + sizeof "/" FILE_NAME;
    char *path = malloc(size);
    if (path == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for the message log");
    }
    snprintf(path, size, "%s/%s", directory, FILE_NAME);
    rfx_status status = RFX_OK;
    if (mkdir(directory, 0750) != 0 && errno != EEXIST) {
        status =
            rfx_fail(error, RFX_E_IO, "cannot make FileLogPath %s: %s", directory, strerror(errno));
    } else {
        status = rfx_log_file_open(&messages->file, path, error);
    }
    messages->file.size_max = messages->options.size_max;
    messages->file.files_max = messages->options.files_max;
    free(path);
    return status;
}

/* Signals are the program's business; SIGXFSZ of our writes becomes an error that way. */
static int start(struct rfx_messages *messages)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int result = pthread_create(&messages->thread, NULL, run, messages);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result == 0) {
        (void)pthread_setname_np(messages->thread, "rfx-messages");
    }
    return result;
}

rfx_status rfx_messages_open(const struct rfx_messages_options *options,
                             struct rfx_messages **messages, struct rfx_error *error)
{
    struct rfx_messages *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for the message log");
    }
    const size_t line_max = HEAD_MAX + rfx_mask_room(options->message_size_max);
    opened->options = *options;
    opened->file.fd = -1;
    opened->block_size = line_max > BLOCK_SIZE ? line_max : BLOCK_SIZE;
    opened->block = malloc(opened->block_size);
    rfx_status status = opened->block != NULL
                            ? open_file(opened, error)
                            : rfx_fail(error, RFX_E_NOMEM, "out of memory for the message log");
    int result = 0;
    if (status == RFX_OK && (result = start(opened)) != 0) {
        status = rfx_fail(error, RFX_E_IO, "cannot start the message log's thread: %s",
                          strerror(result));
    }
    if (status != RFX_OK) {
        release(opened);
        return status;
    }
    *messages = opened;
    return RFX_OK;
}

void rfx_messages_reopen(struct rfx_messages *messages)
{
    atomic_store_explicit(&messages->reopens, true, memory_order_relaxed);
}

uint64_t rfx_messages_lost(const struct rfx_messages *messages)
{
    return atomic_load_explicit(&messages->lost, memory_order_relaxed);
}

void rfx_messages_close(struct rfx_messages *messages)
{
    if (messages == NULL) {
        return;
    }
    atomic_store_explicit(&messages->stops, true, memory_order_release);
    pthread_join(messages->thread, NULL);
    release(messages);
}
