#include "plugin.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PATH_SHOWN "%.200s" /* leaves room for the reason */

static rfx_status check(const struct rfx_plugin *plugin, const char *path, struct rfx_error *error)
{
    if (plugin->abi != RFX_PLUGIN_ABI) {
        /* What stands behind the first field may be anything. */
        snprintf(error->text, sizeof error->text,
                 "--app " PATH_SHOWN ": made for plug-in ABI %" PRIu32
                 ", this is ringfixd " RFX_VERSION " with ABI %d; compile it again",
                 path, plugin->abi, RFX_PLUGIN_ABI);
        return RFX_E_INVALID;
    }
    if (plugin->app_size != sizeof(struct rfx_app) || plugin->version == NULL) {
        snprintf(error->text, sizeof error->text,
                 "--app " PATH_SHOWN ": compiled with the headers of ringfix %.20s, this is "
                 "ringfixd " RFX_VERSION " with another struct rfx_app; compile it again",
                 path, plugin->version == NULL ? "(unknown)" : plugin->version);
        return RFX_E_INVALID;
    }
    if (plugin->open == NULL) {
        snprintf(error->text, sizeof error->text,
                 "--app " PATH_SHOWN ": its rfx_plugin has no function open", path);
        return RFX_E_INVALID;
    }
    return RFX_OK;
}

rfx_status plugin_load(const char *path, const struct rfx_plugin **plugin, struct rfx_error *error)
{
    /* RTLD_NOW: a function that this ringfixd does not have is found here, not in mid-session. */
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL) {
        const char *reason = dlerror();
        snprintf(error->text, sizeof error->text, "--app " PATH_SHOWN ": cannot be loaded: %.250s",
                 path, reason == NULL ? "no reason given" : reason);
        return RFX_E_IO;
    }
    *plugin = dlsym(object, "rfx_plugin");
    if (*plugin == NULL) {
        snprintf(error->text, sizeof error->text,
                 "--app " PATH_SHOWN ": exports no symbol rfx_plugin; see RFX_PLUGIN in "
                 "<ringfix/plugin.h>",
                 path);
        dlclose(object);
        return RFX_E_INVALID;
    }
    rfx_status status = check(*plugin, path, error);
    if (status != RFX_OK) {
        dlclose(object);
    }
    return status;
}

rfx_status plugin_open(const struct rfx_plugin *plugin, const char *path, const char *args,
                       struct rfx_app *app, struct rfx_error *error)
{
    struct rfx_error reason = {.text = ""};
    rfx_status status = plugin->open(args, app, &reason);
    if (status != RFX_OK) {
        snprintf(error->text, sizeof error->text, "--app " PATH_SHOWN ": %.250s", path,
                 reason.text[0] != '\0' ? reason.text : rfx_status_text(status));
    }
    return status;
}

void plugin_close(const struct rfx_plugin *plugin, const struct rfx_app *app)
{
    if (plugin != NULL && plugin->close != NULL) {
        plugin->close(app->context);
    }
}
