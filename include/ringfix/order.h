/* An order as the side that sent it sees it: what to say, and what became of it.
 *
 *   struct rfx_order order = {.client_id = "A-1", .symbol = "MSFT", .side = '1',
 *                             .terms = {.type = '2', .quantity = {100, 0}, .price = {4105, 2}}};
 *   rfx_order_begin_new(&order, session, &builder);       // NewOrderSingle, all its fields
 *   rfx_builder_put_text(builder, 58, "of my own");       // more of them, if wanted
 *   rfx_order_commit(&order, session, builder);           // sent; the order is pending
 *   ...
 *   rfx_order_take(&order, message);                      // in on_message
 *   if (order.status == RFX_ORDER_FILLED) ...
 *
 * FIX 4.0 to 5.0SP2; the counterparty's word is followed as the specification's order state
 * changes have it, with reports that come twice or too late sorted out. Fixed in size, nothing is
 * allocated, and a copy of the struct is a copy of the order.
 *
 * thread   one at a time; begin and commit as session.h says */
#ifndef RINGFIX_ORDER_H
#define RINGFIX_ORDER_H

#include "ringfix/session.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RFX_ORDER_TEXT_MAX     63 /* of an identifier, in bytes */
#define RFX_ORDER_REQUESTS_MAX 4  /* cancel and replace requests without an answer */
#define RFX_ORDER_REPORTS_MAX  16 /* reports that are known again when they come twice */

/* The values of OrdStatus(39), and one before them. */
enum rfx_order_status {
    RFX_ORDER_CREATED = 0, /* not sent */
    RFX_ORDER_NEW = '0',
    RFX_ORDER_PARTIALLY_FILLED = '1',
    RFX_ORDER_FILLED = '2',
    RFX_ORDER_DONE_FOR_DAY = '3',
    RFX_ORDER_CANCELED = '4',
    RFX_ORDER_REPLACED = '5', /* FIX.4.0 to 4.2 */
    RFX_ORDER_PENDING_CANCEL = '6',
    RFX_ORDER_STOPPED = '7',
    RFX_ORDER_REJECTED = '8',
    RFX_ORDER_SUSPENDED = '9',
    RFX_ORDER_PENDING_NEW = 'A',
    RFX_ORDER_CALCULATED = 'B',
    RFX_ORDER_EXPIRED = 'C',
    RFX_ORDER_ACCEPTED_FOR_BIDDING = 'D',
    RFX_ORDER_PENDING_REPLACE = 'E',
};

/* "PARTIALLY_FILLED", never NULL. Any thread. */
RFX_API const char *rfx_order_status_text(enum rfx_order_status status);

/* What a replace request may change. */
struct rfx_order_terms {
    struct rfx_decimal quantity; /* OrderQty(38); 0: left out, for CashOrderQty(152) and the like */
    struct rfx_decimal price;    /* Price(44): written for OrdType 2 and 4, or when it is not 0 */
    struct rfx_decimal stop_price; /* StopPx(99): for OrdType 3 and 4, or when it is not 0 */
    char type;                     /* OrdType(40) */
    char time_in_force;            /* TimeInForce(59); 0: left out */
};

/* A request that was sent and is not answered yet. */
struct rfx_order_request {
    char id[RFX_ORDER_TEXT_MAX + 1]; /* its ClOrdID(11) */
    char type;                       /* its MsgType(35): 'F' cancel, 'G' replace */
    struct rfx_order_terms terms;    /* replace: the new ones */
};

struct rfx_order {
    /* The caller's, before rfx_order_begin_new(); the rest zero. Texts end with a NUL. */
    char client_id[RFX_ORDER_TEXT_MAX + 1]; /* ClOrdID(11): changes when a request is accepted */
    char symbol[RFX_ORDER_TEXT_MAX + 1];    /* Symbol(55); "": left out */
    char account[RFX_ORDER_TEXT_MAX + 1];   /* Account(1); "": left out */
    char side;                              /* Side(54) */
    char handling;                          /* HandlInst(21); 0: '1' up to FIX.4.3, else left out */
    struct rfx_order_terms terms;           /* in force: changed by what is replaced */

    /* To be read. */
    enum rfx_order_status status;
    char exec_type;                        /* ExecType(150) of the last report; in older versions
                                              what it would be: 'F' for a trade */
    char order_id[RFX_ORDER_TEXT_MAX + 1]; /* OrderID(37); "": none yet */
    struct rfx_decimal cum_quantity;       /* CumQty(14) */
    struct rfx_decimal leaves_quantity;    /* LeavesQty(151) */
    struct rfx_decimal average_price;      /* AvgPx(6) */
    struct rfx_decimal last_quantity;      /* LastQty(32) of the last report, 0: none */
    struct rfx_decimal last_price;         /* LastPx(31) likewise */
    struct rfx_order_request requests[RFX_ORDER_REQUESTS_MAX]; /* open ones, oldest first */
    size_t request_count;

    /* Not to be looked into. */
    char previous_id[RFX_ORDER_TEXT_MAX + 1]; /* the client_id before this one */
    enum rfx_order_status base;               /* the status but for what is pending */
    char reported_pending;                    /* '6' or 'E' while the counterparty says so, or 0 */
    struct rfx_order_request draft;           /* between begin and commit */
    uint64_t draft_serial;                    /* of the builder it is in */
    uint64_t reports[RFX_ORDER_REPORTS_MAX];  /* what tells the latest apart, by ExecID(17) */
    size_t report_count;
};

/* Start a NewOrderSingle(D), an OrderCancelRequest(F) and an OrderCancelReplaceRequest(G), with
 * all fields of the order. A request refers by OrigClOrdID(41) to the last one that is open, or to
 * the order: several replaces may be under way, each upon the one before.
 *
 * id       ClOrdID(11) of the request, unique for the day
 * terms    the whole of them as they shall be
 * builder  as from rfx_session_begin(); more fields may be put into it before the commit
 * errors   RFX_E_STATE: sent already; not (any more) to be cancelled or replaced. A filled order
 *          may be replaced by one of a greater quantity, where the counterparty agrees.
 *          RFX_E_INVALID: no ClOrdID, side or type; a text too long; a quantity below 0
 *          others as rfx_session_begin() */
RFX_API rfx_status rfx_order_begin_new(struct rfx_order *order, struct rfx_session *session,
                                       struct rfx_builder **builder) RFX_MUST_CHECK;
RFX_API rfx_status rfx_order_begin_cancel(struct rfx_order *order, struct rfx_session *session,
                                          const char *id,
                                          struct rfx_builder **builder) RFX_MUST_CHECK;
RFX_API rfx_status rfx_order_begin_replace(struct rfx_order *order, struct rfx_session *session,
                                           const char *id, const struct rfx_order_terms *terms,
                                           struct rfx_builder **builder) RFX_MUST_CHECK;

/* Sends what was begun last for this order, and notes it. errors as rfx_session_commit(): the
 * order is as it was before begin */
RFX_API rfx_status rfx_order_commit(struct rfx_order *order, struct rfx_session *session,
                                    struct rfx_builder *builder) RFX_MUST_CHECK;

/* Takes an ExecutionReport(8) or an OrderCancelReject(9). It is this order's when ClOrdID(11) or
 * OrigClOrdID(41) is that of the order or of a request, or OrderID(37) is the order's. One that was
 * not sent has none but by an order_id that the caller has set: an order given by telephone. A
 * rejection under a request's ClOrdID is about the request.
 *
 * errors   nothing has changed then:
 *          RFX_E_NOT_FOUND: another message, or about another order
 *          RFX_E_INVALID: OrdStatus(39) is missing or unknown, or a quantity is no number
 *          RFX_E_STATE: came already, or later than what is known to have happened after it */
RFX_API rfx_status rfx_order_take(struct rfx_order *order,
                                  const struct rfx_message *message) RFX_MUST_CHECK;

/* Whether a request for it would make sense now: it was sent, is not finished, and no cancel
 * request is open. One that is not acknowledged yet may be cancelled. */
RFX_API bool rfx_order_can_cancel(const struct rfx_order *order);
RFX_API bool rfx_order_can_replace(const struct rfx_order *order);

/* True when it will not trade any more: filled, cancelled, rejected, expired. Only a correction of
 * what has happened (a trade that is cancelled, a filled order that is replaced) changes that.
 * Done for the day is not the end: the order may come back tomorrow. */
RFX_API bool rfx_order_is_finished(const struct rfx_order *order);

#ifdef __cplusplus
}
#endif

#endif
