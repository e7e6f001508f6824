#include "tests/integration/support_healthy.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

/* Longer than any answer may take, whatever the neighbours do; machines with sanitizers and two
 * cores for everything are slow. */
#define ANSWER_MS 5000

static void disturbed(struct healthy *healthy, const char *what, const char *id)
{
    struct rfx_bytes raw = rfx_bytes_of("", 0);
    if (healthy->peer.message.size > 0) {
        raw = rfx_message_raw(&healthy->peer.message);
    }
    snprintf(healthy->what, sizeof healthy->what, "%s on %s, last message: %.*s", what, id,
             (int)raw.size, raw.data);
    healthy->is_disturbed = true;
}

static bool trade(struct healthy *healthy, uint64_t number)
{
    struct peer *peer = &healthy->peer;
    char id[32];
    snprintf(id, sizeof id, "H-%llu", (unsigned long long)number);
    peer->message.size = 0;
    if (!peer_send_order(peer, id)) {
        disturbed(healthy, "connection lost", id);
    } else if (peer_receive(peer, ANSWER_MS) != PEER_MESSAGE) {
        disturbed(healthy, "no answer", id);
    } else if (!peer_is(peer, 35, "8") || !peer_is(peer, 11, id) ||
               peer_uint(peer, 34) != number + 2) { /* the first behind the Logon is 2 */
        disturbed(healthy, "wrong answer", id);
    }
    return !healthy->is_disturbed;
}

static void *run(void *argument)
{
    struct healthy *healthy = argument;
    while (!healthy->is_stopping && trade(healthy, healthy->trades)) {
        healthy->trades++;
    }
    return NULL;
}

void healthy_start(struct healthy *healthy, uint16_t port)
{
    memset(healthy, 0, sizeof *healthy);
    peer_init(&healthy->peer, "HEALTHY");
    peer_logon(&healthy->peer, port);
    assert_int_equal(pthread_create(&healthy->thread, NULL, run, healthy), 0);
}

void healthy_check(struct healthy *healthy, uint64_t count)
{
    uint64_t until = healthy->trades + count;
    while (healthy->trades < until && !healthy->is_disturbed) {
        sched_yield(); /* every trade has a deadline of its own */
    }
    if (healthy->is_disturbed) {
        fail_msg("the healthy session was disturbed: %s", healthy->what);
    }
}

void healthy_stop(struct healthy *healthy)
{
    healthy->is_stopping = true;
    pthread_join(healthy->thread, NULL);
    if (healthy->is_disturbed) {
        fail_msg("the healthy session was disturbed: %s", healthy->what);
    }
    peer_logout(&healthy->peer);
    peer_free(&healthy->peer);
}
