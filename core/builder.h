/* The builder behind ringfix/builder.h: a writer that knows what has been written already.
 *
 * thread   one at a time */
#ifndef RFX_CORE_BUILDER_H
#define RFX_CORE_BUILDER_H

#include "core/encode.h"
#include "ringfix/builder.h"
#include "ringfix/config.h"

#define RFX_BUILDER_SEEN 8 /* words of 64 bits: no more than is cleared at once */

/* The top level of a message, or the present entry of a group. */
struct rfx_builder_level {
    int32_t counter_tag;
    uint32_t count;                  /* of entries that there are to be */
    uint32_t entries;                /* begun */
    int32_t first_tag;               /* of each entry; 0: not known yet */
    uint32_t tags_from;              /* its first in builder->tags */
    bool is_empty;                   /* the entry has no field yet */
    uint64_t seen[RFX_BUILDER_SEEN]; /* bit tag % 512: perhaps among them */
};

struct rfx_hosted;

struct rfx_builder {
    struct rfx_writer writer;                /* writer.failed as soon as there is a problem */
    const struct rfx_session_config *config; /* whose header fields are taken; NULL: nobody's */
    const char *problem;                     /* NULL: none */
    int32_t problem_tag;
    bool has_header; /* a field of the header was put */
    bool has_body;   /* and one of the body */
    uint32_t depth;  /* of levels, 0: not in a group */
    uint32_t tag_count;
    struct rfx_builder_level levels[RFX_GROUP_DEPTH_MAX + 1];
    int32_t tags[RFX_BUILDER_FIELDS_MAX];
    /* Of a message that a shard sends. */
    struct rfx_hosted *owner; /* NULL: not open */
    uint64_t serial;          /* of the messages that the shard has begun */
    size_t arena_mark;        /* to tell a stale builder */
    uint64_t seq_num;
};

/* Makes it ready for fields; the writer is the caller's to begin. */
void rfx_builder_begin(struct rfx_builder *builder, const struct rfx_session_config *config);

/* Fields that somebody else puts at the same level. */
void rfx_builder_take(struct rfx_builder *builder, const int32_t *tags, size_t count);

/* Whether what was put is whole; to be asked once all fields are there. */
bool rfx_builder_is_good(struct rfx_builder *builder);

#endif
