/* One run from the first connect to the last logout. */
#ifndef LOADGEN_RUN_H
#define LOADGEN_RUN_H

#include <signal.h>

#include "bench/loadgen/report.h"

/* Runs the load and fills the report; whatever happens on the way is in there. Returns within the
 * times that the options give, also when nobody answers.
 *
 * latency, series   all zero; what the report points to afterwards
 * end_signals  blocked in every thread; one of them ends the run in order
 * errors       RFX_E_CONFIG, RFX_E_IO, RFX_E_NOMEM: there was no run, the report stays unfilled */
rfx_status run_load(const struct options *options, const sigset_t *end_signals,
                    struct histogram *latency, struct series *series, struct report *report,
                    struct rfx_error *error) RFX_MUST_CHECK;

#endif
