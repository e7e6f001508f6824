#include "tests/unit/support_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "core/message.h"
#include "core/timestamp.h"
#include "tests/support.h"

const char *wire_token_end(const char *token)
{
    const char *bar = strchr(token, '|');
    return bar != NULL ? bar : token + strlen(token);
}

const char *wire_next_token(const char *token)
{
    const char *end = wire_token_end(token);
    return *end == '|' ? end + 1 : end;
}

const char *wire_find_token(const char *text, int tag)
{
    char with_value[16];
    char without[16];
    snprintf(with_value, sizeof with_value, "%d=", tag);
    snprintf(without, sizeof without, "!%d", tag);
    for (const char *token = text; *token != '\0'; token = wire_next_token(token)) {
        size_t size = (size_t)(wire_token_end(token) - token);
        if (strncmp(token, with_value, strlen(with_value)) == 0 ||
            (size == strlen(without) && strncmp(token, without, size) == 0)) {
            return token;
        }
    }
    return NULL;
}

void text_put(struct text *out, const char *data, size_t size)
{
    assert_true(out->size + size < out->size_max);
    memcpy(out->data + out->size, data, size);
    out->size += size;
    out->data[out->size] = '\0';
}

void text_put_string(struct text *out, const char *string)
{
    text_put(out, string, strlen(string));
}

static void put_token(struct text *out, const char *token, int64_t utc_ns)
{
    const char *end = wire_token_end(token);
    for (const char *c = token; c < end; c++) {
        if (*c == '@') {
            char time[RFX_UTC_TEXT_MAX];
            char *after;
            int64_t at_ns = utc_ns + strtoll(c + 1, &after, 10) * (int64_t)RFX_NS_PER_S;
            text_put(out, time, rfx_utc_write(at_ns, 3, time));
            c = after - 1;
        } else {
            text_put(out, *c == '^' ? "\x01" : c, 1);
        }
    }
    text_put_string(out, "\x01");
}

static void put_header(struct text *out, const struct wire_peer *peer, const char *text, int tag)
{
    const char *token = wire_find_token(text, tag);
    char field[64];
    if (token != NULL) {
        if (*token != '!') {
            put_token(out, token, peer->utc_ns);
        }
        return;
    }
    if (tag == 34) {
        snprintf(field, sizeof field, "34=%llu", (unsigned long long)peer->seq_num);
    } else if (tag == 52) {
        snprintf(field, sizeof field, "52=@0");
    } else {
        snprintf(field, sizeof field, "%d=%s", tag,
                 tag == 49 ? peer->sender_comp_id : peer->target_comp_id);
    }
    put_token(out, field, peer->utc_ns);
}

size_t wire_from_text(const struct wire_peer *peer, const char *text, char *out, size_t size)
{
    static const int header[] = {35, 34, 49, 52, 56};
    char *memory = malloc(size);
    struct text body = {.data = memory, .size_max = size};
    struct text message = {.data = out, .size_max = size};
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++) {
        put_header(&body, peer, text, header[i]);
    }
    for (const char *token = text; *token != '\0'; token = wire_next_token(token)) {
        bool is_header = *token == '!' || token == wire_find_token(text, 8);
        for (size_t i = 0; i < sizeof header / sizeof header[0]; i++) {
            is_header = is_header || token == wire_find_token(text, header[i]);
        }
        if (!is_header) {
            put_token(&body, token, peer->utc_ns);
        }
    }
    const char *begin_string = wire_find_token(text, 8);
    char field[32];
    text_put_string(&message, "8=");
    if (begin_string != NULL) {
        text_put(&message, begin_string + 2,
                 (size_t)(wire_token_end(begin_string) - begin_string) - 2);
    } else {
        text_put_string(&message, peer->begin_string);
    }
    snprintf(field, sizeof field, "\x01%s%zu\x01", "9=", body.size);
    text_put_string(&message, field);
    text_put(&message, body.data, body.size);
    snprintf(field, sizeof field, "10=%03u\x01", rfx_checksum(message.data, message.size));
    text_put_string(&message, field);
    free(memory);
    return message.size;
}

const char *wire_type_name(struct rfx_bytes msg_type)
{
    static const struct {
        char letter;
        const char *name;
    } names[] = {{'0', "Heartbeat"},       {'1', "TestRequest"},   {'2', "ResendRequest"},
                 {'3', "Reject"},          {'4', "SequenceReset"}, {'5', "Logout"},
                 {'8', "ExecutionReport"}, {'A', "Logon"},         {'D', "NewOrderSingle"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (rfx_bytes_equal(msg_type, &names[i].letter, 1)) {
            return names[i].name;
        }
    }
    return "unknown type";
}

void wire_put_field(struct text *out, int32_t tag, struct rfx_bytes value, int64_t utc_ns)
{
    char start[48];
    snprintf(start, sizeof start, tag == 34 ? " seq=" : " %d=", (int)tag);
    text_put_string(out, start);
    int64_t time_ns;
    if (tag == 122 && rfx_utc_read(value, &time_ns)) {
        snprintf(start, sizeof start, "%.3f", (double)(time_ns - utc_ns) / 1e9);
        text_put_string(out, start);
        return;
    }
    for (size_t i = 0; i < value.size; i++) {
        text_put(out, value.data[i] == RFX_SOH ? "^" : value.data + i, 1);
    }
}

void wire_to_text(const char *data, size_t size, int64_t utc_ns, char *out, size_t out_size)
{
    struct rfx_field *fields = malloc(RFX_FIELDS_MAX(size) * sizeof *fields);
    struct rfx_message message;
    struct rfx_frame frame;
    struct text text = {.data = out, .size_max = out_size};
    assert_int_equal(rfx_frame(data, size, size, &frame), RFX_FRAME_COMPLETE);
    assert_int_equal(frame.size, size);
    rfx_message_index(data, size, fields, &message);
    assert_int_equal(message.malformed_index, -1);
    text_put_string(&text, wire_type_name(rfx_message_type(&message)));
    for (uint32_t i = 3; i + 1 < message.field_count; i++) {
        int32_t tag = fields[i].tag;
        if (tag != 49 && tag != 52 && tag != 56) {
            wire_put_field(&text, tag, rfx_field_value(&message, (int32_t)i), utc_ns);
        }
    }
    free(fields);
}
