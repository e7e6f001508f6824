#include "tools/dict_compile/tables.h"

#include <string.h>

#define NUMBERS_PER_LINE 16

/* An empty table has one element of zeros, which C asks for and nobody reads. */
static void open_table(FILE *out, const char *type, const char *name, size_t count)
{
    fprintf(out, "\nstatic const %s %s[%zu] = {\n", type, name, count > 0 ? count : 1);
    if (count == 0) {
        fprintf(out, "    0,\n");
    }
}

static void close_table(FILE *out)
{
    fprintf(out, "};\n");
}

/* --------------------------------------------------------------------------------- contents */

/* One literal per text, its NUL written out except for the last, which the compiler adds. */
static void put_strings(const struct rfx_dictionary *dictionary, FILE *out)
{
    fprintf(out, "\nstatic const char strings[%u] =\n", (unsigned)dictionary->strings_size);
    for (uint32_t at = 0; at < dictionary->strings_size;) {
        const char *text = dictionary->strings + at;
        at += (uint32_t)strlen(text) + 1;
        fputs("    \"", out);
        for (; *text != '\0'; text++) {
            unsigned char byte = (unsigned char)*text;
            if (byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\' || byte == '?') {
                fprintf(out, "\\%03o", byte);
            } else {
                fputc(byte, out);
            }
        }
        fputs(at < dictionary->strings_size ? "\\0\"\n" : "\";\n", out);
    }
}

static void put_fields(const struct rfx_dictionary *dictionary, FILE *out)
{
    open_table(out, "struct rfx_dict_field", "fields", dictionary->field_count);
    for (uint32_t i = 0; i < dictionary->field_count; i++) {
        const struct rfx_dict_field *field = &dictionary->fields[i];
        fprintf(out, "    {%d, %u, %u, %u, RFX_TYPE_%s}, /* %u %s */\n", (int)field->tag,
                (unsigned)field->name, (unsigned)field->first_value, (unsigned)field->value_count,
                rfx_field_type_text((enum rfx_field_type)field->type), (unsigned)i,
                rfx_dict_text(dictionary, field->name));
    }
    close_table(out);
}

static void put_values(const struct rfx_dictionary *dictionary, FILE *out)
{
    open_table(out, "struct rfx_dict_value", "values", dictionary->value_count);
    for (uint32_t i = 0; i < dictionary->value_count; i++) {
        const struct rfx_dict_value *value = &dictionary->values[i];
        fprintf(out, "    {%u, %u},\n", (unsigned)value->text, (unsigned)value->description);
    }
    close_table(out);
}

static void put_message(const struct rfx_dict_message *message, FILE *out)
{
    fprintf(out, "{%u, %u, %u, %u, %u, %s},\n", (unsigned)message->name,
            (unsigned)message->msg_type, (unsigned)message->first_item,
            (unsigned)message->item_count, (unsigned)message->set,
            message->is_admin ? "true" : "false");
}

static void put_messages(const struct rfx_dictionary *dictionary, FILE *out)
{
    open_table(out, "struct rfx_dict_message", "messages", dictionary->message_count);
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        fputs("    ", out);
        put_message(&dictionary->messages[i], out);
    }
    close_table(out);
}

static void put_components(const struct rfx_dictionary *dictionary, FILE *out)
{
    open_table(out, "struct rfx_dict_component", "components", dictionary->component_count);
    for (uint32_t i = 0; i < dictionary->component_count; i++) {
        const struct rfx_dict_component *component = &dictionary->components[i];
        fprintf(out, "    {%u, %u, %u},\n", (unsigned)component->name,
                (unsigned)component->first_item, (unsigned)component->item_count);
    }
    close_table(out);
}

static void put_groups(const struct rfx_dictionary *dictionary, FILE *out)
{
    open_table(out, "struct rfx_dict_group", "groups", dictionary->group_count);
    for (uint32_t i = 0; i < dictionary->group_count; i++) {
        const struct rfx_dict_group *group = &dictionary->groups[i];
        fprintf(out, "    {%u, %u, %u, %u},\n", (unsigned)group->counter, (unsigned)group->set,
                (unsigned)group->first_item, (unsigned)group->item_count);
    }
    close_table(out);
}

static void put_items(const struct rfx_dictionary *dictionary, FILE *out)
{
    open_table(out, "struct rfx_dict_item", "items", dictionary->item_count);
    for (uint32_t i = 0; i < dictionary->item_count; i++) {
        const struct rfx_dict_item *item = &dictionary->items[i];
        fprintf(out, "    {%u, %u, %u},\n", (unsigned)item->kind, (unsigned)item->is_required,
                (unsigned)item->index);
    }
    close_table(out);
}

/* ------------------------------------------------------------------------------------- sets */

static void put_sets(const struct rfx_dictionary *dictionary, FILE *out)
{
    open_table(out, "struct rfx_dict_set", "sets", dictionary->set_count);
    for (uint32_t i = 0; i < dictionary->set_count; i++) {
        const struct rfx_dict_set *set = &dictionary->sets[i];
        fprintf(out, "    {%u, %u, %u, %u, %u, %u},\n", (unsigned)set->first_member,
                (unsigned)set->first_required, (unsigned)set->first_group,
                (unsigned)set->member_count, (unsigned)set->required_count,
                (unsigned)set->group_count);
    }
    close_table(out);
}

static void put_set_groups(const struct rfx_dictionary *dictionary, FILE *out)
{
    open_table(out, "struct rfx_dict_set_group", "set_groups", dictionary->set_group_count);
    for (uint32_t i = 0; i < dictionary->set_group_count; i++) {
        const struct rfx_dict_set_group *group = &dictionary->set_groups[i];
        fprintf(out, "    {%u, %u},\n", (unsigned)group->counter, (unsigned)group->group);
    }
    close_table(out);
}

/* Numbers in rows; zeros are left out, the number behind them says where it belongs. */
static void put_numbers(FILE *out, const char *name, const uint16_t *numbers, uint32_t count)
{
    unsigned in_line = 0;
    bool is_behind_gap = false;
    open_table(out, "uint16_t", name, count);
    for (uint32_t i = 0; i < count; i++) {
        if (numbers[i] == 0) {
            is_behind_gap = true;
            continue;
        }
        bool starts_line = in_line % NUMBERS_PER_LINE == 0;
        fputs(starts_line ? "    " : " ", out);
        if (is_behind_gap) {
            fprintf(out, "[%u] = ", (unsigned)i);
            is_behind_gap = false;
        }
        fprintf(out, "%u,%s", (unsigned)numbers[i], ++in_line % NUMBERS_PER_LINE == 0 ? "\n" : "");
    }
    /* C17 has no empty initialiser. */
    fputs(in_line % NUMBERS_PER_LINE != 0 ? "\n" : "", out);
    fputs(in_line == 0 && count > 0 ? "    0,\n" : "", out);
    close_table(out);
}

static void put_bits(const struct rfx_dictionary *dictionary, FILE *out)
{
    size_t count = (size_t)dictionary->set_count * dictionary->bit_words;
    unsigned in_line = 0;
    open_table(out, "uint64_t", "bits", count);
    for (size_t i = 0; i < count; i++) {
        if (dictionary->bits[i] != 0) {
            fprintf(out, "%s[%zu] = 0x%llx,%s", in_line % 4 == 0 ? "    " : " ", i,
                    (unsigned long long)dictionary->bits[i], in_line % 4 == 3 ? "\n" : "");
            in_line++;
        }
    }
    fputs(in_line == 0 && count > 0 ? "    0,\n" : "\n", out);
    close_table(out);
}

/* ------------------------------------------------------------------------------------ whole */

static void put_count(FILE *out, const char *name, uint32_t count)
{
    fprintf(out, "    .%s = %u,\n", name, (unsigned)count);
}

static void put_dictionary(const struct rfx_dictionary *dictionary, const char *symbol, FILE *out)
{
    static const char *const tables[] = {"strings",    "fields", "values", "messages", "components",
                                         "groups",     "items",  "sets",   "members",  "required",
                                         "set_groups", "bits",   "by_tag"};
    fprintf(out, "\nextern const struct rfx_dictionary %s;\n", symbol);
    fprintf(out, "const struct rfx_dictionary %s = {\n", symbol);
    fprintf(out, "    .version = strings + %u,\n",
            (unsigned)(dictionary->version - dictionary->strings));
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        fprintf(out, "    .%s = %s,\n", tables[i], tables[i]);
    }
    fputs("    .header = ", out);
    put_message(&dictionary->header, out);
    fputs("    .trailer = ", out);
    put_message(&dictionary->trailer, out);
    put_count(out, "field_count", dictionary->field_count);
    put_count(out, "value_count", dictionary->value_count);
    put_count(out, "message_count", dictionary->message_count);
    put_count(out, "component_count", dictionary->component_count);
    put_count(out, "group_count", dictionary->group_count);
    put_count(out, "item_count", dictionary->item_count);
    put_count(out, "set_count", dictionary->set_count);
    put_count(out, "member_count", dictionary->member_count);
    put_count(out, "required_count", dictionary->required_count);
    put_count(out, "set_group_count", dictionary->set_group_count);
    put_count(out, "bit_words", dictionary->bit_words);
    put_count(out, "by_tag_size", dictionary->by_tag_size);
    put_count(out, "strings_size", dictionary->strings_size);
    fputs("    .by_type = {", out);
    for (size_t i = 0; i < sizeof dictionary->by_type / sizeof dictionary->by_type[0]; i++) {
        fprintf(out, "%s%u,", i % NUMBERS_PER_LINE == 0 ? "\n        " : " ",
                (unsigned)dictionary->by_type[i]);
    }
    fputs("\n    },\n};\n", out);
}

void tables_write(const struct rfx_dictionary *dictionary, const char *symbol, FILE *out)
{
    fputs("/* Made by rfx-dict-compile; change the .dict file. */\n"
          "#include \"core/dictionary.h\"\n",
          out);
    put_strings(dictionary, out);
    put_fields(dictionary, out);
    put_values(dictionary, out);
    put_messages(dictionary, out);
    put_components(dictionary, out);
    put_groups(dictionary, out);
    put_items(dictionary, out);
    put_sets(dictionary, out);
    put_numbers(out, "members", dictionary->members, dictionary->member_count);
    put_numbers(out, "required", dictionary->required, dictionary->required_count);
    put_set_groups(dictionary, out);
    put_bits(dictionary, out);
    put_numbers(out, "by_tag", dictionary->by_tag, dictionary->by_tag_size);
    put_dictionary(dictionary, symbol, out);
}
