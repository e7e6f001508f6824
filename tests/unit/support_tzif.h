/* Time zones for tests: TZif files written in memory, and times as texts. Failures end the
 * test. */
#ifndef RFX_TESTS_SUPPORT_TZIF_H
#define RFX_TESTS_SUPPORT_TZIF_H

#include "core/zone.h"
#include "tests/support.h"

#define TZIF_SIZE_MAX 65536

struct tzif_change {
    int64_t at_s;
    uint8_t type; /* index of an offset */
};

/* What a file says. A zeroed one with offsets and a rule is valid. */
struct tzif_spec {
    char version; /* '1' to '4'; NUL: '2' */
    const struct tzif_change *changes;
    size_t change_count;
    const int32_t *offsets_s;
    size_t offset_count; /* 0: one type of offset 0 */
    const char *rule;    /* NULL: none */
    uint32_t leap_count;
    uint32_t indicator_count; /* of each kind */
};

struct tzif {
    size_t size;
    char data[TZIF_SIZE_MAX];
};

/* Where in the file the block to read begins with its header. */
size_t tzif_header_at(const struct tzif_spec *spec);

void tzif_write(const struct tzif_spec *spec, struct tzif *file);

/* The parsed zone, to be freed by the caller. */
struct rfx_zone *tzif_zone(const struct tzif_spec *spec);

/* A zone that follows one rule always. */
struct rfx_zone *tzif_rule_zone(const char *rule);

/* Pacific/Apia around the day it skipped: -10 until 2011-12-30 10:00 UTC, +14 from then on. */
struct rfx_zone *tzif_apia_zone(void);

/* Africa/Casablanca in 2025: +01, but +00 from 23 February 02:00 UTC to 6 April 02:00 UTC. */
struct rfx_zone *tzif_casablanca_zone(void);

/* "YYYY-MM-DD HH:MM:SS" in UTC, from 1583 on, into seconds since 1970. */
int64_t seconds_of(const char *text);

/* And back; valid until the fourth call from now. */
const char *text_of(int64_t seconds);

/* Skips the test, and says so, when the system has no time zone files. */
void need_system_zones(void);

#endif
