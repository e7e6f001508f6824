/* Refuses to start: with the arguments as the reason, or without one. */
#include <stdio.h>
#include <stdlib.h>

#include <ringfix/plugin.h>

static rfx_status open_app(const char *args, struct rfx_app *app, struct rfx_error *error)
{
    (void)app;
    snprintf(error->text, sizeof error->text, "%s", args);
    return RFX_E_IO;
}

/* Not to be called: nothing was opened. */
static void close_app(void *context)
{
    (void)context;
    abort();
}

RFX_PLUGIN(open_app, close_app);
