/* Plug-ins: applications in shared objects. */
#ifndef RINGFIXD_PLUGIN_H
#define RINGFIXD_PLUGIN_H

#include "ringfix/plugin.h"

/* Loads a shared object and checks that it is a plug-in for this ringfixd. It stays loaded.
 *
 * path     with a slash in it, so that no other place is searched
 * errors   RFX_E_IO: cannot be loaded        RFX_E_INVALID: not a plug-in, or one of another ABI */
rfx_status plugin_load(const char *path, const struct rfx_plugin **plugin,
                       struct rfx_error *error) RFX_MUST_CHECK;

/* Lets it fill in its callbacks. errors: those of the plug-in */
rfx_status plugin_open(const struct rfx_plugin *plugin, const char *path, const char *args,
                       struct rfx_app *app, struct rfx_error *error) RFX_MUST_CHECK;

/* Lets it release the context. NULL is allowed. */
void plugin_close(const struct rfx_plugin *plugin, const struct rfx_app *app);

#endif
