/* An I/O loop: one io_uring with a listener, connections and receive buffers. It frames what
 * comes in, hands messages to the shard of their session, and sends what shards put in their
 * rings. One send is in flight per connection; what waits behind it goes out as one.
 *
 * thread   all of it belongs to the thread that called rfx_loop_open() */
#ifndef RFX_IO_LOOP_H
#define RFX_IO_LOOP_H

#include <stdatomic.h>

#include "core/link.h"
#include "core/ring.h"
#include "ringfix/app.h"
#include "ringfix/config.h"

struct rfx_loop;

/* What loops take from the sessions' configurations; a reload changes it. */
struct rfx_loop_limits {
    _Atomic uint64_t logon_timeout_ns; /* the longest of all LogonTimeouts */
    _Atomic bool takes_wrong_sums;     /* a session does not check CheckSum(10) */
};

/* Any thread. */
void rfx_loop_limits_set(struct rfx_loop_limits *limits, const struct rfx_config *config);

/* What a loop has done; it alone writes, any thread may read. */
struct rfx_loop_counts {
    _Atomic uint64_t accepted;
    _Atomic uint64_t garbled;
    _Atomic uint64_t connections; /* open now */
};

/* A loop's own socket for a port. */
struct rfx_loop_listener {
    int fd;
    uint16_t port; /* as configured */
    bool use_ssl;
};

struct rfx_names;
struct rfx_tls_source;

struct rfx_loop_options {
    uint32_t index;
    const struct rfx_config *config;      /* borrowed for the loop's life */
    const struct rfx_app *app;            /* on_log alone; borrowed */
    const struct rfx_loop_limits *limits; /* borrowed */
    struct rfx_loop_counts *counts;       /* borrowed */
    _Atomic uint64_t *disconnects;        /* count by reason, RFX_REASON_COUNT; borrowed */
    uint32_t shard_count;
    struct rfx_ring *const *to_shards; /* shard_count each; borrowed */
    struct rfx_ring *const *from_shards;
    const struct rfx_loop_listener *listeners; /* listener_count, with it; borrowed */
    size_t listener_count;
    struct rfx_tls_source *tls; /* NULL: no session uses TLS; borrowed */
    struct rfx_names *names;    /* the loop is the asker with its index; borrowed */
    int wake_fd;                /* an eventfd that ends rfx_loop_wait(). Borrowed */
    /* Called at most once per turn and shard after something was published for it. */
    void (*notify)(void *context, uint32_t shard);
    void *notify_context;
};

/* errors   RFX_E_IO: the kernel refuses the ring; the text names the feature · RFX_E_NOMEM */
rfx_status rfx_loop_open(const struct rfx_loop_options *options, struct rfx_loop **loop,
                         struct rfx_error *error) RFX_MUST_CHECK;

/* Closes every connection at once. */
void rfx_loop_close(struct rfx_loop *loop);

/* One turn, never blocking. Returns how much was done. */
size_t rfx_loop_work(struct rfx_loop *loop, struct rfx_now now);

/* When the next turn is due even if nothing arrives; 0: at once. */
uint64_t rfx_loop_deadline_ns(const struct rfx_loop *loop);

/* True when a ring from a shard holds something, or a host's addresses have come. */
bool rfx_loop_has_input(const struct rfx_loop *loop);

/* Sleeps until something completes, wake_fd is written, or the time is over. */
void rfx_loop_wait(struct rfx_loop *loop, uint64_t timeout_ns);

/* No new connections from here on. */
void rfx_loop_stop_accepting(struct rfx_loop *loop);

/* Connections that are not closed yet. */
uint32_t rfx_loop_connection_count(const struct rfx_loop *loop);

#endif
