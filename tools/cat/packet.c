#include "tools/cat/packet.h"

#include <arpa/inet.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

#define ETHERTYPE_IP4   0x0800
#define ETHERTYPE_IP6   0x86dd
#define ETHERTYPE_VLAN  0x8100
#define ETHERTYPE_QINQ  0x88a8
#define PROTOCOL_TCP    6
#define IP6_FRAGMENT    44
#define DLT_SLL2_NUMBER 276 /* Linux cooked, version 2; older headers do not name it */
#define DLT_RAW_NUMBER  101 /* as files have it */

static unsigned read16(const unsigned char *data)
{
    return (unsigned)data[0] << 8 | data[1];
}

static uint32_t read32(const unsigned char *data)
{
    return (uint32_t)read16(data) << 16 | read16(data + 2);
}

/* Where the IP packet begins; size: it does not. */
static size_t skip_ethernet(const unsigned char *data, size_t size, size_t type_at)
{
    size_t at = type_at;
    while (at + 2 <= size) {
        const unsigned type = read16(data + at);
        if (type == ETHERTYPE_IP4 || type == ETHERTYPE_IP6) {
            return at + 2;
        }
        if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ) {
            break;
        }
        at += 4;
    }
    return size;
}

bool packet_knows(int link)
{
    return link == DLT_EN10MB || link == DLT_RAW || link == DLT_RAW_NUMBER || link == DLT_NULL ||
           link == DLT_LOOP || link == DLT_LINUX_SLL || link == DLT_SLL2_NUMBER;
}

static size_t skip_link(int link, const unsigned char *data, size_t size)
{
    switch (link) {
    case DLT_EN10MB:
        return skip_ethernet(data, size, 12);
    case DLT_LINUX_SLL:
        return skip_ethernet(data, size, 14);
    case DLT_SLL2_NUMBER: {
        const unsigned type = size >= 20 ? read16(data) : 0;
        return type == ETHERTYPE_IP4 || type == ETHERTYPE_IP6 ? 20 : size;
    }
    case DLT_NULL:
    case DLT_LOOP:
        return 4;
    default:
        return 0;
    }
}

static bool read_tcp(const unsigned char *data, size_t size, struct packet *packet)
{
    if (size < 20 || (data[12] >> 4) < 5 || (size_t)(data[12] >> 4) * 4 > size) {
        return false;
    }
    memcpy(packet->ends + 32, data, 4);
    packet->seq = read32(data + 4);
    packet->is_syn = (data[13] & 0x02) != 0;
    packet->data = (const char *)data + (size_t)(data[12] >> 4) * 4;
    packet->size = size - (size_t)(data[12] >> 4) * 4;
    return true;
}

static bool read_ip4(const unsigned char *data, size_t size, struct packet *packet)
{
    const size_t header = (size_t)(data[0] & 15) * 4;
    const size_t total = size >= 20 ? read16(data + 2) : 0;
    if (size < 20 || header < 20 || total < header || data[9] != PROTOCOL_TCP) {
        return false;
    }
    if ((read16(data + 6) & 0x3fff) != 0) {
        packet->is_fragment = true;
        return true;
    }
    memcpy(packet->ends, data + 12, 4);
    memcpy(packet->ends + 16, data + 16, 4);
    memset(packet->ends + 4, 0xff, 12); /* tells them from IPv6 */
    memset(packet->ends + 20, 0xff, 12);
    /* What stands behind the packet fills a frame up. */
    const size_t end = total < size ? total : size;
    return end > header && read_tcp(data + header, end - header, packet);
}

static bool read_ip6(const unsigned char *data, size_t size, struct packet *packet)
{
    if (size < 40) {
        return false;
    }
    size_t at = 40;
    const size_t end = 40 + read16(data + 4) < size ? 40 + read16(data + 4) : size;
    unsigned next = data[6];
    while ((next == 0 || next == 43 || next == 60) && at + 8 <= end) { /* options, routing */
        next = data[at];
        at += ((size_t)data[at + 1] + 1) * 8;
    }
    if (next == IP6_FRAGMENT && at + 8 <= end) {
        next = data[at];
        if ((read16(data + at + 2) & 0xfff9) != 0 && next == PROTOCOL_TCP) {
            packet->is_fragment = true;
            return true;
        }
        at += 8; /* all of the packet is in it */
    }
    memcpy(packet->ends, data + 8, 32);
    return next == PROTOCOL_TCP && at < end && read_tcp(data + at, end - at, packet);
}

bool packet_read(int link, const unsigned char *data, size_t size, struct packet *packet)
{
    const size_t at = skip_link(link, data, size);
    *packet = (struct packet){.size = 0};
    if (at >= size) {
        return false;
    }
    return data[at] >> 4 == 4   ? read_ip4(data + at, size - at, packet)
           : data[at] >> 4 == 6 ? read_ip6(data + at, size - at, packet)
                                : false;
}

static void address_text(const unsigned char address[16], unsigned port, char text[60])
{
    static const unsigned char is_ip4[12] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    char host[INET6_ADDRSTRLEN] = "?";
    if (memcmp(address + 4, is_ip4, sizeof is_ip4) == 0) {
        inet_ntop(AF_INET, address, host, sizeof host);
        snprintf(text, 60, "%s:%u", host, port);
    } else {
        inet_ntop(AF_INET6, address, host, sizeof host);
        snprintf(text, 60, "[%s]:%u", host, port);
    }
}

void packet_ends_text(const unsigned char ends[PACKET_ENDS_SIZE], char text[PACKET_TEXT_SIZE])
{
    char from[60];
    char to[60];
    address_text(ends, read16(ends + 32), from);
    address_text(ends + 16, read16(ends + 34), to);
    snprintf(text, PACKET_TEXT_SIZE, "%.58s -> %.57s", from, to);
}
