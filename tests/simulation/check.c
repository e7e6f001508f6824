/* The promises. Each check says what is broken; the trace says how it came to that. */
#include <string.h>

#include "tests/simulation/sim.h"

#define ULL(number) ((unsigned long long)(number))

static bool is_after(struct sim_place a, struct sim_place b)
{
    return a.generation > b.generation || (a.generation == b.generation && a.seq_num > b.seq_num);
}

/* The initiator's CompID ends with the number of the pair. */
uint32_t sim_pair_of_message(const struct rfx_message *message)
{
    struct rfx_header header;
    rfx_header_read(message, &header);
    struct rfx_bytes id =
        header.sender_comp_id.data[0] == 'I' ? header.sender_comp_id : header.target_comp_id;
    return (uint32_t)(id.data[1] - '0');
}

static struct rfx_bytes bytes_of(const struct sim_store *store, size_t generation,
                                 const struct sim_row *row)
{
    return rfx_bytes_of(store->generations[generation].bytes + row->offset, row->size);
}

/* From ClOrdID(11) to the trailer: what the application has written. */
static struct rfx_bytes body_of(struct rfx_bytes message)
{
    const char *body = memmem(message.data, message.size,
                              "\x01"
                              "11=",
                              4);
    if (body == NULL) {
        return rfx_bytes_of(NULL, 0);
    }
    return rfx_bytes_of(body, (size_t)(message.data + message.size - body) - 7);
}

static bool has_same_body(struct rfx_bytes a, struct rfx_bytes b)
{
    struct rfx_bytes body = body_of(a);
    struct rfx_bytes other = body_of(b);
    return body.size > 0 && rfx_bytes_equal(body, other.data, other.size);
}

/* ------------------------------------------------------------------------ journal before wire */

static bool is_stored(const struct sim_store *store, uint64_t seq_num, struct rfx_bytes sent,
                      bool is_repeated)
{
    for (size_t i = store->generation_count; i-- > 0;) {
        const struct sim_row *row = sim_store_find(store, i, seq_num);
        if (row == NULL) {
            continue;
        }
        struct rfx_bytes stored = bytes_of(store, i, row);
        if (is_repeated ? row->body == 0 || has_same_body(stored, sent)
                        : rfx_bytes_equal(stored, sent.data, sent.size)) {
            return true;
        }
    }
    return false;
}

static void check_gap_fill(struct sim_node *node, const struct sim_store *store,
                           const struct rfx_message *message)
{
    int64_t next;
    sim_count(node->sim, SIM_COUNT_GAP_FILLS);
    if (rfx_message_get_int(message, 36, &next) != RFX_OK ||
        (store->generation_count == 1 && (uint64_t)next > store->next_out)) {
        sim_fail(node->sim, "%s: a gap fill beyond what was sent", node->name);
    }
}

/* Every message that leaves, or could, is one that the journal knows under its number, byte by
 * byte; a repetition has the same body. */
uint64_t sim_check_sent(struct sim_node *node, const char *data, size_t size)
{
    static struct rfx_field fields[RFX_FIELDS_MAX(SIM_MESSAGE_MAX)];
    struct rfx_message message;
    struct rfx_header header;
    uint64_t seq_num = 0;
    rfx_message_index(data, size, fields, &message);
    rfx_header_read(&message, &header);
    const struct sim_store *store = &node->stores[sim_pair_of_message(&message)];
    if (!rfx_read_uint(header.msg_seq_num, &seq_num)) {
        sim_fail(node->sim, "%s: a message without a number", node->name);
    }
    if (rfx_message_is(&message, "4")) {
        check_gap_fill(node, store, &message);
        return 0;
    }
    if (header.poss_dup) {
        sim_count(node->sim, SIM_COUNT_REPEATED);
    }
    if (!is_stored(store, seq_num, rfx_bytes_of(data, size), header.poss_dup)) {
        sim_trace_message(node->sim, node->name, "wire", data, size);
        sim_fail(node->sim, "%s: message %llu leaves and is not journaled", node->name,
                 ULL(seq_num));
    }
    return header.poss_dup ? 0 : seq_num;
}

/* What the loop can see while the journal is still at work was journaled before. */
void sim_check_wire(struct sim_node *node)
{
    struct rfx_ring view = node->to_loop;
    uint32_t type;
    uint32_t size;
    const void *record;
    while ((record = rfx_ring_peek(&view, &type, &size)) != NULL) {
        if (view.head_next >= node->seen_position && type == RFX_LINK_SEND) {
            const struct rfx_link_send *send = record;
            sim_check_sent(node, (const char *)(send + 1), send->size);
        }
        rfx_ring_pop(&view);
    }
    node->seen_position = view.head_next;
}

/* --------------------------------------------------------------------- once, and in their order */

void sim_check_delivery(struct sim_node *node, uint32_t pair, const struct rfx_message *message)
{
    struct sim *sim = node->sim;
    const struct sim_store *peer = &sim->nodes[sim_other(node->side)].stores[pair];
    struct rfx_bytes raw = rfx_message_raw(message);
    int64_t seq_num;
    if (rfx_message_get_int(message, 34, &seq_num) != RFX_OK) {
        sim_fail(sim, "%s: a message without a number is delivered", node->name);
    }
    for (size_t i = peer->generation_count; i-- > 0;) {
        const struct sim_row *row = sim_store_find(peer, i, (uint64_t)seq_num);
        if (row != NULL && row->body != 0 && has_same_body(bytes_of(peer, i, row), raw)) {
            if (node->delivery_count == SIM_DELIVERIES) {
                sim_fail(sim, "%s: more than %d deliveries in a turn", node->name, SIM_DELIVERIES);
            }
            node->deliveries[node->delivery_count++] = (struct sim_delivery){
                .pair = pair,
                .place = {.generation = i, .seq_num = (uint64_t)seq_num},
            };
            return;
        }
    }
    sim_fail(sim, "%s: message %lld is delivered and was never sent so", node->name,
             (long long)seq_num);
}

/* Application messages from `first` up to, not including, `end` that should have come. */
static void check_none_missing(struct sim_node *node, uint32_t pair, size_t generation,
                               uint64_t first, uint64_t end)
{
    struct sim *sim = node->sim;
    const struct sim_store *peer = &sim->nodes[sim_other(node->side)].stores[pair];
    for (uint64_t seq_num = first; seq_num < end; seq_num++) {
        const struct sim_row *row = sim_store_find(peer, generation, seq_num);
        if (row != NULL && row->body != 0 && !row->is_excused) {
            sim_fail(sim, "%s: message %llu of session %u is never delivered", node->name,
                     ULL(seq_num), pair);
        }
    }
}

static void commit_delivery(struct sim_node *node, const struct sim_delivery *delivery)
{
    struct sim *sim = node->sim;
    struct sim_store *store = &node->stores[delivery->pair];
    struct sim_place last = store->delivered;
    struct sim_place place = delivery->place;
    if (!is_after(place, last)) {
        sim_fail(sim, "%s: message %llu of session %u is delivered after message %llu", node->name,
                 ULL(place.seq_num), delivery->pair, ULL(last.seq_num));
    }
    uint64_t first = place.generation == last.generation ? last.seq_num + 1 : 1;
    check_none_missing(node, delivery->pair, place.generation, first, place.seq_num);
    store->delivered = place;
    store->delivered_count++;
    sim_count(sim, SIM_COUNT_DELIVERED);
}

/* A batch is durable: so is what was delivered because of the same input. */
void sim_check_commit(struct sim_node *node)
{
    struct sim *sim = node->sim;
    for (size_t i = 0; i < node->delivery_count; i++) {
        commit_delivery(node, &node->deliveries[i]);
    }
    node->delivery_count = 0;
    for (uint32_t pair = 0; pair < sim->plan.pair_count; pair++) {
        const struct sim_store *store = &node->stores[pair];
        const struct sim_store *peer = &sim->nodes[sim_other(node->side)].stores[pair];
        if (store->generation_count != 1 || peer->generation_count != 1) {
            continue; /* after a reset the next delivery, or the end, will tell */
        }
        if (store->delivered.seq_num >= store->next_in) {
            sim_fail(sim, "%s: message %llu was delivered, the journal expects %llu", node->name,
                     ULL(store->delivered.seq_num), ULL(store->next_in));
        }
        if (store->next_in > peer->next_out) {
            sim_fail(sim, "%s: expects %llu, the other side is at %llu", node->name,
                     ULL(store->next_in), ULL(peer->next_out));
        }
        check_none_missing(node, pair, 0, store->delivered.seq_num + 1, store->next_in);
    }
}

/* ------------------------------------------------------------------------------ at the end */

static bool agree(const struct sim_node *node, uint32_t pair)
{
    const struct sim_node *other = &node->sim->nodes[sim_other(node->side)];
    const struct rfx_session *session = node->ends[pair].session;
    const struct rfx_session *peer = other->ends[pair].session;
    return session != NULL && peer != NULL && node->ends[pair].is_up &&
           rfx_session_state(session) == RFX_ACTIVE &&
           rfx_session_next_out(session) == rfx_session_next_in(peer);
}

/* Something is under way, or one end has yet to find out that nothing arrives any more. */
static bool is_unsettled(const struct sim_link *link)
{
    return link->is_used &&
           (!sim_link_is_empty(link) ||
            (!link->is_ghost && (link->pipes[0].is_silent || link->pipes[1].is_silent)));
}

/* Everybody is logged on, nothing is under way, and the numbers agree. */
bool sim_is_settled(struct sim *sim)
{
    for (size_t i = 0; i < 2; i++) {
        struct sim_node *node = &sim->nodes[i];
        if (node->shard == NULL || node->is_stopping || node->has_batch_waiting ||
            !rfx_ring_is_empty(&node->from_loop) || !rfx_ring_is_empty(&node->to_loop)) {
            return false;
        }
        for (uint32_t pair = 0; pair < sim->plan.pair_count; pair++) {
            if (!agree(node, pair)) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < SIM_LINKS; i++) {
        if (is_unsettled(&sim->links[i])) {
            return false;
        }
    }
    return true;
}

/* Numbers agree: then everything that was sent has arrived, in the sessions and the journals. */
void sim_check_end(struct sim *sim)
{
    for (size_t i = 0; i < 2; i++) {
        struct sim_node *node = &sim->nodes[i];
        for (uint32_t pair = 0; pair < sim->plan.pair_count; pair++) {
            const struct sim_store *store = &node->stores[pair];
            const struct sim_store *peer = &sim->nodes[sim_other(node->side)].stores[pair];
            const struct rfx_session *session = node->ends[pair].session;
            if (store->next_out != rfx_session_next_out(session) ||
                store->next_in != rfx_session_next_in(session)) {
                sim_fail(sim, "%s: journal and session disagree", node->name);
            }
            size_t generation = peer->generation_count - 1;
            uint64_t first =
                store->delivered.generation == generation ? store->delivered.seq_num + 1 : 1;
            check_none_missing(node, pair, generation, first, peer->next_out);
        }
    }
}
