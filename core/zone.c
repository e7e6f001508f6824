/* TZif, numbers big-endian (RFC 8536, 3):
 *
 *     0  "TZif"
 *     4  version: NUL (1), '2', '3' or '4'
 *     5  15 bytes unused
 *    20  six counts of 4 bytes: UT indicators, standard indicators, leap seconds, changes, types,
 *        bytes of abbreviations
 *    44  the block: instants of the changes (4 bytes each in version 1, then 8), a type (1) for
 *        each, types (offset 4, DST 1, abbreviation 1), abbreviations, leap seconds (4 + 4, then
 *        8 + 4), standard and UT indicators (1 each)
 *
 * From version 2 on a second header and block follow, which are the ones to read, and then a
 * line with the rule for all time after the last change. */
#include "core/zone.h"

#include <stdlib.h>
#include <string.h>

#include "core/zone_rule.h"

#define HEADER_SIZE 44
#define TYPE_SIZE   6
#define TYPES_MAX   256

struct rfx_zone {
    char *name;
    int32_t first_offset_s; /* before the first change */
    bool has_rule;          /* which holds from the last change on, or always if there is none */
    struct rfx_zone_rule rule;
    size_t change_count;
    struct rfx_zone_change changes[]; /* ascending */
};

/* --------------------------------------------------------------------------------- computing */

/* Index of the first change after an instant. */
static size_t find_after(const struct rfx_zone *zone, int64_t utc_s)
{
    size_t low = 0;
    size_t high = zone->change_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at_s <= utc_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int32_t offset_at(const struct rfx_zone *zone, int64_t utc_s)
{
    size_t after = find_after(zone, utc_s);
    if (after == zone->change_count && zone->has_rule) {
        return rfx_zone_rule_offset_s(&zone->rule, utc_s);
    }
    return after == 0 ? zone->first_offset_s : zone->changes[after - 1].offset_s;
}

static int64_t within_bounds(int64_t seconds)
{
    if (seconds > RFX_ZONE_INSTANT_MAX) {
        return RFX_ZONE_INSTANT_MAX;
    }
    return seconds < -RFX_ZONE_INSTANT_MAX ? -RFX_ZONE_INSTANT_MAX : seconds;
}

int32_t rfx_zone_offset_s(const struct rfx_zone *zone, int64_t utc_s)
{
    if (zone == NULL) {
        return 0;
    }
    return offset_at(zone, within_bounds(utc_s));
}

/* False when no change comes after that instant. */
static bool change_after(const struct rfx_zone *zone, int64_t utc_s, struct rfx_zone_change *change)
{
    size_t after = find_after(zone, utc_s);
    if (after < zone->change_count) {
        *change = zone->changes[after];
        return true;
    }
    return zone->has_rule && rfx_zone_rule_change_after(&zone->rule, utc_s, change);
}

void rfx_zone_instants(const struct rfx_zone *zone, int64_t local_s, int64_t *first_utc_s,
                       int64_t *last_utc_s)
{
    if (zone == NULL) {
        *first_utc_s = *last_utc_s = local_s;
        return;
    }
    /* Stretches of one offset, from where the wall clock has surely not come to local_s to where
     * it has surely passed it. */
    local_s = within_bounds(local_s);
    int64_t start = local_s - RFX_ZONE_EAST_MAX_S;
    int64_t limit = local_s + RFX_ZONE_WEST_MAX_S;
    int32_t offset = offset_at(zone, start);
    int64_t first = INT64_MAX;
    int64_t last = start;
    while (start <= limit) {
        struct rfx_zone_change change;
        bool is_last = !change_after(zone, start, &change);
        int64_t end = is_last ? INT64_MAX : change.at_s;
        int64_t shown = local_s - offset; /* if this offset held always */
        if (first == INT64_MAX && shown < end) {
            first = shown > start ? shown : start;
        }
        if (shown >= start) {
            last = shown < end ? shown : end;
        }
        if (is_last) {
            break;
        }
        start = end;
        offset = change.offset_s;
    }
    *first_utc_s = first;
    *last_utc_s = last;
}

/* ----------------------------------------------------------------------------------- parsing */

/* The counts of a header, in the order of the file. */
struct counts {
    uint64_t ut;
    uint64_t standard;
    uint64_t leaps;
    uint64_t changes;
    uint64_t types;
    uint64_t abbreviations;
};

static uint64_t read_unsigned(const char *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) {
        number = number << 8 | (unsigned char)bytes[i];
    }
    return number;
}

/* Two's complement of 4 or 8 bytes. */
static int64_t read_signed(const char *bytes, size_t size)
{
    uint64_t number = read_unsigned(bytes, size);
    if (size == 4) {
        return (int64_t)(number ^ UINT64_C(0x80000000)) - INT64_C(0x80000000);
    }
    uint64_t rest = number & INT64_MAX;
    return number > INT64_MAX ? (int64_t)rest + INT64_MIN : (int64_t)rest;
}

static uint64_t block_size(const struct counts *counts, size_t time_size)
{
    return counts->changes * (time_size + 1) + counts->types * TYPE_SIZE + counts->abbreviations +
           counts->leaps * (time_size + 4) + counts->standard + counts->ut;
}

/* Takes header and block off the front of the bytes; returns what is wrong, NULL for nothing. */
static const char *take_block(struct rfx_bytes *bytes, size_t time_size, char *version,
                              struct counts *counts, struct rfx_bytes *block)
{
    const char *data = bytes->data;
    if (bytes->size < HEADER_SIZE || memcmp(data, "TZif", 4) != 0) {
        return "it is no time zone file (TZif)";
    }
    *version = data[4];
    if (*version != '\0' && (*version < '2' || *version > '4')) {
        return "its version is not one of 1 to 4";
    }
    uint64_t *const all[] = {&counts->ut,      &counts->standard, &counts->leaps,
                             &counts->changes, &counts->types,    &counts->abbreviations};
    for (size_t i = 0; i < 6; i++) {
        *all[i] = read_unsigned(data + 20 + 4 * i, 4);
    }
    uint64_t size = block_size(counts, time_size);
    if (size > bytes->size - HEADER_SIZE) {
        return "it is cut off";
    }
    *block = rfx_bytes_of(data + HEADER_SIZE, (size_t)size);
    *bytes = rfx_bytes_of(block->data + size, bytes->size - HEADER_SIZE - (size_t)size);
    return NULL;
}

static const char *check_counts(const struct counts *counts)
{
    if (counts->types == 0 || counts->types > TYPES_MAX || counts->abbreviations == 0 ||
        (counts->standard != 0 && counts->standard != counts->types) ||
        (counts->ut != 0 && counts->ut != counts->types)) {
        return "its header is damaged";
    }
    if (counts->leaps != 0) {
        return "it counts leap seconds; take the zone of that name without \"right/\"";
    }
    return counts->changes > RFX_ZONE_CHANGES_MAX ? "it has more than 4096 changes" : NULL;
}

static const char *read_types(const char *types, const struct counts *counts,
                              int32_t offsets_s[TYPES_MAX])
{
    for (size_t i = 0; i < counts->types; i++) {
        const char *type = types + i * TYPE_SIZE;
        int64_t offset = read_signed(type, 4);
        if (offset <= -RFX_ZONE_WEST_MAX_S || offset >= RFX_ZONE_EAST_MAX_S ||
            (unsigned char)type[4] > 1 || (unsigned char)type[5] >= counts->abbreviations) {
            return "a type of its local time is damaged";
        }
        offsets_s[i] = (int32_t)offset;
    }
    return NULL;
}

static const char *read_changes(struct rfx_zone *zone, const char *block, size_t time_size,
                                const struct counts *counts)
{
    int32_t offsets_s[TYPES_MAX];
    const char *types = block + counts->changes * time_size;
    const char *problem = read_types(types + counts->changes, counts, offsets_s);
    if (problem != NULL) {
        return problem;
    }
    zone->first_offset_s = offsets_s[0];
    zone->change_count = (size_t)counts->changes;
    for (size_t i = 0; i < zone->change_count; i++) {
        int64_t at_s = read_signed(block + i * time_size, time_size);
        size_t type = (unsigned char)types[i];
        if (type >= counts->types || (i > 0 && at_s <= zone->changes[i - 1].at_s)) {
            return "its changes are damaged";
        }
        zone->changes[i] = (struct rfx_zone_change){.at_s = at_s, .offset_s = offsets_s[type]};
    }
    return NULL;
}

/* The rest of the file: the rule, or nothing, between two ends of line. */
static const char *read_footer(struct rfx_zone *zone, struct rfx_bytes footer)
{
    const char *end = footer.size > 1 ? memchr(footer.data + 1, '\n', footer.size - 1) : NULL;
    if (end == NULL || footer.data[0] != '\n') {
        return "the rule at its end is missing";
    }
    struct rfx_bytes text = rfx_bytes_of(footer.data + 1, (size_t)(end - footer.data) - 1);
    if (text.size == 0) {
        return NULL;
    }
    if (!rfx_zone_rule_read(text, &zone->rule)) {
        return "the rule at its end is not understood";
    }
    zone->has_rule = true;
    if (zone->change_count > 0) {
        /* It holds from the last change on; should they contradict each other it wins. */
        struct rfx_zone_change *last = &zone->changes[zone->change_count - 1];
        last->offset_s = rfx_zone_rule_offset_s(&zone->rule, within_bounds(last->at_s));
    }
    return NULL;
}

rfx_status rfx_zone_parse(struct rfx_bytes bytes, const char *name, struct rfx_zone **zone,
                          struct rfx_error *error)
{
    char version;
    struct counts counts;
    struct rfx_bytes block;
    size_t time_size = 4;
    const char *problem = take_block(&bytes, time_size, &version, &counts, &block);
    if (problem == NULL && version != '\0') {
        time_size = 8;
        problem = take_block(&bytes, time_size, &version, &counts, &block);
    }
    if (problem == NULL) {
        problem = check_counts(&counts);
    }
    if (problem != NULL) {
        return rfx_fail(error, RFX_E_CONFIG, "time zone %s: %s", name, problem);
    }
    size_t size = sizeof **zone + (size_t)counts.changes * sizeof(*zone)->changes[0];
    struct rfx_zone *parsed = calloc(1, size);
    char *copy = strdup(name);
    if (parsed == NULL || copy == NULL) {
        free(copy);
        free(parsed);
        return rfx_fail(error, RFX_E_NOMEM, "time zone %s: out of memory", name);
    }
    parsed->name = copy;
    problem = read_changes(parsed, block.data, time_size, &counts);
    if (problem == NULL && time_size == 8) {
        problem = read_footer(parsed, bytes);
    }
    if (problem != NULL) {
        rfx_zone_free(parsed);
        return rfx_fail(error, RFX_E_CONFIG, "time zone %s: %s", name, problem);
    }
    *zone = parsed;
    return RFX_OK;
}

void rfx_zone_free(struct rfx_zone *zone)
{
    if (zone != NULL) {
        free(zone->name);
        free(zone);
    }
}

const char *rfx_zone_name(const struct rfx_zone *zone)
{
    return zone == NULL ? "UTC" : zone->name;
}
