#include "core/dict_text.h"

#include <stdlib.h>
#include <string.h>

#include "core/draft.h"

#define WORDS_MAX 5 /* message NAME TYPE app { */

struct word {
    struct rfx_bytes text;
    bool is_quoted;
};

struct reader {
    struct rfx_draft *draft;
    size_t line;
    uint32_t blocks;    /* open ones that have members */
    size_t values_line; /* of the field whose values are being listed, 0: none */
    struct word words[WORDS_MAX];
    uint32_t word_count;
    char unquoted[RFX_DICT_LINE_MAX]; /* texts of quoted words, of this line */
};

/* ------------------------------------------------------------------------------------- words */

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Takes a quoted word from behind its first quote, into `out`. False: it does not end. */
static bool take_quoted(struct rfx_bytes *rest, char *out, struct word *word)
{
    size_t size = 0;
    for (size_t i = 0; i < rest->size; i++) {
        if (rest->data[i] == '"') {
            *word = (struct word){.text = rfx_bytes_of(out, size), .is_quoted = true};
            *rest = rfx_bytes_of(rest->data + i + 1, rest->size - i - 1);
            return true;
        }
        i += rest->data[i] == '\\';
        if (i < rest->size) {
            out[size++] = rest->data[i];
        }
    }
    return false;
}

static void take_bare(struct rfx_bytes *rest, struct word *word)
{
    size_t size = 1; /* { and } are words by themselves */
    while (rest->data[0] != '{' && rest->data[0] != '}' && size < rest->size &&
           !is_space(rest->data[size]) && memchr("\"#{}", rest->data[size], 4) == NULL) {
        size++;
    }
    *word = (struct word){.text = rfx_bytes_of(rest->data, size)};
    *rest = rfx_bytes_of(rest->data + size, rest->size - size);
}

/* Splits a line. False: the draft has failed. */
static bool split(struct reader *reader, struct rfx_bytes line)
{
    size_t unquoted = 0;
    reader->word_count = 0;
    if (line.size > RFX_DICT_LINE_MAX) {
        rfx_draft_fail(reader->draft, reader->line, "the line is longer than %d bytes",
                       RFX_DICT_LINE_MAX);
        return false;
    }
    while (line.size > 0 && line.data[0] != '#') {
        if (is_space(line.data[0])) {
            line = rfx_bytes_of(line.data + 1, line.size - 1);
            continue;
        }
        if (reader->word_count == WORDS_MAX) {
            rfx_draft_fail(reader->draft, reader->line,
                           "too many words; a text with spaces stands in quotes");
            return false;
        }
        struct word *word = &reader->words[reader->word_count++];
        if (line.data[0] != '"') {
            take_bare(&line, word);
            continue;
        }
        line = rfx_bytes_of(line.data + 1, line.size - 1);
        if (!take_quoted(&line, reader->unquoted + unquoted, word)) {
            rfx_draft_fail(reader->draft, reader->line, "a quote that is not closed");
            return false;
        }
        unquoted += word->text.size;
    }
    return true;
}

static bool is_word(const struct reader *reader, uint32_t index, const char *text)
{
    const struct word *word = &reader->words[index];
    return index < reader->word_count && !word->is_quoted && word->text.size == strlen(text) &&
           memcmp(word->text.data, text, word->text.size) == 0;
}

/* A last word that is a mark is taken off. */
static bool take_last(struct reader *reader, const char *mark)
{
    if (reader->word_count == 0 || !is_word(reader, reader->word_count - 1, mark)) {
        return false;
    }
    reader->word_count--;
    return true;
}

static void fail(struct reader *reader, const char *text)
{
    rfx_draft_fail(reader->draft, reader->line, "%s", text);
}

/* Whether as many words are there as a statement has; `form` tells what it looks like. */
static bool has_words(struct reader *reader, uint32_t count, const char *form)
{
    if (reader->word_count != count) {
        rfx_draft_fail(reader->draft, reader->line, "expected: %s", form);
    }
    return reader->word_count == count;
}

/* ----------------------------------------------------------------------------------- members */

static void on_group(struct reader *reader)
{
    bool has_brace = take_last(reader, "{");
    bool is_required = take_last(reader, "*");
    if (!has_brace) {
        fail(reader, "expected: group COUNTER {, or * before the {");
    } else if (has_words(reader, 2, "group COUNTER {, or * before the {")) {
        rfx_draft_group(reader->draft, reader->line, reader->words[1].text, is_required);
        reader->blocks++;
    }
}

static void on_member(struct reader *reader)
{
    if (is_word(reader, 0, "group")) {
        on_group(reader);
        return;
    }
    bool is_required = take_last(reader, "*");
    if (is_word(reader, 0, "component")) {
        if (has_words(reader, 2, "component NAME, or * behind it")) {
            rfx_draft_member_component(reader->draft, reader->line, reader->words[1].text,
                                       is_required);
        }
        return;
    }
    if (is_word(reader, 0, "{") || is_word(reader, 1, "{")) {
        fail(reader, "a { that opens nothing; a group begins with the word group");
    } else if (has_words(reader, 1, "the name of one field, or * behind it")) {
        rfx_draft_member_field(reader->draft, reader->line, reader->words[0].text, is_required);
    }
}

/* ------------------------------------------------------------------------------------ fields */

static bool parse_tag(struct rfx_bytes text, int32_t *tag)
{
    int64_t number = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        number = number * 10 + (text.data[i] - '0');
        if (number > INT32_MAX) {
            return false;
        }
    }
    *tag = (int32_t)number;
    return text.size > 0;
}

static bool parse_type(struct rfx_bytes text, enum rfx_field_type *type)
{
    char name[32];
    if (text.size >= sizeof name) {
        return false;
    }
    memcpy(name, text.data, text.size);
    name[text.size] = '\0';
    *type = rfx_field_type_of(name);
    return *type != RFX_TYPE_UNKNOWN || strcmp(name, rfx_field_type_text(RFX_TYPE_UNKNOWN)) == 0;
}

static void on_field(struct reader *reader)
{
    bool has_values = take_last(reader, "{");
    int32_t tag;
    enum rfx_field_type type;
    if (!has_words(reader, 4, "field TAG NAME TYPE, and { when values follow")) {
        return;
    }
    struct rfx_bytes tag_text = reader->words[1].text;
    struct rfx_bytes type_text = reader->words[3].text;
    if (!parse_tag(tag_text, &tag)) {
        rfx_draft_fail(reader->draft, reader->line, "\"%.*s\" is no tag",
                       (int)rfx_min_u64(tag_text.size, 60), tag_text.data);
        return;
    }
    if (!parse_type(type_text, &type)) {
        rfx_draft_fail(reader->draft, reader->line, "\"%.*s\" is no type; UNKNOWN takes any value",
                       (int)rfx_min_u64(type_text.size, 60), type_text.data);
        return;
    }
    rfx_draft_field(reader->draft, reader->line, tag, reader->words[2].text, type);
    reader->values_line = has_values ? reader->line : 0;
}

static void on_value(struct reader *reader)
{
    struct rfx_bytes description = {0};
    if (is_word(reader, 0, "}") && reader->word_count == 1) {
        reader->values_line = 0;
        return;
    }
    if (reader->word_count == 2) {
        description = reader->words[1].text;
    } else if (!has_words(reader, 1, "a value and its description, in quotes if it has spaces")) {
        return;
    }
    rfx_draft_value(reader->draft, reader->line, reader->words[0].text, description);
}

/* ---------------------------------------------------------------------------------- sections */

static void on_message(struct reader *reader)
{
    bool is_admin = is_word(reader, 3, "admin");
    if (!has_words(reader, 4, "message NAME MSGTYPE app {, or admin") ||
        (!is_admin && !is_word(reader, 3, "app"))) {
        fail(reader, "expected: message NAME MSGTYPE app {, or admin");
        return;
    }
    rfx_draft_message(reader->draft, reader->line, reader->words[1].text, reader->words[2].text,
                      is_admin);
    reader->blocks++;
}

static void on_component(struct reader *reader)
{
    if (has_words(reader, 2, "component NAME {")) {
        rfx_draft_component(reader->draft, reader->line, reader->words[1].text);
        reader->blocks++;
    }
}

static void on_section(struct reader *reader)
{
    if (is_word(reader, 0, "header")) {
        if (has_words(reader, 1, "header {")) {
            rfx_draft_header(reader->draft, reader->line);
            reader->blocks++;
        }
    } else if (has_words(reader, 1, "trailer {")) {
        rfx_draft_trailer(reader->draft, reader->line);
        reader->blocks++;
    }
}

/* What opens a block and therefore ends in a brace. */
static void on_block(struct reader *reader)
{
    if (!take_last(reader, "{")) {
        fail(reader, "this statement ends in {, and what belongs to it follows");
    } else if (is_word(reader, 0, "message")) {
        on_message(reader);
    } else if (is_word(reader, 0, "component")) {
        on_component(reader);
    } else {
        on_section(reader);
    }
}

static void on_statement(struct reader *reader)
{
    if (is_word(reader, 0, "version")) {
        if (has_words(reader, 2, "version NAME, as FIX.4.4")) {
            rfx_draft_version(reader->draft, reader->line, reader->words[1].text);
        }
    } else if (is_word(reader, 0, "field")) {
        on_field(reader);
    } else if (is_word(reader, 0, "message") || is_word(reader, 0, "component") ||
               is_word(reader, 0, "header") || is_word(reader, 0, "trailer")) {
        on_block(reader);
    } else if (is_word(reader, 0, "}")) {
        fail(reader, "a } that closes nothing");
    } else {
        fail(reader, "expected one of version, header, trailer, message, component, field");
    }
}

/* ------------------------------------------------------------------------------------- lines */

static void on_line(struct reader *reader, struct rfx_bytes line)
{
    if (!split(reader, line) || reader->word_count == 0) {
        return;
    }
    if (reader->values_line != 0) {
        on_value(reader);
    } else if (reader->blocks == 0) {
        on_statement(reader);
    } else if (is_word(reader, 0, "}") && reader->word_count == 1) {
        rfx_draft_end(reader->draft, reader->line);
        reader->blocks--;
    } else {
        on_member(reader);
    }
}

static void read_lines(struct reader *reader, struct rfx_bytes text)
{
    if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text = rfx_bytes_of(text.data + 3, text.size - 3); /* a byte order mark */
    }
    while (text.size > 0 && !rfx_draft_has_failed(reader->draft)) {
        const char *newline = memchr(text.data, '\n', text.size);
        size_t size = newline != NULL ? (size_t)(newline - text.data) : text.size;
        reader->line++;
        on_line(reader, rfx_bytes_of(text.data, size));
        size += newline != NULL;
        text = rfx_bytes_of(text.data + size, text.size - size);
    }
    if (reader->values_line != 0) {
        rfx_draft_fail(reader->draft, reader->values_line, "what begins here is not ended");
    }
}

rfx_status rfx_dict_read(struct rfx_bytes text, const char *file_name,
                         const struct rfx_dictionary **dictionary, struct rfx_error *error)
{
    rfx_status status = RFX_E_NOMEM;
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader != NULL) {
        status = rfx_draft_open(&reader->draft);
    }
    if (status != RFX_OK) {
        free(reader);
        return rfx_fail(error, status, "%s: out of memory", file_name);
    }
    read_lines(reader, text);
    status = rfx_draft_build(reader->draft, file_name, dictionary, error);
    rfx_draft_close(reader->draft);
    free(reader);
    return status;
}
