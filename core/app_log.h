/* A line for on_log, which is there. */
#ifndef RFX_CORE_APP_LOG_H
#define RFX_CORE_APP_LOG_H

#include "ringfix/app.h"

/* session  NULL: about none in particular */
static inline void rfx_app_log(const struct rfx_app *app, enum rfx_log_level level,
                               const char *session, const char *text)
{
    app->on_log(app->log_context != NULL ? app->log_context : app->context, level, session, text);
}

#endif
