/* The application: a struct of callbacks. Every pointer may be NULL. */
#ifndef RINGFIX_APP_H
#define RINGFIX_APP_H

#include "ringfix/session.h"

#ifdef __cplusplus
extern "C" {
#endif

enum rfx_log_level { RFX_LOG_ERROR, RFX_LOG_WARNING, RFX_LOG_INFO, RFX_LOG_DEBUG };

/* Callbacks of one session come from its shard's thread, one at a time, in MsgSeqNum order, each
 * message once per process lifetime. Different shards call at the same time: data shared between
 * sessions of different shards is the application's to protect. A callback may send on any
 * session of the same shard. It must not block: the whole shard waits for it. */
struct rfx_app {
    void *context; /* first argument of every callback */

    /* A connection belongs to the session now: the acceptor has read a Logon that names it, or
     * the initiator's connect succeeded. Nothing is agreed yet. */
    void (*on_connect)(void *context, struct rfx_session *session);

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

    /* Once per turn of each shard, after the callbacks of that turn. now_ns is the shard's
     * monotonic clock. Returns the time by which it wants to be called again even if nothing
     * else happens; UINT64_MAX: no wish. */
    uint64_t (*on_turn)(void *context, uint32_t shard, uint64_t now_ns);

    /* One line of text, without a newline, from any of the server's threads. Called for rare
     * events only. */
    void (*on_log)(void *context, enum rfx_log_level level, const char *text);
};

#ifdef __cplusplus
}
#endif

#endif
