/* Expectations of schedules, times as "YYYY-MM-DD HH:MM:SS" in UTC. Failures end the test. */
#ifndef RFX_TESTS_SUPPORT_SCHEDULE_H
#define RFX_TESTS_SUPPORT_SCHEDULE_H

#include "core/schedule.h"
#include "tests/unit/support_tzif.h"

#define EVERY_DAY 0x7f
enum { SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY };

/* Times "HH:MM:SS". */
struct rfx_schedule daily(const char *start, const char *end, uint8_t days,
                          const struct rfx_zone *zone);
struct rfx_schedule weekly(uint8_t start_day, const char *start, uint8_t end_day, const char *end,
                           const struct rfx_zone *zone);

/* The schedule is open at that instant, from start to end. */
void expect_open(const struct rfx_schedule *schedule, const char *at, const char *start,
                 const char *end);

/* It is closed, and the next stretch is this one. */
void expect_closed(const struct rfx_schedule *schedule, const char *at, const char *start,
                   const char *end);

/* What holds for every schedule, at instants step_s apart: stretches are not empty, do not
 * overlap, hold their start and not their end, and are found from each instant in or before
 * them. */
void expect_sound(const struct rfx_schedule *schedule, const char *from, const char *until,
                  int64_t step_s);

#endif
