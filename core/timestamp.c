#include "core/timestamp.h"

#include <string.h>

#define NS_PER_MS 1000000
#define NS_PER_S  1000000000
#define S_PER_DAY 86400

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar. The year is counted from
 * March so that the leap day comes last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += 719468;
    int64_t era = days / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* Reads count digits; -1 when there is something else. */
static int64_t digits(const char *text, size_t count)
{
    int64_t number = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9) {
            return -1;
        }
        number = number * 10 + (int64_t)digit;
    }
    return number;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool read_fraction(const char *text, size_t size, int64_t *nanoseconds)
{
    if (size < 2 || size > 10 || text[0] != '.') {
        return false;
    }
    int64_t fraction = digits(text + 1, size - 1);
    if (fraction < 0) {
        return false;
    }
    for (size_t i = size; i < 10; i++) {
        fraction *= 10;
    }
    *nanoseconds = fraction;
    return true;
}

bool rfx_utc_read(struct rfx_bytes text, int64_t *utc_ns)
{
    const char *t = text.data;
    if (text.size < 17 || t[8] != '-' || t[11] != ':' || t[14] != ':') {
        return false;
    }
    int64_t year = digits(t, 4);
    int64_t month = digits(t + 4, 2);
    int64_t day = digits(t + 6, 2);
    int64_t hour = digits(t + 9, 2);
    int64_t minute = digits(t + 12, 2);
    int64_t second = digits(t + 15, 2);
    /* From 1970 on and within 64 bits of nanoseconds (until 2262). */
    if (year < 1970 || year > 2261 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 60) {
        return false;
    }
    int64_t nanoseconds = 0;
    if (text.size > 17 && !read_fraction(t + 17, text.size - 17, &nanoseconds)) {
        return false;
    }
    int64_t seconds = days_of(year, month, day) * S_PER_DAY + hour * 3600 + minute * 60 + second;
    *utc_ns = seconds * NS_PER_S + nanoseconds;
    return true;
}

static void put_digits(char *text, int64_t number, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        text[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
}

void rfx_utc_write(int64_t utc_ns, char *text)
{
    int64_t ms = utc_ns > 0 ? utc_ns / NS_PER_MS : 0;
    int64_t seconds = ms / 1000;
    int64_t of_day = seconds % S_PER_DAY;
    int64_t year;
    int64_t month;
    int64_t day;
    date_of(seconds / S_PER_DAY, &year, &month, &day);
    put_digits(text, year, 4);
    put_digits(text + 4, month, 2);
    put_digits(text + 6, day, 2);
    text[8] = '-';
    put_digits(text + 9, of_day / 3600, 2);
    text[11] = ':';
    put_digits(text + 12, of_day / 60 % 60, 2);
    text[14] = ':';
    put_digits(text + 15, of_day % 60, 2);
    text[17] = '.';
    put_digits(text + 18, ms % 1000, 3);
}

const char *rfx_utc_cached(struct rfx_utc_cache *cache, int64_t utc_ns)
{
    int64_t ms = utc_ns / NS_PER_MS;
    if (ms != cache->utc_ms || cache->text[0] == '\0') {
        rfx_utc_write(utc_ns, cache->text);
        cache->utc_ms = ms;
    }
    return cache->text;
}
