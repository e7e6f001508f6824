/* Compiled when struct rfx_app was smaller. */
#include <ringfix/plugin.h>

static rfx_status open_app(const char *args, struct rfx_app *app, struct rfx_error *error)
{
    (void)args;
    (void)app;
    (void)error;
    return RFX_OK;
}

const struct rfx_plugin rfx_plugin = {.abi = RFX_PLUGIN_ABI,
                                      .app_size = sizeof(struct rfx_app) - sizeof(void *),
                                      .version = "0.0.1",
                                      .open = open_app};
