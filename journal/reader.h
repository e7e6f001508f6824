/* Reading a journal from outside, also while a server writes it. Takes no lock that the server
 * needs for its work, writes nothing but LMDB's lock files, and holds no snapshot of the store
 * while the caller works: pages of a snapshot that somebody looks at cannot be used again, and
 * the store would grow meanwhile. */
#ifndef RFX_JOURNAL_READER_H
#define RFX_JOURNAL_READER_H

#include "core/journal_port.h"
#include "journal/journal.h"

struct rfx_reader;

struct rfx_reader_session {
    char name[RFX_JOURNAL_NAME_MAX + 1];
    uint32_t shard;
    uint32_t id; /* of the generation since the last reset, within the shard */
    uint64_t next_out;
    uint64_t next_in;
    int64_t created_utc_ns;
    uint64_t first; /* the lowest and highest MsgSeqNum stored; 0: no message */
    uint64_t last;
};

/* Opens all shards of a journal.
 *
 * reader   closed with rfx_reader_close()
 * thread   one at a time; not in a process that has the journal open for writing
 * errors   RFX_E_JOURNAL: no journal there, damaged, or no right to read it
 *          RFX_E_NOMEM */
rfx_status rfx_reader_open(const char *path, struct rfx_reader **reader,
                           struct rfx_error *error) RFX_MUST_CHECK;
void rfx_reader_close(struct rfx_reader *reader);

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
                               uint64_t n, uint64_t *seq_num,
                               struct rfx_error *error) RFX_MUST_CHECK;

/* Walks the stored messages with first <= MsgSeqNum <= last. The callback gets copies, so it may
 * take its time; messages that are stored meanwhile are found, too.
 *
 * errors   RFX_E_NOT_FOUND: the session was reset since it was looked up, perhaps in mid-walk
 *          RFX_E_JOURNAL, RFX_E_NOMEM */
rfx_status rfx_reader_messages(struct rfx_reader *reader, const struct rfx_reader_session *session,
                               uint64_t first, uint64_t last, rfx_journal_visit *visit,
                               void *visit_context, struct rfx_error *error) RFX_MUST_CHECK;

#endif
