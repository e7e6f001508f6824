/* The command line of ringfix-journal. */
#ifndef RINGFIX_JOURNAL_OPTIONS_H
#define RINGFIX_JOURNAL_OPTIONS_H

#include "core/base.h"

enum command { COMMAND_HELP, COMMAND_VERSION, COMMAND_SESSIONS, COMMAND_SHOW, COMMAND_RAW };

struct options {
    enum command command;
    const char *path;
    const char *session; /* SHOW, RAW */
    uint64_t from;       /* SHOW, RAW */
    uint64_t to;
    uint64_t last; /* 0: not given */
};

extern const char options_help[];

/* Reads the command line. errors RFX_E_INVALID, with a text about what is wrong */
rfx_status options_parse(int argc, char **argv, struct options *options,
                         struct rfx_error *error) RFX_MUST_CHECK;

#endif
