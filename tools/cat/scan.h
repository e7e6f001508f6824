/* Messages in any bytes: raw streams, and logs with anything around them. */
#ifndef TOOLS_CAT_SCAN_H
#define TOOLS_CAT_SCAN_H

#include "ringfix/codec.h"

#define SCAN_SIZE_MAX (4u << 20) /* of a message */

enum scan_result {
    SCAN_MORE,    /* nothing whole: add more, or end */
    SCAN_TEXT,    /* what stood between messages, without the newline behind it */
    SCAN_MESSAGE, /* one as it should be framed */
    SCAN_DAMAGED, /* what begins as one, and is not */
};

/* What was found; valid until the next call. */
struct scan_piece {
    struct rfx_bytes bytes;            /* of a message: its fields, each ended by SOH */
    const struct rfx_message *message; /* of SCAN_MESSAGE */
    char problem[80];                  /* of SCAN_DAMAGED: what is wrong */
    bool is_prefix;                    /* of SCAN_TEXT: a message stands behind it in its line */
};

struct scanner;

/* NULL when memory is out. codec is borrowed; its messages are at most SCAN_SIZE_MAX. */
struct scanner *scan_open(struct rfx_codec *codec);
void scan_close(struct scanner *scanner);

/* False: out of memory. */
bool scan_add(struct scanner *scanner, const char *data, size_t size);

/* is_end  nothing more comes: what is left is taken as it is */
enum scan_result scan_next(struct scanner *scanner, bool is_end, struct scan_piece *piece);

/* Walks over the fields of a message's bytes, data fields by the length in front of them. */
struct scan_fields {
    struct rfx_bytes bytes;
    size_t position; /* 0 at first */
    int32_t data_tag;
    size_t data_size;
};

/* False: there is none. What has no tag comes as tag 0, up to the next SOH. */
bool scan_next_field(struct scan_fields *fields, int32_t *tag, struct rfx_bytes *value);

#endif
