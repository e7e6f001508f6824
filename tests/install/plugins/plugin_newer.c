/* Calls a function that this ringfixd does not have. */
#include <ringfix/plugin.h>

RFX_API void rfx_not_yet_invented(struct rfx_app *app);

static rfx_status open_app(const char *args, struct rfx_app *app, struct rfx_error *error)
{
    (void)args;
    (void)error;
    rfx_not_yet_invented(app);
    return RFX_OK;
}

RFX_PLUGIN(open_app, NULL);
