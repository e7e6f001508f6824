#include "io/zone_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZONE_DIRECTORY "/usr/share/zoneinfo"
#define FILE_SIZE_MAX  (1u << 20)

/* Letters, digits, '_', '+' and '-' in parts apart by single slashes. No dot is among them: a name
 * from a configuration cannot lead out of the directory. */
static bool is_zone_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_+-/";
    size_t size = strnlen(name, RFX_ZONE_NAME_MAX + 1);
    return size > 0 && size <= RFX_ZONE_NAME_MAX && strspn(name, allowed) == size &&
           name[0] != '/' && name[size - 1] != '/' && strstr(name, "//") == NULL;
}

static rfx_status read_zone(int fd, const char *path, const char *name, struct rfx_zone **zone,
                            struct rfx_error *error)
{
    char *bytes = malloc(FILE_SIZE_MAX + 1);
    if (bytes == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "%s: out of memory", path);
    }
    rfx_status status;
    size_t size = 0;
    ssize_t count;
    do {
        count = read(fd, bytes + size, FILE_SIZE_MAX + 1 - size);
        size += count > 0 ? (size_t)count : 0;
    } while (count > 0 || (count < 0 && errno == EINTR));
    if (count < 0) {
        status = rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    } else if (size > FILE_SIZE_MAX) {
        status = rfx_fail(error, RFX_E_CONFIG, "%s: larger than 1 MiB, it is no time zone", path);
    } else {
        status = rfx_zone_parse(rfx_bytes_of(bytes, size), name, zone, error);
    }
    free(bytes);
    return status;
}

static rfx_status unknown_zone(const char *name, const char *directory, struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_CONFIG,
                    "unknown time zone %s, there is no such file in %s; is the name right, and is "
                    "the package tzdata installed?",
                    name, directory);
}

rfx_status rfx_zone_load(const char *name, struct rfx_zone **zone, struct rfx_error *error)
{
    if (name == NULL || strcmp(name, "UTC") == 0) {
        *zone = NULL;
        return RFX_OK;
    }
    if (!is_zone_name(name)) {
        return rfx_fail(error, RFX_E_CONFIG,
                        "\"%.*s\" is no time zone; give an IANA name such as Europe/London",
                        RFX_ZONE_NAME_MAX, name);
    }
    const char *directory = getenv("TZDIR");
    if (directory == NULL || directory[0] == '\0') {
        directory = ZONE_DIRECTORY;
    }
    char path[4096];
    const bool is_local = strcmp(name, RFX_ZONE_LOCAL) == 0;
    int size = is_local ? snprintf(path, sizeof path, "/etc/localtime")
                        : snprintf(path, sizeof path, "%s/%s", directory, name);
    if (size < 0 || (size_t)size >= sizeof path) {
        return rfx_fail(error, RFX_E_CONFIG, "the directory in TZDIR is too long a path");
    }
    /* Without waiting for whoever would write should it be a pipe. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && is_local && errno == ENOENT) {
        *zone = NULL; /* a machine that does not say has UTC */
        return RFX_OK;
    }
    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return unknown_zone(name, directory, error);
        }
        return rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    }
    rfx_status status;
    struct stat file;
    if (fstat(fd, &file) != 0) {
        status = rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    } else if (!S_ISREG(file.st_mode)) { /* "America" is a directory */
        status = unknown_zone(name, directory, error);
    } else {
        status = read_zone(fd, path, name, zone, error);
    }
    close(fd);
    return status;
}

/* --------------------------------------------------------------------------------------- set */

struct rfx_zone_set {
    struct rfx_zone **zones;
    size_t count;
    size_t capacity;
};

rfx_status rfx_zone_set_open(struct rfx_zone_set **set, struct rfx_error *error)
{
    *set = calloc(1, sizeof **set);
    return *set != NULL ? RFX_OK : rfx_fail(error, RFX_E_NOMEM, "out of memory for time zones");
}

void rfx_zone_set_close(struct rfx_zone_set *set)
{
    if (set == NULL) {
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        rfx_zone_free(set->zones[i]);
    }
    free(set->zones);
    free(set);
}

rfx_status rfx_zone_set_get(struct rfx_zone_set *set, const char *name,
                            const struct rfx_zone **zone, struct rfx_error *error)
{
    for (size_t i = 0; name != NULL && i < set->count; i++) {
        if (strcmp(rfx_zone_name(set->zones[i]), name) == 0) {
            *zone = set->zones[i];
            return RFX_OK;
        }
    }
    if (set->count == set->capacity) {
        size_t capacity = set->capacity == 0 ? 8 : 2 * set->capacity;
        struct rfx_zone **zones = realloc(set->zones, capacity * sizeof(struct rfx_zone *));
        if (zones == NULL) {
            return rfx_fail(error, RFX_E_NOMEM, "out of memory for time zones");
        }
        set->zones = zones;
        set->capacity = capacity;
    }
    struct rfx_zone *loaded;
    rfx_status status = rfx_zone_load(name, &loaded, error);
    if (status != RFX_OK) {
        return status;
    }
    if (loaded != NULL) {
        set->zones[set->count++] = loaded;
    }
    *zone = loaded;
    return RFX_OK;
}
