/* Days and dates of the proleptic Gregorian calendar, before 1970 too. Pure functions; any
 * thread. */
#ifndef RFX_CORE_CALENDAR_H
#define RFX_CORE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define RFX_S_PER_DAY 86400

/* Rounded towards minus infinity; divisor above 0. */
static inline int64_t rfx_floor_div(int64_t number, int64_t divisor)
{
    return number / divisor - (number % divisor < 0);
}

/* From 0 to divisor - 1, of negative numbers too. */
static inline int64_t rfx_floor_mod(int64_t number, int64_t divisor)
{
    int64_t rest = number % divisor;
    return rest < 0 ? rest + divisor : rest;
}

/* Days since 1970-01-01. The year is counted from March so that the leap day comes last. */
static inline int64_t rfx_days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = rfx_floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static inline void rfx_date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += 719468;
    int64_t era = rfx_floor_div(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

static inline bool rfx_is_leap_year(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* month  1 to 12 */
static inline int64_t rfx_days_in_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && rfx_is_leap_year(year) ? 29 : days[month - 1];
}

/* 0 Sunday to 6 Saturday; 1970-01-01 was a Thursday. */
static inline int64_t rfx_weekday_of(int64_t days)
{
    return rfx_floor_mod(days + 4, 7);
}

#endif
