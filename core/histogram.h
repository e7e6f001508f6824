/* Counts by power of two that one thread writes and any may read. */
#ifndef RFX_CORE_HISTOGRAM_H
#define RFX_CORE_HISTOGRAM_H

#include <stdatomic.h>

#include "ringfix/admin.h"

struct rfx_live_histogram {
    _Atomic uint64_t counts[RFX_HISTOGRAM_BUCKETS];
    _Atomic uint64_t sum;
};

/* Without a locked instruction: there is one writer. */
static inline void rfx_live_add(_Atomic uint64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + value,
                          memory_order_relaxed);
}

static inline void rfx_live_histogram_add(struct rfx_live_histogram *histogram, uint64_t value)
{
    const unsigned bits = value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
    rfx_live_add(
        &histogram->counts[bits < RFX_HISTOGRAM_BUCKETS ? bits : RFX_HISTOGRAM_BUCKETS - 1], 1);
    rfx_live_add(&histogram->sum, value);
}

static inline void rfx_live_histogram_read(const struct rfx_live_histogram *live,
                                           struct rfx_histogram *histogram)
{
    for (unsigned i = 0; i < RFX_HISTOGRAM_BUCKETS; i++) {
        histogram->counts[i] = atomic_load_explicit(&live->counts[i], memory_order_relaxed);
    }
    histogram->sum = atomic_load_explicit(&live->sum, memory_order_relaxed);
}

#endif
