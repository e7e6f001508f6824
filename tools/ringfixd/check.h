/* ringfixd --check: what a configuration says, in full. */
#ifndef RINGFIXD_CHECK_H
#define RINGFIXD_CHECK_H

#include <stdbool.h>

/* Prints every setting that is in effect to standard output, or on standard error why the server
 * would not start with it. Returns whether it would. */
bool check_config(const char *path);

#endif
