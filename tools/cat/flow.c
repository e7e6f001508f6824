#include "tools/cat/flow.h"

#include <stdlib.h>
#include <string.h>

struct flow_held {
    struct flow_held *next;
    uint32_t seq;
    uint32_t size;
    char data[];
};

/* Numbers wrap around. */
static int32_t distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

void flow_open(struct flow *flow, flow_take *take, void *context)
{
    *flow = (struct flow){.take = take, .context = context};
}

/* Hands on what is new of bytes that begin at or before what is due. */
static void advance(struct flow *flow, uint32_t seq, const char *data, size_t size)
{
    const uint32_t known = flow->next - seq;
    if (known < size) {
        flow->take(flow->context, data + known, size - known, 0);
        flow->next = seq + (uint32_t)size;
    }
}

static void release_first(struct flow *flow)
{
    struct flow_held *first = flow->held;
    flow->held = first->next;
    if (flow->held == NULL) {
        flow->last = NULL;
    }
    flow->held_size -= first->size + FLOW_SEGMENT_COST;
    free(first);
}

/* What has been held and is due by now. */
static void go_on(struct flow *flow)
{
    while (flow->held != NULL && distance(flow->next, flow->held->seq) <= 0) {
        advance(flow, flow->held->seq, flow->held->data, flow->held->size);
        release_first(flow);
    }
}

/* Gives up waiting for what is missing before the first that is held. */
static void skip_gap(struct flow *flow)
{
    const uint32_t lost = flow->held->seq - flow->next;
    flow->next = flow->held->seq;
    flow->take(flow->context, NULL, 0, lost);
    go_on(flow);
}

static bool hold(struct flow *flow, uint32_t seq, const char *data, size_t size)
{
    struct flow_held *held = malloc(sizeof *held + size);
    if (held == NULL) {
        return false;
    }
    held->seq = seq;
    held->size = (uint32_t)size;
    memcpy(held->data, data, size);
    /* Nearly always it is the last one by now. */
    const bool is_last = flow->last != NULL && distance(flow->last->seq, seq) >= 0;
    struct flow_held **place = is_last ? &flow->last->next : &flow->held;
    while (*place != NULL && distance((*place)->seq, seq) >= 0) {
        place = &(*place)->next;
    }
    held->next = *place;
    *place = held;
    if (held->next == NULL) {
        flow->last = held;
    }
    flow->held_size += size + FLOW_SEGMENT_COST;
    while (flow->held_size > FLOW_HELD_MAX) {
        skip_gap(flow);
    }
    return true;
}

bool flow_add(struct flow *flow, uint32_t seq, bool is_syn, const char *data, size_t size)
{
    if (is_syn) {
        flow_end(flow); /* the ports are used again */
        flow->next = ++seq;
        flow->has_begun = true;
    }
    if (!flow->has_begun && size > 0) {
        flow->next = seq; /* the capture began later */
        flow->has_begun = true;
    }
    if (size == 0) {
        return true;
    }
    if (distance(flow->next, seq) > 0) {
        return hold(flow, seq, data, size);
    }
    advance(flow, seq, data, size);
    go_on(flow);
    return true;
}

void flow_end(struct flow *flow)
{
    while (flow->held != NULL) {
        skip_gap(flow);
    }
}
