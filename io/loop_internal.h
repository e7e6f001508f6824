/* Shared by the files of the I/O loop. */
#ifndef RFX_IO_LOOP_INTERNAL_H
#define RFX_IO_LOOP_INTERNAL_H

#include <liburing.h>

#include "core/histogram.h"
#include "core/log_budget.h"
#include "io/gate.h"
#include "io/loop.h"
#include "io/names.h"
#include "io/socket.h"

#define RFX_BUFFER_SIZE     4096
#define RFX_BUFFER_COUNT    512 /* per loop, a power of two */
#define RFX_BUFFER_GROUP    0
#define RFX_HELD_BLOCKS_MAX 16   /* receive buffers one connection may hold before it is paused */
#define RFX_CHUNK_SIZE      4096 /* first size of an assembly or send buffer */
#define RFX_CHUNKS_KEPT     1024 /* of that size, kept for reuse */
#define RFX_LINGER_NS       (5 * RFX_NS_PER_S) /* for a closing connection to take the rest */
#define RFX_CONNECT_NS      (10 * RFX_NS_PER_S)
#define RFX_ACCEPT_PAUSE_NS (100 * RFX_NS_PER_MS) /* after accept failed for want of resources */

/* What a completion belongs to; in user_data beside connection index and generation. */
enum rfx_op {
    RFX_OP_ACCEPT,
    RFX_OP_WAKE,
    RFX_OP_RECEIVE,
    RFX_OP_SEND,
    RFX_OP_CONNECT,
    RFX_OP_CANCEL,
};

/* Received bytes: a buffer of the provided ring, or a message put together from several. It is
 * given back when the last reference is gone: one of the connection that still frames it, one
 * for each run of its messages in a ring to a shard. */
struct rfx_block {
    struct rfx_block *next;
    struct rfx_conn *conn;
    char *data;
    uint32_t size;   /* bytes received */
    uint32_t framed; /* of these, handed on or dropped */
    uint32_t capacity;
    uint32_t references;
    bool is_provided; /* a buffer of the ring; else from the heap */
};

/* Bytes on their way out. */
struct rfx_outgoing {
    char *data;
    uint32_t size;
    uint32_t capacity;
};

enum rfx_conn_state {
    RFX_CONN_FREE,
    RFX_CONN_CONNECTING,
    RFX_CONN_OPEN,
    RFX_CONN_FLUSHING,  /* to be closed once everything is sent */
    RFX_CONN_LINGERING, /* our side is shut down, the end of the other's stream is awaited */
    RFX_CONN_DEAD,      /* waits for its operations and blocks, then its slot is free */
};

struct rfx_conn {
    int fd;
    uint32_t index;
    uint32_t generation;
    enum rfx_conn_state state;
    int32_t shard;  /* -1 until the Logon named the session */
    uint32_t token; /* CONNECTING: the initiator session */
    uint32_t held;  /* blocks not yet given back */
    enum rfx_disconnect_reason end_reason;
    bool is_receiving; /* a multishot receive is armed */
    bool is_pausing;   /* its cancellation is under way */
    bool is_starving;  /* it ended for want of buffers */
    bool is_sending;
    bool has_ended;       /* end of stream or error, for end_reason */
    bool end_is_reported; /* the shard has its DISCONNECTED */
    bool is_broken;       /* nothing can be sent any more */
    bool wants_drained;
    bool is_stalled; /* in one of the lists of those that wait, stalled or shaking */
    bool is_touched; /* in the list of those with something new to send */
    bool is_connected_unreported;
    struct rfx_block *first; /* received, not yet framed */
    struct rfx_block *last;
    struct rfx_block *assembly; /* the beginning of a message that buffers cut */
    struct rfx_outgoing pending;
    struct rfx_outgoing in_flight;
    uint32_t sent; /* of in_flight */
    uint64_t deadline_ns;
    struct rfx_conn *list_previous; /* of the list that the state puts it in */
    struct rfx_conn *list_next;
    struct rfx_conn *next_stalled;
    struct rfx_conn *next_touched;
    struct rfx_conn_tls *tls;          /* NULL: plain */
    const struct rfx_dial *dial;       /* CONNECTING */
    struct rfx_name_answer *addresses; /* CONNECTING, of the dial's host; NULL: not yet known */
    size_t addresses_tried;            /* the last one may be under way */
    struct __kernel_timespec patience; /* with it, when there are others */
    char peer[RFX_ADDRESS_TEXT_MAX];   /* of an accepted connection, from its Logon or its PROXY
                                          header on; of an initiator's; "": not yet */
    uint32_t ticket;                   /* of the gate, 0: none */
    bool awaits_proxy;                 /* a PROXY header comes first */
    uint8_t listener;                  /* of an accepted connection */
};

/* By deadline: all members of a list have the same time to live. */
struct rfx_conn_list {
    struct rfx_conn *first;
    struct rfx_conn *last;
    uint32_t count;
};

/* Blocks that records in a ring point into, in the order in which the shard releases them. */
struct rfx_lent {
    struct {
        uint64_t position;
        struct rfx_block *block;
    } * entries;
    uint64_t head;
    uint64_t tail;
    uint64_t mask;
};

struct rfx_loop {
    struct rfx_loop_options options;
    struct rfx_now now;
    struct io_uring ring;
    bool ring_is_open;
    bool is_accepting;
    bool wake_is_armed;
    struct {
        bool is_armed;
        uint64_t again_ns;
    } accepts[RFX_LISTENERS_MAX];
    uint32_t handshakes_left;    /* steps of TLS handshakes in this turn */
    bool has_refused_kernel_tls; /* the kernel has, and it is logged */

    struct rfx_conn *conns;
    uint32_t conns_used; /* slots used at least once */
    uint32_t *free_slots;
    uint32_t free_count;
    uint32_t open_count;
    struct rfx_conn_list awaiting_logon;
    struct rfx_conn_list connecting;
    struct rfx_conn_list closing;
    struct rfx_conn *stalled;       /* until there is room in a ring: all are tried each turn */
    struct rfx_conn *shaking_first; /* until it is their turn with a step of a handshake */
    struct rfx_conn *shaking_last;
    struct rfx_conn *touched;
    bool has_starving;
    struct rfx_gate gate;

    struct io_uring_buf_ring *buffer_ring;
    size_t buffer_ring_size;
    char *buffers;
    struct rfx_block *blocks;   /* one per buffer */
    uint32_t buffers_returned;  /* added to the ring, not yet advanced */
    uint32_t buffers_at_kernel; /* for it to receive into */
    struct rfx_lent *lent;      /* per shard */
    struct rfx_field *fields;   /* scratch for a Logon that has no shard yet */
    void *chunks[RFX_CHUNKS_KEPT];
    uint32_t chunk_count;

    struct rfx_log_budget log_budget;
};

/* loop.c */
struct io_uring_sqe *rfx_loop_sqe(struct rfx_loop *loop, enum rfx_op op,
                                  const struct rfx_conn *conn);
void rfx_loop_log(struct rfx_loop *loop, enum rfx_log_level level, const char *format, ...)
    RFX_PRINTF(3, 4);
/* "connection from ADDRESS ..." as a warning. Lines about strangers are limited per second. */
void rfx_loop_log_peer(struct rfx_loop *loop, const struct rfx_conn *conn, const char *format, ...)
    RFX_PRINTF(3, 4);
char *rfx_loop_chunk(struct rfx_loop *loop, uint32_t capacity);
void rfx_loop_free_chunk(struct rfx_loop *loop, char *chunk, uint32_t capacity);

/* conn.c: the life of a connection */
struct rfx_conn *rfx_conn_open(struct rfx_loop *loop, int fd, enum rfx_conn_state state);
void rfx_conn_refuse(struct rfx_loop *loop, struct rfx_conn *conn,
                     enum rfx_disconnect_reason reason);
void rfx_conn_end(struct rfx_loop *loop, struct rfx_conn *conn, enum rfx_disconnect_reason reason,
                  bool is_broken);
void rfx_conn_close(struct rfx_loop *loop, struct rfx_conn *conn);
void rfx_conn_go_on_closing(struct rfx_loop *loop, struct rfx_conn *conn);
/* Of a peer that does not take what there is for it: the kernel resets such a connection when it is
 * closed, where it would otherwise keep megabytes for it until the peer reads. */
void rfx_conn_discard_unsent(const struct rfx_conn *conn);
void rfx_conn_kill(struct rfx_loop *loop, struct rfx_conn *conn);
void rfx_conn_stall(struct rfx_loop *loop, struct rfx_conn *conn);
void rfx_conn_await_step(struct rfx_loop *loop, struct rfx_conn *conn);
void rfx_conn_list_add(struct rfx_conn_list *list, struct rfx_conn *conn, uint64_t deadline_ns);
void rfx_conn_list_remove(struct rfx_conn_list *list, struct rfx_conn *conn);
void rfx_conn_leave_list(struct rfx_loop *loop, struct rfx_conn *conn);
size_t rfx_conn_run_timeouts(struct rfx_loop *loop);
struct rfx_conn_id rfx_conn_id_of(const struct rfx_loop *loop, const struct rfx_conn *conn);

/* dial.c: accept and connect */
void rfx_accept_arm(struct rfx_loop *loop, uint32_t listener);
void rfx_accept_handle(struct rfx_loop *loop, uint32_t listener, const struct io_uring_cqe *cqe);
void rfx_connect_start(struct rfx_loop *loop, uint32_t shard,
                       const struct rfx_link_connect *record);
/* Goes on with connections whose host's addresses have come. */
size_t rfx_connect_take_names(struct rfx_loop *loop);
/* The time for it is over; it fails at once, or when the kernel has given it up. */
void rfx_connect_give_up(struct rfx_loop *loop, struct rfx_conn *conn);
void rfx_connect_handle(struct rfx_loop *loop, struct rfx_conn *conn,
                        const struct io_uring_cqe *cqe);
/* The connection can be used now, TLS included. */
void rfx_connect_succeed(struct rfx_loop *loop, struct rfx_conn *conn);
void rfx_connect_fail(struct rfx_loop *loop, struct rfx_conn *conn, const char *problem);

/* receive.c */
rfx_status rfx_receive_open(struct rfx_loop *loop, struct rfx_error *error) RFX_MUST_CHECK;
void rfx_receive_close(struct rfx_loop *loop);
void rfx_receive_arm(struct rfx_loop *loop, struct rfx_conn *conn);
void rfx_receive_handle(struct rfx_loop *loop, struct rfx_conn *conn,
                        const struct io_uring_cqe *cqe);
void rfx_receive_take_back(struct rfx_loop *loop);
void rfx_receive_drop(struct rfx_loop *loop, struct rfx_conn *conn);
void rfx_block_release(struct rfx_loop *loop, struct rfx_block *block);
/* A block from the heap, RFX_CHUNK_SIZE large and empty, with one reference. */
struct rfx_block *rfx_block_open(struct rfx_loop *loop, struct rfx_conn *conn);
/* To be framed behind the others. */
void rfx_conn_add_block(struct rfx_conn *conn, struct rfx_block *block);

/* deliver.c: framing, and records to the shard */
void rfx_deliver(struct rfx_loop *loop, struct rfx_conn *conn);

/* send.c */
size_t rfx_send_drain_shards(struct rfx_loop *loop);
/* Before the turn's system call, and after its completions: starts what can be sent. SendQueueSize
 * is judged in between, so that a burst alone makes nobody a slow consumer. */
void rfx_send_start(struct rfx_loop *loop);
void rfx_send_settle(struct rfx_loop *loop);
void rfx_send_handle(struct rfx_loop *loop, struct rfx_conn *conn, const struct io_uring_cqe *cqe);
void rfx_send_drop(struct rfx_loop *loop, struct rfx_conn *conn);
void rfx_send_touch(struct rfx_loop *loop, struct rfx_conn *conn);
bool rfx_send_is_waiting(const struct rfx_conn *conn); /* for its turn to be sent */
void rfx_outgoing_add(struct rfx_loop *loop, struct rfx_outgoing *outgoing, const char *data,
                      uint32_t size);
void rfx_outgoing_release(struct rfx_loop *loop, struct rfx_outgoing *outgoing);

#endif
