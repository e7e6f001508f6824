/* What every file of ringfix may use: assertions, branch hints, cache lines. */
#ifndef RFX_CORE_BASE_H
#define RFX_CORE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ringfix/status.h"

#define RFX_CACHE_LINE  64
#define RFX_SOH         '\x01'
#define RFX_NS_PER_S    UINT64_C(1000000000)
#define RFX_NS_PER_MS   UINT64_C(1000000)
#define RFX_NEVER_NS    UINT64_MAX

#define RFX_LIKELY(x)   __builtin_expect(!!(x), 1)
#define RFX_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* An invariant of our own, cheap enough to stay on in every build. */
#define RFX_ASSERT(condition)                                                                      \
    (RFX_LIKELY(condition) ? (void)0 : rfx_assert_failed(#condition, __FILE__, __LINE__))

_Noreturn void rfx_assert_failed(const char *condition, const char *file, int line);

/* A mistake of the program that uses the library: says which, and ends it. */
_Noreturn void rfx_misused(const char *function, const char *what);

#define RFX_CONTAINER_OF(pointer, type, member)                                                    \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Fills *error (may be NULL) and returns the status, so that a cold path can say
 * `return rfx_fail(error, RFX_E_IO, "%s: ...", path)`. */
rfx_status rfx_fail(struct rfx_error *error, rfx_status status, const char *format, ...)
    RFX_PRINTF(3, 4);

/* Both clocks as one duty read them at the start of its turn. */
struct rfx_now {
    uint64_t mono_ns; /* for intervals and deadlines */
    int64_t utc_ns;   /* since 1970 UTC, for SendingTime(52) */
};

static inline uint64_t rfx_min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Whether a text has no control characters; it may go into a field or a line of the log. */
bool rfx_is_printable(const char *text);

static inline struct rfx_bytes rfx_bytes_of(const char *data, size_t size)
{
    return (struct rfx_bytes){.data = data, .size = size};
}

#endif
