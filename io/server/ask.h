/* A question to a shard: another thread's work, done between two turns while that thread waits. */
#ifndef RFX_IO_SERVER_ASK_H
#define RFX_IO_SERVER_ASK_H

#include "core/shard.h"

struct rfx_server;

/* What is asked, on the shard. Sets *status and perhaps *error; false: to be called again in the
 * next turn. data is what rfx_ask_make() gave. */
typedef bool rfx_ask_fn(struct rfx_shard *shard, void *data, rfx_status *status,
                        struct rfx_error *error);

/* Zeroed memory for what goes to a shard and comes back; NULL when memory is out. */
void *rfx_ask_make(size_t size);

/* Asks and waits for the answer, its status; may be repeated with the same data, unless it failed
 * with RFX_E_FULL: then the shard did not answer within RFX_ADMIN_WAIT_MS, and may be at it yet.
 *
 * errors   also RFX_E_NOMEM, and RFX_E_STATE when the server stops */
rfx_status rfx_ask(struct rfx_server *server, uint32_t shard, void *data, rfx_ask_fn *run,
                   struct rfx_error *error) RFX_MUST_CHECK;

/* Gives the data up; it is freed when the shard needs it no more. */
void rfx_ask_free(void *data);

#endif
