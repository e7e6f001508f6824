/* Programs that use the library wrongly: each has a defined end. They run as processes of their
 * own, with an initiator and an acceptor in one server. */
#include <signal.h>
#include <ringfix/admin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/integration/support_server.h"

enum misuse {
    MISUSE_NONE,
    MISUSE_FOREIGN_SEND,
    MISUSE_FOREIGN_TIMER,
    MISUSE_OLD_MESSAGE,
    MISUSE_CLOSE_IN_CALLBACK,
    MISUSE_WAIT_IN_CALLBACK,
    MISUSE_ADMIN_IN_CALLBACK,
};

struct wrong {
    enum misuse misuse;
    _Atomic(struct rfx_server *) server;
    _Atomic(struct rfx_session *) session;
    const struct rfx_message *kept;
    _Atomic bool is_done;
    _Atomic bool is_released; /* the callback that hangs may return */
    struct rfx_timer timer;
    char log[4096];
};

static void nap(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
}

static void on_due(void *context, struct rfx_shard *shard, struct rfx_timer *timer)
{
    (void)context;
    (void)shard;
    (void)timer;
}

static void on_logon(void *context, struct rfx_session *session, bool is_healthy)
{
    struct wrong *wrong = context;
    struct rfx_builder *builder;
    (void)is_healthy;
    if (rfx_session_role(session) == RFX_ROLE_ACCEPTOR) {
        return;
    }
    wrong->session = session;
    for (int i = 0; i < 2; i++) {
        if (rfx_session_begin(session, "B", &builder) == RFX_OK) {
            rfx_builder_put_text(builder, 148, "headline");
            rfx_builder_put_text(builder, 58, "text");
            (void)!rfx_session_commit(session, builder, NULL);
        }
    }
}

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct wrong *wrong = context;
    struct rfx_server *server = wrong->server;
    switch (wrong->misuse) {
    case MISUSE_OLD_MESSAGE:
        if (wrong->kept != NULL) {
            (void)rfx_message_type(wrong->kept);
        }
        wrong->kept = message;
        break;
    case MISUSE_CLOSE_IN_CALLBACK:
        rfx_server_close(&server);
        break;
    case MISUSE_ADMIN_IN_CALLBACK:
        (void)!rfx_admin_disconnect(wrong->server, rfx_session_name(session), NULL);
        break;
    case MISUSE_WAIT_IN_CALLBACK:
        (void)!rfx_server_wait(server, NULL);
        break;
    case MISUSE_NONE:
    case MISUSE_FOREIGN_SEND:
    case MISUSE_FOREIGN_TIMER:
        break;
    }
    wrong->is_done = true;
}

static void set(struct rfx_session_config *session, enum rfx_role role)
{
    *session = rfx_session_config_default;
    session->role = role;
    session->use_data_dictionary = false;
    snprintf(session->begin_string, sizeof session->begin_string, "FIX.4.4");
    const bool is_acceptor = role == RFX_ROLE_ACCEPTOR;
    snprintf(session->sender_comp_id, sizeof session->sender_comp_id, "%s",
             is_acceptor ? "SELL" : "BUY");
    snprintf(session->target_comp_id, sizeof session->target_comp_id, "%s",
             is_acceptor ? "BUY" : "SELL");
}

/* The acceptor first, so that its port is known to the other one's configuration. */
static struct rfx_server *open_server(enum rfx_role role, uint16_t port, const struct rfx_app *app)
{
    struct rfx_session_config session;
    struct rfx_config config = rfx_config_default;
    struct rfx_server *server = NULL;
    struct rfx_error error;
    set(&session, role);
    session.hosts[0] = (struct rfx_host){.name = "127.0.0.1", .port = port};
    snprintf(config.accept_host, sizeof config.accept_host, "127.0.0.1");
    config.journal_path[0] = '\0';
    config.io_threads = 1;
    config.shards = 1;
    config.sessions = &session;
    config.session_count = 1;
    if (rfx_server_open(&config, app, &server, &error) != RFX_OK) {
        fprintf(stderr, "open: %s\n", error.text);
        _exit(99);
    }
    return server;
}

static void misuse(enum misuse what)
{
    static struct wrong wrong;
    struct rfx_builder *builder;
    const struct rfx_app app = {.context = &wrong, .on_logon = on_logon, .on_message = on_message};
    wrong.misuse = what;
    struct rfx_server *seller = open_server(RFX_ROLE_ACCEPTOR, 1, &app);
    wrong.server = seller;
    struct rfx_server *buyer = open_server(RFX_ROLE_INITIATOR, rfx_server_port(seller), &app);
    while (!wrong.is_done || wrong.session == NULL) {
        nap();
    }
    if (what == MISUSE_FOREIGN_SEND) {
        (void)!rfx_session_begin(wrong.session, "B", &builder);
    } else if (what == MISUSE_FOREIGN_TIMER) {
        rfx_timer_init(&wrong.timer, on_due);
        (void)!rfx_timer_set(rfx_session_shard(wrong.session), &wrong.timer, 0);
    }
    rfx_server_close(&buyer);
    rfx_server_close(&seller);
    rfx_server_close(&seller); /* once more: nothing */
    rfx_server_close(&buyer);
}

/* Runs it in a child; returns how that ended, with what it wrote to its standard error. */
static int run(enum misuse what, char *text, size_t size)
{
    int ends[2];
    int result = 0;
    size_t used = 0;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        signal(SIGABRT, SIG_DFL);
        alarm(60);
        misuse(what);
        _exit(0);
    }
    close(ends[1]);
    for (ssize_t count; (count = read(ends[0], text + used, size - 1 - used)) > 0;) {
        used += (size_t)count;
    }
    text[used] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &result, 0), child);
    return result;
}

static void test_misuse_when_it_is_one_then_the_program_ends_and_says_which(void **state)
{
    (void)state;
    static const struct {
        enum misuse what;
        const char *text;
    } all[] = {
        {MISUSE_FOREIGN_SEND, "rfx_session_begin() was called from a thread"},
        {MISUSE_FOREIGN_TIMER, "rfx_timer_set() was called from a thread"},
        {MISUSE_OLD_MESSAGE, "a message is used after the callback"},
        {MISUSE_CLOSE_IN_CALLBACK, "rfx_server_close() was called in a callback"},
        {MISUSE_WAIT_IN_CALLBACK, "rfx_server_wait() was called in a callback"},
        {MISUSE_ADMIN_IN_CALLBACK, "a function of ringfix/admin.h was called in a callback"},
    };
    char text[4096];
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const int result = run(all[i].what, text, sizeof text);
        if (!WIFSIGNALED(result) || WTERMSIG(result) != SIGABRT ||
            strstr(text, all[i].text) == NULL) {
            fail_msg("misuse %d: result %x: %s", (int)all[i].what, (unsigned)result, text);
        }
    }
}

static void test_close_when_called_twice_then_nothing_happens(void **state)
{
    (void)state;
    char text[4096];
    const int result = run(MISUSE_NONE, text, sizeof text);
    if (!WIFEXITED(result) || WEXITSTATUS(result) != 0) {
        fail_msg("result %x: %s", (unsigned)result, text);
    }
}

/* ------------------------------------------------------------------ a callback that does not
 * return */

static void hang(void *context, struct rfx_session *session, const struct rfx_message *message)
{
    struct wrong *wrong = context;
    (void)session;
    (void)message;
    while (!wrong->is_released) {
        nap();
    }
    wrong->is_done = true;
}

static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;

static void keep_line(void *context, enum rfx_log_level level, const char *session,
                      const char *text)
{
    struct wrong *wrong = context;
    (void)level;
    (void)session;
    pthread_mutex_lock(&log_mutex);
    const size_t used = strlen(wrong->log);
    snprintf(wrong->log + used, sizeof wrong->log - used, "%s\n", text);
    pthread_mutex_unlock(&log_mutex);
}

static void await_line(struct wrong *wrong, const char *text)
{
    const time_t begin = time(NULL);
    for (bool is_there = false; !is_there;) {
        pthread_mutex_lock(&log_mutex);
        is_there = strstr(wrong->log, text) != NULL;
        pthread_mutex_unlock(&log_mutex);
        assert_true(time(NULL) < begin + 60);
        nap();
    }
}

static void test_callback_when_it_does_not_return_then_the_log_says_which(void **state)
{
    (void)state;
    static struct wrong wrong;
    const struct rfx_app seller_app = {.context = &wrong, .on_message = hang, .on_log = keep_line};
    const struct rfx_app buyer_app = {.context = &wrong, .on_logon = on_logon};
    struct rfx_server *seller = open_server(RFX_ROLE_ACCEPTOR, 1, &seller_app);
    struct rfx_server *buyer = open_server(RFX_ROLE_INITIATOR, rfx_server_port(seller), &buyer_app);
    await_line(&wrong, "shard 0 stands still");
    await_line(&wrong, "in on_message of FIX.4.4:SELL->BUY");
    wrong.is_released = true;
    await_line(&wrong, "shard 0 works again");
    rfx_server_close(&buyer);
    rfx_server_close(&seller);
    assert_true(wrong.is_done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_misuse_when_it_is_one_then_the_program_ends_and_says_which),
        cmocka_unit_test(test_close_when_called_twice_then_nothing_happens),
        cmocka_unit_test(test_callback_when_it_does_not_return_then_the_log_says_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
