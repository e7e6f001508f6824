#include <stdio.h>
#include <string.h>

#include "apps.h"

int app_session_version(const struct rfx_session *session)
{
    const char *name = rfx_session_name(session);
    if (strncmp(name, "FIX.4.", 6) == 0 && name[6] >= '0' && name[6] <= '4') {
        return APP_FIX40 + (name[6] - '0');
    }
    return APP_FIX50SP2;
}

int app_named_version(const struct rfx_message *message, int32_t tag, int otherwise)
{
    char digit;
    if (rfx_message_get_char(message, tag, &digit) == RFX_OK && digit >= '0' + APP_FIX40 &&
        digit <= '0' + APP_FIX50SP2) {
        return digit - '0';
    }
    return otherwise;
}

static void complain(const struct rfx_session *session, rfx_status status)
{
    if (status != RFX_OK) {
        fprintf(stderr, "%s: answer not sent: %s\n", rfx_session_name(session),
                rfx_status_text(status));
    }
}

void app_reject(struct rfx_session *session, const struct rfx_message *message, int reason,
                const char *text)
{
    complain(session, rfx_session_business_reject(session, message, reason, NULL, text));
}

struct rfx_builder *app_begin(struct rfx_session *session, const char *msg_type)
{
    struct rfx_builder *builder = NULL;
    complain(session, rfx_session_begin(session, msg_type, &builder));
    return builder;
}

void app_commit(struct rfx_session *session, struct rfx_builder *builder)
{
    complain(session, rfx_session_commit(session, builder, NULL));
}
