/* Sockets before a loop owns them: addresses and listeners. */
#ifndef RFX_IO_SOCKET_H
#define RFX_IO_SOCKET_H

#include <sys/socket.h>

#include "core/base.h"

#define RFX_ADDRESS_TEXT_MAX 72 /* "[address]:port" and a NUL */

/* Reads a numeric address. False when it is none. */
bool rfx_socket_address(const char *host, uint16_t port, struct sockaddr_storage *address,
                        socklen_t *size);

/* Of an address of IPv4 or IPv6. */
void rfx_socket_set_port(struct sockaddr_storage *address, uint16_t port);

/* Turns a host name into a numeric address, in place; blocks. numeric_size at least 64.
 * errors RFX_E_IO: the name does not resolve */
rfx_status rfx_socket_resolve(const char *host, char *numeric, size_t numeric_size,
                              struct rfx_error *error) RFX_MUST_CHECK;

/* A listening socket with SO_REUSEPORT, so that each loop can have its own on one port.
 *
 * host   "": all addresses, IPv6 and IPv4      port  in: 0 for any free one; out: the bound one
 * errors RFX_E_IO */
rfx_status rfx_socket_listen(const char *host, uint16_t *port, int *fd,
                             struct rfx_error *error) RFX_MUST_CHECK;

/* An address as "host:port"; "unknown" when it is none. */
void rfx_socket_address_text(const struct sockaddr_storage *address,
                             char text[RFX_ADDRESS_TEXT_MAX]);

/* The other end of a connection as text; "unknown" when the kernel does not say. */
void rfx_socket_peer_text(int fd, char text[RFX_ADDRESS_TEXT_MAX]);

/* 0: the system's. Of a listener for all its connections; before a connect, so that the window is
 * offered accordingly. */
void rfx_socket_set_buffers(int fd, uint32_t send_size, uint32_t receive_size);

/* No delay, keep-alive. Failures change nothing that matters. */
void rfx_socket_tune(int fd);

#endif
