#include "tests/unit/support_shard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MONO_START_NS (UINT64_C(5000) * RFX_NS_PER_S)
#define TRACE_MAX     (4u << 20)
#define MESSAGE_MAX   65536

/* ---------------------------------------------------------------------------- open, close */

static void notify(void *context, uint32_t loop)
{
    struct shard_rig *rig = context;
    (void)loop;
    rig->notify_count++;
}

static void wake(void *context)
{
    struct shard_rig *rig = context;
    rig->wake_count++;
}

int shard_rig_set_up(void **state)
{
    struct shard_rig *rig = calloc(1, sizeof *rig);
    rig->config = (struct rfx_config){
        .log_level = RFX_LOG_DEBUG,
        .message_size_max = 16384,
        .sessions_max = 16,
        .connections_max = SHARD_RIG_CONNECTIONS,
        .send_queue_size = 1u << 20,
        .gap_queue_size = 1u << 20,
        .post_queue_size = 1u << 20,
        .sessions = rig->sessions,
        .session_count = 1,
    };
    rig->sessions[0] = rfx_session_config_default;
    strcpy(rig->sessions[0].begin_string, "FIX.4.4");
    strcpy(rig->sessions[0].sender_comp_id, "SERVER");
    strcpy(rig->sessions[0].target_comp_id, "*");
    rig->sessions[0].acceptor_template = true;
    rig->sessions[0].use_data_dictionary = false; /* messages here are short */
    rig->app = shard_rig_app(rig);
    rig->ring_size = 1u << 20;
    rig->answers_drains = true;
    rig->generation = 1;
    rig->start_ns = MONO_START_NS;
    rig->trace = (struct text){.data = calloc(1, TRACE_MAX), .size_max = TRACE_MAX};
    *state = rig;
    return 0;
}

void shard_rig_open(struct shard_rig *rig)
{
    for (uint32_t i = 0; i < SHARD_RIG_LOOPS; i++) {
        assert_int_equal(rfx_ring_open(&rig->from_loops[i], 4u << 20), RFX_OK);
        assert_int_equal(rfx_ring_open(&rig->to_loops[i], rig->ring_size), RFX_OK);
        rig->from_pointers[i] = &rig->from_loops[i];
        rig->to_pointers[i] = &rig->to_loops[i];
    }
    for (size_t i = 0; i < SHARD_RIG_CONFIGS; i++) {
        if (rig->sessions[i].begin_string[0] != '\0') {
            rfx_profile_init(&rig->profiles[i], &rig->sessions[i], NULL);
        }
    }
    const struct rfx_shard_options options = {.config = &rig->config,
                                              .app = &rig->app,
                                              .profiles = rig->profiles,
                                              .disconnects = rig->disconnects,
                                              .wake = wake,
                                              .wake_context = rig,
                                              .journal = fake_journal_port(rig),
                                              .message_log = rig->message_log,
                                              .loop_count = SHARD_RIG_LOOPS,
                                              .from_loops = rig->from_pointers,
                                              .to_loops = rig->to_pointers,
                                              .session_count = &rig->session_count,
                                              .notify = notify,
                                              .notify_context = rig};
    if (rfx_shard_open(&options, &rig->shard, &rig->error) != RFX_OK) {
        fail_msg("open: %s", rig->error.text);
    }
}

static void close_shard(struct shard_rig *rig)
{
    if (rig->shard == NULL) {
        return;
    }
    rfx_shard_close(rig->shard);
    rig->shard = NULL;
    for (uint32_t i = 0; i < SHARD_RIG_LOOPS; i++) {
        rfx_ring_close(&rig->from_loops[i]);
        rfx_ring_close(&rig->to_loops[i]);
    }
}

void shard_rig_reopen(struct shard_rig *rig)
{
    close_shard(rig);
    rig->session_count = 0;
    shard_rig_open(rig);
}

int shard_rig_tear_down(void **state)
{
    struct shard_rig *rig = *state;
    close_shard(rig);
    fake_journal_close(&rig->journal);
    free(rig->trace.data);
    free(rig);
    return 0;
}

struct rfx_session *shard_rig_add(struct shard_rig *rig, const struct rfx_session_config *config,
                                  const char *target_comp_id)
{
    struct rfx_session *session = NULL;
    assert_true(config >= rig->sessions && config < rig->sessions + SHARD_RIG_CONFIGS);
    struct rfx_profile *profile = &rig->profiles[config - rig->sessions];
    if (profile->config == NULL) {
        rfx_profile_init(profile, config, NULL); /* it was filled in after the shard was opened */
    }
    if (rfx_shard_add_session(rig->shard, profile, target_comp_id, &session, &rig->error) !=
        RFX_OK) {
        fail_msg("add: %s", rig->error.text);
    }
    return session;
}

/* ---------------------------------------------------------------------------------- the loop */

static struct rfx_conn_id conn_of(const struct shard_rig *rig, uint32_t loop, uint32_t connection)
{
    assert_true(connection < SHARD_RIG_CONNECTIONS);
    return (struct rfx_conn_id){.loop = loop, .index = connection, .generation = rig->generation};
}

static int64_t utc_of(const struct shard_rig *rig)
{
    return SHARD_RIG_UTC_NS + (int64_t)(rig->now_ms * RFX_NS_PER_MS);
}

/* As a loop does it: the bytes stay where they are until the shard has released the record. They
 * are kept in the record itself, behind the field index. */
void shard_rig_receive_on(struct shard_rig *rig, uint32_t loop, uint32_t connection,
                          const char *comp_id, const char *text)
{
    static const size_t room = sizeof(struct rfx_link_message);
    char *data = malloc(MESSAGE_MAX);
    const struct wire_peer peer = {.begin_string = rig->sessions[0].begin_string,
                                   .sender_comp_id = comp_id,
                                   .target_comp_id = "SERVER",
                                   .utc_ns = utc_of(rig)};
    assert_non_null(wire_find_token(text, 34));
    size_t size = wire_from_text(&peer, text, data, MESSAGE_MAX);
    size_t index_size = RFX_FIELDS_MAX(size) * sizeof(struct rfx_field);
    uint32_t record_size = (uint32_t)(room + index_size + size);
    struct rfx_link_message *record = rfx_ring_reserve(&rig->from_loops[loop], record_size);
    assert_non_null(record);
    char *behind = (char *)record + room + index_size;
    memcpy(behind, data, size);
    free(data);
    record->conn = conn_of(rig, loop, connection);
    record->is_sum_wrong = rig->is_sum_wrong;
    record->peer = rig->peer;
    record->accept_port = rig->accept_port;
    record->certificate_names = rig->certificate_names;
    rfx_message_index(behind, size, (struct rfx_field *)(void *)(record + 1), &record->message);
    rfx_ring_push(&rig->from_loops[loop], RFX_LINK_MESSAGE, record_size);
    rfx_ring_publish(&rig->from_loops[loop]);
}

void shard_rig_receive(struct shard_rig *rig, uint32_t connection, const char *comp_id,
                       const char *text)
{
    shard_rig_receive_on(rig, 0, connection, comp_id, text);
}

static void say(struct shard_rig *rig, enum rfx_link_type type,
                const struct rfx_link_connection *said)
{
    struct rfx_ring *ring = &rig->from_loops[said->conn.loop];
    struct rfx_link_connection *record = rfx_ring_reserve(ring, sizeof *record);
    assert_non_null(record);
    *record = *said;
    rfx_ring_push(ring, type, sizeof *record);
    rfx_ring_publish(ring);
}

void shard_rig_say(struct shard_rig *rig, enum rfx_link_type type, uint32_t connection,
                   uint32_t token, enum rfx_disconnect_reason reason)
{
    const struct rfx_link_connection said = {.conn = reason == RFX_REASON_CONNECT_FAILED
                                                         ? (struct rfx_conn_id){0}
                                                         : conn_of(rig, 0, connection),
                                             .token = token,
                                             .reason = reason};
    say(rig, type, &said);
}

/* Journal before wire: a number on the wire is one that the journal knows as used. */
static void check_is_stored(struct shard_rig *rig, const char *data, size_t size)
{
    struct rfx_field *fields = malloc(RFX_FIELDS_MAX(size) * sizeof *fields);
    struct rfx_message message;
    struct rfx_header header;
    char comp_id[RFX_COMP_ID_MAX + 1] = {0};
    uint64_t seq_num;
    rfx_message_index(data, size, fields, &message);
    rfx_header_read(&message, &header);
    assert_true(rfx_read_uint(header.msg_seq_num, &seq_num));
    memcpy(comp_id, header.target_comp_id.data, header.target_comp_id.size);
    const struct fake_session *stored = shard_rig_stored(rig, comp_id);
    assert_true(seq_num < stored->next_out || seq_num < stored->next_out_before_reset);
    free(fields);
}

static void on_send(struct shard_rig *rig, const struct rfx_link_send *send)
{
    char text[20000];
    const char *data = (const char *)(send + 1);
    check_is_stored(rig, data, send->size);
    wire_to_text(data, send->size, SHARD_RIG_UTC_NS, text, sizeof text);
    shard_rig_trace(rig, "wire %u > %s", send->conn.index, text);
    rig->sent_count++;
}

static void on_drain(struct shard_rig *rig, const struct rfx_link_connection *drain)
{
    shard_rig_trace(rig, "wire %u drain", drain->conn.index);
    rig->drain_count++;
    if (rig->answers_drains) {
        const struct rfx_link_connection drained = {.conn = drain->conn};
        say(rig, RFX_LINK_DRAINED, &drained);
    }
}

static void on_record(struct shard_rig *rig, enum rfx_link_type type, const void *record)
{
    const struct rfx_link_connection *connection = record;
    const struct rfx_link_connect *connect = record;
    switch (type) {
    case RFX_LINK_SEND:
        on_send(rig, record);
        break;
    case RFX_LINK_CLOSE:
        shard_rig_trace(rig, "wire %u close: %s", connection->conn.index,
                        rfx_disconnect_reason_text(connection->reason));
        rig->close_count++;
        break;
    case RFX_LINK_DRAIN:
        on_drain(rig, record);
        break;
    case RFX_LINK_CONNECT:
        shard_rig_trace(rig, "wire connect %s:%u token %u", connect->dial->name,
                        connect->dial->port, connect->token);
        break;
    case RFX_LINK_MESSAGE:
    case RFX_LINK_CONNECTED:
    case RFX_LINK_DISCONNECTED:
    case RFX_LINK_DRAINED:
        fail_msg("a record for the shard in a ring to a loop");
    }
}

void shard_rig_read_wire(struct shard_rig *rig)
{
    for (uint32_t i = 0; i < SHARD_RIG_LOOPS && !rig->is_wire_blocked; i++) {
        const void *record;
        uint32_t type;
        uint32_t size;
        while ((record = rfx_ring_peek(&rig->to_loops[i], &type, &size)) != NULL) {
            on_record(rig, (enum rfx_link_type)type, record);
            rfx_ring_pop(&rig->to_loops[i]);
        }
        rfx_ring_release(&rig->to_loops[i]);
    }
}

/* --------------------------------------------------------------------------------- the verbs */

static size_t turn(struct shard_rig *rig, rfx_status *status)
{
    const struct rfx_now now = {.mono_ns = rig->start_ns + rig->now_ms * RFX_NS_PER_MS,
                                .utc_ns = utc_of(rig)};
    size_t count = rfx_shard_work(rig->shard, now, status, &rig->error);
    shard_rig_read_wire(rig);
    return count;
}

rfx_status shard_rig_turn(struct shard_rig *rig)
{
    rfx_status status;
    turn(rig, &status);
    return status;
}

void shard_rig_settle(struct shard_rig *rig)
{
    size_t turns = 0;
    rfx_status status;
    do {
        assert_true(turns++ < 100000); /* a shard that never comes to rest */
        turn(rig, &status);
        assert_int_equal(status, RFX_OK);
    } while (rfx_shard_has_input(rig->shard) ||
             rfx_shard_deadline_ns(rig->shard) <= rig->start_ns + rig->now_ms * RFX_NS_PER_MS);
}

void shard_rig_advance(struct shard_rig *rig, uint64_t ms)
{
    const uint64_t target_ms = rig->now_ms + ms;
    for (;;) {
        shard_rig_settle(rig);
        uint64_t deadline_ns = rfx_shard_deadline_ns(rig->shard);
        if (deadline_ns > rig->start_ns + target_ms * RFX_NS_PER_MS) {
            break;
        }
        rig->now_ms = (deadline_ns - rig->start_ns) / RFX_NS_PER_MS;
    }
    rig->now_ms = target_ms;
}

void shard_rig_log_on(struct shard_rig *rig, uint32_t connection, const char *comp_id)
{
    char text[64];
    const struct fake_session *stored = shard_rig_stored(rig, comp_id);
    snprintf(text, sizeof text, "35=A|34=%llu|98=0|108=30",
             stored != NULL ? (unsigned long long)stored->next_in : 1);
    shard_rig_receive(rig, connection, comp_id, text);
    shard_rig_settle(rig);
    if (rig->app.on_logon == shard_rig_app(rig).on_logon) {
        assert_true(shard_rig_saw(rig, " on_logon "));
    }
    shard_rig_forget(rig);
}

struct fake_session *shard_rig_stored(struct shard_rig *rig, const char *comp_id)
{
    char name[RFX_SESSION_NAME_MAX];
    snprintf(name, sizeof name, "%s:SERVER->%s", rig->sessions[0].begin_string, comp_id);
    for (size_t i = 0; i < rig->journal.session_count; i++) {
        if (strcmp(rig->journal.sessions[i].name, name) == 0) {
            return &rig->journal.sessions[i];
        }
    }
    return NULL;
}
