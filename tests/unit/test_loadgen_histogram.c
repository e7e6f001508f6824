/* The load generator's histogram, against a sorted array of the same values. */
#include "tests/support.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/histogram.h"

#define VALUES 20000

static struct histogram *make(void)
{
    struct histogram *histogram = calloc(1, sizeof *histogram);
    assert_non_null(histogram);
    return histogram;
}

/* A reproducible stream of numbers (xorshift). */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static int ascending(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* Values of every magnitude from 1 ns to an hour. */
static void fill(struct histogram *histogram, uint64_t *values, uint64_t seed)
{
    for (size_t i = 0; i < VALUES; i++) {
        uint64_t bits = next_random(&seed) % 41 + 1;
        values[i] = next_random(&seed) & ((UINT64_C(1) << bits) - 1);
        histogram_record(histogram, values[i]);
    }
    qsort(values, VALUES, sizeof *values, ascending);
}

static void assert_three_digits(uint64_t exact, uint64_t found)
{
    assert_true(found >= exact);
    assert_true(found - exact <= exact / 1000);
}

static void test_percentiles_of_many_values_then_three_digits_are_right(void **state)
{
    static const double percents[] = {0.01, 1, 10, 50, 75, 90, 99, 99.9, 99.99};
    static uint64_t values[VALUES];
    struct histogram *histogram = make();
    (void)state;
    fill(histogram, values, 42);
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        size_t rank = (size_t)ceil(percents[i] * VALUES / 100);
        assert_three_digits(values[rank - 1], histogram_percentile(histogram, percents[i]));
    }
    assert_int_equal(histogram_percentile(histogram, 100), values[VALUES - 1]);
    assert_int_equal(histogram_max(histogram), values[VALUES - 1]);
    assert_int_equal(histogram_min(histogram), values[0]);
    assert_int_equal(histogram_total(histogram), VALUES);
    free(histogram);
}

static void test_moments_of_many_values_then_three_digits_are_right(void **state)
{
    static uint64_t values[VALUES];
    struct histogram *histogram = make();
    double sum = 0;
    double squares = 0;
    (void)state;
    fill(histogram, values, 7);
    for (size_t i = 0; i < VALUES; i++) {
        sum += (double)values[i];
    }
    double mean = sum / VALUES;
    for (size_t i = 0; i < VALUES; i++) {
        squares += ((double)values[i] - mean) * ((double)values[i] - mean);
    }
    double stddev = sqrt(squares / VALUES);
    assert_true(fabs(histogram_mean(histogram) - mean) <= mean / 1000);
    assert_true(fabs(histogram_stddev(histogram) - stddev) <= stddev / 1000);
    free(histogram);
}

static void test_bucket_at_every_power_of_two_then_it_holds_its_value(void **state)
{
    struct histogram *histogram = make();
    (void)state;
    for (unsigned bit = 0; bit < HISTOGRAM_RANGE_BITS; bit++) {
        for (int offset = -1; offset <= 1; offset++) {
            uint64_t value = (UINT64_C(1) << bit) + (uint64_t)offset;
            if (value >> HISTOGRAM_RANGE_BITS != 0) {
                continue;
            }
            uint64_t floor_value = histogram_floor(value);
            assert_true(floor_value <= value);
            assert_true(value - floor_value <= value / 1024);
            histogram_clear(histogram);
            histogram_record(histogram, value);
            assert_int_equal(histogram_count_below(histogram, floor_value), 0);
            assert_int_equal(histogram_count_below(histogram, floor_value + 1), 1);
        }
    }
    free(histogram);
}

static void test_record_beyond_the_range_then_counted_and_max_is_exact(void **state)
{
    struct histogram *histogram = make();
    (void)state;
    histogram_record(histogram, 5);
    histogram_record(histogram, UINT64_MAX);
    assert_int_equal(histogram_total(histogram), 2);
    assert_true(histogram_max(histogram) == UINT64_MAX);
    assert_int_equal(histogram_percentile(histogram, 50), 5);
    assert_true(histogram_percentile(histogram, 100) == UINT64_MAX);
    free(histogram);
}

static void test_percentile_of_nothing_then_zero(void **state)
{
    struct histogram *histogram = make();
    (void)state;
    assert_int_equal(histogram_percentile(histogram, 99), 0);
    assert_int_equal(histogram_max(histogram), 0);
    assert_true(histogram_mean(histogram) == 0 && histogram_stddev(histogram) == 0);
    free(histogram);
}

static void test_add_two_parts_then_the_same_as_recorded_in_one(void **state)
{
    static uint64_t values[VALUES];
    struct histogram *whole = make();
    struct histogram *part = make();
    struct histogram *sum = make();
    (void)state;
    fill(whole, values, 3);
    for (size_t i = 0; i < VALUES; i++) {
        histogram_record(part, values[i]);
        if (i == VALUES / 3 || i == VALUES - 1) {
            histogram_add(sum, part);
            histogram_clear(part);
        }
    }
    histogram_add(sum, part); /* empty: changes nothing, not even the minimum */
    assert_memory_equal(sum, whole, sizeof *sum);
    free(whole);
    free(part);
    free(sum);
}

static void *record_many(void *histogram)
{
    for (uint64_t value = 1; value <= VALUES; value++) {
        histogram_record(histogram, value);
    }
    return NULL;
}

static void test_add_while_another_thread_records_then_total_is_what_was_counted(void **state)
{
    struct histogram *live = make();
    struct histogram *copy = make();
    pthread_t writer;
    (void)state;
    assert_int_equal(pthread_create(&writer, NULL, record_many, live), 0);
    for (uint64_t seen = 0; seen < VALUES;) {
        histogram_clear(copy);
        histogram_add(copy, live);
        uint64_t total = histogram_total(copy);
        assert_true(total >= seen);
        assert_int_equal(histogram_count_below(copy, UINT64_MAX), total);
        seen = total;
    }
    pthread_join(writer, NULL);
    free(live);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles_of_many_values_then_three_digits_are_right),
        cmocka_unit_test(test_moments_of_many_values_then_three_digits_are_right),
        cmocka_unit_test(test_bucket_at_every_power_of_two_then_it_holds_its_value),
        cmocka_unit_test(test_record_beyond_the_range_then_counted_and_max_is_exact),
        cmocka_unit_test(test_percentile_of_nothing_then_zero),
        cmocka_unit_test(test_add_two_parts_then_the_same_as_recorded_in_one),
        cmocka_unit_test(test_add_while_another_thread_records_then_total_is_what_was_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
