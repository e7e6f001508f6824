/* The pieces of work that are measured: the functions that the server calls for each message, on
 * every message of a stream. */
#ifndef BENCH_CODEC_WORK_H
#define BENCH_CODEC_WORK_H

#include "bench/codec/stream.h"
#include "core/builder.h"
#include "core/validate.h"

#define WORK_FIELDS_MAX RFX_FIELDS_MAX(SAMPLE_SIZE_MAX)

/* One call of the builder. */
enum part_type { PART_FIELD, PART_GROUP, PART_ENTRY, PART_END };

struct part {
    enum part_type type;
    int32_t tag;
    uint32_t offset; /* FIELD: of the value in the stream */
    uint32_t size;   /* FIELD: of the value; GROUP: how many entries */
};

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
    struct rfx_builder builder;
    struct part body[2 * WORK_FIELDS_MAX]; /* of the message, the envelope's left out */
    uint32_t body_count;
    struct rfx_builder *prepared; /* the same, made beforehand */
    char identity_fields[64];
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
    WORK_PREPARED,
    WORK_FIELDS,
    WORK_COUNT
};
extern const struct work_kind work_kinds[WORK_COUNT];

/* The stream and the rules are set; prepares the rest. */
bool work_prepare(struct work *work);
void work_release(struct work *work);

#endif
