#include "tools/cat/show.h"

#include <stdio.h>
#include <string.h>

#include "tools/shared/text.h"

struct view {
    const struct options *options;
    const struct names *names;
    bool is_logon;
};

/* Passwords, and what carries them in a Logon. */
static bool is_secret(const struct view *view, int32_t tag)
{
    return !view->options->has_secrets && (tag == 554 || tag == 925 || tag == 1402 || tag == 1404 ||
                                           (tag == 96 && view->is_logon));
}

static struct rfx_bytes shown(const struct view *view, int32_t tag, struct rfx_bytes value)
{
    return is_secret(view, tag) ? (struct rfx_bytes){"***", 3} : value;
}

static size_t digits_at(struct rfx_bytes text, size_t at)
{
    size_t end = at;
    while (end < text.size && text.data[end] >= '0' && text.data[end] <= '9') {
        end++;
    }
    return end - at;
}

/* Where the value of the first secret field begins that the text may hold; its size: none does. */
static size_t find_secret(struct rfx_bytes text)
{
    for (size_t at = 0; at < text.size;) {
        const size_t digits = digits_at(text, at);
        const char *tag = text.data + at;
        const bool is_named =
            (digits == 3 && (memcmp(tag, "554", 3) == 0 || memcmp(tag, "925", 3) == 0)) ||
            (digits == 4 && (memcmp(tag, "1402", 4) == 0 || memcmp(tag, "1404", 4) == 0));
        at += digits > 0 ? digits : 1;
        while (is_named && at < text.size && text.data[at] == ' ') {
            at++;
        }
        if (is_named && at < text.size && text.data[at] == '=') {
            return at + 1;
        }
    }
    return text.size;
}

/* A | means itself here. */
static void put_plain(struct rfx_bytes text)
{
    while (text.size > 0) {
        const char *bar = memchr(text.data, '|', text.size);
        const size_t size = bar != NULL ? (size_t)(bar - text.data) : text.size;
        put_text((struct rfx_bytes){text.data, size}, '|', 0);
        if (bar != NULL) {
            putchar('|');
        }
        text.data += size + (bar != NULL);
        text.size -= size + (bar != NULL);
    }
}

/* What is no message may be a part of one. */
static void put_loose(const struct view *view, struct rfx_bytes text)
{
    while (text.size > 0) {
        const size_t secret = view->options->has_secrets ? text.size : find_secret(text);
        put_plain((struct rfx_bytes){text.data, secret});
        if (secret == text.size) {
            return;
        }
        fputs("***", stdout);
        size_t end = secret;
        while (end < text.size && text.data[end] != '\x01' && text.data[end] != '|' &&
               text.data[end] != '^') {
            end++;
        }
        text = (struct rfx_bytes){text.data + end, text.size - end};
    }
}

static void put_colour(const struct view *view, const char *code)
{
    if (view->options->has_colours) {
        printf("\033[%sm", code);
    }
}

/* ------------------------------------------------------------------------------------ block */

static void put_field(const struct view *view, int32_t tag, struct rfx_bytes value, int indent)
{
    const char *name = names_field(view->names, tag);
    const char *meaning = names_value(view->names, tag, value);
    if (tag == 0) {
        put_colour(view, "1;31");
        printf("%*s    ? ", indent, "");
        put_loose(view, value);
        put_colour(view, "0");
        putchar('\n');
        return;
    }
    put_colour(view, "2");
    printf("%*s%5d ", indent, "", (int)tag);
    put_colour(view, "0");
    printf("%s = ", name != NULL ? name : "?");
    put_colour(view, "1");
    put_text(shown(view, tag, value), 0, 0);
    put_colour(view, "0");
    if (meaning != NULL && !is_secret(view, tag)) {
        printf(" (%s)", meaning);
    }
    putchar('\n');
}

#define DEPTH_MAX 8

static size_t put_group(const struct view *view, struct rfx_group *group, int indent, int depth);

/* The fields of an entry, its groups indented once more. */
static void put_entry(const struct view *view, const struct rfx_entry *entry, int indent, int depth)
{
    const size_t count = rfx_entry_field_count(entry);
    for (size_t i = 0; i < count;) {
        const struct rfx_field_view field = rfx_entry_field_at(entry, i++);
        struct rfx_group group;
        put_field(view, field.tag, field.value, indent);
        if (depth < DEPTH_MAX && rfx_entry_group(entry, field.tag, &group) == RFX_OK) {
            i += put_group(view, &group, indent + 2, depth + 1);
        }
    }
}

/* Returns how many fields it has. */
static size_t put_group(const struct view *view, struct rfx_group *group, int indent, int depth)
{
    struct rfx_entry entry;
    size_t fields = 0;
    for (size_t number = 1; rfx_group_next(group, &entry); number++) {
        put_colour(view, "2");
        printf("%*s  [%zu]\n", indent, "", number);
        put_colour(view, "0");
        put_entry(view, &entry, indent, depth);
        fields += rfx_entry_field_count(&entry);
    }
    return fields;
}

static void put_fields(const struct view *view, const struct rfx_message *message)
{
    const size_t count = rfx_message_field_count(message);
    for (size_t i = 0; i < count;) {
        const struct rfx_field_view field = rfx_message_field_at(message, i++);
        struct rfx_group group;
        struct rfx_bytes first;
        put_field(view, field.tag, field.value, 2);
        if (rfx_message_group(message, field.tag, &group) == RFX_OK &&
            rfx_message_get(message, field.tag, &first) == RFX_OK &&
            first.data == field.value.data) {
            i += put_group(view, &group, 4, 1);
        }
    }
}

static struct rfx_bytes type_of(struct rfx_bytes message)
{
    struct scan_fields fields = {.bytes = message};
    struct rfx_bytes value;
    int32_t tag;
    while (scan_next_field(&fields, &tag, &value)) {
        if (tag == 35) {
            return value;
        }
    }
    return (struct rfx_bytes){"", 0};
}

static void put_head(const struct view *view, const struct scan_piece *piece,
                     struct rfx_bytes prefix)
{
    const struct rfx_bytes type = type_of(piece->bytes);
    const char *name = names_message(view->names, type);
    put_colour(view, "1;36");
    printf("%s", name != NULL ? name : "message of type ");
    if (name == NULL) {
        put_text(type, 0, 20);
    }
    put_colour(view, "0");
    if (prefix.size > 0 && view->options->has_text) {
        put_colour(view, "2");
        fputs("  ", stdout);
        put_loose(view, prefix);
        put_colour(view, "0");
    }
    putchar('\n');
    if (piece->message == NULL) {
        put_colour(view, "1;31");
        printf("  damaged: %s\n", piece->problem);
        put_colour(view, "0");
    }
}

static void put_block(const struct view *view, const struct scan_piece *piece,
                      struct rfx_bytes prefix)
{
    put_head(view, piece, prefix);
    if (piece->message != NULL) {
        put_fields(view, piece->message);
    } else {
        struct scan_fields fields = {.bytes = piece->bytes};
        struct rfx_bytes value;
        int32_t tag;
        while (scan_next_field(&fields, &tag, &value)) {
            put_field(view, tag, value, 2);
        }
    }
    putchar('\n');
}

/* ------------------------------------------------------------------------- one line for each */

static void put_line(const struct view *view, const struct scan_piece *piece,
                     struct rfx_bytes prefix)
{
    const bool has_names = view->options->format == FORMAT_LINE;
    struct scan_fields fields = {.bytes = piece->bytes};
    struct rfx_bytes value;
    int32_t tag;
    if (prefix.size > 0 && view->options->has_text) {
        put_colour(view, "2");
        put_loose(view, prefix);
        put_colour(view, "0");
    }
    while (scan_next_field(&fields, &tag, &value)) {
        const char *name = has_names ? names_field(view->names, tag) : NULL;
        const char *meaning = has_names ? names_value(view->names, tag, value) : NULL;
        if (has_names && (tag == 8 || tag == 9 || tag == 10)) {
            continue;
        }
        if (tag == 0) {
            put_loose(view, value);
        } else if (name != NULL) {
            printf("%s=", name);
        } else {
            printf("%d=", (int)tag);
        }
        if (tag != 0) {
            put_text(shown(view, tag, value), 0, 0);
        }
        if (meaning != NULL && !is_secret(view, tag)) {
            printf("(%s)", meaning);
        }
        putchar(has_names ? ' ' : '|');
    }
    if (piece->message == NULL) {
        put_colour(view, "1;31");
        printf(" <- damaged: %s", piece->problem);
        put_colour(view, "0");
    }
    putchar('\n');
}

static void put_json_field(const char *key, const char *text)
{
    if (text != NULL) {
        printf(",\"%s\":", key);
        put_json_name(text);
    }
}

static void put_object(const struct view *view, const struct scan_piece *piece,
                       struct rfx_bytes prefix)
{
    const struct rfx_bytes type = type_of(piece->bytes);
    struct scan_fields fields = {.bytes = piece->bytes};
    struct rfx_bytes value;
    int32_t tag;
    const char *separator = "";
    fputs("{\"type\":", stdout);
    put_json(type);
    put_json_field("name", names_message(view->names, type));
    if (prefix.size > 0 && view->options->has_text) {
        const bool is_open = view->options->has_secrets || find_secret(prefix) == prefix.size;
        fputs(",\"text\":", stdout);
        put_json(is_open ? prefix : (struct rfx_bytes){"***", 3});
    }
    put_json_field("damaged", piece->message == NULL ? piece->problem : NULL);
    fputs(",\"fields\":[", stdout);
    while (scan_next_field(&fields, &tag, &value)) {
        printf("%s{\"tag\":%d", separator, (int)tag);
        put_json_field("name", names_field(view->names, tag));
        fputs(",\"value\":", stdout);
        put_json(tag == 0 && find_secret(value) < value.size && !view->options->has_secrets
                     ? (struct rfx_bytes){"***", 3}
                     : shown(view, tag, value));
        if (!is_secret(view, tag)) {
            put_json_field("meaning", names_value(view->names, tag, value));
        }
        putchar('}');
        separator = ",";
    }
    fputs("]}\n", stdout);
}

void show_message(const struct options *options, const struct names *names,
                  const struct scan_piece *piece, struct rfx_bytes prefix)
{
    const struct rfx_bytes type = type_of(piece->bytes);
    const struct view view = {
        .options = options, .names = names, .is_logon = type.size == 1 && type.data[0] == 'A'};
    switch (options->format) {
    case FORMAT_BLOCK:
        put_block(&view, piece, prefix);
        break;
    case FORMAT_LINE:
    case FORMAT_RAW:
        put_line(&view, piece, prefix);
        break;
    case FORMAT_JSON:
        put_object(&view, piece, prefix);
        break;
    }
}

void show_text(const struct options *options, struct rfx_bytes text)
{
    const struct view view = {.options = options};
    if (options->format == FORMAT_JSON || !options->has_text) {
        return;
    }
    put_colour(&view, "2");
    put_loose(&view, text);
    put_colour(&view, "0");
    putchar('\n');
}
