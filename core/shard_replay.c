/* Serving ResendRequests in slices: a slice is read after the turn's commit, so that everything
 * asked for is in the journal, and the next one waits until the counterparty has taken it. */
#include "core/shard_internal.h"

/* What other sessions of the shard wait for at most, some ten microseconds. */
#define SLICE_BYTES (4u << 10)

/* No more than a reader can have waiting who is not slow yet: a resend must not make him so. */
static size_t slice_size(const struct rfx_shard *shard)
{
    size_t half = shard->options.config->send_queue_size / 2;
    return half < SLICE_BYTES ? half : SLICE_BYTES;
}

void rfx_shard_start_replay(struct rfx_shard *shard, struct rfx_hosted *hosted, uint64_t first)
{
    if (!hosted->is_replaying) {
        hosted->is_replaying = true;
        hosted->next_replay = shard->replaying;
        shard->replaying = hosted;
        hosted->replay_cursor = first;
    } else if (first < hosted->replay_cursor) {
        hosted->replay_cursor = first;
    }
}

struct slice {
    struct rfx_shard *shard;
    struct rfx_hosted *hosted;
    size_t bytes;
    bool is_cut; /* ended before the range did */
};

static bool visit(void *context, uint64_t seq_num, struct rfx_bytes stored)
{
    struct slice *slice = context;
    struct rfx_shard *shard = slice->shard;
    struct rfx_hosted *hosted = slice->hosted;
    const struct rfx_app *app = shard->options.app;
    if (slice->bytes >= slice_size(shard) || !rfx_shard_has_room(shard)) {
        slice->is_cut = true;
        return false;
    }
    slice->bytes += stored.size;
    hosted->replay_cursor = seq_num + 1;
    if (stored.size == 0 || stored.size > shard->options.config->message_size_max) {
        rfx_shard_log(shard, hosted, RFX_LOG_WARNING,
                      "journaled message %llu is longer than MaxMessageSize, gap fill sent",
                      (unsigned long long)seq_num);
        return true;
    }
    struct rfx_message message;
    rfx_message_index(stored.data, stored.size, shard->fields, &message);
    if (message.field_count < 3) {
        return true; /* damaged: part of a gap fill */
    }
    struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_REPLAYED);
    event.message = &message;
    event.seq_num = seq_num;
    event.may_replay = true;
    if (app->should_replay != NULL && !rfx_message_is_admin(&message)) {
        /* What the application sends from here leaves the room this step needs. */
        struct rfx_message *lent = rfx_shard_lend(shard, &message);
        const struct rfx_call call = rfx_shard_enter(shard, hosted, "should_replay");
        event.may_replay = app->should_replay(app->context, &hosted->session, lent);
        rfx_shard_leave(shard, call);
        rfx_shard_take_back(lent);
    }
    rfx_shard_step(shard, hosted, &event);
    return true;
}

static rfx_status replay_slice(struct rfx_shard *shard, struct rfx_hosted *hosted,
                               struct rfx_error *error)
{
    struct rfx_session *session = &hosted->session;
    struct slice slice = {.shard = shard, .hosted = hosted};
    uint64_t last = session->replay_last;
    if (session->config->persist_messages && hosted->replay_cursor <= last) {
        const struct rfx_journal_port *journal = &shard->options.journal;
        rfx_status status = journal->read(journal->context, hosted->journal_slot,
                                          hosted->replay_cursor, last, visit, &slice, error);
        if (status != RFX_OK) {
            return status;
        }
    }
    if (!slice.is_cut && rfx_shard_has_room(shard)) {
        struct rfx_event end = rfx_shard_event(shard, RFX_EVENT_REPLAY_END);
        rfx_shard_step(shard, hosted, &end);
    } else if (slice.bytes > 0 && hosted->conn.generation != 0) {
        hosted->awaits_drain = true;
        rfx_outbox_add(&shard->outbox, RFX_OUTBOX_DRAIN)->conn = hosted->conn;
    }
    return RFX_OK;
}

bool rfx_shard_replay_is_ready(const struct rfx_shard *shard)
{
    for (struct rfx_hosted *hosted = shard->replaying; hosted != NULL;
         hosted = hosted->next_replay) {
        if (!hosted->awaits_drain) {
            return true;
        }
    }
    return false;
}

size_t rfx_shard_replay(struct rfx_shard *shard, rfx_status *status, struct rfx_error *error)
{
    size_t count = 0;
    struct rfx_hosted **link = &shard->replaying;
    while (*link != NULL) {
        struct rfx_hosted *hosted = *link;
        if (hosted->session.replay_next != 0 && !hosted->awaits_drain) {
            if (!rfx_shard_has_room(shard)) {
                break;
            }
            *status = replay_slice(shard, hosted, error);
            if (*status != RFX_OK) {
                break;
            }
            count++;
        }
        if (hosted->session.replay_next == 0) { /* done, or the connection is gone */
            *link = hosted->next_replay;
            hosted->is_replaying = false;
            hosted->awaits_drain = false;
        } else {
            link = &hosted->next_replay;
        }
    }
    return count;
}
