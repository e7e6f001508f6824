/* Where a server is found: its sockets, one for each port and loop, and TLS. */
#include <unistd.h>

#include "core/config_listeners.h"
#include "io/server/server_internal.h"
#include "io/socket.h"

void rfx_server_no_listeners(struct rfx_server *server)
{
    for (uint32_t i = 0; i < RFX_WORKERS_MAX * RFX_LISTENERS_MAX; i++) {
        server->listeners[i / RFX_LISTENERS_MAX][i % RFX_LISTENERS_MAX].fd = -1;
    }
}

void rfx_server_close_listeners(struct rfx_server *server)
{
    for (uint32_t i = 0; i < RFX_WORKERS_MAX * RFX_LISTENERS_MAX; i++) {
        const int fd = server->listeners[i / RFX_LISTENERS_MAX][i % RFX_LISTENERS_MAX].fd;
        if (fd >= 0) {
            close(fd);
        }
    }
}

rfx_status rfx_server_listen(struct rfx_server *server, struct rfx_error *error)
{
    struct rfx_listener wanted[RFX_LISTENERS_MAX];
    size_t count;
    rfx_status status = rfx_config_listeners(&server->config, wanted, &count, error);
    if (status != RFX_OK) {
        return status;
    }
    for (size_t k = 0; k < count; k++) {
        server->ports[k] = wanted[k].port;
        server->listener_count = k + 1;
        for (uint32_t i = 0; i < server->loop_count; i++) {
            struct rfx_loop_listener *listener = &server->listeners[i][k];
            *listener = (struct rfx_loop_listener){
                .fd = -1, .port = wanted[k].port, .use_ssl = wanted[k].use_ssl};
            status = rfx_socket_listen(server->config.accept_host, &server->ports[k], &listener->fd,
                                       error);
            if (status != RFX_OK) {
                return status;
            }
            rfx_socket_set_buffers(listener->fd, server->config.socket_send_buffer_size,
                                   server->config.socket_receive_buffer_size);
        }
    }
    return RFX_OK;
}

rfx_status rfx_server_open_tls(struct rfx_server *server, struct rfx_error *error)
{
    struct rfx_tls_context *context = NULL;
    const rfx_status status = rfx_tls_context_open(&server->config, &context, error);
    if (status != RFX_OK) {
        return status;
    }
    server->tls = rfx_tls_source_open(context);
    if (server->tls == NULL) {
        rfx_tls_context_close(context);
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for TLS");
    }
    return RFX_OK;
}

uint16_t rfx_server_port(const struct rfx_server *server)
{
    return server->ports[0];
}

uint16_t rfx_server_port_at(const struct rfx_server *server, size_t index, bool *use_ssl)
{
    if (index >= server->listener_count) {
        return 0;
    }
    if (use_ssl != NULL) {
        *use_ssl = server->listeners[0][index].use_ssl;
    }
    return server->ports[index];
}
