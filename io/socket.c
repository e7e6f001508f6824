#include "io/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool rfx_socket_address(const char *host, uint16_t port, struct sockaddr_storage *address,
                        socklen_t *size)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        *size = sizeof *v4;
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        *size = sizeof *v6;
        return true;
    }
    return false;
}

void rfx_socket_set_port(struct sockaddr_storage *address, uint16_t port)
{
    if (address->ss_family == AF_INET) {
        ((struct sockaddr_in *)(void *)address)->sin_port = htons(port);
    } else {
        ((struct sockaddr_in6 *)(void *)address)->sin6_port = htons(port);
    }
}

rfx_status rfx_socket_resolve(const char *host, char *numeric, size_t numeric_size,
                              struct rfx_error *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    struct addrinfo *found = NULL;
    int result = getaddrinfo(host, NULL, &hints, &found);
    if (result != 0) {
        return rfx_fail(error, RFX_E_IO, "%s: %s; check the host name", host, gai_strerror(result));
    }
    result = getnameinfo(found->ai_addr, found->ai_addrlen, numeric, (socklen_t)numeric_size, NULL,
                         0, NI_NUMERICHOST);
    freeaddrinfo(found);
    if (result != 0) {
        return rfx_fail(error, RFX_E_IO, "%s: %s", host, gai_strerror(result));
    }
    struct sockaddr_storage address;
    socklen_t size;
    if (!rfx_socket_address(numeric, 0, &address, &size)) {
        return rfx_fail(error, RFX_E_IO,
                        "%s: %s cannot be used, an address with a scope is not "
                        "supported",
                        host, numeric);
    }
    return RFX_OK;
}

static rfx_status fail_listen(int fd, const char *what, const char *host, uint16_t port,
                              struct rfx_error *error)
{
    int code = errno;
    if (fd >= 0) {
        close(fd);
    }
    return rfx_fail(error, RFX_E_IO, "%s %s port %u: %s%s", what,
                    host[0] != '\0' ? host : "all addresses,", port, strerror(code),
                    code == EADDRINUSE ? "; choose another SocketAcceptPort, or stop who has it"
                                       : "");
}

rfx_status rfx_socket_listen(const char *host, uint16_t *port, int *fd, struct rfx_error *error)
{
    struct sockaddr_storage address;
    socklen_t size;
    char numeric[64] = "";
    bool any = host[0] == '\0';
    if (!any) {
        rfx_status status = rfx_socket_resolve(host, numeric, sizeof numeric, error);
        if (status != RFX_OK) {
            return status;
        }
    }
    rfx_socket_address(any ? "::" : numeric, *port, &address, &size);
    int opened = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (opened < 0 && any && errno == EAFNOSUPPORT) {
        rfx_socket_address("0.0.0.0", *port, &address, &size);
        opened = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    }
    if (opened < 0) {
        return fail_listen(opened, "cannot make a socket for", host, *port, error);
    }
    int on = 1;
    int off = 0;
    setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(opened, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (any && address.ss_family == AF_INET6) {
        setsockopt(opened, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (bind(opened, (struct sockaddr *)&address, size) != 0) {
        return fail_listen(opened, "cannot bind", host, *port, error);
    }
    if (listen(opened, 4096) != 0) {
        return fail_listen(opened, "cannot listen on", host, *port, error);
    }
    size = sizeof address;
    if (getsockname(opened, (struct sockaddr *)&address, &size) != 0) {
        return fail_listen(opened, "cannot read the port of", host, *port, error);
    }
    *port = address.ss_family == AF_INET
                ? ntohs(((struct sockaddr_in *)(void *)&address)->sin_port)
                : ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port);
    *fd = opened;
    return RFX_OK;
}

void rfx_socket_address_text(const struct sockaddr_storage *address,
                             char text[RFX_ADDRESS_TEXT_MAX])
{
    char host[56];
    char port[8];
    if (getnameinfo((const struct sockaddr *)address, sizeof *address, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        snprintf(text, RFX_ADDRESS_TEXT_MAX, "unknown");
        return;
    }
    const char *plain = strncmp(host, "::ffff:", 7) == 0 ? host + 7 : host;
    bool is_v6 = strchr(plain, ':') != NULL;
    snprintf(text, RFX_ADDRESS_TEXT_MAX, is_v6 ? "[%s]:%s" : "%s:%s", plain, port);
}

void rfx_socket_peer_text(int fd, char text[RFX_ADDRESS_TEXT_MAX])
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getpeername(fd, (struct sockaddr *)&address, &size) != 0) {
        snprintf(text, RFX_ADDRESS_TEXT_MAX, "unknown");
        return;
    }
    rfx_socket_address_text(&address, text);
}

void rfx_socket_tune(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* A host that is gone without a word ends the connection in two minutes, also where heartbeats
     * are off. */
    int idle_s = 60;
    int interval_s = 10;
    int count = 6;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

void rfx_socket_set_buffers(int fd, uint32_t send_size, uint32_t receive_size)
{
    const int send = (int)send_size;
    const int receive = (int)receive_size;
    if (send > 0) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
    }
    if (receive > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
    }
}
