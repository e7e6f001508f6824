/* Made for another ABI: nothing behind the first field is looked at. */
#include <ringfix/plugin.h>

const struct rfx_plugin rfx_plugin = {.abi = RFX_PLUGIN_ABI + 1, .version = (const char *)1};
