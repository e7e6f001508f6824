/* Messages held back: order, duplicates, the limit in bytes. */
#include <stdlib.h>
#include <string.h>

#include "core/gap_queue.h"
#include "tests/unit/support_bytes.h"

#define NO_LIMIT 100000

static void put(struct rfx_gap_queue *queue, uint64_t seq_num, const char *text)
{
    assert_int_equal(rfx_gap_queue_put(queue, seq_num, rfx_bytes_of(text, strlen(text)), NO_LIMIT),
                     RFX_OK);
}

/* Takes a message that must be there; text NULL: that must not. */
static void expect_take(struct rfx_gap_queue *queue, uint64_t seq_num, const char *text)
{
    struct rfx_gap_item *item = rfx_gap_queue_take(queue, seq_num);
    if (text == NULL) {
        assert_null(item);
        return;
    }
    assert_non_null(item);
    assert_int_equal(item->seq_num, seq_num);
    assert_int_equal(item->size, strlen(text));
    assert_memory_equal(item->data, text, item->size);
    free(item);
}

static void expect_empty(const struct rfx_gap_queue *queue)
{
    assert_null(queue->first);
    assert_null(queue->last);
    assert_int_equal(queue->bytes, 0);
}

static void test_queue_when_put_in_any_order_then_taken_in_order(void **state)
{
    (void)state;
    struct rfx_gap_queue queue = {0};
    put(&queue, 5, "five");
    put(&queue, 9, "nine");
    put(&queue, 3, "three");
    put(&queue, 7, "seven");
    put(&queue, 10, "ten");
    expect_take(&queue, 3, "three");
    expect_take(&queue, 5, "five");
    expect_take(&queue, 7, "seven");
    expect_take(&queue, 9, "nine");
    expect_take(&queue, 10, "ten");
    expect_empty(&queue);
}

static void test_queue_when_a_number_comes_twice_then_the_first_is_kept(void **state)
{
    (void)state;
    struct rfx_gap_queue queue = {0};
    put(&queue, 5, "first");
    put(&queue, 6, "six");
    size_t bytes = queue.bytes;
    put(&queue, 5, "second, and longer");
    put(&queue, 6, "second");
    assert_int_equal(queue.bytes, bytes);
    expect_take(&queue, 5, "first");
    expect_take(&queue, 6, "six");
    expect_empty(&queue);
}

static void test_take_when_not_held_then_null_and_lower_ones_dropped(void **state)
{
    (void)state;
    struct rfx_gap_queue queue = {0};
    expect_take(&queue, 1, NULL);
    put(&queue, 3, "three");
    put(&queue, 4, "four");
    put(&queue, 8, "eight");
    expect_take(&queue, 2, NULL);
    assert_int_equal(queue.first->seq_num, 3);
    expect_take(&queue, 6, NULL);
    assert_int_equal(queue.first->seq_num, 8);
    expect_take(&queue, 4, NULL);
    expect_take(&queue, 8, "eight");
    expect_empty(&queue);
    put(&queue, 1, "one");
    expect_take(&queue, 9, NULL);
    expect_empty(&queue);
}

static void test_put_when_the_limit_is_reached_then_full_and_what_is_held_stays(void **state)
{
    (void)state;
    struct rfx_gap_queue queue = {0};
    const struct rfx_bytes message = rfx_bytes_of("0123456789", 10);
    const size_t room = sizeof(struct rfx_gap_item) + 10;
    const size_t limit = 2 * room;
    assert_int_equal(rfx_gap_queue_put(&queue, 2, message, limit), RFX_OK);
    assert_int_equal(rfx_gap_queue_put(&queue, 3, message, limit - 1), RFX_E_FULL);
    assert_int_equal(rfx_gap_queue_put(&queue, 3, message, limit), RFX_OK);
    assert_int_equal(queue.bytes, limit);
    assert_int_equal(rfx_gap_queue_put(&queue, 4, rfx_bytes_of("", 0), limit), RFX_E_FULL);
    assert_int_equal(rfx_gap_queue_put(&queue, 3, message, limit), RFX_E_FULL); /* not looked for */
    expect_take(&queue, 2, "0123456789");
    assert_int_equal(rfx_gap_queue_put(&queue, 4, message, limit), RFX_OK);
    expect_take(&queue, 3, "0123456789");
    expect_take(&queue, 4, "0123456789");
    expect_empty(&queue);
}

static void test_clear_when_filled_then_empty_and_usable(void **state)
{
    (void)state;
    struct rfx_gap_queue queue = {0};
    rfx_gap_queue_clear(&queue);
    put(&queue, 5, "five");
    put(&queue, 6, "six");
    rfx_gap_queue_clear(&queue);
    expect_empty(&queue);
    put(&queue, 1, "one");
    expect_take(&queue, 1, "one");
}

static void test_queue_when_used_at_random_then_as_an_array(void **state)
{
    (void)state;
    struct rfx_gap_queue queue = {0};
    size_t sizes[200] = {0}; /* by number; 0: not held */
    char text[64];
    memset(text, 't', sizeof text);
    uint64_t seed = 11;
    for (int step = 0; step < 50000; step++) {
        uint64_t seq_num = random_below(&seed, 200);
        if (random_below(&seed, 8) > 0) {
            size_t size = 1 + random_below(&seed, sizeof text);
            assert_int_equal(rfx_gap_queue_put(&queue, seq_num, rfx_bytes_of(text, size), NO_LIMIT),
                             RFX_OK);
            sizes[seq_num] = sizes[seq_num] > 0 ? sizes[seq_num] : size;
        } else {
            struct rfx_gap_item *item = rfx_gap_queue_take(&queue, seq_num / 4);
            assert_int_equal(item == NULL ? 0 : item->size, sizes[seq_num / 4]);
            free(item);
            memset(sizes, 0, (seq_num / 4 + 1) * sizeof sizes[0]);
        }
        size_t bytes = 0;
        for (size_t i = 0; i < 200; i++) {
            bytes += sizes[i] > 0 ? sizes[i] + sizeof(struct rfx_gap_item) : 0;
        }
        assert_int_equal(queue.bytes, bytes);
    }
    rfx_gap_queue_clear(&queue);
    expect_empty(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue_when_put_in_any_order_then_taken_in_order),
        cmocka_unit_test(test_queue_when_a_number_comes_twice_then_the_first_is_kept),
        cmocka_unit_test(test_take_when_not_held_then_null_and_lower_ones_dropped),
        cmocka_unit_test(test_put_when_the_limit_is_reached_then_full_and_what_is_held_stays),
        cmocka_unit_test(test_clear_when_filled_then_empty_and_usable),
        cmocka_unit_test(test_queue_when_used_at_random_then_as_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
