#include "daemon.h"

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
        daemon->log(daemon->log_context, RFX_LOG_ERROR, error->text);
    }
    return status;
}
