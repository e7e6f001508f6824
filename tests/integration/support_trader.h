/* A counterparty with a memory: it sends orders, answers ResendRequests, and holds every message
 * it receives against all that it has ever received. A broken promise ends the test:
 *
 *   - a MsgSeqNum(34) comes twice with different content
 *   - a message that was received is replaced by a gap fill in a resend
 *   - a number is skipped, or reused after a reconnect
 *   - an order is answered twice */
#ifndef RFX_TESTS_SUPPORT_TRADER_H
#define RFX_TESTS_SUPPORT_TRADER_H

#include "tests/integration/support_peer.h"

#define TRADER_NUMBERS_MAX 65536 /* of messages in either direction */

struct trader {
    struct peer peer;
    char name[32];
    char **received;          /* content by MsgSeqNum; what came as a gap fill is "gap" */
    char **sent;              /* text of application messages by MsgSeqNum */
    uint64_t *reports;        /* MsgSeqNum of the report by number of the order, from 0 */
    uint64_t expected;        /* the next number of a message that is sent for the first time */
    uint64_t replay_next;     /* the next number of a resend that was asked for, 0: none */
    uint64_t logon_seq;       /* MsgSeqNum of the last Logon received */
    uint32_t resend_requests; /* how many the server has sent */
    bool expects_logout;
    bool has_logout;
    uint32_t order_count;
    uint32_t report_count;
};

void trader_open(struct trader *trader, unsigned number);
void trader_close(struct trader *trader);

/* Connects, logs on with the number that is due and checks the number of the answer. */
void trader_logon(struct trader *trader, uint16_t port);

/* Sends the next orders in one piece. False: the connection is gone. */
bool trader_send_orders(struct trader *trader, uint32_t count);

/* Takes in what there is, waiting for it up to timeout_ms. Returns PEER_MESSAGE for one message,
 * PEER_TIMEOUT or PEER_END. */
enum peer_result trader_turn(struct trader *trader, int timeout_ms);

/* Asks for every message there ever was and takes it in, gap fills in place of administrative
 * ones; also waits until every order is answered. */
void trader_verify(struct trader *trader);

/* Waits until every order is answered. */
void trader_await_reports(struct trader *trader);

/* Waits for the server's Logout, answers it, and waits for the end of the connection. */
void trader_await_logout(struct trader *trader);

#endif
