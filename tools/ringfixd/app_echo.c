/* Sends orders back, as conformance scripts expect it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps.h"

#define ORDER_IDS_MAX 65536 /* per session; older ones are forgotten all at once */
#define FIELDS_MAX    512

/* The ClOrdIDs of a session's orders. */
struct memory {
    char **ids;
    size_t count;
    size_t capacity;
};

static void forget(struct memory *memory)
{
    for (size_t i = 0; i < memory->count; i++) {
        free(memory->ids[i]);
    }
    memory->count = 0;
}

static bool knows(const struct memory *memory, struct rfx_bytes id)
{
    for (size_t i = 0; i < memory->count; i++) {
        if (strlen(memory->ids[i]) == id.size && memcmp(memory->ids[i], id.data, id.size) == 0) {
            return true;
        }
    }
    return false;
}

static void remember(struct memory *memory, struct rfx_bytes id)
{
    if (knows(memory, id)) {
        return;
    }
    if (memory->count == ORDER_IDS_MAX) {
        forget(memory);
    }
    if (memory->count == memory->capacity) {
        size_t capacity = memory->capacity == 0 ? 64 : memory->capacity * 2;
        char **grown = realloc(memory->ids, capacity * sizeof *grown);
        if (grown == NULL) {
            return;
        }
        memory->ids = grown;
        memory->capacity = capacity;
    }
    char *copy = strndup(id.data, id.size);
    if (copy != NULL) {
        memory->ids[memory->count++] = copy;
    }
}

/* True for fields the session layer writes anew, or that belong to one transmission alone. */
static bool is_left_out(int32_t tag)
{
    static const int32_t tags[] = {8,   9,   35,  34,  43,  49,  52, 56, 122, 10,
                                   115, 116, 128, 129, 144, 145, 50, 57, 142, 143};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (tags[i] == tag) {
            return true;
        }
    }
    return false;
}

/* Body fields by ascending tag; with PossResend(97), a header field, in front. A message with a
 * tag that comes twice has groups, whose order means something: it stays as it is. */
static size_t collect(const struct rfx_message *message, struct rfx_field_view *fields)
{
    size_t count = 0;
    bool has_group = false;
    for (size_t i = 0; i < rfx_message_field_count(message) && count < FIELDS_MAX; i++) {
        struct rfx_field_view field = rfx_message_field_at(message, i);
        if (is_left_out(field.tag)) {
            continue;
        }
        size_t place = count++;
        if (!has_group && field.tag != 97) {
            while (place > 0 && fields[place - 1].tag != 97 && fields[place - 1].tag > field.tag) {
                fields[place] = fields[place - 1];
                place--;
            }
            has_group = place > 0 && fields[place - 1].tag == field.tag;
        }
        fields[place] = field;
    }
    return count;
}

static void send_back(struct rfx_session *session, const struct rfx_message *message)
{
    struct rfx_field_view fields[FIELDS_MAX];
    struct rfx_bytes type = rfx_message_type(message);
    char msg_type[8] = {0};
    struct rfx_builder *builder;
    memcpy(msg_type, type.data, type.size);
    if (rfx_session_begin(session, msg_type, &builder) != RFX_OK) {
        fprintf(stderr, "%s: message not sent back\n", rfx_session_name(session));
        return;
    }
    size_t count = collect(message, fields);
    for (size_t i = 0; i < count; i++) {
        rfx_builder_put(builder, fields[i].tag, fields[i].value);
    }
    app_commit(session, builder);
}

static bool has_poss_resend(const struct rfx_message *message)
{
    char flag;
    return rfx_message_get_char(message, 97, &flag) == RFX_OK && flag == 'Y';
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    (void)context;
    if (rfx_message_is(message, "3") || rfx_message_is(message, "j")) {
        return;
    }
    bool is_order = rfx_message_is(message, "D");
    if (!is_order && !rfx_message_is(message, "d") && !rfx_message_is(message, "C")) {
        app_reject(session, message, 3, "Unsupported Message Type");
        return;
    }
    struct memory *memory = rfx_session_user(session);
    struct rfx_bytes id;
    if (is_order && memory != NULL && rfx_message_get(message, 11, &id) == RFX_OK) {
        if (has_poss_resend(message) && knows(memory, id)) {
            return;
        }
        remember(memory, id);
    }
    send_back(session, message);
}

static void on_connect(void *context, struct rfx_session *session)
{
    (void)context;
    if (rfx_session_user(session) == NULL) {
        rfx_session_set_user(session, calloc(1, sizeof(struct memory)));
    }
}

static void on_disconnect(void *context, struct rfx_session *session,
                          enum rfx_disconnect_reason reason)
{
    (void)context;
    (void)reason;
    struct memory *memory = rfx_session_user(session);
    if (memory != NULL) {
        forget(memory);
        free(memory->ids);
        free(memory);
        rfx_session_set_user(session, NULL);
    }
}

void app_echo(struct rfx_app *app)
{
    app->on_connect = on_connect;
    app->on_disconnect = on_disconnect;
    app->on_message = on_message;
}
