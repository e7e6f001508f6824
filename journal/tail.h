/* The tail of one shard: a file mapped into memory, used as a ring. What is appended survives the
 * death of the process at once; the mover brings it into the store and frees its place.
 *
 *   file     0      header page (struct rfx_tail_header)
 *            4096   the ring, `size` bytes
 *   batch    struct rfx_tail_batch, then op_count times an op and its data
 *   op       struct rfx_tail_op, then `size` bytes, filled up to a multiple of 8
 *
 * Numbers are little-endian, as the machine has them. A position counts bytes since the tail was
 * first made and never goes back; it is found at `position % size` of the ring. Batches are
 * multiples of 32 bytes, lie in one piece, and one without ops fills up the ring's end. The sum of
 * a batch starts from the header's salt, which is new each time the tail is opened for writing:
 * nothing that a counterparty sent can be taken for a batch.
 *
 * thread   one appends (the shard), another reads and frees (the mover) */
#ifndef RFX_JOURNAL_TAIL_H
#define RFX_JOURNAL_TAIL_H

#include <stdatomic.h>

#include "core/base.h"
#include "journal/directory.h"
#include "journal/format.h"
#include "ringfix/config.h"

#define RFX_TAIL_HEADER_SIZE 4096
#define RFX_TAIL_ALIGN       RFX_FORMAT_TAIL_ALIGN
#define RFX_TAIL_NONE        UINT64_MAX /* no position */

struct rfx_tail_header {
    char magic[8];
    uint32_t version;
    uint32_t salt;
    uint64_t size; /* of the ring */
    uint64_t journal;
    uint32_t shard;
    uint32_t durability; /* of the process that writes, enum rfx_durability */
    uint8_t boot[16];    /* of the kernel that it runs on */
    uint32_t reserved;   /* zero */
    uint32_t crc;        /* of everything before */
};

struct rfx_tail_batch {
    uint64_t position;
    int64_t utc_ns;
    uint32_t size; /* with this header and all ops */
    uint32_t op_count;
    uint32_t reserved; /* zero */
    uint32_t crc;      /* of everything else; without ops, of the header alone */
};

enum rfx_tail_op_type {
    RFX_TAIL_CREATE = 1,  /* value: created, UTC; data: the session's name */
    RFX_TAIL_MESSAGE = 2, /* value: MsgSeqNum; data: the message */
    RFX_TAIL_INBOUND = 3, /* the same */
    RFX_TAIL_NUMBERS = 4, /* value: next_out; second: next_in */
    RFX_TAIL_RESET = 5,   /* id is the new one */
};

struct rfx_tail_op {
    uint32_t type;
    uint32_t size;    /* of the data */
    uint32_t session; /* its number */
    uint32_t id;      /* of its generation */
    uint64_t value;
    uint64_t second; /* MESSAGE: position of the session's MESSAGE op before, or RFX_TAIL_NONE */
};

struct rfx_tail {
    struct rfx_tail_header *header; /* NULL: closed */
    char *ring;
    uint64_t size;
    uint32_t salt;
    uint32_t shard;
    int fd;
    char path[RFX_DIRECTORY_FILE_SIZE];
    _Alignas(RFX_CACHE_LINE) uint64_t end;           /* the appender's: behind the last batch */
    _Atomic uint64_t published;                      /* the same, for the mover */
    _Alignas(RFX_CACHE_LINE) _Atomic uint64_t moved; /* everything before is in the store */
    uint64_t touched;                                /* the mover's: pages before are mapped */
};

/* Opens PATH/tail-NNN, which another process may have left. Nothing is changed.
 *
 * tail     the fields after `path` are the caller's to set; release with rfx_tail_close()
 * errors   RFX_E_NOT_FOUND: no such file
 *          RFX_E_JOURNAL: not a tail of this journal, damaged, or not accessible */
rfx_status rfx_tail_open(struct rfx_tail *tail, const char *path, uint32_t shard, uint64_t journal,
                         struct rfx_error *error) RFX_MUST_CHECK;

/* Makes PATH/tail-NNN anew with a ring of `size` bytes, all of its disk space taken. One that is
 * there is replaced. errors RFX_E_JOURNAL */
rfx_status rfx_tail_create(struct rfx_tail *tail, const char *path, uint32_t shard,
                           uint64_t journal, uint64_t size, struct rfx_error *error) RFX_MUST_CHECK;

/* Begins to write behind `position`, with a new salt: nothing that is in the ring is valid from
 * here on. errors RFX_E_JOURNAL */
rfx_status rfx_tail_begin(struct rfx_tail *tail, uint64_t position, enum rfx_durability durability,
                          struct rfx_error *error) RFX_MUST_CHECK;

void rfx_tail_close(struct rfx_tail *tail);

/* Deletes the file of a closed tail. errors RFX_E_JOURNAL */
rfx_status rfx_tail_remove(const char *path, uint32_t shard,
                           struct rfx_error *error) RFX_MUST_CHECK;

/* Room for a batch of `size` bytes (a multiple of RFX_TAIL_ALIGN); NULL when there is none now.
 * The appender fills in everything but position, size, reserved and crc, then commits. */
struct rfx_tail_batch *rfx_tail_reserve(struct rfx_tail *tail, uint64_t size);
void rfx_tail_commit(struct rfx_tail *tail, struct rfx_tail_batch *batch, uint64_t size);

/* Has the kernel map the pages that are appended to next, so that the appender need not wait for
 * it (some microseconds a page). Changes nothing in them. The mover's. */
void rfx_tail_touch(struct rfx_tail *tail);

/* Bytes that can be appended before something must be freed. The appender's. */
uint64_t rfx_tail_room(struct rfx_tail *tail);

/* Everything appended is on disk. Any thread. errors RFX_E_JOURNAL */
rfx_status rfx_tail_flush(struct rfx_tail *tail, struct rfx_error *error) RFX_MUST_CHECK;

/* The batch at a position below `published`; the mover's. */
const struct rfx_tail_batch *rfx_tail_batch_at(const struct rfx_tail *tail, uint64_t position);

/* The batch at a position of a tail that another process has left, or NULL when there is none
 * that is whole. All of its ops lie within it, and their types are known. */
const struct rfx_tail_batch *rfx_tail_check(const struct rfx_tail *tail, uint64_t position);

/* Whether there is a whole batch anywhere behind a position where there is none, laps later
 * included. */
bool rfx_tail_has_more(const struct rfx_tail *tail, uint64_t position);

/* Whether the kernel has been started anew since the tail was last written to. */
bool rfx_tail_is_of_other_boot(const struct rfx_tail *tail);

static inline uint64_t rfx_tail_op_size(uint32_t data_size)
{
    return sizeof(struct rfx_tail_op) + (((uint64_t)data_size + 7) & ~UINT64_C(7));
}

static inline uint64_t rfx_tail_batch_size(uint64_t ops_size)
{
    return (sizeof(struct rfx_tail_batch) + ops_size + RFX_TAIL_ALIGN - 1) &
           ~(uint64_t)(RFX_TAIL_ALIGN - 1);
}

static inline const struct rfx_tail_op *rfx_tail_first_op(const struct rfx_tail_batch *batch)
{
    return (const struct rfx_tail_op *)(const void *)(batch + 1);
}

static inline const struct rfx_tail_op *rfx_tail_next_op(const struct rfx_tail_op *op)
{
    return (const struct rfx_tail_op *)(const void *)((const char *)op +
                                                      rfx_tail_op_size(op->size));
}

static inline struct rfx_bytes rfx_tail_data(const struct rfx_tail_op *op)
{
    return rfx_bytes_of((const char *)(op + 1), op->size);
}

#endif
