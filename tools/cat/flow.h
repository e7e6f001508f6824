/* One direction of a TCP connection put together from its segments: in order, each byte once. */
#ifndef TOOLS_CAT_FLOW_H
#define TOOLS_CAT_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_HELD_MAX     (1u << 20) /* what may wait for what is missing before it */
#define FLOW_SEGMENT_COST 256        /* of it for each segment, beside its bytes */

/* What comes out. lost: so many bytes before this are missing from the capture; size may be 0 then.
 */
typedef void flow_take(void *context, const char *data, size_t size, uint32_t lost);

struct flow_held;

struct flow {
    uint32_t next; /* sequence number of the byte that is due */
    bool has_begun;
    struct flow_held *held; /* beyond a gap, by their numbers */
    struct flow_held *last;
    size_t held_size;
    flow_take *take;
    void *context;
};

void flow_open(struct flow *flow, flow_take *take, void *context);

/* A segment. False: out of memory, what it has is lost. */
bool flow_add(struct flow *flow, uint32_t seq, bool is_syn, const char *data, size_t size);

/* Nothing comes any more: what is held comes out, gaps and all. */
void flow_end(struct flow *flow);

#endif
