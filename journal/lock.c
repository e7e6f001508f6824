#include "journal/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "ringfix/config.h"

#define GATE_TRIES  500
#define OWN_TRIES   100
#define TRY_WAIT_MS 10

/* The holder left its process id in the lock file, for this text only. */
static rfx_status fail_held(const char *path, int fd, struct rfx_error *error)
{
    char holder[24] = "";
    const ssize_t size = pread(fd, holder, sizeof holder - 1, 0);
    holder[size > 0 ? strspn(holder, "0123456789") : 0] = '\0';
    return rfx_fail(error, RFX_E_JOURNAL,
                    "journal %s is in use by another process (process id %s): stop that one, or "
                    "set another JournalPath",
                    path, holder[0] != '\0' ? holder : "unknown");
}

/* False, with errno, when it cannot be had. */
static bool take(int fd, int tries)
{
    const struct timespec wait = {.tv_nsec = TRY_WAIT_MS * (long)RFX_NS_PER_MS};
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
        if (errno != EWOULDBLOCK || i + 1 >= tries) {
            return false;
        }
        nanosleep(&wait, NULL);
    }
    return true;
}

rfx_status rfx_lock_own(const char *path, enum rfx_lock_wait wait, int *fd, struct rfx_error *error)
{
    char file[RFX_PATH_MAX + 16];
    snprintf(file, sizeof file, "%s/lock", path);
    *fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (*fd < 0) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "cannot open %s: %s; the journal's directory must be writable", file,
                        strerror(errno));
    }
    if (!take(*fd, wait == RFX_LOCK_WAIT ? OWN_TRIES : 1)) {
        const rfx_status status =
            errno == EWOULDBLOCK
                ? fail_held(path, *fd, error)
                : rfx_fail(error, RFX_E_JOURNAL, "cannot lock %s: %s", file, strerror(errno));
        rfx_lock_release(*fd);
        *fd = -1;
        return status;
    }
    if (ftruncate(*fd, 0) != 0 || dprintf(*fd, "%ld\n", (long)getpid()) < 0) {
        const int cause = errno;
        rfx_lock_release(*fd);
        *fd = -1;
        return rfx_fail(error, RFX_E_JOURNAL, "cannot write %s: %s", file, strerror(cause));
    }
    return RFX_OK;
}

bool rfx_lock_is_held(const char *path)
{
    char file[RFX_PATH_MAX + 16];
    snprintf(file, sizeof file, "%s/lock", path);
    const int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const bool is_held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    rfx_lock_release(fd);
    return is_held;
}

rfx_status rfx_lock_gate(const char *path, int *fd, struct rfx_error *error)
{
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0) {
        return rfx_fail(error, RFX_E_JOURNAL, "cannot open the journal's directory %s: %s", path,
                        strerror(errno));
    }
    if (take(*fd, GATE_TRIES)) {
        return RFX_OK;
    }
    const int cause = errno;
    rfx_lock_release(*fd);
    *fd = -1;
    return rfx_fail(error, RFX_E_JOURNAL,
                    "cannot lock the journal's directory %s: %s; another process is opening, "
                    "converting or closing the journal, try again later",
                    path, strerror(cause));
}

void rfx_lock_release(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}
