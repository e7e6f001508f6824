/* What the files of the reader share. */
#ifndef RFX_JOURNAL_READER_INTERNAL_H
#define RFX_JOURNAL_READER_INTERNAL_H

#include "journal/reader.h"
#include "journal/rows.h"

/* Copies of the messages at hand. */
struct rfx_reader_slice {
    char *data;
    size_t size;
};

struct rfx_reader {
    struct rfx_env *env; /* own_env or another's */
    struct rfx_env own_env;
    struct rfx_reader_slice slice; /* kept between walks; a walk takes it away meanwhile */
    char path[RFX_PATH_MAX + 1];
};

#endif
