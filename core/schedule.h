/* When a session is open: pure functions of UTC, with time zones resolved beforehand.
 *
 * A session's day or week begins at StartTime (on StartDay) and ends at the next EndTime (on
 * EndDay), wall clock in its TimeZone: over midnight, or over the week's end, when EndTime is not
 * behind StartTime. StartTime = EndTime, for weeks on the same day, is open around the clock with
 * a boundary there.
 *
 * A wall time that a DST change skips happens at the change; one that it repeats happens the first
 * time as a start and the last time as an end, so that no session is shorter than configured. Two
 * stretches never overlap: one that would reach beyond the next start ends there, and one of which
 * nothing is left, both its times being skipped at once, does not take place.
 *
 * thread   any */
#ifndef RFX_CORE_SCHEDULE_H
#define RFX_CORE_SCHEDULE_H

#include "core/base.h"
#include "core/zone.h"

enum rfx_schedule_kind {
    RFX_SCHEDULE_NONSTOP, /* always open, never a boundary */
    RFX_SCHEDULE_DAILY,   /* each day of `days` */
    RFX_SCHEDULE_WEEKLY,  /* from start_day to end_day */
};

struct rfx_schedule {
    enum rfx_schedule_kind kind;
    uint32_t start_s;  /* StartTime, seconds of the wall clock's day, below 86400 */
    uint32_t end_s;    /* EndTime, likewise */
    uint8_t start_day; /* WEEKLY: 0 Sunday to 6 Saturday */
    uint8_t end_day;
    uint8_t days;                /* DAILY: bit 0 Sunday ... bit 6 Saturday on which it starts;
                                    at least one */
    const struct rfx_zone *zone; /* borrowed; NULL: UTC */
};

/* One stretch of time, start included, end not; nanoseconds since 1970 UTC. */
struct rfx_interval {
    int64_t start_ns;
    int64_t end_ns;
};

/* The stretch that holds utc_ns (true), or else the next one to come (false). NONSTOP is one
 * stretch from INT64_MIN to INT64_MAX. Ends that 64 bits cannot hold (before 1677, after 2262)
 * are cut off there: start = end = INT64_MAX is a stretch that nobody will see. */
bool rfx_schedule_at(const struct rfx_schedule *schedule, int64_t utc_ns,
                     struct rfx_interval *interval);

/* "HH:MM:SS", 00:00:00 to 23:59:59, into seconds of the day; false when it is none. */
bool rfx_schedule_read_time(struct rfx_bytes text, uint32_t *seconds);

/* A day's English name, whole or its first two or three letters, any case, into 0 (Sunday) to
 * 6; false when it is none. */
bool rfx_schedule_read_day(struct rfx_bytes text, uint8_t *day);

/* Days' names apart by commas, blanks around them allowed, into a mask; false when one is none or
 * it is empty. */
bool rfx_schedule_read_days(struct rfx_bytes text, uint8_t *days);

#endif
