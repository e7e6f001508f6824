/* What happened when: counts and latencies of equal intervals, in fixed memory.
 *
 * There are at most SERIES_SLOTS intervals. A value that comes later doubles their width, two
 * and two becoming one, so that a run of any length fits. Each slot is a small histogram whose
 * buckets are 1/32 of their values wide, exact below 64 ns; beyond 2^43 ns (2.4 hours) values are
 * counted in the last one. Counts stop at 2^32 - 1. The maximum is exact.
 *
 * thread   one at a time */
#ifndef LOADGEN_SERIES_H
#define LOADGEN_SERIES_H

#include <stddef.h>
#include <stdint.h>

#define SERIES_SLOTS      200
#define SERIES_HALF_BITS  5
#define SERIES_RANGE_BITS 43
#define SERIES_BUCKETS    ((size_t)(SERIES_RANGE_BITS - SERIES_HALF_BITS + 1) << SERIES_HALF_BITS)

struct series_slot {
    uint64_t count;
    uint64_t max;
    uint32_t buckets[SERIES_BUCKETS];
};

struct series {
    uint64_t interval_ns;
    uint64_t begin_ns; /* of the first slot, by the caller's clock */
    size_t used;       /* slots up to the last one that holds something */
    struct series_slot slots[SERIES_SLOTS];
};

/* Begins one in memory that is all zero; interval_ns is at least 1. */
void series_init(struct series *series, uint64_t begin_ns, uint64_t interval_ns);

/* A value at a time; what is before the begin counts as there. */
void series_record(struct series *series, uint64_t at_ns, uint64_t value);

/* Adds what another one holds. Both were given the same begin, and intervals of which one is the
 * other times a power of two. */
void series_add(struct series *into, const struct series *from);

/* The smallest bucket end below or at which at least `percent` of a slot's values lie, never above
 * the maximum; 0 when it is empty. */
uint64_t series_percentile(const struct series_slot *slot, double percent);

#endif
