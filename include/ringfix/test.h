/* libringfix_test: an application's callbacks under test, without a socket and without a wait.
 *
 * The callbacks run on a real shard; its clock is virtual, its journal is in memory, and the test
 * plays the counterparties:
 *
 *   struct rfx_session_config session = rfx_session_config_default;   // an acceptor
 *   strcpy(session.begin_string, "FIX.4.4");
 *   strcpy(session.sender_comp_id, "ACME");
 *   strcpy(session.target_comp_id, "CLIENT");
 *   struct rfx_config config = rfx_config_default;
 *   config.sessions = &session;
 *   config.session_count = 1;
 *   struct rfx_test *test;
 *   struct rfx_error error;
 *   if (rfx_test_open(&config, &my_app, &test, &error) != RFX_OK) fail(error.text);
 *   struct rfx_peer *client = rfx_test_peer(test, 0, NULL);
 *   if (rfx_peer_logon(client, NULL) != RFX_OK ||
 *       rfx_peer_order(client, "11=A-1|38=100|44=10.50") != RFX_OK ||
 *       rfx_peer_expect(client, "35=8|11=A-1|39=2|14=100") != RFX_OK ||
 *       rfx_peer_expect_nothing(client) != RFX_OK) {
 *       fail(rfx_test_error(test));
 *   }
 *   rfx_test_advance(test, 3600);                                     // an hour of heartbeats
 *   rfx_test_close(test);
 *
 * Fields are written as "35=D|11=A-1": '|' stands for SOH. Everything that has to be done at a
 * moment is done before a call returns. Between calls the functions of session.h may be called as
 * in a callback; rfx_test_* and rfx_peer_* may not be called from callbacks.
 *
 * A call that fails says why in rfx_test_error(). Lack of memory ends the program.
 *
 * thread   one; rfx_logon_settle() from any, as ever */
#ifndef RINGFIX_TEST_H
#define RINGFIX_TEST_H

#include "ringfix/app.h"
#include "ringfix/config.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_test;
struct rfx_peer;

/* ------------------------------------------------------------------------------- the whole */

/* Opens the sessions of a configuration on one shard. What is about sockets, threads and the
 * journal in it is not used: initiators dial at once, and wait for rfx_peer_connect().
 *
 * config   borrowed until return; its dictionary files are read
 * app      copied; its context is borrowed until rfx_test_close()
 * errors   RFX_E_CONFIG, RFX_E_IO, RFX_E_NOMEM */
RFX_API rfx_status rfx_test_open(const struct rfx_config *config, const struct rfx_app *app,
                                 struct rfx_test **test, struct rfx_error *error) RFX_MUST_CHECK;

/* Releases everything, peers and messages included. NULL is allowed. The only callback that is
 * called is on_shard_stop. */
RFX_API void rfx_test_close(struct rfx_test *test);

/* Why the latest call failed, in one sentence; "" before the first failure. */
RFX_API const char *rfx_test_error(const struct rfx_test *test);

/* Lets time pass: timers, Heartbeats and TestRequests happen when they are due. Time stands still
 * otherwise. */
RFX_API void rfx_test_advance(struct rfx_test *test, double seconds);

/* What is due now, for example after a call of session.h. Calls that send or read begin with it. */
RFX_API void rfx_test_run(struct rfx_test *test);

/* The time of day: 2024-05-06 12:00 UTC, a Monday, at first. Setting it moves no timer. */
RFX_API int64_t rfx_test_utc_ns(const struct rfx_test *test);
RFX_API void rfx_test_set_utc_ns(struct rfx_test *test, int64_t utc_ns);

/* As rfx_server_stop(): logs all sessions out, waiting for answers as long as LogoutTimeout. */
RFX_API void rfx_test_stop(struct rfx_test *test);

/* ------------------------------------------------------------------------ the counterparty */

/* The counterparty of a session.
 *
 * session_index  in config.sessions
 * comp_id        of a template's client, which is made when it is asked for first; else NULL
 *
 * Valid until rfx_test_close(). A wrong index, or a CompID where there is none to choose, is an
 * assertion. */
RFX_API struct rfx_peer *rfx_test_peer(struct rfx_test *test, size_t session_index,
                                       const char *comp_id);

/* What the counterparty does by itself. */
enum rfx_peer_manner {
    /* Sends Heartbeats, answers TestRequests, resends what it is asked for, and answers a Logout.
     * The session layer's messages are not there to be read, but for Reject(3). How peers begin. */
    RFX_PEER_LIVE,
    /* Nothing. All messages are there to be read. */
    RFX_PEER_MANUAL,
};

RFX_API void rfx_peer_set_manner(struct rfx_peer *peer, enum rfx_peer_manner manner);

/* Opens the connection: to an acceptor a new one, of which the session learns with the first
 * message; of an initiator the one it asks for, on which its Logon comes.
 * errors RFX_E_STATE: connected already, or the initiator does not dial now */
RFX_API rfx_status rfx_peer_connect(struct rfx_peer *peer) RFX_MUST_CHECK;

/* Lets an initiator's connect fail. errors RFX_E_STATE: it does not dial now */
RFX_API rfx_status rfx_peer_refuse(struct rfx_peer *peer) RFX_MUST_CHECK;

/* Connects if need be and exchanges Logons.
 *
 * fields   more of them for the peer's Logon, "553=me|554=secret", or others than it would have
 *          ("108=5"); NULL: none
 * errors   RFX_E_STATE: not accepted (the text has the reason), as rfx_peer_connect() */
RFX_API rfx_status rfx_peer_logon(struct rfx_peer *peer, const char *fields) RFX_MUST_CHECK;

/* Logs out and awaits the answer. errors RFX_E_STATE: not connected, not answered */
RFX_API rfx_status rfx_peer_logout(struct rfx_peer *peer) RFX_MUST_CHECK;

/* Ends the connection without a word. Nothing happens when there is none. */
RFX_API void rfx_peer_disconnect(struct rfx_peer *peer);

RFX_API bool rfx_peer_is_connected(const struct rfx_peer *peer);

/* Why the session closed its connection last; RFX_REASON_NONE: it did not. */
RFX_API enum rfx_disconnect_reason rfx_peer_close_reason(const struct rfx_peer *peer);

/* The application's session; NULL while there is none: of a template, before the first message.
 * Settled numbers, state and so on are read from it by session.h. */
RFX_API struct rfx_session *rfx_peer_session(const struct rfx_peer *peer);

/* The Logon(A) of the application that came last; NULL: none yet. */
RFX_API const struct rfx_message *rfx_peer_logon_received(const struct rfx_peer *peer);

/* "192.0.2.1:4000" unless set; copied, up to 71 characters. For the next connection. */
RFX_API void rfx_peer_set_address(struct rfx_peer *peer, const char *address);

/* The MsgSeqNum(34) that the peer sends next, and the one it expects. Setting the first makes a
 * gap, or a number that is too low. The second is kept for the test's use alone: a peer does not
 * ask for what it has missed; send "35=2|7=1|16=0" for that. */
RFX_API uint64_t rfx_peer_next_out(const struct rfx_peer *peer);
RFX_API uint64_t rfx_peer_next_in(const struct rfx_peer *peer);
RFX_API void rfx_peer_set_next_out(struct rfx_peer *peer, uint64_t number);
RFX_API void rfx_peer_set_next_in(struct rfx_peer *peer, uint64_t number);

/* ------------------------------------------------------------------------------- sending */

/* Sends one message: "35=D|11=A-1|55=%s". BeginString, BodyLength, MsgSeqNum, CompIDs, SendingTime
 * and CheckSum are filled in, with 43=Y also OrigSendingTime. Given ones are taken as they are
 * ("34=7" uses up no number; "9=12" and "10=000" make it garbled), and "!52" leaves one out.
 * Header fields come first, wherever they stand.
 *
 * errors   RFX_E_STATE: not connected        RFX_E_INVALID: the text is not such a list, or has no
 *          MsgType(35) */
RFX_API rfx_status rfx_peer_send(struct rfx_peer *peer, const char *format, ...)
    RFX_PRINTF(2, 3) RFX_MUST_CHECK;

/* The same from fields, whose values may hold any byte. */
RFX_API rfx_status rfx_peer_send_fields(struct rfx_peer *peer, const struct rfx_field_view *fields,
                                        size_t count) RFX_MUST_CHECK;

/* Any bytes, as they would come through a socket: parts of a message, several, nonsense. */
RFX_API rfx_status rfx_peer_send_bytes(struct rfx_peer *peer,
                                       struct rfx_bytes bytes) RFX_MUST_CHECK;

/* ------------------------------------------------------------------------------- reading */

/* The next message of the application that was not read yet. Valid until rfx_test_close().
 * errors RFX_E_NOT_FOUND: no more */
RFX_API rfx_status rfx_peer_read(struct rfx_peer *peer,
                                 const struct rfx_message **message) RFX_MUST_CHECK;

/* Reads the next message and compares: each field given must be there with that value, the second
 * of the same tag with the message's second, in any order. "58=*" is any value, "!58" none. Other
 * fields do not matter.
 *
 * errors   RFX_E_NOT_FOUND: no more messages        RFX_E_INVALID: it differs (the text says
 * where), or `format` makes no such list */
RFX_API rfx_status rfx_peer_expect(struct rfx_peer *peer, const char *format, ...)
    RFX_PRINTF(2, 3) RFX_MUST_CHECK;

/* errors RFX_E_INVALID: there is another message, which the text shows; it stays unread */
RFX_API rfx_status rfx_peer_expect_nothing(struct rfx_peer *peer) RFX_MUST_CHECK;

/* The message that was read or compared last; NULL: none. */
RFX_API const struct rfx_message *rfx_peer_last(const struct rfx_peer *peer);

/* -------------------------------------------------------------------------------- orders */

/* These send a message whose usual fields, those that the session's version requires included, are
 * filled in; `format` makes others, or other values ("!44" leaves one out), or "%s" of "".
 * errors as rfx_peer_send(). */

/* A NewOrderSingle(D) to an acceptor: ClOrdID counted from "C1", Symbol TEST, to buy 100, at the
 * market unless there is a Price(44). */
RFX_API rfx_status rfx_peer_order(struct rfx_peer *peer, const char *format, ...)
    RFX_PRINTF(2, 3) RFX_MUST_CHECK;

/* An ExecutionReport(8) about an order or a request of the application, a D, F or G that was read:
 * New unless there is an OrdStatus(39). ExecType(150) and LeavesQty(151) follow from what is
 * given, a Trade from LastQty(32).
 * errors also RFX_E_INVALID: order is another message */
RFX_API rfx_status rfx_peer_report(struct rfx_peer *peer, const struct rfx_message *order,
                                   const char *format, ...) RFX_PRINTF(3, 4) RFX_MUST_CHECK;

/* An OrderCancelReject(9) of an F or G that was read: OrdStatus(39) New unless given. */
RFX_API rfx_status rfx_peer_reject(struct rfx_peer *peer, const struct rfx_message *request,
                                   const char *format, ...) RFX_PRINTF(3, 4) RFX_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
