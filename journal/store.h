/* One shard's part of the journal: what stands behind its port. All memory is taken at open. */
#ifndef RFX_JOURNAL_STORE_H
#define RFX_JOURNAL_STORE_H

#include "journal/env.h"
#include "journal/journal.h"

struct rfx_store_numbers {
    uint64_t next_out;
    uint64_t next_in;
    uint32_t id;
};

/* One attached session, one cache line. `staged` is what the batch at hand makes of it, and
 * becomes `committed` with LMDB's commit. */
struct rfx_store_slot {
    struct rfx_store_numbers committed;
    struct rfx_store_numbers staged;
    int64_t created_utc_ns;
    uint16_t name_size;
    bool is_touched; /* by the batch at hand */
};

struct rfx_store {
    struct rfx_env env;
    MDB_txn *read_txn;       /* reset but for the time of a read */
    MDB_cursor *read_cursor; /* of read_txn, on messages */
    struct rfx_store_slot *slots;
    char (*names)[RFX_JOURNAL_NAME_MAX]; /* by slot */
    uint32_t *buckets; /* slot + 1 by hash of the name, open addressing; 0: free */
    uint32_t *touched; /* slots of the batch at hand */
    uint32_t bucket_mask;
    uint32_t slot_count;
    uint32_t slots_max;
    uint32_t touched_count;
    int64_t reset_utc_ns; /* of the resets in the batch at hand */
    uint32_t shard;
    uint32_t shard_count;
    bool has_trash;
    bool is_dirty;           /* committed, not yet flushed; with durability `interval` only */
    uint64_t interval_ns;    /* 0: no flushes */
    uint64_t dirty_since_ns; /* RFX_NEVER_NS: not yet noticed by poll */
    uint64_t trash_due_ns;   /* the next slice of trash */
    uint64_t readers_due_ns; /* the next look for dead readers */
};

/* Takes the memory and the read transaction; `store->env` is open already and zero otherwise.
 * Release with rfx_store_close(), also after a failure.
 * errors   RFX_E_NOMEM, RFX_E_JOURNAL */
rfx_status rfx_store_open(struct rfx_store *store, const struct rfx_journal_options *options,
                          uint32_t shard, struct rfx_error *error) RFX_MUST_CHECK;

/* Flushes and closes; never opened is allowed. errors RFX_E_JOURNAL: the flush failed */
rfx_status rfx_store_close(struct rfx_store *store, struct rfx_error *error);

/* The port's functions, see core/journal_port.h; context is the store. */
rfx_status rfx_store_attach(void *context, const char *name, struct rfx_journal_entry *entry,
                            struct rfx_error *error);
rfx_status rfx_store_append(void *context, const struct rfx_journal_op *ops, size_t count,
                            struct rfx_error *error);
rfx_status rfx_store_read(void *context, uint32_t slot, uint64_t first, uint64_t last,
                          rfx_journal_visit *visit, void *visit_context, struct rfx_error *error);
uint64_t rfx_store_poll(void *context, uint64_t now_ns, rfx_status *status,
                        struct rfx_error *error);

#endif
