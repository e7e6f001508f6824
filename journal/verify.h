/* Checking a whole store: every row can be read, every FIX message has the right CheckSum(10), and
 * numbers agree with each other. */
#ifndef RFX_JOURNAL_VERIFY_H
#define RFX_JOURNAL_VERIFY_H

#include "journal/env.h"

struct rfx_verify_result {
    uint64_t sessions;
    uint64_t messages; /* of sessions; not those that are to be deleted */
    uint64_t inbound;  /* of these */
    uint64_t bytes;    /* of the messages */
    uint64_t gaps;     /* in the outbound MsgSeqNum behind the first one stored; not findings, since
                          numbers may be set by hand and PersistMessages may be N for a time */
    uint64_t findings;
};

enum rfx_verify_news {
    RFX_VERIFY_FINDING,  /* text says what and where */
    RFX_VERIFY_GAP,      /* the same */
    RFX_VERIFY_PROGRESS, /* no text: rows of the store looked at so far, and all there are */
};

/* False ends it. */
typedef bool rfx_verify_visit(void *context, enum rfx_verify_news news, const char *text,
                              uint64_t done, uint64_t all);

/* Reads everything, in slices, so that a server may go on writing; what it writes meanwhile is
 * looked at or not.
 *
 * visit    NULL: the first finding ends it
 * errors   RFX_E_JOURNAL: there are findings (*error has the first), or it cannot be read
 *          RFX_E_NOMEM */
rfx_status rfx_verify(struct rfx_env *env, rfx_verify_visit *visit, void *context,
                      struct rfx_verify_result *result, struct rfx_error *error) RFX_MUST_CHECK;

#endif
