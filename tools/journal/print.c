#include "tools/journal/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dictionary.h"
#include "tools/shared/text.h"

#define FIELDS_COLUMNS 60
#define TYPE_COLUMNS   28
#define NAME_COLUMNS   28

const char *direction_text(enum rfx_direction direction)
{
    return direction == RFX_DIRECTION_IN ? "in" : "out";
}

/* Takes the next tag=value off a message; what has no '=' is all value. The message may be
 * damaged. False at the end. */
static bool next_field(struct rfx_bytes *rest, struct rfx_bytes *tag, struct rfx_bytes *value)
{
    if (rest->size == 0) {
        return false;
    }
    const char *soh = memchr(rest->data, RFX_SOH, rest->size);
    const size_t size = soh != NULL ? (size_t)(soh - rest->data) : rest->size;
    const char *equals = memchr(rest->data, '=', size);
    const size_t tag_size = equals != NULL ? (size_t)(equals - rest->data) : 0;
    const size_t skipped = equals != NULL ? tag_size + 1 : 0;
    *tag = rfx_bytes_of(rest->data, tag_size);
    *value = rfx_bytes_of(rest->data + skipped, size - skipped);
    const size_t used = size + (soh != NULL ? 1 : 0);
    *rest = rfx_bytes_of(rest->data + used, rest->size - used);
    return true;
}

static bool is_tag(struct rfx_bytes tag, const char *text)
{
    return tag.size == strlen(text) && memcmp(tag.data, text, tag.size) == 0;
}

static struct rfx_bytes find_field(struct rfx_bytes message, const char *wanted)
{
    struct rfx_bytes tag;
    struct rfx_bytes value;
    while (next_field(&message, &tag, &value)) {
        if (is_tag(tag, wanted)) {
            return value;
        }
    }
    return rfx_bytes_of("", 0);
}

/* As the version calls it that the message says it has; NULL when it is not known. FIXT.1.1 has
 * the session layer's alone, the latest version knows those of the others. */
static const char *type_name(struct rfx_bytes message, struct rfx_bytes type)
{
    char version[16];
    const struct rfx_bytes begin = find_field(message, "8");
    snprintf(version, sizeof version, "%.*s", (int)rfx_min_u64(begin.size, sizeof version - 1),
             begin.data);
    const char *const versions[] = {version, strcmp(version, "FIXT.1.1") == 0 ? "FIX.5.0SP2" : ""};
    for (size_t i = 0; i < 2; i++) {
        const struct rfx_dictionary *dictionary = rfx_dictionary_builtin(versions[i]);
        const struct rfx_dict_message *found =
            dictionary != NULL ? rfx_dict_message_of(dictionary, type) : NULL;
        if (found != NULL) {
            return rfx_dict_text(dictionary, found->name);
        }
    }
    return NULL;
}

static void pad(size_t used, size_t columns)
{
    printf("%*s", (int)(used < columns ? columns - used : 0) + 2, "");
}

/* The first fields of those that the line does not have already. */
static void put_fields(struct rfx_bytes message)
{
    static const char *const known[] = {"8", "9", "35", "34", "49", "56", "52", "10"};
    const size_t known_count = sizeof known / sizeof known[0];
    struct rfx_bytes tag;
    struct rfx_bytes value;
    size_t used = 0;
    while (next_field(&message, &tag, &value)) {
        bool is_known = false;
        for (size_t i = 0; i < known_count && !is_known; i++) {
            is_known = is_tag(tag, known[i]);
        }
        if (is_known) {
            continue;
        }
        if (used + tag.size + value.size + 2 > FIELDS_COLUMNS && used > 0) {
            fputs(" ...", stdout);
            return;
        }
        used += used > 0 ? put_text(rfx_bytes_of(" ", 1), 0, 0) : 0;
        used += put_text(tag, 0, 12);
        used += put_text(rfx_bytes_of("=", 1), 0, 0);
        used += put_text(value, 0, FIELDS_COLUMNS);
    }
}

static void put_row(const char *session, const struct message *message)
{
    char time[TEXT_SIZE];
    const struct rfx_bytes type = find_field(message->text, "35");
    const char *name = type_name(message->text, type);
    printf("%-21s  ", time_text(message->utc_ns, time));
    if (session != NULL) {
        pad(put_name(session), NAME_COLUMNS);
    }
    printf("%-3s  %9" PRIu64 "  ", direction_text(message->direction), message->seq_num);
    size_t used = put_text(type, 0, 8);
    if (name != NULL) {
        putchar(' ');
        used += 1 + put_text(rfx_bytes_of(name, strlen(name)), 0, TYPE_COLUMNS - used - 1);
    }
    pad(used, TYPE_COLUMNS);
    printf("%6zu  ", message->text.size);
    put_fields(message->text);
    putchar('\n');
}

static void put_object(const char *session, const struct message *message)
{
    char time[TEXT_SIZE];
    fputs("{\"session\":", stdout);
    put_json_name(session);
    printf(",\"direction\":\"%s\",\"seq\":%" PRIu64 ",\"time\":\"%s\",\"message\":",
           direction_text(message->direction), message->seq_num, iso_text(message->utc_ns, time));
    put_json(message->text);
    fputs("}\n", stdout);
}

void print_heading(enum print_form form)
{
    if (form != PRINT_TABLE && form != PRINT_TABLE_ALL) {
        return;
    }
    printf("%-21s  ", "STORED (UTC)");
    if (form == PRINT_TABLE_ALL) {
        printf("%-*s  ", NAME_COLUMNS, "SESSION");
    }
    printf("%-3s  %9s  %-*s  %6s  %s\n", "", "SEQ", TYPE_COLUMNS, "MSGTYPE", "BYTES", "FIELDS");
}

void print_message(enum print_form form, const char *session, const struct message *message)
{
    char time[TEXT_SIZE];
    switch (form) {
    case PRINT_RAW:
        fwrite(message->text.data, 1, message->text.size, stdout);
        return;
    case PRINT_JSON:
        put_object(session, message);
        return;
    case PRINT_TABLE:
        put_row(NULL, message);
        return;
    case PRINT_TABLE_ALL:
        put_row(session, message);
        return;
    case PRINT_LOG:
        printf("%s ", time_text(message->utc_ns, time));
        put_name(session);
        printf(" %-3s ", direction_text(message->direction));
        break;
    case PRINT_FIX:
        break;
    }
    put_text(message->text, '|', 0);
    putchar('\n');
}
