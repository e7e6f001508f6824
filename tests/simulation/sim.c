/* The world: what happens next, until the faults are over and everything has settled. */
#include "tests/simulation/sim.h"

#include <string.h>

/* The longest way back: a connection that is dead at one end shows after two patient waits, the
 * initiator has come to wait ten times ReconnectInterval, and a gap of thousands of messages is
 * asked for one message at a time, a quarter of a second each. */
#define SETTLE_NS (2700 * SIM_S)
#define STAY_NS   (100 * SIM_S) /* how long it must last */
#define STEPS_MAX 1000000       /* a world that spins in one place */

uint64_t sim_random_gap(struct sim *sim, uint64_t mean_ns)
{
    uint64_t longest_ns = sim_chance(sim, 80) ? mean_ns : 4 * mean_ns;
    return sim_dice(sim, 1, longest_ns);
}

static void describe(struct sim *sim)
{
    const struct sim_plan *plan = &sim->plan;
    const struct rfx_session_config *session = &plan->session;
    sim_trace(sim, "plan", "%s, %u sessions, HeartBtInt %u, %u s, latency %u/%u ms, chunks %u",
              plan->begin_string, plan->pair_count, session->heartbeat_s,
              (unsigned)(plan->active_ns / SIM_S), (unsigned)(plan->latency_ns[0] / SIM_MS),
              (unsigned)(plan->latency_ns[1] / SIM_MS), plan->chunk_max);
    sim_trace(sim, "plan", "GapQueueSize %u, ResendRequestChunkSize %u, 789 %d, redundant %d",
              plan->gap_queue_size, session->resend_request_chunk_size,
              session->enable_next_expected_msg_seq_num, session->send_redundant_resend_requests);
    for (int fault = 0; fault < SIM_FAULT_COUNT; fault++) {
        if (sim_plan_has(plan, (enum sim_fault)fault)) {
            sim_trace(sim, "plan", "with %s", sim_fault_text((enum sim_fault)fault));
        }
    }
}

/* ------------------------------------------------------------------------------ what is next */

static uint64_t node_next_ns(const struct sim_node *node)
{
    if (node->shard == NULL) {
        return node->restart_ns;
    }
    uint64_t next_ns = rfx_min_u64(node->shard_ns, sim_loop_next_ns(node));
    return rfx_min_u64(next_ns, sim_app_next_ns(node));
}

static uint64_t link_next_ns(const struct sim_link *link)
{
    uint64_t next_ns = link->open_ns[SIM_ACCEPTOR];
    if (link->is_ghost && !link->is_gone[SIM_INITIATOR]) {
        next_ns = rfx_min_u64(next_ns, link->ghost_until_ns);
        next_ns = rfx_min_u64(next_ns, sim_link_next_ns(link, SIM_INITIATOR));
    }
    return next_ns;
}

static uint64_t next_ns(const struct sim *sim)
{
    uint64_t next = rfx_min_u64(node_next_ns(&sim->nodes[0]), node_next_ns(&sim->nodes[1]));
    next = rfx_min_u64(next, sim->fault_ns);
    for (size_t i = 0; i < SIM_LINKS; i++) {
        if (sim->links[i].is_used) {
            next = rfx_min_u64(next, link_next_ns(&sim->links[i]));
        }
    }
    return next;
}

/* --------------------------------------------------------------------------- and it happens */

static void run_link(struct sim *sim, struct sim_link *link)
{
    if (link->open_ns[SIM_ACCEPTOR] <= sim->now_ns) {
        sim_loop_accept(&sim->nodes[SIM_ACCEPTOR], link);
    }
    if (link->is_used && link->is_ghost && !link->is_gone[SIM_INITIATOR]) {
        sim_link_run_ghost(sim, link);
    }
}

static void run_node(struct sim_node *node)
{
    const struct sim *sim = node->sim;
    if (node->shard == NULL) {
        if (node->restart_ns <= sim->now_ns) {
            sim_node_open(node);
        }
        return;
    }
    if (sim_app_next_ns(node) <= sim->now_ns) {
        sim_app_run_timers(node);
    }
    if (sim_loop_next_ns(node) <= sim->now_ns) {
        sim_loop_work(node);
    }
    if (node->shard_ns <= sim->now_ns) {
        sim_node_work(node);
    }
}

static void advance(struct sim *sim, uint64_t to_ns)
{
    if (to_ns > sim->now_ns) {
        sim->now_ns = to_ns;
    }
    for (size_t i = 0; i < SIM_LINKS; i++) {
        if (sim->links[i].is_used) {
            run_link(sim, &sim->links[i]);
        }
    }
    run_node(&sim->nodes[SIM_ACCEPTOR]);
    run_node(&sim->nodes[SIM_INITIATOR]);
    if (sim->fault_ns <= sim->now_ns) {
        sim_fault_run(sim);
    }
}

static void run_until(struct sim *sim, uint64_t end_ns, bool ends_settled)
{
    uint64_t steps = 0;
    while (!ends_settled || !sim_is_settled(sim)) {
        uint64_t at_ns = next_ns(sim);
        if (at_ns > end_ns) {
            sim->now_ns = end_ns;
            break;
        }
        advance(sim, at_ns);
        if (++steps == STEPS_MAX) {
            sim_fail(sim, "the world spins without getting anywhere");
        }
    }
}

static void report_unsettled(struct sim *sim)
{
    for (size_t i = 0; i < 2; i++) {
        const struct sim_node *node = &sim->nodes[i];
        for (uint32_t pair = 0; pair < sim->plan.pair_count; pair++) {
            const struct rfx_session *session = node->ends[pair].session;
            sim_trace(sim, node->name, "end %u: %s, next out %llu, in %llu", pair,
                      session != NULL ? rfx_state_text(rfx_session_state(session)) : "unknown",
                      (unsigned long long)(session != NULL ? rfx_session_next_out(session) : 0),
                      (unsigned long long)(session != NULL ? rfx_session_next_in(session) : 0));
        }
    }
}

/* Settles, stays settled, and is complete. */
static void settle(struct sim *sim)
{
    sim_faults_end(sim);
    run_until(sim, sim->now_ns + SETTLE_NS, true);
    if (!sim_is_settled(sim)) {
        report_unsettled(sim);
        sim_fail(sim, "the sessions do not come to agree");
    }
    sim_check_end(sim);
    sim->has_settled = true;
    run_until(sim, sim->now_ns + STAY_NS, false);
    run_until(sim, sim->now_ns + STAY_NS, true);
    if (!sim_is_settled(sim)) {
        report_unsettled(sim);
        sim_fail(sim, "the sessions agreed, and do not any more");
    }
    sim_check_end(sim);
}

void sim_run(struct sim *sim)
{
    sim->random.state = sim->seed;
    sim_plan_make(&sim->plan, &sim->random);
    describe(sim);
    sim_node_init(sim, SIM_ACCEPTOR);
    sim_node_init(sim, SIM_INITIATOR);
    sim_node_open(&sim->nodes[SIM_ACCEPTOR]);
    sim_node_open(&sim->nodes[SIM_INITIATOR]);
    sim->fault_ns = sim_random_gap(sim, sim->plan.fault_gap_ns);
    run_until(sim, sim->plan.active_ns, false);
    settle(sim);
    sim->counts[SIM_COUNT_VIRTUAL_S] += sim->now_ns / SIM_S;
    sim_count(sim, SIM_COUNT_SEEDS);
    sim_trace(sim, "net", "-- settled");
    sim_node_release(&sim->nodes[SIM_ACCEPTOR]);
    sim_node_release(&sim->nodes[SIM_INITIATOR]);
}
