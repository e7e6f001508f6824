/* UTCTimestamp, YYYYMMDD-HH:MM:SS with up to nine decimals, from and to nanoseconds since 1970.
 * Pure functions; any thread. */
#ifndef RFX_CORE_TIMESTAMP_H
#define RFX_CORE_TIMESTAMP_H

#include "core/base.h"

#define RFX_UTC_TEXT_SIZE 21 /* YYYYMMDD-HH:MM:SS.sss, not terminated */

/* False when it is not a valid date and time. Second 60 is read as the next minute's first. */
bool rfx_utc_read(struct rfx_bytes text, int64_t *utc_ns);

/* Writes RFX_UTC_TEXT_SIZE bytes with milliseconds; years 1970 to 9999. */
void rfx_utc_write(int64_t utc_ns, char *text);

/* The same time is written again and again: keeps the last text. Zero-initialise. */
struct rfx_utc_cache {
    int64_t utc_ms;
    char text[RFX_UTC_TEXT_SIZE];
};

const char *rfx_utc_cached(struct rfx_utc_cache *cache, int64_t utc_ns);

#endif
