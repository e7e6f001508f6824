/* The rig's trace, and the application that does nothing but write into it. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_shard.h"

/* ------------------------------------------------------------------------------ the trace */

void shard_rig_trace(struct shard_rig *rig, const char *format, ...)
{
    char line[20480];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    text_put_string(&rig->trace, line);
    text_put_string(&rig->trace, "\n");
}

void shard_rig_forget(struct shard_rig *rig)
{
    rig->trace.size = 0;
    rig->trace.data[0] = '\0';
}

void shard_rig_expect(struct shard_rig *rig, const char *text, const char *file, int line)
{
    if (strcmp(rig->trace.data, text) != 0) {
        print_error("expected:\n%s\nrecorded:\n%s\n", text, rig->trace.data);
        _fail(file, line);
    }
    shard_rig_forget(rig);
}

bool shard_rig_saw(const struct shard_rig *rig, const char *text)
{
    return strstr(rig->trace.data, text) != NULL;
}

const char *shard_rig_name(const struct rfx_session *session)
{
    return strstr(rfx_session_name(session), "->") + 2;
}

/* -------------------------------------------------------------------------- the application */

static void on_connect(void *context, struct rfx_session *session)
{
    shard_rig_trace(context, "app %s on_connect", shard_rig_name(session));
}

static void on_disconnect(void *context, struct rfx_session *session,
                          enum rfx_disconnect_reason reason)
{
    shard_rig_trace(context, "app %s on_disconnect: %s", shard_rig_name(session),
                    rfx_disconnect_reason_text(reason));
}

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    shard_rig_trace(context, "app %s on_logon %s", shard_rig_name(session),
                    is_healthy ? "healthy" : "with a gap");
}

static void trace_message(struct shard_rig *rig, const struct rfx_session *session,
                          const char *callback, const struct rfx_message *message)
{
    char text[20000];
    const struct rfx_bytes raw = rfx_message_raw(message);
    wire_to_text(raw.data, raw.size, SHARD_RIG_UTC_NS, text, sizeof text);
    shard_rig_trace(rig, "app %s %s %s", shard_rig_name(session), callback, text);
}

static void on_logout(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    trace_message(context, session, "on_logout", message);
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    trace_message(context, session, "on_message", message);
}

static void on_state_change(void *context, struct rfx_session *session, enum rfx_state from,
                            enum rfx_state to)
{
    struct shard_rig *rig = context;
    if (rig->traces_states) {
        shard_rig_trace(rig, "app %s %s -> %s", shard_rig_name(session), rfx_state_text(from),
                        rfx_state_text(to));
    }
}

rfx_status shard_rig_send(struct rfx_session *session, const char *msg_type, int32_t tag,
                          const char *value)
{
    struct rfx_builder *builder;
    rfx_status status = rfx_session_begin(session, msg_type, &builder);
    if (status != RFX_OK) {
        return status;
    }
    rfx_builder_put_text(builder, tag, value);
    return rfx_session_commit(session, builder, NULL);
}

struct rfx_app shard_rig_app(struct shard_rig *rig)
{
    return (struct rfx_app){.context = rig,
                            .on_connect = on_connect,
                            .on_disconnect = on_disconnect,
                            .on_logon = on_logon,
                            .on_logout = on_logout,
                            .on_message = on_message,
                            .on_state_change = on_state_change};
}
