/* TLS on a connection of a loop: what was received is deciphered before it is framed, and what is
 * to be sent is enciphered in the runs in which it leaves. */
#ifndef RFX_IO_CONN_TLS_H
#define RFX_IO_CONN_TLS_H

#include "io/loop_internal.h"
#include "io/tls.h"

struct rfx_conn_tls {
    struct rfx_tls *engine;
    struct rfx_loop *loop;
    struct rfx_conn *conn;
    struct rfx_block *first; /* received, not deciphered */
    struct rfx_block *last;
    struct rfx_outgoing cipher; /* for the wire */
};

/* dial  whom an initiator has reached, NULL: an acceptor's connection
 * False: out of memory, or a reload has taken the certificates away */
bool rfx_conn_tls_open(struct rfx_loop *loop, struct rfx_conn *conn, const struct rfx_dial *dial);
void rfx_conn_tls_close(struct rfx_loop *loop, struct rfx_conn *conn);

/* Takes a block from the wire; rfx_deliver() goes on with it. */
void rfx_conn_tls_take(struct rfx_loop *loop, struct rfx_conn *conn, struct rfx_block *block);
/* The same with bytes that stand behind a PROXY header. */
void rfx_conn_tls_take_bytes(struct rfx_loop *loop, struct rfx_conn *conn, const char *data,
                             uint32_t size);

/* Deciphers what was taken. False: there is nothing to frame now; the connection waits for its turn
 * with a handshake, has no session yet, or is closed. */
bool rfx_conn_tls_pump(struct rfx_loop *loop, struct rfx_conn *conn);

/* What is pending becomes cipher. */
void rfx_conn_tls_encipher(struct rfx_loop *loop, struct rfx_conn *conn);

/* Says goodbye, once. */
void rfx_conn_tls_finish(struct rfx_conn *conn);

#endif
