/* The files and directories of a journal. */
#ifndef RFX_JOURNAL_DIRECTORY_H
#define RFX_JOURNAL_DIRECTORY_H

#include "core/base.h"
#include "ringfix/config.h"

#define RFX_DIRECTORY_FILE_SIZE (RFX_PATH_MAX + 16) /* of a file's path with its NUL */
#define RFX_TAILS_MAX           1000

/* Writes PATH/store, and PATH/tail-NNN. path has at most RFX_PATH_MAX bytes. */
void rfx_directory_store(const char *path, char out[RFX_DIRECTORY_FILE_SIZE]);
void rfx_directory_tail(const char *path, uint32_t shard, char out[RFX_DIRECTORY_FILE_SIZE]);

/* What is in a journal's directory: has_tail by number. errors RFX_E_JOURNAL: not readable, or a
 * journal of an older ringfix */
rfx_status rfx_directory_scan(const char *path, bool has_tail[RFX_TAILS_MAX],
                              struct rfx_error *error) RFX_MUST_CHECK;

/* Creates a directory if absent, and its name durably; make_all its parents, too.
 * errors RFX_E_JOURNAL */
rfx_status rfx_directory_make(const char *path, struct rfx_error *error) RFX_MUST_CHECK;
rfx_status rfx_directory_make_all(const char *path, struct rfx_error *error) RFX_MUST_CHECK;

/* Forces a directory's names to disk: a file is there after a power cut only when its name is.
 * errors RFX_E_JOURNAL */
rfx_status rfx_directory_flush(const char *path, struct rfx_error *error) RFX_MUST_CHECK;

#endif
