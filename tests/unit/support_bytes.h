/* Bytes for tests of parsers and writers: memory that ends at a page nobody may touch, FIX
 * messages from readable text, and random numbers from a seed. Failures end the test. */
#ifndef RFX_TESTS_SUPPORT_BYTES_H
#define RFX_TESTS_SUPPORT_BYTES_H

#include "core/base.h"
#include "tests/support.h"

/* Memory whose end is the end of the last page that may be read or written. */
struct guard {
    char *map;
    size_t map_size;
    char *end; /* the first byte that faults */
};

void guard_open(struct guard *guard, size_t capacity);
void guard_close(struct guard *guard);

/* The last `size` bytes before the guard page; up to the capacity. */
char *guard_last(const struct guard *guard, size_t size);

/* A copy that ends at the guard page, valid until the next call on this guard. */
char *guard_copy(const struct guard *guard, const void *bytes, size_t size);

#define FIX_TEXT_MAX 8192

struct fix_text {
    size_t size;
    char data[FIX_TEXT_MAX];
};

/* The text with SOH for every '|'. */
struct fix_text fix_raw(const char *text);

/* "8=FIX.4.4|9=...|", the body ("35=0|34=1|"), "10=...|", with the right length and sum. The
 * second takes a body that may hold any byte. */
struct fix_text fix_message(const char *body);
struct fix_text fix_message_of(const char *body, size_t size);

void fix_append(struct fix_text *text, const struct fix_text *more);

/* Splitmix64: any seed will do, also 0. */
uint64_t random_next(uint64_t *seed);

/* From 0 to below - 1. */
uint64_t random_below(uint64_t *seed, uint64_t below);

#endif
