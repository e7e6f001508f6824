#include "tests/unit/support_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2024-05-06 12:00:00 UTC, and a monotonic clock that has nothing to do with it. */
#define UTC_START_NS  (INT64_C(1714996800) * (int64_t)RFX_NS_PER_S)
#define MONO_START_NS (UINT64_C(5000) * RFX_NS_PER_S)

/* ------------------------------------------------------------------------------ the trace */

static void trace(struct session_rig *rig, const char *format, ...) RFX_PRINTF(2, 3);

static void trace(struct session_rig *rig, const char *format, ...)
{
    struct text out = {.data = rig->trace, .size = rig->trace_size, .size_max = sizeof rig->trace};
    char line[2048];
    va_list arguments;
    int start =
        snprintf(line, sizeof line, "[%llu.%03llu] ", (unsigned long long)(rig->now_ms / 1000),
                 (unsigned long long)(rig->now_ms % 1000));
    va_start(arguments, format);
    vsnprintf(line + start, sizeof line - (size_t)start, format, arguments);
    va_end(arguments);
    text_put_string(&out, line);
    text_put_string(&out, "\n");
    rig->trace_size = out.size;
}

void rig_expect_trace(struct session_rig *rig, const char *text, const char *file, int line)
{
    rig->trace[rig->trace_size] = '\0';
    if (strcmp(rig->trace, text) != 0) {
        print_error("expected:\n%s\nrecorded:\n%s\n", text, rig->trace);
        _fail(file, line);
    }
    rig_forget_trace(rig);
}

void rig_forget_trace(struct session_rig *rig)
{
    rig->trace_size = 0;
    rig->trace[0] = '\0';
}

/* The counterparty's message as the test wrote it, but MsgType by name and MsgSeqNum first. */
static void trace_received(struct session_rig *rig, const struct rfx_message *message,
                           const char *text)
{
    char rest[1024];
    struct text out = {.data = rest, .size_max = sizeof rest};
    int32_t seq_num = rfx_message_find(message, 34);
    if (seq_num >= 0) {
        wire_put_field(&out, 34, rfx_field_value(message, seq_num), 0);
    }
    for (const char *token = text; *token != '\0'; token = wire_next_token(token)) {
        bool is_shown_first = token == wire_find_token(text, 35) ||
                              (token == wire_find_token(text, 34) && *token != '!');
        if (!is_shown_first) {
            text_put_string(&out, " ");
            text_put(&out, token, (size_t)(wire_token_end(token) - token));
        }
    }
    trace(rig, "< %s%s", wire_type_name(rfx_message_type(message)), rest);
}

/* ------------------------------------------------------------------------ the shard's part */

static struct rfx_now now_of(const struct session_rig *rig)
{
    return (struct rfx_now){.mono_ns = MONO_START_NS + rig->now_ms * RFX_NS_PER_MS,
                            .utc_ns = UTC_START_NS + rig->utc_jump_ns +
                                      (int64_t)(rig->now_ms * RFX_NS_PER_MS)};
}

static void keep(struct rig_kept *kept, size_t *count, uint64_t seq_num, const char *data,
                 size_t size)
{
    assert_true(*count < RIG_KEPT_MAX);
    struct rig_kept *item = &kept[(*count)++];
    item->seq_num = seq_num;
    item->size = size;
    item->data = malloc(size);
    memcpy(item->data, data, size);
}

static void drop_all(struct rig_kept *kept, size_t *count)
{
    while (*count > 0) {
        free(kept[--*count].data);
    }
}

/* Of the last digit of SendingTime(52). */
static int64_t unit_ns(const struct session_rig *rig)
{
    static const int64_t units[] = {1000000000, 1000000, 1000, 1};
    return units[rig->profile.decimals / 3];
}

/* The header of what is sent is checked here, so that traces can leave it out. */
static void check_sent(struct session_rig *rig, const struct rfx_action *action)
{
    struct rfx_field fields[1024];
    struct rfx_message message;
    struct rfx_header header;
    uint64_t seq_num;
    int64_t time_ns;
    rfx_message_index(action->send.bytes.data, action->send.bytes.size, fields, &message);
    rfx_header_read(&message, &header);
    const struct rfx_session_config *config = &rig->config;
    assert_true(
        rfx_bytes_equal(header.begin_string, config->begin_string, strlen(config->begin_string)));
    assert_true(rfx_bytes_equal(header.sender_comp_id, "SERVER", 6));
    assert_true(rfx_bytes_equal(header.target_comp_id, "CLIENT", 6));
    assert_true(rfx_utc_read(header.sending_time, &time_ns));
    assert_int_equal(time_ns, now_of(rig).utc_ns / unit_ns(rig) * unit_ns(rig));
    assert_true(rfx_read_uint(header.msg_seq_num, &seq_num));
    assert_int_equal(seq_num, action->send.seq_num);
    assert_int_equal(action->send.is_stored, !header.poss_dup);
}

static void on_send(struct session_rig *rig, const struct rfx_action *action)
{
    char text[2048];
    const struct rfx_bytes bytes = action->send.bytes;
    check_sent(rig, action);
    size_t size = bytes.size < sizeof rig->last_sent ? bytes.size : sizeof rig->last_sent - 1;
    for (size_t i = 0; i < size; i++) {
        rig->last_sent[i] = bytes.data[i] == RFX_SOH ? '|' : bytes.data[i];
    }
    rig->last_sent[size] = '\0';
    wire_to_text(bytes.data, bytes.size, UTC_START_NS, text, sizeof text);
    trace(rig, "> %s", text);
    if (action->send.is_stored && rig->config.persist_messages) {
        keep(rig->stored, &rig->stored_count, action->send.seq_num, bytes.data, bytes.size);
    }
}

static void on_close(struct session_rig *rig, enum rfx_disconnect_reason reason)
{
    trace(rig, "! close: %s", rfx_disconnect_reason_text(reason));
    drop_all(rig->held, &rig->held_count);
    rig->replay_first = 0;
}

static void on_reset(struct session_rig *rig)
{
    trace(rig, "journal reset");
    drop_all(rig->stored, &rig->stored_count);
    drop_all(rig->held, &rig->held_count);
}

static void on_action(struct session_rig *rig, const struct rfx_event *event,
                      const struct rfx_action *action)
{
    switch (action->type) {
    case RFX_ACTION_SEND:
        on_send(rig, action);
        break;
    case RFX_ACTION_RESET:
        on_reset(rig);
        break;
    case RFX_ACTION_CONNECT:
        trace(rig, "connect");
        rig->last_host = action->host;
        break;
    case RFX_ACTION_CLOSE:
        on_close(rig, action->close_reason);
        break;
    case RFX_ACTION_QUEUE:
        trace(rig, "hold %llu", (unsigned long long)action->queue_seq_num);
        keep(rig->held, &rig->held_count, action->queue_seq_num, event->message->data,
             event->message->size);
        break;
    case RFX_ACTION_REPLAY:
        trace(rig, "replay %llu..%llu", (unsigned long long)action->replay.first,
              (unsigned long long)action->replay.last);
        rig->replay_first = action->replay.first;
        rig->replay_last = action->replay.last;
        break;
    case RFX_ACTION_AUTHENTICATE:
        rig->awaits_verdict = true;
        break;
    case RFX_ACTION_DELIVER:
        trace(rig, "deliver %s", wire_type_name(rfx_message_type(event->message)));
        break;
    case RFX_ACTION_STATE:
        rig->states_entered |= UINT32_C(1) << action->state.to;
        trace(rig, "state %s -> %s", rfx_state_text(action->state.from),
              rfx_state_text(action->state.to));
        break;
    case RFX_ACTION_LOGON:
        trace(rig, "logon, %s", action->is_healthy ? "healthy" : "messages are missing");
        break;
    case RFX_ACTION_LOGOUT:
        trace(rig, "logout");
        break;
    case RFX_ACTION_NOTE:
        trace(rig, "note: %s", action->note);
        break;
    }
}

static void step(struct session_rig *rig, struct rfx_event *event)
{
    struct rfx_actions actions = {.space = rig->space,
                                  .space_size = sizeof rig->space,
                                  .utc = &rig->utc,
                                  .scratch = rig->scratch};
    event->now = now_of(rig);
    rfx_session_step(&rig->session, event, &actions);
    for (size_t i = 0; i < actions.count; i++) {
        on_action(rig, event, &actions.items[i]);
    }
}

void rig_event(struct session_rig *rig, enum rfx_event_type type)
{
    struct rfx_event event = {.type = type};
    step(rig, &event);
}

/* The message that was held back under the number that is due, fed and let go. */
static bool feed_held(struct session_rig *rig)
{
    for (size_t i = 0; i < rig->held_count; i++) {
        struct rig_kept kept = rig->held[i];
        if (kept.seq_num == rig->session.next_in) {
            struct rfx_field fields[1024];
            struct rfx_message message;
            rfx_message_index(kept.data, kept.size, fields, &message);
            rig->held[i] = rig->held[--rig->held_count];
            struct rfx_event event = {
                .type = RFX_EVENT_MESSAGE, .message = &message, .from_queue = true};
            trace(rig, "feed %llu", (unsigned long long)kept.seq_num);
            step(rig, &event);
            free(kept.data);
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------------------- the verbs */

static int set_up(void **state, const char *begin_string)
{
    struct session_rig *rig = calloc(1, sizeof *rig);
    rig->config = rfx_session_config_default;
    strcpy(rig->config.sender_comp_id, "SERVER");
    strcpy(rig->config.target_comp_id, "CLIENT");
    strcpy(rig->config.begin_string, begin_string);
    rig->config.use_data_dictionary =
        false; /* messages here are short; see test_session_dictionary */
    rig->config.hosts[0] = (struct rfx_host){.name = "exchange.example", .port = 9876};
    rig->config.default_appl_ver_id = strcmp(begin_string, "FIXT.1.1") == 0 ? 9 : -1;
    rig->next_out = 1;
    rig->next_in = 1;
    assert_int_equal(rfx_validate_scratch_open(&rig->scratch), RFX_OK);
    *state = rig;
    return 0;
}

int session_rig_set_up_40(void **state)
{
    return set_up(state, "FIX.4.0");
}

int session_rig_set_up_41(void **state)
{
    return set_up(state, "FIX.4.1");
}

int session_rig_set_up_43(void **state)
{
    return set_up(state, "FIX.4.3");
}

int session_rig_set_up_50(void **state)
{
    return set_up(state, "FIXT.1.1");
}

int session_rig_set_up_42(void **state)
{
    return set_up(state, "FIX.4.2");
}

int session_rig_set_up_44(void **state)
{
    return set_up(state, "FIX.4.4");
}

int session_rig_tear_down(void **state)
{
    struct session_rig *rig = *state;
    drop_all(rig->stored, &rig->stored_count);
    drop_all(rig->held, &rig->held_count);
    rfx_validate_scratch_close(rig->scratch);
    free(rig->logon);
    free(rig);
    return 0;
}

void rig_start(struct session_rig *rig)
{
    const struct rfx_session_start start = {
        .next_out = rig->next_out, .next_in = rig->next_in, .created_utc_ns = rig->created_utc_ns};
    rfx_profile_init(&rig->profile, &rig->config, rig->zone);
    if (rig->change_profile != NULL) {
        rig->change_profile(&rig->profile);
    }
    assert_true(rfx_session_memory_size(&rig->config, rig->config.target_comp_id) <=
                sizeof rig->memory);
    rfx_session_init(&rig->session, &rig->profile, rig->config.target_comp_id, &start, rig->memory);
    rig_event(rig, RFX_EVENT_START);
}

void rig_connect(struct session_rig *rig)
{
    struct rfx_event event = {.type = RFX_EVENT_CONNECTED, .logon_fields = rig->logon_fields};
    step(rig, &event);
}

void rig_log_on(struct session_rig *rig)
{
    rig_start(rig);
    rig_advance(rig, 0);
    rig_connect(rig);
    rig_receive(rig, rig->profile.version == RFX_FIXT11 ? "35=A|98=0|108=30|1137=9"
                                                        : "35=A|98=0|108=30");
    assert_int_equal(rig->session.state, RFX_ACTIVE);
    rig_forget_trace(rig);
}

void rig_verdict(struct session_rig *rig, bool is_accepted, const char *text)
{
    struct rfx_field fields[RFX_FIELDS_MAX(RIG_MESSAGE_MAX)];
    struct rfx_message message;
    assert_non_null(rig->logon);
    rfx_message_index(rig->logon, rig->logon_size, fields, &message);
    struct rfx_event event = {
        .type = RFX_EVENT_VERDICT, .message = &message, .is_accepted = is_accepted, .text = text};
    rig->awaits_verdict = false;
    step(rig, &event);
    free(rig->logon);
    rig->logon = NULL;
}

void rig_receive(struct session_rig *rig, const char *text)
{
    char data[RIG_MESSAGE_MAX];
    struct rfx_field fields[RFX_FIELDS_MAX(RIG_MESSAGE_MAX)];
    struct rfx_message message;
    const struct wire_peer peer = {.begin_string = rig->config.begin_string,
                                   .sender_comp_id = "CLIENT",
                                   .target_comp_id = "SERVER",
                                   .seq_num = rig->session.next_in,
                                   .utc_ns = now_of(rig).utc_ns};
    rfx_message_index(data, wire_from_text(&peer, text, data, sizeof data), fields, &message);
    struct rfx_event event = {.type = RFX_EVENT_MESSAGE, .message = &message};
    trace_received(rig, &message, text);
    step(rig, &event);
    if (rig->awaits_verdict && rig->logon == NULL) {
        rig->logon = malloc(message.size);
        rig->logon_size = message.size;
        memcpy(rig->logon, message.data, message.size);
        if (!rig->keeps_verdict) {
            rig_verdict(rig, true, NULL);
        }
    }
    while (feed_held(rig)) {
    }
}

void rig_send(struct session_rig *rig, const char *text)
{
    struct rfx_actions space = {
        .space = rig->space, .space_size = RIG_MESSAGE_MAX, .utc = &rig->utc};
    struct rfx_writer writer;
    char type[8] = {0};
    assert_memory_equal(text, "35=", 3);
    memcpy(type, text + 3, (size_t)(wire_token_end(text) - text) - 3);
    rfx_session_begin_message(&rig->session, rfx_bytes_of(type, strlen(type)), now_of(rig), &writer,
                              &space);
    for (const char *token = wire_next_token(text); *token != '\0';
         token = wire_next_token(token)) {
        const char *value = strchr(token, '=') + 1;
        rfx_writer_put(&writer, (int32_t)atoi(token),
                       rfx_bytes_of(value, (size_t)(wire_token_end(token) - value)));
    }
    struct rfx_event event = {.type = RFX_EVENT_SEND, .writer = &writer};
    step(rig, &event);
}

void rig_advance(struct session_rig *rig, uint64_t ms)
{
    const uint64_t target_ms = rig->now_ms + ms;
    for (size_t idle_ticks = 0;; idle_ticks++) {
        assert_true(idle_ticks < 100); /* a deadline that does not move */
        uint64_t deadline_ns = rfx_session_deadline_ns(&rig->session);
        if (deadline_ns > MONO_START_NS + target_ms * RFX_NS_PER_MS) {
            break;
        }
        uint64_t deadline_ms =
            deadline_ns < MONO_START_NS ? 0 : (deadline_ns - MONO_START_NS) / RFX_NS_PER_MS;
        if (deadline_ms > rig->now_ms) {
            rig->now_ms = deadline_ms;
            idle_ticks = 0;
        }
        rig_event(rig, RFX_EVENT_TICK);
    }
    rig->now_ms = target_ms;
}

void rig_set_utc_s(struct session_rig *rig, int64_t utc_s)
{
    rig->utc_jump_ns += utc_s * (int64_t)RFX_NS_PER_S - now_of(rig).utc_ns;
}

void rig_disconnected(struct session_rig *rig, enum rfx_disconnect_reason reason)
{
    struct rfx_event event = {.type = RFX_EVENT_DISCONNECTED, .reason = reason};
    trace(rig, "disconnected");
    step(rig, &event);
}

void rig_log_out(struct session_rig *rig, const char *text)
{
    struct rfx_event event = {
        .type = RFX_EVENT_LOGOUT, .text = text, .reason = RFX_REASON_LOGOUT_COMPLETED};
    step(rig, &event);
}

void rig_close(struct session_rig *rig, enum rfx_disconnect_reason reason)
{
    struct rfx_event event = {.type = RFX_EVENT_CLOSE, .reason = reason};
    step(rig, &event);
}

void rig_serve_up_to(struct session_rig *rig, uint64_t last)
{
    assert_int_not_equal(rig->replay_first, 0);
    if (last > rig->replay_last) {
        last = rig->replay_last;
    }
    uint64_t first = rig->replay_first;
    rig->replay_first = last + 1;
    for (size_t i = 0; i < rig->stored_count; i++) {
        struct rig_kept *kept = &rig->stored[i];
        if (kept->seq_num < first || kept->seq_num > last) {
            continue;
        }
        struct rfx_field fields[1024];
        struct rfx_message message;
        rfx_message_index(kept->data, kept->size, fields, &message);
        struct rfx_event event = {.type = RFX_EVENT_REPLAYED,
                                  .message = &message,
                                  .seq_num = kept->seq_num,
                                  .may_replay = rig->should_replay == NULL ||
                                                rig->should_replay(kept->seq_num)};
        step(rig, &event);
    }
}

void rig_serve(struct session_rig *rig)
{
    rig_serve_up_to(rig, UINT64_MAX);
    rig->replay_first = 0;
    rig_event(rig, RFX_EVENT_REPLAY_END);
}
