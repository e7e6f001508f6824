/* Shared by the files of libringfix_test. */
#ifndef RFX_CORE_TEST_TEST_INTERNAL_H
#define RFX_CORE_TEST_TEST_INTERNAL_H

#include <stdarg.h>

#include "core/shard.h"
#include "io/test/fields.h"
#include "io/test/memory_journal.h"
#include "io/server/profiles.h"
#include "ringfix/test.h"

/* A message of either side; its bytes and fields stand behind it. */
struct rfx_test_message {
    struct rfx_test_message *next;
    uint64_t seq_num; /* of one that the peer sent */
    struct rfx_message message;
};

/* Room in the ring to the shard that messages leave to records without one. */
#define RFX_TEST_RING_MARGIN 65536u

struct rfx_peer {
    struct rfx_test *test;
    uint32_t index;                    /* in test->peers, and of its connection */
    const struct rfx_profile *profile; /* of its session */
    struct rfx_session *session;       /* NULL: of a template */
    char comp_id[RFX_COMP_ID_MAX + 1]; /* its own */
    enum rfx_peer_manner manner;
    bool is_connected;
    bool is_named;       /* the shard knows the connection: its first message has come through */
    bool is_logged_on;   /* Logons were exchanged */
    bool is_dialing;     /* the initiator's CONNECT waits */
    bool has_logged_out; /* sent a Logout */
    uint32_t token;      /* of that CONNECT */
    uint32_t generation; /* of the connection, from 1 */
    char address[RFX_LINK_ADDRESS_MAX];
    enum rfx_disconnect_reason close_reason;
    uint64_t next_out;
    uint64_t next_in;
    uint64_t heartbeat_ns; /* 0: none */
    uint64_t last_sent_ns;
    uint64_t order_count;
    uint64_t report_count;
    struct rfx_text stream;           /* received in part */
    bool is_stalled;                  /* and the ring was full */
    struct rfx_test_message *first;   /* all messages, the oldest first */
    struct rfx_test_message **last;   /* where the next one goes */
    struct rfx_test_message **unread; /* the next one to read */
    struct rfx_test_message *read;    /* the one that was read last */
    struct rfx_test_message *hidden;  /* of the session layer, of a peer that is LIVE */
    struct rfx_test_message *sent;    /* by the peer, the latest first */
    const struct rfx_message *logon;  /* that came last */
    const struct rfx_message *logout;
};

struct rfx_test {
    struct rfx_config config; /* a copy */
    struct rfx_profiles profiles;
    struct rfx_app app;
    _Atomic uint64_t disconnects[RFX_REASON_COUNT];
    _Atomic uint32_t session_count;
    struct rfx_ring to_shard;
    struct rfx_ring from_shard;
    struct rfx_ring *to_pointer;
    struct rfx_ring *from_pointer;
    struct rfx_memory_journal journal;
    struct rfx_shard *shard;
    struct rfx_now now;
    struct rfx_peer **peers;
    size_t peer_count;
    bool takes_wrong_sums;
    struct rfx_error error;
};

/* peer.c: what comes from the shard, and time */
void rfx_peer_receive(struct rfx_peer *peer, struct rfx_bytes bytes);
void rfx_peer_beat(struct rfx_peer *peer);
uint64_t rfx_peer_deadline_ns(const struct rfx_peer *peer);
void rfx_peer_release(struct rfx_peer *peer);

/* feed.c: what goes to the shard, for the next turn; what does not fit waits in the stream, and
 * goes on with the next call, which may bring no bytes */
void rfx_peer_feed(struct rfx_peer *peer, struct rfx_bytes bytes);
void rfx_peer_say(struct rfx_peer *peer, enum rfx_link_type type,
                  enum rfx_disconnect_reason reason);

/* send.c: one message, complete; the next turn takes it
 * errors   RFX_E_INVALID */
rfx_status rfx_peer_put(struct rfx_peer *peer, const struct rfx_fields *fields) RFX_MUST_CHECK;
/* The same, checked to be connected, with turns before and after. */
rfx_status rfx_peer_put_now(struct rfx_peer *peer, const struct rfx_fields *fields) RFX_MUST_CHECK;
/* From a text that is known to be in order, when nobody is there to be told. */
void rfx_peer_put_text(struct rfx_peer *peer, const char *format, ...) RFX_PRINTF(2, 3);

/* resend.c */
struct rfx_test_message *rfx_test_keep(const struct rfx_peer *peer, struct rfx_bytes bytes);
/* Keeps a message of the application layer that was sent under a number. */
void rfx_peer_remember(struct rfx_peer *peer, struct rfx_bytes bytes, uint64_t seq_num);
/* last  0: to the end */
void rfx_peer_resend(struct rfx_peer *peer, uint64_t first, uint64_t last);

/* read.c */
void rfx_test_show(const struct rfx_message *message, struct rfx_text *out);

#endif
