/* libringfix_test as a user meets it: callbacks under test, the public headers alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringfix/ringfix.h>
#include <ringfix/test.h>

/* ---------------------------------------------------------------- an application, and its test */

struct desk {
    struct rfx_test *test;
    struct rfx_peer *peer;
    struct rfx_config config;
    struct rfx_session_config session;
    char log[4096]; /* what the callbacks saw */
    enum rfx_verdict verdict;
    struct rfx_logon_ticket ticket;
    uint64_t wake_ns;
    uint64_t turns;
    enum rfx_state state; /* as on_state_change has it */
    bool replays;
};

static void note(struct desk *desk, const char *format, ...)
{
    const size_t size = strlen(desk->log);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(desk->log + size, sizeof desk->log - size, format, arguments);
    va_end(arguments);
}

static void expect_log(struct desk *desk, const char *log)
{
    assert_string_equal(desk->log, log);
    desk->log[0] = '\0';
}

static void forget(struct desk *desk)
{
    desk->log[0] = '\0';
}

static void on_connect(void *context, struct rfx_session *session)
{
    note(context, "connect from %s\n", rfx_session_remote_address(session));
}

static void on_disconnect(void *context, struct rfx_session *session,
                          enum rfx_disconnect_reason reason)
{
    (void)session;
    note(context, "disconnect: %s\n", rfx_disconnect_reason_text(reason));
}

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    (void)session;
    note(context, "logon%s\n", is_healthy ? "" : " with a gap");
}

static void on_logout(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    (void)session;
    (void)message;
    note(context, "logout\n");
}

static void put_back(struct rfx_builder *builder, const struct rfx_message *message, int32_t tag)
{
    struct rfx_bytes value;
    if (rfx_message_get(message, tag, &value) == RFX_OK) {
        rfx_builder_put(builder, tag, value);
    }
}

/* Fills every order at its price. */
static void fill(struct rfx_session *session, const struct rfx_message *order)
{
    struct rfx_builder *report;
    struct rfx_bytes quantity;
    assert_int_equal(rfx_session_begin(session, "8", &report), RFX_OK);
    assert_int_equal(rfx_message_get(order, 38, &quantity), RFX_OK);
    rfx_builder_put_text(report, 37, "O");
    rfx_builder_put_text(report, 17, "E");
    put_back(report, order, 11);
    rfx_builder_put_char(report, 150, 'F');
    rfx_builder_put_char(report, 39, '2');
    put_back(report, order, 55);
    put_back(report, order, 54);
    rfx_builder_put(report, 14, quantity);
    rfx_builder_put_int(report, 151, 0);
    rfx_builder_put_int(report, 6, 0);
    assert_int_equal(rfx_session_commit(session, report, NULL), RFX_OK);
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    const struct rfx_bytes type = rfx_message_type(message);
    struct rfx_bytes id = {.data = "", .size = 0};
    struct rfx_bytes desk = {.data = "", .size = 0};
    (void)!rfx_message_get(message, 11, &id);
    (void)!rfx_message_get(message, 115, &desk);
    note(context, "%.*s %.*s%.*s\n", (int)type.size, type.data, (int)id.size, id.data,
         (int)desk.size, desk.data);
    if (rfx_message_is(message, "D")) {
        fill(session, message);
    }
}

static bool should_replay(void *context, struct rfx_session *session,
                          const struct rfx_message *message)
{
    const struct desk *desk = context;
    (void)session;
    (void)message;
    return desk->replays;
}

static enum rfx_verdict on_authenticate(void *context, struct rfx_session *session,
                                        const struct rfx_message *logon,
                                        const struct rfx_logon_ticket *ticket,
                                        char text[RFX_REFUSAL_MAX])
{
    struct desk *desk = context;
    struct rfx_bytes password = {.data = "", .size = 0};
    (void)session;
    (void)!rfx_message_get(logon, 554, &password);
    note(desk, "password %.*s\n", (int)password.size, password.data);
    desk->ticket = *ticket;
    if (desk->verdict == RFX_REFUSE) {
        strcpy(text, "not today");
    }
    return desk->verdict;
}

static void on_build_logon(void *context, struct rfx_session *session, struct rfx_builder *builder)
{
    (void)context;
    (void)session;
    rfx_builder_put_text(builder, 553, "desk");
}

static void on_state_change(void *context, struct rfx_session *session, enum rfx_state from,
                            enum rfx_state to)
{
    struct desk *desk = context;
    (void)session;
    assert_int_not_equal(from, to);
    desk->state = to;
}

static uint64_t on_turn(void *context, struct rfx_shard *shard, uint64_t now_ns)
{
    struct desk *desk = context;
    assert_int_equal(rfx_shard_index(shard), 0);
    if (now_ns >= desk->wake_ns) {
        desk->wake_ns = now_ns + UINT64_C(60000000000);
        desk->turns++;
    }
    return desk->wake_ns;
}

static int set_up(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    desk->session = rfx_session_config_default;
    strcpy(desk->session.begin_string, "FIX.4.4");
    strcpy(desk->session.sender_comp_id, "ACME");
    strcpy(desk->session.target_comp_id, "BROKER");
    desk->config = rfx_config_default;
    desk->config.sessions = &desk->session;
    desk->config.session_count = 1;
    desk->verdict = RFX_ACCEPT;
    desk->replays = true;
    *state = desk;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;
    rfx_test_close(desk->test);
    free(desk);
    return 0;
}

static void open_test(struct desk *desk)
{
    const struct rfx_app app = {.context = desk,
                                .on_connect = on_connect,
                                .on_disconnect = on_disconnect,
                                .on_logon = on_logon,
                                .on_logout = on_logout,
                                .on_message = on_message,
                                .should_replay = should_replay,
                                .on_authenticate = on_authenticate,
                                .on_build_logon = on_build_logon,
                                .on_state_change = on_state_change,
                                .on_turn = on_turn};
    struct rfx_error error;
    if (rfx_test_open(&desk->config, &app, &desk->test, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    if (!desk->session.acceptor_template) {
        desk->peer = rfx_test_peer(desk->test, 0, NULL);
    }
}

static void open_initiator(struct desk *desk)
{
    desk->session.role = RFX_ROLE_INITIATOR;
    desk->session.hosts[0] = (struct rfx_host){.name = "broker.example", .port = 5001};
    open_test(desk);
}

#define DESK_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* A call that has to succeed, and one that has to fail with that text. */
#define expect_ok(desk, call) check((desk)->test, (call), __FILE__, __LINE__)

static void check(const struct rfx_test *test, rfx_status status, const char *file, int line)
{
    if (status != RFX_OK) {
        print_error("%s: %s\n", rfx_status_text(status), rfx_test_error(test));
        _fail(file, line);
    }
}

static void log_on(struct desk *desk)
{
    open_test(desk);
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
    forget(desk);
}

/* ------------------------------------------------------------------------------------- logons */

static void test_logon_when_an_acceptor_takes_it_then_both_are_logged_on(void **state)
{
    struct desk *desk = *state;
    open_test(desk);
    expect_ok(desk, rfx_peer_logon(desk->peer, "554=secret"));
    expect_log(desk, "connect from 192.0.2.1:4000\npassword secret\nlogon\n");
    assert_int_equal(desk->state, RFX_ACTIVE);
    assert_true(rfx_session_is_logged_on(rfx_peer_session(desk->peer)));
    assert_int_equal(rfx_peer_next_out(desk->peer), 2);
    assert_int_equal(rfx_peer_next_in(desk->peer), 2);
    assert_true(rfx_message_is(rfx_peer_logon_received(desk->peer), "A"));
    expect_ok(desk, rfx_peer_expect_nothing(desk->peer));
}

static void test_logon_when_an_initiator_dials_then_its_logon_is_answered(void **state)
{
    struct desk *desk = *state;
    struct rfx_bytes value;
    open_initiator(desk);
    assert_int_equal(rfx_session_state(rfx_peer_session(desk->peer)), RFX_INITIATE_CONNECTION);
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
    expect_log(desk, "connect from broker.example:5001\nlogon\n");
    expect_ok(desk, rfx_message_get(rfx_peer_logon_received(desk->peer), 553, &value));
    assert_memory_equal(value.data, "desk", 4);
}

static void test_logon_when_refused_then_the_text_says_why(void **state)
{
    struct desk *desk = *state;
    desk->verdict = RFX_REFUSE;
    open_test(desk);
    assert_int_equal(rfx_peer_logon(desk->peer, "554=wrong"), RFX_E_STATE);
    assert_string_equal(rfx_test_error(desk->test),
                        "BROKER: the Logon was not accepted: the application refused the Logon; "
                        "the Logout says: not today");
    assert_int_equal(rfx_peer_close_reason(desk->peer), RFX_REASON_AUTHENTICATION);
    assert_false(rfx_peer_is_connected(desk->peer));
}

static void test_logon_when_settled_later_then_answered_then(void **state)
{
    struct desk *desk = *state;
    desk->verdict = RFX_LATER;
    open_test(desk);
    assert_int_equal(rfx_peer_logon(desk->peer, NULL), RFX_E_STATE);
    assert_non_null(strstr(rfx_test_error(desk->test), "the Logon is not answered"));
    forget(desk);
    assert_int_equal(rfx_logon_settle(&desk->ticket, RFX_ACCEPT, NULL), RFX_OK);
    rfx_test_run(desk->test);
    expect_log(desk, "logon\n");
    assert_true(rfx_session_is_logged_on(rfx_peer_session(desk->peer)));
}

static void test_logon_when_nobody_dials_then_the_text_says_so(void **state)
{
    struct desk *desk = *state;
    open_initiator(desk);
    expect_ok(desk, rfx_peer_refuse(desk->peer));
    assert_int_equal(rfx_peer_logon(desk->peer, NULL), RFX_E_STATE);
    assert_non_null(strstr(rfx_test_error(desk->test), "the initiator does not dial now"));
    rfx_test_advance(desk->test, 35); /* ReconnectInterval is 30, with jitter */
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
}

static void test_connect_when_it_takes_too_long_then_given_up_and_tried_again(void **state)
{
    struct desk *desk = *state;
    open_initiator(desk);
    rfx_test_advance(desk->test, 25); /* more than a connect may take */
    assert_int_equal(rfx_peer_connect(desk->peer), RFX_E_STATE);
    rfx_test_advance(desk->test, 35);
    expect_ok(desk, rfx_peer_connect(desk->peer));
    assert_int_equal(rfx_peer_connect(desk->peer), RFX_E_STATE); /* it is */
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
    assert_int_equal(rfx_peer_logon(desk->peer, NULL), RFX_E_STATE);
}

static void test_logon_when_from_a_template_then_each_client_has_a_session(void **state)
{
    struct desk *desk = *state;
    desk->session.acceptor_template = true;
    strcpy(desk->session.target_comp_id, "*");
    open_test(desk);
    struct rfx_peer *one = rfx_test_peer(desk->test, 0, "ONE");
    struct rfx_peer *two = rfx_test_peer(desk->test, 0, "TWO");
    assert_ptr_equal(rfx_test_peer(desk->test, 0, "ONE"), one);
    assert_null(rfx_peer_session(one));
    expect_ok(desk, rfx_peer_logon(one, NULL));
    expect_ok(desk, rfx_peer_logon(two, NULL));
    assert_string_equal(rfx_session_name(rfx_peer_session(two)), "FIX.4.4:ACME->TWO");
    expect_ok(desk, rfx_peer_order(two, "11=T-1"));
    expect_ok(desk, rfx_peer_expect(two, "35=8|11=T-1"));
    expect_ok(desk, rfx_peer_expect_nothing(one));
}

static void test_logon_when_the_numbers_restart_then_on_both_sides(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=A"));
    rfx_peer_disconnect(desk->peer);
    expect_ok(desk, rfx_peer_logon(desk->peer, "141=Y"));
    assert_int_equal(rfx_peer_next_out(desk->peer), 2);
    assert_int_equal(rfx_session_next_in(rfx_peer_session(desk->peer)), 2);
    assert_int_equal(rfx_peer_next_in(desk->peer), 2);
}

static void test_logon_when_an_initiator_resets_then_the_answer_does_too(void **state)
{
    struct desk *desk = *state;
    desk->session.reset_on_logon = true;
    open_initiator(desk);
    rfx_peer_set_next_out(desk->peer, 20);
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
    assert_int_equal(rfx_session_next_in(rfx_peer_session(desk->peer)), 2);
}

static void test_logon_when_of_each_version_then_taken(void **state)
{
    static const char *const versions[] = {"FIX.4.0", "FIX.4.1", "FIX.4.2",
                                           "FIX.4.3", "FIX.4.4", "FIXT.1.1"};
    struct desk *desk = *state;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        strcpy(desk->session.begin_string, versions[i]);
        desk->session.default_appl_ver_id = i == 5 ? 9 : -1;
        for (int role = RFX_ROLE_ACCEPTOR; role <= RFX_ROLE_INITIATOR; role++) {
            desk->session.role = (enum rfx_role)role;
            desk->session.hosts[0].name = role == RFX_ROLE_INITIATOR ? "192.0.2.9" : NULL;
            desk->session.hosts[0].port = role == RFX_ROLE_INITIATOR ? 5001 : 0;
            log_on(desk);
            expect_ok(desk, rfx_peer_logout(desk->peer));
            rfx_test_close(desk->test);
            desk->test = NULL;
        }
    }
}

/* ----------------------------------------------------------------------------------- messages */

static void test_order_when_sent_then_the_callback_answers_it(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=A-1|38=300|44=10.50|55=%s", "MSFT"));
    expect_log(desk, "D A-1\n");
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=8|34=2|11=A-1|14=300|39=2|55=MSFT"));
    expect_ok(desk, rfx_peer_expect_nothing(desk->peer));
    assert_int_equal(rfx_peer_next_in(desk->peer), 3);
}

static void test_expect_when_the_message_differs_then_the_text_shows_it(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    for (int i = 0; i < 4; i++) {
        expect_ok(desk, rfx_peer_order(desk->peer, "11=A-1"));
    }
    assert_int_equal(rfx_peer_expect(desk->peer, "35=8|39=0"), RFX_E_INVALID);
    assert_string_equal(rfx_test_error(desk->test),
                        "ACME sent 35=8|34=2|37=O|17=E|11=A-1|150=F|39=2|55=TEST|54=1|14=100|"
                        "151=0|6=0: 39 is \"2\", expected \"0\"");
    assert_int_equal(rfx_peer_expect(desk->peer, "39=2|58=*"), RFX_E_INVALID);
    assert_non_null(strstr(rfx_test_error(desk->test), "58 is missing"));
    assert_int_equal(rfx_peer_expect(desk->peer, "39=*|!55"), RFX_E_INVALID);
    assert_non_null(strstr(rfx_test_error(desk->test), "55 should not be there"));
    assert_int_equal(rfx_peer_expect_nothing(desk->peer), RFX_E_INVALID);
    assert_non_null(strstr(rfx_test_error(desk->test), "expected nothing"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "54=1|35=8|39=*|!58"));
    assert_int_equal(rfx_peer_expect(desk->peer, "35=8"), RFX_E_NOT_FOUND);
    assert_string_equal(rfx_test_error(desk->test), "ACME has sent BROKER no more messages");
    assert_int_equal(rfx_peer_expect(desk->peer, "35"), RFX_E_INVALID);
    assert_non_null(strstr(rfx_test_error(desk->test), "is no field"));
}

static void test_expect_when_a_tag_comes_twice_then_each_is_compared(void **state)
{
    struct desk *desk = *state;
    struct rfx_builder *builder;
    struct rfx_group group;
    log_on(desk);
    struct rfx_session *session = rfx_peer_session(desk->peer);
    assert_int_equal(rfx_session_begin(session, "V", &builder), RFX_OK);
    rfx_builder_put_text(builder, 262, "R");
    rfx_builder_put_int(builder, 263, 0);
    rfx_builder_put_int(builder, 264, 1);
    rfx_builder_begin_group(builder, 267, 2);
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, '0');
    rfx_builder_next_entry(builder);
    rfx_builder_put_char(builder, 269, '1');
    rfx_builder_end_group(builder);
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_OK);
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=V|267=2|269=0|269=1|!58"));
    expect_ok(desk, rfx_message_group(rfx_peer_last(desk->peer), 267, &group));
    assert_int_equal(group.count, 2);
}

static void test_send_when_the_header_is_given_then_taken_as_it_is(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    rfx_peer_set_manner(desk->peer, RFX_PEER_MANUAL);
    assert_int_equal(rfx_peer_send(desk->peer, "58=no type"), RFX_E_INVALID);
    expect_ok(desk, rfx_peer_send(desk->peer, "35=1|112=no sum|9=5"));
    expect_ok(desk, rfx_peer_send(desk->peer, "35=1|112=no sum|10=000"));
    expect_ok(desk, rfx_peer_expect_nothing(desk->peer)); /* garbled, and ignored */
    rfx_peer_set_next_out(desk->peer, 2);
    expect_ok(desk, rfx_peer_send(desk->peer, "35=1|112=here"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=0|112=here"));
    expect_ok(desk, rfx_peer_send(desk->peer, "35=1|!52|112=no time"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=3|371=52|373=1"));
    expect_ok(desk, rfx_peer_send(desk->peer, "35=1|112=X|49=NOBODY"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=3"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=5"));
}

static void test_send_when_header_fields_stand_behind_then_sent_first(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=A|58=text|115=.DESK"));
    expect_log(desk, "D A.DESK\n");
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=8|11=A"));
}

static void test_send_when_check_sums_are_not_checked_then_a_wrong_one_is_taken(void **state)
{
    struct desk *desk = *state;
    desk->session.validate_checksum = false;
    log_on(desk);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=A|10=999"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=8|11=A"));
}

static void test_send_fields_when_a_value_holds_a_bar_then_sent_whole(void **state)
{
    struct desk *desk = *state;
    const struct rfx_field_view fields[] = {{35, {"1", 1}}, {112, {"a|b", 3}}};
    log_on(desk);
    rfx_peer_set_manner(desk->peer, RFX_PEER_MANUAL);
    expect_ok(desk, rfx_peer_send_fields(desk->peer, fields, 2));
    const struct rfx_message *message;
    struct rfx_bytes value;
    expect_ok(desk, rfx_peer_read(desk->peer, &message));
    assert_int_equal(rfx_message_get(message, 112, &value), RFX_OK);
    assert_int_equal(value.size, 3);
    assert_memory_equal(value.data, "a|b", 3);
}

static void test_send_bytes_when_in_parts_then_put_together(void **state)
{
    struct desk *desk = *state;
    static const char nonsense[] = "nonsense";
    log_on(desk);
    rfx_peer_set_manner(desk->peer, RFX_PEER_MANUAL);
    expect_ok(desk, rfx_peer_send(desk->peer, "35=1|112=whole"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=0"));
    const struct rfx_bytes raw = rfx_message_raw(rfx_peer_last(desk->peer));
    assert_memory_equal(raw.data, "8=FIX.4.4", 9);
    expect_ok(desk, rfx_peer_send_bytes(desk->peer, (struct rfx_bytes){nonsense, 8}));
    for (size_t i = 0; i < raw.size; i++) { /* an echo: the CompIDs are the wrong way round */
        expect_ok(desk, rfx_peer_send_bytes(desk->peer, (struct rfx_bytes){raw.data + i, 1}));
    }
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=3|372=0"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=5"));
}

static void test_send_bytes_when_a_stranger_sends_nonsense_then_sent_away(void **state)
{
    struct desk *desk = *state;
    static const char nonsense[] = "GET / HTTP/1.1\r\n\r\n8=FIX";
    open_test(desk);
    expect_ok(desk, rfx_peer_connect(desk->peer));
    expect_ok(desk, rfx_peer_send_bytes(desk->peer, (struct rfx_bytes){nonsense, 23}));
    assert_int_equal(rfx_peer_close_reason(desk->peer), RFX_REASON_GARBLED_LOGON);
    assert_int_equal(rfx_peer_send(desk->peer, "35=0"), RFX_E_STATE);
    assert_string_equal(rfx_test_error(desk->test),
                        "BROKER is not connected: first bytes are not a FIX message");
}

/* ------------------------------------------------------------------------- numbers and resends */

static void test_gap_when_filled_by_the_peer_then_what_waited_is_delivered(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    rfx_peer_set_next_out(desk->peer, 10);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=AFTER"));
    expect_log(desk, "D AFTER\n");
    assert_int_equal(rfx_session_next_in(rfx_peer_session(desk->peer)), 11);
}

static void test_gap_when_filled_by_hand_then_delivered_in_order(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    rfx_peer_set_manner(desk->peer, RFX_PEER_MANUAL);
    rfx_peer_set_next_out(desk->peer, 3);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=SECOND"));
    expect_log(desk, "");
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=2|7=2|16=*"));
    expect_ok(desk, rfx_peer_order(desk->peer, "34=2|43=Y|11=FIRST"));
    expect_log(desk, "D FIRST\nD SECOND\n");
}

static void test_gap_when_at_the_logon_then_the_callback_knows(void **state)
{
    struct desk *desk = *state;
    open_test(desk);
    rfx_peer_set_next_out(desk->peer, 5);
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
    expect_log(desk, "connect from 192.0.2.1:4000\npassword \nlogon with a gap\n");
    assert_int_equal(rfx_session_state(rfx_peer_session(desk->peer)), RFX_ACTIVE);
}

static void test_number_when_too_low_then_logged_out(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    rfx_peer_set_next_out(desk->peer, 1);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=A"));
    assert_int_equal(rfx_peer_close_reason(desk->peer), RFX_REASON_SEQ_NUM_TOO_LOW);
    expect_log(desk, "disconnect: MsgSeqNum too low\n");
}

static void test_resend_when_asked_for_then_the_messages_come_again(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=A"));
    expect_ok(desk, rfx_peer_order(desk->peer, "11=B"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "11=A|!43"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "11=B|!43"));
    expect_ok(desk, rfx_peer_send(desk->peer, "35=2|7=1|16=0"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "34=2|11=A|43=Y|122=*"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "34=3|11=B|43=Y|122=*"));
    expect_ok(desk, rfx_peer_expect_nothing(desk->peer));
    assert_int_equal(rfx_peer_next_in(desk->peer), 2); /* the gap fill over the Logon was last */
}

static void test_resend_when_the_callback_declines_then_a_gap_fill(void **state)
{
    struct desk *desk = *state;
    desk->replays = false;
    log_on(desk);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=A"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "11=A"));
    rfx_peer_set_manner(desk->peer, RFX_PEER_MANUAL);
    expect_ok(desk, rfx_peer_send(desk->peer, "35=2|7=1|16=0"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=4|34=1|123=Y|36=3"));
    expect_ok(desk, rfx_peer_expect_nothing(desk->peer));
}

/* More than the way to the shard holds at a time. */
static void test_resend_when_the_peer_has_much_to_send_then_all_of_it_comes(void **state)
{
    struct desk *desk = *state;
    char pad[1500];
    memset(pad, 'x', sizeof pad);
    pad[sizeof pad - 1] = '\0';
    log_on(desk);
    for (int i = 0; i < 2000; i++) {
        expect_ok(desk, rfx_peer_order(desk->peer, "58=%s", pad));
        forget(desk);
    }
    struct rfx_session *session = rfx_peer_session(desk->peer);
    rfx_peer_disconnect(desk->peer);
    assert_int_equal(rfx_session_reset(session), RFX_OK);
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
    assert_int_equal(rfx_session_next_in(session), rfx_peer_next_out(desk->peer));
    assert_int_equal(rfx_session_next_out(session), 2003); /* the fill of each, again */
}

/* --------------------------------------------------------------------------------------- time */

static void test_time_when_an_hour_passes_then_heartbeats_keep_both_alive(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    const int64_t before_ns = rfx_test_utc_ns(desk->test);
    rfx_test_advance(desk->test, 3600);
    assert_true(rfx_test_utc_ns(desk->test) - before_ns == INT64_C(3600000000000));
    assert_true(rfx_session_is_logged_on(rfx_peer_session(desk->peer)));
    assert_true(rfx_peer_next_out(desk->peer) >= 119);
    assert_int_equal(rfx_peer_next_in(desk->peer),
                     rfx_session_next_out(rfx_peer_session(desk->peer)));
    assert_int_equal(desk->turns, 61);
    expect_log(desk, "");
}

static void test_time_when_the_peer_is_silent_then_tested_and_closed(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    rfx_peer_set_manner(desk->peer, RFX_PEER_MANUAL);
    rfx_test_advance(desk->test, 30);
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=0|!112"));
    rfx_test_advance(desk->test, 6);
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=1|112=*"));
    rfx_test_advance(desk->test, 60);
    expect_log(desk, "disconnect: no answer to TestRequest\n");
    assert_int_equal(rfx_peer_close_reason(desk->peer), RFX_REASON_TEST_REQUEST_UNANSWERED);
}

static void test_time_when_the_application_tests_then_the_peer_answers(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    struct rfx_session *session = rfx_peer_session(desk->peer);
    assert_int_equal(rfx_session_send_test_request(session), RFX_OK);
    rfx_test_run(desk->test);
    assert_int_equal(rfx_session_state(session), RFX_ACTIVE);
}

static void test_time_when_the_session_time_is_over_then_logged_out(void **state)
{
    struct desk *desk = *state;
    desk->session.start = (struct rfx_week_time){.second = 8 * 3600, .day = RFX_NO_DAY};
    desk->session.end = (struct rfx_week_time){.second = 17 * 3600, .day = RFX_NO_DAY};
    desk->session.time_zone = "Europe/Berlin";
    log_on(desk); /* at 14:00 there */
    rfx_test_advance(desk->test, 3 * 3600 + 1);
    expect_log(desk, "logout\ndisconnect: outside the session time\n");
    rfx_test_set_utc_ns(desk->test, rfx_test_utc_ns(desk->test) + INT64_C(15) * 3600000000000);
    rfx_peer_set_next_out(desk->peer, 1); /* a new day */
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
}

/* -------------------------------------------------------------------------------- connections */

static void test_disconnect_when_the_peer_goes_then_it_may_come_again(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    rfx_peer_disconnect(desk->peer);
    expect_log(desk, "disconnect: the counterparty closed the connection\n");
    assert_int_equal(rfx_session_state(rfx_peer_session(desk->peer)), RFX_AWAITING_CONNECTION);
    rfx_peer_set_address(desk->peer, "198.51.100.7:9");
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
    expect_log(desk, "connect from 198.51.100.7:9\npassword \nlogon\n");
    expect_ok(desk, rfx_peer_order(desk->peer, "11=AGAIN"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "34=3|11=AGAIN"));
}

static void test_disconnect_when_the_application_closes_then_the_peer_sees_why(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    assert_int_equal(rfx_session_disconnect(rfx_peer_session(desk->peer)), RFX_OK);
    rfx_test_run(desk->test);
    assert_false(rfx_peer_is_connected(desk->peer));
    assert_int_equal(rfx_peer_close_reason(desk->peer), RFX_REASON_APPLICATION);
}

static void test_logout_when_either_side_begins_then_the_other_answers(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    expect_ok(desk, rfx_peer_logout(desk->peer));
    expect_log(desk, "logout\ndisconnect: the counterparty logged out\n");
    expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
    forget(desk);
    assert_int_equal(rfx_session_logout(rfx_peer_session(desk->peer), "bye"), RFX_OK);
    rfx_test_run(desk->test);
    expect_log(desk, "logout\ndisconnect: logged out\n");
}

static void test_stop_when_asked_for_then_everybody_is_logged_out(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    rfx_test_stop(desk->test);
    expect_log(desk, "logout\ndisconnect: the server stops\n");
}

static void test_stop_when_a_peer_does_not_answer_then_it_ends_all_the_same(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    rfx_peer_set_manner(desk->peer, RFX_PEER_MANUAL);
    rfx_test_stop(desk->test);
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=5|58=*"));
    assert_false(rfx_peer_is_connected(desk->peer));
}

static void test_open_when_the_configuration_is_wrong_then_the_error_says_so(void **state)
{
    struct desk *desk = *state;
    const struct rfx_app app = {0};
    struct rfx_error error;
    desk->session.begin_string[0] = '\0';
    assert_int_equal(rfx_test_open(&desk->config, &app, &desk->test, &error), RFX_E_CONFIG);
    assert_non_null(strstr(error.text, "BeginString"));
    desk->test = NULL;
}

/* ------------------------------------------------------------------------------------- orders */

/* What a counterparty says of an order passes each version's dictionary. */
static void test_report_when_of_each_version_then_accepted_by_its_dictionary(void **state)
{
    static const char *const versions[] = {"FIX.4.0", "FIX.4.1", "FIX.4.2",
                                           "FIX.4.3", "FIX.4.4", "FIXT.1.1"};
    struct desk *desk = *state;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct rfx_builder *builder;
        struct rfx_order order = {.client_id = "A",
                                  .symbol = "TEST",
                                  .account = "ACC",
                                  .side = '1',
                                  .terms = {.type = '2', .quantity = {100, 0}, .price = {105, 1}}};
        strcpy(desk->session.begin_string, versions[i]);
        desk->session.default_appl_ver_id = i == 5 ? 9 : -1;
        open_initiator(desk);
        expect_ok(desk, rfx_peer_logon(desk->peer, NULL));
        forget(desk);
        struct rfx_session *session = rfx_peer_session(desk->peer);
        expect_ok(desk, rfx_order_begin_new(&order, session, &builder));
        expect_ok(desk, rfx_order_commit(&order, session, builder));
        expect_ok(desk, rfx_peer_expect(desk->peer, "35=D|11=A|44=10.5"));
        expect_ok(desk, rfx_peer_report(desk->peer, rfx_peer_last(desk->peer), "39=0"));
        expect_ok(desk, rfx_peer_report(desk->peer, rfx_peer_last(desk->peer),
                                        "39=1|32=40|31=10.5|14=40|6=10.5"));
        expect_ok(desk, rfx_order_begin_cancel(&order, session, "B", &builder));
        expect_ok(desk, rfx_order_commit(&order, session, builder));
        expect_ok(desk, rfx_peer_expect(desk->peer, "35=F|11=B|41=A"));
        expect_ok(desk, rfx_peer_reject(desk->peer, rfx_peer_last(desk->peer), "58=no"));
        expect_ok(desk, rfx_peer_report(desk->peer, rfx_peer_last(desk->peer), "39=4|14=40"));
        expect_ok(desk, rfx_peer_expect_nothing(desk->peer)); /* no Reject */
        expect_log(desk, "8 A\n8 A\n9 B\n8 B\n");
        rfx_test_close(desk->test);
        desk->test = NULL;
    }
}

/* And so do the orders themselves: what the peer plays back is taken by an acceptor. */
static void test_order_when_of_each_version_then_accepted_by_its_dictionary(void **state)
{
    static const char *const versions[] = {"FIX.4.0", "FIX.4.1", "FIX.4.2",
                                           "FIX.4.3", "FIX.4.4", "FIXT.1.1"};
    struct desk *desk = *state;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        strcpy(desk->session.begin_string, versions[i]);
        desk->session.default_appl_ver_id = i == 5 ? 9 : -1;
        log_on(desk);
        expect_ok(desk, rfx_peer_order(desk->peer, "%s", ""));
        expect_ok(desk, rfx_peer_order(desk->peer, "44=10"));
        expect_log(desk, "D C1\nD C2\n");
        rfx_test_close(desk->test);
        desk->test = NULL;
    }
}

static void test_report_when_about_something_else_then_refused(void **state)
{
    struct desk *desk = *state;
    log_on(desk);
    expect_ok(desk, rfx_peer_order(desk->peer, "11=A"));
    expect_ok(desk, rfx_peer_expect(desk->peer, "35=8"));
    const struct rfx_message *report = rfx_peer_last(desk->peer);
    assert_int_equal(rfx_peer_report(desk->peer, report, "39=0"), RFX_E_INVALID);
    assert_int_equal(rfx_peer_reject(desk->peer, report, "39=0"), RFX_E_INVALID);
    assert_non_null(strstr(rfx_test_error(desk->test), "not for 35=8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(test_logon_when_an_acceptor_takes_it_then_both_are_logged_on),
        DESK_TEST(test_logon_when_an_initiator_dials_then_its_logon_is_answered),
        DESK_TEST(test_logon_when_refused_then_the_text_says_why),
        DESK_TEST(test_logon_when_settled_later_then_answered_then),
        DESK_TEST(test_logon_when_nobody_dials_then_the_text_says_so),
        DESK_TEST(test_connect_when_it_takes_too_long_then_given_up_and_tried_again),
        DESK_TEST(test_logon_when_from_a_template_then_each_client_has_a_session),
        DESK_TEST(test_logon_when_the_numbers_restart_then_on_both_sides),
        DESK_TEST(test_logon_when_an_initiator_resets_then_the_answer_does_too),
        DESK_TEST(test_logon_when_of_each_version_then_taken),
        DESK_TEST(test_order_when_sent_then_the_callback_answers_it),
        DESK_TEST(test_expect_when_the_message_differs_then_the_text_shows_it),
        DESK_TEST(test_expect_when_a_tag_comes_twice_then_each_is_compared),
        DESK_TEST(test_send_when_the_header_is_given_then_taken_as_it_is),
        DESK_TEST(test_send_when_header_fields_stand_behind_then_sent_first),
        DESK_TEST(test_send_when_check_sums_are_not_checked_then_a_wrong_one_is_taken),
        DESK_TEST(test_send_fields_when_a_value_holds_a_bar_then_sent_whole),
        DESK_TEST(test_send_bytes_when_in_parts_then_put_together),
        DESK_TEST(test_send_bytes_when_a_stranger_sends_nonsense_then_sent_away),
        DESK_TEST(test_gap_when_filled_by_the_peer_then_what_waited_is_delivered),
        DESK_TEST(test_gap_when_filled_by_hand_then_delivered_in_order),
        DESK_TEST(test_gap_when_at_the_logon_then_the_callback_knows),
        DESK_TEST(test_number_when_too_low_then_logged_out),
        DESK_TEST(test_resend_when_asked_for_then_the_messages_come_again),
        DESK_TEST(test_resend_when_the_callback_declines_then_a_gap_fill),
        DESK_TEST(test_resend_when_the_peer_has_much_to_send_then_all_of_it_comes),
        DESK_TEST(test_time_when_an_hour_passes_then_heartbeats_keep_both_alive),
        DESK_TEST(test_time_when_the_peer_is_silent_then_tested_and_closed),
        DESK_TEST(test_time_when_the_application_tests_then_the_peer_answers),
        DESK_TEST(test_time_when_the_session_time_is_over_then_logged_out),
        DESK_TEST(test_disconnect_when_the_peer_goes_then_it_may_come_again),
        DESK_TEST(test_disconnect_when_the_application_closes_then_the_peer_sees_why),
        DESK_TEST(test_logout_when_either_side_begins_then_the_other_answers),
        DESK_TEST(test_stop_when_asked_for_then_everybody_is_logged_out),
        DESK_TEST(test_stop_when_a_peer_does_not_answer_then_it_ends_all_the_same),
        DESK_TEST(test_open_when_the_configuration_is_wrong_then_the_error_says_so),
        DESK_TEST(test_report_when_of_each_version_then_accepted_by_its_dictionary),
        DESK_TEST(test_order_when_of_each_version_then_accepted_by_its_dictionary),
        DESK_TEST(test_report_when_about_something_else_then_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
