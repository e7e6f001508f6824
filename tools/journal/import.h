/* What goes into a journal by import: the lines of a file, checked, and the writing of them. */
#ifndef TOOLS_JOURNAL_IMPORT_H
#define TOOLS_JOURNAL_IMPORT_H

#include "tools/journal/json_file.h"

/* What a file holds as a whole. */
struct import_plan {
    uint32_t session_count;
    uint64_t message_count;
    size_t message_size_max;
};

/* Takes the lines in their order, each checked; a message belongs to the session before it.
 * errors   end the walk */
typedef rfx_status import_visit(void *context, const struct json_line *line,
                                struct rfx_error *error);

/* Reads the whole file and checks what one line can and cannot be beside the others.
 *
 * plan     may be NULL
 * errors   RFX_E_INVALID: names file and line        RFX_E_STATE: a signal came
 *          RFX_E_IO, RFX_E_NOMEM, and what visit returns */
rfx_status import_walk(struct json_file *file, import_visit *visit, void *context,
                       struct import_plan *plan, struct rfx_error *error) RFX_MUST_CHECK;

/* Writes what was planned. written: what came in, also after an error.
 * errors   RFX_E_JOURNAL, and as import_walk() */
rfx_status import_write(const char *path, struct json_file *file, const struct import_plan *plan,
                        struct import_plan *written, struct rfx_error *error) RFX_MUST_CHECK;

#endif
