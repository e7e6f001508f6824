/* Receiving: multishot receives into a ring of provided buffers, and the buffers' way back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/conn_tls.h"

/* --------------------------------------------------------------------------------- buffers */

static void give_to_kernel(struct rfx_loop *loop, struct rfx_block *block)
{
    uint16_t id = (uint16_t)(block - loop->blocks);
    io_uring_buf_ring_add(loop->buffer_ring, block->data, RFX_BUFFER_SIZE, id,
                          io_uring_buf_ring_mask(RFX_BUFFER_COUNT), (int)loop->buffers_returned);
    loop->buffers_returned++;
}

static void publish_buffers(struct rfx_loop *loop)
{
    if (loop->buffers_returned > 0) {
        io_uring_buf_ring_advance(loop->buffer_ring, (int)loop->buffers_returned);
        loop->buffers_at_kernel += loop->buffers_returned;
        loop->buffers_returned = 0;
    }
}

rfx_status rfx_receive_open(struct rfx_loop *loop, struct rfx_error *error)
{
    loop->buffers = malloc((size_t)RFX_BUFFER_COUNT * RFX_BUFFER_SIZE);
    loop->blocks = calloc(RFX_BUFFER_COUNT, sizeof *loop->blocks);
    loop->buffer_ring_size = RFX_BUFFER_COUNT * sizeof(struct io_uring_buf);
    void *memory = mmap(NULL, loop->buffer_ring_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (loop->buffers == NULL || loop->blocks == NULL || memory == MAP_FAILED) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for receive buffers");
    }
    loop->buffer_ring = memory;
    io_uring_buf_ring_init(loop->buffer_ring);
    struct io_uring_buf_reg registration = {
        .ring_addr = (uint64_t)(uintptr_t)loop->buffer_ring,
        .ring_entries = RFX_BUFFER_COUNT,
        .bgid = RFX_BUFFER_GROUP,
    };
    int result = io_uring_register_buf_ring(&loop->ring, &registration, 0);
    if (result < 0) {
        return rfx_fail(error, RFX_E_IO,
                        "the kernel's io_uring refuses a ring of provided buffers: %s; Linux 6.1 "
                        "or later is needed",
                        strerror(-result));
    }
    for (uint32_t i = 0; i < RFX_BUFFER_COUNT; i++) {
        struct rfx_block *block = &loop->blocks[i];
        block->data = loop->buffers + (size_t)i * RFX_BUFFER_SIZE;
        block->capacity = RFX_BUFFER_SIZE;
        block->is_provided = true;
        give_to_kernel(loop, block);
    }
    publish_buffers(loop);
    return RFX_OK;
}

void rfx_receive_close(struct rfx_loop *loop)
{
    for (uint32_t i = 0; loop->lent != NULL && i < loop->options.shard_count; i++) {
        struct rfx_lent *lent = &loop->lent[i];
        for (; lent->head != lent->tail; lent->head++) {
            struct rfx_block *block = lent->entries[lent->head & lent->mask].block;
            if (!block->is_provided && --block->references == 0) {
                free(block->data);
                free(block);
            }
        }
        free(lent->entries);
        lent->entries = NULL;
    }
    if (loop->buffer_ring != NULL) {
        munmap(loop->buffer_ring, loop->buffer_ring_size);
    }
    free(loop->blocks);
    free(loop->buffers);
}

/* Open, or an initiator in the handshake of TLS. */
static bool is_reading(const struct rfx_conn *conn)
{
    return conn->state == RFX_CONN_OPEN ||
           (conn->state == RFX_CONN_CONNECTING && conn->tls != NULL);
}

void rfx_block_release(struct rfx_loop *loop, struct rfx_block *block)
{
    RFX_ASSERT(block->references > 0);
    if (--block->references > 0) {
        return;
    }
    struct rfx_conn *conn = block->conn;
    conn->held--;
    if (block->is_provided) {
        if (loop->ring_is_open) {
            give_to_kernel(loop, block);
        }
    } else {
        rfx_loop_free_chunk(loop, block->data, block->capacity);
        free(block);
    }
    if (!loop->ring_is_open) {
        return;
    }
    if (is_reading(conn) && !conn->is_receiving && !conn->is_starving && !conn->has_ended &&
        conn->held <= RFX_HELD_BLOCKS_MAX / 2) {
        rfx_receive_arm(loop, conn);
    } else if (conn->state == RFX_CONN_DEAD) {
        rfx_conn_go_on_closing(loop, conn);
    }
}

struct rfx_block *rfx_block_open(struct rfx_loop *loop, struct rfx_conn *conn)
{
    struct rfx_block *block = calloc(1, sizeof *block);
    RFX_ASSERT(block != NULL);
    block->data = rfx_loop_chunk(loop, RFX_CHUNK_SIZE);
    RFX_ASSERT(block->data != NULL);
    block->capacity = RFX_CHUNK_SIZE;
    block->conn = conn;
    block->references = 1;
    conn->held++;
    return block;
}

void rfx_conn_add_block(struct rfx_conn *conn, struct rfx_block *block)
{
    if (conn->last != NULL) {
        conn->last->next = block;
    } else {
        conn->first = block;
    }
    conn->last = block;
}

static void revive_starving(struct rfx_loop *loop)
{
    loop->has_starving = false;
    for (uint32_t i = 0; i < loop->conns_used; i++) {
        struct rfx_conn *conn = &loop->conns[i];
        if (conn->is_starving) {
            conn->is_starving = false;
            if (!conn->is_receiving && !conn->has_ended && conn->state != RFX_CONN_FREE &&
                conn->state != RFX_CONN_DEAD) {
                rfx_receive_arm(loop, conn);
            }
        }
    }
}

/* Blocks that shards are done with go back; once a turn. */
void rfx_receive_take_back(struct rfx_loop *loop)
{
    for (uint32_t i = 0; i < loop->options.shard_count; i++) {
        struct rfx_lent *lent = &loop->lent[i];
        while (lent->head != lent->tail) {
            uint64_t position = lent->entries[lent->head & lent->mask].position;
            if (!rfx_ring_is_released(loop->options.to_shards[i], position)) {
                break;
            }
            struct rfx_block *block = lent->entries[lent->head & lent->mask].block;
            lent->head++;
            rfx_block_release(loop, block);
        }
    }
    publish_buffers(loop);
    if (loop->has_starving && loop->buffers_at_kernel > 0) {
        revive_starving(loop);
    }
}

/* --------------------------------------------------------------------------------- receive */

void rfx_receive_arm(struct rfx_loop *loop, struct rfx_conn *conn)
{
    struct io_uring_sqe *sqe = rfx_loop_sqe(loop, RFX_OP_RECEIVE, conn);
    uint64_t data = sqe->user_data;
    io_uring_prep_recv_multishot(sqe, conn->fd, NULL, 0, 0);
    io_uring_sqe_set_data64(sqe, data);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = RFX_BUFFER_GROUP;
    conn->is_receiving = true;
    conn->is_pausing = false;
}

/* A connection that holds many buffers is read no further until the shard has caught up: TCP
 * tells the peer, and the others keep their share. */
static void pause_receiving(struct rfx_loop *loop, struct rfx_conn *conn)
{
    if (conn->is_pausing || !conn->is_receiving) {
        return;
    }
    conn->is_pausing = true;
    struct io_uring_sqe *target = rfx_loop_sqe(loop, RFX_OP_RECEIVE, conn);
    uint64_t receive_data = target->user_data;
    io_uring_prep_cancel64(target, receive_data, 0);
    io_uring_sqe_set_data64(target, (uint64_t)RFX_OP_CANCEL << 56);
}

static void drop_all(struct rfx_loop *loop, struct rfx_block **first, struct rfx_block **last)
{
    while (*first != NULL) {
        struct rfx_block *block = *first;
        *first = block->next;
        rfx_block_release(loop, block);
    }
    *last = NULL;
}

void rfx_receive_drop(struct rfx_loop *loop, struct rfx_conn *conn)
{
    drop_all(loop, &conn->first, &conn->last);
    if (conn->tls != NULL) {
        drop_all(loop, &conn->tls->first, &conn->tls->last);
    }
    if (conn->assembly != NULL) {
        struct rfx_block *assembly = conn->assembly;
        conn->assembly = NULL;
        rfx_block_release(loop, assembly);
    }
}

static void take_buffer(struct rfx_loop *loop, struct rfx_conn *conn,
                        const struct io_uring_cqe *cqe)
{
    struct rfx_block *block = &loop->blocks[cqe->flags >> IORING_CQE_BUFFER_SHIFT];
    if (!is_reading(conn) || conn->has_ended) {
        give_to_kernel(loop, block); /* nobody reads on */
        return;
    }
    block->next = NULL;
    block->conn = conn;
    block->size = (uint32_t)cqe->res;
    block->framed = 0;
    block->references = 1;
    conn->held++;
    if (RFX_UNLIKELY(conn->tls != NULL) && !conn->awaits_proxy) {
        rfx_conn_tls_take(loop, conn, block);
    } else {
        rfx_conn_add_block(conn, block);
    }
    rfx_deliver(loop, conn);
    if (conn->held >= RFX_HELD_BLOCKS_MAX) {
        pause_receiving(loop, conn);
    }
}

static void on_end(struct rfx_loop *loop, struct rfx_conn *conn, int result)
{
    switch (result) {
    case 0:
        rfx_conn_end(loop, conn, RFX_REASON_PEER_CLOSED, false);
        break;
    case -ENOBUFS:
        conn->is_starving = true;
        loop->has_starving = true;
        break;
    case -ECANCELED:
        if (conn->held <= RFX_HELD_BLOCKS_MAX / 2 && is_reading(conn)) {
            rfx_receive_arm(loop, conn); /* everything was given back in the meantime */
        }
        break;
    default:
        rfx_conn_end(loop, conn, RFX_REASON_CONNECTION_LOST, true);
        break;
    }
}

void rfx_receive_handle(struct rfx_loop *loop, struct rfx_conn *conn,
                        const struct io_uring_cqe *cqe)
{
    bool is_over = (cqe->flags & IORING_CQE_F_MORE) == 0;
    if ((cqe->flags & IORING_CQE_F_BUFFER) != 0) {
        loop->buffers_at_kernel--;
    }
    if (is_over) {
        conn->is_receiving = false;
        conn->is_pausing = false;
    }
    if (cqe->res > 0) {
        take_buffer(loop, conn, cqe);
        if (is_over && !conn->is_receiving && !conn->has_ended && conn->state != RFX_CONN_FREE &&
            conn->state != RFX_CONN_DEAD && conn->held <= RFX_HELD_BLOCKS_MAX / 2) {
            rfx_receive_arm(loop, conn);
        }
    } else {
        if ((cqe->flags & IORING_CQE_F_BUFFER) != 0) {
            give_to_kernel(loop, &loop->blocks[cqe->flags >> IORING_CQE_BUFFER_SHIFT]);
        }
        on_end(loop, conn, cqe->res);
    }
    if (conn->state == RFX_CONN_DEAD) {
        rfx_conn_go_on_closing(loop, conn);
    } else if (conn->state == RFX_CONN_LINGERING && !conn->is_receiving && !conn->is_starving &&
               !conn->has_ended) {
        rfx_receive_arm(loop, conn); /* a pause that came too late; the end is still awaited */
    }
}
