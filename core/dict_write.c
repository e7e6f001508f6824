#include <stdlib.h>
#include <string.h>

#include "core/dict_text.h"
#include "core/draft.h"

static const char first_line[] = "# A dictionary in the form that docs/dictionary.md describes.\n";

struct writer {
    const struct rfx_dictionary *dictionary;
    char *text;
    size_t size;
    size_t capacity;
    bool has_failed; /* no memory: nothing is written any more */
};

static void put(struct writer *writer, const char *data, size_t size)
{
    if (writer->capacity - writer->size <= size) {
        size_t capacity = writer->capacity * 2 + size + 65536;
        char *text = writer->has_failed ? NULL : realloc(writer->text, capacity);
        if (text == NULL) {
            writer->has_failed = true;
            return;
        }
        writer->text = text;
        writer->capacity = capacity;
    }
    memcpy(writer->text + writer->size, data, size);
    writer->size += size;
}

static void put_text(struct writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static void put_indent(struct writer *writer, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        put_text(writer, "    ");
    }
}

/* Whether a word can stand without quotes, wherever it stands. */
static bool is_bare(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+./?:%&()";
    return word[0] != '\0' && word[strspn(word, plain)] == '\0' && strcmp(word, "group") != 0 &&
           strcmp(word, "component") != 0;
}

static void put_word(struct writer *writer, uint32_t offset)
{
    const char *word = rfx_dict_text(writer->dictionary, offset);
    if (is_bare(word)) {
        put_text(writer, word);
        return;
    }
    put_text(writer, "\"");
    for (; *word != '\0'; word++) {
        if (*word == '"' || *word == '\\') {
            put_text(writer, "\\");
        }
        put(writer, word, 1);
    }
    put_text(writer, "\"");
}

/* ----------------------------------------------------------------------------------- members */

static void put_items(struct writer *writer, uint32_t first, uint32_t count, unsigned depth);

static void put_item(struct writer *writer, const struct rfx_dict_item *item, unsigned depth)
{
    const struct rfx_dictionary *dictionary = writer->dictionary;
    const char *mark = item->is_required ? " *" : "";
    put_indent(writer, depth);
    switch ((enum rfx_dict_item_kind)item->kind) {
    case RFX_ITEM_FIELD:
        put_word(writer, dictionary->fields[item->index].name);
        put_text(writer, mark);
        break;
    case RFX_ITEM_COMPONENT:
        put_text(writer, "component ");
        put_word(writer, dictionary->components[item->index].name);
        put_text(writer, mark);
        break;
    case RFX_ITEM_GROUP: {
        const struct rfx_dict_group *group = &dictionary->groups[item->index];
        put_text(writer, "group ");
        put_word(writer, dictionary->fields[group->counter].name);
        put_text(writer, mark);
        put_items(writer, group->first_item, group->item_count, depth);
        return; /* behind its brace the line has ended */
    }
    }
    put_text(writer, "\n");
}

/* The rest of the line that opens a block, what is in it, and its end. */
static void put_items(struct writer *writer, uint32_t first, uint32_t count, unsigned depth)
{
    RFX_ASSERT(depth <= RFX_DRAFT_DEPTH_MAX);
    put_text(writer, " {\n");
    for (uint32_t i = 0; i < count; i++) {
        put_item(writer, &writer->dictionary->items[first + i], depth + 1);
    }
    put_indent(writer, depth);
    put_text(writer, "}\n");
}

/* ---------------------------------------------------------------------------------- sections */

static void put_section(struct writer *writer, const char *name,
                        const struct rfx_dict_message *section)
{
    if (section->item_count > 0) {
        put_text(writer, "\n");
        put_text(writer, name);
        put_items(writer, section->first_item, section->item_count, 0);
    }
}

static void put_message(struct writer *writer, const struct rfx_dict_message *message)
{
    put_text(writer, "\nmessage ");
    put_word(writer, message->name);
    put_text(writer, " ");
    put_word(writer, message->msg_type);
    put_text(writer, message->is_admin ? " admin" : " app");
    put_items(writer, message->first_item, message->item_count, 0);
}

static void put_component(struct writer *writer, const struct rfx_dict_component *component)
{
    put_text(writer, "\ncomponent ");
    put_word(writer, component->name);
    put_items(writer, component->first_item, component->item_count, 0);
}

static void put_tag(struct writer *writer, int32_t tag)
{
    char digits[12];
    size_t at = sizeof digits;
    for (int32_t rest = tag; rest > 0; rest /= 10) {
        digits[--at] = (char)('0' + rest % 10);
    }
    put(writer, digits + at, sizeof digits - at);
}

static void put_field(struct writer *writer, const struct rfx_dict_field *field)
{
    const struct rfx_dict_value *values = writer->dictionary->values + field->first_value;
    put_text(writer, "field ");
    put_tag(writer, field->tag);
    put_text(writer, " ");
    put_word(writer, field->name);
    put_text(writer, " ");
    put_text(writer, rfx_field_type_text((enum rfx_field_type)field->type));
    put_text(writer, field->value_count > 0 ? " {\n" : "\n");
    for (uint32_t i = 0; i < field->value_count; i++) {
        put_indent(writer, 1);
        put_word(writer, values[i].text);
        if (*rfx_dict_text(writer->dictionary, values[i].description) != '\0') {
            put_text(writer, " ");
            put_word(writer, values[i].description);
        }
        put_text(writer, "\n");
    }
    put_text(writer, field->value_count > 0 ? "}\n" : "");
}

rfx_status rfx_dict_write(const struct rfx_dictionary *dictionary, char **text, size_t *size)
{
    struct writer writer = {.dictionary = dictionary};
    put_text(&writer, first_line);
    put_text(&writer, "version ");
    put_word(&writer, (uint32_t)(dictionary->version - dictionary->strings));
    put_text(&writer, "\n");
    put_section(&writer, "header", &dictionary->header);
    put_section(&writer, "trailer", &dictionary->trailer);
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        put_message(&writer, &dictionary->messages[i]);
    }
    for (uint32_t i = 0; i < dictionary->component_count; i++) {
        put_component(&writer, &dictionary->components[i]);
    }
    put_text(&writer, "\n");
    for (uint32_t i = 0; i < dictionary->field_count; i++) {
        put_field(&writer, &dictionary->fields[i]);
    }
    put(&writer, "", 1);
    if (writer.has_failed) {
        free(writer.text);
        return RFX_E_NOMEM;
    }
    *text = writer.text;
    *size = writer.size - 1;
    return RFX_OK;
}
