#include "tests/unit/support_journal.h"

#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal/store_internal.h"

static void take_line(void *context, enum rfx_log_level level, const char *text)
{
    struct journal_rig *rig = context;
    (void)level;
    pthread_mutex_lock(&rig->log_mutex);
    const size_t used = strlen(rig->log);
    snprintf(rig->log + used, sizeof rig->log - used, "%s\n", text);
    pthread_mutex_unlock(&rig->log_mutex);
}

void journal_expect_log(struct journal_rig *rig, const char *text)
{
    pthread_mutex_lock(&rig->log_mutex);
    if (strstr(rig->log, text) == NULL) {
        fail_msg("'%s' is not in: %s", text, rig->log);
    }
    pthread_mutex_unlock(&rig->log_mutex);
}

void journal_rig_init(struct journal_rig *rig)
{
    memset(rig, 0, sizeof *rig);
    pthread_mutex_init(&rig->log_mutex, NULL);
    make_temp_dir(rig->path);
    rig->options = (struct rfx_store_options){.path = rig->path,
                                              .shards = 1,
                                              .durability = RFX_DURABILITY_PROCESS,
                                              .size_max = UINT64_C(64) << 20,
                                              .tail_size = UINT64_C(8) << 20,
                                              .batch_bytes = 16 << 10,
                                              .batch_ops = 32,
                                              .sessions_max = 64,
                                              .log = take_line,
                                              .log_context = rig};
}

void journal_rig_open(struct journal_rig *rig)
{
    if (rfx_store_open(&rig->options, &rig->journal, &rig->error) != RFX_OK) {
        fail_msg("open: %s", rig->error.text);
    }
}

void journal_rig_close(struct journal_rig *rig)
{
    if (rfx_store_close(rig->journal, &rig->error) != RFX_OK) {
        fail_msg("close: %s", rig->error.text);
    }
    rig->journal = NULL;
}

void journal_rig_end(struct journal_rig *rig)
{
    journal_rig_close(rig);
    remove_tree(rig->path);
}

struct rfx_journal_port journal_port_of(struct journal_rig *rig, const char *name)
{
    return rfx_store_port(rig->journal, rfx_name_shard(name, strlen(name), rig->options.shards));
}

struct rfx_journal_entry journal_attach(struct journal_rig *rig, const char *name)
{
    struct rfx_journal_entry entry = {0};
    const struct rfx_journal_port port = journal_port_of(rig, name);
    if (port.attach(port.context, name, &rig->keep, JOURNAL_UTC_NS, &entry, &rig->error) !=
        RFX_OK) {
        fail_msg("attach: %s", rig->error.text);
    }
    return entry;
}

struct rfx_journal_op op_message(uint32_t slot, uint64_t seq_num, const char *text)
{
    return (struct rfx_journal_op){.type = RFX_JOURNAL_MESSAGE,
                                   .slot = slot,
                                   .seq_num = seq_num,
                                   .data = text,
                                   .size = (uint32_t)strlen(text)};
}

struct rfx_journal_op op_numbers(uint32_t slot, uint64_t next_out, uint64_t next_in)
{
    return (struct rfx_journal_op){
        .type = RFX_JOURNAL_NUMBERS, .slot = slot, .next_out = next_out, .next_in = next_in};
}

struct rfx_journal_op op_reset(uint32_t slot)
{
    return (struct rfx_journal_op){.type = RFX_JOURNAL_RESET, .slot = slot};
}

void journal_settle(struct journal_rig *rig)
{
    if (rfx_store_settle(rig->journal, &rig->error) != RFX_OK) {
        fail_msg("settle: %s", rig->error.text);
    }
}

static void append_to_port(struct journal_rig *rig, struct rfx_journal_port port,
                           const struct rfx_journal_op *ops, size_t count)
{
    rfx_status status = port.append(port.context, ops, count, JOURNAL_UTC_NS, &rig->error);
    if (status == RFX_E_FULL) {
        journal_settle(rig);
        status = port.append(port.context, ops, count, JOURNAL_UTC_NS, &rig->error);
    }
    if (status != RFX_OK) {
        fail_msg("append: %s", rig->error.text);
    }
}

void journal_append(struct journal_rig *rig, const struct rfx_journal_op *ops, size_t count)
{
    append_to_port(rig, rfx_store_port(rig->journal, 0), ops, count);
}

void journal_append_to(struct journal_rig *rig, const char *name, const struct rfx_journal_op *ops,
                       size_t count)
{
    append_to_port(rig, journal_port_of(rig, name), ops, count);
}

struct text {
    char data[4096];
    size_t size;
};

static bool add_message(void *context, uint64_t seq_num, struct rfx_bytes message)
{
    struct text *text = context;
    const int size =
        snprintf(text->data + text->size, sizeof text->data - text->size, "%s%" PRIu64 ":%.*s",
                 text->size > 0 ? " " : "", seq_num, (int)message.size, message.data);
    assert_true(size > 0 && (size_t)size < sizeof text->data - text->size);
    text->size += (size_t)size;
    return true;
}

static void expect_range(struct journal_rig *rig, const char *name, uint64_t first, uint64_t last,
                         const char *messages)
{
    const struct rfx_journal_port port = journal_port_of(rig, name);
    const uint32_t slot = journal_attach(rig, name).slot;
    struct text text = {0};
    if (port.read(port.context, slot, first, last, add_message, &text, &rig->error) != RFX_OK) {
        fail_msg("read: %s", rig->error.text);
    }
    assert_string_equal(text.data, messages);
}

void journal_expect_range(struct journal_rig *rig, const char *name, uint64_t first, uint64_t last,
                          const char *messages)
{
    expect_range(rig, name, first, last, messages); /* much of it still in the tail */
    journal_settle(rig);
    expect_range(rig, name, first, last, messages);
}

void journal_expect_now(struct journal_rig *rig, const char *name, uint64_t next_out,
                        uint64_t next_in, const char *messages)
{
    const struct rfx_journal_entry entry = journal_attach(rig, name);
    assert_int_equal(entry.next_out, next_out);
    assert_int_equal(entry.next_in, next_in);
    expect_range(rig, name, 1, UINT64_MAX, messages);
}

void journal_expect(struct journal_rig *rig, const char *name, uint64_t next_out, uint64_t next_in,
                    const char *messages)
{
    const struct rfx_journal_entry entry = journal_attach(rig, name);
    assert_int_equal(entry.next_out, next_out);
    assert_int_equal(entry.next_in, next_in);
    journal_expect_range(rig, name, 1, UINT64_MAX, messages);
}

size_t journal_count_rows(struct journal_rig *rig, const char *table)
{
    char path[300];
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    MDB_dbi dbi;
    MDB_stat stat;
    snprintf(path, sizeof path, "%s/store", rig->path);
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 8), 0);
    assert_int_equal(mdb_env_open(env, path, MDB_RDONLY, 0), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, table, 0, &dbi), 0);
    assert_int_equal(mdb_stat(txn, dbi, &stat), 0);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return stat.ms_entries;
}

/* The child's mover cannot write to the store: this thread has the store's lock. */
void journal_leave(struct journal_rig *rig, journal_work *work)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        MDB_txn *txn = NULL;
        journal_rig_open(rig);
        if (mdb_txn_begin(rig->journal->env.env, NULL, 0, &txn) != 0) {
            _exit(1);
        }
        work(rig);
        _exit(0);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
}

bool journal_has_tail(const struct journal_rig *rig, unsigned shard)
{
    char path[300];
    struct stat file;
    snprintf(path, sizeof path, "%s/tail-%03u", rig->path, shard);
    return stat(path, &file) == 0;
}

int journal_set_up(void **state)
{
    struct journal_rig *rig = malloc(sizeof *rig);
    journal_rig_init(rig);
    *state = rig;
    return 0;
}

int journal_tear_down(void **state)
{
    struct journal_rig *rig = *state;
    if (rig->journal != NULL) {
        journal_rig_close(rig);
    }
    remove_tree(rig->path);
    free(rig);
    return 0;
}
