/* Shared by the files of the load. */
#ifndef LOADGEN_LOAD_INTERNAL_H
#define LOADGEN_LOAD_INTERNAL_H

#include <pthread.h>
#include <stdalign.h>

#include "bench/loadgen/flight.h"
#include "bench/loadgen/load.h"

struct lane;

struct load_session {
    struct lane *lane;          /* NULL until it connected */
    struct rfx_session *handle; /* NULL until it connected */
    struct load_session *next_waiting;
    struct flight flight;
    uint64_t quota;    /* orders to send in the whole run */
    uint64_t admitted; /* open loop: intended sends that have come up */
    uint64_t due;      /* orders that may be sent now */
    uint64_t base;     /* the number of the step's first order */
    uint32_t number;   /* from 1 */
    uint32_t failures[FAILURE_COUNT];
    bool is_logged_on;
    bool is_lost;
    bool is_away;            /* by --churn: logs out, is logged out, or logs on again */
    uint64_t out_at_leaving; /* the MsgSeqNum after its Logout, at least */
    bool is_waiting;         /* in the lane's list of those that send in the shard's turn */
};

/* A step's measured time. */
struct lane_window {
    uint64_t sent;
    uint64_t answered;
    uint64_t not_sent;
    uint64_t lag_count;
    double lag_sum_ns;
    uint64_t lag_max_ns;
};

struct lane {
    /* Written by the lane's shard alone, watched by the main thread. */
    alignas(128) _Atomic uint64_t sent;
    _Atomic uint64_t answered;
    _Atomic uint64_t outstanding;
    _Atomic uint64_t last_answer_ns; /* also behind the end of the step */
    _Atomic uint32_t logged_on;
    _Atomic uint32_t lost;
    _Atomic uint32_t unfinished;
    _Atomic uint32_t done_step; /* the last step in which it sends nothing any more */
    struct histogram latency;

    /* The shard's own. */
    struct load *load;
    uint32_t step; /* the one it is in */
    struct series *series;
    struct load_session **sessions; /* that are logged on; once begun, by number */
    uint32_t session_count;
    uint32_t cursor; /* open loop: whose intended send comes next */
    struct load_session *waiting_first;
    struct load_session *waiting_last;
    bool has_begun;
    uint64_t measure_from_ns; /* UINT64_MAX until begun */
    struct lane_window window;
    uint32_t churn_cursor;
    uint64_t churn_ns; /* when the next session logs out */
    uint64_t logouts;  /* by --churn */
    uint64_t logons;   /* again, after these */
    uint64_t gaps;
    uint64_t resends;
    uint64_t mix_sent[MIX_LINES_MAX];
    char notes[FAILURE_COUNT][REPORT_NOTE_SIZE];
    char logout_text[REPORT_NOTE_SIZE]; /* the latest Logout's Text(58) */
    uint32_t logout_session;            /* whose; 0: none */
};

struct load {
    const struct options *options;
    struct log *log;
    pthread_key_t lane_key; /* the calling thread's lane */
    bool has_lane_key;
    _Atomic uint32_t lanes_claimed;
    _Atomic uint32_t step;     /* from 1; what is not atomic here changes before it does */
    _Atomic uint64_t start_ns; /* UINT64_MAX until load_begin() */
    _Atomic uint64_t end_ns;
    _Atomic bool expects_logouts;
    uint64_t measure_from_ns; /* written before start_ns */
    double interval_ns;       /* between two intended sends, or bursts, of all sessions; 0: closed
                                 loop */
    bool has_begun;
    int64_t utc_offset_ns;  /* UTC minus the monotonic clock */
    bool has_transact_time; /* an order of this version has a TransactTime(60) */
    struct lane *lanes;     /* options->threads */
    struct load_session *sessions;
};

/* Adds to a counter that only the calling thread writes. */
static inline void lane_count(_Atomic uint64_t *counter, uint64_t added)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + added,
                          memory_order_relaxed);
}

static inline void lane_gauge(_Atomic uint32_t *gauge, int32_t change)
{
    uint32_t value = atomic_load_explicit(gauge, memory_order_relaxed);
    atomic_store_explicit(gauge, value + (uint32_t)change, memory_order_relaxed);
}

/* The lane of the calling shard; a shard that calls for the first time claims one. */
struct lane *load_lane_here(struct load *load);

/* Counts a failure and keeps the first of its kind in words; text may be hostile, and empty. */
void load_fail(struct load_session *session, enum failure kind, const char *what,
               struct rfx_bytes text);

/* load_churn.c */

/* Logs out the sessions whose time has come. */
void load_churn(struct lane *lane, uint64_t now_ns);

/* A session that was away is logged on again, and goes on. */
void load_come_back(struct load_session *session);

/* load_order.c */

/* True when the session may have one more order in flight. */
bool load_has_room(struct load_session *session);

/* Sends the session's next order, which the caller adds to its flight; *now_ns is when.
 * errors   as rfx_session_begin; RFX_E_INVALID cannot be */
rfx_status load_order_send(struct load_session *session, uint64_t *now_ns) RFX_MUST_CHECK;

/* load_send.c */

/* Sends what is due on a session, up to a slice; what is left waits for its turn. False when the
 * shard has no room for more in this turn. */
bool load_send_due(struct load_session *session);

/* Has the session send in the shard's turn, behind those that wait already. */
void load_wait_for_turn(struct load_session *session);

/* The shard's turn: on_turn of struct rfx_app. */
uint64_t load_on_turn(void *context, struct rfx_shard *shard, uint64_t now_ns);

/* True until the end of the step, as seen at stamp. */
bool load_may_send(const struct lane *lane, uint64_t stamp);

#endif
