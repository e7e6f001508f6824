/* The command line of ringfix-journal. */
#ifndef TOOLS_JOURNAL_OPTIONS_H
#define TOOLS_JOURNAL_OPTIONS_H

#include "journal/reader.h"

#define OPTIONS_COUNT_MAX 100000 /* of tail -n: they are held in memory */

enum command {
    COMMAND_SESSIONS,
    COMMAND_SHOW,
    COMMAND_RAW,
    COMMAND_TAIL,
    COMMAND_VERIFY,
    COMMAND_STAT,
    COMMAND_EXPORT,
    COMMAND_IMPORT,
    COMMAND_SET_SEQ,
    COMMAND_RESET,
    COMMAND_COMPACT,
    COMMAND_BACKUP,
    COMMAND_DISCARD_TAIL,
    COMMAND_COUNT,
};

enum format { FORMAT_DEFAULT, FORMAT_FIX, FORMAT_TABLE, FORMAT_JSON };

enum request { REQUEST_COMMAND, REQUEST_HELP, REQUEST_VERSION };

struct options {
    enum request request;
    enum command command; /* of REQUEST_HELP: COMMAND_COUNT for the tool as a whole */
    const char *path;
    char **arguments; /* sessions, a file or a directory; borrowed from argv */
    int argument_count;
    bool directions[2]; /* those wanted */
    enum rfx_reader_mode mode;
    enum format format;
    uint64_t from;
    uint64_t to;
    uint64_t last;  /* 0: by from and to */
    uint64_t count; /* of tail */
    uint64_t in;    /* of set-seq; 0: as it is */
    uint64_t out;
    bool follows;
    bool is_strict;
    bool is_sure; /* --yes */
};

/* errors   RFX_E_INVALID, with a text */
rfx_status options_parse(int argc, char **argv, struct options *options,
                         struct rfx_error *error) RFX_MUST_CHECK;

#endif
