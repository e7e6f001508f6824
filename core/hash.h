/* One hash for session names, so that the table of sessions and the journal agree on where a
 * session belongs. Stored data depends on it: changing it moves sessions between shards. */
#ifndef RFX_CORE_HASH_H
#define RFX_CORE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a name says beyond BeginString and CompIDs is left out: SubIDs and LocationIDs (behind a
 * slash) and the qualifier (behind a colon on the target's side). A Logon's header may carry
 * SubIDs that the session is not configured with, and must lead to the same shard.
 *
 * FNV-1a over 64 bits, finished with murmur3's fmix64: FNV alone leaves its low bits poorly
 * mixed, and those are the ones that a modulus looks at. */
static inline uint64_t rfx_name_hash(const char *text, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    bool is_target = false;
    bool is_beyond = false;
    for (size_t i = 0; i < size; i++) {
        if (!is_target && text[i] == '-' && i + 1 < size && text[i + 1] == '>') {
            is_target = true;
            is_beyond = false;
        }
        is_beyond = is_beyond || text[i] == '/' || (is_target && text[i] == ':');
        if (is_beyond) {
            continue;
        }
        hash ^= (uint8_t)text[i];
        hash *= UINT64_C(0x100000001b3);
    }
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    hash ^= hash >> 33;
    return hash;
}

/* Which of the shards a session with that name belongs to. */
static inline uint32_t rfx_name_shard(const char *text, size_t size, uint32_t shards)
{
    return (uint32_t)(rfx_name_hash(text, size) % shards);
}

#endif
