/* The application: a struct of callbacks. Every pointer may be NULL. */
#ifndef RINGFIX_APP_H
#define RINGFIX_APP_H

#include "ringfix/log.h"
#include "ringfix/session.h"
#include "ringfix/shard.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the application says about a Logon. */
enum rfx_verdict {
    RFX_ACCEPT,
    RFX_REFUSE,
    RFX_LATER, /* by rfx_logon_settle(), within LogonTimeout */
};

/* A Logon that awaits its verdict. To be copied, not to be looked into. */
struct rfx_logon_ticket {
    void *shard;
    uint64_t id;
    uint32_t token;
};

#define RFX_REFUSAL_MAX 128 /* of a refusal's text, NUL included */

/* Callbacks of one session come from its shard's thread, one at a time, in MsgSeqNum order, each
 * message once per process lifetime (unless an operator sets its number back). After a crash the
 * messages of the last moments come again, with PossDupFlag(43): those whose turn had not been
 * journaled; nothing that was sent in that turn has left. What a callback does elsewhere must stand
 * that. Different shards call at the same time: data shared between sessions of different shards is
 * the application's to protect. A callback may send on any session of the same shard. It must not
 * block: the whole shard waits for it. */
struct rfx_app {
    void *context; /* first argument of every callback; of on_log unless there is log_context */

    /* A connection belongs to the session now: the acceptor has read a Logon that names it, or
     * the initiator's connect succeeded. Nothing is agreed yet. */
    void (*on_connect)(void *context, struct rfx_session *session);

    /* Acceptor: a Logon that is well-formed and from an allowed address asks to be let in. Until
     * this is settled it has no effect whatever: no answer, no reset (ResetSeqNumFlag included),
     * nothing journaled. Username(553), Password(554) and RawData(96) are in the message.
     * NULL: every such Logon is accepted.
     *
     * ticket   for RFX_LATER: keep a copy and settle it from any thread
     * text     RFX_REFUSE: why, for Text(58) of a Logout, up to RFX_REFUSAL_MAX - 1 printable
     *          characters; left empty, the connection is closed without a word. Such a Logout uses
     *          up one of our sequence numbers, so say nothing to strangers. A session that was
     *          never logged on and comes from a template is closed without a word in any case. */
    enum rfx_verdict (*on_authenticate)(void *context, struct rfx_session *session,
                                        const struct rfx_message *logon,
                                        const struct rfx_logon_ticket *ticket,
                                        char text[RFX_REFUSAL_MAX]);

    /* Initiator: its Logon is about to be sent; fields put into the builder (Username(553),
     * Password(554), a venue's own) are added to it. The builder is valid during the call, holds
     * 4000 bytes and is not committed. */
    void (*on_build_logon)(void *context, struct rfx_session *session, struct rfx_builder *builder);

    /* The connection is gone. Called once for every on_connect. */
    void (*on_disconnect)(void *context, struct rfx_session *session,
                          enum rfx_disconnect_reason reason);

    /* Logged on. is_healthy is false when messages of the counterparty are missing: they have
     * been asked for and will be delivered first. */
    void (*on_logon)(void *context, struct rfx_session *session, bool is_healthy);

    /* A Logout(5) was received, as an announcement or as the answer to ours. */
    void (*on_logout)(void *context, struct rfx_session *session,
                      const struct rfx_message *message);

    /* An application message, or a session Reject(3) about one that was sent. */
    void (*on_message)(void *context, struct rfx_session *session,
                       const struct rfx_message *message);

    void (*on_state_change)(void *context, struct rfx_session *session, enum rfx_state from,
                            enum rfx_state to);

    /* The counterparty asked for this message again. False: a gap fill is sent in its place.
     * NULL: everything is replayed. */
    bool (*should_replay)(void *context, struct rfx_session *session,
                          const struct rfx_message *message);

    /* The first and the last callback of each shard, on its thread: where an application makes and
     * releases what it keeps per shard. No session is connected at either time. */
    void (*on_shard_start)(void *context, struct rfx_shard *shard);
    void (*on_shard_stop)(void *context, struct rfx_shard *shard);

    /* Once per turn of each shard, after the callbacks of that turn. now_ns is the shard's
     * monotonic clock. Returns the time by which it wants to be called again even if nothing
     * else happens; UINT64_MAX: no wish. For something at a certain time there are timers
     * (rfx_timer_set()). */
    uint64_t (*on_turn)(void *context, struct rfx_shard *shard, uint64_t now_ns);

    /* One line of text, without a newline, from any of the server's threads, and from those that
     * call rfx_admin_reload() or open and close the server. Called for rare events only. session:
     * the name of the one it is about, as rfx_session_name() has it; NULL: none in particular. Both
     * texts are borrowed until return. rfx_log_write() is one that writes a file. */
    void (*on_log)(void *context, enum rfx_log_level level, const char *session, const char *text);
    void *log_context; /* the first argument of on_log; NULL: context, as everywhere else */
};

/* A line of the application's own about a session, for on_log. Without on_log nothing happens.
 *
 * thread   the session's shard; for a session that stays (configured, or logged on once) any */
RFX_API void rfx_session_log(const struct rfx_session *session, enum rfx_log_level level,
                             const char *text);

/* Settles a Logon for which on_authenticate said RFX_LATER. A ticket whose connection is gone by
 * now, or that is settled already, is left alone.
 *
 * verdict  RFX_ACCEPT or RFX_REFUSE       text  of a refusal, copied and cut to
 *          RFX_REFUSAL_MAX - 1 characters; NULL: close without a word
 * thread   any, until rfx_server_close()
 * errors   RFX_E_NOMEM, RFX_E_INVALID (RFX_LATER, or text that is not printable) */
RFX_API rfx_status rfx_logon_settle(const struct rfx_logon_ticket *ticket, enum rfx_verdict verdict,
                                    const char *text) RFX_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
