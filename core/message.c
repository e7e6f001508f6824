#include "core/message.h"

#include <string.h>

#include "core/timestamp.h"

#define TRAILER_SIZE 7 /* 10=nnn and SOH: no data field reaches into it */

/* Length fields and the data fields they announce, by length field. */
static const struct {
    int32_t length;
    int32_t data;
} data_pairs[] = {
    {90, 91},       {93, 89},       {95, 96},       {212, 213},     {348, 349},     {350, 351},
    {352, 353},     {354, 355},     {356, 357},     {358, 359},     {360, 361},     {362, 363},
    {364, 365},     {445, 446},     {618, 619},     {621, 622},     {1184, 1185},   {1277, 1278},
    {1280, 1281},   {1282, 1283},   {1397, 1398},   {1401, 1402},   {1403, 1404},   {1468, 1469},
    {1525, 1527},   {1578, 1579},   {1620, 1621},   {1664, 1665},   {1678, 1697},   {1733, 1734},
    {1871, 1872},   {1874, 1875},   {2072, 2073},   {2074, 2075},   {2111, 2112},   {2179, 2180},
    {2287, 2288},   {2351, 2352},   {2372, 2371},   {2481, 2482},   {2494, 2493},   {2522, 2521},
    {2637, 2638},   {2651, 2652},   {2665, 2666},   {2715, 2716},   {2718, 2719},   {2721, 2722},
    {2797, 2798},   {2802, 2801},   {2809, 2808},   {2815, 2814},   {40004, 40005}, {40008, 40009},
    {40978, 40979}, {40980, 40981}, {40982, 40983}, {40984, 40985}, {40986, 40987}, {40988, 40989},
    {41083, 41084}, {41101, 41102}, {41107, 41108}, {41256, 41257}, {41320, 41321}, {41324, 41325},
    {41458, 41459}, {41476, 41477}, {41482, 41483}, {41653, 41654}, {41710, 41711}, {41806, 41807},
    {41811, 41812}, {41969, 41970}, {42025, 42026}, {42171, 42172}, {42451, 42452}, {42652, 42653},
    {42947, 42948}, {43109, 42684}, {43110, 42486}, {43111, 42982},
};

int32_t rfx_data_tag_of(int32_t length_tag)
{
    /* Nearly every field asks; nearly every tag is settled by these two comparisons. */
    if (length_tag < 90 || (length_tag > 364 && length_tag < 445)) {
        return 0;
    }
    size_t low = 0;
    size_t high = sizeof data_pairs / sizeof data_pairs[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (data_pairs[middle].length < length_tag) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found =
        low < sizeof data_pairs / sizeof data_pairs[0] && data_pairs[low].length == length_tag;
    return found ? data_pairs[low].data : 0;
}

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

/* Reads the tag that starts at offset and must end with '='. Returns the offset of the value, or
 * 0 when this is no tag. A leading '-' is read so that a Reject can name such a tag. */
static size_t read_tag(const char *data, size_t size, size_t offset, int32_t *tag)
{
    size_t i = offset;
    bool negative = i < size && data[i] == '-';
    i += negative;
    size_t digits_from = i;
    int32_t number = 0;
    while (i < size && i - digits_from < 9) {
        unsigned digit = (unsigned)(unsigned char)data[i] - '0';
        if (digit > 9) {
            break;
        }
        number = number * 10 + (int32_t)digit;
        i++;
    }
    if (i == digits_from || i >= size || data[i] != '=') {
        return 0;
    }
    *tag = negative ? -number : number;
    return i + 1;
}

void rfx_message_index(const char *data, size_t size, struct rfx_field *fields,
                       struct rfx_message *message)
{
    uint32_t count = 0;
    int32_t malformed_index = -1;
    int32_t data_tag = 0;
    uint64_t data_size = 0;
    for (size_t offset = 0; offset < size;) {
        struct rfx_field *field = &fields[count];
        size_t value = read_tag(data, size, offset, &field->tag);
        bool bad = value == 0;
        if (bad) {
            field->tag = RFX_TAG_MALFORMED;
            value = offset;
        }
        const char *end = NULL;
        if (data_tag != 0 && field->tag == data_tag) {
            /* A data field is as long as its length field said, SOH or not. */
            bool is_within = size > value + TRAILER_SIZE && data_size < size - value - TRAILER_SIZE;
            if (is_within && data[value + data_size] == RFX_SOH) {
                end = data + value + data_size;
            } else {
                bad = true;
            }
        }
        if (end == NULL) {
            end = memchr(data + value, RFX_SOH, size - value);
            if (end == NULL) {
                end = data + size; /* not reached by a framed message: it ends with SOH */
            }
        }
        field->offset = (uint32_t)value;
        field->size = (uint32_t)((size_t)(end - data) - value);
        data_tag = rfx_data_tag_of(field->tag);
        if (data_tag != 0 && !rfx_read_uint(rfx_bytes_of(data + value, field->size), &data_size)) {
            data_tag = 0; /* left to whoever reads the length as a number */
        }
        count++;
        if (bad) {
            if (malformed_index >= 0) {
                break;
            }
            malformed_index = (int32_t)count - 1;
        }
        offset = (size_t)(end - data) + 1;
    }
    message->data = data;
    message->size = (uint32_t)size;
    message->fields = fields;
    message->field_count = count;
    message->malformed_index = malformed_index;
    message->rules = NULL;
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

struct rfx_bytes rfx_message_type(const struct rfx_message *message)
{
    return rfx_field_value(message, 2); /* framing made MsgType(35) the third field */
}

bool rfx_message_is(const struct rfx_message *message, const char *msg_type)
{
    return rfx_bytes_equal(rfx_message_type(message), msg_type, strlen(msg_type));
}

struct rfx_bytes rfx_message_raw(const struct rfx_message *message)
{
    return rfx_bytes_of(message->data, message->size);
}

size_t rfx_message_field_count(const struct rfx_message *message)
{
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
    rfx_status status = rfx_message_get(message, tag, &text);
    if (status != RFX_OK) {
        return status;
    }
    bool negative = text.size > 0 && text.data[0] == '-';
    uint64_t number = 0;
    if (rfx_bytes_equal(text, "-9223372036854775808", 20)) {
        *value = INT64_MIN; /* its magnitude alone does not fit */
        return RFX_OK;
    }
    if (!rfx_read_uint(rfx_bytes_of(text.data + negative, text.size - negative), &number)) {
        return RFX_E_INVALID;
    }
    *value = negative ? -(int64_t)number : (int64_t)number;
    return RFX_OK;
}

rfx_status rfx_message_get_char(const struct rfx_message *message, int32_t tag, char *value)
{
    struct rfx_bytes text;
    rfx_status status = rfx_message_get(message, tag, &text);
    if (status != RFX_OK) {
        return status;
    }
    if (text.size != 1) {
        return RFX_E_INVALID;
    }
    *value = text.data[0];
    return RFX_OK;
}

rfx_status rfx_message_get_utc(const struct rfx_message *message, int32_t tag, int64_t *utc_ns)
{
    struct rfx_bytes text;
    rfx_status status = rfx_message_get(message, tag, &text);
    if (status != RFX_OK) {
        return status;
    }
    return rfx_utc_read(text, utc_ns) ? RFX_OK : RFX_E_INVALID;
}
