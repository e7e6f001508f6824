/* The load generator's sweep: its rates, and how steps are judged. */
#include "tests/support.h"

#include <math.h>
#include <string.h>

#include "bench/loadgen/sweep.h"

#define US UINT64_C(1000)

static void add(struct sweep *sweep, double offered, double achieved, uint64_t p99_ns)
{
    struct sweep_step step = {
        .offered = offered,
        .seconds = 10,
        .answered = (uint64_t)(achieved * 10),
        .p99_ns = p99_ns,
        .is_drained = true,
    };
    sweep_add(sweep, &step);
}

static void test_rate_of_steps_then_they_grow_by_one_factor(void **state)
{
    double before = 10000;
    (void)state;
    assert_true(sweep_rate(10000, 500000, 10, 0) == 10000);
    assert_true(sweep_rate(10000, 500000, 10, 9) == 500000);
    for (uint32_t i = 1; i < 10; i++) {
        double rate = sweep_rate(10000, 500000, 10, i);
        assert_true(fabs(rate / before - pow(50, 1 / 9.0)) < 1e-9);
        before = rate;
    }
}

static void test_add_when_the_rate_is_not_kept_then_the_knee_stays(void **state)
{
    struct sweep sweep = {.planned = 5};
    (void)state;
    add(&sweep, 1000, 1000, 50 * US);
    add(&sweep, 2000, 1999, 60 * US);
    assert_int_equal(sweep.knee, 1);
    add(&sweep, 4000, 3900, 70 * US); /* 97.5 % */
    assert_int_equal(sweep.knee, 1);
    assert_false(sweep.steps[2].is_kept);
    assert_false(sweep_gives_up(&sweep));
    add(&sweep, 8000, 7850, 80 * US); /* a hiccup does not end it */
    assert_int_equal(sweep.knee, 3);
    add(&sweep, 16000, 14000, 90 * US); /* 87.5 % */
    assert_int_equal(sweep.knee, 3);
    assert_true(sweep_gives_up(&sweep));
    assert_non_null(strstr(sweep_end_text(&sweep), "could not keep up"));
}

static void test_add_when_p99_leaves_that_of_the_first_steps_then_not_kept(void **state)
{
    struct sweep sweep = {.planned = 5};
    (void)state;
    add(&sweep, 1000, 1000, 900 * US); /* the first one wakes everybody up */
    assert_int_equal(sweep.p99_limit_ns, 9000 * US);
    add(&sweep, 2000, 2000, 40 * US);
    add(&sweep, 3000, 3000, 400 * US);
    assert_int_equal(sweep.p99_limit_ns, 400 * US);
    assert_false(sweep.steps[0].is_kept);
    assert_int_equal(sweep.knee, 2);
    add(&sweep, 4000, 4000, 401 * US);
    add(&sweep, 5000, 5000, 1 * US); /* later ones do not lower the limit */
    assert_int_equal(sweep.p99_limit_ns, 400 * US);
    assert_false(sweep.steps[3].is_kept);
    assert_int_equal(sweep.knee, 4);
    assert_false(sweep_gives_up(&sweep));
    assert_string_equal(sweep_end_text(&sweep), "All steps were run.");
}

static void test_add_when_orders_stay_unanswered_then_the_sweep_gives_up(void **state)
{
    struct sweep sweep = {.planned = 5};
    struct sweep_step step = {.offered = 100, .seconds = 1, .answered = 100, .p99_ns = 5};
    (void)state;
    sweep_add(&sweep, &step);
    assert_int_equal(sweep.knee, SWEEP_NO_KNEE);
    assert_true(sweep_gives_up(&sweep));
    assert_non_null(strstr(sweep_end_text(&sweep), "not all answered"));
}

static void test_add_of_nothing_answered_then_no_knee_and_it_gives_up(void **state)
{
    struct sweep sweep = {.planned = 2};
    (void)state;
    add(&sweep, 0.1, 0, 0);
    assert_int_equal(sweep.knee, SWEEP_NO_KNEE);
    assert_true(sweep_gives_up(&sweep));
}

static void test_add_of_a_slow_rate_then_an_order_at_the_end_is_forgiven(void **state)
{
    struct sweep sweep = {.planned = 2};
    (void)state;
    add(&sweep, 1, 0.9, 50 * US); /* 9 of 10 */
    assert_int_equal(sweep.knee, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate_of_steps_then_they_grow_by_one_factor),
        cmocka_unit_test(test_add_when_the_rate_is_not_kept_then_the_knee_stays),
        cmocka_unit_test(test_add_when_p99_leaves_that_of_the_first_steps_then_not_kept),
        cmocka_unit_test(test_add_when_orders_stay_unanswered_then_the_sweep_gives_up),
        cmocka_unit_test(test_add_of_nothing_answered_then_no_knee_and_it_gives_up),
        cmocka_unit_test(test_add_of_a_slow_rate_then_an_order_at_the_end_is_forgiven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
