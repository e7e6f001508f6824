/* Shared by the files of the store. */
#ifndef RFX_JOURNAL_STORE_INTERNAL_H
#define RFX_JOURNAL_STORE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "journal/chunk.h"
#include "journal/flusher.h"
#include "journal/mover.h"
#include "journal/store.h"
#include "journal/tail.h"

/* One attached session, as its shard knows it: what LMDB will hold once all of the tail is moved.
 */
struct rfx_slot {
    uint64_t next_out;
    uint64_t next_in;
    uint64_t last_message; /* position of its latest MESSAGE op, or RFX_TAIL_NONE */
    /* While `cut_at` is not moved, messages in the store from cut_from on are no longer there. Such
     * a cut at a time: the next one waits, unless it goes deeper. */
    uint64_t cut_at; /* position of a batch, or RFX_TAIL_NONE */
    uint64_t cut_from;
    int64_t created_utc_ns;
    uint32_t number;
    uint32_t id;
    uint16_t name_size;
};

#define RFX_MARKS_MAX  512
#define RFX_MARKS_SETS 4

/* Every so many messages of a session in the tail, from the latest back, so that a resend in slices
 * does not walk the whole chain for each of them. */
struct rfx_marks {
    uint32_t slot;
    uint32_t id;     /* of the slot, when the marks were made */
    uint64_t cut_at; /* the same; both as they are: nothing was taken back since */
    uint64_t used;   /* when */
    uint32_t step;
    uint32_t count;
    struct {
        uint64_t seq_num;
        uint64_t position;
    } items[RFX_MARKS_MAX];
};

/* A shard's part of the journal. All memory is taken at open. */
struct rfx_part {
    struct rfx_store *store;
    struct rfx_tail tail;
    MDB_txn *read_txn;       /* reset but for the time of a read */
    MDB_cursor *read_cursor; /* of read_txn, on messages */
    struct rfx_slot *slots;
    char (*names)[RFX_JOURNAL_NAME_MAX]; /* by slot */
    uint32_t *buckets; /* slot + 1 by hash of the name, open addressing; 0: free */
    uint32_t bucket_mask;
    uint32_t slot_count;
    uint32_t slots_max;
    bool is_stuck;    /* room() said so last */
    uint64_t flushed; /* with sync: how far the tail is known to be on disk */
    uint64_t reads;
    struct rfx_marks marks[RFX_MARKS_SETS]; /* of the sessions read last */
};

/* How the mover fares. */
enum rfx_trouble {
    RFX_TROUBLE_NONE,
    RFX_TROUBLE_FULL,   /* tries again and again */
    RFX_TROUBLE_FAILED, /* has given up */
};

struct rfx_store {
    struct rfx_env env;
    struct rfx_mover mover;
    struct rfx_flusher flusher;
    int lock_fd;
    uint64_t journal;   /* random, in every tail, too */
    uint64_t turn_size; /* bytes of the tail that a turn may take */
    enum rfx_durability durability;
    uint32_t part_count;
    _Atomic uint32_t next_id;
    _Atomic int trouble; /* enum rfx_trouble */
    bool has_trash;      /* when it was opened */
    void (*log)(void *context, enum rfx_log_level level, const char *text);
    void *log_context;
    char path[RFX_PATH_MAX + 1];
    struct rfx_part parts[];
};

void rfx_store_log(const struct rfx_store *store, enum rfx_log_level level, const char *format, ...)
    RFX_PRINTF(3, 4);

/* Ends all writing for good: what is on disk is not what it should be. Any thread. */
void rfx_store_fail(struct rfx_store *store, const struct rfx_error *error);

/* store_recover.c: what an earlier process left in tails goes into the store; the files of all
 * tails that this one does not use are deleted, the others made or begun anew.
 * errors RFX_E_JOURNAL, RFX_E_NOMEM */
rfx_status rfx_store_recover(struct rfx_store *store, const struct rfx_store_options *options,
                             struct rfx_error *error) RFX_MUST_CHECK;

/* part.c */
rfx_status rfx_part_open(struct rfx_part *part, struct rfx_store *store, uint32_t slots_max,
                         struct rfx_error *error) RFX_MUST_CHECK;
void rfx_part_close(struct rfx_part *part); /* never opened is allowed; the tail is not closed */
rfx_status rfx_part_attach(void *context, const char *name, const struct rfx_journal_keep *keep,
                           int64_t utc_ns, struct rfx_journal_entry *entry,
                           struct rfx_error *error);
enum rfx_journal_room rfx_part_room(void *context);
/* Whether a session is attached. */
bool rfx_part_has(const struct rfx_part *part, const char *name);

/* part_append.c */
rfx_status rfx_part_append(void *context, const struct rfx_journal_op *ops, size_t count,
                           int64_t utc_ns, struct rfx_error *error);
/* errors RFX_E_FULL, RFX_E_JOURNAL: all ids are used up */
rfx_status rfx_part_create(struct rfx_part *part, struct rfx_slot *slot, struct rfx_bytes name,
                           int64_t utc_ns, struct rfx_error *error) RFX_MUST_CHECK;

/* part_read.c: messages from next_out on that are still in the tail are no longer the session's. */
void rfx_part_cut_tail(const struct rfx_part *part, struct rfx_slot *slot, uint64_t next_out);

rfx_status rfx_part_read(void *context, uint32_t slot, uint64_t first, uint64_t last,
                         rfx_journal_visit *visit, void *visit_context, struct rfx_error *error);

#endif
