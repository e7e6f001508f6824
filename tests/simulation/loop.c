/* The I/O loop of a process, played: records of the shard become bytes in the network, and bytes
 * become records. The life of a connection is that of io/conn.c. */
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "tests/simulation/sim.h"

#define LINGER_NS  (5 * SIM_S)
#define CONNECT_NS (10 * SIM_S)

static struct sim_link *link_of(struct sim_node *node, const struct sim_conn *conn)
{
    return conn->link >= 0 ? &node->sim->links[conn->link] : NULL;
}

static unsigned index_of(const struct sim_node *node, const struct sim_conn *conn)
{
    return (unsigned)(conn - node->conns);
}

static struct rfx_conn_id id_of(const struct sim_node *node, const struct sim_conn *conn)
{
    return (struct rfx_conn_id){.index = index_of(node, conn), .generation = conn->generation};
}

static void loop_soon(struct sim_node *node)
{
    uint64_t at_ns = node->sim->now_ns + sim_dice(node->sim, 1000, node->sim->plan.turn_delay_ns);
    node->loop_ns = rfx_min_u64(node->loop_ns, at_ns);
}

/* ------------------------------------------------------------------------------ open, close */

static struct sim_conn *open_conn(struct sim_node *node, enum sim_conn_state state)
{
    for (size_t i = 0; i < SIM_CONNS; i++) {
        struct sim_conn *conn = &node->conns[i];
        if (conn->state == SIM_CONN_FREE && conn->position <= node->from_loop.head) {
            conn->state = state;
            conn->generation++;
            conn->link = -1;
            conn->token = 0;
            conn->is_known = conn->is_connected_unreported = false;
            conn->has_ended = conn->end_is_reported = conn->is_broken = false;
            conn->wants_drained = false;
            conn->end_reason = RFX_REASON_NONE;
            conn->deadline_ns = RFX_NEVER_NS;
            conn->last_sent = 0;
            conn->received_size = 0;
            conn->pending_size = 0;
            return conn;
        }
    }
    return NULL;
}

static void bind_link(struct sim_node *node, struct sim_conn *conn, struct sim_link *link)
{
    conn->link = (int)(link - node->sim->links);
    link->conn[node->side] = (int)index_of(node, conn);
    link->generation[node->side] = conn->generation;
}

static void kill_conn(struct sim_node *node, struct sim_conn *conn, enum sim_going going)
{
    struct sim_link *link = link_of(node, conn);
    if (link != NULL) {
        sim_link_leave(node->sim, link, node->side, going);
    }
    conn->state = SIM_CONN_FREE;
    conn->link = -1;
    conn->pending_size = 0;
    conn->received_size = 0;
}

static void go_on_closing(struct sim_node *node, struct sim_conn *conn)
{
    if (conn->is_broken) {
        kill_conn(node, conn, SIM_GOING_RESET);
    } else if (conn->state == SIM_CONN_FLUSHING && conn->pending_size == 0) {
        sim_link_finish(node->sim, link_of(node, conn), node->side);
        conn->state = SIM_CONN_LINGERING;
    }
    if (conn->state == SIM_CONN_LINGERING && conn->has_ended) {
        kill_conn(node, conn, SIM_GOING_FIN);
    }
}

static void close_conn(struct sim_node *node, struct sim_conn *conn)
{
    if (conn->state == SIM_CONN_OPEN) {
        conn->state = SIM_CONN_FLUSHING;
        conn->deadline_ns = node->sim->now_ns + LINGER_NS;
        conn->received_size = 0;
        go_on_closing(node, conn);
    }
}

void sim_loop_die(struct sim_node *node, enum sim_going going)
{
    for (size_t i = 0; i < SIM_CONNS; i++) {
        struct sim_conn *conn = &node->conns[i];
        if (conn->state != SIM_CONN_FREE) {
            kill_conn(node, conn, going);
        }
        conn->position = 0; /* the next process has rings of its own */
    }
    node->loop_ns = RFX_NEVER_NS;
}

/* A connection reaches the listener. */
void sim_loop_accept(struct sim_node *node, struct sim_link *link)
{
    struct sim_conn *conn = node->shard != NULL ? open_conn(node, SIM_CONN_OPEN) : NULL;
    link->open_ns[node->side] = RFX_NEVER_NS;
    if (conn == NULL) {
        sim_trace(node->sim, node->name, "link %d is not accepted", (int)(link - node->sim->links));
        sim_link_leave(node->sim, link, node->side, SIM_GOING_RESET);
        return;
    }
    bind_link(node, conn, link);
    conn->deadline_ns =
        node->sim->now_ns + node->sim->plan.session.logon_timeout_s * (uint64_t)SIM_S;
    sim_trace(node->sim, node->name, "conn %u accepted, link %d", index_of(node, conn), conn->link);
}

/* ------------------------------------------------------------------------ records of the shard */

static struct sim_conn *find(struct sim_node *node, struct rfx_conn_id id)
{
    struct sim_conn *conn = &node->conns[id.index];
    return conn->generation == id.generation && conn->state == SIM_CONN_OPEN ? conn : NULL;
}

/* The initiator's Logons may come once more, over a connection of somebody else's. */
static void keep_logon(struct sim_node *node, const char *data, uint32_t size)
{
    struct sim *sim = node->sim;
    if (node->side != SIM_INITIATOR || size > SIM_MESSAGE_MAX ||
        memmem(data, size,
               "\x01"
               "35=A\x01",
               6) == NULL ||
        memmem(data, size,
               "\x01"
               "141=Y\x01",
               7) != NULL) {
        return;
    }
    const char *sender = memmem(data, size,
                                "\x01"
                                "49=I",
                                5);
    uint32_t pair = (uint32_t)(sender[5] - '0');
    memcpy(sim->last_logon[pair], data, size);
    sim->last_logon_size[pair] = size;
}

/* No number is left out on its way through the ring. Behind a Logout some are: what the application
 * sends then is journaled alone. */
static void check_order(struct sim_node *node, const struct rfx_link_send *record, uint64_t seq_num)
{
    struct sim_conn *conn = &node->conns[record->conn.index];
    if (seq_num == 0 || conn->generation != record->conn.generation ||
        conn->last_sent == UINT64_MAX) {
        return;
    }
    if (conn->last_sent != 0 && seq_num != conn->last_sent + 1 &&
        !sim_plan_has(&node->sim->plan, SIM_RESET_LOGON)) {
        sim_fail(node->sim, "%s: message %llu leaves after message %llu", node->name,
                 (unsigned long long)seq_num, (unsigned long long)conn->last_sent);
    }
    bool is_logout = memmem(record + 1, record->size,
                            "\x01"
                            "35=5\x01",
                            6) != NULL;
    conn->last_sent = is_logout ? UINT64_MAX : seq_num;
}

static void on_send(struct sim_node *node, const struct rfx_link_send *record)
{
    const char *data = (const char *)(record + 1);
    check_order(node, record, sim_check_sent(node, data, record->size));
    keep_logon(node, data, record->size);
    struct sim_conn *conn = find(node, record->conn);
    if (conn == NULL || conn->is_broken) {
        sim_trace_message(node->sim, node->name, "X not sent:", data, record->size);
        return;
    }
    sim_trace_message(node->sim, node->name, ">", data, record->size);
    uint32_t needed = conn->pending_size + record->size;
    if (needed > conn->pending_capacity) {
        conn->pending_capacity = 2 * needed;
        conn->pending = realloc(conn->pending, conn->pending_capacity);
    }
    memcpy(conn->pending + conn->pending_size, data, record->size);
    conn->pending_size = needed;
}

static void on_connect(struct sim_node *node, const struct rfx_link_connect *record)
{
    struct sim *sim = node->sim;
    struct sim_conn *conn = open_conn(node, SIM_CONN_CONNECTING);
    sim_count(sim, SIM_COUNT_CONNECTS);
    if (conn == NULL) {
        return; /* the session's own deadline makes it try again */
    }
    conn->token = record->token;
    conn->deadline_ns = sim->now_ns + CONNECT_NS;
    bool is_faulty = !sim->is_quiet && sim_plan_has(&sim->plan, SIM_CONNECT) && sim_chance(sim, 30);
    uint64_t kind = is_faulty ? sim_dice(sim, 0, 3) : 4;
    struct sim_link *link = kind >= 2 ? sim_link_open(sim) : NULL;
    uint64_t latency_ns = sim_latency_ns(sim, SIM_INITIATOR) + sim_latency_ns(sim, SIM_ACCEPTOR);
    static const char *const texts[] = {"refused", "unanswered", "known to the acceptor alone",
                                        "known to the initiator alone", ""};
    sim_trace(sim, node->name, "conn %u connects %s", index_of(node, conn), texts[kind]);
    if (link == NULL) {
        if (kind != 1) {
            conn->deadline_ns = sim->now_ns + latency_ns;
        }
        return;
    }
    if (kind == 2) { /* the acceptor's answer is lost */
        link->open_ns[SIM_ACCEPTOR] = sim->now_ns + latency_ns / 2;
        link->is_gone[SIM_INITIATOR] = true;
        link->pipes[SIM_INITIATOR].is_silent = true;
        link->pipes[SIM_ACCEPTOR].is_silent = true;
        return;
    }
    bind_link(node, conn, link);
    link->open_ns[SIM_INITIATOR] = sim->now_ns + latency_ns;
    if (kind == 3) {
        link->is_gone[SIM_ACCEPTOR] = true;
        link->pipes[SIM_INITIATOR].is_silent = true;
        link->pipes[SIM_ACCEPTOR].is_silent = true;
    } else {
        link->open_ns[SIM_ACCEPTOR] = sim->now_ns + latency_ns / 2;
    }
}

static void on_close(struct sim_node *node, const struct rfx_link_connection *record)
{
    struct sim_conn *conn = find(node, record->conn);
    if (conn != NULL) {
        sim_trace(node->sim, node->name, "conn %u closes: %s", record->conn.index,
                  rfx_disconnect_reason_text(record->reason));
        close_conn(node, conn);
    }
}

static void on_record(struct sim_node *node, enum rfx_link_type type, const void *record)
{
    const struct rfx_link_connection *connection = record;
    struct sim_conn *conn;
    switch (type) {
    case RFX_LINK_SEND:
        on_send(node, record);
        break;
    case RFX_LINK_CLOSE:
        on_close(node, record);
        break;
    case RFX_LINK_DRAIN:
        conn = find(node, connection->conn);
        if (conn != NULL) {
            conn->wants_drained = true;
        }
        break;
    case RFX_LINK_CONNECT:
        on_connect(node, record);
        break;
    case RFX_LINK_MESSAGE:
    case RFX_LINK_CONNECTED:
    case RFX_LINK_DISCONNECTED:
    case RFX_LINK_DRAINED:
        sim_fail(node->sim, "%s: a record for the shard in the ring to the loop", node->name);
    }
}

/* Now and then some records are left for later. */
static void take_records(struct sim_node *node)
{
    uint64_t left = sim_chance(node->sim, 10) ? sim_dice(node->sim, 1, 8) : UINT64_MAX;
    uint32_t type;
    uint32_t size;
    const void *record;
    while ((record = rfx_ring_peek(&node->to_loop, &type, &size)) != NULL) {
        if (left-- == 0) {
            loop_soon(node);
            break;
        }
        on_record(node, (enum rfx_link_type)type, record);
        rfx_ring_pop(&node->to_loop);
    }
    rfx_ring_release(&node->to_loop);
    if (rfx_shard_deadline_ns(node->shard) == 0) {
        sim_node_wake(node); /* it may wait for room */
    }
}

/* ----------------------------------------------------------------------- records for the shard */

/* Room for one record; false: the ring is full, try again later. */
static void *reserve(struct sim_node *node, size_t size)
{
    void *room = rfx_ring_reserve(&node->from_loop, (uint32_t)size);
    if (room == NULL) {
        sim_count(node->sim, SIM_COUNT_RING_FULL);
        node->stalled_until_ns = node->sim->now_ns + SIM_MS;
        loop_soon(node);
    }
    return room;
}

static void push(struct sim_node *node, struct sim_conn *conn, enum rfx_link_type type, size_t size)
{
    rfx_ring_push(&node->from_loop, type, (uint32_t)size);
    conn->position = rfx_ring_position(&node->from_loop);
}

static bool push_connection(struct sim_node *node, struct sim_conn *conn, enum rfx_link_type type)
{
    bool has_begun = conn->end_reason != RFX_REASON_CONNECT_FAILED;
    struct rfx_link_connection *record = reserve(node, sizeof *record);
    if (record == NULL) {
        return false;
    }
    *record = (struct rfx_link_connection){
        .conn = has_begun ? id_of(node, conn) : (struct rfx_conn_id){0},
        .token = conn->token,
        .reason = conn->end_reason,
    };
    push(node, conn, type, sizeof *record);
    return true;
}

/* The message and its field index travel in the record. */
static bool push_message(struct sim_node *node, struct sim_conn *conn, size_t size)
{
    static struct rfx_field fields[RFX_FIELDS_MAX(SIM_MESSAGE_MAX)];
    struct rfx_message message;
    rfx_message_index(conn->received, size, fields, &message);
    size_t index_size = message.field_count * sizeof *fields;
    struct rfx_link_message *record = reserve(node, sizeof *record + index_size + size);
    if (record == NULL) {
        return false;
    }
    struct rfx_field *index = (struct rfx_field *)(void *)(record + 1);
    char *data = (char *)index + index_size;
    memcpy(index, fields, index_size);
    memcpy(data, conn->received, size);
    message.data = data;
    message.fields = index;
    bool is_first = !conn->is_known && node->side == SIM_ACCEPTOR;
    *record = (struct rfx_link_message){
        .conn = id_of(node, conn), .peer = is_first ? "192.0.2.1:5001" : NULL, .message = message};
    push(node, conn, RFX_LINK_MESSAGE, sizeof *record + index_size + size);
    conn->is_known = true;
    sim_trace_message(node->sim, node->name, "<", data, size);
    return true;
}

/* False: no more for now. */
static bool frame_one(struct sim_node *node, struct sim_conn *conn)
{
    struct rfx_frame frame;
    if (conn->received_size == 0) {
        return false;
    }
    switch (rfx_frame(conn->received, conn->received_size, SIM_MESSAGE_MAX, &frame)) {
    case RFX_FRAME_PARTIAL:
        return false;
    case RFX_FRAME_GARBLED:
        sim_fail(node->sim, "%s: what was sent as messages is garbled", node->name);
    case RFX_FRAME_COMPLETE:
        break;
    }
    if (!push_message(node, conn, frame.size)) {
        return false;
    }
    conn->received_size -= (uint32_t)frame.size;
    memmove(conn->received, conn->received + frame.size, conn->received_size);
    return true;
}

static void report_end(struct sim_node *node, struct sim_conn *conn)
{
    bool is_failed_connect = conn->end_reason == RFX_REASON_CONNECT_FAILED;
    if (!conn->is_known && !is_failed_connect) {
        close_conn(node, conn);
        return;
    }
    if (push_connection(node, conn, RFX_LINK_DISCONNECTED)) {
        conn->end_is_reported = true;
        sim_trace(node->sim, node->name, "conn %u ended: %s", index_of(node, conn),
                  rfx_disconnect_reason_text(conn->end_reason));
        if (is_failed_connect) {
            kill_conn(node, conn, SIM_GOING_SILENT);
        }
    }
}

static void deliver(struct sim_node *node, struct sim_conn *conn)
{
    if (conn->state != SIM_CONN_OPEN) {
        go_on_closing(node, conn);
        return;
    }
    if (conn->is_connected_unreported) {
        if (!push_connection(node, conn, RFX_LINK_CONNECTED)) {
            return;
        }
        conn->is_connected_unreported = false;
    }
    while (frame_one(node, conn)) {
    }
    if (conn->wants_drained && conn->pending_size == 0) {
        conn->wants_drained = !push_connection(node, conn, RFX_LINK_DRAINED);
    }
    struct rfx_frame frame;
    bool is_stalled = conn->received_size > 0 &&
                      rfx_frame(conn->received, conn->received_size, SIM_MESSAGE_MAX, &frame) ==
                          RFX_FRAME_COMPLETE;
    if (conn->has_ended && !conn->end_is_reported && !is_stalled) {
        report_end(node, conn);
    }
}

/* --------------------------------------------------------------------------------- the network */

static void end_conn(struct sim_conn *conn, enum rfx_disconnect_reason reason, bool is_broken)
{
    conn->is_broken = conn->is_broken || is_broken;
    if (!conn->has_ended) {
        conn->has_ended = true;
        conn->end_reason = reason;
    }
}

static void receive(struct sim_node *node, struct sim_conn *conn, struct sim_link *link)
{
    bool at_end = false;
    if (link->reset_ns[node->side] <= node->sim->now_ns) {
        link->reset_ns[node->side] = RFX_NEVER_NS;
        end_conn(conn, RFX_REASON_CONNECTION_LOST, true);
        deliver(node, conn);
        return;
    }
    while (!conn->has_ended) {
        uint32_t room = SIM_RECEIVE_MAX - conn->received_size;
        uint32_t moved = sim_link_receive(node->sim, link, node->side,
                                          conn->received + conn->received_size, room, &at_end);
        conn->received_size += moved;
        if (at_end) {
            end_conn(conn, RFX_REASON_PEER_CLOSED, false);
        }
        if (moved == 0 && !at_end) {
            break;
        }
        deliver(node, conn);
        if (conn->state == SIM_CONN_FREE) {
            return;
        }
        if (conn->state != SIM_CONN_OPEN) {
            conn->received_size = 0; /* read and dropped */
        }
    }
}

static void transmit(struct sim_node *node, struct sim_conn *conn)
{
    struct sim_link *link = link_of(node, conn);
    if (conn->pending_size > 0 && !conn->is_broken) {
        uint32_t taken =
            sim_link_send(node->sim, link, node->side, conn->pending, conn->pending_size);
        conn->pending_size -= taken;
        memmove(conn->pending, conn->pending + taken, conn->pending_size);
    }
    if (conn->pending_size > node->config.send_queue_size && conn->state == SIM_CONN_OPEN) {
        end_conn(conn, RFX_REASON_SLOW_CONSUMER, true);
    }
}

static void run_deadline(struct sim_node *node, struct sim_conn *conn)
{
    if (conn->deadline_ns > node->sim->now_ns) {
        return;
    }
    conn->deadline_ns = RFX_NEVER_NS;
    switch (conn->state) {
    case SIM_CONN_CONNECTING:
        conn->state = SIM_CONN_OPEN;
        end_conn(conn, RFX_REASON_CONNECT_FAILED, true);
        break;
    case SIM_CONN_OPEN:
        if (!conn->is_known && node->side == SIM_ACCEPTOR) {
            close_conn(node, conn);
        }
        break;
    case SIM_CONN_FLUSHING:
    case SIM_CONN_LINGERING:
        kill_conn(node, conn, SIM_GOING_RESET);
        break;
    case SIM_CONN_FREE:
        break;
    }
}

static void run_conn(struct sim_node *node, struct sim_conn *conn)
{
    struct sim_link *link = link_of(node, conn);
    if (conn->state == SIM_CONN_CONNECTING && link != NULL &&
        link->open_ns[node->side] <= node->sim->now_ns) {
        conn->state = SIM_CONN_OPEN;
        conn->deadline_ns = RFX_NEVER_NS;
        conn->is_connected_unreported = true;
        conn->is_known = true;
        link->open_ns[node->side] = RFX_NEVER_NS;
        sim_trace(node->sim, node->name, "conn %u connected, link %d", index_of(node, conn),
                  conn->link);
    }
    run_deadline(node, conn);
    if (conn->state == SIM_CONN_FREE || conn->state == SIM_CONN_CONNECTING) {
        return;
    }
    if (link != NULL && node->not_reading_until_ns <= node->sim->now_ns) {
        receive(node, conn, link);
    }
    if (conn->state != SIM_CONN_FREE && conn->link >= 0) {
        transmit(node, conn);
    }
    if (conn->state != SIM_CONN_FREE) {
        deliver(node, conn);
    }
}

void sim_loop_work(struct sim_node *node)
{
    node->loop_ns = RFX_NEVER_NS;
    take_records(node);
    for (size_t i = 0; i < SIM_CONNS; i++) {
        if (node->conns[i].state != SIM_CONN_FREE) {
            run_conn(node, &node->conns[i]);
        }
    }
    if (rfx_ring_publish(&node->from_loop)) {
        sim_node_wake(node);
    }
    /* Bytes wait for room in the network. */
    for (size_t i = 0; i < SIM_CONNS; i++) {
        if (node->conns[i].state != SIM_CONN_FREE && node->conns[i].pending_size > 0) {
            node->loop_ns = rfx_min_u64(node->loop_ns, node->sim->now_ns + 5 * SIM_MS);
        }
    }
}

static uint64_t conn_next_ns(const struct sim_node *node, const struct sim_conn *conn)
{
    uint64_t next_ns = conn->deadline_ns;
    if (conn->link < 0 || conn->state == SIM_CONN_FREE) {
        return next_ns;
    }
    const struct sim_link *link = &node->sim->links[conn->link];
    if (conn->state == SIM_CONN_CONNECTING) {
        return rfx_min_u64(next_ns, link->open_ns[node->side]);
    }
    if (conn->has_ended || conn->received_size == SIM_RECEIVE_MAX) {
        return next_ns;
    }
    uint64_t arrival_ns = sim_link_next_ns(link, node->side);
    if (arrival_ns < node->not_reading_until_ns) {
        arrival_ns = node->not_reading_until_ns;
    }
    return rfx_min_u64(next_ns, arrival_ns);
}

uint64_t sim_loop_next_ns(const struct sim_node *node)
{
    uint64_t next_ns = node->loop_ns;
    for (size_t i = 0; i < SIM_CONNS; i++) {
        if (node->conns[i].state != SIM_CONN_FREE) {
            next_ns = rfx_min_u64(next_ns, conn_next_ns(node, &node->conns[i]));
        }
    }
    next_ns = next_ns > node->stalled_until_ns ? next_ns : node->stalled_until_ns;
    return next_ns > node->paused_until_ns ? next_ns : node->paused_until_ns;
}
