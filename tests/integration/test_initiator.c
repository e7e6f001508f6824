/* Both roles against each other: an initiator of ours dials an acceptor of ours. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/message.h"
#include "tests/integration/support_proxy.h"
#include "tests/integration/support_server.h"

#define ORDER_COUNT 1000
#define WINDOW      50
#define WAIT_S      30

/* Belongs to the one session of the initiator, and so to one shard. */
struct buyer {
    uint64_t sent;
    uint64_t answered;
    uint64_t disconnect_at; /* closes the connection itself after so many answers, 0: never */
    bool is_out_of_order;   /* read after the server has stopped */
    bool is_finished;
    _Atomic uint32_t connect_count; /* attempts */
    _Atomic uint32_t unhealthy_logons;
};

struct rig {
    struct host seller; /* the acceptor, RINGFIX */
    struct host buyer_host;
    struct buyer buyer;
};

/* ---------------------------------------------------------------------------- application */

static void send_orders(struct buyer *buyer, struct rfx_session *session)
{
    struct rfx_builder *order;
    while (buyer->sent < ORDER_COUNT && buyer->sent - buyer->answered < WINDOW &&
           rfx_session_begin(session, "D", &order) == RFX_OK) {
        char id[32];
        snprintf(id, sizeof id, "ORDER-%llu", (unsigned long long)buyer->sent);
        rfx_builder_put_text(order, 11, id);
        rfx_builder_put_text(order, 55, "ACME");
        if (rfx_session_commit(session, order, NULL) != RFX_OK) {
            return;
        }
        buyer->sent++;
    }
}

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    struct host *host = context;
    struct buyer *buyer = host->user;
    if (!is_healthy) {
        buyer->unhealthy_logons++;
    }
    send_orders(buyer, session);
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct host *host = context;
    struct buyer *buyer = host->user;
    struct rfx_bytes id;
    char due[32];
    int size = snprintf(due, sizeof due, "ORDER-%llu", (unsigned long long)buyer->answered);
    if (!rfx_message_is(message, "8") || rfx_message_get(message, 11, &id) != RFX_OK ||
        !rfx_bytes_equal(id, due, (size_t)size)) {
        buyer->is_out_of_order = true;
        return;
    }
    buyer->answered++;
    rfx_status status = RFX_OK;
    if (buyer->answered == buyer->disconnect_at) {
        status = rfx_session_disconnect(session);
    } else if (buyer->answered == ORDER_COUNT) {
        buyer->is_finished = true;
        status = rfx_session_logout(session, "that is all");
    } else {
        send_orders(buyer, session);
    }
    buyer->is_out_of_order = buyer->is_out_of_order || status != RFX_OK;
}

static void on_state_change(void *context, struct rfx_session *session, enum rfx_state from,
                            enum rfx_state to)
{
    struct host *host = context;
    struct buyer *buyer = host->user;
    (void)session;
    (void)from;
    if (to == RFX_INITIATE_CONNECTION) {
        pthread_mutex_lock(&host->mutex);
        buyer->connect_count++;
        pthread_cond_broadcast(&host->changed);
        pthread_mutex_unlock(&host->mutex);
    }
}

/* ------------------------------------------------------------------------------------- rig */

static struct rig *set_up(enum rfx_threading_mode mode)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    host_init(&rig->seller, mode, 1, 1);
    host_init(&rig->buyer_host, mode, 1, 1);
    struct host *host = &rig->buyer_host;
    struct rfx_session_config *session = &host->sessions[0];
    host->config.session_count = 1;
    host->user = &rig->buyer;
    host->app.on_logon = on_logon;
    host->app.on_message = on_message;
    host->app.on_state_change = on_state_change;
    session->role = RFX_ROLE_INITIATOR;
    session->acceptor_template = false;
    session->reconnect_interval_s = 1;
    snprintf(session->sender_comp_id, sizeof session->sender_comp_id, "BUYER");
    snprintf(session->target_comp_id, sizeof session->target_comp_id, "RINGFIX");
    session->hosts[0].name = "127.0.0.1";
    return rig;
}

static void dial(struct rig *rig, uint16_t port)
{
    rig->buyer_host.sessions[0].hosts[0].port = port;
    host_start(&rig->buyer_host);
}

/* The conversation ends with a Logout after the last answer; both sides agree on all numbers. */
static void expect_orderly_end(struct rig *rig)
{
    struct host_end buyer_end = host_await_end(&rig->buyer_host, "RINGFIX");
    struct host_end seller_end = host_await_end(&rig->seller, "BUYER");
    assert_int_equal(buyer_end.reason, RFX_REASON_LOGOUT_COMPLETED);
    assert_int_equal(seller_end.reason, RFX_REASON_LOGOUT_RECEIVED);
    assert_int_equal(buyer_end.next_out, seller_end.next_in);
    assert_int_equal(buyer_end.next_in, seller_end.next_out);
    assert_true(buyer_end.next_out > ORDER_COUNT);
    assert_true(buyer_end.next_in > ORDER_COUNT);
}

static void tear_down(struct rig *rig)
{
    host_stop(&rig->buyer_host);
    host_stop(&rig->seller);
    assert_int_equal(rig->buyer.sent, ORDER_COUNT);
    assert_int_equal(rig->buyer.answered, ORDER_COUNT);
    assert_int_equal(rig->seller.order_count, ORDER_COUNT); /* each was delivered once */
    assert_true(rig->buyer.is_finished);
    assert_false(rig->buyer.is_out_of_order);
    host_free(&rig->buyer_host);
    host_free(&rig->seller);
    free(rig);
}

/* ----------------------------------------------------------------------------------- tests */

static void trade_undisturbed(enum rfx_threading_mode mode)
{
    struct rig *rig = set_up(mode);
    host_start(&rig->seller);
    dial(rig, rig->seller.port);
    expect_orderly_end(rig);
    assert_int_equal(rig->buyer.unhealthy_logons, 0);
    tear_down(rig);
}

static void test_orders_when_shared_then_each_is_answered(void **state)
{
    (void)state;
    trade_undisturbed(RFX_THREADING_SHARED);
}

static void test_orders_when_dedicated_then_each_is_answered(void **state)
{
    (void)state;
    trade_undisturbed(RFX_THREADING_DEDICATED);
}

static bool is_loss(enum rfx_disconnect_reason reason)
{
    return reason == RFX_REASON_PEER_CLOSED || reason == RFX_REASON_CONNECTION_LOST;
}

static void trade_through_cut(enum rfx_threading_mode mode)
{
    struct rig *rig = set_up(mode);
    struct proxy proxy;
    host_start(&rig->seller);
    proxy_start(&proxy, rig->seller.port, 50000); /* some 300 reports */
    dial(rig, proxy.port);
    assert_true(is_loss(host_await_end(&rig->buyer_host, "RINGFIX").reason));
    assert_true(is_loss(host_await_end(&rig->seller, "BUYER").reason));
    expect_orderly_end(rig);
    assert_int_equal(rig->buyer.unhealthy_logons, 1); /* the lost reports were asked for */
    tear_down(rig);
    proxy_stop(&proxy);
}

static void test_connection_when_cut_in_shared_then_gap_is_filled(void **state)
{
    (void)state;
    trade_through_cut(RFX_THREADING_SHARED);
}

static void test_connection_when_cut_in_dedicated_then_gap_is_filled(void **state)
{
    (void)state;
    trade_through_cut(RFX_THREADING_DEDICATED);
}

static void test_connection_when_application_disconnects_then_session_goes_on(void **state)
{
    (void)state;
    struct rig *rig = set_up(RFX_THREADING_SHARED);
    host_start(&rig->seller);
    rig->buyer.disconnect_at = ORDER_COUNT / 2;
    dial(rig, rig->seller.port);
    assert_int_equal(host_await_end(&rig->buyer_host, "RINGFIX").reason, RFX_REASON_APPLICATION);
    assert_true(is_loss(host_await_end(&rig->seller, "BUYER").reason));
    expect_orderly_end(rig);
    tear_down(rig);
}

static void await_attempts(struct rig *rig, uint32_t count)
{
    struct timespec deadline;
    int result = 0;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += WAIT_S;
    pthread_mutex_lock(&rig->buyer_host.mutex);
    while (rig->buyer.connect_count < count && result == 0) {
        result =
            pthread_cond_timedwait(&rig->buyer_host.changed, &rig->buyer_host.mutex, &deadline);
    }
    pthread_mutex_unlock(&rig->buyer_host.mutex);
    assert_int_equal(result, 0);
}

static void test_connect_when_refused_at_first_then_tried_again(void **state)
{
    (void)state;
    struct rig *rig = set_up(RFX_THREADING_SHARED);
    uint16_t port;
    int reserved = reserve_port(&port);
    dial(rig, port);
    await_attempts(rig, 3);
    rig->seller.config.accept_port = port;
    host_start(&rig->seller);
    expect_orderly_end(rig);
    tear_down(rig);
    close(reserved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders_when_shared_then_each_is_answered),
        cmocka_unit_test(test_orders_when_dedicated_then_each_is_answered),
        cmocka_unit_test(test_connection_when_cut_in_shared_then_gap_is_filled),
        cmocka_unit_test(test_connection_when_cut_in_dedicated_then_gap_is_filled),
        cmocka_unit_test(test_connection_when_application_disconnects_then_session_goes_on),
        cmocka_unit_test(test_connect_when_refused_at_first_then_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
