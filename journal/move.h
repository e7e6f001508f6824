/* Moves sessions to the environments where they belong, when the number of shards has changed.
 *
 * A session is copied under a new id into its target; a row in the target's `moves` says
 * "copying" from the first row on and "complete" from the commit on that also writes the session's
 * record. Only then, and flushed, is the session deleted at its source, and only after that is
 * the row in `moves` deleted. So at any moment the row tells which of two records counts:
 * copying, the source's; complete, the target's. Both functions may be killed anywhere.
 *
 * envs     `count` environments by shard; those with env == NULL are skipped
 * thread   the one that opens the journal, holding both locks of journal/lock.h */
#ifndef RFX_JOURNAL_MOVE_H
#define RFX_JOURNAL_MOVE_H

#include "journal/env.h"

/* Finishes what rfx_move_copy(), or an earlier process, left behind: complete moves are deleted at
 * their source, unfinished copies go into the trash. errors RFX_E_JOURNAL */
rfx_status rfx_move_settle(struct rfx_env *envs, uint32_t count,
                           struct rfx_error *error) RFX_MUST_CHECK;

/* Copies every session that does not belong where it is, given the number of shards in use.
 * Comes after a settle, and is followed by one.
 * errors   RFX_E_JOURNAL: damaged, full, or a session is in two environments */
rfx_status rfx_move_copy(struct rfx_env *envs, uint32_t count, uint32_t shards,
                         struct rfx_error *error) RFX_MUST_CHECK;

#endif
