#include "journal/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/crc.h"

#define VERSION 1
#define TOUCH_AHEAD                                                                                \
    (UINT64_C(8) << 20) /* twice what is appended in a step of the mover, at most                  \
                         */

static const char magic[8] = "rfxtail\n";

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tails are little-endian");
_Static_assert(sizeof(struct rfx_tail_header) == 64, "the layout on disk");
_Static_assert(sizeof(struct rfx_tail_batch) == 32, "the layout on disk");
_Static_assert(sizeof(struct rfx_tail_op) == 32, "the layout on disk");

static rfx_status fail_io(const char *path, const char *action, int cause, struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_JOURNAL, "cannot %s %s: %s%s", action, path, strerror(cause),
                    cause == ENOSPC || cause == EDQUOT
                        ? "; make room on its file system, or set a smaller JournalTailSize"
                        : "");
}

static rfx_status fail_damaged(const char *path, const char *what, struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_JOURNAL,
                    "%s is damaged or is not what it should be (%s); it holds the messages sent "
                    "last: restore the whole journal from a copy, or give them up with "
                    "ringfix-journal discard-tail",
                    path, what);
}

/* Which start of the kernel this is; all zero when it does not say. */
static void read_boot(uint8_t boot[16])
{
    char text[64] = "";
    const int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    memset(boot, 0, 16);
    if (fd < 0) {
        return;
    }
    const ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    uint8_t nibbles = 0;
    for (ssize_t i = 0; i < size && nibbles < 32; i++) {
        const char *const digits = "0123456789abcdef";
        const char *digit = strchr(digits, text[i]);
        if (digit != NULL && *digit != '\0') {
            boot[nibbles / 2] = (uint8_t)(boot[nibbles / 2] << 4 | (digit - digits));
            nibbles++;
        }
    }
}

static uint32_t header_crc(const struct rfx_tail_header *header)
{
    return rfx_crc(0, header, offsetof(struct rfx_tail_header, crc));
}

/* One small write: a reader, or a process that is killed, sees the old header or the new one. */
static rfx_status write_header(const struct rfx_tail *tail, struct rfx_tail_header *header,
                               struct rfx_error *error)
{
    header->crc = header_crc(header);
    if (pwrite(tail->fd, header, sizeof *header, 0) != (ssize_t)sizeof *header ||
        fdatasync(tail->fd) != 0) {
        return fail_io(tail->path, "write to", errno, error);
    }
    return RFX_OK;
}

static rfx_status map(struct rfx_tail *tail, uint64_t file_size, struct rfx_error *error)
{
    void *address = mmap(NULL, file_size, PROT_READ | PROT_WRITE, MAP_SHARED, tail->fd, 0);
    if (address == MAP_FAILED) {
        return fail_io(tail->path, "map", errno, error);
    }
    tail->header = address;
    tail->ring = (char *)address + RFX_TAIL_HEADER_SIZE;
    tail->size = file_size - RFX_TAIL_HEADER_SIZE;
    return RFX_OK;
}

static void init(struct rfx_tail *tail, const char *path, uint32_t shard)
{
    memset(tail, 0, sizeof *tail);
    tail->fd = -1;
    tail->shard = shard;
    rfx_directory_tail(path, shard, tail->path);
}

static rfx_status check_header(const struct rfx_tail *tail, uint64_t journal,
                               struct rfx_error *error)
{
    const struct rfx_tail_header *header = tail->header;
    if (memcmp(header->magic, magic, sizeof magic) != 0) {
        return fail_damaged(tail->path, "it does not begin as a tail does", error);
    }
    if (header->crc != header_crc(header)) {
        return fail_damaged(tail->path, "wrong sum of its header", error);
    }
    if (header->version != VERSION) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "%s has format version %u, this ringfix reads version %u: start once with "
                        "the ringfix that wrote it, and stop it in order",
                        tail->path, header->version, VERSION);
    }
    if (header->size != tail->size) {
        return fail_damaged(tail->path, "it was cut or has grown", error);
    }
    if (header->journal != journal || header->shard != tail->shard) {
        return fail_damaged(tail->path, "it belongs to another journal", error);
    }
    return RFX_OK;
}

rfx_status rfx_tail_open(struct rfx_tail *tail, const char *path, uint32_t shard, uint64_t journal,
                         struct rfx_error *error)
{
    struct stat file;
    init(tail, path, shard);
    tail->fd = open(tail->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (tail->fd < 0) {
        return errno == ENOENT ? RFX_E_NOT_FOUND : fail_io(tail->path, "open", errno, error);
    }
    rfx_status status = RFX_OK;
    if (fstat(tail->fd, &file) != 0) {
        status = fail_io(tail->path, "open", errno, error);
    } else if (!S_ISREG(file.st_mode) || file.st_size < 2 * RFX_TAIL_HEADER_SIZE ||
               file.st_size % RFX_TAIL_HEADER_SIZE != 0) {
        status = fail_damaged(tail->path, "its size", error);
    } else {
        status = map(tail, (uint64_t)file.st_size, error);
    }
    if (status == RFX_OK) {
        status = check_header(tail, journal, error);
    }
    if (status != RFX_OK) {
        rfx_tail_close(tail);
        return status;
    }
    tail->salt = tail->header->salt;
    return RFX_OK;
}

static rfx_status make_file(struct rfx_tail *tail, const char *name, uint64_t journal,
                            uint64_t size, struct rfx_error *error)
{
    tail->fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (tail->fd < 0) {
        return fail_io(name, "create", errno, error);
    }
    /* A mapped page that has no place on disk would end the process when the disk is full. */
    const int cause = posix_fallocate(tail->fd, 0, (off_t)(RFX_TAIL_HEADER_SIZE + size));
    if (cause != 0) {
        return fail_io(name, "take disk space for", cause, error);
    }
    struct rfx_tail_header header = {
        .version = VERSION, .size = size, .journal = journal, .shard = tail->shard};
    memcpy(header.magic, magic, sizeof magic);
    read_boot(header.boot);
    const rfx_status status = write_header(tail, &header, error);
    return status == RFX_OK ? map(tail, RFX_TAIL_HEADER_SIZE + size, error) : status;
}

rfx_status rfx_tail_create(struct rfx_tail *tail, const char *path, uint32_t shard,
                           uint64_t journal, uint64_t size, struct rfx_error *error)
{
    char name[RFX_DIRECTORY_FILE_SIZE + 8];
    RFX_ASSERT(size >= RFX_TAIL_HEADER_SIZE && size % RFX_TAIL_HEADER_SIZE == 0);
    init(tail, path, shard);
    snprintf(name, sizeof name, "%s.new", tail->path);
    rfx_status status = make_file(tail, name, journal, size, error);
    if (status == RFX_OK && rename(name, tail->path) != 0) {
        status = fail_io(tail->path, "create", errno, error);
    }
    if (status == RFX_OK) {
        status = rfx_directory_flush(path, error);
    }
    if (status != RFX_OK) {
        unlink(name);
        rfx_tail_close(tail);
    }
    return status;
}

rfx_status rfx_tail_begin(struct rfx_tail *tail, uint64_t position, enum rfx_durability durability,
                          struct rfx_error *error)
{
    struct rfx_tail_header header = *tail->header;
    RFX_ASSERT(position % RFX_TAIL_ALIGN == 0);
    if (getrandom(&header.salt, sizeof header.salt, 0) != (ssize_t)sizeof header.salt) {
        return fail_io(tail->path, "get a random number for", errno, error);
    }
    /* A copy of it may have holes, where the disk had better be taken now than when it is full. */
    const int cause = posix_fallocate(tail->fd, 0, (off_t)(RFX_TAIL_HEADER_SIZE + tail->size));
    if (cause != 0) {
        return fail_io(tail->path, "take disk space for", cause, error);
    }
    header.durability = (uint32_t)durability;
    read_boot(header.boot);
    const rfx_status status = write_header(tail, &header, error);
    if (status == RFX_OK) {
        tail->salt = header.salt;
        tail->end = position;
        atomic_store_explicit(&tail->published, position, memory_order_relaxed);
        atomic_store_explicit(&tail->moved, position, memory_order_relaxed);
        tail->touched = position;
        rfx_tail_touch(tail);
    }
    return status;
}

/* Of the ring, from a position on; both are multiples of a page. */
static void touch(const struct rfx_tail *tail, uint64_t position, uint64_t size)
{
    const uint64_t offset = position % tail->size;
    const uint64_t rest = tail->size - offset;
    /* A kernel that cannot do it maps them one by one, later. */
    (void)madvise(tail->ring + offset, size < rest ? size : rest, MADV_POPULATE_WRITE);
    if (size > rest) {
        (void)madvise(tail->ring, size - rest, MADV_POPULATE_WRITE);
    }
}

void rfx_tail_touch(struct rfx_tail *tail)
{
    const uint64_t ahead = rfx_min_u64(TOUCH_AHEAD, tail->size);
    const uint64_t end = atomic_load_explicit(&tail->published, memory_order_relaxed);
    if (tail->touched >= end + ahead / 2) {
        return;
    }
    const uint64_t page = RFX_TAIL_HEADER_SIZE;
    const uint64_t from = (tail->touched > end ? tail->touched : end) / page * page;
    const uint64_t to = (end + ahead) / page * page;
    touch(tail, from, to - from);
    tail->touched = to;
}

void rfx_tail_close(struct rfx_tail *tail)
{
    if (tail->header != NULL) {
        munmap(tail->header, RFX_TAIL_HEADER_SIZE + tail->size);
        tail->header = NULL;
        tail->ring = NULL;
    }
    if (tail->fd >= 0) {
        close(tail->fd);
        tail->fd = -1;
    }
}

rfx_status rfx_tail_remove(const char *path, uint32_t shard, struct rfx_error *error)
{
    char name[RFX_DIRECTORY_FILE_SIZE];
    rfx_directory_tail(path, shard, name);
    if (unlink(name) != 0 && errno != ENOENT) {
        return fail_io(name, "delete", errno, error);
    }
    return RFX_OK;
}

rfx_status rfx_tail_flush(struct rfx_tail *tail, struct rfx_error *error)
{
    return fdatasync(tail->fd) == 0 ? RFX_OK : fail_io(tail->path, "flush", errno, error);
}

bool rfx_tail_is_of_other_boot(const struct rfx_tail *tail)
{
    uint8_t boot[16];
    read_boot(boot);
    return memcmp(boot, tail->header->boot, sizeof boot) != 0;
}
