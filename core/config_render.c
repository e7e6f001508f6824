/* A value as a file has it. */
#include "core/config_render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/version.h"

#define VALUE_SIZE RFX_CONFIG_VALUE_SIZE

static const char *put(char value[VALUE_SIZE], const char *text)
{
    snprintf(value, VALUE_SIZE, "%s", text);
    return value;
}

static const char *put_number(char value[VALUE_SIZE], uint64_t number)
{
    snprintf(value, VALUE_SIZE, "%" PRIu64, number);
    return value;
}

/* With the largest suffix that leaves a whole number. */
static const char *put_bytes(char value[VALUE_SIZE], uint64_t bytes)
{
    static const char *const suffixes[] = {"", "K", "M", "G", "T"};
    size_t i = 0;
    while (i < 4 && bytes != 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        i++;
    }
    snprintf(value, VALUE_SIZE, "%" PRIu64 "%s", bytes, suffixes[i]);
    return value;
}

static const char *put_durability(char value[VALUE_SIZE], const struct rfx_config *config)
{
    if (config->durability == RFX_DURABILITY_INTERVAL) {
        snprintf(value, VALUE_SIZE, "interval:%u", config->durability_interval_ms);
        return value;
    }
    return config->durability == RFX_DURABILITY_SYNC ? "sync" : "process";
}

static const char *put_cores(char value[VALUE_SIZE], const struct rfx_config *config)
{
    size_t size = 0;
    for (size_t i = 0; i < config->cpu_affinity_count; i++) {
        size += (size_t)snprintf(value + size, VALUE_SIZE - size, "%s%u", i > 0 ? "," : "",
                                 config->cpu_affinity[i]);
    }
    return size > 0 ? value : NULL;
}

static const char *put_days(char value[VALUE_SIZE], unsigned days)
{
    static const char *const names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    size_t size = 0;
    for (unsigned i = 0; i < 7; i++) {
        if ((days >> i & 1) != 0) {
            size += (size_t)snprintf(value + size, VALUE_SIZE - size, "%s%s", size > 0 ? "," : "",
                                     names[i]);
        }
    }
    return size > 0 ? value : NULL;
}

static const char *put_time(char value[VALUE_SIZE], uint32_t second)
{
    if (second == RFX_NO_TIME) {
        return NULL;
    }
    snprintf(value, VALUE_SIZE, "%02u:%02u:%02u", second / 3600, second / 60 % 60, second % 60);
    return value;
}

const char *rfx_config_render(const struct rfx_key *key, const void *target,
                              char value[RFX_CONFIG_VALUE_SIZE])
{
    static const char *const log_levels[] = {"error", "warning", "info", "debug"};
    static const char *const idles[] = {"spin", "adaptive", "park"};
    const struct rfx_config *config = target;
    const char *place = (const char *)target + key->offset;
    const char *text;
    uint64_t u64;
    uint32_t u32;
    uint16_t u16;
    switch (key->kind) {
    case RFX_KEY_TEXT:
        return place[0] != '\0' ? put(value, place) : NULL;
    case RFX_KEY_STRING:
    case RFX_KEY_LOCAL_TIME:
        memcpy(&text, place, sizeof text);
        return text;
    case RFX_KEY_FLAG:
        return *(const bool *)(const void *)place ? "Y" : "N";
    case RFX_KEY_LEVEL:
        return *(const bool *)(const void *)place ? "1" : "0";
    case RFX_KEY_U16:
        memcpy(&u16, place, sizeof u16);
        return u16 != 0 || (key->scope == RFX_SCOPE_SERVER && key->min == 0)
                   ? put_number(value, u16)
                   : NULL;
    case RFX_KEY_U32:
        memcpy(&u32, place, sizeof u32);
        return put_number(value, u32);
    case RFX_KEY_BYTES_U32:
        memcpy(&u32, place, sizeof u32);
        return put_bytes(value, u32);
    case RFX_KEY_BYTES_U64:
        memcpy(&u64, place, sizeof u64);
        return put_bytes(value, u64);
    case RFX_KEY_ROLE:
        return ((const struct rfx_session_config *)target)->role == RFX_ROLE_ACCEPTOR ? "acceptor"
                                                                                      : "initiator";
    case RFX_KEY_DURABILITY:
        return put_durability(value, config);
    case RFX_KEY_THREADING:
        return config->threading_mode == RFX_THREADING_SHARED ? "shared" : "dedicated";
    case RFX_KEY_IDLE:
        return idles[config->idle_strategy];
    case RFX_KEY_LOG_FORMAT:
        return config->log_format == RFX_LOG_TEXT ? "text" : "json";
    case RFX_KEY_LOG_LEVEL:
        return log_levels[config->log_level];
    case RFX_KEY_SESSION_LOG_LEVEL:
        return *(const int8_t *)place < 0 ? NULL : log_levels[*(const int8_t *)place];
    case RFX_KEY_CORES:
        return put_cores(value, config);
    case RFX_KEY_TIME:
        memcpy(&u32, place, sizeof u32);
        return put_time(value, u32);
    case RFX_KEY_DAY:
        return *(const uint8_t *)place < RFX_NO_DAY ? put_days(value, 1u << *(const uint8_t *)place)
                                                    : NULL;
    case RFX_KEY_DAYS:
        return put_days(value, *(const uint8_t *)place);
    case RFX_KEY_APPL_VER:
        return *(const int8_t *)place < 0 ? NULL : rfx_appl_version_text(*(const uint8_t *)place);
    case RFX_KEY_DECIMALS:
    case RFX_KEY_MILLIS:
        return put_number(value, *(const uint8_t *)place);
    }
    return NULL;
}
