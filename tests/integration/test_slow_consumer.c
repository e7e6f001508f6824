/* The bound on what a connection that does not read may cost, and who must not run into it. A
 * healthy session trades beside. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/support_scene.h"

#define LONG_ORDER_SIZE 1024  /* of the text */
#define ORDER_ROOM      1280  /* of the message */
#define DEAF_ORDERS     10000 /* 30 MB of reports, more than kernels hold */

/* Memory of the process's own; mapped files such as the journal are not counted. */
static size_t private_bytes(void)
{
    char line[256];
    unsigned long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    assert_non_null(file);
    while (kib == 0 && fgets(line, sizeof line, file) != NULL) {
        (void)sscanf(line, "RssAnon: %lu kB", &kib);
    }
    fclose(file);
    assert_int_not_equal(kib, 0);
    return kib << 10;
}

/* An order whose report is some 3 KiB long. */
static void long_order(char text[LONG_ORDER_SIZE])
{
    static const char start[] = "35=D|11=";
    memcpy(text, start, sizeof start - 1);
    memset(text + sizeof start - 1, 'i', LONG_ORDER_SIZE - sizeof start);
    text[LONG_ORDER_SIZE - 1] = '\0';
}

/* Sends without ever reading, and returns when the server has closed the connection. */
static void send_until_closed(struct peer *peer, const char *data, size_t size)
{
    uint64_t deadline = monotonic_ms() + PEER_WAIT_MS;
    for (;;) {
        struct pollfd poll_fd = {.fd = peer->fd, .events = POLLRDHUP};
        uint64_t now = monotonic_ms();
        if (size > 0) {
            poll_fd.events |= POLLOUT;
        }
        assert_true(now < deadline && poll(&poll_fd, 1, (int)(deadline - now)) == 1);
        if ((poll_fd.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
            return;
        }
        ssize_t sent = send(peer->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
        }
    }
}

/* The answers to a peer that never reads pile up to SendQueueSize behind what the kernel takes;
 * then the connection goes. */
static void test_session_when_it_never_reads_then_closed_as_slow_consumer(void **state)
{
    struct scene *scene = *state;
    struct peer peer;
    char text[LONG_ORDER_SIZE];
    size_t room = (size_t)(DEAF_ORDERS + 1) * ORDER_ROOM;
    size_t size = 0;
    char *orders = malloc(room);
    assert_non_null(orders);
    long_order(text);
    peer_init(&peer, "DEAF");
    size += peer_compose(&peer, "35=A|98=0|108=30", orders, ORDER_ROOM);
    for (int i = 0; i < DEAF_ORDERS; i++) {
        size += peer_compose(&peer, text, orders + size, ORDER_ROOM);
    }
    peer_connect_narrow(&peer, scene->host.port, 4096);
    size_t before = private_bytes();
    send_until_closed(&peer, orders, size);
    assert_int_equal(host_await_end(&scene->host, "DEAF").reason, RFX_REASON_SLOW_CONSUMER);
    assert_in_range(private_bytes(), 0, before + (64u << 20));
    peer_free(&peer);
    free(orders);
    scene_expect_unharmed(scene);
}

/* What the kernel still has for such a peer goes as well, even if nothing more comes from it: with
 * a connection closed the usual way it would stay, megabytes each, until the peer reads. */
static void test_session_when_it_neither_reads_nor_sends_then_its_connection_is_reset(void **state)
{
    struct scene *scene = *state;
    struct peer peer;
    char text[LONG_ORDER_SIZE];
    char order[ORDER_ROOM];
    long_order(text);
    peer_init(&peer, "MUTE");
    peer_connect_narrow(&peer, scene->host.port, 4096);
    assert_true(peer_send(&peer, "35=A|98=0|108=30"));
    for (int i = 0; i < DEAF_ORDERS && !host_has_end(&scene->host, "MUTE"); i++) {
        const size_t size = peer_compose(&peer, text, order, sizeof order);
        if (!peer_send_bytes(&peer, order, size)) {
            break; /* reset while this came */
        }
        if (i % 50 == 0) {
            usleep(10000); /* all is read when the last straw comes */
        }
    }
    assert_int_equal(host_await_end(&scene->host, "MUTE").reason, RFX_REASON_SLOW_CONSUMER);
    struct pollfd poll_fd = {.fd = peer.fd, .events = POLLRDHUP};
    assert_int_equal(poll(&poll_fd, 1, PEER_WAIT_MS), 1);
    assert_true((poll_fd.revents & POLLHUP) != 0); /* both ways */
    peer_free(&peer);
    scene_expect_unharmed(scene);
}

/* More answers at once than SendQueueSize do not make a slow consumer of someone who reads. */
static void test_session_when_it_reads_behind_a_burst_then_gets_everything(void **state)
{
    enum { ORDERS = 100 };
    struct scene *scene = *state;
    struct peer peer;
    char text[LONG_ORDER_SIZE];
    char *orders = malloc((size_t)ORDERS * ORDER_ROOM);
    size_t size = 0;
    assert_non_null(orders);
    long_order(text);
    peer_init(&peer, "BURSTING");
    peer_logon(&peer, scene->host.port);
    for (int i = 0; i < ORDERS; i++) {
        size += peer_compose(&peer, text, orders + size, ORDER_ROOM);
    }
    assert_true(peer_send_bytes(&peer, orders, size));
    for (int i = 0; i < ORDERS; i++) {
        peer_expect(&peer, "8");
    }
    peer_logout(&peer);
    peer_free(&peer);
    free(orders);
    scene_expect_unharmed(scene);
}

/* Nor does a resend that is longer than SendQueueSize. */
static void test_session_when_it_reads_a_long_resend_then_gets_everything(void **state)
{
    enum { ORDERS = 100 };
    struct scene *scene = *state;
    struct peer peer;
    char text[LONG_ORDER_SIZE];
    long_order(text);
    peer_init(&peer, "READER");
    peer_logon(&peer, scene->host.port);
    for (int i = 0; i < ORDERS; i++) {
        assert_true(peer_send(&peer, text));
        peer_expect(&peer, "8");
    }
    assert_true(peer_send(&peer, "35=2|7=1|16=0"));
    peer_expect(&peer, "4"); /* in place of the Logon */
    for (int i = 0; i < ORDERS; i++) {
        peer_expect(&peer, "8");
        assert_int_equal(peer_uint(&peer, 34), i + 2);
        assert_true(peer_is(&peer, 43, "Y"));
    }
    peer_logout(&peer);
    peer_free(&peer);
    scene_expect_unharmed(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_when_it_never_reads_then_closed_as_slow_consumer),
        cmocka_unit_test(test_session_when_it_neither_reads_nor_sends_then_its_connection_is_reset),
        cmocka_unit_test(test_session_when_it_reads_behind_a_burst_then_gets_everything),
        cmocka_unit_test(test_session_when_it_reads_a_long_resend_then_gets_everything),
    };
    int shared = cmocka_run_group_tests_name("shared", tests, scene_set_up_shared, scene_tear_down);
    int dedicated =
        cmocka_run_group_tests_name("dedicated", tests, scene_set_up_dedicated, scene_tear_down);
    return shared + dedicated;
}
