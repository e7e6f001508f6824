/* Faults that happen at a moment of their own choice. */
#include <string.h>

#include "tests/simulation/sim.h"

#define CLOCK_NEAR_S 20 /* both sides together stay well within MaxLatency */
#define CLOCK_FAR_S  300

static int64_t jump_ns(struct sim *sim, int64_t most_s)
{
    return ((int64_t)sim_dice(sim, 0, (uint64_t)(2 * most_s)) - most_s) * (int64_t)SIM_S;
}

static void jump(struct sim_node *node, bool is_far)
{
    struct sim *sim = node->sim;
    node->utc_offset_ns = jump_ns(sim, is_far && sim_chance(sim, 50) ? CLOCK_FAR_S : CLOCK_NEAR_S);
    sim_trace(sim, node->name, "-- UTC is off by %lld s",
              (long long)(node->utc_offset_ns / (int64_t)SIM_S));
}

static void slow_down(struct sim_node *node)
{
    struct sim *sim = node->sim;
    uint64_t until_ns = sim->now_ns + sim_dice(sim, 10 * SIM_MS, 4 * SIM_S);
    if (sim_chance(sim, 50)) {
        node->paused_until_ns = until_ns;
        sim_trace(sim, node->name, "-- the loop stands still");
    } else {
        node->not_reading_until_ns = until_ns;
        sim_trace(sim, node->name, "-- the loop does not read");
    }
}

/* Somebody connects and sends a Logon that the initiator has sent before. */
static void haunt(struct sim *sim)
{
    uint32_t pair = (uint32_t)sim_dice(sim, 0, sim->plan.pair_count - 1);
    struct sim_link *link = sim->last_logon_size[pair] > 0 ? sim_link_open(sim) : NULL;
    if (link == NULL) {
        return;
    }
    sim_trace(sim, "net", "-- link %d: somebody repeats a Logon of session %u",
              (int)(link - sim->links), pair);
    link->is_ghost = true;
    link->ghost_until_ns = sim->now_ns + sim_dice(sim, 10 * SIM_MS, 8 * SIM_S);
    link->open_ns[SIM_ACCEPTOR] = sim->now_ns + sim_latency_ns(sim, SIM_INITIATOR);
    sim_link_send(sim, link, SIM_INITIATOR, sim->last_logon[pair], sim->last_logon_size[pair]);
}

static void cut_now(struct sim *sim)
{
    struct sim_link *link = &sim->links[sim_dice(sim, 0, SIM_LINKS - 1)];
    struct sim_pipe *pipe = &link->pipes[sim_dice(sim, 0, 1)];
    if (link->is_used && pipe->cut_at == UINT64_MAX) {
        pipe->cut_at = pipe->sent + sim_dice(sim, 0, 400);
        pipe->cut = (enum sim_cut)sim_dice(sim, 0, SIM_CUT_COUNT - 1);
    }
}

/* Without a connection and with nothing of one under way both sides may start over. */
static void reset_both(struct sim *sim, uint32_t pair)
{
    for (size_t i = 0; i < SIM_LINKS; i++) {
        if (sim->links[i].is_used) {
            return;
        }
    }
    for (size_t i = 0; i < 2; i++) {
        struct sim_node *node = &sim->nodes[i];
        const struct rfx_session *session = node->ends[pair].session;
        if (node->shard == NULL || node->is_stopping || session == NULL || node->ends[pair].is_up ||
            rfx_session_state(session) >= RFX_INITIATE_CONNECTION ||
            !rfx_ring_is_empty(&node->from_loop) || !rfx_ring_is_empty(&node->to_loop) ||
            sim->now_ns < node->no_room_until_ns + 2 * SIM_MS) { /* it might not get to it */
            return;
        }
    }
    sim_trace(sim, "net", "-- both operators reset session %u", pair);
    sim->last_logon_size[pair] = 0;
    for (size_t i = 0; i < 2; i++) {
        sim->nodes[i].ends[pair].wants_reset = true;
        sim->nodes[i].kill_countdown = 0;
        sim_node_work(&sim->nodes[i]);
    }
}

static void order(struct sim_node *node, enum sim_fault fault)
{
    struct sim *sim = node->sim;
    struct sim_end *end = &node->ends[sim_dice(sim, 0, sim->plan.pair_count - 1)];
    end->wants_logout = end->wants_logout || fault == SIM_LOGOUT;
    end->wants_disconnect = end->wants_disconnect || fault == SIM_DISCONNECT;
    end->wants_test_request = end->wants_test_request || fault == SIM_TEST_REQUEST;
    sim_trace(sim, node->name, "-- app shall act: %s", sim_fault_text(fault));
    sim_node_wake(node);
}

static void fill_journal(struct sim_node *node)
{
    struct sim *sim = node->sim;
    static const char *const texts[] = {"does not take more", "is slow", "is full"};
    node->room = (enum rfx_journal_room)sim_dice(sim, RFX_JOURNAL_ROOM, RFX_JOURNAL_STUCK);
    node->no_room_until_ns = sim->now_ns + sim_dice(sim, SIM_MS, 8 * SIM_S);
    sim_trace(sim, node->name, "-- the journal %s", texts[node->room]);
}

static void kill_later(struct sim_node *node)
{
    struct sim *sim = node->sim;
    node->kill_countdown = (uint32_t)sim_dice(sim, 1, 6);
    node->kill_is_behind = sim_chance(sim, 50);
    sim_trace(sim, node->name, "-- is going to be killed %s append %u from here",
              node->kill_is_behind ? "behind" : "before", node->kill_countdown);
}

static void happen(struct sim *sim, enum sim_fault fault)
{
    struct sim_node *node = &sim->nodes[sim_dice(sim, 0, 1)];
    if (fault == SIM_GHOST) {
        haunt(sim);
        return;
    }
    if (fault == SIM_CUT_NOW) {
        cut_now(sim);
        return;
    }
    if (node->shard == NULL) {
        return;
    }
    switch (fault) {
    case SIM_KILL:
        sim_count(sim, SIM_COUNT_KILLS);
        sim_node_kill(node, (enum sim_going)sim_dice(sim, 0, 2), "killed");
        break;
    case SIM_KILL_APPEND:
        kill_later(node);
        break;
    case SIM_STOP:
        sim_trace(sim, node->name, "-- shall stop");
        node->is_stopping = true;
        rfx_shard_stop(node->shard);
        sim_node_wake(node);
        break;
    case SIM_CLOCK:
    case SIM_CLOCK_FAR:
        jump(node, fault == SIM_CLOCK_FAR);
        break;
    case SIM_NO_ROOM:
        fill_journal(node);
        break;
    case SIM_SLOW:
        slow_down(node);
        break;
    case SIM_LOGOUT:
    case SIM_DISCONNECT:
    case SIM_TEST_REQUEST:
        order(node, fault);
        break;
    case SIM_RESET:
        reset_both(sim, (uint32_t)sim_dice(sim, 0, sim->plan.pair_count - 1));
        break;
    case SIM_CUT:
    case SIM_CUT_NOW:
    case SIM_CONNECT:
    case SIM_GHOST:
    case SIM_RESET_LOGON:
    case SIM_LATER:
    case SIM_REFUSE:
    case SIM_DECLINE:
    case SIM_FAULT_COUNT:
        break; /* these have occasions of their own */
    }
}

void sim_fault_run(struct sim *sim)
{
    enum sim_fault fault = (enum sim_fault)sim_dice(sim, 0, SIM_FAULT_COUNT - 1);
    for (int tries = 0; tries < SIM_FAULT_COUNT && !sim_plan_has(&sim->plan, fault); tries++) {
        fault = (enum sim_fault)((fault + 1) % SIM_FAULT_COUNT);
    }
    if (sim_plan_has(&sim->plan, fault)) {
        happen(sim, fault);
    }
    sim->fault_ns = sim->now_ns + sim_random_gap(sim, sim->plan.fault_gap_ns);
}

/* From here on the world behaves. What is broken already stays so until somebody notices. */
void sim_faults_end(struct sim *sim)
{
    sim_trace(sim, "net", "-- no more faults, no more traffic");
    sim->is_quiet = true;
    sim->fault_ns = RFX_NEVER_NS;
    for (size_t i = 0; i < SIM_LINKS; i++) {
        sim->links[i].pipes[0].cut_at = UINT64_MAX;
        sim->links[i].pipes[1].cut_at = UINT64_MAX;
    }
    for (size_t i = 0; i < 2; i++) {
        struct sim_node *node = &sim->nodes[i];
        node->kill_countdown = 0;
        node->utc_offset_ns = 0;
        node->no_room_until_ns = 0;
        node->paused_until_ns = 0;
        node->not_reading_until_ns = 0;
    }
}
