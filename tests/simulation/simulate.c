/* simulate --seeds FROM..TO [--trace] [--hash] [--keep-going]
 *
 * Runs one simulated world for each seed. Each stretch of seeds runs in a child process, so that
 * an assertion or a sanitizer ends one seed and not the report. A seed that fails is run once
 * more with its trace. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/simulation/sim.h"

/* Where parent and child meet. */
struct progress {
    uint64_t seed; /* under way */
    uint64_t counts[SIM_COUNT_COUNT];
};

struct options {
    uint64_t from;
    uint64_t to;
    bool traces;
    bool hashes;
    bool keeps_going;
};

static void run_seed(struct progress *progress, uint64_t seed, bool traces, bool hashes)
{
    struct sim *sim = calloc(1, sizeof *sim);
    if (sim == NULL) {
        exit(EXIT_FAILURE);
    }
    progress->seed = seed;
    sim->seed = seed;
    sim->counts = progress->counts;
    sim->is_traced = traces;
    sim->is_hashed = hashes;
    sim_run(sim);
    if (hashes) {
        printf("seed %llu trace %016llx\n", (unsigned long long)seed,
               (unsigned long long)sim->hash);
    }
    free(sim);
}

/* True when all seeds of the range passed; else progress->seed is the one that did not. */
static bool run_range(struct progress *progress, const struct options *options)
{
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) {
        perror("simulate: fork");
        exit(EXIT_FAILURE);
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would read what it finds */
        for (uint64_t seed = options->from; seed <= options->to; seed++) {
            run_seed(progress, seed, options->traces, options->hashes);
        }
        exit(EXIT_SUCCESS);
    }
    int status;
    if (waitpid(child, &status, 0) != child) {
        perror("simulate: waitpid");
        exit(EXIT_FAILURE);
    }
    if (WIFSIGNALED(status)) {
        printf("seed %llu ends with signal %d\n", (unsigned long long)progress->seed,
               WTERMSIG(status));
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/* Every failing seed of the range; returns how many there are. */
static uint64_t run_all(struct progress *progress, const struct options *options)
{
    uint64_t failures = 0;
    struct options rest = *options;
    while (rest.from <= rest.to && !run_range(progress, &rest)) {
        failures++;
        uint64_t seed = progress->seed;
        if (!options->keeps_going) {
            if (!options->traces) {
                struct options again = {.from = seed, .to = seed, .traces = true};
                run_range(progress, &again);
            }
            printf("to run it again: simulate --seeds %llu..%llu --trace\n",
                   (unsigned long long)seed, (unsigned long long)seed);
            break;
        }
        rest.from = seed + 1;
    }
    return failures;
}

static void report(const uint64_t *counts)
{
    static const char *const names[] = {
        [SIM_COUNT_SEEDS] = "seeds passed",
        [SIM_COUNT_SENT] = "application messages journaled",
        [SIM_COUNT_DELIVERED] = "delivered",
        [SIM_COUNT_EXCUSED] = "need not arrive",
        [SIM_COUNT_REPEATED] = "messages repeated",
        [SIM_COUNT_GAP_FILLS] = "gap fills",
        [SIM_COUNT_LOGONS] = "logons",
        [SIM_COUNT_CONNECTS] = "connects",
        [SIM_COUNT_RESETS] = "resets",
        [SIM_COUNT_REJECTS] = "rejects",
        [SIM_COUNT_KILLS] = "kills between turns",
        [SIM_COUNT_KILLS_BEFORE_APPEND] = "kills before an append",
        [SIM_COUNT_KILLS_BEHIND_APPEND] = "kills behind an append",
        [SIM_COUNT_INBOUND] = "received messages journaled",
        [SIM_COUNT_NO_ROOM] = "appends and turns without room",
        [SIM_COUNT_RING_FULL] = "full rings to a shard",
        [SIM_COUNT_GAP_QUEUE_FULL] = "full gap queues",
        [SIM_COUNT_TURNS] = "turns",
        [SIM_COUNT_VIRTUAL_S] = "virtual seconds",
    };
    for (int i = 0; i < SIM_COUNT_REASONS; i++) {
        printf("%12llu %s\n", (unsigned long long)counts[i], names[i]);
    }
    for (int i = 0; i < RFX_REASON_COUNT; i++) {
        if (counts[SIM_COUNT_REASONS + i] > 0) {
            printf("%12llu disconnects: %s\n", (unsigned long long)counts[SIM_COUNT_REASONS + i],
                   rfx_disconnect_reason_text((enum rfx_disconnect_reason)i));
        }
    }
}

static bool read_seeds(const char *text, struct options *options)
{
    char *end;
    options->from = strtoull(text, &end, 10);
    options->to = options->from;
    if (end != text && strncmp(end, "..", 2) == 0) {
        text = end + 2;
        options->to = strtoull(text, &end, 10);
    }
    return end != text && *end == '\0' && options->from <= options->to;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    bool has_seeds = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) {
            has_seeds = read_seeds(argv[++i], options);
        } else if (strcmp(argv[i], "--trace") == 0) {
            options->traces = true;
        } else if (strcmp(argv[i], "--hash") == 0) {
            options->hashes = true;
        } else if (strcmp(argv[i], "--keep-going") == 0) {
            options->keeps_going = true;
        } else {
            return false;
        }
    }
    return has_seeds;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "usage: simulate --seeds FROM..TO [--trace] [--hash] [--keep-going]\n"
                        "  --trace       print everything that happens\n"
                        "  --hash        print a hash of each seed's trace\n"
                        "  --keep-going  name every failing seed instead of tracing the first\n");
        return 2;
    }
    struct progress *progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED) {
        perror("simulate: mmap");
        return EXIT_FAILURE;
    }
    uint64_t failures = run_all(progress, &options);
    if (!options.hashes) {
        report(progress->counts);
    }
    if (failures > 0) {
        printf("%llu failing seed%s\n", (unsigned long long)failures, failures > 1 ? "s" : "");
    }
    munmap(progress, sizeof *progress);
    return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
