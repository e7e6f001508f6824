/* TLS between two streams of bytes: what came from the wire goes in, plain bytes come out, and the
 * reverse. No sockets here. Versions 1.2 and 1.3; no renegotiation, no resumption.
 *
 * thread   a struct rfx_tls belongs to one thread at a time; contexts are for any */
#ifndef RFX_IO_TLS_H
#define RFX_IO_TLS_H

#include "core/base.h"
#include "ringfix/config.h"

/* What certificates and settings make: for connections of both roles. */
struct rfx_tls_context;

/* Reads the files that the configuration names, for the roles of its sessions that use TLS.
 * errors RFX_E_CONFIG, RFX_E_IO (a file; the text names it and the key), RFX_E_NOMEM */
rfx_status rfx_tls_context_open(const struct rfx_config *config, struct rfx_tls_context **context,
                                struct rfx_error *error) RFX_MUST_CHECK;
/* Connections that were made with it keep what they need. NULL is allowed. */
void rfx_tls_context_close(struct rfx_tls_context *context);

/* The context in force. Taken for each new connection; a reload puts another one there. */
struct rfx_tls_source;
struct rfx_tls_source *rfx_tls_source_open(struct rfx_tls_context *first); /* NULL: no memory */
void rfx_tls_source_close(struct rfx_tls_source *source);
void rfx_tls_source_replace(struct rfx_tls_source *source, struct rfx_tls_context *next);

struct rfx_tls;

/* What the records go to, called during any call below. */
struct rfx_tls_wire {
    /* Takes bytes for the wire. */
    void (*put)(void *context, const char *data, size_t size);
    /* Asks that the kernel make the records, from the next byte on; info is for
     * rfx_tls_kernel_start(). False: it does not. NULL: it never does. */
    bool (*offload)(void *context, const void *info);
    /* After that: a record that is not data, behind everything that was put. False: not sent. */
    bool (*control)(void *context, unsigned char type, const char *data, size_t size);
    void *context;
};

/* NULL: no memory, or no context for that role.
 *
 * host   of an initiator: whom it asks for, a host name or an address; NULL: an acceptor's
 * names  of an initiator: what the other's certificate must have, one of these host names and
 *        addresses, apart by commas; NULL: host
 *
 * Both are borrowed until rfx_tls_close(). */
struct rfx_tls *rfx_tls_open(struct rfx_tls_source *source, const char *host, const char *names,
                             const struct rfx_tls_wire *wire);
void rfx_tls_close(struct rfx_tls *tls);

enum rfx_tls_state {
    RFX_TLS_HANDSHAKE,
    RFX_TLS_OPEN,
    RFX_TLS_ENDED,  /* the other side has said that it sends no more */
    RFX_TLS_FAILED, /* rfx_tls_problem() says why */
};

enum rfx_tls_state rfx_tls_state(const struct rfx_tls *tls);
/* Half a sentence. */
const char *rfx_tls_problem(const struct rfx_tls *tls);

/* An initiator's first words. */
void rfx_tls_begin(struct rfx_tls *tls);

/* Bytes from the wire, borrowed until rfx_tls_read() has returned less than was asked for. */
void rfx_tls_feed(struct rfx_tls *tls, const char *data, size_t size);

/* Goes on with the handshake and reads; less than `room`: everything that was fed is used up, or
 * the stream has ended or failed. */
size_t rfx_tls_read(struct rfx_tls *tls, char *data, size_t room);

/* Only when open. False: it has failed. */
bool rfx_tls_write(struct rfx_tls *tls, const char *data, size_t size);

/* Says that nothing more comes, once. */
void rfx_tls_finish(struct rfx_tls *tls);

/* The names in the other side's certificate: its common name and its subjectAltNames, each ended
 * by a NUL, an empty one at the end. "": it has shown none. */
const char *rfx_tls_names(const struct rfx_tls *tls);

#endif
