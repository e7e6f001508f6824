/* The load itself: what happens on the shards of the generator.
 *
 * A lane is what one shard's thread owns: its sessions, its counters, its latencies. Nothing in it
 * is locked. The main thread steers with three words (begin, end, stopping) and watches the lanes'
 * counters; everything else it reads after rfx_server_close(). */
#ifndef LOADGEN_LOAD_H
#define LOADGEN_LOAD_H

#include "bench/loadgen/report.h"
#include "ringfix/ringfix.h"

struct load;
struct log;

/* Sums over all lanes, each of them recent. */
struct load_totals {
    uint64_t sent;
    uint64_t answered;
    uint64_t outstanding;   /* sent on sessions that are still there, and not answered */
    uint32_t logged_on;     /* sessions */
    uint32_t lost;          /* refused, or disconnected for whatever reason */
    uint32_t unfinished;    /* logged on, with orders still to send */
    uint32_t lanes_at_work; /* lanes that may yet send */
};

/* options, log   borrowed until load_free()
 * errors         RFX_E_NOMEM */
rfx_status load_new(const struct options *options, struct log *log, struct load **load,
                    struct rfx_error *error) RFX_MUST_CHECK;
void load_free(struct load *load);

/* The callbacks to open the server with; load is their context. */
struct rfx_app load_app(struct load *load);

/* Main thread. A step begins: sending starts at start_ns, and ends on its own after warm-up and
 * duration or after count orders. For the first time when every session is logged on; again, with
 * another rate, when no lane is at work any more.
 *
 * rate   orders/s over all sessions; 0: closed loop */
void load_begin(struct load *load, double rate, uint64_t start_ns);

/* Main thread. Nothing is sent any more once lanes_at_work is 0, which it soon is. */
void load_end(struct load *load, uint64_t now_ns);

/* Main thread, before rfx_server_stop(): logouts are no failures from now on. */
void load_expect_logouts(struct load *load);

/* Main thread, at any time. */
struct load_totals load_totals(const struct load *load);
void load_add_latency(const struct load *load, struct histogram *into);

/* When sending ends by itself; UINT64_MAX before load_begin(), or with a count. */
uint64_t load_end_ns(const struct load *load);

/* Main thread, when no lane is at work: the step's measured time, and its latencies, which replace
 * what is in the histogram. */
void load_measure(const struct load *load, struct histogram *latency, struct report_window *window);

/* Fills what the lanes know of the whole run into the report; series, which is all zero, becomes
 * what the report points to. Only after rfx_server_close(). */
void load_collect(const struct load *load, struct series *series, struct report *report);

#endif
