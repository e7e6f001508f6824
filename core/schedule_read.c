/* The times and days of a schedule as a configuration writes them. */
#include "core/schedule.h"

static bool two_digits(const char *text, uint32_t limit, uint32_t *number)
{
    unsigned tens = (unsigned)(unsigned char)text[0] - '0';
    unsigned ones = (unsigned)(unsigned char)text[1] - '0';
    *number = tens * 10 + ones;
    return tens <= 9 && ones <= 9 && *number < limit;
}

bool rfx_schedule_read_time(struct rfx_bytes text, uint32_t *seconds)
{
    uint32_t hour;
    uint32_t minute;
    uint32_t second;
    if (text.size != 8 || text.data[2] != ':' || text.data[5] != ':' ||
        !two_digits(text.data, 24, &hour) || !two_digits(text.data + 3, 60, &minute) ||
        !two_digits(text.data + 6, 60, &second)) {
        return false;
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

static bool is_name(struct rfx_bytes text, const char *name)
{
    size_t i = 0;
    for (; i < text.size && name[i] != '\0'; i++) {
        char c = text.data[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != name[i]) {
            return false;
        }
    }
    return i == text.size && (i == 2 || i == 3 || name[i] == '\0');
}

bool rfx_schedule_read_day(struct rfx_bytes text, uint8_t *day)
{
    static const char *const names[] = {"sunday",   "monday", "tuesday", "wednesday",
                                        "thursday", "friday", "saturday"};
    for (uint8_t i = 0; i < 7; i++) {
        if (is_name(text, names[i])) {
            *day = i;
            return true;
        }
    }
    return false;
}

static struct rfx_bytes without_blanks(struct rfx_bytes text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t')) {
        text.size--;
    }
    return text;
}

bool rfx_schedule_read_days(struct rfx_bytes text, uint8_t *days)
{
    unsigned mask = 0;
    if (text.size == 0) {
        return false;
    }
    for (size_t start = 0, i = 0; i <= text.size; i++) {
        if (i < text.size && text.data[i] != ',') {
            continue;
        }
        uint8_t day;
        if (!rfx_schedule_read_day(without_blanks(rfx_bytes_of(text.data + start, i - start)),
                                   &day)) {
            return false;
        }
        mask |= 1u << day;
        start = i + 1;
    }
    *days = (uint8_t)mask;
    return true;
}
