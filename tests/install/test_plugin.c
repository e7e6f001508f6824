/* The example plug-in trades in ringfixd, and is closed after the server. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/support_child.h"
#include "tests/integration/support_peer.h"

#define ORDERS 10

struct rig {
    char directory[256];
    char config_path[300];
    char log_path[300];
};

static void set_up(struct rig *rig)
{
    make_temp_dir(rig->directory);
    snprintf(rig->config_path, sizeof rig->config_path, "%s/ringfixd.cfg", rig->directory);
    snprintf(rig->log_path, sizeof rig->log_path, "%s/ringfixd.log", rig->directory);
    FILE *file = fopen(rig->config_path, "w");
    assert_non_null(file);
    fprintf(file,
            "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\n"
            "SocketAcceptPort=0\nJournalPath=%s/journal\n"
            "[SESSION]\nBeginString=FIX.4.4\nSenderCompID=RINGFIX\nTargetCompID=*\n"
            "AcceptorTemplate=Y\n",
            rig->directory);
    assert_int_equal(fclose(file), 0);
}

static bool log_has(const struct rig *rig, const char *part)
{
    char line[1024];
    bool is_there = false;
    FILE *file = fopen(rig->log_path, "r");
    assert_non_null(file);
    while (!is_there && fgets(line, sizeof line, file) != NULL) {
        is_there = strstr(line, part) != NULL;
    }
    fclose(file);
    return is_there;
}

static void test_plugin_when_orders_come_then_it_answers_and_is_closed_in_the_end(void **state)
{
    (void)state;
    struct rig rig;
    struct child child;
    struct peer peer;
    set_up(&rig);
    char *argv[] = {(char[]){RFX_RINGFIXD},
                    (char[]){"--config"},
                    rig.config_path,
                    (char[]){"--app"},
                    (char[]){RFX_EXAMPLE_PLUGIN},
                    (char[]){"--app-args"},
                    (char[]){"closed today"},
                    NULL};
    child_start(&child, argv, rig.log_path);
    peer_init(&peer, "CUSTOMER");
    peer_logon(&peer, child.port);
    for (int i = 0; i < ORDERS; i++) {
        char id[16];
        snprintf(id, sizeof id, "ORDER-%d", i);
        peer_trade(&peer, id);
        assert_true(peer_is(&peer, 39, "8")); /* OrdStatus: rejected */
        assert_true(peer_is(&peer, 58, "closed today"));
    }
    peer_logout(&peer);
    int status = -1;
    assert_int_equal(kill(child.pid, SIGTERM), 0);
    assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(log_has(&rig, "10 orders refused"));
    assert_true(log_has(&rig, "ACTIVE")); /* ringfixd's own log */
    close(child.output);
    peer_free(&peer);
    remove_tree(rig.directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plugin_when_orders_come_then_it_answers_and_is_closed_in_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
