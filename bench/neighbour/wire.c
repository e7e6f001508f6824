#include "bench/neighbour/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)1 << 20)
#define SIZE_MAX_   65536

bool wire_open(struct wire *wire, uint16_t port, const char *comp_id)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int one = 1;
    *wire = (struct wire){.seq_num = 1};
    snprintf(wire->comp_id, sizeof wire->comp_id, "%s", comp_id);
    wire->buffer = malloc(BUFFER_SIZE);
    wire->fields = malloc(RFX_FIELDS_MAX(SIZE_MAX_) * sizeof *wire->fields);
    wire->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (wire->buffer == NULL || wire->fields == NULL || wire->fd < 0 ||
        connect(wire->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        fprintf(stderr, "%s: cannot connect: %s\n", comp_id, strerror(errno));
        return false;
    }
    setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return true;
}

void wire_close(struct wire *wire)
{
    if (wire->fd >= 0) {
        close(wire->fd);
    }
    free(wire->buffer);
    free(wire->fields);
}

bool wire_send(struct wire *wire, const char *msg_type, const char *body)
{
    char fields[512];
    char message[640];
    struct timespec now;
    struct tm utc;
    char time_text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(time_text, sizeof time_text, "%Y%m%d-%H:%M:%S", &utc);
    const int size =
        snprintf(fields, sizeof fields, "35=%s|34=%llu|49=%s|52=%s|56=RINGFIX|%s", msg_type,
                 (unsigned long long)wire->seq_num++, wire->comp_id, time_text, body);
    int used = snprintf(message, sizeof message, "8=FIX.4.4|9=%d|%s", size, fields);
    for (int i = 0; i < used; i++) {
        message[i] = message[i] == '|' ? RFX_SOH : message[i];
    }
    used += snprintf(message + used, sizeof message - (size_t)used, "10=%03u\x01",
                     rfx_checksum(message, (size_t)used));
    return send(wire->fd, message, (size_t)used, MSG_NOSIGNAL) == used;
}

bool wire_receive(struct wire *wire)
{
    for (;;) {
        struct rfx_frame frame;
        const char *data = wire->buffer + wire->begin;
        const size_t size = wire->end - wire->begin;
        if (size > 0 && rfx_frame(data, size, SIZE_MAX_, &frame) == RFX_FRAME_COMPLETE) {
            rfx_message_index(data, frame.size, wire->fields, &wire->message);
            wire->begin += frame.size;
            return true;
        }
        memmove(wire->buffer, data, size);
        wire->begin = 0;
        wire->end = size;
        ssize_t got = -1;
        do {
            got = recv(wire->fd, wire->buffer + size, BUFFER_SIZE - size,
                       wire->spins ? MSG_DONTWAIT : 0);
        } while (got < 0 && errno == EAGAIN && wire->spins);
        if (got <= 0) {
            return false;
        }
        wire->end += (size_t)got;
    }
}

uint64_t wire_number(const struct wire *wire, int32_t tag)
{
    int64_t value = 0;
    return rfx_message_get_int(&wire->message, tag, &value) == RFX_OK ? (uint64_t)value : 0;
}
