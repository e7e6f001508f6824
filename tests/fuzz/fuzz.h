/* What every fuzz target defines, for libFuzzer and for the replay of its corpus. */
#ifndef RFX_TESTS_FUZZ_H
#define RFX_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Runs one input; an invariant that does not hold ends the process. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
