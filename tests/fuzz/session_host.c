#include "tests/fuzz/session_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"

#define FIELDS_MAX     RFX_FIELDS_MAX(MESSAGE_MAX)
#define GAP_QUEUE_SIZE 4096u
#define STORE_MAX      256u /* messages that can be sent again; for older ones gaps are filled */

static struct rfx_event event_of(const struct host *host, enum rfx_event_type type)
{
    return (struct rfx_event){.type = type, .now = host->now};
}

/* ---------------------------------------------------------------------- checks on each step */

/* What a step must account for. */
struct ledger {
    uint64_t next_out; /* the number that the next stored message must carry */
    bool is_reset;
    bool is_closed;
    enum rfx_state state;
};

static void check_sent(struct host *host, const struct rfx_action *action, struct ledger *ledger)
{
    struct rfx_bytes bytes = action->send.bytes;
    struct rfx_frame frame;
    RFX_ASSERT(!ledger->is_closed);
    RFX_ASSERT(bytes.data >= host->space && bytes.size <= sizeof host->space);
    RFX_ASSERT(rfx_frame(bytes.data, bytes.size, sizeof host->space, &frame) == RFX_FRAME_COMPLETE);
    RFX_ASSERT(frame.size == bytes.size);

    static const int32_t header_tags[] = {8, 9, 35, 34};
    struct rfx_field fields[RFX_FIELDS_MAX(RFX_STEP_SPACE(MESSAGE_MAX))];
    struct rfx_message message;
    rfx_message_index(bytes.data, bytes.size, fields, &message);
    RFX_ASSERT(message.malformed_index == -1);
    RFX_ASSERT(rfx_message_find(&message, 10) == (int32_t)message.field_count - 1);
    for (size_t i = 0; i < 4; i++) {
        RFX_ASSERT(fields[i].tag == header_tags[i]);
    }
    uint64_t seq_num;
    RFX_ASSERT(rfx_read_uint(rfx_field_value(&message, 3), &seq_num));
    RFX_ASSERT(seq_num == action->send.seq_num);

    if (!action->send.is_stored) {
        RFX_ASSERT(seq_num < ledger->next_out);
        return;
    }
    RFX_ASSERT(seq_num == ledger->next_out);
    ledger->next_out++;
    struct stored *stored = &host->store[host->stored_count++ % STORE_MAX];
    stored->seq_num = seq_num;
    stored->size = bytes.size <= MESSAGE_MAX ? (uint32_t)bytes.size : 0;
    memcpy(stored->data, bytes.data, stored->size);
}

static void take_reset(struct host *host, struct ledger *ledger)
{
    rfx_gap_queue_clear(&host->queue);
    host->stored_count = 0;
    host->last_delivered = 0;
    ledger->next_out = 1;
    ledger->is_reset = true;
}

static void take_delivery(struct host *host, const struct rfx_event *event)
{
    struct rfx_header header;
    uint64_t seq_num;
    rfx_header_read(event->message, &header);
    RFX_ASSERT(rfx_read_uint(header.msg_seq_num, &seq_num));
    RFX_ASSERT(seq_num > host->last_delivered);
    host->last_delivered = seq_num;
}

static void take_action(struct host *host, const struct rfx_event *event,
                        const struct rfx_action *action, struct ledger *ledger)
{
    switch (action->type) {
    case RFX_ACTION_SEND:
        check_sent(host, action, ledger);
        break;
    case RFX_ACTION_RESET:
        take_reset(host, ledger);
        break;
    case RFX_ACTION_CONNECT:
        host->wants_connection = true;
        break;
    case RFX_ACTION_CLOSE:
        RFX_ASSERT(!ledger->is_closed && action->close_reason != RFX_REASON_NONE);
        ledger->is_closed = true;
        rfx_gap_queue_clear(&host->queue);
        break;
    case RFX_ACTION_QUEUE: {
        RFX_ASSERT(action->queue_seq_num > host->session.next_in);
        rfx_status status = rfx_gap_queue_put(
            &host->queue, action->queue_seq_num,
            rfx_bytes_of(event->message->data, event->message->size), GAP_QUEUE_SIZE);
        RFX_ASSERT(status == RFX_OK || status == RFX_E_FULL);
        break;
    }
    case RFX_ACTION_REPLAY:
        RFX_ASSERT(action->replay.first >= 1 && action->replay.first <= action->replay.last);
        RFX_ASSERT(action->replay.last < ledger->next_out);
        host->replay_cursor = action->replay.first;
        break;
    case RFX_ACTION_AUTHENTICATE:
        host->awaits_verdict = true;
        break;
    case RFX_ACTION_DELIVER:
        take_delivery(host, event);
        break;
    case RFX_ACTION_STATE:
        RFX_ASSERT(action->state.from == ledger->state);
        ledger->state = action->state.to;
        break;
    case RFX_ACTION_LOGON:
    case RFX_ACTION_LOGOUT:
        break;
    case RFX_ACTION_NOTE:
        RFX_ASSERT(memchr(action->note, '\0', sizeof action->note) != NULL);
        break;
    }
}

static void step(struct host *host, const struct rfx_event *event)
{
    struct rfx_session *session = &host->session;
    struct rfx_actions actions = {
        .space = host->space,
        .space_size = sizeof host->space,
        .utc = &host->utc,
        .scratch = host->scratch,
    };
    struct ledger ledger = {.next_out = session->next_out, .state = session->state};
    uint64_t next_out = session->next_out;
    uint64_t next_in = session->next_in;
    bool was_connected = rfx_session_is_connected(session);
    rfx_session_step(session, event, &actions);
    for (size_t i = 0; i < actions.count; i++) {
        take_action(host, event, &actions.items[i], &ledger);
    }
    RFX_ASSERT(ledger.state == session->state);
    RFX_ASSERT(!session->logout_is_sent || session->state == RFX_INITIATE_LOGOUT);
    RFX_ASSERT(!ledger.is_closed || !rfx_session_is_connected(session));
    RFX_ASSERT(ledger.is_closed || !was_connected || rfx_session_is_connected(session));
    if (ledger.is_reset) {
        /* The initiator's Logon counts as the first message of a count the acceptor restarts. */
        bool counts_logon = host->config.role == RFX_ROLE_INITIATOR && ledger.next_out == 1;
        RFX_ASSERT(session->next_out == ledger.next_out ||
                   (counts_logon && session->next_out == 2));
    } else {
        RFX_ASSERT(session->next_out == ledger.next_out && session->next_out >= next_out);
        RFX_ASSERT(session->next_in >= next_in);
    }
}

/* ------------------------------------------------------------------- what a shard does for it */

/* Feeds one message that is framed well; others never reach a session. */
static void feed(struct host *host, const char *data, size_t size, bool from_queue)
{
    struct rfx_frame frame;
    if (rfx_frame(data, size, MESSAGE_MAX, &frame) != RFX_FRAME_COMPLETE || frame.size != size) {
        return;
    }
    struct rfx_field fields[FIELDS_MAX];
    struct rfx_message message;
    rfx_message_index(data, size, fields, &message);
    struct rfx_event event = event_of(host, RFX_EVENT_MESSAGE);
    event.message = &message;
    event.from_queue = from_queue;
    step(host, &event);
    if (host->awaits_verdict) {
        struct rfx_event verdict = event_of(host, RFX_EVENT_VERDICT);
        verdict.message = &message;
        verdict.is_accepted = (size & 15) != 0; /* now and then not */
        verdict.text = (size & 16) != 0 ? "no" : NULL;
        host->awaits_verdict = false;
        step(host, &verdict);
    }
}

static void feed_due(struct host *host)
{
    struct rfx_gap_queue *queue = &host->queue;
    while (queue->first != NULL && queue->first->seq_num <= host->session.next_in) {
        struct rfx_gap_item *item = rfx_gap_queue_take(queue, host->session.next_in);
        if (item != NULL) {
            feed(host, item->data, item->size, true);
            free(item);
        }
    }
}

void host_receive(struct host *host, struct rfx_bytes body)
{
    char data[MESSAGE_MAX];
    if (body.size + 64 > sizeof data || !rfx_session_is_connected(&host->session)) {
        return;
    }
    int head = snprintf(data, sizeof data,
                        "8=FIX.4.4\x01"
                        "9=%zu\x01",
                        body.size);
    size_t size = (size_t)head;
    memcpy(data + size, body.data, body.size);
    size += body.size;
    size += (size_t)snprintf(data + size, 8, "10=%03u\x01", rfx_checksum(data, size));
    feed(host, data, size, false);
    feed_due(host);
}

void host_receive_numbered(struct host *host, struct rfx_bytes type, uint64_t seq_num,
                           struct rfx_bytes rest)
{
    char body[MESSAGE_MAX];
    char time[RFX_UTC_TEXT_MAX];
    size_t time_size = rfx_utc_write(host->now.utc_ns, 3, time);
    if (type.size + rest.size + 256 > sizeof body) {
        return;
    }
    int size =
        snprintf(body, sizeof body,
                 "35=%.*s\x01"
                 "34=%llu\x01"
                 "49=THEM\x01"
                 "52=%.*s\x01"
                 "56=US\x01",
                 (int)type.size, type.data, (unsigned long long)seq_num, (int)time_size, time);
    memcpy(body + size, rest.data, rest.size);
    host_receive(host, rfx_bytes_of(body, (size_t)size + rest.size));
}

static void replay_stored(struct host *host, struct stored *stored)
{
    struct rfx_field fields[FIELDS_MAX];
    struct rfx_message message;
    rfx_message_index(stored->data, stored->size, fields, &message);
    struct rfx_event event = event_of(host, RFX_EVENT_REPLAYED);
    event.message = &message;
    event.seq_num = stored->seq_num;
    event.may_replay = stored->seq_num % 5 != 0;
    host->replay_cursor = stored->seq_num + 1;
    step(host, &event);
}

void host_serve(struct host *host, size_t slice)
{
    struct rfx_session *session = &host->session;
    size_t first = host->stored_count > STORE_MAX ? host->stored_count - STORE_MAX : 0;
    for (size_t i = first; i < host->stored_count && session->replay_next != 0; i++) {
        struct stored *stored = &host->store[i % STORE_MAX];
        if (stored->seq_num < host->replay_cursor || stored->seq_num > session->replay_last ||
            stored->size == 0) {
            continue;
        }
        if (slice-- == 0) {
            return;
        }
        replay_stored(host, stored);
    }
    if (session->replay_next != 0) {
        struct rfx_event end = event_of(host, RFX_EVENT_REPLAY_END);
        step(host, &end);
        RFX_ASSERT(session->replay_next == 0);
    }
}

void host_advance(struct host *host, uint64_t ms)
{
    host->now.mono_ns += ms * RFX_NS_PER_MS;
    host->now.utc_ns += (int64_t)(ms * RFX_NS_PER_MS);
    /* A few things may be due at once, but a session that is never satisfied spins. */
    for (int i = 0; rfx_session_deadline_ns(&host->session) <= host->now.mono_ns; i++) {
        RFX_ASSERT(i < 4);
        struct rfx_event tick = event_of(host, RFX_EVENT_TICK);
        step(host, &tick);
    }
}

void host_event(struct host *host, enum rfx_event_type type, enum rfx_disconnect_reason reason)
{
    struct rfx_event event = event_of(host, type);
    event.reason = reason;
    event.text = NULL;
    step(host, &event);
}

void host_connect(struct host *host)
{
    if (rfx_session_is_connected(&host->session)) {
        host_event(host, RFX_EVENT_DISCONNECTED, RFX_REASON_PEER_CLOSED);
    }
    if (host->session.next_in > NUMBER_MAX) {
        host_event(host, RFX_EVENT_RESET, RFX_REASON_NONE);
    }
    if (host->config.role == RFX_ROLE_INITIATOR) {
        host->wants_connection = false;
        uint64_t wait_ns = rfx_session_deadline_ns(&host->session) - host->now.mono_ns;
        bool is_due = rfx_session_deadline_ns(&host->session) <= host->now.mono_ns;
        host_advance(host, is_due ? 0 : wait_ns / RFX_NS_PER_MS + 1);
        RFX_ASSERT(host->wants_connection);
    }
    host_event(host, RFX_EVENT_CONNECTED, RFX_REASON_NONE);
}

void host_log_on(struct host *host)
{
    static const char rest[] = "98=0\x01"
                               "108=30\x01";
    static const char rest_silent[] = "98=0\x01"
                                      "108=0\x01";
    bool is_silent = host->config.heartbeat_s == 0;
    host_connect(host);
    bool restarts = host->config.reset_on_logon && host->config.role == RFX_ROLE_ACCEPTOR;
    host_receive_numbered(host, rfx_bytes_of("A", 1), restarts ? 1 : host->session.next_in,
                          is_silent ? rfx_bytes_of(rest_silent, sizeof rest_silent - 1)
                                    : rfx_bytes_of(rest, sizeof rest - 1));
    RFX_ASSERT(rfx_session_is_logged_on(&host->session));
}

void host_send(struct host *host)
{
    struct rfx_actions actions = {
        .space = host->space, .space_size = MESSAGE_MAX, .utc = &host->utc};
    struct rfx_writer writer;
    rfx_session_begin_message(&host->session, rfx_bytes_of("D", 1), host->now, &writer, &actions);
    rfx_writer_put_text(&writer, 11, "order");
    struct rfx_event event = event_of(host, RFX_EVENT_SEND);
    event.writer = &writer;
    step(host, &event);
}

void host_open(struct host *host)
{
    host->store = malloc(STORE_MAX * sizeof *host->store);
    RFX_ASSERT(host->store != NULL);
    host->now = (struct rfx_now){.mono_ns = RFX_NS_PER_S, .utc_ns = INT64_C(1790000000000000000)};
    static const struct rfx_session_start start = {.next_out = 1, .next_in = 1};
    rfx_profile_init(&host->profile, &host->config, NULL);
    RFX_ASSERT(rfx_validate_scratch_open(&host->scratch) == RFX_OK);
    rfx_session_init(&host->session, &host->profile, "THEM", &start, host->memory);
    host_event(host, RFX_EVENT_START, RFX_REASON_NONE);
    host_log_on(host);
}

void host_close(struct host *host)
{
    host_serve(host, SIZE_MAX);
    rfx_gap_queue_clear(&host->queue);
    free(host->store);
    rfx_validate_scratch_close(host->scratch);
}
