/* Elements of the file, one after the other, become calls of the draft. */
#include "io/dictionary/xml.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "core/draft.h"

/* fix, messages, what a draft nests, and a field within the innermost. */
#define DEPTH_MAX (RFX_DRAFT_DEPTH_MAX + 4)

/* Where an element stands decides what it may hold. */
enum place {
    IN_FILE,
    IN_FIX,
    IN_MESSAGES,
    IN_COMPONENTS,
    IN_FIELDS,
    IN_FIELD, /* within its definition */
    IN_BODY,  /* header, trailer, a message, a component, a group: what has members */
    IN_LEAF,
};

struct reader {
    XML_Parser parser;
    struct rfx_draft *draft;
    size_t depth;
    const struct rule *rules[DEPTH_MAX]; /* of the open elements */
    bool is_open_ended;                  /* the field takes values beyond its list */
};

struct rule {
    enum place where;
    const char *name;
    enum place inside;
    void (*start)(struct reader *reader, size_t line, const char **attributes);
};

/* Bytes of the file as a message may repeat them: short, and nothing that steers a terminal. */
struct quote {
    char text[48];
};

static struct quote quote_of(const char *data, size_t size)
{
    struct quote quote;
    size_t used = 0;
    for (size_t i = 0; i < size && used < sizeof quote.text - 4; i++) {
        quote.text[used++] = data[i] < 0x20 || data[i] == 0x7f ? '?' : data[i];
    }
    memcpy(quote.text + used, used < size ? "..." : "", used < size ? 4 : 1);
    return quote;
}

static struct quote quote_text(const char *text)
{
    return quote_of(text, strlen(text));
}

static struct rfx_bytes bytes(const char *text)
{
    return rfx_bytes_of(text, strlen(text));
}

/* ------------------------------------------------------------------------------ attributes */

static const char *attribute(const char **attributes, const char *name)
{
    for (; attributes[0] != NULL; attributes += 2) {
        if (strcmp(attributes[0], name) == 0) {
            return attributes[1];
        }
    }
    return NULL;
}

static const char *element_name(const struct reader *reader)
{
    return reader->rules[reader->depth - 1]->name;
}

/* NULL once the draft knows that it is missing. */
static const char *needed(struct reader *reader, size_t line, const char **attributes,
                          const char *name)
{
    const char *value = attribute(attributes, name);
    if (value == NULL) {
        const char *element_label = attribute(attributes, "name");
        struct quote label = quote_text(element_label != NULL ? element_label : "");
        rfx_draft_fail(reader->draft, line, "<%s%s%s%s> has no %s; add %s='...'",
                       element_name(reader), element_label != NULL ? " name='" : "", label.text,
                       element_label != NULL ? "'" : "", name, name);
    }
    return value;
}

static bool number(struct reader *reader, size_t line, const char *name, const char *text,
                   int32_t *value)
{
    int32_t result = 0;
    size_t size = strlen(text);
    bool is_number = size > 0 && size <= 9; /* any 9 digits fit */
    for (size_t i = 0; i < size && is_number; i++) {
        is_number = text[i] >= '0' && text[i] <= '9';
        result = result * 10 + (text[i] - '0');
    }
    if (!is_number) {
        rfx_draft_fail(reader->draft, line, "%s of <%s> is a number of up to 9 digits, not '%s'",
                       name, element_name(reader), quote_text(text).text);
        return false;
    }
    *value = result;
    return true;
}

/* The name and whether it is required, as every member has them. */
static bool member(struct reader *reader, size_t line, const char **attributes,
                   struct rfx_bytes *name, bool *is_required)
{
    const char *text = needed(reader, line, attributes, "name");
    const char *flag = text == NULL ? NULL : needed(reader, line, attributes, "required");
    if (flag == NULL) {
        return false;
    }
    *name = bytes(text);
    *is_required = flag[0] == 'Y' || flag[0] == 'y';
    if (strlen(flag) != 1 || strchr("YyNn", flag[0]) == NULL) {
        rfx_draft_fail(reader->draft, line, "required of '%s' is Y or N, not '%s'",
                       quote_text(text).text, quote_text(flag).text);
        return false;
    }
    return true;
}

/* -------------------------------------------------------------------------------- elements */

static void on_fix(struct reader *reader, size_t line, const char **attributes)
{
    const char *type = attribute(attributes, "type");
    const char *major_text = needed(reader, line, attributes, "major");
    const char *minor_text = major_text == NULL ? NULL : needed(reader, line, attributes, "minor");
    const char *pack_text = attribute(attributes, "servicepack");
    int32_t major;
    int32_t minor;
    int32_t pack;
    if (minor_text == NULL || !number(reader, line, "major", major_text, &major) ||
        !number(reader, line, "minor", minor_text, &minor) ||
        !number(reader, line, "servicepack", pack_text != NULL ? pack_text : "0", &pack)) {
        return;
    }
    if (type == NULL) {
        type = "FIX";
    } else if (strcmp(type, "FIX") != 0 && strcmp(type, "FIXT") != 0) {
        rfx_draft_fail(reader->draft, line, "type of <fix> is FIX or FIXT, not '%s'",
                       quote_text(type).text);
        return;
    }
    char version[48];
    /* Up to 4.4 the wire knows no service packs. */
    bool has_pack = pack > 0 && major >= 5;
    int size = has_pack
                   ? snprintf(version, sizeof version, "%s.%d.%dSP%d", type, major, minor, pack)
                   : snprintf(version, sizeof version, "%s.%d.%d", type, major, minor);
    rfx_draft_version(reader->draft, line, rfx_bytes_of(version, (size_t)size));
}

static void on_header(struct reader *reader, size_t line, const char **attributes)
{
    (void)attributes;
    rfx_draft_header(reader->draft, line);
}

static void on_trailer(struct reader *reader, size_t line, const char **attributes)
{
    (void)attributes;
    rfx_draft_trailer(reader->draft, line);
}

static void on_section(struct reader *reader, size_t line, const char **attributes)
{
    (void)reader;
    (void)line;
    (void)attributes;
}

static void on_message(struct reader *reader, size_t line, const char **attributes)
{
    const char *name = needed(reader, line, attributes, "name");
    const char *type = name == NULL ? NULL : needed(reader, line, attributes, "msgtype");
    const char *category = attribute(attributes, "msgcat");
    if (type == NULL) {
        return;
    }
    bool is_admin = category != NULL && strcmp(category, "admin") == 0;
    if (category != NULL && !is_admin && strcmp(category, "app") != 0) {
        rfx_draft_fail(reader->draft, line, "msgcat of message '%s' is admin or app, not '%s'",
                       quote_text(name).text, quote_text(category).text);
        return;
    }
    rfx_draft_message(reader->draft, line, bytes(name), bytes(type), is_admin);
}

static void on_component(struct reader *reader, size_t line, const char **attributes)
{
    const char *name = needed(reader, line, attributes, "name");
    if (name != NULL) {
        rfx_draft_component(reader->draft, line, bytes(name));
    }
}

/* Dictionaries of venues have types of their own, or write the known ones as "UTCTimestamp". */
static enum rfx_field_type type_of(const char *text)
{
    char upper[32];
    size_t size = 0;
    for (; text[size] != '\0' && size < sizeof upper - 1; size++) {
        char c = text[size];
        upper[size] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    upper[size] = '\0';
    return text[size] == '\0' ? rfx_field_type_of(upper) : RFX_TYPE_UNKNOWN;
}

static void on_field(struct reader *reader, size_t line, const char **attributes)
{
    const char *name = needed(reader, line, attributes, "name");
    const char *tag_text = name == NULL ? NULL : needed(reader, line, attributes, "number");
    const char *type = tag_text == NULL ? NULL : needed(reader, line, attributes, "type");
    const char *open_ended = attribute(attributes, "allowOtherValues");
    int32_t tag;
    if (type == NULL || !number(reader, line, "number", tag_text, &tag)) {
        return;
    }
    reader->is_open_ended =
        open_ended != NULL && (strcmp(open_ended, "true") == 0 || strcmp(open_ended, "Y") == 0);
    rfx_draft_field(reader->draft, line, tag, bytes(name), type_of(type));
}

static void on_value(struct reader *reader, size_t line, const char **attributes)
{
    const char *text = needed(reader, line, attributes, "enum");
    const char *description = attribute(attributes, "description");
    if (text != NULL && !reader->is_open_ended) {
        rfx_draft_value(reader->draft, line, bytes(text),
                        bytes(description != NULL ? description : ""));
    }
}

static void on_member_field(struct reader *reader, size_t line, const char **attributes)
{
    struct rfx_bytes name;
    bool is_required;
    if (member(reader, line, attributes, &name, &is_required)) {
        rfx_draft_member_field(reader->draft, line, name, is_required);
    }
}

static void on_member_component(struct reader *reader, size_t line, const char **attributes)
{
    struct rfx_bytes name;
    bool is_required;
    if (member(reader, line, attributes, &name, &is_required)) {
        rfx_draft_member_component(reader->draft, line, name, is_required);
    }
}

static void on_group(struct reader *reader, size_t line, const char **attributes)
{
    struct rfx_bytes name;
    bool is_required;
    if (member(reader, line, attributes, &name, &is_required)) {
        rfx_draft_group(reader->draft, line, name, is_required);
    }
}

static const struct rule rules[] = {
    {IN_FILE, "fix", IN_FIX, on_fix},
    {IN_FIX, "header", IN_BODY, on_header},
    {IN_FIX, "trailer", IN_BODY, on_trailer},
    {IN_FIX, "messages", IN_MESSAGES, on_section},
    {IN_FIX, "components", IN_COMPONENTS, on_section},
    {IN_FIX, "fields", IN_FIELDS, on_section},
    {IN_MESSAGES, "message", IN_BODY, on_message},
    {IN_COMPONENTS, "component", IN_BODY, on_component},
    {IN_FIELDS, "field", IN_FIELD, on_field},
    {IN_FIELD, "value", IN_LEAF, on_value},
    {IN_BODY, "field", IN_LEAF, on_member_field},
    {IN_BODY, "component", IN_LEAF, on_member_component},
    {IN_BODY, "group", IN_BODY, on_group},
};

/* ---------------------------------------------------------------------------------- parser */

static size_t line_of(const struct reader *reader)
{
    return (size_t)XML_GetCurrentLineNumber(reader->parser);
}

/* Expat may still call a handler or two after it was told to stop. */
static void stop_when_failed(struct reader *reader)
{
    if (rfx_draft_has_failed(reader->draft)) {
        XML_StopParser(reader->parser, XML_FALSE);
    }
}

static const struct rule *find_rule(enum place where, const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].where == where && strcmp(rules[i].name, name) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

static void start_element(struct reader *reader, size_t line, const char *name,
                          const char **attributes)
{
    enum place where = reader->depth == 0 ? IN_FILE : reader->rules[reader->depth - 1]->inside;
    const struct rule *rule = find_rule(where, name);
    if (rule == NULL && where == IN_FILE) {
        rfx_draft_fail(reader->draft, line,
                       "the root element is <%s>, that of a QuickFIX dictionary is <fix>; is this "
                       "the right file?",
                       quote_text(name).text);
    } else if (rule == NULL) {
        rfx_draft_fail(reader->draft, line, "<%s> is not known within <%s>; remove it",
                       quote_text(name).text, element_name(reader));
    } else {
        RFX_ASSERT(reader->depth < DEPTH_MAX); /* the draft has refused deeper groups */
        reader->rules[reader->depth++] = rule;
        rule->start(reader, line, attributes);
    }
}

static void XMLCALL on_start(void *context, const char *name, const char **attributes)
{
    struct reader *reader = context;
    if (!rfx_draft_has_failed(reader->draft)) {
        start_element(reader, line_of(reader), name, attributes);
        stop_when_failed(reader);
    }
}

static void XMLCALL on_end(void *context, const char *name)
{
    struct reader *reader = context;
    (void)name;
    if (rfx_draft_has_failed(reader->draft)) {
        return;
    }
    if (reader->rules[--reader->depth]->inside == IN_BODY) {
        rfx_draft_end(reader->draft, line_of(reader));
    }
    stop_when_failed(reader);
}

static void XMLCALL on_text(void *context, const char *text, int size)
{
    struct reader *reader = context;
    for (int i = 0; i < size && !rfx_draft_has_failed(reader->draft); i++) {
        if (strchr(" \t\r\n", text[i]) == NULL) {
            rfx_draft_fail(reader->draft, line_of(reader),
                           "text among the elements: '%s'; remove it, or make it a comment",
                           quote_of(text + i, (size_t)(size - i)).text);
        }
    }
    stop_when_failed(reader);
}

static void XMLCALL on_doctype(void *context, const char *name, const char *system_id,
                               const char *public_id, int has_internal_subset)
{
    struct reader *reader = context;
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    rfx_draft_fail(reader->draft, line_of(reader),
                   "a DOCTYPE is refused, entities are nothing that a dictionary needs; remove it");
    stop_when_failed(reader);
}

static rfx_status explain(struct reader *reader)
{
    size_t line = line_of(reader);
    enum XML_Error code = XML_GetErrorCode(reader->parser);
    switch ((int)code) {
    case XML_ERROR_NO_MEMORY:
        return RFX_E_NOMEM;
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING:
        rfx_draft_fail(reader->draft, line, "the encoding cannot be read; save the file as UTF-8");
        return RFX_OK;
    case XML_ERROR_NO_ELEMENTS:
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
    case XML_ERROR_PARTIAL_CHAR:
        rfx_draft_fail(reader->draft, line,
                       "the file ends in the middle of something; is it "
                       "complete?");
        return RFX_OK;
    default:
        rfx_draft_fail(reader->draft, line,
                       "not well-formed XML (%s); mend it here or before, and check that the file "
                       "is UTF-8",
                       XML_ErrorString(code));
        return RFX_OK;
    }
}

static rfx_status read_into(struct rfx_draft *draft, struct rfx_bytes text)
{
    struct reader reader = {.parser = XML_ParserCreate(NULL), .draft = draft};
    if (reader.parser == NULL) {
        return RFX_E_NOMEM;
    }
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader.parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader.parser, on_doctype);
    rfx_status status = RFX_OK;
    if (XML_Parse(reader.parser, text.data, (int)text.size, XML_TRUE) != XML_STATUS_OK &&
        !rfx_draft_has_failed(draft)) {
        status = explain(&reader);
    }
    XML_ParserFree(reader.parser);
    return status;
}

rfx_status rfx_dict_xml_read(struct rfx_bytes text, const char *file_name,
                             const struct rfx_dictionary **dictionary, struct rfx_error *error)
{
    RFX_ASSERT(text.size <= RFX_DICTIONARY_FILE_MAX);
    struct rfx_draft *draft = NULL;
    rfx_status status = rfx_draft_open(&draft);
    if (status == RFX_OK) {
        status = read_into(draft, text);
    }
    if (status == RFX_OK) {
        status = rfx_draft_build(draft, file_name, dictionary, error);
    } else {
        rfx_fail(error, status, "%s: out of memory", file_name);
    }
    rfx_draft_close(draft);
    return status;
}
