/* The rule at the end of a TZif file: the TZ variable of POSIX ("EST5EDT,M3.2.0,M11.1.0") with
 * what RFC 8536 adds, times of -167 to 167 hours. It holds for all years.
 *
 * thread   any */
#ifndef RFX_CORE_ZONE_RULE_H
#define RFX_CORE_ZONE_RULE_H

#include "core/base.h"

/* Bounds of an offset, exclusive (RFC 8536, 3.2). */
#define RFX_ZONE_EAST_MAX_S (26 * 3600)
#define RFX_ZONE_WEST_MAX_S (25 * 3600)

/* Instants that are computed with, both ways from 1970: some 34,000 years, beyond any time in
 * nanoseconds, and far from where arithmetic in seconds or days could overflow. */
#define RFX_ZONE_INSTANT_MAX (INT64_C(1) << 40)

/* From an instant on (seconds since 1970 UTC) another offset. */
struct rfx_zone_change {
    int64_t at_s;
    int32_t offset_s; /* east of UTC */
};

enum rfx_zone_day_kind {
    RFX_ZONE_DAY_JULIAN,   /* Jn: 1 to 365, 29 February is not counted */
    RFX_ZONE_DAY_OF_YEAR,  /* n: 0 to 365 */
    RFX_ZONE_DAY_OF_MONTH, /* Mm.w.d: weekday d, the w-th of month m, 5 the last */
};

/* When in a year, wall clock before the change. */
struct rfx_zone_moment {
    enum rfx_zone_day_kind kind;
    int32_t day; /* number or weekday (0 Sunday) */
    int32_t week;
    int32_t month;
    int32_t time_s;
};

struct rfx_zone_rule {
    int32_t offset_s; /* of standard time */
    bool has_dst;
    int32_t dst_offset_s;
    struct rfx_zone_moment dst_start;
    struct rfx_zone_moment dst_end;
};

/* False when it is no such rule. DST without the days of its change is refused: what it would
 * mean is left open. */
bool rfx_zone_rule_read(struct rfx_bytes text, struct rfx_zone_rule *rule);

/* utc_s  within twice RFX_ZONE_INSTANT_MAX of 1970, here and below */
int32_t rfx_zone_rule_offset_s(const struct rfx_zone_rule *rule, int64_t utc_s);

/* The first change after an instant; false when there is none. */
bool rfx_zone_rule_change_after(const struct rfx_zone_rule *rule, int64_t utc_s,
                                struct rfx_zone_change *change);

#endif
