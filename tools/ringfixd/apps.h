/* The two applications built into ringfixd, and what they share. */
#ifndef RINGFIXD_APPS_H
#define RINGFIXD_APPS_H

#include "ringfix/ringfix.h"

/* Fills in the callbacks; context stays the caller's.
 *
 * executor  answers a NewOrderSingle(D) of any version with one ExecutionReport(8) that fills it
 * echo      sends NewOrderSingle(D), SecurityDefinition(d, from FIX.4.2 on) and Email(C) back,
 *           fields by ascending tag; an order with PossResend(97)=Y whose ClOrdID(11) is known is
 *           swallowed
 *
 * Anything else from the counterparty is refused. */
void app_executor(struct rfx_app *app);
void app_echo(struct rfx_app *app);

/* Versions of FIX as ApplVerID(1128) counts them. */
enum {
    APP_FIX40 = 2,
    APP_FIX41 = 3,
    APP_FIX42 = 4,
    APP_FIX43 = 5,
    APP_FIX50SP2 = 9,
};

/* The version of an application message: its own ApplVerID(1128), or the session's. */
unsigned app_version(const struct rfx_session *session, const struct rfx_message *message);

/* rfx_session_business_reject(), or a word on stderr why that was not possible. */
void app_reject(struct rfx_session *session, const struct rfx_message *message, int reason,
                const char *text);

/* Starts an answer; NULL, and a word on stderr, when that is not possible. */
struct rfx_builder *app_begin(struct rfx_session *session, const char *msg_type);

/* Sends what the builder holds, or says on stderr why that was not possible. */
void app_commit(struct rfx_session *session, struct rfx_builder *builder);

#endif
