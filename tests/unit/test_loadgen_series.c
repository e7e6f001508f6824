/* The load generator's series of intervals. */
#include "tests/support.h"

#include <stdlib.h>

#include "bench/loadgen/series.h"

static struct series *series_new(uint64_t begin_ns, uint64_t interval_ns)
{
    struct series *series = calloc(1, sizeof *series);
    assert_non_null(series);
    series_init(series, begin_ns, interval_ns);
    return series;
}

static uint64_t count_all(const struct series *series)
{
    uint64_t count = 0;
    for (size_t i = 0; i < SERIES_SLOTS; i++) {
        assert_true(i < series->used || series->slots[i].count == 0);
        count += series->slots[i].count;
    }
    return count;
}

static void test_record_then_each_value_is_in_the_interval_of_its_time(void **state)
{
    struct series *series = series_new(1000, 10);
    (void)state;
    series_record(series, 1000, 5);
    series_record(series, 1009, 7);
    series_record(series, 1010, 9);
    series_record(series, 990, 11); /* before the begin: there */
    assert_int_equal(series->used, 2);
    assert_int_equal(series->slots[0].count, 3);
    assert_int_equal(series->slots[0].max, 11);
    assert_int_equal(series->slots[1].count, 1);
    free(series);
}

static void test_record_beyond_the_last_slot_then_intervals_double_and_nothing_is_lost(void **state)
{
    struct series *series = series_new(0, 1);
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        series_record(series, i, i);
    }
    assert_int_equal(series->interval_ns, 8);
    assert_int_equal(series->used, 125);
    assert_int_equal(count_all(series), 1000);
    for (size_t i = 0; i < series->used; i++) {
        assert_int_equal(series->slots[i].count, 8);
        assert_int_equal(series->slots[i].max, 8 * i + 7);
    }
    series_record(series, UINT64_MAX, 1); /* ends, and in bounds */
    assert_int_equal(count_all(series), 1001);
    free(series);
}

static void test_add_of_finer_and_of_coarser_then_intervals_agree(void **state)
{
    struct series *fine = series_new(50, 2);
    struct series *coarse = series_new(50, 2);
    struct series *sum = series_new(50, 2);
    (void)state;
    for (uint64_t i = 0; i < 300; i++) {
        series_record(fine, 50 + i, 10);
        series_record(coarse, 50 + 4 * i, 20);
    }
    series_add(sum, fine);
    series_add(sum, coarse);
    assert_int_equal(sum->interval_ns, 8);
    assert_int_equal(count_all(sum), 600);
    assert_int_equal(sum->slots[0].count, 8 + 2);
    assert_int_equal(sum->slots[0].max, 20);
    assert_int_equal(series_percentile(&sum->slots[0], 80), 10);
    assert_int_equal(series_percentile(&sum->slots[0], 81), 20);
    series_add(fine, sum);
    assert_int_equal(count_all(fine), 900);
    free(fine);
    free(coarse);
    free(sum);
}

static void test_percentile_then_within_a_thirtieth_above_the_value(void **state)
{
    struct series *series = series_new(0, UINT64_C(1) << 62);
    (void)state;
    assert_int_equal(series_percentile(&series->slots[0], 50), 0);
    for (uint64_t i = 1; i <= 10000; i++) {
        series_record(series, 0, i * 1000);
    }
    for (unsigned percent = 1; percent <= 100; percent++) {
        uint64_t exact = UINT64_C(100000) * percent;
        uint64_t found = series_percentile(&series->slots[0], percent);
        assert_true(found >= exact && found <= exact + exact / 30);
    }
    assert_int_equal(series_percentile(&series->slots[0], 100), 10000000);
    series_record(series, 0, UINT64_MAX);
    assert_true(series_percentile(&series->slots[0], 100) == UINT64_MAX);
    free(series);
}

static void test_record_of_more_than_a_bucket_counts_then_it_stays_full(void **state)
{
    struct series *series = series_new(0, 1);
    struct series *more = series_new(0, 1);
    (void)state;
    series_record(series, 0, 3);
    series->slots[0].buckets[3] = UINT32_MAX;
    series_record(series, 0, 3);
    series_record(more, 0, 3);
    series_add(series, more);
    assert_true(series->slots[0].buckets[3] == UINT32_MAX);
    assert_int_equal(series->slots[0].count, 3);
    free(series);
    free(more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_then_each_value_is_in_the_interval_of_its_time),
        cmocka_unit_test(
            test_record_beyond_the_last_slot_then_intervals_double_and_nothing_is_lost),
        cmocka_unit_test(test_add_of_finer_and_of_coarser_then_intervals_agree),
        cmocka_unit_test(test_percentile_then_within_a_thirtieth_above_the_value),
        cmocka_unit_test(test_record_of_more_than_a_bucket_counts_then_it_stays_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
