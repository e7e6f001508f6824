/* What came out of a run, and the ways to write it down. */
#ifndef LOADGEN_REPORT_H
#define LOADGEN_REPORT_H

#include <stdio.h>

#include "bench/loadgen/environment.h"
#include "bench/loadgen/histogram.h"
#include "bench/loadgen/options.h"
#include "bench/loadgen/series.h"
#include "bench/loadgen/sweep.h"

#define REPORT_NAMES_MAX 5 /* sessions named per kind of failure */
#define REPORT_NOTE_SIZE 160

/* What can go wrong with a session or its orders. */
enum failure {
    FAILURE_NOT_LOGGED_ON, /* nobody answered in time */
    FAILURE_REFUSED,       /* connected, but the Logon came to nothing */
    FAILURE_DISCONNECTED,  /* lost after it was logged on */
    FAILURE_UNANSWERED,    /* orders without an answer at the end */
    FAILURE_DUPLICATE,     /* answers to orders that had theirs */
    FAILURE_UNKNOWN,       /* answers to orders that were never sent */
    FAILURE_REJECTED,      /* Reject(3) and BusinessMessageReject(j) */
    FAILURE_UNEXPECTED,    /* other application messages */
    FAILURE_COUNT
};

struct failure_summary {
    uint64_t count;
    uint32_t sessions; /* in how many it happened */
    uint32_t names[REPORT_NAMES_MAX];
    char note[REPORT_NOTE_SIZE]; /* printable ASCII: the first one in words; "": nothing to say */
};

/* The measured time, and what happened in it. */
struct report_window {
    double seconds;
    uint64_t sent;
    uint64_t answered;
    uint64_t not_sent;  /* open loop: due before the end, but still waiting */
    double lag_mean_us; /* open loop: how late orders were sent */
    double lag_max_us;
};

struct report {
    const struct options *options;
    struct environment environment;
    const struct histogram *latency; /* ns, orders intended after the warm-up */
    const struct series *series;     /* ns, all orders by the time of their answer; NULL: none */
    uint64_t sent;                   /* in the whole run */
    uint64_t answered;               /* first answers */
    struct report_window window;
    struct sweep sweep;               /* with --sweep; latency and window are those of its knee */
    uint64_t mix_sent[MIX_LINES_MAX]; /* with --mix: messages by its lines */
    uint64_t logouts;                 /* by --churn, and logons after these */
    uint64_t logons;
    uint64_t gaps;    /* in the MsgSeqNum(34) received: asked for, and filled or not */
    uint64_t resends; /* ResendRequest(2) received */
    struct failure_summary failures[FAILURE_COUNT];
    bool is_interrupted;
    char trouble[512]; /* what ended the run early; "": nothing did */
};

/* True when every order was answered exactly once and nothing else happened: exit status 0. */
bool report_is_clean(const struct report *report);

/* The report for people, at most 80 columns wide but for names and notes. */
void report_write_text(const struct report *report, FILE *out);

void report_write_json(const struct report *report, FILE *out);

/* The same as one page for a browser that needs nothing else: the JSON, and a script that draws. */
void report_write_page(const struct report *report, FILE *out);

/* HdrHistogram's percentile distribution in microseconds, as its plotters read it. */
void report_write_hdr(const struct histogram *histogram, FILE *out);

/* The percentile that follows in a curve: five steps for every halving of what is left of 100. */
double report_percent_after(double percent);

/* How a kind of failure is called in JSON and in words. */
const char *report_failure_key(enum failure failure);

/* Rows of a histogram with limits spaced by logarithm. */
#define REPORT_ROWS_MAX 24

struct report_row {
    uint64_t from; /* ns */
    uint64_t to;   /* exclusive */
    uint64_t count;
};

/* Fills at most REPORT_ROWS_MAX rows that hold every value once, none of them empty at either
 * end; returns their number. */
size_t report_rows(const struct histogram *histogram, struct report_row rows[REPORT_ROWS_MAX]);

#endif
