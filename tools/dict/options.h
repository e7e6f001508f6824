/* The command line of ringfix-dict. */
#ifndef RINGFIX_DICT_OPTIONS_H
#define RINGFIX_DICT_OPTIONS_H

#include "core/base.h"

enum command {
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_CHECK,
    COMMAND_CONVERT,
    COMMAND_COMPARE,
    COMMAND_SHOW,
    COMMAND_CODEGEN,
};

/* What the last argument of `show` is. */
enum show_as { SHOW_ANY, SHOW_TAG, SHOW_TYPE, SHOW_NAME };

struct options {
    enum command command;
    char **arguments; /* those behind the command */
    int count;
    enum show_as show_as;
    bool is_brief;      /* components as one line each */
    const char *prefix; /* of what codegen makes; NULL: of the version */
    const char *output; /* its file; NULL: the standard output */
};

extern const char options_help[];

/* Reads the command line. errors RFX_E_INVALID, with a text about what is wrong */
rfx_status options_parse(int argc, char **argv, struct options *options,
                         struct rfx_error *error) RFX_MUST_CHECK;

#endif
