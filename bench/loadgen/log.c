#include "bench/loadgen/log.h"

#include <inttypes.h>
#include <stdio.h>

#include "bench/loadgen/clock.h"

void log_open(struct log *log)
{
    *log = (struct log){.next_ns = 0};
    pthread_mutex_init(&log->mutex, NULL);
}

void log_close(struct log *log)
{
    pthread_mutex_destroy(&log->mutex);
}

/* Text of the counterparty may be in there, and must not steer the terminal. */
static void copy_printable(char *out, size_t size, const char *text)
{
    size_t count = 0;
    for (; text[count] != '\0' && count + 1 < size; count++) {
        out[count] = text[count] < ' ' || text[count] > '~' ? '?' : text[count];
    }
    out[count] = '\0';
}

void log_write(struct log *log, enum rfx_log_level level, const char *text)
{
    if (level != RFX_LOG_ERROR && level != RFX_LOG_WARNING) {
        return;
    }
    uint64_t now_ns = clock_ns();
    pthread_mutex_lock(&log->mutex);
    copy_printable(log->last, sizeof log->last, text);
    if (now_ns < log->next_ns) {
        log->suppressed++;
    } else {
        fprintf(stderr, "%s: %s", level == RFX_LOG_ERROR ? "error" : "warning", log->last);
        if (log->suppressed > 0) {
            fprintf(stderr, " (and %" PRIu64 " others since the last line)", log->suppressed);
        }
        fputc('\n', stderr);
        log->next_ns = now_ns + NS_PER_S;
        log->suppressed = 0;
    }
    pthread_mutex_unlock(&log->mutex);
}

void log_last(struct log *log, char *text, size_t size)
{
    pthread_mutex_lock(&log->mutex);
    snprintf(text, size, "%s", log->last);
    pthread_mutex_unlock(&log->mutex);
}
