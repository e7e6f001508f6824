/* What a shard does for its one session, with a counterparty of its own, checking after every
 * step what must hold whatever the counterparty sends. A check that fails ends the process. */
#ifndef RFX_TESTS_FUZZ_SESSION_HOST_H
#define RFX_TESTS_FUZZ_SESSION_HOST_H

#include "core/gap_queue.h"
#include "core/session.h"

#define MESSAGE_MAX 2048u
#define NUMBER_MAX  (UINT64_C(1) << 62) /* beyond it the session is reset, else numbers run out */

struct stored {
    uint64_t seq_num;
    uint32_t size;
    char data[MESSAGE_MAX];
};

struct host {
    struct rfx_session session;
    struct rfx_session_config config;
    struct rfx_profile profile;
    struct rfx_validate_scratch *scratch;
    char memory[512]; /* the session's own */
    struct rfx_now now;
    struct rfx_utc_cache utc;
    struct rfx_gap_queue queue;
    uint64_t last_delivered;
    uint64_t replay_cursor;
    bool awaits_verdict;   /* about the Logon that was just fed */
    bool wants_connection; /* initiator: it asked for one */
    size_t stored_count;   /* since the last reset; the last of them are in the store */
    struct stored *store;
    char space[RFX_STEP_SPACE(MESSAGE_MAX)];
};

/* Takes the configuration from host->config and logs on. */
void host_open(struct host *host);
void host_close(struct host *host);

/* One event without anything but a reason. */
void host_event(struct host *host, enum rfx_event_type type, enum rfx_disconnect_reason reason);

/* The application sends an order. */
void host_send(struct host *host);

/* A message of these fields alone, or with a sound header before them. What cannot be framed is
 * dropped, as an I/O loop would. */
void host_receive(struct host *host, struct rfx_bytes body);
void host_receive_numbered(struct host *host, struct rfx_bytes type, uint64_t seq_num,
                           struct rfx_bytes rest);

/* Feeds at most `slice` stored messages of the resend under way, then its end if that was all. */
void host_serve(struct host *host, size_t slice);

/* Lets time pass, with all that falls due. */
void host_advance(struct host *host, uint64_t ms);

/* A new connection in place of the present one; the second one is logged on as well. */
void host_connect(struct host *host);
void host_log_on(struct host *host);

#endif
