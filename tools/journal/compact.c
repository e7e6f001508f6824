/* Compact: the store is copied without its free pages, and the copy takes its place by one
 * rename(). Until then the store is as it was, afterwards it is the copy: there is no moment
 * between. What a killed compact leaves is a file that the next one overwrites.
 *
 * Nobody may have the store open when it is exchanged, not even an idle reader: LMDB keeps in its
 * lock file which of the two meta pages is the valid one, and the next who comes would believe
 * what is there about the file of before. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/lock.h"
#include "tools/journal/commands.h"
#include "tools/journal/progress.h"
#include "tools/journal/stat.h"
#include "tools/shared/stop.h"
#include "tools/shared/text.h"

struct compact {
    const char *path;
    char store[RFX_DIRECTORY_FILE_SIZE];
    char file[STAT_FILE_SIZE];
    char lock[STAT_FILE_SIZE];
    char copy[STAT_FILE_SIZE];
};

static rfx_status fail_io(const char *action, const char *file, struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_IO, "cannot %s %s: %s", action, file, strerror(errno));
}

/* With the gate held. Everybody who has a store open holds a lock on its lock file; asked for in
 * this way that of this process counts, too, in case that its reader could not be closed. */
static rfx_status check_alone(const struct compact *compact, struct rfx_error *error)
{
    struct flock other = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    const int fd = open(compact->lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? RFX_OK : fail_io("open", compact->lock, error);
    }
    const int result = fcntl(fd, F_OFD_GETLK, &other);
    const int cause = errno;
    close(fd);
    if (result != 0) {
        errno = cause;
        return fail_io("see who has open", compact->lock, error);
    }
    if (other.l_type != F_UNLCK) {
        return rfx_fail(error, RFX_E_STATE,
                        "journal %s is being read by process %ld: end that one, or wait for it",
                        compact->path, (long)other.l_pid);
    }
    return RFX_OK;
}

static rfx_status check_alone_now(const struct compact *compact, struct rfx_error *error)
{
    int gate_fd = -1;
    rfx_status status = rfx_lock_gate(compact->path, &gate_fd, error);
    if (status == RFX_OK) {
        status = check_alone(compact, error);
    }
    rfx_lock_release(gate_fd);
    return status;
}

/* The copy belongs to whom the store belongs to: the server must be able to open it. */
static rfx_status create(const struct compact *compact, int *fd, struct rfx_error *error)
{
    struct stat store;
    if (stat(compact->file, &store) != 0) {
        return fail_io("open", compact->file, error);
    }
    *fd = open(compact->copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0) {
        return fail_io("make", compact->copy, error);
    }
    if (fchown(*fd, store.st_uid, store.st_gid) != 0 || fchmod(*fd, store.st_mode & 07777) != 0) {
        return fail_io("give the rights of the store to", compact->copy, error);
    }
    return RFX_OK;
}

static rfx_status copy_store(const struct compact *compact, struct rfx_env *env, int fd,
                             struct rfx_error *error)
{
    struct progress progress;
    uint64_t used = 0;
    int code = stat_used(env, &used);
    if (code == 0) {
        progress_init(&progress, "compact", PROGRESS_ALONE);
        progress_watch(&progress, compact->copy, used);
        code = mdb_env_copyfd2(env->env, fd, MDB_CP_COMPACT);
        progress_unwatch(&progress);
    }
    if (code != 0) {
        return rfx_env_fail(env, code, "copy it", error);
    }
    if (stop_asked()) {
        return rfx_fail(error, RFX_E_STATE, "stopped by a signal; the store is as it was");
    }
    return fsync(fd) == 0 ? RFX_OK : fail_io("write", compact->copy, error);
}

static rfx_status make_copy(const struct compact *compact, struct rfx_error *error)
{
    struct rfx_reader *reader = NULL;
    int fd = -1;
    rfx_status status = rfx_reader_open(compact->path, RFX_READER_AS_IS, &reader, error);
    if (status == RFX_OK) {
        status = create(compact, &fd, error);
    }
    if (status == RFX_OK) {
        status = copy_store(compact, rfx_reader_env(reader), fd, error);
    }
    rfx_reader_close(reader);
    if (fd >= 0 && close(fd) != 0 && status == RFX_OK) {
        status = fail_io("write", compact->copy, error);
    }
    return status;
}

/* With the gate held, so that nobody comes between the look and the exchange. */
static rfx_status exchange(const struct compact *compact, struct rfx_error *error)
{
    int gate_fd = -1;
    rfx_status status = rfx_lock_gate(compact->path, &gate_fd, error);
    if (status == RFX_OK) {
        status = check_alone(compact, error);
    }
    if (status == RFX_OK && rename(compact->copy, compact->file) != 0) {
        status = fail_io("rename", compact->copy, error);
    }
    if (status == RFX_OK) {
        status = rfx_directory_flush(compact->store, error);
    }
    rfx_lock_release(gate_fd);
    return status;
}

/* With the journal's lock held: nobody else writes. */
static rfx_status compact_locked(const struct compact *compact, struct rfx_error *error)
{
    struct stat before;
    struct stat after;
    char size[2][TEXT_SIZE];
    rfx_status status = check_alone_now(compact, error);
    if (status != RFX_OK) {
        return status;
    }
    status = stat(compact->file, &before) == 0 ? make_copy(compact, error)
                                               : fail_io("open", compact->file, error);
    if (status == RFX_OK) {
        status = exchange(compact, error);
    }
    if (status != RFX_OK) {
        (void)unlink(compact->copy);
        return status;
    }
    if (stat(compact->file, &after) == 0) {
        printf("%s -> %s\n", size_text((uint64_t)before.st_size, size[0]),
               size_text((uint64_t)after.st_size, size[1]));
    }
    return RFX_OK;
}

/* What an earlier process left in its tails goes into the store, as at every opening. */
static rfx_status bring_in(const char *path, struct rfx_error *error)
{
    struct rfx_reader *reader = NULL;
    const rfx_status status = rfx_reader_open(path, RFX_READER_WHOLE, &reader, error);
    rfx_reader_close(reader);
    return status;
}

enum exit_code command_compact(const struct options *options, struct rfx_error *error)
{
    struct compact compact = {.path = options->path};
    int lock_fd = -1;
    rfx_status status = bring_in(options->path, error);
    if (status == RFX_OK) {
        rfx_directory_store(options->path, compact.store);
        stat_file(compact.store, compact.file);
        snprintf(compact.lock, sizeof compact.lock, "%s/lock.mdb", compact.store);
        snprintf(compact.copy, sizeof compact.copy, "%s/new.mdb", compact.store);
        status = rfx_lock_own(options->path, RFX_LOCK_TRY, &lock_fd, error);
    }
    if (status == RFX_OK) {
        status = compact_locked(&compact, error);
    }
    rfx_lock_release(lock_fd);
    return exit_of(status);
}
