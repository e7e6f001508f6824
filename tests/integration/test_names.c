/* The host of an initiator is a name, and what it stands for changes while the server runs. The
 * test has a host table of its own, which needs the right to mount. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/integration/support_mount.h"
#include "tests/integration/support_peer.h"
#include "tests/integration/support_server.h"

#define DEAF_FDS 8

struct rig {
    struct host seller;
    struct host buyer;
    char directory[256];
    char hosts[300];
    uint16_t port; /* of the seller, which nobody else gets */
    int reserved;
    _Atomic int logons;
    pthread_mutex_t mutex;
    char log[1 << 16]; /* of the buyer */
};

static struct rig *current;

static void on_log(void *context, enum rfx_log_level level, const char *session, const char *text)
{
    (void)context;
    (void)level;
    (void)session;
    pthread_mutex_lock(&current->mutex);
    const size_t size = strlen(current->log);
    snprintf(current->log + size, sizeof current->log - size, "%s\n", text);
    pthread_mutex_unlock(&current->mutex);
}

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    (void)context;
    (void)session;
    (void)is_healthy;
    current->logons++;
}

static void expect_log(struct rig *rig, const char *text)
{
    const uint64_t deadline_ms = monotonic_ms() + 30000;
    for (bool is_there = false; !is_there;) {
        pthread_mutex_lock(&rig->mutex);
        is_there = strstr(rig->log, text) != NULL;
        pthread_mutex_unlock(&rig->mutex);
        if (!is_there && monotonic_ms() > deadline_ms) {
            fail_msg("never \"%s\" in the log:\n%s", text, rig->log);
        }
        usleep(10000);
    }
}

static void forget_log(struct rig *rig)
{
    pthread_mutex_lock(&rig->mutex);
    rig->log[0] = '\0';
    pthread_mutex_unlock(&rig->mutex);
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static bool replace(const struct rig *rig, const char *name, const char *path, const char *text)
{
    char own[300];
    snprintf(own, sizeof own, "%s/%s", rig->directory, name);
    put_file(own, text);
    return mount(own, path, NULL, MS_BIND, NULL) == 0;
}

static bool may_name(struct rig *rig)
{
    snprintf(rig->hosts, sizeof rig->hosts, "%s/hosts", rig->directory);
    return may_mount() && replace(rig, "hosts", "/etc/hosts", "127.0.0.1 localhost\n") &&
           replace(rig, "nsswitch", "/etc/nsswitch.conf", "hosts: files\n");
}

static struct rig *set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    make_temp_dir(rig->directory);
    if (!may_name(rig)) {
        print_message("SKIPPED: no right to mount a host table\n");
        remove_tree(rig->directory);
        free(rig);
        return NULL;
    }
    pthread_mutex_init(&rig->mutex, NULL);
    host_init(&rig->seller, RFX_THREADING_SHARED, 1, 1);
    host_init(&rig->buyer, RFX_THREADING_DEDICATED, 1, 1);
    rig->buyer.config.idle_strategy = RFX_IDLE_PARK; /* nothing else wakes it */
    rig->buyer.app.on_log = on_log;
    rig->buyer.app.on_logon = on_logon;
    struct rfx_session_config *session = &rig->buyer.sessions[0];
    rig->buyer.config.session_count = 1;
    session->role = RFX_ROLE_INITIATOR;
    session->acceptor_template = false;
    session->reconnect_interval_s = 1;
    snprintf(session->sender_comp_id, sizeof session->sender_comp_id, "BUYER");
    snprintf(session->target_comp_id, sizeof session->target_comp_id, "RINGFIX");
    session->hosts[0].name = "venue.example";
    rig->reserved = reserve_port(&rig->port);
    rig->seller.config.accept_port = rig->port;
    session->hosts[0].port = rig->port;
    current = rig;
    *state = rig;
    return rig;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    if (rig != NULL) {
        host_free(&rig->buyer);
        host_free(&rig->seller);
        close(rig->reserved);
        assert_int_equal(umount("/etc/nsswitch.conf"), 0);
        assert_int_equal(umount("/etc/hosts"), 0);
        remove_tree(rig->directory);
        free(rig);
    }
    return 0;
}

/* The system has its own order of them. */
static void name_addresses(char texts[2][INET_ADDRSTRLEN])
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET};
    struct addrinfo *found = NULL;
    assert_int_equal(getaddrinfo("venue.example", NULL, &hints, &found), 0);
    assert_non_null(found->ai_next);
    assert_null(found->ai_next->ai_next);
    const struct addrinfo *item = found;
    for (int i = 0; i < 2; i++, item = item->ai_next) {
        const struct sockaddr_in *address = (const void *)item->ai_addr;
        assert_non_null(inet_ntop(AF_INET, &address->sin_addr, texts[i], INET_ADDRSTRLEN));
    }
    freeaddrinfo(found);
}

static void start_seller(struct rig *rig, const char *address)
{
    snprintf(rig->seller.config.accept_host, sizeof rig->seller.config.accept_host, "%s", address);
    host_start(&rig->seller);
}

static void await_logon(struct rig *rig)
{
    const uint64_t deadline_ms = monotonic_ms() + 30000;
    while (rig->logons == 0 && monotonic_ms() < deadline_ms) {
        usleep(10000);
    }
    assert_int_equal(rig->logons--, 1);
}

/* Unknown at first, then with two addresses of which the first leads nowhere, then moved. */
static void test_host_when_its_addresses_change_then_session_follows(void **state)
{
    struct rig *rig = set_up(state);
    char both[2][INET_ADDRSTRLEN];
    char text[200];
    if (rig == NULL) {
        skip();
        return;
    }
    host_start(&rig->buyer);
    snprintf(text, sizeof text, "connect to venue.example:%u: Name or service not known",
             rig->port);
    expect_log(rig, text);

    put_file(rig->hosts, "127.0.0.9 venue.example\n127.0.0.8 venue.example\n");
    name_addresses(both);
    start_seller(rig, both[1]);
    await_logon(rig);
    snprintf(text, sizeof text,
             "connect to venue.example at %s:%u: Connection refused; its next address is tried",
             both[0], rig->port);
    expect_log(rig, text);

    forget_log(rig);
    put_file(rig->hosts, "127.0.0.2 venue.example\n");
    host_stop(&rig->seller);
    snprintf(text, sizeof text, "disconnected from %s:%u", both[1], rig->port);
    expect_log(rig, text);
    snprintf(text, sizeof text, "connect to venue.example at 127.0.0.2:%u: Connection refused",
             rig->port);
    expect_log(rig, text);
    start_seller(rig, "127.0.0.2");
    await_logon(rig);
    host_stop(&rig->buyer);
    snprintf(text, sizeof text, "disconnected from 127.0.0.2:%u", rig->port);
    expect_log(rig, text);
}

/* A listener with a queue that is full: the kernel drops whoever wants to connect. */
static void be_deaf(const char *host, uint16_t port, int fds[DEAF_FDS])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    const int on = 1;
    assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
    for (int i = 0; i < DEAF_FDS; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_true(fds[i] >= 0);
        if (i > 0) {
            (void)connect(fds[i], (const struct sockaddr *)&address, sizeof address);
            continue;
        }
        setsockopt(fds[i], SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        assert_int_equal(bind(fds[i], (const struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(fds[i], 0), 0);
    }
}

static void test_host_when_an_address_does_not_answer_then_the_next_is_tried(void **state)
{
    struct rig *rig = set_up(state);
    char both[2][INET_ADDRSTRLEN];
    char text[200];
    int fds[DEAF_FDS];
    if (rig == NULL) {
        skip();
        return;
    }
    put_file(rig->hosts, "127.0.0.9 venue.example\n127.0.0.8 venue.example\n");
    name_addresses(both);
    be_deaf(both[0], rig->port, fds);
    start_seller(rig, both[1]);
    host_start(&rig->buyer);
    await_logon(rig);
    snprintf(text, sizeof text,
             "connect to venue.example at %s:%u: Connection timed out; its next address is tried",
             both[0], rig->port);
    expect_log(rig, text);
    for (int i = 0; i < DEAF_FDS; i++) {
        close(fds[i]);
    }
}

/* Who asks for a name that is not known yet stops at once. */
static void test_server_when_it_stops_while_a_host_is_unknown_then_it_does(void **state)
{
    struct rig *rig = set_up(state);
    if (rig == NULL) {
        skip();
        return;
    }
    host_start(&rig->buyer);
    host_stop(&rig->buyer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_host_when_its_addresses_change_then_session_follows,
                                  tear_down),
        cmocka_unit_test_teardown(test_host_when_an_address_does_not_answer_then_the_next_is_tried,
                                  tear_down),
        cmocka_unit_test_teardown(test_server_when_it_stops_while_a_host_is_unknown_then_it_does,
                                  tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
