/* What the files of the reader share. */
#ifndef RFX_JOURNAL_READER_INTERNAL_H
#define RFX_JOURNAL_READER_INTERNAL_H

#include "journal/reader.h"
#include "journal/rows.h"

struct rfx_reader {
    struct rfx_env *env; /* own_env or another's */
    struct rfx_env own_env;
    char *slice; /* copies of the messages at hand */
    size_t slice_size;
    char path[RFX_PATH_MAX + 1];
};

#endif
