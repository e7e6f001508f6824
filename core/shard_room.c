/* What a shard does when the journal has no room: nothing that would have to be stored. */
#include "core/shard_internal.h"

#define RETRY_NS   RFX_NS_PER_MS
#define GIVE_UP_NS (5 * RFX_NS_PER_S) /* of a stop, for the journal to have room again */

static void begin_hold(struct rfx_shard *shard)
{
    shard->is_held = true;
    shard->hold_cursor = 0;
    rfx_shard_log(shard, RFX_LOG_ERROR,
                  "shard %u: the journal has no room: its sessions are logged out, and may log on "
                  "again when there is some",
                  shard->options.index);
}

static void end_hold(struct rfx_shard *shard)
{
    shard->is_held = false;
    rfx_shard_log(shard, RFX_LOG_INFO, "shard %u: the journal has room again: sessions may log on",
                  shard->options.index);
}

bool rfx_shard_may_go_on(struct rfx_shard *shard)
{
    const struct rfx_journal_port *journal = &shard->options.journal;
    switch (journal->room(journal->context)) {
    case RFX_JOURNAL_ROOM:
        if (shard->is_held) {
            end_hold(shard);
        }
        break;
    case RFX_JOURNAL_BUSY:
        shard->retry_ns = shard->now.mono_ns + RETRY_NS;
        return false;
    case RFX_JOURNAL_STUCK:
        if (!shard->is_held) {
            begin_hold(shard);
        }
        shard->retry_ns = 0;
        break;
    }
    return true;
}

rfx_status rfx_shard_note_full(struct rfx_shard *shard, rfx_status status, struct rfx_error *error)
{
    if (status != RFX_E_FULL) {
        shard->full_since_ns = 0;
        return status;
    }
    const uint64_t now_ns = shard->now.mono_ns;
    if (shard->full_since_ns == 0) {
        shard->full_since_ns = now_ns;
        rfx_shard_log(shard, RFX_LOG_WARNING, "shard %u: nothing is sent until it is journaled: %s",
                      shard->options.index, error->text);
    }
    shard->retry_ns = now_ns + RETRY_NS;
    if (shard->is_stopping && now_ns - shard->full_since_ns >= GIVE_UP_NS) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "shard %u: the journal has no room at the end: the last messages were "
                        "neither journaled nor sent",
                        shard->options.index);
    }
    return RFX_E_FULL;
}
