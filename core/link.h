/* What I/O loops and shards say to each other through the rings between them. */
#ifndef RFX_CORE_LINK_H
#define RFX_CORE_LINK_H

#include "core/base.h"
#include "core/message.h"
#include "ringfix/config.h"
#include "ringfix/session.h"

/* A connection, for as long as it lives: index is a slot of the loop's table, and generation
 * tells this connection from an earlier one in the same slot. */
struct rfx_conn_id {
    uint32_t loop;
    uint32_t index;
    uint32_t generation; /* from 1 */
};

/* How many slots a loop's table has: MaxConnections, and some for those that were turned away and
 * are not closed yet. */
static inline uint32_t rfx_conn_slots(const struct rfx_config *config)
{
    enum { SPARE = 64 };
    return config->connections_max + SPARE;
}

enum rfx_link_type {
    /* loop to shard */
    RFX_LINK_MESSAGE,      /* struct rfx_link_message, the field index behind it */
    RFX_LINK_CONNECTED,    /* struct rfx_link_connection: the CONNECT of `token` succeeded */
    RFX_LINK_DISCONNECTED, /* struct rfx_link_connection: end of stream, or a failed CONNECT;
                              answered by a CLOSE if the connection had begun */
    RFX_LINK_DRAINED,      /* struct rfx_link_connection: all that stood before the DRAIN is out */
    /* shard to loop */
    RFX_LINK_SEND,    /* struct rfx_link_send, the bytes behind it */
    RFX_LINK_CLOSE,   /* struct rfx_link_connection: send what waits, then close */
    RFX_LINK_DRAIN,   /* struct rfx_link_connection: say DRAINED when nothing waits any more */
    RFX_LINK_CONNECT, /* struct rfx_link_connect */
};

#define RFX_LINK_ADDRESS_MAX 72

/* Where an initiator dials; lives as long as the shard and the loops. */
struct rfx_dial {
    const char *name;             /* of the host, or an address */
    const char *certificate_name; /* CertificateName, NULL: the name */
    uint16_t port;
    bool use_ssl;
};

/* A framed message. It and its field index stay where they are until the record is released. */
struct rfx_link_message {
    struct rfx_conn_id conn;
    /* "192.0.2.1:5001", "[2001:db8::1]:5001": the other end, in the first message of an accepted
     * connection alone; lives as long as the record. With it comes what stands here next. */
    const char *peer;
    const char *certificate_names; /* each ended by a NUL, "" at the end; NULL: no TLS */
    uint16_t accept_port;          /* as configured */
    bool is_sum_wrong;             /* CheckSum(10); only when some session takes such messages */
    struct rfx_message message;    /* message.fields points behind this struct */
};

struct rfx_link_connection {
    struct rfx_conn_id conn;
    uint32_t token; /* CONNECTED, DISCONNECTED of a connect: the initiator session's own */
    enum rfx_disconnect_reason reason; /* DISCONNECTED, CLOSE */
    const char *peer; /* CONNECTED: the other end as in a message; lives as the connection does.
                         NULL: the host's name will do */
};

struct rfx_link_send {
    struct rfx_conn_id conn;
    uint32_t size;
};

struct rfx_link_connect {
    uint32_t token;
    const struct rfx_dial *dial;
};

#endif
