/* ringfix-bench-validate: what it costs to hold a message against its dictionary. For each message
 * the time to frame and index it, and the time to validate it on top of that. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/validate/samples.h"
#include "core/validate.h"

#define ROUNDS_MAX 1001

enum { EXIT_WRONG = 1, EXIT_USAGE = 2 };

struct run {
    struct rfx_rules rules;
    struct rfx_validate_scratch *scratch;
    struct sample sample;
    uint64_t iterations;
    struct rfx_field fields[RFX_FIELDS_MAX(SAMPLE_SIZE_MAX)];
};

enum mode { INDEX_ONLY, INDEX_AND_VALIDATE };

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * RFX_NS_PER_S + (uint64_t)now.tv_nsec;
}

static bool process(struct run *run, enum mode mode)
{
    struct rfx_frame frame;
    struct rfx_message message;
    struct rfx_fault fault;
    struct sample *sample = &run->sample;
    __asm__ volatile("" : : "r"(sample->data) : "memory"); /* as if it came just now */
    if (rfx_frame(sample->data, sample->size, sizeof sample->data, &frame) != RFX_FRAME_COMPLETE) {
        fprintf(stderr, "ringfix-bench-validate: %s: not a message\n", sample->name);
        return false;
    }
    rfx_message_index(sample->data, frame.size, run->fields, &message);
    if (mode == INDEX_ONLY) {
        return message.malformed_index < 0;
    }
    if (!rfx_validate(&run->rules, &message, run->scratch, &fault)) {
        fprintf(stderr, "ringfix-bench-validate: %s: %s (tag %d)\n", sample->name, fault.text,
                fault.ref_tag);
        return false;
    }
    return true;
}

/* Nanoseconds per message; below 0 when the message was refused. */
static double measure(struct run *run, enum mode mode)
{
    uint64_t begin_ns = now_ns();
    for (uint64_t i = 0; i < run->iterations; i++) {
        if (!process(run, mode)) {
            return -1;
        }
    }
    return (double)(now_ns() - begin_ns) / (double)run->iterations;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* The two kinds of runs take turns, so that a slower minute of the machine meets both. */
static bool measure_sample(struct run *run, const char *version, size_t rounds)
{
    static double index_ns[ROUNDS_MAX];
    static double both_ns[ROUNDS_MAX];
    for (size_t i = 0; i < rounds; i++) {
        index_ns[i] = measure(run, INDEX_ONLY);
        both_ns[i] = measure(run, INDEX_AND_VALIDATE);
        if (index_ns[i] < 0 || both_ns[i] < 0) {
            return false;
        }
    }
    double index = median(index_ns, rounds);
    double both = median(both_ns, rounds);
    /* Sorted by now. The least is what it takes while nothing else runs on the core. */
    printf("%-11s  %-30s %5zu  %8.1f  %8.1f  %8.1f  %5.2f  %8.1f  %8.1f\n", version,
           run->sample.name, run->sample.size, index, both, both - index, both / index, index_ns[0],
           both_ns[0] - index_ns[0]);
    return true;
}

static void use_version(struct run *run, const char *transport, const char *application)
{
    run->rules = (struct rfx_rules){
        .transport = rfx_dictionary_builtin(transport),
        .application = rfx_dictionary_builtin(application),
        .is_checking = true,
        .checks_section_order = true,
        .checks_values_present = true,
        .checks_user_defined = true,
        .checks_group_order = true,
    };
}

static bool measure_all(struct run *run, size_t rounds)
{
    static const struct {
        const char *transport;
        const char *application;
    } versions[] = {{"FIX.4.4", "FIX.4.4"}, {"FIXT.1.1", "FIX.5.0SP2"}};
    printf("%-11s  %-30s %5s  %8s  %8s  %8s  %5s  %8s  %8s\n", "dictionary", "message", "bytes",
           "index", "+validate", "added", "ratio", "least", "added");
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        use_version(run, versions[i].transport, versions[i].application);
        for (unsigned kind = 0; kind < SAMPLE_COUNT; kind++) {
            sample_make((enum sample_kind)kind, versions[i].transport, &run->sample);
            if (!measure_sample(run, versions[i].application, rounds)) {
                return false;
            }
        }
    }
    printf("ns per message, framing included; median and least of %zu alternating runs of %llu\n",
           rounds, (unsigned long long)run->iterations);
    return true;
}

static bool read_count(const char *text, uint64_t max, uint64_t *count)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < 1 ||
        number > max) {
        fprintf(stderr, "ringfix-bench-validate: %s: a number from 1 to %llu is needed\n", text,
                (unsigned long long)max);
        return false;
    }
    *count = number;
    return true;
}

int main(int argc, char **argv)
{
    uint64_t iterations = 2000; /* short runs: what else the machine does falls out of the median */
    uint64_t rounds = 101;
    bool is_usage = argc > 3 || (argc > 1 && strcmp(argv[1], "--help") == 0);
    if (is_usage) {
        puts("usage: ringfix-bench-validate [ITERATIONS [ROUNDS]]");
        return argc > 3 ? EXIT_USAGE : 0;
    }
    if ((argc > 1 && !read_count(argv[1], UINT32_MAX, &iterations)) ||
        (argc > 2 && !read_count(argv[2], ROUNDS_MAX, &rounds))) {
        return EXIT_USAGE;
    }
    static struct run run;
    run.iterations = iterations;
    if (rfx_validate_scratch_open(&run.scratch) != RFX_OK) {
        fputs("ringfix-bench-validate: out of memory\n", stderr);
        return EXIT_WRONG;
    }
    bool is_done = measure_all(&run, (size_t)rounds);
    rfx_validate_scratch_close(run.scratch);
    return is_done ? 0 : EXIT_WRONG;
}
