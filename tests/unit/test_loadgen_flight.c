/* The load generator's orders in flight: every answer is the first, a second, or to nothing. */
#include "tests/support.h"

#include <string.h>

#include "bench/loadgen/flight.h"

static void send_orders(struct flight *flight, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        assert_true(flight_has_room(flight));
        uint64_t number = flight->next;
        flight_add(flight, 1000 + number);
    }
}

static void assert_first_answer(struct flight *flight, uint64_t number)
{
    uint64_t stamp = 0;
    assert_int_equal(flight_take(flight, number, &stamp), FLIGHT_FIRST_ANSWER);
    assert_int_equal(stamp, 1000 + number);
}

static void test_take_in_any_order_then_each_gives_its_stamp_once(void **state)
{
    struct flight flight;
    uint64_t stamp = 0;
    (void)state;
    flight_init(&flight);
    send_orders(&flight, 100); /* grows several times */
    for (uint64_t number = 100; number >= 1; number--) {
        assert_first_answer(&flight, number);
        assert_int_equal(flight_take(&flight, number, &stamp), FLIGHT_ANSWERED_BEFORE);
    }
    assert_int_equal(flight.outstanding, 0);
    assert_int_equal(flight.oldest, 101);
    flight_free(&flight);
}

static void test_take_again_long_after_then_answered_before(void **state)
{
    struct flight flight;
    uint64_t stamp = 0;
    (void)state;
    flight_init(&flight);
    for (uint64_t number = 1; number <= 1000; number++) {
        send_orders(&flight, 1);
        assert_first_answer(&flight, number);
    }
    assert_int_equal(flight_take(&flight, 1, &stamp), FLIGHT_ANSWERED_BEFORE);
    assert_int_equal(flight_take(&flight, 1000, &stamp), FLIGHT_ANSWERED_BEFORE);
    send_orders(&flight, 1); /* takes the place of an earlier one in the ring */
    assert_int_equal(flight_take(&flight, 1001 - flight.capacity, &stamp), FLIGHT_ANSWERED_BEFORE);
    assert_first_answer(&flight, 1001);
    flight_free(&flight);
}

static void test_take_what_was_not_sent_then_never_sent(void **state)
{
    struct flight flight;
    uint64_t stamp = 0;
    (void)state;
    flight_init(&flight);
    assert_int_equal(flight_take(&flight, 1, &stamp), FLIGHT_NEVER_SENT);
    send_orders(&flight, 3);
    assert_int_equal(flight_take(&flight, 0, &stamp), FLIGHT_NEVER_SENT);
    assert_int_equal(flight_take(&flight, 4, &stamp), FLIGHT_NEVER_SENT);
    assert_int_equal(flight_take(&flight, UINT64_MAX, &stamp), FLIGHT_NEVER_SENT);
    assert_int_equal(flight.outstanding, 3);
    flight_free(&flight);
}

static void test_room_when_the_oldest_is_unanswered_then_none_at_the_limit(void **state)
{
    struct flight flight;
    (void)state;
    flight_init(&flight);
    send_orders(&flight, FLIGHT_LIMIT);
    assert_false(flight_has_room(&flight));
    assert_first_answer(&flight, 2); /* behind the oldest: the window stays as long */
    assert_false(flight_has_room(&flight));
    assert_first_answer(&flight, 1);
    assert_true(flight_has_room(&flight));
    send_orders(&flight, 2);
    assert_false(flight_has_room(&flight));
    assert_first_answer(&flight, FLIGHT_LIMIT + 2);
    flight_free(&flight);
}

static struct rfx_bytes bytes_of(const char *text)
{
    return (struct rfx_bytes){.data = text, .size = strlen(text)};
}

static void test_order_id_written_then_read_back(void **state)
{
    static const uint64_t numbers[] = {0, 1, 9, 10, 0x1234abcd, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char id[ORDER_ID_SIZE];
        uint32_t session = 0;
        uint64_t number = 0;
        order_id_write(id, (uint32_t)numbers[i], numbers[i]);
        assert_true(order_id_read(bytes_of(id), &session, &number));
        assert_int_equal(session, (uint32_t)numbers[i]);
        assert_true(number == numbers[i]);
    }
    char id[ORDER_ID_SIZE];
    order_id_write(id, 31, 1000);
    assert_string_equal(id, "1f-3e8");
}

static void test_order_id_of_another_spelling_then_refused(void **state)
{
    static const char *const texts[] = {
        "",     "-",     "1",    "1-",  "-1",   "1-1 ",        "01-1",
        "1-01", "1-1f-", "1-1F", "A-1", "1--1", "100000000-1", "1-10000000000000000",
    };
    uint32_t session;
    uint64_t number;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (order_id_read(bytes_of(texts[i]), &session, &number)) {
            fail_msg("'%s' was taken for an order", texts[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_in_any_order_then_each_gives_its_stamp_once),
        cmocka_unit_test(test_take_again_long_after_then_answered_before),
        cmocka_unit_test(test_take_what_was_not_sent_then_never_sent),
        cmocka_unit_test(test_room_when_the_oldest_is_unanswered_then_none_at_the_limit),
        cmocka_unit_test(test_order_id_written_then_read_back),
        cmocka_unit_test(test_order_id_of_another_spelling_then_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
