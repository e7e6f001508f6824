/* From a packet of a capture to the TCP segment in it. */
#ifndef TOOLS_CAT_PACKET_H
#define TOOLS_CAT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_ENDS_SIZE 36 /* version, both addresses and ports: what names a direction */

struct packet {
    unsigned char ends[PACKET_ENDS_SIZE];
    uint32_t seq;
    bool is_syn;
    bool is_fragment; /* of an IP packet: nothing else is set */
    const char *data;
    size_t size;
};

/* link  a link type of libpcap: Ethernet (with VLAN tags), raw IP, loopback, Linux cooked
 * False: no TCP, or cut too short. */
bool packet_read(int link, const unsigned char *data, size_t size, struct packet *packet);

/* True when the link type is one of these. */
bool packet_knows(int link);

/* "192.0.2.1:5001 -> 192.0.2.2:40000" */
#define PACKET_TEXT_SIZE 120
void packet_ends_text(const unsigned char ends[PACKET_ENDS_SIZE], char text[PACKET_TEXT_SIZE]);

#endif
