/* What is said about an order. */
#include <string.h>

#include "core/builder.h"
#include "core/order_internal.h"
#include "core/shard_internal.h"

#define APPL_FIX40 2
#define APPL_FIX42 4
#define APPL_FIX43 5

static bool is_text(const char *text, size_t size_min)
{
    const char *end = memchr(text, '\0', RFX_ORDER_TEXT_MAX + 1);
    return end != NULL && (size_t)(end - text) >= size_min;
}

static bool are_terms(const struct rfx_order_terms *terms)
{
    return terms->type != 0 && terms->quantity.mantissa >= 0 &&
           terms->quantity.scale <= RFX_SCALE_MAX && terms->price.scale <= RFX_SCALE_MAX &&
           terms->stop_price.scale <= RFX_SCALE_MAX;
}

static bool is_order(const struct rfx_order *order)
{
    return is_text(order->client_id, 1) && is_text(order->symbol, 0) &&
           is_text(order->account, 0) && order->side != 0;
}

static void put_text(struct rfx_builder *builder, int32_t tag, const char *text)
{
    if (text[0] != '\0') {
        rfx_builder_put_text(builder, tag, text);
    }
}

static void put_char(struct rfx_builder *builder, int32_t tag, char value)
{
    if (value != 0) {
        rfx_builder_put_char(builder, tag, value);
    }
}

static void put_terms(struct rfx_builder *builder, const struct rfx_order_terms *terms)
{
    rfx_builder_put_char(builder, 40, terms->type);
    if (terms->price.mantissa != 0 || terms->type == '2' || terms->type == '4') {
        rfx_builder_put_decimal(builder, 44, terms->price);
    }
    if (terms->stop_price.mantissa != 0 || terms->type == '3' || terms->type == '4') {
        rfx_builder_put_decimal(builder, 99, terms->stop_price);
    }
    put_char(builder, 59, terms->time_in_force);
}

static void put_quantity(struct rfx_builder *builder, struct rfx_decimal quantity)
{
    if (quantity.mantissa != 0) {
        rfx_builder_put_decimal(builder, 38, quantity);
    }
}

/* TransactTime(60), by the clock of the session's shard. */
static void put_now(struct rfx_builder *builder, const struct rfx_session *session)
{
    if (rfx_session_appl_ver_id(session) >= APPL_FIX42) {
        rfx_builder_put_utc(builder, 60, rfx_shard_utc_ns(rfx_session_shard(session)), 3);
    }
}

static void put_handling(struct rfx_builder *builder, const struct rfx_session *session,
                         const struct rfx_order *order)
{
    if (order->handling != 0 || rfx_session_appl_ver_id(session) <= APPL_FIX43) {
        rfx_builder_put_char(builder, 21, order->handling != 0 ? order->handling : '1');
    }
}

rfx_status rfx_order_begin_new(struct rfx_order *order, struct rfx_session *session,
                               struct rfx_builder **builder)
{
    if (order->status != RFX_ORDER_CREATED) {
        return RFX_E_STATE;
    }
    if (!is_order(order) || !are_terms(&order->terms)) {
        return RFX_E_INVALID;
    }
    rfx_status status = rfx_session_begin(session, "D", builder);
    if (status != RFX_OK) {
        return status;
    }
    put_text(*builder, 11, order->client_id);
    put_text(*builder, 1, order->account);
    put_handling(*builder, session, order);
    put_text(*builder, 55, order->symbol);
    rfx_builder_put_char(*builder, 54, order->side);
    put_now(*builder, session);
    put_quantity(*builder, order->terms.quantity);
    put_terms(*builder, &order->terms);
    order->draft = (struct rfx_order_request){.type = 'D'};
    order->draft_serial = (*builder)->serial;
    return RFX_OK;
}

/* What cancel and replace have in common: the message up to the order's fixed fields. */
static rfx_status begin_request(struct rfx_order *order, struct rfx_session *session, char type,
                                const char *id, struct rfx_builder **builder)
{
    const char msg_type[] = {type, '\0'};
    if (!is_order(order) || !is_text(id, 1)) {
        return RFX_E_INVALID;
    }
    rfx_status status = rfx_session_begin(session, msg_type, builder);
    if (status != RFX_OK) {
        return status;
    }
    const size_t open = order->request_count;
    put_text(*builder, 41, open > 0 ? order->requests[open - 1].id : order->client_id);
    put_text(*builder, 37, order->order_id);
    put_text(*builder, 11, id);
    if (type == 'G' || rfx_session_appl_ver_id(session) >= APPL_FIX42) {
        put_text(*builder, 1, order->account);
    }
    order->draft = (struct rfx_order_request){.type = type};
    order->draft_serial = (*builder)->serial;
    rfx_order_set_text(order->draft.id, rfx_bytes_of(id, strlen(id)));
    return RFX_OK;
}

/* The terms that a further request builds upon. */
static const struct rfx_order_terms *latest_terms(const struct rfx_order *order)
{
    for (size_t i = order->request_count; i > 0; i--) {
        if (order->requests[i - 1].type == 'G') {
            return &order->requests[i - 1].terms;
        }
    }
    return &order->terms;
}

rfx_status rfx_order_begin_cancel(struct rfx_order *order, struct rfx_session *session,
                                  const char *id, struct rfx_builder **builder)
{
    if (!rfx_order_can_cancel(order)) {
        return RFX_E_STATE;
    }
    rfx_status status = begin_request(order, session, 'F', id, builder);
    if (status != RFX_OK) {
        return status;
    }
    if (rfx_session_appl_ver_id(session) == APPL_FIX40) {
        rfx_builder_put_char(*builder, 125, 'F'); /* CxlType: all of it */
    }
    put_text(*builder, 55, order->symbol);
    rfx_builder_put_char(*builder, 54, order->side);
    put_now(*builder, session);
    put_quantity(*builder, latest_terms(order)->quantity);
    return RFX_OK;
}

/* A filled order comes back to life when there is to be more of it. */
static bool can_grow(const struct rfx_order *order, const struct rfx_order_terms *terms)
{
    return order->status == RFX_ORDER_FILLED && order->request_count < RFX_ORDER_REQUESTS_MAX &&
           rfx_decimal_compare(terms->quantity, order->cum_quantity) > 0;
}

rfx_status rfx_order_begin_replace(struct rfx_order *order, struct rfx_session *session,
                                   const char *id, const struct rfx_order_terms *terms,
                                   struct rfx_builder **builder)
{
    if (!are_terms(terms)) {
        return RFX_E_INVALID;
    }
    if (!rfx_order_can_replace(order) && !can_grow(order, terms)) {
        return RFX_E_STATE;
    }
    rfx_status status = begin_request(order, session, 'G', id, builder);
    if (status != RFX_OK) {
        return status;
    }
    put_handling(*builder, session, order);
    put_text(*builder, 55, order->symbol);
    rfx_builder_put_char(*builder, 54, order->side);
    put_now(*builder, session);
    put_quantity(*builder, terms->quantity);
    put_terms(*builder, terms);
    order->draft.terms = *terms;
    return RFX_OK;
}

rfx_status rfx_order_commit(struct rfx_order *order, struct rfx_session *session,
                            struct rfx_builder *builder)
{
    const struct rfx_order_request draft = order->draft;
    order->draft = (struct rfx_order_request){0};
    if (draft.type == 0 || builder->serial != order->draft_serial) {
        return RFX_E_STATE; /* nothing was begun, or something else was meanwhile */
    }
    rfx_status status = rfx_session_commit(session, builder, NULL);
    if (status != RFX_OK) {
        return status;
    }
    if (draft.type == 'D') {
        order->base = RFX_ORDER_PENDING_NEW;
        order->leaves_quantity = order->terms.quantity;
    } else {
        RFX_ASSERT(order->request_count < RFX_ORDER_REQUESTS_MAX);
        order->requests[order->request_count++] = draft;
    }
    rfx_order_derive(order);
    return RFX_OK;
}
