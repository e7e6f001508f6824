#include "http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control_answer.h"
#include "metrics.h"
#include "page.h"

#define CONNECTIONS_MAX 32
#define PATIENCE_S      10

struct http {
    struct daemon *daemon;
    struct MHD_Daemon *server;
    uint16_t port;
};

/* -------------------------------------------------------------------------------- answers */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned code, const char *type,
                              struct MHD_Response *response)
{
    if (response == NULL) {
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    const enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned code,
                                   const char *text)
{
    return answer(
        connection, code, "text/plain; charset=utf-8",
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY));
}

/* What a writer makes of it, in memory that the response frees. */
static enum MHD_Result
answer_written(struct http *http, struct MHD_Connection *connection, const char *type,
               rfx_status (*write)(struct daemon *daemon, FILE *out, struct rfx_error *error))
{
    struct rfx_error error = {.text = ""};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return MHD_NO;
    }
    const rfx_status status = write(http->daemon, out, &error);
    fclose(out);
    if (status != RFX_OK) {
        free(text);
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, error.text);
    }
    return answer(connection, MHD_HTTP_OK, type,
                  MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE));
}

static rfx_status write_sessions(struct daemon *daemon, FILE *out, struct rfx_error *error)
{
    (void)error;
    control_answer(daemon, "{\"do\":\"sessions\"}", out);
    control_answer(daemon, "{\"do\":\"status\"}", out);
    control_answer(daemon, "{\"do\":\"workers\"}", out);
    return RFX_OK;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    struct http *http = context;
    (void)version;
    (void)upload;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET only\n");
    }
    if (*state == NULL) {
        *state = http; /* the headers are there; the answer comes with the next call */
        return MHD_YES;
    }
    if (*upload_size != 0) {
        return MHD_NO; /* nobody has anything to send here */
    }
    if (strcmp(url, "/metrics") == 0) {
        return answer_written(http, connection, "text/plain; version=0.0.4; charset=utf-8",
                              metrics_write);
    }
    if (strcmp(url, "/sessions") == 0) {
        return answer_written(http, connection, "application/x-ndjson", write_sessions);
    }
    if (strcmp(url, "/") == 0) {
        return answer(
            connection, MHD_HTTP_OK, "text/html; charset=utf-8",
            MHD_create_response_from_buffer(page_size, (void *)page, MHD_RESPMEM_PERSISTENT));
    }
    return answer_text(connection, MHD_HTTP_NOT_FOUND, "there is /, /metrics and /sessions\n");
}

/* ----------------------------------------------------------------------------- open, close */

static int listen_at(const struct addrinfo *address)
{
    const int yes = 1;
    const int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, CONNECTIONS_MAX) != 0) {
        const int code = errno;
        close(fd);
        errno = code;
        return -1;
    }
    return fd;
}

static rfx_status open_socket(const char *host, uint16_t port, int *fd, struct rfx_error *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    const int code = getaddrinfo(host, service, &hints, &found);
    if (code != 0) {
        snprintf(error->text, sizeof error->text, "HttpAcceptHost=%s: %s", host,
                 gai_strerror(code));
        return RFX_E_IO;
    }
    *fd = listen_at(found);
    freeaddrinfo(found);
    if (*fd < 0) {
        snprintf(error->text, sizeof error->text, "HttpAcceptPort=%u at %s: %s", port, host,
                 strerror(errno));
        return RFX_E_IO;
    }
    return RFX_OK;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        return 0;
    }
    return address.ss_family == AF_INET6
               ? ntohs(((const struct sockaddr_in6 *)(const void *)&address)->sin6_port)
               : ntohs(((const struct sockaddr_in *)(const void *)&address)->sin_port);
}

rfx_status http_open(struct daemon *daemon, const char *host, uint16_t port, struct http **http,
                     struct rfx_error *error)
{
    int fd = -1;
    rfx_status status = open_socket(host[0] != '\0' ? host : "127.0.0.1", port, &fd, error);
    if (status != RFX_OK) {
        return status;
    }
    struct http *opened = calloc(1, sizeof *opened);
    if (opened != NULL) {
        opened->daemon = daemon;
        opened->port = port_of(fd);
        opened->server = MHD_start_daemon(
            MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, on_request, opened,
            MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)PATIENCE_S, MHD_OPTION_END);
    }
    if (opened == NULL || opened->server == NULL) {
        snprintf(error->text, sizeof error->text, "HttpAcceptPort: cannot start the server");
        close(fd);
        free(opened);
        return RFX_E_IO;
    }
    *http = opened;
    return RFX_OK;
}

uint16_t http_port(const struct http *http)
{
    return http->port;
}

void http_close(struct http *http)
{
    if (http != NULL) {
        MHD_stop_daemon(http->server);
        free(http);
    }
}
