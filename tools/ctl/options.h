/* The command line of ringfix-ctl. */
#ifndef TOOLS_CTL_OPTIONS_H
#define TOOLS_CTL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum exit_code { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3 };

enum command_kind {
    KIND_STATUS, /* status, stats */
    KIND_SESSIONS,
    KIND_SHOW,
    KIND_ACT, /* what is done to a session */
    KIND_RELOAD,
    KIND_TOP,
};

struct options {
    enum command_kind kind;
    const char *command; /* as the server knows it */
    const char *session; /* NULL: none */
    const char *text;    /* of logout, NULL: none */
    uint64_t in;         /* of set-seq, 0: as it is */
    uint64_t out;
    uint64_t interval_s; /* of top */
    uint64_t count;      /* of top; 0: until it is ended */
    bool is_json;
    char socket_path[1100];
};

/* False: *code is what the program ends with, and all that there is to say is said. */
bool options_read(int argc, char **argv, struct options *options, enum exit_code *code);

#endif
