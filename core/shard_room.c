/* What a shard does when the journal has no room: nothing that would have to be stored. */
#include "core/shard_internal.h"

#define RETRY_NS   RFX_NS_PER_MS
#define GIVE_UP_NS (5 * RFX_NS_PER_S) /* of a stop, for the journal to have room again */

static void begin_hold(struct rfx_shard *shard)
{
    shard->is_held = true;
    shard->hold_cursor = 0;
    rfx_shard_log(shard, NULL, RFX_LOG_ERROR,
                  "shard %u: the journal has no room: its sessions are logged out, and may log on "
                  "again when there is some",
                  shard->options.index);
}

static void end_hold(struct rfx_shard *shard)
{
    shard->is_held = false;
    rfx_shard_log(shard, NULL, RFX_LOG_INFO,
                  "shard %u: the journal has room again: sessions may log on",
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
        break;
    }
    return true;
}

void rfx_shard_note_full(struct rfx_shard *shard, rfx_status status, const struct rfx_error *error)
{
    if (status == RFX_E_FULL) {
        shard->retry_ns = shard->now.mono_ns + RETRY_NS;
        if (!shard->is_full) {
            rfx_shard_log(shard, NULL, RFX_LOG_WARNING,
                          "shard %u: nothing is sent until it is journaled: %s",
                          shard->options.index, error->text);
        }
    }
    shard->is_full = status == RFX_E_FULL;
}

rfx_status rfx_shard_give_up(struct rfx_shard *shard, struct rfx_error *error)
{
    const uint64_t now_ns = shard->now.mono_ns;
    if (!shard->is_stopping || shard->retry_ns == 0) {
        shard->stop_waits_ns = 0; /* the journal takes what there is */
        return RFX_OK;
    }
    if (shard->stop_waits_ns == 0) {
        shard->stop_waits_ns = now_ns;
    }
    if (now_ns - shard->stop_waits_ns < GIVE_UP_NS) {
        return RFX_OK;
    }
    return rfx_fail(error, RFX_E_JOURNAL, "shard %u: the journal has no room at the end: %s",
                    shard->options.index,
                    shard->has_unflushed ? "the last messages were neither journaled nor sent"
                                         : "sessions are not logged out");
}
