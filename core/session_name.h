/* The name under which a session is found, journaled and logged. */
#ifndef RFX_CORE_SESSION_NAME_H
#define RFX_CORE_SESSION_NAME_H

#include "core/message.h"

/* "BeginString:SenderCompID->TargetCompID" and a NUL. With SubIDs and LocationIDs each side is
 * "CompID/SubID/LocationID", and a SessionQualifier stands behind a colon at the end. */
#define RFX_SESSION_NAME_MAX 480

struct rfx_session_config;

/* The name of a configured session; with a template, of the one with that TargetCompID. Returns
 * the size without the NUL. */
size_t rfx_session_name_of_config(const struct rfx_session_config *config,
                                  const char *target_comp_id, char name[RFX_SESSION_NAME_MAX]);

/* Our name of the session that the counterparty's header belongs to, without SubIDs and the
 * like: its TargetCompID is our SenderCompID. It hashes like every session with these CompIDs.
 * Returns the size without the NUL, 0 when a part is missing or too long. Any thread. */
size_t rfx_session_name_of(const struct rfx_header *header, char name[RFX_SESSION_NAME_MAX]);

#endif
