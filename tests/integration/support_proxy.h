/* A TCP proxy on loopback, in a thread of its own, that can break a connection in such a way that
 * bytes are certainly lost. One connection at a time. */
#ifndef RFX_TESTS_SUPPORT_PROXY_H
#define RFX_TESTS_SUPPORT_PROXY_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct proxy {
    pthread_t thread;
    int listener;
    int end_signal[2]; /* a pipe; closing its writing end stops the thread */
    uint16_t port;
    uint16_t target_port;
    size_t budget; /* bytes from the target that are handed on until the first connection is cut;
                      0: it is not cut */
};

/* Listens on proxy->port. Ends the test on failure. */
void proxy_start(struct proxy *proxy, uint16_t target_port, size_t budget);
void proxy_stop(struct proxy *proxy);

#endif
