/* Forgot the function that matters. */
#include <ringfix/plugin.h>

RFX_PLUGIN(NULL, NULL);
