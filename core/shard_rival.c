/* Logons for one session that await their verdicts side by side: whoever comes first and is not who
 * he says must not keep the counterparty out. The first of them is examined on the session itself;
 * each further one has a stand-in, a provisional session of the same name that nobody finds by it.
 * When a stand-in's Logon is accepted, its connection goes over to the session. */
#include "core/shard_internal.h"

#include <string.h>

#define RIVALS_MAX 3 /* beside the first */

bool rfx_shard_may_rival(const struct rfx_hosted *primary)
{
    size_t count = 0;
    for (const struct rfx_hosted *rival = primary->rivals; rival != NULL;
         rival = rival->next_rival) {
        count++;
    }
    return primary->logon != NULL && count < RIVALS_MAX;
}

void rfx_shard_link_rival(struct rfx_hosted *primary, struct rfx_hosted *rival)
{
    rival->primary = primary;
    rival->next_rival = primary->rivals;
    primary->rivals = rival;
    rival->session.user = primary->is_provisional ? NULL : primary->session.user;
}

void rfx_shard_unlink_rival(struct rfx_hosted *rival)
{
    struct rfx_hosted **link = &rival->primary->rivals;
    while (*link != rival) {
        link = &(*link)->next_rival;
    }
    *link = rival->next_rival;
}

static void close_as_duplicate(struct rfx_shard *shard, struct rfx_hosted *hosted)
{
    struct rfx_event event = rfx_shard_event(shard, RFX_EVENT_CLOSE);
    event.reason = RFX_REASON_DUPLICATE_SESSION;
    rfx_shard_step(shard, hosted, &event);
}

void rfx_shard_close_rivals(struct rfx_shard *shard, struct rfx_hosted *primary)
{
    for (struct rfx_hosted *rival = primary->rivals; rival != NULL; rival = rival->next_rival) {
        if (rival->conn.generation != 0) {
            close_as_duplicate(shard, rival);
        }
    }
}

struct rfx_hosted *rfx_shard_promote(struct rfx_shard *shard, struct rfx_hosted *rival)
{
    struct rfx_hosted *primary = rival->primary;
    const struct rfx_conn_id conn = rival->conn;
    char address[RFX_LINK_ADDRESS_MAX];
    memcpy(address, rival->remote_address, sizeof address);
    close_as_duplicate(shard, primary); /* if it has a connection at all */
    if (rival->conn.generation == 0) {
        return NULL; /* the application has closed this one, too */
    }
    rfx_shard_detach(shard, rival);
    rfx_timers_remove(&shard->timers, &rival->timer);
    rfx_shard_discard_later(shard, rival);
    rfx_shard_begin_connection(shard, primary, conn, address, rival->certificate_name);
    return rfx_shard_attached(shard, conn) == primary ? primary : NULL;
}
