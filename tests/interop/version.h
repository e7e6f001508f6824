/* The versions of FIX that the tests exchange messages in, and what those messages hold. */
#ifndef RINGFIX_TESTS_INTEROP_VERSION_H
#define RINGFIX_TESTS_INTEROP_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers as ApplVerID(1128) has them. */
enum {
    INTEROP_FIX40 = 2,
    INTEROP_FIX41 = 3,
    INTEROP_FIX42 = 4,
    INTEROP_FIX43 = 5,
    INTEROP_FIX44 = 6,
    INTEROP_FIX50 = 7,
    INTEROP_FIX50SP1 = 8,
    INTEROP_FIX50SP2 = 9,
};

struct interop_version {
    const char *name;         /* "FIX.5.0SP2", also DefaultApplVerID in a configuration */
    const char *begin_string; /* "FIXT.1.1" */
    const char *file;         /* of its dictionary: "FIX50SP2.xml" */
    int number;
};

/* NULL when there is no such version. */
const struct interop_version *interop_version_of(const char *name);

/* What a MarketDataSnapshotFullRefresh(W) of the tests says, once it is read group by group: the
 * entries as "MDEntryType MDEntryPx MDEntrySize" with "[PartyID PartyRole (PartySubID
 * PartySubIDType)...]" for each party, and the underlyings as "under UnderlyingSymbol
 * (UnderlyingSecurityAltID UnderlyingSecurityAltIDSource)...". Parties came with 5.0, alternative
 * IDs of underlyings with 4.4. */
const char *interop_snapshot_text(int version);

#ifdef __cplusplus
}
#endif

#endif
