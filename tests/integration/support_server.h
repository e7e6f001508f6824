/* A server inside the test's process, opened through the public API: real rings, a real journal
 * in a directory of its own, any free port. Its application answers every NewOrderSingle with an
 * ExecutionReport that carries the ClOrdID back. */
#ifndef RFX_TESTS_SUPPORT_SERVER_H
#define RFX_TESTS_SUPPORT_SERVER_H

#include <pthread.h>
#include <ringfix/ringfix.h>
#include <stdatomic.h>

#include "tests/support.h"

#define HOST_ENDS_MAX 512

/* A connection of a session that has ended. */
struct host_end {
    char session[160];
    enum rfx_disconnect_reason reason;
    uint64_t next_out; /* the session's numbers at that moment */
    uint64_t next_in;
    bool is_taken; /* by host_await_end() */
};

struct host {
    struct rfx_config config; /* may be changed until host_start() */
    struct rfx_session_config sessions[4];
    struct rfx_app app; /* callbacks may be replaced; the context may not */
    void *user;         /* for such callbacks */
    struct rfx_server *server;
    uint16_t port;
    char directory[256]; /* of the journal */
    _Atomic uint64_t order_count;
    pthread_mutex_t mutex; /* over what follows */
    pthread_cond_t changed;
    struct host_end ends[HOST_ENDS_MAX];
    size_t end_count;
};

/* Acceptor templates for FIX.4.4 and FIX.4.2 as RINGFIX, and an empty journal. */
void host_init(struct host *host, enum rfx_threading_mode mode, uint32_t loops, uint32_t shards);

/* Opens the server; after host_stop() it may be opened again on the same journal. */
void host_start(struct host *host);

/* Asks for an orderly end and returns at once: peers get a Logout. */
void host_begin_stop(struct host *host);

/* Waits until the server has stopped, and releases it. */
void host_stop(struct host *host);

/* Stops if need be and removes the journal. */
void host_free(struct host *host);

/* The oldest end, not yet asked for, of a connection of the session with this counterparty. Waits
 * for it and ends the test if it does not come. */
struct host_end host_await_end(struct host *host, const char *target_comp_id);

/* Whether there is one that host_await_end() would return at once. */
bool host_has_end(struct host *host, const char *target_comp_id);

/* For callbacks that replace the usual ones: what on_disconnect does otherwise. */
void host_note_end(struct host *host, struct rfx_session *session,
                   enum rfx_disconnect_reason reason);

/* A port that nobody listens on and nobody else is given, until the descriptor that is returned is
 * closed; a server of this process may listen on it meanwhile. */
int reserve_port(uint16_t *port);

#endif
