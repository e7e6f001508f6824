/* A heap of deadlines. Ten thousand sessions with heartbeats cost one comparison a turn: a
 * deadline that traffic moved to later stays where it is until it comes up.
 *
 * thread   the shard */
#ifndef RFX_CORE_TIMERS_H
#define RFX_CORE_TIMERS_H

#include "core/base.h"
#include "ringfix/shard.h"

#define RFX_TIMER_NONE UINT32_MAX /* index of a timer that is not in the heap */

struct rfx_timers {
    struct rfx_timer **items;
    uint32_t count;
    uint32_t capacity;
};

/* Makes room for so many timers, so that setting one never fails. errors RFX_E_NOMEM */
rfx_status rfx_timers_reserve(struct rfx_timers *timers, uint32_t capacity) RFX_MUST_CHECK;
void rfx_timers_close(struct rfx_timers *timers);

/* Puts the timer in, or moves it, to come up at deadline_ns. */
void rfx_timers_set(struct rfx_timers *timers, struct rfx_timer *timer, uint64_t deadline_ns);

/* Takes the timer out wherever it is; nothing happens when it is not in. */
void rfx_timers_remove(struct rfx_timers *timers, struct rfx_timer *timer);

/* Takes out and returns the first timer that is due, NULL when none is. */
struct rfx_timer *rfx_timers_pop(struct rfx_timers *timers, uint64_t now_ns);

/* The earliest deadline, RFX_NEVER_NS when there is none. */
uint64_t rfx_timers_next_ns(const struct rfx_timers *timers);

#endif
