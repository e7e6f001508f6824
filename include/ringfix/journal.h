/* The journal as a program sees it that is not the server: sessions and their numbers, the
 * messages of each, in both directions. For audits, for tools, for moving sessions between
 * systems. A running server needs none of this; its journal may be read meanwhile.
 *
 * A journal is open for writing once at a time, be that by these functions or by a server, in this
 * process or in another; for reading any number of times beside that.
 *
 * thread   one at a time per handle */
#ifndef RINGFIX_JOURNAL_H
#define RINGFIX_JOURNAL_H

#include "ringfix/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_journal;

#define RFX_JOURNAL_NAME_MAX 480 /* longest name of a session, in bytes */

enum rfx_direction {
    RFX_DIRECTION_OUT = 0, /* sent */
    RFX_DIRECTION_IN = 1,  /* received; kept with JournalInbound=Y */
};

enum rfx_journal_mode {
    /* Also while a server has it open. What that one sends is found within a second. A journal
     * that was not closed in order is brought in order first, as a server would at its start;
     * that needs the right to write. */
    RFX_JOURNAL_READ,
    /* Alone. Created when there is none. What a call has written survives the death of the
     * process, and a power cut once rfx_journal_close() has returned. */
    RFX_JOURNAL_WRITE,
};

/* A session as it is stored. MsgSeqNum(34) of the first and the last message kept in each
 * direction; 0: none is. Numbers between them may be missing. */
struct rfx_journal_session {
    char name[RFX_JOURNAL_NAME_MAX + 1]; /* BeginString:SenderCompID->TargetCompID, ours first */
    uint64_t next_out;                   /* MsgSeqNum(34) of the next message to be sent */
    uint64_t next_in;                    /* and of the next one expected */
    int64_t created_utc_ns;              /* when both were last set to 1; ns since 1970 */
    uint64_t first[2];                   /* by direction */
    uint64_t last[2];
};

/* One message. Everything it points to is valid during the call that gets it. */
struct rfx_journal_record {
    const char *session; /* its name */
    enum rfx_direction direction;
    uint64_t seq_num;         /* MsgSeqNum(34) */
    int64_t utc_ns;           /* when it was stored; ns since 1970 */
    struct rfx_bytes message; /* as it was on the wire */
};

/* Take a session, or a message; false ends the walk. The journal must not be written
 * meanwhile, and may be read. */
typedef bool rfx_journal_on_session(void *context, const struct rfx_journal_session *session);
typedef bool rfx_journal_on_record(void *context, const struct rfx_journal_record *record);

/* Opens the journal in the directory that JournalPath names.
 *
 * journal  closed with rfx_journal_close()
 * errors   RFX_E_JOURNAL: none there (to read), held by another process (to write), damaged or not
 *          accessible        RFX_E_NOMEM */
RFX_API rfx_status rfx_journal_open(const char *path, enum rfx_journal_mode mode,
                                    struct rfx_journal **journal,
                                    struct rfx_error *error) RFX_MUST_CHECK;

/* Closes it, also after an error, with everything on disk that was written. NULL is allowed.
 * errors   RFX_E_JOURNAL: the store is full or cannot be written; nothing that was written is
 *          lost, the next one who opens it will find it */
RFX_API rfx_status rfx_journal_close(struct rfx_journal *journal, struct rfx_error *error);

/* Every session, in the order of their names. errors RFX_E_JOURNAL, RFX_E_NOMEM */
RFX_API rfx_status rfx_journal_sessions(struct rfx_journal *journal, rfx_journal_on_session *visit,
                                        void *context, struct rfx_error *error) RFX_MUST_CHECK;

/* One session. errors RFX_E_NOT_FOUND, RFX_E_JOURNAL */
RFX_API rfx_status rfx_journal_find(struct rfx_journal *journal, const char *name,
                                    struct rfx_journal_session *session,
                                    struct rfx_error *error) RFX_MUST_CHECK;

/* The same, or a new session with both numbers 1.
 *
 * mode     RFX_JOURNAL_WRITE
 * errors   RFX_E_INVALID: not a name        RFX_E_STATE: opened for reading
 *          RFX_E_FULL: too many sessions at a time in one handle (65,536)        RFX_E_JOURNAL */
RFX_API rfx_status rfx_journal_find_or_create(struct rfx_journal *journal, const char *name,
                                              struct rfx_journal_session *session,
                                              struct rfx_error *error) RFX_MUST_CHECK;

/* Messages of one session and direction with first <= MsgSeqNum(34) <= last, ascending; numbers
 * that are not stored are left out.
 *
 * errors   RFX_E_NOT_FOUND: no such session, or it was reset while it was read
 *          RFX_E_JOURNAL, RFX_E_NOMEM */
RFX_API rfx_status rfx_journal_range(struct rfx_journal *journal, const char *name,
                                     enum rfx_direction direction, uint64_t first, uint64_t last,
                                     rfx_journal_on_record *visit, void *context,
                                     struct rfx_error *error) RFX_MUST_CHECK;

/* One message. errors as rfx_journal_range(); RFX_E_NOT_FOUND also when it is not stored */
RFX_API rfx_status rfx_journal_message(struct rfx_journal *journal, const char *name,
                                       enum rfx_direction direction, uint64_t seq_num,
                                       rfx_journal_on_record *visit, void *context,
                                       struct rfx_error *error) RFX_MUST_CHECK;

/* All messages, session by session in the order of their names, those sent before those
 * received. A session that is reset meanwhile is left off where it was.
 *
 * name         of the one session wanted; NULL: all of them
 * directions   bit 0: those sent, bit 1: those received
 * errors       RFX_E_NOT_FOUND: no session of that name; RFX_E_JOURNAL, RFX_E_NOMEM */
RFX_API rfx_status rfx_journal_messages(struct rfx_journal *journal, const char *name,
                                        unsigned directions, rfx_journal_on_record *visit,
                                        void *context, struct rfx_error *error) RFX_MUST_CHECK;

/* Stores a message. One that was sent sets the session's next number out to the one behind it, and
 * those stored from its number on are deleted first; one received leaves the numbers as they are,
 * and deletes those received that are stored from its number on.
 *
 * name     of a session that is there
 * mode     RFX_JOURNAL_WRITE
 * errors   RFX_E_NOT_FOUND: no such session
 *          RFX_E_INVALID: no message, longer than RFX_MESSAGE_SIZE_MAX, or number 0
 *          RFX_E_STATE: opened for reading         RFX_E_JOURNAL */
RFX_API rfx_status rfx_journal_persist(struct rfx_journal *journal, const char *name,
                                       enum rfx_direction direction, uint64_t seq_num,
                                       int64_t utc_ns, struct rfx_bytes message,
                                       struct rfx_error *error) RFX_MUST_CHECK;

/* Sets both numbers of a session. Sent messages from next_out on are deleted: their numbers will
 * be used again.
 *
 * mode     RFX_JOURNAL_WRITE        errors   as rfx_journal_persist() */
RFX_API rfx_status rfx_journal_set_numbers(struct rfx_journal *journal, const char *name,
                                           uint64_t next_out, uint64_t next_in,
                                           struct rfx_error *error) RFX_MUST_CHECK;

/* Sets both numbers of a session to 1 and forgets its messages, in one step.
 *
 * utc_ns   now, for created_utc_ns
 * mode     RFX_JOURNAL_WRITE        errors   as rfx_journal_persist() */
RFX_API rfx_status rfx_journal_reset(struct rfx_journal *journal, const char *name, int64_t utc_ns,
                                     struct rfx_error *error) RFX_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
