/* Prints the facts of a built-in dictionary, one per line, straight from its tables: facts.py
 * makes the same lines from other sources and compares. */
#include <stdio.h>

#include "core/dictionary.h"

static const struct rfx_dictionary *dictionary;

static const char *text(uint32_t offset)
{
    return rfx_dict_text(dictionary, offset);
}

static void print_fields(void)
{
    for (uint32_t i = 0; i < dictionary->field_count; i++) {
        const struct rfx_dict_field *field = &dictionary->fields[i];
        printf("field %d %s %s\n", (int)field->tag, text(field->name),
               rfx_field_type_text((enum rfx_field_type)field->type));
        for (uint32_t j = 0; j < field->value_count; j++) {
            const struct rfx_dict_value *value = &dictionary->values[field->first_value + j];
            printf("value %d %s = %s\n", (int)field->tag, text(value->text),
                   text(value->description));
        }
    }
}

/* As they are written: one line per item, "D/NoAllocs/ field AllocAccount N". */
static void print_items(const char *path, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        const struct rfx_dict_item *item = &dictionary->items[i];
        char need = item->is_required ? 'Y' : 'N';
        if (item->kind == RFX_ITEM_FIELD) {
            printf("%s field %s %c\n", path, text(dictionary->fields[item->index].name), need);
        } else if (item->kind == RFX_ITEM_COMPONENT) {
            printf("%s component %s %c\n", path, text(dictionary->components[item->index].name),
                   need);
        } else {
            const struct rfx_dict_group *group = &dictionary->groups[item->index];
            const char *counter = text(dictionary->fields[group->counter].name);
            char inner[1000];
            printf("%s group %s %c\n", path, counter, need);
            snprintf(inner, sizeof inner, "%s%s/", path, counter);
            print_items(inner, group->first_item, group->item_count);
        }
    }
}

/* With components spread out: " 11! 453(448 447 802(523))". */
static void print_set(uint16_t set_index)
{
    const struct rfx_dict_set *set = &dictionary->sets[set_index];
    for (uint32_t i = 0; i < set->member_count; i++) {
        uint16_t member = dictionary->members[set->first_member + i];
        const struct rfx_dict_group *group = rfx_dict_group_of(dictionary, set_index, member);
        bool is_required = false;
        for (uint32_t j = 0; j < set->required_count; j++) {
            is_required |= dictionary->required[set->first_required + j] == member;
        }
        printf(" %d%s", (int)dictionary->fields[member].tag, is_required ? "!" : "");
        if (group != NULL) {
            printf("(");
            print_set(group->set);
            printf(" )");
        }
    }
}

static void print_message(const char *path, const struct rfx_dict_message *message)
{
    print_items(path, message->first_item, message->item_count);
    printf("%s set", path);
    print_set(message->set);
    printf("\n");
}

int main(int argc, char **argv)
{
    dictionary = argc == 2 ? rfx_dictionary_builtin(argv[1]) : NULL;
    if (dictionary == NULL) {
        fprintf(stderr, "usage: dictionary_facts VERSION\n");
        return 2;
    }
    print_fields();
    print_message("header/", &dictionary->header);
    print_message("trailer/", &dictionary->trailer);
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        const struct rfx_dict_message *message = &dictionary->messages[i];
        char path[100];
        printf("message %s %s %s\n", text(message->msg_type), text(message->name),
               message->is_admin ? "admin" : "app");
        snprintf(path, sizeof path, "message %s/", text(message->msg_type));
        print_message(path, message);
    }
    for (uint32_t i = 0; i < dictionary->component_count; i++) {
        const struct rfx_dict_component *component = &dictionary->components[i];
        char path[200];
        printf("component %s\n", text(component->name));
        snprintf(path, sizeof path, "component %s/", text(component->name));
        print_items(path, component->first_item, component->item_count);
    }
    return 0;
}
