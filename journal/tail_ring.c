/* Batches in the ring of a tail: how they are appended and how they are known. */
#include <string.h>

#include "journal/crc.h"
#include "journal/tail.h"

/* Without ops the bytes behind the header are what an earlier lap has left. */
static uint32_t batch_crc(const struct rfx_tail *tail, const struct rfx_tail_batch *batch)
{
    const uint32_t crc = rfx_crc(tail->salt, batch, offsetof(struct rfx_tail_batch, crc));
    return batch->op_count == 0 ? crc : rfx_crc(crc, batch + 1, batch->size - sizeof *batch);
}

static struct rfx_tail_batch *at(const struct rfx_tail *tail, uint64_t position)
{
    return (struct rfx_tail_batch *)(void *)(tail->ring + position % tail->size);
}

/* How many bytes lie between a position and the ring's end. */
static uint64_t lap_rest(const struct rfx_tail *tail, uint64_t position)
{
    return tail->size - position % tail->size;
}

uint64_t rfx_tail_room(struct rfx_tail *tail)
{
    const uint64_t moved = atomic_load_explicit(&tail->moved, memory_order_acquire);
    return tail->size - (tail->end - moved);
}

static void seal(struct rfx_tail *tail, struct rfx_tail_batch *batch, uint64_t size)
{
    batch->position = tail->end;
    batch->size = (uint32_t)size;
    batch->reserved = 0;
    batch->crc = batch_crc(tail, batch);
    tail->end += size;
}

struct rfx_tail_batch *rfx_tail_reserve(struct rfx_tail *tail, uint64_t size)
{
    RFX_ASSERT(size % RFX_TAIL_ALIGN == 0 && size <= UINT32_MAX);
    const uint64_t rest = lap_rest(tail, tail->end);
    const uint64_t filler = size > rest ? rest : 0;
    if (rfx_tail_room(tail) < filler + size || size > tail->size) {
        return NULL;
    }
    if (filler > 0) {
        struct rfx_tail_batch *batch = at(tail, tail->end);
        batch->utc_ns = 0;
        batch->op_count = 0;
        seal(tail, batch, filler);
    }
    return at(tail, tail->end);
}

void rfx_tail_commit(struct rfx_tail *tail, struct rfx_tail_batch *batch, uint64_t size)
{
    RFX_ASSERT(batch == at(tail, tail->end) && batch->op_count > 0);
    seal(tail, batch, size);
    atomic_store_explicit(&tail->published, tail->end, memory_order_release);
}

const struct rfx_tail_batch *rfx_tail_batch_at(const struct rfx_tail *tail, uint64_t position)
{
    const struct rfx_tail_batch *batch = at(tail, position);
    RFX_ASSERT(batch->position == position);
    return batch;
}

/* The sum was right, so this asks what the program has written. */
static bool has_good_ops(const struct rfx_tail_batch *batch)
{
    uint64_t left = batch->size - sizeof *batch;
    const struct rfx_tail_op *op = rfx_tail_first_op(batch);
    for (uint32_t i = 0; i < batch->op_count; i++) {
        if (left < sizeof *op || rfx_tail_op_size(op->size) > left || op->type < RFX_TAIL_CREATE ||
            op->type > RFX_TAIL_RESET || op->session < 1 || op->id < 1) {
            return false;
        }
        left -= rfx_tail_op_size(op->size);
        op = rfx_tail_next_op(op);
    }
    return left < RFX_TAIL_ALIGN;
}

const struct rfx_tail_batch *rfx_tail_check(const struct rfx_tail *tail, uint64_t position)
{
    const struct rfx_tail_batch *batch = at(tail, position);
    if (batch->position != position || batch->size < sizeof *batch ||
        batch->size % RFX_TAIL_ALIGN != 0 || batch->size > lap_rest(tail, position) ||
        batch->crc != batch_crc(tail, batch)) {
        return NULL;
    }
    if (batch->op_count == 0) {
        return batch->size == lap_rest(tail, position) ? batch : NULL;
    }
    return has_good_ops(batch) ? batch : NULL;
}

/* Each place says itself which position it holds: a ring that is laps ahead is found, too. */
bool rfx_tail_has_more(const struct rfx_tail *tail, uint64_t position)
{
    for (uint64_t offset = 0; offset < tail->size; offset += RFX_TAIL_ALIGN) {
        const uint64_t found = at(tail, offset)->position;
        if (found > position && found % tail->size == offset &&
            rfx_tail_check(tail, found) != NULL) {
            return true;
        }
    }
    return false;
}
