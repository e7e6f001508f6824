/* A message on the standard output. */
#ifndef TOOLS_CAT_SHOW_H
#define TOOLS_CAT_SHOW_H

#include "tools/cat/names.h"
#include "tools/cat/options.h"
#include "tools/cat/scan.h"

/* piece   a message, damaged or not       prefix  what stood before it in its line, or where it
 *                                                 comes from; may be empty */
void show_message(const struct options *options, const struct names *names,
                  const struct scan_piece *piece, struct rfx_bytes prefix);

/* What stood around messages. */
void show_text(const struct options *options, struct rfx_bytes text);

#endif
