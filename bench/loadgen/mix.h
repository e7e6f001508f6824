/* A mix of messages to send, read from a file.
 *
 * A line is "weight: 35=D|55=ABC|54=1|..."; blank lines and those that begin with # are skipped.
 * A message is taken as often as its weight says. 35 comes first; the rest are fields of the
 * application in the order in which they are sent. ClOrdID(11), which names the answer, is put in
 * before them (behind fields of the header, which must be the first). Two values are written anew
 * for each message: {now}, a UTCTimestamp, and {previous}, the ClOrdID of the session's message
 * before.
 *
 * thread   one until it is read; then any, nothing changes */
#ifndef LOADGEN_MIX_H
#define LOADGEN_MIX_H

#include "ringfix/status.h"

#define MIX_LINES_MAX     64
#define MIX_FIELDS_MAX    200 /* of one line */
#define MIX_LINE_SIZE_MAX 8000
#define MIX_WEIGHT_MAX    1000000
#define MIX_FILE_SIZE_MAX (1 << 20)
#define MIX_TYPE_SIZE     8

enum mix_value { MIX_TEXT, MIX_NOW, MIX_PREVIOUS };

struct mix_field {
    int32_t tag;
    enum mix_value kind;
    struct rfx_bytes text; /* of MIX_TEXT */
};

struct mix_line {
    char msg_type[MIX_TYPE_SIZE];
    uint32_t weight;
    uint32_t number; /* of the line in its file, from 1 */
    uint32_t first;  /* its fields: an index into those of the mix */
    uint32_t count;
    uint32_t header_count; /* so many of them belong before ClOrdID */
};

struct mix {
    struct mix_line lines[MIX_LINES_MAX];
    uint32_t line_count;
    uint64_t weight; /* of all */
    struct mix_field *fields;
    uint32_t field_count;
    size_t size_max; /* bytes of the longest line */
    char *text;      /* what the values point into */
};

/* text       copied        file_name   for messages only
 * errors     RFX_E_INVALID: *error names the line; RFX_E_NOMEM */
rfx_status mix_parse(struct rfx_bytes text, const char *file_name, struct mix *mix,
                     struct rfx_error *error) RFX_MUST_CHECK;

/* The same from a file. errors also RFX_E_IO */
rfx_status mix_load(const char *path, struct mix *mix, struct rfx_error *error) RFX_MUST_CHECK;

/* Releases what was read; on one that is all zero it does nothing. */
void mix_free(struct mix *mix);

/* The index of the line for message `number` of a session: the same for the same pair, and by
 * their weights over many. */
uint32_t mix_pick(const struct mix *mix, uint32_t session, uint64_t number);

#endif
