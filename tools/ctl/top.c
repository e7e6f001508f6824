#include "tools/ctl/top.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/ctl/look.h"
#include "tools/ctl/screen.h"
#include "tools/ctl/table.h"

/* A session with its rates since the look before. */
struct line {
    const json_t *session;
    double in; /* messages a second */
    double sent;
};

/* ------------------------------------------------------------------------------- the frame */

static double rate(const json_t *now, const json_t *before, const char *name, double seconds)
{
    const int64_t from = before != NULL ? table_count(before, name) : table_count(now, name);
    return seconds > 0 ? (double)(table_count(now, name) - from) / seconds : 0;
}

static int compare_lines(const void *a, const void *b)
{
    const struct line *left = a;
    const struct line *right = b;
    const double x = left->in + left->sent;
    const double y = right->in + right->sent;
    return x != y ? (x < y ? 1 : -1) : strcmp(look_name(left->session), look_name(right->session));
}

static void print_line(const struct line *line, int width, int64_t now_ns)
{
    const char *name = look_name(line->session);
    const bool is_cut = width > 0 && (int)strlen(name) > width;
    char in[TABLE_TEXT];
    table_age(table_number(line->session, "last_in_utc_ns"), now_ns, in);
    printf("%-*.*s%s %-8s %9.0f %9.0f %10" PRId64 " %10" PRId64 " %4s\n",
           is_cut ? width - 1 : width, is_cut ? width - 1 : 1000, name, is_cut ? "~" : "",
           table_state(line->session), line->in, line->sent, table_number(line->session, "next_in"),
           table_number(line->session, "next_out"), in);
}

static void print_frame(const struct look *now, const struct look *before)
{
    enum { REST = 56, NAME_MIN = 16, HEAD = 3 };
    const unsigned width = screen_width();
    const size_t rows = width == 0 ? now->count : screen_height() - HEAD - 1;
    const int name_width = width == 0 ? 40 : width > REST + NAME_MIN ? (int)width - REST : NAME_MIN;
    const double seconds =
        before->mono_ns == 0 ? 0 : (double)(now->mono_ns - before->mono_ns) / 1e9;
    const int64_t utc_ns = look_utc_ns();
    struct line *lines = calloc(now->count + 1, sizeof *lines);
    double in = 0;
    double sent = 0;
    size_t logged_on = 0;
    for (size_t i = 0; lines != NULL && i < now->count; i++) {
        const json_t *session = now->sessions[i];
        const json_t *old = look_find(before, session);
        lines[i] = (struct line){session, rate(session, old, "messages_in", seconds),
                                 rate(session, old, "messages_out", seconds)};
        in += lines[i].in;
        sent += lines[i].sent;
        logged_on += json_is_true(json_object_get(session, "logged_on"));
    }
    if (width > 0) {
        fputs("\x1b[H\x1b[2J", stdout);
    }
    printf("%zu sessions, %zu logged on; messages a second: %.0f in, %.0f out\n\n", now->count,
           logged_on, in, sent);
    printf("%-*s %-8s %9s %9s %10s %10s %4s\n", name_width, "SESSION", "STATE", "IN/S", "OUT/S",
           "NEXT IN", "NEXT OUT", "LAST");
    if (lines != NULL) {
        qsort(lines, now->count, sizeof *lines, compare_lines);
    }
    for (size_t i = 0; lines != NULL && i < now->count && i < rows; i++) {
        print_line(&lines[i], name_width, utc_ns);
    }
    free(lines);
    fflush(stdout);
}

static void print_json(const struct look *now)
{
    for (size_t i = 0; i < now->count; i++) {
        json_dumpf(now->sessions[i], stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
        putchar('\n');
    }
    fflush(stdout);
}

enum exit_code top_run(const struct options *options)
{
    struct look before = {.sessions = NULL};
    struct look now;
    char problem[600];
    enum client_result result;
    bool is_over = false;
    screen_enter(!options->is_json);
    uint64_t frames = 0;
    do {
        result = look_take(options->socket_path, &now, problem, sizeof problem);
        if (result == CLIENT_DONE && options->is_json) {
            print_json(&now);
        } else if (result == CLIENT_DONE) {
            print_frame(&now, &before);
        }
        look_forget(&before);
        before = now;
        frames++;
        is_over = result != CLIENT_DONE || frames == options->count;
    } while (!is_over && !screen_wait((unsigned)options->interval_s));
    look_forget(&before);
    screen_leave();
    if (result != CLIENT_DONE) {
        fprintf(stderr, "ringfix-ctl: %s\n", problem);
    }
    return result == CLIENT_DONE      ? EXIT_DONE
           : result == CLIENT_REFUSED ? EXIT_REFUSED
                                      : EXIT_UNREACHABLE;
}
