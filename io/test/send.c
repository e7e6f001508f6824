/* Messages of a peer, made from lists of fields. */
#include <stdio.h>
#include <string.h>

#include "core/frame.h"
#include "io/test/test_internal.h"
#include "core/timestamp.h"

static void put_field(struct rfx_text *out, int32_t tag, struct rfx_bytes value)
{
    static const char soh = RFX_SOH;
    rfx_text_format(out, "%d=", (int)tag);
    rfx_text_put(out, value);
    rfx_text_put(out, rfx_bytes_of(&soh, 1));
}

static struct rfx_bytes text_bytes(const char *text)
{
    return rfx_bytes_of(text, text != NULL ? strlen(text) : 0);
}

/* Header fields that the message has whatever is listed, in their order. */
static const int32_t header_tags[] = {35, 34, 43, 49, 50, 52, 56, 57, 122, 142, 143};

#define HEADER_COUNT (sizeof header_tags / sizeof header_tags[0])

static bool is_written_first(int32_t tag)
{
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        if (header_tags[i] == tag) {
            return true;
        }
    }
    return tag == 8 || tag == 9 || tag == 10;
}

/* What a header field is unless it is listed; empty: there is none. The session's CompIDs and
 * SubIDs are seen from the other side. */
static struct rfx_bytes default_of(const struct rfx_peer *peer, const struct rfx_fields *fields,
                                   int32_t tag, char memory[64])
{
    const struct rfx_session_config *config = peer->profile->config;
    const struct rfx_listed *poss_dup = rfx_fields_find(fields, 43);
    switch (tag) {
    case 34: /* MsgSeqNum */
        snprintf(memory, 64, "%llu", (unsigned long long)peer->next_out);
        return text_bytes(memory);
    case 49: /* SenderCompID */
        return text_bytes(peer->comp_id);
    case 50: /* SenderSubID */
        return text_bytes(config->target_sub_id);
    case 122: /* OrigSendingTime */
        if (poss_dup == NULL || !rfx_bytes_equal(poss_dup->value, "Y", 1)) {
            return (struct rfx_bytes){0};
        }
        return rfx_bytes_of(memory,
                            rfx_utc_write(peer->test->now.utc_ns, peer->profile->decimals, memory));
    case 52: /* SendingTime */
        return rfx_bytes_of(memory,
                            rfx_utc_write(peer->test->now.utc_ns, peer->profile->decimals, memory));
    case 56: /* TargetCompID */
        return text_bytes(config->sender_comp_id);
    case 57: /* TargetSubID */
        return text_bytes(config->sender_sub_id);
    case 142: /* SenderLocationID */
        return text_bytes(config->target_location_id);
    case 143: /* TargetLocationID */
        return text_bytes(config->sender_location_id);
    default: /* MsgType and PossDupFlag are the caller's */
        return (struct rfx_bytes){0};
    }
}

static void put_header(const struct rfx_peer *peer, const struct rfx_fields *fields,
                       struct rfx_text *out)
{
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        char memory[64];
        const struct rfx_listed *listed = rfx_fields_find(fields, header_tags[i]);
        if (listed != NULL && !listed->is_absent) {
            put_field(out, listed->tag, listed->value);
        } else if (listed == NULL) {
            const struct rfx_bytes value = default_of(peer, fields, header_tags[i], memory);
            if (value.size > 0) {
                put_field(out, header_tags[i], value);
            }
        }
    }
}

/* Listed fields in their order: those of the header, or those of the body. */
static void put_listed(const struct rfx_fields *fields, bool is_header, struct rfx_text *out)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct rfx_listed *listed = &fields->items[i];
        const bool is_first = is_written_first(listed->tag);
        /* Twice the same tag of the header stays twice. */
        const bool is_taken = is_first && rfx_fields_find(fields, listed->tag) == listed;
        if (!listed->is_absent && !is_taken && rfx_is_header_tag(listed->tag) == is_header) {
            put_field(out, listed->tag, listed->value);
        }
    }
}

static void put_or_default(const struct rfx_fields *fields, int32_t tag, struct rfx_bytes value,
                           struct rfx_text *out)
{
    const struct rfx_listed *listed = rfx_fields_find(fields, tag);
    if (listed == NULL || !listed->is_absent) {
        put_field(out, tag, listed != NULL ? listed->value : value);
    }
}

static void make(const struct rfx_peer *peer, const struct rfx_fields *fields, struct rfx_text *out)
{
    struct rfx_text body = {0};
    char number[32];
    put_header(peer, fields, &body);
    put_listed(fields, true, &body);
    put_listed(fields, false, &body);
    put_or_default(fields, 8, text_bytes(peer->profile->config->begin_string), out);
    snprintf(number, sizeof number, "%zu", body.size);
    put_or_default(fields, 9, text_bytes(number), out);
    rfx_text_put(out, rfx_bytes_of(body.data, body.size));
    snprintf(number, sizeof number, "%03u", rfx_checksum(out->data, out->size));
    put_or_default(fields, 10, text_bytes(number), out);
    rfx_text_close(&body);
}

rfx_status rfx_peer_put(struct rfx_peer *peer, const struct rfx_fields *fields)
{
    struct rfx_text message = {0};
    const struct rfx_listed *type = rfx_fields_find(fields, 35);
    const struct rfx_listed *reset = rfx_fields_find(fields, 141);
    if (type == NULL) {
        return rfx_fail(&peer->test->error, RFX_E_INVALID, "a message without MsgType(35)");
    }
    const bool is_logon = rfx_bytes_equal(type->value, "A", 1);
    const bool has_number = rfx_fields_find(fields, 34) != NULL;
    if (is_logon && !has_number && reset != NULL && rfx_bytes_equal(reset->value, "Y", 1)) {
        peer->next_out = 1; /* what ResetSeqNumFlag(141) means */
    }
    peer->has_logged_out = peer->has_logged_out || rfx_bytes_equal(type->value, "5", 1);
    make(peer, fields, &message);
    if (!has_number) {
        rfx_peer_remember(peer, rfx_bytes_of(message.data, message.size), peer->next_out++);
    }
    rfx_peer_feed(peer, rfx_bytes_of(message.data, message.size));
    rfx_text_close(&message);
    return RFX_OK;
}

rfx_status rfx_peer_put_now(struct rfx_peer *peer, const struct rfx_fields *fields)
{
    rfx_test_run(peer->test);
    if (!peer->is_connected) {
        return rfx_fail(&peer->test->error, RFX_E_STATE, "%s is not connected%s%s", peer->comp_id,
                        peer->close_reason != RFX_REASON_NONE ? ": " : "",
                        peer->close_reason != RFX_REASON_NONE
                            ? rfx_disconnect_reason_text(peer->close_reason)
                            : "");
    }
    rfx_status status = rfx_peer_put(peer, fields);
    rfx_test_run(peer->test);
    return status;
}

void rfx_peer_put_text(struct rfx_peer *peer, const char *format, ...)
{
    struct rfx_fields fields = {0};
    va_list arguments;
    va_start(arguments, format);
    rfx_status status = rfx_fields_parse_list(&fields, format, arguments, NULL);
    va_end(arguments);
    RFX_ASSERT(status == RFX_OK);
    status = rfx_peer_put(peer, &fields);
    RFX_ASSERT(status == RFX_OK);
    rfx_fields_close(&fields);
}

rfx_status rfx_peer_send(struct rfx_peer *peer, const char *format, ...)
{
    struct rfx_fields fields = {0};
    va_list arguments;
    va_start(arguments, format);
    rfx_status status = rfx_fields_parse_list(&fields, format, arguments, &peer->test->error);
    va_end(arguments);
    if (status == RFX_OK) {
        status = rfx_peer_put_now(peer, &fields);
    }
    rfx_fields_close(&fields);
    return status;
}

rfx_status rfx_peer_send_fields(struct rfx_peer *peer, const struct rfx_field_view *fields,
                                size_t count)
{
    struct rfx_fields list = {0};
    for (size_t i = 0; i < count; i++) {
        rfx_fields_add(&list, fields[i].tag, fields[i].value);
    }
    rfx_status status = rfx_peer_put_now(peer, &list);
    rfx_fields_close(&list);
    return status;
}

rfx_status rfx_peer_send_bytes(struct rfx_peer *peer, struct rfx_bytes bytes)
{
    rfx_test_run(peer->test);
    if (!peer->is_connected) {
        return rfx_fail(&peer->test->error, RFX_E_STATE, "%s is not connected", peer->comp_id);
    }
    rfx_peer_feed(peer, bytes);
    rfx_test_run(peer->test);
    return RFX_OK;
}
