/* Retention: which messages may go, and deleting them in slices. */
#ifndef RFX_JOURNAL_KEEPER_H
#define RFX_JOURNAL_KEEPER_H

#include <pthread.h>

#include "core/journal_port.h"
#include "journal/env.h"

struct rfx_keeper_item;

/* How far it is. What a transaction has changed counts only when that is committed. */
struct rfx_keeper_progress {
    size_t cursor;        /* the next session to look at */
    bool rests;           /* between two rounds */
    bool has_trash;       /* or may have */
    int64_t round_utc_ns; /* when the present round began */
};

struct rfx_keeper {
    pthread_mutex_t mutex; /* shards add while the mover walks */
    struct rfx_keeper_item *items;
    size_t count;
    size_t capacity;
    struct rfx_keeper_progress progress; /* the mover's */
};

/* errors RFX_E_NOMEM */
rfx_status rfx_keeper_init(struct rfx_keeper *keeper, size_t sessions_max,
                           struct rfx_error *error) RFX_MUST_CHECK;
void rfx_keeper_close(struct rfx_keeper *keeper); /* never opened, but zeroed, is allowed */

/* Has a session's old messages deleted from now on; without a bound it is not noted. The session
 * is known by its number, and is one of sessions_max. */
void rfx_keeper_add(struct rfx_keeper *keeper, uint32_t session,
                    const struct rfx_journal_keep *keep);

/* Begins a round at once: there is no room. thread the mover */
void rfx_keeper_hurry(struct rfx_keeper *keeper);

/* One slice, as part of a transaction: at most rows_max chunks are deleted, of generations in the
 * trash first. *has_more: call again soon. Returns LMDB's code.
 * thread   the mover */
int rfx_keeper_work(struct rfx_keeper *keeper, const struct rfx_env *env, MDB_txn *txn,
                    int64_t utc_ns, uint32_t rows_max, bool *has_more);

#endif
