/* The report for programs: JSON, and HdrHistogram's text. */
#include "bench/loadgen/report.h"

#include <inttypes.h>
#include <math.h>

#include "bench/loadgen/clock.h"

/* ----------------------------------------------------------------------------------- JSON */

static void write_string(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            fprintf(out, "\\%c", byte);
        } else if (byte < ' ' || byte >= 127) {
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
    write_member("host", options->host, out);
    fprintf(out, "    \"port\": %u,\n    \"sessions\": %" PRIu32 ",\n", (unsigned)options->port,
            options->sessions);
    write_member("begin_string", options->begin_string, out);
    write_member("sender", options->sender, out);
    write_member("target", options->target, out);
    write_member("mode", options->rate > 0 ? "open" : "closed", out);
    if (options->rate > 0) {
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
    write_member("idle", options_idle_text(options->idle), out);
    fprintf(out, "    \"threads\": %" PRIu32 "\n  },\n", options->threads);
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
    double window_s = report->window_s > 0 ? report->window_s : 1; /* with nothing in it */
    fputs("{\n  \"program\": \"ringfix-loadgen\",\n  \"version\": \"" RFX_VERSION "\",\n", out);
    fprintf(out, "  \"ok\": %s,\n  \"interrupted\": %s,\n  \"trouble\": ",
            report_is_clean(report) ? "true" : "false", report->is_interrupted ? "true" : "false");
    write_string(report->trouble, out);
    fputs(",\n", out);
    write_configuration(report->options, out);
    fprintf(out,
            "  \"orders\": {\"sent\": %" PRIu64 ", \"answered\": %" PRIu64
            ", \"due_not_sent\": %" PRIu64 "},\n",
            report->sent, report->answered, report->not_sent);
    fprintf(out,
            "  \"measured\": {\n    \"seconds\": %.6f,\n    \"sent\": %" PRIu64
            ",\n    \"answered\": %" PRIu64 ",\n",
            report->window_s, report->window_sent, report->window_answered);
    fprintf(out, "    \"orders_per_s\": %.3f,\n    \"messages_per_s\": %.3f\n  },\n",
            (double)report->window_answered / window_s,
            (double)(report->window_sent + report->window_answered) / window_s);
    if (report->options->rate > 0) {
        fprintf(out, "  \"send_lag_us\": {\"mean\": %.3f, \"max\": %.3f},\n", report->lag_mean_us,
                report->lag_max_us);
    }
    write_latency(report->latency, out);
    write_failures(report, out);
    fputs("}\n", out);
}

/* -------------------------------------------------------------------------------- HdrHistogram */

void report_write_hdr(const struct histogram *histogram, FILE *out)
{
    uint64_t total = histogram_total(histogram);
    double percent = 0;
    fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
            "1/(1-Percentile)");
    for (;;) {
        uint64_t value = histogram_percentile(histogram, percent);
        uint64_t count = histogram_count_below(histogram, value + 1);
        if (total == 0 || count >= total) {
            break;
        }
        fprintf(out, "%12.3f %2.12f %10" PRIu64 " %14.2f\n", (double)value / NS_PER_US,
                percent / 100, count, 1 / (1 - percent / 100));
        /* Five steps for every halving of the distance to 100%. */
        double halvings = floor(log2(100 / (100 - percent))) + 1;
        percent += 100 / (5 * exp2(halvings));
    }
    fprintf(out, "%12.3f %2.12f %10" PRIu64 "\n", (double)histogram_max(histogram) / NS_PER_US, 1.0,
            total);
    fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n",
            histogram_mean(histogram) / NS_PER_US, histogram_stddev(histogram) / NS_PER_US);
    fprintf(out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n",
            (double)histogram_max(histogram) / NS_PER_US, total);
    fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n",
            HISTOGRAM_RANGE_BITS - HISTOGRAM_HALF_BITS, 2 << HISTOGRAM_HALF_BITS);
}
