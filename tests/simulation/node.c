/* A process: its shard, its rings, its life and its deaths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/sim.h"

#define MONO_START_NS (5000 * SIM_S)
#define UTC_START_NS  (INT64_C(1714996800) * (int64_t)SIM_S) /* 2024-05-06 12:00:00 */

uint64_t sim_node_mono(const struct sim *sim, uint64_t at_ns)
{
    (void)sim;
    return at_ns == RFX_NEVER_NS ? RFX_NEVER_NS : MONO_START_NS + at_ns;
}

struct rfx_now sim_node_now(const struct sim_node *node)
{
    return (struct rfx_now){
        .mono_ns = sim_node_mono(node->sim, node->sim->now_ns),
        .utc_ns = UTC_START_NS + (int64_t)node->sim->now_ns + node->utc_offset_ns,
    };
}

void sim_node_wake(struct sim_node *node)
{
    struct sim *sim = node->sim;
    uint64_t at_ns = sim->now_ns + sim_dice(sim, 1000, sim->plan.turn_delay_ns);
    node->shard_ns = rfx_min_u64(node->shard_ns, at_ns);
}

static void notify(void *context, uint32_t loop)
{
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    (void)loop;
    uint64_t at_ns = sim->now_ns + sim_dice(sim, 1000, sim->plan.turn_delay_ns);
    node->loop_ns = rfx_min_u64(node->loop_ns, at_ns);
}

static void wake(void *context)
{
    sim_node_wake(context);
}

/* -------------------------------------------------------------------------------- open, close */

static void configure(struct sim_node *node)
{
    const struct sim_plan *plan = &node->sim->plan;
    bool is_acceptor = node->side == SIM_ACCEPTOR;
    size_t count = is_acceptor && plan->is_template ? 1 : plan->pair_count;
    node->config = rfx_config_default;
    node->config.message_size_max = SIM_MESSAGE_MAX;
    node->config.sessions_max = 8;
    node->config.connections_max = SIM_CONNS;
    node->config.send_queue_size = plan->send_queue_size;
    node->config.gap_queue_size = plan->gap_queue_size;
    node->config.sessions = node->sessions;
    node->config.session_count = count;
    node->host = (struct rfx_host){.name = "192.0.2.1", .port = 5001};
    for (size_t i = 0; i < count; i++) {
        struct rfx_session_config *session = &node->sessions[i];
        char initiator[] = {'I', (char)('0' + i), '\0'};
        *session = plan->session;
        session->role = is_acceptor ? RFX_ROLE_ACCEPTOR : RFX_ROLE_INITIATOR;
        strcpy(session->sender_comp_id, is_acceptor ? "ACC" : initiator);
        strcpy(session->target_comp_id, is_acceptor ? initiator : "ACC");
        if (is_acceptor) {
            session->acceptor_template = plan->is_template;
            session->reset_on_logon = false; /* it follows the initiator's flag */
        } else {
            session->hosts[0] = node->host;
        }
        if (session->acceptor_template) {
            strcpy(session->target_comp_id, "*");
        }
        rfx_profile_init(&node->profiles[i], session, NULL);
    }
}

void sim_node_init(struct sim *sim, enum sim_side side)
{
    struct sim_node *node = &sim->nodes[side];
    node->sim = sim;
    node->side = side;
    node->name = side == SIM_ACCEPTOR ? "acceptor " : "initiator";
    node->from_pointer = &node->from_loop;
    node->to_pointer = &node->to_loop;
    node->shard_ns = RFX_NEVER_NS;
    node->loop_ns = RFX_NEVER_NS;
    node->restart_ns = RFX_NEVER_NS;
    for (size_t i = 0; i < SIM_CONNS; i++) {
        node->conns[i].link = -1;
    }
    configure(node);
}

static void open_sessions(struct sim_node *node)
{
    struct rfx_error error;
    for (size_t i = 0; i < node->config.session_count; i++) {
        const struct rfx_session_config *session = &node->sessions[i];
        if (!session->acceptor_template &&
            rfx_shard_add_session(node->shard, &node->profiles[i], session->target_comp_id,
                                  &node->ends[i].session, &error) != RFX_OK) {
            sim_fail(node->sim, "%s: session: %s", node->name, error.text);
        }
    }
}

void sim_node_open(struct sim_node *node)
{
    struct sim *sim = node->sim;
    struct rfx_error error;
    node->app = sim_app(node);
    node->session_count = 0;
    const struct rfx_shard_options options = {
        .config = &node->config,
        .app = &node->app,
        .profiles = node->profiles,
        .disconnects = node->disconnects,
        .journal = sim_journal_port(node),
        .loop_count = 1,
        .from_loops = &node->from_pointer,
        .to_loops = &node->to_pointer,
        .session_count = &node->session_count,
        .notify = notify,
        .notify_context = node,
        .wake = wake,
        .wake_context = node,
    };
    if (rfx_ring_open(&node->from_loop, sim->plan.ring_size) != RFX_OK ||
        rfx_ring_open(&node->to_loop, sim->plan.ring_size) != RFX_OK ||
        rfx_shard_open(&options, &node->shard, &error) != RFX_OK) {
        sim_fail(sim, "%s: cannot be opened", node->name);
    }
    node->seen_position = 0;
    node->delivery_count = 0;
    node->has_batch_waiting = false;
    node->kill_countdown = 0;
    node->is_killed = false;
    node->is_stopping = false;
    node->restart_ns = RFX_NEVER_NS;
    node->shard_ns = sim->now_ns;
    memset(node->ends, 0, sizeof node->ends);
    for (size_t i = 0; i < SIM_PAIRS_MAX; i++) {
        node->ends[i].settle_ns = RFX_NEVER_NS;
    }
    open_sessions(node);
    sim_trace(sim, node->name, "-- process starts");
}

static void throw_away(struct sim_node *node)
{
    for (int i = 0; i < RFX_REASON_COUNT; i++) {
        node->sim->counts[SIM_COUNT_REASONS + i] += node->disconnects[i];
        node->disconnects[i] = 0;
    }
    rfx_shard_close(node->shard);
    rfx_ring_close(&node->from_loop);
    rfx_ring_close(&node->to_loop);
    node->shard = NULL;
}

void sim_node_kill(struct sim_node *node, enum sim_going going, const char *why)
{
    struct sim *sim = node->sim;
    sim_trace(sim, node->name, "-- process ends: %s", why);
    sim_loop_die(node, going);
    throw_away(node);
    memset(node->ends, 0, sizeof node->ends);
    node->delivery_count = 0;
    node->shard_ns = RFX_NEVER_NS;
    node->restart_ns = sim->now_ns + sim_dice(sim, SIM_MS, 4 * SIM_S);
}

void sim_node_release(struct sim_node *node)
{
    if (node->shard != NULL) {
        throw_away(node);
    }
    for (size_t i = 0; i < SIM_CONNS; i++) {
        free(node->conns[i].pending);
    }
    sim_journal_release(node);
}

/* ----------------------------------------------------------------------------------- the turn */

static void check_memory(struct sim_node *node)
{
    for (size_t i = 0; i < node->sim->plan.pair_count; i++) {
        const struct rfx_session *session = node->ends[i].session;
        if (session != NULL && sim_inside_gap_bytes(session) > node->config.gap_queue_size) {
            sim_fail(node->sim, "%s: more than GapQueueSize is held back", node->name);
        }
    }
}

static void schedule(struct sim_node *node)
{
    struct sim *sim = node->sim;
    uint64_t deadline_ns = rfx_shard_deadline_ns(node->shard);
    if (rfx_shard_has_input(node->shard)) {
        sim_node_wake(node);
    }
    if (deadline_ns == RFX_NEVER_NS) {
        return;
    }
    /* A shard that waits for a loop tries again at once; here, a little later. */
    bool waits_for_loop = deadline_ns == 0 && !rfx_ring_is_empty(&node->to_loop);
    uint64_t soonest_ns = sim->now_ns + (waits_for_loop ? SIM_MS : 20000);
    uint64_t at_ns = deadline_ns <= MONO_START_NS ? 0 : deadline_ns - MONO_START_NS;
    node->shard_ns = rfx_min_u64(node->shard_ns, at_ns > soonest_ns ? at_ns : soonest_ns);
}

void sim_node_work(struct sim_node *node)
{
    struct sim *sim = node->sim;
    struct rfx_error error = {{0}};
    rfx_status status;
    node->shard_ns = RFX_NEVER_NS;
    sim_count(sim, SIM_COUNT_TURNS);
    rfx_shard_work(node->shard, sim_node_now(node), &status, &error);
    if (node->is_killed) {
        sim_node_kill(node, (enum sim_going)sim_dice(sim, 0, 2),
                      node->kill_is_behind ? "killed behind an append" : "killed before an append");
        return;
    }
    if (status != RFX_OK && node->is_stopping && sim->now_ns < node->no_room_until_ns) {
        sim_node_kill(node, SIM_GOING_FIN, "stopped without room in the journal");
        return;
    }
    if (status != RFX_OK) {
        sim_fail(sim, "%s: the turn fails: %s", node->name, error.text);
    }
    if (node->delivery_count > 0 && !node->has_batch_waiting) {
        sim_fail(sim, "%s: messages were delivered and their numbers not committed", node->name);
    }
    check_memory(node);
    if (node->is_stopping && rfx_shard_is_stopped(node->shard) &&
        rfx_ring_is_empty(&node->to_loop)) {
        sim_node_kill(node, SIM_GOING_FIN, "stopped in order");
        return;
    }
    if (node->is_stopping) {
        node->shard_ns = rfx_min_u64(node->shard_ns, sim->now_ns + 50 * SIM_MS);
    }
    schedule(node);
}
