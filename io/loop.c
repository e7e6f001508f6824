#include "io/conn_tls.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/app_log.h"

#define SQ_ENTRIES 1024
#define CQ_ENTRIES 8192

/* user_data: operation in the top byte, generation in the next three, index below. */
static uint64_t pack(enum rfx_op op, const struct rfx_conn *conn)
{
    uint64_t data = (uint64_t)op << 56;
    if (conn != NULL) {
        data |= (uint64_t)(conn->generation & 0xffffff) << 32 | conn->index;
    }
    return data;
}

struct io_uring_sqe *rfx_loop_sqe(struct rfx_loop *loop, enum rfx_op op,
                                  const struct rfx_conn *conn)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&loop->ring);
    while (sqe == NULL) {
        io_uring_submit(&loop->ring);
        sqe = io_uring_get_sqe(&loop->ring);
    }
    /* The caller's io_uring_prep_*() clears the entry but for this. */
    io_uring_sqe_set_data64(sqe, pack(op, conn));
    return sqe;
}

static bool may_log(struct rfx_loop *loop)
{
    return rfx_log_budget_take(&loop->log_budget, loop->options.app, loop->now.mono_ns);
}

void rfx_loop_log(struct rfx_loop *loop, enum rfx_log_level level, const char *format, ...)
{
    char text[512];
    if (!may_log(loop)) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    rfx_app_log(loop->options.app, level, NULL, text);
}

void rfx_loop_log_peer(struct rfx_loop *loop, const struct rfx_conn *conn, const char *format, ...)
{
    char peer[RFX_ADDRESS_TEXT_MAX];
    char what[256];
    char text[512];
    if (!may_log(loop)) {
        return; /* before the system calls that it takes to name the peer */
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    rfx_socket_peer_text(conn->fd, peer);
    snprintf(text, sizeof text, "connection from %s %s", conn->peer[0] != '\0' ? conn->peer : peer,
             what);
    rfx_app_log(loop->options.app, RFX_LOG_WARNING, NULL, text);
}

char *rfx_loop_chunk(struct rfx_loop *loop, uint32_t capacity)
{
    if (capacity == RFX_CHUNK_SIZE && loop->chunk_count > 0) {
        return loop->chunks[--loop->chunk_count];
    }
    return malloc(capacity);
}

void rfx_loop_free_chunk(struct rfx_loop *loop, char *chunk, uint32_t capacity)
{
    if (chunk != NULL && capacity == RFX_CHUNK_SIZE && loop->chunk_count < RFX_CHUNKS_KEPT) {
        loop->chunks[loop->chunk_count++] = chunk;
        return;
    }
    free(chunk);
}

/* ------------------------------------------------------------------------------ open, close */

static rfx_status open_ring(struct rfx_loop *loop, struct rfx_error *error)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
        .cq_entries = CQ_ENTRIES,
    };
    int result = io_uring_queue_init_params(SQ_ENTRIES, &loop->ring, &params);
    if (result == -EINVAL) {
        return rfx_fail(error, RFX_E_IO,
                        "the kernel's io_uring lacks SINGLE_ISSUER or DEFER_TASKRUN; Linux 6.1 or "
                        "later is needed");
    }
    if (result == -EPERM || result == -ENOSYS) {
        return rfx_fail(error, RFX_E_IO,
                        "io_uring is switched off (%s); see sysctl kernel.io_uring_disabled, or "
                        "the container's seccomp profile",
                        strerror(-result));
    }
    if (result < 0) {
        return rfx_fail(error, RFX_E_IO, "cannot make an io_uring: %s", strerror(-result));
    }
    loop->ring_is_open = true;
    /* Fewer look-ups per system call; not essential. */
    (void)io_uring_register_ring_fd(&loop->ring);
    return RFX_OK;
}

static bool takes_wrong_sums(const struct rfx_config *config)
{
    for (size_t i = 0; i < config->session_count; i++) {
        if (!config->sessions[i].validate_checksum) {
            return true;
        }
    }
    return false;
}

static uint64_t longest_logon_timeout_ns(const struct rfx_config *config)
{
    uint32_t longest_s = 1;
    for (size_t i = 0; i < config->session_count; i++) {
        if (config->sessions[i].logon_timeout_s > longest_s) {
            longest_s = config->sessions[i].logon_timeout_s;
        }
    }
    return longest_s * RFX_NS_PER_S;
}

void rfx_loop_limits_set(struct rfx_loop_limits *limits, const struct rfx_config *config)
{
    atomic_store_explicit(&limits->logon_timeout_ns, longest_logon_timeout_ns(config),
                          memory_order_relaxed);
    atomic_store_explicit(&limits->takes_wrong_sums, takes_wrong_sums(config),
                          memory_order_relaxed);
}

static rfx_status open_tables(struct rfx_loop *loop, struct rfx_error *error)
{
    const struct rfx_config *config = loop->options.config;
    loop->conns = calloc(rfx_conn_slots(config), sizeof *loop->conns);
    loop->free_slots = calloc(rfx_conn_slots(config), sizeof *loop->free_slots);
    loop->fields = malloc(RFX_FIELDS_MAX(config->message_size_max) * sizeof *loop->fields);
    loop->lent = calloc(loop->options.shard_count, sizeof *loop->lent);
    if (loop->conns == NULL || loop->free_slots == NULL || loop->fields == NULL ||
        loop->lent == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for an I/O loop's tables");
    }
    for (uint32_t i = 0; i < loop->options.shard_count; i++) {
        /* Every entry stands for at least one record in the ring. */
        uint64_t entries = loop->options.to_shards[i]->size / sizeof(struct rfx_link_message);
        uint64_t rounded = 64;
        while (rounded < entries) {
            rounded *= 2;
        }
        loop->lent[i].entries = malloc(rounded * sizeof *loop->lent[i].entries);
        if (loop->lent[i].entries == NULL) {
            return rfx_fail(error, RFX_E_NOMEM, "out of memory for an I/O loop's tables");
        }
        loop->lent[i].mask = rounded - 1;
    }
    return RFX_OK;
}

static void arm_wake(struct rfx_loop *loop)
{
    struct io_uring_sqe *sqe = rfx_loop_sqe(loop, RFX_OP_WAKE, NULL);
    uint64_t data = sqe->user_data;
    io_uring_prep_poll_multishot(sqe, loop->options.wake_fd, POLLIN);
    io_uring_sqe_set_data64(sqe, data);
    loop->wake_is_armed = true;
}

rfx_status rfx_loop_open(const struct rfx_loop_options *options, struct rfx_loop **loop,
                         struct rfx_error *error)
{
    struct rfx_loop *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for an I/O loop");
    }
    opened->options = *options;
    rfx_status status = open_tables(opened, error);
    if (status == RFX_OK && rfx_gate_open(&opened->gate, rfx_conn_slots(options->config),
                                          options->config->connections_per_address_max) != RFX_OK) {
        status = rfx_fail(error, RFX_E_NOMEM, "out of memory for MaxConnections=%u",
                          options->config->connections_max);
    }
    if (status == RFX_OK) {
        status = open_ring(opened, error);
    }
    if (status == RFX_OK) {
        status = rfx_receive_open(opened, error);
    }
    if (status != RFX_OK) {
        rfx_loop_close(opened);
        return status;
    }
    opened->is_accepting = options->listener_count > 0;
    arm_wake(opened);
    *loop = opened;
    return RFX_OK;
}

void rfx_loop_close(struct rfx_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    if (loop->ring_is_open) {
        /* Ends whatever is in flight before the memory it points into goes. */
        io_uring_queue_exit(&loop->ring);
        loop->ring_is_open = false;
    }
    for (uint32_t i = 0; i < loop->conns_used; i++) {
        struct rfx_conn *conn = &loop->conns[i];
        if (conn->state != RFX_CONN_FREE) {
            close(conn->fd);
            rfx_send_drop(loop, conn);
            rfx_receive_drop(loop, conn);
            rfx_conn_tls_close(loop, conn);
            free(conn->addresses);
        }
    }
    rfx_receive_close(loop);
    while (loop->chunk_count > 0) {
        free(loop->chunks[--loop->chunk_count]);
    }
    free(loop->lent);
    free(loop->fields);
    free(loop->free_slots);
    rfx_gate_close(&loop->gate);
    free(loop->conns);
    free(loop);
}

/* ------------------------------------------------------------------------------- the turn */

static void handle_wake(struct rfx_loop *loop, const struct io_uring_cqe *cqe)
{
    uint64_t count;
    if (read(loop->options.wake_fd, &count, sizeof count) < 0 && errno != EAGAIN) {
        rfx_loop_log(loop, RFX_LOG_ERROR, "cannot read the wake-up descriptor: %s",
                     strerror(errno));
    }
    if ((cqe->flags & IORING_CQE_F_MORE) == 0) {
        arm_wake(loop);
    }
}

static void handle(struct rfx_loop *loop, const struct io_uring_cqe *cqe)
{
    uint64_t data = cqe->user_data;
    enum rfx_op op = (enum rfx_op)(data >> 56);
    uint32_t index = (uint32_t)data;
    struct rfx_conn *conn = index < loop->conns_used ? &loop->conns[index] : NULL;
    bool is_current = conn != NULL && conn->state != RFX_CONN_FREE &&
                      (conn->generation & 0xffffff) == ((data >> 32) & 0xffffff);
    switch (op) {
    case RFX_OP_ACCEPT:
        rfx_accept_handle(loop, index, cqe);
        break;
    case RFX_OP_WAKE:
        handle_wake(loop, cqe);
        break;
    case RFX_OP_CANCEL:
        break; /* what was cancelled completes by itself */
    case RFX_OP_RECEIVE:
        RFX_ASSERT(is_current); /* a slot is free only after its operations are over */
        rfx_receive_handle(loop, conn, cqe);
        break;
    case RFX_OP_SEND:
        RFX_ASSERT(is_current);
        rfx_send_handle(loop, conn, cqe);
        break;
    case RFX_OP_CONNECT:
        RFX_ASSERT(is_current);
        rfx_connect_handle(loop, conn, cqe);
        break;
    }
}

static size_t handle_completions(struct rfx_loop *loop)
{
    struct io_uring_cqe *cqe;
    unsigned head;
    unsigned count = 0;
    io_uring_for_each_cqe(&loop->ring, head, cqe)
    {
        handle(loop, cqe);
        count++;
    }
    io_uring_cq_advance(&loop->ring, count);
    return count;
}

/* One system call when there is anything to submit or to fetch, none otherwise. */
static void enter(struct rfx_loop *loop)
{
    unsigned flags = IO_URING_READ_ONCE(*loop->ring.sq.kflags);
    bool has_events = (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
    if (has_events) {
        io_uring_submit_and_get_events(&loop->ring);
    } else if (io_uring_sq_ready(&loop->ring) > 0) {
        io_uring_submit(&loop->ring);
    }
}

/* As many as there are steps for; the others cost nothing meanwhile. */
static size_t retry_shaking(struct rfx_loop *loop)
{
    size_t count = 0;
    while (loop->handshakes_left > 0 && loop->shaking_first != NULL) {
        struct rfx_conn *conn = loop->shaking_first;
        loop->shaking_first = conn->next_stalled;
        if (loop->shaking_first == NULL) {
            loop->shaking_last = NULL;
        }
        conn->is_stalled = false;
        rfx_deliver(loop, conn);
        count++;
    }
    return count;
}

static size_t retry_stalled(struct rfx_loop *loop)
{
    size_t count = 0;
    struct rfx_conn *conn = loop->stalled;
    loop->stalled = NULL;
    while (conn != NULL) {
        struct rfx_conn *next = conn->next_stalled;
        conn->is_stalled = false;
        rfx_deliver(loop, conn);
        count += !conn->is_stalled;
        conn = next;
    }
    return count;
}

static void publish(struct rfx_loop *loop)
{
    for (uint32_t i = 0; i < loop->options.shard_count; i++) {
        if (rfx_ring_publish(loop->options.to_shards[i])) {
            loop->options.notify(loop->options.notify_context, i);
        }
    }
}

static void arm_accepts(struct rfx_loop *loop)
{
    for (uint32_t i = 0; loop->is_accepting && i < loop->options.listener_count; i++) {
        if (!loop->accepts[i].is_armed && loop->now.mono_ns >= loop->accepts[i].again_ns) {
            rfx_accept_arm(loop, i);
        }
    }
}

size_t rfx_loop_work(struct rfx_loop *loop, struct rfx_now now)
{
    loop->now = now;
    loop->handshakes_left = 1;
    rfx_receive_take_back(loop);
    size_t count = retry_stalled(loop);
    count += retry_shaking(loop);
    count += rfx_connect_take_names(loop);
    count += rfx_send_drain_shards(loop);
    rfx_send_start(loop);
    count += rfx_conn_run_timeouts(loop);
    arm_accepts(loop);
    enter(loop);
    count += handle_completions(loop);
    rfx_send_settle(loop);
    publish(loop);
    return count;
}

/* Blocks that no shard has given back yet: connections may wait for them. */
static bool has_lent(const struct rfx_loop *loop)
{
    for (uint32_t i = 0; i < loop->options.shard_count; i++) {
        if (loop->lent[i].head != loop->lent[i].tail) {
            return true;
        }
    }
    return false;
}

uint64_t rfx_loop_deadline_ns(const struct rfx_loop *loop)
{
    uint64_t deadline_ns = RFX_NEVER_NS;
    if (io_uring_sq_ready(&loop->ring) > 0 || loop->touched != NULL ||
        loop->shaking_first != NULL) {
        return 0;
    }
    if (loop->stalled != NULL || loop->has_starving || has_lent(loop)) {
        /* A shard says nothing when it has caught up; look again soon. */
        deadline_ns = loop->now.mono_ns + RFX_NS_PER_MS;
    }
    const struct rfx_conn_list *lists[] = {&loop->awaiting_logon, &loop->connecting,
                                           &loop->closing};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (lists[i]->first != NULL) {
            deadline_ns = rfx_min_u64(deadline_ns, lists[i]->first->deadline_ns);
        }
    }
    for (uint32_t i = 0; loop->is_accepting && i < loop->options.listener_count; i++) {
        if (!loop->accepts[i].is_armed) {
            deadline_ns = rfx_min_u64(deadline_ns, loop->accepts[i].again_ns);
        }
    }
    return deadline_ns;
}

bool rfx_loop_has_input(const struct rfx_loop *loop)
{
    for (uint32_t i = 0; i < loop->options.shard_count; i++) {
        if (!rfx_ring_is_empty(loop->options.from_shards[i])) {
            return true;
        }
    }
    return rfx_names_has_answer(loop->options.names, loop->options.index);
}

void rfx_loop_wait(struct rfx_loop *loop, uint64_t timeout_ns)
{
    struct io_uring_cqe *cqe;
    struct __kernel_timespec timeout = {
        .tv_sec = (long long)(timeout_ns / RFX_NS_PER_S),
        .tv_nsec = (long long)(timeout_ns % RFX_NS_PER_S),
    };
    bool forever = timeout_ns == RFX_NEVER_NS;
    io_uring_submit_and_wait_timeout(&loop->ring, &cqe, 1, forever ? NULL : &timeout, NULL);
}

void rfx_loop_stop_accepting(struct rfx_loop *loop)
{
    if (!loop->is_accepting) {
        return;
    }
    loop->is_accepting = false;
    for (uint32_t i = 0; i < loop->options.listener_count; i++) {
        if (loop->accepts[i].is_armed) {
            struct io_uring_sqe *sqe = rfx_loop_sqe(loop, RFX_OP_CANCEL, NULL);
            uint64_t data = sqe->user_data;
            io_uring_prep_cancel64(sqe, pack(RFX_OP_ACCEPT, NULL) | i, 0);
            io_uring_sqe_set_data64(sqe, data);
        }
    }
}

uint32_t rfx_loop_connection_count(const struct rfx_loop *loop)
{
    return loop->open_count;
}
