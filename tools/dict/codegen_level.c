#include "tools/dict/codegen_level.h"

#include <ctype.h>
#include <string.h>

#include "core/message.h"

/* A word out of a dictionary may neither end a comment nor a text of C. */
static void put_word(FILE *out, const char *word)
{
    for (; *word != '\0'; word++) {
        const bool is_harmless = isprint((unsigned char)*word) && strchr("*\"\\", *word) == NULL;
        fputc(is_harmless ? *word : '?', out);
    }
}

void fill_in(const struct codegen *to, const char *text, const char *const *words)
{
    for (; *text != '\0'; text++) {
        if (*text != '$') {
            fputc(*text, to->out);
            continue;
        }
        text++;
        put_word(to->out, *text == 'p'   ? to->prefix
                          : *text == 'P' ? to->constant
                                         : words[*text - '1']);
    }
}

/* FIX.4.0 and 4.1 have no type for text: CHAR is one there, but where all values are characters. */
static bool is_one_character(const struct rfx_dictionary *dictionary,
                             const struct rfx_dict_field *field)
{
    const bool has_char_for_text =
        strcmp(dictionary->version, "FIX.4.0") == 0 || strcmp(dictionary->version, "FIX.4.1") == 0;
    for (uint16_t i = 0; i < field->value_count; i++) {
        const uint32_t text = dictionary->values[field->first_value + i].text;
        if (strlen(rfx_dict_text(dictionary, text)) != 1) {
            return false;
        }
    }
    return !has_char_for_text || field->value_count > 0;
}

enum value_kind value_kind_of(const struct rfx_dictionary *dictionary,
                              const struct rfx_dict_field *field)
{
    switch ((enum rfx_field_type)field->type) {
    case RFX_TYPE_CHAR:
        return is_one_character(dictionary, field) ? VALUE_CHAR : VALUE_BYTES;
    case RFX_TYPE_BOOLEAN:
        return VALUE_BOOL;
    case RFX_TYPE_INT:
    case RFX_TYPE_LENGTH:
    case RFX_TYPE_SEQNUM:
    case RFX_TYPE_NUMINGROUP:
    case RFX_TYPE_TAGNUM:
    case RFX_TYPE_DAYOFMONTH:
        return VALUE_INT;
    case RFX_TYPE_FLOAT:
    case RFX_TYPE_PRICE:
    case RFX_TYPE_PRICEOFFSET:
    case RFX_TYPE_AMT:
    case RFX_TYPE_QTY:
    case RFX_TYPE_PERCENTAGE:
        return VALUE_DECIMAL;
    case RFX_TYPE_UTCTIMESTAMP:
    case RFX_TYPE_TIME:
        return VALUE_UTC;
    case RFX_TYPE_DATA:
    case RFX_TYPE_XMLDATA:
        return rfx_is_data_tag(field->tag) ? VALUE_DATA : VALUE_BYTES;
    case RFX_TYPE_UNKNOWN:
    case RFX_TYPE_STRING:
    case RFX_TYPE_CURRENCY:
    case RFX_TYPE_COUNTRY:
    case RFX_TYPE_EXCHANGE:
    case RFX_TYPE_LANGUAGE:
    case RFX_TYPE_MONTHYEAR:
    case RFX_TYPE_DATE:
    case RFX_TYPE_UTCTIMEONLY:
    case RFX_TYPE_UTCDATE:
    case RFX_TYPE_UTCDATEONLY:
    case RFX_TYPE_LOCALMKTDATE:
    case RFX_TYPE_LOCALMKTTIME:
    case RFX_TYPE_TZTIMEONLY:
    case RFX_TYPE_TZTIMESTAMP:
    case RFX_TYPE_MULTIPLEVALUESTRING:
    case RFX_TYPE_MULTIPLESTRINGVALUE:
    case RFX_TYPE_MULTIPLECHARVALUE:
    case RFX_TYPE_XID:
    case RFX_TYPE_XIDREF:
    case RFX_TYPE_COUNT:
        break;
    }
    return VALUE_BYTES;
}

/* How the kinds are read and written: rfx_..._get<suffix>() and rfx_builder_put<suffix>(). */
static const struct {
    const char *suffix;
    const char *type;
} kinds[] = {
    [VALUE_BYTES] = {"", "struct rfx_bytes "},
    [VALUE_CHAR] = {"_char", "char "},
    [VALUE_BOOL] = {"_bool", "bool "},
    [VALUE_INT] = {"_int", "int64_t "},
    [VALUE_DECIMAL] = {"_decimal", "struct rfx_decimal "},
    [VALUE_UTC] = {"_utc", "int64_t "},
    [VALUE_DATA] = {"", "struct rfx_bytes "},
};

/* -------------------------------------------------------------------------------------- fields */

/* A level at work. */
struct scope {
    const struct codegen *to;
    const char *name; /* of the level */
    enum level level;
    struct c_scope names;
};

static void write_getter(const struct scope *scope, const char *name, const char *tag,
                         enum value_kind kind)
{
    static const char of_message[] = "static inline rfx_status $p_$1_get_$2(\n"
                                     "    struct $p_$1 from, $3*value)\n"
                                     "{\n"
                                     "    return rfx_message_get$4(from.message, $5, value);\n"
                                     "}\n\n";
    static const char of_entry[] = "static inline rfx_status $p_$1_get_$2(\n"
                                   "    const struct $p_$1_entry *from, $3*value)\n"
                                   "{\n"
                                   "    return rfx_entry_get$4(&from->entry, $5, value);\n"
                                   "}\n\n";
    const char *const words[] = {scope->name, name, kinds[kind].type, kinds[kind].suffix, tag};
    fill_in(scope->to, scope->level == LEVEL_ENTRY ? of_entry : of_message, words);
}

/* The length field that goes with a data field, 0: none. */
static int32_t length_tag_of(int32_t data_tag)
{
    for (int32_t tag = 1; tag < 50000; tag++) {
        if (rfx_data_tag_of(tag) == data_tag) {
            return tag;
        }
    }
    return 0;
}

static void write_putter(const struct scope *scope, const char *name, const char *tag,
                         const char *length_tag, enum value_kind kind)
{
    static const char plain[] = "static inline void $p_$1_put_$2(\n"
                                "    struct $p_$1_writer to, $3value)\n"
                                "{\n"
                                "    rfx_builder_put$4(to.builder, $5, value);\n"
                                "}\n\n";
    static const char text[] = "static inline void $p_$1_put_$2_text(\n"
                               "    struct $p_$1_writer to, const char *value)\n"
                               "{\n"
                               "    rfx_builder_put_text(to.builder, $5, value);\n"
                               "}\n\n";
    static const char time[] = "static inline void $p_$1_put_$2(\n"
                               "    struct $p_$1_writer to, int64_t "
                               "utc_ns, unsigned decimals)\n"
                               "{\n"
                               "    rfx_builder_put_utc(to.builder, $5, utc_ns, decimals);\n"
                               "}\n\n";
    static const char data[] = "static inline void $p_$1_put_$2(\n"
                               "    struct $p_$1_writer to, struct rfx_bytes value)\n"
                               "{\n"
                               "    rfx_builder_put_data(to.builder, $6, $5, value);\n"
                               "}\n\n";
    const char *const words[] = {scope->name,        name, kinds[kind].type,
                                 kinds[kind].suffix, tag,  length_tag};
    fill_in(scope->to, kind == VALUE_UTC ? time : kind == VALUE_DATA ? data : plain, words);
    if (kind == VALUE_BYTES) {
        fill_in(scope->to, text, words);
    }
}

static bool is_required(const struct rfx_dictionary *dictionary, const struct rfx_dict_set *level,
                        uint16_t index)
{
    for (uint16_t i = 0; i < level->required_count; i++) {
        if (dictionary->required[level->first_required + i] == index) {
            return true;
        }
    }
    return false;
}

static rfx_status write_field(struct scope *scope, const struct rfx_dict_set *level, uint16_t index)
{
    const struct rfx_dictionary *dictionary = scope->to->dictionary;
    const struct rfx_dict_field *field = &dictionary->fields[index];
    const enum value_kind kind = value_kind_of(dictionary, field);
    const char *text = rfx_dict_text(dictionary, field->name);
    char name[C_NAME_MAX];
    c_name(text, name);
    const rfx_status status = c_scope_add(&scope->names, name, field->tag);
    char tag[16];
    char length_tag[16];
    snprintf(tag, sizeof tag, "%d", (int)field->tag);
    snprintf(length_tag, sizeof length_tag, "%d",
             kind == VALUE_DATA ? (int)length_tag_of(field->tag) : 0);
    const char *const words[] = {text, tag, rfx_field_type_text((enum rfx_field_type)field->type),
                                 is_required(dictionary, level, index) ? ", required" : ""};
    fill_in(scope->to, "/* $1($2), $3$4 */\n", words);
    write_getter(scope, name, tag, kind);
    write_putter(scope, name, tag, length_tag, kind);
    return status;
}

/* -------------------------------------------------------------------------------------- groups */

void group_name(const char *counter, char name[C_NAME_MAX])
{
    const bool has_no = strncmp(counter, "No", 2) == 0 && counter[2] >= 'A' && counter[2] <= 'Z';
    c_name(has_no ? counter + 2 : counter, name);
}

/* $1 the group, $2 its counter, $3 the counter's tag */
static const char about_group[] = "/* ---- group $2($3) */\n\n"
                                  "struct $p_$1 {\n"
                                  "    struct rfx_group group;\n"
                                  "};\n\n"
                                  "struct $p_$1_entry {\n"
                                  "    struct rfx_entry entry;\n"
                                  "};\n\n"
                                  "struct $p_$1_writer {\n"
                                  "    struct rfx_builder *builder;\n"
                                  "};\n\n"
                                  "static inline bool $p_$1_next(\n"
                                  "    struct $p_$1 *group, struct $p_$1_entry *entry)\n"
                                  "{\n"
                                  "    return rfx_group_next(&group->group, &entry->entry);\n"
                                  "}\n\n"
                                  "static inline void $p_$1_next_entry(struct $p_$1_writer to)\n"
                                  "{\n"
                                  "    rfx_builder_next_entry(to.builder);\n"
                                  "}\n\n";

/* A group within a level: $1 the group, $2 the level, $3 the group's name there, $4 counter, $5 tag
 */
static const char group_to_write[] = "static inline struct $p_$1_writer $p_$2_begin_$3(\n"
                                     "    struct $p_$2_writer to, uint32_t count)\n"
                                     "{\n"
                                     "    struct $p_$1_writer group = {to.builder};\n"
                                     "    rfx_builder_begin_group(to.builder, $5, count);\n"
                                     "    return group;\n"
                                     "}\n\n"
                                     "static inline void $p_$2_end_$3(struct $p_$2_writer to)\n"
                                     "{\n"
                                     "    rfx_builder_end_group(to.builder);\n"
                                     "}\n\n";
static const char group_of_message[] =
    "/* $4($5) */\n"
    "static inline rfx_status $p_$2_get_$3(\n"
    "    struct $p_$2 from, struct $p_$1 *group)\n"
    "{\n"
    "    return rfx_message_group(from.message, $5, &group->group);\n"
    "}\n\n";
static const char group_of_entry[] =
    "/* $4($5) */\n"
    "static inline rfx_status $p_$2_get_$3(\n"
    "    const struct $p_$2_entry *from, struct $p_$1 *group)\n"
    "{\n"
    "    return rfx_entry_group(&from->entry, $5, &group->group);\n"
    "}\n\n";

static rfx_status write_group(struct scope *scope, const struct rfx_dict_set_group *place)
{
    const struct codegen *to = scope->to;
    const struct rfx_dict_field *counter = &to->dictionary->fields[place->counter];
    const char *text = rfx_dict_text(to->dictionary, counter->name);
    char name[C_NAME_MAX];
    char tag[16];
    group_name(text, name);
    const rfx_status status = c_scope_add(&scope->names, name, counter->tag);
    snprintf(tag, sizeof tag, "%d", (int)counter->tag);
    const char *const words[] = {to->group_names[place->group], scope->name, name, text, tag};
    fill_in(to, scope->level == LEVEL_ENTRY ? group_of_entry : group_of_message, words);
    fill_in(to, group_to_write, words);
    return status;
}

rfx_status write_group_type(const struct codegen *to, uint16_t group)
{
    const struct rfx_dict_group *written = &to->dictionary->groups[group];
    const struct rfx_dict_field *counter = &to->dictionary->fields[written->counter];
    char tag[16];
    snprintf(tag, sizeof tag, "%d", (int)counter->tag);
    const char *const words[] = {to->group_names[group],
                                 rfx_dict_text(to->dictionary, counter->name), tag};
    fill_in(to, about_group, words);
    return write_level(to, to->group_names[group], written->set, LEVEL_ENTRY);
}

/* The group that a member counts, NULL when it counts none. */
static const struct rfx_dict_set_group *group_at(const struct rfx_dictionary *dictionary,
                                                 const struct rfx_dict_set *level, uint16_t member)
{
    for (uint16_t i = 0; i < level->group_count; i++) {
        const struct rfx_dict_set_group *place = &dictionary->set_groups[level->first_group + i];
        if (place->counter == member) {
            return place;
        }
    }
    return NULL;
}

/* Whether a message's own writer and reader leave a field to others: the session's fields, and
 * lengths, which are written with their data. */
static bool is_left_out(const struct rfx_dictionary *dictionary, uint16_t index)
{
    const int32_t tag = dictionary->fields[index].tag;
    return rfx_is_header_tag(tag) || tag == 10 || rfx_data_tag_of(tag) != 0 ||
           rfx_dict_set_has(dictionary, dictionary->trailer.set, index);
}

rfx_status write_level(const struct codegen *to, const char *name, uint16_t set, enum level level)
{
    struct scope scope = {.to = to, .name = name, .level = level};
    const struct rfx_dictionary *dictionary = to->dictionary;
    const struct rfx_dict_set *members = &dictionary->sets[set];
    rfx_status status = RFX_OK;
    for (uint16_t i = 0; i < members->member_count && status == RFX_OK; i++) {
        const uint16_t member = dictionary->members[members->first_member + i];
        const struct rfx_dict_set_group *group = group_at(dictionary, members, member);
        if (group != NULL) {
            status = write_group(&scope, group);
        } else if (!is_left_out(dictionary, member)) {
            status = write_field(&scope, members, member);
        }
    }
    c_scope_close(&scope.names);
    return status;
}
