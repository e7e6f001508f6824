/* A journal in a temporary directory, and short words for its operations. Failures end the test. */
#ifndef RFX_TESTS_SUPPORT_JOURNAL_H
#define RFX_TESTS_SUPPORT_JOURNAL_H

#include <pthread.h>

#include "core/hash.h"
#include "journal/store.h"
#include "tests/support.h"

struct journal_rig {
    char path[256];
    struct rfx_store_options options;
    struct rfx_store *journal; /* NULL: closed */
    struct rfx_error error;
    struct rfx_journal_keep keep; /* of sessions attached from now on */
    pthread_mutex_t log_mutex;    /* the mover writes, too */
    char log[4096];               /* lines the journal wrote */
};

#define JOURNAL_UTC_NS INT64_C(1700000000000000000) /* of everything attached and appended */

/* One shard, durability process, 64 MiB and 8 MiB of tail, 64 sessions; the journal is not yet
 * open. */
void journal_rig_init(struct journal_rig *rig);
void journal_rig_open(struct journal_rig *rig);
void journal_rig_close(struct journal_rig *rig);
void journal_rig_end(struct journal_rig *rig);

/* *state is a rig of its own, not yet open; open or not at the end. */
int journal_set_up(void **state);
int journal_tear_down(void **state);

#define JOURNAL_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, journal_set_up, journal_tear_down)

/* The port of the shard where a session belongs, and the session's entry there. */
struct rfx_journal_port journal_port_of(struct journal_rig *rig, const char *name);
struct rfx_journal_entry journal_attach(struct journal_rig *rig, const char *name);

struct rfx_journal_op op_message(uint32_t slot, uint64_t seq_num, const char *text);
struct rfx_journal_op op_numbers(uint32_t slot, uint64_t next_out, uint64_t next_in);
struct rfx_journal_op op_reset(uint32_t slot);

#define JOURNAL_APPEND(rig, ...)                                                                   \
    journal_append(rig, (const struct rfx_journal_op[]){__VA_ARGS__},                              \
                   sizeof((const struct rfx_journal_op[]){__VA_ARGS__}) /                          \
                       sizeof(struct rfx_journal_op))

/* Appends to shard 0, or to the shard of a session; waits for room in the tail. */
void journal_append(struct journal_rig *rig, const struct rfx_journal_op *ops, size_t count);
void journal_append_to(struct journal_rig *rig, const char *name, const struct rfx_journal_op *ops,
                       size_t count);

/* A process opens the journal, does some work and dies before its mover has moved any of it. */
typedef void journal_work(struct journal_rig *rig);
void journal_leave(struct journal_rig *rig, journal_work *work);

bool journal_has_tail(const struct journal_rig *rig, unsigned shard);

/* A text that stands in a line the journal wrote. */
void journal_expect_log(struct journal_rig *rig, const char *text);

/* Waits until everything is in the store. */
void journal_settle(struct journal_rig *rig);

/* Checks what a session holds: its numbers, and its messages as "1:text 2:text"; at once, and
 * again when everything is in the store. */
void journal_expect(struct journal_rig *rig, const char *name, uint64_t next_out, uint64_t next_in,
                    const char *messages);
void journal_expect_now(struct journal_rig *rig, const char *name, uint64_t next_out,
                        uint64_t next_in, const char *messages); /* only at once */
void journal_expect_range(struct journal_rig *rig, const char *name, uint64_t first, uint64_t last,
                          const char *messages);

/* Rows in a table of a closed journal, counted by opening the environment itself. */
size_t journal_count_rows(struct journal_rig *rig, const char *table);

#endif
