/* A progress bar on the standard error, only when that is a terminal. */
#ifndef TOOLS_JOURNAL_PROGRESS_H
#define TOOLS_JOURNAL_PROGRESS_H

#include <pthread.h>

#include "core/base.h"

struct progress {
    const char *what; /* "verify" */
    bool is_on;
    int percent; /* drawn last; -1: nothing is drawn */
    /* Of progress_watch(): */
    bool is_watching;
    bool is_over; /* under mutex */
    const char *path;
    uint64_t size;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t over;
};

/* Off when the standard output is a terminal, too, and `has_output` goes there all the time. */
enum progress_output { PROGRESS_ALONE, PROGRESS_BESIDE_OUTPUT };
void progress_init(struct progress *progress, const char *what, enum progress_output output);

/* Draws the bar when it has changed; takes it away, before a line is written and at the end. */
void progress_show(struct progress *progress, uint64_t done, uint64_t all);
void progress_clear(struct progress *progress);

/* Follows a file that somebody else writes, up to `size`, until progress_unwatch(). The path is
 * borrowed until then. */
void progress_watch(struct progress *progress, const char *path, uint64_t size);
void progress_unwatch(struct progress *progress);

#endif
