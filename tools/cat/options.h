/* The command line of ringfix-cat. */
#ifndef TOOLS_CAT_OPTIONS_H
#define TOOLS_CAT_OPTIONS_H

#include "ringfix/value.h"

#define OPTIONS_TAGS_MAX 32

enum options_format { FORMAT_BLOCK, FORMAT_LINE, FORMAT_RAW, FORMAT_JSON };

/* --tag: a field that must be there, with a value or with any. */
struct options_tag {
    int32_t tag;
    struct rfx_bytes value;
    bool has_value;
};

struct options {
    enum options_format format;
    bool is_following;
    bool has_text; /* what stands around messages is shown */
    bool has_secrets;
    bool has_colours;
    const char *sender; /* --session: either direction; NULL: any */
    const char *target;
    const char *types; /* --type: apart by commas; NULL: any */
    struct options_tag tags[OPTIONS_TAGS_MAX];
    size_t tag_count;
    bool has_from;
    bool has_to;
    int64_t from_utc_ns;
    int64_t to_utc_ns;
    uint64_t count;         /* 0: all */
    const char *dictionary; /* a file, NULL: the built-in ones */
    char **paths;           /* "-": standard input */
    int path_count;
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/* DONE: help or the version was printed; WRONG: what is was said. Texts point into argv. */
enum options_result options_read(int argc, char **argv, struct options *options);

#endif
