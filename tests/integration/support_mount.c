#include "tests/integration/support_mount.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void write_text(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY);
    if (fd >= 0) {
        const ssize_t size = write(fd, text, strlen(text));
        (void)size; /* if it is refused, so is the mount */
        close(fd);
    }
}

bool may_mount(void)
{
    static int answer = -1;
    char map[64];
    if (answer >= 0) {
        return answer == 1;
    }
    const unsigned uid = (unsigned)getuid();
    const unsigned gid = (unsigned)getgid();
    bool is_apart = unshare(CLONE_NEWNS) == 0;
    if (!is_apart && unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
        is_apart = true;
        write_text("/proc/self/setgroups", "deny");
        snprintf(map, sizeof map, "0 %u 1", uid);
        write_text("/proc/self/uid_map", map);
        snprintf(map, sizeof map, "0 %u 1", gid);
        write_text("/proc/self/gid_map", map);
    }
    answer = is_apart && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ? 1 : 0;
    return answer == 1;
}
