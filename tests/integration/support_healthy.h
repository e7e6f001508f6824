/* A session that trades all the time in a thread of its own and remembers whether anything
 * disturbed it. */
#ifndef RFX_TESTS_SUPPORT_HEALTHY_H
#define RFX_TESTS_SUPPORT_HEALTHY_H

#include <pthread.h>
#include <stdatomic.h>

#include "tests/integration/support_peer.h"

struct healthy {
    struct peer peer;
    pthread_t thread;
    _Atomic bool is_stopping;
    _Atomic uint64_t trades;
    _Atomic bool is_disturbed; /* an answer was wrong or missing */
    char what[512];            /* read when is_disturbed is set */
};

/* Logs on and starts to trade. */
void healthy_start(struct healthy *healthy, uint16_t port);

/* Waits for another `count` answers; ends the test if anything has gone wrong. */
void healthy_check(struct healthy *healthy, uint64_t count);

/* Stops trading and logs out. */
void healthy_stop(struct healthy *healthy);

#endif
