/* The main thread's side of the load: its life, its steering, and what comes out. */
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/clock.h"
#include "bench/loadgen/load_internal.h"

#define SERIES_FIRST_S 0.01 /* width of an interval when the run's length is not known */

/* ------------------------------------------------------------------------------ open, close */

/* Each session its share of --count, the first ones one more where it does not divide. */
static uint64_t quota_of(const struct options *options, uint32_t index)
{
    if (options->count == 0) {
        return UINT64_MAX - 1;
    }
    return options->count / options->sessions + (index < options->count % options->sessions);
}

static rfx_status make_tables(struct load *load)
{
    const struct options *options = load->options;
    size_t lanes_size = options->threads * sizeof *load->lanes;
    load->sessions = calloc(options->sessions, sizeof *load->sessions);
    load->lanes = aligned_alloc(alignof(struct lane), lanes_size);
    if (load->lanes == NULL || load->sessions == NULL) {
        return RFX_E_NOMEM;
    }
    memset(load->lanes, 0, lanes_size);
    for (uint32_t i = 0; i < options->threads; i++) {
        struct lane *lane = &load->lanes[i];
        lane->load = load;
        lane->step = 1;
        lane->measure_from_ns = UINT64_MAX;
        lane->sessions = calloc(options->sessions, sizeof(struct load_session *));
        lane->series = calloc(1, sizeof *lane->series);
        if (lane->sessions == NULL || lane->series == NULL) {
            return RFX_E_NOMEM;
        }
    }
    for (uint32_t i = 0; i < options->sessions; i++) {
        load->sessions[i].number = i + 1;
        load->sessions[i].quota = quota_of(options, i);
        flight_init(&load->sessions[i].flight);
        load->sessions[i].base = load->sessions[i].flight.next;
    }
    load->has_lane_key = pthread_key_create(&load->lane_key, NULL) == 0;
    return load->has_lane_key ? RFX_OK : RFX_E_NOMEM;
}

rfx_status load_new(const struct options *options, struct log *log, struct load **load,
                    struct rfx_error *error)
{
    struct timespec utc;
    struct load *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->options = options;
        made->log = log;
    }
    if (made == NULL || make_tables(made) != RFX_OK) {
        load_free(made);
        snprintf(error->text, sizeof error->text, "out of memory for %u sessions",
                 (unsigned)options->sessions);
        return RFX_E_NOMEM;
    }
    made->has_transact_time = strcmp(options->begin_string, "FIX.4.0") != 0 &&
                              strcmp(options->begin_string, "FIX.4.1") != 0;
    atomic_init(&made->step, 1);
    atomic_init(&made->start_ns, UINT64_MAX);
    atomic_init(&made->end_ns, UINT64_MAX);
    clock_gettime(CLOCK_REALTIME, &utc);
    made->utc_offset_ns =
        (int64_t)utc.tv_sec * (int64_t)NS_PER_S + utc.tv_nsec - (int64_t)clock_ns();
    *load = made;
    return RFX_OK;
}

void load_free(struct load *load)
{
    if (load == NULL) {
        return;
    }
    for (uint32_t i = 0; load->sessions != NULL && i < load->options->sessions; i++) {
        flight_free(&load->sessions[i].flight);
    }
    for (uint32_t i = 0; load->lanes != NULL && i < load->options->threads; i++) {
        free(load->lanes[i].sessions);
        free(load->lanes[i].series);
    }
    if (load->has_lane_key) {
        pthread_key_delete(load->lane_key);
    }
    free(load->lanes);
    free(load->sessions);
    free(load);
}

/* -------------------------------------------------------------------------------- steering */

/* A second, or a hundredth of the run where that is shorter; finer where the run's length is not
 * known, since intervals double when they become too many. */
static void init_series(const struct load *load, uint64_t start_ns)
{
    const struct options *options = load->options;
    double steps = options->sweep.count > 0 ? options->sweep.count : 1;
    double hundredth_s = steps * (options->warmup_s + options->duration_s) / 100;
    double interval_s = options->count > 0 ? SERIES_FIRST_S : hundredth_s < 1 ? hundredth_s : 1;
    for (uint32_t i = 0; i < options->threads; i++) {
        series_init(load->lanes[i].series, start_ns, 1 + (uint64_t)(interval_s * (double)NS_PER_S));
    }
}

void load_begin(struct load *load, double rate, uint64_t start_ns)
{
    const struct options *options = load->options;
    uint32_t step = atomic_load_explicit(&load->step, memory_order_relaxed);
    if (!load->has_begun) {
        init_series(load, start_ns);
    }
    load->interval_ns = rate > 0 ? options->burst * (double)NS_PER_S / rate : 0;
    load->measure_from_ns = start_ns + (uint64_t)(options->warmup_s * (double)NS_PER_S);
    if (options->count == 0) {
        uint64_t duration_ns = (uint64_t)(options->duration_s * (double)NS_PER_S);
        atomic_store_explicit(&load->end_ns, load->measure_from_ns + duration_ns,
                              memory_order_relaxed);
    }
    atomic_store_explicit(&load->start_ns, start_ns, memory_order_release);
    atomic_store_explicit(&load->step, load->has_begun ? step + 1 : step, memory_order_release);
    load->has_begun = true;
}

void load_end(struct load *load, uint64_t now_ns)
{
    if (now_ns < load_end_ns(load)) {
        atomic_store_explicit(&load->end_ns, now_ns, memory_order_relaxed);
    }
}

void load_expect_logouts(struct load *load)
{
    atomic_store_explicit(&load->expects_logouts, true, memory_order_release);
}

uint64_t load_end_ns(const struct load *load)
{
    return atomic_load_explicit(&load->end_ns, memory_order_relaxed);
}

struct load_totals load_totals(const struct load *load)
{
    struct load_totals totals = {0};
    uint32_t step = atomic_load_explicit(&load->step, memory_order_relaxed);
    for (uint32_t i = 0; i < load->options->threads; i++) {
        const struct lane *lane = &load->lanes[i];
        /* First: with it comes everything the lane counted until it was done. */
        totals.lanes_at_work +=
            atomic_load_explicit(&lane->done_step, memory_order_acquire) != step;
        totals.sent += atomic_load_explicit(&lane->sent, memory_order_relaxed);
        totals.answered += atomic_load_explicit(&lane->answered, memory_order_relaxed);
        totals.outstanding += atomic_load_explicit(&lane->outstanding, memory_order_relaxed);
        totals.logged_on += atomic_load_explicit(&lane->logged_on, memory_order_relaxed);
        totals.lost += atomic_load_explicit(&lane->lost, memory_order_relaxed);
        totals.unfinished += atomic_load_explicit(&lane->unfinished, memory_order_relaxed);
    }
    return totals;
}

void load_add_latency(const struct load *load, struct histogram *into)
{
    for (uint32_t i = 0; i < load->options->threads; i++) {
        histogram_add(into, &load->lanes[i].latency);
    }
}

/* --------------------------------------------------------------------------------- results */

static void add_failures(const struct load_session *session, enum failure kind, uint64_t count,
                         struct report *report)
{
    struct failure_summary *summary = &report->failures[kind];
    if (count == 0) {
        return;
    }
    if (summary->sessions < REPORT_NAMES_MAX) {
        summary->names[summary->sessions] = session->number;
    }
    summary->sessions++;
    summary->count += count;
}

static void collect_failures(const struct load *load, bool has_begun, struct report *report)
{
    for (uint32_t i = 0; i < load->options->sessions; i++) {
        const struct load_session *session = &load->sessions[i];
        for (size_t kind = 0; kind < FAILURE_COUNT; kind++) {
            add_failures(session, (enum failure)kind, session->failures[kind], report);
        }
        add_failures(session, FAILURE_UNANSWERED, session->flight.outstanding, report);
        bool is_missing = !has_begun && !session->is_logged_on && !session->is_lost;
        add_failures(session, FAILURE_NOT_LOGGED_ON, is_missing, report);
    }
    for (uint32_t i = 0; i < load->options->threads; i++) {
        for (size_t kind = 0; kind < FAILURE_COUNT; kind++) {
            struct failure_summary *summary = &report->failures[kind];
            if (summary->note[0] == '\0') {
                memcpy(summary->note, load->lanes[i].notes[kind], REPORT_NOTE_SIZE);
            }
        }
    }
}

/* With a count the measured time lasts until the last answer, else until the end of sending. */
static double window_s(const struct load *load, uint64_t last_answer_ns)
{
    uint64_t until_ns = load->options->count > 0 ? last_answer_ns : load_end_ns(load);
    if (until_ns <= load->measure_from_ns) {
        return 0;
    }
    return (double)(until_ns - load->measure_from_ns) / (double)NS_PER_S;
}

static void collect_series(const struct load *load, struct series *series)
{
    const struct series *first = load->lanes[0].series;
    series_init(series, first->begin_ns, first->interval_ns);
    for (uint32_t i = 0; i < load->options->threads; i++) {
        series_add(series, load->lanes[i].series);
    }
}

void load_measure(const struct load *load, struct histogram *latency, struct report_window *window)
{
    uint64_t last_answer_ns = 0;
    struct lane_window sum = {.sent = 0};
    histogram_clear(latency);
    load_add_latency(load, latency);
    for (uint32_t i = 0; i < load->options->threads; i++) {
        const struct lane *lane = &load->lanes[i];
        const struct lane_window *each = &lane->window;
        sum.sent += each->sent;
        sum.answered += each->answered;
        sum.not_sent += each->not_sent;
        sum.lag_count += each->lag_count;
        sum.lag_sum_ns += each->lag_sum_ns;
        sum.lag_max_ns = each->lag_max_ns > sum.lag_max_ns ? each->lag_max_ns : sum.lag_max_ns;
        uint64_t answer_ns = atomic_load_explicit(&lane->last_answer_ns, memory_order_relaxed);
        last_answer_ns = answer_ns > last_answer_ns ? answer_ns : last_answer_ns;
    }
    double lag_count = sum.lag_count > 0 ? (double)sum.lag_count : 1;
    *window = (struct report_window){
        .seconds = load->has_begun ? window_s(load, last_answer_ns) : 0,
        .sent = sum.sent,
        .answered = sum.answered,
        .not_sent = sum.not_sent,
        .lag_mean_us = sum.lag_sum_ns / lag_count / NS_PER_US,
        .lag_max_us = (double)sum.lag_max_ns / NS_PER_US,
    };
}

void load_collect(const struct load *load, struct series *series, struct report *report)
{
    struct load_totals totals = load_totals(load);
    if (load->has_begun) {
        collect_series(load, series);
    }
    report->options = load->options;
    report->series = series;
    for (uint32_t i = 0; i < load->options->threads; i++) {
        report->logouts += load->lanes[i].logouts;
        report->logons += load->lanes[i].logons;
        report->gaps += load->lanes[i].gaps;
        report->resends += load->lanes[i].resends;
        for (size_t line = 0; line < MIX_LINES_MAX; line++) {
            report->mix_sent[line] += load->lanes[i].mix_sent[line];
        }
    }
    report->sent = totals.sent;
    report->answered = totals.answered;
    collect_failures(load, load->has_begun, report);
}
