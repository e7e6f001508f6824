#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/journal/run.h"
#include "journal/store_internal.h"

struct bench {
    const struct bench_load *load;
    struct bench_result *result;
    struct rfx_store *store;
    struct rfx_journal_port port;
    struct rfx_journal_entry *sessions;
    struct rfx_journal_op *ops;
    struct rfx_error error;
    char message[BENCH_MESSAGE_SIZE];
};

double bench_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double bench_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void bench_pause(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
}

static rfx_status open_bench(struct bench *bench)
{
    const struct bench_load *load = bench->load;
    const struct rfx_journal_keep keep = {0};
    const struct rfx_store_options options = {
        .path = load->path,
        .shards = 1,
        .durability = load->durability,
        .interval_ms = 50,
        .size_max = UINT64_C(1) << 40,
        .tail_size = UINT64_C(64) << 20,
        .batch_bytes = (size_t)1 << 20,
        .batch_ops = 4096 + load->sessions,
        .sessions_max = load->sessions,
    };
    rfx_status status = rfx_store_open(&options, &bench->store, &bench->error);
    if (status != RFX_OK) {
        return status;
    }
    bench->port = rfx_store_port(bench->store, 0);
    bench->sessions = calloc(load->sessions, sizeof *bench->sessions);
    bench->ops = calloc(2 * (size_t)load->per_commit, sizeof *bench->ops);
    memset(bench->message, 'x', sizeof bench->message);
    for (uint32_t i = 0; i < load->sessions && status == RFX_OK; i++) {
        char name[64];
        snprintf(name, sizeof name, "FIX.4.4:BENCH->CLIENT%u", i);
        status = bench->port.attach(bench->port.context, name, &keep, 1, &bench->sessions[i],
                                    &bench->error);
    }
    return status == RFX_OK ? rfx_store_settle(bench->store, &bench->error) : status;
}

/* As a shard does: messages, then the numbers of each session touched. */
static size_t make_batch(struct bench *bench, uint64_t first)
{
    const struct bench_load *load = bench->load;
    const uint32_t touched = load->per_commit < load->sessions ? load->per_commit : load->sessions;
    size_t count = 0;
    for (uint32_t i = 0; i < load->per_commit; i++) {
        struct rfx_journal_entry *session = &bench->sessions[(first + i) % load->sessions];
        bench->ops[count++] = (struct rfx_journal_op){.type = RFX_JOURNAL_MESSAGE,
                                                      .slot = session->slot,
                                                      .seq_num = session->next_out++,
                                                      .data = bench->message,
                                                      .size = sizeof bench->message};
    }
    for (uint32_t i = 0; i < touched; i++) {
        const struct rfx_journal_entry *session = &bench->sessions[(first + i) % load->sessions];
        bench->ops[count++] = (struct rfx_journal_op){.type = RFX_JOURNAL_NUMBERS,
                                                      .slot = session->slot,
                                                      .next_out = session->next_out,
                                                      .next_in = session->next_out};
    }
    return count;
}

static rfx_status append_all(struct bench *bench)
{
    const struct bench_load *load = bench->load;
    for (uint64_t done = 0; done < load->messages; done += load->per_commit) {
        const size_t count = make_batch(bench, done);
        while (bench->port.room(bench->port.context) != RFX_JOURNAL_ROOM) {
            bench->result->waits++;
            bench_pause();
        }
        const double begin_ns = bench_clock_ns();
        const rfx_status status = bench->port.append(bench->port.context, bench->ops, count,
                                                     (int64_t)done, &bench->error);
        const double took_ns = bench_clock_ns() - begin_ns;
        if (status != RFX_OK) {
            return status;
        }
        histogram_record(&bench->result->appends, (uint64_t)took_ns);
        bench->result->append_ns += took_ns / (double)load->messages;
    }
    return rfx_store_settle(bench->store, &bench->error);
}

static double store_size(const struct bench *bench)
{
    MDB_envinfo info;
    MDB_stat stat;
    if (mdb_env_info(bench->store->env.env, &info) != 0 ||
        mdb_env_stat(bench->store->env.env, &stat) != 0) {
        return 0;
    }
    return (double)(info.me_last_pgno + 1) * stat.ms_psize;
}

bool bench_run_journal(const struct bench_load *load, struct bench_result *result)
{
    struct bench bench = {.load = load, .result = result};
    const double messages = (double)load->messages;
    rfx_status status = open_bench(&bench);
    if (status == RFX_OK) {
        const double tail = (double)bench.store->parts[0].tail.end;
        const double store = store_size(&bench);
        const double begin_ns = bench_clock_ns();
        const double begin_cpu_ns = bench_cpu_ns();
        status = append_all(&bench);
        result->wall_ns = (bench_clock_ns() - begin_ns) / messages;
        result->cpu_ns = (bench_cpu_ns() - begin_cpu_ns) / messages;
        result->tail_bytes = ((double)bench.store->parts[0].tail.end - tail) / messages;
        result->store_bytes = (store_size(&bench) - store) / messages;
    }
    if (rfx_store_close(bench.store, status == RFX_OK ? &bench.error : NULL) != RFX_OK &&
        status == RFX_OK) {
        status = RFX_E_JOURNAL;
    }
    free(bench.sessions);
    free(bench.ops);
    if (status != RFX_OK) {
        fprintf(stderr, "ringfix-bench-journal: %s\n", bench.error.text);
    }
    return status == RFX_OK;
}
