/* Reading a journal from outside, also while a server writes it. Takes no lock that the server
 * needs for its work, writes nothing but LMDB's lock files, and holds no snapshot of the store
 * while the caller works: pages of a snapshot that somebody looks at cannot be used again, and
 * the store would grow meanwhile.
 *
 * What a running server has sent is found a quarter of a second later, and under load as soon as
 * its mover has come to it. */
#ifndef RFX_JOURNAL_READER_H
#define RFX_JOURNAL_READER_H

#include "journal/env.h"
#include "journal/format.h"

struct rfx_reader;

struct rfx_reader_range {
    uint64_t first; /* lowest and highest MsgSeqNum stored; 0: no message */
    uint64_t last;
};

struct rfx_reader_session {
    char name[RFX_JOURNAL_NAME_MAX + 1];
    uint32_t number; /* for good */
    uint32_t id;     /* of the generation since the last reset */
    uint64_t next_out;
    uint64_t next_in;
    int64_t created_utc_ns;            /* or reset */
    struct rfx_reader_range stored[2]; /* by direction */
};

enum rfx_reader_mode {
    /* A journal that no process has open and that was not closed in order is brought in order
     * first, as the server would at its next start; that needs the right to write. */
    RFX_READER_WHOLE,
    /* The store as it is, without what the tails hold. */
    RFX_READER_AS_IS,
};

/* Opens a journal.
 *
 * reader   closed with rfx_reader_close()
 * thread   one at a time; not in a process that has the journal open for writing
 * errors   RFX_E_JOURNAL: no journal there, damaged, or no right to read it
 *          RFX_E_NOMEM */
rfx_status rfx_reader_open(const char *path, enum rfx_reader_mode mode, struct rfx_reader **reader,
                           struct rfx_error *error) RFX_MUST_CHECK;

/* The same on an environment that this process has open; it must stay so. errors RFX_E_NOMEM */
rfx_status rfx_reader_of(struct rfx_env *env, const char *path, struct rfx_reader **reader,
                         struct rfx_error *error) RFX_MUST_CHECK;

void rfx_reader_close(struct rfx_reader *reader); /* NULL is allowed */

/* The store itself, for journal/verify.h and backups. */
struct rfx_env *rfx_reader_env(struct rfx_reader *reader);

/* All sessions, in the order of their names.
 *
 * list     released with free(); NULL when there are none
 * errors   RFX_E_JOURNAL, RFX_E_NOMEM */
rfx_status rfx_reader_list(struct rfx_reader *reader, struct rfx_reader_session **list,
                           size_t *count, struct rfx_error *error) RFX_MUST_CHECK;

/* One session by its name. errors RFX_E_NOT_FOUND, RFX_E_JOURNAL */
rfx_status rfx_reader_find(struct rfx_reader *reader, const char *name,
                           struct rfx_reader_session *session,
                           struct rfx_error *error) RFX_MUST_CHECK;

/* The MsgSeqNum of the n-th stored message from the end (n from 1), or of the first when there
 * are not that many; 0 when there are none. errors RFX_E_JOURNAL, RFX_E_NOT_FOUND as
 * rfx_reader_messages */
rfx_status rfx_reader_nth_last(struct rfx_reader *reader, const struct rfx_reader_session *session,
                               enum rfx_direction direction, uint64_t n, uint64_t *seq_num,
                               struct rfx_error *error) RFX_MUST_CHECK;

/* Takes one message; the entry is valid during the call. False ends the walk. */
typedef bool rfx_reader_visit(void *context, const struct rfx_format_entry *entry);

/* Walks the stored messages with first <= MsgSeqNum <= last. The callback gets copies, so it may
 * take its time; messages that are stored meanwhile are found, too.
 *
 * errors   RFX_E_NOT_FOUND: the session was reset since it was looked up, perhaps in mid-walk
 *          RFX_E_JOURNAL, RFX_E_NOMEM */
rfx_status rfx_reader_messages(struct rfx_reader *reader, const struct rfx_reader_session *session,
                               enum rfx_direction direction, uint64_t first, uint64_t last,
                               rfx_reader_visit *visit, void *visit_context,
                               struct rfx_error *error) RFX_MUST_CHECK;

#endif
