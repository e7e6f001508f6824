/* The application at either side: it sends numbered messages at odd moments, and checks what it
 * is given. */
#include <stdio.h>
#include <string.h>

#include "tests/simulation/sim.h"

static uint32_t pair_of(const struct sim_node *node, const struct rfx_session *session)
{
    const char *name = rfx_session_name(session);
    const char *digit =
        node->side == SIM_INITIATOR ? strstr(name, "->") - 1 : name + strlen(name) - 1;
    return (uint32_t)(*digit - '0');
}

static void trace_call(struct sim_node *node, const struct rfx_session *session, const char *call,
                       const char *what)
{
    sim_trace(node->sim, node->name, "app %u %s%s%s", pair_of(node, session), call,
              what[0] != '\0' ? ": " : "", what);
}

/* ---------------------------------------------------------------------------------- sending */

/* Text that looks like the protocol's own, in a data field that may hold it. */
static void put_data(struct sim *sim, struct rfx_builder *builder)
{
    static const char data[] = "8=FIX.4.4\x01"
                               "9=5\x01"
                               "35=0\x01"
                               "10=000\x01";
    rfx_builder_put_data(builder, 95, 96, rfx_bytes_of(data, sim_dice(sim, 1, sizeof data - 1)));
}

static bool send_one(struct sim_node *node, struct rfx_session *session)
{
    struct sim *sim = node->sim;
    struct rfx_builder *builder;
    char id[32];
    char payload[SIM_MESSAGE_MAX];
    rfx_status status =
        rfx_session_begin(session, node->side == SIM_INITIATOR ? "D" : "8", &builder);
    if (status == RFX_E_STATE || status == RFX_E_FULL) {
        return false;
    }
    if (status != RFX_OK) {
        sim_fail(sim, "%s: begin: %s", node->name, rfx_status_text(status));
    }
    if (sim_chance(sim, 3)) {
        return true; /* thought better of it */
    }
    snprintf(id, sizeof id, "%c%llu", node->side == SIM_INITIATOR ? 'I' : 'A',
             (unsigned long long)++sim->unique);
    size_t size = sim_dice(sim, 1, sim->plan.payload_max);
    memset(payload, 'a' + (char)(sim->unique % 26), size);
    rfx_builder_put_text(builder, 11, id);
    rfx_builder_put(builder, 58, rfx_bytes_of(payload, size));
    if (sim_chance(sim, 10)) {
        put_data(sim, builder);
    }
    uint64_t seq_num;
    status = rfx_session_commit(session, builder, &seq_num);
    if (status != RFX_OK) {
        sim_fail(sim, "%s: commit: %s", node->name, rfx_status_text(status));
    }
    sim_trace(sim, node->name, "app %u sends %s as %llu", pair_of(node, session), id,
              (unsigned long long)seq_num);
    return true;
}

static void send_some(struct sim_node *node, struct rfx_session *session, uint64_t count)
{
    while (count-- > 0 && !node->sim->is_quiet && send_one(node, session)) {
    }
}

/* Callbacks send too, now and then. */
static void send_perhaps(struct sim_node *node, struct rfx_session *session, uint32_t percent)
{
    if (!node->sim->is_quiet && sim_chance(node->sim, percent)) {
        send_some(node, session, sim_dice(node->sim, 1, 3));
    }
}

/* -------------------------------------------------------------------------------- callbacks */

static void on_connect(void *context, struct rfx_session *session)
{
    trace_call(context, session, "on_connect", "");
}

static enum rfx_verdict on_authenticate(void *context, struct rfx_session *session,
                                        const struct rfx_message *logon,
                                        const struct rfx_logon_ticket *ticket,
                                        char text[RFX_REFUSAL_MAX])
{
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    struct sim_end *end = &node->ends[pair_of(node, session)];
    (void)logon;
    if (sim->is_quiet) {
        return RFX_ACCEPT;
    }
    if (sim_plan_has(&sim->plan, SIM_REFUSE) && sim_chance(sim, 20)) {
        trace_call(node, session, "on_authenticate", "refuse");
        strcpy(text, sim_chance(sim, 50) ? "not today" : "");
        return RFX_REFUSE;
    }
    if (sim_plan_has(&sim->plan, SIM_LATER) && sim_chance(sim, 50)) {
        trace_call(node, session, "on_authenticate", "later");
        end->ticket = *ticket;
        end->settle_ns = sim->now_ns + sim_dice(sim, 0, 3 * SIM_S);
        return RFX_LATER;
    }
    return RFX_ACCEPT;
}

/* Two sides that keep their promises never miss each other's numbers, but for strangers who repeat
 * an old Logon and for resets. */
static bool is_explicable(const struct sim_plan *plan, enum rfx_disconnect_reason reason)
{
    return reason != RFX_REASON_SEQ_NUM_TOO_LOW || sim_plan_has(plan, SIM_GHOST) ||
           sim_plan_has(plan, SIM_RESET) || sim_plan_has(plan, SIM_RESET_LOGON);
}

static void on_disconnect(void *context, struct rfx_session *session,
                          enum rfx_disconnect_reason reason)
{
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    trace_call(node, session, "on_disconnect", rfx_disconnect_reason_text(reason));
    node->ends[pair_of(node, session)].is_up = false;
    if (!is_explicable(&sim->plan, reason)) {
        sim_fail(sim, "%s: a number was too low", node->name);
    }
    if (sim->has_settled) {
        sim_fail(sim, "%s: a session ends after everything had settled: %s", node->name,
                 rfx_disconnect_reason_text(reason));
    }
}

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    struct sim_node *node = context;
    struct sim_end *end = &node->ends[pair_of(node, session)];
    trace_call(node, session, "on_logon", is_healthy ? "" : "with a gap");
    sim_count(node->sim, SIM_COUNT_LOGONS);
    end->session = session;
    end->is_up = true;
    send_perhaps(node, session, 30);
}

static void on_logout(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    struct sim_node *node = context;
    (void)message;
    trace_call(node, session, "on_logout", "");
    send_perhaps(node, session, 20);
}

static void act_perhaps(struct sim_node *node, struct rfx_session *session)
{
    struct sim *sim = node->sim;
    if (sim->is_quiet || !sim_chance(sim, 1)) {
        return;
    }
    rfx_status status = RFX_OK;
    if (sim_plan_has(&sim->plan, SIM_DISCONNECT) && sim_chance(sim, 30)) {
        trace_call(node, session, "disconnects", "");
        status = rfx_session_disconnect(session);
    } else if (sim_plan_has(&sim->plan, SIM_LOGOUT)) {
        trace_call(node, session, "logs out", "");
        status = rfx_session_logout(session, NULL);
    }
    (void)status;
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct sim_node *node = context;
    uint32_t pair = pair_of(node, session);
    struct rfx_bytes id = {0};
    if (rfx_message_is(message, "3")) {
        trace_call(node, session, "on_message", "Reject");
        return;
    }
    if (rfx_message_get(message, 11, &id) != RFX_OK) {
        sim_fail(node->sim, "%s: a message without ClOrdID", node->name);
    }
    sim_trace(node->sim, node->name, "app %u on_message %.*s", pair, (int)id.size, id.data);
    sim_check_delivery(node, pair, message);
    send_perhaps(node, session, node->sim->plan.answer_percent);
    act_perhaps(node, session);
}

static void on_state_change(void *context, struct rfx_session *session, enum rfx_state from,
                            enum rfx_state to)
{
    struct sim_node *node = context;
    (void)from;
    trace_call(node, session, "state", rfx_state_text(to));
    send_perhaps(node, session, 2);
}

static bool should_replay(void *context, struct rfx_session *session,
                          const struct rfx_message *message)
{
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    int64_t seq_num = 0;
    send_perhaps(node, session, 2);
    if (!sim_plan_has(&sim->plan, SIM_DECLINE) || !sim_chance(sim, 20) ||
        rfx_message_get_int(message, 34, &seq_num) != RFX_OK) {
        return true;
    }
    const struct sim_store *store = &node->stores[pair_of(node, session)];
    struct sim_row *row =
        (struct sim_row *)sim_store_find(store, store->generation_count - 1, (uint64_t)seq_num);
    if (row == NULL) {
        sim_fail(sim, "%s: asked about message %lld, which is not journaled", node->name,
                 (long long)seq_num);
    }
    row->is_excused = true;
    sim_count(sim, SIM_COUNT_EXCUSED);
    sim_trace(sim, node->name, "app declines %lld", (long long)seq_num);
    return false;
}

static void on_log(void *context, enum rfx_log_level level, const char *session, const char *text)
{
    struct sim_node *node = context;
    (void)level;
    if (strstr(text, "GapQueueSize") != NULL) {
        sim_count(node->sim, SIM_COUNT_GAP_QUEUE_FULL);
    }
    sim_trace(node->sim, node->name, "log %s%s%s", session != NULL ? session : "",
              session != NULL ? ": " : "", text);
}

/* ---------------------------------------------------------------------------------- the turn */

/* What faults have ordered. */
static void obey(struct sim_node *node, struct sim_end *end)
{
    rfx_status status = RFX_OK;
    if (end->wants_test_request) {
        status = rfx_session_send_test_request(end->session);
    }
    if (end->wants_logout && status != RFX_E_FULL) {
        status = rfx_session_logout(end->session, "enough for now");
    }
    if (end->wants_disconnect && status != RFX_E_FULL) {
        status = rfx_session_disconnect(end->session);
    }
    if (end->wants_reset) {
        status = rfx_session_reset(end->session);
        if (status != RFX_OK) {
            sim_fail(node->sim, "%s: reset: %s", node->name, rfx_status_text(status));
        }
    }
    end->wants_test_request = end->wants_logout = end->wants_disconnect = end->wants_reset = false;
}

static uint64_t on_turn(void *context, struct rfx_shard *shard, uint64_t now_ns)
{
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    uint64_t next_ns = RFX_NEVER_NS;
    (void)shard;
    (void)now_ns;
    for (size_t i = 0; i < sim->plan.pair_count; i++) {
        struct sim_end *end = &node->ends[i];
        if (end->session == NULL || sim->is_quiet) {
            continue;
        }
        obey(node, end);
        if (sim->now_ns >= end->send_ns) {
            send_some(node, end->session, sim_dice(sim, 1, sim->plan.burst_max));
            end->send_ns = sim->now_ns + sim_random_gap(sim, sim->plan.send_gap_ns);
        }
        next_ns = rfx_min_u64(next_ns, end->send_ns);
    }
    return sim_node_mono(sim, next_ns);
}

/* Verdicts that were put off come from elsewhere. */
void sim_app_run_timers(struct sim_node *node)
{
    struct sim *sim = node->sim;
    for (size_t i = 0; i < sim->plan.pair_count; i++) {
        struct sim_end *end = &node->ends[i];
        if (end->settle_ns > sim->now_ns) {
            continue;
        }
        bool is_refused = sim_plan_has(&sim->plan, SIM_REFUSE) && sim_chance(sim, 20);
        end->settle_ns = RFX_NEVER_NS;
        sim_trace(sim, node->name, "app %zu settles its Logon: %s", i,
                  is_refused ? "refuse" : "accept");
        if (rfx_logon_settle(&end->ticket, is_refused ? RFX_REFUSE : RFX_ACCEPT,
                             sim_chance(sim, 50) ? "not today" : NULL) != RFX_OK) {
            sim_fail(sim, "%s: a verdict is not taken", node->name);
        }
    }
}

uint64_t sim_app_next_ns(const struct sim_node *node)
{
    uint64_t next_ns = RFX_NEVER_NS;
    for (size_t i = 0; i < SIM_PAIRS_MAX; i++) {
        next_ns = rfx_min_u64(next_ns, node->ends[i].settle_ns);
    }
    return next_ns;
}

struct rfx_app sim_app(struct sim_node *node)
{
    return (struct rfx_app){
        .context = node,
        .on_connect = on_connect,
        .on_authenticate = on_authenticate,
        .on_disconnect = on_disconnect,
        .on_logon = on_logon,
        .on_logout = on_logout,
        .on_message = on_message,
        .on_state_change = on_state_change,
        .should_replay = should_replay,
        .on_turn = on_turn,
        .on_log = on_log,
    };
}
