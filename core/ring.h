/* A single-producer single-consumer ring of records of any size.
 *
 * The producer reserves room, fills it in place, and publishes what it pushed since; the consumer
 * peeks, pops, and releases what it popped since. Publishing and releasing once per turn keeps
 * the shared cache lines quiet. A record is contiguous and aligned to 8 bytes; it stays where it
 * is until the consumer has released it, so both sides may point into it.
 *
 * thread   reserve, push, publish, position, is_released: the producer
 *          peek, pop, release, is_empty, used: the consumer */
#ifndef RFX_CORE_RING_H
#define RFX_CORE_RING_H

#include <stdalign.h>
#include <stdatomic.h>

#include "core/base.h"

struct rfx_ring {
    alignas(RFX_CACHE_LINE) _Atomic uint64_t tail; /* written by the producer */
    uint64_t tail_next;                            /* pushed, perhaps not yet published */
    uint64_t head_seen;
    alignas(RFX_CACHE_LINE) _Atomic uint64_t head; /* written by the consumer */
    uint64_t head_next;
    uint64_t tail_seen;
    alignas(RFX_CACHE_LINE) char *data; /* never changes */
    uint64_t size;
};

/* Takes memory for `size` bytes, rounded up to a power of two.
 * errors   RFX_E_NOMEM */
rfx_status rfx_ring_open(struct rfx_ring *ring, size_t size) RFX_MUST_CHECK;
void rfx_ring_close(struct rfx_ring *ring);

/* Room for one record, or NULL when the ring is full. A second reserve without a push replaces
 * the first. A record takes at most half of the ring. */
void *rfx_ring_reserve(struct rfx_ring *ring, uint32_t size);

/* Appends the reserved record with its final size, at most what was reserved. */
void rfx_ring_push(struct rfx_ring *ring, uint32_t type, uint32_t size);

/* Makes everything pushed visible to the consumer. True when there was anything. */
bool rfx_ring_publish(struct rfx_ring *ring);

/* The position behind the last record pushed; is_released tells whether the consumer has passed
 * it, so that what those records point to can be used again. */
uint64_t rfx_ring_position(const struct rfx_ring *ring);
bool rfx_ring_is_released(const struct rfx_ring *ring, uint64_t position);

/* The next record, or NULL. Valid until rfx_ring_release(). */
void *rfx_ring_peek(struct rfx_ring *ring, uint32_t *type, uint32_t *size);
void rfx_ring_pop(struct rfx_ring *ring);

/* Gives everything popped back to the producer. */
void rfx_ring_release(struct rfx_ring *ring);

bool rfx_ring_is_empty(const struct rfx_ring *ring);

/* What is published and not released. */
static inline uint64_t rfx_ring_used(const struct rfx_ring *ring)
{
    return atomic_load_explicit(&ring->tail, memory_order_relaxed) -
           atomic_load_explicit(&ring->head, memory_order_relaxed);
}

#endif
