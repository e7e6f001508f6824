/* One measurement: messages appended in batches of a size, over sessions that take turns. */
#ifndef BENCH_JOURNAL_RUN_H
#define BENCH_JOURNAL_RUN_H

#include "bench/loadgen/histogram.h"
#include "ringfix/config.h"

#define BENCH_MESSAGE_SIZE 250

struct bench_load {
    const char *path; /* an empty directory */
    enum rfx_durability durability;
    uint32_t sessions;
    uint32_t per_commit; /* messages */
    uint64_t messages;
};

struct bench_result {
    struct histogram appends; /* ns of each commit, on the thread that waits for it */
    double append_ns;         /* of these, per message */
    double cpu_ns;            /* of the whole process per message, until all is in LMDB */
    double wall_ns;           /* the same, by the clock: what can be kept up */
    double store_bytes;       /* of LMDB's pages in use, per message */
    double tail_bytes;        /* of the write-ahead tail, per message */
    uint64_t waits;           /* for room, a millisecond each */
};

/* The journal: write-ahead tail and LMDB behind it. False: it says why on stderr. */
bool bench_run_journal(const struct bench_load *load, struct bench_result *result);

/* Bare LMDB: one transaction a commit, one row a message and one per session touched. `interval`
 * as `process`: commits reach the kernel. */
bool bench_run_lmdb(const struct bench_load *load, struct bench_result *result);

double bench_clock_ns(void);
double bench_cpu_ns(void); /* of the process */
void bench_pause(void);    /* a millisecond */

#endif
