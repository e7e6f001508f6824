/* The two applications built into ringfixd. */
#ifndef RINGFIXD_APPS_H
#define RINGFIXD_APPS_H

#include "ringfix/ringfix.h"

/* Fills in the callbacks; context stays the caller's.
 *
 * executor  answers a NewOrderSingle(D) with one ExecutionReport(8) that fills it
 * echo      sends NewOrderSingle(D), SecurityDefinition(d) and Email(C) back, fields by ascending
 *           tag; an order with PossResend(97)=Y whose ClOrdID(11) is known is swallowed
 *
 * Anything else from the counterparty gets a BusinessMessageReject(j). */
void app_executor(struct rfx_app *app);
void app_echo(struct rfx_app *app);

/* BusinessMessageReject(j) about a message: RefSeqNum(45), RefMsgType(372),
 * BusinessRejectReason(380), Text(58). */
void app_reject(struct rfx_session *session, const struct rfx_message *message, int reason,
                const char *text);

/* Sends what the builder holds, or says on stderr why that was not possible. */
void app_commit(struct rfx_session *session, struct rfx_builder *builder);

#endif
