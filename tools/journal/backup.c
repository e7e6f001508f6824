/* A copy of the journal as it is at one moment. It gets its name when it is whole. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/backup.h"
#include "tools/journal/commands.h"
#include "tools/journal/progress.h"
#include "tools/journal/stat.h"
#include "tools/shared/stop.h"
#include "tools/shared/text.h"

struct backup {
    char path[RFX_PATH_MAX + 1];    /* as asked for, without a '/' at its end */
    char partial[RFX_PATH_MAX + 1]; /* where it is made */
    char partial_store[RFX_DIRECTORY_FILE_SIZE];
    mode_t mode; /* of the directory that is there; 0: none is */
};

static rfx_status name_it(struct backup *backup, const char *path, struct rfx_error *error)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/') {
        size--;
    }
    const int used = snprintf(backup->partial, sizeof backup->partial, "%.*s.partial-%ld",
                              (int)rfx_min_u64(size, RFX_PATH_MAX), path, (long)getpid());
    if (size < 1 || size > RFX_PATH_MAX || used >= (int)sizeof backup->partial) {
        return rfx_fail(error, RFX_E_INVALID, "the path of a copy has 1 to %d bytes",
                        RFX_PATH_MAX - 20);
    }
    memcpy(backup->path, path, size);
    backup->path[size] = '\0';
    rfx_directory_store(backup->partial, backup->partial_store);
    return RFX_OK;
}

/* Nothing, or an empty directory. rename() looks again in the end. */
static rfx_status check_free(struct backup *backup, struct rfx_error *error)
{
    struct stat found;
    size_t count = 0;
    if (stat(backup->path, &found) != 0) {
        return errno == ENOENT ? RFX_OK
                               : rfx_fail(error, RFX_E_IO, "%s: %s", backup->path, strerror(errno));
    }
    DIR *directory = opendir(backup->path);
    if (directory == NULL) {
        return rfx_fail(error, RFX_E_IO, "%s: %s", backup->path, strerror(errno));
    }
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    if (count > 2) { /* "." and ".." */
        return rfx_fail(error, RFX_E_IO, "%s is not empty: give a new directory", backup->path);
    }
    backup->mode = found.st_mode & 07777;
    return RFX_OK;
}

/* Everything in it was made by rfx_backup(). */
static void remove_partial(const struct backup *backup)
{
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    char file[STAT_FILE_SIZE];
    for (size_t i = 0; i < 2; i++) {
        snprintf(file, sizeof file, "%s/%s", backup->partial_store, names[i]);
        (void)unlink(file);
    }
    (void)rmdir(backup->partial_store);
    (void)rmdir(backup->partial);
}

static rfx_status flush_parent(const struct backup *backup, struct rfx_error *error)
{
    char parent[RFX_PATH_MAX + 1];
    const char *slash = strrchr(backup->path, '/');
    const size_t size = slash == NULL ? 0 : (size_t)(slash - backup->path);
    snprintf(parent, sizeof parent, "%.*s", (int)size, backup->path);
    if (size == 0) {
        strcpy(parent, slash == NULL ? "." : "/");
    }
    return rfx_directory_flush(parent, error);
}

static rfx_status copy(const struct backup *backup, struct rfx_env *env, struct rfx_error *error)
{
    struct progress progress;
    char file[STAT_FILE_SIZE];
    uint64_t used = 0;
    const int code = stat_used(env, &used);
    if (code != 0) {
        return rfx_env_fail(env, code, "see how large it is", error);
    }
    stat_file(backup->partial_store, file);
    progress_init(&progress, "backup", PROGRESS_ALONE);
    progress_watch(&progress, file, used);
    const rfx_status status = rfx_backup(env, backup->partial, error);
    progress_unwatch(&progress);
    return status;
}

static rfx_status give_name(const struct backup *backup, struct rfx_error *error)
{
    if (stop_asked()) {
        return rfx_fail(error, RFX_E_STATE, "stopped by a signal; there is no copy");
    }
    if (backup->mode != 0 && chmod(backup->partial, backup->mode) != 0) {
        return rfx_fail(error, RFX_E_IO, "cannot set the rights of %s: %s", backup->partial,
                        strerror(errno));
    }
    if (rename(backup->partial, backup->path) != 0) {
        return rfx_fail(error, RFX_E_IO, "cannot rename %s to %s: %s", backup->partial,
                        backup->path, strerror(errno));
    }
    return RFX_OK;
}

enum exit_code command_backup(struct rfx_reader *reader, const struct options *options,
                              struct rfx_error *error)
{
    struct backup backup = {.mode = 0};
    char file[STAT_FILE_SIZE];
    char size[TEXT_SIZE];
    struct stat made = {.st_size = 0};
    rfx_status status = name_it(&backup, options->arguments[0], error);
    if (status == RFX_OK) {
        status = check_free(&backup, error);
    }
    if (status == RFX_OK && access(backup.partial, F_OK) == 0) {
        status = rfx_fail(error, RFX_E_IO, "%s is in the way: remove it", backup.partial);
    }
    if (status != RFX_OK) {
        return exit_of(status);
    }
    status = copy(&backup, rfx_reader_env(reader), error);
    if (status == RFX_OK) {
        stat_file(backup.partial_store, file);
        (void)stat(file, &made);
        status = give_name(&backup, error);
    }
    if (status != RFX_OK) {
        remove_partial(&backup);
        return exit_of(status);
    }
    status = flush_parent(&backup, error);
    if (status == RFX_OK) {
        printf("%s: %s\n", backup.path, size_text((uint64_t)made.st_size, size));
    }
    return exit_of(status);
}
