/* ringfix-ctl: shows and steers a running ringfixd. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tools/ctl/client.h"
#include "tools/ctl/options.h"
#include "tools/ctl/screen.h"
#include "tools/ctl/table.h"
#include "tools/ctl/top.h"

struct view {
    const struct options *options;
    unsigned width;
    int64_t now_utc_ns;
};

static void put_counts(const json_t *counts)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)counts, name, value)
    {
        printf("%-20s %" JSON_INTEGER_FORMAT "\n", name, json_integer_value(value));
    }
}

static void put_reasons(const json_t *reasons)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)reasons, name, value)
    {
        printf("%20" JSON_INTEGER_FORMAT "  %s\n", json_integer_value(value), name);
    }
}

static void put_status(const json_t *status)
{
    const json_t *counts = json_object_get(status, "counts");
    const json_t *reasons = json_object_get(status, "disconnects_by_reason");
    const int64_t uptime_s = table_number(status, "uptime_s");
    printf("ringfixd %s, process %" PRId64 ", up %" PRId64 "d %02d:%02d:%02d\n",
           json_string_value(json_object_get(status, "version")), table_number(status, "pid"),
           uptime_s / 86400, (int)(uptime_s / 3600 % 24), (int)(uptime_s / 60 % 60),
           (int)(uptime_s % 60));
    printf("configuration %s\n", json_string_value(json_object_get(status, "config")));
    printf("port %" PRId64 ", %" PRId64 " I/O threads, %" PRId64 " shards\n",
           table_number(status, "port"), table_number(status, "io_threads"),
           table_number(status, "shards"));
    printf("%" PRId64 " sessions, %" PRId64 " logged on, %" PRId64 " disabled\n",
           table_number(status, "sessions"), table_number(status, "logged_on"),
           table_number(status, "disabled"));
    if (counts != NULL) {
        puts("\nall sessions since the start");
        put_counts(counts);
    }
    if (reasons != NULL && json_object_size(reasons) > 0) {
        puts("\nconnections that have ended, by reason");
        put_reasons(reasons);
    }
}

static void put_reload(const json_t *report)
{
    printf("%" PRId64 " added, %" PRId64 " changed, %" PRId64 " removed, %" PRId64
           " unchanged, %" PRId64 " failed\n",
           table_number(report, "added"), table_number(report, "changed"),
           table_number(report, "removed"), table_number(report, "unchanged"),
           table_number(report, "failed"));
    if (table_number(report, "needs_restart") > 0) {
        printf("%" PRId64 " settings of the whole server differ and wait for the next start; the "
               "log names them\n",
               table_number(report, "needs_restart"));
    }
}

static void put_object(void *context, const json_t *object)
{
    const struct view *view = context;
    if (view->options->is_json) {
        json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
        putchar('\n');
        return;
    }
    switch (view->options->kind) {
    case KIND_STATUS:
        put_status(object);
        break;
    case KIND_SESSIONS:
        table_session(stdout, view->width, object, view->now_utc_ns);
        break;
    case KIND_SHOW:
        table_details(stdout, object, view->now_utc_ns);
        break;
    case KIND_RELOAD:
        put_reload(object);
        break;
    case KIND_ACT:
    case KIND_TOP:
        break;
    }
}

static json_t *make_request(const struct options *options)
{
    const bool is_list = options->kind == KIND_SHOW;
    json_t *request = json_pack("{s:s}", "do", is_list ? "sessions" : options->command);
    if (options->session != NULL) {
        json_object_set_new(request, "session", json_string(options->session));
    }
    if (options->text != NULL) {
        json_object_set_new(request, "text", json_string(options->text));
    }
    if (options->in != 0) {
        json_object_set_new(request, "in", json_integer((json_int_t)options->in));
    }
    if (options->out != 0) {
        json_object_set_new(request, "out", json_integer((json_int_t)options->out));
    }
    return request;
}

static enum exit_code ask(const struct options *options)
{
    struct timespec now;
    struct view view = {.options = options, .width = screen_width()};
    char problem[600];
    clock_gettime(CLOCK_REALTIME, &now);
    view.now_utc_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    if (options->kind == KIND_SESSIONS && !options->is_json) {
        table_heading(stdout, view.width);
    }
    const enum client_result result = client_ask(options->socket_path, make_request(options),
                                                 put_object, &view, problem, sizeof problem);
    if (result == CLIENT_DONE) {
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_UNREACHABLE;
    }
    fflush(stdout);
    fprintf(stderr, "ringfix-ctl: %s\n", problem);
    return result == CLIENT_REFUSED ? EXIT_REFUSED : EXIT_UNREACHABLE;
}

int main(int argc, char **argv)
{
    struct options options;
    enum exit_code code;
    if (!options_read(argc, argv, &options, &code)) {
        return (int)code;
    }
    return (int)(options.kind == KIND_TOP ? top_run(&options) : ask(&options));
}
