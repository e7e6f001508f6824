#include "core/timestamp.h"

#include <string.h>

#include "core/calendar.h"

#define NS_PER_MS 1000000
#define NS_PER_S  1000000000

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
        day > rfx_days_in_month(year, month) || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60) {
        return false;
    }
    int64_t nanoseconds = 0;
    if (text.size > 17 && !read_fraction(t + 17, text.size - 17, &nanoseconds)) {
        return false;
    }
    int64_t seconds =
        rfx_days_of(year, month, day) * RFX_S_PER_DAY + hour * 3600 + minute * 60 + second;
    *utc_ns = seconds * NS_PER_S + nanoseconds;
    return true;
}

/* Nanoseconds in the last digit of a time with that many decimals. */
static int64_t unit_of(unsigned decimals)
{
    static const int64_t units[] = {NS_PER_S, NS_PER_MS, 1000, 1};
    return units[decimals / 3];
}

static void put_digits(char *text, int64_t number, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        text[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
}

size_t rfx_utc_write(int64_t utc_ns, unsigned decimals, char *text)
{
    int64_t ns = utc_ns > 0 ? utc_ns : 0;
    int64_t seconds = ns / NS_PER_S;
    int64_t of_day = seconds % RFX_S_PER_DAY;
    int64_t year;
    int64_t month;
    int64_t day;
    rfx_date_of(seconds / RFX_S_PER_DAY, &year, &month, &day);
    put_digits(text, year, 4);
    put_digits(text + 4, month, 2);
    put_digits(text + 6, day, 2);
    text[8] = '-';
    put_digits(text + 9, of_day / 3600, 2);
    text[11] = ':';
    put_digits(text + 12, of_day / 60 % 60, 2);
    text[14] = ':';
    put_digits(text + 15, of_day % 60, 2);
    if (decimals == 0) {
        return 17;
    }
    text[17] = '.';
    put_digits(text + 18, ns % NS_PER_S / unit_of(decimals), decimals);
    return 18 + decimals;
}

struct rfx_bytes rfx_utc_cached(struct rfx_utc_cache *cache, int64_t utc_ns, unsigned decimals)
{
    RFX_ASSERT(decimals <= 9 && decimals % 3 == 0);
    int64_t unit = utc_ns / unit_of(decimals);
    size_t index = decimals / 3;
    if (unit != cache->by_precision[index].unit || cache->by_precision[index].size == 0) {
        cache->by_precision[index].size =
            rfx_utc_write(utc_ns, decimals, cache->by_precision[index].text);
        cache->by_precision[index].unit = unit;
    }
    return rfx_bytes_of(cache->by_precision[index].text, cache->by_precision[index].size);
}
