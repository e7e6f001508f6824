#include "journal/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL_PREFIX "tail-"

static bool parse_tail(const char *name, uint32_t *shard)
{
    const size_t prefix = strlen(TAIL_PREFIX);
    if (strncmp(name, TAIL_PREFIX, prefix) != 0 || strlen(name) != prefix + 3 ||
        strspn(name + prefix, "0123456789") != 3) {
        return false;
    }
    *shard = (uint32_t)strtoul(name + prefix, NULL, 10);
    return true;
}

rfx_status rfx_directory_scan(const char *path, bool has_tail[RFX_TAILS_MAX],
                              struct rfx_error *error)
{
    bool is_old = false;
    memset(has_tail, 0, RFX_TAILS_MAX * sizeof has_tail[0]);
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return rfx_fail(error, RFX_E_JOURNAL, "cannot read the journal's directory %s: %s", path,
                        strerror(errno));
    }
    errno = 0;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        uint32_t shard = 0;
        if (parse_tail(entry->d_name, &shard)) {
            has_tail[shard] = true;
        }
        is_old |= strcmp(entry->d_name, "shard-000") == 0;
    }
    const int cause = errno;
    closedir(directory);
    if (cause != 0) {
        return rfx_fail(error, RFX_E_JOURNAL, "cannot read the journal's directory %s: %s", path,
                        strerror(cause));
    }
    if (is_old) {
        return rfx_fail(error, RFX_E_JOURNAL,
                        "journal %s has the format of an older ringfix (shard-NNN directories): "
                        "use that one, or another JournalPath",
                        path);
    }
    return RFX_OK;
}

void rfx_directory_store(const char *path, char out[RFX_DIRECTORY_FILE_SIZE])
{
    const int size = snprintf(out, RFX_DIRECTORY_FILE_SIZE, "%s/store", path);
    RFX_ASSERT(size > 0 && size < RFX_DIRECTORY_FILE_SIZE);
}

void rfx_directory_tail(const char *path, uint32_t shard, char out[RFX_DIRECTORY_FILE_SIZE])
{
    const int size = snprintf(out, RFX_DIRECTORY_FILE_SIZE, "%s/" TAIL_PREFIX "%03u", path, shard);
    RFX_ASSERT(size > 0 && size < RFX_DIRECTORY_FILE_SIZE);
}

rfx_status rfx_directory_make(const char *path, struct rfx_error *error)
{
    if (mkdir(path, 0750) == 0) {
        char parent[RFX_DIRECTORY_FILE_SIZE + 4];
        snprintf(parent, sizeof parent, "%s/..", path);
        return rfx_directory_flush(parent, error);
    }
    return errno == EEXIST
               ? RFX_OK
               : rfx_fail(error, RFX_E_JOURNAL, "cannot create the journal's directory %s: %s",
                          path, strerror(errno));
}

rfx_status rfx_directory_make_all(const char *path, struct rfx_error *error)
{
    char prefix[RFX_PATH_MAX + 1];
    snprintf(prefix, sizeof prefix, "%s", path);
    for (char *slash = strchr(prefix + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        const rfx_status status = rfx_directory_make(prefix, error);
        if (status != RFX_OK) {
            return status;
        }
        *slash = '/';
    }
    return rfx_directory_make(path, error);
}

rfx_status rfx_directory_flush(const char *path, struct rfx_error *error)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int result = fd >= 0 ? fsync(fd) : -1;
    const int cause = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (result != 0) {
        return rfx_fail(error, RFX_E_JOURNAL, "cannot flush the directory %s: %s", path,
                        strerror(cause));
    }
    return RFX_OK;
}
