/* Messages that retention has deleted are gap fills when they are asked for again. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/support_shard.h"

#define REPEATED(n)       "wire 1 > ExecutionReport seq=" #n " 43=Y 122=0.000 37=" #n "\n"
#define GAP_FILL(n, next) "wire 1 > SequenceReset seq=" #n " 43=Y 122=0.000 36=" #next " 123=Y\n"

static void remember(void *context, struct rfx_session *session, bool is_healthy)
{
    struct shard_rig *rig = context;
    (void)is_healthy;
    rig->user = session;
}

/* A has been sent the messages 2 to last, and asks for all of them from 2 on. */
static struct shard_rig *with_history(void **state, int last)
{
    struct shard_rig *rig = *state;
    rig->app.on_logon = remember;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    for (int i = 2; i <= last; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        assert_int_equal(shard_rig_send(rig->user, "8", 37, id), RFX_OK);
        if (i % 1000 == 0) {
            shard_rig_settle(rig);
        }
    }
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    shard_rig_receive(rig, 1, "A", "35=2|34=2|7=2|16=0");
    return rig;
}

static void
test_resend_when_the_first_messages_are_gone_then_it_begins_with_a_gap_fill(void **state)
{
    struct shard_rig *rig = with_history(state, 7);
    fake_journal_drop(rig, "A", 1, 4);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A numbers 8 3\n" GAP_FILL(2, 5) REPEATED(5) REPEATED(6)
                                REPEATED(7));
}

static void test_resend_when_messages_between_are_gone_then_a_gap_fill_between(void **state)
{
    struct shard_rig *rig = with_history(state, 7);
    fake_journal_drop(rig, "A", 4, 5);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A numbers 8 3\n" REPEATED(2) REPEATED(3) GAP_FILL(4, 6)
                                REPEATED(6) REPEATED(7));
}

static void test_resend_when_the_last_messages_are_gone_then_it_ends_with_a_gap_fill(void **state)
{
    struct shard_rig *rig = with_history(state, 7);
    fake_journal_drop(rig, "A", 6, 7);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A numbers 8 3\n" REPEATED(2) REPEATED(3) REPEATED(4)
                                REPEATED(5) GAP_FILL(6, 8));
}

static void test_resend_when_all_messages_are_gone_then_one_gap_fill(void **state)
{
    struct shard_rig *rig = with_history(state, 7);
    fake_journal_drop(rig, "A", 1, 7);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A numbers 8 3\n" GAP_FILL(2, 8));
}

/* The keeper works while a long resend is under way. */
static void test_resend_when_messages_go_between_two_slices_then_a_gap_fill(void **state)
{
    struct shard_rig *rig = with_history(state, 5000);
    rig->answers_drains = false;
    shard_rig_settle(rig);
    assert_int_equal(rig->drain_count, 1);
    assert_true(shard_rig_saw(rig, REPEATED(20)));
    assert_false(shard_rig_saw(rig, REPEATED(4000)));
    fake_journal_drop(rig, "A", 1, 4998);
    shard_rig_forget(rig);
    shard_rig_say(rig, RFX_LINK_DRAINED, 1, 0, RFX_REASON_NONE);
    shard_rig_settle(rig);
    unsigned first = 0;
    assert_int_equal(sscanf(rig->trace.data, "wire 1 > SequenceReset seq=%u 43=Y", &first), 1);
    assert_in_range(first, 21, 4000);
    const char *rest = strstr(rig->trace.data, " 36=");
    assert_string_equal(rest, " 36=4999 123=Y\n" REPEATED(4999) REPEATED(5000));
}

static void test_retention_when_configured_then_the_journal_knows_it(void **state)
{
    struct shard_rig *rig = *state;
    rig->sessions[1] = rig->sessions[0];
    rig->sessions[1].acceptor_template = false;
    rig->sessions[0].journal_keep_messages = 1000;
    rig->sessions[0].journal_keep_s = UINT32_MAX;
    shard_rig_open(rig);
    shard_rig_add(rig, &rig->sessions[1], "A");
    shard_rig_log_on(rig, 2, "B"); /* of the template */
    assert_int_equal(shard_rig_stored(rig, "A")->keep.count, 0);
    assert_int_equal(shard_rig_stored(rig, "A")->keep.age_ns, 0);
    assert_int_equal(shard_rig_stored(rig, "B")->keep.count, 1000);
    assert_true(shard_rig_stored(rig, "B")->keep.age_ns == UINT32_MAX * RFX_NS_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_resend_when_the_first_messages_are_gone_then_it_begins_with_a_gap_fill),
        SHARD_TEST(test_resend_when_messages_between_are_gone_then_a_gap_fill_between),
        SHARD_TEST(test_resend_when_the_last_messages_are_gone_then_it_ends_with_a_gap_fill),
        SHARD_TEST(test_resend_when_all_messages_are_gone_then_one_gap_fill),
        SHARD_TEST(test_resend_when_messages_go_between_two_slices_then_a_gap_fill),
        SHARD_TEST(test_retention_when_configured_then_the_journal_knows_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
