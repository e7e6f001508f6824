/* The report for programs. */
#include "bench/loadgen/report.h"

#include <inttypes.h>

#include "bench/loadgen/clock.h"

/* Also fit to stand in a script of a page: < and its like are escaped. */
static void write_string(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            fprintf(out, "\\%c", byte);
        } else if (byte < ' ' || byte >= 127 || byte == '<' || byte == '>' || byte == '&') {
            fprintf(out, "\\u%04x", byte);
        } else {
            fputc(byte, out);
        }
    }
    fputc('"', out);
}

static void write_member(const char *key, const char *text, FILE *out)
{
    fprintf(out, "    \"%s\": ", key);
    write_string(text, out);
    fputs(",\n", out);
}

static void write_configuration(const struct options *options, FILE *out)
{
    fputs("  \"config\": {\n", out);
    fputs("    \"hosts\": [", out);
    for (uint32_t i = 0; i < options->host_count; i++) {
        fputs(i == 0 ? "{\"host\": " : ", {\"host\": ", out);
        write_string(options->hosts[i].name, out);
        fprintf(out, ", \"port\": %u}", (unsigned)options->hosts[i].port);
    }
    fprintf(out, "],\n    \"sessions\": %" PRIu32 ",\n", options->sessions);
    write_member("begin_string", options->begin_string, out);
    write_member("sender", options->sender, out);
    write_member("target", options->target, out);
    write_member("mode", options->rate > 0 ? "open" : "closed", out);
    if (options->sweep.count > 0) {
        fprintf(out, "    \"sweep\": {\"from\": %.17g, \"to\": %.17g, \"steps\": %" PRIu32 "},\n",
                options->sweep.from, options->sweep.to, options->sweep.count);
    } else if (options->rate > 0) {
        fprintf(out, "    \"rate\": %.17g,\n", options->rate);
    } else {
        fprintf(out, "    \"in_flight\": %" PRIu32 ",\n", options->in_flight);
    }
    if (options->count > 0) {
        fprintf(out, "    \"count\": %" PRIu64 ",\n", options->count);
    } else {
        fprintf(out, "    \"duration_s\": %.17g,\n", options->duration_s);
    }
    fprintf(out, "    \"warmup_s\": %.17g,\n    \"drain_s\": %.17g,\n", options->warmup_s,
            options->drain_s);
    fprintf(out, "    \"connect_timeout_s\": %.17g,\n    \"heartbeat_s\": %" PRIu32 ",\n",
            options->connect_timeout_s, options->heartbeat_s);
    if (options->burst > 1) {
        fprintf(out, "    \"burst\": %" PRIu32 ",\n", options->burst);
    }
    if (options->is_test_request) {
        write_member("what", "TestRequests", out);
    }
    if (options->churn > 0) {
        fprintf(out, "    \"churn\": %.17g,\n", options->churn);
    }
    if (options->ramp > 0) {
        fprintf(out, "    \"ramp\": %.17g,\n", options->ramp);
    }
    if (options->appl_ver_id >= 0) {
        fprintf(out, "    \"appl_ver_id\": %d,\n", options->appl_ver_id);
    }
    if (options->mix_path != NULL) {
        write_member("mix", options->mix_path, out);
    }
    write_member("idle", options_idle_text(options->idle), out);
    fprintf(out, "    \"threads\": %" PRIu32 "\n  },\n", options->threads);
}

static void write_environment(const struct report *report, FILE *out)
{
    const struct environment *environment = &report->environment;
    fputs("  \"environment\": {\n", out);
    write_member("started_utc", environment->started, out);
    write_member("kernel", environment->kernel, out);
    write_member("cpu", environment->cpu, out);
    fprintf(out, "    \"cores\": %" PRIu32 ",\n", environment->cores);
    write_member("acceptor", report->options->about, out);
    fputs("    \"command\": [", out);
    for (int i = 0; i < report->options->argc; i++) {
        fputs(i == 0 ? "" : ", ", out);
        write_string(report->options->argv[i], out);
    }
    fputs("]\n  },\n", out);
}

static void write_curve(const struct histogram *latency, FILE *out)
{
    uint64_t total = histogram_total(latency);
    double percent = 0;
    bool is_first = true;
    fputs("  \"percentiles_us\": [", out);
    while (total > 0) {
        uint64_t value = histogram_percentile(latency, percent);
        bool is_last = histogram_count_below(latency, value + 1) >= total;
        fprintf(out, "%s[%.10g, %.3f]", is_first ? "" : ", ", percent, (double)value / NS_PER_US);
        if (is_last) {
            break;
        }
        is_first = false;
        percent = report_percent_after(percent);
    }
    fputs("],\n", out);
}

/* Seconds from the begin of sending; orders answered, p50, p99 and maximum in µs. */
static void write_series(const struct series *series, FILE *out)
{
    if (series == NULL || series->used == 0) {
        fputs("  \"series\": null,\n", out);
        return;
    }
    double interval_s = (double)series->interval_ns / (double)NS_PER_S;
    fprintf(out, "  \"series\": {\n    \"interval_s\": %.9g,\n    \"intervals\": [", interval_s);
    for (size_t i = 0; i < series->used; i++) {
        const struct series_slot *slot = &series->slots[i];
        fprintf(out,
                "%s\n      {\"s\": %.9g, \"answered\": %" PRIu64
                ", \"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}",
                i == 0 ? "" : ",", (double)i * interval_s, slot->count,
                (double)series_percentile(slot, 50) / NS_PER_US,
                (double)series_percentile(slot, 99) / NS_PER_US, (double)slot->max / NS_PER_US);
    }
    fputs("\n    ]\n  },\n", out);
}

static void write_mix(const struct report *report, FILE *out)
{
    const struct mix *mix = report->options->mix;
    fputs("  \"mix\": [", out);
    for (uint32_t i = 0; i < mix->line_count; i++) {
        const struct mix_line *line = &mix->lines[i];
        fprintf(out, "%s\n    {\"line\": %" PRIu32 ", \"msg_type\": ", i == 0 ? "" : ",",
                line->number);
        write_string(line->msg_type, out);
        fprintf(out, ", \"weight\": %" PRIu32 ", \"sent\": %" PRIu64 "}", line->weight,
                report->mix_sent[i]);
    }
    fputs("\n  ],\n", out);
}

static void write_sweep(const struct sweep *sweep, FILE *out)
{
    fprintf(
        out,
        "  \"sweep\": {\n    \"kept_percent\": %d,\n    \"p99_limit_us\": %.3f,\n    \"knee\": ",
        SWEEP_KEPT_PERCENT, (double)sweep->p99_limit_ns / NS_PER_US);
    if (sweep->knee == SWEEP_NO_KNEE || sweep->count == 0) {
        fputs("null", out);
    } else {
        fprintf(out, "%" PRIu32, sweep->knee);
    }
    fprintf(out, ",\n    \"ended\": \"%s\",\n    \"steps\": [", sweep_end_text(sweep));
    for (uint32_t i = 0; i < sweep->count; i++) {
        const struct sweep_step *step = &sweep->steps[i];
        fprintf(out,
                "%s\n      {\"offered\": %.3f, \"achieved\": %.3f, \"p50\": %.3f, \"p99\": %.3f, "
                "\"p99.9\": %.3f, \"max\": %.3f, ",
                i == 0 ? "" : ",", step->offered, sweep_achieved(step),
                (double)step->p50_ns / NS_PER_US, (double)step->p99_ns / NS_PER_US,
                (double)step->p999_ns / NS_PER_US, (double)step->max_ns / NS_PER_US);
        fprintf(out, "\"due_not_sent\": %" PRIu64 ", \"send_lag_max\": %.3f, \"kept\": %s}",
                step->not_sent, step->lag_max_us, step->is_kept ? "true" : "false");
    }
    fputs("\n    ]\n  },\n", out);
}

static void write_latency(const struct histogram *latency, FILE *out)
{
    static const double percents[] = {50, 75, 90, 95, 99, 99.9, 99.99, 99.999};
    struct report_row rows[REPORT_ROWS_MAX];
    size_t count = report_rows(latency, rows);
    fprintf(out,
            "  \"latency_us\": {\n    \"count\": %" PRIu64 ",\n    \"min\": %.3f,\n"
            "    \"mean\": %.3f,\n    \"stddev\": %.3f,\n",
            histogram_total(latency), (double)histogram_min(latency) / NS_PER_US,
            histogram_mean(latency) / NS_PER_US, histogram_stddev(latency) / NS_PER_US);
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        fprintf(out, "    \"p%g\": %.3f,\n", percents[i],
                (double)histogram_percentile(latency, percents[i]) / NS_PER_US);
    }
    fprintf(out, "    \"max\": %.3f\n  },\n  \"histogram_us\": [",
            (double)histogram_max(latency) / NS_PER_US);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s\n    {\"from\": %.3f, \"below\": %.3f, \"count\": %" PRIu64 "}",
                i == 0 ? "" : ",", (double)rows[i].from / NS_PER_US, (double)rows[i].to / NS_PER_US,
                rows[i].count);
    }
    fputs("\n  ],\n", out);
}

static void write_failures(const struct report *report, FILE *out)
{
    fputs("  \"failures\": {", out);
    for (size_t kind = 0; kind < FAILURE_COUNT; kind++) {
        const struct failure_summary *summary = &report->failures[kind];
        fprintf(out,
                "%s\n    \"%s\": {\"count\": %" PRIu64 ", \"sessions\": %" PRIu32 ", \"first\": [",
                kind == 0 ? "" : ",", report_failure_key((enum failure)kind), summary->count,
                summary->sessions);
        for (uint32_t i = 0; i < summary->sessions && i < REPORT_NAMES_MAX; i++) {
            char name[RFX_COMP_ID_MAX + 1];
            options_sender(report->options, summary->names[i], name);
            fputs(i == 0 ? "" : ", ", out);
            write_string(name, out);
        }
        fputs("], \"note\": ", out);
        write_string(summary->note, out);
        fputs("}", out);
    }
    fputs("\n  }\n", out);
}

void report_write_json(const struct report *report, FILE *out)
{
    double window_s =
        report->window.seconds > 0 ? report->window.seconds : 1; /* with nothing in it */
    fputs("{\n  \"program\": \"ringfix-loadgen\",\n  \"version\": \"" RFX_VERSION "\",\n", out);
    fprintf(out, "  \"ok\": %s,\n  \"interrupted\": %s,\n  \"trouble\": ",
            report_is_clean(report) ? "true" : "false", report->is_interrupted ? "true" : "false");
    write_string(report->trouble, out);
    fputs(",\n", out);
    write_configuration(report->options, out);
    write_environment(report, out);
    fprintf(out,
            "  \"orders\": {\"sent\": %" PRIu64 ", \"answered\": %" PRIu64
            ", \"due_not_sent\": %" PRIu64 "},\n",
            report->sent, report->answered, report->window.not_sent);
    fprintf(out,
            "  \"measured\": {\n    \"seconds\": %.6f,\n    \"sent\": %" PRIu64
            ",\n    \"answered\": %" PRIu64 ",\n",
            report->window.seconds, report->window.sent, report->window.answered);
    fprintf(out, "    \"orders_per_s\": %.3f,\n    \"messages_per_s\": %.3f\n  },\n",
            (double)report->window.answered / window_s,
            (double)(report->window.sent + report->window.answered) / window_s);
    if (report->options->rate > 0) {
        fprintf(out, "  \"send_lag_us\": {\"mean\": %.3f, \"max\": %.3f},\n",
                report->window.lag_mean_us, report->window.lag_max_us);
    }
    write_latency(report->latency, out);
    write_curve(report->latency, out);
    write_series(report->series, out);
    if (report->options->mix != NULL) {
        write_mix(report, out);
    }
    if (report->options->sweep.count > 0) {
        write_sweep(&report->sweep, out);
    }
    fprintf(out,
            "  \"session_layer\": {\"gaps\": %" PRIu64 ", \"resends\": %" PRIu64
            ", \"logouts\": %" PRIu64 ", \"logons_again\": %" PRIu64 "},\n",
            report->gaps, report->resends, report->logouts, report->logons);
    write_failures(report, out);
    fputs("}\n", out);
}
