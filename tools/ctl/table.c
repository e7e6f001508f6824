#include "tools/ctl/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

int64_t table_number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

int64_t table_count(const json_t *session, const char *name)
{
    return table_number(json_object_get(session, "counts"), name);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static bool is_set(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

const char *table_state(const json_t *session)
{
    static const struct {
        const char *state;
        const char *shown;
    } states[] = {
        {"ACTIVE", "active"},
        {"RESENDREQ_HANDLING", "resends"},
        {"RECV_SEQNUM_TOO_HIGH", "gap"},
        {"RESENDREQ_AWAITING", "gap"},
        {"NO_MSG_IN_INTERVAL", "silent"},
        {"AWAIT_PROC_TEST_REQ", "test"},
        {"RECEIVED_LOGOUT", "logout"},
        {"INITIATE_LOGOUT", "logout"},
        {"WAITING_FOR_LOGON", "logon"},
        {"NETWORK_CONN_ESTABLISHED", "logon"},
        {"LOGON_INITIAL_SENT", "logon"},
        {"LOGON_INITIAL_RECV", "logon"},
        {"LOGON_RESPONSE", "logon"},
        {"INITIATE_CONNECTION", "dialing"},
    };
    const char *state = text_of(session, "state");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(states[i].state, state) == 0) {
            return states[i].shown;
        }
    }
    return is_set(session, "disabled") ? "disabled" : "down";
}

void table_age(int64_t utc_ns, int64_t now_utc_ns, char text[TABLE_TEXT])
{
    const int64_t seconds = (now_utc_ns - utc_ns) / NS_PER_S;
    if (utc_ns == 0) {
        snprintf(text, TABLE_TEXT, "-");
    } else if (seconds < 1) {
        snprintf(text, TABLE_TEXT, "now");
    } else if (seconds < 100) {
        snprintf(text, TABLE_TEXT, "%" PRId64 "s", seconds);
    } else if (seconds < 100 * 60) {
        snprintf(text, TABLE_TEXT, "%" PRId64 "m", seconds / 60);
    } else if (seconds < INT64_C(48) * 3600) {
        snprintf(text, TABLE_TEXT, "%" PRId64 "h", seconds / 3600);
    } else {
        snprintf(text, TABLE_TEXT, "%" PRId64 "d", seconds / 86400);
    }
}

/* "431us": three digits at most. */
static void duration(int64_t ns, char text[TABLE_TEXT])
{
    if (ns == 0) {
        snprintf(text, TABLE_TEXT, "-");
    } else if (ns < 1000000) {
        snprintf(text, TABLE_TEXT, "%" PRId64 "us", (ns + 999) / 1000);
    } else if (ns < 1000 * INT64_C(1000000)) {
        snprintf(text, TABLE_TEXT, "%" PRId64 "ms", ns / 1000000);
    } else {
        snprintf(text, TABLE_TEXT, "%" PRId64 "s", ns / NS_PER_S);
    }
}

/* Bytes with a suffix, so that they fit: "12K". */
static void bytes(int64_t count, char text[TABLE_TEXT])
{
    static const char suffixes[] = " KMGT";
    size_t i = 0;
    while (count >= 1000 && i < 4) {
        count = (count + 1023) / 1024;
        i++;
    }
    snprintf(text, TABLE_TEXT, count == 0 ? "-" : "%" PRId64 "%.*s", count, i > 0, &suffixes[i]);
}

/* ------------------------------------------------------------------------------- the table */

/* What the columns beside the session's name take, and those for wide terminals. */
enum { NARROW_REST = 53, WIDE_REST = 24, WIDE_FROM = 112, NAME_MIN = 16 };

static bool is_wide(unsigned width)
{
    return width == 0 || width >= WIDE_FROM;
}

static int name_width(unsigned width)
{
    if (width == 0) {
        return 48;
    }
    const unsigned rest = NARROW_REST + (is_wide(width) ? WIDE_REST : 0);
    return width > rest + NAME_MIN ? (int)(width - rest) : NAME_MIN;
}

void table_heading(FILE *out, unsigned width)
{
    fprintf(out, "%-*s %-8s %10s %10s %4s %4s %5s %5s", name_width(width), "SESSION", "STATE",
            "NEXT IN", "NEXT OUT", "IN", "OUT", "QUEUE", "RTT");
    if (is_wide(width)) {
        fprintf(out, " %s", "ADDRESS");
    }
    fputc('\n', out);
}

void table_session(FILE *out, unsigned width, const json_t *session, int64_t now_utc_ns)
{
    const char *name = text_of(session, "session");
    const int room = name_width(width);
    char in[TABLE_TEXT];
    char last_out[TABLE_TEXT];
    char queue[TABLE_TEXT];
    char rtt[TABLE_TEXT];
    table_age(table_number(session, "last_in_utc_ns"), now_utc_ns, in);
    table_age(table_number(session, "last_out_utc_ns"), now_utc_ns, last_out);
    bytes(table_number(session, "queued_bytes"), queue);
    duration(table_number(session, "round_trip_ns"), rtt);
    const bool is_cut = width != 0 && (int)strlen(name) > room;
    fprintf(out, "%-*.*s%s", is_cut ? room - 1 : room, is_cut ? room - 1 : 1000, name,
            is_cut ? "~" : "");
    fprintf(out, " %-8s %10" PRId64 " %10" PRId64 " %4s %4s %5s %5s", table_state(session),
            table_number(session, "next_in"), table_number(session, "next_out"), in, last_out,
            queue, rtt);
    if (is_wide(width)) {
        fprintf(out, " %s", text_of(session, "remote_address"));
    }
    fputc('\n', out);
}

/* ----------------------------------------------------------------------------- one session */

static void put_time(FILE *out, const char *label, int64_t utc_ns, int64_t now_utc_ns)
{
    char age[TABLE_TEXT];
    struct tm utc;
    const time_t seconds = (time_t)(utc_ns / NS_PER_S);
    if (utc_ns == 0) {
        fprintf(out, "%-16s -\n", label);
        return;
    }
    gmtime_r(&seconds, &utc);
    table_age(utc_ns, now_utc_ns, age);
    fprintf(out, "%-16s %04d-%02d-%02d %02d:%02d:%02d.%03d UTC (%s%s)\n", label, utc.tm_year + 1900,
            utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
            (int)(utc_ns % NS_PER_S / 1000000), age, strcmp(age, "now") == 0 ? "" : " ago");
}

static void put_pair(FILE *out, const json_t *session, const char *label, const char *in,
                     const char *sent)
{
    fprintf(out, "%-16s %" PRId64 " in, %" PRId64 " out\n", label, table_count(session, in),
            table_count(session, sent));
}

void table_details(FILE *out, const json_t *session, int64_t now_utc_ns)
{
    char rtt[TABLE_TEXT];
    const int64_t gap = table_number(session, "gap_last");
    const int64_t resend = table_number(session, "resend_left");
    const char *address = text_of(session, "remote_address");
    duration(table_number(session, "round_trip_ns"), rtt);
    fprintf(out, "%-16s %s\n", "session", text_of(session, "session"));
    fprintf(out, "%-16s %s%s, shard %" PRId64 "\n", "role", text_of(session, "role"),
            is_set(session, "from_template") ? " (from a template)" : "",
            table_number(session, "shard"));
    fprintf(out, "%-16s %s (%s)%s%s\n", "state", table_state(session), text_of(session, "state"),
            is_set(session, "disabled") && strcmp(table_state(session), "disabled") != 0
                ? ", disabled"
                : "",
            is_set(session, "removed") ? ", no longer configured" : "");
    fprintf(out, "%-16s %s\n", "remote address", address[0] != '\0' ? address : "-");
    fprintf(out, "%-16s %" PRId64 " in, %" PRId64 " out\n", "next MsgSeqNum",
            table_number(session, "next_in"), table_number(session, "next_out"));
    put_time(out, "numbers from", table_number(session, "created_utc_ns"), now_utc_ns);
    put_time(out, "connected", table_number(session, "connected_utc_ns"), now_utc_ns);
    put_time(out, "logged on", table_number(session, "logged_on_utc_ns"), now_utc_ns);
    put_time(out, "last in", table_number(session, "last_in_utc_ns"), now_utc_ns);
    put_time(out, "last out", table_number(session, "last_out_utc_ns"), now_utc_ns);
    fprintf(out, "%-16s %" PRId64 " s, round trip %s\n", "heartbeats",
            table_number(session, "heartbeat_s"), rtt);
    if (gap != 0) {
        fprintf(out, "%-16s up to %" PRId64 ", %" PRId64 " bytes wait behind it\n", "gap in", gap,
                table_number(session, "queued_bytes"));
    }
    if (resend != 0) {
        fprintf(out, "%-16s %" PRId64 " messages left\n", "resend", resend);
    }
    put_pair(out, session, "messages", "messages_in", "messages_out");
    put_pair(out, session, "bytes", "bytes_in", "bytes_out");
    put_pair(out, session, "rejects", "rejects_in", "rejects_out");
    put_pair(out, session, "ResendRequests", "resend_requests_in", "resend_requests_out");
    fprintf(out, "%-16s %" PRId64 "\n", "resent", table_count(session, "messages_resent"));
    fprintf(out, "%-16s %" PRId64 ", %" PRId64 " connections have ended%s%s\n", "logons",
            table_count(session, "logons"), table_count(session, "disconnects"),
            text_of(session, "last_reason")[0] != '\0' ? ", the last: " : "",
            text_of(session, "last_reason"));
}
