/* One batch from the tails into the store. */
#ifndef RFX_JOURNAL_MOVE_H
#define RFX_JOURNAL_MOVE_H

#include "journal/env.h"
#include "journal/gather.h"
#include "journal/keeper.h"

struct rfx_move {
    struct rfx_env *env;
    struct rfx_tail **tails; /* some may be NULL */
    uint64_t *targets;       /* by tail: up to where this batch goes */
    uint32_t tail_count;
    uint64_t size_max; /* bytes of one batch; less while the store is nearly full */
    struct rfx_gather gather;
    struct rfx_keeper *keeper; /* NULL: nothing is deleted meanwhile */
};

/* Takes the memory for `tail_count` tails; the rest is the caller's to set. Release with
 * rfx_move_close(). errors RFX_E_NOMEM */
rfx_status rfx_move_open(struct rfx_move *move, struct rfx_env *env, uint32_t tail_count,
                         struct rfx_error *error) RFX_MUST_CHECK;
void rfx_move_close(struct rfx_move *move);

/* Moves what the tails hold, or a part of it if that is much, in one transaction; then that part
 * of the tails is free. The map grows if it must. *has_more: there was more, or more to delete.
 * Returns LMDB's code: nothing has been moved then. */
int rfx_move_some(struct rfx_move *move, int64_t utc_ns, bool *has_more);

/* Bytes that the tails hold. */
uint64_t rfx_move_pending(const struct rfx_move *move);

#endif
