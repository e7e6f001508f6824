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

static int measure(const struct options *options, FILE *json, FILE *hdr)
{
    struct report report;
    struct rfx_error error = {.text = ""};
    sigset_t end_signals;
    int result = EXIT_DIRTY;
    struct histogram *latency = calloc(1, sizeof *latency);
    if (latency == NULL) {
        fputs("ringfix-loadgen: out of memory\n", stderr);
        return EXIT_DIRTY;
    }
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&end_signals);
    sigaddset(&end_signals, SIGINT);
    sigaddset(&end_signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end_signals, NULL); /* also for the threads to come */
    if (run_load(options, &end_signals, latency, &report, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-loadgen: %s\n", error.text);
    } else {
        result = report_is_clean(&report) ? EXIT_SUCCESS : EXIT_DIRTY;
        report_write_text(&report, stdout);
        if (json != NULL) {
            report_write_json(&report, json);
        }
        if (hdr != NULL) {
            report_write_hdr(latency, hdr);
        }
    }
    free(latency);
    return result;
}

int main(int argc, char **argv)
{
    struct options options;
    struct rfx_error error = {.text = ""};
    FILE *json;
    FILE *hdr = NULL;
    if (options_read(argc, argv, &options, &error) != RFX_OK) {
        fprintf(stderr, "ringfix-loadgen: %s\nTry ringfix-loadgen --help.\n", error.text);
        return EXIT_USAGE;
    }
    if (options.action != OPTIONS_RUN) {
        fputs(options.action == OPTIONS_HELP ? options_help : "ringfix-loadgen " RFX_VERSION "\n",
              stdout);
        return EXIT_SUCCESS;
    }
    int result = EXIT_USAGE;
    if (open_file(options.json_path, &json) && open_file(options.hdr_path, &hdr)) {
        result = measure(&options, json, hdr);
    }
    bool is_written = close_file(options.json_path, json);
    is_written = close_file(options.hdr_path, hdr) && is_written;
    is_written = fflush(stdout) == 0 && is_written;
    return result == EXIT_SUCCESS && !is_written ? EXIT_DIRTY : result;
}
