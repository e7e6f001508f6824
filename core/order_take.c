/* What is said of an order: whether it is news, and what it changes. */
#include <string.h>

#include "core/message.h"
#include "core/order_internal.h"

/* ------------------------------------------------------------------- whose, and is it news */

static bool is_id(const char *id, struct rfx_bytes text)
{
    return text.size > 0 && rfx_bytes_equal(text, id, strlen(id));
}

/* The index of the open request with that ClOrdID, request_count when there is none. */
static size_t find_request(const struct rfx_order *order, struct rfx_bytes id)
{
    size_t i = 0;
    while (i < order->request_count && !is_id(order->requests[i].id, id)) {
        i++;
    }
    return i;
}

static bool is_open(const struct rfx_order *order, struct rfx_bytes id)
{
    return find_request(order, id) < order->request_count;
}

static bool is_known(const struct rfx_order *order, struct rfx_bytes id)
{
    return is_id(order->client_id, id) || is_id(order->previous_id, id) || is_open(order, id);
}

static bool is_about(const struct rfx_order *order, const struct rfx_order_report *report)
{
    return is_known(order, report->client_id) || is_known(order, report->orig_id) ||
           is_id(order->order_id, report->order_id);
}

/* FNV-1a of ExecID(17), never 0. */
static uint64_t mark_of(struct rfx_bytes exec_id)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < exec_id.size; i++) {
        hash = (hash ^ (unsigned char)exec_id.data[i]) * UINT64_C(1099511628211);
    }
    return hash | 1;
}

/* Answers to a status request have "0" there, or the ExecID of what they repeat. */
static bool has_mark(const struct rfx_order_report *report)
{
    return report->exec_id.size > 0 && report->exec_type != 'I';
}

static bool came_already(const struct rfx_order *order, const struct rfx_order_report *report)
{
    if (!has_mark(report)) {
        return false;
    }
    const uint64_t mark = mark_of(report->exec_id);
    for (size_t i = 0; i < RFX_ORDER_REPORTS_MAX; i++) {
        if (order->reports[i] == mark) {
            return true;
        }
    }
    return false;
}

static bool is_acknowledged(const struct rfx_order *order)
{
    return order->base != RFX_ORDER_CREATED && order->base != RFX_ORDER_PENDING_NEW;
}

/* Such a report may say that less was done than was known before. */
static bool is_restating(const struct rfx_order_report *report)
{
    return report->exec_type == 'D' || /* restated */
           report->exec_type == 'G' || /* trade corrected */
           report->exec_type == 'H';   /* trade cancelled */
}

static bool is_pending(enum rfx_order_status status)
{
    return status == RFX_ORDER_PENDING_CANCEL || status == RFX_ORDER_PENDING_REPLACE;
}

/* A finished order may trade once more, may be reported at the day's end, and may have a request
 * that is about to be refused, or to bring it back. */
static bool is_late_for_finished(const struct rfx_order *order,
                                 const struct rfx_order_report *report, int trades)
{
    if (trades > 0) {
        return false;
    }
    if (report->exec_type == 'I') {
        return report->status != order->base;
    }
    if (is_pending(report->status)) {
        return !is_open(order, report->client_id);
    }
    return report->status != RFX_ORDER_DONE_FOR_DAY && report->status != RFX_ORDER_CALCULATED;
}

/* That a request is pending which was accepted already, that the order is acknowledged which has
 * traded already. */
static bool is_overtaken(const struct rfx_order *order, const struct rfx_order_report *report)
{
    switch (report->exec_type) {
    case '6':
    case 'E':
        return is_id(order->client_id, report->client_id) &&
               is_id(order->previous_id, report->orig_id);
    case '0':
        return report->status == RFX_ORDER_NEW && order->cum_quantity.mantissa > 0;
    case 'A':
        return is_acknowledged(order);
    default: /* an open set */
        return false;
    }
}

/* Whether it tells of a time before what is known. */
static bool is_late(const struct rfx_order *order, const struct rfx_order_report *report)
{
    const int trades = report->has_cum ? rfx_decimal_compare(report->cum, order->cum_quantity) : 0;
    if (is_restating(report) || report->exec_type == '5') {
        return false;
    }
    if (rfx_order_is_final(order, order->base)) {
        return is_late_for_finished(order, report, trades);
    }
    if (trades < 0) {
        return !rfx_order_is_final(order, report->status);
    }
    return is_overtaken(order, report);
}

/* A second order under the same ClOrdID was refused, not this one. */
static bool is_of_a_double(const struct rfx_order *order, const struct rfx_order_report *report)
{
    return report->status == RFX_ORDER_REJECTED && report->reject_reason == 6 &&
           is_acknowledged(order);
}

/* -------------------------------------------------------------------------------- requests */

/* Removes the requests first..last. */
static void remove_requests(struct rfx_order *order, size_t first, size_t last)
{
    const size_t behind = order->request_count - last - 1;
    memmove(&order->requests[first], &order->requests[last + 1], behind * sizeof *order->requests);
    order->request_count -= last - first + 1;
    memset(&order->requests[order->request_count], 0, (last - first + 1) * sizeof *order->requests);
}

static void rename_order(struct rfx_order *order, struct rfx_bytes id)
{
    memcpy(order->previous_id, order->client_id, sizeof order->previous_id);
    rfx_order_set_text(order->client_id, id);
}

/* What the report itself says goes before what was asked for. */
static void restate_terms(struct rfx_order *order, const struct rfx_order_report *report)
{
    struct rfx_order_terms *terms = &order->terms;
    terms->quantity = report->has_quantity ? report->quantity : terms->quantity;
    terms->price = report->has_price ? report->price : terms->price;
    terms->stop_price = report->has_stop_price ? report->stop_price : terms->stop_price;
    terms->type = report->ord_type != 0 ? report->ord_type : terms->type;
    terms->time_in_force =
        report->time_in_force != 0 ? report->time_in_force : terms->time_in_force;
}

/* Accepting one replace makes those before it void: each was built upon the one before. */
static void settle_replace(struct rfx_order *order, const struct rfx_order_report *report)
{
    const size_t index = find_request(order, report->client_id);
    if (index < order->request_count && order->requests[index].type == 'G') {
        order->terms = order->requests[index].terms;
        remove_requests(order, 0, index);
        rename_order(order, report->client_id);
    } else if (report->client_id.size > 0 && !is_known(order, report->client_id) &&
               is_id(order->client_id, report->orig_id)) {
        rename_order(order, report->client_id); /* the counterparty's own doing */
    }
    restate_terms(order, report);
}

static void settle_cancel(struct rfx_order *order, const struct rfx_order_report *report)
{
    const size_t index = find_request(order, report->client_id);
    if (index < order->request_count && order->requests[index].type == 'F') {
        remove_requests(order, index, index);
        rename_order(order, report->client_id);
    }
}

static void settle_requests(struct rfx_order *order, const struct rfx_order_report *report)
{
    if (report->exec_type == '5' || report->status == RFX_ORDER_REPLACED) {
        settle_replace(order, report);
    } else if (report->exec_type == '4' || report->status == RFX_ORDER_CANCELED) {
        settle_cancel(order, report);
    }
    if (report->exec_type == 'D' || order->terms.quantity.mantissa == 0) {
        restate_terms(order, report);
    }
}

/* -------------------------------------------------------------------------------- the state */

/* The status that a pending one hides. */
static enum rfx_order_status status_beneath(const struct rfx_order *order)
{
    if (order->cum_quantity.mantissa == 0) {
        return order->base == RFX_ORDER_PENDING_NEW || order->base == RFX_ORDER_CREATED
                   ? RFX_ORDER_NEW
                   : order->base;
    }
    const bool is_all = order->terms.quantity.mantissa > 0 &&
                        rfx_decimal_compare(order->cum_quantity, order->terms.quantity) >= 0;
    return is_all ? RFX_ORDER_FILLED : RFX_ORDER_PARTIALLY_FILLED;
}

/* What is over stays over, whatever a trade that comes late says; a trade that is taken back, and
 * what the counterparty restates, may bring it back. */
static enum rfx_order_status next_base(const struct rfx_order *order,
                                       const struct rfx_order_report *report)
{
    const enum rfx_order_status said =
        is_pending(report->status) ? status_beneath(order) : report->status;
    if (!rfx_order_is_final(order, order->base)) {
        return said;
    }
    if (report->exec_type == '5' || report->exec_type == 'D') {
        return said;
    }
    if (report->status == RFX_ORDER_CALCULATED || report->status == RFX_ORDER_FILLED) {
        return report->status;
    }
    const bool is_correction = report->exec_type == 'G' || report->exec_type == 'H';
    return is_correction && order->base == RFX_ORDER_FILLED ? said : order->base;
}

/* LeavesQty of a report that knows of less than was done is not what is left. */
static bool has_leaves(const struct rfx_order *order, const struct rfx_order_report *report)
{
    return report->has_leaves &&
           (!report->has_cum || rfx_decimal_compare(report->cum, order->cum_quantity) == 0);
}

/* False when the quantities do not fit together. */
static bool take_quantities(struct rfx_order *order, const struct rfx_order_report *report)
{
    if (report->has_cum &&
        (is_restating(report) || rfx_decimal_compare(report->cum, order->cum_quantity) > 0)) {
        order->cum_quantity = report->cum;
    }
    order->average_price = report->has_average ? report->average : order->average_price;
    order->last_quantity = report->last_quantity;
    order->last_price = report->last_price;
    order->base = next_base(order, report);
    order->reported_pending = is_pending(report->status) ? (char)report->status : 0;
    if (rfx_order_is_final(order, order->base) && order->base != RFX_ORDER_CALCULATED) {
        order->leaves_quantity = (struct rfx_decimal){0};
    } else if (has_leaves(order, report)) {
        order->leaves_quantity = report->leaves;
    } else if (rfx_decimal_subtract(order->terms.quantity, order->cum_quantity,
                                    &order->leaves_quantity) != RFX_OK) {
        return false;
    }
    if (order->leaves_quantity.mantissa < 0) {
        order->leaves_quantity = (struct rfx_decimal){0}; /* more was done than asked for */
    }
    return true;
}

/* The order goes on as before, or has ended in the meantime. "Rejected" is the word for an order
 * that the counterparty does not know, or did not by then. */
static rfx_status take_refusal(struct rfx_order *order, const struct rfx_order_report *report)
{
    const size_t index = find_request(order, report->client_id);
    if (index == order->request_count) {
        return is_known(order, report->client_id) ? RFX_E_STATE : RFX_E_NOT_FOUND;
    }
    remove_requests(order, index, index);
    order->reported_pending = is_pending(report->status) ? (char)report->status : 0;
    if (!rfx_order_is_final(order, order->base) && report->status != RFX_ORDER_CREATED &&
        report->status != RFX_ORDER_REJECTED && !is_pending(report->status) &&
        (report->status != RFX_ORDER_PENDING_NEW || !is_acknowledged(order))) {
        order->base = report->status;
        if (rfx_order_is_final(order, order->base)) {
            order->leaves_quantity = (struct rfx_decimal){0};
        }
    }
    rfx_order_derive(order);
    return RFX_OK;
}

static rfx_status take_report(struct rfx_order *order, const struct rfx_order_report *report)
{
    if (report->status == RFX_ORDER_CREATED || report->client_id.size > RFX_ORDER_TEXT_MAX ||
        report->order_id.size > RFX_ORDER_TEXT_MAX) {
        return RFX_E_INVALID;
    }
    if (report->status == RFX_ORDER_REJECTED && is_open(order, report->client_id)) {
        return take_refusal(order, report); /* of a counterparty that has no OrderCancelReject */
    }
    if (came_already(order, report) || is_late(order, report) || is_of_a_double(order, report)) {
        return RFX_E_STATE;
    }
    struct rfx_order taken = *order;
    settle_requests(&taken, report);
    if (!take_quantities(&taken, report)) {
        return RFX_E_INVALID;
    }
    if (report->order_id.size > 0 && !is_id("NONE", report->order_id)) {
        rfx_order_set_text(taken.order_id, report->order_id);
    }
    if (has_mark(report)) {
        taken.reports[taken.report_count++ % RFX_ORDER_REPORTS_MAX] = mark_of(report->exec_id);
    }
    taken.exec_type = report->exec_type;
    rfx_order_derive(&taken);
    *order = taken;
    return RFX_OK;
}

rfx_status rfx_order_take(struct rfx_order *order, const struct rfx_message *message)
{
    struct rfx_order_report report;
    const bool is_report = rfx_message_is(message, "8");
    if (!is_report && !rfx_message_is(message, "9")) {
        return RFX_E_NOT_FOUND;
    }
    rfx_status status = rfx_order_report_read(message, &report);
    if (order->status == RFX_ORDER_CREATED && order->order_id[0] == '\0') {
        return RFX_E_NOT_FOUND; /* nobody knows of it yet */
    }
    if (!is_about(order, &report)) {
        return RFX_E_NOT_FOUND;
    }
    if (status != RFX_OK) {
        return status;
    }
    return is_report ? take_report(order, &report) : take_refusal(order, &report);
}
