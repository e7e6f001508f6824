/* The ring between two threads: order, room, what stays where until it is released. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "core/ring.h"
#include "tests/unit/support_bytes.h"

#define RING_SIZE 4096u

static int set_up(void **state)
{
    struct rfx_ring *ring = aligned_alloc(alignof(struct rfx_ring), sizeof *ring);
    assert_int_equal(rfx_ring_open(ring, RING_SIZE), RFX_OK);
    *state = ring;
    return 0;
}

static int tear_down(void **state)
{
    rfx_ring_close(*state);
    free(*state);
    return 0;
}

static void fill(void *record, uint64_t number, uint32_t size)
{
    unsigned char *bytes = record;
    for (uint32_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(number + i * 7);
    }
}

static bool is_filled(const void *record, uint64_t number, uint32_t size)
{
    const unsigned char *bytes = record;
    for (uint32_t i = 0; i < size; i++) {
        if (bytes[i] != (unsigned char)(number + i * 7)) {
            return false;
        }
    }
    return true;
}

static bool push(struct rfx_ring *ring, uint64_t number, uint32_t size)
{
    void *record = rfx_ring_reserve(ring, size);
    if (record == NULL) {
        return false;
    }
    assert_int_equal((uintptr_t)record % 8, 0);
    fill(record, number, size);
    rfx_ring_push(ring, (uint32_t)number, size);
    return true;
}

static void expect_record(struct rfx_ring *ring, uint64_t number, uint32_t expected_size)
{
    uint32_t type;
    uint32_t size;
    void *record = rfx_ring_peek(ring, &type, &size);
    assert_non_null(record);
    assert_int_equal(type, (uint32_t)number);
    assert_int_equal(size, expected_size);
    assert_true(is_filled(record, number, size));
    rfx_ring_pop(ring);
}

static void expect_nothing(struct rfx_ring *ring)
{
    uint32_t type;
    uint32_t size;
    assert_null(rfx_ring_peek(ring, &type, &size));
}

static void test_ring_when_opened_then_size_is_a_power_of_two(void **state)
{
    (void)state;
    const size_t sizes[][2] = {{0, 4096}, {4096, 4096}, {4097, 8192}, {100000, 131072}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct rfx_ring ring;
        assert_int_equal(rfx_ring_open(&ring, sizes[i][0]), RFX_OK);
        assert_int_equal(ring.size, sizes[i][1]);
        assert_true(rfx_ring_is_empty(&ring));
        rfx_ring_close(&ring);
    }
}

static void test_records_when_not_published_then_invisible(void **state)
{
    struct rfx_ring *ring = *state;
    assert_false(rfx_ring_publish(ring));
    assert_true(push(ring, 1, 10));
    assert_true(push(ring, 2, 0));
    expect_nothing(ring);
    assert_true(rfx_ring_is_empty(ring));
    assert_true(rfx_ring_publish(ring));
    assert_false(rfx_ring_is_empty(ring));
    expect_record(ring, 1, 10);
    expect_record(ring, 2, 0);
    expect_nothing(ring);
    assert_true(rfx_ring_is_empty(ring));
    assert_false(rfx_ring_publish(ring));
}

static void test_record_when_peeked_twice_then_the_same(void **state)
{
    struct rfx_ring *ring = *state;
    push(ring, 1, 10);
    push(ring, 2, 20);
    rfx_ring_publish(ring);
    uint32_t type;
    uint32_t size;
    void *first = rfx_ring_peek(ring, &type, &size);
    assert_ptr_equal(rfx_ring_peek(ring, &type, &size), first);
    expect_record(ring, 1, 10);
    expect_record(ring, 2, 20);
}

static void test_record_when_reserved_twice_or_shortened_then_the_last_word_counts(void **state)
{
    struct rfx_ring *ring = *state;
    void *first = rfx_ring_reserve(ring, 500);
    fill(first, 9, 500);
    assert_ptr_equal(rfx_ring_reserve(ring, 900), first);
    fill(first, 1, 5);
    rfx_ring_push(ring, 1, 5);
    push(ring, 2, 3);
    rfx_ring_publish(ring);
    expect_record(ring, 1, 5);
    expect_record(ring, 2, 3);
    expect_nothing(ring);
}

static void test_ring_when_sizes_are_odd_then_wraps_without_loss(void **state)
{
    struct rfx_ring *ring = *state;
    uint64_t seed = 3;
    uint64_t pushed = 0;
    uint64_t popped = 0;
    uint32_t sizes[512];
    uint64_t bytes = 0;
    while (bytes < 200 * RING_SIZE) {
        uint32_t size = (uint32_t)random_below(&seed, RING_SIZE / 4 + 1);
        if (random_below(&seed, 2) == 0) {
            size = (uint32_t)random_below(&seed, 40);
        }
        if (push(ring, pushed, size)) {
            sizes[pushed++ % 512] = size;
            bytes += size;
            continue;
        }
        rfx_ring_publish(ring);
        assert_true(popped < pushed); /* a ring that is full holds something */
        uint64_t until = popped + 1 + random_below(&seed, pushed - popped);
        for (; popped < until; popped++) {
            expect_record(ring, popped, sizes[popped % 512]);
        }
        rfx_ring_release(ring);
    }
    rfx_ring_publish(ring);
    for (; popped < pushed; popped++) {
        expect_record(ring, popped, sizes[popped % 512]);
    }
    expect_nothing(ring);
}

static void test_ring_when_full_then_null_until_released(void **state)
{
    struct rfx_ring *ring = *state;
    for (uint64_t i = 0; i < RING_SIZE / 64; i++) {
        assert_true(push(ring, i, 56));
    }
    assert_null(rfx_ring_reserve(ring, 0));
    rfx_ring_publish(ring);
    expect_record(ring, 0, 56);
    assert_null(rfx_ring_reserve(ring, 0)); /* popped is not yet released */
    rfx_ring_release(ring);
    assert_true(push(ring, 100, 56));
    assert_null(rfx_ring_reserve(ring, 0));
    rfx_ring_publish(ring);
    for (uint64_t i = 1; i < RING_SIZE / 64; i++) {
        expect_record(ring, i, 56);
    }
    expect_record(ring, 100, 56);
}

static void test_records_when_not_released_then_bytes_stay(void **state)
{
    struct rfx_ring *ring = *state;
    push(ring, 1, 1000);
    push(ring, 2, 1000);
    rfx_ring_publish(ring);
    uint32_t type;
    uint32_t size;
    void *first = rfx_ring_peek(ring, &type, &size);
    rfx_ring_pop(ring);
    void *second = rfx_ring_peek(ring, &type, &size);
    rfx_ring_pop(ring);
    for (uint64_t i = 3; push(ring, i, 100); i++) {
    }
    assert_true(is_filled(first, 1, 1000));
    assert_true(is_filled(second, 2, 1000));
}

static void test_position_when_consumer_has_released_then_is_released(void **state)
{
    struct rfx_ring *ring = *state;
    assert_true(rfx_ring_is_released(ring, rfx_ring_position(ring)));
    push(ring, 1, 10);
    uint64_t after_first = rfx_ring_position(ring);
    push(ring, 2, 10);
    uint64_t after_second = rfx_ring_position(ring);
    rfx_ring_publish(ring);
    expect_record(ring, 1, 10);
    assert_false(rfx_ring_is_released(ring, after_first));
    rfx_ring_release(ring);
    assert_true(rfx_ring_is_released(ring, after_first));
    assert_false(rfx_ring_is_released(ring, after_second));
    expect_record(ring, 2, 10);
    rfx_ring_release(ring);
    assert_true(rfx_ring_is_released(ring, after_second));
}

/* Three records of 1000 bytes leave room for one of 1040 - 8 at the end, not for a larger one. */
static void test_record_when_it_does_not_fit_the_end_then_padding_is_skipped(void **state)
{
    struct rfx_ring *ring = *state;
    for (uint64_t i = 1; i <= 3; i++) {
        push(ring, i, 1000);
    }
    push(ring, 4, 500);
    rfx_ring_publish(ring);
    for (uint64_t i = 1; i <= 3; i++) {
        expect_record(ring, i, 1000);
    }
    rfx_ring_release(ring);
    void *wrapped = rfx_ring_reserve(ring, 1024);
    assert_ptr_equal(wrapped, ring->data + 8);
    fill(wrapped, 5, 1024);
    rfx_ring_push(ring, 5, 1024);
    rfx_ring_publish(ring);
    expect_record(ring, 4, 500);
    expect_record(ring, 5, 1024);
    expect_nothing(ring);
}

static void test_record_when_it_fits_the_end_exactly_then_no_padding(void **state)
{
    struct rfx_ring *ring = *state;
    for (uint64_t i = 1; i <= 4; i++) {
        assert_true(push(ring, i, 1016));
    }
    assert_null(rfx_ring_reserve(ring, 0));
    rfx_ring_publish(ring);
    for (uint64_t i = 1; i <= 4; i++) {
        expect_record(ring, i, 1016);
    }
    expect_nothing(ring);
}

static void test_padding_when_published_alone_then_nothing_to_read(void **state)
{
    struct rfx_ring *ring = *state;
    for (uint64_t i = 1; i <= 3; i++) {
        push(ring, i, 1000);
    }
    push(ring, 4, 500);
    rfx_ring_publish(ring);
    for (uint64_t i = 1; i <= 3; i++) {
        expect_record(ring, i, 1000);
    }
    expect_record(ring, 4, 500);
    rfx_ring_release(ring);
    assert_non_null(rfx_ring_reserve(ring, 1024)); /* skips the end, then is given up */
    rfx_ring_publish(ring);
    expect_nothing(ring);
    assert_true(rfx_ring_is_empty(ring));
    assert_true(push(ring, 5, 1024));
    rfx_ring_publish(ring);
    expect_record(ring, 5, 1024);
}

/* --------------------------------------------------------------------------- two threads */

#define RECORDS    UINT64_C(1000000)
#define RECORD_MAX 256u
#define HELD_MAX   16u

struct race {
    struct rfx_ring ring;
    bool lost_room; /* producer: what was released is not */
};

static uint32_t size_of(uint64_t number)
{
    uint64_t seed = number;
    return (uint32_t)random_below(&seed, RECORD_MAX);
}

static void *produce(void *context)
{
    struct race *race = context;
    struct rfx_ring *ring = &race->ring;
    uint64_t seed = 1;
    for (uint64_t number = 0; number < RECORDS;) {
        uint32_t size = size_of(number);
        void *record = rfx_ring_reserve(ring, size + (uint32_t)random_below(&seed, 64));
        if (record == NULL) {
            rfx_ring_publish(ring);
            sched_yield();
            continue;
        }
        fill(record, number, size);
        rfx_ring_push(ring, (uint32_t)number, size);
        number++;
        if (random_below(&seed, 8) == 0) {
            rfx_ring_publish(ring);
        }
    }
    rfx_ring_publish(ring);
    while (!rfx_ring_is_released(ring, rfx_ring_position(ring))) {
        sched_yield();
    }
    race->lost_room = rfx_ring_reserve(ring, RING_SIZE / 4) == NULL;
    return NULL;
}

/* Holds up to HELD_MAX records before it releases them, and looks at each twice. */
static uint64_t consume(struct rfx_ring *ring)
{
    const void *held[HELD_MAX];
    uint64_t seed = 2;
    uint64_t number = 0;
    while (number < RECORDS) {
        uint64_t first = number;
        uint64_t count = 1 + random_below(&seed, HELD_MAX);
        uint32_t type;
        uint32_t size;
        void *record;
        while (number - first < count && (record = rfx_ring_peek(ring, &type, &size)) != NULL) {
            if (type != (uint32_t)number || size != size_of(number) ||
                !is_filled(record, number, size)) {
                return number;
            }
            held[number - first] = record;
            number++;
            rfx_ring_pop(ring);
        }
        for (uint64_t i = first; i < number; i++) {
            if (!is_filled(held[i - first], i, size_of(i))) {
                return i;
            }
        }
        rfx_ring_release(ring);
        if (number == first) {
            sched_yield();
        }
    }
    return number;
}

static void test_ring_when_two_threads_use_it_then_every_record_arrives_whole(void **state)
{
    (void)state;
    struct race race = {0};
    assert_int_equal(rfx_ring_open(&race.ring, RING_SIZE), RFX_OK);
    pthread_t producer;
    assert_int_equal(pthread_create(&producer, NULL, produce, &race), 0);
    uint64_t read = consume(&race.ring);
    if (read < RECORDS) {
        fail_msg("record %llu is not what was pushed", (unsigned long long)read);
    }
    assert_int_equal(pthread_join(producer, NULL), 0);
    assert_true(rfx_ring_is_empty(&race.ring));
    assert_false(race.lost_room);
    rfx_ring_close(&race.ring);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring_when_opened_then_size_is_a_power_of_two),
        TEST(test_records_when_not_published_then_invisible),
        TEST(test_record_when_peeked_twice_then_the_same),
        TEST(test_record_when_reserved_twice_or_shortened_then_the_last_word_counts),
        TEST(test_ring_when_sizes_are_odd_then_wraps_without_loss),
        TEST(test_ring_when_full_then_null_until_released),
        TEST(test_records_when_not_released_then_bytes_stay),
        TEST(test_position_when_consumer_has_released_then_is_released),
        TEST(test_record_when_it_does_not_fit_the_end_then_padding_is_skipped),
        TEST(test_record_when_it_fits_the_end_exactly_then_no_padding),
        TEST(test_padding_when_published_alone_then_nothing_to_read),
        cmocka_unit_test(test_ring_when_two_threads_use_it_then_every_record_arrives_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
