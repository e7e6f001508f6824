/* Ops of many batches, collected and put in order: by session, and for each session as they were
 * appended. */
#ifndef RFX_JOURNAL_GATHER_H
#define RFX_JOURNAL_GATHER_H

#include "journal/tail.h"

/* One op and the next of its session. */
struct rfx_gathered {
    const struct rfx_tail_op *op;
    int64_t utc_ns;
    uint32_t next; /* index + 1; 0: none */
};

struct rfx_gather_session {
    uint32_t number;
    uint32_t first; /* index + 1 of its ops */
    uint32_t last;
};

struct rfx_gather {
    struct rfx_gathered *ops;
    size_t op_count;
    size_t op_capacity;
    struct rfx_gather_session *sessions; /* in the order of their numbers once sorted */
    size_t session_count;
    size_t session_capacity;
    uint32_t *buckets; /* index + 1 of a session by its number, open addressing; 0: free */
    size_t bucket_count;
    uint64_t size; /* bytes of the batches */
};

/* All of it zero is an empty one. */
void rfx_gather_clear(struct rfx_gather *gather);
void rfx_gather_close(struct rfx_gather *gather);

/* Adds a batch, all of it; its bytes stay where they are. errors RFX_E_NOMEM */
rfx_status rfx_gather_add(struct rfx_gather *gather,
                          const struct rfx_tail_batch *batch) RFX_MUST_CHECK;

/* Puts the sessions in order. */
void rfx_gather_sort(struct rfx_gather *gather);

#endif
