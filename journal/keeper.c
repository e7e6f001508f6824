#include "journal/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "journal/chunk.h"

#define ROUND_NS (30 * (int64_t)RFX_NS_PER_S) /* every session is looked at once in this time */

struct rfx_keeper_item {
    uint32_t session;
    struct rfx_journal_keep keep;
};

/* A slice at work. */
struct slice {
    const struct rfx_env *env;
    MDB_txn *txn;
    MDB_cursor *cursor; /* on messages */
    int64_t utc_ns;
    uint32_t rows_left;
};

rfx_status rfx_keeper_init(struct rfx_keeper *keeper, size_t sessions_max, struct rfx_error *error)
{
    memset(keeper, 0, sizeof *keeper);
    keeper->items = calloc(sessions_max > 0 ? sessions_max : 1, sizeof *keeper->items);
    if (keeper->items == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory for %zu sessions of the journal",
                        sessions_max);
    }
    keeper->capacity = sessions_max;
    pthread_mutex_init(&keeper->mutex, NULL);
    return RFX_OK;
}

void rfx_keeper_close(struct rfx_keeper *keeper)
{
    if (keeper->items != NULL) {
        free(keeper->items);
        pthread_mutex_destroy(&keeper->mutex);
    }
}

void rfx_keeper_add(struct rfx_keeper *keeper, uint32_t session,
                    const struct rfx_journal_keep *keep)
{
    if (keep->count == 0 && keep->age_ns == 0) {
        return;
    }
    pthread_mutex_lock(&keeper->mutex);
    RFX_ASSERT(keeper->count < keeper->capacity);
    keeper->items[keeper->count++] = (struct rfx_keeper_item){.session = session, .keep = *keep};
    pthread_mutex_unlock(&keeper->mutex);
}

void rfx_keeper_hurry(struct rfx_keeper *keeper)
{
    keeper->progress.rests = false;
}

/* The next session to look at; false when the round is over. */
static bool next_item(struct rfx_keeper *keeper, struct rfx_keeper_item *item)
{
    pthread_mutex_lock(&keeper->mutex);
    const bool has_one = keeper->progress.cursor < keeper->count;
    if (has_one) {
        *item = keeper->items[keeper->progress.cursor++];
    }
    pthread_mutex_unlock(&keeper->mutex);
    return has_one;
}

/* Deletes chunks from the front while they may go. *is_done: no more may. */
static int drop(struct slice *slice, struct rfx_chunk_walk *walk, uint64_t keep_seq_num,
                int64_t keep_utc_ns, bool *is_done)
{
    bool is_deleted = true;
    *is_done = false;
    while (is_deleted && slice->rows_left > 0) {
        const int code = rfx_chunk_drop_first(walk, keep_seq_num, keep_utc_ns, &is_deleted);
        if (code != 0) {
            *is_done = code == MDB_NOTFOUND;
            return *is_done ? 0 : code;
        }
        slice->rows_left -= is_deleted ? 1 : 0;
    }
    *is_done = !is_deleted;
    return 0;
}

static int drop_direction(struct slice *slice, const struct rfx_keeper_item *item,
                          const struct rfx_format_record *record, enum rfx_direction direction,
                          bool *is_done)
{
    struct rfx_chunk_walk walk = {
        .cursor = slice->cursor, .id = record->id, .direction = direction};
    uint64_t next = record->next_out;
    if (direction == RFX_DIRECTION_IN) {
        struct rfx_format_entry last;
        const int code = rfx_chunk_last(&walk, &last);
        if (code != 0) {
            *is_done = code == MDB_NOTFOUND;
            return *is_done ? 0 : code;
        }
        next = last.seq_num + 1;
    }
    const uint64_t count = item->keep.count;
    const uint64_t age_ns = rfx_min_u64(item->keep.age_ns, (uint64_t)INT64_MAX / 2);
    return drop(slice, &walk, count > 0 && next > count ? next - count : 0,
                age_ns > 0 ? slice->utc_ns - (int64_t)age_ns : INT64_MIN, is_done);
}

static int drop_session(struct slice *slice, const struct rfx_keeper_item *item, bool *is_done)
{
    struct rfx_format_record record;
    int code = rfx_rows_get_record(slice->env, slice->txn, item->session, &record);
    if (code != 0) {
        *is_done = true; /* not yet moved into the store */
        return code == MDB_NOTFOUND ? 0 : code;
    }
    code = drop_direction(slice, item, &record, RFX_DIRECTION_OUT, is_done);
    if (code == 0 && *is_done) {
        code = drop_direction(slice, item, &record, RFX_DIRECTION_IN, is_done);
    }
    if (code == MDB_CORRUPTED) {
        *is_done = true; /* what cannot be read stays, and is for verify to tell */
        code = 0;
    }
    return code;
}

/* Messages of one generation in the trash, then its row there. */
static int empty_some(struct slice *slice, bool *has_trash)
{
    MDB_cursor *trash = NULL;
    MDB_val row = {0};
    MDB_val data = {0};
    uint32_t id = 0;
    int code = mdb_cursor_open(slice->txn, slice->env->trash, &trash);
    if (code != 0) {
        return code;
    }
    code = mdb_cursor_get(trash, &row, &data, MDB_FIRST);
    *has_trash = code == 0;
    if (code == 0 && !rfx_format_decode_id(row.mv_data, row.mv_size, &id)) {
        code = MDB_CORRUPTED;
    }
    bool is_done = true;
    for (unsigned i = 0; i < 2 && code == 0 && is_done; i++) {
        struct rfx_chunk_walk walk = {
            .cursor = slice->cursor, .id = id, .direction = (enum rfx_direction)i};
        code = drop(slice, &walk, UINT64_MAX, INT64_MIN, &is_done);
    }
    if (code == 0 && is_done) {
        code = mdb_cursor_del(trash, 0);
        slice->rows_left -= slice->rows_left > 0 ? 1 : 0;
    }
    mdb_cursor_close(trash);
    return code == MDB_NOTFOUND ? 0 : code;
}

static int keep_some(struct rfx_keeper *keeper, struct slice *slice, bool *has_more)
{
    struct rfx_keeper_item item;
    int code = 0;
    if (keeper->progress.rests && slice->utc_ns >= keeper->progress.round_utc_ns &&
        slice->utc_ns < keeper->progress.round_utc_ns + ROUND_NS) {
        return 0; /* between two rounds */
    }
    if (keeper->progress.cursor == 0) {
        keeper->progress.round_utc_ns = slice->utc_ns;
        keeper->progress.rests = false;
    }
    while (code == 0 && slice->rows_left > 0) {
        bool is_done = true;
        if (!next_item(keeper, &item)) {
            keeper->progress.cursor = 0;
            keeper->progress.rests = true;
            return 0;
        }
        code = drop_session(slice, &item, &is_done);
        if (!is_done) {
            keeper->progress.cursor--; /* goes on here */
        }
    }
    *has_more |= code == 0;
    return code;
}

int rfx_keeper_work(struct rfx_keeper *keeper, const struct rfx_env *env, MDB_txn *txn,
                    int64_t utc_ns, uint32_t rows_max, bool *has_more)
{
    struct slice slice = {.env = env, .txn = txn, .utc_ns = utc_ns, .rows_left = rows_max};
    *has_more = false;
    int code = mdb_cursor_open(txn, env->messages, &slice.cursor);
    if (code != 0) {
        return code;
    }
    bool has_trash = keeper->progress.has_trash;
    while (code == 0 && has_trash && slice.rows_left > 0) {
        code = empty_some(&slice, &has_trash);
    }
    keeper->progress.has_trash = has_trash;
    *has_more = has_trash;
    if (code == 0 && slice.rows_left > 0) {
        code = keep_some(keeper, &slice, has_more);
    }
    mdb_cursor_close(slice.cursor);
    return code;
}
