#include "core/schedule.h"

#include "core/calendar.h"

#define NS_PER_S INT64_C(1000000000)

/* Days and weeks are the same thing here: stretches that start at one time on some days of the
 * week and end at another, a fixed number of days later. */
struct pattern {
    unsigned start_days; /* bit 0 Sunday ... bit 6 Saturday */
    int64_t span_days;   /* from the day of the start to that of the end */
};

static struct pattern pattern_of(const struct rfx_schedule *schedule)
{
    bool is_over_midnight = schedule->end_s <= schedule->start_s;
    if (schedule->kind == RFX_SCHEDULE_DAILY) {
        RFX_ASSERT(schedule->days >= 1 && schedule->days < 1u << 7);
        return (struct pattern){.start_days = schedule->days, .span_days = is_over_midnight};
    }
    RFX_ASSERT(schedule->start_day < 7 && schedule->end_day < 7);
    int64_t span = (schedule->end_day - schedule->start_day + 7) % 7;
    return (struct pattern){
        .start_days = 1u << schedule->start_day,
        .span_days = span == 0 && is_over_midnight ? 7 : span,
    };
}

/* The first day at or after that one on which a stretch starts. */
static int64_t next_start_day(const struct pattern *pattern, int64_t day)
{
    while ((pattern->start_days >> rfx_weekday_of(day) & 1) == 0) {
        day++;
    }
    return day;
}

static int64_t start_of(const struct rfx_schedule *schedule, int64_t day)
{
    int64_t first;
    int64_t last;
    rfx_zone_instants(schedule->zone, day * RFX_S_PER_DAY + schedule->start_s, &first, &last);
    return first;
}

static int64_t end_of(const struct rfx_schedule *schedule, int64_t day)
{
    int64_t first;
    int64_t last;
    rfx_zone_instants(schedule->zone, day * RFX_S_PER_DAY + schedule->end_s, &first, &last);
    return last;
}

static int64_t to_ns(int64_t seconds)
{
    if (seconds > INT64_MAX / NS_PER_S) {
        return INT64_MAX;
    }
    return seconds < INT64_MIN / NS_PER_S ? INT64_MIN : seconds * NS_PER_S;
}

/* A wall clock is at most 25 hours behind UTC: an end of up to two days ago, by UTC, may be still
 * to come. */
#define BEHIND_DAYS 2

bool rfx_schedule_at(const struct rfx_schedule *schedule, int64_t utc_ns,
                     struct rfx_interval *interval)
{
    if (schedule->kind == RFX_SCHEDULE_NONSTOP) {
        *interval = (struct rfx_interval){.start_ns = INT64_MIN, .end_ns = INT64_MAX};
        return true;
    }
    RFX_ASSERT(schedule->start_s < RFX_S_PER_DAY && schedule->end_s < RFX_S_PER_DAY);
    struct pattern pattern = pattern_of(schedule);
    int64_t utc_s = rfx_floor_div(utc_ns, NS_PER_S);
    int64_t today = rfx_floor_div(utc_s, RFX_S_PER_DAY);
    int64_t day = next_start_day(&pattern, today - pattern.span_days - BEHIND_DAYS);
    int64_t start = start_of(schedule, day);
    /* Starts and ends ascend with the days, and a zone has only so many skips that could leave a
     * day without its stretch. */
    for (;;) {
        int64_t next_day = next_start_day(&pattern, day + 1);
        int64_t next_start = start_of(schedule, next_day);
        int64_t end = end_of(schedule, day + pattern.span_days);
        if (end > next_start) {
            end = next_start;
        }
        if (end > utc_s && end > start) {
            *interval = (struct rfx_interval){.start_ns = to_ns(start), .end_ns = to_ns(end)};
            return start <= utc_s;
        }
        day = next_day;
        start = next_start;
    }
}
