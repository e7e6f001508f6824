/* Messages on the standard output, in the format asked for. */
#ifndef TOOLS_JOURNAL_PRINT_H
#define TOOLS_JOURNAL_PRINT_H

#include "tools/journal/messages.h"
#include "tools/journal/options.h"

enum print_form {
    PRINT_FIX,       /* a line each, SOH as '|' */
    PRINT_LOG,       /* the same behind the time, the session and the direction */
    PRINT_TABLE,     /* what it is, at a glance */
    PRINT_TABLE_ALL, /* the same with the session */
    PRINT_JSON,      /* an object each */
    PRINT_RAW,       /* the bytes with nothing between them */
};

void print_heading(enum print_form form);
void print_message(enum print_form form, const char *session, const struct message *message);

const char *direction_text(enum rfx_direction direction);

#endif
