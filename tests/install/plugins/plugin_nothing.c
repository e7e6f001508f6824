/* A shared object, but no plug-in. */
#include <ringfix/plugin.h>

RFX_API const char *rfx_plug_in(void);
const char *rfx_plug_in(void)
{
    return rfx_version();
}
