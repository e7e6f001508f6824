/* What a seed decides beforehand: which faults there are, how fast things are, how big. */
#include <stddef.h>

#include "tests/simulation/sim.h"

const char *sim_fault_text(enum sim_fault fault)
{
    static const char *const texts[] = {
        [SIM_CUT] = "cuts",
        [SIM_CUT_NOW] = "cuts at work",
        [SIM_CONNECT] = "failed connects",
        [SIM_KILL] = "kills",
        [SIM_KILL_APPEND] = "kills in a flush",
        [SIM_STOP] = "orderly restarts",
        [SIM_CLOCK] = "clock jumps",
        [SIM_CLOCK_FAR] = "far clock jumps",
        [SIM_SLOW] = "slow loops",
        [SIM_GHOST] = "second connections",
        [SIM_LOGOUT] = "logouts",
        [SIM_DISCONNECT] = "disconnects",
        [SIM_TEST_REQUEST] = "test requests",
        [SIM_RESET] = "agreed resets",
        [SIM_RESET_LOGON] = "resets at every Logon",
        [SIM_LATER] = "late verdicts",
        [SIM_REFUSE] = "refusals",
        [SIM_DECLINE] = "declined replays",
        [SIM_NO_ROOM] = "journals without room",
    };
    return texts[fault];
}

static uint64_t between(struct sim_random *random, uint64_t low, uint64_t high)
{
    return sim_random_between(random, low, high);
}

/* One of a few values. */
#define ONE_OF(random, ...)                                                                        \
    ((const uint32_t[]){__VA_ARGS__}[between(                                                      \
        (random), 0, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t) - 1)])

/* Few faults at a time: many would hide what each of them does. */
static uint32_t make_faults(struct sim_random *random)
{
    uint32_t faults = 0;
    uint32_t percent = ONE_OF(random, 10, 25, 50);
    for (int fault = 0; fault < SIM_FAULT_COUNT; fault++) {
        bool is_special = fault == SIM_CLOCK_FAR || fault == SIM_RESET || fault == SIM_RESET_LOGON;
        if (sim_random_chance(random, is_special ? 5 : percent)) {
            faults |= UINT32_C(1) << fault;
        }
    }
    if ((faults >> SIM_RESET_LOGON & 1) != 0) {
        /* An old Logon with 141=Y, or both ways to reset at once, would not be agreed. */
        faults &= ~(UINT32_C(1) << SIM_GHOST | UINT32_C(1) << SIM_RESET);
    }
    return faults;
}

static void make_session(struct sim_plan *plan, struct sim_random *random)
{
    struct rfx_session_config *session = &plan->session;
    const char *begin_string = (const char *const[]){
        "FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1"}[between(random, 0, 5)];
    if (sim_plan_has(plan, SIM_RESET_LOGON) && begin_string[6] == '0') {
        begin_string = "FIX.4.2"; /* 4.0 has no ResetSeqNumFlag */
    }
    *session = rfx_session_config_default;
    for (size_t i = 0; begin_string[i] != '\0'; i++) {
        session->begin_string[i] = begin_string[i];
    }
    session->default_appl_ver_id = begin_string[3] == 'T' ? 9 : -1;
    session->heartbeat_s = ONE_OF(random, 1, 2, 3, 5, 10, 30);
    session->reconnect_interval_s = ONE_OF(random, 1, 1, 2, 3);
    session->use_data_dictionary = false;
    session->timestamp_precision = (uint8_t)ONE_OF(random, 0, 3, 6, 9);
    /* With chunks of one, gaps on both sides may never close: each request is a message itself. */
    session->resend_request_chunk_size = ONE_OF(random, 0, 0, 5, 2, 3, 7);
    session->send_redundant_resend_requests = sim_random_chance(random, 15);
    session->enable_next_expected_msg_seq_num =
        begin_string[6] == '4' && sim_random_chance(random, 30);
    session->enable_last_msg_seq_num_processed = sim_random_chance(random, 30);
    session->requires_orig_sending_time = sim_random_chance(random, 80);
    session->reset_on_logon = sim_plan_has(plan, SIM_RESET_LOGON);
}

void sim_plan_make(struct sim_plan *plan, struct sim_random *random)
{
    *plan = (struct sim_plan){.faults = make_faults(random)};
    plan->pair_count = ONE_OF(random, 1, 1, 2, SIM_PAIRS_MAX);
    plan->is_template = sim_random_chance(random, 50);
    plan->active_ns = between(random, 5, 40) * SIM_S;
    for (size_t side = 0; side < 2; side++) {
        plan->latency_ns[side] = ONE_OF(random, 0, 1, 20, 100, 250) * SIM_MS;
    }
    plan->chunk_max = ONE_OF(random, 1, 10, 100, 500, 4096);
    plan->window = ONE_OF(random, 2048, 8192, SIM_WINDOW_MAX);
    plan->turn_delay_ns = 2000 + ONE_OF(random, 0, 1, 10, 50) * SIM_MS;
    plan->ring_size = ONE_OF(random, 16384, 16384, 65536);
    plan->gap_queue_size = ONE_OF(random, 4096, 4096, 16384, 1u << 20);
    plan->send_queue_size = ONE_OF(random, 16u << 10, 128u << 10, 1u << 20);
    plan->send_gap_ns = ONE_OF(random, 150, 400, 1000, 4000) * SIM_MS;
    plan->burst_max = plan->send_gap_ns >= SIM_S ? ONE_OF(random, 1, 5, 20) : 2;
    plan->payload_max = plan->burst_max >= 20 ? 60 : ONE_OF(random, 10, 60, 300);
    plan->answer_percent = ONE_OF(random, 0, 10, 30);
    plan->fault_gap_ns = ONE_OF(random, 500, 2000, 8000) * SIM_MS;
    plan->cut_percent = ONE_OF(random, 20, 50, 80);
    make_session(plan, random);
    plan->session.journal_inbound = plan->active_ns / SIM_S % 3 == 0; /* no throw of the dice */
    plan->begin_string = plan->session.begin_string;
}
