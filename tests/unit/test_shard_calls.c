/* What the application calls: the builder and its misuse, and what a turn may send. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_shard.h"

static struct shard_rig *opened(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    return rig;
}

/* Tries one field; what commit says of it stands in *rig->user. */
struct attempt {
    int32_t tag;
    struct rfx_bytes value;
};

static void try_field(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    const struct attempt *attempt = ((struct shard_rig *)context)->user;
    struct rfx_builder *builder;
    (void)message;
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    rfx_builder_put_text(builder, 37, "fine");
    rfx_builder_put(builder, attempt->tag, attempt->value);
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_E_INVALID);
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_E_STATE);
    assert_int_equal(shard_rig_send(session, "8", 37, "next"), RFX_OK); /* none the worse */
}

static void test_builder_when_a_field_is_bad_then_refused_and_no_number_used(void **state)
{
    struct shard_rig *rig = *state;
    char *large = calloc(1, 20000);
    memset(large, 'x', 20000);
    const struct attempt attempts[] = {{8, rfx_bytes_of("FIX.4.4", 7)},
                                       {9, rfx_bytes_of("5", 1)},
                                       {10, rfx_bytes_of("000", 3)},
                                       {34, rfx_bytes_of("7", 1)},
                                       {35, rfx_bytes_of("D", 1)},
                                       {43, rfx_bytes_of("Y", 1)},
                                       {49, rfx_bytes_of("X", 1)},
                                       {52, rfx_bytes_of("X", 1)},
                                       {56, rfx_bytes_of("X", 1)},
                                       {122, rfx_bytes_of("X", 1)},
                                       {0, rfx_bytes_of("X", 1)},
                                       {-5, rfx_bytes_of("X", 1)},
                                       {58, rfx_bytes_of("", 0)},
                                       {58, rfx_bytes_of("a\x01"
                                                         "10=000\x01",
                                                         9)},
                                       {58, rfx_bytes_of(large, 20000)}};
    const uint64_t count = sizeof attempts / sizeof attempts[0];
    rig->app.on_message = try_field;
    opened(state);
    for (uint64_t i = 0; i < count; i++) {
        char text[64];
        rig->user = (void *)(uintptr_t)&attempts[i];
        snprintf(text, sizeof text, "35=D|34=%llu|11=X", (unsigned long long)(i + 2));
        shard_rig_receive(rig, 1, "A", text);
        shard_rig_settle(rig);
        assert_int_equal(shard_rig_stored(rig, "A")->next_out, i + 3);
    }
    free(large);
}

static void misuse_data(void *context, struct rfx_session *session,
                        const struct rfx_message *message)
{
    struct rfx_builder *builder;
    (void)context;
    (void)message;
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    rfx_builder_put_data(builder, 95, 97, rfx_bytes_of("x", 1)); /* 97 is not 95's data */
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_E_INVALID);
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    rfx_builder_put_data(builder, 95, 96, rfx_bytes_of("", 0));
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_E_INVALID);
}

static void test_builder_when_data_has_no_length_field_of_its_own_then_refused(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = misuse_data;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A numbers 2 3\n");
}

static void misuse_builder(void *context, struct rfx_session *session,
                           const struct rfx_message *message)
{
    struct shard_rig *rig = context;
    struct rfx_session *other = rig->user;
    struct rfx_builder *builder;
    (void)message;
    if (session == other) {
        return;
    }
    /* Two at a time, and the first one is stale. */
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    struct rfx_builder *first = builder;
    assert_int_equal(rfx_session_begin(other, "8", &builder), RFX_OK);
    assert_int_equal(rfx_session_commit(session, first, NULL), RFX_E_STATE);
    /* So it is on one session, and what goes into it does not go into the other. */
    assert_int_equal(rfx_session_begin(session, "8", &first), RFX_OK);
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    rfx_builder_put_text(first, 37, "into the stale one");
    assert_int_equal(rfx_session_commit(session, first, NULL), RFX_E_STATE);
    assert_int_equal(rfx_session_begin(session, "8", &first), RFX_OK);
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    rfx_builder_put_text(builder, 37, "between");
    rfx_builder_put_text(first, 58, "into the stale one");
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_OK);
    /* Something was sent in between. */
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    assert_int_equal(rfx_session_send_test_request(other), RFX_OK);
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_E_STATE);
    /* Used twice. */
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    rfx_builder_put_text(builder, 37, "once");
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_OK);
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_E_STATE);
    /* The session was logged out meanwhile. */
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_OK);
    assert_int_equal(rfx_session_logout(session, NULL), RFX_OK);
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_E_STATE);
    assert_int_equal(rfx_session_send_test_request(session), RFX_E_STATE);
    assert_int_equal(rfx_session_logout(session, NULL), RFX_E_STATE);
}

static void remember(void *context, struct rfx_session *session, bool is_healthy)
{
    struct shard_rig *rig = context;
    (void)is_healthy;
    rig->user = session;
}

static void test_builder_when_stale_then_refused_and_nothing_sent(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_logon = remember;
    rig->app.on_message = misuse_builder;
    opened(state);
    shard_rig_log_on(rig, 2, "B");
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A message 2\n"
                            "journal B message 2\n"
                            "journal A message 3\n"
                            "journal A message 4\n"
                            "journal B numbers 3 2\n"
                            "journal A numbers 5 3\n"
                            "wire 1 > ExecutionReport seq=2 37=between\n"
                            "wire 2 > TestRequest seq=2 112=TEST\n"
                            "wire 1 > ExecutionReport seq=3 37=once\n"
                            "wire 1 > Logout seq=4\n");
}

static void send_types(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    static const char *const wrong[] = {NULL, "",         "0", "1",   "2",
                                        "3",  "4",        "5", "A",   "a\001b",
                                        "8 ", "12345678", " ", "|\n", "\303\244"};
    struct rfx_builder *builder;
    (void)context;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(rfx_session_begin(session, wrong[i], &builder), RFX_E_INVALID);
    }
    assert_int_equal(rfx_session_begin(session, "1234567", &builder), RFX_OK);
    assert_int_equal(rfx_session_begin(session, "AA", &builder), RFX_OK);
    assert_int_equal(rfx_session_business_reject(session, message, 3, NULL, NULL), RFX_E_INVALID);
}

static void test_begin_when_the_type_is_not_an_applications_then_refused(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = send_types;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A numbers 2 3\n");
}

static void send_early(void *context, struct rfx_session *session)
{
    struct rfx_builder *builder;
    (void)context;
    assert_int_equal(rfx_session_begin(session, "8", &builder), RFX_E_STATE);
    assert_false(rfx_session_is_logged_on(session));
}

static void send_late(void *context, struct rfx_session *session, enum rfx_disconnect_reason reason)
{
    (void)reason;
    send_early(context, session);
    assert_int_equal(rfx_session_disconnect(session), RFX_E_STATE);
}

static void test_begin_when_not_logged_on_then_refused(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_connect = send_early;
    rig->app.on_disconnect = send_late;
    opened(state);
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_settle(rig);
    assert_int_equal(rig->sent_count, 1);
}

/* ------------------------------------------------------------------------ calls of the app */

static void call_session(void *context, struct rfx_session *session,
                         const struct rfx_message *message)
{
    struct rfx_bytes id;
    (void)context;
    assert_int_equal(rfx_message_get(message, 11, &id), RFX_OK);
    switch (id.data[0]) {
    case 't':
        assert_int_equal(rfx_session_send_test_request(session), RFX_OK);
        assert_int_equal(rfx_session_send_test_request(session), RFX_E_STATE);
        break;
    case 'l':
        assert_int_equal(rfx_session_logout(session, ""), RFX_E_INVALID);
        assert_int_equal(rfx_session_logout(session, "a\x01"), RFX_E_INVALID);
        assert_int_equal(rfx_session_logout(session, "bye"), RFX_OK);
        break;
    default:
        assert_int_equal(rfx_session_disconnect(session), RFX_OK);
        break;
    }
}

static void test_session_when_the_application_calls_then_it_does_as_told(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = call_session;
    opened(state);
    shard_rig_log_on(rig, 2, "B");
    shard_rig_log_on(rig, 3, "C");
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=test");
    shard_rig_receive(rig, 2, "B", "35=D|34=2|11=log out");
    shard_rig_receive(rig, 3, "C", "35=D|34=2|11=disconnect");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 > TestRequest seq=2 112=TEST\n"
                                   "wire 2 > Logout seq=2 58=bye\n"
                                   "wire 3 close: closed by the application\n"));
    assert_true(shard_rig_saw(rig, "app C on_disconnect: closed by the application\n"));
    assert_int_equal(shard_rig_stored(rig, "C")->next_in, 3);
}

/* A callback ends the connection while more of the same step is still to be reported. */
static void disconnect_when_active(void *context, struct rfx_session *session, enum rfx_state from,
                                   enum rfx_state to)
{
    (void)context;
    (void)from;
    if (to == RFX_ACTIVE) {
        assert_int_equal(rfx_session_disconnect(session), RFX_OK);
    }
}

static void test_disconnect_when_called_in_the_middle_of_a_logon_then_no_on_logon(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_state_change = disconnect_when_active;
    shard_rig_open(rig);
    shard_rig_receive(rig, 1, "A", "35=A|34=1|98=0|108=30");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_connect\n"
                            "app A on_disconnect: closed by the application\n"
                            "journal A message 1\n"
                            "journal A numbers 2 2\n"
                            "wire 1 > Logon seq=1 98=0 108=30\n"
                            "wire 1 close: closed by the application\n");
}

/* A message that has used up its number must arrive, whatever a callback does before it. */
static void test_disconnect_when_a_message_ends_an_alarm_then_it_is_still_delivered(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_advance(rig, 40000); /* a TestRequest is pending */
    rig->app.on_state_change = disconnect_when_active;
    shard_rig_forget(rig);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_settle(rig);
    bool is_counted = shard_rig_stored(rig, "A")->next_in == 3;
    assert_int_equal(is_counted, shard_rig_saw(rig, "app A on_message NewOrderSingle seq=2"));
    assert_true(shard_rig_saw(rig, "app A on_disconnect: closed by the application\n"));
}

/* What is answered while our Logout awaits its own answer may not follow it on the wire. */
static void log_out_then_answer(void *context, struct rfx_session *session,
                                const struct rfx_message *message)
{
    (void)context;
    (void)message;
    if (rfx_session_is_logged_on(session)) {
        assert_int_equal(rfx_session_logout(session, NULL), RFX_OK);
    }
    assert_int_equal(shard_rig_send(session, "8", 37, "LATE"), RFX_OK);
}

static void test_send_when_logging_out_then_journaled_and_resent_after_the_next_logon(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_message = log_out_then_answer;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 1 > Logout seq=2\n"));
    assert_true(shard_rig_saw(rig, "journal A message 3\n"));
    assert_false(shard_rig_saw(rig, "ExecutionReport"));
    shard_rig_receive(rig, 1, "A", "35=5|34=3");
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 2, "A", "35=A|34=4|98=0|108=30");
    shard_rig_receive(rig, 2, "A", "35=2|34=5|7=3|16=3");
    shard_rig_settle(rig);
    assert_true(shard_rig_saw(rig, "wire 2 > Logon seq=4 98=0 108=30\n"));
    assert_true(shard_rig_saw(rig, "wire 2 > ExecutionReport seq=3 43=Y "));
}

/* -------------------------------------------------------------------------------- the limit */

static void send_all(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    struct shard_rig *rig = context;
    size_t *count = rig->user;
    char id[24];
    rfx_status status;
    (void)message;
    do {
        snprintf(id, sizeof id, "%zu", *count + 1);
        status = shard_rig_send(session, "8", 37, id);
        if (status == RFX_OK) {
            ++*count;
        }
    } while (status == RFX_OK);
    assert_int_equal(status, RFX_E_FULL);
}

static void test_send_when_a_callback_never_stops_then_full_and_nothing_lost_or_reused(void **state)
{
    struct shard_rig *rig = *state;
    size_t count = 0;
    rig->user = &count;
    rig->app.on_message = send_all;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=X");
    shard_rig_receive(rig, 1, "A", "35=1|34=3|112=STILL SERVED");
    shard_rig_receive(rig, 1, "A", "35=D|34=4|11=Y");
    shard_rig_settle(rig);
    assert_true(count > 1000);
    const struct fake_session *stored = shard_rig_stored(rig, "A");
    /* The fake journal has checked that every number follows the one before. */
    assert_int_equal(stored->next_out, count + 3); /* the Logon, and a Heartbeat */
    assert_int_equal(stored->row_count, count + 2);
    assert_int_equal(rig->sent_count, count + 2);
    assert_int_equal(stored->next_in, 5);
    assert_true(shard_rig_saw(rig, "112=STILL SERVED"));
}

/* The longest message there may be, once for each message that came. */
static void answer_at_length(void *context, struct rfx_session *session,
                             const struct rfx_message *message)
{
    struct shard_rig *rig = context;
    size_t *count = rig->user;
    static const size_t header_size_max = 500;
    char text[16384] = {0};
    (void)message;
    memset(text, 'x', rig->config.message_size_max - header_size_max);
    assert_int_equal(shard_rig_send(session, "8", 58, text), RFX_OK);
    ++*count;
}

/* One answer for one message is what any application does: there must be room for it whenever
 * its callback is called, however many messages came at once. */
static void test_send_when_each_message_is_answered_once_then_never_full(void **state)
{
    struct shard_rig *rig = *state;
    size_t count = 0;
    rig->user = &count;
    rig->app.on_message = answer_at_length;
    opened(state);
    for (int i = 2; i <= 201; i++) {
        char text[64];
        snprintf(text, sizeof text, "35=D|34=%d|11=X", i);
        shard_rig_receive(rig, 1, "A", text);
    }
    shard_rig_settle(rig);
    assert_int_equal(count, 200);
    assert_int_equal(shard_rig_stored(rig, "A")->next_out, 202);
}

static uint64_t send_all_each_turn(void *context, struct rfx_shard *shard, uint64_t now_ns)
{
    struct shard_rig *rig = context;
    (void)shard;
    (void)now_ns;
    if (rig->user != NULL) {
        while (shard_rig_send(rig->user, "8", 37, "X") == RFX_OK) {
        }
    }
    return RFX_NEVER_NS;
}

/* An application that uses up every turn must not keep the session layer from its work. */
static void test_send_when_every_turn_is_used_up_then_input_is_served_all_the_same(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_turn = send_all_each_turn;
    rig->app.on_logon = remember;
    opened(state);
    shard_rig_receive(rig, 1, "A", "35=1|34=2|112=HELLO");
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    assert_true(shard_rig_saw(rig, "112=HELLO"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_builder_when_a_field_is_bad_then_refused_and_no_number_used),
        SHARD_TEST(test_builder_when_data_has_no_length_field_of_its_own_then_refused),
        SHARD_TEST(test_begin_when_the_type_is_not_an_applications_then_refused),
        SHARD_TEST(test_builder_when_stale_then_refused_and_nothing_sent),
        SHARD_TEST(test_begin_when_not_logged_on_then_refused),
        SHARD_TEST(test_session_when_the_application_calls_then_it_does_as_told),
        SHARD_TEST(test_send_when_logging_out_then_journaled_and_resent_after_the_next_logon),
        SHARD_TEST(test_disconnect_when_called_in_the_middle_of_a_logon_then_no_on_logon),
        SHARD_TEST(test_disconnect_when_a_message_ends_an_alarm_then_it_is_still_delivered),
        SHARD_TEST(test_send_when_a_callback_never_stops_then_full_and_nothing_lost_or_reused),
        SHARD_TEST(test_send_when_each_message_is_answered_once_then_never_full),
        SHARD_TEST(test_send_when_every_turn_is_used_up_then_input_is_served_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
