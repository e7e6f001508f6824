#include "bench/loadgen/histogram.h"

#include <math.h>

#define HALF (UINT64_C(1) << HISTOGRAM_HALF_BITS)

/* A single writer needs no read-modify-write: a plain load and store that readers may see. */
static uint64_t get(const _Atomic uint64_t *cell)
{
    return atomic_load_explicit(cell, memory_order_relaxed);
}

static void set(_Atomic uint64_t *cell, uint64_t value)
{
    atomic_store_explicit(cell, value, memory_order_relaxed);
}

static size_t bucket_of(uint64_t value)
{
    if (value < 2 * HALF) {
        return (size_t)value;
    }
    unsigned shift = 63 - HISTOGRAM_HALF_BITS - (unsigned)__builtin_clzll(value);
    size_t bucket = (size_t)shift * HALF + (size_t)(value >> shift);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The smallest value of a bucket; of the one behind the last, the end of the range. */
static uint64_t bucket_begin(size_t bucket)
{
    if (bucket < 2 * HALF) {
        return bucket;
    }
    size_t shift = bucket / HALF - 1;
    return (bucket - shift * HALF) << shift;
}

uint64_t histogram_floor(uint64_t value)
{
    return bucket_begin(bucket_of(value));
}

static double bucket_middle(size_t bucket)
{
    return ((double)bucket_begin(bucket) + (double)(bucket_begin(bucket + 1) - 1)) / 2;
}

void histogram_clear(struct histogram *histogram)
{
    set(&histogram->total, 0);
    set(&histogram->max, 0);
    set(&histogram->min, 0);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        set(&histogram->counts[i], 0);
    }
}

static void widen(struct histogram *histogram, uint64_t min, uint64_t max)
{
    if (get(&histogram->total) == 0 || min < get(&histogram->min)) {
        set(&histogram->min, min);
    }
    if (max > get(&histogram->max)) {
        set(&histogram->max, max);
    }
}

void histogram_record(struct histogram *histogram, uint64_t value)
{
    _Atomic uint64_t *count = &histogram->counts[bucket_of(value)];
    widen(histogram, value, value);
    set(count, get(count) + 1);
    set(&histogram->total, get(&histogram->total) + 1);
}

void histogram_add(struct histogram *into, const struct histogram *from)
{
    uint64_t added = 0;
    if (get(&from->total) == 0) {
        return;
    }
    widen(into, get(&from->min), get(&from->max));
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = get(&from->counts[i]);
        set(&into->counts[i], get(&into->counts[i]) + count);
        added += count;
    }
    /* What was counted, not from->total: the writer may have gone on in between. */
    set(&into->total, get(&into->total) + added);
}

uint64_t histogram_total(const struct histogram *histogram)
{
    return get(&histogram->total);
}

uint64_t histogram_min(const struct histogram *histogram)
{
    return get(&histogram->min);
}

uint64_t histogram_max(const struct histogram *histogram)
{
    return get(&histogram->max);
}

uint64_t histogram_percentile(const struct histogram *histogram, double percent)
{
    uint64_t total = get(&histogram->total);
    uint64_t max = get(&histogram->max);
    uint64_t wanted = (uint64_t)ceil(percent * (double)total / 100);
    uint64_t seen = 0;
    if (wanted < 1) {
        wanted = 1;
    }
    if (total == 0 || wanted >= total) {
        return max;
    }
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += get(&histogram->counts[i]);
        if (seen >= wanted) {
            uint64_t end = bucket_begin(i + 1) - 1;
            return end < max ? end : max;
        }
    }
    return max;
}

uint64_t histogram_count_below(const struct histogram *histogram, uint64_t value)
{
    uint64_t count = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS && bucket_begin(i) < value; i++) {
        count += get(&histogram->counts[i]);
    }
    return count;
}

double histogram_mean(const struct histogram *histogram)
{
    double sum = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        sum += (double)get(&histogram->counts[i]) * bucket_middle(i);
    }
    uint64_t total = get(&histogram->total);
    return total == 0 ? 0 : sum / (double)total;
}

double histogram_stddev(const struct histogram *histogram)
{
    double mean = histogram_mean(histogram);
    double sum = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        double distance = bucket_middle(i) - mean;
        sum += (double)get(&histogram->counts[i]) * distance * distance;
    }
    uint64_t total = get(&histogram->total);
    return total == 0 ? 0 : sqrt(sum / (double)total);
}
