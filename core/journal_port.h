/* What a shard needs from a journal. The shard is the only caller of its port; tests put a fake
 * behind it. One call per turn of the shard's loop, never one per message. */
#ifndef RFX_CORE_JOURNAL_PORT_H
#define RFX_CORE_JOURNAL_PORT_H

#include "core/base.h"

/* A session's durable numbers, and the handle under which the port knows it. */
struct rfx_journal_entry {
    uint32_t slot;          /* stable while the port is open */
    uint64_t next_out;      /* MsgSeqNum(34) of the next message sent, from 1 */
    uint64_t next_in;       /* the next MsgSeqNum(34) expected, from 1 */
    int64_t created_utc_ns; /* when both were last set to 1 */
};

/* How long messages of a session are kept. Both bounds hold; what is older may go, and becomes a
 * gap fill when it is asked for again. */
struct rfx_journal_keep {
    uint64_t count;  /* the latest so many of each direction; 0: no bound */
    uint64_t age_ns; /* those younger than this; 0: no bound */
};

enum rfx_journal_op_type {
    RFX_JOURNAL_MESSAGE, /* an outbound message; implies next_out = seq_num + 1 */
    RFX_JOURNAL_INBOUND, /* a message received, for the record; implies nothing */
    RFX_JOURNAL_NUMBERS, /* next_out and next_in as they are from here on */
    RFX_JOURNAL_RESET,   /* both numbers to 1, earlier messages gone */
};

/* Whether there is room for what a turn may store. */
enum rfx_journal_room {
    RFX_JOURNAL_ROOM, /* a whole turn fits */
    RFX_JOURNAL_BUSY, /* not now: storage is slow, ask again in a millisecond */
    /* Not until somebody makes room on the disk or raises a limit; the journal has logged which.
     * What still fits is for Logouts. */
    RFX_JOURNAL_STUCK,
};

struct rfx_journal_op {
    enum rfx_journal_op_type type;
    uint32_t slot;
    uint64_t seq_num;  /* MESSAGE, INBOUND */
    const char *data;  /* MESSAGE: the whole message as it will be sent; INBOUND: as it came */
    uint32_t size;     /* MESSAGE, INBOUND: 1 or more */
    uint64_t next_out; /* NUMBERS */
    uint64_t next_in;  /* NUMBERS */
};

/* Receives stored messages in ascending MsgSeqNum; data is valid during the call only. Numbers
 * without a stored message are left out. Returns false to end the walk. */
typedef bool rfx_journal_visit(void *context, uint64_t seq_num, struct rfx_bytes message);

struct rfx_journal_port {
    void *context;

    /* Finds a session by name (as core/session_name.h makes them, NUL-terminated), or creates it
     * with both numbers 1; that is durable with the next batch.
     *
     * keep     copied
     * errors   RFX_E_JOURNAL, RFX_E_FULL (too many sessions, or no room now), RFX_E_NOMEM */
    rfx_status (*attach)(void *context, const char *name, const struct rfx_journal_keep *keep,
                         int64_t utc_ns, struct rfx_journal_entry *entry, struct rfx_error *error);

    /* To be asked before a turn does anything that will have to be stored. */
    enum rfx_journal_room (*room)(void *context);

    /* Makes a batch durable, in its order and as a whole: after a crash either all of it is there
     * or nothing. Blocks until the durability setting is met.
     *
     * ops      borrowed until return        count  1 or more        utc_ns  now
     * errors   RFX_E_FULL: no room, nothing of the batch is stored; it may be tried again later
     *          RFX_E_JOURNAL: never again; nothing of the batch may be sent */
    rfx_status (*append)(void *context, const struct rfx_journal_op *ops, size_t count,
                         int64_t utc_ns, struct rfx_error *error);

    /* Walks the outbound messages of a session with first <= MsgSeqNum <= last.
     * errors RFX_E_JOURNAL */
    rfx_status (*read)(void *context, uint32_t slot, uint64_t first, uint64_t last,
                       rfx_journal_visit *visit, void *visit_context, struct rfx_error *error);
};

#endif
