/* TCP segments in any order, twice, overlapping: what comes out is the stream, each byte once. */
#include <stdlib.h>
#include <string.h>

#include "tests/support.h"
#include "tools/cat/flow.h"
#include "tools/cat/packet.h"

#define SIZE 5000

struct taken {
    char data[2 * SIZE];
    size_t size;
    uint64_t lost;
};

static void take(void *context, const char *data, size_t size, uint32_t lost)
{
    struct taken *taken = context;
    taken->lost += lost;
    assert_true(taken->size + size <= sizeof taken->data);
    if (size > 0) {
        memcpy(taken->data + taken->size, data, size);
        taken->size += size;
    }
}

static uint32_t random_below(unsigned *random, uint32_t limit)
{
    *random = *random * 1664525 + 1013904223;
    return (*random >> 8) % limit;
}

static void fill(char data[SIZE])
{
    for (size_t i = 0; i < SIZE; i++) {
        data[i] = (char)(i * 7919 >> 4);
    }
}

/* Segments of a window in any order, some of them twice and longer than they need be. */
static void test_segments_when_in_any_order_then_the_stream_comes_out(void **state)
{
    (void)state;
    static char data[SIZE];
    fill(data);
    for (unsigned seed = 1; seed < 300; seed++) {
        unsigned random = seed;
        static struct taken taken;
        struct flow flow;
        const uint32_t start = random_below(&random, 2) != 0 ? 0xfffffff0u - seed : seed;
        memset(&taken, 0, sizeof taken);
        flow_open(&flow, take, &taken);
        assert_true(flow_add(&flow, start - 1, true, NULL, 0));
        for (uint32_t window = 0; window < SIZE; window += 500) {
            uint32_t order[10];
            for (uint32_t i = 0; i < 10; i++) {
                const uint32_t other = random_below(&random, i + 1);
                order[i] = order[other];
                order[other] = i;
            }
            for (uint32_t i = 0; i < 10; i++) {
                const uint32_t at = window + order[i] * 50;
                const uint32_t before =
                    random_below(&random, 30) < at ? random_below(&random, 30) : 0;
                const uint32_t from = at >= before ? at - before : at;
                char *exact = malloc(at + 50 - from);
                memcpy(exact, data + from, at + 50 - from);
                assert_true(flow_add(&flow, start + from, false, exact, at + 50 - from));
                if (random_below(&random, 3) == 0) {
                    assert_true(flow_add(&flow, start + from, false, exact, at + 50 - from));
                }
                free(exact);
            }
        }
        flow_end(&flow);
        assert_int_equal(taken.lost, 0);
        assert_int_equal(taken.size, SIZE);
        assert_memory_equal(taken.data, data, SIZE);
    }
}

static void test_segment_when_it_is_missing_then_said_and_gone_on(void **state)
{
    (void)state;
    static struct taken taken;
    struct flow flow;
    memset(&taken, 0, sizeof taken);
    flow_open(&flow, take, &taken);
    assert_true(flow_add(&flow, 100, false, "abc", 3));
    assert_true(flow_add(&flow, 110, false, "xyz", 3));
    assert_int_equal(taken.size, 3);
    flow_end(&flow);
    assert_int_equal(taken.lost, 7);
    assert_memory_equal(taken.data, "abcxyz", 6);
    assert_true(flow_add(&flow, 1, true, "new", 3)); /* the ports are used again */
    assert_true(flow_add(&flow, 2, false, "new", 3));
    assert_memory_equal(taken.data + 6, "new", 3);
    assert_int_equal(taken.size, 9);
}

static void drop(void *context, const char *data, size_t size, uint32_t lost)
{
    (void)data;
    (void)lost;
    *(size_t *)context += size;
}

static void test_segments_when_the_missing_one_never_comes_then_memory_stays_bounded(void **state)
{
    (void)state;
    static char large[65000];
    struct flow flow;
    size_t taken = 0;
    flow_open(&flow, drop, &taken);
    assert_true(flow_add(&flow, 0, false, "a", 1));
    for (uint32_t i = 0; i < 100; i++) {
        assert_true(flow_add(&flow, 10 + i * 65001, false, large, sizeof large)); /* gaps between */
        assert_true(flow.held_size <= FLOW_HELD_MAX);
    }
    flow_end(&flow);
    assert_int_equal(taken, 1 + 100 * sizeof large);
}

/* Segments of one byte behind a gap: if each were looked for from the first, or cost no more than
 * its byte, this would take hours and gigabytes. */
static void test_segments_when_they_are_tiny_then_neither_time_nor_memory_goes(void **state)
{
    (void)state;
    for (int direction = -1; direction <= 1; direction += 2) {
        struct flow flow;
        size_t taken = 0;
        flow_open(&flow, drop, &taken);
        assert_true(flow_add(&flow, 0, false, "a", 1));
        for (uint32_t i = 0; i < 2000000; i++) {
            const uint32_t at = direction > 0 ? 10 + 2 * i : 10000000 - 2 * i;
            assert_true(flow_add(&flow, at, false, "x", 1));
            assert_true(flow.held_size <= FLOW_HELD_MAX);
        }
        assert_true(flow.held_size >= 1000 * FLOW_SEGMENT_COST);
        flow_end(&flow);
    }
}

static void test_packet_when_it_is_a_fragment_then_only_tcp_is_missed(void **state)
{
    (void)state;
    unsigned char ip4[60] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, [32] = 0x50};
    unsigned char ip6[80] = {0x60, [5] = 28, 44, 64, [40] = 6, [60] = 0x50};
    struct packet packet;
    assert_true(packet_read(101, ip4, sizeof ip4, &packet));
    assert_false(packet.is_fragment);
    ip4[6] = 0x40; /* must not be fragmented */
    assert_true(packet_read(101, ip4, sizeof ip4, &packet));
    assert_false(packet.is_fragment);
    ip4[6] = 0x20; /* more follow */
    assert_true(packet_read(101, ip4, sizeof ip4, &packet));
    assert_true(packet.is_fragment);
    ip4[9] = 17;
    assert_false(packet_read(101, ip4, sizeof ip4, &packet));

    assert_true(packet_read(101, ip6, sizeof ip6, &packet)); /* the header of one, and all of it */
    assert_false(packet.is_fragment);
    ip6[43] = 1;
    assert_true(packet_read(101, ip6, sizeof ip6, &packet));
    assert_true(packet.is_fragment);
    ip6[43] = 8;
    assert_true(packet_read(101, ip6, sizeof ip6, &packet));
    assert_true(packet.is_fragment);
    ip6[40] = 17;
    assert_false(packet_read(101, ip6, sizeof ip6, &packet));
}

static void test_packet_when_it_is_noise_then_it_is_none(void **state)
{
    (void)state;
    static const int links[] = {0, 1, 12, 101, 108, 113, 276};
    unsigned random = 7;
    for (int round = 0; round < 200000; round++) {
        const size_t size = random_below(&random, 120);
        unsigned char *data = malloc(size + 1);
        struct packet packet;
        char text[PACKET_TEXT_SIZE];
        for (size_t i = 0; i < size; i++) {
            static const unsigned char likely[] = {0x45, 0x60, 6,    0x08, 0x00,
                                                   0x86, 0xdd, 0x81, 0x50};
            data[i] = random_below(&random, 2) != 0 ? likely[random_below(&random, sizeof likely)]
                                                    : (unsigned char)random_below(&random, 256);
        }
        const int link = links[random_below(&random, sizeof links / sizeof links[0])];
        if (packet_read(link, data, size, &packet) && !packet.is_fragment) {
            assert_true((const unsigned char *)packet.data + packet.size <= data + size);
            packet_ends_text(packet.ends, text);
        }
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_when_in_any_order_then_the_stream_comes_out),
        cmocka_unit_test(test_segment_when_it_is_missing_then_said_and_gone_on),
        cmocka_unit_test(test_segments_when_the_missing_one_never_comes_then_memory_stays_bounded),
        cmocka_unit_test(test_segments_when_they_are_tiny_then_neither_time_nor_memory_goes),
        cmocka_unit_test(test_packet_when_it_is_a_fragment_then_only_tcp_is_missed),
        cmocka_unit_test(test_packet_when_it_is_noise_then_it_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
