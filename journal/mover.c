#include "journal/mover.h"

#include "journal/store_internal.h"
#include "journal/thread.h"

#define STEP_NS    (10 * RFX_NS_PER_MS)  /* how often the mover looks */
#define PERIOD_NS  (250 * RFX_NS_PER_MS) /* how long something waits at most before it is moved */
#define FULL_SHARE 8                     /* a tail that is filled to 1/8 is moved at once */
#define READERS_NS (30 * RFX_NS_PER_S)
#define LOG_NS     (10 * RFX_NS_PER_S)

rfx_status rfx_mover_open(struct rfx_store *store, size_t sessions_max, struct rfx_error *error)
{
    struct rfx_mover *mover = &store->mover;
    rfx_status status = rfx_keeper_init(&mover->keeper, sessions_max, error);
    if (status == RFX_OK) {
        status = rfx_move_open(&mover->move, &store->env, store->part_count, error);
    }
    if (status != RFX_OK) {
        return status;
    }
    rfx_thread_init_wake(&mover->wake);
    pthread_cond_init(&mover->changed, NULL);
    pthread_mutex_init(&mover->mutex, NULL);
    mover->keeper.progress.has_trash = store->has_trash;
    mover->move.keeper = &mover->keeper;
    for (uint32_t i = 0; i < store->part_count; i++) {
        mover->move.tails[i] = &store->parts[i].tail;
    }
    return RFX_OK;
}

/* -------------------------------------------------------------------------------- one pass */

/* What is appended stays in the tails, which take more for as long as they have room. */
static void note_full(struct rfx_store *store, const struct rfx_error *error, uint64_t now_ns)
{
    atomic_store_explicit(&store->trouble, RFX_TROUBLE_FULL, memory_order_relaxed);
    if (now_ns >= store->mover.log_due_ns) {
        store->mover.log_due_ns = now_ns + LOG_NS;
        rfx_store_log(store, RFX_LOG_ERROR, "%s; %llu bytes wait in the tails meanwhile",
                      error->text, (unsigned long long)rfx_move_pending(&store->mover.move));
    }
}

static void note_room(struct rfx_store *store)
{
    if (atomic_load_explicit(&store->trouble, memory_order_relaxed) == RFX_TROUBLE_FULL) {
        atomic_store_explicit(&store->trouble, RFX_TROUBLE_NONE, memory_order_relaxed);
        store->mover.log_due_ns = 0;
        rfx_store_log(store, RFX_LOG_INFO, "journal %s: there is room again", store->path);
    }
}

/* Everything that is in the tails now. */
static rfx_status move_all(struct rfx_store *store, struct rfx_error *error)
{
    bool has_more = true;
    while (has_more) {
        const int64_t utc_ns = (int64_t)rfx_thread_clock_ns(CLOCK_REALTIME);
        const int code = rfx_move_some(&store->mover.move, utc_ns, &has_more);
        if (code == 0) {
            note_room(store);
            continue;
        }
        const rfx_status status = rfx_env_fail(&store->env, code, "store messages", error);
        if (!rfx_env_is_full(code)) {
            rfx_store_fail(store, error);
            return status;
        }
        note_full(store, error, rfx_thread_now_ns());
        return status;
    }
    return RFX_OK;
}

/* A tool killed in mid-read keeps pages from being used again. */
static void free_dead_readers(struct rfx_store *store, uint64_t now_ns)
{
    int dead = 0;
    if (now_ns >= store->mover.readers_due_ns) {
        store->mover.readers_due_ns = now_ns + READERS_NS;
        mdb_reader_check(store->env.env, &dead);
    }
    if (dead > 0) {
        rfx_store_log(store, RFX_LOG_WARNING,
                      "journal %s: %d readers ended without closing it; freed", store->path, dead);
    }
}

static bool is_due(const struct rfx_store *store, uint64_t now_ns)
{
    const struct rfx_mover *mover = &store->mover;
    if (now_ns >= mover->pass_due_ns) {
        return true;
    }
    for (uint32_t i = 0; i < store->part_count; i++) {
        const struct rfx_tail *tail = &store->parts[i].tail;
        const uint64_t pending = atomic_load_explicit(&tail->published, memory_order_relaxed) -
                                 atomic_load_explicit(&tail->moved, memory_order_relaxed);
        if (pending >= tail->size / FULL_SHARE) {
            /* Not in vain again at once when the store is full. */
            return atomic_load_explicit(&store->trouble, memory_order_relaxed) == RFX_TROUBLE_NONE;
        }
    }
    return false;
}

static rfx_status pass(struct rfx_store *store, bool is_asked_for, struct rfx_error *error)
{
    struct rfx_mover *mover = &store->mover;
    const uint64_t now_ns = rfx_thread_now_ns();
    if (atomic_load_explicit(&store->trouble, memory_order_relaxed) == RFX_TROUBLE_FAILED) {
        return RFX_E_JOURNAL; /* *error is still there */
    }
    for (uint32_t i = 0; i < store->part_count; i++) {
        rfx_tail_touch(&store->parts[i].tail);
    }
    free_dead_readers(store, now_ns);
    if (!is_asked_for && !is_due(store, now_ns)) {
        return RFX_OK;
    }
    mover->pass_due_ns = now_ns + PERIOD_NS;
    return move_all(store, error);
}

/* ------------------------------------------------------------------------------ the thread */

static void wait_for_work(struct rfx_mover *mover)
{
    const uint64_t until_ns = rfx_thread_now_ns() + STEP_NS;
    while (!mover->stops && mover->wanted <= mover->ended &&
           rfx_thread_wait(&mover->wake, &mover->mutex, until_ns)) {
    }
}

static void *run(void *argument)
{
    struct rfx_store *store = argument;
    struct rfx_mover *mover = &store->mover;
    struct rfx_error error = {""}; /* the last one; stays when the mover has given up */
    pthread_mutex_lock(&mover->mutex);
    for (bool stops = false; !stops;) {
        wait_for_work(mover);
        stops = mover->stops;
        const bool is_asked_for = stops || mover->wanted > mover->ended;
        mover->begun++;
        pthread_mutex_unlock(&mover->mutex);
        const rfx_status status = pass(store, is_asked_for, &error);
        pthread_mutex_lock(&mover->mutex);
        if (is_asked_for) {
            mover->status = status;
            mover->error = error;
            mover->ended = mover->begun;
            pthread_cond_broadcast(&mover->changed);
        }
    }
    pthread_mutex_unlock(&mover->mutex);
    return NULL;
}

rfx_status rfx_mover_start(struct rfx_store *store, struct rfx_error *error)
{
    struct rfx_mover *mover = &store->mover;
    const rfx_status status = rfx_thread_start(&mover->thread, "rfx-journal", run, store, error);
    mover->is_running = status == RFX_OK;
    return status;
}

rfx_status rfx_mover_settle(struct rfx_store *store, struct rfx_error *error)
{
    struct rfx_mover *mover = &store->mover;
    pthread_mutex_lock(&mover->mutex);
    const uint64_t wanted = mover->begun + 1;
    mover->wanted = wanted > mover->wanted ? wanted : mover->wanted;
    pthread_cond_signal(&mover->wake);
    while (mover->ended < wanted) {
        pthread_cond_wait(&mover->changed, &mover->mutex);
    }
    const rfx_status status = mover->status;
    if (status != RFX_OK && error != NULL) {
        *error = mover->error;
    }
    pthread_mutex_unlock(&mover->mutex);
    return status;
}

void rfx_mover_close(struct rfx_store *store)
{
    struct rfx_mover *mover = &store->mover;
    if (mover->is_running) {
        pthread_mutex_lock(&mover->mutex);
        mover->stops = true;
        pthread_cond_signal(&mover->wake);
        pthread_mutex_unlock(&mover->mutex);
        pthread_join(mover->thread, NULL);
        mover->is_running = false;
    }
    rfx_keeper_close(&mover->keeper);
    if (mover->move.tails != NULL) {
        rfx_move_close(&mover->move);
        pthread_cond_destroy(&mover->wake);
        pthread_cond_destroy(&mover->changed);
        pthread_mutex_destroy(&mover->mutex);
    }
}
