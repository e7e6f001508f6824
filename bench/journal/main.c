/* ringfix-bench-journal: what it costs to journal a message, by durability, messages per commit
 * and sessions that take turns, beside bare LMDB doing the same. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/journal/run.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
    "usage: ringfix-bench-journal [MESSAGES [DIRECTORY]]\n"
    "\n"
    "MESSAGES (1000000) are journaled in each measurement; with sync at most 200 commits. The\n"
    "journals are made below DIRECTORY ($TMPDIR or /tmp) and removed.\n"
    "\n"
    "  append     ns per message on the thread that has to wait before it may send\n"
    "  p50 p99 max  of one commit, microseconds\n"
    "  cpu        ns per message of all threads, until the messages are in LMDB\n"
    "  kept up    ns per message by the clock, until the messages are in LMDB\n"
    "  bytes      per message: pages of LMDB in use, and of the write-ahead tail\n"
    "  waits      for room in the tail, a millisecond each\n";

static int remove_one(const char *path, const struct stat *file, int type, struct FTW *where)
{
    (void)file;
    (void)type;
    (void)where;
    return remove(path);
}

static bool measure(const char *what, bool (*run)(const struct bench_load *, struct bench_result *),
                    struct bench_load load, const char *directory)
{
    static struct bench_result result;
    char path[1024];
    snprintf(path, sizeof path, "%s/ringfix-bench-XXXXXX", directory);
    if (mkdtemp(path) == NULL) {
        fprintf(stderr, "ringfix-bench-journal: %s: %s\n", path, strerror(errno));
        return false;
    }
    memset(&result, 0, sizeof result);
    load.path = path;
    const bool is_done = run(&load, &result);
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (is_done) {
        printf("  %-8s %9.0f %9.1f %9.1f %9.0f %9.0f %9.0f %7.0f %6.0f %6llu\n", what,
               result.append_ns, (double)histogram_percentile(&result.appends, 50) / 1000,
               (double)histogram_percentile(&result.appends, 99) / 1000,
               (double)histogram_max(&result.appends) / 1000, result.cpu_ns, result.wall_ns,
               result.store_bytes, result.tail_bytes, (unsigned long long)result.waits);
        fflush(stdout);
    }
    return is_done;
}

static bool measure_both(struct bench_load load, uint64_t messages, const char *directory)
{
    static const char *const names[] = {
        [RFX_DURABILITY_PROCESS] = "process",
        [RFX_DURABILITY_SYNC] = "sync",
        [RFX_DURABILITY_INTERVAL] = "interval:50",
    };
    const uint64_t commits = messages / load.per_commit + 1;
    const uint64_t commits_max = load.durability == RFX_DURABILITY_SYNC ? 200 : UINT64_MAX;
    load.messages = (commits < commits_max ? commits : commits_max) * load.per_commit;
    printf("%s, %u sessions, %u messages per commit\n", names[load.durability], load.sessions,
           load.per_commit);
    return measure("journal", bench_run_journal, load, directory) &&
           measure("LMDB", bench_run_lmdb, load, directory);
}

int main(int argc, char **argv)
{
    static const uint32_t sessions[] = {1, 16, 1000};
    static const uint32_t per_commit[] = {1, 8, 64, 512};
    static const enum rfx_durability durabilities[] = {
        RFX_DURABILITY_PROCESS, RFX_DURABILITY_INTERVAL, RFX_DURABILITY_SYNC};
    const char *directory = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
    char *end = NULL;
    const uint64_t messages = argc > 1 ? strtoull(argv[1], &end, 10) : 1000000;
    if (argc > 3 || messages < 1 || (end != NULL && *end != '\0')) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    directory = argc > 2 ? argv[2] : directory;
    printf("  %-8s %9s %9s %9s %9s %9s %9s %7s %6s %6s\n", "", "append", "p50", "p99", "max", "cpu",
           "kept up", "bytes", "tail", "waits");
    for (size_t d = 0; d < 3; d++) {
        for (size_t s = 0; s < 3; s++) {
            for (size_t p = 0; p < 4; p++) {
                const struct bench_load load = {.durability = durabilities[d],
                                                .sessions = sessions[s],
                                                .per_commit = per_commit[p]};
                if (!measure_both(load, messages, directory)) {
                    return EXIT_FAILED;
                }
            }
        }
    }
    /* 64 sessions with 16 orders in flight: turns that answer a quarter, a half and all of them. */
    for (uint32_t per_turn = 256; per_turn <= 1024; per_turn *= 2) {
        const struct bench_load bulk = {
            .durability = RFX_DURABILITY_PROCESS, .sessions = 64, .per_commit = per_turn};
        if (!measure_both(bulk, messages, directory)) {
            return EXIT_FAILED;
        }
    }
    return 0;
}
