/* The mover: a thread that brings what the tails hold into the store, and has deleted what
 * retention lets go. */
#ifndef RFX_JOURNAL_MOVER_H
#define RFX_JOURNAL_MOVER_H

#include <pthread.h>

#include "journal/move.h"

struct rfx_store;

struct rfx_mover {
    struct rfx_move move;
    struct rfx_keeper keeper;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;    /* of the mover: something is asked of it */
    pthread_cond_t changed; /* for who waits: a pass over everything has ended */
    uint64_t begun;         /* passes, under the mutex like `ended` to `stops` */
    uint64_t ended;
    uint64_t wanted;   /* the pass that somebody waits for */
    rfx_status status; /* of the last pass that was asked for */
    struct rfx_error error;
    bool stops;
    bool is_running;
    /* The thread's own. */
    uint64_t pass_due_ns;
    uint64_t readers_due_ns; /* the next look for dead ones */
    uint64_t log_due_ns;     /* the next line about a full store */
};

/* Once store->parts have their tails. sessions_max: of all parts. errors RFX_E_NOMEM */
rfx_status rfx_mover_open(struct rfx_store *store, size_t sessions_max,
                          struct rfx_error *error) RFX_MUST_CHECK;

/* Starts the thread. errors RFX_E_IO */
rfx_status rfx_mover_start(struct rfx_store *store, struct rfx_error *error) RFX_MUST_CHECK;

/* Waits until everything appended before is in the store. errors RFX_E_JOURNAL */
rfx_status rfx_mover_settle(struct rfx_store *store, struct rfx_error *error) RFX_MUST_CHECK;

/* Ends the thread and frees the memory. */
void rfx_mover_close(struct rfx_store *store);

#endif
