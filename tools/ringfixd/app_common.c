#include <stdio.h>
#include <string.h>

#include "apps.h"

unsigned app_version(const struct rfx_session *session, const struct rfx_message *message)
{
    char digit;
    if (rfx_message_get_char(message, 1128, &digit) == RFX_OK && digit >= '0' + APP_FIX40 &&
        digit <= '0' + APP_FIX50SP2) {
        return (unsigned)(digit - '0');
    }
    return rfx_session_appl_ver_id(session);
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
    const rfx_status status = rfx_session_commit(session, builder, NULL);
    int32_t tag = 0;
    if (status == RFX_E_INVALID) {
        const char *problem = rfx_builder_problem(builder, &tag);
        fprintf(stderr, "%s: answer not sent: tag %d: %s\n", rfx_session_name(session), (int)tag,
                problem);
    } else {
        complain(session, status);
    }
}
