#include "metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

/* ------------------------------------------------------------------------------- the format */

static void put_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: \, " and newlines escaped. */
static void put_label(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == '"') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
}

static void put_seconds(FILE *out, int64_t ns)
{
    fprintf(out, "%" PRId64 ".%09" PRId64, ns / 1000000000, ns % 1000000000);
}

/* ------------------------------------------------------------------------------- sessions */

struct session {
    char *name;
    struct rfx_session_status status;
};

struct sessions {
    struct session *items;
    size_t count;
    size_t capacity;
};

static bool keep(void *context, const struct rfx_session_status *status)
{
    struct sessions *sessions = context;
    if (sessions->count == sessions->capacity) {
        const size_t capacity = sessions->capacity == 0 ? 64 : 2 * sessions->capacity;
        struct session *grown = realloc(sessions->items, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        sessions->items = grown;
        sessions->capacity = capacity;
    }
    struct session *kept = &sessions->items[sessions->count];
    *kept = (struct session){.name = strdup(status->name), .status = *status};
    if (kept->name == NULL) {
        return false;
    }
    sessions->count++;
    return true;
}

static void forget(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        free(sessions->items[i].name);
    }
    free(sessions->items);
}

/* One family of metrics with a sample for each session. */
struct family {
    const char *name;
    const char *type;
    const char *help;
    enum { VALUE_COUNT, VALUE_FLAG, VALUE_NUMBER, VALUE_NS } kind;
    size_t offset; /* in struct rfx_session_status; of VALUE_COUNT in its counts */
};

#define COUNT(field)  VALUE_COUNT, offsetof(struct rfx_session_counts, field)
#define STATUS(field) offsetof(struct rfx_session_status, field)

static const struct family families[] = {
    {"ringfix_session_logged_on", "gauge", "1 when Logons have been exchanged.", VALUE_FLAG,
     STATUS(is_logged_on)},
    {"ringfix_session_disabled", "gauge", "1 when an operator has disabled the session.",
     VALUE_FLAG, STATUS(is_disabled)},
    {"ringfix_session_next_received_msg_seq_num", "gauge", "The MsgSeqNum expected next.",
     VALUE_NUMBER, STATUS(next_in)},
    {"ringfix_session_next_sent_msg_seq_num", "gauge", "The MsgSeqNum of the next message sent.",
     VALUE_NUMBER, STATUS(next_out)},
    {"ringfix_session_queued_bytes", "gauge",
     "Messages held back until a gap in front of them is filled.", VALUE_NUMBER,
     STATUS(queued_bytes)},
    {"ringfix_session_resend_messages", "gauge",
     "MsgSeqNums of a ResendRequest that are not answered yet.", VALUE_NUMBER, STATUS(resend_left)},
    {"ringfix_session_round_trip_seconds", "gauge",
     "From the latest TestRequest to its Heartbeat, 0: none yet.", VALUE_NS, STATUS(round_trip_ns)},
    {"ringfix_session_last_received_timestamp_seconds", "gauge",
     "When the latest message came, 0: none yet.", VALUE_NS, STATUS(last_in_utc_ns)},
    {"ringfix_session_last_sent_timestamp_seconds", "gauge",
     "When the latest message was sent, 0: none yet.", VALUE_NS, STATUS(last_out_utc_ns)},
    {"ringfix_session_messages_received_total", "counter", "Well-formed messages received.",
     COUNT(messages_in)},
    {"ringfix_session_messages_sent_total", "counter", "Messages sent.", COUNT(messages_out)},
    {"ringfix_session_received_bytes_total", "counter", "Bytes of messages received.",
     COUNT(bytes_in)},
    {"ringfix_session_sent_bytes_total", "counter", "Bytes of messages sent.", COUNT(bytes_out)},
    {"ringfix_session_rejects_received_total", "counter",
     "Reject and BusinessMessageReject received.", COUNT(rejects_in)},
    {"ringfix_session_rejects_sent_total", "counter", "Reject and BusinessMessageReject sent.",
     COUNT(rejects_out)},
    {"ringfix_session_resend_requests_received_total", "counter", "ResendRequests received.",
     COUNT(resend_requests_in)},
    {"ringfix_session_resend_requests_sent_total", "counter", "ResendRequests sent.",
     COUNT(resend_requests_out)},
    {"ringfix_session_messages_resent_total", "counter", "Messages sent again, gap fills left out.",
     COUNT(messages_resent)},
    {"ringfix_session_logons_total", "counter", "Logons that were accepted.", COUNT(logons)},
    {"ringfix_session_disconnects_total", "counter", "Connections of the session that have ended.",
     COUNT(disconnects)},
};

static void put_value(FILE *out, const struct family *family,
                      const struct rfx_session_status *status)
{
    const char *place =
        family->kind == VALUE_COUNT ? (const char *)&status->counts : (const char *)status;
    uint64_t number;
    if (family->kind == VALUE_FLAG) {
        fputc(*(const bool *)(const void *)(place + family->offset) ? '1' : '0', out);
        return;
    }
    memcpy(&number, place + family->offset, sizeof number);
    if (family->kind == VALUE_NS) {
        put_seconds(out, (int64_t)number);
    } else {
        fprintf(out, "%" PRIu64, number);
    }
}

static void put_sessions(FILE *out, const struct sessions *sessions)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        const struct family *family = &families[i];
        put_head(out, family->name, family->type, family->help);
        for (size_t k = 0; k < sessions->count; k++) {
            fprintf(out, "%s{session=\"", family->name);
            put_label(out, sessions->items[k].name);
            fputs("\"} ", out);
            put_value(out, family, &sessions->items[k].status);
            fputc('\n', out);
        }
    }
}

/* -------------------------------------------------------------------------------- workers */

struct workers {
    struct rfx_worker_status items[2 * RFX_WORKERS_MAX];
    size_t count;
};

static void keep_worker(void *context, const struct rfx_worker_status *status)
{
    struct workers *workers = context;
    workers->items[workers->count++] = *status;
}

/* Buckets from 2^first to 2^last; their bounds are values, `unit` of which make one of the
 * metric's. */
static void put_histogram(FILE *out, const char *name, const char *label, uint32_t index,
                          const struct rfx_histogram *histogram, unsigned first, unsigned last,
                          double unit)
{
    uint64_t below = 0;
    for (unsigned i = 0; i < RFX_HISTOGRAM_BUCKETS - 1; i++) {
        below += histogram->counts[i];
        if (i >= first && i <= last) {
            fprintf(out, "%s_bucket{%s=\"%u\",le=\"%.9g\"} %" PRIu64 "\n", name, label, index,
                    (double)((UINT64_C(1) << i) - 1) / unit, below);
        }
    }
    below += histogram->counts[RFX_HISTOGRAM_BUCKETS - 1];
    fprintf(out, "%s_bucket{%s=\"%u\",le=\"+Inf\"} %" PRIu64 "\n", name, label, index, below);
    fprintf(out, "%s_sum{%s=\"%u\"} %.9g\n", name, label, index, (double)histogram->sum / unit);
    fprintf(out, "%s_count{%s=\"%u\"} %" PRIu64 "\n", name, label, index, below);
}

static void put_workers(FILE *out, const struct workers *workers)
{
    put_head(out, "ringfix_worker_turns_total", "counter", "Turns of a worker thread.");
    for (size_t i = 0; i < workers->count; i++) {
        fprintf(out, "ringfix_worker_turns_total{worker=\"%u\"} %" PRIu64 "\n",
                workers->items[i].index, workers->items[i].turns);
    }
    put_head(out, "ringfix_worker_busy_seconds_total", "counter",
             "Time of turns with something to do; its rate is the duty cycle.");
    for (size_t i = 0; i < workers->count; i++) {
        fprintf(out, "ringfix_worker_busy_seconds_total{worker=\"%u\"} ", workers->items[i].index);
        put_seconds(out, (int64_t)workers->items[i].busy_ns);
        fputc('\n', out);
    }
    put_head(out, "ringfix_connections", "gauge", "Open connections.");
    for (size_t i = 0; i < workers->count; i++) {
        if (workers->items[i].has_loop) {
            fprintf(out, "ringfix_connections{io_loop=\"%u\"} %u\n", workers->items[i].index,
                    workers->items[i].connections);
        }
    }
    put_head(out, "ringfix_connections_accepted_total", "counter", "Connections from outside.");
    for (size_t i = 0; i < workers->count; i++) {
        if (workers->items[i].has_loop) {
            fprintf(out, "ringfix_connections_accepted_total{io_loop=\"%u\"} %" PRIu64 "\n",
                    workers->items[i].index, workers->items[i].accepted);
        }
    }
    put_head(out, "ringfix_garbled_messages_total", "counter",
             "Messages that were ignored because they were garbled.");
    for (size_t i = 0; i < workers->count; i++) {
        if (workers->items[i].has_loop) {
            fprintf(out, "ringfix_garbled_messages_total{io_loop=\"%u\"} %" PRIu64 "\n",
                    workers->items[i].index, workers->items[i].garbled);
        }
    }
}

static void put_shards(FILE *out, const struct workers *workers)
{
    put_head(out, "ringfix_journal_message_bytes_total", "counter",
             "Bytes of messages that were journaled.");
    for (size_t i = 0; i < workers->count; i++) {
        if (workers->items[i].has_shard) {
            fprintf(out, "ringfix_journal_message_bytes_total{shard=\"%u\"} %" PRIu64 "\n",
                    workers->items[i].shard, workers->items[i].journal_bytes);
        }
    }
    put_head(out, "ringfix_journal_commit_seconds", "histogram",
             "How long a commit to the journal took.");
    for (size_t i = 0; i < workers->count; i++) {
        if (workers->items[i].has_shard) {
            put_histogram(out, "ringfix_journal_commit_seconds", "shard", workers->items[i].shard,
                          &workers->items[i].commit_ns, 9, 34, NS_PER_S);
        }
    }
    put_head(out, "ringfix_shard_ring_bytes", "histogram",
             "What waited in the rings to a shard when it looked.");
    for (size_t i = 0; i < workers->count; i++) {
        if (workers->items[i].has_shard) {
            put_histogram(out, "ringfix_shard_ring_bytes", "shard", workers->items[i].shard,
                          &workers->items[i].ring_bytes, 6, 26, 1);
        }
    }
}

/* ------------------------------------------------------------------------------- the whole */

static void put_server(FILE *out, const struct daemon *daemon, const struct sessions *sessions)
{
    put_head(out, "ringfix_build_info", "gauge", "1; the version is a label.");
    fprintf(out, "ringfix_build_info{version=\"%s\"} 1\n", rfx_version());
    put_head(out, "ringfix_start_time_seconds", "gauge", "When the server was started.");
    fputs("ringfix_start_time_seconds ", out);
    put_seconds(out, daemon->started_utc_ns);
    fputc('\n', out);
    put_head(out, "ringfix_sessions", "gauge", "Sessions, configured or made from templates.");
    fprintf(out, "ringfix_sessions %zu\n", sessions->count);
    put_head(out, "ringfix_disconnects_total", "counter",
             "Connections that have ended, those of strangers included.");
    for (int i = RFX_REASON_NONE + 1; i < RFX_REASON_COUNT; i++) {
        const enum rfx_disconnect_reason reason = (enum rfx_disconnect_reason)i;
        fputs("ringfix_disconnects_total{reason=\"", out);
        put_label(out, rfx_disconnect_reason_text(reason));
        fprintf(out, "\"} %" PRIu64 "\n", rfx_server_disconnects(daemon->server, reason));
    }
}

static void put_logs(FILE *out, const struct daemon *daemon)
{
    put_head(out, "ringfix_log_lost_lines_total", "counter", "Lines that the log lacks.");
    fprintf(out, "ringfix_log_lost_lines_total %" PRIu64 "\n", rfx_log_lost(daemon->log_file));
    put_head(out, "ringfix_message_log_lost_messages_total", "counter",
             "Messages that the message log lacks.");
    fprintf(out, "ringfix_message_log_lost_messages_total %" PRIu64 "\n",
            rfx_server_messages_lost(daemon->server));
}

rfx_status metrics_write(struct daemon *daemon, FILE *out, struct rfx_error *error)
{
    struct sessions sessions = {.items = NULL};
    struct workers *workers = calloc(1, sizeof *workers);
    rfx_status status = RFX_E_NOMEM;
    snprintf(error->text, sizeof error->text, "out of memory for metrics");
    if (workers != NULL) {
        status = rfx_admin_sessions(daemon->server, NULL, keep, &sessions, error);
    }
    if (status == RFX_OK) {
        rfx_admin_workers(daemon->server, keep_worker, workers);
        put_server(out, daemon, &sessions);
        put_logs(out, daemon);
        put_workers(out, workers);
        put_shards(out, workers);
        put_sessions(out, &sessions);
    }
    forget(&sessions);
    free(workers);
    return status;
}
