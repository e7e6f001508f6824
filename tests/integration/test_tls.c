/* TLS and plain sessions in one server: who gets in, who does not and what the log says, and that
 * the others trade on. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <ringfix/admin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/integration/support_peer.h"
#include "tests/integration/support_server.h"
#include "tests/support_certificates.h"

#define LOG_SIZE 65536

struct rig {
    struct host host;
    struct certificate_set set;
    SSL_CTX *stranger; /* a client without a certificate */
    SSL_CTX *client;   /* with one for CLIENT */
    uint16_t tls_port;
    pthread_mutex_t mutex; /* over what the shards write */
    char log[LOG_SIZE];
    size_t log_size;
    _Atomic bool is_logged_on;
    char authenticated[128]; /* certificate name at the last Logon */
};

/* One rig at a time; the host's context is taken. */
static struct rig *current;

static void on_log(void *context, enum rfx_log_level level, const char *session, const char *text)
{
    (void)context;
    (void)level;
    (void)session;
    struct rig *rig = current;
    pthread_mutex_lock(&rig->mutex);
    const int size = snprintf(rig->log + rig->log_size, LOG_SIZE - rig->log_size, "%s\n", text);
    if (rig->log_size + (size_t)size < LOG_SIZE) {
        rig->log_size += (size_t)size;
    }
    pthread_mutex_unlock(&rig->mutex);
}

static enum rfx_verdict on_authenticate(void *context, struct rfx_session *session,
                                        const struct rfx_message *logon,
                                        const struct rfx_logon_ticket *ticket,
                                        char text[RFX_REFUSAL_MAX])
{
    (void)context;
    (void)logon;
    (void)ticket;
    (void)text;
    pthread_mutex_lock(&current->mutex);
    snprintf(current->authenticated, sizeof current->authenticated, "%s",
             rfx_session_certificate_name(session));
    pthread_mutex_unlock(&current->mutex);
    return RFX_ACCEPT;
}

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    (void)context;
    (void)session;
    current->is_logged_on = is_healthy;
}

static void expect_flag(const _Atomic bool *flag)
{
    for (int i = 0; i < 400 && !*flag; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    assert_true(*flag);
}

static SSL_CTX *make_client(const char *certificate, const char *key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    assert_non_null(context);
    if (certificate != NULL) {
        assert_int_equal(SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM), 1);
    }
    return context;
}

/* Session 0: a plain template; session 1: TLS, a template too. */
static struct rig *set_up(void **state, enum rfx_threading_mode mode)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    pthread_mutex_init(&rig->mutex, NULL);
    certificate_set_make(&rig->set);
    host_init(&rig->host, mode, 1, 1);
    rig->stranger = make_client(NULL, NULL);
    rig->client = make_client(rig->set.client_file, rig->set.client_key_file);
    struct rfx_session_config *secure = &rig->host.sessions[1];
    snprintf(secure->sender_comp_id, sizeof secure->sender_comp_id, "SECURE");
    snprintf(secure->begin_string, sizeof secure->begin_string, "FIX.4.4");
    secure->use_ssl = true;
    struct rfx_tls_config *tls = &rig->host.config.tls;
    tls->server_certificate_file = rig->set.server_file;
    tls->server_certificate_key_file = rig->set.server_key_file;
    tls->certification_authorities_file = rig->set.ca_file;
    tls->use_kernel = getenv("RFX_TEST_KTLS") != NULL;
    rig->host.app.on_log = on_log;
    rig->host.app.on_authenticate = on_authenticate;
    current = rig;
    *state = rig;
    return rig;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    host_free(&rig->host);
    SSL_CTX_free(rig->stranger);
    SSL_CTX_free(rig->client);
    certificate_set_free(&rig->set);
    free(rig);
    return 0;
}

static void start(struct rig *rig)
{
    bool use_ssl = false;
    host_start(&rig->host);
    assert_int_equal(rfx_server_port_at(rig->host.server, 0, &use_ssl), rig->host.port);
    assert_false(use_ssl);
    rig->tls_port = rfx_server_port_at(rig->host.server, 1, &use_ssl);
    assert_true(use_ssl);
    assert_int_not_equal(rig->tls_port, 0);
    assert_int_equal(rfx_server_port_at(rig->host.server, 2, NULL), 0);
}

static void expect_log(struct rig *rig, const char *text)
{
    for (int i = 0; i < 400; i++) {
        pthread_mutex_lock(&rig->mutex);
        const bool is_there = strstr(rig->log, text) != NULL;
        pthread_mutex_unlock(&rig->mutex);
        if (is_there) {
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    fail_msg("never \"%s\" in the log:\n%s", text, rig->log);
}

static void expect_authenticated(struct rig *rig, const char *name)
{
    pthread_mutex_lock(&rig->mutex);
    const bool is_same = strcmp(rig->authenticated, name) == 0;
    pthread_mutex_unlock(&rig->mutex);
    assert_true(is_same);
}

static uint64_t ended(struct rig *rig, enum rfx_disconnect_reason reason)
{
    return rfx_server_disconnects(rig->host.server, reason);
}

static void peer_init_secure(struct peer *peer, const char *name)
{
    peer_init(peer, name);
    peer->identity.target_comp_id = "SECURE";
}

static void logon_secure(struct rig *rig, struct peer *peer, SSL_CTX *context)
{
    peer_connect(peer, rig->tls_port);
    if (!peer_secure(peer, context)) {
        fail_msg("TLS: %s", ERR_reason_error_string(ERR_peek_error()));
    }
    assert_true(peer_send(peer, "35=A|98=0|108=30"));
    peer_expect(peer, "A");
}

/* The first words get no answer, or the handshake does not end. */
static void expect_no_way(struct peer *peer, uint16_t port, SSL_CTX *context)
{
    peer_connect(peer, port);
    if (context == NULL || peer_secure(peer, context)) {
        peer->identity.seq_num = 1;
        (void)peer_send(peer, "35=A|98=0|108=30");
        peer_expect_end(peer);
    }
    peer_close(peer);
    ERR_clear_error();
}

/* --------------------------------------------------------------------------------- trading */

static void trade_side_by_side(void **state, enum rfx_threading_mode mode)
{
    struct rig *rig = set_up(state, mode);
    struct peer plain;
    struct peer secure;
    char id[32];
    start(rig);
    peer_init(&plain, "PLAIN");
    peer_init_secure(&secure, "CLIENT");
    peer_logon(&plain, rig->host.port);
    logon_secure(rig, &secure, rig->stranger);
    expect_authenticated(rig, "");
    for (int burst = 1; burst <= 200; burst *= 3) {
        for (int i = 0; i < burst; i++) {
            snprintf(id, sizeof id, "%d-%d", burst, i);
            assert_true(peer_send_order(&secure, id));
            assert_true(peer_send_order(&plain, id));
        }
        for (int i = 0; i < burst; i++) {
            snprintf(id, sizeof id, "%d-%d", burst, i);
            peer_expect_report(&secure, id);
            peer_expect_report(&plain, id);
        }
    }
    assert_true(peer_send(&secure, "35=5"));
    peer_expect(&secure, "5");
    assert_int_equal(SSL_read(secure.ssl, id, 1), 0); /* a goodbye, not a cut */
    assert_int_equal(SSL_get_shutdown(secure.ssl), SSL_RECEIVED_SHUTDOWN);
    peer_close(&secure);
    peer_trade(&plain, "LAST");
    assert_int_equal(host_await_end(&rig->host, "CLIENT").reason, RFX_REASON_LOGOUT_RECEIVED);
    logon_secure(rig, &secure, rig->stranger); /* numbers go on */
    peer_trade(&secure, "AGAIN");
    peer_free(&plain);
    peer_free(&secure);
}

static void test_sessions_when_plain_and_tls_in_one_worker_then_both_trade(void **state)
{
    trade_side_by_side(state, RFX_THREADING_SHARED);
}

static void test_sessions_when_plain_and_tls_in_workers_of_their_own_then_both_trade(void **state)
{
    trade_side_by_side(state, RFX_THREADING_DEDICATED);
}

static void test_message_when_larger_than_records_and_buffers_then_whole(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct peer peer;
    static char order[50000];
    start(rig);
    peer_init_secure(&peer, "CLIENT");
    logon_secure(rig, &peer, rig->stranger);
    const int used = snprintf(order, sizeof order, "35=D|11=LARGE|58=");
    memset(order + used, 'x', sizeof order - (size_t)used - 1);
    for (int i = 0; i < 5; i++) {
        assert_true(peer_send(&peer, order));
    }
    for (int i = 0; i < 5; i++) {
        peer_expect_report(&peer, "LARGE");
    }
    peer_free(&peer);
}

static void test_logons_when_many_shake_hands_at_once_then_all_get_in(void **state)
{
    enum { COUNT = 40 };
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct peer peers[COUNT];
    char names[COUNT][8];
    struct peer plain;
    start(rig);
    peer_init(&plain, "PLAIN");
    peer_logon(&plain, rig->host.port);
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "C%d", i);
        peer_init_secure(&peers[i], names[i]);
        peer_connect(&peers[i], rig->tls_port);
        peers[i].ssl = SSL_new(rig->stranger);
        SSL_set_fd(peers[i].ssl, peers[i].fd);
    }
    for (int i = 0; i < COUNT; i++) { /* all hellos are there before one is answered to its end */
        const int flags = fcntl(peers[i].fd, F_GETFL);
        fcntl(peers[i].fd, F_SETFL, flags | O_NONBLOCK);
        (void)SSL_connect(peers[i].ssl);
        fcntl(peers[i].fd, F_SETFL, flags);
        ERR_clear_error();
    }
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(SSL_connect(peers[i].ssl), 1);
        assert_true(peer_send(&peers[i], "35=A|98=0|108=30"));
    }
    peer_trade(&plain, "MEANWHILE");
    for (int i = 0; i < COUNT; i++) {
        peer_expect(&peers[i], "A");
        peer_trade(&peers[i], "A");
        peer_free(&peers[i]);
    }
    peer_free(&plain);
}

/* More of them than a loop has receive buffers. */
static void test_trading_when_a_crowd_waits_in_its_handshakes_then_it_goes_on(void **state)
{
    enum { COUNT = 1200 };
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max; /* both ends are here */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    static int crowd[COUNT];
    char hello[4096];
    struct peer plain;
    size_t unanswered = 0;
    SSL *ssl = SSL_new(rig->stranger);
    BIO *out = BIO_new(BIO_s_mem());
    start(rig);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    assert_int_equal(SSL_connect(ssl), -1);
    const int size = BIO_read(out, hello, sizeof hello);
    SSL_free(ssl);
    assert_true(size > 0);
    for (int i = 0; i < COUNT; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(rig->tls_port),
                                      .sin_addr = {htonl(INADDR_LOOPBACK)}};
        crowd[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(crowd[i], (struct sockaddr *)&address, sizeof address), 0);
    }
    peer_init(&plain, "PLAIN");
    peer_logon(&plain, rig->host.port);
    peer_trade(&plain, "BEFORE");
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(send(crowd[i], hello, (size_t)size, 0), size);
    }
    for (int i = 0; i < 10; i++) {
        peer_trade(&plain, "MEANWHILE");
    }
    for (int i = 0; i < COUNT; i++) {
        unanswered += recv(crowd[i], hello, 1, MSG_DONTWAIT) < 0;
        close(crowd[i]);
    }
    assert_true(unanswered > COUNT / 2); /* it has not waited for them */
    peer_free(&plain);
}

static void test_reader_when_it_does_not_then_disconnected(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct peer peer;
    rig->host.config.send_queue_size = 128 << 10;
    start(rig);
    peer_init_secure(&peer, "CLIENT");
    logon_secure(rig, &peer, rig->stranger);
    bool is_open = true;
    for (int i = 0; i < 200000 && is_open; i++) {
        is_open = peer_send_order(&peer, "X");
    }
    peer_close(&peer);
    ERR_clear_error();
    assert_int_equal(host_await_end(&rig->host, "CLIENT").reason, RFX_REASON_SLOW_CONSUMER);
    peer_free(&peer);
}

/* ---------------------------------------------------------------------------- who gets in */

static void test_port_when_it_is_the_other_kind_then_refused(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct peer plain;
    struct peer secure;
    struct peer trader;
    start(rig);
    peer_init(&trader, "TRADER");
    peer_logon(&trader, rig->host.port);
    peer_init(&plain, "PLAIN");
    peer_init_secure(&secure, "CLIENT");
    expect_no_way(&secure, rig->host.port, NULL); /* its session wants TLS */
    expect_log(rig, "refused: the session has another port, or TLS");
    assert_int_equal(ended(rig, RFX_REASON_LISTENER), 1);
    expect_no_way(&plain, rig->tls_port, rig->stranger); /* and this one does not */
    assert_int_equal(ended(rig, RFX_REASON_LISTENER), 2);
    expect_no_way(&plain, rig->tls_port, NULL);
    expect_log(rig, "TLS: it does not speak TLS");
    assert_int_equal(ended(rig, RFX_REASON_TLS), 1);
    expect_no_way(&secure, rig->host.port, rig->stranger);
    expect_log(rig, "speaks TLS, and the port is a plain one");
    peer_trade(&trader, "A");
    peer_free(&plain);
    peer_free(&secure);
    peer_free(&trader);
}

static SSL_CTX *client_of(struct rig *rig, const char *name, const struct certificate_wish *wish)
{
    char key[300];
    const char *file = certificate_set_add(&rig->set, name, wish);
    snprintf(key, sizeof key, "%s/%s.key", rig->set.directory, name);
    return make_client(file, key);
}

static void
test_client_when_its_certificate_is_not_right_then_refused_and_others_trade(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct peer trader;
    struct peer client;
    struct certificate other =
        certificate_make(&(struct certificate_wish){.common_name = "Other authority"});
    rig->host.config.tls.verify_client = true;
    rig->host.sessions[1].certificate_name = "nobody, client";
    start(rig);
    peer_init(&trader, "TRADER");
    peer_logon(&trader, rig->host.port);
    peer_init_secure(&client, "CLIENT");
    expect_no_way(&client, rig->tls_port, rig->stranger);
    expect_log(rig, "TLS: peer did not return a certificate");
    peer_trade(&trader, "A");

    SSL_CTX *expired = client_of(
        rig, "expired",
        &(struct certificate_wish){.common_name = "CLIENT", .begins_s = -200, .ends_s = -100});
    expect_no_way(&client, rig->tls_port, expired);
    expect_log(rig, "TLS: its certificate /CN=CLIENT is not taken: certificate has expired");
    SSL_CTX_free(expired);
    SSL_CTX *foreign = client_of(
        rig, "foreign", &(struct certificate_wish){.common_name = "FOREIGN", .ca = &other});
    expect_no_way(&client, rig->tls_port, foreign);
    expect_log(rig, "TLS: its certificate /CN=FOREIGN is not taken: unable to get local issuer");
    SSL_CTX_free(foreign);
    assert_int_equal(ended(rig, RFX_REASON_TLS), 3);
    peer_trade(&trader, "B");

    SSL_CTX *another =
        client_of(rig, "another", &(struct certificate_wish){.common_name = "OTHER"});
    expect_no_way(&client, rig->tls_port, another);
    expect_log(rig, "its certificate is for \"OTHER\", not for CertificateName=nobody, client");
    assert_int_equal(ended(rig, RFX_REASON_CERTIFICATE), 1);
    SSL_CTX_free(another);

    client.identity.seq_num = 1; /* none of them had any effect */
    logon_secure(rig, &client, rig->client);
    expect_authenticated(rig, "CLIENT");
    peer_trade(&client, "C");
    peer_trade(&trader, "C");
    peer_free(&trader);
    peer_free(&client);
    certificate_free(&other);
}

static void test_stranger_when_it_is_silent_or_gone_in_the_handshake_then_closed(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct peer peer;
    static const char hello[] = "\x16\x03\x01\x02\x00\x01";
    rig->host.sessions[0].logon_timeout_s = 1;
    rig->host.sessions[1].logon_timeout_s = 1;
    start(rig);
    peer_init_secure(&peer, "CLIENT");
    peer_connect(&peer, rig->tls_port);
    assert_true(peer_send_bytes(&peer, hello, sizeof hello - 1)); /* and no more */
    peer_expect_end(&peer);
    assert_int_equal(ended(rig, RFX_REASON_LOGON_TIMEOUT), 1);
    for (int i = 0; i < 20; i++) {
        peer_connect(&peer, rig->tls_port);
        assert_true(peer_send_bytes(&peer, hello, sizeof hello - 1));
        peer_cut(&peer);
    }
    logon_secure(rig, &peer, rig->stranger);
    peer_trade(&peer, "A");
    peer_free(&peer);
}

static void test_proxy_when_in_front_of_tls_then_its_header_comes_first(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct peer peer;
    static const char header[] =
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x07\x0a\x00\x00\x01"
        "\x13\x89\x01\x01";
    rig->host.config.use_tcp_proxy = true;
    rig->host.sessions[1].allowed_addresses = "192.0.2.0/24";
    start(rig);
    peer_init_secure(&peer, "CLIENT");
    peer_connect(&peer, rig->tls_port);
    assert_true(peer_send_bytes(&peer, header, sizeof header - 1));
    assert_true(peer_secure(&peer, rig->stranger));
    assert_true(peer_send(&peer, "35=A|98=0|108=30"));
    peer_expect(&peer, "A");
    peer_trade(&peer, "A");
    peer_logout(&peer);

    /* Both in one go. */
    char bytes[4096];
    memcpy(bytes, header, sizeof header - 1);
    peer_connect(&peer, rig->tls_port);
    peer.ssl = SSL_new(rig->stranger);
    BIO *hello = BIO_new(BIO_s_mem());
    SSL_set_bio(peer.ssl, BIO_new(BIO_s_mem()), hello);
    (void)SSL_connect(peer.ssl);
    const int size = BIO_read(hello, bytes + sizeof header - 1, sizeof bytes - sizeof header);
    SSL *ssl = peer.ssl;
    peer.ssl = NULL;
    assert_true(peer_send_bytes(&peer, bytes, sizeof header - 1 + (size_t)size));
    peer.ssl = ssl;
    SSL_set_fd(ssl, peer.fd);
    assert_int_equal(SSL_connect(ssl), 1);
    ERR_clear_error();
    assert_true(peer_send(&peer, "35=A|98=0|108=30"));
    peer_expect(&peer, "A");
    peer_free(&peer);
}

/* -------------------------------------------------------------------------------- initiator */

static uint16_t start_acceptor(struct rig *rig)
{
    start(rig);
    return rig->tls_port;
}

static void init_dialler(struct rig *rig, struct host *dialler, const char *host, uint16_t port)
{
    host_init(dialler, RFX_THREADING_SHARED, 1, 1);
    struct rfx_session_config *session = &dialler->sessions[0];
    dialler->config.session_count = 1;
    dialler->config.tls = rig->host.config.tls;
    dialler->app.on_log = on_log;
    session->role = RFX_ROLE_INITIATOR;
    session->acceptor_template = false;
    session->use_ssl = true;
    session->reconnect_interval_s = 1;
    snprintf(session->sender_comp_id, sizeof session->sender_comp_id, "CLIENT");
    snprintf(session->target_comp_id, sizeof session->target_comp_id, "SECURE");
    session->hosts[0] = (struct rfx_host){.name = host, .port = port};
}

static void test_initiator_when_names_and_certificates_fit_then_logged_on(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct host dialler;
    rig->host.config.tls.verify_client = true;
    rig->host.sessions[1].certificate_name = "CLIENT";
    const uint16_t port = start_acceptor(rig);
    init_dialler(rig, &dialler, "localhost", port);
    dialler.config.tls.client_certificate_file = rig->set.client_file;
    dialler.config.tls.client_certificate_key_file = rig->set.client_key_file;
    dialler.app.on_logon = on_logon;
    host_start(&dialler);
    expect_flag(&rig->is_logged_on);
    expect_authenticated(rig, "CLIENT");
    host_stop(&dialler);
    host_free(&dialler);
}

static void test_initiator_when_the_name_is_another_then_it_says_so(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct host dialler;
    const uint16_t port = start_acceptor(rig);
    init_dialler(rig, &dialler, "127.0.0.1", port);
    dialler.sessions[0].certificate_name = "else.example";
    host_start(&dialler);
    expect_log(rig, "TLS: its certificate /CN=server is not taken: hostname mismatch");
    expect_log(rig, "TLS: the other side refused: ");
    host_free(&dialler);
}

static void test_initiator_when_the_other_side_is_plain_then_it_says_so(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct host dialler;
    start_acceptor(rig);
    init_dialler(rig, &dialler, "127.0.0.1", rig->host.port);
    host_start(&dialler);
    expect_log(rig, "TLS: the connection ended in the handshake");
    host_free(&dialler);
}

/* Says the same to everybody, at once, and hangs up. */
struct rude {
    int listener;
    uint16_t port;
    const char *text;
    size_t size;
    _Atomic int count;
    pthread_t thread;
};

static void *run_rude(void *argument)
{
    struct rude *rude = argument;
    int fd;
    while ((fd = accept(rude->listener, NULL, NULL)) >= 0) {
        char room[4096];
        (void)!recv(fd, room, sizeof room, 0); /* the ClientHello: unread, it would be a reset */
        (void)!send(fd, rude->text, rude->size, MSG_NOSIGNAL);
        close(fd);
        rude->count++;
    }
    return NULL;
}

static void rude_start(struct rude *rude)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    rude->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(rude->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(rude->listener, 16), 0);
    assert_int_equal(getsockname(rude->listener, (struct sockaddr *)&address, &size), 0);
    rude->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&rude->thread, NULL, run_rude, rude), 0);
}

static void rude_stop(struct rude *rude)
{
    shutdown(rude->listener, SHUT_RDWR);
    pthread_join(rude->thread, NULL);
    close(rude->listener);
}

static bool has_log(struct rig *rig, const char *text)
{
    pthread_mutex_lock(&rig->mutex);
    const bool has = strstr(rig->log, text) != NULL;
    pthread_mutex_unlock(&rig->mutex);
    return has;
}

/* Four initiators come at once, so that three wait for their step; there is no slot to lose. */
static void expect_refusals(void **state, const char *text, size_t size, const char *problem)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct rude rude = {.text = text, .size = size};
    struct host dialler;
    rude_start(&rude);
    init_dialler(rig, &dialler, "127.0.0.1", rude.port);
    dialler.config.session_count = 4;
    dialler.config.connections_max = 4;
    for (int i = 1; i < 4; i++) {
        dialler.sessions[i] = dialler.sessions[0];
        snprintf(dialler.sessions[i].target_comp_id, sizeof dialler.sessions[i].target_comp_id,
                 "SECURE%d", i);
    }
    host_start(&dialler);
    for (int i = 0; i < 400 && rude.count < 16; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    assert_true(rude.count >= 16);
    expect_log(rig, problem);
    if (has_log(rig, "MaxConnections") || has_log(rig, "ended in the handshake")) {
        fail_msg("slots or reasons were lost:\n%s", rig->log);
    }
    host_free(&dialler);
    rude_stop(&rude);
}

static void test_initiators_when_all_are_refused_then_each_says_why_and_comes_again(void **state)
{
    static const char alert[] = "\x15\x03\x03\x00\x02\x02\x28"; /* fatal: handshake failure */
    expect_refusals(state, alert, sizeof alert - 1,
                    "TLS: the other side refused: handshake failure");
}

static void test_initiators_when_much_comes_that_is_no_tls_then_slots_are_free_again(void **state)
{
    static char noise[20000];
    memset(noise, 'x', sizeof noise);
    expect_refusals(state, noise, sizeof noise, "TLS: it does not speak TLS");
}

static void test_initiator_when_the_other_side_says_goodbye_at_once_then_it_says_so(void **state)
{
    static const char goodbye[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x01, 0x00};
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct rude rude = {.text = goodbye, .size = sizeof goodbye};
    struct host dialler;
    rude_start(&rude);
    init_dialler(rig, &dialler, "127.0.0.1", rude.port);
    host_start(&dialler);
    expect_log(rig, "TLS: the connection ended in the handshake");
    host_free(&dialler);
    rude_stop(&rude);
}

/* ----------------------------------------------------------------------------------- reload */

static void expect_subject(struct rig *rig, struct peer *peer, const char *name)
{
    char subject[200];
    logon_secure(rig, peer, rig->stranger);
    X509 *certificate = SSL_get1_peer_certificate(peer->ssl);
    X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject);
    X509_free(certificate);
    assert_string_equal(subject, name);
}

static void test_certificates_when_reloaded_then_new_connections_get_them(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct peer before;
    struct peer after;
    struct rfx_reload report;
    struct rfx_error error;
    start(rig);
    peer_init_secure(&before, "BEFORE");
    expect_subject(rig, &before, "/CN=server");
    struct rfx_config next = rig->host.config;
    char key[300];
    next.tls.server_certificate_file = "/nowhere/absent.pem";
    assert_int_equal(rfx_admin_reload(rig->host.server, &next, &report, &error), RFX_E_IO);
    assert_non_null(strstr(error.text, "ServerCertificateFile=/nowhere/absent.pem"));
    next.tls.server_certificate_file =
        certificate_set_add(&rig->set, "next", &(struct certificate_wish){.common_name = "next"});
    snprintf(key, sizeof key, "%s/next.key", rig->set.directory);
    next.tls.server_certificate_key_file = key;
    assert_int_equal(rfx_admin_reload(rig->host.server, &next, &report, &error), RFX_OK);
    assert_int_equal(report.needs_restart, 0);
    peer_trade(&before, "A");
    peer_init_secure(&after, "AFTER");
    expect_subject(rig, &after, "/CN=next");
    peer_trade(&after, "A");
    peer_trade(&before, "B");
    peer_free(&before);
    peer_free(&after);
}

/* ----------------------------------------------------------------------------------- kernel */

/* Connections whose sending the kernel has enciphered; -1: it has no TLS. */
static long kernel_count(void)
{
    char line[100];
    long count = -1;
    FILE *file = fopen("/proc/net/tls_stat", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "TlsTxSw %ld", &count) == 1) {
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return count;
}

/* RFX_TEST_KTLS: all of these tests are run with SocketUseKTLS=Y. */
static void test_kernel_when_it_has_tls_then_it_enciphers(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    static const char *const versions[] = {"TLSv1.2", "TLSv1.3"};
    const long before = kernel_count();
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct peer peer;
        rig->host.config.tls.protocol = versions[i];
        start(rig);
        peer_init_secure(&peer, i == 0 ? "OLD" : "NEW");
        logon_secure(rig, &peer, rig->stranger);
        peer_trade(&peer, "A");
        peer_trade(&peer, "B");
        assert_true(peer_send(&peer, "35=5"));
        peer_expect(&peer, "5");
        char byte;
        assert_int_equal(SSL_get_error(peer.ssl, SSL_read(peer.ssl, &byte, 1)),
                         SSL_ERROR_ZERO_RETURN); /* close_notify, a record that is not data */
        peer_free(&peer);
        host_stop(&rig->host);
    }
    if (!rig->host.config.tls.use_kernel) {
        assert_true(kernel_count() == before);
    } else if (before < 0) {
        expect_log(rig, "SocketUseKTLS=Y, but OpenSSL enciphers: the kernel has no TLS");
        puts("SKIPPED: this kernel has no TLS; modprobe tls");
    } else {
        assert_int_equal(kernel_count(), before + 2);
    }
}

/* The kernel of Debian 12 cannot change them: that is said, and nothing garbled is sent. */
static void test_keys_when_the_other_side_wants_new_ones_then_changed_or_said(void **state)
{
    struct rig *rig = set_up(state, RFX_THREADING_SHARED);
    struct peer peer;
    start(rig);
    peer_init_secure(&peer, "CLIENT");
    logon_secure(rig, &peer, rig->stranger);
    peer_trade(&peer, "A");
    assert_int_equal(SSL_key_update(peer.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    if (rig->host.config.tls.use_kernel && kernel_count() >= 0) {
        assert_true(peer_send(&peer, "35=1|112=X"));
        expect_log(rig, "TLS: the other side wants new keys, which kernel TLS does not change");
        peer_expect_end(&peer);
    } else {
        peer_trade(&peer, "B");
        peer_trade(&peer, "C");
    }
    peer_free(&peer);
}

#define TLS_TEST(test) cmocka_unit_test_teardown(test, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TLS_TEST(test_sessions_when_plain_and_tls_in_one_worker_then_both_trade),
        TLS_TEST(test_sessions_when_plain_and_tls_in_workers_of_their_own_then_both_trade),
        TLS_TEST(test_message_when_larger_than_records_and_buffers_then_whole),
        TLS_TEST(test_logons_when_many_shake_hands_at_once_then_all_get_in),
        TLS_TEST(test_trading_when_a_crowd_waits_in_its_handshakes_then_it_goes_on),
        TLS_TEST(test_reader_when_it_does_not_then_disconnected),
        TLS_TEST(test_port_when_it_is_the_other_kind_then_refused),
        TLS_TEST(test_client_when_its_certificate_is_not_right_then_refused_and_others_trade),
        TLS_TEST(test_stranger_when_it_is_silent_or_gone_in_the_handshake_then_closed),
        TLS_TEST(test_proxy_when_in_front_of_tls_then_its_header_comes_first),
        TLS_TEST(test_initiator_when_names_and_certificates_fit_then_logged_on),
        TLS_TEST(test_initiator_when_the_name_is_another_then_it_says_so),
        TLS_TEST(test_initiator_when_the_other_side_is_plain_then_it_says_so),
        TLS_TEST(test_initiators_when_all_are_refused_then_each_says_why_and_comes_again),
        TLS_TEST(test_initiators_when_much_comes_that_is_no_tls_then_slots_are_free_again),
        TLS_TEST(test_initiator_when_the_other_side_says_goodbye_at_once_then_it_says_so),
        TLS_TEST(test_kernel_when_it_has_tls_then_it_enciphers),
        TLS_TEST(test_keys_when_the_other_side_wants_new_ones_then_changed_or_said),
        TLS_TEST(test_certificates_when_reloaded_then_new_connections_get_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
