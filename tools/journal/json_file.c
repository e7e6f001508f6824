#include "tools/journal/json_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/shared/stop.h"

#define ROOM_FIRST 4096

static rfx_status fail_io(const char *action, const char *name, struct rfx_error *error)
{
    return rfx_fail(error, RFX_E_IO, "cannot %s %s: %s", action, name, strerror(errno));
}

/* The standard input as a file that can be read twice; it has no name and goes with the process. */
static rfx_status spool(struct json_file *file, struct rfx_error *error)
{
    char buffer[65536];
    size_t size = 0;
    file->file = tmpfile();
    if (file->file == NULL) {
        return fail_io("make a temporary file for", file->name, error);
    }
    while ((size = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
        if (fwrite(buffer, 1, size, file->file) != size) {
            return fail_io("write a temporary file for", file->name, error);
        }
        if (stop_asked()) {
            break;
        }
    }
    if (stop_asked()) {
        return rfx_fail(error, RFX_E_STATE, "stopped by a signal; nothing was imported");
    }
    if (ferror(stdin) != 0) {
        return fail_io("read", file->name, error);
    }
    return fflush(file->file) == 0 ? RFX_OK
                                   : fail_io("write a temporary file for", file->name, error);
}

rfx_status json_file_open(struct json_file *file, const char *name, struct rfx_error *error)
{
    struct stat found;
    const bool is_input = strcmp(name, "-") == 0;
    *file = (struct json_file){.name = is_input ? "standard input" : name};
    if (is_input) {
        const rfx_status status = spool(file, error);
        if (status != RFX_OK) {
            return status;
        }
    } else {
        file->file = fopen(name, "re");
        if (file->file == NULL) {
            return fail_io("open", name, error);
        }
    }
    if (fstat(fileno(file->file), &found) != 0) {
        return fail_io("read", file->name, error);
    }
    if (!S_ISREG(found.st_mode)) {
        return rfx_fail(error, RFX_E_IO,
                        "%s is not a file that can be read twice; give '-' and let it be the "
                        "standard input",
                        file->name);
    }
    file->size = (uint64_t)found.st_size;
    return json_file_rewind(file, error);
}

void json_file_close(struct json_file *file)
{
    if (file->file != NULL) {
        fclose(file->file);
    }
    free(file->text);
}

rfx_status json_file_rewind(struct json_file *file, struct rfx_error *error)
{
    file->number = 0;
    file->done = 0;
    return fseek(file->file, 0, SEEK_SET) == 0 ? RFX_OK : fail_io("read", file->name, error);
}

rfx_status json_file_fail(const struct json_file *file, struct rfx_error *error, const char *format,
                          ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return rfx_fail(error, RFX_E_INVALID, "%.80s:%llu: %s", file->name,
                    (unsigned long long)file->number, text);
}

static rfx_status grow(struct json_file *file, struct rfx_error *error)
{
    if (file->room >= JSON_LINE_MAX) {
        return json_file_fail(file, error, "a line of more than %zu bytes", (size_t)JSON_LINE_MAX);
    }
    const size_t room = file->room == 0 ? ROOM_FIRST : 2 * file->room;
    char *text = realloc(file->text, room);
    if (text == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "no memory for a line of %zu bytes", room);
    }
    file->text = text;
    file->room = room;
    return RFX_OK;
}

/* Without its end of line; empty at the end of the file. */
static rfx_status read_text(struct json_file *file, size_t *size, struct rfx_error *error)
{
    int byte = 0;
    *size = 0;
    file->number++;
    while ((byte = getc_unlocked(file->file)) != EOF && byte != '\n') {
        if (*size == file->room) {
            const rfx_status status = grow(file, error);
            if (status != RFX_OK) {
                return status;
            }
        }
        file->text[(*size)++] = (char)byte;
    }
    file->done += *size + 1;
    if (byte == EOF && ferror(file->file) != 0) {
        return fail_io("read", file->name, error);
    }
    return byte == '\n' && *size == 0 ? json_file_fail(file, error, "an empty line") : RFX_OK;
}

rfx_status json_file_next(struct json_file *file, struct json_line *line, bool *is_over,
                          struct rfx_error *error)
{
    struct rfx_error what = {""};
    size_t size = 0;
    line->message = NULL;
    rfx_status status = read_text(file, &size, error);
    *is_over = status == RFX_OK && size == 0;
    if (status != RFX_OK || size == 0) {
        return status;
    }
    status = json_line_read(file->text, size, line, &what);
    if (status == RFX_E_INVALID) {
        return json_file_fail(file, error, "%s", what.text);
    }
    return status == RFX_OK ? RFX_OK : rfx_fail(error, status, "%s", what.text);
}
