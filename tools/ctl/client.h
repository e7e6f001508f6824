/* The other end of ringfixd's control socket. */
#ifndef TOOLS_CTL_CLIENT_H
#define TOOLS_CTL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum client_result {
    CLIENT_DONE,
    CLIENT_REFUSED,     /* the server said why not */
    CLIENT_UNREACHABLE, /* nobody there, or gone in the middle */
};

/* Sends a request and hands each object of the answer to take, but for the last one.
 *
 * request  taken over          object   borrowed
 * problem  what went wrong, a sentence */
enum client_result client_ask(const char *socket_path, json_t *request,
                              void (*take)(void *context, const json_t *object), void *context,
                              char *problem, size_t problem_size);

#endif
