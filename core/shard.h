/* A shard: one thread's sessions, their timers, and the loop over both. It talks to I/O loops
 * through rings and to the journal through a port; tests stand at the other end of either.
 *
 * thread   everything here belongs to the shard's worker, once it runs; open and close may be
 *          called by the thread that puts the server together */
#ifndef RFX_CORE_SHARD_H
#define RFX_CORE_SHARD_H

#include <stdatomic.h>

#include "core/journal_port.h"
#include "core/link.h"
#include "core/ring.h"
#include "core/session.h"
#include "ringfix/app.h"

struct rfx_shard;

/* What one append to the journal holds at most. */
struct rfx_shard_batch {
    size_t bytes; /* of messages */
    size_t ops;
};

struct rfx_shard_batch rfx_shard_batch_max(const struct rfx_config *config);

struct rfx_shard_options {
    uint32_t index;
    const struct rfx_config *config; /* borrowed for the shard's life, its sessions resolved */
    const struct rfx_app *app;       /* borrowed for the shard's life */
    /* One for each session of config, in its order, for the templates among them; borrowed. */
    const struct rfx_profile *profiles;
    _Atomic uint64_t *disconnects; /* count by reason, RFX_REASON_COUNT; borrowed */
    struct rfx_journal_port journal;
    struct rfx_message_log *message_log; /* NULL: none; borrowed */
    int64_t utc_ns;                      /* now, for sessions that are made before the first turn */
    uint32_t loop_count;
    struct rfx_ring *const *from_loops; /* loop_count each; borrowed */
    struct rfx_ring *const *to_loops;
    uint32_t home_loop;              /* where initiators of this shard connect */
    _Atomic uint32_t *session_count; /* of all shards, bounded by MaxSessions */
    /* Called after something was published for a loop, once per flush; a turn has up to three. */
    void (*notify)(void *context, uint32_t loop);
    void *notify_context;
    /* Called by other threads after they left something for this shard. */
    void (*wake)(void *context);
    void *wake_context;
};

/* errors   RFX_E_NOMEM */
rfx_status rfx_shard_open(const struct rfx_shard_options *options, struct rfx_shard **shard,
                          struct rfx_error *error) RFX_MUST_CHECK;
void rfx_shard_close(struct rfx_shard *shard);

/* Makes a session of this shard, with the numbers the journal has for it, before the first turn.
 * errors RFX_E_JOURNAL, RFX_E_FULL (MaxSessions), RFX_E_NOMEM */
rfx_status rfx_shard_add_session(struct rfx_shard *shard, const struct rfx_profile *profile,
                                 const char *target_comp_id, struct rfx_session **session,
                                 struct rfx_error *error) RFX_MUST_CHECK;

/* One turn: what the loops sent, timers, the application's turn, one commit, then what is to be
 * sent. Returns how much was done; 0 when there was nothing to do.
 *
 * errors   RFX_E_JOURNAL in *status: the batch of this turn is lost, nothing of it was sent. The
 *          shard does no more work after that. When the journal has merely no room, the shard waits
 *          for it, and logs its sessions out if that may take long; a stop waits five seconds. */
size_t rfx_shard_work(struct rfx_shard *shard, struct rfx_now now, rfx_status *status,
                      struct rfx_error *error);

/* Work of the server's own that another thread leaves for the shard's next turn. Returns false to
 * be called again a turn later. shard NULL: the shard closes, the job will not be done. */
typedef bool rfx_shard_job(struct rfx_shard *shard, void *context);

/* thread any, until rfx_shard_close()        errors RFX_E_NOMEM */
rfx_status rfx_shard_post_job(struct rfx_shard *shard, rfx_shard_job *job,
                              void *context) RFX_MUST_CHECK;

/* What a new configuration brings for one session. */
struct rfx_shard_change {
    enum { RFX_SHARD_ADD, RFX_SHARD_CHANGE, RFX_SHARD_REMOVE } what;
    const struct rfx_profile *profile; /* ADD, CHANGE; borrowed until rfx_shard_close() */
    const char *name;
    struct rfx_session *session; /* out: the one with that name */
};

/* Carries it out on a shard that is at work. A session that is connected is logged out first and
 * goes on, or goes, as soon as its connection has ended. One that was removed and is added again is
 * the same handle.
 *
 * errors   as rfx_shard_add_session(); RFX_E_STATE: ConnectionType differs from what it was
 *          RFX_E_NOT_FOUND: CHANGE, REMOVE */
rfx_status rfx_shard_change(struct rfx_shard *shard, struct rfx_shard_change *change,
                            struct rfx_error *error) RFX_MUST_CHECK;

/* What a new configuration brings for templates. Sessions that were made from one that is replaced
 * go on with what stands in its place; those of one that is not there any more are removed. */
struct rfx_shard_templates {
    const struct rfx_profile **all; /* allocated, the shard's from the first call on; the profiles
                                       are borrowed until rfx_shard_close() */
    size_t count;
    const struct rfx_profile **before; /* those that are replaced, */
    const struct rfx_profile **after;  /* and by what; NULL: by nothing */
    size_t change_count;
    uint32_t cursor; /* 0 at first */
};

/* On a shard that is at work. False: there was no room for all, to be called again in the next
 * turn. */
bool rfx_shard_set_templates(struct rfx_shard *shard, struct rfx_shard_templates *templates);

/* When rfx_shard_work() has to be called again even if nothing arrives. */
uint64_t rfx_shard_deadline_ns(const struct rfx_shard *shard);

/* True when a ring from a loop holds something, or another thread has left something, and the
 * shard may take it. */
bool rfx_shard_has_input(const struct rfx_shard *shard);

/* What a shard is at, as another thread sees it. */
struct rfx_shard_pulse {
    uint64_t turn;        /* odd: in the middle of it; the next one is another */
    const char *callback; /* the one that is under way, NULL: none */
    const char *session;  /* the one it is about, NULL: none, or none that stays */
};

/* thread any, until rfx_shard_close() */
void rfx_shard_get_pulse(const struct rfx_shard *shard, struct rfx_shard_pulse *pulse);

/* Whether the calling thread runs it. thread any, until rfx_shard_close() */
bool rfx_shard_is_own(const struct rfx_shard *shard);

/* The worker's last call: on_shard_stop; what others have posted and was not run is dropped. */
void rfx_shard_finish(struct rfx_shard *shard);

/* Logs out every session in the course of the next turns and refuses new connections.
 * rfx_shard_is_stopped() tells when all are gone and everything is in the rings. */
void rfx_shard_stop(struct rfx_shard *shard);
bool rfx_shard_is_stopped(const struct rfx_shard *shard);

#endif
