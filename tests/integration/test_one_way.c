/* Traffic that needs no answer. The shard then sends nothing, and so wakes nobody: the I/O loop
 * must find out by itself that its receive buffers are free again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/support_peer.h"
#include "tests/integration/support_server.h"

#define HEARTBEATS 20000 /* 1.5 MB, many times what a connection may hold */
#define ROOM       128   /* of one */

static struct host *open_host(void **state, enum rfx_threading_mode mode, uint32_t loops,
                              uint32_t shards)
{
    struct host *host = calloc(1, sizeof *host);
    assert_non_null(host);
    host_init(host, mode, loops, shards);
    host->config.idle_strategy = RFX_IDLE_PARK;
    host_start(host);
    *state = host;
    return host;
}

static int tear_down(void **state)
{
    host_free(*state);
    free(*state);
    return 0;
}

static void expect_all_are_read(struct host *host, const char *name)
{
    struct peer peer;
    char *bytes = malloc((size_t)HEARTBEATS * ROOM);
    size_t size = 0;
    assert_non_null(bytes);
    peer_init(&peer, name);
    peer_logon(&peer, host->port);
    for (int i = 0; i < HEARTBEATS; i++) {
        size += peer_compose(&peer, "35=0", bytes + size, ROOM);
    }
    assert_true(peer_send_bytes(&peer, bytes, size));
    peer_ping(&peer);
    peer_logout(&peer);
    peer_free(&peer);
    free(bytes);
}

/* Several names, so that some session's shard is not on the worker of its connection. */
static void expect_all_peers_are_read(struct host *host)
{
    for (int i = 0; i < 6; i++) {
        char name[16];
        snprintf(name, sizeof name, "ONEWAY%d", i);
        expect_all_are_read(host, name);
    }
}

static void test_one_way_traffic_when_dedicated_then_all_is_read(void **state)
{
    expect_all_peers_are_read(open_host(state, RFX_THREADING_DEDICATED, 1, 1));
}

static void test_one_way_traffic_when_shared_by_two_then_all_is_read(void **state)
{
    expect_all_peers_are_read(open_host(state, RFX_THREADING_SHARED, 2, 2));
}

/* Garbled frames as short as they get, sent by one who has logged on, cost the others nothing
 * they could notice; and what follows them is read. */
static void test_garbage_when_in_tiny_frames_then_what_follows_is_read(void **state)
{
    struct host *host = open_host(state, RFX_THREADING_SHARED, 1, 1);
    struct peer peer;
    const size_t size = 6 * 200000;
    char *bytes = malloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i += 6) {
        memcpy(bytes + i, "8=FIX\x01", 6);
    }
    peer_init(&peer, "GARBLER");
    peer_logon(&peer, host->port);
    assert_true(peer_send_bytes(&peer, bytes, size));
    peer_ping(&peer);
    peer_logout(&peer);
    peer_free(&peer);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_one_way_traffic_when_dedicated_then_all_is_read, tear_down),
        cmocka_unit_test_teardown(test_one_way_traffic_when_shared_by_two_then_all_is_read,
                                  tear_down),
        cmocka_unit_test_teardown(test_garbage_when_in_tiny_frames_then_what_follows_is_read,
                                  tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
