/* A session on a virtual clock, and what it does as a text to compare with.
 *
 * The rig plays the shard's part: it keeps what is journaled, holds back what came too early and
 * feeds it when it is due, and calls the session when its deadline has come. Everything that
 * happens becomes one line of the trace. */
#ifndef RFX_TESTS_SUPPORT_SESSION_H
#define RFX_TESTS_SUPPORT_SESSION_H

#include "core/session.h"
#include "tests/support.h"
#include "tests/unit/support_wire.h"

#define RIG_MESSAGE_MAX 8192
#define RIG_KEPT_MAX    64

/* A message kept by the rig: journaled, or held back. */
struct rig_kept {
    uint64_t seq_num;
    size_t size;
    char *data;
};

struct session_rig {
    struct rfx_session_config config; /* change before rig_start() */
    uint64_t next_out;                /* numbers the session starts with, 1 and 1 */
    uint64_t next_in;
    bool (*should_replay)(uint64_t seq_num); /* NULL: everything */
    struct rfx_profile profile;              /* made of config by rig_start() */
    const struct rfx_zone *zone;
    void (*change_profile)(struct rfx_profile *profile); /* before the session is made; or NULL */
    bool keeps_verdict;  /* a Logon waits for rig_verdict(); else it is accepted at once */
    uint32_t last_host;  /* of the last CONNECT */
    bool awaits_verdict; /* the session has asked for one */
    char *logon;         /* the message that it has asked about */
    size_t logon_size;
    struct rfx_bytes logon_fields; /* an initiator's application adds to its Logon; whole fields */
    char last_sent[2048];          /* as it went to the wire, '|' for SOH */
    int64_t utc_jump_ns;           /* how far the UTC clock has been set from the monotonic one */
    int64_t created_utc_ns;        /* when the numbers were last reset before */
    struct rfx_session session;
    char memory[512]; /* the session's own */
    struct rfx_validate_scratch *scratch;
    uint64_t now_ms;
    struct rfx_utc_cache utc;
    struct rig_kept stored[RIG_KEPT_MAX];
    size_t stored_count;
    struct rig_kept held[RIG_KEPT_MAX];
    size_t held_count;
    uint64_t replay_first; /* 0: no resend is under way */
    uint64_t replay_last;
    uint32_t states_entered; /* bit per state */
    char space[RFX_STEP_SPACE(RIG_MESSAGE_MAX)];
    size_t trace_size;
    char trace[32768];
};

/* An acceptor SERVER -> CLIENT with QuickFIX's defaults: HeartBtInt 30, LogonTimeout 10,
 * LogoutTimeout 2, MaxLatency 120, ReconnectInterval 30. */
int session_rig_set_up_40(void **state);
int session_rig_set_up_41(void **state);
int session_rig_set_up_42(void **state);
int session_rig_set_up_43(void **state);
int session_rig_set_up_44(void **state);
int session_rig_set_up_50(void **state); /* FIXT.1.1 with FIX.5.0SP2 */
int session_rig_tear_down(void **state);

/* One test, run in both versions of FIX. */
#define SESSION_TEST(function)                                                                     \
    {#function " (FIX.4.2)", function, session_rig_set_up_42, session_rig_tear_down, NULL},        \
    {                                                                                              \
#function " (FIX.4.4)", function, session_rig_set_up_44, session_rig_tear_down, NULL       \
    }

/* One test, run in every version. */
#define SESSION_TEST_ALL(function)                                                                 \
    {#function " (FIX.4.0)", function, session_rig_set_up_40, session_rig_tear_down, NULL},        \
        {#function " (FIX.4.1)", function, session_rig_set_up_41, session_rig_tear_down, NULL},    \
        {#function " (FIX.4.3)", function, session_rig_set_up_43, session_rig_tear_down, NULL},    \
        {#function " (FIXT.1.1)", function, session_rig_set_up_50, session_rig_tear_down, NULL},   \
        SESSION_TEST(function)

/* The session is made, or made again with the numbers it had, and started. */
void rig_start(struct session_rig *rig);
void rig_connect(struct session_rig *rig);

/* Any event that needs no more than its type. */
void rig_event(struct session_rig *rig, enum rfx_event_type type);

/* Start, connect, Logon both ways with HeartBtInt 30; the trace begins behind it. */
void rig_log_on(struct session_rig *rig);

/* What the application says about the Logon that waits. */
void rig_verdict(struct session_rig *rig, bool is_accepted, const char *text);

/* The counterparty's message, MsgSeqNum as due unless given. */
void rig_receive(struct session_rig *rig, const char *text);

/* The application's message: "35=D|11=X". */
void rig_send(struct session_rig *rig, const char *text);

void rig_advance(struct session_rig *rig, uint64_t ms);
void rig_disconnected(struct session_rig *rig, enum rfx_disconnect_reason reason);
void rig_log_out(struct session_rig *rig, const char *text);
void rig_close(struct session_rig *rig, enum rfx_disconnect_reason reason);

/* Sets the UTC clock, in seconds since 1970; the monotonic one goes on. */
void rig_set_utc_s(struct session_rig *rig, int64_t utc_s);

/* Feeds stored messages of the range asked for, up to a number; rig_serve() all of them, and that
 * there are no more. */
void rig_serve_up_to(struct session_rig *rig, uint64_t last);
void rig_serve(struct session_rig *rig);

/* Compares with what was recorded since the last call, and starts anew. */
#define expect_trace(rig, text) rig_expect_trace(rig, text, __FILE__, __LINE__)
void rig_expect_trace(struct session_rig *rig, const char *text, const char *file, int line);
void rig_forget_trace(struct session_rig *rig);

/* Checks the numbers: next to send, next expected. */
#define expect_numbers(rig, out, in)                                                               \
    do {                                                                                           \
        assert_int_equal((rig)->session.next_out, out);                                            \
        assert_int_equal((rig)->session.next_in, in);                                              \
    } while (0)

#endif
