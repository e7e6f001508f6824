/* Logons that are settled by a thread of the application's own, while the shards go on. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/support_peer.h"
#include "tests/integration/support_server.h"

#define LOGONS_MAX 64
#define PEERS      24

/* What the application's own thread has to decide about. */
struct desk {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct {
        struct rfx_logon_ticket ticket;
        bool is_known; /* by the password */
    } waiting[LOGONS_MAX];
    size_t asked;
    size_t settled;
    bool is_over;
};

static enum rfx_verdict on_authenticate(void *context, struct rfx_session *session,
                                        const struct rfx_message *logon,
                                        const struct rfx_logon_ticket *ticket,
                                        char text[RFX_REFUSAL_MAX])
{
    struct host *host = context;
    struct desk *desk = host->user;
    struct rfx_bytes password;
    (void)session;
    (void)text;
    pthread_mutex_lock(&desk->mutex);
    size_t index = desk->asked++ % LOGONS_MAX;
    desk->waiting[index].ticket = *ticket;
    desk->waiting[index].is_known = rfx_message_get(logon, 554, &password) == RFX_OK &&
                                    password.size == 4 && memcmp(password.data, "good", 4) == 0;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
    return RFX_LATER;
}

static void *decide(void *argument)
{
    struct desk *desk = argument;
    pthread_mutex_lock(&desk->mutex);
    while (!desk->is_over) {
        if (desk->settled == desk->asked) {
            pthread_cond_wait(&desk->changed, &desk->mutex);
            continue;
        }
        size_t index = desk->settled++ % LOGONS_MAX;
        struct rfx_logon_ticket ticket = desk->waiting[index].ticket;
        bool is_known = desk->waiting[index].is_known;
        pthread_mutex_unlock(&desk->mutex);
        rfx_status status =
            rfx_logon_settle(&ticket, is_known ? RFX_ACCEPT : RFX_REFUSE, "wrong password");
        RFX_ASSERT(status == RFX_OK);
        pthread_mutex_lock(&desk->mutex);
    }
    pthread_mutex_unlock(&desk->mutex);
    return NULL;
}

static void knock(struct host *host, const char *name, bool is_good)
{
    struct peer peer;
    peer_init(&peer, name);
    peer_connect(&peer, host->port);
    assert_true(peer_send(&peer, is_good ? "35=A|98=0|108=30|553=me|554=good"
                                         : "35=A|98=0|108=30|553=me|554=bad"));
    if (is_good) {
        peer_expect(&peer, "A");
        peer_trade(&peer, "order");
        peer_logout(&peer);
    } else {
        peer_expect_end(&peer);
    }
    peer_free(&peer);
}

static void expect_only_the_known_get_in(enum rfx_threading_mode mode, uint32_t loops,
                                         uint32_t shards)
{
    struct host *host = calloc(1, sizeof *host);
    struct desk *desk = calloc(1, sizeof *desk);
    pthread_t thread;
    assert_non_null(host);
    assert_non_null(desk);
    pthread_mutex_init(&desk->mutex, NULL);
    pthread_cond_init(&desk->changed, NULL);
    assert_int_equal(pthread_create(&thread, NULL, decide, desk), 0);
    host_init(host, mode, loops, shards);
    host->config.idle_strategy = RFX_IDLE_PARK; /* a verdict must wake the shard */
    host->user = desk;
    host->app.on_authenticate = on_authenticate;
    host_start(host);
    for (int i = 0; i < PEERS; i++) {
        char name[16];
        snprintf(name, sizeof name, "PEER%d", i);
        knock(host, name, i % 3 != 0);
    }
    assert_int_equal(rfx_server_disconnects(host->server, RFX_REASON_AUTHENTICATION), PEERS / 3);
    assert_int_equal(rfx_server_disconnects(host->server, RFX_REASON_LOGOUT_RECEIVED),
                     PEERS - PEERS / 3);
    assert_int_equal(host->order_count, PEERS - PEERS / 3);
    pthread_mutex_lock(&desk->mutex);
    desk->is_over = true;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
    assert_int_equal(pthread_join(thread, NULL), 0);
    host_free(host);
    free(host);
    pthread_cond_destroy(&desk->changed);
    pthread_mutex_destroy(&desk->mutex);
    free(desk);
}

static void test_logon_when_settled_by_another_thread_then_only_the_known_get_in(void **state)
{
    (void)state;
    expect_only_the_known_get_in(RFX_THREADING_SHARED, 1, 1);
    expect_only_the_known_get_in(RFX_THREADING_SHARED, 2, 2);
}

static void
test_logon_when_settled_by_another_thread_and_shards_are_apart_then_the_same(void **state)
{
    (void)state;
    expect_only_the_known_get_in(RFX_THREADING_DEDICATED, 1, 2);
}

/* Bytes that cost nothing to send cost nothing to keep: a stranger gets no room for a message. */
static void test_stranger_when_the_logon_has_no_end_then_closed_early(void **state)
{
    (void)state;
    struct host *host = calloc(1, sizeof *host);
    struct peer peer;
    char bytes[9000];
    assert_non_null(host);
    host_init(host, RFX_THREADING_SHARED, 1, 1);
    host_start(host);
    int head = snprintf(bytes, sizeof bytes,
                        "8=FIX.4.4\x01"
                        "9=60000\x01"
                        "35=A\x01"
                        "58=");
    memset(bytes + head, 'x', sizeof bytes - (size_t)head);
    peer_init(&peer, "STRANGER");
    peer_connect(&peer, host->port);
    (void)peer_send_bytes(&peer, bytes, sizeof bytes); /* 60,000 bytes are awaited, 9,000 come */
    peer_expect_end(&peer);
    peer_free(&peer);
    assert_int_equal(rfx_server_disconnects(host->server, RFX_REASON_GARBLED_LOGON), 1);
    host_free(host);
    free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logon_when_settled_by_another_thread_then_only_the_known_get_in),
        cmocka_unit_test(
            test_logon_when_settled_by_another_thread_and_shards_are_apart_then_the_same),
        cmocka_unit_test(test_stranger_when_the_logon_has_no_end_then_closed_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
