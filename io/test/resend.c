/* What a peer sends again when it is asked to: messages of the application layer as they were,
 * gap fills over all the rest. */
#include <stdlib.h>
#include <string.h>

#include "io/test/test_internal.h"

struct rfx_test_message *rfx_test_keep(const struct rfx_peer *peer, struct rfx_bytes bytes)
{
    const size_t index_size = RFX_FIELDS_MAX(bytes.size) * sizeof(struct rfx_field);
    struct rfx_test_message *kept = malloc(sizeof *kept + index_size + bytes.size);
    RFX_ASSERT(kept != NULL);
    char *data = (char *)(kept + 1) + index_size;
    memcpy(data, bytes.data, bytes.size);
    kept->next = NULL;
    kept->seq_num = 0;
    rfx_message_index(data, bytes.size, (struct rfx_field *)(void *)(kept + 1), &kept->message);
    kept->message.rules = &peer->profile->rules;
    return kept;
}

void rfx_peer_remember(struct rfx_peer *peer, struct rfx_bytes bytes, uint64_t seq_num)
{
    struct rfx_test_message *kept = rfx_test_keep(peer, bytes);
    if (rfx_message_is_admin(&kept->message)) {
        free(kept);
        return;
    }
    kept->seq_num = seq_num;
    kept->next = peer->sent;
    peer->sent = kept;
}

/* The latest under that number. */
static const struct rfx_message *find_sent(const struct rfx_peer *peer, uint64_t seq_num)
{
    for (const struct rfx_test_message *kept = peer->sent; kept != NULL; kept = kept->next) {
        if (kept->seq_num == seq_num) {
            return &kept->message;
        }
    }
    return NULL;
}

static void send_again(struct rfx_peer *peer, const struct rfx_message *message)
{
    struct rfx_fields fields = {0};
    struct rfx_bytes value;
    for (size_t i = 0; i < rfx_message_field_count(message); i++) {
        const struct rfx_field_view field = rfx_message_field_at(message, i);
        switch (field.tag) {
        case 8:   /* BeginString */
        case 9:   /* BodyLength */
        case 10:  /* CheckSum */
        case 43:  /* PossDupFlag */
        case 52:  /* SendingTime */
        case 122: /* OrigSendingTime */
            break;
        default: /* an open set */
            rfx_fields_add(&fields, field.tag, field.value);
        }
    }
    rfx_fields_add(&fields, 43, rfx_bytes_of("Y", 1));
    if (rfx_message_get(message, 52, &value) == RFX_OK) {
        rfx_fields_add(&fields, 122, value);
    }
    rfx_status status = rfx_peer_put(peer, &fields);
    RFX_ASSERT(status == RFX_OK);
    rfx_fields_close(&fields);
}

static void fill_gap(struct rfx_peer *peer, uint64_t first, uint64_t next)
{
    if (first < next) {
        rfx_peer_put_text(peer, "35=4|34=%llu|43=Y|123=Y|36=%llu", (unsigned long long)first,
                          (unsigned long long)next);
    }
}

void rfx_peer_resend(struct rfx_peer *peer, uint64_t first, uint64_t last)
{
    uint64_t gap = first;
    const uint64_t end = last == 0 ? peer->next_out : rfx_min_u64(last + 1, peer->next_out);
    for (uint64_t number = first; number < end; number++) {
        const struct rfx_message *message = find_sent(peer, number);
        if (message != NULL) {
            fill_gap(peer, gap, number);
            send_again(peer, message);
            gap = number + 1;
        }
    }
    fill_gap(peer, gap, end);
}
