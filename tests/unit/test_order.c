/* The life of an order, played against a counterparty: the order state changes that the FIX
 * specification lists (A to L), and what real counterparties do beyond them. */
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

#define MESSAGES_MAX 32

struct rig {
    struct rfx_test *test;
    struct rfx_peer *peer;
    struct rfx_config config;
    struct rfx_session_config session;
    struct rfx_order order;
    rfx_status taken;                                 /* what became of the last message */
    const struct rfx_message *messages[MESSAGES_MAX]; /* what was sent */
    size_t message_count;
};

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct rig *rig = context;
    (void)session;
    rig->taken = rfx_order_take(&rig->order, message);
}

static void check(struct rig *rig, rfx_status status, const char *file, int line)
{
    if (status != RFX_OK) {
        print_error("%s: %s\n", rfx_status_text(status), rfx_test_error(rig->test));
        _fail(file, line);
    }
}

#define expect_ok(rig, call) check((rig), (call), __FILE__, __LINE__)

static void open_rig(struct rig *rig, const char *begin_string)
{
    const struct rfx_app app = {.context = rig, .on_message = on_message};
    struct rfx_error error;
    rfx_test_close(rig->test);
    strcpy(rig->session.begin_string, begin_string);
    rig->session.default_appl_ver_id = strcmp(begin_string, "FIXT.1.1") == 0 ? 9 : -1;
    rig->message_count = 0;
    rig->order = (struct rfx_order){
        .client_id = "A",
        .symbol = "TEST",
        .side = '1',
        .terms = {.type = '2', .quantity = {10000, 0}, .price = {1000, 2}},
    };
    if (rfx_test_open(&rig->config, &app, &rig->test, &error) != RFX_OK) {
        fail_msg("%s", error.text);
    }
    rig->peer = rfx_test_peer(rig->test, 0, NULL);
    expect_ok(rig, rfx_peer_logon(rig->peer, NULL));
}

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    rig->session = rfx_session_config_default;
    rig->session.role = RFX_ROLE_INITIATOR;
    strcpy(rig->session.sender_comp_id, "TRADER");
    strcpy(rig->session.target_comp_id, "BROKER");
    rig->session.hosts[0] = (struct rfx_host){.name = "192.0.2.1", .port = 5001};
    rig->config = rfx_config_default;
    rig->config.sessions = &rig->session;
    rig->config.session_count = 1;
    *state = rig;
    open_rig(rig, "FIX.4.4");
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    rfx_test_close(rig->test);
    free(rig);
    return 0;
}

#define ORDER_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* ---------------------------------------------------------------------------------- the moves */

enum move { NEW, CANCEL, REPLACE, REPORT, REJECT, RAW };

/* One move, and how the order stands after it: its status, ClOrdID, quantity done and left, C if
 * it may be cancelled, R if replaced, F if finished. In front "late", "other" or "invalid" when the
 * message was not taken, "refused" when the request was not to be sent. */
struct step {
    enum move move;
    const char *id;     /* ClOrdID of the request, or of what is answered */
    const char *fields; /* REPLACE: "38=12000" or "44=10.5" */
    const char *then;
};

static void describe(const struct rig *rig, const char *prefix, char *text, size_t size)
{
    const struct rfx_order *order = &rig->order;
    snprintf(text, size, "%s%s %s %lld/%lld %s%s%s", prefix, rfx_order_status_text(order->status),
             order->client_id, (long long)order->cum_quantity.mantissa,
             (long long)order->leaves_quantity.mantissa, rfx_order_can_cancel(order) ? "C" : "",
             rfx_order_can_replace(order) ? "R" : "", rfx_order_is_finished(order) ? "F" : "");
    for (size_t i = strlen(text); i > 0 && text[i - 1] == ' '; i--) {
        text[i - 1] = '\0';
    }
}

static struct rfx_order_terms changed_terms(const struct rfx_order *order, const char *fields)
{
    struct rfx_order_terms terms = order->terms;
    if (strncmp(fields, "38=", 3) == 0) {
        terms.quantity = (struct rfx_decimal){.mantissa = strtoll(fields + 3, NULL, 10)};
    } else if (strncmp(fields, "44=", 3) == 0) {
        assert_int_equal(
            rfx_value_decimal((struct rfx_bytes){fields + 3, strlen(fields + 3)}, &terms.price),
            RFX_OK);
    }
    return terms;
}

static rfx_status request(struct rig *rig, const struct step *step)
{
    struct rfx_session *session = rfx_peer_session(rig->peer);
    struct rfx_builder *builder;
    rfx_status status = RFX_E_INVALID;
    if (step->move == NEW) {
        status = rfx_order_begin_new(&rig->order, session, &builder);
    } else if (step->move == CANCEL) {
        status = rfx_order_begin_cancel(&rig->order, session, step->id, &builder);
    } else {
        const struct rfx_order_terms terms = changed_terms(&rig->order, step->fields);
        status = rfx_order_begin_replace(&rig->order, session, step->id, &terms, &builder);
    }
    if (status == RFX_OK) {
        expect_ok(rig, rfx_order_commit(&rig->order, session, builder));
        assert_true(rig->message_count < MESSAGES_MAX);
        expect_ok(rig, rfx_peer_read(rig->peer, &rig->messages[rig->message_count++]));
    }
    return status;
}

static const struct rfx_message *sent(const struct rig *rig, const char *id)
{
    for (size_t i = 0; i < rig->message_count; i++) {
        struct rfx_bytes value;
        if (rfx_message_get(rig->messages[i], 11, &value) == RFX_OK && value.size == strlen(id) &&
            memcmp(value.data, id, value.size) == 0) {
            return rig->messages[i];
        }
    }
    fail_msg("nothing was sent as %s", id);
    return NULL;
}

static const char *prefix_of(rfx_status status)
{
    switch (status) {
    case RFX_OK:
        return "";
    case RFX_E_STATE:
        return "late ";
    case RFX_E_NOT_FOUND:
        return "other ";
    case RFX_E_INVALID:
        return "invalid ";
    case RFX_E_NOMEM:
    case RFX_E_CONFIG:
    case RFX_E_IO:
    case RFX_E_JOURNAL:
    case RFX_E_FULL:
        break;
    }
    return "unexpected ";
}

static const char *play_one(struct rig *rig, const struct step *step)
{
    const struct rfx_order before = rig->order;
    rig->taken = RFX_E_IO; /* nothing came */
    switch (step->move) {
    case NEW:
    case CANCEL:
    case REPLACE:
        return request(rig, step) == RFX_OK ? "" : "refused ";
    case REPORT:
        expect_ok(rig, rfx_peer_report(rig->peer, sent(rig, step->id), "%s", step->fields));
        break;
    case REJECT:
        expect_ok(rig, rfx_peer_reject(rig->peer, sent(rig, step->id), "%s", step->fields));
        break;
    case RAW:
        expect_ok(rig, rfx_peer_send(rig->peer, "%s", step->fields));
        break;
    }
    if (rig->taken != RFX_OK) {
        assert_memory_equal(&before, &rig->order, sizeof before);
    }
    return prefix_of(rig->taken);
}

static void play(struct rig *rig, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[256];
        describe(rig, play_one(rig, &steps[i]), text, sizeof text);
        if (strcmp(text, steps[i].then) != 0) {
            fail_msg("step %zu (%s %s): expected \"%s\", is \"%s\"", i + 1, steps[i].id,
                     steps[i].fields, steps[i].then, text);
        }
    }
}

#define PLAY(state, ...)                                                                           \
    do {                                                                                           \
        static const struct step steps[] = {__VA_ARGS__};                                          \
        play(*(state), steps, sizeof steps / sizeof steps[0]);                                     \
    } while (0)

/* How most of them begin. */
#define SENT                                                                                       \
    {                                                                                              \
        NEW, "A", "", "PENDING_NEW A 0/10000 CR"                                                   \
    }
#define WORKING                                                                                    \
    SENT,                                                                                          \
    {                                                                                              \
        REPORT, "A", "39=0", "NEW A 0/10000 CR"                                                    \
    }
#define PARTLY                                                                                     \
    WORKING,                                                                                       \
    {                                                                                              \
        REPORT, "A", "39=1|32=2000|14=2000", "PARTIALLY_FILLED A 2000/8000 CR"                     \
    }

/* ---------------------------------------------------------------------- A: orders without more */

static void test_a1a_when_filled_in_parts_then_finished(void **state)
{
    PLAY(state, SENT, {REPORT, "A", "39=A", "PENDING_NEW A 0/10000 CR"},
         {REPORT, "A", "39=0", "NEW A 0/10000 CR"},
         {REPORT, "A", "39=1|32=2000|14=2000", "PARTIALLY_FILLED A 2000/8000 CR"},
         {REPORT, "A", "39=1|32=1000|14=3000", "PARTIALLY_FILLED A 3000/7000 CR"},
         {REPORT, "A", "39=2|32=7000|14=10000", "FILLED A 10000/0 F"});
}

static void test_a1b_when_done_for_the_day_then_not_finished(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=3|14=2000", "DONE_FOR_DAY A 2000/0 CR"});
}

/* ----------------------------------------------------------------------------------- B: cancels */

static void test_b1a_when_a_cancel_is_accepted_then_cancelled(void **state)
{
    PLAY(state, WORKING, {CANCEL, "B", "", "PENDING_CANCEL A 0/10000"},
         {REPORT, "B", "39=6", "PENDING_CANCEL A 0/10000"},
         {REPORT, "B", "39=4", "CANCELED B 0/0 F"});
}

static void test_b1a_when_a_cancel_is_refused_then_as_before(void **state)
{
    PLAY(state, WORKING, {CANCEL, "B", "", "PENDING_CANCEL A 0/10000"},
         {REPORT, "B", "39=6", "PENDING_CANCEL A 0/10000"},
         {REJECT, "B", "39=0", "NEW A 0/10000 CR"});
}

static void test_b1b_when_it_trades_while_a_cancel_is_open_then_counted(void **state)
{
    PLAY(state, PARTLY, {CANCEL, "B", "", "PENDING_CANCEL A 2000/8000"},
         {REPORT, "A", "39=1|32=3000|14=5000", "PENDING_CANCEL A 5000/5000"},
         {REPORT, "B", "39=6|14=5000", "PENDING_CANCEL A 5000/5000"},
         {REPORT, "A", "39=6|32=1000|14=6000", "PENDING_CANCEL A 6000/4000"},
         {REPORT, "B", "39=4|14=6000", "CANCELED B 6000/0 F"});
}

static void test_b1c_when_filled_before_the_cancel_then_filled(void **state)
{
    PLAY(state, PARTLY, {CANCEL, "B", "", "PENDING_CANCEL A 2000/8000"},
         {REPORT, "A", "39=1|32=3000|14=5000", "PENDING_CANCEL A 5000/5000"},
         {REPORT, "B", "39=6|14=5000", "PENDING_CANCEL A 5000/5000"},
         {REPORT, "A", "39=6|32=5000|14=10000", "PENDING_CANCEL A 10000/0"},
         {REJECT, "B", "39=2|102=0", "FILLED A 10000/0 F"});
}

static void test_b1d_when_a_cancel_comes_before_the_acknowledgement_then_cancelled(void **state)
{
    PLAY(state, SENT, {CANCEL, "B", "", "PENDING_CANCEL A 0/10000"},
         {REPORT, "A", "39=A", "PENDING_CANCEL A 0/10000"},
         {REPORT, "B", "39=6", "PENDING_CANCEL A 0/10000"},
         {REPORT, "B", "39=4", "CANCELED B 0/0 F"});
}

static void test_b1e_when_a_cancel_and_the_acknowledgement_cross_then_both_count(void **state)
{
    PLAY(state, SENT, {CANCEL, "B", "", "PENDING_CANCEL A 0/10000"},
         {REPORT, "A", "39=0", "PENDING_CANCEL A 0/10000"},
         {REPORT, "B", "39=6", "PENDING_CANCEL A 0/10000"},
         {REJECT, "B", "39=A", "NEW A 0/10000 CR"});
}

static void test_b1f_when_the_order_is_unknown_then_the_cancel_is_gone(void **state)
{
    PLAY(state, SENT, {CANCEL, "B", "", "PENDING_CANCEL A 0/10000"},
         {REJECT, "B", "37=NONE|39=8|102=1", "PENDING_NEW A 0/10000 CR"});
}

/* ---------------------------------------------------------------------------------- C: replaces */

static void test_c1a_when_raised_before_it_trades_then_the_new_quantity_holds(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "38=11000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=E|38=10000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=0|150=5", "NEW B 0/11000 CR"},
         {REPORT, "B", "39=1|32=1000|14=1000", "PARTIALLY_FILLED B 1000/10000 CR"},
         {REPORT, "B", "39=2|32=10000|14=11000", "FILLED B 11000/0 F"});
}

static void test_c1b_when_it_trades_while_a_replace_is_open_then_counted(void **state)
{
    PLAY(state, PARTLY, {REPLACE, "B", "38=12000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "B", "39=E|14=2000|38=10000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "A", "39=E|32=100|14=2100", "PENDING_REPLACE A 2100/7900 CR"},
         {REPORT, "B", "39=1|150=5|14=2100", "PARTIALLY_FILLED B 2100/9900 CR"},
         {REPORT, "B", "39=2|32=9900|14=12000", "FILLED B 12000/0 F"});
}

static void test_c1c_when_a_filled_order_is_raised_then_it_lives_again(void **state)
{
    PLAY(state, WORKING, {REPORT, "A", "39=2|32=10000|14=10000", "FILLED A 10000/0 F"},
         {REPLACE, "B", "38=9000", "refused FILLED A 10000/0 F"},
         {REPLACE, "B", "38=12000", "FILLED A 10000/0 F"},
         {REPORT, "B", "39=E|14=10000|151=0", "PENDING_REPLACE A 10000/0 CR"},
         {REPORT, "B", "39=1|150=5|14=10000", "PARTIALLY_FILLED B 10000/2000 CR"},
         {REPORT, "B", "39=2|32=2000|14=12000", "FILLED B 12000/0 F"});
}

static void test_c2a_when_filled_before_another_price_then_filled(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "44=10.5", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "A", "39=2|32=10000|14=10000", "FILLED A 10000/0 F"},
         {REJECT, "B", "39=2|102=0", "FILLED A 10000/0 F"});
}

static void test_c3a_when_lowered_above_what_is_done_then_the_rest_is_left(void **state)
{
    PLAY(state, PARTLY, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "A", "39=1|32=500|14=2500", "PENDING_REPLACE A 2500/7500 CR"},
         {REPORT, "B", "39=E|14=2500|38=10000", "PENDING_REPLACE A 2500/7500 CR"},
         {REPORT, "B", "39=1|150=5|14=2500", "PARTIALLY_FILLED B 2500/5500 CR"},
         {REPORT, "B", "39=2|32=5500|14=8000", "FILLED B 8000/0 F"});
}

static void test_c3b_when_lowered_to_what_is_done_then_filled(void **state)
{
    PLAY(state, PARTLY, {REPLACE, "B", "38=7000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "A", "39=1|32=5000|14=7000", "PENDING_REPLACE A 7000/3000 CR"},
         {REPORT, "B", "39=E|14=7000|38=10000", "PENDING_REPLACE A 7000/3000 CR"},
         {REPORT, "B", "39=2|150=5|14=7000", "FILLED B 7000/0 F"});
}

static void test_c3c_when_lowered_below_what_is_done_then_amended_to_that(void **state)
{
    struct rig *rig = *state;
    PLAY(state, PARTLY, {REPLACE, "B", "38=7000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "A", "39=1|32=6000|14=8000", "PENDING_REPLACE A 8000/2000 CR"},
         {REPORT, "B", "39=E|14=8000|38=10000", "PENDING_REPLACE A 8000/2000 CR"},
         {REPORT, "B", "39=2|150=5|14=8000|38=8000", "FILLED B 8000/0 F"});
    assert_int_equal(rig->order.terms.quantity.mantissa, 8000);
}

/* -------------------------------------------------------------------- D: sequences and chains */

static void test_d1a_when_replaced_twice_then_each_upon_the_one_before(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=0|150=5", "NEW B 0/8000 CR"},
         {REPORT, "B", "39=1|32=1000|14=1000", "PARTIALLY_FILLED B 1000/7000 CR"},
         {REPLACE, "C", "38=6000", "PENDING_REPLACE B 1000/7000 CR"},
         {REPORT, "C", "39=E|14=1000|38=8000", "PENDING_REPLACE B 1000/7000 CR"},
         {REPORT, "C", "39=1|150=5|14=1000", "PARTIALLY_FILLED C 1000/5000 CR"},
         {REPORT, "C", "39=2|32=5000|14=6000", "FILLED C 6000/0 F"});
}

static void test_d1b_when_the_first_is_refused_then_the_second_refers_to_the_order(void **state)
{
    struct rig *rig = *state;
    struct rfx_bytes value;
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REJECT, "B", "39=0|102=0", "NEW A 0/10000 CR"},
         {REPLACE, "C", "38=6000", "PENDING_REPLACE A 0/10000 CR"});
    assert_int_equal(rfx_message_get(sent(rig, "C"), 41, &value), RFX_OK);
    assert_memory_equal(value.data, "A\x01", 2);
    PLAY(state, {REPORT, "C", "39=0|150=5", "NEW C 0/6000 CR"});
}

static void test_d1c_when_refused_while_pending_then_as_before(void **state)
{
    PLAY(state, PARTLY, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "B", "39=E|14=2000|38=10000", "PENDING_REPLACE A 2000/8000 CR"},
         {REJECT, "B", "39=1|102=2", "PARTIALLY_FILLED A 2000/8000 CR"},
         {REPLACE, "C", "38=6000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "C", "39=1|150=5|14=2000", "PARTIALLY_FILLED C 2000/4000 CR"});
}

static void test_d2a_when_chained_then_answered_one_by_one(void **state)
{
    struct rig *rig = *state;
    struct rfx_bytes value;
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPLACE, "C", "38=6000", "PENDING_REPLACE A 0/10000 CR"});
    assert_int_equal(rfx_message_get(sent(rig, "C"), 41, &value), RFX_OK);
    assert_memory_equal(value.data, "B\x01", 2);
    PLAY(state, {REPORT, "B", "39=E|38=10000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=0|150=5", "PENDING_REPLACE B 0/8000 CR"},
         {REPORT, "C", "39=E|38=8000", "PENDING_REPLACE B 0/8000 CR"},
         {REPORT, "C", "39=0|150=5", "NEW C 0/6000 CR"});
}

static void test_d2b_when_chained_then_both_pending_at_once(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPLACE, "C", "38=6000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=E|38=10000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "C", "39=E|38=10000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=E|150=5", "PENDING_REPLACE B 0/8000 CR"},
         {REPORT, "C", "39=0|150=5", "NEW C 0/6000 CR"});
}

static void test_d2c_when_the_second_is_refused_then_the_first_goes_on(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPLACE, "C", "38=6000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=E|38=10000", "PENDING_REPLACE A 0/10000 CR"},
         {REJECT, "C", "39=E|102=3", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=0|150=5", "NEW B 0/8000 CR"});
}

static void test_chain_when_the_last_is_accepted_then_those_before_are_void(void **state)
{
    struct rig *rig = *state;
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPLACE, "C", "38=6000", "PENDING_REPLACE A 0/10000 CR"},
         {REPLACE, "D", "38=5000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "C", "39=0|150=5", "PENDING_REPLACE C 0/6000 CR"},
         {CANCEL, "E", "", "PENDING_CANCEL C 0/6000"},
         {REPLACE, "G", "38=1", "refused PENDING_CANCEL C 0/6000"},
         {REPORT, "E", "39=4", "CANCELED E 0/0 F"});
    struct rfx_bytes value;
    assert_int_equal(rfx_message_get(sent(rig, "E"), 41, &value), RFX_OK);
    assert_memory_equal(value.data, "D\x01", 2);
    assert_int_equal(rfx_message_get(sent(rig, "E"), 38, &value), RFX_OK);
    assert_memory_equal(value.data, "5000\x01", 5);
    assert_int_equal(rig->order.request_count, 1); /* D, to be refused some time */
    PLAY(state, {REJECT, "D", "39=4|102=0", "CANCELED E 0/0 F"});
    assert_int_equal(rig->order.request_count, 0);
}

static void test_chain_when_as_long_as_may_be_then_no_more(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPLACE, "C", "38=6000", "PENDING_REPLACE A 0/10000 CR"},
         {REPLACE, "D", "38=5000", "PENDING_REPLACE A 0/10000 CR"},
         {REPLACE, "E", "38=4000", "PENDING_REPLACE A 0/10000"},
         {REPLACE, "F", "38=3000", "refused PENDING_REPLACE A 0/10000"},
         {CANCEL, "F", "", "refused PENDING_REPLACE A 0/10000"},
         {REJECT, "E", "39=0", "PENDING_REPLACE A 0/10000 CR"});
}

/* ----------------------------------------------------------------------------- E: unsolicited */

static void test_e1a_when_given_by_telephone_then_followed_by_its_order_id(void **state)
{
    struct rig *rig = *state;
    rig->order = (struct rfx_order){.order_id = "PHONE"};
    PLAY(state,
         {RAW, "",
          "35=8|37=PHONE|17=1|150=0|39=0|55=TEST|54=1|38=10000|40=2|44=10|14=0|151=10000|6=0",
          "NEW  0/10000 CR"},
         {RAW, "",
          "35=8|37=PHONE|17=2|150=F|39=1|55=TEST|54=1|38=10000|32=1|31=10|14=1|151=9999|6=10",
          "PARTIALLY_FILLED  1/9999 CR"},
         {RAW, "", "35=8|37=OTHER|17=3|150=0|39=0|55=TEST|54=1|38=1|14=0|151=1|6=0",
          "other PARTIALLY_FILLED  1/9999 CR"});
    assert_int_equal(rig->order.terms.quantity.mantissa, 10000);
    assert_int_equal(rig->order.terms.price.mantissa, 10);
}

static void test_e2a_when_cancelled_by_the_counterparty_then_cancelled(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=4|14=2000", "CANCELED A 2000/0 F"});
}

static void test_e3a_when_replaced_by_the_counterparty_then_its_terms_hold(void **state)
{
    struct rig *rig = *state;
    PLAY(state, PARTLY,
         {REPORT, "A", "39=1|150=5|14=2000|38=11000|44=10.02", "PARTIALLY_FILLED A 2000/9000 CR"});
    assert_int_equal(rig->order.terms.price.mantissa, 1002);
    assert_int_equal(rig->order.terms.quantity.mantissa, 11000);
}

static void test_e3b_when_replaced_under_another_id_then_that_is_the_orders(void **state)
{
    PLAY(state, PARTLY,
         {REPORT, "A", "39=1|150=5|11=X|41=A|14=2000|38=11000", "PARTIALLY_FILLED X 2000/9000 CR"},
         {REPORT, "A", "39=1|11=X|32=1000|14=3000|38=11000", "PARTIALLY_FILLED X 3000/8000 CR"});
}

static void test_e4a_when_the_quantity_is_reduced_then_restated(void **state)
{
    PLAY(state, WORKING, {REPORT, "A", "39=0|150=D|378=3|38=9000", "NEW A 0/9000 CR"},
         {REPORT, "A", "39=2|32=9000|14=9000|38=9000", "FILLED A 9000/0 F"});
}

/* ---------------------------------------------------------------------------------- F: rejects */

static void test_f1a_when_the_id_is_a_double_then_the_order_before_goes_on(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=8|103=6", "late PARTIALLY_FILLED A 2000/8000 CR"});
}

static void test_f1a_when_the_order_itself_is_a_double_then_rejected(void **state)
{
    PLAY(state, SENT, {REPORT, "A", "39=8|103=6", "REJECTED A 0/0 F"});
}

static void test_f1b_when_a_possible_resend_is_known_then_its_state_comes(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=1|150=I|14=2000", "PARTIALLY_FILLED A 2000/8000 CR"});
}

static void test_f1c_when_rejected_after_the_acknowledgement_then_finished(void **state)
{
    PLAY(state, WORKING, {REPORT, "A", "39=8|103=2", "REJECTED A 0/0 F"},
         {REPORT, "A", "39=0", "late REJECTED A 0/0 F"});
}

/* ----------------------------------------------------------------------------------- G: status */

static void test_g1a_when_the_status_is_of_an_unknown_order_then_rejected(void **state)
{
    struct rig *rig = *state;
    PLAY(state, SENT, {REPORT, "A", "37=NONE|17=0|39=8|150=I", "REJECTED A 0/0 F"});
    assert_string_equal(rig->order.order_id, "");
}

static void test_g1b_when_nothing_is_done_then_the_status_changes_nothing(void **state)
{
    PLAY(state, WORKING, {REPORT, "A", "17=0|39=0|150=I", "NEW A 0/10000 CR"},
         {REPORT, "A", "17=0|39=0|150=I", "NEW A 0/10000 CR"});
}

static void test_g1c_when_the_status_is_asked_for_all_along_then_as_the_reports(void **state)
{
    PLAY(state, SENT, {REPORT, "A", "17=0|39=A|150=I", "PENDING_NEW A 0/10000 CR"},
         {REPORT, "A", "39=0", "NEW A 0/10000 CR"},
         {REPORT, "A", "39=1|32=2000|14=2000", "PARTIALLY_FILLED A 2000/8000 CR"},
         {REPORT, "A", "17=0|39=1|150=I|14=2000", "PARTIALLY_FILLED A 2000/8000 CR"},
         {REPORT, "A", "39=2|32=8000|14=10000", "FILLED A 10000/0 F"},
         {REPORT, "A", "17=0|39=2|150=I|14=10000", "FILLED A 10000/0 F"},
         {REPORT, "A", "17=0|39=1|150=I|14=2000", "late FILLED A 10000/0 F"});
}

/* ----------------------------------------------------------------------------- H: day by day */

static void test_h1a_when_restated_the_next_day_then_it_goes_on(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=3|14=2000|151=8000", "DONE_FOR_DAY A 2000/8000 CR"},
         {REPORT, "A", "39=1|150=D|14=2000|378=1", "PARTIALLY_FILLED A 2000/8000 CR"},
         {REPORT, "A", "39=1|32=1000|14=3000", "PARTIALLY_FILLED A 3000/7000 CR"},
         {REPORT, "A", "39=3|14=3000|151=7000", "DONE_FOR_DAY A 3000/7000 CR"});
}

static void test_h1b_when_the_stock_is_split_then_the_restated_numbers_hold(void **state)
{
    struct rig *rig = *state;
    PLAY(state, PARTLY, {REPORT, "A", "39=3|14=2000|151=8000", "DONE_FOR_DAY A 2000/8000 CR"},
         {REPORT, "A", "39=1|150=D|14=4000|38=20000|44=5|6=5|378=0",
          "PARTIALLY_FILLED A 4000/16000 CR"},
         {REPORT, "A", "39=1|32=6000|14=10000|38=20000", "PARTIALLY_FILLED A 10000/10000 CR"},
         {REPORT, "A", "39=2|32=10000|14=20000|38=20000", "FILLED A 20000/0 F"});
    assert_int_equal(rig->order.terms.price.mantissa, 5);
}

static void test_h1c_when_cancelled_the_next_day_then_cancelled(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=3|14=2000|151=8000", "DONE_FOR_DAY A 2000/8000 CR"},
         {REPORT, "A", "39=1|150=D|14=2000|378=1", "PARTIALLY_FILLED A 2000/8000 CR"},
         {CANCEL, "B", "", "PENDING_CANCEL A 2000/8000"},
         {REPORT, "B", "39=6|14=2000", "PENDING_CANCEL A 2000/8000"},
         {REPORT, "B", "39=4|14=2000", "CANCELED B 2000/0 F"});
}

static void test_h1d_when_raised_the_next_day_then_the_new_quantity_holds(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=3|14=2000|151=8000", "DONE_FOR_DAY A 2000/8000 CR"},
         {REPORT, "A", "39=1|150=D|14=2000|378=1", "PARTIALLY_FILLED A 2000/8000 CR"},
         {REPLACE, "B", "38=15000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "B", "39=1|150=5|14=2000", "PARTIALLY_FILLED B 2000/13000 CR"});
}

/* ---------------------------------------------------------------------------- I: time in force */

static void test_i1a_when_fill_or_kill_cannot_be_filled_then_cancelled(void **state)
{
    struct rig *rig = *state;
    rig->order.terms.time_in_force = '4';
    PLAY(state, WORKING, {REPORT, "A", "39=4", "CANCELED A 0/0 F"});
}

static void test_i1b_when_immediate_or_cancel_is_hit_in_part_then_cancelled(void **state)
{
    struct rig *rig = *state;
    rig->order.terms.time_in_force = '3';
    PLAY(state, PARTLY, {REPORT, "A", "39=4|14=2000", "CANCELED A 2000/0 F"});
}

/* ------------------------------------------------------------------------------ J: corrections */

static void test_j1a_when_a_fill_is_corrected_and_taken_back_then_open_again(void **state)
{
    struct rig *rig = *state;
    PLAY(state, PARTLY, {REPORT, "A", "39=2|32=8000|14=10000|6=10", "FILLED A 10000/0 F"},
         {REPORT, "A", "39=2|150=G|19=2|32=2000|31=9.5|14=10000|6=9.9", "FILLED A 10000/0 F"},
         {REPORT, "A", "39=1|150=H|19=2|14=8000|6=10", "PARTIALLY_FILLED A 8000/2000 CR"},
         {REPORT, "A", "39=2|32=2000|14=10000|6=10", "FILLED A 10000/0 F"});
    assert_int_equal(rig->order.average_price.mantissa, 10);
}

static void test_j1b_when_a_cancelled_order_loses_a_trade_then_it_stays_cancelled(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=4|14=2000", "CANCELED A 2000/0 F"},
         {REPORT, "A", "39=4|150=H|19=2|14=1000", "CANCELED A 1000/0 F"},
         {REPORT, "A", "39=4|32=500|14=1500", "CANCELED A 1500/0 F"},
         {REPORT, "A", "39=1|150=H|19=2|14=1000", "CANCELED A 1000/0 F"});
}

static void test_j1c_when_yesterdays_trades_are_corrected_then_the_totals_follow(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=3|14=2000|151=8000", "DONE_FOR_DAY A 2000/8000 CR"},
         {REPORT, "A", "39=1|150=D|14=2000|378=1", "PARTIALLY_FILLED A 2000/8000 CR"},
         {REPORT, "A", "39=1|150=G|19=2|32=1000|31=10|14=1000", "PARTIALLY_FILLED A 1000/9000 CR"},
         {REPORT, "A", "39=1|32=3000|14=4000", "PARTIALLY_FILLED A 4000/6000 CR"});
}

static void test_j1d_when_corrected_after_the_day_then_done_for_the_day_still(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=3|14=2000", "DONE_FOR_DAY A 2000/0 CR"},
         {REPORT, "A", "39=3|150=G|19=2|32=1500|31=10|14=1500", "DONE_FOR_DAY A 1500/0 CR"},
         {REPORT, "A", "39=3|150=H|19=2|14=0", "DONE_FOR_DAY A 0/0 CR"});
}

/* ------------------------------------------------------------------- K, L: halts and the rest */

static void test_k1a_when_a_halt_is_over_then_working_again(void **state)
{
    PLAY(state, WORKING, {REPORT, "A", "39=9", "SUSPENDED A 0/10000 CR"},
         {REPORT, "A", "39=0", "NEW A 0/10000 CR"});
}

static void test_k1b_when_cancelled_by_a_halt_then_cancelled(void **state)
{
    PLAY(state, WORKING, {REPORT, "A", "39=9", "SUSPENDED A 0/10000 CR"},
         {REPORT, "A", "39=4", "CANCELED A 0/0 F"});
}

static void test_l1a_when_guaranteed_then_stopped_until_it_trades(void **state)
{
    PLAY(state, WORKING, {REPORT, "A", "39=7|32=10000|31=10|150=7", "STOPPED A 0/10000 CR"},
         {CANCEL, "B", "", "PENDING_CANCEL A 0/10000"},
         {REPORT, "B", "39=6", "PENDING_CANCEL A 0/10000"},
         {REJECT, "B", "39=7", "STOPPED A 0/10000 CR"},
         {REPORT, "A", "39=2|32=10000|14=10000", "FILLED A 10000/0 F"});
}

static void test_l1b_when_for_an_amount_of_money_then_the_quantity_is_reported(void **state)
{
    struct rig *rig = *state;
    struct rfx_builder *builder;
    struct rfx_session *session = rfx_peer_session(rig->peer);
    rig->order.terms.quantity = (struct rfx_decimal){0};
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_OK);
    rfx_builder_put_int(builder, 152, 50000); /* CashOrderQty */
    assert_int_equal(rfx_order_commit(&rig->order, session, builder), RFX_OK);
    expect_ok(rig, rfx_peer_expect(rig->peer, "35=D|!38|152=50000"));
    rig->messages[rig->message_count++] = rfx_peer_last(rig->peer);
    PLAY(state, {REPORT, "A", "39=6|14=10|151=4990", "PENDING_CANCEL A 10/4990"});
    rig->order.cum_quantity.mantissa = 0;
    PLAY(state, {REPORT, "A", "39=0|38=5000", "NEW A 0/5000 CR"},
         {REPORT, "A", "39=1|38=5000|32=1000|14=1000", "PARTIALLY_FILLED A 1000/4000 CR"});
}

/* --------------------------------------------------------- twice, too late, in another order */

static void test_report_when_it_comes_twice_then_taken_once(void **state)
{
    PLAY(state, WORKING,
         {REPORT, "A", "17=X|39=1|32=2000|14=2000", "PARTIALLY_FILLED A 2000/8000 CR"},
         {REPORT, "A", "17=X|39=1|32=2000|14=2000", "late PARTIALLY_FILLED A 2000/8000 CR"},
         {REPORT, "A", "17=X|39=1|150=I|14=2000", "PARTIALLY_FILLED A 2000/8000 CR"},
         {REPORT, "A", "17=Y|39=9|14=2000", "SUSPENDED A 2000/8000 CR"},
         {REPORT, "A", "17=X|39=1|32=2000|14=2000", "late SUSPENDED A 2000/8000 CR"});
}

static void test_report_when_older_than_what_is_known_then_left_alone(void **state)
{
    PLAY(state, SENT, {REPORT, "A", "39=1|32=3000|14=3000", "PARTIALLY_FILLED A 3000/7000 CR"},
         {REPORT, "A", "39=0", "late PARTIALLY_FILLED A 3000/7000 CR"},
         {REPORT, "A", "39=A", "late PARTIALLY_FILLED A 3000/7000 CR"},
         {REPORT, "A", "39=0|14=3000", "late PARTIALLY_FILLED A 3000/7000 CR"},
         {REPORT, "A", "39=A|14=3000", "late PARTIALLY_FILLED A 3000/7000 CR"},
         {REPORT, "A", "39=1|32=2000|14=2000", "late PARTIALLY_FILLED A 3000/7000 CR"});
}

static void test_report_when_a_pending_comes_after_its_answer_then_left_alone(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=0|150=5", "NEW B 0/8000 CR"},
         {REPORT, "B", "39=E", "late NEW B 0/8000 CR"},
         {CANCEL, "C", "", "PENDING_CANCEL B 0/8000"}, {REPORT, "C", "39=4", "CANCELED C 0/0 F"},
         {REPORT, "C", "39=6", "late CANCELED C 0/0 F"});
}

static void test_report_when_a_trade_comes_after_the_cancel_then_counted(void **state)
{
    PLAY(state, PARTLY, {CANCEL, "B", "", "PENDING_CANCEL A 2000/8000"},
         {REPORT, "B", "39=4|14=2000", "CANCELED B 2000/0 F"},
         {REPORT, "A", "39=1|32=3000|14=5000", "CANCELED B 5000/0 F"},
         {REPORT, "A", "39=0|14=5000", "late CANCELED B 5000/0 F"},
         {REPORT, "A", "39=2|32=5000|14=10000", "FILLED B 10000/0 F"});
}

static void test_report_when_the_cancel_knows_of_less_then_cancelled_all_the_same(void **state)
{
    PLAY(state, PARTLY, {CANCEL, "B", "", "PENDING_CANCEL A 2000/8000"},
         {REPORT, "A", "39=1|32=3000|14=5000", "PENDING_CANCEL A 5000/5000"},
         {REPORT, "B", "39=4|14=2000", "CANCELED B 5000/0 F"});
}

static void test_report_when_a_replace_knows_of_less_then_what_is_done_stays(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "A", "39=1|32=3000|14=3000", "PENDING_REPLACE A 3000/7000 CR"},
         {REPORT, "B", "39=1|150=5|14=2000|151=6000", "PARTIALLY_FILLED B 3000/5000 CR"});
}

static void test_report_when_a_reject_says_filled_then_the_trade_still_counts(void **state)
{
    PLAY(state, PARTLY, {CANCEL, "B", "", "PENDING_CANCEL A 2000/8000"},
         {REJECT, "B", "39=2|102=0", "FILLED A 2000/0 F"},
         {REPORT, "A", "39=2|32=8000|14=10000", "FILLED A 10000/0 F"});
}

static void test_report_when_the_order_ends_then_the_day_ends_behind_it(void **state)
{
    PLAY(state, WORKING, {REPORT, "A", "39=2|32=10000|14=10000", "FILLED A 10000/0 F"},
         {REPORT, "A", "39=3|14=10000", "FILLED A 10000/0 F"},
         {REPORT, "A", "39=B|14=10000", "CALCULATED A 10000/0 F"});
}

static void test_report_when_it_expires_then_finished(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=C|14=2000", "EXPIRED A 2000/0 F"},
         {CANCEL, "B", "", "refused EXPIRED A 2000/0 F"},
         {REPLACE, "B", "38=20000", "refused EXPIRED A 2000/0 F"});
}

static void test_report_when_about_another_order_then_not_taken(void **state)
{
    PLAY(state, WORKING, {REPORT, "A", "11=Z|37=Q|39=2|14=10000", "other NEW A 0/10000 CR"},
         {REPORT, "A", "!11|39=1|32=1|14=1", "PARTIALLY_FILLED A 1/9999 CR"},
         {RAW, "", "35=9|37=Q|11=Z|41=Z|39=0|434=1", "other PARTIALLY_FILLED A 1/9999 CR"},
         {RAW, "", "35=9|37=O-A|11=Z|41=A|39=0|434=1", "other PARTIALLY_FILLED A 1/9999 CR"},
         {RAW, "", "35=B|148=news|33=1|58=line", "other PARTIALLY_FILLED A 1/9999 CR"});
}

static void test_report_when_it_names_the_id_before_then_taken(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=0|150=5|37=Q", "NEW B 0/8000 CR"},
         {REPORT, "A", "39=1|32=1000|14=1000|151=7000", "PARTIALLY_FILLED B 1000/7000 CR"});
}

static void test_report_when_about_a_request_then_the_order_id_stays(void **state)
{
    struct rig *rig = *state;
    PLAY(state, SENT, {REPORT, "A", "39=0|37=X1", "NEW A 0/10000 CR"},
         {CANCEL, "B", "", "PENDING_CANCEL A 0/10000"}, {REPORT, "B", "39=4", "CANCELED B 0/0 F"});
    assert_string_equal(rig->order.order_id, "X1");
}

static void test_report_when_a_replace_says_no_terms_then_those_asked_for_hold(void **state)
{
    struct rig *rig = *state;
    PLAY(state, WORKING, {REPLACE, "B", "44=10.75", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=0|150=5|!38|!44|151=10000", "NEW B 0/10000 CR"});
    assert_int_equal(rig->order.terms.price.mantissa, 1075);
}

static void test_report_when_pending_without_a_request_of_ours_then_pending(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=E|14=2000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "A", "39=6|14=2000", "PENDING_CANCEL A 2000/8000"},
         {CANCEL, "B", "", "refused PENDING_CANCEL A 2000/8000"},
         {REPORT, "A", "39=1|32=1|14=2001", "PARTIALLY_FILLED A 2001/7999 CR"});
}

static void test_report_when_calculated_with_some_left_then_not_finished(void **state)
{
    PLAY(state, PARTLY, {REPORT, "A", "39=B|14=2000|151=8000", "CALCULATED A 2000/8000 CR"});
}

static void test_report_when_restated_to_less_then_less_is_done(void **state)
{
    PLAY(state, PARTLY,
         {REPORT, "A", "39=1|150=D|14=200|38=1000", "PARTIALLY_FILLED A 200/800 CR"});
}

static void test_refusal_when_said_by_a_report_then_the_order_goes_on(void **state)
{
    PLAY(state, PARTLY, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "B", "39=8|14=0|103=0", "PARTIALLY_FILLED A 2000/8000 CR"});
}

static void test_report_when_the_order_was_not_sent_then_not_its(void **state)
{
    PLAY(state,
         {RAW, "", "35=8|37=O|11=A|17=1|150=0|39=0|55=TEST|54=1|38=1|14=0|151=1|6=0",
          "other CREATED A 0/0"},
         WORKING);
}

static void test_refusal_when_it_comes_twice_then_taken_once(void **state)
{
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REJECT, "B", "39=0", "NEW A 0/10000 CR"},
         {REJECT, "B", "39=0", "other NEW A 0/10000 CR"});
}

static void test_report_when_it_makes_no_sense_then_nothing_changes(void **state)
{
    struct rig *rig = *state;
    rig->session.use_data_dictionary = false;
    open_rig(rig, "FIX.4.4");
    PLAY(state, WORKING, {REPORT, "A", "39=X|150=0", "invalid NEW A 0/10000 CR"},
         {REPORT, "A", "!39|150=0", "invalid NEW A 0/10000 CR"},
         {REPORT, "A", "39=1|14=many", "invalid NEW A 0/10000 CR"},
         {REPORT, "A", "39=1|14=-5", "invalid NEW A 0/10000 CR"},
         {REPORT, "A", "39=1|14=99999999999999999999", "invalid NEW A 0/10000 CR"},
         {REPORT, "A", "39=1|14=1|151=-1", "invalid NEW A 0/10000 CR"},
         {REPORT, "A", "39=1|38=x", "invalid NEW A 0/10000 CR"},
         {REPORT, "A",
          "39=1|14=1|37=0123456789012345678901234567890123456789012345678901234567890123",
          "invalid NEW A 0/10000 CR"},
         {REPORT, "A", "39=1|!14|!151|!6", "PARTIALLY_FILLED A 0/10000 CR"},
         {REPORT, "A", "39=1|14=20000|!151", "PARTIALLY_FILLED A 20000/0 CR"});
    open_rig(rig, "FIX.4.4");
    PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPLACE, "C", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REJECT, "C", "39=E", "PENDING_REPLACE A 0/10000 CR"},
         {REJECT, "B", "!39", "NEW A 0/10000 CR"});
}

static void test_quantities_when_with_decimals_then_exact(void **state)
{
    struct rig *rig = *state;
    rig->order.terms.quantity = (struct rfx_decimal){100000001, 8}; /* 1.00000001 */
    static const struct step steps[] = {
        {NEW, "A", "", "PENDING_NEW A 0/100000001 CR"},
        {REPORT, "A", "39=1|14=0.1|!151|151=0.90000001|32=0.1|31=0.3", /* */
         "PARTIALLY_FILLED A 1/90000001 CR"},
        {REPORT, "A", "39=1|14=0.10|151=0.90000001", "PARTIALLY_FILLED A 1/90000001 CR"},
        {REPORT, "A", "39=2|14=1.00000001|32=0.90000001|31=0.30000000000000000", /* */
         "FILLED A 100000001/0 F"},
    };
    play(rig, steps, 4);
    assert_int_equal(rig->order.cum_quantity.scale, 8);
    assert_int_equal(rig->order.last_quantity.mantissa, 90000001);
}

/* -------------------------------------------------------------------------- what is on the wire */

static void test_new_when_sent_then_all_fields_are_there(void **state)
{
    struct rig *rig = *state;
    struct rfx_builder *builder;
    struct rfx_session *session = rfx_peer_session(rig->peer);
    strcpy(rig->order.account, "ACC");
    rig->order.handling = '2';
    rig->order.terms = (struct rfx_order_terms){.quantity = {1005, 1},
                                                .price = {0, 0},
                                                .stop_price = {995, 2},
                                                .type = '4',
                                                .time_in_force = '1'};
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_OK);
    rfx_builder_put_text(builder, 58, "of my own");
    assert_int_equal(rig->order.status, RFX_ORDER_CREATED);
    assert_int_equal(rfx_order_commit(&rig->order, session, builder), RFX_OK);
    expect_ok(rig, rfx_peer_expect(rig->peer,
                                   "35=D|11=A|1=ACC|21=2|55=TEST|54=1|60=20240506-12:00:00.000|"
                                   "38=100.5|40=4|44=0|99=9.95|59=1|58=of my own"));
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_E_STATE);
}

static void test_requests_when_sent_then_they_refer_to_the_order(void **state)
{
    struct rig *rig = *state;
    PLAY(state, WORKING, {REPLACE, "B", "44=10.25", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "B", "39=0|150=5", "NEW B 0/10000 CR"},
         {CANCEL, "C", "", "PENDING_CANCEL B 0/10000"});
    assert_int_equal(rig->order.terms.price.mantissa, 1025);
    assert_string_equal(rig->order.order_id, "O-A");
    rfx_peer_set_manner(rig->peer, RFX_PEER_LIVE);
    expect_ok(rig, rfx_peer_send(rig->peer, "35=2|7=1|16=0")); /* once more, to compare */
    expect_ok(rig, rfx_peer_expect(rig->peer, "35=D|11=A|44=10.00|!21"));
    expect_ok(rig, rfx_peer_expect(rig->peer, "35=G|11=B|41=A|37=O-A|44=10.25|38=10000|40=2"));
    expect_ok(rig, rfx_peer_expect(rig->peer, "35=F|11=C|41=B|37=O-A|38=10000|54=1|55=TEST|60=*"));
}

static void test_commit_when_refused_then_the_order_is_as_before(void **state)
{
    struct rig *rig = *state;
    struct rfx_builder *builder;
    struct rfx_session *session = rfx_peer_session(rig->peer);
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_OK);
    rfx_builder_put_text(builder, 58, "");
    assert_int_equal(rfx_order_commit(&rig->order, session, builder), RFX_E_INVALID);
    assert_int_equal(rig->order.status, RFX_ORDER_CREATED);
    assert_int_equal(rfx_order_commit(&rig->order, session, builder), RFX_E_STATE);
    PLAY(state, WORKING);
    assert_int_equal(rfx_session_begin(session, "D", &builder), RFX_OK); /* not the order's */
    assert_int_equal(rfx_order_commit(&rig->order, session, builder), RFX_E_STATE);
    assert_int_equal(rfx_order_begin_cancel(&rig->order, session, "B", &builder), RFX_OK);
    rfx_peer_disconnect(rig->peer);
    assert_int_equal(rfx_order_commit(&rig->order, session, builder), RFX_E_STATE);
    assert_int_equal(rig->order.request_count, 0);
    assert_int_equal(rfx_order_begin_cancel(&rig->order, session, "B", &builder), RFX_E_STATE);
}

/* Two orders at a time: what is committed is what was begun for it, or nothing. */
static void test_commit_when_another_order_was_begun_meanwhile_then_refused(void **state)
{
    struct rig *rig = *state;
    struct rfx_session *session = rfx_peer_session(rig->peer);
    struct rfx_order orders[3];
    struct rfx_builder *builders[3];
    for (int i = 0; i < 3; i++) {
        orders[i] = rig->order;
        orders[i].client_id[0] = (char)('X' + i);
        assert_int_equal(rfx_order_begin_new(&orders[i], session, &builders[i]), RFX_OK);
    }
    assert_int_equal(rfx_order_commit(&orders[0], session, builders[0]), RFX_E_STATE);
    assert_int_equal(orders[0].status, RFX_ORDER_CREATED);
    assert_int_equal(rfx_order_begin_new(&orders[2], session, &builders[2]), RFX_OK);
    assert_int_equal(rfx_order_commit(&orders[1], session, builders[1]), RFX_E_STATE);
    assert_int_equal(rfx_order_begin_new(&orders[2], session, &builders[2]), RFX_OK);
    assert_int_equal(rfx_order_commit(&orders[2], session, builders[2]), RFX_OK);
    assert_int_equal(orders[2].status, RFX_ORDER_PENDING_NEW);
}

static void test_begin_when_something_is_missing_then_invalid(void **state)
{
    struct rig *rig = *state;
    struct rfx_builder *builder;
    struct rfx_session *session = rfx_peer_session(rig->peer);
    const struct rfx_order good = rig->order;
    rig->order.client_id[0] = '\0';
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_E_INVALID);
    rig->order = good;
    rig->order.side = 0;
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_E_INVALID);
    rig->order = good;
    rig->order.terms.quantity.mantissa = -1;
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_E_INVALID);
    rig->order = good;
    rig->order.terms.type = 0;
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_E_INVALID);
    rig->order = good;
    rig->order.terms.price.scale = 19;
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_E_INVALID);
    rig->order = good;
    memset(rig->order.symbol, 'X', sizeof rig->order.symbol); /* no end */
    assert_int_equal(rfx_order_begin_new(&rig->order, session, &builder), RFX_E_INVALID);
    rig->order = good;
    PLAY(state, WORKING);
    assert_int_equal(rfx_order_begin_cancel(&rig->order, session, "", &builder), RFX_E_INVALID);
}

static void test_status_when_named_then_as_fix_does(void **state)
{
    (void)state;
    assert_string_equal(rfx_order_status_text(RFX_ORDER_ACCEPTED_FOR_BIDDING),
                        "ACCEPTED_FOR_BIDDING");
    assert_string_equal(rfx_order_status_text((enum rfx_order_status)'x'), "UNKNOWN");
}

/* ------------------------------------------------------------------------------ older versions */

/* Sends the body of a message under a header of its own. */
static void pass_on(struct rfx_peer *peer, const struct rfx_message *message)
{
    struct rfx_field_view fields[64];
    size_t count = 0;
    for (size_t i = 0; i < rfx_message_field_count(message); i++) {
        const struct rfx_field_view field = rfx_message_field_at(message, i);
        if (field.tag != 8 && field.tag != 9 && field.tag != 10 && field.tag != 34 &&
            field.tag != 49 && field.tag != 52 && field.tag != 56) {
            assert_true(count < 64);
            fields[count++] = field;
        }
    }
    assert_int_equal(rfx_peer_send_fields(peer, fields, count), RFX_OK);
}

/* Neither ExecType nor LeavesQty: a trade is known by its LastShares, what is left is reckoned. */
static void test_fix40_when_there_is_no_exec_type_then_followed_all_the_same(void **state)
{
    struct rig *rig = *state;
    open_rig(rig, "FIX.4.0");
    PLAY(state, WORKING,
         {REPORT, "A", "39=1|32=2000|31=10|14=2000", "PARTIALLY_FILLED A 2000/8000 CR"});
    assert_int_equal(rig->order.exec_type, 'F');
    PLAY(state, {REPLACE, "B", "38=12000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "B", "39=5|14=2000", "REPLACED B 2000/10000 CR"},
         {REPORT, "B", "20=1|39=1|14=0|19=3", "PARTIALLY_FILLED B 0/12000 CR"},
         {REPORT, "B", "20=3|17=0|39=0|14=0", "NEW B 0/12000 CR"},
         {CANCEL, "C", "", "PENDING_CANCEL B 0/12000"}, {REJECT, "C", "58=no", "NEW B 0/12000 CR"},
         {CANCEL, "D", "", "PENDING_CANCEL B 0/12000"},
         {REPORT, "D", "39=4|14=0", "CANCELED D 0/0 F"});
    assert_int_equal(rig->order.exec_type, '4');
}

/* A refusal there does not say how the order stands. */
static void test_fix40_when_a_request_is_refused_then_what_was_hidden_shows(void **state)
{
    struct rig *rig = *state;
    open_rig(rig, "FIX.4.0");
    PLAY(state, SENT, {CANCEL, "B", "", "PENDING_CANCEL A 0/10000"},
         {REPORT, "B", "39=6", "PENDING_CANCEL A 0/10000"},
         {REJECT, "B", "58=no", "NEW A 0/10000 CR"},
         {REPLACE, "C", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
         {REPORT, "C", "39=5|32=100|31=10|14=100", "REPLACED C 100/7900 CR"},
         {CANCEL, "D", "", "PENDING_CANCEL C 100/7900"},
         {REPORT, "C", "39=6|32=7900|31=10|14=8000", "PENDING_CANCEL C 8000/0"},
         {REJECT, "D", "58=no", "FILLED C 8000/0 F"});
}

/* What is sent passes the dictionary of each version: an acceptor takes it. */
static void test_requests_when_of_each_version_then_pass_its_dictionary(void **state)
{
    static const char *const versions[] = {"FIX.4.0", "FIX.4.1", "FIX.4.2",
                                           "FIX.4.3", "FIX.4.4", "FIXT.1.1"};
    struct rig *rig = *state;
    const struct rfx_app app = {0};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct rfx_test *test;
        struct rfx_error error;
        open_rig(rig, versions[i]);
        strcpy(rig->order.account, "ACC");
        rig->order.terms.type = '4';
        rig->order.terms.time_in_force = '1';
        PLAY(state, WORKING, {REPLACE, "B", "38=8000", "PENDING_REPLACE A 0/10000 CR"},
             {REJECT, "B", "58=no", "NEW A 0/10000 CR"},
             {CANCEL, "C", "", "PENDING_CANCEL A 0/10000"});
        struct rfx_session_config session = rig->session;
        struct rfx_config config = rig->config;
        session.role = RFX_ROLE_ACCEPTOR;
        session.hosts[0] = (struct rfx_host){0};
        config.sessions = &session;
        assert_int_equal(rfx_test_open(&config, &app, &test, &error), RFX_OK);
        struct rfx_peer *peer = rfx_test_peer(test, 0, NULL);
        assert_int_equal(rfx_peer_logon(peer, NULL), RFX_OK);
        for (size_t j = 0; j < rig->message_count; j++) {
            pass_on(peer, rig->messages[j]);
        }
        if (rfx_peer_expect_nothing(peer) != RFX_OK) {
            fail_msg("%s: %s", versions[i], rfx_test_error(test));
        }
        rfx_test_close(test);
    }
}

static void test_fix42_when_replaced_then_the_status_says_so(void **state)
{
    struct rig *rig = *state;
    open_rig(rig, "FIX.4.2");
    PLAY(state, WORKING,
         {REPORT, "A", "39=1|32=2000|31=10|14=2000", "PARTIALLY_FILLED A 2000/8000 CR"});
    assert_int_equal(rig->order.exec_type, 'F'); /* 150=1 there */
    PLAY(state, {REPLACE, "B", "38=12000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "B", "39=E|14=2000|38=10000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "B", "39=5|14=2000", "REPLACED B 2000/10000 CR"},
         {REPORT, "B", "39=2|32=10000|31=10|14=12000", "FILLED B 12000/0 F"},
         {REPORT, "B", "20=2|39=2|19=4|32=10000|31=11|14=12000", "FILLED B 12000/0 F"},
         {REPORT, "B", "20=1|39=1|19=4|14=2000", "PARTIALLY_FILLED B 2000/10000 CR"});
    assert_int_equal(rig->order.exec_type, 'H');
}

static void test_fix50_when_traded_then_as_in_44(void **state)
{
    struct rig *rig = *state;
    open_rig(rig, "FIXT.1.1");
    PLAY(state, PARTLY, {REPLACE, "B", "38=12000", "PENDING_REPLACE A 2000/8000 CR"},
         {REPORT, "B", "39=1|150=5|14=2000", "PARTIALLY_FILLED B 2000/10000 CR"},
         {CANCEL, "C", "", "PENDING_CANCEL B 2000/10000"},
         {REPORT, "C", "39=4|14=2000", "CANCELED C 2000/0 F"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ORDER_TEST(test_a1a_when_filled_in_parts_then_finished),
        ORDER_TEST(test_a1b_when_done_for_the_day_then_not_finished),
        ORDER_TEST(test_b1a_when_a_cancel_is_accepted_then_cancelled),
        ORDER_TEST(test_b1a_when_a_cancel_is_refused_then_as_before),
        ORDER_TEST(test_b1b_when_it_trades_while_a_cancel_is_open_then_counted),
        ORDER_TEST(test_b1c_when_filled_before_the_cancel_then_filled),
        ORDER_TEST(test_b1d_when_a_cancel_comes_before_the_acknowledgement_then_cancelled),
        ORDER_TEST(test_b1e_when_a_cancel_and_the_acknowledgement_cross_then_both_count),
        ORDER_TEST(test_b1f_when_the_order_is_unknown_then_the_cancel_is_gone),
        ORDER_TEST(test_c1a_when_raised_before_it_trades_then_the_new_quantity_holds),
        ORDER_TEST(test_c1b_when_it_trades_while_a_replace_is_open_then_counted),
        ORDER_TEST(test_c1c_when_a_filled_order_is_raised_then_it_lives_again),
        ORDER_TEST(test_c2a_when_filled_before_another_price_then_filled),
        ORDER_TEST(test_c3a_when_lowered_above_what_is_done_then_the_rest_is_left),
        ORDER_TEST(test_c3b_when_lowered_to_what_is_done_then_filled),
        ORDER_TEST(test_c3c_when_lowered_below_what_is_done_then_amended_to_that),
        ORDER_TEST(test_d1a_when_replaced_twice_then_each_upon_the_one_before),
        ORDER_TEST(test_d1b_when_the_first_is_refused_then_the_second_refers_to_the_order),
        ORDER_TEST(test_d1c_when_refused_while_pending_then_as_before),
        ORDER_TEST(test_d2a_when_chained_then_answered_one_by_one),
        ORDER_TEST(test_d2b_when_chained_then_both_pending_at_once),
        ORDER_TEST(test_d2c_when_the_second_is_refused_then_the_first_goes_on),
        ORDER_TEST(test_chain_when_the_last_is_accepted_then_those_before_are_void),
        ORDER_TEST(test_chain_when_as_long_as_may_be_then_no_more),
        ORDER_TEST(test_e1a_when_given_by_telephone_then_followed_by_its_order_id),
        ORDER_TEST(test_e2a_when_cancelled_by_the_counterparty_then_cancelled),
        ORDER_TEST(test_e3a_when_replaced_by_the_counterparty_then_its_terms_hold),
        ORDER_TEST(test_e3b_when_replaced_under_another_id_then_that_is_the_orders),
        ORDER_TEST(test_e4a_when_the_quantity_is_reduced_then_restated),
        ORDER_TEST(test_f1a_when_the_id_is_a_double_then_the_order_before_goes_on),
        ORDER_TEST(test_f1a_when_the_order_itself_is_a_double_then_rejected),
        ORDER_TEST(test_f1b_when_a_possible_resend_is_known_then_its_state_comes),
        ORDER_TEST(test_f1c_when_rejected_after_the_acknowledgement_then_finished),
        ORDER_TEST(test_g1a_when_the_status_is_of_an_unknown_order_then_rejected),
        ORDER_TEST(test_g1b_when_nothing_is_done_then_the_status_changes_nothing),
        ORDER_TEST(test_g1c_when_the_status_is_asked_for_all_along_then_as_the_reports),
        ORDER_TEST(test_h1a_when_restated_the_next_day_then_it_goes_on),
        ORDER_TEST(test_h1b_when_the_stock_is_split_then_the_restated_numbers_hold),
        ORDER_TEST(test_h1c_when_cancelled_the_next_day_then_cancelled),
        ORDER_TEST(test_h1d_when_raised_the_next_day_then_the_new_quantity_holds),
        ORDER_TEST(test_i1a_when_fill_or_kill_cannot_be_filled_then_cancelled),
        ORDER_TEST(test_i1b_when_immediate_or_cancel_is_hit_in_part_then_cancelled),
        ORDER_TEST(test_j1a_when_a_fill_is_corrected_and_taken_back_then_open_again),
        ORDER_TEST(test_j1b_when_a_cancelled_order_loses_a_trade_then_it_stays_cancelled),
        ORDER_TEST(test_j1c_when_yesterdays_trades_are_corrected_then_the_totals_follow),
        ORDER_TEST(test_j1d_when_corrected_after_the_day_then_done_for_the_day_still),
        ORDER_TEST(test_k1a_when_a_halt_is_over_then_working_again),
        ORDER_TEST(test_k1b_when_cancelled_by_a_halt_then_cancelled),
        ORDER_TEST(test_l1a_when_guaranteed_then_stopped_until_it_trades),
        ORDER_TEST(test_l1b_when_for_an_amount_of_money_then_the_quantity_is_reported),
        ORDER_TEST(test_report_when_it_comes_twice_then_taken_once),
        ORDER_TEST(test_report_when_older_than_what_is_known_then_left_alone),
        ORDER_TEST(test_report_when_a_pending_comes_after_its_answer_then_left_alone),
        ORDER_TEST(test_report_when_a_trade_comes_after_the_cancel_then_counted),
        ORDER_TEST(test_report_when_the_cancel_knows_of_less_then_cancelled_all_the_same),
        ORDER_TEST(test_report_when_a_replace_knows_of_less_then_what_is_done_stays),
        ORDER_TEST(test_report_when_a_reject_says_filled_then_the_trade_still_counts),
        ORDER_TEST(test_report_when_the_order_ends_then_the_day_ends_behind_it),
        ORDER_TEST(test_report_when_it_expires_then_finished),
        ORDER_TEST(test_report_when_about_another_order_then_not_taken),
        ORDER_TEST(test_report_when_it_names_the_id_before_then_taken),
        ORDER_TEST(test_report_when_about_a_request_then_the_order_id_stays),
        ORDER_TEST(test_report_when_a_replace_says_no_terms_then_those_asked_for_hold),
        ORDER_TEST(test_report_when_pending_without_a_request_of_ours_then_pending),
        ORDER_TEST(test_report_when_calculated_with_some_left_then_not_finished),
        ORDER_TEST(test_report_when_restated_to_less_then_less_is_done),
        ORDER_TEST(test_refusal_when_said_by_a_report_then_the_order_goes_on),
        ORDER_TEST(test_report_when_the_order_was_not_sent_then_not_its),
        ORDER_TEST(test_refusal_when_it_comes_twice_then_taken_once),
        ORDER_TEST(test_report_when_it_makes_no_sense_then_nothing_changes),
        ORDER_TEST(test_quantities_when_with_decimals_then_exact),
        ORDER_TEST(test_new_when_sent_then_all_fields_are_there),
        ORDER_TEST(test_requests_when_sent_then_they_refer_to_the_order),
        ORDER_TEST(test_commit_when_refused_then_the_order_is_as_before),
        ORDER_TEST(test_commit_when_another_order_was_begun_meanwhile_then_refused),
        ORDER_TEST(test_begin_when_something_is_missing_then_invalid),
        ORDER_TEST(test_status_when_named_then_as_fix_does),
        ORDER_TEST(test_fix40_when_there_is_no_exec_type_then_followed_all_the_same),
        ORDER_TEST(test_fix40_when_a_request_is_refused_then_what_was_hidden_shows),
        ORDER_TEST(test_requests_when_of_each_version_then_pass_its_dictionary),
        ORDER_TEST(test_fix42_when_replaced_then_the_status_says_so),
        ORDER_TEST(test_fix50_when_traded_then_as_in_44),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
