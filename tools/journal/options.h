/* The command line of ringfix-journal. */
#ifndef TOOLS_JOURNAL_OPTIONS_H
#define TOOLS_JOURNAL_OPTIONS_H

#include "journal/reader.h"

enum command {
    COMMAND_SESSIONS,
    COMMAND_SHOW,
    COMMAND_RAW,
    COMMAND_VERIFY,
    COMMAND_STAT,
    COMMAND_BACKUP,
    COMMAND_SET_SEQ,
    COMMAND_RESET,
    COMMAND_DISCARD_TAIL,
    COMMAND_HELP,
    COMMAND_VERSION,
};

struct options {
    enum command command;
    const char *path;
    const char *argument; /* a session, or the directory of a backup */
    enum rfx_direction direction;
    enum rfx_reader_mode mode;
    uint64_t from;
    uint64_t to;
    uint64_t last; /* 0: by from and to */
    uint64_t in;   /* of set-seq; 0: as it is */
    uint64_t out;
    bool is_strict;
    bool is_sure; /* --yes */
};

extern const char options_help[];

/* errors   RFX_E_INVALID, with a text */
rfx_status options_parse(int argc, char **argv, struct options *options,
                         struct rfx_error *error) RFX_MUST_CHECK;

#endif
