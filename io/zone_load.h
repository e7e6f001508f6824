/* Time zones by their IANA names, from the system's files (package tzdata).
 *
 * thread   one at a time; the zones themselves any */
#ifndef RFX_IO_ZONE_LOAD_H
#define RFX_IO_ZONE_LOAD_H

#include "core/zone.h"

#define RFX_ZONE_NAME_MAX 63

/* Reads a zone ("Europe/London") from the directory that TZDIR names, or /usr/share/zoneinfo.
 *
 * name    NULL and "UTC" need no file and give a NULL zone, which is UTC
 * zone    release with rfx_zone_free()
 * errors  RFX_E_CONFIG: no zone of that name, or its file is damaged, RFX_E_IO, RFX_E_NOMEM */
rfx_status rfx_zone_load(const char *name, struct rfx_zone **zone,
                         struct rfx_error *error) RFX_MUST_CHECK;

/* Zones that were loaded once and are shared by all who ask for them. */
struct rfx_zone_set;

/* errors  RFX_E_NOMEM */
rfx_status rfx_zone_set_open(struct rfx_zone_set **set, struct rfx_error *error) RFX_MUST_CHECK;

/* NULL is allowed. */
void rfx_zone_set_close(struct rfx_zone_set *set);

/* As rfx_zone_load(), but the file is read only the first time.
 *
 * zone    borrowed until rfx_zone_set_close() */
rfx_status rfx_zone_set_get(struct rfx_zone_set *set, const char *name,
                            const struct rfx_zone **zone, struct rfx_error *error) RFX_MUST_CHECK;

#endif
