/* A FIX session: its state, its numbers, and sending on it.
 *
 * thread   every function here belongs to the shard that owns the session; call it from that
 *          shard's callbacks only (one that sends ends the program when another thread calls it).
 *          rfx_session_post(), rfx_session_shard(), and a session's name and parts are for any
 *          thread.
 *          Handles stay valid until rfx_server_close(), but for two:
 *          a session made from a template whose first Logon was not accepted ends with
 *          on_disconnect; and while a Logon awaits its verdict (RFX_LATER), on_authenticate gets
 *          for each further Logon of that session a stand-in, which has a name and an address and
 *          is valid during that call alone. When its Logon is accepted the session itself is
 *          connected, by on_connect, and the other Logons' connections are closed. A refusal's text
 *          is not sent on it. */
#ifndef RINGFIX_SESSION_H
#define RINGFIX_SESSION_H

#include "ringfix/builder.h"
#include "ringfix/message.h"
#include "ringfix/shard.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_session;

enum rfx_role { RFX_ROLE_ACCEPTOR, RFX_ROLE_INITIATOR };

/* The connection states of the FIX session layer. Values up to RFX_INITIATE_CONNECTION mean that
 * there is no connection; the first four are seen in on_state_change alone, on the way to one of
 * the two that wait. */
enum rfx_state {
    RFX_STATE_UNKNOWN = 0,
    RFX_DISCONNECTED_NOCONN_TODAY = 1, /* not connected since the process started */
    RFX_DISCONNECTED_WCONN_TODAY = 2,  /* was active, ended by a Logout */
    RFX_DISCONNECTED_BROKEN_CONN = 3,  /* ended without a Logout handshake */
    RFX_AWAITING_CONNECTION = 4,       /* acceptor: listening for the counterparty */
    RFX_INITIATE_CONNECTION = 5,       /* initiator: connecting */
    RFX_NETWORK_CONN_ESTABLISHED = 6,
    RFX_LOGON_INITIAL_SENT = 7,  /* initiator: Logon journaled */
    RFX_LOGON_INITIAL_RECV = 8,  /* acceptor: Logon is well-formed, the application decides */
    RFX_LOGON_RESPONSE = 9,      /* acceptor: Logon answered */
    RFX_RESENDREQ_HANDLING = 10, /* serving a ResendRequest */
    RFX_RECV_SEQNUM_TOO_HIGH = 11,
    RFX_RESENDREQ_AWAITING = 12, /* a gap is being filled by the counterparty */
    RFX_NO_MSG_IN_INTERVAL = 13, /* silence for longer than the heartbeat interval allows */
    RFX_AWAIT_PROC_TEST_REQ = 14,
    RFX_RECEIVED_LOGOUT = 15,
    RFX_INITIATE_LOGOUT = 16, /* Logout sent, answer awaited */
    RFX_ACTIVE = 17,
    RFX_WAITING_FOR_LOGON = 18, /* initiator: Logon sent, answer awaited */
};

/* The name of a state as written above without RFX_, never NULL. Any thread. */
RFX_API const char *rfx_state_text(enum rfx_state state);

/* Why a connection ended. Every disconnect has exactly one reason. */
enum rfx_disconnect_reason {
    RFX_REASON_NONE = 0,
    RFX_REASON_LOGOUT_RECEIVED,   /* the counterparty logged out and was answered */
    RFX_REASON_LOGOUT_COMPLETED,  /* our Logout was answered */
    RFX_REASON_LOGOUT_TIMEOUT,    /* our Logout was not answered in time */
    RFX_REASON_PEER_CLOSED,       /* end of stream without a Logout */
    RFX_REASON_CONNECTION_LOST,   /* the socket reported an error */
    RFX_REASON_CONNECT_FAILED,    /* initiator: nobody answers at the address */
    RFX_REASON_LOGON_TIMEOUT,     /* no Logon in time */
    RFX_REASON_LOGON_REFUSED,     /* initiator: answered by something other than a Logon */
    RFX_REASON_NOT_A_LOGON,       /* first message is not a Logon */
    RFX_REASON_GARBLED_LOGON,     /* first bytes are not a FIX message */
    RFX_REASON_UNKNOWN_SESSION,   /* no session with these CompIDs and BeginString */
    RFX_REASON_DUPLICATE_SESSION, /* the session is already connected */
    RFX_REASON_SESSION_LIMIT,     /* MaxSessions is reached */
    RFX_REASON_INVALID_LOGON,     /* a Logon that cannot be accepted */
    RFX_REASON_ADDRESS,           /* the address is not in AllowedRemoteAddresses */
    RFX_REASON_AUTHENTICATION,    /* the application refused the Logon */
    RFX_REASON_SESSION_TIME,      /* outside the session's schedule, or its time is over */
    RFX_REASON_BAD_SENDING_TIME,  /* SendingTime(52) beyond MaxLatency */
    RFX_REASON_BAD_COMP_ID,       /* CompIDs changed in mid-session */
    RFX_REASON_BAD_BEGIN_STRING,  /* BeginString changed in mid-session */
    RFX_REASON_SEQ_NUM_TOO_LOW,   /* MsgSeqNum below the expected one, no PossDupFlag */
    RFX_REASON_SEQ_NUM_MISSING,   /* a message without a usable MsgSeqNum */
    RFX_REASON_TEST_REQUEST_UNANSWERED,
    RFX_REASON_SLOW_CONSUMER, /* the send queue reached SendQueueSize */
    RFX_REASON_APPLICATION,   /* rfx_session_disconnect() */
    RFX_REASON_SERVER_STOPPED,
    RFX_REASON_JOURNAL_FULL,     /* nothing can be journaled for now, so nothing is sent */
    RFX_REASON_DISABLED,         /* the operator has disabled the session, see ringfix/admin.h */
    RFX_REASON_ADDRESS_LIMIT,    /* MaxConnectionsPerAddress is reached */
    RFX_REASON_PENDING_LIMIT,    /* MaxPendingLogons is reached: the oldest without a Logon goes */
    RFX_REASON_CONNECTION_LIMIT, /* MaxConnections is reached: likewise */
    RFX_REASON_LISTENER,         /* not the SocketAcceptPort of the session, or not by TLS */
    RFX_REASON_TLS,          /* the handshake failed, or something later; logged with the cause */
    RFX_REASON_CERTIFICATE,  /* not the session's CertificateName */
    RFX_REASON_PROXY,        /* UseTCPProxy, and no valid PROXY header came first */
    RFX_REASON_RECONFIGURED, /* the session goes on with another configuration, or with none */
    RFX_REASON_COUNT
};

/* A reason in plain words, never NULL. Any thread. */
RFX_API const char *rfx_disconnect_reason_text(enum rfx_disconnect_reason reason);

/* "BeginString:SenderCompID->TargetCompID", as seen from this process; NUL-terminated. With SubIDs
 * and LocationIDs a side is "CompID/SubID/LocationID", and a SessionQualifier follows a colon. */
RFX_API const char *rfx_session_name(const struct rfx_session *session);

/* BeginString(8), and the CompIDs of both sides; they live as long as the session. Any thread. */
RFX_API const char *rfx_session_begin_string(const struct rfx_session *session);
RFX_API struct rfx_bytes rfx_session_sender_comp_id(const struct rfx_session *session);
RFX_API struct rfx_bytes rfx_session_target_comp_id(const struct rfx_session *session);

RFX_API enum rfx_state rfx_session_state(const struct rfx_session *session);
RFX_API enum rfx_role rfx_session_role(const struct rfx_session *session);

/* The version of its application messages as ApplVerID(1128) counts them: 2 for FIX.4.0 to 6 for
 * FIX.4.4; with FIXT.1.1 the DefaultApplVerID(1137) in force, 7 for FIX.5.0 to 9 for FIX.5.0SP2. A
 * single message may say otherwise by its own ApplVerID(1128). */
RFX_API unsigned rfx_session_appl_ver_id(const struct rfx_session *session);

/* HeartBtInt(108) in force, in seconds; 0 when heartbeats are off. */
RFX_API uint32_t rfx_session_heartbeat_s(const struct rfx_session *session);

/* The MsgSeqNum(34) the next message sent will carry, and the next one expected. */
RFX_API uint64_t rfx_session_next_out(const struct rfx_session *session);
RFX_API uint64_t rfx_session_next_in(const struct rfx_session *session);

/* The other end of the connection as "address:port"; "" while there is none. */
RFX_API const char *rfx_session_remote_address(const struct rfx_session *session);

/* The common name in the certificate that the counterparty of an acceptor has shown, or its first
 * subjectAltName when it has none; "" without a connection, without TLS, and when none was asked
 * for (CertificateVerifyLevel). Valid during the callback. The shard's thread. */
RFX_API const char *rfx_session_certificate_name(const struct rfx_session *session);

/* A place for the application's own data: NULL until set, never touched by ringfix. */
RFX_API void rfx_session_set_user(struct rfx_session *session, void *user);
RFX_API void *rfx_session_user(const struct rfx_session *session);

/* The shard that owns the session: always the same one while the server runs. */
RFX_API struct rfx_shard *rfx_session_shard(const struct rfx_session *session);

/* What another thread has the session's shard do. Returns true when it is done; false has it called
 * again, soon and before the tasks that were posted after it, as when rfx_session_begin() has
 * returned RFX_E_FULL.
 *
 * context  of struct rfx_app        data  the copy, valid during the call; NULL when size is 0 */
typedef bool rfx_session_task(void *context, struct rfx_session *session, const void *data,
                              size_t size);

/* Has a task run by the session's shard, in one of its next turns; tasks of one thread in their
 * order. That is how other threads send: what the message needs is in the data, and the task builds
 * and commits it. The session need not be logged on: the task sees what it is.
 *
 * session  one that stays: configured, or logged on once
 * data     size bytes, copied; the copy is aligned to 8 bytes
 * thread   any, from on_shard_start of the first shard until rfx_server_close()
 * errors   RFX_E_STATE: the server has stopped. Tasks that wait then are not run, so data should
 *          not own anything
 *          RFX_E_FULL: what is posted to that shard and not done reaches PostQueueSize; try later
 *          RFX_E_INVALID: size is above PostQueueSize        RFX_E_NOMEM */
RFX_API rfx_status rfx_session_post(struct rfx_session *session, rfx_session_task *task,
                                    const void *data, size_t size) RFX_MUST_CHECK;

/* True when logged on and not logging out. */
RFX_API bool rfx_session_is_logged_on(const struct rfx_session *session);

/* Starts an application message. Header and trailer are the session's business: add the body's
 * fields in order (header fields beyond 8, 9, 34, 35, 49, 52, 56 first), then commit.
 *
 * msg_type  MsgType(35), up to 7 printable characters, none of the session layer's (0 to 5, A);
 *           borrowed until return
 * builder   valid until the callback returns, and until the next call on any session of this
 *           shard other than rfx_builder_*, rfx_session_commit and getters; one builder at a
 *           time (one that was begun before is stale), no need to close it
 * errors    RFX_E_INVALID: msg_type
 *           RFX_E_STATE: neither logged on nor waiting for the answer to our Logout. Messages for
 *           later are the application's to keep
 *           RFX_E_FULL: what this turn may send is used up (some thousands of small messages);
 *           go on in the next callback, on_turn, or a task posted to the session */
RFX_API rfx_status rfx_session_begin(struct rfx_session *session, const char *msg_type,
                                     struct rfx_builder **builder) RFX_MUST_CHECK;

/* Gives the message its MsgSeqNum(34), journals it with this turn's commit and sends it once
 * that commit is done. While our Logout awaits its answer, messages still come in and may be
 * answered: such an answer is journaled but not sent, for nothing may follow a Logout, and the
 * counterparty asks for it when it sees the gap at its next Logon.
 *
 * seq_num  may be NULL
 * errors   RFX_E_INVALID: rfx_builder_problem() says what; nothing was sent, no number is used up
 *          RFX_E_STATE: as rfx_session_begin, or the builder is stale */
RFX_API rfx_status rfx_session_commit(struct rfx_session *session, struct rfx_builder *builder,
                                      uint64_t *seq_num) RFX_MUST_CHECK;

/* Answers an application message that cannot be served: a BusinessMessageReject(j) from FIX.4.2 on,
 * a session Reject(3) before.
 *
 * message  the one that is refused, borrowed until return
 * reason   BusinessRejectReason(380), such as 3: unsupported message type
 * ref_id   BusinessRejectRefID(379), for example the ClOrdID; may be NULL
 * text     Text(58), not empty
 * errors   as rfx_session_begin and rfx_session_commit; RFX_E_INVALID: text */
RFX_API rfx_status rfx_session_business_reject(struct rfx_session *session,
                                               const struct rfx_message *message, int reason,
                                               const char *ref_id, const char *text) RFX_MUST_CHECK;

/* Sends a TestRequest(1). errors RFX_E_STATE: not logged on, or one is pending already;
 * RFX_E_FULL as rfx_session_begin. */
RFX_API rfx_status rfx_session_send_test_request(struct rfx_session *session) RFX_MUST_CHECK;

/* Sends a Logout(5) with an optional Text(58) (NULL: none) and waits LogoutTimeout for the
 * answer. errors RFX_E_STATE: not logged on, RFX_E_INVALID: unprintable, empty, or above 1024
 * characters,
 * RFX_E_FULL as rfx_session_begin. */
RFX_API rfx_status rfx_session_logout(struct rfx_session *session, const char *text) RFX_MUST_CHECK;

/* Closes the connection without a Logout. errors RFX_E_STATE: not connected, RFX_E_FULL as
 * rfx_session_begin. */
RFX_API rfx_status rfx_session_disconnect(struct rfx_session *session) RFX_MUST_CHECK;

/* Sets both sequence numbers to 1 and forgets what was journaled, in one transaction.
 * errors RFX_E_STATE: connected (the counterparty could not see it; log out first), or from a
 * template and never accepted; RFX_E_FULL as rfx_session_begin. */
RFX_API rfx_status rfx_session_reset(struct rfx_session *session) RFX_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
