/* The directories of a journal. */
#ifndef RFX_JOURNAL_DIRECTORY_H
#define RFX_JOURNAL_DIRECTORY_H

#include "core/base.h"
#include "ringfix/config.h"

#define RFX_DIRECTORY_SHARD_SIZE (RFX_PATH_MAX + 16) /* of a shard's path with its NUL */

/* Writes PATH/shard-NNN. path has at most RFX_PATH_MAX bytes, shard at most three digits. */
void rfx_directory_shard(const char *path, uint32_t shard, char out[RFX_DIRECTORY_SHARD_SIZE]);

/* How many shards' directories there are, counted up to the highest number. errors RFX_E_JOURNAL */
rfx_status rfx_directory_scan(const char *path, uint32_t *count,
                              struct rfx_error *error) RFX_MUST_CHECK;

/* True when PATH/shard-NNN is there. */
bool rfx_directory_has_shard(const char *path, uint32_t shard);

/* Creates a directory if absent, and its name durably; make_all its parents, too.
 * errors RFX_E_JOURNAL */
rfx_status rfx_directory_make(const char *path, struct rfx_error *error) RFX_MUST_CHECK;
rfx_status rfx_directory_make_all(const char *path, struct rfx_error *error) RFX_MUST_CHECK;

/* Forces a directory's names to disk: a file is there after a power cut only when its name is.
 * errors RFX_E_JOURNAL */
rfx_status rfx_directory_flush(const char *path, struct rfx_error *error) RFX_MUST_CHECK;

#endif
