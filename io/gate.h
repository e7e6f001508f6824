/* How many connections each address has: nobody gets more than the limit.
 *
 * thread   the loop's */
#ifndef RFX_IO_GATE_H
#define RFX_IO_GATE_H

#include <sys/socket.h>

#include "core/base.h"

struct rfx_gate_entry {
    uint64_t network;
    uint32_t count;
    uint32_t next; /* in the bucket, or in the free list; index + 1, 0: none */
};

struct rfx_gate {
    uint32_t limit;
    struct rfx_gate_entry *entries; /* one for each connection there may be */
    uint32_t used;                  /* entries used at least once */
    uint32_t free;                  /* index + 1 of the first free one among those, 0: none */
    uint32_t *buckets;              /* index + 1, 0: empty */
    uint32_t bucket_mask;
};

/* limit  connections of one address; 0: there is none, and the gate takes no memory
 * errors RFX_E_NOMEM */
rfx_status rfx_gate_open(struct rfx_gate *gate, uint32_t connections_max,
                         uint32_t limit) RFX_MUST_CHECK;
void rfx_gate_close(struct rfx_gate *gate);

/* A ticket for one more connection of a network; 0: it has as many as it may. */
uint32_t rfx_gate_enter(struct rfx_gate *gate, uint64_t network);

/* ticket  0: does nothing */
void rfx_gate_leave(struct rfx_gate *gate, uint32_t ticket);

/* The network of an address, 0 when it is of no family known. */
uint64_t rfx_gate_network(const struct sockaddr_storage *address);

#endif
