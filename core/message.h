/* The field index of a message, and what the session layer reads from its header. */
#ifndef RFX_CORE_MESSAGE_H
#define RFX_CORE_MESSAGE_H

#include "core/base.h"
#include "ringfix/message.h"

/* A field whose tag is not a number; its value is the whole text between the SOHs. */
#define RFX_TAG_MALFORMED INT32_MIN

/* Offset and size of a value within the message. */
struct rfx_field {
    int32_t tag;
    uint32_t offset;
    uint32_t size;
};

struct rfx_rules;

struct rfx_message {
    const char *data;
    const struct rfx_field *fields; /* in the order of the wire, 8= and 10= included */
    uint32_t size;
    uint32_t field_count;
    /* What makes the message unacceptable as a whole although it was framed well: the index of
     * the first field whose tag is no number or whose data field is not as long as said. */
    int32_t malformed_index; /* -1: none */
    /* What tells where groups end; set by the shard, NULL for a message of nobody's. */
    const struct rfx_rules *rules;
};

/* How many fields a message of that many bytes can have at most: "1=" and SOH each, and one
 * malformed field may be shorter. */
#define RFX_FIELDS_MAX(message_size) ((message_size) / 3 + 2)

/* Indexes a framed message in place. Indexing ends at the second malformed field.
 *
 * data     a complete message as rfx_frame() reported it; message->data points into it
 * fields   room for RFX_FIELDS_MAX(size) entries; message->fields points to it */
void rfx_message_index(const char *data, size_t size, struct rfx_field *fields,
                       struct rfx_message *message);

/* Whether the tag is a data field (see rfx_data_tag_of()). */
bool rfx_is_data_tag(int32_t tag);

/* True for tags of the standard header. */
bool rfx_is_header_tag(int32_t tag);

/* Index of the first field with the tag, -1 when there is none. */
int32_t rfx_message_find(const struct rfx_message *message, int32_t tag);

static inline struct rfx_bytes rfx_field_value(const struct rfx_message *message, int32_t index)
{
    const struct rfx_field *field = &message->fields[index];
    return rfx_bytes_of(message->data + field->offset, field->size);
}

static inline bool rfx_bytes_equal(struct rfx_bytes bytes, const char *text, size_t size)
{
    return bytes.size == size && __builtin_memcmp(bytes.data, text, size) == 0;
}

/* True for messages of the session layer: Heartbeat, TestRequest, ResendRequest, Reject,
 * SequenceReset, Logout, Logon. */
bool rfx_message_is_admin(const struct rfx_message *message);

/* Header fields as the session layer needs them. A field that is absent has data NULL. */
struct rfx_header {
    struct rfx_bytes begin_string;      /* BeginString(8) */
    struct rfx_bytes msg_type;          /* MsgType(35) */
    struct rfx_bytes sender_comp_id;    /* SenderCompID(49) */
    struct rfx_bytes target_comp_id;    /* TargetCompID(56) */
    struct rfx_bytes msg_seq_num;       /* MsgSeqNum(34) */
    struct rfx_bytes sending_time;      /* SendingTime(52) */
    struct rfx_bytes orig_sending_time; /* OrigSendingTime(122) */
    bool poss_dup;                      /* PossDupFlag(43) is Y */
};

void rfx_header_read(const struct rfx_message *message, struct rfx_header *header);

/* An unsigned number of digits alone; false when it is none or above INT64_MAX. */
bool rfx_read_uint(struct rfx_bytes text, uint64_t *value);

#endif
