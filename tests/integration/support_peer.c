#include "tests/integration/support_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/frame.h"

uint64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void peer_init(struct peer *peer, const char *sender_comp_id)
{
    *peer = (struct peer){
        .fd = -1,
        .identity = {.begin_string = "FIX.4.4",
                     .sender_comp_id = sender_comp_id,
                     .target_comp_id = "RINGFIX",
                     .seq_num = 1},
        .buffer = malloc(PEER_BUFFER_SIZE),
        .fields = malloc(RFX_FIELDS_MAX(PEER_BUFFER_SIZE) * sizeof *peer->fields),
    };
    assert_non_null(peer->buffer);
    assert_non_null(peer->fields);
}

void peer_free(struct peer *peer)
{
    peer_close(peer);
    free(peer->buffer);
    free(peer->fields);
}

/* ------------------------------------------------------------------------------ connection */

void peer_connect_narrow(struct peer *peer, uint16_t port, int receive_buffer)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int on = 1;
    assert_int_equal(peer->fd, -1);
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(peer->fd >= 0);
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer > 0) {
        setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    if (connect(peer->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        fail_msg("connect to port %u: %s", port, strerror(errno));
    }
    peer->start = 0;
    peer->end = 0;
}

void peer_connect(struct peer *peer, uint16_t port)
{
    peer_connect_narrow(peer, port, 0);
}

bool peer_secure(struct peer *peer, SSL_CTX *context)
{
    peer->ssl = SSL_new(context);
    assert_non_null(peer->ssl);
    assert_int_equal(SSL_set_fd(peer->ssl, peer->fd), 1);
    return SSL_connect(peer->ssl) == 1;
}

void peer_close(struct peer *peer)
{
    SSL_free(peer->ssl);
    peer->ssl = NULL;
    if (peer->fd >= 0) {
        close(peer->fd);
        peer->fd = -1;
    }
}

void peer_cut(struct peer *peer)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    peer_close(peer);
}

/* -------------------------------------------------------------------------------- sending */

size_t peer_compose(struct peer *peer, const char *text, char *out, size_t size)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    peer->identity.utc_ns = (int64_t)now.tv_sec * (int64_t)RFX_NS_PER_S + now.tv_nsec;
    size_t written = wire_from_text(&peer->identity, text, out, size);
    if (wire_find_token(text, 34) == NULL) {
        peer->identity.seq_num++;
    }
    return written;
}

bool peer_send_bytes(struct peer *peer, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = peer->ssl != NULL ? SSL_write(peer->ssl, data, (int)size)
                                         : send(peer->fd, data, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool peer_send(struct peer *peer, const char *text)
{
    size_t room = strlen(text) + 512;
    char *message = malloc(room);
    size_t size = peer_compose(peer, text, message, room);
    bool is_sent = peer_send_bytes(peer, message, size);
    free(message);
    return is_sent;
}

/* ------------------------------------------------------------------------------ receiving */

/* Takes the next message out of the buffer. PEER_TIMEOUT: it is not complete yet. */
static enum peer_result next_message(struct peer *peer)
{
    struct rfx_frame frame;
    char *data = peer->buffer + peer->start;
    if (peer->start == peer->end) {
        return PEER_TIMEOUT;
    }
    switch (rfx_frame(data, peer->end - peer->start, PEER_BUFFER_SIZE, &frame)) {
    case RFX_FRAME_COMPLETE:
        rfx_message_index(data, frame.size, peer->fields, &peer->message);
        peer->start += frame.size;
        return peer->message.malformed_index < 0 ? PEER_MESSAGE : PEER_GARBLED;
    case RFX_FRAME_PARTIAL:
        return PEER_TIMEOUT;
    case RFX_FRAME_GARBLED:
        break;
    }
    return PEER_GARBLED;
}

enum peer_result peer_receive(struct peer *peer, int timeout_ms)
{
    uint64_t deadline = monotonic_ms() + (uint64_t)timeout_ms;
    for (;;) {
        enum peer_result result = next_message(peer);
        if (result != PEER_TIMEOUT) {
            return result;
        }
        memmove(peer->buffer, peer->buffer + peer->start, peer->end - peer->start);
        peer->end -= peer->start;
        peer->start = 0;
        uint64_t now = monotonic_ms();
        struct pollfd poll_fd = {.fd = peer->fd, .events = POLLIN};
        const bool is_ready = peer->ssl != NULL && SSL_pending(peer->ssl) > 0;
        if (!is_ready && poll(&poll_fd, 1, now < deadline ? (int)(deadline - now) : 0) == 0) {
            return PEER_TIMEOUT;
        }
        char *room = peer->buffer + peer->end;
        const size_t room_size = PEER_BUFFER_SIZE - peer->end;
        ssize_t size = peer->ssl != NULL ? SSL_read(peer->ssl, room, (int)room_size)
                                         : recv(peer->fd, room, room_size, 0);
        if (size > 0) {
            peer->end += (size_t)size;
        } else if (size == 0 || errno != EINTR) {
            return PEER_END;
        }
    }
}

uint64_t peer_uint(const struct peer *peer, int32_t tag)
{
    int32_t index = rfx_message_find(&peer->message, tag);
    uint64_t value;
    if (index < 0 || !rfx_read_uint(rfx_field_value(&peer->message, index), &value)) {
        return 0;
    }
    return value;
}

bool peer_is(const struct peer *peer, int32_t tag, const char *value)
{
    int32_t index = rfx_message_find(&peer->message, tag);
    return index >= 0 &&
           rfx_bytes_equal(rfx_field_value(&peer->message, index), value, strlen(value));
}

static bool is_left_out(int32_t tag, enum peer_render what)
{
    bool is_time = tag == 10 || tag == 52 || tag == 122;
    return is_time || (what == PEER_RENDER_CONTENT && (tag == 9 || tag == 43));
}

void peer_render(const struct peer *peer, enum peer_render what, struct text *out)
{
    for (uint32_t i = 0; i < peer->message.field_count; i++) {
        char tag[16];
        struct rfx_bytes value = rfx_field_value(&peer->message, (int32_t)i);
        if (!is_left_out(peer->fields[i].tag, what)) {
            snprintf(tag, sizeof tag, "%d=", (int)peer->fields[i].tag);
            text_put_string(out, tag);
            text_put(out, value.data, value.size);
            text_put_string(out, "|");
        }
    }
}

/* --------------------------------------------------------------------------- expectations */

static const char *result_text(enum peer_result result)
{
    switch (result) {
    case PEER_MESSAGE:
        return "a message";
    case PEER_END:
        return "the end of the connection";
    case PEER_TIMEOUT:
        return "nothing in time";
    case PEER_GARBLED:
        return "a garbled message";
    }
    return "?";
}

void peer_expect(struct peer *peer, const char *msg_type)
{
    enum peer_result result = peer_receive(peer, PEER_WAIT_MS);
    if (result != PEER_MESSAGE) {
        fail_msg("%s: 35=%s expected, got %s", peer->identity.sender_comp_id, msg_type,
                 result_text(result));
    }
    if (!peer_is(peer, 35, msg_type)) {
        struct rfx_bytes raw = rfx_message_raw(&peer->message);
        fail_msg("%s: 35=%s expected, got %.*s", peer->identity.sender_comp_id, msg_type,
                 (int)raw.size, raw.data);
    }
}

void peer_expect_end(struct peer *peer)
{
    enum peer_result result = peer_receive(peer, PEER_WAIT_MS);
    if (result != PEER_END) {
        struct rfx_bytes raw = rfx_bytes_of("", 0);
        if (result == PEER_MESSAGE) {
            raw = rfx_message_raw(&peer->message);
        }
        fail_msg("%s: the end of the connection expected, got %s %.*s",
                 peer->identity.sender_comp_id, result_text(result), (int)raw.size, raw.data);
    }
    peer_close(peer);
}

void peer_logon(struct peer *peer, uint16_t port)
{
    peer_connect(peer, port);
    assert_true(peer_send(peer, "35=A|98=0|108=30"));
    peer_expect(peer, "A");
}

void peer_logout(struct peer *peer)
{
    assert_true(peer_send(peer, "35=5"));
    peer_expect(peer, "5");
    peer_expect_end(peer);
}

bool peer_send_order(struct peer *peer, const char *cl_ord_id)
{
    char text[160];
    snprintf(text, sizeof text, "35=D|11=%s|55=ACME|54=1|38=100|40=2|44=12.50|60=@0", cl_ord_id);
    return peer_send(peer, text);
}

void peer_expect_report(struct peer *peer, const char *cl_ord_id)
{
    peer_expect(peer, "8");
    if (!peer_is(peer, 11, cl_ord_id)) {
        struct rfx_bytes raw = rfx_message_raw(&peer->message);
        fail_msg("report on %s expected, got %.*s", cl_ord_id, (int)raw.size, raw.data);
    }
}

void peer_trade(struct peer *peer, const char *cl_ord_id)
{
    assert_true(peer_send_order(peer, cl_ord_id));
    peer_expect_report(peer, cl_ord_id);
}

void peer_ping(struct peer *peer)
{
    char text[64];
    char id[32];
    snprintf(id, sizeof id, "PING-%llu", (unsigned long long)peer->identity.seq_num);
    snprintf(text, sizeof text, "35=1|112=%s", id);
    assert_true(peer_send(peer, text));
    peer_expect(peer, "0");
    assert_true(peer_is(peer, 112, id));
}
