#include <stdio.h>

#include "apps.h"

void app_commit(struct rfx_session *session, struct rfx_builder *builder)
{
    rfx_status status = rfx_session_commit(session, builder, NULL);
    if (status != RFX_OK) {
        fprintf(stderr, "%s: answer not sent: %s\n", rfx_session_name(session),
                rfx_status_text(status));
    }
}

void app_reject(struct rfx_session *session, const struct rfx_message *message, int reason,
                const char *text)
{
    struct rfx_builder *builder;
    int64_t seq_num = 0;
    if (rfx_message_get_int(message, 34, &seq_num) != RFX_OK ||
        rfx_session_begin(session, "j", &builder) != RFX_OK) {
        fprintf(stderr, "%s: BusinessMessageReject not sent: %s\n", rfx_session_name(session),
                text);
        return;
    }
    rfx_builder_put_int(builder, 45, seq_num);
    rfx_builder_put_text(builder, 58, text);
    rfx_builder_put(builder, 372, rfx_message_type(message));
    rfx_builder_put_int(builder, 380, reason);
    app_commit(session, builder);
}
