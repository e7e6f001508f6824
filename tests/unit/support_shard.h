/* A shard whose I/O loops, journal and clock are the test's.
 *
 * The test holds the other ends of the rings: it plays the counterparties and reads what goes to
 * the wire. The journal is in memory. Whatever leaves the shard, and every callback, becomes one
 * line of the trace:
 *
 *   journal A message 1           the journal's batch, op by op
 *   wire 1 > Logon seq=1 98=0     connection 1, which is loop 0 unless the test says otherwise
 *   wire 1 close: logged out
 *   app A on_logon healthy
 */
#ifndef RFX_TESTS_SUPPORT_SHARD_H
#define RFX_TESTS_SUPPORT_SHARD_H

#include "core/shard.h"
#include "tests/support.h"
#include "tests/unit/support_wire.h"

#define SHARD_RIG_LOOPS       2
#define SHARD_RIG_CONFIGS     8
#define SHARD_RIG_CONNECTIONS 8192

/* 2024-05-06 12:00:00 UTC, when now_ms is 0. */
#define SHARD_RIG_UTC_NS (INT64_C(1714996800) * (int64_t)RFX_NS_PER_S)

/* One stored message. */
struct fake_row {
    uint64_t seq_num;
    uint32_t size;
    char *data;
};

struct fake_session {
    char name[RFX_SESSION_NAME_MAX];
    uint64_t next_out;
    uint64_t next_in;
    int64_t created_utc_ns;
    struct rfx_journal_keep keep;   /* as of the last attach */
    uint64_t next_out_before_reset; /* of the last reset */
    struct fake_row *rows;          /* by ascending seq_num */
    size_t row_count;
    size_t row_capacity;
};

/* A journal in memory that can fail, and that checks its caller's promises. */
struct fake_journal {
    struct fake_session *sessions;
    size_t session_count;
    size_t session_capacity;
    size_t append_count;
    size_t fail_append; /* the append with this number, from 1, fails; 0: none */
    bool fail_attach;
    bool fail_read;
    enum rfx_journal_room room;
    bool is_full; /* append() says so */
    size_t read_count;
};

struct shard_rig {
    struct rfx_config config; /* change before shard_rig_open() */
    struct rfx_session_config sessions[SHARD_RIG_CONFIGS];
    struct rfx_profile profiles[SHARD_RIG_CONFIGS]; /* made of sessions by shard_rig_open() */
    _Atomic uint64_t disconnects[RFX_REASON_COUNT];
    _Atomic size_t wake_count;
    struct rfx_app app;            /* callbacks of the test replace the ones that only trace */
    size_t ring_size;              /* of the rings to the loops */
    bool traces_states;            /* on_state_change in the trace too */
    bool answers_drains;           /* DRAIN is answered by DRAINED at once */
    uint16_t accept_port;          /* of the listener */
    const char *certificate_names; /* as struct rfx_link_message has it; NULL: no TLS */
    struct rfx_message_log *message_log; /* the test's; NULL: none */
    const char *peer;     /* who is at the other end, as a loop says with a Logon; or NULL */
    bool is_sum_wrong;    /* CheckSum of what is received, as a loop says */
    bool is_wire_blocked; /* the loops do not read */
    struct rfx_shard *shard;
    _Atomic uint32_t session_count;
    struct rfx_ring from_loops[SHARD_RIG_LOOPS];
    struct rfx_ring to_loops[SHARD_RIG_LOOPS];
    struct rfx_ring *from_pointers[SHARD_RIG_LOOPS];
    struct rfx_ring *to_pointers[SHARD_RIG_LOOPS];
    struct fake_journal journal;
    uint64_t start_ns; /* the monotonic clock when now_ms is 0 */
    uint64_t now_ms;
    uint32_t generation; /* of every connection that begins */
    size_t sent_count;   /* SEND records read from the rings */
    size_t drain_count;
    size_t close_count;
    size_t notify_count;
    void *user; /* the test's own */
    struct rfx_error error;
    struct text trace;
};

/* One acceptor template SERVER -> "*", one loop, MaxSessions 16, 1 MiB rings, drains answered. */
int shard_rig_set_up(void **state);
int shard_rig_tear_down(void **state);

#define SHARD_TEST(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, shard_rig_set_up, shard_rig_tear_down)

void shard_rig_open(struct shard_rig *rig);

/* Closes the shard and opens it again; the journal keeps what it has. */
void shard_rig_reopen(struct shard_rig *rig);

struct rfx_session *shard_rig_add(struct shard_rig *rig, const struct rfx_session_config *config,
                                  const char *target_comp_id);

/* A message on a connection of loop 0, from a CompID; MsgSeqNum must be given. The next turn sees
 * it. */
void shard_rig_receive(struct shard_rig *rig, uint32_t connection, const char *comp_id,
                       const char *text);
void shard_rig_receive_on(struct shard_rig *rig, uint32_t loop, uint32_t connection,
                          const char *comp_id, const char *text);

/* What a loop says about a connection: CONNECTED, DISCONNECTED, DRAINED. */
void shard_rig_say(struct shard_rig *rig, enum rfx_link_type type, uint32_t connection,
                   uint32_t token, enum rfx_disconnect_reason reason);

/* One turn; then the loops read their rings, unless they are blocked. */
rfx_status shard_rig_turn(struct shard_rig *rig);

/* What the loops can see in their rings by now. Every message must be in the journal. */
void shard_rig_read_wire(struct shard_rig *rig);

/* Turns until nothing is left to do at this time. */
void shard_rig_settle(struct shard_rig *rig);

/* Lets time pass, turning at every deadline of the shard. */
void shard_rig_advance(struct shard_rig *rig, uint64_t ms);

/* A Logon of a CompID on a connection, taken; leaves nothing in the trace. */
void shard_rig_log_on(struct shard_rig *rig, uint32_t connection, const char *comp_id);

struct fake_session *shard_rig_stored(struct shard_rig *rig, const char *comp_id);

void shard_rig_trace(struct shard_rig *rig, const char *format, ...) RFX_PRINTF(2, 3);
void shard_rig_forget(struct shard_rig *rig);
#define expect_shard_trace(rig, text) shard_rig_expect(rig, text, __FILE__, __LINE__)
void shard_rig_expect(struct shard_rig *rig, const char *text, const char *file, int line);
bool shard_rig_saw(const struct shard_rig *rig, const char *text);

/* A message of the application with one field: RFX_OK when it was committed. */
rfx_status shard_rig_send(struct rfx_session *session, const char *msg_type, int32_t tag,
                          const char *value);

/* The CompID of the counterparty. */
const char *shard_rig_name(const struct rfx_session *session);

/* support_shard_app.c */
struct rfx_app shard_rig_app(struct shard_rig *rig);

/* support_shard_journal.c */
struct rfx_journal_port fake_journal_port(struct shard_rig *rig);
/* As retention does: these messages are gone, the numbers stay. */
void fake_journal_drop(struct shard_rig *rig, const char *comp_id, uint64_t first, uint64_t last);
void fake_journal_close(struct fake_journal *journal);

#endif
