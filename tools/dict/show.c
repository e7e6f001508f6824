#include "tools/dict/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "tools/dict/table.h"
#include "tools/dict/text.h"
#include "tools/dict/usage.h"

#define VALUE_COLUMNS_MAX 24

/* ------------------------------------------------------------------------------------ parts */

static const char *category(const struct rfx_dict_message *message)
{
    return message->is_admin ? "admin" : "application";
}

static void show_message(const struct rfx_dictionary *dictionary,
                         const struct rfx_dict_message *message, bool is_brief)
{
    put_text(dictionary->version);
    fputs(" message ", stdout);
    put_text(rfx_dict_text(dictionary, message->name));
    fputs(", MsgType ", stdout);
    put_text(rfx_dict_text(dictionary, message->msg_type));
    printf(", %s\n\n", category(message));
    put_table(dictionary, message->first_item, message->item_count, is_brief);
}

static void show_frame(const struct rfx_dictionary *dictionary, const char *name,
                       const struct rfx_dict_message *message, bool is_brief)
{
    put_text(dictionary->version);
    if (message->item_count == 0) {
        printf(" has no %s of its own: it is that of FIXT.1.1\n", name);
        return;
    }
    printf(" %s\n\n", name);
    put_table(dictionary, message->first_item, message->item_count, is_brief);
}

static void show_component(const struct rfx_dictionary *dictionary,
                           const struct rfx_dict_component *component, bool is_brief)
{
    put_text(dictionary->version);
    fputs(" component ", stdout);
    put_text(rfx_dict_text(dictionary, component->name));
    fputs("\n\n", stdout);
    put_table(dictionary, component->first_item, component->item_count, is_brief);
}

static void show_values(const struct rfx_dictionary *dictionary, const struct rfx_dict_field *field)
{
    const struct rfx_dict_value *values = &dictionary->values[field->first_value];
    int columns = 0;
    for (uint32_t i = 0; i < field->value_count; i++) {
        int size = text_columns(rfx_dict_text(dictionary, values[i].text));
        columns = size > columns && size <= VALUE_COLUMNS_MAX ? size : columns;
    }
    for (uint32_t i = 0; i < field->value_count; i++) {
        const char *description = rfx_dict_text(dictionary, values[i].description);
        fputs("  ", stdout);
        if (description[0] != '\0') {
            put_padded(rfx_dict_text(dictionary, values[i].text), columns);
            fputs("  ", stdout);
            put_text(description);
        } else {
            put_text(rfx_dict_text(dictionary, values[i].text));
        }
        putchar('\n');
    }
}

static rfx_status show_field(const struct rfx_dictionary *dictionary, int32_t index)
{
    const struct rfx_dict_field *field = &dictionary->fields[index];
    put_text(dictionary->version);
    printf(" field %d ", field->tag);
    put_text(rfx_dict_text(dictionary, field->name));
    printf(", type %s\n", rfx_field_type_text((enum rfx_field_type)field->type));
    if (field->value_count > 0) {
        putchar('\n');
        show_values(dictionary, field);
    }
    putchar('\n');
    return show_usage(dictionary, index);
}

/* ------------------------------------------------------------------------------------ lookup */

/* Everything that a text may mean. */
struct meaning {
    int32_t tagged; /* field index */
    const struct rfx_dict_message *typed;
    const struct rfx_dict_message *message;
    int32_t field; /* field index */
    const struct rfx_dict_component *component;
    const struct rfx_dict_message *frame; /* header, trailer */
};

static int32_t field_tagged(const struct rfx_dictionary *dictionary, const char *text)
{
    size_t size = strlen(text);
    if (size == 0 || size > 9 || strspn(text, "0123456789") != size) {
        return RFX_NO_FIELD;
    }
    return rfx_dict_field_of(dictionary, (int32_t)strtol(text, NULL, 10));
}

static struct meaning meaning_of(const struct rfx_dictionary *dictionary, const char *what,
                                 enum show_as show_as)
{
    struct meaning meaning = {.tagged = RFX_NO_FIELD, .field = RFX_NO_FIELD};
    if (show_as == SHOW_ANY || show_as == SHOW_TAG) {
        meaning.tagged = field_tagged(dictionary, what);
    }
    if (show_as == SHOW_ANY || show_as == SHOW_TYPE) {
        meaning.typed = rfx_dict_message_of(dictionary, rfx_bytes_of(what, strlen(what)));
    }
    if (show_as == SHOW_ANY || show_as == SHOW_NAME) {
        meaning.message = rfx_dict_message_named(dictionary, what);
        meaning.field = rfx_dict_field_named(dictionary, what);
        meaning.component = rfx_dict_component_named(dictionary, what);
        if (strcmp(what, "header") == 0) {
            meaning.frame = &dictionary->header;
        } else if (strcmp(what, "trailer") == 0) {
            meaning.frame = &dictionary->trailer;
        }
    }
    return meaning;
}

static bool has_name(const struct meaning *meaning)
{
    return meaning->message != NULL || meaning->field != RFX_NO_FIELD ||
           meaning->component != NULL || meaning->frame != NULL;
}

static void note_others(const struct rfx_dictionary *dictionary, const char *what,
                        const struct meaning *meaning)
{
    bool is_tag = meaning->tagged != RFX_NO_FIELD;
    fflush(stdout); /* the note comes behind what it is about */
    if (is_tag && meaning->typed != NULL) {
        fprintf(stderr, "ringfix-dict: %s is a MsgType too, that of %s: --type %s\n", what,
                rfx_dict_text(dictionary, meaning->typed->name), what);
    }
    if ((is_tag || meaning->typed != NULL) && has_name(meaning)) {
        fprintf(stderr, "ringfix-dict: %s is a name too: --name %s\n", what, what);
    }
}

/* A name may stand for a message, a field and a component at once: all are shown. */
static rfx_status show_named(const struct rfx_dictionary *dictionary, const char *what,
                             const struct meaning *meaning, bool is_brief)
{
    const char *gap = "";
    if (meaning->frame != NULL) {
        show_frame(dictionary, what, meaning->frame, is_brief);
        gap = "\n";
    }
    if (meaning->message != NULL) {
        fputs(gap, stdout);
        show_message(dictionary, meaning->message, is_brief);
        gap = "\n";
    }
    if (meaning->component != NULL) {
        fputs(gap, stdout);
        show_component(dictionary, meaning->component, is_brief);
        gap = "\n";
    }
    if (meaning->field != RFX_NO_FIELD) {
        fputs(gap, stdout);
        return show_field(dictionary, meaning->field);
    }
    return RFX_OK;
}

static rfx_status not_found(const struct rfx_dictionary *dictionary, const char *what,
                            enum show_as show_as, struct rfx_error *error)
{
    static const char *const kinds[] = {[SHOW_ANY] = "tag, MsgType or name",
                                        [SHOW_TAG] = "tag",
                                        [SHOW_TYPE] = "MsgType",
                                        [SHOW_NAME] = "name"};
    struct rfx_nearest nearest;
    rfx_nearest_init(&nearest, rfx_bytes_of(what, strlen(what)));
    if (show_as == SHOW_ANY || show_as == SHOW_NAME) {
        for (uint32_t i = 0; i < dictionary->message_count; i++) {
            rfx_nearest_offer(&nearest, rfx_dict_text(dictionary, dictionary->messages[i].name));
        }
        for (uint32_t i = 0; i < dictionary->field_count; i++) {
            rfx_nearest_offer(&nearest, rfx_dict_text(dictionary, dictionary->fields[i].name));
        }
        for (uint32_t i = 0; i < dictionary->component_count; i++) {
            rfx_nearest_offer(&nearest, rfx_dict_text(dictionary, dictionary->components[i].name));
        }
    }
    if (nearest.name != NULL) {
        return rfx_fail(error, RFX_E_NOT_FOUND, "%.40s has no %s '%.80s'; did you mean %.80s?",
                        dictionary->version, kinds[show_as], what, nearest.name);
    }
    return rfx_fail(error, RFX_E_NOT_FOUND, "%.40s has no %s '%.80s'", dictionary->version,
                    kinds[show_as], what);
}

rfx_status show_what(const struct rfx_dictionary *dictionary, const char *what,
                     const struct options *options, struct rfx_error *error)
{
    struct meaning meaning = meaning_of(dictionary, what, options->show_as);
    rfx_status status = RFX_OK;
    if (meaning.tagged != RFX_NO_FIELD) {
        status = show_field(dictionary, meaning.tagged);
    } else if (meaning.typed != NULL) {
        show_message(dictionary, meaning.typed, options->is_brief);
    } else if (has_name(&meaning)) {
        status = show_named(dictionary, what, &meaning, options->is_brief);
    } else {
        return not_found(dictionary, what, options->show_as, error);
    }
    if (status != RFX_OK) {
        return rfx_fail(error, status, "out of memory");
    }
    note_others(dictionary, what, &meaning);
    return RFX_OK;
}

/* ---------------------------------------------------------------------------------- overview */

void show_counts(const struct rfx_dictionary *dictionary)
{
    printf("%u fields with %u values, %u messages, %u components, %u groups",
           dictionary->field_count, dictionary->value_count, dictionary->message_count,
           dictionary->component_count, dictionary->group_count);
}

void show_overview(const struct rfx_dictionary *dictionary)
{
    int columns = 4;
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        int size = text_columns(rfx_dict_text(dictionary, dictionary->messages[i].name));
        columns = size > columns ? size : columns;
    }
    put_text(dictionary->version);
    fputs("\n  ", stdout);
    show_counts(dictionary);
    putchar('\n');
    if (dictionary->message_count > 0) {
        printf("\nMsgType  %-*s  Category\n", columns, "Name");
    }
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        const struct rfx_dict_message *message = &dictionary->messages[i];
        put_padded(rfx_dict_text(dictionary, message->msg_type), 7);
        fputs("  ", stdout);
        put_padded(rfx_dict_text(dictionary, message->name), columns);
        printf("  %s\n", category(message));
    }
    if (dictionary->component_count > 0) {
        struct wrap wrap = {.indent = "  "};
        fputs("\nComponents:\n", stdout);
        for (uint32_t i = 0; i < dictionary->component_count; i++) {
            wrap_word(&wrap, rfx_dict_text(dictionary, dictionary->components[i].name));
        }
        wrap_end(&wrap);
    }
}
