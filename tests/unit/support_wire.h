/* FIX messages from and to text that a test can show. */
#ifndef RFX_TESTS_SUPPORT_WIRE_H
#define RFX_TESTS_SUPPORT_WIRE_H

#include "core/base.h"

/* Who writes a message, and what its header says where the text says nothing. */
struct wire_peer {
    const char *begin_string;
    const char *sender_comp_id;
    const char *target_comp_id;
    uint64_t seq_num;
    int64_t utc_ns;
};

/* Writes a whole message from a text such as "35=D|34=2|11=X". Header fields are filled in
 * unless given; "!49" leaves SenderCompID out. In a value '@' followed by seconds is a time from
 * now ("52=@-121", "122=@0"), and '^' stands for SOH. Returns the message's size. */
size_t wire_from_text(const struct wire_peer *peer, const char *text, char *out, size_t size);

/* Writes "Logon seq=1 98=0 108=30" for a message of `size` bytes: without the header but for
 * MsgSeqNum and PossDupFlag; timestamps as seconds since utc_ns. */
void wire_to_text(const char *data, size_t size, int64_t utc_ns, char *out, size_t out_size);

const char *wire_type_name(struct rfx_bytes msg_type);

/* Text that grows in the caller's memory, always NUL-terminated; outgrowing it fails the test. */
struct text {
    char *data;
    size_t size;
    size_t size_max;
};

void text_put(struct text *out, const char *data, size_t size);
void text_put_string(struct text *out, const char *string);

/* Appends " 98=0", or " seq=1" for MsgSeqNum. */
void wire_put_field(struct text *out, int32_t tag, struct rfx_bytes value, int64_t utc_ns);

/* The fields of such a text: where one ends, where the next one starts, and the one of a tag
 * ("49=X" or "!49"), NULL when there is none. */
const char *wire_token_end(const char *token);
const char *wire_next_token(const char *token);
const char *wire_find_token(const char *text, int tag);

#endif
