#include "journal/gather.h"

#include <stdlib.h>
#include <string.h>

void rfx_gather_clear(struct rfx_gather *gather)
{
    if (gather->buckets != NULL) {
        memset(gather->buckets, 0, gather->bucket_count * sizeof *gather->buckets);
    }
    gather->op_count = 0;
    gather->session_count = 0;
    gather->size = 0;
}

void rfx_gather_close(struct rfx_gather *gather)
{
    free(gather->ops);
    free(gather->sessions);
    free(gather->buckets);
    memset(gather, 0, sizeof *gather);
}

static bool grow_ops(struct rfx_gather *gather, size_t count)
{
    size_t capacity = gather->op_capacity == 0 ? 1024 : gather->op_capacity;
    while (capacity < count) {
        capacity *= 2;
    }
    struct rfx_gathered *ops = realloc(gather->ops, capacity * sizeof *ops);
    if (ops == NULL) {
        return false;
    }
    gather->ops = ops;
    gather->op_capacity = capacity;
    return true;
}

/* The bucket of a session, or the free one where it goes. */
static uint32_t *find_bucket(const struct rfx_gather *gather, uint32_t number)
{
    const size_t mask = gather->bucket_count - 1;
    size_t index = number * UINT64_C(0x9e3779b97f4a7c15) >> 32 & mask;
    while (gather->buckets[index] != 0 &&
           gather->sessions[gather->buckets[index] - 1].number != number) {
        index = (index + 1) & mask;
    }
    return &gather->buckets[index];
}

static bool grow_sessions(struct rfx_gather *gather)
{
    const size_t capacity = gather->session_capacity == 0 ? 64 : 2 * gather->session_capacity;
    struct rfx_gather_session *sessions = realloc(gather->sessions, capacity * sizeof *sessions);
    if (sessions == NULL) {
        return false;
    }
    gather->sessions = sessions;
    uint32_t *buckets = calloc(2 * capacity, sizeof *buckets);
    if (buckets == NULL) {
        return false;
    }
    free(gather->buckets);
    gather->buckets = buckets;
    gather->bucket_count = 2 * capacity;
    gather->session_capacity = capacity;
    for (size_t i = 0; i < gather->session_count; i++) {
        *find_bucket(gather, sessions[i].number) = (uint32_t)i + 1;
    }
    return true;
}

static struct rfx_gather_session *session_of(struct rfx_gather *gather, uint32_t number)
{
    if (gather->session_count == gather->session_capacity && !grow_sessions(gather)) {
        return NULL;
    }
    uint32_t *bucket = find_bucket(gather, number);
    if (*bucket == 0) {
        gather->sessions[gather->session_count++] = (struct rfx_gather_session){.number = number};
        *bucket = (uint32_t)gather->session_count;
    }
    return &gather->sessions[*bucket - 1];
}

rfx_status rfx_gather_add(struct rfx_gather *gather, const struct rfx_tail_batch *batch)
{
    gather->size += batch->size;
    if (gather->op_count + batch->op_count > gather->op_capacity &&
        !grow_ops(gather, gather->op_count + batch->op_count)) {
        return RFX_E_NOMEM;
    }
    const struct rfx_tail_op *op = rfx_tail_first_op(batch);
    for (uint32_t i = 0; i < batch->op_count; i++) {
        struct rfx_gather_session *session = session_of(gather, op->session);
        if (session == NULL) {
            return RFX_E_NOMEM;
        }
        gather->ops[gather->op_count++] = (struct rfx_gathered){.op = op, .utc_ns = batch->utc_ns};
        const uint32_t place = (uint32_t)gather->op_count;
        if (session->first == 0) {
            session->first = place;
        } else {
            gather->ops[session->last - 1].next = place;
        }
        session->last = place;
        op = rfx_tail_next_op(op);
    }
    return RFX_OK;
}

static int compare_numbers(const void *left, const void *right)
{
    const struct rfx_gather_session *a = left;
    const struct rfx_gather_session *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

void rfx_gather_sort(struct rfx_gather *gather)
{
    if (gather->session_count > 0) {
        qsort(gather->sessions, gather->session_count, sizeof *gather->sessions, compare_numbers);
    }
}
