/* The server's numbers in Prometheus' text format. */
#ifndef RINGFIXD_METRICS_H
#define RINGFIXD_METRICS_H

#include <stdio.h>

#include "daemon.h"

/* errors  those of rfx_admin_sessions(); what is written by then is no complete answer */
rfx_status metrics_write(struct daemon *daemon, FILE *out, struct rfx_error *error) RFX_MUST_CHECK;

#endif
