#include "bench/loadgen/mix.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct mix *mix;
    const char *file_name;
    struct rfx_error *error;
    uint32_t number; /* of the line */
};

static rfx_status fail(const struct reading *reading, const char *format, ...) RFX_PRINTF(2, 3);

static rfx_status fail(const struct reading *reading, const char *format, ...)
{
    char what[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(reading->error->text, sizeof reading->error->text, "%.200s:%u: %s", reading->file_name,
             (unsigned)reading->number, what);
    return RFX_E_INVALID;
}

/* --------------------------------------------------------------------------------- fields */

/* Fields of the header that an application may set; they come before the body's. */
static bool is_header(int32_t tag)
{
    static const int32_t tags[] = {50,  57,  90,  91,  115, 116, 128,
                                   129, 142, 143, 144, 145, 347, 1128};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (tags[i] == tag) {
            return true;
        }
    }
    return false;
}

/* Written by the session; a message that holds one of them could not be sent. */
static bool is_reserved(int32_t tag)
{
    static const int32_t tags[] = {8, 9, 10, 34, 35, 43, 49, 52, 56, 97, 122, 369};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (tags[i] == tag) {
            return true;
        }
    }
    return false;
}

/* "tag=value" up to end. */
static rfx_status read_field(const struct reading *reading, const char *text, const char *end,
                             struct mix_field *field)
{
    const char *equals = memchr(text, '=', (size_t)(end - text));
    int shown = end - text > 40 ? 40 : (int)(end - text);
    int64_t tag = 0;
    if (equals == NULL || equals == text || equals - text > 7 || *text == '0') {
        return fail(reading, "'%.*s' is no field: tag=value is needed", shown, text);
    }
    for (const char *digit = text; digit < equals; digit++) {
        if (*digit < '0' || *digit > '9') {
            return fail(reading, "'%.*s' is no field: tag=value is needed", shown, text);
        }
        tag = 10 * tag + (*digit - '0');
    }
    field->tag = (int32_t)tag;
    field->text = (struct rfx_bytes){.data = equals + 1, .size = (size_t)(end - equals - 1)};
    if (field->text.size == 0) {
        return fail(reading, "field %d has no value", (int)tag);
    }
    field->kind = MIX_TEXT;
    if (field->text.size == 5 && memcmp(field->text.data, "{now}", 5) == 0) {
        field->kind = MIX_NOW;
    } else if (field->text.size == 10 && memcmp(field->text.data, "{previous}", 10) == 0) {
        field->kind = MIX_PREVIOUS;
    }
    return RFX_OK;
}

static rfx_status check_field(const struct reading *reading, const struct mix_field *field)
{
    if (is_reserved(field->tag)) {
        return fail(reading, "field %d is written by the session", (int)field->tag);
    }
    if (field->tag == 11) {
        return fail(reading, "ClOrdID(11) is put in by the generator");
    }
    return RFX_OK;
}

/* 0 to 5 and A are the session's own. */
static rfx_status read_type(const struct reading *reading, const struct mix_field *field,
                            struct mix_line *line)
{
    size_t size = field->text.size;
    if (field->tag != 35) {
        return fail(reading, "MsgType(35) comes first, not field %d", (int)field->tag);
    }
    if (size >= MIX_TYPE_SIZE || (size == 1 && strchr("012345A", *field->text.data) != NULL)) {
        return fail(reading, "35=%.*s: an application's MsgType of up to %d characters is needed",
                    size > 20 ? 20 : (int)size, field->text.data, MIX_TYPE_SIZE - 1);
    }
    memcpy(line->msg_type, field->text.data, size);
    line->msg_type[size] = '\0';
    return RFX_OK;
}

static rfx_status read_fields(const struct reading *reading, const char *text, const char *end,
                              struct mix_line *line)
{
    struct mix *mix = reading->mix;
    bool has_type = false;
    while (text < end) {
        struct mix_field field;
        const char *bar = memchr(text, '|', (size_t)(end - text));
        const char *stop = bar != NULL ? bar : end;
        rfx_status status = read_field(reading, text, stop, &field);
        if (status != RFX_OK) {
            return status;
        }
        status = has_type ? check_field(reading, &field) : read_type(reading, &field, line);
        if (status != RFX_OK) {
            return status;
        }
        if (has_type) {
            if (line->count == MIX_FIELDS_MAX) {
                return fail(reading, "more than %d fields", MIX_FIELDS_MAX);
            }
            line->header_count += is_header(field.tag) && line->header_count == line->count;
            mix->fields[mix->field_count++] = field;
            line->count++;
        }
        has_type = true;
        text = stop + 1;
    }
    return has_type ? RFX_OK : fail(reading, "35=... and more fields are needed behind the colon");
}

/* ---------------------------------------------------------------------------------- lines */

static const char *skip_blanks(const char *text, const char *end)
{
    while (text < end && (*text == ' ' || *text == '\t')) {
        text++;
    }
    return text;
}

static rfx_status read_weight(const struct reading *reading, const char **text, const char *end,
                              uint32_t *weight)
{
    const char *at = *text;
    uint32_t number = 0;
    while (at < end && *at >= '0' && *at <= '9' && number <= MIX_WEIGHT_MAX) {
        number = 10 * number + (uint32_t)(*at++ - '0');
    }
    bool has_digits = at > *text;
    at = skip_blanks(at, end);
    if (!has_digits || number < 1 || number > MIX_WEIGHT_MAX || at == end || *at != ':') {
        return fail(reading, "a line is 'weight: 35=D|...', with a weight from 1 to %d",
                    MIX_WEIGHT_MAX);
    }
    *weight = number;
    *text = at + 1;
    return RFX_OK;
}

static rfx_status read_line(const struct reading *reading, const char *text, const char *end)
{
    struct mix *mix = reading->mix;
    for (const char *byte = text; byte < end; byte++) {
        if ((unsigned char)*byte < ' ' && *byte != '\t') {
            return fail(reading, "byte %zu is a control character", (size_t)(byte - text) + 1);
        }
    }
    text = skip_blanks(text, end);
    if (text == end || *text == '#') {
        return RFX_OK;
    }
    if (end - text > MIX_LINE_SIZE_MAX) {
        return fail(reading, "longer than %d bytes", MIX_LINE_SIZE_MAX);
    }
    if (mix->line_count == MIX_LINES_MAX) {
        return fail(reading, "more than %d messages", MIX_LINES_MAX);
    }
    struct mix_line *line = &mix->lines[mix->line_count];
    *line = (struct mix_line){.number = reading->number, .first = mix->field_count};
    rfx_status status = read_weight(reading, &text, end, &line->weight);
    if (status == RFX_OK) {
        text = skip_blanks(text, end);
        status = read_fields(reading, text, end, line);
    }
    if (status == RFX_OK) {
        size_t size = (size_t)(end - text);
        mix->size_max = size > mix->size_max ? size : mix->size_max;
        mix->weight += line->weight;
        mix->line_count++;
    }
    return status;
}

static rfx_status read_lines(struct reading *reading, const char *text, const char *end)
{
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline != NULL ? newline : end;
        bool has_return = stop > text && stop[-1] == '\r';
        reading->number++;
        rfx_status status = read_line(reading, text, has_return ? stop - 1 : stop);
        if (status != RFX_OK) {
            return status;
        }
        text = stop + 1;
    }
    return reading->mix->line_count > 0 ? RFX_OK : fail(reading, "no message is in the file");
}

rfx_status mix_parse(struct rfx_bytes text, const char *file_name, struct mix *mix,
                     struct rfx_error *error)
{
    struct reading reading = {.mix = mix, .file_name = file_name, .error = error};
    memset(mix, 0, sizeof *mix);
    if (text.size > MIX_FILE_SIZE_MAX) {
        return fail(&reading, "larger than %d bytes", MIX_FILE_SIZE_MAX);
    }
    mix->text = malloc(text.size + 1);
    mix->fields = calloc((size_t)MIX_LINES_MAX * MIX_FIELDS_MAX, sizeof *mix->fields);
    if (mix->text == NULL || mix->fields == NULL) {
        mix_free(mix);
        snprintf(error->text, sizeof error->text, "out of memory for %.200s", file_name);
        return RFX_E_NOMEM;
    }
    if (text.size > 0) {
        memcpy(mix->text, text.data, text.size);
    }
    rfx_status status = read_lines(&reading, mix->text, mix->text + text.size);
    if (status != RFX_OK) {
        mix_free(mix);
    }
    return status;
}

rfx_status mix_load(const char *path, struct mix *mix, struct rfx_error *error)
{
    rfx_status status = RFX_E_IO;
    FILE *file = fopen(path, "r");
    char *text = malloc(MIX_FILE_SIZE_MAX + 1);
    memset(mix, 0, sizeof *mix);
    if (file == NULL || text == NULL) {
        snprintf(error->text, sizeof error->text, "%.200s: %s", path, strerror(errno));
        goto close_file;
    }
    size_t size = fread(text, 1, MIX_FILE_SIZE_MAX + 1, file);
    if (ferror(file) != 0) {
        snprintf(error->text, sizeof error->text, "%.200s: %s", path, strerror(errno));
        goto close_file;
    }
    status = mix_parse((struct rfx_bytes){.data = text, .size = size}, path, mix, error);
close_file:
    free(text);
    if (file != NULL) {
        fclose(file);
    }
    return status;
}

void mix_free(struct mix *mix)
{
    free(mix->text);
    free(mix->fields);
    memset(mix, 0, sizeof *mix);
}

/* SplitMix64's mixer: neighbouring numbers come out unrelated. */
static uint64_t scatter(uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

uint32_t mix_pick(const struct mix *mix, uint32_t session, uint64_t number)
{
    uint64_t place = scatter(scatter(session) ^ number) % mix->weight;
    uint32_t index = 0;
    while (place >= mix->lines[index].weight) {
        place -= mix->lines[index++].weight;
    }
    return index;
}
