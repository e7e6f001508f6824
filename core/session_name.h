/* The name under which a session is found, journaled and logged. */
#ifndef RFX_CORE_SESSION_NAME_H
#define RFX_CORE_SESSION_NAME_H

#include "core/message.h"

/* "BeginString:SenderCompID->TargetCompID" and a NUL. */
#define RFX_SESSION_NAME_MAX 160

/* Our name of the session that the counterparty's header belongs to: its TargetCompID is our
 * SenderCompID. Returns the size without the NUL, 0 when a part is missing or too long. Any
 * thread. */
size_t rfx_session_name_of(const struct rfx_header *header, char name[RFX_SESSION_NAME_MAX]);

#endif
