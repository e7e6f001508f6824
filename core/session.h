/* The FIX session layer as a pure step: events in, actions out. No I/O, no clock, no allocation.
 *
 * The shard owns sessions, feeds them events one at a time and carries out the actions in their
 * order. Numbers advance here; that they become durable before a byte leaves is the shard's
 * business. Rules follow the FIX session layer (FIX 4.0 to 4.4, volume 2; FIXT 1.1);
 * docs/session.md has them one by one.
 *
 * thread   the shard that owns the session */
#ifndef RFX_CORE_SESSION_H
#define RFX_CORE_SESSION_H

#include <stdatomic.h>

#include "core/encode.h"
#include "core/message.h"
#include "core/profile.h"
#include "core/session_name.h"
#include "core/timestamp.h"
#include "ringfix/admin.h"
#include "ringfix/config.h"

struct rfx_session {
    const struct rfx_session_config *config; /* a template serves many sessions */
    const struct rfx_profile *profile;       /* of the same */
    _Atomic int8_t log_level;                /* LogLevel; for any thread */
    const char *name;
    void *user;
    enum rfx_state state;
    bool was_active;      /* since this connection began */
    bool sent_reset;      /* initiator: our Logon carried ResetSeqNumFlag(141) */
    bool test_is_pending; /* a TestRequest(1) is unanswered */
    bool logout_is_sent;
    bool is_disabled;       /* nobody is logged on, as outside the session's times */
    bool awaits_redelivery; /* our Logon said by NextExpectedMsgSeqNum(789) what is missing */
    uint32_t heartbeat_s;   /* HeartBtInt(108) in force */
    uint64_t next_out;      /* MsgSeqNum(34) of the next message sent */
    uint64_t next_in;       /* MsgSeqNum(34) expected next */
    uint64_t gap_last;      /* last number known to be missing, 0: no gap */
    uint64_t gap_asked;     /* next_in when the gap was last asked for */
    uint64_t gap_end;       /* EndSeqNo(16) of that, 0: everything */
    uint64_t gap_seen;      /* next_in when it was last looked whether the gap gets smaller */
    uint64_t gap_retry_ns;  /* when to look again */
    uint64_t logon_ahead;   /* MsgSeqNum(34) of a Logon that came too high, 0: none */
    uint64_t replay_next;   /* first number of a resend not yet covered, 0: no resend */
    uint64_t replay_last;
    uint64_t last_sent_ns;
    uint64_t last_received_ns;
    uint64_t deadline_ns;   /* of the Logon, the Logout or the TestRequest that is awaited; of the
                               next connect while an initiator is disconnected */
    uint64_t schedule_ns;   /* when to look at the schedule again */
    uint64_t test_sent_ns;  /* of the TestRequest(1) whose Heartbeat(0) is awaited, 0: none */
    uint64_t round_trip_ns; /* between the latest such pair, 0: none yet */
    uint64_t logged_on_ns;  /* since when */
    uint64_t connected_ns;  /* since when */
    int64_t created_utc_ns; /* when both numbers were last set to 1 */
    uint8_t appl_ver_id;    /* DefaultApplVerID(1137) in force */
    uint32_t failures;      /* initiator: connections in a row that came to nothing */
    uint32_t jitter;        /* 0..255, so that many initiators do not connect all at once */
    enum rfx_disconnect_reason logout_reason; /* why we log out, reported at the close */
    struct rfx_session_counts counts;
    struct rfx_rules rules; /* application version as the Logons have it */
    struct rfx_identity identity;
};

enum rfx_event_type {
    RFX_EVENT_START,        /* the shard has begun to work */
    RFX_EVENT_CONNECTED,    /* the session has a connection */
    RFX_EVENT_DISCONNECTED, /* the connection is gone, or the connect failed */
    RFX_EVENT_MESSAGE,      /* a framed and indexed message */
    RFX_EVENT_VERDICT,      /* what the application says about a Logon, after AUTHENTICATE */
    RFX_EVENT_SEND,         /* the application's message is complete in `writer` */
    RFX_EVENT_TICK,         /* rfx_session_deadline_ns() has come */
    RFX_EVENT_REPLAYED,     /* one stored message of the range asked for */
    RFX_EVENT_REPLAY_END,   /* no more stored messages in that range */
    RFX_EVENT_LOGOUT,       /* log out, with `text` or NULL */
    RFX_EVENT_TEST_REQUEST, /* send a TestRequest */
    RFX_EVENT_CLOSE,        /* disconnect without a Logout, for `reason` */
    RFX_EVENT_RESET,        /* both numbers to 1; only without a connection */
    RFX_EVENT_SET_NUMBERS,  /* to next_out and next_in; only without a connection */
    RFX_EVENT_DISABLE,      /* log out if need be, with `text` and for `reason`; nobody logs on
                               until ENABLE */
    RFX_EVENT_ENABLE,
    RFX_EVENT_RECONFIGURE, /* go on with `profile`; only without a connection */
};

struct rfx_event {
    enum rfx_event_type type;
    struct rfx_now now;
    const struct rfx_message *message; /* MESSAGE, REPLAYED; VERDICT: the Logon again */
    bool from_queue;                   /* MESSAGE: held back earlier by a QUEUE action */
    bool may_replay;                   /* REPLAYED: false asks for a gap fill instead */
    uint64_t seq_num;                  /* REPLAYED */
    enum rfx_disconnect_reason reason; /* DISCONNECTED, CLOSE, LOGOUT */
    const char *text;                  /* LOGOUT; VERDICT: of a refusal, may be NULL */
    bool is_accepted;                  /* VERDICT */
    bool was_judged;                   /* VERDICT: of a Logon that another session like this one
                                          has examined; here nothing has come yet */
    struct rfx_bytes logon_fields;     /* CONNECTED, initiator: more fields for its Logon */
    struct rfx_writer *writer;         /* SEND */
    uint64_t next_out;                 /* SET_NUMBERS */
    uint64_t next_in;
    const struct rfx_profile *profile; /* RECONFIGURE: of the same role and name; borrowed as
                                          rfx_session_init() has it */
};

enum rfx_action_type {
    RFX_ACTION_SEND,         /* bytes to the counterparty; journaled first when is_stored */
    RFX_ACTION_RESET,        /* the journal forgets the session's messages; both numbers are 1 */
    RFX_ACTION_CONNECT,      /* initiator: connect to the configured address */
    RFX_ACTION_CLOSE,        /* close the connection once everything before is sent */
    RFX_ACTION_QUEUE,        /* hold this message back until its number is due */
    RFX_ACTION_AUTHENTICATE, /* ask the application about this Logon, answer by VERDICT */
    RFX_ACTION_REPLAY,       /* read the stored messages first..last and feed them as REPLAYED */
    RFX_ACTION_DELIVER,      /* the message to the application */
    RFX_ACTION_STATE,        /* report a change of state */
    RFX_ACTION_LOGON,        /* report a logon */
    RFX_ACTION_LOGOUT,       /* report the message, a Logout */
    RFX_ACTION_NOTE,         /* a line for the log */
};

struct rfx_action {
    enum rfx_action_type type;
    union {
        struct {
            struct rfx_bytes bytes; /* in rfx_actions.space */
            uint64_t seq_num;
            bool is_stored;
            bool is_withheld; /* journaled alone: the counterparty asks for it at the next Logon */
        } send;
        struct {
            uint64_t first, last;
        } replay;
        struct {
            enum rfx_state from, to;
        } state;
        uint64_t queue_seq_num;
        uint32_t host; /* CONNECT: which of the configured ones */
        enum rfx_disconnect_reason close_reason;
        bool is_healthy;
        char note[96];
    };
};

#define RFX_ACTIONS_MAX 16

/* One step's output. The shard sets space and the cache; the step fills the rest. */
struct rfx_actions {
    size_t count;
    char *space; /* where messages are written */
    size_t space_size;
    size_t space_used;
    struct rfx_utc_cache *utc;
    struct rfx_validate_scratch *scratch; /* may be NULL when no session checks by dictionary */
    struct rfx_action items[RFX_ACTIONS_MAX];
};

/* Room a step needs for the messages it writes: the echo of the longest TestReqID or the replay
 * of the longest message, and a handful of short ones. */
#define RFX_STEP_SPACE(message_size_max) ((size_t)(message_size_max) + 4096)

/* What a session starts with: the journal's word. */
struct rfx_session_start {
    uint64_t next_out;
    uint64_t next_in;
    int64_t created_utc_ns; /* when the numbers were last reset */
};

/* Bytes that rfx_session_init() needs for a session's name and header fields. */
size_t rfx_session_memory_size(const struct rfx_session_config *config, const char *target_comp_id);

/* profile  borrowed for the session's life; a template serves many sessions
 * target_comp_id  of the profile's configuration, but for templates; borrowed until return
 * memory   rfx_session_memory_size() bytes that live as long as the session */
void rfx_session_init(struct rfx_session *session, const struct rfx_profile *profile,
                      const char *target_comp_id, const struct rfx_session_start *start,
                      char *memory);

void rfx_session_step(struct rfx_session *session, const struct rfx_event *event,
                      struct rfx_actions *out);

/* When the session wants a TICK; RFX_NEVER_NS: not until something else happens. Traffic only
 * moves it to later, so a caller may keep an old, earlier value. */
uint64_t rfx_session_deadline_ns(const struct rfx_session *session);

/* Starts an application message with the number that is next, at the free end of out->space.
 * Its SEND event must follow before any other step. */
void rfx_session_begin_message(struct rfx_session *session, struct rfx_bytes msg_type,
                               struct rfx_now now, struct rfx_writer *writer,
                               struct rfx_actions *out);

/* True when the application may send: logged on, or our Logout awaits its answer. A message of
 * that time is not sent, for nothing may follow a Logout, but it is journaled under its number. */
bool rfx_session_may_send(const struct rfx_session *session);

/* Whether BeginString and CompIDs of a header are this session's. */
bool rfx_session_is_for(const struct rfx_session *session, const struct rfx_header *header);

/* Whether the numbers are those of an earlier session time than the present one. */
bool rfx_session_is_outdated(const struct rfx_session *session, struct rfx_now now);

/* True while there is a connection, logged on or not. */
bool rfx_session_is_connected(const struct rfx_session *session);

#endif
