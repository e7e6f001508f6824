/* Lines of the log of events, see docs/logging.md. */
#ifndef RFX_IO_LOG_LINE_H
#define RFX_IO_LOG_LINE_H

#include "core/base.h"
#include "ringfix/log.h"

#define RFX_LOG_LINE_MAX 4096 /* PIPE_BUF: a line is one write, not mixed with others' */

/* Writes one line with its newline; what does not fit is cut.
 *
 * session  NULL: none
 * returns  its size, up to RFX_LOG_LINE_MAX */
size_t rfx_log_line(char line[RFX_LOG_LINE_MAX], enum rfx_log_format format, int64_t utc_ns,
                    enum rfx_log_level level, const char *session, const char *text);

/* "2026-11-23T12:00:00.123456Z" with so many decimals, NUL-terminated; its length. */
#define RFX_LOG_TIME_MAX 40
size_t rfx_log_time(char out[RFX_LOG_TIME_MAX], int64_t utc_ns, int decimals);

#endif
