#include "bench/loadgen/sweep.h"

#include <assert.h>
#include <math.h>

double sweep_rate(double from, double to, uint32_t count, uint32_t index)
{
    if (index + 1 == count) {
        return to;
    }
    return from * pow(to / from, (double)index / (double)(count - 1));
}

double sweep_achieved(const struct sweep_step *step)
{
    return step->seconds > 0 ? (double)step->answered / step->seconds : 0;
}

/* Two orders are forgiven: those at the ends of the measured time, of which a slow rate has few. */
static bool answers_at_least(const struct sweep_step *step, double percent)
{
    double offered = step->offered * step->seconds;
    return step->answered > 0 && (double)step->answered + 2 >= offered * percent / 100;
}

void sweep_add(struct sweep *sweep, const struct sweep_step *step)
{
    assert(sweep->count < SWEEP_STEPS_MAX);
    uint64_t lowest_ns = UINT64_MAX;
    sweep->steps[sweep->count++] = *step;
    for (uint32_t i = 0; i < sweep->count && i < SWEEP_P99_STEPS; i++) {
        uint64_t p99_ns = sweep->steps[i].p99_ns;
        lowest_ns = p99_ns > 0 && p99_ns < lowest_ns ? p99_ns : lowest_ns;
    }
    bool has_limit = lowest_ns <= UINT64_MAX / SWEEP_P99_FACTOR;
    sweep->p99_limit_ns = has_limit ? lowest_ns * SWEEP_P99_FACTOR : 0;
    sweep->knee = SWEEP_NO_KNEE;
    for (uint32_t i = 0; i < sweep->count; i++) {
        struct sweep_step *each = &sweep->steps[i];
        each->is_kept = answers_at_least(each, SWEEP_KEPT_PERCENT) && each->is_drained &&
                        each->p99_ns <= sweep->p99_limit_ns;
        sweep->knee = each->is_kept ? i : sweep->knee;
    }
}

static const struct sweep_step *last_step(const struct sweep *sweep)
{
    return &sweep->steps[sweep->count - 1];
}

bool sweep_gives_up(const struct sweep *sweep)
{
    return sweep->count > 0 && (!last_step(sweep)->is_drained ||
                                !answers_at_least(last_step(sweep), SWEEP_GIVE_UP_PERCENT));
}

const char *sweep_end_text(const struct sweep *sweep)
{
    if (sweep->count > 0 && !last_step(sweep)->is_drained) {
        return "The last step's orders were not all answered in time.";
    }
    if (sweep_gives_up(sweep)) {
        return "The acceptor could not keep up with the last step.";
    }
    return sweep->count == sweep->planned ? "All steps were run." : "The sweep was ended early.";
}
