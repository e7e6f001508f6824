/* ringfix-bench-codec: what a message costs in CPU time alone, on its way in (framed with its
 * CheckSum, indexed, its header read, held against the dictionary) and on its way out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/codec/work.h"

#define ROUNDS_MAX     2001
#define ITERATIONS     512 /* short runs: what else the machine does falls out of them */
#define WARM_UP_ROUNDS 3

enum { EXIT_WRONG = 1, EXIT_USAGE = 2 };

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * RFX_NS_PER_S + (uint64_t)now.tv_nsec;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

struct result {
    double least;
    double median;
};

/* The kinds of work take turns, so that a slower minute of the machine meets all of them. */
static bool measure(struct work *work, size_t rounds, struct result *results)
{
    static double ns[WORK_COUNT][ROUNDS_MAX];
    for (size_t round = 0; round < rounds + WARM_UP_ROUNDS; round++) {
        for (size_t kind = 0; kind < WORK_COUNT; kind++) {
            uint64_t begin_ns = now_ns();
            if (!work_kinds[kind].run(work, ITERATIONS)) {
                fprintf(stderr, "ringfix-bench-codec: %s: %s went wrong\n", work->stream.name,
                        work_kinds[kind].name);
                return false;
            }
            size_t place = round < WARM_UP_ROUNDS ? 0 : round - WARM_UP_ROUNDS;
            ns[kind][place] = (double)(now_ns() - begin_ns) / ITERATIONS;
        }
    }
    for (size_t kind = 0; kind < WORK_COUNT; kind++) {
        qsort(ns[kind], rounds, sizeof ns[kind][0], compare);
        results[kind] = (struct result){.least = ns[kind][0], .median = ns[kind][rounds / 2]};
    }
    return true;
}

static void print_row(const struct work *work, const char *what, const struct result *results)
{
    bool is_least = strcmp(what, "least") == 0;
    printf("%-29s %5zu  %-6s", work->stream.name, work->stream.size / work->stream.count, what);
    for (size_t kind = 0; kind < WORK_COUNT; kind++) {
        double ns = is_least ? results[kind].least : results[kind].median;
        bool is_said = work->stream.count == 1 || !work_kinds[kind].is_written;
        if (kind == WORK_VALIDATED) {
            ns -= is_least ? results[WORK_ALL].least : results[WORK_ALL].median;
        }
        if (is_said) {
            printf(" %9.1f", ns);
        } else {
            printf(" %9s", "-");
        }
    }
    double bytes = is_least ? results[WORK_BYTES].least : results[WORK_BYTES].median;
    double all = is_least ? results[WORK_ALL].least : results[WORK_ALL].median;
    printf("  %5.2f\n", all / bytes);
}

static void make_stream(unsigned number, struct stream *stream)
{
    if (number < SAMPLE_COUNT) {
        stream_of_sample((enum sample_kind)number, "FIX.4.4", stream);
    } else {
        stream_of_orders("FIX.4.4", stream);
    }
}

static bool measure_all(struct work *work, size_t rounds)
{
    printf("%-29s %5s  %-6s", "message", "bytes", "");
    for (size_t kind = 0; kind < WORK_COUNT; kind++) {
        printf(" %9s", work_kinds[kind].name);
    }
    puts("  ratio");
    for (unsigned number = 0; number <= SAMPLE_COUNT; number++) {
        struct result results[WORK_COUNT];
        make_stream(number, &work->stream);
        if (!work_prepare(work) || !measure(work, rounds, results)) {
            return false;
        }
        work_release(work);
        print_row(work, "least", results);
        print_row(work, "median", results);
    }
    printf("ns per message; least and median of %zu rounds of %d messages each, all kinds in turn\n"
           "bytes: a plain loop over the bytes; all: frame, index, header; ratio: all / bytes\n"
           "+validate: on top of all; prepared: written with a body made beforehand; fields:\n"
           "written field by field\n",
           rounds, ITERATIONS);
    return true;
}

static bool read_rounds(const char *text, size_t *rounds)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < 1 ||
        number > ROUNDS_MAX) {
        fprintf(stderr, "ringfix-bench-codec: %s: a number from 1 to %d is needed\n", text,
                ROUNDS_MAX);
        return false;
    }
    *rounds = number;
    return true;
}

int main(int argc, char **argv)
{
    static struct work work;
    size_t rounds = 301;
    if (argc > 2 || (argc > 1 && strcmp(argv[1], "--help") == 0)) {
        puts("usage: ringfix-bench-codec [ROUNDS]");
        return argc > 2 ? EXIT_USAGE : 0;
    }
    if (argc > 1 && !read_rounds(argv[1], &rounds)) {
        return EXIT_USAGE;
    }
    work.rules = (struct rfx_rules){
        .transport = rfx_dictionary_builtin("FIX.4.4"),
        .application = rfx_dictionary_builtin("FIX.4.4"),
        .is_checking = true,
        .checks_section_order = true,
        .checks_values_present = true,
        .checks_user_defined = true,
        .checks_group_order = true,
    };
    if (rfx_validate_scratch_open(&work.scratch) != RFX_OK) {
        fputs("ringfix-bench-codec: out of memory\n", stderr);
        return EXIT_WRONG;
    }
    bool is_done = measure_all(&work, rounds);
    rfx_validate_scratch_close(work.scratch);
    return is_done ? 0 : EXIT_WRONG;
}
