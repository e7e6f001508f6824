#include "core/message.h"

#include <string.h>

bool rfx_read_uint(struct rfx_bytes text, uint64_t *value)
{
    uint64_t number = 0;
    if (text.size == 0) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';
        if (digit > 9 || number > ((uint64_t)INT64_MAX - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

bool rfx_is_header_tag(int32_t tag)
{
    switch (tag) {
    case 8:    /* BeginString */
    case 9:    /* BodyLength */
    case 34:   /* MsgSeqNum */
    case 35:   /* MsgType */
    case 43:   /* PossDupFlag */
    case 49:   /* SenderCompID */
    case 50:   /* SenderSubID */
    case 52:   /* SendingTime */
    case 56:   /* TargetCompID */
    case 57:   /* TargetSubID */
    case 90:   /* SecureDataLen */
    case 91:   /* SecureData */
    case 97:   /* PossResend */
    case 115:  /* OnBehalfOfCompID */
    case 116:  /* OnBehalfOfSubID */
    case 122:  /* OrigSendingTime */
    case 128:  /* DeliverToCompID */
    case 129:  /* DeliverToSubID */
    case 142:  /* SenderLocationID */
    case 143:  /* TargetLocationID */
    case 144:  /* OnBehalfOfLocationID */
    case 145:  /* DeliverToLocationID */
    case 212:  /* XmlDataLen */
    case 213:  /* XmlData */
    case 347:  /* MessageEncoding */
    case 369:  /* LastMsgSeqNumProcessed */
    case 370:  /* OnBehalfOfSendingTime */
    case 627:  /* NoHops */
    case 628:  /* HopCompID */
    case 629:  /* HopSendingTime */
    case 630:  /* HopRefID */
    case 1128: /* ApplVerID */
    case 1129: /* CstmApplVerID */
    case 1156: /* ApplExtID */
        return true;
    default: /* an open set: any other tag */
        return false;
    }
}

void rfx_header_read(const struct rfx_message *message, struct rfx_header *header)
{
    *header = (struct rfx_header){0};
    for (uint32_t i = 0; i < message->field_count; i++) {
        struct rfx_bytes value = rfx_field_value(message, (int32_t)i);
        struct rfx_bytes *slot = NULL;
        switch (message->fields[i].tag) {
        case 8:
            slot = &header->begin_string;
            break;
        case 35:
            slot = &header->msg_type;
            break;
        case 49:
            slot = &header->sender_comp_id;
            break;
        case 56:
            slot = &header->target_comp_id;
            break;
        case 34:
            slot = &header->msg_seq_num;
            break;
        case 52:
            slot = &header->sending_time;
            break;
        case 122:
            slot = &header->orig_sending_time;
            break;
        case 43:
            header->poss_dup = value.size == 1 && value.data[0] == 'Y';
            break;
        default:
            /* The body begins: done, unless the counterparty mixed the two. */
            if (header->msg_seq_num.data != NULL && header->sender_comp_id.data != NULL &&
                header->target_comp_id.data != NULL && header->sending_time.data != NULL &&
                !rfx_is_header_tag(message->fields[i].tag)) {
                return;
            }
            break;
        }
        if (slot != NULL && slot->data == NULL) {
            *slot = value;
        }
    }
}

bool rfx_message_is_admin(const struct rfx_message *message)
{
    struct rfx_bytes type = rfx_message_type(message);
    return type.size == 1 && memchr("012345A", type.data[0], 7) != NULL;
}

int32_t rfx_message_find(const struct rfx_message *message, int32_t tag)
{
    for (uint32_t i = 0; i < message->field_count; i++) {
        if (message->fields[i].tag == tag) {
            return (int32_t)i;
        }
    }
    return -1;
}

/* ------------------------------------------------------------------------- the public side */

/* What a callback was given is nobody's once it has returned. */
static inline void require_valid(const struct rfx_message *message)
{
    if (RFX_UNLIKELY(message->data == NULL)) {
        rfx_misused("a message", "is used after the callback that got it has returned");
    }
}

struct rfx_bytes rfx_message_type(const struct rfx_message *message)
{
    require_valid(message);
    return rfx_field_value(message, 2); /* framing made MsgType(35) the third field */
}

bool rfx_message_is(const struct rfx_message *message, const char *msg_type)
{
    return rfx_bytes_equal(rfx_message_type(message), msg_type, strlen(msg_type));
}

struct rfx_bytes rfx_message_raw(const struct rfx_message *message)
{
    require_valid(message);
    return rfx_bytes_of(message->data, message->size);
}

size_t rfx_message_field_count(const struct rfx_message *message)
{
    require_valid(message);
    return message->field_count;
}

struct rfx_field_view rfx_message_field_at(const struct rfx_message *message, size_t index)
{
    RFX_ASSERT(index < message->field_count);
    return (struct rfx_field_view){.tag = message->fields[index].tag,
                                   .value = rfx_field_value(message, (int32_t)index)};
}

rfx_status rfx_message_get(const struct rfx_message *message, int32_t tag, struct rfx_bytes *value)
{
    require_valid(message);
    int32_t index = rfx_message_find(message, tag);
    if (index < 0) {
        return RFX_E_NOT_FOUND;
    }
    *value = rfx_field_value(message, index);
    return RFX_OK;
}

rfx_status rfx_message_get_int(const struct rfx_message *message, int32_t tag, int64_t *value)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_message_get(message, tag, &text);
    return status == RFX_OK ? rfx_value_int(text, value) : status;
}

rfx_status rfx_message_get_decimal(const struct rfx_message *message, int32_t tag,
                                   struct rfx_decimal *value)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_message_get(message, tag, &text);
    return status == RFX_OK ? rfx_value_decimal(text, value) : status;
}

rfx_status rfx_message_get_char(const struct rfx_message *message, int32_t tag, char *value)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_message_get(message, tag, &text);
    return status == RFX_OK ? rfx_value_char(text, value) : status;
}

rfx_status rfx_message_get_bool(const struct rfx_message *message, int32_t tag, bool *value)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_message_get(message, tag, &text);
    return status == RFX_OK ? rfx_value_bool(text, value) : status;
}

rfx_status rfx_message_get_utc(const struct rfx_message *message, int32_t tag, int64_t *utc_ns)
{
    struct rfx_bytes text;
    const rfx_status status = rfx_message_get(message, tag, &text);
    return status == RFX_OK ? rfx_value_utc(text, utc_ns) : status;
}
