#include "journal/flusher.h"

#include "journal/store_internal.h"
#include "journal/thread.h"

static void flush(struct rfx_store *store)
{
    struct rfx_error error;
    for (uint32_t i = 0; i < store->part_count; i++) {
        struct rfx_tail *tail = &store->parts[i].tail;
        const uint64_t moved = atomic_load_explicit(&tail->moved, memory_order_relaxed);
        if (atomic_load_explicit(&tail->published, memory_order_acquire) == moved) {
            continue; /* all of it is in the store, and that is on disk */
        }
        if (rfx_tail_flush(tail, &error) != RFX_OK) {
            rfx_store_fail(store, &error);
            return;
        }
    }
}

/* Each flush begins one interval after the one before has begun, or at once behind a longer one. */
static void *run(void *argument)
{
    struct rfx_store *store = argument;
    struct rfx_flusher *flusher = &store->flusher;
    pthread_mutex_lock(&flusher->mutex);
    for (bool stops = false; !stops;) {
        const uint64_t due_ns = rfx_thread_now_ns() + flusher->interval_ns;
        pthread_mutex_unlock(&flusher->mutex);
        flush(store);
        pthread_mutex_lock(&flusher->mutex);
        stops = flusher->stops;
        while (!flusher->stops && rfx_thread_wait(&flusher->wake, &flusher->mutex, due_ns)) {
        }
    }
    pthread_mutex_unlock(&flusher->mutex);
    return NULL;
}

rfx_status rfx_flusher_start(struct rfx_store *store, uint32_t interval_ms, struct rfx_error *error)
{
    struct rfx_flusher *flusher = &store->flusher;
    if (store->durability != RFX_DURABILITY_INTERVAL) {
        return RFX_OK;
    }
    flusher->interval_ns = interval_ms * RFX_NS_PER_MS;
    pthread_mutex_init(&flusher->mutex, NULL);
    rfx_thread_init_wake(&flusher->wake);
    const rfx_status status = rfx_thread_start(&flusher->thread, "rfx-flush", run, store, error);
    flusher->is_running = status == RFX_OK;
    if (!flusher->is_running) {
        pthread_cond_destroy(&flusher->wake);
        pthread_mutex_destroy(&flusher->mutex);
    }
    return status;
}

void rfx_flusher_stop(struct rfx_store *store)
{
    struct rfx_flusher *flusher = &store->flusher;
    if (!flusher->is_running) {
        return;
    }
    pthread_mutex_lock(&flusher->mutex);
    flusher->stops = true;
    pthread_cond_signal(&flusher->wake);
    pthread_mutex_unlock(&flusher->mutex);
    pthread_join(flusher->thread, NULL);
    flusher->is_running = false;
    pthread_cond_destroy(&flusher->wake);
    pthread_mutex_destroy(&flusher->mutex);
}
