#include "bench/loadgen/run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench/loadgen/clock.h"
#include "bench/loadgen/flight.h"
#include "bench/loadgen/load.h"
#include "bench/loadgen/log.h"

#define TICK_NS         (5 * NS_PER_MS)
#define LEAD_NS         (30 * NS_PER_MS) /* for all shards to see when it begins */
#define ORDER_SIZE      256              /* bytes on the wire, rounded up */
#define FILES_BESIDE    64               /* descriptors that are not connections */
#define CONNECTIONS_MIN 64

struct run {
    const struct options *options;
    const sigset_t *end_signals;
    struct report *report;
    struct load *load;
    struct log log;
    struct histogram *so_far; /* scratch for the progress line */
    uint64_t started_ns;
    uint64_t progress_ns; /* when the next line is due */
    uint64_t answered_before;
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

/* ----------------------------------------------------------------------------- the server */

static void fill_session(const struct options *options, uint32_t number,
                         struct rfx_session_config *session)
{
    *session = rfx_session_config_default;
    session->role = RFX_ROLE_INITIATOR;
    snprintf(session->begin_string, sizeof session->begin_string, "%s", options->begin_string);
    options_sender(options, number, session->sender_comp_id);
    snprintf(session->target_comp_id, sizeof session->target_comp_id, "%s", options->target);
    session->hosts[0] = (struct rfx_host){.name = options->host, .port = options->port};
    session->heartbeat_s = options->heartbeat_s;
    session->reset_on_logon = true;
    session->reconnect_interval_s = 1;
    session->persist_messages = false;
    session->use_data_dictionary = false; /* the server is measured, not this end */
}

static rfx_status allow_files(const struct options *options, struct rfx_error *error)
{
    struct rlimit limit;
    rlim_t needed = (rlim_t)options->sessions + FILES_BESIDE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) {
        return RFX_OK;
    }
    limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
    if (limit.rlim_cur < needed || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        snprintf(error->text, sizeof error->text,
                 "%" PRIu32 " sessions need %llu open files, %llu are allowed (ulimit -Hn)",
                 options->sessions, (unsigned long long)needed, (unsigned long long)limit.rlim_max);
        return RFX_E_IO;
    }
    return RFX_OK;
}

static rfx_status open_server(const struct options *options, struct load *load,
                              struct rfx_server **server, struct rfx_error *error)
{
    struct rfx_config config = rfx_config_default;
    struct rfx_app app = load_app(load);
    uint32_t window = options->rate > 0 ? FLIGHT_LIMIT : options->in_flight;
    config.io_threads = options->threads;
    config.shards = options->threads;
    config.threading_mode = RFX_THREADING_SHARED;
    config.idle_strategy = options->idle;
    config.journal_path[0] = '\0';
    config.sessions_max = options->sessions;
    config.connections_max =
        options->sessions < CONNECTIONS_MIN ? CONNECTIONS_MIN : options->sessions;
    if (config.send_queue_size < window * ORDER_SIZE) {
        config.send_queue_size = window * ORDER_SIZE; /* our own load must not cut us off */
    }
    config.sessions = calloc(options->sessions, sizeof *config.sessions);
    config.session_count = options->sessions;
    if (config.sessions == NULL) {
        snprintf(error->text, sizeof error->text, "out of memory for %" PRIu32 " sessions",
                 options->sessions);
        return RFX_E_NOMEM;
    }
    for (uint32_t i = 0; i < options->sessions; i++) {
        fill_session(options, i + 1, &config.sessions[i]);
    }
    rfx_status status = allow_files(options, error);
    if (status == RFX_OK) {
        status = rfx_server_open(&config, &app, server, error);
    }
    free(config.sessions);
    return status;
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
    uint64_t give_up_ns = run->started_ns + to_ns(run->options->connect_timeout_s);
    for (;;) {
        uint64_t now_ns = clock_ns();
        struct load_totals totals = load_totals(run->load);
        if (totals.lost > 0) {
            explain(run->report, "not every session could log on; nothing was sent");
            return false;
        }
        if (totals.logged_on == run->options->sessions) {
            return true;
        }
        if (now_ns >= give_up_ns) {
            char hint[256];
            log_last(&run->log, hint, sizeof hint);
            explain(run->report,
                    "%" PRIu32 " of %" PRIu32 " sessions logged on within %g s at %s:%u%s%s",
                    totals.logged_on, run->options->sessions, run->options->connect_timeout_s,
                    run->options->host, (unsigned)run->options->port,
                    hint[0] != '\0' ? "; the latest: " : "", hint);
            return false;
        }
        show_progress(run, now_ns, &totals);
        if (tick(run)) {
            return false;
        }
    }
}

static void await_end_of_sending(struct run *run)
{
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
        show_progress(run, now_ns, &totals);
        if (tick(run)) {
            return;
        }
    }
}

static void await_answers(struct run *run)
{
    uint64_t give_up_ns = clock_ns() + to_ns(run->options->drain_s);
    for (;;) {
        uint64_t now_ns = clock_ns();
        struct load_totals totals = load_totals(run->load);
        if ((totals.lanes_at_work == 0 && totals.outstanding == 0) || now_ns >= give_up_ns) {
            return;
        }
        show_progress(run, now_ns, &totals);
        if (tick(run)) {
            return;
        }
    }
}

/* --------------------------------------------------------------------------------- the run */

static void conduct(struct run *run)
{
    run->started_ns = clock_ns();
    run->progress_ns = run->started_ns + NS_PER_S;
    if (await_logons(run)) {
        load_begin(run->load, clock_ns() + LEAD_NS);
        await_end_of_sending(run);
        load_end(run->load, clock_ns());
        await_answers(run);
    }
    load_end(run->load, clock_ns());
    load_expect_logouts(run->load);
}

static rfx_status run_opened(struct run *run, struct histogram *latency, struct rfx_error *error)
{
    struct rfx_server *server = NULL;
    rfx_status status = open_server(run->options, run->load, &server, error);
    if (status != RFX_OK) {
        return status;
    }
    conduct(run);
    rfx_server_stop(server);
    struct rfx_error failure = {.text = ""};
    if (rfx_server_wait(server, &failure) != RFX_OK) {
        explain(run->report, "%s", failure.text);
    }
    rfx_server_close(server);
    load_collect(run->load, latency, run->report);
    return RFX_OK;
}

rfx_status run_load(const struct options *options, const sigset_t *end_signals,
                    struct histogram *latency, struct report *report, struct rfx_error *error)
{
    struct run run = {.options = options, .end_signals = end_signals, .report = report};
    memset(report, 0, sizeof *report);
    run.so_far = calloc(1, sizeof *run.so_far);
    if (run.so_far == NULL) {
        snprintf(error->text, sizeof error->text, "out of memory");
        return RFX_E_NOMEM;
    }
    log_open(&run.log);
    rfx_status status = load_new(options, &run.log, &run.load, error);
    if (status == RFX_OK) {
        status = run_opened(&run, latency, error);
        load_free(run.load);
    }
    log_close(&run.log);
    free(run.so_far);
    return status;
}
