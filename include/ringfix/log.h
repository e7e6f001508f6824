/* The log of events: one line each, as text or as JSON, written by a thread of its own. A program
 * hands rfx_log_write() and a log to the server as on_log and log_context. See docs/logging.md. */
#ifndef RINGFIX_LOG_H
#define RINGFIX_LOG_H

#include "ringfix/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum rfx_log_level { RFX_LOG_ERROR, RFX_LOG_WARNING, RFX_LOG_INFO, RFX_LOG_DEBUG };

enum rfx_log_format {
    RFX_LOG_TEXT, /* 2026-11-23T12:00:00.123456Z WARNING FIX.4.4:A->B: text */
    RFX_LOG_JSON, /* {"time":"...","level":"warning","session":"FIX.4.4:A->B","text":"..."} */
};

struct rfx_log;

struct rfx_log_options {
    const char *path;           /* appended to, made if absent; NULL: standard error */
    enum rfx_log_format format; /* zero: text */
    enum rfx_log_level level;   /* the least severe that is written of lines without a session: the
                                   server has chosen among the others by LogLevel */
    size_t queue_size;          /* bytes of lines that wait to be written; 0: 1 MiB */
};

/* options  borrowed until return, its path too
 * errors   RFX_E_IO (the text names the file), RFX_E_NOMEM */
RFX_API rfx_status rfx_log_open(const struct rfx_log_options *options, struct rfx_log **log,
                                struct rfx_error *error) RFX_MUST_CHECK;

/* Leaves a line for the thread that writes. Never waits for the file: when the queue is full, or
 * the disk, the line is lost, and "N lines lost" is written as soon as that is possible. A line is
 * cut at some 4,000 bytes; characters that are not printable become "?", in JSON escapes.
 *
 * log      a struct rfx_log, so that this function can stand as on_log
 * session  NULL: about none in particular; both texts are borrowed until return
 * thread   any */
RFX_API void rfx_log_write(void *log, enum rfx_log_level level, const char *session,
                           const char *text);

/* Has the file opened anew by its path, soon, after it was moved away. Without a path nothing
 * happens. When that fails the log goes on with the file that it has, and says so. Any thread, but
 * no signal handler. */
RFX_API void rfx_log_reopen(struct rfx_log *log);

/* How many lines were lost since it was opened. Any thread. */
RFX_API uint64_t rfx_log_lost(const struct rfx_log *log);

/* Writes what waits, for at most some two seconds when the reader of a pipe does not take it,
 * releases everything and sets *log to NULL. Nobody may be in rfx_log_write(), or come. */
RFX_API void rfx_log_close(struct rfx_log **log);

#ifdef __cplusplus
}
#endif

#endif
