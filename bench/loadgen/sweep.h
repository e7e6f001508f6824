/* A sweep: the same load at one rate after the other, to find the highest that is kept.
 *
 * Rates grow by a constant factor. A step is kept when at least SWEEP_KEPT_PERCENT of the offered
 * rate was answered and its p99 is at most SWEEP_P99_FACTOR times the lowest p99 of the first
 * SWEEP_P99_STEPS steps. The knee is the last step that was kept. */
#ifndef LOADGEN_SWEEP_H
#define LOADGEN_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#define SWEEP_STEPS_MAX       50
#define SWEEP_KEPT_PERCENT    98
#define SWEEP_GIVE_UP_PERCENT 90 /* answered less than that: a higher rate tells nothing new */
#define SWEEP_P99_FACTOR      10
#define SWEEP_P99_STEPS       3
#define SWEEP_NO_KNEE         UINT32_MAX

struct sweep_step {
    double offered;    /* orders/s */
    double seconds;    /* measured */
    uint64_t answered; /* in that time */
    uint64_t p50_ns;
    uint64_t p99_ns;
    uint64_t p999_ns;
    uint64_t max_ns;
    uint64_t not_sent; /* due in the step, but still waiting at its end */
    double lag_max_us; /* the latest send behind its time */
    bool is_drained;   /* every order was answered before the next step was due */
    bool is_kept;
};

struct sweep {
    struct sweep_step steps[SWEEP_STEPS_MAX];
    uint32_t count;
    uint32_t planned;
    uint32_t knee;         /* SWEEP_NO_KNEE: nothing was kept */
    uint64_t p99_limit_ns; /* up to which a step is kept */
};

/* The rate of a step, index below count, count at least 2: from at 0, to at the last. */
double sweep_rate(double from, double to, uint32_t count, uint32_t index);

double sweep_achieved(const struct sweep_step *step);

/* Adds a step, of which is_kept is decided here, and finds the knee anew. There is room for
 * SWEEP_STEPS_MAX. */
void sweep_add(struct sweep *sweep, const struct sweep_step *step);

/* True when the last step was so far from being kept that the sweep ends there. */
bool sweep_gives_up(const struct sweep *sweep);

/* How it ended, as a sentence. */
const char *sweep_end_text(const struct sweep *sweep);

#endif
