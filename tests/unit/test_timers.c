/* The heap of deadlines, against an array that is searched. */
#include "core/timers.h"
#include "tests/unit/support_bytes.h"

#define TIMERS 300

struct rig {
    struct rfx_timers timers;
    struct rfx_timer items[TIMERS];
    bool is_set[TIMERS];
};

static void open_rig(struct rig *rig)
{
    *rig = (struct rig){0};
    assert_int_equal(rfx_timers_reserve(&rig->timers, TIMERS), RFX_OK);
    for (size_t i = 0; i < TIMERS; i++) {
        rfx_timer_init(&rig->items[i], NULL);
    }
}

static uint64_t earliest(const struct rig *rig)
{
    uint64_t next_ns = RFX_NEVER_NS;
    for (size_t i = 0; i < TIMERS; i++) {
        if (rig->is_set[i]) {
            next_ns = rfx_min_u64(next_ns, rig->items[i].deadline_ns);
        }
    }
    return next_ns;
}

static void set(struct rig *rig, size_t index, uint64_t deadline_ns)
{
    rfx_timers_set(&rig->timers, &rig->items[index], deadline_ns);
    rig->is_set[index] = true;
}

/* Takes out one timer; false when none is due. */
static bool pop(struct rig *rig, uint64_t now_ns)
{
    uint64_t expected_ns = earliest(rig);
    struct rfx_timer *timer = rfx_timers_pop(&rig->timers, now_ns);
    if (expected_ns > now_ns || expected_ns == RFX_NEVER_NS) {
        assert_null(timer);
        return false;
    }
    assert_non_null(timer);
    assert_true(timer->deadline_ns == expected_ns);
    assert_int_equal(timer->index, RFX_TIMER_NONE);
    size_t index = (size_t)(timer - rig->items);
    assert_true(rig->is_set[index]);
    rig->is_set[index] = false;
    return true;
}

static void test_timers_when_none_is_set_then_never(void **state)
{
    (void)state;
    struct rfx_timers timers = {0};
    assert_true(rfx_timers_next_ns(&timers) == RFX_NEVER_NS);
    assert_null(rfx_timers_pop(&timers, UINT64_MAX));
    rfx_timers_close(&timers);
}

static void test_timer_when_not_yet_due_then_stays(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    set(&rig, 0, 100);
    assert_null(rfx_timers_pop(&rig.timers, 99));
    assert_ptr_equal(rfx_timers_pop(&rig.timers, 100), &rig.items[0]);
    assert_null(rfx_timers_pop(&rig.timers, 100));
    rfx_timers_close(&rig.timers);
}

static void test_timer_when_moved_then_comes_up_once_at_its_last_deadline(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    set(&rig, 0, 100);
    set(&rig, 1, 200);
    set(&rig, 0, 300);
    assert_true(rfx_timers_next_ns(&rig.timers) == 200);
    set(&rig, 0, 50);
    assert_true(rfx_timers_next_ns(&rig.timers) == 50);
    assert_ptr_equal(rfx_timers_pop(&rig.timers, 1000), &rig.items[0]);
    assert_ptr_equal(rfx_timers_pop(&rig.timers, 1000), &rig.items[1]);
    assert_null(rfx_timers_pop(&rig.timers, 1000));
    rfx_timers_close(&rig.timers);
}

static void test_timers_when_set_moved_and_popped_at_random_then_as_the_reference(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rig rig;
        open_rig(&rig);
        uint64_t random = seed;
        uint64_t now_ns = 0;
        for (int step = 0; step < 5000; step++) {
            now_ns += random_below(&random, 5);
            if (random_below(&random, 3) > 0) {
                /* Few different deadlines: many are equal. */
                set(&rig, random_below(&random, TIMERS), now_ns + random_below(&random, 200));
            } else {
                pop(&rig, now_ns);
            }
            assert_true(rfx_timers_next_ns(&rig.timers) == earliest(&rig));
        }
        while (pop(&rig, UINT64_MAX - 1)) {
        }
        assert_int_equal(rig.timers.count, 0);
        rfx_timers_close(&rig.timers);
    }
}

static void test_timers_when_reserve_grows_then_keeps_what_is_set(void **state)
{
    (void)state;
    struct rfx_timers timers = {0};
    struct rfx_timer items[1000];
    for (uint32_t i = 0; i < 1000; i++) {
        rfx_timer_init(&items[i], NULL);
        assert_int_equal(rfx_timers_reserve(&timers, i + 1), RFX_OK);
        rfx_timers_set(&timers, &items[i], 5000 - i);
    }
    assert_int_equal(rfx_timers_reserve(&timers, 10), RFX_OK);
    for (uint32_t i = 1000; i > 0; i--) {
        assert_ptr_equal(rfx_timers_pop(&timers, 5000), &items[i - 1]);
    }
    rfx_timers_close(&timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timers_when_none_is_set_then_never),
        cmocka_unit_test(test_timer_when_not_yet_due_then_stays),
        cmocka_unit_test(test_timer_when_moved_then_comes_up_once_at_its_last_deadline),
        cmocka_unit_test(test_timers_when_set_moved_and_popped_at_random_then_as_the_reference),
        cmocka_unit_test(test_timers_when_reserve_grows_then_keeps_what_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
