/* Messages that came before their turn, held back until the gap in front of them is filled.
 * Memory is bounded by a limit in bytes; what does not fit is dropped and asked for again later.
 *
 * thread   the shard that owns the session */
#ifndef RFX_CORE_GAP_QUEUE_H
#define RFX_CORE_GAP_QUEUE_H

#include "core/base.h"

struct rfx_gap_item {
    struct rfx_gap_item *next;
    uint64_t seq_num;
    uint32_t size;
    char data[];
};

/* Zero-initialise. */
struct rfx_gap_queue {
    struct rfx_gap_item *first; /* by ascending seq_num */
    struct rfx_gap_item *last;
    size_t bytes;
};

/* Keeps a copy of the message; a number that is held already is kept as it is. A full queue is
 * not searched for it.
 * errors   RFX_E_FULL: bytes_max would be exceeded · RFX_E_NOMEM */
rfx_status rfx_gap_queue_put(struct rfx_gap_queue *queue, uint64_t seq_num,
                             struct rfx_bytes message, size_t bytes_max) RFX_MUST_CHECK;

/* Takes out the message with that number, dropping all below it. NULL when it is not held. The
 * caller frees the item with free(). */
struct rfx_gap_item *rfx_gap_queue_take(struct rfx_gap_queue *queue, uint64_t seq_num);

void rfx_gap_queue_clear(struct rfx_gap_queue *queue);

#endif
