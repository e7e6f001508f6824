/* A shard as the application sees it: the thread that owns some of the sessions, its clock, its
 * timers, and a place for what the application keeps per shard, which needs no lock.
 *
 * thread   the shard's own, that is in its callbacks, but for rfx_shard_index() */
#ifndef RINGFIX_SHARD_H
#define RINGFIX_SHARD_H

#include "ringfix/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_shard; /* valid from on_shard_start to on_shard_stop */

/* 0 up to the number of shards. Any thread. */
RFX_API uint32_t rfx_shard_index(const struct rfx_shard *shard);

/* The clocks as the shard read them at the start of its turn: CLOCK_MONOTONIC, which timers and
 * on_turn go by, and nanoseconds since 1970 UTC, for TransactTime(60) and the like. */
RFX_API uint64_t rfx_shard_now_ns(const struct rfx_shard *shard);
RFX_API int64_t rfx_shard_utc_ns(const struct rfx_shard *shard);

/* A place for the application's own data: NULL until set, never touched by ringfix. */
RFX_API void rfx_shard_set_user(struct rfx_shard *shard, void *user);
RFX_API void *rfx_shard_user(const struct rfx_shard *shard);

/* A timer, in the application's memory: it must not move or go while it is set. */
struct rfx_timer;

/* Its time has come; it is not set any more, and may be set again. context: of struct rfx_app */
typedef void rfx_timer_due(void *context, struct rfx_shard *shard, struct rfx_timer *timer);

struct rfx_timer {
    rfx_timer_due *on_due;
    uint64_t deadline_ns; /* this and what follows is ringfix's */
    uint32_t index;
};

/* To be called once, before the first rfx_timer_set(). */
RFX_API void rfx_timer_init(struct rfx_timer *timer, rfx_timer_due *on_due);

/* Has on_due called in the first turn at or after due_ns (by rfx_shard_now_ns(), this turn is too
 * early); a timer that is set already is moved. Timers that are set when the shard stops do not
 * come up.
 *
 * errors   RFX_E_NOMEM: it is as it was. Never for one that is set already */
RFX_API rfx_status rfx_timer_set(struct rfx_shard *shard, struct rfx_timer *timer,
                                 uint64_t due_ns) RFX_MUST_CHECK;

/* It does not come up. Nothing happens when it is not set. */
RFX_API void rfx_timer_cancel(struct rfx_shard *shard, struct rfx_timer *timer);

/* Whether it is set. */
RFX_API bool rfx_timer_is_set(const struct rfx_timer *timer);

#ifdef __cplusplus
}
#endif

#endif
