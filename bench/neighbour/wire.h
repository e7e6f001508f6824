/* A counterparty over a blocking socket: just enough FIX.4.4 for a bench. */
#ifndef BENCH_NEIGHBOUR_WIRE_H
#define BENCH_NEIGHBOUR_WIRE_H

#include "core/message.h"
#include "core/frame.h"

struct wire {
    int fd;
    char comp_id[16];
    uint64_t seq_num; /* of the next message sent */
    bool spins;       /* while it waits for bytes */
    char *buffer;
    size_t begin;
    size_t end;
    struct rfx_field *fields;
    struct rfx_message message; /* the last one received */
};

/* False: it says why on stderr. */
bool wire_open(struct wire *wire, uint16_t port, const char *comp_id);
void wire_close(struct wire *wire);

/* Sends a message of this type with a body such as "11=X|55=Y|". */
bool wire_send(struct wire *wire, const char *msg_type, const char *body);

/* Waits for the next message; false: the connection is gone. */
bool wire_receive(struct wire *wire);

uint64_t wire_number(const struct wire *wire, int32_t tag); /* 0: not there */

#endif
