#include "core/message_log.h"

#include <string.h>

#include "core/session_name.h"

#define LOST_ROOM (sizeof(struct rfx_logged_lost) + 16) /* with its header in the ring */

rfx_status rfx_message_log_open(struct rfx_message_log *log, size_t ring_size,
                                uint32_t message_size_max)
{
    /* The ring takes records of up to half its size. */
    const size_t record_max =
        LOST_ROOM + sizeof(struct rfx_logged) + RFX_SESSION_NAME_MAX + message_size_max;
    const size_t least = 2 * record_max + 64;
    log->lost = 0;
    return rfx_ring_open(&log->ring, ring_size > least ? ring_size : least);
}

void rfx_message_log_close(struct rfx_message_log *log)
{
    rfx_ring_close(&log->ring);
}

/* There is room for it. */
static void tell_lost(struct rfx_message_log *log, int64_t utc_ns)
{
    struct rfx_logged_lost *record = rfx_ring_reserve(&log->ring, sizeof *record);
    RFX_ASSERT(record != NULL);
    *record = (struct rfx_logged_lost){.utc_ns = utc_ns, .count = log->lost};
    rfx_ring_push(&log->ring, RFX_LOGGED_LOST, sizeof *record);
    log->lost = 0;
}

void rfx_message_log_put(struct rfx_message_log *log, enum rfx_logged_type type, int64_t utc_ns,
                         struct rfx_bytes name, struct rfx_bytes message)
{
    const uint32_t size = (uint32_t)(sizeof(struct rfx_logged) + name.size + message.size);
    if (RFX_UNLIKELY(log->lost > 0)) {
        /* Once for all that is missing: together with a message that finds room. */
        if (rfx_ring_reserve(&log->ring, size + (uint32_t)LOST_ROOM) == NULL) {
            log->lost++;
            return;
        }
        tell_lost(log, utc_ns);
    }
    struct rfx_logged *record = rfx_ring_reserve(&log->ring, size);
    if (record == NULL) {
        log->lost++;
        return;
    }
    *record = (struct rfx_logged){
        .utc_ns = utc_ns, .name_size = (uint32_t)name.size, .size = (uint32_t)message.size};
    char *at = (char *)(record + 1);
    memcpy(at, name.data, name.size);
    memcpy(at + name.size, message.data, message.size);
    rfx_ring_push(&log->ring, type, size);
}

void rfx_message_log_publish(struct rfx_message_log *log, int64_t utc_ns)
{
    /* Also when no message follows, but once: when the writer has caught up by half. */
    if (RFX_UNLIKELY(log->lost > 0) && rfx_ring_used(&log->ring) <= log->ring.size / 2 &&
        rfx_ring_reserve(&log->ring, sizeof(struct rfx_logged_lost)) != NULL) {
        tell_lost(log, utc_ns);
    }
    rfx_ring_publish(&log->ring);
}
