/* What an operator sees of a running server and does to its sessions: the functions behind
 * ringfix-ctl, for programs that embed the server.
 *
 * thread   any that is not a callback's (the program is ended with a line that says so), until
 * rfx_server_close() is called: each function waits until the session's shard has done its part,
 * for at most RFX_ADMIN_WAIT_MS errors   of all of them: RFX_E_NOT_FOUND, no such session ·
 * RFX_E_FULL, the shard did not answer in time; it may still do what was asked · RFX_E_STATE, not
 * now, the text says what to do first, or the server has stopped · RFX_E_NOMEM */
#ifndef RINGFIX_ADMIN_H
#define RINGFIX_ADMIN_H

#include "ringfix/config.h"
#include "ringfix/session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_server;

#define RFX_ADMIN_WAIT_MS 2000

/* What a session has done since the server was opened. */
struct rfx_session_counts {
    uint64_t messages_in; /* well-formed ones, whatever became of them */
    uint64_t messages_out;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t rejects_in;  /* Reject(3) and BusinessMessageReject(j) */
    uint64_t rejects_out; /* those of the session layer, and rfx_session_business_reject() */
    uint64_t resend_requests_in;
    uint64_t resend_requests_out;
    uint64_t messages_resent; /* with PossDupFlag(43)=Y, gap fills not counted */
    uint64_t logons;
    uint64_t disconnects;
};

/* A session at one moment. Times are UTC in nanoseconds since 1970, 0: not, or not yet. */
struct rfx_session_status {
    const char *name;           /* valid during the call of visit alone, as are the other texts */
    const char *remote_address; /* "" without a connection */
    enum rfx_role role;
    enum rfx_state state;
    bool is_logged_on;
    bool is_disabled;
    bool is_removed;       /* no longer configured, and still on its way out */
    bool is_from_template; /* made by a Logon */
    uint32_t shard;
    uint32_t heartbeat_s; /* HeartBtInt(108) in force */
    uint64_t next_in;
    uint64_t next_out;
    uint64_t gap_last;      /* last number of the gap that is being filled, 0: none */
    uint64_t resend_left;   /* numbers of a ResendRequest that are not answered yet */
    uint64_t queued_bytes;  /* of messages that wait for a gap to be filled, see GapQueueSize */
    uint64_t round_trip_ns; /* from our latest TestRequest(1) to its answer, 0: none yet */
    int64_t connected_utc_ns;
    int64_t logged_on_utc_ns;
    int64_t last_in_utc_ns;
    int64_t last_out_utc_ns;
    int64_t created_utc_ns;                 /* when both numbers were last set to 1 */
    enum rfx_disconnect_reason last_reason; /* why the latest connection ended */
    struct rfx_session_counts counts;
};

/* Calls visit for every session, shard by shard; each shard is asked for a few hundred at a time,
 * between its other work. Sessions that come or go meanwhile may be left out. Ends when visit
 * returns false.
 *
 * name  of the one session wanted; NULL: all of them. RFX_E_NOT_FOUND: there is none */
RFX_API rfx_status rfx_admin_sessions(struct rfx_server *server, const char *name,
                                      bool (*visit)(void *context,
                                                    const struct rfx_session_status *status),
                                      void *context, struct rfx_error *error) RFX_MUST_CHECK;

#define RFX_HISTOGRAM_BUCKETS 40

/* How often values came: counts[0] zeros, counts[i] those from 2^(i-1) to below 2^i; the last
 * bucket takes all that are larger, too. */
struct rfx_histogram {
    uint64_t counts[RFX_HISTOGRAM_BUCKETS];
    uint64_t sum;
};

/* One worker thread since the server was opened. */
struct rfx_worker_status {
    uint32_t index;
    bool has_loop;  /* it runs the I/O loop of that index */
    bool has_shard; /* it runs the shard of that index: shard */
    uint32_t shard;
    uint64_t turns;
    uint64_t busy_turns;             /* those with something to do */
    uint64_t busy_ns;                /* what they took; the rest it has slept or looked for work */
    struct rfx_histogram ring_bytes; /* of a shard: what waited in its rings, at each busy turn */
    struct rfx_histogram commit_ns;  /* of a shard: each append to the journal */
    uint64_t journal_bytes;          /* of a shard: of messages, in those appends */
    uint64_t accepted;               /* of an I/O loop: connections from outside */
    uint64_t garbled;                /* of an I/O loop: messages that were ignored as garbled */
    uint32_t connections;            /* of an I/O loop: open now */
};

/* Calls visit for every worker, without asking any: numbers of one look may be a little apart. */
RFX_API void rfx_admin_workers(const struct rfx_server *server,
                               void (*visit)(void *context, const struct rfx_worker_status *status),
                               void *context);

/* Logs a session out. It may log on again; see rfx_admin_disable().
 * text    Text(58) of the Logout, NULL: none           errors  RFX_E_STATE: it is not logged on,
 *         RFX_E_INVALID: text is empty, too long or not printable ASCII */
RFX_API rfx_status rfx_admin_logout(struct rfx_server *server, const char *name, const char *text,
                                    struct rfx_error *error) RFX_MUST_CHECK;

/* Closes a session's connection without a Logout. errors RFX_E_STATE: it has none */
RFX_API rfx_status rfx_admin_disconnect(struct rfx_server *server, const char *name,
                                        struct rfx_error *error) RFX_MUST_CHECK;

/* Logs a session out and refuses its Logons, or, of an initiator, does not dial, until
 * rfx_admin_enable() or the end of the process. A session that is in that state already stays so.
 */
RFX_API rfx_status rfx_admin_disable(struct rfx_server *server, const char *name,
                                     struct rfx_error *error) RFX_MUST_CHECK;
RFX_API rfx_status rfx_admin_enable(struct rfx_server *server, const char *name,
                                    struct rfx_error *error) RFX_MUST_CHECK;

/* Sends a TestRequest(1); round_trip_ns tells how long its answer took.
 * errors RFX_E_STATE: not logged on, or one is unanswered already */
RFX_API rfx_status rfx_admin_test_request(struct rfx_server *server, const char *name,
                                          struct rfx_error *error) RFX_MUST_CHECK;

/* Sets the numbers of a session that has no connection; 0 leaves one as it is. The next number out
 * can be raised alone: a number that was sent is not used again while the process runs.
 *
 * errors RFX_E_STATE: connected; disable it first · RFX_E_INVALID: next_out below the present one
 *        (rfx_admin_reset(), or ringfix-journal set-seq while the server is stopped) */
RFX_API rfx_status rfx_admin_set_numbers(struct rfx_server *server, const char *name,
                                         uint64_t next_out, uint64_t next_in,
                                         struct rfx_error *error) RFX_MUST_CHECK;

/* Sets both numbers of a session without a connection to 1 and forgets its messages.
 * errors RFX_E_STATE: connected; disable it first */
RFX_API rfx_status rfx_admin_reset(struct rfx_server *server, const char *name,
                                   struct rfx_error *error) RFX_MUST_CHECK;

/* What a reload did. */
struct rfx_reload {
    size_t added;
    size_t changed;
    size_t removed;
    size_t unchanged;
    size_t failed;        /* could not be added, changed or removed; each is in the log */
    size_t needs_restart; /* settings of the whole server that differ; each is in the log */
};

/* Takes over the sessions of another configuration. Sessions are told apart by their names. One
 * that is new is added, one that is missing is logged out and refused from then on, one with
 * another setting is logged out and goes on with the new ones as soon as its connection has ended;
 * those that did not change notice nothing. Sessions made from a template follow it. Dictionaries
 * are read again for what is new or different alone. Settings of the whole server,
 * and JournalKeepMessages and JournalKeepSeconds of a session that is there already, take effect at
 * the next start. A session that is added again is the same handle as before, with the numbers it
 * had; until the process ends it counts in MaxSessions. What a session had is kept until
 * rfx_server_close(): each reload costs memory for the sessions that it changes.
 *
 * config   borrowed until return
 * errors   RFX_E_CONFIG, RFX_E_IO: something is wrong with it, RFX_E_STATE: it cannot be taken over
 *          without a restart: nothing was done. Else of the first session that failed
 *          (report->failed), the others are done. Waits longer than the other functions: for name
 *          servers, and for each session */
RFX_API rfx_status rfx_admin_reload(struct rfx_server *server, const struct rfx_config *config,
                                    struct rfx_reload *report,
                                    struct rfx_error *error) RFX_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
