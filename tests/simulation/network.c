/* The network: bytes travel in segments, and things happen to them. */
#include <string.h>

#include "tests/simulation/sim.h"

uint64_t sim_latency_ns(struct sim *sim, enum sim_side side)
{
    return sim_dice(sim, 20000, 20000 + sim->plan.latency_ns[side]);
}

static const char *cut_text(enum sim_cut cut)
{
    static const char *const texts[] = {
        [SIM_CUT_RESET] = "reset",
        [SIM_CUT_RESET_NEAR] = "reset that only the sender sees",
        [SIM_CUT_RESET_FAR] = "reset that only the receiver sees",
        [SIM_CUT_FIN] = "end of stream",
        [SIM_CUT_SILENT_ONE] = "silence in one direction",
        [SIM_CUT_SILENT_BOTH] = "silence in both directions",
    };
    return texts[cut];
}

/* ------------------------------------------------------------------------------ open, close */

static void plan_cut(struct sim *sim, struct sim_pipe *pipe)
{
    if (sim->is_quiet || !sim_plan_has(&sim->plan, SIM_CUT) ||
        !sim_chance(sim, sim->plan.cut_percent)) {
        return;
    }
    /* Half of them within the Logons, where most is at stake. */
    pipe->cut_at = sim_dice(sim, 0, sim_chance(sim, 50) ? 300 : 8000);
    pipe->cut = (enum sim_cut)sim_dice(sim, 0, SIM_CUT_COUNT - 1);
}

struct sim_link *sim_link_open(struct sim *sim)
{
    for (size_t i = 0; i < SIM_LINKS; i++) {
        struct sim_link *link = &sim->links[i];
        if (link->is_used) {
            continue;
        }
        link->is_used = true;
        link->is_ghost = false;
        for (size_t side = 0; side < 2; side++) {
            struct sim_pipe *pipe = &link->pipes[side];
            link->conn[side] = -1;
            link->is_gone[side] = false;
            link->open_ns[side] = RFX_NEVER_NS;
            link->reset_ns[side] = RFX_NEVER_NS;
            pipe->data_start = pipe->data_size = 0;
            pipe->segment_start = pipe->segment_count = 0;
            pipe->last_at_ns = pipe->sent = 0;
            pipe->lost = 0;
            pipe->cut_at = UINT64_MAX;
            pipe->is_silent = false;
            pipe->fin_ns = RFX_NEVER_NS;
            plan_cut(sim, pipe);
        }
        return link;
    }
    return NULL;
}

static void empty(struct sim_pipe *pipe)
{
    pipe->data_size = 0;
    pipe->segment_count = 0;
}

static void bury(struct sim_link *link)
{
    if (link->is_gone[0] && link->is_gone[1]) {
        link->is_used = false;
    }
}

static uint64_t arrival_ns(struct sim *sim, struct sim_pipe *pipe, enum sim_side side)
{
    uint64_t at_ns = sim->now_ns + sim_latency_ns(sim, side);
    pipe->last_at_ns = at_ns > pipe->last_at_ns ? at_ns : pipe->last_at_ns;
    return pipe->last_at_ns;
}

void sim_link_finish(struct sim *sim, struct sim_link *link, enum sim_side side)
{
    struct sim_pipe *pipe = &link->pipes[side];
    if (!pipe->is_silent && pipe->fin_ns == RFX_NEVER_NS) {
        pipe->fin_ns = arrival_ns(sim, pipe, side);
    }
}

static void reset_at(struct sim_link *link, enum sim_side side, uint64_t at_ns)
{
    link->reset_ns[side] = rfx_min_u64(link->reset_ns[side], at_ns);
}

void sim_link_leave(struct sim *sim, struct sim_link *link, enum sim_side side,
                    enum sim_going going)
{
    enum sim_side other = sim_other(side);
    if (going == SIM_GOING_FIN) {
        sim_link_finish(sim, link, side);
    } else if (going == SIM_GOING_RESET && !link->pipes[side].is_silent) {
        reset_at(link, other, sim->now_ns + sim_latency_ns(sim, side));
    }
    link->is_gone[side] = true;
    link->conn[side] = -1;
    empty(&link->pipes[other]);
    link->pipes[side].is_silent = true;
    link->pipes[side].cut_at = UINT64_MAX;
    bury(link);
}

void sim_link_cut(struct sim *sim, struct sim_link *link, enum sim_side side, enum sim_cut cut)
{
    struct sim_pipe *pipe = &link->pipes[side];
    struct sim_pipe *back = &link->pipes[sim_other(side)];
    sim_trace(sim, "net", "link %d cut behind byte %llu from the %s: %s", (int)(link - sim->links),
              (unsigned long long)pipe->sent, sim->nodes[side].name, cut_text(cut));
    pipe->cut_at = UINT64_MAX;
    switch (cut) {
    case SIM_CUT_RESET:
        reset_at(link, side, sim->now_ns);
        reset_at(link, sim_other(side), sim->now_ns + sim_latency_ns(sim, side));
        break;
    case SIM_CUT_RESET_NEAR:
        reset_at(link, side, sim->now_ns);
        break;
    case SIM_CUT_RESET_FAR:
        reset_at(link, sim_other(side), sim->now_ns + sim_latency_ns(sim, side));
        break;
    case SIM_CUT_FIN:
        sim_link_finish(sim, link, side);
        pipe->is_silent = true;
        return;
    case SIM_CUT_SILENT_ONE:
        pipe->is_silent = true;
        return;
    case SIM_CUT_SILENT_BOTH:
    case SIM_CUT_COUNT:
        break;
    }
    if (sim_chance(sim, 50)) { /* what is under way is lost too */
        empty(pipe);
        empty(back);
    }
    pipe->is_silent = true;
    back->is_silent = true;
}

/* --------------------------------------------------------------------------- send, receive */

/* Answers what is sent to an end that exists no more. */
static uint32_t send_to_nobody(struct sim *sim, struct sim_link *link, enum sim_side side,
                               uint32_t size)
{
    if (!link->pipes[side].is_silent && !link->is_ghost) {
        reset_at(link, side, sim->now_ns + 2 * sim_latency_ns(sim, side));
    }
    return size;
}

static void push(struct sim *sim, struct sim_pipe *pipe, enum sim_side side, const char *data,
                 uint32_t size)
{
    uint64_t at_ns = arrival_ns(sim, pipe, side);
    if (pipe->data_start + pipe->data_size + size > SIM_WINDOW_MAX) {
        memmove(pipe->data, pipe->data + pipe->data_start, pipe->data_size);
        pipe->data_start = 0;
    }
    memcpy(pipe->data + pipe->data_start + pipe->data_size, data, size);
    pipe->data_size += size;
    uint32_t index = (pipe->segment_start + pipe->segment_count++) % SIM_SEGMENTS_MAX;
    pipe->segments[index] = (struct sim_segment){.at_ns = at_ns, .size = size};
    pipe->sent += size;
}

uint32_t sim_link_send(struct sim *sim, struct sim_link *link, enum sim_side side, const char *data,
                       uint32_t size)
{
    struct sim_pipe *pipe = &link->pipes[side];
    uint32_t taken = 0;
    if (link->is_gone[sim_other(side)]) {
        return send_to_nobody(sim, link, side, size);
    }
    while (taken < size && !pipe->is_silent) {
        /* A long queue travels in larger pieces. */
        bool is_long = pipe->segment_count >= SIM_SEGMENTS_MAX / 2;
        uint64_t n = sim_dice(sim, 1, is_long ? SIM_MESSAGE_MAX : sim->plan.chunk_max);
        n = rfx_min_u64(n, size - taken);
        n = rfx_min_u64(n, sim->plan.window - pipe->data_size);
        n = rfx_min_u64(n, pipe->cut_at - pipe->sent);
        if (pipe->segment_count == SIM_SEGMENTS_MAX) {
            n = 0;
        }
        if (n > 0) {
            push(sim, pipe, side, data + taken, (uint32_t)n);
            taken += (uint32_t)n;
        }
        if (pipe->sent >= pipe->cut_at) {
            sim_link_cut(sim, link, side, pipe->cut);
        } else if (n == 0) {
            return taken;
        }
    }
    if (pipe->is_silent) { /* the sender cannot tell, until the window is full */
        uint64_t room = sim->plan.window - rfx_min_u64(sim->plan.window, pipe->lost);
        uint64_t swallowed = rfx_min_u64(room, size - taken);
        pipe->lost += (uint32_t)swallowed;
        taken += (uint32_t)swallowed;
    }
    return taken;
}

uint32_t sim_link_receive(struct sim *sim, struct sim_link *link, enum sim_side side, char *room,
                          uint32_t size, bool *at_end)
{
    struct sim_pipe *pipe = &link->pipes[sim_other(side)];
    uint32_t moved = 0;
    if (pipe->segment_count > 0) {
        struct sim_segment *segment = &pipe->segments[pipe->segment_start];
        if (segment->at_ns <= sim->now_ns) {
            moved = segment->size < size ? segment->size : size;
            memcpy(room, pipe->data + pipe->data_start, moved);
            pipe->data_start += moved;
            pipe->data_size -= moved;
            segment->size -= moved;
            if (segment->size == 0) {
                pipe->segment_start = (pipe->segment_start + 1) % SIM_SEGMENTS_MAX;
                pipe->segment_count--;
            }
        }
    }
    *at_end = pipe->segment_count == 0 && pipe->fin_ns <= sim->now_ns;
    return moved;
}

/* When something new reaches a side. */
uint64_t sim_link_next_ns(const struct sim_link *link, enum sim_side side)
{
    const struct sim_pipe *pipe = &link->pipes[sim_other(side)];
    uint64_t next_ns = link->reset_ns[side];
    if (pipe->segment_count > 0) {
        next_ns = rfx_min_u64(next_ns, pipe->segments[pipe->segment_start].at_ns);
    } else {
        next_ns = rfx_min_u64(next_ns, pipe->fin_ns);
    }
    return next_ns;
}

/* Whoever is behind a second connection reads everything and says nothing more. */
void sim_link_run_ghost(struct sim *sim, struct sim_link *link)
{
    char sink[SIM_WINDOW_MAX];
    bool at_end = false;
    while (sim_link_receive(sim, link, SIM_INITIATOR, sink, sizeof sink, &at_end) > 0) {
    }
    if (at_end || sim->now_ns >= link->ghost_until_ns || sim->now_ns >= link->reset_ns[1]) {
        sim_link_leave(sim, link, SIM_INITIATOR,
                       sim_chance(sim, 50) ? SIM_GOING_FIN : SIM_GOING_RESET);
    }
}

bool sim_link_is_empty(const struct sim_link *link)
{
    return link->pipes[0].data_size == 0 && link->pipes[1].data_size == 0;
}
