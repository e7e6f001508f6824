/* Shared by the files of the shard. */
#ifndef RFX_CORE_SHARD_INTERNAL_H
#define RFX_CORE_SHARD_INTERNAL_H

#include <stdatomic.h>

#include "core/builder.h"
#include "core/gap_queue.h"
#include "core/log_budget.h"
#include "core/message_log.h"
#include "core/outbox.h"
#include "core/shard.h"
#include "core/timers.h"

/* A session with what the shard keeps about it. */
struct rfx_hosted {
    struct rfx_session session;
    struct rfx_shard *shard;
    struct rfx_hosted *next_same_hash;
    struct rfx_hosted *next_dirty;   /* numbers differ from the journal's */
    struct rfx_hosted *next_replay;  /* a ResendRequest is being served */
    struct rfx_hosted *next_unqueue; /* queued messages are due */
    struct rfx_hosted *next_discard; /* provisional, and its connection is gone */
    struct rfx_hosted *primary;      /* of a stand-in: the session that its Logon is for */
    struct rfx_hosted *rivals;       /* stand-ins for this session */
    struct rfx_hosted *next_rival;
    const struct rfx_profile *next_profile; /* to go on with once there is no connection, or NULL */
    struct rfx_gap_queue queue;
    struct rfx_timer timer;
    struct rfx_conn_id conn;                   /* generation 0: no connection */
    enum rfx_disconnect_reason last_reason;    /* of the latest connection that ended */
    char remote_address[RFX_LINK_ADDRESS_MAX]; /* "" while there is no connection */
    char *certificate_name;                    /* of an acceptor's counterparty; NULL: none */
    char *logon; /* the message that awaits its verdict, NULL: none does */
    uint32_t logon_size;
    uint64_t logon_id; /* of its ticket */
    uint64_t name_hash;
    uint64_t replay_cursor; /* the next stored number to read */
    uint32_t host;          /* initiator: index of the configured host in use */
    uint32_t token;         /* index in shard->sessions */
    uint32_t journal_slot;
    uint32_t closes;     /* of connections, to notice one in the middle of a step */
    bool is_provisional; /* from a template and never accepted, or a stand-in: the journal does not
                            know it, and it does not count in MaxSessions */
    bool is_removed;     /* no longer configured: nobody finds it any more */
    bool is_discarding;  /* in the list of next_discard */
    bool is_stranger;    /* connected to us, and not logged on yet */
    bool is_dirty;
    bool is_replaying;
    bool is_unqueueing;
    bool awaits_drain; /* a slice of the resend is still on its way to the peer */
    bool is_reported;  /* on_connect was called, on_disconnect not yet */
    bool gap_is_noted; /* the log says already that the gap queue is full */
};

/* Which session a connection belongs to. Messages of one that the shard has closed may still be
 * on their way; they are nobody's. */
struct rfx_attachment {
    uint32_t generation; /* 0: none */
    uint32_t token;      /* RFX_TOKEN_CLOSED once the shard has closed it */
};

#define RFX_TOKEN_CLOSED UINT32_MAX

/* The application's word about a Logon. */
struct rfx_logon_verdict {
    uint64_t logon_id;
    uint32_t token;
    bool is_accepted;
    char text[RFX_REFUSAL_MAX]; /* "": none */
};

/* What another thread has left for the shard. */
struct rfx_mail {
    struct rfx_mail *next;
    rfx_session_task *task; /* NULL: a verdict, or a job */
    rfx_shard_job *job;     /* NULL: none */
    union {
        struct rfx_logon_verdict verdict;
        void *job_context;
        struct {
            struct rfx_session *session;
            size_t size; /* of the data, which stands behind */
        };
    };
};

/* Messages that callbacks were given last: one that is used later is noticed. */
#define RFX_SHARD_LENT 16

struct rfx_shard {
    struct rfx_shard_options options;
    struct rfx_now now;
    struct rfx_outbox outbox;
    struct rfx_builder builders[2]; /* used in turns, so that the one before is known as such */
    uint64_t begun;                 /* messages; the latest is in builders[begun % 2] */
    struct rfx_utc_cache utc;
    struct rfx_log_budget log_budget;
    struct rfx_timers timers;
    struct rfx_attachment **attached; /* [loop][connection index] */
    struct rfx_hosted **sessions;     /* by token */
    uint32_t session_count;           /* places used in sessions; some may be NULL again */
    uint32_t session_capacity;
    uint32_t *free_tokens; /* of those NULLs */
    uint32_t free_count;
    uint32_t provisional_count;
    const struct rfx_profile **templates; /* acceptors that whoever logs on gets a session of */
    size_t template_count;
    struct rfx_hosted **buckets; /* by hash of the name, bucket_count a power of two */
    uint32_t bucket_count;
    uint32_t attached_count;
    struct rfx_hosted *dirty;
    struct rfx_hosted *replaying;
    struct rfx_hosted *unqueueing;
    struct rfx_hosted *discarding;
    _Atomic(struct rfx_mail *) mail; /* newest first */
    _Atomic uint64_t posted_bytes;   /* of tasks that are not done */
    struct rfx_mail *waiting_mail;   /* taken out of it, oldest first */
    struct rfx_mail *last_mail;      /* of those */
    uint64_t mail_due_ns;            /* the first of them is not tried before */
    struct rfx_message lent[RFX_SHARD_LENT];
    size_t lent_count;
    void *user;          /* the application's */
    uint32_t app_timers; /* the application's that are set */
    /* For who looks from another thread: who did the last turn, and the callback under way. */
    _Atomic(const void *) thread;
    _Atomic uint64_t turn; /* odd: at work */
    _Atomic(const char *) call_name;
    _Atomic(const struct rfx_session *) call_session;
    uint64_t last_logon_id;
    struct rfx_validate_scratch *scratch;
    struct rfx_field *fields; /* scratch for one message, RFX_FIELDS_MAX(MaxMessageSize) */
    char logon_space[4096];   /* for rfx_shard_logon_fields() */
    uint64_t app_deadline_ns;
    uint64_t retry_ns;      /* the journal had no room: not before; 0: none needed */
    uint64_t stop_waits_ns; /* since when a stop waits for the journal; 0: it does not */
    uint32_t started_count; /* sessions that had their START */
    uint32_t stop_cursor;   /* the next session to log out for the stop */
    uint32_t hold_cursor;   /* and because of the journal */
    bool has_begun;
    _Atomic bool is_over; /* the application has been told that the shard stops */
    bool is_stopping;
    bool is_held; /* the journal has no room for a while: nobody is logged on */
    bool is_full; /* a batch waits for room, and the log says so */
    bool is_failed;
    bool has_unflushed; /* a ring was full, or the journal was */
};

/* The callback that was under way when another one began. */
struct rfx_call {
    const char *name;
    const struct rfx_session *session;
};

static inline struct rfx_hosted *rfx_hosted_of(const struct rfx_session *session)
{
    return RFX_CONTAINER_OF(session, struct rfx_hosted, session);
}

static inline void rfx_shard_set_call(struct rfx_shard *shard, struct rfx_call call)
{
    /* Who reads the session's name must see all that made it. */
    atomic_store_explicit(&shard->call_session, call.session, memory_order_release);
    atomic_store_explicit(&shard->call_name, call.name, memory_order_relaxed);
}

/* Around each callback. hosted: whom it is about, NULL: nobody. A session that may go again is not
 * named to who looks from outside. */
static inline struct rfx_call rfx_shard_enter(struct rfx_shard *shard,
                                              const struct rfx_hosted *hosted, const char *name)
{
    const struct rfx_call before = {
        atomic_load_explicit(&shard->call_name, memory_order_relaxed),
        atomic_load_explicit(&shard->call_session, memory_order_relaxed)};
    const bool is_named = hosted != NULL && !hosted->is_provisional;
    rfx_shard_set_call(shard, (struct rfx_call){name, is_named ? &hosted->session : NULL});
    return before;
}

static inline void rfx_shard_leave(struct rfx_shard *shard, struct rfx_call before)
{
    rfx_shard_set_call(shard, before);
}

/* One that was made while the shard is at work. */
void rfx_shard_start_session(struct rfx_shard *shard, struct rfx_hosted *hosted);

/* shard_reload.c: takes the next steps towards hosted->next_profile. */
void rfx_shard_reconfigure(struct rfx_shard *shard, struct rfx_hosted *hosted);

/* shard_app.c */
void rfx_shard_note_thread(struct rfx_shard *shard);
/* Ends the program when another thread than the shard's calls. */
void rfx_shard_require_own(const struct rfx_shard *shard, const char *function);
void rfx_shard_begin(struct rfx_shard *shard); /* on_shard_start, once */
/* A message as a callback gets it, and when that has returned. */
struct rfx_message *rfx_shard_lend(struct rfx_shard *shard, const struct rfx_message *message);
void rfx_shard_take_back(struct rfx_message *lent);
void rfx_shard_run_timer(struct rfx_shard *shard, struct rfx_timer *timer);

/* shard_step.c: one event through the session, and its actions carried out */
void rfx_shard_step(struct rfx_shard *shard, struct rfx_hosted *hosted,
                    const struct rfx_event *event);
struct rfx_event rfx_shard_event(const struct rfx_shard *shard, enum rfx_event_type type);
/* Room for one more event: its step, and in the callbacks of that step one message of any length
 * beside what the session layer needs for itself. */
bool rfx_shard_has_room(const struct rfx_shard *shard);
/* Room for `size` bytes of the application's that leaves the session layer its own. */
bool rfx_shard_has_room_for_app(const struct rfx_shard *shard, size_t size);
void rfx_shard_count_disconnect(struct rfx_shard *shard, enum rfx_disconnect_reason reason);

/* shard_log.c */
/* hosted  the session that the line is about, NULL: none in particular */
void rfx_shard_log(const struct rfx_shard *shard, const struct rfx_hosted *hosted,
                   enum rfx_log_level level, const char *format, ...) RFX_PRINTF(4, 5);
/* Limited while the session's counterparty is a stranger: not logged on, and no initiator's. */
void rfx_shard_log_about(struct rfx_shard *shard, const struct rfx_hosted *hosted,
                         enum rfx_log_level level, const char *format, ...) RFX_PRINTF(4, 5);
/* Limited in any case: what strangers can cause, to a session or to none. */
void rfx_shard_log_stranger(struct rfx_shard *shard, const struct rfx_hosted *hosted,
                            enum rfx_log_level level, const char *format, ...) RFX_PRINTF(4, 5);

/* A message for the message log, when there is one. */
void rfx_shard_keep_message(struct rfx_shard *shard, const struct rfx_hosted *hosted,
                            enum rfx_logged_type type, struct rfx_bytes message);

static inline void rfx_shard_log_message(struct rfx_shard *shard, const struct rfx_hosted *hosted,
                                         enum rfx_logged_type type, const char *data, size_t size)
{
    if (RFX_UNLIKELY(shard->options.message_log != NULL)) {
        rfx_shard_keep_message(shard, hosted, type, rfx_bytes_of(data, size));
    }
}

/* shard_table.c: sessions by name, connections to sessions */
/* The acceptor, or the template, that fits a Logon best, and how well: -1, it does not. */
struct rfx_hosted *rfx_shard_find(const struct rfx_shard *shard, const struct rfx_message *logon,
                                  const struct rfx_header *header, int *fit);
struct rfx_hosted *rfx_shard_named(const struct rfx_shard *shard, const char *name);
const struct rfx_profile *rfx_shard_find_template(const struct rfx_shard *shard,
                                                  const struct rfx_message *logon,
                                                  const struct rfx_header *header, int *fit);
/* A session that the journal does not know, until rfx_shard_confirm().
 *
 * primary  of a stand-in; NULL: it is to be found by its name
 * errors   RFX_E_FULL, RFX_E_NOMEM */
rfx_status rfx_shard_add_provisional(struct rfx_shard *shard, const struct rfx_profile *profile,
                                     const char *target_comp_id, struct rfx_hosted *primary,
                                     struct rfx_hosted **hosted,
                                     struct rfx_error *error) RFX_MUST_CHECK;
/* Its Logon was accepted: from here on it counts, and the journal has it.
 * errors RFX_E_FULL (MaxSessions), RFX_E_JOURNAL, ... */
rfx_status rfx_shard_confirm(struct rfx_shard *shard, struct rfx_hosted *hosted,
                             struct rfx_error *error) RFX_MUST_CHECK;
/* Has a provisional session released when the turn is over, if it has no connection then. */
void rfx_shard_discard_later(struct rfx_shard *shard, struct rfx_hosted *hosted);
/* Releases provisional sessions whose connection is gone. */
void rfx_shard_discard(struct rfx_shard *shard);
struct rfx_hosted *rfx_shard_attached(const struct rfx_shard *shard, struct rfx_conn_id conn);
void rfx_shard_attach(struct rfx_shard *shard, struct rfx_hosted *hosted, struct rfx_conn_id conn);
void rfx_shard_detach(struct rfx_shard *shard, struct rfx_hosted *hosted);
void rfx_shard_mark_closed(struct rfx_shard *shard, struct rfx_conn_id conn);
bool rfx_shard_is_closed(const struct rfx_shard *shard, struct rfx_conn_id conn);

/* shard_input.c: records from the loops, and what was held back */
size_t rfx_shard_read_input(struct rfx_shard *shard);
void rfx_shard_begin_connection(struct rfx_shard *shard, struct rfx_hosted *hosted,
                                struct rfx_conn_id conn, const char *address,
                                const char *certificate_name);
bool rfx_shard_unqueue(struct rfx_shard *shard);

/* shard_logon.c: the application's word about a Logon */
void rfx_shard_authenticate(struct rfx_shard *shard, struct rfx_hosted *hosted,
                            const struct rfx_message *logon);
void rfx_shard_settle(struct rfx_shard *shard, const struct rfx_logon_verdict *verdict);
void rfx_shard_forget_logon(struct rfx_hosted *hosted);
/* The fields that the application adds to an initiator's Logon. */
struct rfx_bytes rfx_shard_logon_fields(struct rfx_shard *shard, struct rfx_hosted *hosted);

/* shard_rival.c: Logons for one session side by side */
bool rfx_shard_may_rival(const struct rfx_hosted *primary);
void rfx_shard_link_rival(struct rfx_hosted *primary, struct rfx_hosted *rival);
void rfx_shard_unlink_rival(struct rfx_hosted *rival);
/* One of them is logged on: the others are closed. */
void rfx_shard_close_rivals(struct rfx_shard *shard, struct rfx_hosted *primary);
/* A stand-in's Logon is accepted: returns the session, which has the connection now and is to get
 * the verdict; NULL: the application has closed it. */
struct rfx_hosted *rfx_shard_promote(struct rfx_shard *shard, struct rfx_hosted *rival);

/* shard_mail.c */
size_t rfx_shard_read_mail(struct rfx_shard *shard);
bool rfx_shard_has_mail(const struct rfx_shard *shard);
/* When what waits is to be tried again, RFX_NEVER_NS when nothing waits. */
uint64_t rfx_shard_mail_due_ns(const struct rfx_shard *shard);
void rfx_shard_close_mail(struct rfx_shard *shard);

/* shard_room.c: false when nothing may be done in this turn that would have to be stored */
bool rfx_shard_may_go_on(struct rfx_shard *shard);
/* What a flush returned: RFX_E_FULL is no failure, the same batch is tried again soon. */
void rfx_shard_note_full(struct rfx_shard *shard, rfx_status status, const struct rfx_error *error);
/* The end of a turn. errors RFX_E_JOURNAL: the shard is to stop, and has waited in vain */
rfx_status rfx_shard_give_up(struct rfx_shard *shard, struct rfx_error *error) RFX_MUST_CHECK;

/* shard_replay.c */
void rfx_shard_start_replay(struct rfx_shard *shard, struct rfx_hosted *hosted, uint64_t first);
size_t rfx_shard_replay(struct rfx_shard *shard, rfx_status *status, struct rfx_error *error);
bool rfx_shard_replay_is_ready(const struct rfx_shard *shard);

#endif
