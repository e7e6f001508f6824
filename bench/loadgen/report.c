/* The report for people. */
#include "bench/loadgen/report.h"

#include <inttypes.h>
#include <string.h>

#include "bench/loadgen/clock.h"

#define BAR_WIDTH 32

static const struct {
    const char *key;
    const char *text;
} kinds[FAILURE_COUNT] = {
    [FAILURE_NOT_LOGGED_ON] = {"not_logged_on", "sessions that were not logged on in time"},
    [FAILURE_REFUSED] = {"refused", "connections that ended without a logon"},
    [FAILURE_DISCONNECTED] = {"disconnected", "sessions lost"},
    [FAILURE_UNANSWERED] = {"unanswered", "orders without an answer"},
    [FAILURE_DUPLICATE] = {"duplicate", "answers to orders already answered"},
    [FAILURE_UNKNOWN] = {"unknown", "answers to orders never sent"},
    [FAILURE_REJECTED] = {"rejected", "rejects"},
    [FAILURE_UNEXPECTED] = {"unexpected", "messages of other types"},
};

const char *report_failure_key(enum failure failure)
{
    return kinds[failure].key;
}

bool report_is_clean(const struct report *report)
{
    for (size_t i = 0; i < FAILURE_COUNT; i++) {
        if (report->failures[i].count > 0) {
            return false;
        }
    }
    return !report->is_interrupted && report->trouble[0] == '\0' && report->sent > 0 &&
           report->sent == report->answered;
}

static const char *noun(const struct options *options)
{
    return options->is_test_request ? "request" : "order";
}

static void write_configuration(const struct options *options, FILE *out)
{
    fprintf(out, "ringfix-loadgen %s: %" PRIu32 " session%s %s %s->%s\n", RFX_VERSION,
            options->sessions, options->sessions == 1 ? "" : "s", options->begin_string,
            options->sender, options->target);
    for (uint32_t i = 0; i < options->host_count; i++) {
        fprintf(out, "%s%s:%u", i == 0 ? "  at " : ", ", options->hosts[i].name,
                (unsigned)options->hosts[i].port);
    }
    fputs(", ", out);
    if (options->sweep.count > 0) {
        fprintf(out, "open loop, %" PRIu32 " steps from %g to %g orders/s", options->sweep.count,
                options->sweep.from, options->sweep.to);
    } else if (options->burst > 1) {
        fprintf(out, "open loop, %" PRIu32 " orders at a time, %g orders/s", options->burst,
                options->rate);
    } else if (options->rate > 0) {
        fprintf(out, "open loop, %g orders/s", options->rate);
    } else {
        fprintf(out, "closed loop, %" PRIu32 " in flight per session", options->in_flight);
    }
    if (options->is_test_request) {
        fputs(", TestRequests", out);
    }
    fprintf(out, "\n  warm-up %g s, then ", options->warmup_s);
    if (options->count > 0) {
        fprintf(out, "%" PRIu64 " orders in total", options->count);
    } else {
        fprintf(out, "%g s", options->duration_s);
    }
    fprintf(out, "; %" PRIu32 " thread%s, idle %s\n\n", options->threads,
            options->threads == 1 ? "" : "s", options_idle_text(options->idle));
}

static void write_numbers(const struct report *report, FILE *out)
{
    static const double percents[] = {50, 90, 99, 99.9, 99.99};
    const struct histogram *latency = report->latency;
    fprintf(out, "%-12s%" PRIu64 " sent, %" PRIu64 " answered\n",
            report->options->is_test_request ? "requests" : "orders", report->sent,
            report->answered);
    for (uint32_t i = 0; report->options->mix != NULL && i < report->options->mix->line_count;
         i++) {
        const struct mix_line *line = &report->options->mix->lines[i];
        fprintf(out,
                "            %" PRIu64 " of line %" PRIu32 ", MsgType %s, weight %" PRIu32 "\n",
                report->mix_sent[i], line->number, line->msg_type, line->weight);
    }
    if (report->window.not_sent > 0) {
        fprintf(out,
                "            %" PRIu64 " more were due and not sent before the end: the rate\n"
                "            was not kept, and latencies are without these\n",
                report->window.not_sent);
    }
    if (report->window.seconds > 0) {
        fprintf(out, "measured    %.3f s: %.0f %ss/s, %.0f messages/s\n", report->window.seconds,
                (double)report->window.answered / report->window.seconds, noun(report->options),
                (double)(report->window.sent + report->window.answered) / report->window.seconds);
    }
    if (report->options->rate > 0) {
        fprintf(out, "send lag    mean %.1f µs, max %.1f µs behind the intended time\n",
                report->window.lag_mean_us, report->window.lag_max_us);
    }
    if (histogram_total(latency) == 0) {
        fprintf(out, "latency     nothing was measured\n");
        return;
    }
    fputs("latency µs", out);
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        fprintf(out, "%s  p%g %.1f", i == 3 ? "\n          " : "", percents[i],
                (double)histogram_percentile(latency, percents[i]) / NS_PER_US);
    }
    fprintf(out, "  max %.1f\n            mean %.1f  min %.1f  of %" PRIu64 "\n\n",
            (double)histogram_max(latency) / NS_PER_US, histogram_mean(latency) / NS_PER_US,
            (double)histogram_min(latency) / NS_PER_US, histogram_total(latency));
}

static void write_sweep(const struct sweep *sweep, FILE *out)
{
    fprintf(out, " offered/s achieved/s    p50 µs    p99 µs  p99.9 µs    max µs\n");
    for (uint32_t i = 0; i < sweep->count; i++) {
        const struct sweep_step *step = &sweep->steps[i];
        fprintf(out, "%10.0f %10.0f %9.1f %9.1f %9.1f %9.1f%s\n", step->offered,
                sweep_achieved(step), (double)step->p50_ns / NS_PER_US,
                (double)step->p99_ns / NS_PER_US, (double)step->p999_ns / NS_PER_US,
                (double)step->max_ns / NS_PER_US,
                i == sweep->knee ? "  <- knee"
                : step->is_kept  ? ""
                                 : "  not kept");
    }
    fprintf(out,
            "%s Kept: at least %d %% of the\n"
            "offered rate answered, and a p99 of at most %.1f µs, which is %d times the\n"
            "lowest of the first %d steps. What follows is about the %s step.\n\n",
            sweep_end_text(sweep), SWEEP_KEPT_PERCENT, (double)sweep->p99_limit_ns / NS_PER_US,
            SWEEP_P99_FACTOR, SWEEP_P99_STEPS, sweep->knee == SWEEP_NO_KNEE ? "first" : "knee's");
}

static void write_rows(const struct histogram *histogram, FILE *out)
{
    static const char bar[] = "################################";
    struct report_row rows[REPORT_ROWS_MAX];
    uint64_t highest = 1;
    size_t count = report_rows(histogram, rows);
    for (size_t i = 0; i < count; i++) {
        highest = rows[i].count > highest ? rows[i].count : highest;
    }
    if (count > 0) {
        fprintf(out, "     from µs   below µs      orders       %%\n");
    }
    for (size_t i = 0; i < count; i++) {
        double share = (double)rows[i].count / (double)highest;
        int width = (int)(share * BAR_WIDTH + 0.5);
        fprintf(out, "%12.6g %10.6g %11" PRIu64 " %7.3f |%.*s%s\n",
                (double)rows[i].from / NS_PER_US, (double)rows[i].to / NS_PER_US, rows[i].count,
                100.0 * (double)rows[i].count / (double)histogram_total(histogram), width, bar,
                width == 0 && rows[i].count > 0 ? "." : "");
    }
}

static void write_failure(const struct report *report, enum failure kind, FILE *out)
{
    const struct failure_summary *summary = &report->failures[kind];
    if (summary->count == 0) {
        return;
    }
    fprintf(out, "FAILED      %s: %" PRIu64, kinds[kind].text, summary->count);
    for (uint32_t i = 0; i < summary->sessions && i < REPORT_NAMES_MAX; i++) {
        char name[RFX_COMP_ID_MAX + 1];
        options_sender(report->options, summary->names[i], name);
        fprintf(out, "%s%s", i == 0 ? ", in " : ", ", name);
    }
    if (summary->sessions > REPORT_NAMES_MAX) {
        fprintf(out, " and %" PRIu32 " more", summary->sessions - REPORT_NAMES_MAX);
    }
    if (summary->note[0] != '\0') {
        fprintf(out, "\n            the first: %s", summary->note);
    }
    fputc('\n', out);
}

/* Nothing of it is a failure: what was missing is asked for, and must come. */
static void write_session_layer(const struct report *report, FILE *out)
{
    if (report->options->churn > 0) {
        fprintf(out, "sessions    %" PRIu64 " logged out, %" PRIu64 " logged on again\n",
                report->logouts, report->logons);
    }
    if (report->gaps > 0 || report->resends > 0) {
        fprintf(out,
                "sessions    %" PRIu64 " gaps in MsgSeqNum(34) received, %" PRIu64
                " resends asked of us\n",
                report->gaps, report->resends);
    }
}

void report_write_text(const struct report *report, FILE *out)
{
    write_configuration(report->options, out);
    if (report->options->sweep.count > 0 && report->sweep.count > 0) {
        write_sweep(&report->sweep, out);
    }
    write_numbers(report, out);
    write_rows(report->latency, out);
    fputc('\n', out);
    write_session_layer(report, out);
    for (size_t i = 0; i < FAILURE_COUNT; i++) {
        write_failure(report, (enum failure)i, out);
    }
    if (report->trouble[0] != '\0') {
        fprintf(out, "FAILED      %s\n", report->trouble);
    }
    if (report->is_interrupted) {
        fprintf(out, "INTERRUPTED the run was ended early by a signal\n");
    }
    if (report_is_clean(report)) {
        fprintf(out, "ok          every %s was answered exactly once\n", noun(report->options));
    } else if (report->sent == 0) {
        fprintf(out, "FAILED      no %s was sent\n", noun(report->options));
    }
}
