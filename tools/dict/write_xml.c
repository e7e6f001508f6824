#include "tools/dict/write_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    const struct rfx_dictionary *dictionary;
    FILE *out;
};

struct version {
    const char *type;
    unsigned major;
    unsigned minor;
    unsigned pack;
};

/* Also line ends and tabs, which a reader of attributes would make spaces. */
static void put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s='", name);
    for (const char *c = value; *c != '\0'; c++) {
        if (strchr("&<>'\"", *c) != NULL || (*c > 0 && *c < 0x20)) {
            fprintf(out, "&#%d;", *c);
        } else {
            putc(*c, out);
        }
    }
    putc('\'', out);
}

static void put_required(FILE *out, bool is_required)
{
    fprintf(out, " required='%c'", is_required ? 'Y' : 'N');
}

static void indent(FILE *out, int depth)
{
    fprintf(out, "%*s", depth, "");
}

/* "FIX.5.0SP2" */
static bool read_version(const char *text, struct version *version)
{
    int end = 0;
    *version = (struct version){.type = "FIX"};
    if (strncmp(text, "FIXT.", 5) == 0) {
        version->type = "FIXT";
    } else if (strncmp(text, "FIX.", 4) != 0) {
        return false;
    }
    text += strlen(version->type) + 1;
    if (sscanf(text, "%4u.%4u%n", &version->major, &version->minor, &end) != 2 || end == 0) {
        return false;
    }
    text += end;
    if (*text != '\0' &&
        (sscanf(text, "SP%4u%n", &version->pack, &end) != 1 || text[end] != '\0')) {
        return false;
    }
    return true;
}

static void put_items(const struct writer *writer, uint32_t first, uint32_t count, int depth)
{
    const struct rfx_dictionary *dictionary = writer->dictionary;
    for (uint32_t i = first; i < first + count; i++) {
        const struct rfx_dict_item *item = &dictionary->items[i];
        const struct rfx_dict_group *group =
            item->kind == RFX_ITEM_GROUP ? &dictionary->groups[item->index] : NULL;
        uint32_t name;
        if (item->kind == RFX_ITEM_COMPONENT) {
            name = dictionary->components[item->index].name;
        } else {
            name = dictionary->fields[group != NULL ? group->counter : item->index].name;
        }
        static const char *const elements[] = {[RFX_ITEM_FIELD] = "field",
                                               [RFX_ITEM_COMPONENT] = "component",
                                               [RFX_ITEM_GROUP] = "group"};
        indent(writer->out, depth);
        fprintf(writer->out, "<%s", elements[item->kind]);
        put_attribute(writer->out, "name", rfx_dict_text(dictionary, name));
        put_required(writer->out, item->is_required != 0);
        if (group == NULL) {
            fputs(" />\n", writer->out);
            continue;
        }
        fputs(">\n", writer->out);
        put_items(writer, group->first_item, group->item_count, depth + 1);
        indent(writer->out, depth);
        fputs("</group>\n", writer->out);
    }
}

static void put_frame(const struct writer *writer, const char *element,
                      const struct rfx_dict_message *message)
{
    if (message->item_count == 0) {
        fprintf(writer->out, " <%s />\n", element);
        return;
    }
    fprintf(writer->out, " <%s>\n", element);
    put_items(writer, message->first_item, message->item_count, 2);
    fprintf(writer->out, " </%s>\n", element);
}

static void put_messages(const struct writer *writer)
{
    const struct rfx_dictionary *dictionary = writer->dictionary;
    fputs(" <messages>\n", writer->out);
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        const struct rfx_dict_message *message = &dictionary->messages[i];
        fputs("  <message", writer->out);
        put_attribute(writer->out, "name", rfx_dict_text(dictionary, message->name));
        put_attribute(writer->out, "msgtype", rfx_dict_text(dictionary, message->msg_type));
        put_attribute(writer->out, "msgcat", message->is_admin ? "admin" : "app");
        fputs(">\n", writer->out);
        put_items(writer, message->first_item, message->item_count, 3);
        fputs("  </message>\n", writer->out);
    }
    fputs(" </messages>\n", writer->out);
}

static void put_components(const struct writer *writer)
{
    const struct rfx_dictionary *dictionary = writer->dictionary;
    fputs(" <components>\n", writer->out);
    for (uint32_t i = 0; i < dictionary->component_count; i++) {
        const struct rfx_dict_component *component = &dictionary->components[i];
        fputs("  <component", writer->out);
        put_attribute(writer->out, "name", rfx_dict_text(dictionary, component->name));
        fputs(">\n", writer->out);
        put_items(writer, component->first_item, component->item_count, 3);
        fputs("  </component>\n", writer->out);
    }
    fputs(" </components>\n", writer->out);
}

static void put_fields(const struct writer *writer)
{
    const struct rfx_dictionary *dictionary = writer->dictionary;
    fputs(" <fields>\n", writer->out);
    for (uint32_t i = 0; i < dictionary->field_count; i++) {
        const struct rfx_dict_field *field = &dictionary->fields[i];
        fprintf(writer->out, "  <field number='%d'", field->tag);
        put_attribute(writer->out, "name", rfx_dict_text(dictionary, field->name));
        put_attribute(writer->out, "type", rfx_field_type_text((enum rfx_field_type)field->type));
        fputs(field->value_count > 0 ? ">\n" : " />\n", writer->out);
        for (uint32_t j = 0; j < field->value_count; j++) {
            const struct rfx_dict_value *value = &dictionary->values[field->first_value + j];
            fputs("   <value", writer->out);
            put_attribute(writer->out, "enum", rfx_dict_text(dictionary, value->text));
            if (rfx_dict_text(dictionary, value->description)[0] != '\0') {
                put_attribute(writer->out, "description",
                              rfx_dict_text(dictionary, value->description));
            }
            fputs(" />\n", writer->out);
        }
        fputs(field->value_count > 0 ? "  </field>\n" : "", writer->out);
    }
    fputs(" </fields>\n", writer->out);
}

rfx_status write_xml(const struct rfx_dictionary *dictionary, char **text, size_t *size,
                     struct rfx_error *error)
{
    struct version version;
    if (!read_version(dictionary->version, &version)) {
        return rfx_fail(error, RFX_E_INVALID,
                        "the version '%.40s' cannot be written as XML; it should be as FIX.4.4",
                        dictionary->version);
    }
    struct writer writer = {.dictionary = dictionary, .out = open_memstream(text, size)};
    if (writer.out == NULL) {
        return RFX_E_NOMEM;
    }
    fputs("<?xml version='1.0' encoding='UTF-8'?>\n", writer.out);
    fprintf(writer.out, "<fix type='%s' major='%u' minor='%u' servicepack='%u'>\n", version.type,
            version.major, version.minor, version.pack);
    put_frame(&writer, "header", &dictionary->header);
    put_messages(&writer);
    put_frame(&writer, "trailer", &dictionary->trailer);
    put_components(&writer);
    put_fields(&writer);
    fputs("</fix>\n", writer.out);
    bool has_failed = ferror(writer.out) != 0;
    has_failed = fclose(writer.out) != 0 || has_failed;
    if (has_failed) {
        free(*text);
        *text = NULL;
        return RFX_E_NOMEM;
    }
    return RFX_OK;
}
