/* Runs a fuzz target without a fuzzer: every file of its corpus, then seeded mutations of them.
 *
 *     replay CORPUS-DIRECTORY MUTATIONS
 *
 * The inputs run in a child process that notes in shared memory where it is, so that whatever
 * ends it leaves the input behind, in a file to run again ("replay FILE"). */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX 65536u
#define FILES_MAX 1024u

struct input {
    size_t size;
    uint8_t data[INPUT_MAX];
};

struct corpus {
    size_t count;
    struct input *inputs;
};

/* Shared with the child. */
struct progress {
    uint64_t number; /* of the input that runs */
    struct input input;
};

/* ---------------------------------------------------------------------------------- corpus */

_Noreturn static void die(const char *what, const char *path)
{
    fprintf(stderr, "replay: %s %s: %s\n", what, path, strerror(errno));
    exit(2);
}

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL) {
        die("no memory", "");
    }
    return memory;
}

static void read_input(const char *path, struct input *input)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        die("cannot open", path);
    }
    input->size = fread(input->data, 1, sizeof input->data, file);
    if (ferror(file)) {
        die("cannot read", path);
    }
    fclose(file);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In the order of the names, so that mutation n is the same on every machine. */
static struct corpus read_corpus(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, alphasort);
    if (count <= 0 || (size_t)count > FILES_MAX) {
        die("need 1 to 1024 files in", path);
    }
    struct corpus corpus = {.count = (size_t)count};
    corpus.inputs = allocate(corpus.count * sizeof *corpus.inputs);
    for (size_t i = 0; i < corpus.count; i++) {
        char file_path[4096];
        snprintf(file_path, sizeof file_path, "%s/%s", path, entries[i]->d_name);
        read_input(file_path, &corpus.inputs[i]);
        free(entries[i]);
    }
    free(entries);
    return corpus;
}

/* ------------------------------------------------------------------------------- mutations */

/* Splitmix64 */
static uint64_t next(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t below(uint64_t *seed, size_t limit)
{
    return (size_t)(next(seed) % limit);
}

static void insert(struct input *input, size_t at, const uint8_t *bytes, size_t size)
{
    if (input->size + size > sizeof input->data) {
        return;
    }
    memmove(input->data + at + size, input->data + at, input->size - at);
    memcpy(input->data + at, bytes, size);
    input->size += size;
}

static void erase(struct input *input, size_t at, size_t size)
{
    memmove(input->data + at, input->data + at + size, input->size - at - size);
    input->size -= size;
}

/* A part of another input, somewhere. */
static void splice(struct input *input, const struct input *other, uint64_t *seed)
{
    if (other->size == 0) {
        return;
    }
    size_t from = below(seed, other->size);
    size_t size = 1 + below(seed, other->size - from);
    insert(input, below(seed, input->size + 1), other->data + from, size);
}

static void mutate_once(struct input *input, const struct corpus *corpus, uint64_t *seed)
{
    static const char telling[] = "\x01|=0189\n-+>YNA5428.\xff";
    if (input->size == 0) {
        splice(input, &corpus->inputs[below(seed, corpus->count)], seed);
        return;
    }
    size_t at = below(seed, input->size);
    switch (below(seed, 6)) {
    case 0:
        input->data[at] ^= (uint8_t)(1u << below(seed, 8));
        break;
    case 1:
        input->data[at] = (uint8_t)telling[below(seed, sizeof telling)];
        break;
    case 2: {
        uint8_t byte = (uint8_t)telling[below(seed, sizeof telling)];
        insert(input, at, &byte, 1);
        break;
    }
    case 3:
        erase(input, at, 1 + below(seed, below(seed, 4) == 0 ? input->size - at : 1));
        break;
    case 4: { /* something again, elsewhere */
        struct input *copy = allocate(sizeof *copy);
        *copy = *input;
        splice(input, copy, seed);
        free(copy);
        break;
    }
    default:
        splice(input, &corpus->inputs[below(seed, corpus->count)], seed);
        break;
    }
}

/* Inputs below corpus->count are the files; the number of a mutation is its seed. */
static void make_input(const struct corpus *corpus, uint64_t number, struct input *input)
{
    if (number < corpus->count) {
        *input = corpus->inputs[number];
        return;
    }
    uint64_t seed = number;
    *input = corpus->inputs[below(&seed, corpus->count)];
    for (size_t count = 1 + below(&seed, 4); count > 0; count--) {
        mutate_once(input, corpus, &seed);
    }
}

/* --------------------------------------------------------------------------------- running */

/* In memory of exactly its size: reading behind it is noticed. */
static void run_input(const struct input *input)
{
    uint8_t *copy = allocate(input->size + (input->size == 0));
    memcpy(copy, input->data, input->size);
    LLVMFuzzerTestOneInput(copy, input->size);
    free(copy);
}

static void run_all(const struct corpus *corpus, uint64_t count, struct progress *progress)
{
    for (uint64_t number = 0; number < count; number++) {
        make_input(corpus, number, &progress->input);
        progress->number = number;
        run_input(&progress->input);
    }
}

static int report(const struct progress *progress)
{
    char path[64];
    snprintf(path, sizeof path, "replay-failure-%llu", (unsigned long long)progress->number);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        die("cannot write", path);
    }
    fwrite(progress->input.data, 1, progress->input.size, file);
    fclose(file);
    fprintf(stderr, "replay: input %llu failed; it is in the file %s, give that to run it alone\n",
            (unsigned long long)progress->number, path);
    return 1;
}

static int run_corpus(const char *path, uint64_t mutations)
{
    struct corpus corpus = read_corpus(path);
    struct progress *progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED) {
        die("mmap for", path);
    }
    pid_t child = fork();
    if (child < 0) {
        die("fork for", path);
    }
    if (child == 0) {
        run_all(&corpus, corpus.count + mutations, progress);
        free(corpus.inputs);
        exit(0);
    }
    int status;
    if (waitpid(child, &status, 0) != child) {
        die("waitpid for", path);
    }
    int result = 0;
    if (status != 0) {
        result = report(progress);
    } else {
        printf("%zu files and %llu mutations of them\n", corpus.count,
               (unsigned long long)mutations);
    }
    free(corpus.inputs);
    munmap(progress, sizeof *progress);
    return result;
}

int main(int argc, char **argv)
{
    struct stat status;
    if (argc < 2 || stat(argv[1], &status) != 0) {
        fprintf(stderr, "usage: %s CORPUS-DIRECTORY MUTATIONS, or one FILE\n", argv[0]);
        return 2;
    }
    if (S_ISDIR(status.st_mode)) {
        return run_corpus(argv[1], argc > 2 ? strtoull(argv[2], NULL, 10) : 0);
    }
    struct input *input = allocate(sizeof *input);
    read_input(argv[1], input);
    run_input(input);
    free(input);
    return 0;
}
