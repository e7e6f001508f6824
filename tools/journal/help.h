/* The texts of --help. */
#ifndef TOOLS_JOURNAL_HELP_H
#define TOOLS_JOURNAL_HELP_H

#include "tools/journal/options.h"

/* COMMAND_COUNT: of the tool as a whole. */
void help_put(enum command command);

#endif
