/* The sessions that have most to do, again and again. */
#ifndef TOOLS_CTL_TOP_H
#define TOOLS_CTL_TOP_H

#include "tools/ctl/options.h"

enum exit_code top_run(const struct options *options);

#endif
