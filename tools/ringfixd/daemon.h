/* What the parts of ringfixd share: the server, and how it was started. */
#ifndef RINGFIXD_DAEMON_H
#define RINGFIXD_DAEMON_H

#include <pthread.h>
#include <stdatomic.h>

#include "ringfix/ringfix.h"

struct daemon {
    struct rfx_server *server;
    const char *config_path;
    bool is_journaled; /* false: JournalPath is left alone */
    int64_t started_utc_ns;
    _Atomic bool has_ended;
    struct rfx_log *log_file;
    void (*log)(void *context, enum rfx_log_level level, const char *session, const char *text);
    void *log_context; /* of log: where the server's lines go, to log_file or to a plug-in */
};

/* A line of ringfixd's own. Any thread, once the log is open. */
void daemon_log(const struct daemon *daemon, enum rfx_log_level level, const char *text);

/* Opens the log that the configuration asks for.
 * errors RFX_E_IO, RFX_E_NOMEM */
rfx_status daemon_open_log(struct daemon *daemon, const struct rfx_config *config,
                           struct rfx_error *error) RFX_MUST_CHECK;

/* Reads the configuration; what the command line says beats what it says. */
rfx_status daemon_load(const struct daemon *daemon, struct rfx_config *config,
                       struct rfx_error *error) RFX_MUST_CHECK;

/* Reads it again and takes its sessions over; what goes wrong is in the log, too. Any thread. */
rfx_status daemon_reload(struct daemon *daemon, struct rfx_reload *report, struct rfx_error *error);

#endif
