/* The time zone parser on hostile files: an error that names the zone, or a zone whose clock can
 * be asked and in which schedules are sound. */
#include <string.h>

#include "core/hash.h"
#include "core/schedule.h"
#include "core/zone.h"
#include "tests/fuzz/fuzz.h"

#define NS_PER_S INT64_C(1000000000)

static void check_clock(const struct rfx_zone *zone, int64_t utc_s)
{
    int32_t offset = rfx_zone_offset_s(zone, utc_s);
    RFX_ASSERT(offset > -25 * 3600 && offset < 26 * 3600);
    if (utc_s < -(INT64_C(1) << 39) || utc_s > INT64_C(1) << 39) {
        return;
    }
    int64_t first;
    int64_t last;
    int64_t next_first;
    int64_t next_last;
    rfx_zone_instants(zone, utc_s + offset, &first, &last);
    RFX_ASSERT(first <= utc_s && utc_s <= last);
    rfx_zone_instants(zone, utc_s + offset + 1, &next_first, &next_last);
    RFX_ASSERT(first <= next_first && last <= next_last);
}

/* Three stretches after an instant. */
static void check_schedule(const struct rfx_schedule *schedule, int64_t utc_ns)
{
    struct rfx_interval interval;
    for (int i = 0; i < 3; i++) {
        bool is_open = rfx_schedule_at(schedule, utc_ns, &interval);
        if (interval.end_ns == INT64_MAX) {
            return;
        }
        RFX_ASSERT(interval.start_ns < interval.end_ns && utc_ns < interval.end_ns);
        RFX_ASSERT(is_open == (interval.start_ns <= utc_ns));
        struct rfx_interval again;
        RFX_ASSERT(rfx_schedule_at(schedule, interval.start_ns, &again));
        RFX_ASSERT(memcmp(&interval, &again, sizeof again) == 0);
        rfx_schedule_at(schedule, interval.end_ns, &again);
        RFX_ASSERT(again.start_ns >= interval.end_ns);
        utc_ns = interval.end_ns;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rfx_zone *zone = NULL;
    struct rfx_error error = {""};
    struct rfx_bytes bytes = rfx_bytes_of((const char *)data, size);
    rfx_status status = rfx_zone_parse(bytes, "Fuzz/Zone", &zone, &error);
    if (status != RFX_OK) {
        RFX_ASSERT(zone == NULL && status == RFX_E_CONFIG);
        RFX_ASSERT(strncmp(error.text, "time zone Fuzz/Zone: ", 21) == 0);
        return 0;
    }
    /* Any times will do; the file's own bytes choose them. */
    uint64_t hash = rfx_name_hash(bytes.data, bytes.size);
    struct rfx_schedule schedule = {
        .kind = hash >> 63 != 0 ? RFX_SCHEDULE_DAILY : RFX_SCHEDULE_WEEKLY,
        .start_s = (uint32_t)(hash % 86400),
        .end_s = (uint32_t)(hash / 86400 % 86400),
        .start_day = (uint8_t)(hash >> 40 & 0xff) % 7,
        .end_day = (uint8_t)(hash >> 48 & 0xff) % 7,
        .days = (uint8_t)(1 + (hash >> 33) % 127),
        .zone = zone,
    };
    static const int64_t instants_s[] = {INT64_MIN,  -2717650800, -1,         0,
                                         1741503600, 1762063200,  4102444800, INT64_MAX};
    for (size_t i = 0; i < sizeof instants_s / sizeof instants_s[0]; i++) {
        check_clock(zone, instants_s[i]);
        bool is_far = instants_s[i] == INT64_MIN || instants_s[i] == INT64_MAX;
        check_schedule(&schedule, is_far ? instants_s[i] : instants_s[i] * NS_PER_S);
    }
    rfx_zone_free(zone);
    return 0;
}
