/* Which messages a shard leaves for the message log, and when. */
#include <stdio.h>
#include <string.h>

#include "core/message_log.h"
#include "tests/unit/support_shard.h"

static struct rfx_message_log message_log;

static int set_up(void **state)
{
    const int result = shard_rig_set_up(state);
    struct shard_rig *rig = *state;
    assert_int_equal(rfx_message_log_open(&message_log, 1 << 16, 2048), RFX_OK);
    rig->config.message_size_max = 2048;
    rig->message_log = &message_log;
    return result;
}

static int tear_down(void **state)
{
    const int result = shard_rig_tear_down(state);
    rfx_message_log_close(&message_log);
    return result;
}

/* What the writer can see by now, as "SESSION in 35=A 34=1;". */
static const char *seen(void)
{
    static char text[1 << 16];
    size_t used = 0;
    uint32_t type;
    uint32_t size;
    const void *record;
    text[0] = '\0';
    while ((record = rfx_ring_peek(&message_log.ring, &type, &size)) != NULL) {
        const struct rfx_logged *logged = record;
        const char *name = (const char *)(logged + 1);
        char data[2048];
        char msg_type[8] = "?";
        unsigned number = 0;
        if (type == RFX_LOGGED_LOST) {
            const struct rfx_logged_lost *lost = record;
            used += (size_t)snprintf(text + used, sizeof text - used, "lost %u;",
                                     (unsigned)lost->count);
        } else {
            assert_int_equal(size, sizeof *logged + logged->name_size + logged->size);
            memcpy(data, name + logged->name_size, logged->size);
            data[logged->size] = '\0';
            assert_int_equal(memcmp(data, "8=FIX.4.4\x01", 10), 0);
            assert_int_equal(data[logged->size - 1], '\x01');
            assert_int_equal(sscanf(strstr(data, "\x01"
                                                 "35=") +
                                        4,
                                    "%7[^\x01]", msg_type),
                             1);
            assert_int_equal(sscanf(strstr(data, "\x01"
                                                 "34=") +
                                        4,
                                    "%u", &number),
                             1);
            used += (size_t)snprintf(text + used, sizeof text - used, "%.*s %s %s %u;",
                                     (int)logged->name_size, name,
                                     type == RFX_LOGGED_IN ? "in" : "out", msg_type, number);
        }
        assert_true(used < sizeof text);
        rfx_ring_pop(&message_log.ring);
    }
    rfx_ring_release(&message_log.ring);
    return text;
}

static void test_messages_when_exchanged_then_all_of_them_in_order(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    shard_rig_receive(rig, 1, "A", "35=A|34=1|98=0|108=30");
    shard_rig_settle(rig);
    assert_string_equal(seen(), "FIX.4.4:SERVER->A in A 1;FIX.4.4:SERVER->A out A 1;");
    shard_rig_receive(rig, 1, "A", "35=1|34=2|112=x");
    shard_rig_receive(rig, 1, "A", "35=0|34=5"); /* a gap, and the one beyond it once */
    shard_rig_settle(rig);
    assert_string_equal(seen(), "FIX.4.4:SERVER->A in 1 2;FIX.4.4:SERVER->A out 0 2;"
                                "FIX.4.4:SERVER->A in 0 5;FIX.4.4:SERVER->A out 2 3;");
    shard_rig_advance(rig, 31000);
    assert_string_equal(seen(), "FIX.4.4:SERVER->A out 2 4;"); /* asked again */
}

static void test_messages_when_the_sum_is_wrong_then_there_all_the_same(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    seen();
    rig->is_sum_wrong = true;
    shard_rig_receive(rig, 1, "A", "35=0|34=2");
    shard_rig_settle(rig);
    assert_string_equal(seen(), "FIX.4.4:SERVER->A in 0 2;");
}

static void test_messages_when_the_session_is_left_out_then_none(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[0].log_messages = false;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    assert_string_equal(seen(), "");
}

static void test_messages_when_not_journaled_then_not_in_the_log_either(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    seen();
    rig->journal.is_full = true;
    shard_rig_receive(rig, 1, "A", "35=1|34=2|112=x");
    shard_rig_turn(rig);
    assert_string_equal(seen(), "");
    rig->journal.is_full = false;
    shard_rig_advance(rig, 100);
    assert_string_equal(seen(), "FIX.4.4:SERVER->A in 1 2;FIX.4.4:SERVER->A out 0 2;");
}

static void test_messages_when_nobody_takes_them_then_counted_where_they_are_missing(void **state)
{
    struct shard_rig *rig = *state;
    char text[64];
    unsigned kept = 0;
    unsigned lost = 0;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    seen();
    for (unsigned i = 2; i < 2002; i++) {
        snprintf(text, sizeof text, "35=0|34=%u", i);
        shard_rig_receive(rig, 1, "A", text);
        shard_rig_settle(rig);
    }
    for (const char *at = seen(); (at = strstr(at, " in 0 ")) != NULL; at++) {
        kept++;
    }
    assert_true(kept > 50 && kept < 2000);
    shard_rig_receive(rig, 1, "A", "35=0|34=2002");
    shard_rig_settle(rig);
    const char *after = seen();
    assert_int_equal(sscanf(after, "lost %u;", &lost), 1);
    assert_int_equal(kept + lost, 2000);
    assert_string_equal(strchr(after, ';'), ";FIX.4.4:SERVER->A in 0 2002;");
}

#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(test_messages_when_exchanged_then_all_of_them_in_order),
        LOG_TEST(test_messages_when_the_sum_is_wrong_then_there_all_the_same),
        LOG_TEST(test_messages_when_the_session_is_left_out_then_none),
        LOG_TEST(test_messages_when_not_journaled_then_not_in_the_log_either),
        LOG_TEST(test_messages_when_nobody_takes_them_then_counted_where_they_are_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
