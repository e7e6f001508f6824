/* The shard's lines in the log. */
#include <stdarg.h>
#include <stdio.h>

#include "core/shard_internal.h"

static void write_line(const struct rfx_shard *shard, enum rfx_log_level level, const char *format,
                       va_list arguments)
{
    const struct rfx_app *app = shard->options.app;
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    app->on_log(app->context, level, text);
}

void rfx_shard_log(const struct rfx_shard *shard, enum rfx_log_level level, const char *format, ...)
{
    if (shard->options.app->on_log == NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    write_line(shard, level, format, arguments);
    va_end(arguments);
}

void rfx_shard_log_about(struct rfx_shard *shard, const struct rfx_hosted *hosted,
                         enum rfx_log_level level, const char *format, ...)
{
    const struct rfx_app *app = shard->options.app;
    const bool is_limited = hosted == NULL || hosted->is_stranger;
    if (app->on_log == NULL ||
        (is_limited && !rfx_log_budget_take(&shard->log_budget, app, shard->now.mono_ns))) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    write_line(shard, level, format, arguments);
    va_end(arguments);
}
