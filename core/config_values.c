/* A value of the file into its place. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/config_keys.h"
#include "core/schedule.h"
#include "core/version.h"
#include "core/zone.h"

static bool read_digits(struct rfx_bytes text, uint64_t *number)
{
    uint64_t result = 0;
    if (text.size == 0 || text.size > 18) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        result = result * 10 + (uint64_t)(text.data[i] - '0');
    }
    *number = result;
    return true;
}

static bool allows(const struct rfx_key *key, uint64_t number, char problem[RFX_PROBLEM_SIZE])
{
    if (number >= key->min && number <= key->max) {
        return true;
    }
    bool is_size = key->kind == RFX_KEY_BYTES_U32 || key->kind == RFX_KEY_BYTES_U64;
    snprintf(problem, RFX_PROBLEM_SIZE, "is a number from %llu to %llu%s",
             (unsigned long long)key->min, (unsigned long long)key->max,
             is_size ? ", with K, M, G or T if you like" : "");
    return false;
}

/* Takes the suffix of a size away: how far its number is to be shifted. */
static unsigned read_suffix(struct rfx_bytes *value)
{
    static const char suffixes[] = "KMGT";
    char last = value->size > 1 ? value->data[value->size - 1] : '0';
    for (unsigned i = 0; suffixes[i] != '\0'; i++) {
        if (last == suffixes[i] || last == suffixes[i] - 'A' + 'a') {
            value->size--;
            return 10 * (i + 1);
        }
    }
    return 0;
}

static bool read_number(const struct rfx_key *key, struct rfx_bytes value, uint64_t *number,
                        char problem[RFX_PROBLEM_SIZE])
{
    bool is_size = key->kind == RFX_KEY_BYTES_U32 || key->kind == RFX_KEY_BYTES_U64;
    unsigned shift = is_size ? read_suffix(&value) : 0;
    bool fits = read_digits(value, number) && *number <= UINT64_MAX >> shift;
    *number = fits ? *number << shift : UINT64_MAX; /* which no key allows */
    return allows(key, *number, problem);
}

static bool read_word(struct rfx_bytes value, const char *const *words, size_t count, int *index)
{
    for (size_t i = 0; i < count; i++) {
        if (rfx_key_is_named(value, words[i])) {
            *index = (int)i;
            return true;
        }
    }
    return false;
}

static bool read_durability(struct rfx_bytes value, struct rfx_config *config)
{
    static const char *const words[] = {"process", "sync"};
    static const char interval[] = "interval:";
    int index;
    uint64_t ms;
    if (read_word(value, words, 2, &index)) {
        config->durability = index == 0 ? RFX_DURABILITY_PROCESS : RFX_DURABILITY_SYNC;
        return true;
    }
    size_t size = sizeof interval - 1;
    if (value.size <= size || strncasecmp(value.data, interval, size) != 0 ||
        !read_digits(rfx_bytes_of(value.data + size, value.size - size), &ms) || ms < 1 ||
        ms > RFX_INTERVAL_MAX) {
        return false;
    }
    config->durability = RFX_DURABILITY_INTERVAL;
    config->durability_interval_ms = (uint32_t)ms;
    return true;
}

/* "0,2-3": each core once for each worker, in that order. */
static bool read_cores(struct rfx_bytes value, uint64_t core_max, struct rfx_config *config)
{
    size_t count = 0;
    size_t from = 0;
    while (from <= value.size) {
        const char *start = value.data + from;
        const char *comma = memchr(start, ',', value.size - from);
        size_t size = comma != NULL ? (size_t)(comma - start) : value.size - from;
        const char *dash = memchr(start, '-', size);
        size_t first_size = dash != NULL ? (size_t)(dash - start) : size;
        uint64_t first;
        uint64_t last;
        if (!read_digits(rfx_bytes_of(start, first_size), &first)) {
            return false;
        }
        last = first;
        if (dash != NULL && !read_digits(rfx_bytes_of(dash + 1, size - first_size - 1), &last)) {
            return false;
        }
        if (last < first || last > core_max || last - first >= RFX_CORES_MAX - count) {
            return false;
        }
        for (uint64_t core = first; core <= last; core++) {
            config->cpu_affinity[count++] = (uint16_t)core;
        }
        from += size + 1;
    }
    config->cpu_affinity_count = count;
    return true;
}

static bool say(char problem[RFX_PROBLEM_SIZE], const char *text)
{
    snprintf(problem, RFX_PROBLEM_SIZE, "%s", text);
    return false;
}

static bool apply_number(const struct rfx_key *key, struct rfx_bytes value, char *place,
                         char problem[RFX_PROBLEM_SIZE])
{
    uint64_t number;
    if (!read_number(key, value, &number, problem)) {
        return false;
    }
    if (key->kind == RFX_KEY_U16) {
        memcpy(place, &(uint16_t){(uint16_t)number}, sizeof(uint16_t));
    } else if (key->kind == RFX_KEY_BYTES_U64) {
        memcpy(place, &number, sizeof number);
    } else {
        memcpy(place, &(uint32_t){(uint32_t)number}, sizeof(uint32_t));
    }
    return true;
}

static bool apply_text(const struct rfx_key *key, struct rfx_bytes value, char *place,
                       char problem[RFX_PROBLEM_SIZE])
{
    if (value.size < key->min || value.size > key->max) {
        snprintf(problem, RFX_PROBLEM_SIZE, "has %llu to %llu characters",
                 (unsigned long long)key->min, (unsigned long long)key->max);
        return false;
    }
    memcpy(place, value.data, value.size);
    place[value.size] = '\0';
    return true;
}

/* min of a host name is 0: an empty one is as good as none. */
static bool apply_string(const struct rfx_key *key, struct rfx_bytes value, char *place,
                         struct rfx_config_texts **texts, char problem[RFX_PROBLEM_SIZE])
{
    const char *text = NULL;
    if (value.size < key->min || value.size > key->max) {
        snprintf(problem, RFX_PROBLEM_SIZE, "has %llu to %llu characters",
                 (unsigned long long)key->min, (unsigned long long)key->max);
        return false;
    }
    if (value.size > 0) {
        text = rfx_config_texts_add(texts, value);
        if (text == NULL) {
            return say(problem, "does not fit in memory");
        }
    }
    memcpy(place, &text, sizeof text);
    return true;
}

static bool apply_schedule(const struct rfx_key *key, struct rfx_bytes value, char *place,
                           char problem[RFX_PROBLEM_SIZE])
{
    uint32_t seconds;
    uint8_t days;
    if (key->kind == RFX_KEY_TIME) {
        if (!rfx_schedule_read_time(value, &seconds)) {
            return say(problem, "is a time of the day, HH:MM:SS");
        }
        memcpy(place, &seconds, sizeof seconds);
        return true;
    }
    if (key->kind == RFX_KEY_DAY ? !rfx_schedule_read_day(value, &days)
                                 : !rfx_schedule_read_days(value, &days)) {
        return say(problem, key->kind == RFX_KEY_DAY
                                ? "is a day of the week in English, such as Monday"
                                : "is a list of days such as Monday,Tuesday");
    }
    memcpy(place, &days, sizeof days);
    return true;
}

static bool apply_appl_version(struct rfx_bytes value, char *place, char problem[RFX_PROBLEM_SIZE])
{
    int number = rfx_appl_version_of(value);
    if (number < 0) {
        return say(problem, "is FIX.4.0 to FIX.5.0SP2, or an ApplVerID from 2 to 9");
    }
    *(int8_t *)place = (int8_t)number;
    return true;
}

static bool apply_level(struct rfx_bytes value, bool *place, char problem[RFX_PROBLEM_SIZE])
{
    if (value.size != 1 || (value.data[0] != '0' && value.data[0] != '1')) {
        return say(problem, "is 0 or 1");
    }
    *place = value.data[0] == '1';
    return true;
}

static bool apply_flag(struct rfx_bytes value, bool *place, char problem[RFX_PROBLEM_SIZE])
{
    static const char *const words[] = {"N", "Y"};
    int index;
    if (!read_word(value, words, 2, &index)) {
        return say(problem, "is Y or N");
    }
    *place = index == 1;
    return true;
}

/* N takes back what [DEFAULT] says; a TimeZone stays. */
static bool apply_local_time(struct rfx_bytes value, char *place, char problem[RFX_PROBLEM_SIZE])
{
    const char *zone;
    bool is_local;
    if (!apply_flag(value, &is_local, problem)) {
        return false;
    }
    memcpy(&zone, place, sizeof zone);
    if (is_local) {
        zone = RFX_ZONE_LOCAL;
    } else if (zone != NULL && strcmp(zone, RFX_ZONE_LOCAL) == 0) {
        zone = NULL;
    }
    memcpy(place, &zone, sizeof zone);
    return true;
}

static bool apply_decimals(const struct rfx_key *key, struct rfx_bytes value, char *place,
                           char problem[RFX_PROBLEM_SIZE])
{
    bool has_milliseconds;
    uint64_t number;
    if (key->kind == RFX_KEY_MILLIS) {
        if (!apply_flag(value, &has_milliseconds, problem)) {
            return false;
        }
        *(uint8_t *)place = has_milliseconds ? 3 : 0;
        return true;
    }
    if (!read_digits(value, &number) || number > 9 || number % 3 != 0) {
        return say(problem, "is 0, 3, 6 or 9");
    }
    *(uint8_t *)place = (uint8_t)number;
    return true;
}

bool rfx_key_apply(const struct rfx_key *key, struct rfx_bytes value, void *target,
                   struct rfx_config_texts **texts, char problem[RFX_PROBLEM_SIZE])
{
    static const char *const roles[] = {"acceptor", "initiator"};
    static const char *const modes[] = {"shared", "dedicated"};
    static const char *const log_formats[] = {"text", "json"};
    static const char *const log_levels[] = {"error", "warning", "info", "debug"};
    static const char *const idles[] = {"spin", "adaptive", "park"};
    struct rfx_config *config = target;
    char *place = (char *)target + key->offset;
    int index;
    switch (key->kind) {
    case RFX_KEY_TEXT:
        return apply_text(key, value, place, problem);
    case RFX_KEY_STRING:
        return apply_string(key, value, place, texts, problem);
    case RFX_KEY_TIME:
    case RFX_KEY_DAY:
    case RFX_KEY_DAYS:
        return apply_schedule(key, value, place, problem);
    case RFX_KEY_APPL_VER:
        return apply_appl_version(value, place, problem);
    case RFX_KEY_DECIMALS:
    case RFX_KEY_MILLIS:
        return apply_decimals(key, value, place, problem);
    case RFX_KEY_FLAG:
        return apply_flag(value, (bool *)(void *)place, problem);
    case RFX_KEY_LEVEL:
        return apply_level(value, (bool *)(void *)place, problem);
    case RFX_KEY_U16:
    case RFX_KEY_U32:
    case RFX_KEY_BYTES_U32:
    case RFX_KEY_BYTES_U64:
        return apply_number(key, value, place, problem);
    case RFX_KEY_ROLE:
        if (!read_word(value, roles, 2, &index)) {
            return say(problem, "is acceptor or initiator");
        }
        ((struct rfx_session_config *)target)->role =
            index == 0 ? RFX_ROLE_ACCEPTOR : RFX_ROLE_INITIATOR;
        return true;
    case RFX_KEY_DURABILITY:
        return read_durability(value, config) ||
               say(problem, "is process, sync or interval:<ms> with 1 to 3600000 ms");
    case RFX_KEY_THREADING:
        if (!read_word(value, modes, 2, &index)) {
            return say(problem, "is shared or dedicated");
        }
        config->threading_mode = index == 0 ? RFX_THREADING_SHARED : RFX_THREADING_DEDICATED;
        return true;
    case RFX_KEY_IDLE:
        if (!read_word(value, idles, 3, &index)) {
            return say(problem, "is spin, adaptive or park");
        }
        config->idle_strategy = (enum rfx_idle_strategy)index;
        return true;
    case RFX_KEY_LOG_FORMAT:
        if (!read_word(value, log_formats, 2, &index)) {
            return say(problem, "is text or json");
        }
        config->log_format = index == 0 ? RFX_LOG_TEXT : RFX_LOG_JSON;
        return true;
    case RFX_KEY_LOG_LEVEL:
        if (!read_word(value, log_levels, 4, &index)) {
            return say(problem, "is error, warning, info or debug");
        }
        config->log_level = (enum rfx_log_level)index;
        return true;
    case RFX_KEY_SESSION_LOG_LEVEL:
        if (!read_word(value, log_levels, 4, &index)) {
            return say(problem, "is error, warning, info or debug");
        }
        *(int8_t *)place = (int8_t)index;
        return true;
    case RFX_KEY_CORES:
        return read_cores(value, key->max, config) ||
               say(problem, "is a list of cores such as 0,1 or 0-3");
    case RFX_KEY_LOCAL_TIME:
        return apply_local_time(value, place, problem);
    }
    return false;
}
