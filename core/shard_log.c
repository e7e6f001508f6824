/* The shard's lines in the log, and its messages in the other one. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/app_log.h"
#include "core/shard_internal.h"

static void write_line(const struct rfx_shard *shard, const char *session, enum rfx_log_level level,
                       const char *format, va_list arguments)
{
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    rfx_app_log(shard->options.app, level, session, text);
}

/* hosted  NULL: a line about none in particular */
static bool is_wanted(const struct rfx_shard *shard, const struct rfx_hosted *hosted,
                      enum rfx_log_level level)
{
    const int own = hosted != NULL
                        ? atomic_load_explicit(&hosted->session.log_level, memory_order_relaxed)
                        : -1;
    return shard->options.app->on_log != NULL &&
           (int)level <= (own >= 0 ? own : (int)shard->options.config->log_level);
}

static const char *name_of(const struct rfx_hosted *hosted)
{
    return hosted != NULL ? hosted->session.name : NULL;
}

static bool may_log_limited(struct rfx_shard *shard)
{
    return rfx_log_budget_take(&shard->log_budget, shard->options.app, shard->now.mono_ns);
}

void rfx_shard_log(const struct rfx_shard *shard, const struct rfx_hosted *hosted,
                   enum rfx_log_level level, const char *format, ...)
{
    if (!is_wanted(shard, hosted, level)) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    write_line(shard, name_of(hosted), level, format, arguments);
    va_end(arguments);
}

void rfx_shard_log_about(struct rfx_shard *shard, const struct rfx_hosted *hosted,
                         enum rfx_log_level level, const char *format, ...)
{
    if (!is_wanted(shard, hosted, level) || (hosted->is_stranger && !may_log_limited(shard))) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    write_line(shard, hosted->session.name, level, format, arguments);
    va_end(arguments);
}

void rfx_shard_log_stranger(struct rfx_shard *shard, const struct rfx_hosted *hosted,
                            enum rfx_log_level level, const char *format, ...)
{
    if (!is_wanted(shard, hosted, level) || !may_log_limited(shard)) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    write_line(shard, name_of(hosted), level, format, arguments);
    va_end(arguments);
}

void rfx_session_log(const struct rfx_session *session, enum rfx_log_level level, const char *text)
{
    const struct rfx_hosted *hosted = rfx_hosted_of(session);
    if (is_wanted(hosted->shard, hosted, level)) {
        rfx_app_log(hosted->shard->options.app, level, session->name, text);
    }
}

void rfx_shard_keep_message(struct rfx_shard *shard, const struct rfx_hosted *hosted,
                            enum rfx_logged_type type, struct rfx_bytes message)
{
    const struct rfx_session *session = &hosted->session;
    if (session->config->log_messages) {
        rfx_message_log_put(shard->options.message_log, type, shard->now.utc_ns,
                            rfx_bytes_of(session->name, strlen(session->name)), message);
    }
}
