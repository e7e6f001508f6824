/* The header that a TCP proxy puts in front of a connection to tell whom it comes from: PROXY
 * protocol, version 2. Text fields (TLVs) are stepped over. */
#ifndef RFX_CORE_PROXY_H
#define RFX_CORE_PROXY_H

#include "core/base.h"
#include "core/link.h"

#define RFX_PROXY_SIZE_MAX 1024 /* a longer header is refused */

enum rfx_proxy_result {
    RFX_PROXY_DONE,
    RFX_PROXY_PARTIAL, /* more bytes are needed */
    RFX_PROXY_INVALID,
};

struct rfx_proxy {
    size_t size;                        /* of the header */
    char address[RFX_LINK_ADDRESS_MAX]; /* "192.0.2.1:5001", "[2001:db8::1]:5001"; "": the proxy's
                                           own connection, or of a family that is not TCP */
    uint64_t network;                   /* rfx_network_v4() or rfx_network_v6() of that */
};

enum rfx_proxy_result rfx_proxy_read(const char *data, size_t size, struct rfx_proxy *proxy);

/* Whom a limit per address counts together: one IPv4 address, a /64 of IPv6. */
uint64_t rfx_network_v4(const unsigned char address[4]);
uint64_t rfx_network_v6(const unsigned char address[16]);

#endif
