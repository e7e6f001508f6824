/* A file of lines as export writes it, read more than once. */
#ifndef TOOLS_JOURNAL_JSON_FILE_H
#define TOOLS_JOURNAL_JSON_FILE_H

#include <stdio.h>

#include "tools/journal/json_line.h"

struct json_file {
    FILE *file;
    const char *name; /* for texts; borrowed */
    uint64_t size;    /* in bytes */
    uint64_t done;    /* read so far */
    uint64_t number;  /* of the line read last, from 1 */
    char *text;       /* of that line */
    size_t room;
};

/* name "-": the standard input, which is copied into a temporary file first, so that all of it
 * has been looked at before anything is written.
 *
 * file     closed with json_file_close(), also after an error
 * errors   RFX_E_IO, RFX_E_STATE: a signal came */
rfx_status json_file_open(struct json_file *file, const char *name,
                          struct rfx_error *error) RFX_MUST_CHECK;
void json_file_close(struct json_file *file);

/* From the first line again. errors RFX_E_IO */
rfx_status json_file_rewind(struct json_file *file, struct rfx_error *error) RFX_MUST_CHECK;

/* The next line; *is_over at the end of the file.
 *
 * line     message is the caller's to free()
 * errors   RFX_E_INVALID: names file and line        RFX_E_IO, RFX_E_NOMEM */
rfx_status json_file_next(struct json_file *file, struct json_line *line, bool *is_over,
                          struct rfx_error *error) RFX_MUST_CHECK;

/* The same file and line before a text of the caller's. Returns RFX_E_INVALID. */
rfx_status json_file_fail(const struct json_file *file, struct rfx_error *error, const char *format,
                          ...) RFX_PRINTF(3, 4);

#endif
