#include "tools/journal/json_line.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 2

/* Characters up to U+00FF are a byte each; jansson has them as UTF-8. False: there is another. */
static bool decode(const char *utf8, size_t size, char *out, size_t *out_size)
{
    *out_size = 0;
    for (size_t i = 0; i < size; i++) {
        const unsigned char byte = (unsigned char)utf8[i];
        if (byte < 0x80) {
            out[(*out_size)++] = (char)byte;
        } else if ((byte == 0xc2 || byte == 0xc3) && i + 1 < size) {
            out[(*out_size)++] = (char)((byte & 0x03) << 6 | ((unsigned char)utf8[++i] & 0x3f));
        } else {
            return false;
        }
    }
    return true;
}

static rfx_status fail_json(const json_error_t *json_error, struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_INVALID, "column %d: %s", json_error->column, json_error->text);
}

static rfx_status check_version(json_t *object, struct rfx_error *error)
{
    const json_t *version = json_object_get(object, "ringfix-journal");
    if (!json_is_integer(version) || json_integer_value(version) != VERSION) {
        return rfx_fail(error, RFX_E_INVALID, "\"ringfix-journal\" is not %d", VERSION);
    }
    return RFX_OK;
}

static rfx_status read_session(json_t *object, struct json_line *line, struct rfx_error *error)
{
    const char *name = NULL;
    size_t name_size = 0;
    json_int_t next_out = 0;
    json_int_t next_in = 0;
    json_int_t created_ns = 0;
    json_error_t json_error;
    if (json_unpack_ex(object, &json_error, 0, "{s:s%, s:I, s:I, s:I !}", "session", &name,
                       &name_size, "next_out", &next_out, "next_in", &next_in, "created_ns",
                       &created_ns) != 0) {
        return fail_json(&json_error, error);
    }
    char text[2 * RFX_JOURNAL_NAME_MAX + 1] = "";
    size_t size = 0;
    const bool is_name = name_size < sizeof text && decode(name, name_size, text, &size) &&
                         size >= 1 && size <= RFX_JOURNAL_NAME_MAX && strlen(text) == size &&
                         rfx_is_printable(text);
    if (!is_name) {
        return rfx_fail(error, RFX_E_INVALID,
                        "a session's name has 1 to %d printable characters up to U+00FF",
                        RFX_JOURNAL_NAME_MAX);
    }
    if (next_out < 1 || next_in < 1 || created_ns < 0) {
        return rfx_fail(error, RFX_E_INVALID,
                        "next_out and next_in are from 1 on, and created_ns from 0 on");
    }
    memcpy(line->name, text, size + 1);
    line->next_out = (uint64_t)next_out;
    line->next_in = (uint64_t)next_in;
    line->created_ns = created_ns;
    return RFX_OK;
}

static rfx_status copy_message(const char *text, size_t size, struct json_line *line,
                               struct rfx_error *error)
{
    line->message = malloc(size + 1);
    if (line->message == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory for a message of %zu bytes", size);
    }
    rfx_status status = RFX_OK;
    if (!decode(text, size, line->message, &line->message_size)) {
        status = rfx_fail(error, RFX_E_INVALID, "the message has a character above U+00FF");
    } else if (line->message_size < 1 || line->message_size > RFX_MESSAGE_SIZE_MAX) {
        status = rfx_fail(error, RFX_E_INVALID, "a message has 1 to %u bytes, this one has %zu",
                          RFX_MESSAGE_SIZE_MAX, line->message_size);
    }
    if (status != RFX_OK) {
        free(line->message);
        line->message = NULL;
    }
    return status;
}

static rfx_status read_message(json_t *object, struct json_line *line, struct rfx_error *error)
{
    const char *direction = NULL;
    const char *text = NULL;
    size_t size = 0;
    json_int_t seq_num = 0;
    json_int_t time_ns = 0;
    json_error_t json_error;
    if (json_unpack_ex(object, &json_error, 0, "{s:s, s:I, s:I, s:s% !}", "direction", &direction,
                       "seq", &seq_num, "time_ns", &time_ns, "message", &text, &size) != 0) {
        return fail_json(&json_error, error);
    }
    if (strcmp(direction, "in") != 0 && strcmp(direction, "out") != 0) {
        return rfx_fail(error, RFX_E_INVALID, "the direction is neither in nor out");
    }
    if (seq_num < 1 || time_ns < 0) {
        return rfx_fail(error, RFX_E_INVALID, "seq is from 1 on, and time_ns from 0 on");
    }
    line->direction = direction[0] == 'i' ? RFX_DIRECTION_IN : RFX_DIRECTION_OUT;
    line->seq_num = (uint64_t)seq_num;
    line->time_ns = time_ns;
    return copy_message(text, size, line, error);
}

static rfx_status read_end(json_t *object, struct json_line *line, struct rfx_error *error)
{
    int is_end = 0;
    json_int_t sessions = 0;
    json_int_t messages = 0;
    json_error_t json_error;
    if (json_unpack_ex(object, &json_error, 0, "{s:b, s:I, s:I !}", "end", &is_end, "sessions",
                       &sessions, "messages", &messages) != 0) {
        return fail_json(&json_error, error);
    }
    if (is_end == 0) {
        return rfx_fail(error, RFX_E_INVALID, "\"end\" is not true");
    }
    line->session_count = (uint64_t)sessions;
    line->message_count = (uint64_t)messages;
    return RFX_OK;
}

static rfx_status read_object(json_t *object, struct json_line *line, struct rfx_error *error)
{
    if (json_object_get(object, "direction") != NULL) {
        line->kind = JSON_LINE_MESSAGE;
        return read_message(object, line, error);
    }
    if (json_object_get(object, "session") != NULL) {
        line->kind = JSON_LINE_SESSION;
        return read_session(object, line, error);
    }
    if (json_object_get(object, "ringfix-journal") != NULL) {
        line->kind = JSON_LINE_HEADER;
        return check_version(object, error);
    }
    if (json_object_get(object, "end") != NULL) {
        line->kind = JSON_LINE_END;
        return read_end(object, line, error);
    }
    return rfx_fail(error, RFX_E_INVALID, "this is no session, no message and no end");
}

rfx_status json_line_read(const char *text, size_t size, struct json_line *line,
                          struct rfx_error *error)
{
    json_error_t json_error;
    memset(line, 0, sizeof *line);
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &json_error);
    if (object == NULL) {
        return fail_json(&json_error, error);
    }
    const rfx_status status = read_object(object, line, error);
    json_decref(object);
    return status;
}
