/* Warnings and errors of the library on standard error, at most one a second.
 *
 * thread   any */
#ifndef LOADGEN_LOG_H
#define LOADGEN_LOG_H

#include <pthread.h>

#include "ringfix/app.h"

struct log {
    pthread_mutex_t mutex;
    uint64_t next_ns;    /* before that, nothing is written */
    uint64_t suppressed; /* since the last line */
    char last[256];      /* the latest one, written or not; printable */
};

void log_open(struct log *log);
void log_close(struct log *log);

/* Writes errors and warnings, drops the rest. */
void log_write(struct log *log, enum rfx_log_level level, const char *text);

/* The latest error or warning; "" when there was none. */
void log_last(struct log *log, char *text, size_t size);

#endif
