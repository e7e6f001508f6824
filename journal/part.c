/* A shard's part of the journal: its life, and the sessions attached to it. */
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "journal/store_internal.h"

rfx_status rfx_part_open(struct rfx_part *part, struct rfx_store *store, uint32_t slots_max,
                         struct rfx_error *error)
{
    uint32_t bucket_count = 2;
    while (bucket_count < 2 * slots_max) {
        bucket_count *= 2;
    }
    part->store = store;
    part->slots = calloc(slots_max, sizeof *part->slots);
    part->names = calloc(slots_max, sizeof *part->names);
    part->buckets = calloc(bucket_count, sizeof *part->buckets);
    if (part->slots == NULL || part->names == NULL || part->buckets == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory for %u sessions of the journal", slots_max);
    }
    part->bucket_mask = bucket_count - 1;
    part->slots_max = slots_max;
    int code = mdb_txn_begin(store->env.env, NULL, MDB_RDONLY, &part->read_txn);
    if (code == 0) {
        code = mdb_cursor_open(part->read_txn, store->env.messages, &part->read_cursor);
        mdb_txn_reset(part->read_txn);
    }
    return code == 0 ? RFX_OK : rfx_env_fail(&store->env, code, "begin to read", error);
}

void rfx_part_close(struct rfx_part *part)
{
    if (part->read_cursor != NULL) {
        mdb_cursor_close(part->read_cursor);
    }
    if (part->read_txn != NULL) {
        mdb_txn_abort(part->read_txn);
    }
    free(part->buckets);
    free(part->names);
    free(part->slots);
}

enum rfx_journal_room rfx_part_room(void *context)
{
    struct rfx_part *part = context;
    const struct rfx_store *store = part->store;
    const uint64_t room = rfx_tail_room(&part->tail);
    /* A turn appends twice; a third is for Logouts when that is the last for now. Once stuck,
     * there must be more room than a moment's. */
    const uint64_t wanted = part->is_stuck ? part->tail.size / 2 : 3 * store->turn_size;
    if (RFX_LIKELY(room >= wanted)) {
        part->is_stuck = false;
        return RFX_JOURNAL_ROOM;
    }
    const int trouble = atomic_load_explicit(&store->trouble, memory_order_relaxed);
    if (trouble == RFX_TROUBLE_FAILED) {
        return RFX_JOURNAL_ROOM; /* append() says why it will never do so again */
    }
    part->is_stuck |= trouble == RFX_TROUBLE_FULL;
    return part->is_stuck ? RFX_JOURNAL_STUCK : RFX_JOURNAL_BUSY;
}

/* The bucket that holds the name, or the free one where it goes. */
static uint32_t *find_bucket(const struct rfx_part *part, struct rfx_bytes name)
{
    uint32_t index = (uint32_t)rfx_name_hash(name.data, name.size) & part->bucket_mask;
    for (;; index = (index + 1) & part->bucket_mask) {
        const uint32_t slot = part->buckets[index] - 1;
        if (part->buckets[index] == 0 || (part->slots[slot].name_size == name.size &&
                                          memcmp(part->names[slot], name.data, name.size) == 0)) {
            return &part->buckets[index];
        }
    }
}

bool rfx_part_has(const struct rfx_part *part, const char *name)
{
    return *find_bucket(part, rfx_bytes_of(name, strlen(name))) != 0;
}

/* Takes what the store has; it has everything of an earlier process. RFX_E_NOT_FOUND: nothing */
static rfx_status load(struct rfx_part *part, struct rfx_slot *slot, struct rfx_bytes name,
                       struct rfx_error *error)
{
    struct rfx_env *env = &part->store->env;
    struct rfx_format_record record;
    MDB_txn *txn = NULL;
    const int code = rfx_env_begin(env, MDB_RDONLY, &txn);
    if (code != 0) {
        return rfx_env_fail(env, code, "begin to read", error);
    }
    const rfx_status status = rfx_rows_find_record(env, txn, name, &slot->number, &record, error);
    if (status == RFX_OK) {
        slot->id = record.id;
        slot->next_out = record.next_out;
        slot->next_in = record.next_in;
        slot->created_utc_ns = record.created_utc_ns;
    }
    rfx_env_end(env, txn);
    return status;
}

rfx_status rfx_part_attach(void *context, const char *name, const struct rfx_journal_keep *keep,
                           int64_t utc_ns, struct rfx_journal_entry *entry, struct rfx_error *error)
{
    struct rfx_part *part = context;
    const struct rfx_bytes bytes = rfx_bytes_of(name, strlen(name));
    RFX_ASSERT(bytes.size >= 1 && bytes.size <= RFX_JOURNAL_NAME_MAX);
    uint32_t *bucket = find_bucket(part, bytes);
    if (*bucket == 0) {
        if (part->slot_count == part->slots_max) {
            return rfx_fail(error, RFX_E_FULL,
                            "journal %s: no room for session %s beside %u others; raise "
                            "MaxSessions",
                            part->store->path, name, part->slots_max);
        }
        struct rfx_slot slot = {.last_message = RFX_TAIL_NONE,
                                .cut_at = RFX_TAIL_NONE,
                                .name_size = (uint16_t)bytes.size};
        rfx_status status = load(part, &slot, bytes, error);
        if (status == RFX_E_NOT_FOUND) {
            status = rfx_part_create(part, &slot, bytes, utc_ns, error);
        }
        if (status != RFX_OK) {
            return status;
        }
        rfx_keeper_add(&part->store->mover.keeper, slot.number, keep);
        memcpy(part->names[part->slot_count], bytes.data, bytes.size);
        part->slots[part->slot_count] = slot;
        *bucket = ++part->slot_count;
    }
    entry->slot = *bucket - 1;
    entry->next_out = part->slots[entry->slot].next_out;
    entry->next_in = part->slots[entry->slot].next_in;
    entry->created_utc_ns = part->slots[entry->slot].created_utc_ns;
    return RFX_OK;
}
