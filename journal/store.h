/* The journal: outbound messages and sequence numbers, durable before anything is sent.
 *
 *   PATH/lock         held (flock) by the one process that writes
 *   PATH/tail-NNN     one per shard: what was appended last (journal/tail.h)
 *   PATH/store/       LMDB: everything else (journal/format.h)
 *
 * A shard appends a turn's batch to its tail, a file mapped into memory, and may send at once. A
 * thread of the journal, the mover, brings what the tails hold into the store, sorted by session
 * and in large batches, and frees its place. So nothing a shard does waits for LMDB or, unless
 * asked for by `sync`, for the disk. Reads look into both.
 *
 * What append() promises, by durability:
 *
 *   process   What was sent survives the death of the process (kill -9, a crash). After a power
 *             cut or a crash of the kernel what was sent in the last moments, and was not yet moved
 *             into the store, may be missing.
 *   interval  As process, and at most interval_ms and the time of one flush after it was sent a
 *             message also survives a power cut.
 *   sync      What was sent survives a power cut, on a disk that honours flushes: it is on disk
 *             before append() returns.
 *
 * For interval a thread of its own flushes the tails. The store itself is flushed with each commit,
 * by the mover, so a power cut does not damage it.
 *
 * The number of shards may change between runs: opening a journal empties all tails. */
#ifndef RFX_JOURNAL_STORE_H
#define RFX_JOURNAL_STORE_H

#include "core/journal_port.h"
#include "journal/format.h"
#include "ringfix/app.h"
#include "ringfix/config.h"

#define RFX_JOURNAL_SIZE_MIN     (UINT64_C(256) * 1024) /* smallest size_max */
#define RFX_JOURNAL_TAIL_MIN     (UINT64_C(64) * 1024)  /* smallest tail_size */
#define RFX_JOURNAL_SESSIONS_MAX (UINT32_C(1) << 24)    /* largest sessions_max */

struct rfx_store;

struct rfx_store_options {
    const char *path; /* a directory, created with its parents if absent */
    uint32_t shards;  /* 1..RFX_WORKERS_MAX */
    enum rfx_durability durability;
    uint32_t interval_ms;  /* of RFX_DURABILITY_INTERVAL, at least 1 */
    uint64_t size_max;     /* bytes of the store */
    uint64_t tail_size;    /* bytes per shard, made larger if batches ask for it */
    size_t batch_bytes;    /* the most message data that one batch holds */
    size_t batch_ops;      /* and the most ops */
    uint32_t sessions_max; /* sessions attached per shard */
    /* Takes a line about something rare: what recovery found, a full disk. From the thread that
     * opens or closes, and from the journal's own. NULL: not wanted. */
    void (*log)(void *context, enum rfx_log_level level, const char *text);
    void *log_context;
    /* Goes on without what cannot be read in a damaged tail (or without a tail that is missing).
     * Asked for by a person, who has been told what is lost. */
    bool discards_tails;
};

/* Opens or creates a journal, takes the exclusive lock on it, brings into the store what an
 * earlier process has left in its tails, and starts the mover.
 *
 * options  borrowed until return
 * store    closed with rfx_store_close()
 * thread   any; never twice at a time on one path in one process, and not across fork()
 * errors   RFX_E_JOURNAL: held by another process, damaged, full or not accessible; nothing has
 *          been changed that was not durable before
 *          RFX_E_CONFIG: an option out of range        RFX_E_NOMEM */
rfx_status rfx_store_open(const struct rfx_store_options *options, struct rfx_store **store,
                          struct rfx_error *error) RFX_MUST_CHECK;

/* The port of one shard, valid until rfx_store_close(). Names have 1..RFX_JOURNAL_NAME_MAX bytes;
 * a session is attached to one port only. Attaching twice gives the same slot, with the numbers
 * of now.
 *
 * A batch may lower next_out; messages from there on are deleted with it. RFX_E_FULL when it was
 * lowered further before and that is not in the store yet. A visit callback
 * must not call the port.
 *
 * thread   one thread at a time per port; different ports are independent */
struct rfx_journal_port rfx_store_port(struct rfx_store *store, uint32_t shard);

/* Waits until everything appended is in the store.
 * thread   one that uses no port meanwhile
 * errors   RFX_E_JOURNAL: full or damaged, says which */
rfx_status rfx_store_settle(struct rfx_store *store, struct rfx_error *error) RFX_MUST_CHECK;

/* Brings everything into the store and to disk, closes and gives up the lock, also when that
 * fails: what is still in the tails then is found by the next rfx_store_open(). NULL is allowed.
 * No port may be in use. errors RFX_E_JOURNAL */
rfx_status rfx_store_close(struct rfx_store *store, struct rfx_error *error);

#endif
