/* A copy of a journal's store, also of one that a server writes. */
#ifndef RFX_JOURNAL_BACKUP_H
#define RFX_JOURNAL_BACKUP_H

#include "journal/env.h"

/* Makes the directory `path`, which must not exist, with a store in it: everything of one moment,
 * without the pages that are free, and on disk. It is a journal of its own, without tails. The
 * pages of that moment are kept meanwhile, so the store that is copied may grow.
 *
 * errors   RFX_E_JOURNAL: what was made until then is left for the caller to remove */
rfx_status rfx_backup(struct rfx_env *env, const char *path,
                      struct rfx_error *error) RFX_MUST_CHECK;

#endif
