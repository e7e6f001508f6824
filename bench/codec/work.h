/* The pieces of work that are measured: the functions that the server calls for each message, on
 * every message of a stream. */
#ifndef BENCH_CODEC_WORK_H
#define BENCH_CODEC_WORK_H

#include "bench/codec/stream.h"
#include "core/encode.h"
#include "core/validate.h"

#define WORK_FIELDS_MAX RFX_FIELDS_MAX(SAMPLE_SIZE_MAX)

struct work {
    struct stream stream;
    struct rfx_rules rules;
    struct rfx_validate_scratch *scratch;
    struct rfx_field fields[WORK_FIELDS_MAX];
    uint64_t sink; /* so that nothing is left out */
    uint64_t random;

    /* The first message of the stream once more, as what an application writes. */
    struct rfx_identity identity;
    struct rfx_envelope envelope;
    struct rfx_field body[WORK_FIELDS_MAX]; /* of the message, the envelope's left out */
    uint32_t body_count;
    struct rfx_bytes body_bytes; /* the same as one piece */
    char identity_fields[64];
    char body_text[SAMPLE_SIZE_MAX];
    char space[SAMPLE_SIZE_MAX + RFX_ENVELOPE_MAX];
};

/* Does the work for `count` messages of the stream. False:
 * a message was refused, which no stream of ours should be. */
typedef bool work_run(struct work *work, uint64_t count);

struct work_kind {
    const char *name;
    work_run *run;
    bool is_written; /* about the first message alone */
};

enum {
    WORK_BYTES,
    WORK_FRAME,
    WORK_INDEX,
    WORK_HEADER,
    WORK_ALL,
    WORK_VALIDATED,
    WORK_ENVELOPE,
    WORK_FIELDS,
    WORK_COUNT
};
extern const struct work_kind work_kinds[WORK_COUNT];

/* The stream and the rules are set; prepares the rest. */
bool work_prepare(struct work *work);

#endif
