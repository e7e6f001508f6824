#include "tests/integration/support_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "core/base.h"

#define WAIT_S 20

/* ---------------------------------------------------------------------------- application */

static void on_message(void *context, struct rfx_session *session,
                       const struct rfx_message *message)
{
    struct host *host = context;
    struct rfx_builder *report;
    struct rfx_bytes id;
    if (!rfx_message_is(message, "D") || rfx_message_get(message, 11, &id) != RFX_OK) {
        return;
    }
    host->order_count++;
    rfx_status status = rfx_session_begin(session, "8", &report);
    if (status == RFX_OK) {
        rfx_builder_put(report, 37, id);         /* OrderID */
        rfx_builder_put(report, 11, id);         /* ClOrdID */
        rfx_builder_put(report, 17, id);         /* ExecID */
        rfx_builder_put_char(report, 150, '0');  /* ExecType: new */
        rfx_builder_put_char(report, 39, '0');   /* OrdStatus: new */
        rfx_builder_put_text(report, 55, "ABC"); /* Symbol */
        status = rfx_session_commit(session, report, NULL);
    }
    /* Room for one answer per message is the shard's promise. */
    RFX_ASSERT(status == RFX_OK || !rfx_session_is_logged_on(session));
}

void host_note_end(struct host *host, struct rfx_session *session,
                   enum rfx_disconnect_reason reason)
{
    pthread_mutex_lock(&host->mutex);
    RFX_ASSERT(host->end_count < HOST_ENDS_MAX);
    struct host_end *end = &host->ends[host->end_count++];
    memset(end, 0, sizeof *end);
    snprintf(end->session, sizeof end->session, "%s", rfx_session_name(session));
    end->reason = reason;
    end->next_out = rfx_session_next_out(session);
    end->next_in = rfx_session_next_in(session);
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->mutex);
}

static void on_disconnect(void *context, struct rfx_session *session,
                          enum rfx_disconnect_reason reason)
{
    host_note_end(context, session, reason);
}

static bool is_with(const char *session, const char *target_comp_id)
{
    const char *target = strstr(session, "->");
    return target != NULL && strcmp(target + 2, target_comp_id) == 0;
}

static struct host_end *find_end(struct host *host, const char *target_comp_id)
{
    for (size_t i = 0; i < host->end_count; i++) {
        if (!host->ends[i].is_taken && is_with(host->ends[i].session, target_comp_id)) {
            return &host->ends[i];
        }
    }
    return NULL;
}

struct host_end host_await_end(struct host *host, const char *target_comp_id)
{
    struct host_end copy = {.is_taken = false};
    struct host_end *end;
    struct timespec deadline;
    int result = 0;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += WAIT_S;
    pthread_mutex_lock(&host->mutex);
    while ((end = find_end(host, target_comp_id)) == NULL && result != ETIMEDOUT) {
        result = pthread_cond_timedwait(&host->changed, &host->mutex, &deadline);
    }
    if (end != NULL) {
        end->is_taken = true;
        copy = *end;
    }
    pthread_mutex_unlock(&host->mutex);
    if (end == NULL) {
        fail_msg("the connection of %s did not end within %d s", target_comp_id, WAIT_S);
    }
    return copy;
}

bool host_has_end(struct host *host, const char *target_comp_id)
{
    pthread_mutex_lock(&host->mutex);
    const bool has_end = find_end(host, target_comp_id) != NULL;
    pthread_mutex_unlock(&host->mutex);
    return has_end;
}

/* ---------------------------------------------------------------------------------- server */

static void init_template(struct rfx_session_config *session, const char *begin_string)
{
    *session = rfx_session_config_default;
    snprintf(session->begin_string, sizeof session->begin_string, "%s", begin_string);
    snprintf(session->sender_comp_id, sizeof session->sender_comp_id, "RINGFIX");
    snprintf(session->target_comp_id, sizeof session->target_comp_id, "*");
    session->acceptor_template = true;
    session->use_data_dictionary = false; /* messages here are short */
}

void host_init(struct host *host, enum rfx_threading_mode mode, uint32_t loops, uint32_t shards)
{
    memset(host, 0, sizeof *host);
    pthread_mutex_init(&host->mutex, NULL);
    pthread_cond_init(&host->changed, NULL);
    make_temp_dir(host->directory);
    init_template(&host->sessions[0], "FIX.4.4");
    init_template(&host->sessions[1], "FIX.4.2");
    host->config = rfx_config_default;
    host->config.sessions = host->sessions;
    host->config.session_count = 2;
    host->config.threading_mode = mode;
    host->config.io_threads = loops;
    host->config.shards = shards;
    snprintf(host->config.accept_host, sizeof host->config.accept_host, "127.0.0.1");
    snprintf(host->config.journal_path, sizeof host->config.journal_path, "%s", host->directory);
    host->app.context = host;
    host->app.on_message = on_message;
    host->app.on_disconnect = on_disconnect;
}

void host_start(struct host *host)
{
    struct rfx_error error = {.text = ""};
    if (rfx_server_open(&host->config, &host->app, &host->server, &error) != RFX_OK) {
        fail_msg("server not opened: %s", error.text);
    }
    host->port = rfx_server_port(host->server);
}

void host_begin_stop(struct host *host)
{
    rfx_server_stop(host->server);
}

void host_stop(struct host *host)
{
    struct rfx_error error = {.text = ""};
    rfx_server_stop(host->server);
    rfx_status status = rfx_server_wait(host->server, &error);
    rfx_server_close(&host->server);
    if (status != RFX_OK) {
        fail_msg("server stopped by an error: %s", error.text);
    }
}

void host_free(struct host *host)
{
    if (host->server != NULL) {
        host_stop(host);
    }
    remove_tree(host->directory);
    pthread_cond_destroy(&host->changed);
    pthread_mutex_destroy(&host->mutex);
}

int reserve_port(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    socklen_t size = sizeof address;
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}
