#include "journal/move.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "journal/apply.h"
#include "journal/rows.h"

#define MOVE_SIZE     (UINT64_C(16) << 20) /* of one transaction, all tails together */
#define MOVE_SIZE_MIN (UINT64_C(64) << 10) /* the same, when the store is nearly full */
#define TAIL_SIZE_MIN (UINT64_C(16) << 10) /* of one tail */
#define KEEPER_ROWS   4096                 /* chunks deleted in one transaction */
#define KEEPER_MIN    8                    /* the same, when there is hardly room for copies */

rfx_status rfx_move_open(struct rfx_move *move, struct rfx_env *env, uint32_t tail_count,
                         struct rfx_error *error)
{
    memset(move, 0, sizeof *move);
    move->env = env;
    move->tail_count = tail_count;
    move->size_max = MOVE_SIZE;
    move->tails = calloc(tail_count, sizeof(struct rfx_tail *));
    move->targets = calloc(tail_count, sizeof *move->targets);
    if (move->tails == NULL || move->targets == NULL) {
        rfx_move_close(move);
        return rfx_fail(error, RFX_E_NOMEM, "no memory for %u tails of the journal", tail_count);
    }
    return RFX_OK;
}

void rfx_move_close(struct rfx_move *move)
{
    rfx_gather_close(&move->gather);
    free(move->tails);
    free(move->targets);
    memset(move, 0, sizeof *move);
}

static uint64_t moved_of(const struct rfx_tail *tail)
{
    return atomic_load_explicit(&tail->moved, memory_order_relaxed); /* the mover's own */
}

static uint64_t published_of(const struct rfx_tail *tail)
{
    return atomic_load_explicit(&tail->published, memory_order_acquire);
}

uint64_t rfx_move_pending(const struct rfx_move *move)
{
    uint64_t pending = 0;
    for (uint32_t i = 0; i < move->tail_count; i++) {
        const struct rfx_tail *tail = move->tails[i];
        pending += tail != NULL ? published_of(tail) - moved_of(tail) : 0;
    }
    return pending;
}

/* A share of each tail. errors RFX_E_NOMEM */
static rfx_status gather(struct rfx_move *move, bool *has_more)
{
    uint32_t tail_count = 0;
    for (uint32_t i = 0; i < move->tail_count; i++) {
        tail_count += move->tails[i] != NULL ? 1 : 0;
    }
    const uint64_t share = move->size_max / (tail_count > 0 ? tail_count : 1);
    const uint64_t size_max = share > TAIL_SIZE_MIN ? share : TAIL_SIZE_MIN;
    *has_more = false;
    rfx_gather_clear(&move->gather);
    for (uint32_t i = 0; i < move->tail_count; i++) {
        const struct rfx_tail *tail = move->tails[i];
        if (tail == NULL) {
            continue;
        }
        uint64_t position = moved_of(tail);
        const uint64_t published = published_of(tail);
        const uint64_t end = rfx_min_u64(published, position + size_max);
        while (position < end) {
            const struct rfx_tail_batch *batch = rfx_tail_batch_at(tail, position);
            if (rfx_gather_add(&move->gather, batch) != RFX_OK) {
                return RFX_E_NOMEM;
            }
            position += batch->size;
        }
        move->targets[i] = position;
        *has_more |= position < published;
    }
    rfx_gather_sort(&move->gather);
    return RFX_OK;
}

static int put_tails(const struct rfx_move *move, MDB_txn *txn)
{
    int code = 0;
    for (uint32_t i = 0; i < move->tail_count && code == 0; i++) {
        const struct rfx_tail *tail = move->tails[i];
        if (tail != NULL && move->targets[i] != moved_of(tail)) {
            const struct rfx_format_tail record = {.moved = move->targets[i]};
            code = rfx_rows_put_tail(move->env, txn, tail->shard, &record);
        }
    }
    return code;
}

/* What was moved may be overwritten from here on. */
static void free_tails(struct rfx_move *move)
{
    for (uint32_t i = 0; i < move->tail_count; i++) {
        if (move->tails[i] != NULL) {
            atomic_store_explicit(&move->tails[i]->moved, move->targets[i], memory_order_release);
        }
    }
}

static int commit(struct rfx_move *move, int64_t utc_ns, uint32_t rows_max, bool moves,
                  bool *has_more)
{
    MDB_txn *txn = NULL;
    bool has_reset = false;
    int code = rfx_env_begin(move->env, 0, &txn);
    if (code != 0) {
        return code;
    }
    if (moves) {
        code = rfx_apply(move->env, txn, &move->gather, &has_reset);
        code = code == 0 ? put_tails(move, txn) : code;
    }
    struct rfx_keeper_progress before = {0};
    const bool keeps = code == 0 && move->keeper != NULL;
    if (keeps) {
        before = move->keeper->progress;
        move->keeper->progress.has_trash |= has_reset;
        code = rfx_keeper_work(move->keeper, move->env, txn, utc_ns, rows_max, has_more);
    }
    if (code == 0) {
        code = mdb_txn_commit(txn);
        txn = NULL;
    }
    if (code != 0 && keeps) {
        move->keeper->progress = before; /* nothing of it has happened */
    }
    rfx_env_end(move->env, txn);
    if (code == 0 && moves) {
        free_tails(move);
    }
    return code;
}

/* LMDB uses a page again two transactions after the one that freed it. */
static void pass_a_transaction(struct rfx_move *move)
{
    MDB_txn *txn = NULL;
    uint32_t next_id = 0;
    int code = rfx_env_begin(move->env, 0, &txn);
    if (code != 0) {
        return;
    }
    code = rfx_rows_get_meta(move->env, txn, "next_id", &next_id);
    if (code == 0) {
        code = rfx_rows_put_meta(move->env, txn, "next_id", next_id);
    }
    if (code == 0) {
        (void)mdb_txn_commit(txn); /* if it fails, so will what comes next */
        txn = NULL;
    }
    rfx_env_end(move->env, txn);
}

/* Deleting makes room, but needs some itself: less for less at a time. */
static void make_room(struct rfx_move *move, int64_t utc_ns)
{
    int code = MDB_MAP_FULL;
    if (move->keeper == NULL) {
        return;
    }
    rfx_keeper_hurry(move->keeper);
    for (uint32_t rows = KEEPER_ROWS; rows >= KEEPER_MIN && code != 0; rows /= 4) {
        bool has_more = true;
        do {
            code = commit(move, utc_ns, rows, false, &has_more);
        } while (code == 0 && has_more);
    }
    pass_a_transaction(move);
}

/* A batch of the present size. */
static int move_batch(struct rfx_move *move, int64_t utc_ns, bool *has_more)
{
    bool has_pending = false;
    bool has_trash = false;
    if (gather(move, &has_pending) != RFX_OK) {
        return ENOMEM;
    }
    const uint32_t rows_max = move->size_max < MOVE_SIZE ? KEEPER_MIN : KEEPER_ROWS;
    int code = commit(move, utc_ns, rows_max, true, &has_trash);
    while (code == MDB_MAP_FULL && rfx_env_grow(move->env) == 0) {
        code = commit(move, utc_ns, rows_max, true, &has_trash);
    }
    *has_more = has_pending || has_trash;
    return code;
}

int rfx_move_some(struct rfx_move *move, int64_t utc_ns, bool *has_more)
{
    int code = move_batch(move, utc_ns, has_more);
    for (bool is_smallest = false; rfx_env_is_full(code) && !is_smallest;) {
        is_smallest = move->size_max <= MOVE_SIZE_MIN;
        move->size_max = is_smallest ? MOVE_SIZE_MIN : move->size_max / 4;
        make_room(move, utc_ns);
        code = move_batch(move, utc_ns, has_more);
    }
    if (code == 0) {
        move->size_max = rfx_min_u64(2 * move->size_max, MOVE_SIZE);
    }
    return code;
}
