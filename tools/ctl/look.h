/* One look at all sessions. */
#ifndef TOOLS_CTL_LOOK_H
#define TOOLS_CTL_LOOK_H

#include <stdint.h>

#include "tools/ctl/client.h"

struct look {
    json_t **sessions; /* in the order of their names */
    size_t count;
    size_t capacity;
    int64_t mono_ns; /* when */
};

/* To be forgotten in any case. */
enum client_result look_take(const char *socket_path, struct look *look, char *problem,
                             size_t problem_size);
void look_forget(struct look *look);

/* The session with the same name, NULL: none. */
const json_t *look_find(const struct look *look, const json_t *session);

const char *look_name(const json_t *session);
int64_t look_utc_ns(void); /* now */

#endif
