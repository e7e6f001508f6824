/* The state of an order: what is reported, and what is pending on top of it. */
#include "ringfix/order.h"

#include <string.h>

#include "core/order_internal.h"

const char *rfx_order_status_text(enum rfx_order_status status)
{
    switch (status) {
    case RFX_ORDER_CREATED:
        return "CREATED";
    case RFX_ORDER_NEW:
        return "NEW";
    case RFX_ORDER_PARTIALLY_FILLED:
        return "PARTIALLY_FILLED";
    case RFX_ORDER_FILLED:
        return "FILLED";
    case RFX_ORDER_DONE_FOR_DAY:
        return "DONE_FOR_DAY";
    case RFX_ORDER_CANCELED:
        return "CANCELED";
    case RFX_ORDER_REPLACED:
        return "REPLACED";
    case RFX_ORDER_PENDING_CANCEL:
        return "PENDING_CANCEL";
    case RFX_ORDER_STOPPED:
        return "STOPPED";
    case RFX_ORDER_REJECTED:
        return "REJECTED";
    case RFX_ORDER_SUSPENDED:
        return "SUSPENDED";
    case RFX_ORDER_PENDING_NEW:
        return "PENDING_NEW";
    case RFX_ORDER_CALCULATED:
        return "CALCULATED";
    case RFX_ORDER_EXPIRED:
        return "EXPIRED";
    case RFX_ORDER_ACCEPTED_FOR_BIDDING:
        return "ACCEPTED_FOR_BIDDING";
    case RFX_ORDER_PENDING_REPLACE:
        return "PENDING_REPLACE";
    }
    return "UNKNOWN";
}

void rfx_order_set_text(char to[RFX_ORDER_TEXT_MAX + 1], struct rfx_bytes text)
{
    RFX_ASSERT(text.size <= RFX_ORDER_TEXT_MAX);
    memcpy(to, text.data, text.size);
    to[text.size] = '\0';
}

bool rfx_order_is_final(const struct rfx_order *order, enum rfx_order_status status)
{
    switch (status) {
    case RFX_ORDER_FILLED:
    case RFX_ORDER_CANCELED:
    case RFX_ORDER_REJECTED:
    case RFX_ORDER_EXPIRED:
        return true;
    case RFX_ORDER_CALCULATED: /* after Filled as after DoneForDay */
        return order->leaves_quantity.mantissa == 0;
    case RFX_ORDER_CREATED:
    case RFX_ORDER_NEW:
    case RFX_ORDER_PARTIALLY_FILLED:
    case RFX_ORDER_DONE_FOR_DAY:
    case RFX_ORDER_REPLACED:
    case RFX_ORDER_PENDING_CANCEL:
    case RFX_ORDER_STOPPED:
    case RFX_ORDER_SUSPENDED:
    case RFX_ORDER_PENDING_NEW:
    case RFX_ORDER_ACCEPTED_FOR_BIDDING:
    case RFX_ORDER_PENDING_REPLACE:
        return false;
    }
    return false;
}

static bool has_open(const struct rfx_order *order, char type)
{
    for (size_t i = 0; i < order->request_count; i++) {
        if (order->requests[i].type == type) {
            return true;
        }
    }
    return false;
}

/* A cancel outranks a replace, both outrank what they wait for; but what has ended stays so unless
 * the counterparty itself calls it pending. */
void rfx_order_derive(struct rfx_order *order)
{
    if (rfx_order_is_final(order, order->base) && order->reported_pending == 0) {
        order->status = order->base;
    } else if (order->reported_pending == '6' || has_open(order, 'F')) {
        order->status = RFX_ORDER_PENDING_CANCEL;
    } else if (order->reported_pending == 'E' || has_open(order, 'G')) {
        order->status = RFX_ORDER_PENDING_REPLACE;
    } else {
        order->status = order->base;
    }
}

bool rfx_order_is_finished(const struct rfx_order *order)
{
    return rfx_order_is_final(order, order->status);
}

bool rfx_order_can_cancel(const struct rfx_order *order)
{
    return order->status != RFX_ORDER_CREATED && order->status != RFX_ORDER_PENDING_CANCEL &&
           !rfx_order_is_finished(order) && order->request_count < RFX_ORDER_REQUESTS_MAX;
}

bool rfx_order_can_replace(const struct rfx_order *order)
{
    return rfx_order_can_cancel(order);
}
