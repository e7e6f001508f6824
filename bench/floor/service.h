/* What a floor server answers: the bytes of an echo, or the messages of a bare FIX acceptor. */
#ifndef BENCH_FLOOR_SERVICE_H
#define BENCH_FLOOR_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one connection. */
struct service_state {
    char peer[32]; /* of the FIX acceptor: its SenderCompID(49) */
    uint64_t next_in;
    uint64_t next_out;
};

#define SERVICE_ANSWER_MAX 512 /* bytes, of one request */

/* Answers the request at data, if it is there as a whole.
 *
 * out       room for SERVICE_ANSWER_MAX
 * answered  bytes written to out
 * returns   the bytes that the request takes, 0: more are needed, -1: it is none */
typedef long service_answer(struct service_state *state, const char *data, size_t size, char *out,
                            size_t *answered);

service_answer service_echo; /* 200 bytes for 170 */
service_answer service_fix;  /* parses, checks and answers, and keeps nothing */

#endif
