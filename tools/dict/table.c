#include "tools/dict/table.h"

#include <stdio.h>

#include "tools/dict/text.h"

#define TAG_COLUMNS      6
#define REQUIRED_COLUMNS 8 /* its heading */
#define GAP              2

struct table {
    const struct rfx_dictionary *dictionary;
    bool is_brief;
    int name_columns;
    int type_columns;
};

struct row {
    int depth;
    int32_t tag; /* 0: the heading of a component */
    const char *name;
    const char *type;
    bool is_required;
};

typedef void row_fn(struct table *table, const struct row *row);

static void widen(struct table *table, const struct row *row)
{
    int name = row->depth * 2 + text_columns(row->name);
    int type = text_columns(row->type);
    table->name_columns = name > table->name_columns ? name : table->name_columns;
    table->type_columns = type > table->type_columns ? type : table->type_columns;
}

static void print(struct table *table, const struct row *row)
{
    if (row->tag > 0) {
        printf("%*d", TAG_COLUMNS, row->tag);
    } else {
        printf("%*s", TAG_COLUMNS, "");
    }
    printf("%*s", GAP + 2 * row->depth, "");
    put_padded(row->name, table->name_columns - 2 * row->depth);
    printf("%*s", GAP, "");
    if (row->is_required) {
        put_padded(row->type, table->type_columns);
        printf("%*s%s\n", GAP, "", "required");
    } else {
        put_text(row->type);
        putchar('\n');
    }
}

static void walk(struct table *table, uint32_t first, uint32_t count, int depth, row_fn *visit)
{
    const struct rfx_dictionary *dictionary = table->dictionary;
    for (uint32_t i = first; i < first + count; i++) {
        const struct rfx_dict_item *item = &dictionary->items[i];
        struct row row = {.depth = depth, .is_required = item->is_required != 0};
        if (item->kind == RFX_ITEM_COMPONENT) {
            const struct rfx_dict_component *component = &dictionary->components[item->index];
            row.name = rfx_dict_text(dictionary, component->name);
            row.type = "component";
            visit(table, &row);
            if (!table->is_brief) {
                walk(table, component->first_item, component->item_count, depth + 1, visit);
            }
            continue;
        }
        const struct rfx_dict_group *group =
            item->kind == RFX_ITEM_GROUP ? &dictionary->groups[item->index] : NULL;
        const struct rfx_dict_field *field =
            &dictionary->fields[group != NULL ? group->counter : item->index];
        row.tag = field->tag;
        row.name = rfx_dict_text(dictionary, field->name);
        row.type = group != NULL ? "group" : rfx_field_type_text((enum rfx_field_type)field->type);
        visit(table, &row);
        if (group != NULL) {
            walk(table, group->first_item, group->item_count, depth + 1, visit);
        }
    }
}

void put_table(const struct rfx_dictionary *dictionary, uint32_t first_item, uint32_t item_count,
               bool is_brief)
{
    struct table table = {.dictionary = dictionary, .is_brief = is_brief, .name_columns = 4};
    walk(&table, first_item, item_count, 0, widen);
    /* A few long lines rather than all of them. */
    int room = LINE_COLUMNS - TAG_COLUMNS - GAP - GAP - table.type_columns - GAP - REQUIRED_COLUMNS;
    table.name_columns = table.name_columns < room ? table.name_columns : room;
    printf("%*s%*s%-*s%*s%s\n", TAG_COLUMNS, "Tag", GAP, "", table.name_columns, "Name", GAP, "",
           "Type");
    walk(&table, first_item, item_count, 0, print);
}
