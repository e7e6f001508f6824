/* A journal in memory: numbers and messages last as long as the test.
 *
 * thread   the one that turns the shard; lack of memory is an assertion */
#ifndef RFX_CORE_TEST_MEMORY_JOURNAL_H
#define RFX_CORE_TEST_MEMORY_JOURNAL_H

#include "core/journal_port.h"

struct rfx_memory_session;

/* Zero-initialise. */
struct rfx_memory_journal {
    struct rfx_memory_session *sessions;
    size_t count;
    size_t capacity;
};

struct rfx_journal_port rfx_memory_journal_port(struct rfx_memory_journal *journal);
void rfx_memory_journal_close(struct rfx_memory_journal *journal);

#endif
