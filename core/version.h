/* The session layers that are spoken, and in what they differ. */
#ifndef RFX_CORE_VERSION_H
#define RFX_CORE_VERSION_H

#include "core/base.h"

/* By age, so that `>=` means "from that version on". */
enum rfx_version {
    RFX_FIX40,
    RFX_FIX41,
    RFX_FIX42,
    RFX_FIX43,
    RFX_FIX44,
    RFX_FIXT11,
    RFX_VERSION_COUNT
};

/* False when the BeginString(8) is none of them. */
bool rfx_version_of(struct rfx_bytes begin_string, enum rfx_version *version);

/* The BeginString(8), or for ApplVerID(1128) values the name of the version ("FIX.5.0SP2"; NULL:
 * no dictionary, as for FIX27 and FIX30). */
const char *rfx_version_text(enum rfx_version version);
const char *rfx_appl_version_text(unsigned appl_ver_id);

/* ApplVerID(1128) of a version's name or of its digit, -1 when there is none. */
int rfx_appl_version_of(struct rfx_bytes text);

/* Whether SessionRejectReason(373) has this value in a version. */
bool rfx_version_has_reject_reason(enum rfx_version version, unsigned reason);

#endif
