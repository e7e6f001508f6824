/* The server as its workers see it. */
#ifndef RFX_IO_SERVER_SERVER_INTERNAL_H
#define RFX_IO_SERVER_SERVER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "io/log/messages.h"
#include "io/names.h"
#include "io/server/profiles.h"
#include "io/server/watch.h"
#include "io/server/worker.h"
#include "io/tls.h"
#include "journal/store.h"
#include "ringfix/server.h"

/* A session, or a template, as it is configured now. */
struct rfx_known {
    const struct rfx_profile *profile;
    struct rfx_session *session; /* NULL for a template */
};

/* What a reload brought: the sessions that it added or changed. Kept until the server is closed,
 * for a session may need its old profile until its connection has ended. */
struct rfx_generation {
    struct rfx_generation *next;
    struct rfx_config config;
    struct rfx_profiles profiles; /* of config */
};

struct rfx_server {
    struct rfx_config config;     /* a copy; what a reload changes of it is in generations */
    struct rfx_profiles profiles; /* of config */
    struct rfx_app app;
    struct rfx_store *journal;
    struct rfx_message_log *message_logs; /* one per shard; NULL: there is no message log */
    struct rfx_messages *messages;        /* who writes them */
    uint32_t loop_count;
    uint32_t shard_count;
    uint32_t worker_count;
    struct rfx_ring *rings; /* [loop][shard] to the shard, then as many back */
    struct rfx_ring *ring_pointers[4 * RFX_WORKERS_MAX * RFX_WORKERS_MAX];
    struct rfx_worker *workers;
    struct rfx_session **sessions; /* by index in config, NULL for a template */
    struct rfx_loop_limits limits;
    struct rfx_watch watch;
    uint32_t loop_worker[RFX_WORKERS_MAX]; /* index of the worker that runs it */
    uint32_t shard_worker[RFX_WORKERS_MAX];
    struct rfx_loop_listener listeners[RFX_WORKERS_MAX][RFX_LISTENERS_MAX]; /* of each loop */
    uint16_t ports[RFX_LISTENERS_MAX];                                      /* as bound */
    size_t listener_count;
    struct rfx_tls_source *tls;
    struct rfx_names *names; /* the loops ask */
    _Atomic uint32_t session_count;
    _Atomic uint64_t disconnects[RFX_REASON_COUNT];
    _Atomic bool stop_requested;
    _Atomic uint32_t shards_stopped;

    pthread_mutex_t reload_mutex; /* one reload at a time; over generations */
    struct rfx_generation *generations;

    pthread_mutex_t mutex; /* over what follows; cold paths alone */
    pthread_cond_t changed;
    uint32_t workers_ready;
    rfx_status status; /* the first failure, of the start or of a shard */
    struct rfx_error error;
    struct rfx_known *known;
    size_t known_count;
    size_t known_capacity;
};

void rfx_server_log(const struct rfx_server *server, enum rfx_log_level level, const char *format,
                    ...) RFX_PRINTF(3, 4);
/* session: the name of the one it is about. */
void rfx_server_log_about(const struct rfx_server *server, const char *session,
                          enum rfx_log_level level, const char *format, ...) RFX_PRINTF(4, 5);

/* listeners.c: where it is found. Before anything is opened there are no listeners. */
void rfx_server_no_listeners(struct rfx_server *server);
rfx_status rfx_server_listen(struct rfx_server *server, struct rfx_error *error) RFX_MUST_CHECK;
void rfx_server_close_listeners(struct rfx_server *server);
rfx_status rfx_server_open_tls(struct rfx_server *server, struct rfx_error *error) RFX_MUST_CHECK;

/* sessions.c: the configuration's sessions. */
rfx_status rfx_sessions_read(struct rfx_server *server, const struct rfx_config *config,
                             struct rfx_error *error) RFX_MUST_CHECK;
rfx_status rfx_sessions_add(struct rfx_server *server, struct rfx_error *error) RFX_MUST_CHECK;
void rfx_sessions_close(struct rfx_server *server);
/* The lock is the caller's business from here on. False: out of memory. */
bool rfx_sessions_note(struct rfx_server *server, const struct rfx_profile *profile,
                       struct rfx_session *session);

/* A worker's thread is up, or could not open its loop. */
void rfx_server_worker_is_ready(struct rfx_server *server, rfx_status status,
                                const struct rfx_error *error);

/* A shard could not write its journal: the server stops, and reports why. */
void rfx_server_fail(struct rfx_server *server, rfx_status status, const struct rfx_error *error);

/* Counts the shards that are done; all workers look again. */
void rfx_server_shard_has_stopped(struct rfx_server *server);
bool rfx_server_shards_are_stopped(const struct rfx_server *server);

#endif
