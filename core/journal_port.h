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

enum rfx_journal_op_type {
    RFX_JOURNAL_MESSAGE, /* an outbound message; implies next_out = seq_num + 1 */
    RFX_JOURNAL_NUMBERS, /* next_out and next_in as they are from here on */
    RFX_JOURNAL_RESET,   /* both numbers to 1, earlier messages gone */
};

struct rfx_journal_op {
    enum rfx_journal_op_type type;
    uint32_t slot;
    uint64_t seq_num;  /* MESSAGE */
    const char *data;  /* MESSAGE: the whole message as it will be sent */
    uint32_t size;     /* MESSAGE */
    uint64_t next_out; /* NUMBERS */
    uint64_t next_in;  /* NUMBERS */
    int64_t utc_ns;    /* RESET: now */
};

/* Receives stored messages in ascending MsgSeqNum; data is valid during the call only. Numbers
 * without a stored message are left out. Returns false to end the walk. */
typedef bool rfx_journal_visit(void *context, uint64_t seq_num, struct rfx_bytes message);

struct rfx_journal_port {
    void *context;

    /* Finds a session by name (as core/session_name.h makes them, NUL-terminated), or
     * creates it durably with both numbers 1. errors RFX_E_JOURNAL, RFX_E_FULL, RFX_E_NOMEM */
    rfx_status (*attach)(void *context, const char *name, struct rfx_journal_entry *entry,
                         struct rfx_error *error);

    /* Makes a batch durable, in its order and as a whole: after a crash either all of it is there
     * or nothing. Blocks until the durability setting is met.
     *
     * ops      borrowed until return        count  1 or more
     * errors   RFX_E_JOURNAL: nothing of the batch is stored */
    rfx_status (*append)(void *context, const struct rfx_journal_op *ops, size_t count,
                         struct rfx_error *error);

    /* Walks the stored messages of a session with first <= MsgSeqNum <= last.
     * errors RFX_E_JOURNAL */
    rfx_status (*read)(void *context, uint32_t slot, uint64_t first, uint64_t last,
                       rfx_journal_visit *visit, void *visit_context, struct rfx_error *error);

    /* One bounded slice of background work (flushing, deleting what resets left behind), called
     * when a turn is over. Returns when it wants to be called again, at the latest;
     * RFX_NEVER_NS: no wish. errors RFX_E_JOURNAL in *status */
    uint64_t (*poll)(void *context, uint64_t now_ns, rfx_status *status, struct rfx_error *error);
};

#endif
