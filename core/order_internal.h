/* Shared by the files of the order. */
#ifndef RFX_CORE_ORDER_INTERNAL_H
#define RFX_CORE_ORDER_INTERNAL_H

#include "core/base.h"
#include "ringfix/order.h"

/* What an ExecutionReport(8) or OrderCancelReject(9) says about an order. Texts that are absent
 * have data NULL and size 0, decimals that are absent are marked so. */
struct rfx_order_report {
    struct rfx_bytes client_id;   /* ClOrdID(11) */
    struct rfx_bytes orig_id;     /* OrigClOrdID(41) */
    struct rfx_bytes order_id;    /* OrderID(37) */
    struct rfx_bytes exec_id;     /* ExecID(17) */
    enum rfx_order_status status; /* CREATED: absent */
    char exec_type;               /* as FIX.4.4 has it, whatever the version: 'F' trade, 'G' trade
                                     corrected, 'H' trade cancelled, 'I' status */
    char ord_type;                /* OrdType(40); 0: absent */
    char time_in_force;           /* TimeInForce(59); 0: absent */
    int64_t reject_reason;        /* OrdRejReason(103); -1: absent */
    bool has_cum, has_leaves, has_average, has_quantity, has_price, has_stop_price;
    struct rfx_decimal cum, leaves, average, quantity, price, stop_price;
    struct rfx_decimal last_quantity, last_price; /* 0 when absent */
};

/* order_report.c
 * errors   RFX_E_INVALID */
rfx_status rfx_order_report_read(const struct rfx_message *message,
                                 struct rfx_order_report *report) RFX_MUST_CHECK;

/* order.c */
void rfx_order_set_text(char to[RFX_ORDER_TEXT_MAX + 1], struct rfx_bytes text);
/* Sets the status from what was reported and what is pending. */
void rfx_order_derive(struct rfx_order *order);

/* True for statuses after which nothing trades. */
bool rfx_order_is_final(const struct rfx_order *order, enum rfx_order_status status);

#endif
