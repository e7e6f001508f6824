/* The flusher: with JournalDurability=interval, a thread that has the tails on disk in time, be the
 * mover ever so busy. */
#ifndef RFX_JOURNAL_FLUSHER_H
#define RFX_JOURNAL_FLUSHER_H

#include <pthread.h>

#include "core/base.h"

struct rfx_store;

struct rfx_flusher {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    uint64_t interval_ns;
    bool stops; /* under the mutex */
    bool is_running;
};

/* Starts the thread, once store->parts have their tails; with other durabilities there is none.
 * errors RFX_E_IO */
rfx_status rfx_flusher_start(struct rfx_store *store, uint32_t interval_ms,
                             struct rfx_error *error) RFX_MUST_CHECK;

/* Flushes once more what is not in the store, and ends the thread. */
void rfx_flusher_stop(struct rfx_store *store);

#endif
