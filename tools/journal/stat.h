/* Sizes of a store. */
#ifndef TOOLS_JOURNAL_STAT_H
#define TOOLS_JOURNAL_STAT_H

#include "journal/env.h"

/* Bytes of the pages that hold something. Returns LMDB's code. */
int stat_used(struct rfx_env *env, uint64_t *bytes);

/* PATH/store/data.mdb, of the environment's own directory. */
#define STAT_FILE_SIZE (RFX_DIRECTORY_FILE_SIZE + 16)
void stat_file(const char *store, char out[STAT_FILE_SIZE]);

#endif
