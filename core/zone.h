/* A time zone out of an IANA TZif file (RFC 8536): what the wall clock shows at an instant, and
 * when it shows a given time.
 *
 * Times are in seconds since 1970, negative before it. Those more than RFX_ZONE_INSTANT_MAX
 * (core/zone_rule.h; some 34,000 years) away from it are taken as that far away.
 *
 * thread   any, once it is parsed */
#ifndef RFX_CORE_ZONE_H
#define RFX_CORE_ZONE_H

#include "core/base.h"

struct rfx_zone;

/* More changes in a file are refused; real zones have up to about 300. */
#define RFX_ZONE_CHANGES_MAX 4096
#define RFX_ZONE_LOCAL       "localtime" /* the machine's */

/* Reads the bytes of a TZif file, versions 1 to 4, the POSIX TZ rule at its end included. The
 * bytes are hostile until checked. Files that count leap seconds ("right/...") are refused: FIX
 * time does not.
 *
 * bytes   borrowed until return
 * name    for messages, copied        zone  release with rfx_zone_free()
 * errors  RFX_E_CONFIG: not such a file, or damaged, RFX_E_NOMEM */
rfx_status rfx_zone_parse(struct rfx_bytes bytes, const char *name, struct rfx_zone **zone,
                          struct rfx_error *error) RFX_MUST_CHECK;

/* NULL is allowed. */
void rfx_zone_free(struct rfx_zone *zone);

/* "UTC" for NULL. */
const char *rfx_zone_name(const struct rfx_zone *zone);

/* Seconds east of UTC at an instant (UTC). NULL is UTC: 0. */
int32_t rfx_zone_offset_s(const struct rfx_zone *zone, int64_t utc_s);

/* The instants (UTC) at which the wall clock shows local_s (as if the wall clock were UTC).
 *
 * first   when it shows that or later for the first time
 * last    the end of the time in which it shows that or earlier
 *
 * They are the same but where a change of the offset repeats that time; where a change skips it
 * both are the instant of the change. A later local_s never has an earlier first or last. NULL
 * is UTC. */
void rfx_zone_instants(const struct rfx_zone *zone, int64_t local_s, int64_t *first_utc_s,
                       int64_t *last_utc_s);

#endif
