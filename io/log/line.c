#include "io/log/line.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* A line that is being made. The room for its end is not used up by what comes before. */
struct line {
    char *data;
    size_t size;
    size_t room;
};

static void put(struct line *line, const char *text, size_t size)
{
    if (size <= line->room - line->size) {
        memcpy(line->data + line->size, text, size);
        line->size += size;
    } else {
        line->room = line->size; /* cut here: nothing shorter may follow */
    }
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

static void put_printable(struct line *line, const char *text)
{
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        put(line, byte < ' ' || byte == 0x7f ? "?" : text, 1);
    }
}

/* The size of the UTF-8 sequence that text begins with, 0 when it begins with none. */
static size_t sequence_size(const unsigned char *text)
{
    const unsigned char first = text[0];
    size_t size = 0;
    if (first >= 0xc2 && first < 0xe0) {
        size = 2;
    } else if (first >= 0xe0 && first < 0xf0) {
        size = 3;
    } else if (first >= 0xf0 && first < 0xf5) {
        size = 4;
    }
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0; /* the NUL ends it, too */
        }
    }
    const bool is_overlong = (first == 0xe0 && text[1] < 0xa0) || (first == 0xf0 && text[1] < 0x90);
    const bool is_outside =
        (first == 0xed && text[1] >= 0xa0) || (first == 0xf4 && text[1] >= 0x90);
    return is_overlong || is_outside ? 0 : size;
}

/* As a string of JSON, whatever bytes there are; those that are not UTF-8 are taken for Latin-1. */
static void put_json(struct line *line, const char *text)
{
    char escape[8];
    while (*text != '\0') {
        const unsigned char byte = (unsigned char)*text;
        size_t size = 1;
        if (byte == '"' || byte == '\\') {
            snprintf(escape, sizeof escape, "\\%c", byte);
            put_text(line, escape);
        } else if (byte >= ' ' && byte < 0x7f) {
            put(line, text, 1);
        } else if (byte >= 0x80 && (size = sequence_size((const unsigned char *)text)) > 0) {
            put(line, text, size);
        } else {
            snprintf(escape, sizeof escape, "\\u%04x", byte);
            put_text(line, escape);
            size = 1;
        }
        text += size;
    }
}

size_t rfx_log_time(char out[RFX_LOG_TIME_MAX], int64_t utc_ns, int decimals)
{
    const int64_t second = 1000000000;
    int64_t rest = utc_ns % second;
    rest += rest < 0 ? second : 0;
    const time_t seconds = (time_t)((utc_ns - rest) / second);
    struct tm utc;
    char fraction[16];
    gmtime_r(&seconds, &utc);
    snprintf(fraction, sizeof fraction, "%09lld", (long long)rest);
    return (size_t)snprintf(out, RFX_LOG_TIME_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%.*sZ",
                            (utc.tm_year + 1900) % 10000, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                            utc.tm_min, utc.tm_sec, decimals, fraction);
}

size_t rfx_log_line(char line[RFX_LOG_LINE_MAX], enum rfx_log_format format, int64_t utc_ns,
                    enum rfx_log_level level, const char *session, const char *text)
{
    static const char *const names[] = {"ERROR", "WARNING", "INFO", "DEBUG"};
    static const char *const json_names[] = {"error", "warning", "info", "debug"};
    const bool is_json = format == RFX_LOG_JSON;
    const char *end = is_json ? "\"}\n" : "\n";
    struct line made = {.data = line, .room = RFX_LOG_LINE_MAX - strlen(end)};
    char time[RFX_LOG_TIME_MAX];
    rfx_log_time(time, utc_ns, 6);
    if (is_json) {
        put_text(&made, "{\"time\":\"");
        put_text(&made, time);
        put_text(&made, "\",\"level\":\"");
        put_text(&made, json_names[level]);
        if (session != NULL) {
            put_text(&made, "\",\"session\":\"");
            put_json(&made, session);
        }
        put_text(&made, "\",\"text\":\"");
        put_json(&made, text);
    } else {
        put_text(&made, time);
        put_text(&made, " ");
        put_text(&made, names[level]);
        put_text(&made, " ");
        if (session != NULL) {
            put_printable(&made, session);
            put_text(&made, ": ");
        }
        put_printable(&made, text);
    }
    made.room = RFX_LOG_LINE_MAX;
    put_text(&made, end);
    return made.size;
}
