/* What came out of a run, and the three ways to write it down. */
#ifndef LOADGEN_REPORT_H
#define LOADGEN_REPORT_H

#include <stdio.h>

#include "bench/loadgen/histogram.h"
#include "bench/loadgen/options.h"

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

struct report {
    const struct options *options;
    const struct histogram *latency; /* ns, orders intended after the warm-up */
    uint64_t sent;                   /* in the whole run */
    uint64_t answered;               /* first answers */
    uint64_t not_sent;               /* open loop: due before the end, but still waiting */
    double window_s;                 /* the measured time, and what happened in it */
    uint64_t window_sent;
    uint64_t window_answered;
    double lag_mean_us; /* open loop: how late orders were sent */
    double lag_max_us;
    struct failure_summary failures[FAILURE_COUNT];
    bool is_interrupted;
    char trouble[512]; /* what ended the run early; "": nothing did */
};

/* True when every order was answered exactly once and nothing else happened: exit status 0. */
bool report_is_clean(const struct report *report);

/* The report for people, at most 80 columns wide but for names and notes. */
void report_write_text(const struct report *report, FILE *out);

void report_write_json(const struct report *report, FILE *out);

/* HdrHistogram's percentile distribution in microseconds, as its plotters read it. */
void report_write_hdr(const struct histogram *histogram, FILE *out);

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
