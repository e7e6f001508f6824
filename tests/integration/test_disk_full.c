/* A disk that fills up under load, on a small file system of its own: sending stops with a Logout,
 * nothing that was sent is lost, and when there is room again trading goes on in the same process.
 * Skipped, visibly, where a process may not mount. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/support_child.h"
#include "tests/integration/support_mount.h"
#include "tests/integration/support_trader.h"

#define TRADER_COUNT 4
#define WINDOW       16
#define DISK_SIZE    "24m"

struct rig {
    char directory[256];
    char disk[270];
    char config_path[300];
    char error_path[300];
    struct child child;
    struct trader traders[TRADER_COUNT];
};

static bool set_up(struct rig *rig, const char *lines)
{
    memset(rig, 0, sizeof *rig);
    make_temp_dir(rig->directory);
    snprintf(rig->disk, sizeof rig->disk, "%s/disk", rig->directory);
    snprintf(rig->config_path, sizeof rig->config_path, "%s/ringfixd.cfg", rig->directory);
    snprintf(rig->error_path, sizeof rig->error_path, "%s/ringfixd.log", rig->directory);
    assert_int_equal(mkdir(rig->disk, 0700), 0);
    if (!may_mount() || mount("tmpfs", rig->disk, "tmpfs", 0, "size=" DISK_SIZE) != 0) {
        print_message("SKIPPED: no right to mount a small file system: %s\n", strerror(errno));
        remove_tree(rig->directory);
        return false;
    }
    FILE *file = fopen(rig->config_path, "w");
    assert_non_null(file);
    fprintf(file,
            "[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\n"
            "SocketAcceptPort=0\nJournalPath=%s/journal\nIoThreads=1\nShards=1\n"
            "MaxSessions=100\nMaxMessageSize=4K\nLogoutTimeout=5\n%s"
            "[SESSION]\nBeginString=FIX.4.4\nSenderCompID=RINGFIX\nTargetCompID=*\n"
            "UseDataDictionary=N\nAcceptorTemplate=Y\n",
            rig->disk, lines);
    assert_int_equal(fclose(file), 0);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_open(&rig->traders[i], i);
    }
    char *argv[] = {(char[]){RFX_RINGFIXD}, (char[]){"--config"}, rig->config_path, NULL};
    child_start(&rig->child, argv, rig->error_path);
    return true;
}

static void tear_down(struct rig *rig)
{
    child_kill(&rig->child);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_close(&rig->traders[i]);
    }
    assert_int_equal(umount2(rig->disk, MNT_DETACH), 0);
    remove_tree(rig->directory);
}

static bool log_has(const struct rig *rig, const char *text)
{
    static char content[1 << 20];
    const int fd = open(rig->error_path, O_RDONLY);
    assert_true(fd >= 0);
    const ssize_t size = read(fd, content, sizeof content - 1);
    close(fd);
    content[size > 0 ? size : 0] = '\0';
    return strstr(content, text) != NULL;
}

/* Waits for something to be logged. */
static void await_log(const struct rig *rig, const char *text)
{
    const uint64_t deadline_ms = monotonic_ms() + PEER_WAIT_MS;
    while (!log_has(rig, text)) {
        if (monotonic_ms() > deadline_ms) {
            fail_msg("'%s' is not logged", text);
        }
        usleep(5000);
    }
}

/* Takes all that the file system still has. */
static void fill_disk(const struct rig *rig)
{
    static const char zeros[65536];
    char path[300];
    snprintf(path, sizeof path, "%s/ballast", rig->disk);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    for (size_t size = sizeof zeros; size >= 1;) {
        if (write(fd, zeros, size) <= 0) {
            assert_int_equal(errno, ENOSPC);
            size /= 2;
        }
    }
    close(fd);
}

static void free_disk(const struct rig *rig)
{
    char path[300];
    snprintf(path, sizeof path, "%s/ballast", rig->disk);
    assert_int_equal(unlink(path), 0);
}

static void log_on_all(struct rig *rig)
{
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        rig->traders[i].expects_logout = true;
        rig->traders[i].has_logout = false;
        trader_logon(&rig->traders[i], rig->child.port);
    }
}

/* Sends orders as fast as they are answered, each trader until its Logout or its share is done. */
static void trade(struct rig *rig, uint32_t orders)
{
    bool goes_on = true;
    while (goes_on) {
        goes_on = false;
        for (unsigned i = 0; i < TRADER_COUNT; i++) {
            struct trader *trader = &rig->traders[i];
            if (!trader->has_logout && trader->order_count < orders) {
                if (trader->order_count - trader->report_count < WINDOW) {
                    (void)trader_send_orders(trader, 1); /* the Logout may be on its way */
                }
                goes_on = true;
            }
            while (trader_turn(trader, 0) == PEER_MESSAGE) {
            }
        }
    }
}

static void expect_refused(struct rig *rig)
{
    struct peer peer;
    peer_init(&peer, "NEWCOMER");
    peer_connect(&peer, rig->child.port);
    assert_true(peer_send(&peer, "35=A|98=0|108=30"));
    peer_expect_end(&peer);
    peer_free(&peer);
}

static void run(const char *lines)
{
    static struct rig rig;
    if (!set_up(&rig, lines)) {
        skip();
        return;
    }
    log_on_all(&rig);
    trade(&rig, 200);
    fill_disk(&rig);
    trade(&rig, 60000);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        assert_true(rig.traders[i].has_logout);
        assert_true(rig.traders[i].order_count < 60000);
        (void)peer_send(&rig.traders[i].peer, "35=5");
        while (trader_turn(&rig.traders[i], PEER_WAIT_MS) == PEER_MESSAGE) {
        }
        peer_close(&rig.traders[i].peer);
    }
    await_log(&rig, "make room on its file system");
    await_log(&rig, "the journal has no room");
    expect_refused(&rig);
    free_disk(&rig);
    await_log(&rig, "sessions may log on");
    /* The same process goes on, and has everything. */
    log_on_all(&rig);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_verify(&rig.traders[i]);
    }
    const uint32_t before = rig.traders[0].order_count;
    trade(&rig, before + 100);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_await_reports(&rig.traders[i]);
    }
    tear_down(&rig);
}

static void test_disk_when_full_then_logged_out_and_later_goes_on(void **state)
{
    (void)state;
    run("JournalTailSize=8M\n");
}

static void test_disk_when_full_and_sync_then_logged_out_and_later_goes_on(void **state)
{
    (void)state;
    run("JournalTailSize=8M\nJournalDurability=sync\nThreadingMode=dedicated\n");
}

/* Killed while nothing could be stored: a restart needs room, says so, and then has everything. */
static void test_disk_when_full_and_killed_then_nothing_is_lost(void **state)
{
    static struct rig rig;
    (void)state;
    if (!set_up(&rig, "JournalTailSize=8M\n")) {
        skip();
        return;
    }
    log_on_all(&rig);
    trade(&rig, 200);
    fill_disk(&rig);
    trade(&rig, 2000);
    await_log(&rig, "make room on its file system");
    child_kill(&rig.child);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        while (trader_turn(&rig.traders[i], PEER_WAIT_MS) == PEER_MESSAGE) {
        }
        peer_close(&rig.traders[i].peer);
    }
    free_disk(&rig);
    char *argv[] = {(char[]){RFX_RINGFIXD}, (char[]){"--config"}, rig.config_path, NULL};
    child_start(&rig.child, argv, rig.error_path);
    log_on_all(&rig);
    for (unsigned i = 0; i < TRADER_COUNT; i++) {
        trader_verify(&rig.traders[i]);
    }
    tear_down(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_disk_when_full_then_logged_out_and_later_goes_on),
        cmocka_unit_test(test_disk_when_full_and_sync_then_logged_out_and_later_goes_on),
        cmocka_unit_test(test_disk_when_full_and_killed_then_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
