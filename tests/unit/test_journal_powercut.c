/* Power cuts, simulated below LMDB and the tails: what was not forced to disk is dropped or torn.
 *
 * For each file of the journal the program keeps what is durable: its content at the last fsync or
 * fdatasync, and what was written since through a descriptor with O_DSYNC (as LMDB does with its
 * meta page). At a cut each sector of 512 bytes in which the file differs from that is the old one
 * or the new one, at random, so that stores into the mapped tail, too, reach the disk in any order.
 * The journal is then opened from that image, under another boot id. What this cannot show: a disk
 * that lies about its flushes, and names of files that are lost (they are durable once open).
 *
 * RFX_POWERCUT_ROUNDS (150, for each durability) and RFX_POWERCUT_SEED are environment variables.
 * The calls of LMDB and of the library are intercepted by defining them here. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "journal/tail.h"
#include "tests/unit/support_batches.h"

#define FILES_MAX  4
#define SECTOR     512
#define ENDED_WITH 4

/* One file, as it is on the disk. */
struct shadow {
    ino_t inode;
    char *data;
    size_t size;
};

/* How sectors that differ are chosen. */
enum taste { TASTE_OLD, TASTE_NEW, TASTE_MIXED, TASTE_MOSTLY_OLD, TASTE_MOSTLY_NEW, TASTE_COUNT };

static struct {
    pthread_mutex_t mutex;
    struct shadow shadows[FILES_MAX];
    bool is_tracked; /* in the child alone */
    bool is_armed;
    unsigned operations_left; /* until the cut */
    uint64_t seed;
    const char *path;  /* of the journal */
    const char *image; /* of what is left of it */
    _Atomic uint64_t *acknowledged;
    uint64_t *acknowledged_at_cut;
} disk = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool is_other_boot;

bool __wrap_rfx_tail_is_of_other_boot(const struct rfx_tail *tail);
bool __wrap_rfx_tail_is_of_other_boot(const struct rfx_tail *tail)
{
    (void)tail;
    return is_other_boot;
}

static uint64_t next_random(void)
{
    disk.seed ^= disk.seed << 13;
    disk.seed ^= disk.seed >> 7;
    disk.seed ^= disk.seed << 17;
    return disk.seed;
}

/* ------------------------------------------------------------------------------- the shadows */

static char *read_all(int fd, size_t *size)
{
    struct stat file;
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
        return NULL;
    }
    *size = (size_t)file.st_size;
    char *data = calloc(1, *size + 1);
    size_t done = 0;
    while (data != NULL && done < *size) {
        const ssize_t got = pread(fd, data + done, *size - done, (off_t)done);
        if (got <= 0) {
            break;
        }
        done += (size_t)got;
    }
    return data;
}

static struct shadow *shadow_of(int fd)
{
    struct stat file;
    if (!disk.is_tracked || fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
        return NULL;
    }
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (disk.shadows[i].inode == file.st_ino || disk.shadows[i].inode == 0) {
            disk.shadows[i].inode = file.st_ino;
            return &disk.shadows[i];
        }
    }
    return NULL;
}

static void make_durable(int fd)
{
    struct shadow *shadow = shadow_of(fd);
    if (shadow != NULL) {
        free(shadow->data);
        shadow->data = read_all(fd, &shadow->size);
    }
}

/* ----------------------------------------------------------------------------------- the cut */

static bool takes_new(enum taste taste)
{
    const uint64_t dice = next_random() % 100;
    switch (taste) {
    case TASTE_OLD:
        return false;
    case TASTE_NEW:
        return true;
    case TASTE_MIXED:
        return dice < 50;
    case TASTE_MOSTLY_OLD:
        return dice < 10;
    case TASTE_MOSTLY_NEW:
    case TASTE_COUNT:
        return dice < 90;
    }
    return false;
}

static void write_image(const char *name, enum taste taste)
{
    char from[300];
    char to[300];
    snprintf(from, sizeof from, "%s/%s", disk.path, name);
    snprintf(to, sizeof to, "%s/%s", disk.image, name);
    const int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    size_t size = 0;
    const struct shadow *shadow = shadow_of(fd);
    char *data = read_all(fd, &size);
    close(fd);
    size_t image_size = takes_new(taste) ? size : shadow->size;
    image_size = image_size < shadow->size ? shadow->size : image_size;
    for (size_t i = 0; i < size; i += SECTOR) {
        const size_t length = size - i < SECTOR ? size - i : SECTOR;
        if (!takes_new(taste)) {
            memset(data + i, 0, length);
            if (i < shadow->size) {
                memcpy(data + i, shadow->data + i,
                       shadow->size - i < length ? shadow->size - i : length);
            }
        }
    }
    const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const size_t count = image_size < size ? image_size : size;
    if (out < 0 || write(out, data, count) != (ssize_t)count) {
        _exit(1);
    }
    close(out);
    free(data);
}

/* Under the mutex: nothing becomes durable meanwhile, so nothing is acknowledged either. */
static void cut(void)
{
    char store[300];
    *disk.acknowledged_at_cut = atomic_load(disk.acknowledged);
    snprintf(store, sizeof store, "%s/store", disk.image);
    if (mkdir(store, 0700) != 0) {
        _exit(1);
    }
    write_image("store/data.mdb", (enum taste)(next_random() % TASTE_COUNT));
    write_image("tail-000", (enum taste)(next_random() % TASTE_COUNT));
    _exit(ENDED_WITH);
}

static void count_operation(void)
{
    if (disk.is_armed && disk.operations_left-- == 0) {
        cut();
    }
}

/* ------------------------------------------------------------------------- in libc's place */

static int flush(int fd)
{
    pthread_mutex_lock(&disk.mutex);
    count_operation(); /* the power goes before it has an effect */
    make_durable(fd);
    count_operation();
    pthread_mutex_unlock(&disk.mutex);
    return 0;
}

int fdatasync(int fd)
{
    return flush(fd);
}

int fsync(int fd)
{
    return flush(fd);
}

static ssize_t write_through(int fd, const void *data, size_t size, off_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off_t) = NULL;
    void *symbol = dlsym(RTLD_NEXT, "pwrite");
    memcpy(&real, &symbol, sizeof real);
    if ((fcntl(fd, F_GETFL) & O_DSYNC) == 0) {
        return real(fd, data, size, offset);
    }
    pthread_mutex_lock(&disk.mutex);
    count_operation();
    const ssize_t written = real(fd, data, size, offset);
    struct shadow *shadow = shadow_of(fd);
    if (written > 0 && shadow != NULL && (size_t)offset + size <= shadow->size) {
        memcpy(shadow->data + offset, data, size);
    }
    count_operation();
    pthread_mutex_unlock(&disk.mutex);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return write_through(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    return write_through(fd, data, size, offset);
}

/* ---------------------------------------------------------------------------------- the runs */

_Noreturn static void run_child(struct journal_rig *rig, unsigned operations)
{
    uint32_t slots[3];
    disk.is_tracked = true;
    journal_rig_open(rig);
    uint64_t batch = batches_attach(rig, slots);
    pthread_mutex_lock(&disk.mutex);
    disk.operations_left = operations;
    disk.is_armed = true;
    pthread_mutex_unlock(&disk.mutex);
    for (;; batch++) {
        batches_append(rig, batch, slots);
        atomic_store(disk.acknowledged, batch);
        pthread_mutex_lock(&disk.mutex);
        count_operation(); /* the power may go between two flushes, too */
        pthread_mutex_unlock(&disk.mutex);
        if (rig->options.durability != RFX_DURABILITY_SYNC && batch % 16 == 0) {
            journal_settle(rig); /* so that the mover has something to do */
        }
    }
}

static void expect_image(struct journal_rig *rig, uint64_t acknowledged)
{
    struct rfx_store *store = NULL;
    const enum rfx_durability durability = rig->options.durability;
    is_other_boot = true;
    const rfx_status status = rfx_store_open(&rig->options, &store, &rig->error);
    is_other_boot = false;
    if (status != RFX_OK) {
        fail_msg("%s", rig->error.text);
    }
    rig->journal = store;
    const uint64_t batches = batches_expect_whole(rig);
    if (durability == RFX_DURABILITY_SYNC && batches < acknowledged) {
        fail_msg("%u batches of %u that were acknowledged", (unsigned)batches,
                 (unsigned)acknowledged);
    }
    uint32_t slots[3]; /* and it works */
    uint64_t next = batches_attach(rig, slots);
    for (unsigned i = 0; i < 20; i++) {
        batches_append(rig, next++, slots);
    }
    journal_rig_close(rig);
    journal_rig_open(rig);
    assert_int_equal(batches_expect_whole(rig), next - 1);
    journal_rig_close(rig);
}

static void run_once(enum rfx_durability durability, uint64_t *shared)
{
    struct journal_rig rig;
    char image[256];
    journal_rig_init(&rig);
    make_temp_dir(image);
    rig.options.durability = durability;
    rig.options.interval_ms = 1;
    rig.options.tail_size = RFX_JOURNAL_TAIL_MIN;
    rig.options.batch_bytes = 1000;
    rig.options.batch_ops = 8;
    disk.path = rig.path;
    disk.image = image;
    disk.acknowledged = (_Atomic uint64_t *)&shared[0];
    disk.acknowledged_at_cut = &shared[1];
    shared[0] = 0;
    shared[1] = 0;
    const unsigned operations = (unsigned)(next_random() % 60 * (next_random() % 4 == 0 ? 10 : 1));
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        run_child(&rig, operations);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == ENDED_WITH);
    next_random();
    char path[256];
    snprintf(path, sizeof path, "%s", rig.path);
    rig.options.path = image;
    snprintf(rig.path, sizeof rig.path, "%s", image);
    expect_image(&rig, shared[1]);
    remove_tree(path);
    remove_tree(image);
}

static void run(enum rfx_durability durability)
{
    const char *given = getenv("RFX_POWERCUT_SEED");
    const char *rounds_text = getenv("RFX_POWERCUT_ROUNDS");
    const unsigned long rounds = rounds_text != NULL ? strtoul(rounds_text, NULL, 10) : 150;
    uint64_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    disk.seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    for (unsigned long i = 0; i < rounds; i++) {
        print_message("RFX_POWERCUT_SEED=%llu RFX_POWERCUT_ROUNDS=1\n",
                      (unsigned long long)disk.seed);
        run_once(durability, shared);
    }
    munmap(shared, 4096);
}

static void test_power_when_cut_with_sync_then_everything_acknowledged_is_there(void **state)
{
    (void)state;
    run(RFX_DURABILITY_SYNC);
}

static void test_power_when_cut_with_interval_then_whole_batches_are_there(void **state)
{
    (void)state;
    run(RFX_DURABILITY_INTERVAL);
}

static void test_power_when_cut_with_process_then_whole_batches_are_there(void **state)
{
    (void)state;
    run(RFX_DURABILITY_PROCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_when_cut_with_sync_then_everything_acknowledged_is_there),
        cmocka_unit_test(test_power_when_cut_with_interval_then_whole_batches_are_there),
        cmocka_unit_test(test_power_when_cut_with_process_then_whole_batches_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
