/* Messages that came before their turn. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_shard.h"

static struct shard_rig *opened(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    return rig;
}

/* header: further fields of the header, "" or "43=Y|122=@0|". */
static void receive_order(struct shard_rig *rig, uint64_t seq_num, const char *header)
{
    char text[128];
    snprintf(text, sizeof text, "35=D|34=%llu|%s11=%llu", (unsigned long long)seq_num, header,
             (unsigned long long)seq_num);
    shard_rig_receive(rig, 1, "A", text);
}

#define REPEATED "43=Y|122=@0|"

/* What the application got, as "2 3 5 ". */
static void note_number(void *context, struct rfx_session *session,
                        const struct rfx_message *message)
{
    struct shard_rig *rig = context;
    int64_t seq_num;
    (void)session;
    assert_int_equal(rfx_message_get_int(message, 34, &seq_num), RFX_OK);
    char text[24];
    snprintf(text, sizeof text, "%lld ", (long long)seq_num);
    text_put_string(rig->user, text);
}

#define FOLLOW_NUMBERS(rig)                                                                        \
    char memory[65536] = "";                                                                       \
    struct text numbers = {.data = memory, .size_max = sizeof memory};                             \
    (rig)->user = &numbers;                                                                        \
    (rig)->app.on_message = note_number

static void test_gap_when_filled_then_held_messages_follow_in_order(void **state)
{
    struct shard_rig *rig = opened(state);
    receive_order(rig, 4, "");
    receive_order(rig, 6, "");
    receive_order(rig, 5, "");
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A message 2\n"
                            "journal A numbers 3 2\n"
                            "wire 1 > ResendRequest seq=2 7=2 16=0\n");
    receive_order(rig, 2, REPEATED);
    receive_order(rig, 3, REPEATED);
    receive_order(rig, 4, REPEATED);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app A on_message NewOrderSingle seq=2 43=Y 122=0.000 11=2\n"
                            "app A on_message NewOrderSingle seq=3 43=Y 122=0.000 11=3\n"
                            "app A on_message NewOrderSingle seq=4 11=4\n"
                            "app A on_message NewOrderSingle seq=5 11=5\n"
                            "app A on_message NewOrderSingle seq=6 11=6\n"
                            "journal A numbers 3 7\n");
}

static void test_gap_when_many_messages_wait_then_all_follow_in_order(void **state)
{
    struct shard_rig *rig = *state;
    FOLLOW_NUMBERS(rig);
    opened(state);
    for (uint64_t i = 1000; i > 2; i--) {
        receive_order(rig, i, "");
    }
    shard_rig_settle(rig);
    assert_string_equal(memory, "");
    receive_order(rig, 2, "");
    shard_rig_settle(rig);
    const char *rest = memory;
    for (int i = 2; i <= 1000; i++) {
        int used = 0;
        int number = 0;
        assert_int_equal(sscanf(rest, "%d %n", &number, &used), 1);
        assert_int_equal(number, i);
        rest += used;
    }
    assert_string_equal(rest, "");
    assert_int_equal(shard_rig_stored(rig, "A")->next_in, 1001);
}

/* Held TestRequests whose answers are more than a turn may send: the rest comes in later turns. */
static void test_gap_when_the_answers_fill_a_turn_then_goes_on_in_the_next(void **state)
{
    struct shard_rig *rig = *state;
    char text[8192];
    rig->config.gap_queue_size = 4u << 20;
    opened(state);
    for (int i = 3; i <= 300; i++) {
        int size = snprintf(text, sizeof text, "35=1|34=%d|112=", i);
        memset(text + size, 'x', 8000);
        text[size + 8000] = '\0';
        shard_rig_receive(rig, 1, "A", text);
        shard_rig_settle(rig);
    }
    assert_int_equal(rig->sent_count, 2); /* Logon, ResendRequest */
    receive_order(rig, 2, "");
    receive_order(rig, 301, ""); /* behind all of them */
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    assert_true(shard_rig_stored(rig, "A")->next_in < 301);
    shard_rig_settle(rig);
    assert_int_equal(shard_rig_stored(rig, "A")->next_in, 302);
    assert_int_equal(rig->sent_count, 300);
    assert_true(shard_rig_saw(rig, "app A on_message NewOrderSingle seq=301 11=301\n"));
}

static void test_gap_when_the_queue_is_full_then_what_was_dropped_is_asked_for_again(void **state)
{
    struct shard_rig *rig = *state;
    FOLLOW_NUMBERS(rig);
    rig->config.gap_queue_size = 600; /* three orders */
    opened(state);
    for (uint64_t i = 3; i <= 20; i++) {
        receive_order(rig, i, "");
    }
    shard_rig_settle(rig);
    receive_order(rig, 2, REPEATED);
    shard_rig_settle(rig);
    uint64_t next_in = shard_rig_stored(rig, "A")->next_in;
    assert_true(next_in > 3 && next_in < 10);
    shard_rig_forget(rig);
    receive_order(rig, 21, "");
    shard_rig_settle(rig);
    char expected[64];
    snprintf(expected, sizeof expected, "> ResendRequest seq=3 7=%llu 16=0\n",
             (unsigned long long)next_in);
    assert_true(shard_rig_saw(rig, expected));
    for (uint64_t i = next_in; i <= 21; i++) {
        receive_order(rig, i, REPEATED);
    }
    shard_rig_settle(rig);
    assert_string_equal(memory, "2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 ");
}

static void count_warning(void *context, enum rfx_log_level level, const char *session,
                          const char *text)
{
    size_t *count = ((struct shard_rig *)context)->user;
    (void)session;
    *count += level == RFX_LOG_WARNING && strstr(text, "GapQueueSize is reached") != NULL;
}

static void test_gap_when_the_queue_is_full_then_logged_once(void **state)
{
    struct shard_rig *rig = *state;
    size_t count = 0;
    rig->user = &count;
    rig->app.on_log = count_warning;
    rig->config.gap_queue_size = 600;
    opened(state);
    for (uint64_t i = 3; i <= 20; i++) {
        receive_order(rig, i, "");
    }
    shard_rig_settle(rig);
    assert_int_equal(count, 1);
}

static void test_gap_when_a_gap_fill_skips_held_messages_then_they_are_gone(void **state)
{
    struct shard_rig *rig = *state;
    FOLLOW_NUMBERS(rig);
    opened(state);
    receive_order(rig, 4, "");
    receive_order(rig, 6, "");
    shard_rig_receive(rig, 1, "A", "35=4|34=2|43=Y|36=6|123=Y");
    shard_rig_settle(rig);
    assert_string_equal(memory, "6 ");
    assert_int_equal(shard_rig_stored(rig, "A")->next_in, 7);
}

static void test_gap_when_the_connection_ends_then_held_messages_are_forgotten(void **state)
{
    struct shard_rig *rig = *state;
    FOLLOW_NUMBERS(rig);
    opened(state);
    receive_order(rig, 3, "");
    shard_rig_say(rig, RFX_LINK_DISCONNECTED, 1, 0, RFX_REASON_PEER_CLOSED);
    shard_rig_settle(rig);
    rig->generation = 2;
    shard_rig_receive(rig, 1, "A", "35=A|34=2|98=0|108=30");
    receive_order(rig, 3, "");
    shard_rig_settle(rig);
    assert_string_equal(memory, "3 ");
}

static void test_gap_when_the_numbers_restart_then_held_messages_are_forgotten(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_receive(rig, 1, "A", "35=D|34=3|11=OLD");
    shard_rig_receive(rig, 1, "A", "35=A|34=1|98=0|108=30|141=Y");
    shard_rig_receive(rig, 1, "A", "35=D|34=2|11=NEW");
    shard_rig_receive(rig, 1, "A", "35=D|34=3|11=NEW TOO");
    shard_rig_settle(rig);
    assert_false(shard_rig_saw(rig, "11=OLD"));
    assert_true(shard_rig_saw(rig, "app A on_message NewOrderSingle seq=3 11=NEW TOO\n"));
}

static void disconnect_at_three(void *context, struct rfx_session *session,
                                const struct rfx_message *message)
{
    struct rfx_bytes id;
    note_number(context, session, message);
    assert_int_equal(rfx_message_get(message, 11, &id), RFX_OK);
    if (rfx_bytes_equal(id, "3", 1)) {
        assert_int_equal(rfx_session_disconnect(session), RFX_OK);
    }
}

static void test_gap_when_a_held_message_ends_the_connection_then_no_more_are_fed(void **state)
{
    struct shard_rig *rig = *state;
    FOLLOW_NUMBERS(rig);
    rig->app.on_message = disconnect_at_three;
    opened(state);
    receive_order(rig, 3, "");
    receive_order(rig, 4, "");
    receive_order(rig, 2, "");
    shard_rig_settle(rig);
    assert_string_equal(memory, "2 3 ");
    assert_int_equal(shard_rig_stored(rig, "A")->next_in, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_gap_when_filled_then_held_messages_follow_in_order),
        SHARD_TEST(test_gap_when_many_messages_wait_then_all_follow_in_order),
        SHARD_TEST(test_gap_when_the_answers_fill_a_turn_then_goes_on_in_the_next),
        SHARD_TEST(test_gap_when_the_queue_is_full_then_what_was_dropped_is_asked_for_again),
        SHARD_TEST(test_gap_when_the_queue_is_full_then_logged_once),
        SHARD_TEST(test_gap_when_a_gap_fill_skips_held_messages_then_they_are_gone),
        SHARD_TEST(test_gap_when_the_connection_ends_then_held_messages_are_forgotten),
        SHARD_TEST(test_gap_when_the_numbers_restart_then_held_messages_are_forgotten),
        SHARD_TEST(test_gap_when_a_held_message_ends_the_connection_then_no_more_are_fed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
