/* ringfix-ctl: shows and steers a running ringfixd. */
#include <inttypes.h>
#include <stdio.h>

#include "tools/ctl/look.h"
#include "tools/ctl/options.h"
#include "tools/ctl/screen.h"
#include "tools/ctl/table.h"
#include "tools/ctl/top.h"

struct view {
    const struct options *options;
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
    case KIND_SHOW:
        table_details(stdout, object, view->now_utc_ns);
        break;
    case KIND_RELOAD:
        put_reload(object);
        break;
    case KIND_SESSIONS:
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

static enum exit_code end(enum client_result result, const char *problem)
{
    const bool is_written = fflush(stdout) == 0;
    if (result == CLIENT_DONE) {
        return is_written ? EXIT_DONE : EXIT_UNREACHABLE;
    }
    fprintf(stderr, "ringfix-ctl: %s\n", problem);
    return result == CLIENT_REFUSED ? EXIT_REFUSED : EXIT_UNREACHABLE;
}

static enum exit_code list(const struct options *options)
{
    const unsigned width = screen_width();
    struct look look;
    char problem[600];
    const enum client_result result =
        look_take(options->socket_path, &look, problem, sizeof problem);
    if (result == CLIENT_DONE) {
        table_heading(stdout, width);
        for (size_t i = 0; i < look.count; i++) {
            table_session(stdout, width, look.sessions[i], look_utc_ns());
        }
    }
    look_forget(&look);
    return end(result, problem);
}

static enum exit_code ask(const struct options *options)
{
    struct view view = {.options = options, .now_utc_ns = look_utc_ns()};
    char problem[600];
    const enum client_result result = client_ask(options->socket_path, make_request(options),
                                                 put_object, &view, problem, sizeof problem);
    return end(result, problem);
}

int main(int argc, char **argv)
{
    struct options options;
    enum exit_code code;
    if (!options_read(argc, argv, &options, &code)) {
        return (int)code;
    }
    if (options.kind == KIND_TOP) {
        return (int)top_run(&options);
    }
    return (int)(options.kind == KIND_SESSIONS && !options.is_json ? list(&options)
                                                                   : ask(&options));
}
