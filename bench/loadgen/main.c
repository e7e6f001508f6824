/* ringfix-loadgen: sends orders over many FIX sessions and measures the answers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/report.h"
#include "bench/loadgen/run.h"

enum { EXIT_DIRTY = 1, EXIT_USAGE = 2 };

/* Before the run: a file that cannot be written must not cost a measurement. */
static bool open_file(const char *path, FILE **file)
{
    *file = NULL;
    if (path == NULL) {
        return true;
    }
    *file = fopen(path, "w");
    if (*file == NULL) {
        fprintf(stderr, "ringfix-loadgen: %s: %s\n", path, strerror(errno));
    }
    return *file != NULL;
}

static bool close_file(const char *path, FILE *file)
{
    if (file == NULL) {
        return true;
    }
    bool is_written = ferror(file) == 0;
    is_written = fclose(file) == 0 && is_written;
    if (!is_written) {
        fprintf(stderr, "ringfix-loadgen: %s: not written completely: %s\n", path, strerror(errno));
    }
    return is_written;
}

struct outputs {
    FILE *json;
    FILE *hdr;
    FILE *page;
};

static void write_reports(const struct report *report, const struct outputs *outputs)
{
    report_write_text(report, stdout);
    if (outputs->json != NULL) {
        report_write_json(report, outputs->json);
    }
    if (outputs->hdr != NULL) {
        report_write_hdr(report->latency, outputs->hdr);
    }
    if (outputs->page != NULL) {
        report_write_page(report, outputs->page);
    }
}

static int measure(const struct options *options, const struct outputs *outputs)
{
    struct report report;
    struct rfx_error error = {.text = "out of memory"};
    sigset_t end_signals;
    int result = EXIT_DIRTY;
    struct histogram *latency = calloc(1, sizeof *latency);
    struct series *series = calloc(1, sizeof *series);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&end_signals);
    sigaddset(&end_signals, SIGINT);
    sigaddset(&end_signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end_signals, NULL); /* also for the threads to come */
    if (latency == NULL || series == NULL ||
        run_load(options, &end_signals, latency, series, &report, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-loadgen: %s\n", error.text);
    } else {
        result = report_is_clean(&report) ? EXIT_SUCCESS : EXIT_DIRTY;
        write_reports(&report, outputs);
    }
    free(series);
    free(latency);
    return result;
}

int main(int argc, char **argv)
{
    struct options options;
    struct rfx_error error = {.text = ""};
    struct outputs outputs = {NULL, NULL, NULL};
    if (options_read(argc, argv, &options, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-loadgen: %s\nTry ringfix-loadgen --help.\n", error.text);
        return EXIT_USAGE;
    }
    if (options.action == OPTIONS_VERSION) {
        puts("ringfix-loadgen " RFX_VERSION);
        return EXIT_SUCCESS;
    }
    if (options.action == OPTIONS_HELP) {
        for (size_t i = 0; options_help[i] != NULL; i++) {
            fputs(options_help[i], stdout);
        }
        return EXIT_SUCCESS;
    }
    int result = EXIT_USAGE;
    struct mix mix = {.line_count = 0};
    if (options.mix_path != NULL) {
        if (mix_load(options.mix_path, &mix, &error) != RFX_OK) {
            fprintf(stderr, "ringfix-loadgen: --mix: %s\n", error.text);
            return EXIT_USAGE;
        }
        options.mix = &mix;
    }
    if (open_file(options.json_path, &outputs.json) && open_file(options.hdr_path, &outputs.hdr) &&
        open_file(options.report_path, &outputs.page)) {
        result = measure(&options, &outputs);
    }
    bool is_written = close_file(options.json_path, outputs.json);
    is_written = close_file(options.hdr_path, outputs.hdr) && is_written;
    is_written = close_file(options.report_path, outputs.page) && is_written;
    is_written = fflush(stdout) == 0 && is_written;
    mix_free(&mix);
    return result == EXIT_SUCCESS && !is_written ? EXIT_DIRTY : result;
}
