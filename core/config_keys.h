/* The keys of a configuration file: where each value goes, and which it may be. */
#ifndef RFX_CORE_CONFIG_KEYS_H
#define RFX_CORE_CONFIG_KEYS_H

#include "core/base.h"
#include "ringfix/config.h"

enum rfx_key_kind {
    RFX_KEY_TEXT,       /* char[]; max is the longest */
    RFX_KEY_FLAG,       /* Y or N into a bool */
    RFX_KEY_U16,        /* digits, min..max */
    RFX_KEY_U32,        /* digits, min..max */
    RFX_KEY_BYTES_U32,  /* digits and K, M, G or T; min..max */
    RFX_KEY_BYTES_U64,  /* the same */
    RFX_KEY_ROLE,       /* acceptor, initiator */
    RFX_KEY_DURABILITY, /* process, sync, interval:<ms> */
    RFX_KEY_THREADING,  /* shared, dedicated */
    RFX_KEY_IDLE,       /* spin, adaptive, park */
    RFX_KEY_CORES,      /* 0,1 or 0-3 */
    RFX_KEY_FIXED,      /* known from other engines; only `value` agrees with what ringfix does,
                           NULL: any value is without effect here */
    RFX_KEY_REFUSED,    /* known from other engines, not supported; `value` says what to do */
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
    const char *value;
};

/* The key with a name in any case, NULL when there is none. */
const struct rfx_key *rfx_key_find(struct rfx_bytes name);

/* The valid name that is nearest to a misspelt one, NULL when none is near. */
const char *rfx_key_nearest(struct rfx_bytes name);

/* Index of a key in the table, below RFX_KEY_COUNT_MAX. */
size_t rfx_key_index(const struct rfx_key *key);
#define RFX_KEY_COUNT_MAX 256

/* Reads a value into its place.
 *
 * target   the struct that the key's scope names
 * problem  on failure: what would be right, as half a sentence */
bool rfx_key_apply(const struct rfx_key *key, struct rfx_bytes value, void *target,
                   char problem[160]);

#endif
