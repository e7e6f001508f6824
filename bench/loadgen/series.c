#include "bench/loadgen/series.h"

#include <math.h>
#include <string.h>

#define HALF (UINT64_C(1) << SERIES_HALF_BITS)

static size_t bucket_of(uint64_t value)
{
    if (value < 2 * HALF) {
        return (size_t)value;
    }
    unsigned shift = 63 - SERIES_HALF_BITS - (unsigned)__builtin_clzll(value);
    size_t bucket = (size_t)shift * HALF + (size_t)(value >> shift);
    return bucket < SERIES_BUCKETS ? bucket : SERIES_BUCKETS - 1;
}

static uint64_t bucket_begin(size_t bucket)
{
    if (bucket < 2 * HALF) {
        return bucket;
    }
    size_t shift = bucket / HALF - 1;
    return (bucket - shift * HALF) << shift;
}

static void add_to_bucket(uint32_t *bucket, uint32_t count)
{
    *bucket = count < UINT32_MAX - *bucket ? *bucket + count : UINT32_MAX;
}

static void add_slot(struct series_slot *into, const struct series_slot *from)
{
    if (from->count == 0) {
        return;
    }
    into->count += from->count;
    into->max = from->max > into->max ? from->max : into->max;
    for (size_t i = 0; i < SERIES_BUCKETS; i++) {
        add_to_bucket(&into->buckets[i], from->buckets[i]);
    }
}

/* Two slots become one. */
static void halve(struct series *series)
{
    for (size_t i = 0; i < series->used; i++) {
        struct series_slot *into = &series->slots[i / 2];
        if (i > 0 && i % 2 == 0) {
            *into = series->slots[i];
        } else if (i % 2 == 1) {
            add_slot(into, &series->slots[i]);
        }
    }
    size_t kept = (series->used + 1) / 2;
    memset(&series->slots[kept], 0, (series->used - kept) * sizeof series->slots[0]);
    series->used = kept;
    series->interval_ns *= 2;
}

void series_init(struct series *series, uint64_t begin_ns, uint64_t interval_ns)
{
    series->begin_ns = begin_ns;
    series->interval_ns = interval_ns;
}

static struct series_slot *slot_at(struct series *series, uint64_t at_ns)
{
    uint64_t offset_ns = at_ns > series->begin_ns ? at_ns - series->begin_ns : 0;
    while (offset_ns / series->interval_ns >= SERIES_SLOTS) {
        halve(series);
    }
    size_t index = (size_t)(offset_ns / series->interval_ns);
    series->used = index >= series->used ? index + 1 : series->used;
    return &series->slots[index];
}

void series_record(struct series *series, uint64_t at_ns, uint64_t value)
{
    struct series_slot *slot = slot_at(series, at_ns);
    slot->count++;
    slot->max = value > slot->max ? value : slot->max;
    add_to_bucket(&slot->buckets[bucket_of(value)], 1);
}

void series_add(struct series *into, const struct series *from)
{
    while (into->interval_ns < from->interval_ns) {
        halve(into);
    }
    for (size_t i = 0; i < from->used; i++) {
        if (from->slots[i].count > 0) {
            uint64_t at_ns = from->begin_ns + i * from->interval_ns;
            add_slot(slot_at(into, at_ns), &from->slots[i]);
        }
    }
}

uint64_t series_percentile(const struct series_slot *slot, double percent)
{
    uint64_t wanted = (uint64_t)ceil(percent * (double)slot->count / 100);
    uint64_t seen = 0;
    for (size_t i = 0; i < SERIES_BUCKETS && wanted > 0 && wanted < slot->count; i++) {
        seen += slot->buckets[i];
        if (seen >= wanted) {
            uint64_t end = bucket_begin(i + 1) - 1;
            return end < slot->max ? end : slot->max;
        }
    }
    return slot->max;
}
