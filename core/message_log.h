/* Messages of a shard on their way to the message log: a ring to the thread that writes it. What
 * finds no room is lost and counted; the shard never waits.
 *
 * thread   put, publish: the shard; the ring's other end is the writer's */
#ifndef RFX_CORE_MESSAGE_LOG_H
#define RFX_CORE_MESSAGE_LOG_H

#include "core/ring.h"

/* Types of its records. */
enum rfx_logged_type {
    RFX_LOGGED_IN,   /* struct rfx_logged, the session's name, the message */
    RFX_LOGGED_OUT,  /* the same */
    RFX_LOGGED_LOST, /* struct rfx_logged_lost: so many are missing here */
};

struct rfx_logged {
    int64_t utc_ns;
    uint32_t name_size;
    uint32_t size; /* of the message */
};

struct rfx_logged_lost {
    int64_t utc_ns;
    uint64_t count;
};

struct rfx_message_log {
    struct rfx_ring ring;
    uint64_t lost; /* since the last record; the shard's */
};

/* ring_size: bytes; more is taken where a message asks for it. errors RFX_E_NOMEM */
rfx_status rfx_message_log_open(struct rfx_message_log *log, size_t ring_size,
                                uint32_t message_size_max) RFX_MUST_CHECK;
void rfx_message_log_close(struct rfx_message_log *log);

/* Copies a message. The writer sees it after the next publish. */
void rfx_message_log_put(struct rfx_message_log *log, enum rfx_logged_type type, int64_t utc_ns,
                         struct rfx_bytes name, struct rfx_bytes message);

/* Once per turn, when what is sent is journaled: the log has nothing that was never sent. */
void rfx_message_log_publish(struct rfx_message_log *log, int64_t utc_ns);

#endif
