/* What a peer sends, the way an I/O loop hands it to the shard: framed, garbled bytes dropped. */
#include <stdlib.h>
#include <string.h>

#include "core/config_listeners.h"
#include "core/frame.h"
#include "io/test/test_internal.h"

static struct rfx_conn_id conn_of(const struct rfx_peer *peer)
{
    return (struct rfx_conn_id){.index = peer->index, .generation = peer->generation};
}

/* The bytes stand in the record itself, behind the field index. False: the ring is full. */
static bool push_message(struct rfx_peer *peer, const char *data, size_t size, bool is_sum_wrong)
{
    struct rfx_ring *ring = &peer->test->to_shard;
    const size_t index_size = RFX_FIELDS_MAX(size) * sizeof(struct rfx_field);
    const uint32_t record_size = (uint32_t)(sizeof(struct rfx_link_message) + index_size + size);
    struct rfx_link_message *record = rfx_ring_reserve(ring, record_size + RFX_TEST_RING_MARGIN);
    if (record == NULL) {
        return false;
    }
    char *bytes = (char *)(record + 1) + index_size;
    memcpy(bytes, data, size);
    record->conn = conn_of(peer);
    record->peer = peer->is_named ? NULL : peer->address;
    const struct rfx_listener home = rfx_listener_of(&peer->test->config, peer->profile->config);
    record->accept_port = home.port;
    record->certificate_names = home.use_ssl ? "" : NULL;
    record->is_sum_wrong = is_sum_wrong;
    rfx_message_index(bytes, size, (struct rfx_field *)(void *)(record + 1), &record->message);
    rfx_ring_push(ring, RFX_LINK_MESSAGE, record_size);
    rfx_ring_publish(ring);
    peer->is_named = true;
    return true;
}

void rfx_peer_say(struct rfx_peer *peer, enum rfx_link_type type, enum rfx_disconnect_reason reason)
{
    struct rfx_ring *ring = &peer->test->to_shard;
    struct rfx_link_connection *record = rfx_ring_reserve(ring, sizeof *record);
    RFX_ASSERT(record != NULL); /* it fits into the margin that messages leave */
    *record = (struct rfx_link_connection){.token = peer->token, .reason = reason};
    if (reason != RFX_REASON_CONNECT_FAILED) {
        record->conn = conn_of(peer);
    }
    rfx_ring_push(ring, type, sizeof *record);
    rfx_ring_publish(ring);
}

/* A stranger who sends garbage is sent away by the loop; the shard never hears of it. */
static bool drop_garbled(struct rfx_peer *peer)
{
    if (!peer->is_named) {
        peer->is_connected = false;
        peer->close_reason = RFX_REASON_GARBLED_LOGON;
        rfx_text_clear(&peer->stream);
        return false;
    }
    return true;
}

void rfx_peer_feed(struct rfx_peer *peer, struct rfx_bytes bytes)
{
    struct rfx_text *stream = &peer->stream;
    struct rfx_frame frame;
    size_t done = 0;
    rfx_text_put(stream, bytes);
    peer->is_stalled = false;
    peer->last_sent_ns = peer->test->now.mono_ns;
    while (done < stream->size) {
        const char *data = stream->data + done;
        const enum rfx_frame_result result =
            rfx_frame(data, stream->size - done, peer->test->config.message_size_max, &frame);
        if (result == RFX_FRAME_PARTIAL) {
            break;
        }
        const bool is_sum_wrong = result == RFX_FRAME_GARBLED;
        if (!is_sum_wrong || (frame.is_sum_alone && peer->test->takes_wrong_sums)) {
            peer->is_stalled = !push_message(peer, data, frame.size, is_sum_wrong);
            if (peer->is_stalled) {
                break;
            }
        } else if (!drop_garbled(peer)) {
            return; /* and nothing is left of the stream */
        }
        done += frame.size;
    }
    stream->size -= done;
    memmove(stream->data, stream->data + done, stream->size);
}
