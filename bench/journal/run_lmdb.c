#include <endian.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/journal/run.h"

struct bench {
    const struct bench_load *load;
    struct bench_result *result;
    MDB_env *env;
    MDB_dbi messages;
    MDB_dbi sessions;
    uint64_t *next; /* MsgSeqNum, by session */
    char message[BENCH_MESSAGE_SIZE];
};

static int open_bench(struct bench *bench)
{
    MDB_txn *txn = NULL;
    const unsigned flags = bench->load->durability == RFX_DURABILITY_SYNC ? 0 : MDB_NOSYNC;
    bench->next = calloc(bench->load->sessions, sizeof *bench->next);
    memset(bench->message, 'x', sizeof bench->message);
    int code = mdb_env_create(&bench->env);
    if (code == 0) {
        code = mdb_env_set_maxdbs(bench->env, 2);
    }
    if (code == 0) {
        code = mdb_env_set_mapsize(bench->env, UINT64_C(1) << 40);
    }
    if (code == 0) {
        code = mdb_env_open(bench->env, bench->load->path, flags | MDB_NORDAHEAD, 0600);
    }
    if (code == 0) {
        code = mdb_txn_begin(bench->env, NULL, 0, &txn);
    }
    if (code == 0) {
        code = mdb_dbi_open(txn, "messages", MDB_CREATE, &bench->messages);
        code = code == 0 ? mdb_dbi_open(txn, "sessions", MDB_CREATE, &bench->sessions) : code;
        code = code == 0 ? mdb_txn_commit(txn) : code;
    }
    return code;
}

static int put_message(struct bench *bench, MDB_cursor *cursor, uint32_t session)
{
    unsigned char bytes[12];
    const uint32_t id = htobe32(session + 1);
    const uint64_t seq_num = htobe64(++bench->next[session]);
    memcpy(bytes, &id, sizeof id);
    memcpy(bytes + 4, &seq_num, sizeof seq_num);
    MDB_val key = {sizeof bytes, bytes};
    MDB_val data = {sizeof bench->message, bench->message};
    return mdb_cursor_put(cursor, &key, &data, 0);
}

static int put_numbers(struct bench *bench, MDB_txn *txn, uint32_t session)
{
    uint32_t id = htobe32(session + 1);
    uint64_t record[4] = {bench->next[session], bench->next[session]};
    MDB_val key = {sizeof id, &id};
    MDB_val data = {sizeof record, record};
    return mdb_put(txn, bench->sessions, &key, &data, 0);
}

static int commit(struct bench *bench, uint64_t first)
{
    const struct bench_load *load = bench->load;
    const uint32_t touched = load->per_commit < load->sessions ? load->per_commit : load->sessions;
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    int code = mdb_txn_begin(bench->env, NULL, 0, &txn);
    if (code != 0) {
        return code;
    }
    code = mdb_cursor_open(txn, bench->messages, &cursor);
    for (uint32_t i = 0; i < load->per_commit && code == 0; i++) {
        code = put_message(bench, cursor, (uint32_t)((first + i) % load->sessions));
    }
    if (cursor != NULL) {
        mdb_cursor_close(cursor);
    }
    for (uint32_t i = 0; i < touched && code == 0; i++) {
        code = put_numbers(bench, txn, (uint32_t)((first + i) % load->sessions));
    }
    if (code == 0) {
        return mdb_txn_commit(txn);
    }
    mdb_txn_abort(txn);
    return code;
}

static int commit_all(struct bench *bench)
{
    const struct bench_load *load = bench->load;
    int code = 0;
    for (uint64_t done = 0; done < load->messages && code == 0; done += load->per_commit) {
        const double begin_ns = bench_clock_ns();
        code = commit(bench, done);
        const double took_ns = bench_clock_ns() - begin_ns;
        histogram_record(&bench->result->appends, (uint64_t)took_ns);
        bench->result->append_ns += took_ns / (double)load->messages;
    }
    return code;
}

bool bench_run_lmdb(const struct bench_load *load, struct bench_result *result)
{
    struct bench bench = {.load = load, .result = result};
    const double messages = (double)load->messages;
    MDB_envinfo info;
    MDB_stat stat;
    int code = open_bench(&bench);
    if (code == 0) {
        const double begin_ns = bench_clock_ns();
        const double begin_cpu_ns = bench_cpu_ns();
        code = commit_all(&bench);
        result->wall_ns = (bench_clock_ns() - begin_ns) / messages;
        result->cpu_ns = (bench_cpu_ns() - begin_cpu_ns) / messages;
    }
    if (code == 0 && (code = mdb_env_info(bench.env, &info)) == 0 &&
        (code = mdb_env_stat(bench.env, &stat)) == 0) {
        result->store_bytes = (double)(info.me_last_pgno + 1) * stat.ms_psize / messages;
    }
    if (bench.env != NULL) {
        mdb_env_close(bench.env);
    }
    free(bench.next);
    if (code != 0) {
        fprintf(stderr, "ringfix-bench-journal: LMDB: %s\n", mdb_strerror(code));
    }
    return code == 0;
}
