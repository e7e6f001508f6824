/* The one source of chance of a simulated world: splitmix64, any seed will do. */
#ifndef RFX_SIMULATION_RANDOM_H
#define RFX_SIMULATION_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct sim_random {
    uint64_t state;
};

static inline uint64_t sim_random_next(struct sim_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = random->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/* From low to high, both included. */
static inline uint64_t sim_random_between(struct sim_random *random, uint64_t low, uint64_t high)
{
    return low + sim_random_next(random) % (high - low + 1);
}

static inline bool sim_random_chance(struct sim_random *random, uint32_t percent)
{
    return sim_random_next(random) % 100 < percent;
}

#endif
