/* What is read in a run: messages one behind the other, as they stand in a receive buffer. */
#ifndef BENCH_CODEC_STREAM_H
#define BENCH_CODEC_STREAM_H

#include "bench/validate/samples.h"

#define STREAM_COUNT    128 /* a power of two */
#define STREAM_SIZE_MAX 32768

struct stream {
    const char *name;
    size_t count;
    size_t size;                       /* of all */
    uint32_t offset[STREAM_COUNT + 1]; /* the last is the end */
    char data[STREAM_SIZE_MAX];
};

/* One message, over and over: the branch predictor knows it by heart. */
void stream_of_sample(enum sample_kind kind, const char *begin_string, struct stream *stream);

/* STREAM_COUNT NewOrderSingles that differ in which fields they have and how long those are, the
 * same in every run. */
void stream_of_orders(const char *begin_string, struct stream *stream);

#endif
