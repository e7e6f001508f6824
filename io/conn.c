/* The life of a connection: open, ended by either side, flushed, shut down, its slot free again.
 *
 * A connection that belongs to a shard is closed when the shard says so; if the peer is gone, the
 * shard is told first. A stranger is closed by the loop itself. */
#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/conn_tls.h"

struct rfx_conn_id rfx_conn_id_of(const struct rfx_loop *loop, const struct rfx_conn *conn)
{
    return (struct rfx_conn_id){
        .loop = loop->options.index, .index = conn->index, .generation = conn->generation};
}

/* ----------------------------------------------------------------------------------- lists */

void rfx_conn_list_add(struct rfx_conn_list *list, struct rfx_conn *conn, uint64_t deadline_ns)
{
    conn->deadline_ns = deadline_ns;
    conn->list_next = NULL;
    conn->list_previous = list->last;
    if (list->last != NULL) {
        list->last->list_next = conn;
    } else {
        list->first = conn;
    }
    list->last = conn;
    list->count++;
}

void rfx_conn_list_remove(struct rfx_conn_list *list, struct rfx_conn *conn)
{
    if (conn->list_previous != NULL) {
        conn->list_previous->list_next = conn->list_next;
    } else {
        list->first = conn->list_next;
    }
    if (conn->list_next != NULL) {
        conn->list_next->list_previous = conn->list_previous;
    } else {
        list->last = conn->list_previous;
    }
    conn->list_next = NULL;
    conn->list_previous = NULL;
    list->count--;
}

static struct rfx_conn_list *list_of(struct rfx_loop *loop, const struct rfx_conn *conn)
{
    switch (conn->state) {
    case RFX_CONN_CONNECTING:
        return &loop->connecting;
    case RFX_CONN_OPEN:
        return conn->shard < 0 ? &loop->awaiting_logon : NULL;
    case RFX_CONN_FLUSHING:
    case RFX_CONN_LINGERING:
        return &loop->closing;
    case RFX_CONN_FREE:
    case RFX_CONN_DEAD:
        return NULL;
    }
    return NULL;
}

void rfx_conn_leave_list(struct rfx_loop *loop, struct rfx_conn *conn)
{
    struct rfx_conn_list *list = list_of(loop, conn);
    if (list != NULL) {
        rfx_conn_list_remove(list, conn);
    }
}

void rfx_conn_stall(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (!conn->is_stalled) {
        conn->is_stalled = true;
        conn->next_stalled = loop->stalled;
        loop->stalled = conn;
    }
}

/* In the order in which they came, or newcomers would keep others from ever ending a handshake. */
void rfx_conn_await_step(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (conn->is_stalled) {
        return;
    }
    conn->is_stalled = true;
    conn->next_stalled = NULL;
    if (loop->shaking_last != NULL) {
        loop->shaking_last->next_stalled = conn;
    } else {
        loop->shaking_first = conn;
    }
    loop->shaking_last = conn;
}

/* ------------------------------------------------------------------------------------ open */

static void note_open(struct rfx_loop *loop)
{
    atomic_store_explicit(&loop->options.counts->connections, loop->open_count,
                          memory_order_relaxed);
}

struct rfx_conn *rfx_conn_open(struct rfx_loop *loop, int fd, enum rfx_conn_state state)
{
    uint32_t index;
    if (loop->free_count > 0) {
        index = loop->free_slots[--loop->free_count];
    } else if (loop->conns_used < rfx_conn_slots(loop->options.config)) {
        index = loop->conns_used++;
    } else {
        return NULL;
    }
    struct rfx_conn *conn = &loop->conns[index];
    uint32_t generation = conn->generation + 1;
    memset(conn, 0, sizeof *conn);
    conn->fd = fd;
    conn->index = index;
    conn->generation = (generation & 0xffffff) != 0 ? generation : generation + 1;
    conn->state = state;
    conn->shard = -1;
    loop->open_count++;
    note_open(loop);
    return conn;
}

/* ----------------------------------------------------------------------------------- close */

static bool is_quiet(const struct rfx_conn *conn)
{
    return !conn->is_receiving && !conn->is_sending && conn->held == 0 && !conn->is_stalled &&
           !conn->is_touched;
}

/* Frees the slot once nothing refers to it. */
static void bury(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (conn->state != RFX_CONN_DEAD || !is_quiet(conn)) {
        return;
    }
    close(conn->fd);
    rfx_send_drop(loop, conn);
    rfx_conn_tls_close(loop, conn);
    rfx_gate_leave(&loop->gate, conn->ticket);
    free(conn->addresses);
    conn->addresses = NULL;
    conn->state = RFX_CONN_FREE;
    loop->free_slots[loop->free_count++] = conn->index;
    loop->open_count--;
    note_open(loop);
}

void rfx_conn_discard_unsent(const struct rfx_conn *conn)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int unsent = 0;
    if (ioctl(conn->fd, SIOCOUTQ, &unsent) == 0 && unsent > 0) {
        setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
}

void rfx_conn_kill(struct rfx_loop *loop, struct rfx_conn *conn)
{
    rfx_conn_leave_list(loop, conn);
    conn->state = RFX_CONN_DEAD;
    conn->is_broken = true;
    rfx_receive_drop(loop, conn);
    if (conn->is_receiving || conn->is_sending) {
        shutdown(conn->fd, SHUT_RDWR); /* completes what is in flight */
    }
    bury(loop, conn);
}

void rfx_conn_go_on_closing(struct rfx_loop *loop, struct rfx_conn *conn)
{
    switch (conn->state) {
    case RFX_CONN_FLUSHING:
        if (conn->is_broken) {
            rfx_conn_kill(loop, conn);
        } else if (!conn->is_sending && !rfx_send_is_waiting(conn) && !conn->is_touched) {
            if (conn->tls != NULL) {
                rfx_conn_tls_finish(conn);
                if (rfx_send_is_waiting(conn)) {
                    break; /* its last words first */
                }
            }
            /* Closing a socket with unread bytes would reset the connection and could take our
             * last message from the peer: shut down our side, wait for the end of theirs. */
            shutdown(conn->fd, SHUT_WR);
            conn->state = RFX_CONN_LINGERING;
            if (conn->has_ended) {
                rfx_conn_kill(loop, conn);
            } else if (!conn->is_receiving) {
                rfx_receive_arm(loop, conn);
            }
        }
        break;
    case RFX_CONN_LINGERING:
        if (conn->has_ended || conn->is_broken) {
            rfx_conn_kill(loop, conn);
        }
        break;
    case RFX_CONN_DEAD:
        bury(loop, conn);
        break;
    case RFX_CONN_FREE:
    case RFX_CONN_CONNECTING:
    case RFX_CONN_OPEN:
        break;
    }
}

void rfx_conn_close(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (conn->state != RFX_CONN_OPEN) {
        return;
    }
    rfx_conn_leave_list(loop, conn);
    conn->state = RFX_CONN_FLUSHING;
    rfx_conn_list_add(&loop->closing, conn, loop->now.mono_ns + RFX_LINGER_NS);
    rfx_receive_drop(loop, conn);
    rfx_conn_go_on_closing(loop, conn);
}

/* A connection that has no session yet and will get none. */
void rfx_conn_refuse(struct rfx_loop *loop, struct rfx_conn *conn,
                     enum rfx_disconnect_reason reason)
{
    atomic_fetch_add_explicit(&loop->options.disconnects[reason], 1, memory_order_relaxed);
    if (reason != RFX_REASON_PEER_CLOSED) { /* who only knocks is not worth a line */
        rfx_loop_log_peer(loop, conn, "refused: %s", rfx_disconnect_reason_text(reason));
    }
    rfx_conn_close(loop, conn);
}

/* The peer is gone, or we are done with it: the shard hears of it behind all earlier messages. */
void rfx_conn_end(struct rfx_loop *loop, struct rfx_conn *conn, enum rfx_disconnect_reason reason,
                  bool is_broken)
{
    conn->is_broken = conn->is_broken || is_broken;
    if (!conn->has_ended) {
        conn->has_ended = true;
        conn->end_reason = reason;
    }
    if (conn->state == RFX_CONN_OPEN || conn->state == RFX_CONN_CONNECTING) {
        rfx_deliver(loop, conn);
    } else {
        rfx_conn_go_on_closing(loop, conn);
    }
}

/* -------------------------------------------------------------------------------- timeouts */

static struct rfx_conn *overdue(const struct rfx_loop *loop, const struct rfx_conn_list *list)
{
    struct rfx_conn *conn = list->first;
    return conn != NULL && conn->deadline_ns <= loop->now.mono_ns ? conn : NULL;
}

size_t rfx_conn_run_timeouts(struct rfx_loop *loop)
{
    size_t count = 0;
    struct rfx_conn *conn;
    while ((conn = overdue(loop, &loop->awaiting_logon)) != NULL) {
        rfx_conn_refuse(loop, conn, RFX_REASON_LOGON_TIMEOUT);
        count++;
    }
    while ((conn = overdue(loop, &loop->connecting)) != NULL) {
        rfx_connect_give_up(loop, conn);
        count++;
    }
    while ((conn = overdue(loop, &loop->closing)) != NULL) {
        rfx_conn_discard_unsent(conn);
        rfx_conn_kill(loop, conn);
        count++;
    }
    return count;
}
