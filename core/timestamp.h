/* UTCTimestamp, YYYYMMDD-HH:MM:SS with up to nine decimals, from and to nanoseconds since 1970.
 * Pure functions; any thread. */
#ifndef RFX_CORE_TIMESTAMP_H
#define RFX_CORE_TIMESTAMP_H

#include "core/base.h"

#define RFX_UTC_TEXT_MAX 27 /* YYYYMMDD-HH:MM:SS.nnnnnnnnn, not terminated */

/* False when it is not a valid date and time. Second 60 is read as the next minute's first. */
bool rfx_utc_read(struct rfx_bytes text, int64_t *utc_ns);

/* Writes 0, 3, 6 or 9 decimals (17 to RFX_UTC_TEXT_MAX bytes) and returns how many bytes; years
 * 1970 to 9999. What is finer is cut off. */
size_t rfx_utc_write(int64_t utc_ns, unsigned decimals, char *text);

/* The same time is written again and again: keeps the last text of each precision.
 * Zero-initialise. */
struct rfx_utc_cache {
    struct {
        int64_t unit; /* the time in units of its precision */
        size_t size;  /* 0: nothing yet */
        char text[RFX_UTC_TEXT_MAX];
    } by_precision[4];
};

/* Valid until the next call with the same precision. */
struct rfx_bytes rfx_utc_cached(struct rfx_utc_cache *cache, int64_t utc_ns, unsigned decimals);

#endif
