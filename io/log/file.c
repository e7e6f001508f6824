#include "io/log/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS       100 /* how often a writer to a pipe that is full looks whether it is to end */
#define PATIENCE      20  /* looks, once it is to end */
#define NAME_OF(file) ((file)->path != NULL ? (file)->path : "standard error")

static rfx_status fail(const struct rfx_log_file *file, const char *what, struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_IO, "cannot %s log %s: %s", what, NAME_OF(file), strerror(errno));
}

/* -------------------------------------------------------------------------------------- open */

/* Another process was killed in the middle of a line: ours must not continue it. */
static void end_last_line(struct rfx_log_file *file)
{
    char last;
    if (file->is_regular && file->size > 0 &&
        pread(file->fd, &last, 1, (off_t)file->size - 1) == 1 && last != '\n' &&
        write(file->fd, "\n", 1) == 1) {
        file->size++;
    }
}

static void look(struct rfx_log_file *file)
{
    struct stat stat;
    /* Standard error is others' as well: nothing is ended or cut there. */
    file->is_regular = file->path != NULL && fstat(file->fd, &stat) == 0 && S_ISREG(stat.st_mode);
    file->size = file->is_regular ? (uint64_t)stat.st_size : 0;
}

/* Reading is for the end of the last line; a device or a pipe may not allow it. */
static int open_path(const char *path)
{
    const int flags = O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;
    const int fd = open(path, flags | O_RDWR, 0640);
    return fd >= 0 || errno != EACCES ? fd : open(path, flags | O_WRONLY, 0640);
}

rfx_status rfx_log_file_open(struct rfx_log_file *file, const char *path, struct rfx_error *error)
{
    *file = (struct rfx_log_file){.fd = STDERR_FILENO, .files_max = 1};
    if (path != NULL) {
        file->path = strdup(path);
        if (file->path == NULL) {
            return rfx_fail(error, RFX_E_NOMEM, "out of memory for a log");
        }
        file->fd = open_path(path);
        if (file->fd < 0) {
            const rfx_status status = fail(file, "open", error);
            rfx_log_file_close(file);
            return status;
        }
    }
    look(file);
    end_last_line(file);
    return RFX_OK;
}

void rfx_log_file_close(struct rfx_log_file *file)
{
    if (file->path != NULL && file->fd >= 0) {
        close(file->fd);
    }
    free(file->path);
    *file = (struct rfx_log_file){.fd = -1};
}

rfx_status rfx_log_file_reopen(struct rfx_log_file *file, struct rfx_error *error)
{
    if (file->path == NULL) {
        return RFX_OK;
    }
    const int fd = open_path(file->path);
    if (fd < 0) {
        return fail(file, "open", error);
    }
    close(file->fd);
    file->fd = fd;
    look(file);
    end_last_line(file);
    return RFX_OK;
}

/* ------------------------------------------------------------------------------------ rotate */

/* PATH.2 becomes PATH.3, PATH.1 becomes PATH.2, PATH becomes PATH.1; the last one goes. What is
 * not there is passed over. */
static rfx_status rotate(struct rfx_log_file *file, struct rfx_error *error)
{
    char from[PATH_MAX];
    char to[PATH_MAX];
    for (uint32_t i = file->files_max - 1; i > 0; i--) {
        snprintf(to, sizeof to, "%s.%u", file->path, i);
        if (i > 1) {
            snprintf(from, sizeof from, "%s.%u", file->path, i - 1);
        } else {
            snprintf(from, sizeof from, "%s", file->path);
        }
        if (rename(from, to) != 0 && errno != ENOENT) {
            return fail(file, "move on", error);
        }
    }
    if (file->files_max == 1 && unlink(file->path) != 0 && errno != ENOENT) {
        return fail(file, "remove", error);
    }
    return rfx_log_file_reopen(file, error);
}

/* ------------------------------------------------------------------------------------- write */

/* Up to the last end of a line that fits, or all that fits of a longer one. */
static size_t piece_of(const char *data, size_t size)
{
    if (size <= PIPE_BUF) {
        return size;
    }
    const char *end = memrchr(data, '\n', PIPE_BUF);
    return end != NULL ? (size_t)(end - data) + 1 : PIPE_BUF;
}

/* Somebody else reads this, perhaps not any more: such a write may block for ever, so it begins
 * only when there is room. */
static bool await_room(const struct rfx_log_file *file)
{
    struct pollfd ready = {.fd = file->fd, .events = POLLOUT};
    for (int looks = 0; looks < PATIENCE;) {
        const int count = poll(&ready, 1, LOOK_MS);
        if (count != 0 && !(count < 0 && errno == EINTR)) {
            return true; /* also when it has ended: the write will say so */
        }
        looks += file->end != NULL && atomic_load_explicit(file->end, memory_order_relaxed);
    }
    errno = EAGAIN;
    return false;
}

static bool write_all(const struct rfx_log_file *file, const char *data, size_t size, size_t *done)
{
    *done = 0;
    while (*done < size) {
        size_t piece = size - *done;
        if (!file->is_regular) {
            piece = piece_of(data + *done, piece);
            if (!await_room(file)) {
                return false;
            }
        }
        const ssize_t count = write(file->fd, data + *done, piece);
        if (count > 0) {
            *done += (size_t)count;
        } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
            errno = count == 0 ? ENOSPC : errno;
            return false;
        }
    }
    return true;
}

static bool is_full(const struct rfx_log_file *file, size_t size)
{
    const uint64_t limit = file->full_at != 0 ? file->full_at : file->size_max;
    return file->is_regular && file->size_max > 0 && file->size > 0 && file->size + size > limit;
}

/* Where that fails the file goes on for the same size again: each try takes the oldest away. */
static void move_on(struct rfx_log_file *file)
{
    file->has_problem = rotate(file, &file->problem) != RFX_OK;
    file->full_at = file->has_problem ? file->size + file->size_max : 0;
}

/* What follows must begin a line of its own. */
static void take_back_part(struct rfx_log_file *file, const char *data, size_t *written)
{
    const char *end = *written > 0 ? memrchr(data, '\n', *written) : NULL;
    const size_t whole = end != NULL ? (size_t)(end - data) + 1 : 0;
    const off_t part = (off_t)(*written - whole);
    look(file);
    if (part > 0 && ftruncate(file->fd, (off_t)file->size - part) == 0) {
        file->size -= (uint64_t)part;
    }
    *written = whole;
}

rfx_status rfx_log_file_write(struct rfx_log_file *file, const char *data, size_t size,
                              size_t *written, struct rfx_error *error)
{
    *written = 0;
    if (is_full(file, size)) {
        move_on(file);
    }
    if (write_all(file, data, size, written)) {
        file->size += size;
        return RFX_OK;
    }
    const rfx_status status = fail(file, "write", error);
    if (file->is_regular) {
        take_back_part(file, data, written);
    }
    return status;
}
