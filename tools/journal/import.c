/* Import: the file is read twice, so that nothing is written of one that is wrong. */
#include "tools/journal/import.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "journal/reader.h"
#include "tools/journal/commands.h"
#include "tools/journal/stat.h"

/* What the check needs beside the lines. */
struct check {
    const struct json_file *file;
    struct rfx_reader *reader; /* NULL: there is no journal yet */
    void *names;               /* of sessions so far, a tree */
};

static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* Each session once, and none that the journal has something of already. */
static rfx_status check_name(void *context, const struct json_line *line, struct rfx_error *error)
{
    struct check *check = context;
    struct rfx_reader_session session;
    if (line->kind != JSON_LINE_SESSION) {
        return RFX_OK;
    }
    char *name = strdup(line->name);
    char **found = name != NULL ? tsearch(name, &check->names, compare_names) : NULL;
    if (found == NULL) {
        free(name);
        return rfx_fail(error, RFX_E_NOMEM, "no memory for the names of the sessions");
    }
    if (*found != name) {
        free(name);
        return json_file_fail(check->file, error, "session %.200s stands here twice", line->name);
    }
    if (check->reader == NULL) {
        return RFX_OK;
    }
    const rfx_status status = rfx_reader_find(check->reader, line->name, &session, error);
    if (status != RFX_OK) {
        return status == RFX_E_NOT_FOUND ? RFX_OK : status;
    }
    if (session.next_out != 1 || session.next_in != 1 || session.stored[0].last != 0 ||
        session.stored[1].last != 0) {
        return json_file_fail(check->file, error,
                              "the journal has session %.200s already: reset it, or leave it out",
                              line->name);
    }
    return RFX_OK;
}

/* A journal may be there or not; a damaged one is an error. */
static rfx_status open_reader(const char *path, struct rfx_reader **reader, struct rfx_error *error)
{
    char store[RFX_DIRECTORY_FILE_SIZE];
    char file[STAT_FILE_SIZE];
    struct stat found;
    if (strlen(path) > RFX_PATH_MAX) {
        return rfx_fail(error, RFX_E_INVALID, "a journal's path has at most %d bytes",
                        RFX_PATH_MAX);
    }
    rfx_directory_store(path, store);
    stat_file(store, file);
    if (stat(file, &found) != 0 && errno == ENOENT) {
        return RFX_OK;
    }
    return rfx_reader_open(path, RFX_READER_WHOLE, reader, error);
}

static rfx_status check_file(const char *path, struct json_file *file, struct import_plan *plan,
                             struct rfx_error *error)
{
    struct check check = {.file = file};
    rfx_status status = open_reader(path, &check.reader, error);
    if (status == RFX_OK) {
        status = import_walk(file, check_name, &check, plan, error);
    }
    rfx_reader_close(check.reader);
    tdestroy(check.names, free);
    return status;
}

enum exit_code command_import(const struct options *options, struct rfx_error *error)
{
    struct json_file file;
    struct import_plan plan;
    struct import_plan written = {0};
    rfx_status status = json_file_open(&file, options->arguments[0], error);
    if (status == RFX_OK) {
        status = check_file(options->path, &file, &plan, error);
    }
    if (status == RFX_OK) {
        status = import_write(options->path, &file, &plan, &written, error);
    }
    json_file_close(&file);
    if (status == RFX_OK || written.session_count > 0 || written.message_count > 0) {
        printf("imported: %" PRIu32 " sessions%s, %" PRIu64 " messages\n", written.session_count,
               status == RFX_OK ? "" : " as a whole and one in part", written.message_count);
    }
    return status == RFX_E_INVALID ? EXIT_FOUND : exit_of(status);
}
