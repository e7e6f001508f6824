/* What was gathered goes into the store, as part of a transaction. */
#ifndef RFX_JOURNAL_APPLY_H
#define RFX_JOURNAL_APPLY_H

#include "journal/env.h"
#include "journal/gather.h"

/* *has_reset: a session was reset, its messages are in the trash now. Returns LMDB's code;
 * MDB_CORRUPTED: the ops do not fit what is stored. */
int rfx_apply(const struct rfx_env *env, MDB_txn *txn, const struct rfx_gather *gather,
              bool *has_reset);

#endif
