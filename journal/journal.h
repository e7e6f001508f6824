/* The journal: outbound messages and sequence numbers in LMDB, one environment per shard so that
 * no shard ever waits for another's commit.
 *
 *   PATH/lock             held (flock) by the one process that writes
 *   PATH/shard-000/ ...   one LMDB environment per shard; tables in journal/format.h
 *
 * What a commit promises, by durability:
 *
 *   process   survives the death of the process (kill -9, a crash). Nothing is forced to disk:
 *             a power cut or a crash of the kernel may lose the latest commits and, because
 *             the kernel writes pages in any order, may damage the store as a whole.
 *   interval  as process, and everything is flushed at most interval_ms (and one turn of the
 *             shard) after it was committed. A power cut while there is unflushed work may
 *             damage the store, as with process. The flush blocks the shard's turn.
 *   sync      on disk before append() returns; survives a power cut on a disk that honours
 *             flushes.
 *
 * A journal may be opened with another number of shards than before: opening moves the sessions
 * to where they belong, and may be killed at any moment of it without losing anything. */
#ifndef RFX_JOURNAL_JOURNAL_H
#define RFX_JOURNAL_JOURNAL_H

#include <string.h>

#include "core/hash.h"
#include "core/journal_port.h"
#include "ringfix/config.h"

#define RFX_JOURNAL_NAME_MAX     480                    /* longest session name, in bytes */
#define RFX_JOURNAL_SIZE_MIN     (UINT64_C(256) * 1024) /* smallest size_max */
#define RFX_JOURNAL_SESSIONS_MAX (UINT32_C(1) << 24)    /* largest sessions_max */

struct rfx_journal;

struct rfx_journal_options {
    const char *path; /* a directory, created with its parents if absent */
    uint32_t shards;  /* 1..RFX_WORKERS_MAX */
    enum rfx_durability durability;
    uint32_t interval_ms;  /* of RFX_DURABILITY_INTERVAL, at least 1 */
    uint64_t size_max;     /* bytes per shard: address space at once, disk only as used */
    uint32_t sessions_max; /* sessions attached per shard */
};

/* Opens or creates a journal, takes the exclusive lock on it, finishes what an earlier process
 * left undone and moves sessions when the number of shards has changed.
 *
 * options  borrowed until return
 * journal  closed with rfx_journal_close()
 * thread   any; never twice at a time on one path in one process, and not across fork()
 * errors   RFX_E_JOURNAL: held by another process, damaged, full or not accessible
 *          RFX_E_CONFIG: an option out of range        RFX_E_NOMEM */
rfx_status rfx_journal_open(const struct rfx_journal_options *options, struct rfx_journal **journal,
                            struct rfx_error *error) RFX_MUST_CHECK;

/* The port of one shard, valid until rfx_journal_close(). Only sessions that belong to the shard
 * (rfx_journal_shard_of) may be attached, under names of 1..RFX_JOURNAL_NAME_MAX bytes. Attaching
 * twice gives the same slot, with the numbers of now.
 *
 * A batch may lower next_out; stored messages from there on are deleted with it. A visit callback
 * must not call the port.
 *
 * thread   one thread at a time per port; different ports are independent */
struct rfx_journal_port rfx_journal_port(struct rfx_journal *journal, uint32_t shard);

/* Flushes to disk, closes and gives up the lock, also when the flush fails. NULL is allowed. No
 * port may be in use. errors RFX_E_JOURNAL: the flush failed */
rfx_status rfx_journal_close(struct rfx_journal *journal, struct rfx_error *error);

/* Where a session belongs. */
static inline uint32_t rfx_journal_shard_of(const char *name, uint32_t shards)
{
    return rfx_name_shard(name, strlen(name), shards);
}

#endif
