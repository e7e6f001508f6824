/* The two floor servers, one thread each. Both answer everything that has arrived on a connection
 * with one send. They serve until SIGTERM or SIGINT. */
#ifndef BENCH_FLOOR_SERVE_H
#define BENCH_FLOOR_SERVE_H

#include "bench/floor/service.h"

#define SERVE_CONNS_MAX 16384
#define SERVE_BATCH     ((size_t)32768) /* bytes received at a time */

/* Of the answers to so many bytes: no service answers with more than twice what it gets. */
#define SERVE_OUT_ROOM(size) (2 * (size) + SERVICE_ANSWER_MAX)

struct serve_options {
    int listen_fd;
    service_answer *answer;
    bool spins; /* instead of sleeping */
};

struct serve_conn {
    int fd; /* 0: free */
    struct service_state state;
    size_t rest_size;
    char rest[SERVICE_ANSWER_MAX]; /* of a request that is not there as a whole */
};

/* Answers all requests in data, which begins with conn->rest, and keeps what is left of them there.
 * Returns the size of the answers, -1 when something is no request.
 *
 * out   SERVE_OUT_ROOM(size) bytes */
long serve_answer(struct serve_conn *conn, service_answer *answer, const char *data, size_t size,
                  char *out);

/* False: it says why on stderr. */
bool serve_epoll(const struct serve_options *options);
bool serve_uring(const struct serve_options *options);

extern volatile bool serve_is_over; /* set by a signal */

#endif
