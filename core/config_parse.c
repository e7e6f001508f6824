/* A QuickFIX-style configuration file: [DEFAULT] is inherited by each [SESSION]. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_keys.h"

#define LINE_SIZE_MAX 8192
#define SESSIONS_MAX  1000000

enum section { SECTION_NONE, SECTION_DEFAULT, SECTION_SESSION };

struct parser {
    const char *file_name;
    size_t line;
    enum section section;
    size_t section_line;
    struct rfx_config config;
    struct rfx_session_config defaults;
    size_t session_capacity;
    size_t seen_at[RFX_KEY_COUNT_MAX];    /* line in this section, 0: not yet */
    size_t default_at[RFX_KEY_COUNT_MAX]; /* line in [DEFAULT] */
    size_t server_at[RFX_KEY_COUNT_MAX];  /* line of a listener key, in any section */
    struct rfx_error *error;
};

static rfx_status fail_at(struct parser *parser, size_t line, const char *text)
{
    return rfx_fail(parser->error, RFX_E_CONFIG, "%s:%zu: %s", parser->file_name, line, text);
}

static struct rfx_bytes trimmed(struct rfx_bytes text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t')) {
        text.size--;
    }
    return text;
}

static bool is_text(struct rfx_bytes bytes, const char *text)
{
    return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

/* At most 60 characters of something from the file, for a message. */
static int shown(struct rfx_bytes text)
{
    return text.size > 60 ? 60 : (int)text.size;
}

/* --------------------------------------------------------------------------------- sections */

static bool was_given(const struct parser *parser, const char *name)
{
    size_t index = rfx_key_index(rfx_key_find(rfx_bytes_of(name, strlen(name))));
    return parser->seen_at[index] != 0 || parser->default_at[index] != 0;
}

/* What can only be judged when a [SESSION] is complete. */
static rfx_status end_session(struct parser *parser)
{
    static const char *const required[] = {"ConnectionType", "BeginString", "SenderCompID",
                                           "TargetCompID"};
    char text[400];
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        if (!was_given(parser, required[i])) {
            snprintf(text, sizeof text, "this [SESSION] has no %s; add it here or in [DEFAULT]",
                     required[i]);
            return fail_at(parser, parser->section_line, text);
        }
    }
    struct rfx_config one = rfx_config_default;
    struct rfx_error problem;
    one.sessions = &parser->config.sessions[parser->config.session_count - 1];
    one.session_count = 1;
    if (one.sessions->role == RFX_ROLE_ACCEPTOR && !was_given(parser, "SocketAcceptPort")) {
        return fail_at(parser, parser->section_line,
                       "an acceptor needs SocketAcceptPort; 0 takes any free port");
    }
    if (rfx_config_validate(&one, &problem) != RFX_OK) {
        const char *colon = strchr(problem.text, ':'); /* behind "session 1" */
        snprintf(text, sizeof text, "in this [SESSION]%.300s",
                 colon != NULL ? colon : problem.text);
        return fail_at(parser, parser->section_line, text);
    }
    return RFX_OK;
}

static rfx_status end_section(struct parser *parser)
{
    if (parser->section == SECTION_SESSION) {
        return end_session(parser);
    }
    if (parser->section == SECTION_DEFAULT) {
        memcpy(parser->default_at, parser->seen_at, sizeof parser->default_at);
    }
    return RFX_OK;
}

static rfx_status add_session(struct parser *parser)
{
    struct rfx_config *config = &parser->config;
    if (config->session_count == parser->session_capacity) {
        size_t capacity = parser->session_capacity == 0 ? 16 : parser->session_capacity * 2;
        struct rfx_session_config *grown =
            realloc(config->sessions, capacity * sizeof *config->sessions);
        if (grown == NULL || capacity > 2 * SESSIONS_MAX) {
            return rfx_fail(parser->error, RFX_E_NOMEM, "%s:%zu: too many sessions",
                            parser->file_name, parser->line);
        }
        config->sessions = grown;
        parser->session_capacity = capacity;
    }
    config->sessions[config->session_count++] = parser->defaults;
    return RFX_OK;
}

static rfx_status on_section(struct parser *parser, struct rfx_bytes name)
{
    rfx_status status = end_section(parser);
    if (status != RFX_OK) {
        return status;
    }
    parser->section_line = parser->line;
    memset(parser->seen_at, 0, sizeof parser->seen_at);
    if (is_text(name, "[DEFAULT]")) {
        if (parser->section != SECTION_NONE) {
            return fail_at(parser, parser->line, "[DEFAULT] comes once, before every [SESSION]");
        }
        parser->section = SECTION_DEFAULT;
        return RFX_OK;
    }
    if (is_text(name, "[SESSION]")) {
        parser->section = SECTION_SESSION;
        return add_session(parser);
    }
    return fail_at(parser, parser->line, "unknown section; there is [DEFAULT] and [SESSION]");
}

/* ------------------------------------------------------------------------------------- keys */

static rfx_status fail_unknown(struct parser *parser, struct rfx_bytes name)
{
    const char *nearest = rfx_key_nearest(name);
    if (nearest != NULL) {
        return rfx_fail(parser->error, RFX_E_CONFIG,
                        "%s:%zu: unknown key \"%.*s\"; did you mean %s?", parser->file_name,
                        parser->line, shown(name), name.data, nearest);
    }
    return rfx_fail(parser->error, RFX_E_CONFIG,
                    "%s:%zu: unknown key \"%.*s\"; docs/configuration.md lists all keys",
                    parser->file_name, parser->line, shown(name), name.data);
}

static bool is_listener(const struct rfx_key *key)
{
    return key->scope == RFX_SCOPE_SERVER && strncmp(key->name, "SocketAccept", 12) == 0;
}

/* Server-wide keys stand in [DEFAULT]; those of the listener also in [SESSION], as QuickFIX has
 * them, but a process has one listener. */
static rfx_status apply_to_server(struct parser *parser, const struct rfx_key *key,
                                  struct rfx_bytes value, char problem[160], bool *is_valid)
{
    if (parser->section != SECTION_DEFAULT && !is_listener(key)) {
        return rfx_fail(parser->error, RFX_E_CONFIG,
                        "%s:%zu: %s is for the whole server; move it to [DEFAULT]",
                        parser->file_name, parser->line, key->name);
    }
    struct rfx_config before = parser->config;
    size_t *at = &parser->server_at[rfx_key_index(key)];
    *is_valid = rfx_key_apply(key, value, &parser->config, problem);
    bool differs = strcmp(before.accept_host, parser->config.accept_host) != 0 ||
                   before.accept_port != parser->config.accept_port;
    if (*is_valid && is_listener(key) && *at != 0 && differs) {
        return rfx_fail(parser->error, RFX_E_CONFIG,
                        "%s:%zu: %s differs from line %zu; a process has one listener",
                        parser->file_name, parser->line, key->name, *at);
    }
    *at = parser->line;
    return RFX_OK;
}

static rfx_status on_setting(struct parser *parser, struct rfx_bytes name, struct rfx_bytes value)
{
    if (parser->section == SECTION_NONE) {
        return fail_at(parser, parser->line, "a setting before [DEFAULT] or [SESSION]");
    }
    const struct rfx_key *key = rfx_key_find(name);
    if (key == NULL) {
        return fail_unknown(parser, name);
    }
    size_t *seen_at = &parser->seen_at[rfx_key_index(key)];
    if (*seen_at != 0) {
        return rfx_fail(parser->error, RFX_E_CONFIG, "%s:%zu: %s is set in line %zu already",
                        parser->file_name, parser->line, key->name, *seen_at);
    }
    *seen_at = parser->line;
    char problem[160];
    bool is_valid = false;
    if (key->scope == RFX_SCOPE_SERVER) {
        rfx_status status = apply_to_server(parser, key, value, problem, &is_valid);
        if (status != RFX_OK) {
            return status;
        }
    } else {
        struct rfx_session_config *target =
            parser->section == SECTION_DEFAULT
                ? &parser->defaults
                : &parser->config.sessions[parser->config.session_count - 1];
        is_valid = rfx_key_apply(key, value, target, problem);
    }
    if (is_valid) {
        return RFX_OK;
    }
    if (key->kind == RFX_KEY_REFUSED) {
        return rfx_fail(parser->error, RFX_E_CONFIG, "%s:%zu: %s is not supported: %s",
                        parser->file_name, parser->line, key->name, problem);
    }
    return rfx_fail(parser->error, RFX_E_CONFIG, "%s:%zu: %s %s, not \"%.*s\"", parser->file_name,
                    parser->line, key->name, problem, shown(value), value.data);
}

/* ------------------------------------------------------------------------------------ lines */

static rfx_status on_line(struct parser *parser, struct rfx_bytes line)
{
    if (line.size > 0 && line.data[line.size - 1] == '\r') {
        line.size--;
    }
    if (line.size > LINE_SIZE_MAX) {
        return fail_at(parser, parser->line, "the line is longer than 8192 bytes");
    }
    if (line.size > 0 && memchr(line.data, '\0', line.size) != NULL) {
        return fail_at(parser, parser->line, "the line holds a NUL byte; is this a text file?");
    }
    line = trimmed(line);
    if (line.size == 0 || line.data[0] == '#') {
        return RFX_OK;
    }
    if (line.data[0] == '[') {
        return on_section(parser, line);
    }
    const char *equals = memchr(line.data, '=', line.size);
    if (equals == NULL) {
        return fail_at(parser, parser->line, "neither a [SECTION] nor KEY=VALUE");
    }
    size_t name_size = (size_t)(equals - line.data);
    return on_setting(parser, trimmed(rfx_bytes_of(line.data, name_size)),
                      trimmed(rfx_bytes_of(equals + 1, line.size - name_size - 1)));
}

static rfx_status parse_lines(struct parser *parser, struct rfx_bytes text)
{
    if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text.data += 3; /* a byte order mark */
        text.size -= 3;
    }
    while (text.size > 0) {
        const char *newline = memchr(text.data, '\n', text.size);
        size_t size = newline != NULL ? (size_t)(newline - text.data) : text.size;
        parser->line++;
        rfx_status status = on_line(parser, rfx_bytes_of(text.data, size));
        if (status != RFX_OK) {
            return status;
        }
        size += newline != NULL;
        text.data += size;
        text.size -= size;
    }
    return end_section(parser);
}

/* What concerns the file as a whole. */
static rfx_status check_whole(struct parser *parser)
{
    struct rfx_error problem;
    const char *file_name = parser->file_name;
    if (parser->config.session_count == 0) {
        return rfx_fail(parser->error, RFX_E_CONFIG, "%s: there is no [SESSION]", file_name);
    }
    if (parser->config.journal_path[0] == '\0') {
        return rfx_fail(parser->error, RFX_E_CONFIG,
                        "%s: JournalPath is missing; name a directory for it in [DEFAULT]",
                        file_name);
    }
    rfx_status status = rfx_config_validate(&parser->config, &problem);
    if (status != RFX_OK) {
        return rfx_fail(parser->error, status, "%s: %.400s", file_name, problem.text);
    }
    return RFX_OK;
}

rfx_status rfx_config_parse(struct rfx_bytes text, const char *file_name, struct rfx_config *config,
                            struct rfx_error *error)
{
    struct parser *parser = calloc(1, sizeof *parser);
    if (parser == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "%s: out of memory", file_name);
    }
    parser->file_name = file_name;
    parser->config = rfx_config_default;
    parser->defaults = rfx_session_config_default;
    parser->error = error;
    rfx_status status = parse_lines(parser, text);
    if (status == RFX_OK) {
        status = check_whole(parser);
    }
    if (status == RFX_OK) {
        *config = parser->config;
    } else {
        free(parser->config.sessions);
    }
    free(parser);
    return status;
}
