/* Addresses that may connect: single ones and networks. Pure functions; any thread. */
#ifndef RFX_CORE_ADDRESS_H
#define RFX_CORE_ADDRESS_H

#include "core/base.h"

#define RFX_ADDRESSES_MAX 32

/* 16 bytes of IPv6; IPv4 is mapped (::ffff:a.b.c.d). */
struct rfx_address {
    uint8_t bytes[16];
};

struct rfx_network {
    struct rfx_address address;
    uint8_t prefix_bits; /* of 128 */
};

struct rfx_address_list {
    struct rfx_network networks[RFX_ADDRESSES_MAX];
    size_t count;
};

/* A numeric IPv4 or IPv6 address; false when it is none. */
bool rfx_address_read(struct rfx_bytes text, struct rfx_address *address);

/* "192.0.2.1, 10.0.0.0/8, 2001:db8::/32"; false when it is none, empty or too long. */
bool rfx_address_list_read(const char *text, struct rfx_address_list *list);

bool rfx_address_list_has(const struct rfx_address_list *list, const struct rfx_address *address);

#endif
