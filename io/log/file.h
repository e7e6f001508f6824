/* A file of whole lines that is appended to, and moved on when it is full: PATH, PATH.1, PATH.2 and
 * so on, the latest without a number.
 *
 * thread   one at a time */
#ifndef RFX_IO_LOG_FILE_H
#define RFX_IO_LOG_FILE_H

#include <stdatomic.h>

#include "core/base.h"

struct rfx_log_file {
    char *path;              /* NULL: standard error */
    uint64_t size_max;       /* bytes of one file; 0: it is never moved on */
    uint32_t files_max;      /* that are kept, PATH itself included; 1 or more */
    const _Atomic bool *end; /* true: who reads the pipe gets two more seconds; NULL: never */
    int fd;
    bool is_regular;
    uint64_t size;    /* of a regular one */
    uint64_t full_at; /* it could not be moved on: tried again at this size; 0: it could */
    bool has_problem; /* that has just happened; the caller takes it away */
    struct rfx_error problem;
};

/* A last line without its end, which somebody who was killed has left, is ended.
 *
 * path     copied; NULL: standard error
 * errors   RFX_E_IO (the text names the file), RFX_E_NOMEM */
rfx_status rfx_log_file_open(struct rfx_log_file *file, const char *path,
                             struct rfx_error *error) RFX_MUST_CHECK;
void rfx_log_file_close(struct rfx_log_file *file);

/* Writes whole lines. Blocks as the file does.
 *
 * written  what is in the file now; of a regular file always whole lines
 * errors   RFX_E_IO: less than size; it may be tried again whenever there may be room */
rfx_status rfx_log_file_write(struct rfx_log_file *file, const char *data, size_t size,
                              size_t *written, struct rfx_error *error) RFX_MUST_CHECK;

/* Opens the path anew. On failure the file is the one it was. errors RFX_E_IO */
rfx_status rfx_log_file_reopen(struct rfx_log_file *file, struct rfx_error *error) RFX_MUST_CHECK;

#endif
