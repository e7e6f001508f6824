/* The server: workers, I/O loops, shards and the journal behind one handle. */
#ifndef RINGFIX_SERVER_H
#define RINGFIX_SERVER_H

#include "ringfix/app.h"
#include "ringfix/config.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rfx_server;

/* Opens the journal, brings every session's numbers back, binds the port and starts the workers.
 * Counterparties may log on as soon as it returns, callbacks may come even earlier: a callback that
 * needs the server waits until the program has published what it got from here. A process that only
 * dials out (no acceptor session) binds no port.
 *
 * config   borrowed until return
 * server   set on success alone
 * error    may be NULL
 * app      copied; its context is borrowed until rfx_server_close()
 * thread   any; the same one calls wait and close
 * errors   RFX_E_CONFIG, RFX_E_IO (port in use, kernel without a needed io_uring feature),
 *          RFX_E_JOURNAL (journal damaged or held by another process), RFX_E_NOMEM; the error
 *          text says which and what to do */
RFX_API rfx_status rfx_server_open(const struct rfx_config *config, const struct rfx_app *app,
                                   struct rfx_server **server,
                                   struct rfx_error *error) RFX_MUST_CHECK;

/* The port that is bound, of several the first session's; 0 when none is. Any thread. */
RFX_API uint16_t rfx_server_port(const struct rfx_server *server);

/* All ports that are bound, each once, in the order of the sessions. Any thread.
 *
 * index    from 0; behind the last one the result is 0
 * use_ssl  set to whether it is TLS that is spoken there; may be NULL */
RFX_API uint16_t rfx_server_port_at(const struct rfx_server *server, size_t index, bool *use_ssl);

/* I/O loops and shards in use, after the defaults were resolved. Any thread. */
RFX_API uint32_t rfx_server_io_threads(const struct rfx_server *server);
RFX_API uint32_t rfx_server_shards(const struct rfx_server *server);

/* The session that stands at an index of the sessions of the configuration it was opened with,
 * whatever a reload has done since; NULL for a template, or when there is
 * none. And the one with a name as rfx_session_name() has it; NULL when it is not configured (those
 * made from templates are known to their callbacks alone). Any thread. */
RFX_API struct rfx_session *rfx_server_session(const struct rfx_server *server, size_t index);
RFX_API struct rfx_session *rfx_server_find_session(const struct rfx_server *server,
                                                    const char *name);

/* How many connections have ended for a reason since the server was opened, those of strangers
 * included. Any thread. */
RFX_API uint64_t rfx_server_disconnects(const struct rfx_server *server,
                                        enum rfx_disconnect_reason reason);

/* Asks for an orderly end: no new connections, a Logout to every session that is logged on, at
 * most LogoutTimeout for the answers. Returns at once. Any thread, also a signal handler. */
RFX_API void rfx_server_stop(struct rfx_server *server);

/* Opens the file of the message log anew, soon, after it was moved away; without FileLogPath
 * nothing happens. Returns at once. Any thread. */
RFX_API void rfx_server_reopen_logs(struct rfx_server *server);

/* How many messages the message log lacks, because the disk was full or slower than the messages
 * came, since the server was opened; 0 without FileLogPath. Any thread. */
RFX_API uint64_t rfx_server_messages_lost(const struct rfx_server *server);

/* Waits until the server has stopped, by rfx_server_stop() or because the journal failed. Not in a
 * callback: that ends the program. A callback that never returns keeps its shard from stopping, and
 * with it the server: after 5 seconds a line in the log says which one of which session it is. The
 * process may be killed then; what is journaled is safe.
 *
 * errors RFX_E_JOURNAL: a commit failed; nothing that was not journaled has been sent */
RFX_API rfx_status rfx_server_wait(struct rfx_server *server,
                                   struct rfx_error *error) RFX_MUST_CHECK;

/* Stops if still running, waits, releases everything and sets *server to NULL, so that a second
 * call does nothing. Not in a callback: that ends the program. */
RFX_API void rfx_server_close(struct rfx_server **server);

#ifdef __cplusplus
}
#endif

#endif
