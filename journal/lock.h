/* Locks of a journal directory. Both end with the process, however it ends. */
#ifndef RFX_JOURNAL_LOCK_H
#define RFX_JOURNAL_LOCK_H

#include "core/base.h"

/* Takes PATH/lock, which only the writing process holds. *fd is released with rfx_lock_release().
 * With RFX_LOCK_WAIT it waits a second for its turn: a tool may be at work there for a moment.
 * errors   RFX_E_JOURNAL: held by another process, or not accessible */
enum rfx_lock_wait { RFX_LOCK_TRY, RFX_LOCK_WAIT };
rfx_status rfx_lock_own(const char *path, enum rfx_lock_wait wait, int *fd,
                        struct rfx_error *error) RFX_MUST_CHECK;

/* Whether a process holds PATH/lock; false, too, when nobody can say. Asks for no right to write.
 */
bool rfx_lock_is_held(const char *path);

/* Keeps every other process from opening or closing environments of the journal meanwhile: LMDB
 * warns that opening can fail at the very moment when another process opens or closes, and a
 * reader must not meet a journal whose sessions are being moved. The lock is on the directory
 * itself, so it asks for no right to write. Waits some seconds for its turn.
 * errors   RFX_E_JOURNAL: no such directory, or held for too long */
rfx_status rfx_lock_gate(const char *path, int *fd, struct rfx_error *error) RFX_MUST_CHECK;

/* Gives a lock back. A negative fd is allowed. */
void rfx_lock_release(int fd);

#endif
