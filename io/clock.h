/* The clocks. Any thread. */
#ifndef RFX_IO_CLOCK_H
#define RFX_IO_CLOCK_H

#include <time.h>

#include "core/base.h"

static inline uint64_t rfx_clock_mono_ns(void)
{
    struct timespec mono;
    clock_gettime(CLOCK_MONOTONIC, &mono);
    return (uint64_t)mono.tv_sec * RFX_NS_PER_S + (uint64_t)mono.tv_nsec;
}

static inline struct rfx_now rfx_clock_now(void)
{
    struct timespec mono;
    struct timespec utc;
    clock_gettime(CLOCK_MONOTONIC, &mono);
    clock_gettime(CLOCK_REALTIME, &utc);
    return (struct rfx_now){
        .mono_ns = (uint64_t)mono.tv_sec * RFX_NS_PER_S + (uint64_t)mono.tv_nsec,
        .utc_ns = (int64_t)utc.tv_sec * (int64_t)RFX_NS_PER_S + utc.tv_nsec,
    };
}

#endif
