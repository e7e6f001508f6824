/* What the application sent, read and compared. */
#include <string.h>

#include "io/test/test_internal.h"

static void put_shown(struct rfx_bytes value, struct rfx_text *out)
{
    for (size_t i = 0; i < value.size; i++) {
        const char c = value.data[i];
        rfx_text_put(out, rfx_bytes_of(c >= ' ' ? &c : "?", 1));
    }
}

/* "35=8|34=2|11=A-1": without what every message has. */
void rfx_test_show(const struct rfx_message *message, struct rfx_text *out)
{
    for (size_t i = 0; i < rfx_message_field_count(message); i++) {
        const struct rfx_field_view field = rfx_message_field_at(message, i);
        switch (field.tag) {
        case 8:  /* BeginString */
        case 9:  /* BodyLength */
        case 10: /* CheckSum */
        case 49: /* SenderCompID */
        case 52: /* SendingTime */
        case 56: /* TargetCompID */
            break;
        default: /* an open set */
            rfx_text_format(out, "%s%d=", out->size > 0 ? "|" : "", (int)field.tag);
            put_shown(field.value, out);
        }
    }
}

static rfx_status fail_about(struct rfx_peer *peer, const struct rfx_message *message,
                             const char *what)
{
    struct rfx_text shown = {0};
    rfx_test_show(message, &shown);
    rfx_status status = rfx_fail(&peer->test->error, RFX_E_INVALID, "%s sent %.350s: %s",
                                 peer->profile->config->sender_comp_id, shown.data, what);
    rfx_text_close(&shown);
    return status;
}

rfx_status rfx_peer_read(struct rfx_peer *peer, const struct rfx_message **message)
{
    rfx_test_run(peer->test);
    if (*peer->unread == NULL) {
        return rfx_fail(&peer->test->error, RFX_E_NOT_FOUND, "%s has sent %s no more messages",
                        peer->profile->config->sender_comp_id, peer->comp_id);
    }
    peer->read = *peer->unread;
    peer->unread = &peer->read->next;
    *message = &peer->read->message;
    return RFX_OK;
}

/* The index-th field with the tag, from 0. */
static bool find_nth(const struct rfx_message *message, int32_t tag, size_t index,
                     struct rfx_bytes *value)
{
    for (size_t i = 0; i < rfx_message_field_count(message); i++) {
        const struct rfx_field_view field = rfx_message_field_at(message, i);
        if (field.tag == tag && index-- == 0) {
            *value = field.value;
            return true;
        }
    }
    return false;
}

static size_t count_before(const struct rfx_fields *fields, size_t index)
{
    size_t count = 0;
    for (size_t i = 0; i < index; i++) {
        count += fields->items[i].tag == fields->items[index].tag;
    }
    return count;
}

/* Says in text what differs; true when nothing does. */
static bool compare(const struct rfx_message *message, const struct rfx_fields *fields,
                    struct rfx_text *difference)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct rfx_listed *wanted = &fields->items[i];
        struct rfx_bytes value = {.data = "", .size = 0};
        const bool is_there = find_nth(message, wanted->tag, count_before(fields, i), &value);
        const int size = (int)rfx_min_u64(wanted->value.size, 60);
        if (wanted->is_absent && is_there) {
            rfx_text_format(difference, "%d should not be there", (int)wanted->tag);
        } else if (!wanted->is_absent && !is_there) {
            rfx_text_format(difference, "%d is missing, expected \"%.*s\"", (int)wanted->tag, size,
                            wanted->value.data);
        } else if (!wanted->is_absent && !rfx_bytes_equal(wanted->value, "*", 1) &&
                   !rfx_bytes_equal(value, wanted->value.data, wanted->value.size)) {
            rfx_text_format(difference, "%d is \"", (int)wanted->tag);
            put_shown(rfx_bytes_of(value.data, rfx_min_u64(value.size, 60)), difference);
            rfx_text_format(difference, "\", expected \"%.*s\"", size, wanted->value.data);
        }
        if (difference->size > 0) {
            return false;
        }
    }
    return true;
}

static rfx_status expect(struct rfx_peer *peer, const struct rfx_fields *fields)
{
    const struct rfx_message *message = NULL;
    struct rfx_text difference = {0};
    rfx_status status = rfx_peer_read(peer, &message);
    if (status != RFX_OK) {
        return status;
    }
    if (!compare(message, fields, &difference)) {
        status = fail_about(peer, message, difference.data);
    }
    rfx_text_close(&difference);
    return status;
}

rfx_status rfx_peer_expect(struct rfx_peer *peer, const char *format, ...)
{
    struct rfx_fields fields = {0};
    va_list arguments;
    va_start(arguments, format);
    rfx_status status = rfx_fields_parse_list(&fields, format, arguments, &peer->test->error);
    va_end(arguments);
    if (status == RFX_OK) {
        status = expect(peer, &fields);
    }
    rfx_fields_close(&fields);
    return status;
}

rfx_status rfx_peer_expect_nothing(struct rfx_peer *peer)
{
    rfx_test_run(peer->test);
    if (*peer->unread == NULL) {
        return RFX_OK;
    }
    return fail_about(peer, &(*peer->unread)->message, "expected nothing");
}

const struct rfx_message *rfx_peer_last(const struct rfx_peer *peer)
{
    return peer->read != NULL ? &peer->read->message : NULL;
}
