#include "core/ring.h"

#include <stdlib.h>
#include <string.h>

struct record_header {
    uint32_t size; /* of the payload */
    uint32_t type;
};

#define TYPE_PADDING UINT32_MAX /* from here to the end of the memory there is nothing */

static uint64_t record_room(uint32_t size)
{
    return (sizeof(struct record_header) + (uint64_t)size + 7) & ~UINT64_C(7);
}

rfx_status rfx_ring_open(struct rfx_ring *ring, size_t size)
{
    size_t rounded = 4096;
    while (rounded < size) {
        rounded *= 2;
    }
    memset(ring, 0, sizeof *ring);
    ring->data = aligned_alloc(RFX_CACHE_LINE, rounded);
    if (ring->data == NULL) {
        return RFX_E_NOMEM;
    }
    ring->size = rounded;
    return RFX_OK;
}

void rfx_ring_close(struct rfx_ring *ring)
{
    free(ring->data);
    ring->data = NULL;
}

static struct record_header *at(const struct rfx_ring *ring, uint64_t position)
{
    return (struct record_header *)(void *)(ring->data + (position & (ring->size - 1)));
}

static bool has_room(struct rfx_ring *ring, uint64_t until)
{
    if (until - ring->head_seen <= ring->size) {
        return true;
    }
    ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
    return until - ring->head_seen <= ring->size;
}

void *rfx_ring_reserve(struct rfx_ring *ring, uint32_t size)
{
    uint64_t room = record_room(size);
    RFX_ASSERT(room <= ring->size / 2); /* so that it fits whatever is left up to the end */
    uint64_t to_end = ring->size - (ring->tail_next & (ring->size - 1));
    uint64_t start = ring->tail_next;
    if (room > to_end) {
        start += to_end;
    }
    if (!has_room(ring, start + room)) {
        return NULL;
    }
    if (start != ring->tail_next) {
        /* Invisible until the next publish, and correct even if nothing follows it. */
        struct record_header *padding = at(ring, ring->tail_next);
        padding->size = (uint32_t)(to_end - sizeof *padding);
        padding->type = TYPE_PADDING;
        ring->tail_next = start;
    }
    return at(ring, start) + 1;
}

void rfx_ring_push(struct rfx_ring *ring, uint32_t type, uint32_t size)
{
    struct record_header *header = at(ring, ring->tail_next);
    header->size = size;
    header->type = type;
    ring->tail_next += record_room(size);
}

bool rfx_ring_publish(struct rfx_ring *ring)
{
    if (atomic_load_explicit(&ring->tail, memory_order_relaxed) == ring->tail_next) {
        return false;
    }
    atomic_store_explicit(&ring->tail, ring->tail_next, memory_order_release);
    return true;
}

uint64_t rfx_ring_position(const struct rfx_ring *ring)
{
    return ring->tail_next;
}

bool rfx_ring_is_released(const struct rfx_ring *ring, uint64_t position)
{
    return atomic_load_explicit(&ring->head, memory_order_acquire) >= position;
}

void *rfx_ring_peek(struct rfx_ring *ring, uint32_t *type, uint32_t *size)
{
    for (;;) {
        if (ring->head_next == ring->tail_seen) {
            ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
            if (ring->head_next == ring->tail_seen) {
                return NULL;
            }
        }
        struct record_header *header = at(ring, ring->head_next);
        if (header->type != TYPE_PADDING) {
            *type = header->type;
            *size = header->size;
            return header + 1;
        }
        ring->head_next += sizeof *header + header->size;
    }
}

void rfx_ring_pop(struct rfx_ring *ring)
{
    ring->head_next += record_room(at(ring, ring->head_next)->size);
}

void rfx_ring_release(struct rfx_ring *ring)
{
    if (atomic_load_explicit(&ring->head, memory_order_relaxed) != ring->head_next) {
        atomic_store_explicit(&ring->head, ring->head_next, memory_order_release);
    }
}

bool rfx_ring_is_empty(const struct rfx_ring *ring)
{
    return atomic_load_explicit(&ring->tail, memory_order_acquire) == ring->head_next;
}
