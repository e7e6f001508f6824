/* The keys of a configuration file: where each value goes, and which it may be. Inside core. */
#ifndef RFX_CORE_CONFIG_KEYS_H
#define RFX_CORE_CONFIG_KEYS_H

#include <string.h>
#include <strings.h>

#include "core/base.h"
#include "core/config_texts.h"
#include "ringfix/config.h"

#define RFX_CORES_MAX     (2 * RFX_WORKERS_MAX)
#define RFX_CORE_MAX      1023    /* highest core number */
#define RFX_INTERVAL_MAX  3600000 /* ms, of JournalDurability=interval */
#define RFX_KEY_COUNT_MAX 160
#define RFX_PROBLEM_SIZE  200

enum rfx_key_kind {
    RFX_KEY_TEXT,              /* char[max + 1]; min..max long */
    RFX_KEY_STRING,            /* const char *; min..max long */
    RFX_KEY_FLAG,              /* Y or N into a bool */
    RFX_KEY_LEVEL,             /* 0 or 1 into a bool */
    RFX_KEY_U16,               /* digits, min..max */
    RFX_KEY_U32,               /* digits, min..max */
    RFX_KEY_BYTES_U32,         /* digits and K, M, G or T; min..max */
    RFX_KEY_BYTES_U64,         /* the same */
    RFX_KEY_ROLE,              /* acceptor, initiator */
    RFX_KEY_DURABILITY,        /* process, sync, interval:<ms> */
    RFX_KEY_THREADING,         /* shared, dedicated */
    RFX_KEY_IDLE,              /* spin, adaptive, park */
    RFX_KEY_CORES,             /* 0,1 or 0-3; each up to max */
    RFX_KEY_TIME,              /* HH:MM:SS into seconds of the day */
    RFX_KEY_DAY,               /* a day's name */
    RFX_KEY_DAYS,              /* days' names apart by commas, as a mask */
    RFX_KEY_APPL_VER,          /* FIX.5.0SP2 or 9, an ApplVerID */
    RFX_KEY_DECIMALS,          /* 0, 3, 6 or 9 */
    RFX_KEY_MILLIS,            /* Y or N: 3 or 0 decimals */
    RFX_KEY_LOG_FORMAT,        /* text, json */
    RFX_KEY_LOG_LEVEL,         /* error, warning, info, debug */
    RFX_KEY_SESSION_LOG_LEVEL, /* the same, or none: int8_t, -1 */
    RFX_KEY_LOCAL_TIME,        /* Y: RFX_ZONE_LOCAL into a const char * */
};

enum rfx_key_scope {
    RFX_SCOPE_SERVER,  /* [DEFAULT] alone */
    RFX_SCOPE_SESSION, /* [DEFAULT] for all, or [SESSION] */
};

struct rfx_key {
    const char *name;
    enum rfx_key_kind kind;
    enum rfx_key_scope scope;
    size_t offset; /* in struct rfx_config or struct rfx_session_config, by scope */
    uint64_t min;
    uint64_t max;
    const char *meaning; /* half a sentence for who reads the settings */
};

/* The same name in any case. */
static inline bool rfx_key_is_named(struct rfx_bytes text, const char *name)
{
    return strlen(name) == text.size && strncasecmp(text.data, name, text.size) == 0;
}

/* The table, one by one; NULL behind the last. */
const struct rfx_key *rfx_key_at(size_t index);

/* Index of a key in the table, below RFX_KEY_COUNT_MAX. */
size_t rfx_key_index(const struct rfx_key *key);

/* The key with a name in any case, NULL when there is none. Of two, one for the server and one for
 * sessions, the one that belongs where it stands. */
const struct rfx_key *rfx_key_find(struct rfx_bytes name, enum rfx_key_scope scope);

/* The key with a name that is in the table. */
const struct rfx_key *rfx_key_named(const char *name);

/* The valid name that is nearest to a misspelt one, NULL when none is near. */
const char *rfx_key_nearest(struct rfx_bytes name);

/* Another name for what an earlier key of the table sets. */
bool rfx_key_is_alias(const struct rfx_key *key);

/* Reads a value into its place. config_values.c
 *
 * target   the struct that the key's scope names
 * texts    where a text that is pointed to is kept
 * problem  on failure: what would be right, as half a sentence */
bool rfx_key_apply(const struct rfx_key *key, struct rfx_bytes value, void *target,
                   struct rfx_config_texts **texts, char problem[RFX_PROBLEM_SIZE]);

/* Finds the first session that has the name of an earlier one.
 *
 * later   its index, 0 when there is none
 * errors  RFX_E_NOMEM */
rfx_status rfx_config_find_duplicate(const struct rfx_config *config, size_t *earlier,
                                     size_t *later) RFX_MUST_CHECK;

#endif
