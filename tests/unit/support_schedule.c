#include "tests/unit/support_schedule.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)

static uint32_t time_of(const char *text)
{
    uint32_t seconds = 0;
    assert_true(rfx_schedule_read_time(rfx_bytes_of(text, strlen(text)), &seconds));
    return seconds;
}

struct rfx_schedule daily(const char *start, const char *end, uint8_t days,
                          const struct rfx_zone *zone)
{
    return (struct rfx_schedule){.kind = RFX_SCHEDULE_DAILY,
                                 .start_s = time_of(start),
                                 .end_s = time_of(end),
                                 .days = days,
                                 .zone = zone};
}

struct rfx_schedule weekly(uint8_t start_day, const char *start, uint8_t end_day, const char *end,
                           const struct rfx_zone *zone)
{
    return (struct rfx_schedule){.kind = RFX_SCHEDULE_WEEKLY,
                                 .start_s = time_of(start),
                                 .end_s = time_of(end),
                                 .start_day = start_day,
                                 .end_day = end_day,
                                 .zone = zone};
}

static const char *or_closed(bool is_open)
{
    return is_open ? "open" : "closed";
}

static void expect(const struct rfx_schedule *schedule, const char *at, bool is_open,
                   const char *start, const char *end)
{
    struct rfx_interval interval = {0, 0};
    bool found = rfx_schedule_at(schedule, seconds_of(at) * NS_PER_S, &interval);
    if (found != is_open || interval.start_ns != seconds_of(start) * NS_PER_S ||
        interval.end_ns != seconds_of(end) * NS_PER_S) {
        fail_msg("at %s: %s, %s to %s; not %s, %s to %s", at, or_closed(found),
                 text_of(interval.start_ns / NS_PER_S), text_of(interval.end_ns / NS_PER_S),
                 or_closed(is_open), start, end);
    }
}

void expect_open(const struct rfx_schedule *schedule, const char *at, const char *start,
                 const char *end)
{
    expect(schedule, at, true, start, end);
}

void expect_closed(const struct rfx_schedule *schedule, const char *at, const char *start,
                   const char *end)
{
    expect(schedule, at, false, start, end);
}

static bool are_equal(struct rfx_interval a, struct rfx_interval b)
{
    return a.start_ns == b.start_ns && a.end_ns == b.end_ns;
}

static void expect_sound_interval(const struct rfx_schedule *schedule, struct rfx_interval interval)
{
    struct rfx_interval other;
    assert_true(interval.start_ns < interval.end_ns);
    assert_true(rfx_schedule_at(schedule, interval.start_ns, &other));
    assert_true(are_equal(interval, other));
    assert_true(rfx_schedule_at(schedule, interval.end_ns - 1, &other));
    assert_true(are_equal(interval, other));
    assert_true(rfx_schedule_at(schedule, interval.end_ns, &other) ==
                (other.start_ns == interval.end_ns));
    assert_true(other.start_ns >= interval.end_ns);
    if (!rfx_schedule_at(schedule, interval.start_ns - 1, &other)) {
        assert_true(are_equal(interval, other));
    } else {
        assert_true(other.end_ns == interval.start_ns);
    }
}

void expect_sound(const struct rfx_schedule *schedule, const char *from, const char *until,
                  int64_t step_s)
{
    struct rfx_interval previous = {INT64_MIN, INT64_MIN};
    int64_t end_ns = seconds_of(until) * NS_PER_S;
    for (int64_t now = seconds_of(from) * NS_PER_S; now < end_ns; now += step_s * NS_PER_S) {
        struct rfx_interval interval;
        bool is_open = rfx_schedule_at(schedule, now, &interval);
        assert_true(is_open == (interval.start_ns <= now));
        assert_true(now < interval.end_ns);
        if (are_equal(interval, previous)) {
            continue;
        }
        assert_true(interval.start_ns >= previous.end_ns);
        expect_sound_interval(schedule, interval);
        previous = interval;
    }
}
