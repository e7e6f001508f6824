/* How much strangers can write into the log, and that others are not limited by that. */
#include <stdio.h>
#include <string.h>

#include "core/log_budget.h"
#include "tests/unit/support_shard.h"

static void trace_log(void *context, enum rfx_log_level level, const char *session,
                      const char *text)
{
    (void)level;
    (void)session;
    shard_rig_trace(context, "log %s", text);
}

static enum rfx_verdict refuse(void *context, struct rfx_session *session,
                               const struct rfx_message *logon,
                               const struct rfx_logon_ticket *ticket, char text[RFX_REFUSAL_MAX])
{
    (void)context;
    (void)session;
    (void)logon;
    (void)ticket;
    (void)text;
    return RFX_REFUSE;
}

static enum rfx_verdict later(void *context, struct rfx_session *session,
                              const struct rfx_message *logon,
                              const struct rfx_logon_ticket *ticket, char text[RFX_REFUSAL_MAX])
{
    (void)context;
    (void)session;
    (void)logon;
    (void)ticket;
    (void)text;
    return RFX_LATER;
}

static struct shard_rig *opened(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_log = trace_log;
    rig->config.sessions_max = 100;
    shard_rig_open(rig);
    return rig;
}

static size_t count_of(const struct shard_rig *rig, const char *text)
{
    size_t count = 0;
    for (const char *at = rig->trace.data; (at = strstr(at, text)) != NULL; at++) {
        count++;
    }
    return count;
}

static void knock(struct shard_rig *rig, uint32_t count, const char *comp_id, const char *logon)
{
    for (uint32_t i = 0; i < count; i++) {
        rig->generation++;
        shard_rig_receive(rig, 10, comp_id, logon);
        shard_rig_settle(rig);
    }
}

/* A second later the first line is one that says how many there were. */
static void expect_left_out(struct shard_rig *rig, size_t left_out)
{
    char line[80];
    assert_int_equal(count_of(rig, "log "), RFX_LOG_LINES_A_SECOND);
    shard_rig_forget(rig);
    shard_rig_advance(rig, 1000);
    knock(rig, 1, "STRANGER", "35=A|34=0|98=0|108=30");
    snprintf(line, sizeof line, "log %zu more lines like these left out\n", left_out);
    assert_int_equal(count_of(rig, line), 1);
    assert_true(strstr(rig->trace.data, "log ") == strstr(rig->trace.data, line));
}

static void test_log_when_logons_are_refused_then_so_many_lines_a_second(void **state)
{
    struct shard_rig *rig = opened(state);
    rig->app.on_authenticate = refuse;
    knock(rig, 50, "STRANGER", "35=A|34=1|98=0|108=30");
    expect_left_out(rig, 2 * 50 - RFX_LOG_LINES_A_SECOND); /* refused, and disconnected */
}

static void test_log_when_logons_are_invalid_then_so_many_lines_a_second(void **state)
{
    struct shard_rig *rig = opened(state);
    knock(rig, 50, "STRANGER", "35=A|34=1|98=0|108=no");
    expect_left_out(rig, 2 * 50 - RFX_LOG_LINES_A_SECOND);
}

static void test_log_when_a_session_is_there_already_then_so_many_lines_a_second(void **state)
{
    struct shard_rig *rig = opened(state);
    shard_rig_log_on(rig, 1, "A");
    shard_rig_forget(rig);
    knock(rig, 50, "A", "35=A|34=2|98=0|108=30");
    assert_int_equal(rig->disconnects[RFX_REASON_DUPLICATE_SESSION], 50);
    expect_left_out(rig, 50 - RFX_LOG_LINES_A_SECOND);
}

static void test_log_when_the_journal_is_stuck_then_so_many_lines_a_second(void **state)
{
    struct shard_rig *rig = opened(state);
    rig->journal.room = RFX_JOURNAL_STUCK;
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    knock(rig, 50, "STRANGER", "35=A|34=1|98=0|108=30");
    assert_true(shard_rig_saw(rig, "log Logon from unknown refused: the journal has no room\n"));
    expect_left_out(rig, 50 - RFX_LOG_LINES_A_SECOND);
}

static void test_log_when_sums_are_wrong_before_the_verdict_then_so_many_lines(void **state)
{
    struct shard_rig *rig = opened(state);
    rig->app.on_authenticate = later;
    shard_rig_receive(rig, 10, "STRANGER", "35=A|34=1|98=0|108=30");
    shard_rig_settle(rig);
    rig->is_sum_wrong = true;
    for (int i = 0; i < 50; i++) {
        shard_rig_receive(rig, 10, "STRANGER", "35=0|34=2");
        shard_rig_settle(rig);
    }
    rig->is_sum_wrong = false;
    expect_left_out(rig, 50 - RFX_LOG_LINES_A_SECOND);
}

static void test_log_when_sessions_are_logged_on_then_every_line(void **state)
{
    struct shard_rig *rig = opened(state);
    for (uint32_t i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "C%u", i);
        shard_rig_log_on(rig, 100 + i, name);
    }
    rig->app.on_authenticate = refuse;
    knock(rig, 50, "STRANGER", "35=A|34=1|98=0|108=30");
    shard_rig_forget(rig);
    for (uint32_t i = 0; i < 50; i++) {
        rig->generation = 1;
        shard_rig_say(rig, RFX_LINK_DISCONNECTED, 100 + i, 0, RFX_REASON_PEER_CLOSED);
        shard_rig_settle(rig);
    }
    assert_int_equal(
        count_of(rig, "disconnected from unknown: the counterparty closed the connection\n"), 50);
}

/* Nobody else can cause what happens to our own connects. */
static void test_log_when_initiators_fail_then_every_line(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_log = trace_log;
    rig->sessions[1] = rig->sessions[0];
    rig->sessions[1].role = RFX_ROLE_INITIATOR;
    rig->sessions[1].acceptor_template = false;
    rig->sessions[1].reconnect_interval_s = 1;
    rig->sessions[1].hosts[0] = (struct rfx_host){.name = "10.0.0.1", .port = 5001};
    rig->config.session_count = 2;
    rig->config.sessions_max = 100;
    shard_rig_open(rig);
    for (uint32_t i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "E%u", i);
        shard_rig_add(rig, &rig->sessions[1], name);
    }
    shard_rig_settle(rig);
    for (uint32_t i = 0; i < 50; i++) {
        shard_rig_say(rig, RFX_LINK_DISCONNECTED, 0, i, RFX_REASON_CONNECT_FAILED);
    }
    shard_rig_settle(rig);
    assert_int_equal(count_of(rig, "disconnected: connect failed\n"), 50);
}

static void expect_lines(struct shard_rig *rig, struct rfx_session *session, const char *expected)
{
    shard_rig_forget(rig);
    rfx_session_log(session, RFX_LOG_ERROR, "e");
    rfx_session_log(session, RFX_LOG_WARNING, "w");
    rfx_session_log(session, RFX_LOG_INFO, "i");
    rfx_session_log(session, RFX_LOG_DEBUG, "d");
    assert_string_equal(rig->trace.data, expected);
}

static void test_log_when_a_session_has_a_level_then_for_its_lines_alone(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_log = trace_log;
    rig->sessions[0].acceptor_template = false;
    for (int i = 1; i < 3; i++) {
        rig->sessions[i] = rig->sessions[0];
        rig->sessions[i].log_level = i == 1 ? RFX_LOG_WARNING : RFX_LOG_DEBUG;
    }
    rig->config.log_level = RFX_LOG_INFO;
    rig->config.session_count = 3;
    shard_rig_open(rig);
    struct rfx_session *usual = shard_rig_add(rig, &rig->sessions[0], "A");
    struct rfx_session *quiet = shard_rig_add(rig, &rig->sessions[1], "B");
    struct rfx_session *loud = shard_rig_add(rig, &rig->sessions[2], "C");
    expect_lines(rig, usual, "log e\nlog w\nlog i\n");
    expect_lines(rig, quiet, "log e\nlog w\n");
    expect_lines(rig, loud, "log e\nlog w\nlog i\nlog d\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_log_when_logons_are_refused_then_so_many_lines_a_second),
        SHARD_TEST(test_log_when_logons_are_invalid_then_so_many_lines_a_second),
        SHARD_TEST(test_log_when_a_session_is_there_already_then_so_many_lines_a_second),
        SHARD_TEST(test_log_when_the_journal_is_stuck_then_so_many_lines_a_second),
        SHARD_TEST(test_log_when_sums_are_wrong_before_the_verdict_then_so_many_lines),
        SHARD_TEST(test_log_when_a_session_has_a_level_then_for_its_lines_alone),
        SHARD_TEST(test_log_when_sessions_are_logged_on_then_every_line),
        SHARD_TEST(test_log_when_initiators_fail_then_every_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
