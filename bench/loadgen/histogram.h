/* A histogram of nanoseconds with three significant digits in fixed memory (272 KiB).
 *
 * Values below 2,048 have a bucket each; above, every power of two is cut into 1,024 equal
 * buckets, so that a bucket is never wider than 1/1,024 of its values. The range ends at 2^43 ns
 * (2.4 hours); what is longer is counted in the last bucket, and the maximum stays exact.
 *
 * thread   one writer; others may read at the same time (histogram_add) and see a recent state */
#ifndef LOADGEN_HISTOGRAM_H
#define LOADGEN_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_HALF_BITS  10
#define HISTOGRAM_RANGE_BITS 43
/* The first two halves cover [0, 2048), each further one the next power of two. */
#define HISTOGRAM_BUCKETS                                                                          \
    ((size_t)(HISTOGRAM_RANGE_BITS - HISTOGRAM_HALF_BITS + 1) << HISTOGRAM_HALF_BITS)

struct histogram {
    _Atomic uint64_t total;
    _Atomic uint64_t max;
    _Atomic uint64_t min; /* meaningful when total > 0 */
    _Atomic uint64_t counts[HISTOGRAM_BUCKETS];
};

/* Empties it; memory that is all zero is empty already. */
void histogram_clear(struct histogram *histogram);

void histogram_record(struct histogram *histogram, uint64_t value);

/* Adds everything that is in `from`, which another thread may be writing. */
void histogram_add(struct histogram *into, const struct histogram *from);

/* The functions below read a histogram that nobody writes. On an empty one they return 0. */
uint64_t histogram_total(const struct histogram *histogram);
uint64_t histogram_min(const struct histogram *histogram);
uint64_t histogram_max(const struct histogram *histogram);

/* The smallest bucket end below or at which at least `percent` (0..100) of the values lie; never
 * above the maximum. */
uint64_t histogram_percentile(const struct histogram *histogram, double percent);

/* The smallest value that shares a bucket with this one. */
uint64_t histogram_floor(uint64_t value);

/* How many values lie in buckets that begin below `value`. */
uint64_t histogram_count_below(const struct histogram *histogram, uint64_t value);

/* Every value counts as the middle of its bucket. */
double histogram_mean(const struct histogram *histogram);
double histogram_stddev(const struct histogram *histogram);

#endif
