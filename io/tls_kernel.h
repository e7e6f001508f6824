/* Linux's own TLS for what is sent: the kernel takes plain bytes and makes records of them (kTLS,
 * Documentation/networking/tls.rst). What is received stays with OpenSSL. */
#ifndef RFX_IO_TLS_KERNEL_H
#define RFX_IO_TLS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

/* From the next byte on. info: one of the structures of <linux/tls.h>, as its first part says.
 * False: it cannot, errno says why, and the socket is as it was; ENOENT: there is no module tls. */
bool rfx_tls_kernel_start(int fd, const void *info);

/* A record that is not data, such as an alert, at once. */
bool rfx_tls_kernel_control(int fd, unsigned char type, const char *data, size_t size);

#endif
