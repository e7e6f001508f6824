#include "core/zone_rule.h"

#include "core/calendar.h"

/* ----------------------------------------------------------------------------------- reading */

struct reader {
    const char *next;
    const char *end;
};

static bool accept(struct reader *reader, char c)
{
    if (reader->next == reader->end || *reader->next != c) {
        return false;
    }
    reader->next++;
    return true;
}

static bool read_number(struct reader *reader, int32_t min, int32_t max, int32_t *number)
{
    const char *start = reader->next;
    int32_t value = 0;
    while (reader->next < reader->end && *reader->next >= '0' && *reader->next <= '9') {
        value = value * 10 + (*reader->next - '0');
        reader->next++;
        if (value > max) {
            return false;
        }
    }
    *number = value;
    return reader->next > start && value >= min;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "EST", or quoted "<-03>". What it says is not used. */
static bool read_name(struct reader *reader)
{
    bool is_quoted = accept(reader, '<');
    const char *start = reader->next;
    while (reader->next < reader->end) {
        char c = *reader->next;
        bool is_sign_or_digit = (c >= '0' && c <= '9') || c == '+' || c == '-';
        if (!is_letter(c) && !(is_quoted && is_sign_or_digit)) {
            break;
        }
        reader->next++;
    }
    return reader->next - start >= 3 && (!is_quoted || accept(reader, '>'));
}

/* [+-]hours[:minutes[:seconds]] */
static bool read_time(struct reader *reader, int32_t hours_max, int32_t *seconds)
{
    bool is_negative = accept(reader, '-');
    if (!is_negative) {
        (void)accept(reader, '+');
    }
    int32_t hour;
    int32_t minute = 0;
    int32_t second = 0;
    if (!read_number(reader, 0, hours_max, &hour)) {
        return false;
    }
    if (accept(reader, ':') && (!read_number(reader, 0, 59, &minute) ||
                                (accept(reader, ':') && !read_number(reader, 0, 59, &second)))) {
        return false;
    }
    int32_t value = hour * 3600 + minute * 60 + second;
    *seconds = is_negative ? -value : value;
    return true;
}

/* POSIX counts what is to be added to local time: positive in the west. */
static bool read_offset(struct reader *reader, int32_t *offset_s)
{
    int32_t west_s;
    if (!read_time(reader, 24, &west_s)) {
        return false;
    }
    *offset_s = -west_s;
    return true;
}

static bool read_moment(struct reader *reader, struct rfx_zone_moment *moment)
{
    *moment = (struct rfx_zone_moment){.kind = RFX_ZONE_DAY_OF_YEAR, .time_s = 2 * 3600};
    bool is_read;
    if (accept(reader, 'M')) {
        moment->kind = RFX_ZONE_DAY_OF_MONTH;
        is_read = read_number(reader, 1, 12, &moment->month) && accept(reader, '.') &&
                  read_number(reader, 1, 5, &moment->week) && accept(reader, '.') &&
                  read_number(reader, 0, 6, &moment->day);
    } else if (accept(reader, 'J')) {
        moment->kind = RFX_ZONE_DAY_JULIAN;
        is_read = read_number(reader, 1, 365, &moment->day);
    } else {
        is_read = read_number(reader, 0, 365, &moment->day);
    }
    return is_read && (!accept(reader, '/') || read_time(reader, 167, &moment->time_s));
}

bool rfx_zone_rule_read(struct rfx_bytes text, struct rfx_zone_rule *rule)
{
    if (text.size == 0) {
        return false;
    }
    struct reader reader = {.next = text.data, .end = text.data + text.size};
    *rule = (struct rfx_zone_rule){.has_dst = false};
    if (!read_name(&reader) || !read_offset(&reader, &rule->offset_s)) {
        return false;
    }
    if (reader.next == reader.end) {
        return true;
    }
    rule->has_dst = true;
    rule->dst_offset_s = rule->offset_s + 3600;
    if (!read_name(&reader)) {
        return false;
    }
    if (!accept(&reader, ',') &&
        (!read_offset(&reader, &rule->dst_offset_s) || !accept(&reader, ','))) {
        return false;
    }
    return read_moment(&reader, &rule->dst_start) && accept(&reader, ',') &&
           read_moment(&reader, &rule->dst_end) && reader.next == reader.end;
}

/* --------------------------------------------------------------------------------- computing */

static int64_t day_of(const struct rfx_zone_moment *moment, int64_t year)
{
    int64_t days = 0;
    switch (moment->kind) {
    case RFX_ZONE_DAY_JULIAN:
        days = rfx_days_of(year, 1, 1) + moment->day - 1;
        return days + (moment->day >= 60 && rfx_is_leap_year(year));
    case RFX_ZONE_DAY_OF_YEAR:
        return rfx_days_of(year, 1, 1) + moment->day;
    case RFX_ZONE_DAY_OF_MONTH: {
        int64_t first = rfx_days_of(year, moment->month, 1);
        days = first + rfx_floor_mod(moment->day - rfx_weekday_of(first), 7);
        days += (moment->week - 1) * 7;
        return days < first + rfx_days_in_month(year, moment->month) ? days : days - 7;
    }
    }
    return days;
}

/* A change happens up to eight days before or behind its year, so that these years have the last
 * change up to an instant and the first one after it. */
#define YEARS_BEFORE 2
#define YEARS_AFTER  2
#define CHANGES      (2 * (YEARS_BEFORE + 1 + YEARS_AFTER))

/* Where both changes coincide the start of DST is the later one: a year that is DST from end to
 * end ends it where the next one starts it (RFC 8536, 3.3.1). */
static bool is_later(const struct rfx_zone_change *a, bool a_is_start,
                     const struct rfx_zone_change *b)
{
    return a->at_s > b->at_s || (a->at_s == b->at_s && a_is_start);
}

/* The changes of the years around an instant, in order. */
static void list_changes(const struct rfx_zone_rule *rule, int64_t utc_s,
                         struct rfx_zone_change changes[CHANGES])
{
    int64_t year;
    int64_t month;
    int64_t day;
    rfx_date_of(rfx_floor_div(utc_s, RFX_S_PER_DAY), &year, &month, &day);
    for (size_t i = 0; i < CHANGES; i++) {
        bool is_start = i % 2 == 1;
        const struct rfx_zone_moment *moment = is_start ? &rule->dst_start : &rule->dst_end;
        int64_t wall_s =
            day_of(moment, year - YEARS_BEFORE + (int64_t)(i / 2)) * RFX_S_PER_DAY + moment->time_s;
        struct rfx_zone_change change = {
            .at_s = wall_s - (is_start ? rule->offset_s : rule->dst_offset_s),
            .offset_s = is_start ? rule->dst_offset_s : rule->offset_s,
        };
        size_t place = i;
        for (; place > 0 && !is_later(&change, is_start, &changes[place - 1]); place--) {
            changes[place] = changes[place - 1];
        }
        changes[place] = change;
    }
}

int32_t rfx_zone_rule_offset_s(const struct rfx_zone_rule *rule, int64_t utc_s)
{
    if (!rule->has_dst) {
        return rule->offset_s;
    }
    struct rfx_zone_change changes[CHANGES];
    list_changes(rule, utc_s, changes);
    size_t i = CHANGES;
    while (i > 1 && changes[i - 1].at_s > utc_s) {
        i--;
    }
    RFX_ASSERT(changes[i - 1].at_s <= utc_s);
    return changes[i - 1].offset_s;
}

bool rfx_zone_rule_change_after(const struct rfx_zone_rule *rule, int64_t utc_s,
                                struct rfx_zone_change *change)
{
    if (!rule->has_dst) {
        return false;
    }
    struct rfx_zone_change changes[CHANGES];
    list_changes(rule, utc_s, changes);
    size_t i = 0;
    while (i < CHANGES - 1 && changes[i].at_s <= utc_s) {
        i++;
    }
    RFX_ASSERT(changes[i].at_s > utc_s);
    while (i < CHANGES - 1 && changes[i + 1].at_s == changes[i].at_s) {
        i++; /* of several at one instant the last one holds */
    }
    *change = changes[i];
    return true;
}
