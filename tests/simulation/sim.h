/* A simulated world: two processes, one hosting acceptors and one initiators, a network between
 * them, clocks and faults. The shards are real; their I/O loops, journals and applications are
 * played here. Everything that happens follows from the seed, in virtual time.
 *
 * What is checked while it runs, and what a failure prints, stands in check.c and journal.c:
 * journal before wire, no number used twice or left out, every application message delivered
 * once and in order, agreement when the faults are over.
 *
 * thread   one */
#ifndef RFX_SIMULATION_SIM_H
#define RFX_SIMULATION_SIM_H

#include "core/shard.h"
#include "tests/simulation/random.h"

#define SIM_PAIRS_MAX    3     /* sessions: an acceptor's and an initiator's end each */
#define SIM_CONNS        16    /* connections of a process */
#define SIM_LINKS        16    /* connections in the network */
#define SIM_MESSAGE_MAX  1024  /* MaxMessageSize */
#define SIM_RECEIVE_MAX  4096  /* bytes a connection holds before it is not read any more */
#define SIM_WINDOW_MAX   16384 /* bytes under way in one direction */
#define SIM_SEGMENTS_MAX 256
#define SIM_DELIVERIES   8192
#define SIM_MS           RFX_NS_PER_MS
#define SIM_S            RFX_NS_PER_S

enum sim_side { SIM_ACCEPTOR, SIM_INITIATOR };

static inline enum sim_side sim_other(enum sim_side side)
{
    return side == SIM_ACCEPTOR ? SIM_INITIATOR : SIM_ACCEPTOR;
}

/* ---------------------------------------------------------------------------------- the plan */

/* Faults and disturbances, each of which a seed may have or not. */
enum sim_fault {
    SIM_CUT,          /* a new connection is doomed to be cut at some byte */
    SIM_CUT_NOW,      /* one that works is cut a few bytes on */
    SIM_CONNECT,      /* refused, unanswered, or known to one side alone */
    SIM_KILL,         /* a process disappears between two turns */
    SIM_KILL_APPEND,  /* ... in the middle of a flush, before or behind the append */
    SIM_STOP,         /* an orderly end and a restart */
    SIM_CLOCK,        /* UTC jumps, within MaxLatency */
    SIM_CLOCK_FAR,    /* UTC jumps beyond MaxLatency and comes back later */
    SIM_SLOW,         /* a loop does not run, or does not read, for a while */
    SIM_GHOST,        /* a second connection with a Logon that was sent before */
    SIM_LOGOUT,       /* the application logs out */
    SIM_DISCONNECT,   /* the application closes the connection */
    SIM_TEST_REQUEST, /* the application asks for a sign of life */
    SIM_RESET,        /* both operators reset the numbers while there is no connection */
    SIM_RESET_LOGON,  /* every Logon carries ResetSeqNumFlag(141) */
    SIM_LATER,        /* a Logon's verdict comes later */
    SIM_REFUSE,       /* a Logon is refused by the application */
    SIM_DECLINE,      /* a message is not to be replayed */
    SIM_NO_ROOM,      /* a journal has no room for a while */
    SIM_FAULT_COUNT
};

const char *sim_fault_text(enum sim_fault fault);

/* Everything that is decided before the world begins. */
struct sim_plan {
    uint32_t faults; /* bit by enum sim_fault */
    uint32_t pair_count;
    const char *begin_string;
    bool is_template;       /* acceptors come from a template */
    uint64_t active_ns;     /* faults and traffic end then */
    uint64_t latency_ns[2]; /* at most, by the side that sends */
    uint32_t chunk_max;     /* bytes that travel together */
    uint32_t window;
    uint64_t turn_delay_ns; /* at most, until a process gets to its work */
    uint32_t ring_size;
    uint32_t gap_queue_size;
    uint32_t send_queue_size;
    uint64_t send_gap_ns; /* on average, between an application's bursts */
    uint32_t burst_max;
    uint32_t payload_max;
    uint32_t answer_percent;           /* of messages received */
    uint64_t fault_gap_ns;             /* on average */
    uint32_t cut_percent;              /* of new connections */
    struct rfx_session_config session; /* what both sides have in common */
};

void sim_plan_make(struct sim_plan *plan, struct sim_random *random);

static inline bool sim_plan_has(const struct sim_plan *plan, enum sim_fault fault)
{
    return (plan->faults >> fault & 1) != 0;
}

/* ------------------------------------------------------------------------------- the network */

struct sim_segment {
    uint64_t at_ns;
    uint32_t size;
};

enum sim_cut {
    SIM_CUT_RESET,       /* both ends notice */
    SIM_CUT_RESET_NEAR,  /* the sender of the fatal byte alone does */
    SIM_CUT_RESET_FAR,   /* its receiver alone does */
    SIM_CUT_FIN,         /* the stream ends there */
    SIM_CUT_SILENT_ONE,  /* nothing arrives any more in this direction */
    SIM_CUT_SILENT_BOTH, /* ... in both */
    SIM_CUT_COUNT
};

/* One direction of a connection. */
struct sim_pipe {
    char data[SIM_WINDOW_MAX]; /* from data_start on, as the segments divide it */
    uint32_t data_start;
    uint32_t data_size;
    struct sim_segment segments[SIM_SEGMENTS_MAX];
    uint32_t segment_start;
    uint32_t segment_count;
    uint64_t last_at_ns;
    uint64_t sent;   /* bytes, ever */
    uint64_t cut_at; /* after so many; UINT64_MAX: never */
    enum sim_cut cut;
    uint32_t lost; /* bytes that fill the window and never arrive */
    bool is_silent;
    uint64_t fin_ns; /* when the end of stream arrives; RFX_NEVER_NS: not yet sent */
};

struct sim_link {
    bool is_used;
    bool is_ghost; /* nobody of ours is the initiator */
    uint64_t ghost_until_ns;
    int conn[2]; /* slot at each side, -1: not yet, or gone */
    uint32_t generation[2];
    bool is_gone[2];          /* that end exists no more */
    uint64_t open_ns[2];      /* when that end learns that it is connected */
    uint64_t reset_ns[2];     /* when that end learns of a reset */
    struct sim_pipe pipes[2]; /* by the side that sends */
};

/* ------------------------------------------------------------------------------ the processes */

enum sim_conn_state {
    SIM_CONN_FREE,
    SIM_CONN_CONNECTING,
    SIM_CONN_OPEN,
    SIM_CONN_FLUSHING,
    SIM_CONN_LINGERING,
};

/* A connection as an I/O loop has it. */
struct sim_conn {
    enum sim_conn_state state;
    uint32_t generation;
    int link; /* -1: none (a connect that will fail) */
    uint32_t token;
    bool is_known; /* to the shard */
    bool is_connected_unreported;
    bool has_ended;
    bool end_is_reported;
    bool is_broken;
    bool wants_drained;
    enum rfx_disconnect_reason end_reason;
    uint64_t deadline_ns; /* of connecting, of the Logon, of lingering */
    uint64_t position;    /* in the ring to the shard, behind the last record */
    uint64_t last_sent;   /* the last new MsgSeqNum(34); UINT64_MAX behind a Logout */
    uint32_t received_size;
    char received[SIM_RECEIVE_MAX];
    char *pending; /* to be sent */
    uint32_t pending_size;
    uint32_t pending_capacity;
};

/* One journaled message. */
struct sim_row {
    uint64_t seq_num;
    size_t offset; /* in the generation's bytes */
    uint32_t size;
    uint32_t body;   /* where ClOrdID(11) begins; 0: not the application's */
    bool is_excused; /* rejected, or not to be replayed: need not arrive */
};

/* What was stored between two resets. */
struct sim_generation {
    struct sim_row *rows; /* without holes */
    size_t count;
    size_t capacity;
    char *bytes;
    size_t size;
    size_t bytes_capacity;
    uint64_t next_out; /* when it ended */
};

/* A place in the life of a session: lexicographic. */
struct sim_place {
    size_t generation;
    uint64_t seq_num;
};

/* A session in the journal of one side, with what the application there has been given. */
struct sim_store {
    char name[RFX_SESSION_NAME_MAX];
    bool is_attached;
    uint64_t next_out;
    uint64_t next_in;
    int64_t created_utc_ns;
    struct sim_generation *generations; /* the last is in force */
    size_t generation_count;
    struct sim_place delivered; /* the last message of the other side, as of the last commit */
    uint64_t delivered_count;
};

/* An application's end of a session. */
struct sim_end {
    struct rfx_session *session; /* NULL until it is known in this life of the process */
    bool is_up;                  /* between on_logon and on_disconnect */
    uint64_t send_ns;            /* next burst */
    bool wants_logout;
    bool wants_disconnect;
    bool wants_test_request;
    bool wants_reset;
    struct rfx_logon_ticket ticket;
    uint64_t settle_ns; /* when its verdict is due; RFX_NEVER_NS: none is */
};

struct sim_delivery {
    uint32_t pair;
    struct sim_place place;
};

struct sim;

struct sim_node {
    struct sim *sim;
    enum sim_side side;
    const char *name;
    struct rfx_config config;
    struct rfx_session_config sessions[SIM_PAIRS_MAX];
    struct rfx_profile profiles[SIM_PAIRS_MAX];
    struct rfx_host host;
    struct rfx_app app;
    struct rfx_shard *shard; /* NULL: the process is dead */
    _Atomic uint32_t session_count;
    _Atomic uint64_t disconnects[RFX_REASON_COUNT];
    struct rfx_ring from_loop;
    struct rfx_ring to_loop;
    struct rfx_ring *from_pointer;
    struct rfx_ring *to_pointer;
    uint64_t seen_position; /* in to_loop: everything before was found to be journaled */
    struct sim_conn conns[SIM_CONNS];
    struct sim_end ends[SIM_PAIRS_MAX];
    struct sim_store stores[SIM_PAIRS_MAX];
    struct sim_delivery deliveries[SIM_DELIVERIES]; /* of this turn, not yet committed */
    size_t delivery_count;
    uint64_t shard_ns; /* when the shard works next */
    uint64_t loop_ns;  /* when the loop works next, but for what arrives */
    uint64_t restart_ns;
    uint64_t paused_until_ns;      /* the loop does nothing */
    uint64_t stalled_until_ns;     /* the ring to the shard was full; it tries again then */
    uint64_t not_reading_until_ns; /* the loop takes nothing from the network */
    uint64_t no_room_until_ns;     /* in the journal */
    enum rfx_journal_room room;    /* until then; ROOM: only append() tells */
    bool has_batch_waiting;        /* append() had no room for it */
    int64_t utc_offset_ns;
    bool is_stopping;
    uint32_t kill_countdown; /* appends until the process dies in one; 0: not planned */
    bool kill_is_behind;     /* that append is carried out */
    bool is_killed;          /* in this turn */
};

/* ---------------------------------------------------------------------------------- the world */

/* What has happened, over all seeds: shows that a run has met what it is meant for. */
enum sim_count {
    SIM_COUNT_SEEDS,
    SIM_COUNT_SENT,
    SIM_COUNT_DELIVERED,
    SIM_COUNT_EXCUSED,
    SIM_COUNT_REPEATED,
    SIM_COUNT_GAP_FILLS,
    SIM_COUNT_LOGONS,
    SIM_COUNT_CONNECTS,
    SIM_COUNT_RESETS,
    SIM_COUNT_REJECTS,
    SIM_COUNT_KILLS,
    SIM_COUNT_KILLS_BEFORE_APPEND,
    SIM_COUNT_KILLS_BEHIND_APPEND,
    SIM_COUNT_INBOUND,
    SIM_COUNT_NO_ROOM,
    SIM_COUNT_RING_FULL,
    SIM_COUNT_GAP_QUEUE_FULL,
    SIM_COUNT_TURNS,
    SIM_COUNT_VIRTUAL_S,
    SIM_COUNT_REASONS, /* one for each reason of a disconnect */
    SIM_COUNT_COUNT = SIM_COUNT_REASONS + RFX_REASON_COUNT
};

struct sim {
    uint64_t seed;
    bool is_traced;
    bool is_hashed;
    uint64_t hash; /* of the trace */
    uint64_t *counts;
    struct sim_random random;
    struct sim_plan plan;
    uint64_t now_ns; /* since the world began */
    uint64_t fault_ns;
    bool is_quiet; /* no more faults, no more traffic */
    struct sim_node nodes[2];
    struct sim_link links[SIM_LINKS];
    char last_logon[SIM_PAIRS_MAX][SIM_MESSAGE_MAX]; /* of the initiator, for ghosts */
    uint32_t last_logon_size[SIM_PAIRS_MAX];
    uint64_t unique; /* of ClOrdIDs */
    uint64_t ended;  /* connections since the world settled */
    bool has_settled;
};

/* Runs one world to its end. Does not return when a check fails: see sim_fail(). */
void sim_run(struct sim *sim);

static inline uint64_t sim_dice(struct sim *sim, uint64_t low, uint64_t high)
{
    return sim_random_between(&sim->random, low, high);
}

static inline bool sim_chance(struct sim *sim, uint32_t percent)
{
    return sim_random_chance(&sim->random, percent);
}

/* Around `mean`, mostly shorter, at times much longer. */
uint64_t sim_random_gap(struct sim *sim, uint64_t mean_ns);

/* ---------------------------------------------------------------------------------- its parts */

/* trace.c */
void sim_trace(struct sim *sim, const char *who, const char *format, ...) RFX_PRINTF(3, 4);
void sim_trace_message(struct sim *sim, const char *who, const char *what, const char *data,
                       size_t size);
/* Ends the process with SIM_EXIT_FAILED: a promise was broken. */
_Noreturn void sim_fail(struct sim *sim, const char *format, ...) RFX_PRINTF(2, 3);
#define SIM_EXIT_FAILED 3
static inline void sim_count(struct sim *sim, int what)
{
    sim->counts[what]++;
}

/* network.c */
struct sim_link *sim_link_open(struct sim *sim);
uint32_t sim_link_send(struct sim *sim, struct sim_link *link, enum sim_side side, const char *data,
                       uint32_t size); /* returns how much was taken */
void sim_link_finish(struct sim *sim, struct sim_link *link, enum sim_side side);
enum sim_going { SIM_GOING_FIN, SIM_GOING_RESET, SIM_GOING_SILENT };
void sim_link_leave(struct sim *sim, struct sim_link *link, enum sim_side side,
                    enum sim_going going);
/* Moves what has arrived at a side into room; *at_end: and nothing more will come. */
uint32_t sim_link_receive(struct sim *sim, struct sim_link *link, enum sim_side side, char *room,
                          uint32_t size, bool *at_end);
uint64_t sim_link_next_ns(const struct sim_link *link, enum sim_side side);
void sim_link_run_ghost(struct sim *sim, struct sim_link *link);
void sim_link_cut(struct sim *sim, struct sim_link *link, enum sim_side side, enum sim_cut cut);
bool sim_link_is_empty(const struct sim_link *link);
uint64_t sim_latency_ns(struct sim *sim, enum sim_side side);

/* loop.c: the I/O loop of a process */
void sim_loop_work(struct sim_node *node);
uint64_t sim_loop_next_ns(const struct sim_node *node);
void sim_loop_accept(struct sim_node *node, struct sim_link *link);
void sim_loop_die(struct sim_node *node, enum sim_going going);

/* node.c: a process */
void sim_node_init(struct sim *sim, enum sim_side side);
void sim_node_open(struct sim_node *node);
void sim_node_work(struct sim_node *node);
void sim_node_kill(struct sim_node *node, enum sim_going going, const char *why);
void sim_node_release(struct sim_node *node);
void sim_node_wake(struct sim_node *node);
struct rfx_now sim_node_now(const struct sim_node *node);
uint64_t sim_node_mono(const struct sim *sim, uint64_t at_ns);

/* journal.c */
struct rfx_journal_port sim_journal_port(struct sim_node *node);
void sim_journal_release(struct sim_node *node);
const struct sim_row *sim_store_find(const struct sim_store *store, size_t generation,
                                     uint64_t seq_num);

/* app.c */
struct rfx_app sim_app(struct sim_node *node);
void sim_app_run_timers(struct sim_node *node);
uint64_t sim_app_next_ns(const struct sim_node *node);

/* faults.c */
void sim_fault_run(struct sim *sim);
void sim_faults_end(struct sim *sim);

/* check.c */
/* Returns MsgSeqNum(34) of a new message, 0 for a repetition. */
uint64_t sim_check_sent(struct sim_node *node, const char *data, size_t size);
void sim_check_wire(struct sim_node *node); /* what the loop could see by now */
void sim_check_delivery(struct sim_node *node, uint32_t pair, const struct rfx_message *message);
void sim_check_commit(struct sim_node *node);
bool sim_is_settled(struct sim *sim);
void sim_check_end(struct sim *sim);
uint32_t sim_pair_of_message(const struct rfx_message *message);

/* inside.c: the one file that looks into a shard */
size_t sim_inside_gap_bytes(const struct rfx_session *session);

#endif
