#include "bench/loadgen/run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/clock.h"
#include "bench/loadgen/load.h"
#include "bench/loadgen/log.h"
#include "bench/loadgen/run_server.h"

#define TICK_NS (5 * NS_PER_MS)
#define LEAD_NS (30 * NS_PER_MS) /* for all shards to see when it begins */
#define AWAY_NS (3 * NS_PER_S)   /* of a session that logs out and on again, at most */

struct run {
    const struct options *options;
    const sigset_t *end_signals;
    struct report *report;
    struct load *load;
    struct log log;
    struct histogram *latency;
    struct series *series;
    struct histogram *so_far; /* scratch for the progress line */
    uint64_t started_ns;
    uint64_t progress_ns; /* when the next line is due */
    uint64_t answered_before;
    uint64_t moved_ns; /* when the latest answer was noticed */
};

static void explain(struct report *report, const char *format, ...) RFX_PRINTF(2, 3);

/* The first trouble is the one that counts. */
static void explain(struct report *report, const char *format, ...)
{
    va_list arguments;
    if (report->trouble[0] != '\0') {
        return;
    }
    va_start(arguments, format);
    vsnprintf(report->trouble, sizeof report->trouble, format, arguments);
    va_end(arguments);
}

static uint64_t to_ns(double seconds)
{
    return (uint64_t)(seconds * (double)NS_PER_S);
}

/* ------------------------------------------------------------------------------- watching */

/* Waits one tick; true when a signal asks for the end. */
static bool tick(struct run *run)
{
    const struct timespec timeout = {.tv_sec = 0, .tv_nsec = (long)TICK_NS};
    if (sigtimedwait(run->end_signals, NULL, &timeout) > 0) {
        run->report->is_interrupted = true;
        return true;
    }
    return false;
}

static void show_progress(struct run *run, uint64_t now_ns, const struct load_totals *totals)
{
    if (run->options->is_quiet || now_ns < run->progress_ns) {
        return;
    }
    double since_s = (double)(now_ns - run->progress_ns + NS_PER_S) / (double)NS_PER_S;
    fprintf(stderr, "%6.1f s  %" PRIu32 "/%" PRIu32 " sessions  %9.0f orders/s",
            (double)(now_ns - run->started_ns) / (double)NS_PER_S, totals->logged_on,
            run->options->sessions, (double)(totals->answered - run->answered_before) / since_s);
    histogram_clear(run->so_far);
    load_add_latency(run->load, run->so_far);
    if (histogram_total(run->so_far) > 0) {
        fprintf(stderr, "  p50 %.1f µs  p99 %.1f µs",
                (double)histogram_percentile(run->so_far, 50) / NS_PER_US,
                (double)histogram_percentile(run->so_far, 99) / NS_PER_US);
    }
    fputc('\n', stderr);
    run->progress_ns = now_ns + NS_PER_S;
    run->answered_before = totals->answered;
}

/* True once every session is logged on. */
static bool await_logons(struct run *run)
{
    const struct options *options = run->options;
    double ramp_s = run_ramp_s(options);
    uint64_t give_up_ns = run->started_ns + to_ns(ramp_s + options->connect_timeout_s);
    for (;;) {
        uint64_t now_ns = clock_ns();
        struct load_totals totals = load_totals(run->load);
        if (totals.lost > 0) {
            explain(run->report, "not every session could log on; nothing was sent");
            return false;
        }
        if (totals.logged_on == options->sessions) {
            return true;
        }
        if (now_ns >= give_up_ns) {
            char hint[256];
            log_last(&run->log, hint, sizeof hint);
            explain(run->report,
                    "%" PRIu32 " of %" PRIu32 " sessions logged on within %g s at %s:%u%s%s",
                    totals.logged_on, options->sessions, ramp_s + options->connect_timeout_s,
                    options->hosts[0].name, (unsigned)options->hosts[0].port,
                    hint[0] != '\0' ? "; the latest: " : "", hint);
            return false;
        }
        show_progress(run, now_ns, &totals);
        if (tick(run)) {
            return false;
        }
    }
}

/* Closed loop with a count: without answers nothing more would be sent, for ever. */
static bool is_stalled(const struct run *run, uint64_t now_ns)
{
    uint64_t patience_ns = to_ns(run->options->drain_s);
    patience_ns = patience_ns > NS_PER_S ? patience_ns : NS_PER_S;
    patience_ns += run->options->churn > 0 ? AWAY_NS : 0;
    return run->options->count > 0 && run->options->rate == 0 &&
           now_ns - run->moved_ns >= patience_ns;
}

static void await_end_of_sending(struct run *run)
{
    uint64_t answered = 0;
    run->moved_ns = clock_ns();
    for (;;) {
        uint64_t now_ns = clock_ns();
        struct load_totals totals = load_totals(run->load);
        if (now_ns >= load_end_ns(run->load)) {
            return;
        }
        if (totals.logged_on == 0) {
            explain(run->report, "all sessions were lost, %.1f s after the first connect",
                    (double)(now_ns - run->started_ns) / (double)NS_PER_S);
            return;
        }
        if (totals.unfinished == 0) {
            return;
        }
        run->moved_ns = totals.answered != answered ? now_ns : run->moved_ns;
        answered = totals.answered;
        if (is_stalled(run, now_ns)) {
            explain(run->report, "no answer for %.1f s, %" PRIu64 " orders still to send or answer",
                    (double)(now_ns - run->moved_ns) / (double)NS_PER_S,
                    run->options->count - totals.answered);
            return;
        }
        show_progress(run, now_ns, &totals);
        if (tick(run)) {
            return;
        }
    }
}

/* True when there were all. */
static bool await_answers(struct run *run)
{
    uint64_t give_up_ns = clock_ns() + to_ns(run->options->drain_s);
    for (;;) {
        uint64_t now_ns = clock_ns();
        struct load_totals totals = load_totals(run->load);
        bool is_drained = totals.lanes_at_work == 0 && totals.outstanding == 0;
        if (is_drained || now_ns >= give_up_ns) {
            return is_drained;
        }
        show_progress(run, now_ns, &totals);
        if (tick(run)) {
            return false;
        }
    }
}

/* --------------------------------------------------------------------------------- the run */

/* True when every order of it was answered in time. */
static bool run_step(struct run *run, double rate)
{
    load_begin(run->load, rate, clock_ns() + LEAD_NS);
    await_end_of_sending(run);
    load_end(run->load, clock_ns());
    return await_answers(run);
}

static void note_step(struct run *run, double rate, bool is_drained)
{
    struct sweep *sweep = &run->report->sweep;
    struct report_window window;
    struct histogram *latency = run->so_far;
    load_measure(run->load, latency, &window);
    sweep_add(sweep, &(struct sweep_step){
                         .offered = rate,
                         .seconds = window.seconds,
                         .answered = window.answered,
                         .p50_ns = histogram_percentile(latency, 50),
                         .p99_ns = histogram_percentile(latency, 99),
                         .p999_ns = histogram_percentile(latency, 99.9),
                         .max_ns = histogram_max(latency),
                         .not_sent = window.not_sent,
                         .lag_max_us = window.lag_max_us,
                         .is_drained = is_drained,
                     });
    /* Without any knee the report is about the first step. */
    if (sweep->count == 1 || sweep->knee + 1 == sweep->count) {
        histogram_clear(run->latency);
        histogram_add(run->latency, latency);
        run->report->window = window;
    }
}

static void run_sweep(struct run *run)
{
    const struct options_sweep *plan = &run->options->sweep;
    struct sweep *sweep = &run->report->sweep;
    for (uint32_t i = 0; i < plan->count; i++) {
        double rate = sweep_rate(plan->from, plan->to, plan->count, i);
        if (!run->options->is_quiet) {
            fprintf(stderr, "step %" PRIu32 " of %" PRIu32 ": %.0f orders/s\n", i + 1, plan->count,
                    rate);
        }
        bool is_drained = run_step(run, rate);
        if (run->report->is_interrupted || load_totals(run->load).lanes_at_work > 0) {
            return; /* half a step says nothing */
        }
        note_step(run, rate, is_drained);
        if (run->report->trouble[0] != '\0' || sweep_gives_up(sweep)) {
            return;
        }
    }
}

static void conduct(struct run *run)
{
    run->started_ns = clock_ns();
    run->progress_ns = run->started_ns + NS_PER_S;
    if (await_logons(run)) {
        if (run->options->sweep.count > 0) {
            run_sweep(run);
        } else {
            run_step(run, run->options->rate);
        }
    }
    load_end(run->load, clock_ns());
    load_expect_logouts(run->load);
}

static rfx_status run_opened(struct run *run, struct rfx_error *error)
{
    struct rfx_server *server = NULL;
    rfx_status status = run_open_server(run->options, run->load, &server, error);
    if (status != RFX_OK) {
        return status;
    }
    conduct(run);
    rfx_server_stop(server);
    struct rfx_error failure = {.text = ""};
    if (rfx_server_wait(server, &failure) != RFX_OK) {
        explain(run->report, "%s", failure.text);
    }
    rfx_server_close(&server);
    if (run->options->sweep.count == 0) {
        load_measure(run->load, run->latency, &run->report->window);
    }
    load_collect(run->load, run->series, run->report);
    return RFX_OK;
}

rfx_status run_load(const struct options *options, const sigset_t *end_signals,
                    struct histogram *latency, struct series *series, struct report *report,
                    struct rfx_error *error)
{
    struct run run = {
        .options = options,
        .end_signals = end_signals,
        .report = report,
        .latency = latency,
        .series = series,
    };
    memset(report, 0, sizeof *report);
    environment_read(&report->environment);
    report->latency = latency;
    report->sweep.knee = SWEEP_NO_KNEE;
    report->sweep.planned = options->sweep.count;
    run.so_far = calloc(1, sizeof *run.so_far);
    if (run.so_far == NULL) {
        snprintf(error->text, sizeof error->text, "out of memory");
        return RFX_E_NOMEM;
    }
    log_open(&run.log);
    rfx_status status = load_new(options, &run.log, &run.load, error);
    if (status == RFX_OK) {
        status = run_opened(&run, error);
        load_free(run.load);
    }
    log_close(&run.log);
    free(run.so_far);
    return status;
}
