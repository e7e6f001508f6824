#include "core/timers.h"

#include <stdlib.h>

rfx_status rfx_timers_reserve(struct rfx_timers *timers, uint32_t capacity)
{
    if (capacity <= timers->capacity) {
        return RFX_OK;
    }
    uint32_t grown = timers->capacity < 64 ? 64 : timers->capacity * 2;
    if (grown < capacity) {
        grown = capacity;
    }
    struct rfx_timer **items = realloc(timers->items, grown * sizeof *items);
    if (items == NULL) {
        return RFX_E_NOMEM;
    }
    timers->items = items;
    timers->capacity = grown;
    return RFX_OK;
}

void rfx_timers_close(struct rfx_timers *timers)
{
    free(timers->items);
    *timers = (struct rfx_timers){0};
}

void rfx_timer_init(struct rfx_timer *timer, rfx_timer_due *on_due)
{
    timer->on_due = on_due;
    timer->deadline_ns = RFX_NEVER_NS;
    timer->index = RFX_TIMER_NONE;
}

bool rfx_timer_is_set(const struct rfx_timer *timer)
{
    return timer->index != RFX_TIMER_NONE;
}

static void place(struct rfx_timers *timers, uint32_t index, struct rfx_timer *timer)
{
    timers->items[index] = timer;
    timer->index = index;
}

static void sift_up(struct rfx_timers *timers, uint32_t index)
{
    struct rfx_timer *timer = timers->items[index];
    while (index > 0) {
        uint32_t parent = (index - 1) / 2;
        if (timers->items[parent]->deadline_ns <= timer->deadline_ns) {
            break;
        }
        place(timers, index, timers->items[parent]);
        index = parent;
    }
    place(timers, index, timer);
}

static void sift_down(struct rfx_timers *timers, uint32_t index)
{
    struct rfx_timer *timer = timers->items[index];
    for (;;) {
        uint32_t child = 2 * index + 1;
        if (child >= timers->count) {
            break;
        }
        if (child + 1 < timers->count &&
            timers->items[child + 1]->deadline_ns < timers->items[child]->deadline_ns) {
            child++;
        }
        if (timers->items[child]->deadline_ns >= timer->deadline_ns) {
            break;
        }
        place(timers, index, timers->items[child]);
        index = child;
    }
    place(timers, index, timer);
}

void rfx_timers_set(struct rfx_timers *timers, struct rfx_timer *timer, uint64_t deadline_ns)
{
    timer->deadline_ns = deadline_ns;
    if (timer->index == RFX_TIMER_NONE) {
        RFX_ASSERT(timers->count < timers->capacity);
        place(timers, timers->count++, timer);
    }
    sift_up(timers, timer->index);
    sift_down(timers, timer->index);
}

void rfx_timers_remove(struct rfx_timers *timers, struct rfx_timer *timer)
{
    uint32_t index = timer->index;
    if (index == RFX_TIMER_NONE) {
        return;
    }
    timers->count--;
    if (index < timers->count) {
        place(timers, index, timers->items[timers->count]);
        sift_up(timers, index);
        sift_down(timers, timers->items[index]->index);
    }
    timer->index = RFX_TIMER_NONE;
}

struct rfx_timer *rfx_timers_pop(struct rfx_timers *timers, uint64_t now_ns)
{
    if (timers->count == 0 || timers->items[0]->deadline_ns > now_ns) {
        return NULL;
    }
    struct rfx_timer *due = timers->items[0];
    timers->count--;
    if (timers->count > 0) {
        place(timers, 0, timers->items[timers->count]);
        sift_down(timers, 0);
    }
    due->index = RFX_TIMER_NONE;
    return due;
}

uint64_t rfx_timers_next_ns(const struct rfx_timers *timers)
{
    return timers->count > 0 ? timers->items[0]->deadline_ns : RFX_NEVER_NS;
}
