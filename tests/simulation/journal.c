/* The journals: in memory, a batch as a whole or not at all. They outlive their processes, which
 * may die on either side of an append. */
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/sim.h"

/* No world has that much to say: the sessions keep each other busy. */
#define SEQ_NUM_MAX 20000

static rfx_status attach(void *context, const char *name, const struct rfx_journal_keep *keep,
                         int64_t utc_ns, struct rfx_journal_entry *entry, struct rfx_error *error)
{
    (void)keep;
    (void)utc_ns;
    struct sim_node *node = context;
    const char *initiator =
        node->side == SIM_INITIATOR ? strstr(name, "->") - 1 : name + strlen(name) - 1;
    uint32_t slot = (uint32_t)(*initiator - '0');
    (void)error;
    if (slot >= node->sim->plan.pair_count) {
        sim_fail(node->sim, "%s: a session %s that nobody has", node->name, name);
    }
    struct sim_store *store = &node->stores[slot];
    if (!store->is_attached) {
        store->is_attached = true;
        store->next_out = 1;
        store->next_in = 1;
        store->created_utc_ns = sim_node_now(node).utc_ns;
        store->generations = calloc(1, sizeof *store->generations);
        store->generation_count = 1;
    }
    *entry = (struct rfx_journal_entry){
        .slot = slot,
        .next_out = store->next_out,
        .next_in = store->next_in,
        .created_utc_ns = store->created_utc_ns,
    };
    return RFX_OK;
}

const struct sim_row *sim_store_find(const struct sim_store *store, size_t generation,
                                     uint64_t seq_num)
{
    if (generation >= store->generation_count) {
        return NULL;
    }
    const struct sim_generation *found = &store->generations[generation];
    if (found->count == 0 || seq_num < found->rows[0].seq_num ||
        seq_num >= found->rows[0].seq_num + found->count) {
        return NULL;
    }
    return &found->rows[seq_num - found->rows[0].seq_num];
}

static void keep_bytes(struct sim_generation *generation, const struct rfx_journal_op *op)
{
    if (generation->size + op->size > generation->bytes_capacity) {
        generation->bytes_capacity = 2 * (generation->size + op->size) + 4096;
        generation->bytes = realloc(generation->bytes, generation->bytes_capacity);
    }
    memcpy(generation->bytes + generation->size, op->data, op->size);
    generation->size += op->size;
}

static bool has_type(const struct rfx_journal_op *op, const char *type)
{
    return memmem(op->data, op->size < 40 ? op->size : 40, type, strlen(type)) != NULL;
}

/* A session Reject(3) says that a message of the other side need not arrive. */
static void note_reject(struct sim_node *node, const struct rfx_journal_op *op)
{
    struct sim *sim = node->sim;
    struct sim_store *peer = &sim->nodes[sim_other(node->side)].stores[op->slot];
    const char *ref = memmem(op->data, op->size,
                             "\x01"
                             "45=",
                             4);
    sim_count(sim, SIM_COUNT_REJECTS);
    if (!sim_plan_has(&sim->plan, SIM_CLOCK_FAR)) {
        sim_trace_message(sim, node->name, "journal", op->data, op->size);
        sim_fail(sim, "%s: rejects what the other side of its kind has sent", node->name);
    }
    struct sim_row *row = (struct sim_row *)sim_store_find(
        peer, peer->generation_count - 1, ref != NULL ? strtoull(ref + 4, NULL, 10) : 0);
    if (row != NULL) {
        row->is_excused = true;
        sim_count(sim, SIM_COUNT_EXCUSED);
    }
}

static void store_message(struct sim_node *node, struct sim_store *store,
                          const struct rfx_journal_op *op)
{
    struct sim_generation *generation = &store->generations[store->generation_count - 1];
    if (op->seq_num != store->next_out) {
        sim_fail(node->sim, "%s: journals message %llu, %llu is next", node->name,
                 (unsigned long long)op->seq_num, (unsigned long long)store->next_out);
    }
    if (op->seq_num > SEQ_NUM_MAX) {
        sim_fail(node->sim, "%s: sends and sends, %d messages by now", node->name, SEQ_NUM_MAX);
    }
    if (generation->count == generation->capacity) {
        generation->capacity = 2 * generation->capacity + 64;
        generation->rows = realloc(generation->rows, generation->capacity * sizeof(struct sim_row));
    }
    const char *body = NULL;
    if (has_type(op, "\x01"
                     "35=D\x01") ||
        has_type(op, "\x01"
                     "35=8\x01")) {
        body = memmem(op->data, op->size,
                      "\x01"
                      "11=",
                      4);
        sim_count(node->sim, SIM_COUNT_SENT);
    } else if (has_type(op, "\x01"
                            "35=3\x01")) {
        note_reject(node, op);
    }
    generation->rows[generation->count++] = (struct sim_row){
        .seq_num = op->seq_num,
        .offset = generation->size,
        .size = op->size,
        .body = body != NULL ? (uint32_t)(body + 1 - op->data) : 0,
    };
    keep_bytes(generation, op);
    store->next_out = op->seq_num + 1;
}

static void reset(struct sim_node *node, struct sim_store *store, int64_t utc_ns)
{
    size_t count = store->generation_count + 1;
    store->generations[count - 2].next_out = store->next_out;
    store->generations = realloc(store->generations, count * sizeof *store->generations);
    memset(&store->generations[count - 1], 0, sizeof *store->generations);
    store->generation_count = count;
    store->next_out = 1;
    store->next_in = 1;
    store->created_utc_ns = utc_ns;
    sim_count(node->sim, SIM_COUNT_RESETS);
    if (!sim_plan_has(&node->sim->plan, SIM_RESET) &&
        !sim_plan_has(&node->sim->plan, SIM_RESET_LOGON)) {
        sim_fail(node->sim, "%s: resets its numbers, for which nobody has asked", node->name);
    }
}

static void note_numbers(struct sim_node *node, struct sim_store *store,
                         const struct rfx_journal_op *op)
{
    /* The first number after a reset by the other side may be that of a Logon before it. */
    bool is_after_reset = store->generation_count > 1 && store->next_out == 1 && op->next_out == 2;
    if (op->next_out != store->next_out && !is_after_reset) {
        sim_fail(node->sim, "%s: next number out is %llu in the journal and now %llu", node->name,
                 (unsigned long long)store->next_out, (unsigned long long)op->next_out);
    }
    if (op->next_in < store->next_in) {
        sim_fail(node->sim, "%s: next number in goes back from %llu to %llu", node->name,
                 (unsigned long long)store->next_in, (unsigned long long)op->next_in);
    }
    store->next_out = op->next_out;
    store->next_in = op->next_in;
}

static void apply(struct sim_node *node, const struct rfx_journal_op *op, int64_t utc_ns)
{
    struct sim_store *store = &node->stores[op->slot];
    switch (op->type) {
    case RFX_JOURNAL_MESSAGE:
        store_message(node, store, op);
        break;
    case RFX_JOURNAL_INBOUND:
        sim_count(node->sim, SIM_COUNT_INBOUND);
        break;
    case RFX_JOURNAL_NUMBERS:
        note_numbers(node, store, op);
        sim_trace(node->sim, node->name, "journal %u: next out %llu, in %llu", op->slot,
                  (unsigned long long)op->next_out, (unsigned long long)op->next_in);
        break;
    case RFX_JOURNAL_RESET:
        reset(node, store, utc_ns);
        sim_trace(node->sim, node->name, "journal %u: reset", op->slot);
        break;
    }
}

/* With JournalInbound a batch holds what was delivered in its turn, and nothing else. */
static void check_inbound(struct sim_node *node, const struct rfx_journal_op *ops, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (ops[i].type != RFX_JOURNAL_INBOUND) {
            continue;
        }
        const struct sim_delivery *delivery = &node->deliveries[found++];
        if (found > node->delivery_count || delivery->pair != ops[i].slot ||
            delivery->place.seq_num != ops[i].seq_num) {
            sim_fail(node->sim, "%s: journals message %llu as received, which it was not",
                     node->name, (unsigned long long)ops[i].seq_num);
        }
    }
    if (found != (node->sim->plan.session.journal_inbound ? node->delivery_count : 0)) {
        sim_fail(node->sim, "%s: journals %zu of %zu messages received", node->name, found,
                 node->delivery_count);
    }
}

static bool has_no_room(struct sim_node *node)
{
    const bool has_none = node->sim->now_ns < node->no_room_until_ns;
    if (has_none) {
        sim_count(node->sim, SIM_COUNT_NO_ROOM);
    }
    return has_none;
}

static rfx_status append(void *context, const struct rfx_journal_op *ops, size_t count,
                         int64_t utc_ns, struct rfx_error *error)
{
    struct sim_node *node = context;
    if (count == 0) {
        sim_fail(node->sim, "%s: an empty batch", node->name);
    }
    sim_check_wire(node);
    node->has_batch_waiting = node->room == RFX_JOURNAL_ROOM && has_no_room(node);
    if (node->has_batch_waiting) {
        return rfx_fail(error, RFX_E_FULL, "full");
    }
    bool dies = node->kill_countdown > 0 && --node->kill_countdown == 0;
    if (dies && !node->kill_is_behind) {
        node->is_killed = true;
        sim_count(node->sim, SIM_COUNT_KILLS_BEFORE_APPEND);
        return rfx_fail(error, RFX_E_JOURNAL, "killed");
    }
    check_inbound(node, ops, count);
    for (size_t i = 0; i < count; i++) {
        apply(node, &ops[i], utc_ns);
    }
    sim_check_commit(node);
    if (dies) {
        node->is_killed = true;
        sim_count(node->sim, SIM_COUNT_KILLS_BEHIND_APPEND);
        return rfx_fail(error, RFX_E_JOURNAL, "killed");
    }
    return RFX_OK;
}

static rfx_status read_rows(void *context, uint32_t slot, uint64_t first, uint64_t last,
                            rfx_journal_visit *visit, void *visit_context, struct rfx_error *error)
{
    const struct sim_node *node = context;
    const struct sim_store *store = &node->stores[slot];
    const struct sim_generation *generation = &store->generations[store->generation_count - 1];
    (void)error;
    for (size_t i = 0; i < generation->count; i++) {
        const struct sim_row *row = &generation->rows[i];
        if (row->seq_num < first || row->seq_num > last) {
            continue;
        }
        char copy[SIM_MESSAGE_MAX]; /* valid during the call only */
        memcpy(copy, generation->bytes + row->offset, row->size);
        bool goes_on = visit(visit_context, row->seq_num, rfx_bytes_of(copy, row->size));
        memset(copy, 'x', row->size);
        if (!goes_on) {
            break;
        }
    }
    return RFX_OK;
}

static enum rfx_journal_room room(void *context)
{
    struct sim_node *node = context;
    return node->room != RFX_JOURNAL_ROOM && has_no_room(node) ? node->room : RFX_JOURNAL_ROOM;
}

struct rfx_journal_port sim_journal_port(struct sim_node *node)
{
    return (struct rfx_journal_port){
        .context = node, .attach = attach, .append = append, .read = read_rows, .room = room};
}

void sim_journal_release(struct sim_node *node)
{
    for (size_t i = 0; i < SIM_PAIRS_MAX; i++) {
        struct sim_store *store = &node->stores[i];
        for (size_t j = 0; j < store->generation_count; j++) {
            free(store->generations[j].rows);
            free(store->generations[j].bytes);
        }
        free(store->generations);
    }
}
