/* What one turn of a shard sends, and the one place that keeps the promise "journal before wire":
 * entries collect during the turn, the journal makes them durable as one batch, and only then do
 * they go into the rings to the I/O loops, in the order in which they came.
 *
 * thread   the shard */
#ifndef RFX_CORE_OUTBOX_H
#define RFX_CORE_OUTBOX_H

#include "core/journal_port.h"
#include "core/link.h"
#include "core/ring.h"

#define RFX_OUTBOX_ENTRIES 4096

/* Entries kept free for the session layer itself: one step needs at most RFX_ACTIONS_MAX. */
#define RFX_OUTBOX_ENTRIES_RESERVE 64

enum rfx_outbox_type {
    RFX_OUTBOX_SEND,
    RFX_OUTBOX_STORE,   /* as SEND, for the journal alone */
    RFX_OUTBOX_INBOUND, /* a message received, for the journal alone */
    RFX_OUTBOX_RESET,   /* for the journal alone */
    RFX_OUTBOX_CLOSE,
    RFX_OUTBOX_DRAIN,
    RFX_OUTBOX_CONNECT,
};

struct rfx_outbox_entry {
    enum rfx_outbox_type type;
    bool is_stored; /* SEND: journaled under slot and seq_num */
    uint32_t slot;
    struct rfx_conn_id conn; /* CONNECT: the loop alone */
    uint32_t size;
    uint32_t token; /* CONNECT */
    enum rfx_disconnect_reason reason;
    const struct rfx_dial *dial; /* CONNECT */
    const char *data;            /* SEND: in the arena */
    uint64_t seq_num;
};

struct rfx_outbox {
    char *arena;
    size_t arena_size;
    size_t arena_used;
    struct rfx_outbox_entry *entries;
    size_t count;
    size_t published;  /* entries that are in the rings already */
    bool is_committed; /* the journal has them; nothing may be added until all are published */
    struct rfx_journal_op *ops;
    size_t op_count;
    size_t ops_max;
};

/* numbers_max: sessions whose numbers may change in one turn. errors RFX_E_NOMEM */
rfx_status rfx_outbox_open(struct rfx_outbox *outbox, size_t arena_size,
                           size_t numbers_max) RFX_MUST_CHECK;
void rfx_outbox_close(struct rfx_outbox *outbox);

/* True when `size` more bytes and a step's entries fit. */
bool rfx_outbox_has_room(const struct rfx_outbox *outbox, size_t size);

/* Appends an entry for the caller to fill. */
struct rfx_outbox_entry *rfx_outbox_add(struct rfx_outbox *outbox, enum rfx_outbox_type type);

/* Notes a session's numbers for this turn's batch; at most numbers_max times a turn. */
void rfx_outbox_add_numbers(struct rfx_outbox *outbox, uint32_t slot, uint64_t next_out,
                            uint64_t next_in);

/* Commits what is new, then publishes. *is_empty tells whether everything is in the rings now;
 * if not, a ring is full and the call is to be repeated in the next turn.
 *
 * utc_ns   now, for the journal
 * rings    one per I/O loop, by conn.loop
 * errors   nothing of this turn is stored then, and nothing was published:
 *          RFX_E_FULL: to be repeated when the journal may have room        RFX_E_JOURNAL */
rfx_status rfx_outbox_flush(struct rfx_outbox *outbox, const struct rfx_journal_port *journal,
                            int64_t utc_ns, struct rfx_ring *const *rings, bool *is_empty,
                            struct rfx_error *error) RFX_MUST_CHECK;

#endif
