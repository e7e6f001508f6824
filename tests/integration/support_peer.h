/* A counterparty for tests: one blocking TCP connection that speaks raw FIX.
 *
 * Functions named peer_expect_*, peer_connect and those built on them end the test when they are
 * disappointed, so they belong to the main thread; all others may run on any one thread. */
#ifndef RFX_TESTS_SUPPORT_PEER_H
#define RFX_TESTS_SUPPORT_PEER_H

#include <openssl/ssl.h>

#include "core/message.h"
#include "tests/support.h"
#include "tests/unit/support_wire.h"

/* How long anything that must happen may take; generous, for builds with sanitizers. */
#define PEER_WAIT_MS     20000
#define PEER_BUFFER_SIZE (256u << 10)
#define PEER_TEXT_MAX    (128u << 10) /* of a message to send */

enum peer_result {
    PEER_MESSAGE, /* peer->message is the next one */
    PEER_END,     /* the server has closed or reset the connection */
    PEER_TIMEOUT,
    PEER_GARBLED, /* the server sent something that is no message */
};

struct peer {
    int fd;                     /* -1: not connected */
    SSL *ssl;                   /* NULL: plain */
    struct wire_peer identity;  /* seq_num is the number of the next message sent */
    struct rfx_message message; /* the last one received, valid until the next receive */
    char *buffer;
    size_t start; /* of what is not yet handed out */
    size_t end;
    struct rfx_field *fields;
};

/* A FIX.4.4 counterparty of RINGFIX that has sent nothing yet; the text is borrowed until
 * peer_free(). Other identities are set in peer->identity afterwards. */
void peer_init(struct peer *peer, const char *sender_comp_id);
void peer_free(struct peer *peer);

/* Connects to a port on loopback; numbers go on where they were. */
void peer_connect(struct peer *peer, uint16_t port);

/* The same with a small receive buffer: the server's sends are held up soon. */
void peer_connect_narrow(struct peer *peer, uint16_t port, int receive_buffer);

/* TLS on the connection. context  the client's certificates and versions; without verification
 * False: the handshake failed. */
bool peer_secure(struct peer *peer, SSL_CTX *context);

void peer_close(struct peer *peer);

/* Resets the connection instead of closing it. */
void peer_cut(struct peer *peer);

/* Writes a message from text such as "35=D|11=X" (see support_wire.h). Without a 34 it gets the
 * next number, which is then used up. Returns its size. */
size_t peer_compose(struct peer *peer, const char *text, char *out, size_t size);

/* False: the connection is gone. */
bool peer_send(struct peer *peer, const char *text);
bool peer_send_bytes(struct peer *peer, const char *data, size_t size);

enum peer_result peer_receive(struct peer *peer, int timeout_ms);

/* The received message: a number field (0 when it is missing), and a comparison. */
uint64_t peer_uint(const struct peer *peer, int32_t tag);
bool peer_is(const struct peer *peer, int32_t tag, const char *value);

/* What peer_render() leaves out. */
enum peer_render {
    PEER_RENDER_WIRE,    /* times and the sum over them: 10, 52, 122 */
    PEER_RENDER_CONTENT, /* and what differs in a repetition: 9, 43 */
};

/* The received message as "8=FIX.4.4|...|34=2|". */
void peer_render(const struct peer *peer, enum peer_render what, struct text *out);

/* The next message has this MsgType(35). */
void peer_expect(struct peer *peer, const char *msg_type);

/* Nothing more comes but the end of the connection. */
void peer_expect_end(struct peer *peer);

void peer_logon(struct peer *peer, uint16_t port); /* connects, sends a Logon, gets one */
void peer_logout(struct peer *peer);               /* sends a Logout, gets one, and the end */

/* A NewOrderSingle with a ClOrdID, and its ExecutionReport. */
bool peer_send_order(struct peer *peer, const char *cl_ord_id);
void peer_expect_report(struct peer *peer, const char *cl_ord_id);
void peer_trade(struct peer *peer, const char *cl_ord_id);

/* A TestRequest and its Heartbeat. */
void peer_ping(struct peer *peer);

uint64_t monotonic_ms(void);

#endif
