#include "tools/dict/codegen.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/message.h"
#include "core/nearest.h"
#include "tools/dict/codegen_level.h"

/* --------------------------------------------------------------------------- what is asked for */

static const struct rfx_dict_message *find(const struct rfx_dictionary *dictionary,
                                           const char *name, struct rfx_error *error)
{
    struct rfx_nearest nearest;
    const struct rfx_dict_message *message = rfx_dict_message_named(dictionary, name);
    if (message == NULL) {
        message = rfx_dict_message_of(dictionary, rfx_bytes_of(name, strlen(name)));
    }
    if (message != NULL) {
        return message;
    }
    rfx_nearest_init(&nearest, rfx_bytes_of(name, strlen(name)));
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        rfx_nearest_offer(&nearest, rfx_dict_text(dictionary, dictionary->messages[i].name));
    }
    rfx_fail(error, RFX_E_NOT_FOUND, "%s has no message '%s'%s%s%s", dictionary->version, name,
             nearest.name != NULL ? "; is it '" : "", nearest.name != NULL ? nearest.name : "",
             nearest.name != NULL ? "'?" : "");
    return NULL;
}

/* Each once, in the order of the dictionary. */
static rfx_status choose(const struct rfx_dictionary *dictionary, char *const *names, size_t count,
                         bool *is_chosen, struct rfx_error *error)
{
    for (uint32_t i = 0; i < dictionary->message_count; i++) {
        is_chosen[i] = count == 0;
    }
    for (size_t i = 0; i < count; i++) {
        const struct rfx_dict_message *message = find(dictionary, names[i], error);
        if (message == NULL) {
            return RFX_E_NOT_FOUND;
        }
        is_chosen[message - dictionary->messages] = true;
    }
    return RFX_OK;
}

/* ----------------------------------------------------------------------------- tags and values */

/* What the chosen messages are made of. */
struct parts {
    bool *is_chosen;  /* by message */
    bool *is_used;    /* by field */
    uint16_t *groups; /* those that are used, an inner one before the one around it */
    uint32_t group_count;
    bool *is_taken;        /* by group */
    uint16_t *definitions; /* by field: how many groups it counts */
};

static void take_level(const struct rfx_dictionary *dictionary, uint16_t set, struct parts *parts)
{
    const struct rfx_dict_set *level = &dictionary->sets[set];
    for (uint16_t i = 0; i < level->member_count; i++) {
        parts->is_used[dictionary->members[level->first_member + i]] = true;
    }
    for (uint16_t i = 0; i < level->group_count; i++) {
        const struct rfx_dict_set_group *place = &dictionary->set_groups[level->first_group + i];
        if (!parts->is_taken[place->group]) {
            parts->is_taken[place->group] = true;
            take_level(dictionary, dictionary->groups[place->group].set, parts);
            parts->definitions[place->counter]++;
            parts->groups[parts->group_count++] = place->group;
        }
    }
}

/* A group is named by its counter; where that counts several groups, by what it is in as well. */
static rfx_status name_groups(const struct codegen *to, const struct parts *parts, uint16_t set,
                              const char *parent, struct c_scope *scope)
{
    const struct rfx_dictionary *dictionary = to->dictionary;
    const struct rfx_dict_set *level = &dictionary->sets[set];
    rfx_status status = RFX_OK;
    for (uint16_t i = 0; i < level->group_count && status == RFX_OK; i++) {
        const struct rfx_dict_set_group *place = &dictionary->set_groups[level->first_group + i];
        const struct rfx_dict_field *counter = &dictionary->fields[place->counter];
        char *name = to->group_names[place->group];
        char own[C_NAME_MAX];
        if (name[0] != '\0') {
            continue;
        }
        group_name(rfx_dict_text(dictionary, counter->name), own);
        const bool is_alone = parts->definitions[place->counter] == 1;
        snprintf(name, C_NAME_MAX, "%.110s%s%.110s", is_alone ? "" : parent, is_alone ? "" : "_",
                 own);
        status = c_scope_add(scope, name, counter->tag);
        if (status == RFX_OK) {
            status = name_groups(to, parts, dictionary->groups[place->group].set, name, scope);
        }
    }
    return status;
}

/* Names of groups and of messages stand side by side. */
static rfx_status find_parts(const struct codegen *to, struct parts *parts)
{
    const struct rfx_dictionary *dictionary = to->dictionary;
    struct c_scope scope = {0};
    rfx_status status = RFX_OK;
    char name[C_NAME_MAX];
    for (uint32_t i = 0; i < dictionary->message_count && status == RFX_OK; i++) {
        c_name(rfx_dict_text(dictionary, dictionary->messages[i].name), name);
        status = c_scope_add(&scope, name, 0);
        if (parts->is_chosen[i]) {
            take_level(dictionary, dictionary->messages[i].set, parts);
        }
    }
    for (uint32_t i = 0; i < dictionary->message_count && status == RFX_OK; i++) {
        if (parts->is_chosen[i]) {
            c_name(rfx_dict_text(dictionary, dictionary->messages[i].name), name);
            status = name_groups(to, parts, dictionary->messages[i].set, name, &scope);
        }
    }
    c_scope_close(&scope);
    return status;
}

static rfx_status write_tags(const struct codegen *to, const bool *is_used)
{
    const struct rfx_dictionary *dictionary = to->dictionary;
    struct c_scope scope = {0};
    rfx_status status = RFX_OK;
    fputs("/* Tags. */\nenum {\n", to->out);
    for (uint32_t i = 0; i < dictionary->field_count && status == RFX_OK; i++) {
        char name[C_NAME_MAX];
        if (is_used[i]) {
            c_constant(rfx_dict_text(dictionary, dictionary->fields[i].name), name);
            status = c_scope_add(&scope, name, dictionary->fields[i].tag);
            fprintf(to->out, "    %s_TAG_%s = %d,\n", to->constant, name,
                    (int)dictionary->fields[i].tag);
        }
    }
    fputs("};\n\n", to->out);
    c_scope_close(&scope);
    return status;
}

/* As a literal: a character, a number, or a text. */
static void write_literal(const struct codegen *to, const struct rfx_dict_field *field,
                          const char *text)
{
    const enum value_kind kind = value_kind_of(to->dictionary, field);
    struct rfx_bytes bytes = {text, strlen(text)};
    int64_t number;
    if (kind == VALUE_CHAR && bytes.size == 1) {
        fprintf(to->out, strchr("'\\", text[0]) != NULL ? "'\\%c'" : "'%c'", text[0]);
    } else if (kind == VALUE_INT && rfx_value_int(bytes, &number) == RFX_OK) {
        fprintf(to->out, number < 0 ? "(%lld)" : "%lld", (long long)number);
    } else {
        fputc('"', to->out);
        for (; *text != '\0'; text++) {
            fprintf(to->out, strchr("\"\\?", *text) != NULL ? "\\%c" : "%c", *text);
        }
        fputc('"', to->out);
    }
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++) {
        if (!isprint((unsigned char)*text)) {
            return false;
        }
    }
    return true;
}

/* scope: of all values */
static rfx_status write_values(const struct codegen *to, const struct rfx_dict_field *field,
                               struct c_scope *scope)
{
    const struct rfx_dictionary *dictionary = to->dictionary;
    char field_name[C_NAME_MAX];
    rfx_status status = RFX_OK;
    c_constant(rfx_dict_text(dictionary, field->name), field_name);
    char tag[16];
    snprintf(tag, sizeof tag, "%d", (int)field->tag);
    const char *const words[] = {rfx_dict_text(dictionary, field->name), tag};
    fill_in(to, "/* $1($2) */\n", words);
    for (uint16_t i = 0; i < field->value_count && status == RFX_OK; i++) {
        const struct rfx_dict_value *value = &dictionary->values[field->first_value + i];
        const char *text = rfx_dict_text(dictionary, value->text);
        const char *description = rfx_dict_text(dictionary, value->description);
        char own[C_NAME_MAX];
        char name[C_NAME_MAX];
        if (!is_printable(text)) {
            continue;
        }
        c_constant(description[0] != '\0' ? description : text, own);
        snprintf(name, sizeof name, "%.110s_%.110s", field_name, own);
        status = c_scope_add(scope, name, i + 1);
        fprintf(to->out, "#define %s_%s ", to->constant, name);
        write_literal(to, field, text);
        fputc('\n', to->out);
    }
    fputc('\n', to->out);
    return status;
}

/* ------------------------------------------------------------------------------------ messages */

static const char about_message[] =
    "/* ---- $1($2) */\n\n"
    "#define $P_MSG_$4 \"$2\"\n\n"
    "struct $p_$3 {\n"
    "    const struct rfx_message *message;\n"
    "};\n\n"
    "/* False: another message. */\n"
    "static inline bool $p_as_$3(\n"
    "    const struct rfx_message *message, struct $p_$3 *from)\n"
    "{\n"
    "    from->message = message;\n"
    "    return rfx_message_is(message, \"$2\");\n"
    "}\n\n"
    "struct $p_$3_writer {\n"
    "    struct rfx_builder *builder;\n"
    "};\n\n"
    "/* As rfx_session_begin() and rfx_session_commit(). */\n"
    "static inline rfx_status $p_begin_$3(\n"
    "    struct rfx_session *session, struct $p_$3_writer *to)\n"
    "{\n"
    "    return rfx_session_begin(session, \"$2\", &to->builder);\n"
    "}\n\n"
    "static inline rfx_status $p_commit_$3(\n"
    "    struct rfx_session *session, struct $p_$3_writer to, uint64_t *seq_num)\n"
    "{\n"
    "    return rfx_session_commit(session, to.builder, seq_num);\n"
    "}\n\n";

static rfx_status write_message(const struct codegen *to, const struct rfx_dict_message *message)
{
    char name[C_NAME_MAX];
    char constant[C_NAME_MAX];
    const char *text = rfx_dict_text(to->dictionary, message->name);
    c_name(text, name);
    c_constant(text, constant);
    const char *const words[] = {text, rfx_dict_text(to->dictionary, message->msg_type), name,
                                 constant};
    fill_in(to, about_message, words);
    return write_level(to, name, message->set, LEVEL_MESSAGE);
}

static const char head[] =
    "/* Messages of $1. Made by ringfix-dict codegen from $2; not to be edited.\n"
    " *\n"
    " * For each message MESSAGE and field FIELD:\n"
    " *\n"
    " *   struct $p_MESSAGE from;\n"
    " *   if ($p_as_MESSAGE(message, &from)) {            a message that came\n"
    " *       $p_MESSAGE_get_FIELD(from, &value);         RFX_E_NOT_FOUND, RFX_E_INVALID\n"
    " *   }\n"
    " *   struct $p_MESSAGE_writer to;\n"
    " *   if ($p_begin_MESSAGE(session, &to) == RFX_OK) { one that goes\n"
    " *       $p_MESSAGE_put_FIELD(to, value);\n"
    " *       $p_commit_MESSAGE(session, to, NULL);\n"
    " *   }\n"
    " *\n"
    " * and for each GROUP of it _get_GROUP, _GROUP_next and _GROUP_get_FIELD to read, "
    "_begin_GROUP,\n"
    " * _GROUP_next_entry, _GROUP_put_FIELD and _end_GROUP to write. */\n"
    "#ifndef $P_MESSAGES_H\n"
    "#define $P_MESSAGES_H\n\n"
    "#include <ringfix/ringfix.h>\n\n"
    "#ifdef __cplusplus\n"
    "extern \"C\" {\n"
    "#endif\n\n";

static rfx_status write_all(const struct codegen *to, const char *source, struct parts *parts)
{
    const struct rfx_dictionary *dictionary = to->dictionary;
    const char *const words[] = {dictionary->version, source};
    struct c_scope values = {0};
    rfx_status status = find_parts(to, parts);
    fill_in(to, head, words);
    if (status == RFX_OK) {
        status = write_tags(to, parts->is_used);
    }
    for (uint32_t i = 0; i < dictionary->field_count && status == RFX_OK; i++) {
        if (parts->is_used[i] && dictionary->fields[i].value_count > 0) {
            status = write_values(to, &dictionary->fields[i], &values);
        }
    }
    c_scope_close(&values);
    for (uint32_t i = 0; i < parts->group_count && status == RFX_OK; i++) {
        status = write_group_type(to, parts->groups[i]);
    }
    for (uint32_t i = 0; i < dictionary->message_count && status == RFX_OK; i++) {
        if (parts->is_chosen[i]) {
            status = write_message(to, &dictionary->messages[i]);
        }
    }
    fputs("#ifdef __cplusplus\n}\n#endif\n\n#endif\n", to->out);
    return status;
}

static rfx_status open_parts(struct codegen *to, struct parts *parts)
{
    const struct rfx_dictionary *dictionary = to->dictionary;
    parts->is_chosen = calloc(dictionary->message_count + 1, sizeof *parts->is_chosen);
    parts->is_used = calloc(dictionary->field_count + 1, sizeof *parts->is_used);
    parts->groups = calloc(dictionary->group_count + 1, sizeof *parts->groups);
    parts->is_taken = calloc(dictionary->group_count + 1, sizeof *parts->is_taken);
    parts->definitions = calloc(dictionary->field_count + 1, sizeof *parts->definitions);
    to->group_names = calloc(dictionary->group_count + 1, sizeof *to->group_names);
    return parts->is_chosen != NULL && parts->is_used != NULL && parts->groups != NULL &&
                   parts->is_taken != NULL && parts->definitions != NULL && to->group_names != NULL
               ? RFX_OK
               : RFX_E_NOMEM;
}

static void close_parts(struct codegen *to, struct parts *parts)
{
    free(to->group_names);
    free(parts->definitions);
    free(parts->is_taken);
    free(parts->groups);
    free(parts->is_used);
    free(parts->is_chosen);
}

rfx_status codegen(const struct rfx_dictionary *dictionary, const char *source, const char *prefix,
                   char *const *messages, size_t message_count, char **text, size_t *size,
                   struct rfx_error *error)
{
    struct codegen to = {.dictionary = dictionary};
    if (prefix != NULL && !is_c_prefix(prefix)) {
        return rfx_fail(error, RFX_E_INVALID,
                        "--prefix %s: a small letter, then small letters, digits and '_' are "
                        "wanted, 32 at most",
                        prefix);
    }
    c_prefix(prefix != NULL ? prefix : dictionary->version, to.prefix);
    if (prefix != NULL) {
        snprintf(to.prefix, sizeof to.prefix, "%s", prefix);
    }
    for (size_t i = 0; i < sizeof to.prefix; i++) {
        to.constant[i] = (char)toupper(to.prefix[i]);
    }
    struct parts parts = {0};
    rfx_status status = open_parts(&to, &parts);
    if (status == RFX_OK) {
        status = choose(dictionary, messages, message_count, parts.is_chosen, error);
    }
    if (status == RFX_OK && (to.out = open_memstream(text, size)) == NULL) {
        status = RFX_E_NOMEM;
    }
    if (status == RFX_OK) {
        status = write_all(&to, source, &parts);
        status = fclose(to.out) == 0 ? status : RFX_E_NOMEM;
    }
    if (status == RFX_E_NOMEM) {
        rfx_fail(error, status, "out of memory");
    }
    close_parts(&to, &parts);
    return status;
}
