#include "core/proxy.h"

#include <stdio.h>
#include <string.h>

#define HEAD_SIZE 16
#define V4_SIZE   12 /* two addresses, two ports */
#define V6_SIZE   36

static const char signature[12] = "\r\n\r\n\0\r\nQUIT\n";

static unsigned read_u16(const unsigned char *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

uint64_t rfx_network_v4(const unsigned char address[4])
{
    return UINT64_C(0xffff) << 32 | (uint64_t)read_u16(address) << 16 | read_u16(address + 2);
}

uint64_t rfx_network_v6(const unsigned char address[16])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    uint64_t network = 0;
    if (memcmp(address, mapped, sizeof mapped) == 0) {
        return rfx_network_v4(address + 12);
    }
    for (int i = 0; i < 8; i++) {
        network = network << 8 | address[i];
    }
    return network;
}

static void put_v4(struct rfx_proxy *proxy, const unsigned char *bytes)
{
    snprintf(proxy->address, sizeof proxy->address, "%u.%u.%u.%u:%u", bytes[0], bytes[1], bytes[2],
             bytes[3], read_u16(bytes + 8));
    proxy->network = rfx_network_v4(bytes);
}

/* Every group in full: it is read by programs, and by people who may shorten it. */
static void put_v6(struct rfx_proxy *proxy, const unsigned char *bytes)
{
    size_t size = (size_t)snprintf(proxy->address, sizeof proxy->address, "[");
    for (int i = 0; i < 8; i++) {
        size += (size_t)snprintf(proxy->address + size, sizeof proxy->address - size, "%s%x",
                                 i > 0 ? ":" : "", read_u16(bytes + 2 * i));
    }
    snprintf(proxy->address + size, sizeof proxy->address - size, "]:%u", read_u16(bytes + 32));
    proxy->network = rfx_network_v6(bytes);
}

enum rfx_proxy_result rfx_proxy_read(const char *data, size_t size, struct rfx_proxy *proxy)
{
    const unsigned char *bytes = (const unsigned char *)data;
    const size_t compared = size < sizeof signature ? size : sizeof signature;
    *proxy = (struct rfx_proxy){.size = 0};
    if (memcmp(data, signature, compared) != 0) {
        return RFX_PROXY_INVALID;
    }
    if (size < HEAD_SIZE) {
        return RFX_PROXY_PARTIAL;
    }
    const unsigned command = bytes[12] & 0x0f;
    const unsigned family = bytes[13];
    const size_t rest = read_u16(bytes + 14);
    if (bytes[12] >> 4 != 2 || command > 1 || HEAD_SIZE + rest > RFX_PROXY_SIZE_MAX) {
        return RFX_PROXY_INVALID;
    }
    const bool is_v4 = command == 1 && family == 0x11;
    const bool is_v6 = command == 1 && family == 0x21;
    if ((is_v4 && rest < V4_SIZE) || (is_v6 && rest < V6_SIZE)) {
        return RFX_PROXY_INVALID;
    }
    if (size < HEAD_SIZE + rest) {
        return RFX_PROXY_PARTIAL;
    }
    proxy->size = HEAD_SIZE + rest;
    if (is_v4) {
        put_v4(proxy, bytes + HEAD_SIZE);
    } else if (is_v6) {
        put_v6(proxy, bytes + HEAD_SIZE);
    }
    return RFX_PROXY_DONE;
}
