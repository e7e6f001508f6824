/* The control socket: ringfix-ctl asks, one JSON object a line, and gets JSON objects back, one a
 * line; the last one has "done", or "error". A connection at a time, a request at a time. */
#ifndef RINGFIXD_CONTROL_H
#define RINGFIXD_CONTROL_H

#include "daemon.h"

struct control;

/* Listens at a path that only the process's own user may open; what an earlier process has left
 * there is removed. daemon is borrowed until control_close().
 * errors RFX_E_IO: the text says what to do */
rfx_status control_open(struct daemon *daemon, const char *path, struct control **control,
                        struct rfx_error *error) RFX_MUST_CHECK;

/* NULL is allowed. Removes the socket. */
void control_close(struct control *control);

#endif
