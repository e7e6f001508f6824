/* A QuickFIX-style configuration file: [DEFAULT] is inherited by each [SESSION]. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_foreign.h"
#include "core/config_keys.h"
#include "core/config_parse.h"
#include "core/session_name.h"

#define LINE_SIZE_MAX 8192
#define SESSIONS_MAX  1000000
#define NOTES_MAX     256 /* names of settings without effect */

enum section { SECTION_NONE, SECTION_DEFAULT, SECTION_SESSION };

/* Keys of which each [SESSION] is asked whether it has them: the required ones first. */
static const char *const asked[] = {"ConnectionType", "BeginString",      "SenderCompID",
                                    "TargetCompID",   "SocketAcceptPort", "SocketAcceptHost"};
enum { REQUIRED_COUNT = 4, ASKED_ACCEPT_PORT = 4, ASKED_ACCEPT_HOST, ASKED_COUNT };

struct parser {
    const char *file_name;
    size_t line;
    enum section section;
    size_t section_line;
    size_t default_line; /* of [DEFAULT], 0: not there */
    struct rfx_config config;
    struct rfx_session_config defaults;
    size_t session_capacity;
    size_t *session_lines;                /* of each [SESSION] */
    size_t with_host_at;                  /* an acceptor that names SocketAcceptHost */
    size_t without_host_at;               /* one that does not */
    size_t seen_at[RFX_KEY_COUNT_MAX];    /* line in this section, 0: not yet */
    size_t default_at[RFX_KEY_COUNT_MAX]; /* line in [DEFAULT] */
    size_t server_at[RFX_KEY_COUNT_MAX];  /* of a key of the whole server, in any section */
    struct {
        size_t server; /* rfx_key_index() in either scope: there may be a million sessions */
        size_t session;
    } asked_at[ASKED_COUNT];
    struct rfx_config_rows *rows; /* NULL: nobody asks */
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

static rfx_status fail_memory(struct parser *parser)
{
    return rfx_fail(parser->error, RFX_E_NOMEM, "%s:%zu: out of memory", parser->file_name,
                    parser->line);
}

/* The next row, zeroed. */
static struct rfx_config_row *add_row(struct rfx_config_rows *rows)
{
    if (rows->count == rows->capacity) {
        const size_t capacity = rows->capacity == 0 ? 16 : rows->capacity * 2;
        struct rfx_config_row *grown = realloc(rows->rows, capacity * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        rows->rows = grown;
        rows->capacity = capacity;
    }
    struct rfx_config_row *row = &rows->rows[rows->count++];
    *row = (struct rfx_config_row){0};
    return row;
}

static rfx_status keep_row(struct parser *parser)
{
    if (parser->rows == NULL) {
        return RFX_OK;
    }
    struct rfx_config_row *row = add_row(parser->rows);
    if (row == NULL) {
        return fail_memory(parser);
    }
    row->section_line = (uint32_t)parser->section_line;
    for (size_t i = 0; i < RFX_KEY_COUNT_MAX; i++) {
        row->lines[i] =
            (uint32_t)(parser->seen_at[i] != 0 ? parser->seen_at[i] : parser->default_at[i]);
    }
    return RFX_OK;
}

static void find_asked(struct parser *parser)
{
    for (size_t i = 0; i < ASKED_COUNT; i++) {
        const struct rfx_bytes name = rfx_bytes_of(asked[i], strlen(asked[i]));
        parser->asked_at[i].server = rfx_key_index(rfx_key_find(name, RFX_SCOPE_SERVER));
        parser->asked_at[i].session = rfx_key_index(rfx_key_find(name, RFX_SCOPE_SESSION));
    }
}

static bool was_given(const struct parser *parser, size_t index)
{
    const size_t server = parser->asked_at[index].server;
    const size_t session = parser->asked_at[index].session;
    return parser->default_at[server] != 0 || parser->default_at[session] != 0 ||
           parser->seen_at[server] != 0 || parser->seen_at[session] != 0;
}

/* What can only be judged when a [SESSION] is complete. */
static rfx_status end_session(struct parser *parser)
{
    char text[400];
    for (size_t i = 0; i < REQUIRED_COUNT; i++) {
        if (!was_given(parser, i)) {
            snprintf(text, sizeof text, "this [SESSION] has no %s; add it here or in [DEFAULT]",
                     asked[i]);
            return fail_at(parser, parser->section_line, text);
        }
    }
    struct rfx_config one = rfx_config_default;
    struct rfx_error problem;
    one.tls = parser->config.tls;
    one.accept_port = parser->config.accept_port;
    one.sessions = &parser->config.sessions[parser->config.session_count - 1];
    one.session_count = 1;
    if (one.sessions->role == RFX_ROLE_ACCEPTOR && !was_given(parser, ASKED_ACCEPT_PORT)) {
        return fail_at(parser, parser->section_line,
                       "an acceptor needs SocketAcceptPort; 0 takes any free port");
    }
    if (one.sessions->role == RFX_ROLE_ACCEPTOR) {
        bool has_host = was_given(parser, ASKED_ACCEPT_HOST);
        *(has_host ? &parser->with_host_at : &parser->without_host_at) = parser->section_line;
    }
    if (parser->with_host_at != 0 && parser->without_host_at != 0) {
        return fail_at(parser, parser->section_line,
                       "some [SESSION]s have a SocketAcceptHost and others have none, but a "
                       "process has one listener; move it to [DEFAULT]");
    }
    if (rfx_config_validate(&one, &problem) != RFX_OK) {
        const char *colon = strchr(problem.text, ':'); /* behind "session 1" */
        snprintf(text, sizeof text, "in this [SESSION]%.300s",
                 colon != NULL ? colon : problem.text);
        return fail_at(parser, parser->section_line, text);
    }
    return keep_row(parser);
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
    if (config->session_count == SESSIONS_MAX) { /* before realloc() takes the old array away */
        return fail_at(parser, parser->line, "more than 1000000 sessions; remove some");
    }
    if (config->session_count == parser->session_capacity) {
        size_t capacity = parser->session_capacity == 0 ? 16 : parser->session_capacity * 2;
        struct rfx_session_config *grown =
            realloc(config->sessions, capacity * sizeof *config->sessions);
        if (grown == NULL) {
            return fail_memory(parser);
        }
        config->sessions = grown;
        size_t *lines = realloc(parser->session_lines, capacity * sizeof *lines);
        if (lines == NULL) {
            return fail_memory(parser);
        }
        parser->session_lines = lines;
        parser->session_capacity = capacity;
    }
    parser->session_lines[config->session_count] = parser->line;
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
        parser->default_line = parser->line;
        return RFX_OK;
    }
    if (is_text(name, "[SESSION]")) {
        parser->section = SECTION_SESSION;
        return add_session(parser);
    }
    return fail_at(parser, parser->line, "unknown section; there is [DEFAULT] and [SESSION]");
}

/* ------------------------------------------------------------------------------------- keys */

/* A setting without effect. Of many of one name the first is kept. */
static rfx_status note(struct parser *parser, struct rfx_bytes name, const char *text)
{
    struct rfx_config *config = &parser->config;
    for (size_t i = 0; i < config->note_count; i++) {
        if (rfx_key_is_named(name, config->notes[i].key)) {
            config->notes[i].count++;
            return RFX_OK;
        }
    }
    if (config->note_count == NOTES_MAX) {
        return RFX_OK;
    }
    if (config->notes == NULL) {
        config->notes = calloc(NOTES_MAX, sizeof *config->notes);
    }
    const char *key = rfx_config_texts_add(&config->texts, name);
    if (config->notes == NULL || key == NULL) {
        return fail_memory(parser);
    }
    config->notes[config->note_count++] =
        (struct rfx_config_note){.key = key, .text = text, .line = parser->line, .count = 1};
    return RFX_OK;
}

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

/* Files of QuickFIX have these in [SESSION], too; they must agree. */
static bool may_be_in_session(const struct rfx_key *key)
{
    return strncmp(key->name, "Socket", 6) == 0 || strcmp(key->name, "FileStorePath") == 0 ||
           strcmp(key->name, "FileLogPath") == 0 || strcmp(key->name, "UseTCPProxy") == 0;
}

static bool is_same_server(const struct rfx_config *a, const struct rfx_config *b)
{
    return strcmp(a->accept_host, b->accept_host) == 0 &&
           strcmp(a->journal_path, b->journal_path) == 0 &&
           strcmp(a->message_log, b->message_log) == 0 && a->use_tcp_proxy == b->use_tcp_proxy &&
           a->socket_send_buffer_size == b->socket_send_buffer_size &&
           a->socket_receive_buffer_size == b->socket_receive_buffer_size;
}

static bool has_journal_path(const struct parser *parser)
{
    return parser->default_at[rfx_key_index(rfx_key_named("JournalPath"))] != 0 ||
           (parser->section == SECTION_DEFAULT &&
            parser->seen_at[rfx_key_index(rfx_key_named("JournalPath"))] != 0);
}

static const char *what_it_has_one_of(const struct rfx_key *key)
{
    if (strcmp(key->name, "FileLogPath") == 0) {
        return "message log";
    }
    return strcmp(key->name, "FileStorePath") == 0 ? "journal" : "listener";
}

/* Server-wide keys stand in [DEFAULT]; some also in [SESSION], but a process has one of it. */
static rfx_status apply_to_server(struct parser *parser, const struct rfx_key *key,
                                  struct rfx_bytes value, char problem[RFX_PROBLEM_SIZE],
                                  bool *is_valid)
{
    if (parser->section != SECTION_DEFAULT && !may_be_in_session(key)) {
        return rfx_fail(parser->error, RFX_E_CONFIG,
                        "%s:%zu: %s is for the whole server; move it to [DEFAULT]",
                        parser->file_name, parser->line, key->name);
    }
    struct rfx_config before = parser->config;
    size_t *at = &parser->server_at[rfx_key_index(key)];
    *is_valid = rfx_key_apply(key, value, &parser->config, &parser->config.texts, problem);
    if (strcmp(key->name, "FileStorePath") == 0 && has_journal_path(parser)) {
        memcpy(parser->config.journal_path, before.journal_path, sizeof before.journal_path);
        return note(parser, rfx_bytes_of(key->name, strlen(key->name)), "JournalPath is there");
    }
    if (*is_valid && *at != 0 && !is_same_server(&before, &parser->config)) {
        return rfx_fail(parser->error, RFX_E_CONFIG,
                        "%s:%zu: %s differs from line %zu; a process has one %s", parser->file_name,
                        parser->line, key->name, *at, what_it_has_one_of(key));
    }
    *at = *at != 0 ? *at : parser->line;
    return RFX_OK;
}

/* A key that is not ours: taken without effect, or refused. */
static rfx_status on_foreign(struct parser *parser, const struct rfx_foreign_key *foreign,
                             struct rfx_bytes name, struct rfx_bytes value)
{
    if (foreign->is_refused) {
        return rfx_fail(parser->error, RFX_E_CONFIG, "%s:%zu: %.*s is not supported: %s",
                        parser->file_name, parser->line, shown(name), name.data, foreign->text);
    }
    if (foreign->value != NULL && !rfx_key_is_named(value, foreign->value)) {
        return rfx_fail(parser->error, RFX_E_CONFIG,
                        "%s:%zu: %.*s is supported as %s alone; set it so or remove it, not "
                        "\"%.*s\"",
                        parser->file_name, parser->line, shown(name), name.data, foreign->value,
                        shown(value), value.data);
    }
    return note(parser, name, foreign->text);
}

static rfx_status on_setting(struct parser *parser, struct rfx_bytes name, struct rfx_bytes value)
{
    if (parser->section == SECTION_NONE) {
        return fail_at(parser, parser->line, "a setting before [DEFAULT] or [SESSION]");
    }
    const struct rfx_key *key = rfx_key_find(
        name, parser->section == SECTION_DEFAULT ? RFX_SCOPE_SERVER : RFX_SCOPE_SESSION);
    const struct rfx_foreign_key *foreign = key == NULL ? rfx_foreign_key_find(name) : NULL;
    if (foreign != NULL) {
        return on_foreign(parser, foreign, name, value);
    }
    if (key == NULL) {
        return fail_unknown(parser, name);
    }
    size_t *seen_at = &parser->seen_at[rfx_key_index(key)];
    if (*seen_at != 0) {
        return rfx_fail(parser->error, RFX_E_CONFIG, "%s:%zu: %s is set in line %zu already",
                        parser->file_name, parser->line, key->name, *seen_at);
    }
    *seen_at = parser->line;
    char problem[RFX_PROBLEM_SIZE];
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
        is_valid = rfx_key_apply(key, value, target, &parser->config.texts, problem);
    }
    if (is_valid) {
        return RFX_OK;
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

/* The line to name for a setting of the whole server. */
static size_t server_line(const struct parser *parser, const char *name)
{
    size_t at = parser->default_at[rfx_key_index(rfx_key_named(name))];
    if (at != 0) {
        return at;
    }
    return parser->default_line != 0 ? parser->default_line : 1;
}

/* What concerns the file as a whole. */
static rfx_status check_whole(struct parser *parser)
{
    struct rfx_error problem;
    struct rfx_config *config = &parser->config;
    size_t earlier;
    size_t later;
    if (config->session_count == 0) {
        return fail_at(parser, parser->line > 0 ? parser->line : 1,
                       "the file ends without a [SESSION]; add one");
    }
    if (config->journal_path[0] == '\0') {
        return fail_at(parser, server_line(parser, "JournalPath"),
                       "JournalPath is missing; name a directory for the journal in [DEFAULT]");
    }
    rfx_status status = rfx_config_find_duplicate(config, &earlier, &later);
    if (status != RFX_OK) {
        return fail_memory(parser);
    }
    if (later != 0) {
        char name[RFX_SESSION_NAME_MAX];
        const struct rfx_session_config *session = &config->sessions[later];
        rfx_session_name_of_config(session, session->target_comp_id, name);
        return rfx_fail(parser->error, RFX_E_CONFIG,
                        "%s:%zu: session %s is in line %zu already; remove one", parser->file_name,
                        parser->session_lines[later], name, parser->session_lines[earlier]);
    }
    if (rfx_config_validate(config, &problem) != RFX_OK) {
        bool is_queue = strncmp(problem.text, "SendQueueSize", 13) == 0;
        return fail_at(parser, server_line(parser, is_queue ? "SendQueueSize" : "MaxSessions"),
                       problem.text);
    }
    return RFX_OK;
}

rfx_status rfx_config_parse_rows(struct rfx_bytes text, const char *file_name,
                                 struct rfx_config *config, struct rfx_config_rows *rows,
                                 struct rfx_error *error)
{
    struct parser *parser = calloc(1, sizeof *parser);
    if (parser == NULL || (rows != NULL && add_row(rows) == NULL)) {
        free(parser);
        return rfx_fail(error, RFX_E_NOMEM, "%s: out of memory", file_name);
    }
    parser->file_name = file_name;
    parser->config = rfx_config_default;
    parser->defaults = rfx_session_config_default;
    parser->rows = rows;
    parser->error = error;
    find_asked(parser);
    rfx_status status = parse_lines(parser, text);
    if (status == RFX_OK) {
        status = check_whole(parser);
    }
    if (status == RFX_OK) {
        *config = parser->config;
    } else {
        rfx_config_free(&parser->config);
    }
    for (size_t i = 0; rows != NULL && i < RFX_KEY_COUNT_MAX; i++) {
        rows->rows[0].lines[i] = (uint32_t)parser->server_at[i];
    }
    free(parser->session_lines);
    free(parser);
    return status;
}

rfx_status rfx_config_parse(struct rfx_bytes text, const char *file_name, struct rfx_config *config,
                            struct rfx_error *error)
{
    return rfx_config_parse_rows(text, file_name, config, NULL, error);
}
