#include "control_answer.h"

#include <jansson.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FLAGS (JSON_COMPACT | JSON_ENSURE_ASCII)

static void put(json_t *object, FILE *out)
{
    if (object != NULL) {
        json_dumpf(object, out, FLAGS);
        fputc('\n', out);
        json_decref(object);
    }
}

static void put_error(const char *text, FILE *out)
{
    put(json_pack("{s:s}", "error", text), out);
}

static void put_done(FILE *out)
{
    put(json_pack("{s:b}", "done", 1), out);
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* ------------------------------------------------------------------------------- sessions */

static json_t *pack_counts(const struct rfx_session_counts *counts)
{
    return json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "messages_in", number(counts->messages_in),
        "messages_out", number(counts->messages_out), "bytes_in", number(counts->bytes_in),
        "bytes_out", number(counts->bytes_out), "rejects_in", number(counts->rejects_in),
        "rejects_out", number(counts->rejects_out), "resend_requests_in",
        number(counts->resend_requests_in), "resend_requests_out",
        number(counts->resend_requests_out), "messages_resent", number(counts->messages_resent),
        "logons", number(counts->logons), "disconnects", number(counts->disconnects));
}

static bool put_session(void *context, const struct rfx_session_status *status)
{
    FILE *out = context;
    json_t *object = json_pack(
        "{s:s,s:s,s:s,s:b,s:b,s:b,s:b,s:i,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:s,"
        "s:o}",
        "session", status->name, "role",
        status->role == RFX_ROLE_ACCEPTOR ? "acceptor" : "initiator", "state",
        rfx_state_text(status->state), "logged_on", (int)status->is_logged_on, "disabled",
        (int)status->is_disabled, "removed", (int)status->is_removed, "from_template",
        (int)status->is_from_template, "shard", (int)status->shard, "heartbeat_s",
        (int)status->heartbeat_s, "next_in", number(status->next_in), "next_out",
        number(status->next_out), "gap_last", number(status->gap_last), "resend_left",
        number(status->resend_left), "queued_bytes", number(status->queued_bytes), "round_trip_ns",
        number(status->round_trip_ns), "remote_address", status->remote_address, "connected_utc_ns",
        number((uint64_t)status->connected_utc_ns), "logged_on_utc_ns",
        number((uint64_t)status->logged_on_utc_ns), "last_in_utc_ns",
        number((uint64_t)status->last_in_utc_ns), "last_out_utc_ns",
        number((uint64_t)status->last_out_utc_ns), "created_utc_ns",
        number((uint64_t)status->created_utc_ns), "last_reason",
        status->last_reason != RFX_REASON_NONE ? rfx_disconnect_reason_text(status->last_reason)
                                               : "",
        "counts", pack_counts(&status->counts));
    put(object, out);
    return ferror(out) == 0;
}

static void answer_sessions(struct daemon *daemon, const char *name, FILE *out)
{
    struct rfx_error error = {.text = ""};
    if (rfx_admin_sessions(daemon->server, name, put_session, out, &error) != RFX_OK) {
        put_error(error.text, out);
    } else {
        put_done(out);
    }
}

/* ------------------------------------------------------------------------------- the whole */

struct totals {
    uint64_t sessions;
    uint64_t logged_on;
    uint64_t disabled;
    struct rfx_session_counts counts;
};

static bool add_up(void *context, const struct rfx_session_status *status)
{
    struct totals *totals = context;
    totals->sessions++;
    totals->logged_on += status->is_logged_on;
    totals->disabled += status->is_disabled;
    totals->counts.messages_in += status->counts.messages_in;
    totals->counts.messages_out += status->counts.messages_out;
    totals->counts.bytes_in += status->counts.bytes_in;
    totals->counts.bytes_out += status->counts.bytes_out;
    totals->counts.rejects_in += status->counts.rejects_in;
    totals->counts.rejects_out += status->counts.rejects_out;
    totals->counts.resend_requests_in += status->counts.resend_requests_in;
    totals->counts.resend_requests_out += status->counts.resend_requests_out;
    totals->counts.messages_resent += status->counts.messages_resent;
    totals->counts.logons += status->counts.logons;
    totals->counts.disconnects += status->counts.disconnects;
    return true;
}

static json_t *pack_disconnects(const struct rfx_server *server)
{
    json_t *object = json_object();
    for (int i = RFX_REASON_NONE + 1; i < RFX_REASON_COUNT; i++) {
        const enum rfx_disconnect_reason reason = (enum rfx_disconnect_reason)i;
        const uint64_t count = rfx_server_disconnects(server, reason);
        if (count > 0) {
            json_object_set_new(object, rfx_disconnect_reason_text(reason), number(count));
        }
    }
    return object;
}

static void answer_status(struct daemon *daemon, bool is_detailed, FILE *out)
{
    const struct rfx_server *server = daemon->server;
    struct totals totals = {.sessions = 0};
    struct rfx_error error = {.text = ""};
    struct timespec now;
    if (rfx_admin_sessions(daemon->server, NULL, add_up, &totals, &error) != RFX_OK) {
        put_error(error.text, out);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    json_t *object = json_pack(
        "{s:s,s:i,s:o,s:i,s:s,s:i,s:i,s:i,s:o,s:o,s:o}", "version", rfx_version(), "pid",
        (int)getpid(), "started_utc_ns", number((uint64_t)daemon->started_utc_ns), "uptime_s",
        (int)(now.tv_sec - daemon->started_utc_ns / 1000000000), "config", daemon->config_path,
        "port", (int)rfx_server_port(server), "io_threads", (int)rfx_server_io_threads(server),
        "shards", (int)rfx_server_shards(server), "sessions", number(totals.sessions), "logged_on",
        number(totals.logged_on), "disabled", number(totals.disabled));
    if (object != NULL && is_detailed) {
        json_object_set_new(object, "counts", pack_counts(&totals.counts));
        json_object_set_new(object, "disconnects_by_reason", pack_disconnects(server));
    }
    put(object, out);
    put_done(out);
}

static json_t *pack_histogram(const struct rfx_histogram *histogram)
{
    json_t *array = json_array();
    for (size_t i = 0; i < RFX_HISTOGRAM_BUCKETS; i++) {
        json_array_append_new(array, number(histogram->counts[i]));
    }
    return array;
}

static void put_worker(void *context, const struct rfx_worker_status *status)
{
    put(json_pack("{s:i,s:b,s:b,s:i,s:o,s:o,s:o,s:o,s:i,s:o,s:o,s:o,s:o}", "worker",
                  (int)status->index, "has_loop", (int)status->has_loop, "has_shard",
                  (int)status->has_shard, "shard", (int)status->shard, "turns",
                  number(status->turns), "busy_turns", number(status->busy_turns), "busy_ns",
                  number(status->busy_ns), "accepted", number(status->accepted), "connections",
                  (int)status->connections, "garbled", number(status->garbled), "journal_bytes",
                  number(status->journal_bytes), "ring_bytes", pack_histogram(&status->ring_bytes),
                  "commit_ns", pack_histogram(&status->commit_ns)),
        context);
}

static void answer_reload(struct daemon *daemon, FILE *out)
{
    struct rfx_reload report = {0};
    struct rfx_error error = {.text = ""};
    const rfx_status status = daemon_reload(daemon, &report, &error);
    put(json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "added", number(report.added), "changed",
                  number(report.changed), "removed", number(report.removed), "unchanged",
                  number(report.unchanged), "failed", number(report.failed), "needs_restart",
                  number(report.needs_restart)),
        out);
    if (status != RFX_OK) {
        put_error(error.text, out);
    } else {
        put_done(out);
    }
}

/* ------------------------------------------------------------------------------- one session */

static rfx_status log_out(struct rfx_server *server, const char *name, const json_t *request,
                          struct rfx_error *error)
{
    return rfx_admin_logout(server, name, json_string_value(json_object_get(request, "text")),
                            error);
}

static rfx_status disconnect(struct rfx_server *server, const char *name, const json_t *request,
                             struct rfx_error *error)
{
    (void)request;
    return rfx_admin_disconnect(server, name, error);
}

static rfx_status enable(struct rfx_server *server, const char *name, const json_t *request,
                         struct rfx_error *error)
{
    (void)request;
    return rfx_admin_enable(server, name, error);
}

static rfx_status disable(struct rfx_server *server, const char *name, const json_t *request,
                          struct rfx_error *error)
{
    (void)request;
    return rfx_admin_disable(server, name, error);
}

static rfx_status send_test_request(struct rfx_server *server, const char *name,
                                    const json_t *request, struct rfx_error *error)
{
    (void)request;
    return rfx_admin_test_request(server, name, error);
}

static rfx_status reset(struct rfx_server *server, const char *name, const json_t *request,
                        struct rfx_error *error)
{
    (void)request;
    return rfx_admin_reset(server, name, error);
}

static rfx_status set_seq(struct rfx_server *server, const char *name, const json_t *request,
                          struct rfx_error *error)
{
    const json_int_t out = json_integer_value(json_object_get(request, "out"));
    const json_int_t in = json_integer_value(json_object_get(request, "in"));
    if (out < 0 || in < 0 || (out == 0 && in == 0)) {
        snprintf(error->text, sizeof error->text, "a number from 1 on is needed, in or out");
        return RFX_E_INVALID;
    }
    return rfx_admin_set_numbers(server, name, (uint64_t)out, (uint64_t)in, error);
}

static const struct {
    const char *name;
    rfx_status (*run)(struct rfx_server *server, const char *name, const json_t *request,
                      struct rfx_error *error);
} commands[] = {
    {"logout", log_out},
    {"disconnect", disconnect},
    {"enable", enable},
    {"disable", disable},
    {"send-test-request", send_test_request},
    {"reset", reset},
    {"set-seq", set_seq},
};

/* False: it is none of these. */
static bool run_command(struct daemon *daemon, const char *what, const json_t *request, FILE *out)
{
    const char *name = json_string_value(json_object_get(request, "session"));
    struct rfx_error error = {.text = ""};
    char text[800];
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, what) != 0) {
            continue;
        }
        if (name == NULL) {
            put_error("which session?", out);
            return true;
        }
        const rfx_status status = commands[i].run(daemon->server, name, request, &error);
        snprintf(text, sizeof text, "control: %s: %s", what,
                 status == RFX_OK ? "done" : error.text);
        daemon->log(daemon->log_context, RFX_LOG_INFO, name, text);
        if (status == RFX_OK) {
            put_done(out);
        } else {
            put_error(error.text, out);
        }
        return true;
    }
    return false;
}

static void answer(struct daemon *daemon, const json_t *request, FILE *out)
{
    const char *what = json_string_value(json_object_get(request, "do"));
    if (what == NULL) {
        put_error("a request is a JSON object with \"do\"", out);
    } else if (strcmp(what, "sessions") == 0) {
        answer_sessions(daemon, json_string_value(json_object_get(request, "session")), out);
    } else if (strcmp(what, "status") == 0) {
        answer_status(daemon, false, out);
    } else if (strcmp(what, "stats") == 0) {
        answer_status(daemon, true, out);
    } else if (strcmp(what, "workers") == 0) {
        rfx_admin_workers(daemon->server, put_worker, out);
        put_done(out);
    } else if (strcmp(what, "reload") == 0) {
        answer_reload(daemon, out);
    } else if (!run_command(daemon, what, request, out)) {
        put_error("unknown request; ringfix-ctl and ringfixd are of different versions?", out);
    }
}

void control_answer(struct daemon *daemon, const char *line, FILE *out)
{
    json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    answer(daemon, request, out);
    json_decref(request);
}
