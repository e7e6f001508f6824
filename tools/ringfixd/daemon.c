#include "daemon.h"

void daemon_log(const struct daemon *daemon, enum rfx_log_level level, const char *text)
{
    daemon->log(daemon->log_context, level, NULL, text);
}

rfx_status daemon_open_log(struct daemon *daemon, const struct rfx_config *config,
                           struct rfx_error *error)
{
    const struct rfx_log_options options = {
        .path = config->log_file[0] != '\0' ? config->log_file : NULL,
        .format = config->log_format,
        .level = config->log_level,
    };
    const rfx_status status = rfx_log_open(&options, &daemon->log_file, error);
    daemon->log = rfx_log_write;
    daemon->log_context = daemon->log_file;
    return status;
}

rfx_status daemon_load(const struct daemon *daemon, struct rfx_config *config,
                       struct rfx_error *error)
{
    const rfx_status status = rfx_config_load(daemon->config_path, config, error);
    if (status == RFX_OK && !daemon->is_journaled) {
        config->journal_path[0] = '\0';
    }
    return status;
}

rfx_status daemon_reload(struct daemon *daemon, struct rfx_reload *report, struct rfx_error *error)
{
    struct rfx_config config;
    rfx_status status = daemon_load(daemon, &config, error);
    if (status == RFX_OK) {
        status = rfx_admin_reload(daemon->server, &config, report, error);
        rfx_config_free(&config);
    }
    if (status != RFX_OK) {
        daemon_log(daemon, RFX_LOG_ERROR, error->text);
    }
    return status;
}
