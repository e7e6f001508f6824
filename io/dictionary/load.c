/* A dictionary from disk. The first character tells the format. */
#include "io/dictionary/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/dict_text.h"
#include "io/dictionary/xml.h"

static bool starts_with(struct rfx_bytes text, const char *start, size_t size)
{
    return text.size >= size && memcmp(text.data, start, size) == 0;
}

static bool is_xml(struct rfx_bytes text)
{
    if (starts_with(text, "\xff\xfe", 2) || starts_with(text, "\xfe\xff", 2)) {
        return true; /* UTF-16, which the other format has not */
    }
    size_t i = starts_with(text, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (i < text.size && text.data[i] != '\0' && strchr(" \t\r\n", text.data[i]) != NULL) {
        i++;
    }
    return i < text.size && text.data[i] == '<';
}

rfx_status rfx_dictionary_parse(struct rfx_bytes text, const char *file_name,
                                const struct rfx_dictionary **dictionary, struct rfx_error *error)
{
    if (text.size > RFX_DICTIONARY_FILE_MAX) {
        return rfx_fail(error, RFX_E_CONFIG, "%s: larger than 16 MiB; is this the right file?",
                        file_name);
    }
    return is_xml(text) ? rfx_dict_xml_read(text, file_name, dictionary, error)
                        : rfx_dict_read(text, file_name, dictionary, error);
}

/* Reads until the end of the file or the end of the room. */
static ssize_t read_all(int fd, char *text, size_t size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t part = read(fd, text + used, size - used);
        if (part == 0) {
            break;
        }
        if (part > 0) {
            used += (size_t)part;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return (ssize_t)used;
}

static rfx_status read_open(int fd, const char *path, const struct rfx_dictionary **dictionary,
                            struct rfx_error *error)
{
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    }
    if (!S_ISREG(about.st_mode)) {
        return rfx_fail(error, RFX_E_IO, "%s: %s; a dictionary is a regular file", path,
                        S_ISDIR(about.st_mode) ? "this is a directory" : "this is no file");
    }
    size_t size_max = RFX_DICTIONARY_FILE_MAX + 1; /* one more than is allowed shows the excess */
    char *text = malloc(size_max);
    if (text == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "%s: out of memory", path);
    }
    rfx_status status;
    ssize_t size = read_all(fd, text, size_max);
    if (size < 0) {
        status = rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    } else {
        status = rfx_dictionary_parse(rfx_bytes_of(text, (size_t)size), path, dictionary, error);
    }
    free(text);
    return status;
}

rfx_status rfx_dictionary_load(const char *path, const struct rfx_dictionary **dictionary,
                               struct rfx_error *error)
{
    /* Opening a pipe that nobody writes must not wait. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return rfx_fail(error, RFX_E_IO, "%s: %s", path, strerror(errno));
    }
    rfx_status status = read_open(fd, path, dictionary, error);
    close(fd);
    return status;
}
