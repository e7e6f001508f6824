/* Applications in shared objects, for `ringfixd --app ./libmyapp.so`. See docs/linking.md.
 *
 * A plug-in exports one symbol, rfx_plugin, by writing RFX_PLUGIN(open, close) once. It takes every
 * function of the public API from ringfixd and is not linked with libringfix.a. */
#ifndef RINGFIX_PLUGIN_H
#define RINGFIX_PLUGIN_H

#include "ringfix/ringfix.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Rises with every change of the public API after which a plug-in has to be compiled again. */
#define RFX_PLUGIN_ABI 2

struct rfx_plugin {
    uint32_t abi;        /* RFX_PLUGIN_ABI, checked before anything else; this field and the two */
    uint32_t app_size;   /* below never move: the size of struct rfx_app */
    const char *version; /* RFX_VERSION, for error texts */

    /* Fills in the callbacks and their context. Called once, before the server is opened, with
     * SIGTERM and SIGINT blocked (threads that it starts inherit that). Where on_log or
     * on_state_change is left NULL, ringfixd writes its log as it does without a plug-in.
     *
     * args     the text behind --app-args, "" without one; valid until the process ends
     * app      all zero
     * error    what a status other than RFX_OK is about: printed, and ringfixd ends */
    rfx_status (*open)(const char *args, struct rfx_app *app, struct rfx_error *error);

    /* Releases the context. Called once after the server was closed, and no callback is running or
     * will come; not when open failed. May be NULL. The plug-in stays loaded until the process
     * ends. */
    void (*close)(void *context);
};

/* The one symbol that a plug-in defines. */
extern RFX_API const struct rfx_plugin rfx_plugin;

/* Defines it, in C and in C++. */
#define RFX_PLUGIN(open_function, close_function)                                                  \
    const struct rfx_plugin rfx_plugin = {RFX_PLUGIN_ABI, sizeof(struct rfx_app), RFX_VERSION,     \
                                          open_function, close_function}

#ifdef __cplusplus
}
#endif

#endif
