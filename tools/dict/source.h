/* A dictionary as the command line names it: built in, or a file. */
#ifndef RINGFIX_DICT_SOURCE_H
#define RINGFIX_DICT_SOURCE_H

#include "core/dictionary.h"

struct source {
    const char *name;
    const struct rfx_dictionary *dictionary;
    bool is_loaded;
};

/* errors   as rfx_dictionary_load() */
rfx_status source_open(const char *name, struct source *source,
                       struct rfx_error *error) RFX_MUST_CHECK;
void source_close(struct source *source);

#endif
