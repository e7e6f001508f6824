/* Who may come in: limits per address and on those who say nothing, and connections by a proxy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/support_peer.h"
#include "tests/integration/support_server.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static struct host *make_host(void **state)
{
    struct host *host = calloc(1, sizeof *host);
    assert_non_null(host);
    host_init(host, RFX_THREADING_SHARED, 1, 1);
    *state = host;
    return host;
}

static int tear_down(void **state)
{
    host_free(*state);
    free(*state);
    return 0;
}

static uint64_t ended(const struct host *host, enum rfx_disconnect_reason reason)
{
    return rfx_server_disconnects(host->server, reason);
}

static void test_address_when_it_has_its_connections_then_one_more_is_closed(void **state)
{
    struct host *host = make_host(state);
    struct peer peers[4];
    const char *const names[] = {"P0", "P1", "P2", "P3"};
    host->config.connections_per_address_max = 3;
    host_start(host);
    for (int i = 0; i < 3; i++) {
        peer_init(&peers[i], names[i]);
        peer_logon(&peers[i], host->port);
    }
    peer_init(&peers[3], names[3]);
    for (int i = 0; i < 5; i++) {
        peer_connect(&peers[3], host->port);
        peer_expect_end(&peers[3]);
        peer_close(&peers[3]);
    }
    assert_int_equal(ended(host, RFX_REASON_ADDRESS_LIMIT), 5);
    peer_trade(&peers[0], "A");
    peer_logout(&peers[1]);
    peer_close(&peers[1]);
    enum peer_result result = PEER_END;
    for (int i = 0; i < 1000 && result != PEER_MESSAGE; i++) { /* until the slot is free again */
        peer_close(&peers[3]);
        peers[3].identity.seq_num = 1;
        peer_connect(&peers[3], host->port);
        peer_send(&peers[3], "35=A|98=0|108=30");
        result = peer_receive(&peers[3], PEER_WAIT_MS);
    }
    assert_int_equal(result, PEER_MESSAGE);
    peer_trade(&peers[3], "B");
    for (int i = 0; i < 4; i++) {
        peer_free(&peers[i]);
    }
}

static void test_silent_ones_when_too_many_then_the_oldest_goes_and_others_trade(void **state)
{
    enum { LIMIT = 8, SILENT = 50 };
    struct host *host = make_host(state);
    struct peer silent[SILENT];
    struct peer trader;
    struct peer late;
    host->config.pending_logons_max = LIMIT;
    host_start(host);
    peer_init(&trader, "TRADER");
    peer_logon(&trader, host->port);
    for (int i = 0; i < SILENT; i++) {
        peer_init(&silent[i], "SILENT");
        peer_connect(&silent[i], host->port);
    }
    for (int i = 0; i < SILENT - LIMIT; i++) {
        peer_expect_end(&silent[i]); /* the oldest ones, and none of the others */
    }
    peer_trade(&trader, "A");
    for (int i = SILENT - LIMIT; i < SILENT; i++) {
        assert_int_equal(peer_receive(&silent[i], 0), PEER_TIMEOUT);
    }
    assert_int_equal(ended(host, RFX_REASON_PENDING_LIMIT), SILENT - LIMIT);
    peer_init(&late, "LATE");
    peer_logon(&late, host->port); /* who has something to say gets in */
    peer_trade(&late, "B");
    for (int i = 0; i < SILENT; i++) {
        peer_free(&silent[i]);
    }
    peer_free(&trader);
    peer_free(&late);
}

static void test_silent_ones_when_all_connections_are_taken_then_the_oldest_makes_room(void **state)
{
    enum { LIMIT = 6, TRADERS = 3 };
    struct host *host = make_host(state);
    struct peer silent[LIMIT - TRADERS];
    struct peer traders[LIMIT];
    const char *const names[] = {"T0", "T1", "T2", "T3", "T4", "T5"};
    struct peer late;
    host->config.connections_max = LIMIT;
    host_start(host);
    for (int i = 0; i < LIMIT; i++) {
        peer_init(&traders[i], names[i]);
    }
    for (int i = 0; i < TRADERS; i++) {
        peer_logon(&traders[i], host->port);
        peer_init(&silent[i], "SILENT");
        peer_connect(&silent[i], host->port);
        peer_ping(&traders[0]);
    }
    for (int i = TRADERS; i < LIMIT; i++) { /* one by one they give way */
        peer_logon(&traders[i], host->port);
        peer_expect_end(&silent[i - TRADERS]);
        for (int k = i - TRADERS + 1; k < LIMIT - TRADERS; k++) {
            assert_int_equal(peer_receive(&silent[k], 0), PEER_TIMEOUT);
        }
    }
    assert_int_equal(ended(host, RFX_REASON_CONNECTION_LIMIT), LIMIT - TRADERS);
    peer_init(&late, "LATE"); /* who is logged on stays */
    peer_connect(&late, host->port);
    peer_expect_end(&late);
    for (int i = 0; i < LIMIT; i++) {
        peer_trade(&traders[i], "A");
        peer_free(&traders[i]);
    }
    for (int i = 0; i < LIMIT - TRADERS; i++) {
        peer_free(&silent[i]);
    }
    peer_free(&late);
}

static void test_logons_when_all_come_at_once_then_all_are_taken(void **state)
{
    enum { COUNT = 60 };
    struct host *host = make_host(state);
    struct peer peers[COUNT];
    char names[COUNT][8];
    host->config.connections_max = COUNT;
    host_start(host);
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "P%d", i);
        peer_init(&peers[i], names[i]);
        peer_connect(&peers[i], host->port);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_true(peer_send(&peers[i], "35=A|98=0|108=30"));
    }
    for (int i = 0; i < COUNT; i++) {
        peer_expect(&peers[i], "A");
        peer_free(&peers[i]);
    }
}

/* ---------------------------------------------------------------------------------- proxies */

static struct host *make_proxied(void **state)
{
    struct host *host = make_host(state);
    host->config.use_tcp_proxy = true;
    host->sessions[0].allowed_addresses = "192.0.2.0/24,2001:db8::/32";
    return host;
}

/* A header for 192.0.2.LAST. */
static size_t put_header(char out[64], unsigned char last)
{
    const char address[12] = {(char)192, 0, 2, (char)last, 10, 0, 0, 1, 0x13, (char)0x89, 1, 1};
    memcpy(out, SIGNATURE "\x21\x11\x00\x0c", 16);
    memcpy(out + 16, address, sizeof address);
    return 28;
}

static void expect_logon(struct peer *peer)
{
    assert_true(peer_send(peer, "35=A|98=0|108=30"));
    peer_expect(peer, "A");
}

static void test_proxy_when_it_says_who_then_that_address_counts(void **state)
{
    struct host *host = make_proxied(state);
    struct peer peer;
    char header[64];
    host->config.connections_per_address_max = 1;
    host_start(host);
    peer_init(&peer, "PROXIED");
    peer_connect(&peer, host->port);
    assert_true(peer_send_bytes(&peer, header, put_header(header, 7)));
    expect_logon(&peer);
    peer_trade(&peer, "A");
    struct peer second;
    peer_init(&second, "SECOND");
    peer_connect(&second, host->port);
    peer_send_bytes(&second, header, put_header(header, 7));
    peer_expect_end(&second);
    assert_int_equal(ended(host, RFX_REASON_ADDRESS_LIMIT), 1);
    peer_close(&second);
    peer_connect(&second, host->port);
    assert_true(peer_send_bytes(&second, header, put_header(header, 8)));
    expect_logon(&second);
    peer_free(&second);
    peer_free(&peer);
}

static void test_proxy_when_bytes_come_one_by_one_then_they_are_put_together(void **state)
{
    struct host *host = make_proxied(state);
    struct peer peer;
    char bytes[600];
    host_start(host);
    peer_init(&peer, "PROXIED");
    peer_connect(&peer, host->port);
    size_t size = put_header(bytes, 7);
    size += peer_compose(&peer, "35=A|98=0|108=30", bytes + size, sizeof bytes - size);
    for (size_t i = 0; i < size; i++) {
        assert_true(peer_send_bytes(&peer, bytes + i, 1));
    }
    peer_expect(&peer, "A");
    peer_trade(&peer, "A");
    peer_close(&peer);
    host_await_end(host, "PROXIED");
    peer_connect(&peer, host->port); /* and in one go */
    size = put_header(bytes, 7);
    size += peer_compose(&peer, "35=A|98=0|108=30", bytes + size, sizeof bytes - size);
    size += peer_compose(&peer, "35=1|112=X", bytes + size, sizeof bytes - size);
    assert_true(peer_send_bytes(&peer, bytes, size));
    peer_expect(&peer, "A");
    peer_expect(&peer, "0");
    peer_free(&peer);
}

static void test_proxy_when_the_address_is_not_allowed_then_closed(void **state)
{
    struct host *host = make_proxied(state);
    struct peer peer;
    char header[64];
    host_start(host);
    peer_init(&peer, "PROXIED");
    peer_connect(&peer, host->port);
    put_header(header, 7);
    header[18] = 3; /* 192.0.3.7 */
    assert_true(peer_send_bytes(&peer, header, 28));
    assert_true(peer_send(&peer, "35=A|98=0|108=30"));
    peer_expect_end(&peer);
    assert_int_equal(ended(host, RFX_REASON_ADDRESS), 1);
    peer_close(&peer);
    peer_connect(&peer, host->port); /* the proxy itself: its own address counts, 127.0.0.1 */
    assert_true(peer_send_bytes(&peer, SIGNATURE "\x20\x00\x00\x00", 16));
    assert_true(peer_send(&peer, "35=A|98=0|108=30"));
    peer_expect_end(&peer);
    assert_int_equal(ended(host, RFX_REASON_ADDRESS), 2);
    peer_free(&peer);
}

static void test_proxy_when_there_is_no_header_then_closed(void **state)
{
    static const char *const wrong[] = {"8=FIX.4.4\0019=5\00135=A\001", "PROXY TCP4 192.0.2.1",
                                        "\r\n\r\nGET / HTTP/1.1"};
    struct host *host = make_proxied(state);
    host_start(host);
    for (size_t i = 0; i < 3; i++) {
        struct peer peer;
        peer_init(&peer, "PLAIN");
        peer_connect(&peer, host->port);
        assert_true(peer_send_bytes(&peer, wrong[i], strlen(wrong[i])));
        peer_expect_end(&peer);
        peer_free(&peer);
    }
    assert_int_equal(ended(host, RFX_REASON_PROXY), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_address_when_it_has_its_connections_then_one_more_is_closed,
                                  tear_down),
        cmocka_unit_test_teardown(
            test_silent_ones_when_too_many_then_the_oldest_goes_and_others_trade, tear_down),
        cmocka_unit_test_teardown(
            test_silent_ones_when_all_connections_are_taken_then_the_oldest_makes_room, tear_down),
        cmocka_unit_test_teardown(test_logons_when_all_come_at_once_then_all_are_taken, tear_down),
        cmocka_unit_test_teardown(test_proxy_when_it_says_who_then_that_address_counts, tear_down),
        cmocka_unit_test_teardown(test_proxy_when_bytes_come_one_by_one_then_they_are_put_together,
                                  tear_down),
        cmocka_unit_test_teardown(test_proxy_when_the_address_is_not_allowed_then_closed,
                                  tear_down),
        cmocka_unit_test_teardown(test_proxy_when_there_is_no_header_then_closed, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
