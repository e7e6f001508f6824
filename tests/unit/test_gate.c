/* Connections per address, against a count that is as simple as can be. */
#include <stdlib.h>
#include <string.h>

#include "io/gate.h"
#include "tests/support.h"

static void test_address_when_at_its_limit_then_refused_until_one_leaves(void **state)
{
    struct rfx_gate gate;
    (void)state;
    assert_int_equal(rfx_gate_open(&gate, 10, 2), RFX_OK);
    const uint32_t first = rfx_gate_enter(&gate, 7);
    assert_true(first != 0 && rfx_gate_enter(&gate, 7) != 0);
    assert_int_equal(rfx_gate_enter(&gate, 7), 0);
    assert_true(rfx_gate_enter(&gate, 8) != 0);
    rfx_gate_leave(&gate, first);
    assert_true(rfx_gate_enter(&gate, 7) != 0);
    assert_int_equal(rfx_gate_enter(&gate, 7), 0);
    rfx_gate_leave(&gate, 0);
    rfx_gate_close(&gate);
}

static void test_gate_when_there_is_no_limit_then_it_takes_no_memory(void **state)
{
    struct rfx_gate gate;
    (void)state;
    assert_int_equal(rfx_gate_open(&gate, 1000000, 0), RFX_OK);
    assert_null(gate.entries);
    rfx_gate_close(&gate);
}

static void test_gate_when_many_come_and_go_then_each_address_has_its_count(void **state)
{
    enum { CONNECTIONS = 200, NETWORKS = 40, LIMIT = 7, STEPS = 100000 };
    struct rfx_gate gate;
    struct {
        uint32_t ticket;
        uint64_t network;
    } open[CONNECTIONS] = {{0}};
    uint32_t counts[NETWORKS] = {0};
    uint64_t random = 1;
    (void)state;
    assert_int_equal(rfx_gate_open(&gate, CONNECTIONS, LIMIT), RFX_OK);
    for (int step = 0; step < STEPS; step++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const size_t slot = (random >> 33) % CONNECTIONS;
        const uint64_t network = (random >> 45) % NETWORKS;
        if (open[slot].ticket != 0) {
            rfx_gate_leave(&gate, open[slot].ticket);
            counts[open[slot].network]--;
            open[slot].ticket = 0;
            continue;
        }
        open[slot].ticket = rfx_gate_enter(&gate, network << 40);
        open[slot].network = network;
        assert_int_equal(open[slot].ticket != 0, counts[network] < LIMIT);
        counts[network] += open[slot].ticket != 0;
    }
    rfx_gate_close(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_when_at_its_limit_then_refused_until_one_leaves),
        cmocka_unit_test(test_gate_when_there_is_no_limit_then_it_takes_no_memory),
        cmocka_unit_test(test_gate_when_many_come_and_go_then_each_address_has_its_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
