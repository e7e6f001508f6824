#include "core/config_explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_parse.h"
#include "core/session_name.h"
#include "core/version.h"

#define VALUE_SIZE 1100 /* the longest path, or 128 cores of up to 4 digits and their commas */

typedef void tell_fn(void *context, const struct rfx_config_setting *setting);

/* ---------------------------------------------------------------- values as a file has them */

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

/* value: room for what is not a text already. NULL: not set. */
static const char *render(const struct rfx_key *key, const void *target, char value[VALUE_SIZE])
{
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
    case RFX_KEY_U16:
        memcpy(&u16, place, sizeof u16);
        return u16 != 0 || key->scope == RFX_SCOPE_SERVER ? put_number(value, u16) : NULL;
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

/* ------------------------------------------------------------------------------- settings */

/* The line that set a place: of all its names the last one. */
static uint32_t line_of(const struct rfx_config_row *row, const struct rfx_key *key)
{
    uint32_t line = 0;
    const struct rfx_key *other;
    for (size_t i = 0; (other = rfx_key_at(i)) != NULL; i++) {
        const bool is_same = other->scope == key->scope && other->offset == key->offset;
        if (is_same && row->lines[i] > line) {
            line = row->lines[i];
        }
    }
    return line;
}

static void tell_all(const void *target, enum rfx_key_scope scope, const char *session,
                     const struct rfx_config_row *row, tell_fn *tell, void *context)
{
    char value[VALUE_SIZE];
    const struct rfx_key *key;
    for (size_t i = 0; (key = rfx_key_at(i)) != NULL; i++) {
        if (key->scope != scope || rfx_key_is_alias(key)) {
            continue;
        }
        struct rfx_config_setting setting = {
            .session = session,
            .key = key->name,
            .value = render(key, target, value),
            .meaning = key->meaning,
            .line = line_of(row, key),
        };
        setting.is_inherited =
            session != NULL && setting.line != 0 && setting.line < row->section_line;
        tell(context, &setting);
    }
}

rfx_status rfx_config_explain_text(struct rfx_bytes text, const char *file_name,
                                   struct rfx_config *config, tell_fn *tell, void *context,
                                   struct rfx_error *error)
{
    struct rfx_config_rows rows = {0};
    rfx_status status = rfx_config_parse_rows(text, file_name, config, &rows, error);
    if (status == RFX_OK) {
        tell_all(config, RFX_SCOPE_SERVER, NULL, &rows.rows[0], tell, context);
        for (size_t i = 0; i < config->session_count; i++) {
            const struct rfx_session_config *session = &config->sessions[i];
            char name[RFX_SESSION_NAME_MAX];
            rfx_session_name_of_config(session, session->target_comp_id, name);
            tell_all(session, RFX_SCOPE_SESSION, name, &rows.rows[i + 1], tell, context);
        }
    }
    free(rows.rows);
    return status;
}
