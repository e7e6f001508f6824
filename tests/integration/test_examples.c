/* The example works as its comment says. */
#include <stdio.h>

#include "tests/integration/support_child.h"
#include "tests/integration/support_peer.h"

static void test_acceptor_when_orders_come_then_each_is_filled(void **state)
{
    char directory[256];
    char error_path[300];
    struct child child;
    struct peer peer;
    (void)state;
    make_temp_dir(directory);
    snprintf(error_path, sizeof error_path, "%s/acceptor.log", directory);
    char journal[300];
    snprintf(journal, sizeof journal, "%s/journal", directory);
    char *argv[] = {(char[]){RFX_EXAMPLE_ACCEPTOR}, journal, NULL};
    child_start(&child, argv, error_path);
    peer_init(&peer, "CUSTOMER");
    peer.identity.target_comp_id = "ACME";
    peer_logon(&peer, child.port);
    for (int i = 0; i < 10; i++) {
        char id[16];
        snprintf(id, sizeof id, "ORDER-%d", i);
        peer_trade(&peer, id);
        assert_true(peer_is(&peer, 39, "2")); /* OrdStatus: filled */
        assert_true(peer_is(&peer, 14, "100"));
        assert_true(peer_is(&peer, 49, "ACME"));
    }
    peer_logout(&peer);
    child_kill(&child);
    peer_free(&peer);
    remove_tree(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_acceptor_when_orders_come_then_each_is_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
