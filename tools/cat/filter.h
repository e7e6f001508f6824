/* Which messages are wanted. */
#ifndef TOOLS_CAT_FILTER_H
#define TOOLS_CAT_FILTER_H

#include "tools/cat/names.h"
#include "tools/cat/options.h"

/* Whether anything is asked for at all. */
bool filter_is_set(const struct options *options);

bool filter_takes(const struct options *options, const struct names *names,
                  struct rfx_bytes message);

#endif
