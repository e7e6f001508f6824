/* One line of what export writes and import reads. */
#ifndef TOOLS_JOURNAL_JSON_LINE_H
#define TOOLS_JOURNAL_JSON_LINE_H

#include "core/base.h"
#include "ringfix/config.h"
#include "ringfix/journal.h"

/* The longest line: every byte of the longest message as \u00NN, and room for the rest. */
#define JSON_LINE_MAX (6 * (size_t)RFX_MESSAGE_SIZE_MAX + 8192)

enum json_line_kind { JSON_LINE_HEADER, JSON_LINE_SESSION, JSON_LINE_MESSAGE, JSON_LINE_END };

struct json_line {
    enum json_line_kind kind;
    /* SESSION */
    char name[RFX_JOURNAL_NAME_MAX + 1];
    uint64_t next_out;
    uint64_t next_in;
    int64_t created_ns;
    /* MESSAGE */
    enum rfx_direction direction;
    uint64_t seq_num;
    int64_t time_ns;
    char *message; /* released with free() */
    size_t message_size;
    /* END */
    uint64_t session_count;
    uint64_t message_count;
};

/* Reads a line, which is not to be trusted.
 *
 * line     message is NULL unless it is a message, also after an error
 * errors   RFX_E_INVALID, with a text that says what is wrong        RFX_E_NOMEM */
rfx_status json_line_read(const char *text, size_t size, struct json_line *line,
                          struct rfx_error *error) RFX_MUST_CHECK;

#endif
