/* Where and when a run took place, for reports that are compared later. */
#ifndef LOADGEN_ENVIRONMENT_H
#define LOADGEN_ENVIRONMENT_H

#include <stdint.h>

struct environment {
    char kernel[160]; /* name, release, machine */
    char cpu[128];    /* the model as /proc/cpuinfo calls it; "": unknown */
    uint32_t cores;   /* that are online */
    char started[32]; /* UTC: 2026-01-31 23:59:59; "" until environment_read() */
};

/* Never fails: what cannot be found out stays empty. */
void environment_read(struct environment *environment);

#endif
