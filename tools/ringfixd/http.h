/* The page and the metrics, for browsers and Prometheus. */
#ifndef RINGFIXD_HTTP_H
#define RINGFIXD_HTTP_H

#include "daemon.h"

struct http;

/* Serves at an address. daemon is borrowed until http_close().
 * host     numeric, or a name; "" is 127.0.0.1       port  0: any free one
 * errors   RFX_E_IO */
rfx_status http_open(struct daemon *daemon, const char *host, uint16_t port, struct http **http,
                     struct rfx_error *error) RFX_MUST_CHECK;

/* The port that is bound. */
uint16_t http_port(const struct http *http);

/* NULL is allowed. */
void http_close(struct http *http);

#endif
