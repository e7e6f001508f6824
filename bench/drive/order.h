/* The requests that the driver sends: bytes of an echo, or NewOrderSingle(D) messages of one
 * session. Each is a template in which the numbers and the CheckSum(10) are put in place, so that
 * the driver costs the same whatever it drives. */
#ifndef BENCH_DRIVE_ORDER_H
#define BENCH_DRIVE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ORDER_ECHO_REQUEST 170
#define ORDER_ECHO_REPLY   200
#define ORDER_SIZE_MAX     256

enum order_kind { ORDER_ECHO, ORDER_FIX };

struct order {
    enum order_kind kind;
    char bytes[ORDER_SIZE_MAX];
    size_t size;
    size_t number_at; /* of the digits of MsgSeqNum(34) */
    size_t id_at;     /* of those of ClOrdID(11) */
    unsigned sum;     /* of all bytes before 10=, the digits taken as '0' */
    size_t head_size; /* of "8=FIX.4.4|9=", which replies begin with, too */
};

void order_init(struct order *order, enum order_kind kind, unsigned session);

/* Writes the request of this number, below 10^9; returns its end. */
char *order_write(const struct order *order, uint64_t number, char *out);

/* A Logon(A) with number 1 for that session. Returns its size. */
size_t order_logon(unsigned session, char out[ORDER_SIZE_MAX]);

/* How long the reply at data is, 0 when more bytes are needed to say, or to have all of it.
 * *is_right: it is an answer to an order. */
size_t order_reply(const struct order *order, const char *data, size_t size, bool *is_right);

#endif
