/* What a shard offers an application beside its sessions: start and stop, timers, tasks of other
 * threads. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/shard_internal.h"
#include "tests/unit/support_shard.h"

#define MS RFX_NS_PER_MS

static struct shard_rig *opened(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    shard_rig_log_on(rig, 1, "A");
    return rig;
}

static struct rfx_session *first_session(struct shard_rig *rig)
{
    return &rig->shard->sessions[0]->session;
}

/* ------------------------------------------------------------------------------ start and stop */

static void on_start(void *context, struct rfx_shard *shard)
{
    shard_rig_trace(context, "app on_shard_start %u", rfx_shard_index(shard));
    rfx_shard_set_user(shard, context);
    assert_true(rfx_shard_utc_ns(shard) == SHARD_RIG_UTC_NS);
}

static void on_stop(void *context, struct rfx_shard *shard)
{
    assert_ptr_equal(rfx_shard_user(shard), context);
    shard_rig_trace(context, "app on_shard_stop");
}

static void test_shard_when_it_works_and_ends_then_started_first_and_stopped_once(void **state)
{
    struct shard_rig *rig = *state;
    rig->app.on_shard_start = on_start;
    rig->app.on_shard_stop = on_stop;
    shard_rig_open(rig);
    rfx_shard_finish(rig->shard); /* never begun: nothing */
    expect_shard_trace(rig, "");
    shard_rig_settle(rig);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app on_shard_start 0\n");
    rfx_shard_finish(rig->shard);
    rfx_shard_finish(rig->shard);
    expect_shard_trace(rig, "app on_shard_stop\n");
}

/* -------------------------------------------------------------------------------------- timers */

struct clock {
    struct rfx_timer timer; /* first, so that a timer's address is its clock's */
    const char *name;
    uint64_t again_ns; /* 0: once */
};

static void on_due(void *context, struct rfx_shard *shard, struct rfx_timer *timer)
{
    struct shard_rig *rig = context;
    const struct clock *clock = (const struct clock *)(const void *)timer;
    assert_false(rfx_timer_is_set(timer));
    shard_rig_trace(rig, "app %s at %u", clock->name, (unsigned)rig->now_ms);
    if (clock->again_ns > 0) {
        assert_int_equal(rfx_timer_set(shard, timer, rfx_shard_now_ns(shard) + clock->again_ns),
                         RFX_OK);
    }
}

static void test_timer_when_its_time_comes_then_called_once(void **state)
{
    struct shard_rig *rig = opened(state);
    struct clock clocks[] = {{.name = "first"}, {.name = "second"}, {.name = "never"}};
    const uint64_t now_ns = rfx_shard_now_ns(rig->shard);
    for (size_t i = 0; i < 3; i++) {
        rfx_timer_init(&clocks[i].timer, on_due);
        assert_false(rfx_timer_is_set(&clocks[i].timer));
        assert_int_equal(rfx_timer_set(rig->shard, &clocks[i].timer, now_ns + (3 - i) * 10 * MS),
                         RFX_OK);
    }
    rfx_timer_cancel(rig->shard, &clocks[2].timer);
    rfx_timer_cancel(rig->shard, &clocks[2].timer);
    assert_true(rfx_shard_deadline_ns(rig->shard) == now_ns + 20 * MS);
    const uint64_t begin_ms = rig->now_ms;
    rig->now_ms = begin_ms + 19;
    shard_rig_settle(rig);
    expect_shard_trace(rig, "");
    rig->now_ms = begin_ms + 20;
    shard_rig_settle(rig);
    char line[64];
    snprintf(line, sizeof line, "app second at %u\n", (unsigned)begin_ms + 20);
    expect_shard_trace(rig, line);
    assert_int_equal(rfx_timer_set(rig->shard, &clocks[0].timer, now_ns + 21 * MS), RFX_OK);
    rig->now_ms = begin_ms + 21;
    shard_rig_settle(rig);
    shard_rig_settle(rig);
    snprintf(line, sizeof line, "app first at %u\n", (unsigned)begin_ms + 21);
    expect_shard_trace(rig, line);
}

/* One that is always due does not keep the turn from its end. */
static void test_timer_when_set_again_for_now_then_in_the_next_turn(void **state)
{
    struct shard_rig *rig = opened(state);
    struct clock clock = {.name = "tick", .again_ns = 1};
    rfx_timer_init(&clock.timer, on_due);
    assert_int_equal(rfx_timer_set(rig->shard, &clock.timer, 0), RFX_OK);
    char line[64];
    for (int i = 0; i < 3; i++) {
        rig->now_ms++;
        snprintf(line, sizeof line, "app tick at %u\n", (unsigned)rig->now_ms);
        assert_int_equal(shard_rig_turn(rig), RFX_OK);
        expect_shard_trace(rig, line);
        assert_int_equal(shard_rig_turn(rig), RFX_OK); /* the same time: not again */
        expect_shard_trace(rig, "");
    }
    rfx_timer_cancel(rig->shard, &clock.timer);
}

static void test_timers_when_there_are_many_beside_sessions_then_all_come(void **state)
{
    struct shard_rig *rig = opened(state);
    enum { COUNT = 1000 };
    struct clock *clocks = calloc(COUNT, sizeof *clocks);
    const uint64_t now_ns = rfx_shard_now_ns(rig->shard);
    for (size_t i = 0; i < COUNT; i++) {
        clocks[i].name = "one";
        rfx_timer_init(&clocks[i].timer, on_due);
        assert_int_equal(rfx_timer_set(rig->shard, &clocks[i].timer, now_ns + (i + 1) * MS),
                         RFX_OK);
        if (i % 100 == 0) { /* sessions take timers of their own */
            char name[8];
            snprintf(name, sizeof name, "S%zu", i);
            shard_rig_log_on(rig, 2 + (uint32_t)i, name);
        }
    }
    shard_rig_forget(rig);
    rig->now_ms += COUNT;
    shard_rig_settle(rig);
    for (size_t i = 0; i < COUNT; i++) {
        assert_false(rfx_timer_is_set(&clocks[i].timer));
    }
    free(clocks);
}

/* --------------------------------------------------------------------------------------- tasks */

static bool send_text(void *context, struct rfx_session *session, const void *data, size_t size)
{
    struct rfx_builder *builder;
    const rfx_status status = rfx_session_begin(session, "8", &builder);
    if (status == RFX_E_FULL) {
        return false;
    }
    if (status != RFX_OK) {
        shard_rig_trace(context, "app %s: %s", shard_rig_name(session), rfx_status_text(status));
        return true;
    }
    rfx_builder_put(builder, 58, rfx_bytes_of(data, size));
    assert_int_equal(rfx_session_commit(session, builder, NULL), RFX_OK);
    return true;
}

struct poster {
    struct rfx_session *session;
    pthread_t thread;
    unsigned number;
    unsigned count;
};

static void *post_some(void *argument)
{
    const struct poster *poster = argument;
    for (unsigned i = 0; i < poster->count; i++) {
        char text[16];
        const int size = snprintf(text, sizeof text, "%u.%u", poster->number, i);
        while (rfx_session_post(poster->session, send_text, text, (size_t)size) != RFX_OK) {
        }
    }
    return NULL;
}

static void test_post_when_of_another_thread_then_run_by_the_shard_in_order(void **state)
{
    struct shard_rig *rig = opened(state);
    struct rfx_session *session = first_session(rig);
    struct poster poster = {.session = session, .number = 7, .count = 3};
    const size_t wakes = rig->wake_count;
    assert_int_equal(pthread_create(&poster.thread, NULL, post_some, &poster), 0);
    pthread_join(poster.thread, NULL);
    assert_int_equal(rig->wake_count, wakes + 3);
    assert_true(rfx_shard_has_input(rig->shard));
    shard_rig_settle(rig);
    expect_shard_trace(rig, "journal A message 2\n"
                            "journal A message 3\n"
                            "journal A message 4\n"
                            "journal A numbers 5 2\n"
                            "wire 1 > ExecutionReport seq=2 58=7.0\n"
                            "wire 1 > ExecutionReport seq=3 58=7.1\n"
                            "wire 1 > ExecutionReport seq=4 58=7.2\n");
    assert_false(rfx_shard_has_input(rig->shard));
    assert_true(rfx_shard_deadline_ns(rig->shard) > rfx_shard_now_ns(rig->shard));
}

static bool count_numbers(void *context, struct rfx_session *session, const void *data, size_t size)
{
    unsigned *next = ((struct shard_rig *)context)->user;
    char text[16] = "";
    unsigned number = 0;
    unsigned count = 0;
    (void)session;
    memcpy(text, data, size);
    assert_int_equal(sscanf(text, "%u.%u", &number, &count), 2);
    assert_int_equal(count, next[number]++);
    return true;
}

static void *post_numbers(void *argument)
{
    const struct poster *poster = argument;
    for (unsigned i = 0; i < poster->count; i++) {
        char text[16];
        const int size = snprintf(text, sizeof text, "%u.%u", poster->number, i);
        while (rfx_session_post(poster->session, count_numbers, text, (size_t)size) != RFX_OK) {
            sched_yield(); /* the shard has a lot to do */
        }
    }
    return NULL;
}

static void test_post_when_of_many_threads_at_once_then_none_is_lost(void **state)
{
    struct shard_rig *rig = *state;
    enum { THREADS = 4, COUNT = 5000 };
    rig->config.post_queue_size = 4096;
    opened(state);
    struct rfx_session *session = first_session(rig);
    struct poster posters[THREADS];
    unsigned next[THREADS] = {0};
    rig->user = next;
    for (unsigned i = 0; i < THREADS; i++) {
        posters[i] = (struct poster){.session = session, .number = i, .count = COUNT};
        assert_int_equal(pthread_create(&posters[i].thread, NULL, post_numbers, &posters[i]), 0);
    }
    unsigned done = 0;
    while (done < THREADS * COUNT) {
        assert_int_equal(shard_rig_turn(rig), RFX_OK);
        done = next[0] + next[1] + next[2] + next[3];
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(posters[i].thread, NULL);
    }
    assert_int_equal(done, THREADS * COUNT);
}

static bool second_time(void *context, struct rfx_session *session, const void *data, size_t size)
{
    struct shard_rig *rig = context;
    unsigned *calls = rig->user;
    (void)session;
    assert_null(data);
    assert_int_equal(size, 0);
    shard_rig_trace(rig, "app called at %u", (unsigned)rig->now_ms);
    return ++*calls == 2;
}

static void test_post_when_the_task_wants_again_then_soon_and_before_the_others(void **state)
{
    struct shard_rig *rig = opened(state);
    struct rfx_session *session = first_session(rig);
    unsigned calls = 0;
    rig->user = &calls;
    const uint64_t begin_ms = rig->now_ms;
    assert_int_equal(rfx_session_post(session, second_time, NULL, 0), RFX_OK);
    assert_int_equal(rfx_session_post(session, send_text, "x", 1), RFX_OK);
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    char text[200];
    snprintf(text, sizeof text, "app called at %u\n", (unsigned)begin_ms);
    expect_shard_trace(rig, text);
    assert_true(rfx_shard_deadline_ns(rig->shard) == rfx_shard_now_ns(rig->shard) + MS);
    rig->now_ms++;
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    snprintf(text, sizeof text,
             "app called at %u\njournal A message 2\njournal A numbers 3 2\n"
             "wire 1 > ExecutionReport seq=2 58=x\n",
             (unsigned)begin_ms + 1);
    expect_shard_trace(rig, text);
}

static void test_post_when_the_queue_is_full_then_refused_until_it_is_not(void **state)
{
    struct shard_rig *rig = *state;
    static char large[4096];
    unsigned calls = 0;
    rig->config.post_queue_size = 4096;
    opened(state);
    rig->user = &calls;
    struct rfx_session *session = first_session(rig);
    assert_int_equal(rfx_session_post(session, send_text, large, 4097), RFX_E_INVALID);
    unsigned posted = 0;
    while (rfx_session_post(session, send_text, "0123456789", 10) == RFX_OK) {
        posted++;
    }
    assert_in_range(posted, 10, 100);
    assert_int_equal(rfx_session_post(session, send_text, "0123456789", 10), RFX_E_FULL);
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    assert_int_equal(shard_rig_stored(rig, "A")->next_out, 2 + posted);
    memset(large, 'x', sizeof large);
    assert_int_equal(rfx_session_post(session, send_text, large, 4096), RFX_OK); /* alone */
    assert_int_equal(rfx_session_post(session, send_text, "x", 1), RFX_E_FULL);
    shard_rig_settle(rig);
    shard_rig_forget(rig);
    /* One that is not done counts; what waits when the shard is closed is released. */
    assert_int_equal(rfx_session_post(session, second_time, NULL, 0), RFX_OK);
    assert_int_equal(shard_rig_turn(rig), RFX_OK);
    assert_int_equal(rfx_session_post(session, send_text, large, 4000), RFX_E_FULL);
    assert_int_equal(rfx_session_post(session, send_text, "waits", 5), RFX_OK);
}

static void test_post_when_not_logged_on_then_the_task_sees_it(void **state)
{
    struct shard_rig *rig = *state;
    shard_rig_open(rig);
    struct rfx_session *session = shard_rig_add(rig, &rig->sessions[0], "B");
    assert_int_equal(rfx_session_post(session, send_text, "x", 1), RFX_OK);
    shard_rig_settle(rig);
    expect_shard_trace(rig, "app B: not allowed in this state\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARD_TEST(test_shard_when_it_works_and_ends_then_started_first_and_stopped_once),
        SHARD_TEST(test_timer_when_its_time_comes_then_called_once),
        SHARD_TEST(test_timer_when_set_again_for_now_then_in_the_next_turn),
        SHARD_TEST(test_timers_when_there_are_many_beside_sessions_then_all_come),
        SHARD_TEST(test_post_when_of_another_thread_then_run_by_the_shard_in_order),
        SHARD_TEST(test_post_when_of_many_threads_at_once_then_none_is_lost),
        SHARD_TEST(test_post_when_the_task_wants_again_then_soon_and_before_the_others),
        SHARD_TEST(test_post_when_the_queue_is_full_then_refused_until_it_is_not),
        SHARD_TEST(test_post_when_not_logged_on_then_the_task_sees_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
