/* The messages that are measured. */
#ifndef BENCH_VALIDATE_SAMPLES_H
#define BENCH_VALIDATE_SAMPLES_H

#include <stddef.h>

#include "core/frame.h"
#include "core/message.h"

#define SAMPLE_SIZE_MAX 2048

struct sample {
    const char *name;
    size_t size;
    char data[SAMPLE_SIZE_MAX];
};

enum sample_kind { SAMPLE_ORDER, SAMPLE_REPORT, SAMPLE_SNAPSHOT, SAMPLE_COUNT };

/* NewOrderSingle(D) of about 170 bytes, ExecutionReport(8) of about 360, and a
 * MarketDataSnapshotFullRefresh(W) of 24 entries and about 1.5 kB; valid in FIX.4.4 and in
 * FIX.5.0SP2. */
void sample_make(enum sample_kind kind, const char *begin_string, struct sample *sample);

#endif
