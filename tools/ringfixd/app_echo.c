/* Sends orders back, as conformance scripts expect it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps.h"
#include "echo_fields.h"

#define ORDER_IDS_MAX 65536 /* per session; older ones are forgotten all at once */

/* What is known about a session while it is connected. */
struct memory {
    char **ids; /* the ClOrdIDs of its orders */
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

static void send_back(struct rfx_session *session, const struct rfx_message *message)
{
    struct rfx_bytes type = rfx_message_type(message);
    char msg_type[8] = {0};
    memcpy(msg_type, type.data, type.size); /* one character, see is_echoed() */
    struct rfx_builder *builder = app_begin(session, msg_type);
    if (builder == NULL) {
        return;
    }
    if (echo_fields(builder, message)) {
        app_commit(session, builder);
    } else {
        app_reject(session, message, 0, "a message that cannot be taken apart");
    }
}

/* The routing of a message, the other way round. */
static void put_route_back(struct rfx_builder *builder, const struct rfx_message *message)
{
    static const int32_t pairs[][2] = {{128, 115}, {129, 116}, {145, 144},
                                       {115, 128}, {116, 129}, {144, 145}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct rfx_bytes value;
        if (rfx_message_get(message, pairs[i][0], &value) == RFX_OK && value.size > 0) {
            rfx_builder_put(builder, pairs[i][1], value);
        }
    }
}

/* In FIXT sessions the scripts want DefaultApplVerID(1137) in a BusinessMessageReject(j), which no
 * version of FIX has there; so this one is made by hand. */
static void refuse(struct rfx_session *session, const struct rfx_message *message)
{
    bool is_fixt = strncmp(rfx_session_name(session), "FIXT", 4) == 0;
    if (!is_fixt) {
        app_reject(session, message, 3, "Unsupported Message Type");
        return;
    }
    struct rfx_builder *builder = app_begin(session, "j");
    int64_t seq_num = 0;
    if (builder == NULL || rfx_message_get_int(message, 34, &seq_num) != RFX_OK) {
        return;
    }
    put_route_back(builder, message);
    rfx_builder_put_int(builder, 45, seq_num); /* RefSeqNum */
    rfx_builder_put_text(builder, 58, "Unsupported Message Type");
    rfx_builder_put(builder, 372, rfx_message_type(message)); /* RefMsgType */
    rfx_builder_put_int(builder, 380, 3);                     /* BusinessRejectReason */
    rfx_builder_put_int(builder, 1137, rfx_session_appl_ver_id(session));
    app_commit(session, builder);
}

static bool has_poss_resend(const struct rfx_message *message)
{
    char flag;
    return rfx_message_get_char(message, 97, &flag) == RFX_OK && flag == 'Y';
}

static bool is_echoed(const struct rfx_session *session, const struct rfx_message *message)
{
    return rfx_message_is(message, "D") || rfx_message_is(message, "C") ||
           (rfx_message_is(message, "d") && rfx_session_appl_ver_id(session) >= APP_FIX42);
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    (void)context;
    if (rfx_message_is(message, "3") || rfx_message_is(message, "j")) {
        return; /* a Reject is not answered by another */
    }
    if (!is_echoed(session, message)) {
        refuse(session, message);
        return;
    }
    struct memory *memory = rfx_session_user(session);
    struct rfx_bytes id;
    if (rfx_message_is(message, "D") && memory != NULL &&
        rfx_message_get(message, 11, &id) == RFX_OK) {
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
